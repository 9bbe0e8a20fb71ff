//! The texts in which a database keeps its tables and indexes, read with the place of each piece.
//!
//! `sqlite_schema` holds every `CREATE TABLE` as it was typed. It is the only faithful source, so
//! a rebuild edits it: the piece that changes, and not one byte more.

use std::ops::Range;

use super::cursor::Cursor;
use super::lex::tokens;
use crate::schema::{Action, Deferrable};

/// A text cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is {problem} at `{near}`")]
pub struct Unreadable {
    problem: String,
    near: String,
}

impl Unreadable {
    pub(super) fn new(problem: impl Into<String>, near: &str) -> Self {
        Self {
            problem: problem.into(),
            near: near.chars().take(40).collect(),
        }
    }
}

/// A `CREATE TABLE` text.
#[derive(Debug)]
pub(super) struct TableText {
    pub(super) name: String,
    pub(super) name_span: Range<usize>,
    pub(super) columns: Vec<ColumnText>,
    /// Table-level constraints.
    pub(super) constraints: Vec<ConstraintText>,
    /// At the closing bracket of the list of columns.
    pub(super) close: usize,
    pub(super) strict: bool,
    pub(super) without_rowid: bool,
}

/// A column's definition.
#[derive(Debug)]
pub(super) struct ColumnText {
    pub(super) name: String,
    pub(super) name_span: Range<usize>,
    pub(super) span: Range<usize>,
    pub(super) ty: Option<Range<usize>>,
    pub(super) constraints: Vec<ConstraintText>,
}

/// A constraint with its name, of a column or of the table.
#[derive(Debug)]
pub(super) struct ConstraintText {
    pub(super) name: Option<String>,
    pub(super) span: Range<usize>,
    pub(super) clause: Clause,
    /// It says `ON CONFLICT …`.
    pub(super) on_conflict: bool,
}

/// What a constraint says. The columns of a column's constraint are that column.
#[derive(Debug)]
pub(super) enum Clause {
    /// `CONSTRAINT x` and nothing behind it, which SQLite takes.
    Empty,
    PrimaryKey {
        columns: Vec<KeyText>,
        autoincrement: Option<Range<usize>>,
    },
    NotNull,
    Null,
    Unique(Vec<KeyText>),
    Check(Range<usize>),
    Default(Range<usize>),
    Collate(String),
    Generated {
        expr: Range<usize>,
        stored: bool,
    },
    ForeignKey {
        columns: Vec<String>,
        references: References,
    },
}

/// The target of a foreign key.
#[derive(Debug, Default)]
pub(super) struct References {
    pub(super) table: String,
    /// Empty when it is the target's primary key.
    pub(super) columns: Vec<String>,
    pub(super) on_delete: Action,
    pub(super) on_update: Action,
    pub(super) deferrable: Option<Deferrable>,
}

/// One part of a key.
#[derive(Clone, Debug)]
pub(super) struct KeyText {
    pub(super) on: KeyTextOn,
    pub(super) collation: Option<String>,
    pub(super) descending: bool,
    /// Where it ends, in a list between brackets.
    pub(super) end: usize,
}

#[derive(Clone, Debug)]
pub(super) enum KeyTextOn {
    Column(String),
    Expr(Range<usize>),
}

impl KeyText {
    pub(super) fn column(name: &str) -> Self {
        Self {
            on: KeyTextOn::Column(name.to_owned()),
            collation: None,
            descending: false,
            end: 0,
        }
    }

    /// The column's name, or nothing for an expression, which no constraint can hold.
    pub(super) fn name(&self) -> &str {
        match &self.on {
            KeyTextOn::Column(name) => name,
            KeyTextOn::Expr(_) => "",
        }
    }
}

/// A `CREATE INDEX` text.
#[derive(Debug)]
pub(super) struct IndexText {
    pub(super) name: String,
    pub(super) name_span: Range<usize>,
    pub(super) unique: bool,
    pub(super) keys: Vec<KeyText>,
    pub(super) predicate: Option<Range<usize>>,
}

impl TableText {
    pub(super) fn parse(sql: &str) -> Result<Self, Unreadable> {
        let tokens = tokens(sql)?;
        Cursor::new(sql, &tokens).table()
    }

    pub(super) fn column(&self, name: &str) -> Option<&ColumnText> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Every constraint, those of columns first.
    pub(super) fn all_constraints(&self) -> impl Iterator<Item = &ConstraintText> {
        self.columns
            .iter()
            .flat_map(|column| &column.constraints)
            .chain(&self.constraints)
    }

    /// The places of columns and table-level constraints, in the order of the text.
    pub(super) fn items(&self) -> impl Iterator<Item = &Range<usize>> {
        let columns = self.columns.iter().map(|column| &column.span);
        columns.chain(self.constraints.iter().map(|constraint| &constraint.span))
    }

    /// The primary key: the constraint that makes it, and its columns.
    pub(super) fn primary_key(&self) -> Option<(&ConstraintText, &[KeyText])> {
        self.all_constraints()
            .find_map(|constraint| match &constraint.clause {
                Clause::PrimaryKey { columns, .. } => Some((constraint, columns.as_slice())),
                _ => None,
            })
    }

    /// Where the word AUTOINCREMENT stands.
    pub(super) fn autoincrement(&self) -> Option<Range<usize>> {
        match &self.primary_key()?.0.clause {
            Clause::PrimaryKey { autoincrement, .. } => autoincrement.clone(),
            _ => None,
        }
    }
}

impl ColumnText {
    pub(super) fn generated(&self) -> bool {
        self.constraints
            .iter()
            .any(|constraint| matches!(constraint.clause, Clause::Generated { .. }))
    }

    /// Behind its type, or its name when it has none.
    pub(super) fn type_end(&self) -> usize {
        self.ty.as_ref().map_or(self.name_span.end, |ty| ty.end)
    }

    /// The words of its type as they were typed.
    pub(super) fn words<'a>(&self, sql: &'a str) -> &'a str {
        self.ty.clone().map(|span| &sql[span]).unwrap_or_default()
    }
}

impl IndexText {
    pub(super) fn parse(sql: &str) -> Result<Self, Unreadable> {
        let tokens = tokens(sql)?;
        Cursor::new(sql, &tokens).index()
    }
}
