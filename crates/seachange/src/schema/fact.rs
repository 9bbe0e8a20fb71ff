//! A schema as facts: one line of text each, complete in itself.
//!
//! Facts are what a snapshot file holds, and the grain at which entities, snapshot and database
//! are compared. [`facts`] writes a schema as facts, [`from_facts`] reads it back.
//!
//! ```text
//! enum task_status: todo, doing, done
//! tasks table
//! tasks column id integer not null auto_increment
//! tasks column title string(200) not null default 'untitled'
//! tasks primary key (id)
//! tasks index idx-tasks-owner_id (owner_id)
//! tasks foreign key (owner_id) -> users (id) name fk-tasks-owner_id on delete cascade
//! ```

use std::fmt;

use super::{
    Action, Check, Column, DefaultValue, Deferrable, EnumType, ForeignKey, Generated, Index,
    IndexKey, KeyOn, Name, PrimaryKey, Schema, Table, Type, Unique,
};

/// What sort of thing a fact is about, in the order in which a snapshot lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A named enum type.
    Enum,
    /// A table as such.
    Table,
    /// A column.
    Column,
    /// A primary key.
    PrimaryKey,
    /// A unique constraint.
    Unique,
    /// An index.
    Index,
    /// A foreign key.
    ForeignKey,
    /// A check constraint.
    Check,
}

impl Kind {
    /// The words of a snapshot and of messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enum => "enum",
            Self::Table => "table",
            Self::Column => "column",
            Self::PrimaryKey => "primary key",
            Self::Unique => "unique",
            Self::Index => "index",
            Self::ForeignKey => "foreign key",
            Self::Check => "check",
        }
    }
}

/// What a fact is about: two facts with one key say something about the same object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The table, or the enum itself.
    pub owner: Name,
    /// The sort of object.
    pub kind: Kind,
    /// Which one of the owner's: a column's or index's name; for keys and constraints what they
    /// are on, since engines name them as they like. Empty where there can be only one.
    pub id: String,
}

impl Key {
    /// A key.
    pub fn new(owner: impl Into<Name>, kind: Kind, id: impl Into<String>) -> Self {
        Self {
            owner: owner.into(),
            kind,
            id: id.into(),
        }
    }

    /// The key of a unique constraint.
    pub fn unique(table: &Name, unique: &Unique) -> Self {
        Self::new(table, Kind::Unique, list(&unique.columns))
    }

    /// The key of a foreign key.
    pub fn foreign_key(table: &Name, key: &ForeignKey) -> Self {
        Self::new(
            table,
            Kind::ForeignKey,
            format!(
                "{} -> {} {}",
                list(&key.columns),
                qualified(&key.ref_table),
                list(&key.ref_columns)
            ),
        )
    }

    /// The key of a check: its name, else its text.
    pub fn check(table: &Name, check: &Check) -> Self {
        let id = match &check.name {
            Some(name) => word(name),
            None => text(&check.expr),
        };
        Self::new(table, Kind::Check, id)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Enum => write!(f, "enum {}", self.owner),
            Kind::Table => write!(f, "table {}", self.owner),
            Kind::Column => write!(f, "column {}.{}", self.owner, self.id),
            Kind::PrimaryKey => write!(f, "primary key of {}", self.owner),
            Kind::Unique => write!(f, "unique {} on {}", self.id, self.owner),
            Kind::Index => write!(f, "index {} on {}", self.id, self.owner),
            Kind::ForeignKey => write!(f, "foreign key {} {}", self.owner, self.id),
            Kind::Check => write!(f, "check {} on {}", self.id, self.owner),
        }
    }
}

/// One fact: what it is about, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub key: Key,
    /// What it says, in a snapshot's words.
    pub value: String,
}

impl fmt::Display for Fact {
    /// The line of a snapshot.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key { owner, kind, id } = &self.key;
        let owner = qualified(owner);
        match kind {
            Kind::Enum => return write!(f, "enum {owner}: {}", self.value),
            Kind::Table => write!(f, "{owner} table")?,
            Kind::PrimaryKey => write!(f, "{owner} primary key")?,
            Kind::Column | Kind::Index => write!(f, "{owner} {} {}", kind.as_str(), word(id))?,
            Kind::Unique | Kind::ForeignKey | Kind::Check => {
                write!(f, "{owner} {} {id}", kind.as_str())?;
            }
        }
        if self.value.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.value)
        }
    }
}

/// All facts of a schema, in a snapshot's order: enums, then table by table; columns stay in the
/// order of the table.
pub fn facts(schema: &Schema) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, ty) in &schema.enums {
        let values: Vec<String> = ty.values.iter().map(|value| word(value)).collect();
        facts.push(Fact {
            key: Key::new(name, Kind::Enum, ""),
            value: values.join(", "),
        });
    }
    for table in schema.tables.values() {
        table_facts(table, &mut facts);
    }
    facts
}

fn table_facts(table: &Table, facts: &mut Vec<Fact>) {
    let name = &table.name;
    let mut value = Words::default();
    value.text("comment", table.comment.as_deref());
    facts.push(Fact {
        key: Key::new(name, Kind::Table, ""),
        value: value.0,
    });
    for column in &table.columns {
        facts.push(Fact {
            key: Key::new(name, Kind::Column, &column.name),
            value: column_value(column),
        });
    }
    if let Some(key) = &table.primary_key {
        let mut value = Words(list(&key.columns));
        value.word("name", key.name.as_deref());
        facts.push(Fact {
            key: Key::new(name, Kind::PrimaryKey, ""),
            value: value.0,
        });
    }
    let mut rest = Vec::new();
    for unique in &table.uniques {
        let mut value = Words::default();
        value.word("name", unique.name.as_deref());
        value.flag("nulls not distinct", unique.nulls_not_distinct);
        rest.push(Fact {
            key: Key::unique(name, unique),
            value: value.0,
        });
    }
    for index in &table.indexes {
        rest.push(Fact {
            key: Key::new(name, Kind::Index, &index.name),
            value: index_value(index),
        });
    }
    for key in &table.foreign_keys {
        rest.push(Fact {
            key: Key::foreign_key(name, key),
            value: foreign_key_value(key),
        });
    }
    for check in &table.checks {
        rest.push(Fact {
            key: Key::check(name, check),
            value: match check.name {
                Some(_) => text(&check.expr),
                None => String::new(),
            },
        });
    }
    rest.sort_by(|a, b| a.key.cmp(&b.key));
    facts.append(&mut rest);
}

fn column_value(column: &Column) -> String {
    let mut value = Words(column.ty.to_string());
    value.flag("null", column.nullable);
    value.flag("not null", !column.nullable);
    value.flag("auto_increment", column.auto_increment);
    if let Some(default) = &column.default {
        value.flag("default", true);
        value.flag(
            &match default {
                DefaultValue::Bool(value) => value.to_string(),
                DefaultValue::Number(number) => number.clone(),
                DefaultValue::String(string) => text(string),
                DefaultValue::CurrentTimestamp => "current_timestamp".to_owned(),
                DefaultValue::Expr(sql) => format!("expr {}", text(sql)),
            },
            true,
        );
    }
    if let Some(generated) = &column.generated {
        let word = if generated.stored {
            "stored"
        } else {
            "virtual"
        };
        value.text(&format!("generated {word}"), Some(&generated.expr));
    }
    value.word("collation", column.collation.as_deref());
    value.text("extra", column.extra.as_deref());
    value.text("comment", column.comment.as_deref());
    value.0
}

fn index_value(index: &Index) -> String {
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let mut words = Words(match &key.on {
                KeyOn::Column(name) => word(name),
                KeyOn::Expr(sql) => text(sql),
            });
            words.word("collation", key.collation.as_deref());
            words.word("opclass", key.opclass.as_deref());
            words.flag("desc", key.descending);
            words.flag("nulls first", key.nulls_first == Some(true));
            words.flag("nulls last", key.nulls_first == Some(false));
            words.0
        })
        .collect();
    let mut value = Words(format!("({})", keys.join(", ")));
    value.flag("unique", index.unique);
    value.word("using", index.method.as_deref());
    if !index.include.is_empty() {
        value.flag("include", true);
        value.flag(&list(&index.include), true);
    }
    value.flag("nulls not distinct", index.nulls_not_distinct);
    value.text("where", index.predicate.as_deref());
    value.0
}

fn foreign_key_value(key: &ForeignKey) -> String {
    let mut value = Words::default();
    value.word("name", key.name.as_deref());
    for (event, action) in [("delete", key.on_delete), ("update", key.on_update)] {
        value.flag(
            &format!("on {event} {}", action.as_str()),
            action != Action::NoAction,
        );
    }
    match key.deferrable {
        Some(Deferrable::Immediate) => value.flag("deferrable", true),
        Some(Deferrable::Deferred) => value.flag("deferrable initially deferred", true),
        None => {}
    }
    value.0
}

/// Space-separated words being written.
#[derive(Default)]
struct Words(String);

impl Words {
    fn flag(&mut self, word: &str, set: bool) {
        if set {
            if !self.0.is_empty() {
                self.0.push(' ');
            }
            self.0.push_str(word);
        }
    }

    fn word(&mut self, label: &str, name: Option<&str>) {
        if let Some(name) = name {
            self.flag(&format!("{label} {}", word(name)), true);
        }
    }

    fn text(&mut self, label: &str, content: Option<&str>) {
        if let Some(content) = content {
            self.flag(&format!("{label} {}", text(content)), true);
        }
    }
}

/// A name as a snapshot writes it: bare when it is made of letters, digits, `_` and `-`, and is not
/// the word that a line about an enum begins with.
pub(super) fn word(name: &str) -> String {
    let bare = !name.is_empty()
        && name != "enum"
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare {
        name.to_owned()
    } else {
        quoted(name, '"')
    }
}

/// Free text as a snapshot writes it: in single quotes, on one line.
pub(super) fn text(content: &str) -> String {
    quoted(content, '\'')
}

pub(super) fn qualified(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", word(schema), word(&name.name)),
        None => word(&name.name),
    }
}

fn quoted(content: &str, quote: char) -> String {
    let mut out = String::with_capacity(content.len() + 2);
    out.push(quote);
    for c in content.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c == quote || c == '\\' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| word(name)).collect();
    format!("({})", names.join(", "))
}

/// The text in single quotes that `line` is made of.
pub(super) fn unquoted(line: &str) -> Option<String> {
    let mut reader = Reader { rest: line };
    let text = reader.text().ok()?;
    reader.rest.is_empty().then_some(text)
}

/// The name that `line` is made of.
pub(super) fn unquoted_name(line: &str) -> Option<Name> {
    let mut reader = Reader { rest: line };
    let name = reader.name().ok()?;
    reader.rest.is_empty().then_some(name)
}

/// A line that is no fact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ParseFactError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// Reads a schema back from lines of facts; blank lines and lines that begin with `#` are passed
/// over. Line numbers of errors count from `first_line`.
///
/// # Errors
///
/// The first line that is no fact, says the same thing as an earlier one, or belongs to a table
/// that no `table` line introduces.
pub fn from_facts(lines: &str, first_line: usize) -> Result<Schema, ParseFactError> {
    let mut schema = Schema::default();
    let mut seen = std::collections::HashSet::new();
    for (offset, line) in lines.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let error = |problem: String| ParseFactError {
            line: first_line + offset,
            problem,
        };
        let mut reader = Reader { rest: line };
        let key = reader.fact(&mut schema).map_err(error)?;
        if !reader.rest.trim().is_empty() {
            return Err(error(format!("`{}` is not understood", reader.rest.trim())));
        }
        if !seen.insert(key.clone()) {
            return Err(error(format!("{key} is declared twice")));
        }
    }
    let enums = schema.enums.clone();
    for column in schema
        .tables
        .values_mut()
        .flat_map(|table| &mut table.columns)
    {
        if let Some(ty) = column
            .ty
            .enumeration()
            .and_then(|(name, _)| enums.get(name))
        {
            column.ty = column.ty.with_enum_values(&ty.values);
        }
    }
    Ok(schema)
}

struct Reader<'a> {
    rest: &'a str,
}

type Parsed<T> = Result<T, String>;

impl<'a> Reader<'a> {
    fn fact(&mut self, schema: &mut Schema) -> Parsed<Key> {
        if self.eat("enum") {
            let name = self.name()?;
            self.expect(":")?;
            let mut values = Vec::new();
            while !self.rest.trim().is_empty() {
                values.push(self.word()?);
                if !self.eat(",") {
                    break;
                }
            }
            let ty = EnumType {
                name: name.clone(),
                values,
            };
            schema.enums.insert(name.clone(), ty);
            return Ok(Key::new(name, Kind::Enum, ""));
        }
        let owner = self.name()?;
        if self.eat("table") {
            let key = Key::new(&owner, Kind::Table, "");
            // A second `table` line must not wipe out the first: the caller reports it by key.
            let table = schema
                .tables
                .entry(owner.clone())
                .or_insert_with(|| Table::new(owner));
            table.comment = self.optional_text("comment")?;
            return Ok(key);
        }
        let Some(table) = schema.tables.get_mut(&owner) else {
            return Err(format!("no line `{owner} table` stands before it"));
        };
        if self.eat("column") {
            let column = self.column()?;
            let key = Key::new(&owner, Kind::Column, &column.name);
            table.columns.push(column);
            Ok(key)
        } else if self.eat("primary key") {
            let columns = self.list()?;
            let name = self.optional_word("name")?;
            table.primary_key = Some(PrimaryKey { name, columns });
            Ok(Key::new(&owner, Kind::PrimaryKey, ""))
        } else if self.eat("unique") {
            let unique = Unique {
                columns: self.list()?,
                name: self.optional_word("name")?,
                nulls_not_distinct: self.eat("nulls not distinct"),
            };
            let key = Key::unique(&owner, &unique);
            table.uniques.push(unique);
            Ok(key)
        } else if self.eat("index") {
            let index = self.index()?;
            let key = Key::new(&owner, Kind::Index, &index.name);
            table.indexes.push(index);
            Ok(key)
        } else if self.eat("foreign key") {
            let foreign_key = self.foreign_key()?;
            let key = Key::foreign_key(&owner, &foreign_key);
            table.foreign_keys.push(foreign_key);
            Ok(key)
        } else if self.eat("check") {
            let check = if self.peek() == Some('\'') {
                Check {
                    name: None,
                    expr: self.text()?,
                }
            } else {
                Check {
                    name: Some(self.word()?),
                    expr: self.text()?,
                }
            };
            let key = Key::check(&owner, &check);
            table.checks.push(check);
            Ok(key)
        } else {
            Err(format!("`{}` is not understood", self.rest.trim()))
        }
    }

    fn column(&mut self) -> Parsed<Column> {
        let name = self.word()?;
        let mut column = Column::new(name, self.ty()?);
        column.nullable = if self.eat("not null") {
            false
        } else {
            self.expect("null")?;
            true
        };
        column.auto_increment = self.eat("auto_increment");
        if self.eat("default") {
            column.default = Some(if self.eat("current_timestamp") {
                DefaultValue::CurrentTimestamp
            } else if self.eat("expr") {
                DefaultValue::Expr(self.text()?)
            } else if self.eat("true") {
                DefaultValue::Bool(true)
            } else if self.eat("false") {
                DefaultValue::Bool(false)
            } else if self.peek() == Some('\'') {
                DefaultValue::String(self.text()?)
            } else {
                DefaultValue::Number(self.number()?)
            });
        }
        if self.eat("generated") {
            let stored = self.eat("stored");
            if !stored {
                self.expect("virtual")?;
            }
            column.generated = Some(Generated {
                expr: self.text()?,
                stored,
            });
        }
        column.collation = self.optional_word("collation")?;
        column.extra = self.optional_text("extra")?;
        column.comment = self.optional_text("comment")?;
        Ok(column)
    }

    /// A type: all up to the `null` or `not null` that always follows it.
    fn ty(&mut self) -> Parsed<Type> {
        let start = self.rest.trim_start();
        let mut end = None;
        let mut probe = Reader { rest: start };
        while !probe.rest.trim().is_empty() {
            let here = start.len() - probe.rest.len();
            if probe.eat("not null") || probe.eat("null") {
                end = Some(here);
                break;
            }
            match probe.peek() {
                Some('"') => drop(probe.word()?),
                Some('\'') => drop(probe.text()?),
                _ => {
                    let rest = probe.rest.trim_start();
                    let step = rest
                        .char_indices()
                        .find(|(at, c)| *at > 0 && (c.is_whitespace() || *c == '"' || *c == '\''))
                        .map_or(rest.len(), |(at, _)| at);
                    probe.rest = &rest[step..];
                }
            }
        }
        let end = end.ok_or("a type and then `null` or `not null` are expected")?;
        let (ty, rest) = start.split_at(end);
        let ty = ty
            .trim()
            .parse()
            .map_err(|error: super::ParseTypeError| error.to_string())?;
        self.rest = rest;
        Ok(ty)
    }

    fn index(&mut self) -> Parsed<Index> {
        let mut index = Index::new(self.word()?, [""; 0]);
        self.expect("(")?;
        loop {
            let on = match self.peek() {
                Some('\'') => KeyOn::Expr(self.text()?),
                _ => KeyOn::Column(self.word()?),
            };
            index.keys.push(IndexKey {
                on,
                collation: self.optional_word("collation")?,
                opclass: self.optional_word("opclass")?,
                descending: self.eat("desc"),
                nulls_first: if self.eat("nulls first") {
                    Some(true)
                } else if self.eat("nulls last") {
                    Some(false)
                } else {
                    None
                },
            });
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        index.unique = self.eat("unique");
        index.method = self.optional_word("using")?;
        if self.eat("include") {
            index.include = self.list()?;
        }
        index.nulls_not_distinct = self.eat("nulls not distinct");
        index.predicate = self.optional_text("where")?;
        Ok(index)
    }

    fn foreign_key(&mut self) -> Parsed<ForeignKey> {
        let columns = self.list()?;
        self.expect("->")?;
        let ref_table = self.name()?;
        let ref_columns = self.list()?;
        let name = self.optional_word("name")?;
        let mut actions = [Action::NoAction; 2];
        for (event, action) in ["on delete", "on update"].into_iter().zip(&mut actions) {
            if self.eat(event) {
                let words = [
                    "restrict",
                    "cascade",
                    "set null",
                    "set default",
                    "no action",
                ];
                let word = words.into_iter().find(|word| self.eat(word));
                *action = word
                    .and_then(Action::parse)
                    .ok_or_else(|| format!("`{}` is no action", self.rest.trim()))?;
            }
        }
        let deferrable = if self.eat("deferrable initially deferred") {
            Some(Deferrable::Deferred)
        } else if self.eat("deferrable") {
            Some(Deferrable::Immediate)
        } else {
            None
        };
        let [on_delete, on_update] = actions;
        Ok(ForeignKey {
            name,
            columns,
            ref_table,
            ref_columns,
            on_delete,
            on_update,
            deferrable,
        })
    }

    fn peek(&self) -> Option<char> {
        self.rest.trim_start().chars().next()
    }

    /// Takes these words or this punctuation, if they come next and end there.
    fn eat(&mut self, words: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some(after) = rest.strip_prefix(words) else {
            return false;
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if words.ends_with(is_word) && after.starts_with(is_word) {
            return false;
        }
        self.rest = after;
        true
    }

    fn expect(&mut self, words: &str) -> Parsed<()> {
        if self.eat(words) {
            Ok(())
        } else {
            Err(format!(
                "`{words}` is expected before `{}`",
                self.rest.trim()
            ))
        }
    }

    fn word(&mut self) -> Parsed<String> {
        let rest = self.rest.trim_start();
        if rest.starts_with('"') {
            return self.quoted('"');
        }
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len());
        if end == 0 {
            return Err(format!("a name is expected before `{rest}`"));
        }
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        Ok(word.to_owned())
    }

    fn number(&mut self) -> Parsed<String> {
        let rest = self.rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (number, rest) = rest.split_at(end);
        if number.parse::<f64>().is_err() {
            return Err(format!("a default is expected before `{number}`"));
        }
        self.rest = rest;
        Ok(number.to_owned())
    }

    fn name(&mut self) -> Parsed<Name> {
        let first = self.word()?;
        Ok(if self.rest.starts_with('.') {
            self.rest = &self.rest[1..];
            Name {
                schema: Some(first),
                name: self.word()?,
            }
        } else {
            Name::from(first)
        })
    }

    fn text(&mut self) -> Parsed<String> {
        self.quoted('\'')
    }

    fn quoted(&mut self, quote: char) -> Parsed<String> {
        let rest = self.rest.trim_start();
        let inside = rest
            .strip_prefix(quote)
            .ok_or_else(|| format!("`{quote}` is expected before `{rest}`"))?;
        let mut out = String::new();
        let mut chars = inside.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 'r')) => out.push('\r'),
                    Some((_, c)) => out.push(c),
                    None => break,
                },
                c if c == quote => {
                    self.rest = &inside[at + quote.len_utf8()..];
                    return Ok(out);
                }
                c => out.push(c),
            }
        }
        Err(format!("`{rest}` has no closing `{quote}`"))
    }

    fn list(&mut self) -> Parsed<Vec<String>> {
        self.expect("(")?;
        let mut names = vec![self.word()?];
        while self.eat(",") {
            names.push(self.word()?);
        }
        self.expect(")")?;
        Ok(names)
    }

    fn optional_word(&mut self, label: &str) -> Parsed<Option<String>> {
        if self.eat(label) {
            self.word().map(Some)
        } else {
            Ok(None)
        }
    }

    fn optional_text(&mut self, label: &str) -> Parsed<Option<String>> {
        if self.eat(label) {
            self.text().map(Some)
        } else {
            Ok(None)
        }
    }
}
