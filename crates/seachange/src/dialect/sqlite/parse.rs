//! The grammar of `CREATE TABLE` and `CREATE INDEX`, as far as SQLite itself keeps it.

use std::ops::Range;

use super::cursor::Cursor;
use super::lex::{Kind, Token};
use super::text::{
    Clause, ColumnText, ConstraintText, IndexText, KeyText, KeyTextOn, References, TableText,
    Unreadable,
};
use crate::schema::{Action, Deferrable};

impl Cursor<'_> {
    pub(super) fn table(mut self) -> Result<TableText, Unreadable> {
        self.expect("CREATE")?;
        if self.is_word(0, "VIRTUAL") {
            return Err(Unreadable::new("a virtual table", self.sql));
        }
        if !self.eat("TEMP") {
            self.eat("TEMPORARY");
        }
        self.expect("TABLE")?;
        self.if_not_exists()?;
        let (name, name_span) = self.qualified("the table's name")?;
        if !self.eat_symbol("(") {
            return Err(self.error("the list of columns"));
        }
        let mut table = TableText {
            name,
            name_span,
            columns: Vec::new(),
            constraints: Vec::new(),
            close: 0,
            strict: false,
            without_rowid: false,
        };
        loop {
            if self.begins_table_constraint() {
                if let Some(constraint) = self.constraint(None)? {
                    table.constraints.push(constraint);
                }
            } else if table.constraints.is_empty() {
                let column = self.column()?;
                table.columns.push(column);
            } else {
                return Err(self.error("a constraint"));
            }
            if self.eat_symbol(")") {
                break;
            }
            // SQLite takes table-level constraints without commas between them.
            let glued = !table.constraints.is_empty() && self.begins_table_constraint();
            if !self.eat_symbol(",") && !glued {
                return Err(self.error("a comma or the end of the list"));
            }
        }
        table.close = self.end() - 1;
        while let Some(token) = self.peek() {
            if token.is_symbol(",") || token.is_symbol(";") {
                self.at += 1;
            } else if self.eat("STRICT") {
                table.strict = true;
            } else if self.is_word(0, "WITHOUT") && self.is_word(1, "ROWID") {
                self.at += 2;
                table.without_rowid = true;
            } else {
                return Err(self.error("STRICT or WITHOUT ROWID"));
            }
        }
        Ok(table)
    }

    fn if_not_exists(&mut self) -> Result<(), Unreadable> {
        if self.is_word(0, "IF") && self.is_word(1, "NOT") {
            self.at += 2;
            self.expect("EXISTS")?;
        }
        Ok(())
    }

    fn begins_table_constraint(&self) -> bool {
        ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]
            .iter()
            .any(|word| self.is_word(0, word))
    }

    fn begins_column_constraint(&self) -> bool {
        let words = [
            "CONSTRAINT",
            "PRIMARY",
            "NOT",
            "NULL",
            "UNIQUE",
            "CHECK",
            "DEFAULT",
            "COLLATE",
            "REFERENCES",
            "AS",
            "DEFERRABLE",
        ];
        words.iter().any(|word| self.is_word(0, word))
            || (self.is_word(0, "GENERATED") && self.is_word(1, "ALWAYS"))
    }

    fn begins_deferrable(&self) -> bool {
        self.is_word(0, "DEFERRABLE") || (self.is_word(0, "NOT") && self.is_word(1, "DEFERRABLE"))
    }

    fn column(&mut self) -> Result<ColumnText, Unreadable> {
        let (name, name_span) = self.name("a column's name")?;
        let ty = self.column_type()?;
        let mut constraints: Vec<ConstraintText> = Vec::new();
        while self.begins_column_constraint() {
            if self.begins_deferrable() {
                // Grammatically a constraint of its own; it is about the key before it.
                let deferrable = self.deferrable()?;
                let end = self.end();
                let mut before = constraints.iter_mut().rev().enumerate();
                let key = before.find_map(|(at, c)| match &mut c.clause {
                    Clause::ForeignKey { references, .. } => Some((at, &mut c.span, references)),
                    _ => None,
                });
                if let Some((at, span, references)) = key {
                    references.deferrable = deferrable;
                    if at == 0 {
                        span.end = end;
                    }
                }
            } else if let Some(constraint) = self.constraint(Some(&name))? {
                constraints.push(constraint);
            }
        }
        Ok(ColumnText {
            span: name_span.start..self.end(),
            name,
            name_span,
            ty,
            constraints,
        })
    }

    fn column_type(&mut self) -> Result<Option<Range<usize>>, Unreadable> {
        let start = self.here();
        let mut any = false;
        while !self.begins_column_constraint()
            && self.peek().is_some_and(|token| token.name().is_some())
        {
            self.at += 1;
            any = true;
        }
        if any && self.is_symbol("(") {
            self.brackets("the type's arguments")?;
        }
        Ok(any.then(|| start..self.end()))
    }

    /// A constraint of the column, or of the table when there is no column. `CONSTRAINT x` with
    /// nothing behind it is none of a column.
    fn constraint(&mut self, column: Option<&str>) -> Result<Option<ConstraintText>, Unreadable> {
        let start = self.here();
        let name = match self.eat("CONSTRAINT") {
            true => Some(self.name("the constraint's name")?.0),
            false => None,
        };
        let begins = match column {
            Some(_) => self.begins_column_constraint() && !self.is_word(0, "DEFERRABLE"),
            None => self.begins_table_constraint(),
        };
        if name.is_some() && (!begins || self.is_word(0, "CONSTRAINT")) {
            let empty = self.finish(name, start, false, Clause::Empty);
            return Ok(column.is_none().then_some(empty));
        }
        let clause = match column {
            Some(column) => self.column_clause(column)?,
            None => self.table_clause()?,
        };
        let on_conflict = self.on_conflict()?;
        Ok(Some(match clause {
            Clause::PrimaryKey { columns, .. } if column.is_some() => {
                let autoincrement = self.autoincrement();
                self.finish(
                    name,
                    start,
                    on_conflict,
                    Clause::PrimaryKey {
                        columns,
                        autoincrement,
                    },
                )
            }
            clause => self.finish(name, start, on_conflict, clause),
        }))
    }

    fn finish(
        &self,
        name: Option<String>,
        start: usize,
        on_conflict: bool,
        clause: Clause,
    ) -> ConstraintText {
        ConstraintText {
            name,
            span: start..self.end(),
            clause,
            on_conflict,
        }
    }

    fn on_conflict(&mut self) -> Result<bool, Unreadable> {
        let conflict = self.is_word(0, "ON") && self.is_word(1, "CONFLICT");
        if conflict {
            self.at += 2;
            self.name("what to do on conflict")?;
        }
        Ok(conflict)
    }

    fn autoincrement(&mut self) -> Option<Range<usize>> {
        let span = self
            .peek()
            .filter(|token| token.is_word("AUTOINCREMENT"))?
            .span();
        self.at += 1;
        Some(span)
    }

    fn column_clause(&mut self, column: &str) -> Result<Clause, Unreadable> {
        let key = || vec![KeyText::column(column)];
        let token = self.token("a constraint")?;
        Ok(match token.text.to_ascii_uppercase().as_str() {
            "PRIMARY" => {
                self.expect("KEY")?;
                let mut columns = key();
                columns[0].descending = self.is_word(0, "DESC");
                if !self.eat("DESC") {
                    self.eat("ASC");
                }
                Clause::PrimaryKey {
                    columns,
                    autoincrement: None,
                }
            }
            "NOT" => {
                self.expect("NULL")?;
                Clause::NotNull
            }
            "NULL" => Clause::Null,
            "UNIQUE" => Clause::Unique(key()),
            "CHECK" => Clause::Check(self.brackets("the condition")?),
            "DEFAULT" => Clause::Default(self.default_value()?),
            "COLLATE" => Clause::Collate(self.name("a collation")?.0),
            "REFERENCES" => Clause::ForeignKey {
                columns: vec![column.to_owned()],
                references: self.references()?,
            },
            "GENERATED" => {
                self.expect("ALWAYS")?;
                self.expect("AS")?;
                self.generated()?
            }
            "AS" => self.generated()?,
            _ => {
                self.at -= 1;
                return Err(self.error("a constraint"));
            }
        })
    }

    fn table_clause(&mut self) -> Result<Clause, Unreadable> {
        if self.eat("PRIMARY") {
            self.expect("KEY")?;
            let (columns, autoincrement) = self.keys()?;
            Ok(Clause::PrimaryKey {
                columns,
                autoincrement,
            })
        } else if self.eat("UNIQUE") {
            Ok(Clause::Unique(self.keys()?.0))
        } else if self.eat("CHECK") {
            Ok(Clause::Check(self.brackets("the condition")?))
        } else if self.eat("FOREIGN") {
            self.expect("KEY")?;
            let columns = self.names()?;
            self.expect("REFERENCES")?;
            let mut references = self.references()?;
            if self.begins_deferrable() {
                references.deferrable = self.deferrable()?;
            }
            Ok(Clause::ForeignKey {
                columns,
                references,
            })
        } else {
            Err(self.error("a constraint"))
        }
    }

    fn generated(&mut self) -> Result<Clause, Unreadable> {
        let expr = self.brackets("the expression")?;
        let stored = self.eat("STORED");
        if !stored {
            self.eat("VIRTUAL");
        }
        Ok(Clause::Generated { expr, stored })
    }

    fn default_value(&mut self) -> Result<Range<usize>, Unreadable> {
        let start = self.here();
        if self.is_symbol("(") {
            self.brackets("the default")?;
        } else {
            if self.is_symbol("+") || self.is_symbol("-") {
                self.at += 1;
            }
            let value = self.token("the default")?;
            if value.kind == Kind::Symbol {
                self.at -= 1;
                return Err(self.error("the default"));
            }
        }
        Ok(start..self.end())
    }

    /// What stands behind REFERENCES, `DEFERRABLE` left out.
    fn references(&mut self) -> Result<References, Unreadable> {
        let mut references = References {
            table: self.name("the referenced table")?.0,
            ..References::default()
        };
        if self.is_symbol("(") {
            references.columns = self.names()?;
        }
        loop {
            if self.is_word(0, "ON") && !self.is_word(1, "CONFLICT") {
                self.at += 1;
                let event = self.token("DELETE or UPDATE")?;
                let action = self.action()?;
                if event.is_word("DELETE") {
                    references.on_delete = action;
                } else if event.is_word("UPDATE") {
                    references.on_update = action;
                }
            } else if self.eat("MATCH") {
                self.name("the kind of match")?;
            } else {
                return Ok(references);
            }
        }
    }

    fn action(&mut self) -> Result<Action, Unreadable> {
        let first = self.token("an action")?.text;
        let action = if let Some(action) = Action::parse(first) {
            Some(action)
        } else {
            let second = self.token("an action")?.text;
            Action::parse(&format!("{first} {second}"))
        };
        action.ok_or_else(|| Unreadable::new("no action that SQLite knows", first))
    }

    fn deferrable(&mut self) -> Result<Option<Deferrable>, Unreadable> {
        let not = self.eat("NOT");
        self.expect("DEFERRABLE")?;
        let mut when = Deferrable::Immediate;
        if self.eat("INITIALLY") {
            if self.eat("DEFERRED") {
                when = Deferrable::Deferred;
            } else {
                self.expect("IMMEDIATE")?;
            }
        }
        Ok((!not).then_some(when))
    }

    /// Names between brackets.
    fn names(&mut self) -> Result<Vec<String>, Unreadable> {
        let (keys, _) = self.keys()?;
        Ok(keys.iter().map(|key| key.name().to_owned()).collect())
    }

    /// Parts of a key between brackets, and the AUTOINCREMENT that may stand behind the last.
    fn keys(&mut self) -> Result<(Vec<KeyText>, Option<Range<usize>>), Unreadable> {
        let first = self.at + 1;
        self.brackets("a list of columns")?;
        let mut inside = &self.tokens[first..self.at - 1];
        let mut autoincrement = None;
        if let [rest @ .., last] = inside
            && last.is_word("AUTOINCREMENT")
            && !rest.is_empty()
        {
            autoincrement = Some(last.span());
            inside = rest;
        }
        let mut keys = Vec::new();
        let mut depth = 0_usize;
        let mut start = 0;
        for (at, token) in inside.iter().enumerate() {
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth = depth.saturating_sub(1);
            } else if token.is_symbol(",") && depth == 0 {
                keys.push(self.key(&inside[start..at])?);
                start = at + 1;
            }
        }
        keys.push(self.key(&inside[start..])?);
        Ok((keys, autoincrement))
    }

    fn key(&self, mut tokens: &[Token<'_>]) -> Result<KeyText, Unreadable> {
        let end = tokens.last().map_or(0, Token::end);
        if let [rest @ .., nulls, end] = tokens
            && nulls.is_word("NULLS")
            && (end.is_word("FIRST") || end.is_word("LAST"))
        {
            tokens = rest;
        }
        let mut descending = false;
        if let [rest @ .., last] = tokens
            && !rest.is_empty()
            && (last.is_word("ASC") || last.is_word("DESC"))
        {
            descending = last.is_word("DESC");
            tokens = rest;
        }
        let (mut collation, mut collations) = (None, 0);
        // The last one counts.
        while let [rest @ .., collate, name] = tokens
            && is_operand(rest)
            && collate.is_word("COLLATE")
        {
            collation = collation.or(name.name());
            collations += 1;
            tokens = rest;
        }
        let on = match tokens {
            [] => {
                return Err(Unreadable::new(
                    "a missing column",
                    &self.sql[self.here()..],
                ));
            }
            // Brackets around it change nothing, except that a string inside of them is one.
            [first, inside @ .., _]
                if first.is_symbol("(") && is_operand(tokens) && !inside.is_empty() =>
            {
                let mut key = match inside {
                    [string] if string.kind == Kind::String => KeyText {
                        on: KeyTextOn::Expr(string.span()),
                        ..KeyText::column("")
                    },
                    inside => self.key(inside)?,
                };
                key.collation = collation.or(key.collation);
                return Ok(KeyText {
                    descending,
                    end,
                    ..key
                });
            }
            // SQLite looks for a name in a string behind one COLLATE, not behind two.
            [string] if string.kind == Kind::String && collations > 1 => {
                KeyTextOn::Expr(string.span())
            }
            [only] if only.name().is_some() && !is_value(only) => {
                KeyTextOn::Column(only.name().unwrap_or_default())
            }
            [first, .., last] => KeyTextOn::Expr(first.start..last.end()),
            [only] => KeyTextOn::Expr(only.span()),
        };
        Ok(KeyText {
            on,
            collation,
            descending,
            end,
        })
    }

    pub(super) fn index(mut self) -> Result<IndexText, Unreadable> {
        self.expect("CREATE")?;
        let unique = self.eat("UNIQUE");
        self.expect("INDEX")?;
        self.if_not_exists()?;
        let (name, name_span) = self.qualified("the index's name")?;
        self.expect("ON")?;
        self.name("the table's name")?;
        let (keys, _) = self.keys()?;
        let mut predicate = None;
        if self.eat("WHERE") {
            let end = self.tokens.iter().rev().find(|token| !token.is_symbol(";"));
            let span = self.here()..end.map_or(0, Token::end);
            if span.is_empty() {
                return Err(self.error("the condition"));
            }
            predicate = Some(span);
        } else if self.peek().is_some_and(|token| !token.is_symbol(";")) {
            return Err(self.error("WHERE"));
        }
        Ok(IndexText {
            name,
            name_span,
            unique,
            keys,
            predicate,
        })
    }
}

/// Words that name no column, bare as they are.
fn is_value(token: &Token<'_>) -> bool {
    let words = ["NULL", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"];
    words.iter().any(|word| token.is_word(word))
}

/// Whether what stands behind these tokens is about all of them: they are one operand, that is a
/// name or a value, a call, or something between brackets.
fn is_operand(tokens: &[Token<'_>]) -> bool {
    let bracket = match tokens {
        [only] => return only.kind != Kind::Symbol,
        [rest @ .., collate, _] if collate.is_word("COLLATE") => return is_operand(rest),
        [name, bracket, ..] if name.name().is_some() && bracket.is_symbol("(") => 1,
        [bracket, ..] if bracket.is_symbol("(") => 0,
        _ => return false,
    };
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(bracket) {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + 1 == tokens.len();
            }
        }
    }
    false
}
