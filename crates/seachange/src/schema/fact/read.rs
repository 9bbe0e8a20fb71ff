//! A schema, read back from facts.

use std::collections::HashSet;

use super::super::{
    Action, Check, Column, Counting, DefaultValue, Deferrable, Engine, EnumType, Excluded,
    Exclusion, ForeignKey, Generated, Identity, Index, IndexKey, KeyOn, Name, Numbering,
    ParseTypeError, PrimaryKey, Schema, Sequence, Table, TableOptions, Type, Unique, Variant,
};
use super::{Key, Kind};

/// The text in single quotes that `line` is made of.
pub(in crate::schema) fn unquoted(line: &str) -> Option<String> {
    let mut reader = Reader { rest: line };
    let text = reader.text().ok()?;
    reader.rest.is_empty().then_some(text)
}

/// The name that `line` is made of.
pub(in crate::schema) fn unquoted_name(line: &str) -> Option<Name> {
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
    let mut seen = HashSet::new();
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
        if self.eat("sequence") {
            let sequence = self.sequence()?;
            let key = Key::new(&sequence.name, Kind::Sequence, "");
            schema.sequences.insert(sequence.name.clone(), sequence);
            return Ok(key);
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
        if self.eat("option") {
            let option = self.option(&mut table.options)?;
            Ok(Key::new(&owner, Kind::Option, option))
        } else if self.eat("column") {
            let column = self.column()?;
            let key = Key::new(&owner, Kind::Column, &column.name);
            table.columns.push(column);
            Ok(key)
        } else if self.eat("primary key") {
            let columns = self.list()?;
            let name = self.optional_word("name")?;
            table.primary_key = Some(PrimaryKey {
                name,
                columns,
                include: self.optional_list("include")?,
                deferrable: self.deferrable(),
            });
            Ok(Key::new(&owner, Kind::PrimaryKey, ""))
        } else if self.eat("unique") {
            let columns = self.list()?;
            let unique = Unique {
                only: self.only()?,
                columns,
                name: self.optional_word("name")?,
                nulls_not_distinct: self.eat("nulls not distinct"),
                include: self.optional_list("include")?,
                deferrable: self.deferrable(),
            };
            let key = Key::unique(&owner, &unique);
            table.uniques.push(unique);
            Ok(key)
        } else if self.eat("index") {
            let index = self.index()?;
            let key = Key::index(&owner, &index);
            table.indexes.push(index);
            Ok(key)
        } else if self.eat("foreign key") {
            let foreign_key = self.foreign_key()?;
            let key = Key::foreign_key(&owner, &foreign_key);
            table.foreign_keys.push(foreign_key);
            Ok(key)
        } else if self.eat("exclusion") {
            let exclusion = self.exclusion()?;
            let key = Key::exclusion(&owner, &exclusion);
            table.exclusions.push(exclusion);
            Ok(key)
        } else if self.eat("check") {
            let check = if self.peek() == Some('\'') {
                Check {
                    name: None,
                    expr: self.text()?,
                    only: self.only()?,
                }
            } else {
                Check {
                    name: Some(self.word()?),
                    only: self.only()?,
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

    fn sequence(&mut self) -> Parsed<Sequence> {
        let mut sequence = Sequence::new(self.name()?);
        self.expect(":")?;
        let ty: Type = self
            .word()?
            .parse()
            .map_err(|error: ParseTypeError| error.to_string())?;
        if !matches!(ty, Type::SmallInteger | Type::Integer | Type::BigInteger) {
            return Err(format!(
                "a sequence is of small_integer, integer or big_integer, not {ty}"
            ));
        }
        sequence.ty = ty;
        sequence.counting = self.counting()?;
        sequence.owned_by = self.optional_text("owned by")?;
        Ok(sequence)
    }

    /// How a table is kept: `strict`, `tablespace fast`, `fillfactor '70'`. The name of what it says.
    fn option(&mut self, options: &mut TableOptions) -> Parsed<String> {
        let mut name = self.word()?;
        while let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            name = format!("{name}.{}", self.word()?);
        }
        if self.peek() == Some('\'') {
            options.storage.insert(name.clone(), self.text()?);
        } else if TableOptions::is_place(&name) {
            options.tablespace = Some(self.word()?);
        } else if options.flag(&name).is_none() {
            return Err(format!("`{name}` is no option of a table"));
        }
        Ok(name)
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
        column.numbering = self.numbering()?;
        column.default = self.default()?;
        column.generated = self.generated()?;
        column.collation = self.optional_word("collation")?;
        column.extra = self.optional_text("extra")?;
        column.comment = self.optional_text("comment")?;
        while self.eat("on") {
            let engine = self.engine()?;
            let variant = self.variant()?;
            column.variants.insert(engine, variant);
        }
        Ok(column)
    }

    fn variant(&mut self) -> Parsed<Variant> {
        fn said<T>(nothing: bool, something: Option<T>) -> Option<Option<T>> {
            nothing.then_some(None).or_else(|| something.map(Some))
        }
        Ok(Variant {
            default: said(self.eat("no default"), self.default()?),
            generated: said(self.eat("not generated"), self.generated()?),
            collation: said(
                self.eat("default collation"),
                self.optional_word("collation")?,
            ),
        })
    }

    fn default(&mut self) -> Parsed<Option<DefaultValue>> {
        let mut ahead = Reader { rest: self.rest };
        if ahead.eat("default collation") || !self.eat("default") {
            return Ok(None);
        }
        Ok(Some(if self.eat("current_timestamp") {
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
        }))
    }

    fn generated(&mut self) -> Parsed<Option<Generated>> {
        if !self.eat("generated") {
            return Ok(None);
        }
        let stored = self.eat("stored");
        if !stored {
            self.expect("virtual")?;
        }
        Ok(Some(Generated {
            expr: self.text()?,
            stored,
        }))
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
            .map_err(|error: ParseTypeError| error.to_string())?;
        self.rest = rest;
        Ok(ty)
    }

    fn index(&mut self) -> Parsed<Index> {
        let mut index = Index::new(self.word()?, [""; 0]);
        index.only = self.only()?;
        self.expect("(")?;
        loop {
            index.keys.push(self.index_key()?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        index.unique = self.eat("unique");
        index.method = self.optional_word("using")?;
        index.include = self.optional_list("include")?;
        index.nulls_not_distinct = self.eat("nulls not distinct");
        while self.eat("with") {
            let parameter = self.word()?;
            index.storage.insert(parameter, self.text()?);
        }
        index.tablespace = self.optional_word("tablespace")?;
        index.predicate = self.optional_text("where")?;
        Ok(index)
    }

    fn index_key(&mut self) -> Parsed<IndexKey> {
        let on = match self.peek() {
            Some('\'') => KeyOn::Expr(self.text()?),
            _ => KeyOn::Column(self.word()?),
        };
        Ok(IndexKey {
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
        })
    }

    fn exclusion(&mut self) -> Parsed<Exclusion> {
        let mut exclusion = Exclusion::new(self.word()?);
        exclusion.only = self.only()?;
        self.expect("(")?;
        loop {
            let key = self.index_key()?;
            self.expect("with")?;
            let operator = self.text()?;
            exclusion.elements.push(Excluded { key, operator });
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        exclusion.method = self.optional_word("using")?;
        exclusion.predicate = self.optional_text("where")?;
        exclusion.deferrable = self.deferrable();
        Ok(exclusion)
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
        let [on_delete, on_update] = actions;
        Ok(ForeignKey {
            name,
            columns,
            ref_table,
            ref_columns,
            on_delete,
            on_update,
            set_columns: self.optional_list("set")?,
            match_full: self.eat("match full"),
            deferrable: self.deferrable(),
        })
    }

    fn numbering(&mut self) -> Parsed<Option<Numbering>> {
        if self.eat("serial") {
            return Ok(Some(Numbering::Serial));
        }
        if !self.eat("identity") {
            return Ok(None);
        }
        Ok(Some(Numbering::Identity(Identity {
            always: self.eat("always"),
            counting: self.counting()?,
        })))
    }

    fn counting(&mut self) -> Parsed<Counting> {
        let mut counting = Counting::default();
        for (word, place) in [
            ("start", &mut counting.start),
            ("increment", &mut counting.increment),
            ("minimum", &mut counting.minimum),
            ("maximum", &mut counting.maximum),
            ("cache", &mut counting.cache),
        ] {
            if self.eat(word) {
                let number = self.number()?;
                let whole = number.parse();
                *place = Some(whole.map_err(|_| format!("`{number}` is no whole number"))?);
            }
        }
        counting.cycle = self.eat("cycle");
        Ok(counting)
    }

    /// The only engine that something is for.
    fn only(&mut self) -> Parsed<Option<Engine>> {
        if !self.eat("only") {
            return Ok(None);
        }
        self.engine().map(Some)
    }

    fn engine(&mut self) -> Parsed<Engine> {
        let mut engines = Engine::ALL.into_iter();
        let engine = engines.find(|engine| self.eat(engine.word()));
        engine.ok_or_else(|| format!("an engine is expected before `{}`", self.rest.trim()))
    }

    fn deferrable(&mut self) -> Option<Deferrable> {
        if self.eat("deferrable initially deferred") {
            Some(Deferrable::Deferred)
        } else {
            self.eat("deferrable").then_some(Deferrable::Immediate)
        }
    }

    fn optional_list(&mut self, label: &str) -> Parsed<Vec<String>> {
        match self.eat(label) {
            true => self.list(),
            false => Ok(Vec::new()),
        }
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
