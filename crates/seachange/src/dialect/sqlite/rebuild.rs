//! Building a table anew with something about it changed.

use super::edit::Draft;
use super::text::{Clause, TableText};
use super::types::Affinity;
use super::{ddl, reads, unsupported};
use crate::dialect::{Unsupported, literal, quote};
use crate::op::{Op, Step};
use crate::schema::{DefaultValue, Kind, Name};

/// The query for the rows that [`TableSource::find`] takes.
pub const SOURCES: &str =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";

/// What puts a connection right that ran a rebuild, after it failed too.
pub const RESTORE: &str = "PRAGMA legacy_alter_table = OFF";

/// A row of `sqlite_schema`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaRow {
    /// `table`, `index`, `view` or `trigger`.
    pub kind: String,
    /// The thing's name.
    pub name: String,
    /// The table that it is on.
    pub table: String,
    /// The text that creates it.
    pub sql: String,
}

/// A table as the database holds it, in the words in which it was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSource {
    /// Its name as the database spells it.
    pub name: String,
    /// Its `CREATE TABLE` text.
    pub create: String,
    /// `CREATE INDEX` texts of its indexes, by name; automatic ones have none.
    pub indexes: Vec<(String, String)>,
    /// `CREATE TRIGGER` texts of its triggers, by name.
    pub triggers: Vec<(String, String)>,
    /// Texts of the views, and of the triggers of other tables: what may use the table too.
    pub others: Vec<(String, String)>,
}

impl TableSource {
    /// Finds a table among all rows that [`SOURCES`] yields. They are to be read right before the
    /// rebuild, since earlier operations change them.
    pub fn find(table: &Name, rows: &[SchemaRow]) -> Option<Self> {
        let ours = |name: &str| name.eq_ignore_ascii_case(&table.name);
        let found = rows
            .iter()
            .find(|row| row.kind == "table" && ours(&row.name))?;
        let texts = |wanted: &dyn Fn(&SchemaRow) -> bool| {
            let rows = rows.iter().filter(|row| wanted(row));
            rows.map(|row| (row.name.clone(), row.sql.clone()))
                .collect()
        };
        let named = |kind: &'static str| {
            move |row: &SchemaRow| row.kind == kind && row.table.eq_ignore_ascii_case(&found.name)
        };
        let elsewhere =
            |row: &&SchemaRow| row.kind == "view" || (row.kind == "trigger" && !ours(&row.table));
        Some(Self {
            name: found.name.clone(),
            create: found.sql.clone(),
            indexes: texts(&named("index")),
            triggers: texts(&named("trigger")),
            others: rows
                .iter()
                .filter(elsewhere)
                .map(|row| (format!("{} {}", row.kind, row.name), row.sql.clone()))
                .collect(),
        })
    }
}

/// What builds a table anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuild {
    /// The statements, in their order; none when nothing changes.
    pub statements: Vec<String>,
    /// Values that may not survive, to be counted before.
    pub losses: Vec<Loss>,
}

/// Values that CAST would make something else of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The column, as messages name it (`column tasks.size`).
    pub object: String,
    /// What becomes of the values, as a clause (`values that are no integer become 0`).
    pub problem: String,
    /// A query that counts them.
    pub count: String,
}

/// What is done at once.
#[derive(Clone, Debug)]
pub enum Work<'a> {
    /// A step by itself: its [`statements`](super::statements), or the runner's own doing.
    Step(&'a Step),
    /// Steps on one table that one rebuild does.
    Rebuild(&'a Name, Vec<&'a Step>),
}

/// Puts together what one rebuild does at once: neighbours on one table, one of which at least
/// [`rebuilds`] it.
pub fn plan(steps: &[Step]) -> Vec<Work<'_>> {
    let joins = |op: &Op| {
        let quick = matches!(
            op,
            Op::CreateIndex { .. }
                | Op::DropIndex { .. }
                | Op::AddColumn { .. }
                | Op::AlterColumn { .. }
                | Op::AlterTable { .. }
                | Op::CommentTable { .. }
        );
        rebuilds(op) || quick
    };
    let mut work = Vec::new();
    let mut rest = steps;
    while let [first, ..] = rest {
        let neighbours = rest
            .iter()
            .take_while(|step| joins(&step.op) && step.op.table() == first.op.table())
            .count();
        let (group, behind) = rest.split_at(neighbours.max(1));
        match first.op.table() {
            Some(table) if group.iter().any(|step| rebuilds(&step.op)) => {
                work.push(Work::Rebuild(table, group.iter().collect()));
            }
            _ => work.extend(group.iter().map(Work::Step)),
        }
        rest = behind;
    }
    work
}

/// Whether the operation needs the table's own text, because SQLite has no statement for it.
pub fn rebuilds(op: &Op) -> bool {
    match op {
        Op::AddColumn { table, column, .. } => {
            let computed = matches!(
                column.default,
                Some(DefaultValue::CurrentTimestamp | DefaultValue::Expr(_))
            );
            let required =
                !column.nullable && column.default.is_none() && column.generated.is_none();
            let stored = column
                .generated
                .as_ref()
                .is_some_and(|generated| generated.stored);
            let extra = column.extra.is_some() && {
                let definition = ddl::column_definition(table, column, ddl::Inline::default());
                // An error will be an error again where it can be said.
                definition.is_ok_and(|definition| extra_rebuilds(&definition))
            };
            computed || required || stored || column.auto_increment || extra
        }
        Op::AlterColumn { change, .. } => {
            change.ty.is_some()
                || change.nullable.is_some()
                || change.default.is_some()
                || change.auto_increment.is_some()
                || change.collation.is_some()
                || change.generated.is_some()
        }
        Op::AlterTable { change, .. } => change.strict.is_some() || change.without_rowid.is_some(),
        Op::RenameConstraint {
            kind: Some(Kind::Exclusion),
            ..
        } => false,
        Op::DropColumn { .. }
        | Op::AddPrimaryKey { .. }
        | Op::DropPrimaryKey { .. }
        | Op::AddUnique { .. }
        | Op::DropUnique { .. }
        | Op::AddForeignKey { .. }
        | Op::DropForeignKey { .. }
        | Op::AddCheck { .. }
        | Op::DropCheck { .. }
        | Op::RenameIndex { .. }
        | Op::RenameConstraint { .. }
        // A default may have to follow the value.
        | Op::RenameEnumValue { .. } => true,
        Op::CreateSchema { .. }
        | Op::DropSchema { .. }
        | Op::AddExclusion { .. }
        | Op::DropExclusion { .. }
        | Op::CreateEnum(_)
        | Op::DropEnum { .. }
        | Op::AddEnumValue { .. }
        | Op::RemoveEnumValue { .. }
        | Op::ReorderEnum { .. }
        | Op::RenameEnum { .. }
        | Op::CreateSequence(_)
        | Op::DropSequence { .. }
        | Op::AlterSequence { .. }
        | Op::RenameSequence { .. }
        | Op::CreateTable { .. }
        | Op::DropTable { .. }
        | Op::RenameTable { .. }
        | Op::CommentTable { .. }
        | Op::RenameColumn { .. }
        | Op::CreateIndex { .. }
        | Op::DropIndex { .. }
        | Op::Execute { .. }
        | Op::BulkInsert { .. }
        | Op::DeleteRows { .. }
        | Op::Backfill(_)
        | Op::Run(_) => false,
    }
}

/// Whether what an entity appends to a definition is more than ADD COLUMN takes.
fn extra_rebuilds(definition: &str) -> bool {
    let Ok(text) = TableText::parse(&format!("CREATE TABLE t ({definition})")) else {
        return false;
    };
    text.all_constraints().any(|constraint| {
        matches!(
            constraint.clause,
            Clause::Unique(_)
                | Clause::PrimaryKey { .. }
                | Clause::ForeignKey { .. }
                | Clause::NotNull
                | Clause::Default(_)
                | Clause::Generated { .. }
        )
    })
}

/// Whether the operation may only run with foreign keys off: a rebuild, and DROP TABLE, which else
/// deletes rows of other tables. `PRAGMA foreign_key_check` tells afterwards what points nowhere.
pub fn keys_off(op: &Op) -> bool {
    rebuilds(op) || matches!(op, Op::DropTable { .. })
}

/// Builds the table anew with these steps done, those that [`plan`] puts together.
///
/// The statements ask of their connection what the [module](super) says.
///
/// # Errors
///
/// The table's text cannot be read; something that is to be changed or dropped is not there; a
/// column that is to be dropped is used by something that stays.
pub fn rebuild(source: &TableSource, steps: &[&Step]) -> Result<Rebuild, Unsupported> {
    let old = Draft::new(source).text()?;
    let mut draft = Draft::new(source);
    draft.apply_all(steps)?;
    let new = draft.text()?;
    if draft.create == source.create {
        return Ok(Rebuild {
            statements: index_changes(source, &draft.indexes),
            losses: Vec::new(),
        });
    }
    let from = quote(&source.name);
    let temporary = format!("_seachange_new_{}", source.name);
    let to = quote(&temporary);
    let mut create = draft.create.clone();
    create.replace_range(new.name_span.clone(), &to);
    let mut copied = Copied::new(source, &old, &draft.create, &new);
    copied.add_defaults(steps, &old, &new);
    if copied.into.is_empty() {
        return Err(unsupported(
            format!("table {}", source.name),
            "would keep no column of its rows; drop the table and create another",
        ));
    }
    let mut statements = vec![
        create,
        // OR ABORT: an ON CONFLICT clause of the table must not pass over a row in silence.
        format!(
            "INSERT OR ABORT INTO {to} ({}) SELECT {} FROM {from}",
            copied.into.join(", "),
            copied.values.join(", ")
        ),
    ];
    if old.autoincrement().is_some() && new.autoincrement().is_some() {
        // Numbers of rows that were deleted are not given again.
        let (from, to) = (literal(&source.name), literal(&temporary));
        statements.push(format!("DELETE FROM sqlite_sequence WHERE name = {to}"));
        statements.push(format!(
            "INSERT INTO sqlite_sequence (name, seq) \
             SELECT {to}, seq FROM sqlite_sequence WHERE name = {from}"
        ));
    }
    statements.extend([
        format!("DROP TABLE {from}"),
        // Else the rename looks into views on the table that is not there at this moment.
        "PRAGMA legacy_alter_table = ON".to_owned(),
        format!("ALTER TABLE {to} RENAME TO {from}"),
        RESTORE.to_owned(),
    ]);
    statements.extend(draft.indexes.into_iter().map(|(_, sql)| sql));
    statements.extend(source.triggers.iter().map(|(_, sql)| sql.clone()));
    Ok(Rebuild {
        statements,
        losses: copied.losses,
    })
}

/// Statements for a table of which nothing but indexes changed.
fn index_changes(source: &TableSource, indexes: &[(String, String)]) -> Vec<String> {
    let gone = source
        .indexes
        .iter()
        .filter(|index| !indexes.contains(index));
    let drops = gone.map(|(name, _)| format!("DROP INDEX {}", quote(name)));
    let new = indexes
        .iter()
        .filter(|index| !source.indexes.contains(index));
    drops.chain(new.map(|(_, sql)| sql.clone())).collect()
}

/// What is copied from the old table into the new one.
#[derive(Default)]
struct Copied {
    into: Vec<String>,
    values: Vec<String>,
    losses: Vec<Loss>,
}

impl Copied {
    fn new(source: &TableSource, old: &TableText, create: &str, new: &TableText) -> Self {
        let mut copied = Self::default();
        if let Some(rowid) = kept_rowid(source, old, create, new) {
            copied.into.push(rowid.to_owned());
            copied.values.push(rowid.to_owned());
        }
        for column in new.columns.iter().filter(|column| !column.generated()) {
            let Some(before) = old.column(&column.name) else {
                continue;
            };
            let name = quote(&before.name);
            let (was, is) = (before.words(&source.create), column.words(create));
            let affinity = Affinity::of(is);
            // What only is spelt otherwise keeps its values, as long as they are let alone.
            let respelt = old.strict && is_spelt(is, was);
            let held = new.strict && !old.strict;
            let alike = affinity == Affinity::of(was) || respelt || is_any(new, is);
            let value = if alike && (!held || is_any(new, is)) {
                if is_any(old, was) && affinity == Affinity::Numeric && !new.strict {
                    copied.losses.push(numbers(source, &before.name));
                }
                name
            } else {
                let cast = format!("CAST({name} AS {})", affinity.as_str());
                let loss = match held {
                    true => misfits(source, &before.name, affinity, &cast),
                    false => loss(source, &before.name, affinity, &cast),
                };
                copied.losses.extend(loss);
                cast
            };
            copied.into.push(quote(&column.name));
            copied.values.push(value);
        }
        copied
    }

    /// Rows that are there get the default that a new column comes with, whatever becomes of it
    /// later in the same rebuild.
    fn add_defaults(&mut self, steps: &[&Step], old: &TableText, new: &TableText) {
        for step in steps {
            if let Op::AddColumn { column, .. } = &step.op
                && let Some(default) = column.default.as_ref().filter(|it| ddl::is_kept(it))
                && old.column(&column.name).is_none()
                && new.column(&column.name).is_some_and(|new| !new.generated())
            {
                self.into.push(quote(&column.name));
                self.values.push(ddl::default_value(default));
            }
        }
    }
}

/// Whether a column of a STRICT table is spelt so that elsewhere goes by these words.
fn is_spelt(elsewhere: &str, strict: &str) -> bool {
    reads::strict(elsewhere).is_ok_and(|words| words.eq_ignore_ascii_case(strict))
}

/// Whether a column holds any value as it is.
fn is_any(text: &TableText, words: &str) -> bool {
    text.strict && words.eq_ignore_ascii_case("any")
}

/// Text that a column takes for numbers, which held anything as it was.
fn numbers(source: &TableSource, column: &str) -> Loss {
    let column_sql = quote(column);
    Loss {
        object: format!("column {}.{column}", source.name),
        problem: "text that looks like a number becomes one".to_owned(),
        count: format!(
            "SELECT count(*) FROM {} WHERE typeof({column_sql}) = 'text' \
             AND CAST({column_sql} AS numeric) = {column_sql}",
            quote(&source.name)
        ),
    }
}

/// Values that no column of this type holds in a STRICT table.
fn misfits(source: &TableSource, column: &str, to: Affinity, cast: &str) -> Option<Loss> {
    let (problem, kinds) = match to {
        Affinity::Text => ("values that are bytes are taken for text", "'blob'"),
        Affinity::Blob => (
            "values that are no bytes become those of their text",
            "'text', 'integer', 'real'",
        ),
        Affinity::Integer | Affinity::Numeric | Affinity::Real => {
            return loss(source, column, to, cast);
        }
    };
    Some(Loss {
        object: format!("column {}.{column}", source.name),
        problem: problem.to_owned(),
        count: format!(
            "SELECT count(*) FROM {} WHERE typeof({}) IN ({kinds})",
            quote(&source.name),
            quote(column)
        ),
    })
}

fn loss(source: &TableSource, column: &str, affinity: Affinity, cast: &str) -> Option<Loss> {
    let problem = match affinity {
        Affinity::Text | Affinity::Blob => return None,
        Affinity::Integer => "values that are no whole number are cut off, or become 0",
        Affinity::Numeric | Affinity::Real => "values that are no number become 0",
    };
    Some(Loss {
        object: format!("column {}.{column}", source.name),
        problem: problem.to_owned(),
        count: format!(
            "SELECT count(*) FROM {} WHERE {} <> {cast}",
            quote(&source.name),
            quote(column)
        ),
    })
}

/// The word for the number that SQLite gives each row, when both tables have one that is not a
/// column of theirs.
fn kept_rowid(
    source: &TableSource,
    old: &TableText,
    create: &str,
    new: &TableText,
) -> Option<&'static str> {
    let is_column = |sql: &str, text: &TableText| match text.primary_key() {
        Some((_, [key])) => text
            .column(key.name())
            .is_some_and(|column| column.words(sql).eq_ignore_ascii_case("integer")),
        _ => false,
    };
    let numbered = |text: &TableText| !text.without_rowid;
    if !numbered(old) || !numbered(new) || is_column(create, new) || is_column(&source.create, old)
    {
        return None;
    }
    let free = |word: &&str| old.column(word).is_none() && new.column(word).is_none();
    ["rowid", "_rowid_", "oid"].into_iter().find(free)
}
