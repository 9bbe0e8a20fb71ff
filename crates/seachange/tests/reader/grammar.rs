//! Texts of the grammar of SQLite, made from a tape of bytes: a shorter tape is a plainer text.

/// Bytes that decide; behind the last one, everything is the plainest.
pub struct Tape {
    bytes: Vec<u8>,
    at: usize,
}

impl Tape {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }

    fn byte(&mut self) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte)
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.byte() % of.len()]
    }

    /// True once in so many.
    fn once_in(&mut self, many: usize) -> bool {
        self.byte() % many == many - 1
    }
}

/// A text in pieces; what may stand between two of them is decided at the end.
type Pieces = Vec<String>;

fn words(pieces: &mut Pieces, text: &str) {
    pieces.extend(
        text.split(' ')
            .filter(|word| !word.is_empty())
            .map(str::to_owned),
    );
}

/// The pieces with blank space, comments or nothing between them, and words in any case.
fn joined(pieces: &Pieces, tape: &mut Tape) -> String {
    let mut out = String::new();
    for piece in pieces {
        let needed = match (out.chars().next_back(), piece.chars().next()) {
            (Some(a), Some(b)) => {
                let word = |c: char| c.is_alphanumeric() || "_$.'".contains(c) || !c.is_ascii();
                word(a) && word(b) || (a == b && "-'\"`|".contains(a)) || (a == '/' && b == '*')
            }
            _ => false,
        };
        let blank = tape.pick(&[
            " ",
            " ",
            "",
            "\n  ",
            "\t",
            " /* ) ' \" */ ",
            " -- ( ' \"\n",
            "  ",
        ]);
        match (blank, needed) {
            ("", true) => out.push(' '),
            (blank, _) => out.push_str(blank),
        }
        let keyword = piece.len() > 1 && piece.chars().all(|c| c.is_ascii_uppercase());
        match keyword && tape.once_in(4) {
            true => out.push_str(&piece.to_lowercase()),
            false => out.push_str(piece),
        }
    }
    out.trim_start().to_owned()
}

/// A name in one of the ways in which names are written.
fn spelt(name: &str, tape: &mut Tape) -> String {
    let bare = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii())
        && name.chars().next().is_some_and(|c| !c.is_ascii_digit());
    match tape.byte() % 5 {
        0 | 1 if bare => name.to_owned(),
        2 if !name.contains(']') => format!("[{name}]"),
        3 => format!("`{}`", name.replace('`', "``")),
        4 => format!("'{}'", name.replace('\'', "''")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

const NAMES: &[&str] = &[
    "a",
    "id",
    "desc",
    "key",
    "Mixed Case",
    "q\"q",
    "it's",
    "a]b",
    "a`b",
    "naïve",
    "日本",
    "select",
    "references",
    "rowid_",
    "action",
    "without",
    "generated",
    "always",
    "a.b",
    "(",
    "--",
    "a,b",
    "$1",
    "temp",
    "end",
    "check",
    "default",
    "null",
    "1st",
    "primary key",
    "abort",
    "x",
];

fn fresh(tape: &mut Tape, taken: &mut Vec<String>) -> String {
    let mut name = tape.pick(NAMES).to_owned();
    while taken.iter().any(|other| other.eq_ignore_ascii_case(&name)) {
        name.push_str(&taken.len().to_string());
    }
    taken.push(name.clone());
    name
}

/// A `CREATE TABLE` text. SQLite takes most of them.
pub fn table(tape: &mut Tape) -> String {
    let strict = tape.once_in(12);
    let mut out = Pieces::new();
    words(
        &mut out,
        tape.pick(&["CREATE TABLE", "CREATE TABLE IF NOT EXISTS"]),
    );
    if tape.once_in(8) {
        words(&mut out, "main .");
    }
    let own = tape.pick(&["t", "T", "Odd \"name\"", "order", "tä", "a]b", "it's"]);
    out.push(spelt(own, tape));
    out.push("(".to_owned());
    let mut columns = Vec::new();
    let mut keyed = false;
    let mut numbered = false;
    for at in 0..1 + tape.byte() % 5 {
        if at > 0 {
            out.push(",".to_owned());
        }
        column(
            tape,
            &mut out,
            &mut columns,
            strict,
            &mut keyed,
            &mut numbered,
        );
    }
    for _ in 0..tape.byte() % 4 {
        // SQLite can do without the comma between constraints, but not before the first one.
        out.push(",".to_owned());
        table_constraint(tape, &mut out, &columns, &mut keyed, own);
    }
    out.push(")".to_owned());
    let mut options = Vec::new();
    if keyed && !numbered && tape.once_in(6) {
        options.push("WITHOUT ROWID");
    }
    if strict {
        options.push("STRICT");
    }
    words(&mut out, &options.join(" , "));
    joined(&out, tape)
}

fn column(
    tape: &mut Tape,
    out: &mut Pieces,
    columns: &mut Vec<String>,
    strict: bool,
    keyed: &mut bool,
    numbered: &mut bool,
) {
    let name = fresh(tape, columns);
    out.push(spelt(&name, tape));
    let ty = match strict {
        true => tape.pick(&["INT", "INTEGER", "TEXT", "REAL", "BLOB", "ANY"]),
        false => tape.pick(&[
            "INTEGER",
            "TEXT",
            "",
            "INT",
            "VARCHAR ( 20 )",
            "DECIMAL ( 10 , 2 )",
            "DOUBLE PRECISION",
            "UNSIGNED BIG INT",
            "\"my type\"",
            "[t]",
            "'text'",
            "NUMERIC ( -1 , +2 )",
            "BOOLEAN",
            "blob",
            "DATETIME",
            "uuid_text",
            "`odd``type`",
            "CHARACTER VARYING ( 255 )",
            "real_x ( 3 )",
        ]),
    };
    words(out, ty);
    let mut generated = false;
    for _ in 0..tape.byte() % 4 {
        constraint_name(tape, out);
        match tape.byte() % 11 {
            0 => {
                words(out, "NOT NULL");
                conflict(tape, out);
            }
            1 => {
                words(out, "UNIQUE");
                conflict(tape, out);
            }
            2 if !generated => {
                words(out, "DEFAULT");
                default(tape, out);
            }
            3 => {
                words(out, "CHECK");
                bracketed(tape, out, columns);
            }
            4 => {
                words(out, "COLLATE");
                out.push(
                    tape.pick(&["NOCASE", "nocase", "\"RTRIM\"", "BINARY", "[NoCase]"])
                        .to_owned(),
                );
            }
            5 | 6 => {
                references(tape, out, 1);
                deferrable(tape, out);
            }
            7 if !*keyed && !generated => {
                *keyed = true;
                words(out, "PRIMARY KEY");
                words(out, tape.pick(&["", "ASC", "DESC"]));
                conflict(tape, out);
                if ty.eq_ignore_ascii_case("integer") && tape.once_in(3) {
                    *numbered = true;
                    words(out, "AUTOINCREMENT");
                }
            }
            8 if columns.len() > 1 && !generated => {
                generated = true;
                words(out, tape.pick(&["AS", "GENERATED ALWAYS AS"]));
                out.push("(".to_owned());
                expression(tape, out, &columns[..1], 2);
                out.push(")".to_owned());
                words(out, tape.pick(&["", "STORED", "VIRTUAL"]));
            }
            9 => words(out, "NULL"),
            _ => {
                words(out, "NOT NULL");
            }
        }
    }
}

fn constraint_name(tape: &mut Tape, out: &mut Pieces) {
    if tape.once_in(5) {
        words(out, "CONSTRAINT");
        let name = tape.pick(NAMES);
        out.push(spelt(name, tape));
    }
}

fn conflict(tape: &mut Tape, out: &mut Pieces) {
    if tape.once_in(6) {
        words(out, "ON CONFLICT");
        words(
            out,
            tape.pick(&["ABORT", "IGNORE", "REPLACE", "FAIL", "ROLLBACK"]),
        );
    }
}

fn default(tape: &mut Tape, out: &mut Pieces) {
    match tape.byte() % 4 {
        0 => words(
            out,
            tape.pick(&[
                "1",
                "0",
                "-1",
                "+1",
                "- 2",
                "+ 3",
                "1.5",
                "-.5",
                "5.",
                "1e3",
                "-1E-2",
                "0x1F",
                "0X0a",
                "9223372036854775808",
                "1e400",
            ]),
        ),
        1 => out.push(
            tape.pick(&[
                "'x'", "'it''s'", "''", "\"dq\"", "'12'", "'1.50'", "x'00FF'", "X''", "'-- no'",
                "'('", "[br]", "`bt`",
            ])
            .to_owned(),
        ),
        2 => words(
            out,
            tape.pick(&[
                "NULL",
                "TRUE",
                "false",
                "CURRENT_TIMESTAMP",
                "CURRENT_DATE",
                "current_time",
                "word",
            ]),
        ),
        _ => {
            out.push("(".to_owned());
            expression(tape, out, &[], 2);
            out.push(")".to_owned());
        }
    }
}

fn references(tape: &mut Tape, out: &mut Pieces, columns: usize) {
    words(out, "REFERENCES");
    let target = tape.pick(&["p", "Odd \"name\"", "other table"]);
    out.push(spelt(target, tape));
    if columns > 1 || tape.once_in(2) {
        out.push("(".to_owned());
        for at in 0..columns {
            if at > 0 {
                out.push(",".to_owned());
            }
            out.push(spelt(["x", "y y", "z"][at % 3], tape));
        }
        out.push(")".to_owned());
    }
    for _ in 0..tape.byte() % 3 {
        words(out, tape.pick(&["ON DELETE", "ON UPDATE", "MATCH"]));
        match out.last().map(String::as_str) {
            Some("MATCH") => words(out, tape.pick(&["FULL", "SIMPLE", "partial"])),
            _ => words(
                out,
                tape.pick(&[
                    "CASCADE",
                    "SET NULL",
                    "SET DEFAULT",
                    "RESTRICT",
                    "NO ACTION",
                ]),
            ),
        }
    }
}

fn deferrable(tape: &mut Tape, out: &mut Pieces) {
    words(
        out,
        tape.pick(&[
            "",
            "",
            "DEFERRABLE",
            "NOT DEFERRABLE",
            "DEFERRABLE INITIALLY DEFERRED",
            "DEFERRABLE INITIALLY IMMEDIATE",
            "NOT DEFERRABLE INITIALLY DEFERRED",
        ]),
    );
}

fn bracketed(tape: &mut Tape, out: &mut Pieces, columns: &[String]) {
    out.push("(".to_owned());
    expression(tape, out, columns, 3);
    out.push(")".to_owned());
}

fn table_constraint(
    tape: &mut Tape,
    out: &mut Pieces,
    columns: &[String],
    keyed: &mut bool,
    own: &str,
) {
    constraint_name(tape, out);
    match tape.byte() % 4 {
        0 => {
            words(out, "CHECK");
            bracketed(tape, out, columns);
        }
        1 => {
            words(out, "UNIQUE");
            key_list(tape, out, columns);
            conflict(tape, out);
        }
        2 if !*keyed => {
            *keyed = true;
            words(out, "PRIMARY KEY");
            key_list(tape, out, columns);
            conflict(tape, out);
        }
        _ => {
            words(out, "FOREIGN KEY");
            out.push("(".to_owned());
            let count = 1 + tape.byte() % columns.len().min(2);
            for (at, column) in columns.iter().take(count).enumerate() {
                if at > 0 {
                    out.push(",".to_owned());
                }
                out.push(spelt(column, tape));
            }
            out.push(")".to_owned());
            references(tape, out, count);
            deferrable(tape, out);
        }
    }
    let _ = own;
}

fn key_list(tape: &mut Tape, out: &mut Pieces, columns: &[String]) {
    out.push("(".to_owned());
    let count = 1 + tape.byte() % columns.len().min(3);
    let first = tape.byte() % columns.len();
    for at in 0..count {
        if at > 0 {
            out.push(",".to_owned());
        }
        out.push(spelt(&columns[(first + at) % columns.len()], tape));
        if tape.once_in(5) {
            words(out, "COLLATE");
            out.push(tape.pick(&["NOCASE", "\"rtrim\"", "binary"]).to_owned());
        }
        words(out, tape.pick(&["", "", "ASC", "DESC"]));
    }
    out.push(")".to_owned());
}

fn expression(tape: &mut Tape, out: &mut Pieces, columns: &[String], depth: usize) {
    if depth == 0 || tape.once_in(3) {
        match tape.byte() % 4 {
            0 | 1 if !columns.is_empty() => {
                let column = &columns[tape.byte() % columns.len()];
                // In an expression, a name in single quotes is a string.
                out.push(format!("\"{}\"", column.replace('"', "\"\"")));
            }
            2 => out.push(
                tape.pick(&["'x'", "'it''s ('", "x'0F'", "''", "'--'"])
                    .to_owned(),
            ),
            _ => out.push(
                tape.pick(&["1", "0", "2.5", ".5", "1e2", "0x10", "NULL", "TRUE"])
                    .to_owned(),
            ),
        }
        return;
    }
    let next = |tape: &mut Tape, out: &mut Pieces| expression(tape, out, columns, depth - 1);
    match tape.byte() % 11 {
        0 => {
            next(tape, out);
            out.push(
                tape.pick(&[
                    "+", "-", "*", "/", "%", "||", "=", "==", "<>", "!=", "<", ">=", "AND", "OR",
                    "IS", "<<", "&", "|", "LIKE", "GLOB",
                ])
                .to_owned(),
            );
            next(tape, out);
        }
        1 => {
            out.push("(".to_owned());
            next(tape, out);
            out.push(")".to_owned());
        }
        2 => {
            words(out, tape.pick(&["-", "NOT", "~", "+"]));
            next(tape, out);
        }
        3 => {
            words(
                out,
                tape.pick(&[
                    "abs (",
                    "length (",
                    "coalesce ( 1 ,",
                    "\"lower\" (",
                    "UPPER (",
                ]),
            );
            next(tape, out);
            out.push(")".to_owned());
        }
        4 => {
            words(out, "CASE WHEN");
            next(tape, out);
            words(out, "THEN");
            next(tape, out);
            words(out, "ELSE");
            next(tape, out);
            words(out, "END");
        }
        5 => {
            next(tape, out);
            words(
                out,
                tape.pick(&["IS NULL", "IS NOT NULL", "ISNULL", "NOTNULL", "NOT NULL"]),
            );
        }
        6 => {
            next(tape, out);
            words(out, tape.pick(&["IN (", "NOT IN ("]));
            next(tape, out);
            out.push(",".to_owned());
            next(tape, out);
            out.push(")".to_owned());
        }
        7 => {
            next(tape, out);
            words(out, "BETWEEN");
            out.push("(".to_owned());
            next(tape, out);
            words(out, ") AND (");
            next(tape, out);
            out.push(")".to_owned());
        }
        8 => {
            words(out, "CAST (");
            next(tape, out);
            words(
                out,
                tape.pick(&["AS TEXT )", "AS INTEGER )", "AS varchar ( 3 ) )"]),
            );
        }
        9 => {
            next(tape, out);
            words(out, tape.pick(&["COLLATE NOCASE", "COLLATE \"rtrim\""]));
        }
        _ => {
            next(tape, out);
            words(out, tape.pick(&["-> 'a'", "->> '$.b'", "- -1", "- - 1"]));
        }
    }
}

/// A `CREATE INDEX` text on a table with these columns.
pub fn index(tape: &mut Tape, table: &str, columns: &[String]) -> String {
    let mut out = Pieces::new();
    words(
        &mut out,
        tape.pick(&[
            "CREATE INDEX",
            "CREATE UNIQUE INDEX",
            "CREATE INDEX IF NOT EXISTS",
        ]),
    );
    let name = format!("ix {}", tape.pick(NAMES));
    out.push(format!("\"{}\"", name.replace('"', "\"\"")));
    words(&mut out, "ON");
    out.push(spelt(table, tape));
    out.push("(".to_owned());
    for at in 0..1 + tape.byte() % 3 {
        if at > 0 {
            out.push(",".to_owned());
        }
        match tape.once_in(3) {
            true => expression(tape, &mut out, columns, 2),
            false => {
                let column = &columns[tape.byte() % columns.len()];
                out.push(spelt(column, tape));
            }
        }
        if tape.once_in(5) {
            words(&mut out, "COLLATE");
            out.push(tape.pick(&["NOCASE", "\"rtrim\"", "binary"]).to_owned());
        }
        words(&mut out, tape.pick(&["", "", "ASC", "DESC"]));
    }
    out.push(")".to_owned());
    if tape.once_in(3) {
        words(&mut out, "WHERE");
        expression(tape, &mut out, columns, 2);
    }
    joined(&out, tape)
}
