//! The nouns: what a database schema is made of, as plain values.
//!
//! The same values hold what entities declare, what a snapshot remembers and what a database was
//! read to contain. They know no engine: how a [`Type`] is spelt, or which of these things an
//! engine can hold, is the business of [`crate::dialect`].

pub(crate) mod convert;
mod engine;
mod exclusion;
mod fact;
mod numbering;
mod only;
mod sequence;
mod table_options;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use convert::{UnreadableError, enum_type, expr_sql};
pub use engine::Engine;
pub use exclusion::{Excluded, Exclusion};
pub use fact::{Fact, Key, Kind, ParseFactError, facts, from_facts};
pub use numbering::{Counting, Identity, Numbering};
pub use only::Variant;
pub(crate) use only::{engines_of, views_of};
pub use sequence::Sequence;
pub use table_options::TableOptions;
pub use types::{Length, ParseTypeError, Type};

/// The schema that every database of PostgreSQL begins with.
pub(crate) const PUBLIC: &str = "public";

/// A name that may be qualified by a schema (a namespace; PostgreSQL).
///
/// A plain `&str` is an unqualified name, a dot in it included; a pair qualifies:
///
/// ```
/// use seachange::schema::Name;
///
/// assert_eq!(Name::from("tasks").to_string(), "tasks");
/// assert_eq!(Name::from(("audit", "log")).to_string(), "audit.log");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The schema, when it is not the connection's default one.
    pub schema: Option<String>,
    /// The name itself, unquoted.
    pub name: String,
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self {
            schema: None,
            name: name.to_owned(),
        }
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self { schema: None, name }
    }
}

impl From<&String> for Name {
    fn from(name: &String) -> Self {
        Self::from(name.as_str())
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Self {
        name.clone()
    }
}

impl From<(&str, &str)> for Name {
    fn from((schema, name): (&str, &str)) -> Self {
        Self {
            schema: Some(schema.to_owned()),
            name: name.to_owned(),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A whole schema: tables, named enum types and sequences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Tables by name.
    pub tables: BTreeMap<Name, Table>,
    /// Named enum types by name. Engines without named enums have none.
    pub enums: BTreeMap<Name, EnumType>,
    /// Sequences that no column owns, by name. Engines without sequences have none.
    pub sequences: BTreeMap<Name, Sequence>,
}

impl Schema {
    /// The table of that name.
    pub fn table(&self, name: &Name) -> Option<&Table> {
        self.tables.get(name)
    }

    /// The schemas (namespaces) that something is in by name.
    pub fn namespaces(&self) -> BTreeSet<&str> {
        let names = self.tables.keys().chain(self.enums.keys());
        let names = names.chain(self.sequences.keys());
        names.filter_map(|name| name.schema.as_deref()).collect()
    }

    /// Puts a table in, replacing one of the same name, and registers the enums its columns use.
    pub fn insert(&mut self, table: Table) {
        for column in &table.columns {
            if let Some((name, values)) = column.ty.enumeration() {
                self.enums.entry(name.clone()).or_insert_with(|| EnumType {
                    name: name.clone(),
                    values: values.to_vec(),
                });
            }
        }
        self.tables.insert(table.name.clone(), table);
    }
}

/// A table with everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// Columns in the order of their creation.
    pub columns: Vec<Column>,
    /// The primary key, when it has one.
    pub primary_key: Option<PrimaryKey>,
    /// Unique constraints (a unique *index* is an [`Index`]).
    pub uniques: Vec<Unique>,
    /// Indexes.
    pub indexes: Vec<Index>,
    /// Foreign keys that this table owns.
    pub foreign_keys: Vec<ForeignKey>,
    /// Check constraints.
    pub checks: Vec<Check>,
    /// Exclusion constraints (PostgreSQL).
    pub exclusions: Vec<Exclusion>,
    /// How engines keep it.
    pub options: TableOptions,
    /// A comment for people.
    pub comment: Option<String>,
    /// The name that the table had before, as the entity declares it.
    pub renamed_from: Option<Name>,
}

impl Table {
    /// An empty table.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            columns: Vec::new(),
            primary_key: None,
            uniques: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            exclusions: Vec::new(),
            options: TableOptions::default(),
            comment: None,
            renamed_from: None,
        }
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column of that name, to change it.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    /// Whether the column is part of the primary key.
    pub fn is_key(&self, column: &str) -> bool {
        self.primary_key
            .as_ref()
            .is_some_and(|key| key.columns.iter().any(|name| name == column))
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it may hold NULL. Columns of a primary key are not nullable.
    pub nullable: bool,
    /// What the database fills in when an INSERT leaves the column out.
    pub default: Option<DefaultValue>,
    /// Whether the engine numbers the rows (identity, serial, AUTOINCREMENT, AUTO_INCREMENT).
    pub auto_increment: bool,
    /// In which way it numbers them; `None` leaves it to the engine.
    pub numbering: Option<Numbering>,
    /// The expression that the engine computes it from.
    pub generated: Option<Generated>,
    /// A collation other than the default one.
    pub collation: Option<String>,
    /// SQL that the entity appends to the definition as it stands (`#[sea_orm(extra = "…")]`).
    pub extra: Option<String>,
    /// A comment for people.
    pub comment: Option<String>,
    /// The name that the column had before, as the entity declares it.
    pub renamed_from: Option<String>,
    /// What its enum was before, as the entity declares it.
    pub enum_hints: EnumHints,
    /// What is said otherwise of it on one engine.
    pub variants: BTreeMap<Engine, Variant>,
}

impl Column {
    /// A column that is NOT NULL and has nothing but a type.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Self {
            name: name.into(),
            ty,
            nullable: false,
            default: None,
            auto_increment: false,
            numbering: None,
            generated: None,
            collation: None,
            extra: None,
            comment: None,
            renamed_from: None,
            enum_hints: EnumHints::default(),
            variants: BTreeMap::new(),
        }
    }

    /// Forgets what the entity says of the past: a revision has carried it out.
    pub(crate) fn forget_hints(&mut self) {
        self.renamed_from = None;
        self.enum_hints = EnumHints::default();
    }

    /// Its default, and those that it has on one engine.
    pub(crate) fn defaults_mut(&mut self) -> impl Iterator<Item = &mut DefaultValue> {
        let variants = self.variants.values_mut();
        let own = variants.filter_map(|variant| variant.default.as_mut()?.as_mut());
        self.default.iter_mut().chain(own)
    }

    /// Follows a value of its enum to its new name.
    pub(crate) fn rename_default(&mut self, from: &str, to: &str) {
        for default in self.defaults_mut() {
            if let DefaultValue::String(value) = default
                && value == from
            {
                to.clone_into(value);
            }
        }
    }
}

/// What the enum of a column was before, as the entity declares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnumHints {
    /// The name that the type had.
    pub renamed_from: Option<Name>,
    /// Values that were renamed: the old name and the new one.
    pub renamed_values: Vec<(String, String)>,
}

/// What a column holds when an INSERT leaves it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// TRUE or FALSE.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A string, without quotes.
    String(String),
    /// `CURRENT_TIMESTAMP`.
    CurrentTimestamp,
    /// Any other expression, as SQL.
    Expr(String),
}

impl fmt::Display for DefaultValue {
    /// As SQL has it, for people to read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Number(number) => f.write_str(number),
            Self::String(string) => write!(f, "'{string}'"),
            Self::CurrentTimestamp => f.write_str("current_timestamp"),
            Self::Expr(sql) => f.write_str(sql),
        }
    }
}

/// A generated column's expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The expression, as SQL.
    pub expr: String,
    /// Whether the value is stored (else it is computed when it is read).
    pub stored: bool,
}

/// A primary key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrimaryKey {
    /// The constraint's name; `None` leaves it to the engine.
    pub name: Option<String>,
    /// Columns in key order.
    pub columns: Vec<String>,
    /// Columns carried along without being part of the key (PostgreSQL).
    pub include: Vec<String>,
    /// When the key is checked, if not at once (PostgreSQL).
    pub deferrable: Option<Deferrable>,
}

/// A unique constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unique {
    /// The constraint's name; `None` leaves it to the engine.
    pub name: Option<String>,
    /// Columns in constraint order.
    pub columns: Vec<String>,
    /// Whether two NULLs collide (PostgreSQL 15 and later).
    pub nulls_not_distinct: bool,
    /// Columns carried along without being part of the key (PostgreSQL).
    pub include: Vec<String>,
    /// When it is checked, if not at once (PostgreSQL).
    pub deferrable: Option<Deferrable>,
    /// The only engine that it is for, if it is not for all.
    pub only: Option<Engine>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether two rows may not share a key.
    pub unique: bool,
    /// The key.
    pub keys: Vec<IndexKey>,
    /// The access method (`gin`, …); `None` is the engine's default.
    pub method: Option<String>,
    /// The predicate of a partial index, as SQL.
    pub predicate: Option<String>,
    /// Columns carried along without being part of the key.
    pub include: Vec<String>,
    /// Whether two NULLs collide in a unique index (PostgreSQL 15 and later).
    pub nulls_not_distinct: bool,
    /// Storage parameters (`fillfactor`, …; PostgreSQL).
    pub storage: BTreeMap<String, String>,
    /// The tablespace, where it is not the usual one (PostgreSQL).
    pub tablespace: Option<String>,
    /// The only engine that it is for, if it is not for all.
    pub only: Option<Engine>,
}

impl Index {
    /// An index on plain columns.
    pub fn new<C: Into<String>>(
        name: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        Self {
            name: name.into(),
            unique: false,
            keys: columns
                .into_iter()
                .map(|c| IndexKey::column(c.into()))
                .collect(),
            method: None,
            predicate: None,
            include: Vec::new(),
            nulls_not_distinct: false,
            storage: BTreeMap::new(),
            tablespace: None,
            only: None,
        }
    }

    /// The names of the key's columns; expressions are left out.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| match &key.on {
            KeyOn::Column(name) => Some(name.as_str()),
            KeyOn::Expr(_) => None,
        })
    }

    /// Whether it is nothing but an index on columns in ascending order, as entities can declare.
    pub fn is_plain(&self) -> bool {
        self.method.is_none()
            && self.predicate.is_none()
            && self.include.is_empty()
            && !self.nulls_not_distinct
            && self.storage.is_empty()
            && self.tablespace.is_none()
            && self.keys.iter().all(|key| {
                matches!(key.on, KeyOn::Column(_))
                    && !key.descending
                    && key.nulls_first.is_none()
                    && key.opclass.is_none()
                    && key.collation.is_none()
            })
    }
}

/// One part of an index key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    /// What is indexed.
    pub on: KeyOn,
    /// Whether it is sorted downwards.
    pub descending: bool,
    /// Where NULLs sort, when that is not the engine's default for the direction.
    pub nulls_first: Option<bool>,
    /// An operator class other than the default one (PostgreSQL).
    pub opclass: Option<String>,
    /// A collation other than the column's.
    pub collation: Option<String>,
}

impl IndexKey {
    /// A column in ascending order.
    pub fn column(name: impl Into<String>) -> Self {
        Self {
            on: KeyOn::Column(name.into()),
            descending: false,
            nulls_first: None,
            opclass: None,
            collation: None,
        }
    }
}

/// What one part of an index key is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOn {
    /// A column's value.
    Column(String),
    /// An expression, as SQL.
    Expr(String),
}

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name; `None` leaves it to the engine.
    pub name: Option<String>,
    /// Columns of the owning table.
    pub columns: Vec<String>,
    /// The table that is referenced.
    pub ref_table: Name,
    /// Columns of the referenced table, one for each of `columns`.
    pub ref_columns: Vec<String>,
    /// What happens to the row when the referenced row is deleted.
    pub on_delete: Action,
    /// What happens to the row when the referenced key changes.
    pub on_update: Action,
    /// When the key is checked, if not at the end of each statement.
    pub deferrable: Option<Deferrable>,
    /// Whether all columns of a row are NULL or none (`MATCH FULL`; PostgreSQL).
    pub match_full: bool,
    /// The only columns that `on_delete` sets, where it sets some; empty when it sets all
    /// (PostgreSQL 15 and later).
    pub set_columns: Vec<String>,
}

/// A referential action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Refuse at the end of the statement; what SQL does when nothing is said.
    #[default]
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Do the same to the referencing rows.
    Cascade,
    /// Set the referencing columns to NULL.
    SetNull,
    /// Set the referencing columns to their defaults.
    SetDefault,
}

impl Action {
    /// As SQL spells it, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoAction => "no action",
            Self::Restrict => "restrict",
            Self::Cascade => "cascade",
            Self::SetNull => "set null",
            Self::SetDefault => "set default",
        }
    }

    /// Reads SQL's spelling, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::NoAction,
            Self::Restrict,
            Self::Cascade,
            Self::SetNull,
            Self::SetDefault,
        ]
        .into_iter()
        .find(|action| action.as_str().eq_ignore_ascii_case(text))
    }
}

/// When a deferrable constraint is checked, unless a transaction says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deferrable {
    /// `DEFERRABLE INITIALLY IMMEDIATE`
    Immediate,
    /// `DEFERRABLE INITIALLY DEFERRED`
    Deferred,
}

/// A check constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// The constraint's name; `None` leaves it to the engine.
    pub name: Option<String>,
    /// The condition, as SQL.
    pub expr: String,
    /// The only engine that it is for, if it is not for all.
    pub only: Option<Engine>,
}

/// A named enum type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumType {
    /// Its name.
    pub name: Name,
    /// Values in sort order.
    pub values: Vec<String>,
}
