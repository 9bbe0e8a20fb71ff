//! SQLite.
//!
//! SQLite can add, rename and drop things, but alter nothing in place: for that a table is built
//! anew ([`rebuild`]), from the text in which the database keeps it, with only the piece changed
//! that is to change.
//!
//! What a rebuild asks of the connection that runs its statements:
//!
//! * `PRAGMA foreign_keys = OFF` before the transaction begins (inside one it does nothing): with
//!   keys on, the DROP TABLE deletes rows of ON DELETE CASCADE children;
//! * one connection for all of it, in one transaction; statements one by one, in their order;
//! * `PRAGMA foreign_key_check` before COMMIT, and a rollback when it reports more than it did
//!   before;
//! * afterwards, whatever happened, [`RESTORE`] and `PRAGMA foreign_keys = ON`.
//!
//! [`keys_off`] tells which operations ask for that; [`plan`] puts the operations together that
//! one rebuild does at once.

mod cursor;
mod ddl;
mod edit;
mod expr;
mod extra;
mod guard;
mod layout;
mod lex;
mod names;
mod options;
mod parse;
mod read;
mod reads;
mod rebuild;
mod text;
mod types;
mod uses;

use super::{Canonical, Capabilities, Note, Unsupported, literal, quote};
use crate::op::{EnumUse, Op};
use crate::schema::{Column, DefaultValue, Engine, Index, IndexKey, Name, Schema, Table, Type};

pub(crate) use extra::extra;
pub use guard::has;
pub use read::{index, settle, table};
pub(super) use reads::reads_as;
pub use rebuild::{
    Loss, RESTORE, Rebuild, SOURCES, SchemaRow, TableSource, Work, keys_off, plan, rebuild,
    rebuilds,
};
pub use text::Unreadable;
pub use types::Affinity;

/// What SQLite can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    transactional_ddl: true,
    named_enums: false,
    comments: false,
    alter_in_place: false,
    schemas: false,
    index_include: false,
    index_methods: false,
    identifier_bytes: None,
};

pub(super) fn unsupported(object: String, problem: &str) -> Unsupported {
    Unsupported {
        engine: Engine::Sqlite,
        object,
        problem: problem.to_owned(),
    }
}

/// Rewrites a declared schema into the words of SQLite: what is read back once it is created, for
/// it is written as `CREATE TABLE` texts and read by the reader of those.
///
/// Types become the plainest type of SeaORM that is spelt the same (`BigInteger` is `integer`, so
/// it becomes `Integer`), or `Custom` with SQLite's words in lower case. Enum types, comments,
/// and names of keys and uniques are gone, lists are sorted, expressions have even blank space.
///
/// # Errors
///
/// SQLite has no such type or no such thing; or a piece of SQL in the schema cannot be read.
pub fn canonical(declared: &Schema) -> Result<Canonical, Unsupported> {
    let mut canonical = Canonical::default();
    for declared in declared.tables.values() {
        let unreadable = |object: String| {
            move |problem: Unreadable| {
                unsupported(
                    object,
                    &format!("cannot be told this: {problem}; correct the SQL"),
                )
            }
        };
        let text = ddl::create_table(declared)?;
        let (mut read, _) = table(&text).map_err(unreadable(format!("table {}", declared.name)))?;
        let columns: Vec<&str> = declared.columns.iter().map(|c| c.name.as_str()).collect();
        for declared_index in &declared.indexes {
            let text = ddl::create_index(&declared.name, declared_index)?;
            let object = format!("index {} on {}", declared_index.name, declared.name);
            read.indexes
                .push(index(&text, &columns).map_err(unreadable(object))?);
        }
        left_out(declared, &mut canonical.notes);
        canonical.schema.tables.insert(read.name.clone(), read);
    }
    for name in declared.enums.keys() {
        canonical.notes.push(Note {
            object: format!("enum {name}"),
            reason: "SQLite has no enum types; its values are not checked".to_owned(),
        });
    }
    for name in declared.sequences.keys() {
        canonical.notes.push(Note {
            object: format!("sequence {name}"),
            reason: "SQLite has no sequences; it is left out".to_owned(),
        });
    }
    settle(&mut canonical.schema);
    Ok(canonical)
}

/// The type that words stand for, in canonical form.
pub fn read_type(words: &str) -> Type {
    types::read(words)
}

/// An expression of a table with these columns as the reader spells it.
pub fn normal<S: AsRef<str>>(sql: &str, columns: &[S]) -> String {
    expr::normal(sql, columns)
}

/// The default that a text stands for in a column whose type is these words, in canonical form.
pub fn read_default(sql: &str, words: &str) -> Option<DefaultValue> {
    expr::default_value(sql, words, &types::read(words))
}

const NO_INCLUDE: &str = "SQLite has no INCLUDE; it is left out";
const AT_ONCE: &str = "SQLite checks it at once; that it may be put off is left out";

/// What a table declares and SQLite does not keep.
fn left_out(table: &Table, notes: &mut Vec<Note>) {
    let mut note = |object: String, reason: &str| {
        notes.push(Note {
            object,
            reason: reason.to_owned(),
        });
    };
    let no_comments = "SQLite keeps no comments";
    if table.comment.is_some() {
        note(format!("comment of {}", table.name), no_comments);
    }
    for column in table
        .columns
        .iter()
        .filter(|column| column.comment.is_some())
    {
        note(
            format!("comment of {}.{}", table.name, column.name),
            no_comments,
        );
    }
    for column in table
        .columns
        .iter()
        .filter(|column| column.numbering.is_some())
    {
        note(
            format!("column {}.{}", table.name, column.name),
            "SQLite numbers rows in one way only; what is said about it is left out",
        );
    }
    for column in &table.columns {
        if column.default.as_ref().is_some_and(|it| !ddl::is_kept(it)) {
            note(
                format!("column {}.{}", table.name, column.name),
                "SQLite has no sequences; the default that counts by one is left out",
            );
        }
    }
    for unique in &table.uniques {
        let object = || format!("unique ({}) on {}", unique.columns.join(", "), table.name);
        if unique.nulls_not_distinct {
            note(
                object(),
                "SQLite has no NULLS NOT DISTINCT; rows with NULL do not collide",
            );
        }
        if !unique.include.is_empty() {
            note(object(), NO_INCLUDE);
        }
        if unique.deferrable.is_some() {
            note(object(), AT_ONCE);
        }
    }
    if let Some(key) = &table.primary_key {
        let object = || format!("primary key of {}", table.name);
        if !key.include.is_empty() {
            note(object(), NO_INCLUDE);
        }
        if key.deferrable.is_some() {
            note(object(), AT_ONCE);
        }
    }
    for key in &table.foreign_keys {
        let object = || format!("foreign key ({}) on {}", key.columns.join(", "), table.name);
        if key.match_full {
            note(
                object(),
                "SQLite has no MATCH FULL; a row that is NULL in part passes",
            );
        }
        if !key.set_columns.is_empty() {
            note(
                object(),
                "SQLite sets all columns of a key that loses its target",
            );
        }
    }
    for exclusion in &table.exclusions {
        note(
            format!("exclusion {} on {}", exclusion.name, table.name),
            "SQLite has no exclusion constraints; it refuses no row",
        );
    }
    for index in &table.indexes {
        for what in index_left_out(index) {
            let object = format!("index {} on {}", index.name, table.name);
            note(object, &format!("SQLite has no {what}; it is left out"));
        }
    }
}

fn index_left_out(index: &Index) -> impl Iterator<Item = &'static str> {
    let key = |has: fn(&IndexKey) -> bool| index.keys.iter().any(has);
    [
        (index.method.is_some(), "index methods"),
        (!index.include.is_empty(), "INCLUDE"),
        (index.nulls_not_distinct, "NULLS NOT DISTINCT"),
        (key(|key| key.opclass.is_some()), "operator classes"),
        (
            key(|key| key.nulls_first.is_some()),
            "NULLS FIRST or LAST in an index",
        ),
    ]
    .into_iter()
    .filter_map(|(has, what)| has.then_some(what))
}

/// Statements of an operation that SQLite has statements for. Operations on enums, sequences and comments
/// need none here; those on rows and those that run SQL are the runner's.
///
/// # Errors
///
/// SQLite has no such thing, or only a rebuild can do it (see [`rebuilds`]).
pub fn statements(op: &Op) -> Result<Vec<String>, Unsupported> {
    let table = |name| ddl::name(name);
    Ok(match op {
        Op::CreateTable { table } => vec![ddl::create_table(table)?],
        Op::DropTable { name, .. } => vec![format!("DROP TABLE {}", table(name)?)],
        Op::RenameTable { from, to } => rename_table(from, to)?,
        Op::RenameColumn {
            table: on,
            from,
            to,
        } => vec![format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            table(on)?,
            quote(from),
            quote(to)
        )],
        Op::AddColumn {
            table: on, column, ..
        } if !rebuilds(op) => vec![add_column(on, column, false)?],
        Op::CreateIndex { table, index } => vec![ddl::create_index(table, index)?],
        Op::DropIndex { name, .. } => vec![format!("DROP INDEX {}", quote(name))],
        Op::RenameEnumValue {
            from, to, used_by, ..
        } => rename_value(from, to, used_by)?,
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
        | Op::CommentTable { .. }
        | Op::Execute { .. }
        | Op::BulkInsert { .. }
        | Op::DeleteRows { .. }
        | Op::Backfill(_)
        | Op::Run(_) => Vec::new(),
        Op::AlterColumn { .. } | Op::RenameConstraint { .. } if !rebuilds(op) => Vec::new(),
        Op::AddColumn { table, .. }
        | Op::DropColumn { table, .. }
        | Op::AlterColumn { table, .. }
        | Op::AlterTable { table, .. }
        | Op::AddPrimaryKey { table, .. }
        | Op::DropPrimaryKey { table, .. }
        | Op::AddUnique { table, .. }
        | Op::DropUnique { table, .. }
        | Op::RenameIndex { table, .. }
        | Op::RenameConstraint { table, .. }
        | Op::AddForeignKey { table, .. }
        | Op::DropForeignKey { table, .. }
        | Op::AddCheck { table, .. }
        | Op::DropCheck { table, .. } => {
            return Err(unsupported(
                format!("table {table}"),
                "has no statement for this; the table is built anew, which needs the database at \
                 hand",
            ));
        }
    })
}

/// The statements of an operation on a table that is there: what is STRICT has fewer words for types.
///
/// # Errors
///
/// See [`statements`].
pub fn statements_on(source: &TableSource, op: &Op) -> Result<Vec<String>, Unsupported> {
    match op {
        Op::AddColumn { table, column } if !rebuilds(op) => {
            let strict = text::TableText::parse(&source.create).is_ok_and(|text| text.strict);
            Ok(vec![add_column(table, column, strict)?])
        }
        op => statements(op),
    }
}

fn add_column(table: &Name, column: &Column, strict: bool) -> Result<String, Unsupported> {
    let inline = ddl::Inline {
        strict,
        ..ddl::Inline::default()
    };
    Ok(format!(
        "ALTER TABLE {} ADD COLUMN {}",
        ddl::name(table)?,
        ddl::column_definition(table, column, inline)?
    ))
}

/// SQLite takes a name that differs in case alone for the one that is there, so such a rename goes
/// by way of another name.
fn rename_table(from: &Name, to: &Name) -> Result<Vec<String>, Unsupported> {
    let (old, new) = (ddl::name(from)?, ddl::name(to)?);
    if from.name == to.name || !from.name.eq_ignore_ascii_case(&to.name) {
        return Ok(vec![format!("ALTER TABLE {old} RENAME TO {new}")]);
    }
    let between = quote(&format!("_seachange_new_{}", to.name));
    Ok(vec![
        format!("ALTER TABLE {old} RENAME TO {between}"),
        format!("ALTER TABLE {between} RENAME TO {new}"),
    ])
}

/// Values of enums are text here. A default that has to follow is the runner's to find.
fn rename_value(from: &str, to: &str, uses: &[EnumUse]) -> Result<Vec<String>, Unsupported> {
    uses.iter()
        .map(|used| {
            let column = quote(&used.column);
            Ok(format!(
                "UPDATE {} SET {column} = {} WHERE {column} = {}",
                ddl::name(&used.table)?,
                literal(to),
                literal(from)
            ))
        })
        .collect()
}

/// Whether the column's default is this text.
#[cfg(feature = "migrate")]
pub(crate) fn has_default(source: &TableSource, column: &str, value: &str) -> bool {
    let wanted = DefaultValue::String(value.to_owned());
    table(&source.create).is_ok_and(|(table, _)| {
        table.columns.iter().any(|found| {
            found.name.eq_ignore_ascii_case(column) && found.default.as_ref() == Some(&wanted)
        })
    })
}
