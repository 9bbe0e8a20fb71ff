//! A new name in the SQL that speaks of a column or of a sequence, as the engines rewrite it
//! themselves.

use crate::schema::{Name, PUBLIC};

/// The SQL with every mention of a column under its new name. Strings are left as they are, and so
/// is what is called like a function.
pub(super) fn rename_in_sql(sql: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (piece, behind) = rest.split_at(piece(rest, first));
        rest = behind;
        let named = match first {
            '"' | '`' => {
                let inner = piece
                    .get(1..piece.len().saturating_sub(1))
                    .unwrap_or_default();
                inner.replace(&format!("{first}{first}"), &first.to_string()) == from
            }
            c if is_word(c) && !c.is_ascii_digit() => {
                piece.eq_ignore_ascii_case(from)
                    && !is_reserved(piece)
                    && !behind.trim_start().starts_with('(')
            }
            _ => false,
        };
        match named {
            true => out.push_str(&spelt(first, to)),
            false => out.push_str(piece),
        }
    }
    out
}

/// Whether SQL speaks of a column; a call of a function of that name does not.
pub(crate) fn mentions(sql: &str, column: &str) -> bool {
    // No name holds this.
    rename_in_sql(sql, column, "\0") != sql
}

/// The bytes of the first word, quoted name, string or character.
fn piece(rest: &str, first: char) -> usize {
    match first {
        '\'' | '"' | '`' => quoted(rest, first),
        '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
        c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        c => c.len_utf8(),
    }
}

/// The SQL with every mention of a sequence under its new name: what `nextval` and its like are
/// told, and what is cast to `regclass`.
pub(super) fn rename_sequence_in_sql(sql: &str, from: &Name, to: &Name) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (piece, behind) = rest.split_at(piece(rest, first));
        let text = piece
            .strip_prefix('\'')
            .and_then(|text| text.strip_suffix('\''))
            .filter(|_| is_told(&out) || is_class(behind))
            .and_then(|text| relation(&text.replace("''", "'")));
        match text.filter(|name| is_one(name, from)) {
            Some(mut name) => {
                if from.schema != to.schema {
                    name.schema.clone_from(&to.schema);
                }
                name.name.clone_from(&to.name);
                out.push_str(&format!("'{}'", relation_text(&name).replace('\'', "''")));
            }
            None => out.push_str(piece),
        }
        rest = behind;
    }
    out
}

/// Whether SQL speaks of a sequence.
pub(crate) fn mentions_sequence(sql: &str, sequence: &Name) -> bool {
    // No name holds this.
    rename_sequence_in_sql(sql, sequence, &Name::from("\0")) != sql
}

/// Whether SQL takes a number from a sequence, whichever it is.
pub(crate) fn takes_number(sql: &str) -> bool {
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (piece, behind) = rest.split_at(piece(rest, first));
        if piece.eq_ignore_ascii_case("nextval") && behind.trim_start().starts_with('(') {
            return true;
        }
        rest = behind;
    }
    false
}

/// The relation that a text names where SQL takes it for one: its letters are small unless they are
/// in quotes. `None` when it names none.
pub(crate) fn relation(text: &str) -> Option<Name> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let (part, behind) = match rest.strip_prefix('"') {
            Some(_) => {
                let (piece, behind) = rest.split_at(quoted(rest, '"'));
                let inner = piece.get(1..piece.len() - 1)?;
                (inner.replace("\"\"", "\""), behind)
            }
            None => {
                let (piece, behind) =
                    rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
                (piece.to_ascii_lowercase(), behind)
            }
        };
        parts.push(Some(part).filter(|part| !part.is_empty())?);
        match (behind.trim_start(), parts.as_slice()) {
            ("", [name]) => return Some(Name::from(name)),
            ("", [schema, name]) => return Some(Name::from((schema.as_str(), name.as_str()))),
            (behind, [_]) => rest = behind.strip_prefix('.')?,
            _ => return None,
        }
    }
}

fn relation_text(name: &Name) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let parts = name.schema.iter().chain([&name.name]);
    let parts = parts.map(|part| {
        match part.chars().all(plain) && !part.starts_with(|c: char| c.is_ascii_digit()) {
            true => part.clone(),
            false => format!("\"{}\"", part.replace('"', "\"\"")),
        }
    });
    parts.collect::<Vec<_>>().join(".")
}

/// Whether two names are one sequence, as far as a text can know it: what has no schema is in that
/// of the connection.
fn is_one(one: &Name, other: &Name) -> bool {
    let schema = |name: &Name| name.schema.clone().filter(|schema| schema != PUBLIC);
    one.name == other.name && schema(one) == schema(other)
}

/// Whether what follows is the sequence that a function is called with.
fn is_told(before: &str) -> bool {
    let call = before.trim_end().strip_suffix('(').map(str::trim_end);
    let word = call.map(|call| call.rsplit(|c| !is_word(c)).next().unwrap_or(call));
    let calls = |word: &str| {
        let mut functions = ["nextval", "currval", "setval"].into_iter();
        functions.any(|function| word.eq_ignore_ascii_case(function))
    };
    word.is_some_and(calls)
}

/// Whether what stands before is cast to a relation.
fn is_class(behind: &str) -> bool {
    let ty = behind.trim_start().strip_prefix("::").map(str::trim_start);
    ty.is_some_and(|ty| {
        let ty = ty.strip_prefix("pg_catalog.").unwrap_or(ty);
        let word = ty.split(|c| !is_word(c)).next().unwrap_or(ty);
        word.eq_ignore_ascii_case("regclass")
    })
}

/// The new name as the old one was written, as far as it can be written so.
fn spelt(first: char, name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let bare = name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit());
    match first {
        '"' | '`' => format!(
            "{first}{}{first}",
            name.replace(first, &format!("{first}{first}"))
        ),
        _ if bare && !is_reserved(name) => name.to_owned(),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// Whether a bare word of an expression is SQL's own: a column of that name has to be in quotes.
pub(crate) fn is_reserved(word: &str) -> bool {
    const WORDS: [&str; 22] = [
        "and", "as", "between", "case", "cast", "collate", "distinct", "else", "end", "exists",
        "from", "in", "is", "isnull", "like", "not", "notnull", "null", "or", "select", "then",
        "when",
    ];
    WORDS.iter().any(|own| word.eq_ignore_ascii_case(own))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The length of a quoted piece at the beginning; a doubled quote is one inside of it.
fn quoted(sql: &str, quote: char) -> usize {
    let bytes = sql.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == quote as u8 {
            if bytes.get(at) != Some(&byte) {
                return at;
            }
            at += 1;
        }
    }
    sql.len()
}

#[cfg(test)]
mod tests {
    use super::{
        Name, mentions_sequence, relation, rename_in_sql, rename_sequence_in_sql, takes_number,
    };

    #[test]
    fn only_the_column_gets_the_new_name() {
        for (sql, renamed) in [
            ("\"a\" <> 'a' and b > 1", "\"New\" <> 'a' and b > 1"),
            ("a(a) + aa", "a(\"New\") + aa"),
            (
                "A is null or `a` = 'it''s a'",
                "\"New\" is null or `New` = 'it''s a'",
            ),
            ("'unclosed a", "'unclosed a"),
        ] {
            assert_eq!(rename_in_sql(sql, "a", "New"), renamed);
        }
        assert_eq!(rename_in_sql("x + \"x\"", "x", "y"), "y + \"y\"");
        let sql = "\"null\" is not null";
        assert_eq!(rename_in_sql(sql, "null", "a"), "\"a\" is not null");
        assert_eq!(rename_in_sql("x > 0", "x", "end"), "\"end\" > 0");
    }
    #[test]
    fn only_the_sequence_gets_the_new_name() {
        let (old, new) = (Name::from("Old One"), Name::from(("side", "new's")));
        for (sql, renamed) in [
            ("nextval('\"Old One\"')", "nextval('side.\"new''s\"')"),
            (
                "'\"Old One\"' || NextVal ( '\"Old One\"'::regclass)",
                "'\"Old One\"' || NextVal ( 'side.\"new''s\"'::regclass)",
            ),
            (
                "f('public.\"Old One\"' :: pg_catalog.regclass)",
                "f('side.\"new''s\"' :: pg_catalog.regclass)",
            ),
            ("nextval('old one')", "nextval('old one')"),
            ("nextval('side.\"Old One\"')", "nextval('side.\"Old One\"')"),
            ("nextvals('\"Old One\"')", "nextvals('\"Old One\"')"),
        ] {
            assert_eq!(rename_sequence_in_sql(sql, &old, &new), renamed);
            assert_eq!(mentions_sequence(sql, &old), sql != renamed, "{sql}");
        }
        for (sql, takes) in [
            ("1 + NextVal ('a')", true),
            ("'nextval(a)' || nextval", false),
            ("currval('a') + nextvals('a')", false),
        ] {
            assert_eq!(takes_number(sql), takes, "{sql}");
        }
        let (one, other) = (Name::from("a"), Name::from("b"));
        let sql = "nextval('public.A')";
        assert_eq!(
            rename_sequence_in_sql(sql, &one, &other),
            "nextval('public.b')"
        );
        // The server leaves letters beyond ASCII as they are.
        assert_eq!(relation("Ä_B"), Some(Name::from("Ä_b")));
        for text in ["", "a.b.c", "a b", "a.", "\"a", "\"", ".a"] {
            assert_eq!(relation(text), None, "{text}");
        }
    }
}
