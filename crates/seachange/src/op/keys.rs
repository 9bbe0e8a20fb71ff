//! What an operation is about.

use super::{Op, Target};
use crate::schema::{Check, Key, Kind, Name, Unique};

/// The facts that the operation changes.
pub fn keys(op: &Op) -> Vec<Key> {
    match op {
        Op::CreateEnum(ty) => vec![Key::new(&ty.name, Kind::Enum, "")],
        Op::DropEnum { name, .. } => vec![Key::new(name, Kind::Enum, "")],
        Op::AddEnumValue { name, .. }
        | Op::RenameEnumValue { name, .. }
        | Op::RemoveEnumValue { name, .. }
        | Op::ReorderEnum { name, .. } => vec![Key::new(name, Kind::Enum, "")],
        Op::RenameEnum { from, to } => {
            vec![Key::new(from, Kind::Enum, ""), Key::new(to, Kind::Enum, "")]
        }
        Op::CreateSequence(sequence) | Op::AlterSequence { sequence, .. } => {
            vec![Key::new(&sequence.name, Kind::Sequence, "")]
        }
        Op::DropSequence { name, .. } => vec![Key::new(name, Kind::Sequence, "")],
        Op::RenameSequence { from, to } => vec![
            Key::new(from, Kind::Sequence, ""),
            Key::new(to, Kind::Sequence, ""),
        ],
        Op::RenameIndex {
            table,
            from,
            to,
            only,
        } => vec![
            Key::new(table, Kind::Index, from).only(*only),
            Key::new(table, Kind::Index, to).only(*only),
        ],
        Op::RenameConstraint {
            table,
            kind,
            target,
            to,
        } => renamed_constraint(table, *kind, target, to.as_deref()),
        Op::CreateTable { table, .. } => vec![Key::new(&table.name, Kind::Table, "")],
        Op::DropTable { name, .. } => vec![Key::new(name, Kind::Table, "")],
        Op::RenameTable { from, to } => {
            vec![
                Key::new(from, Kind::Table, ""),
                Key::new(to, Kind::Table, ""),
            ]
        }
        Op::CommentTable { table, .. } => vec![Key::new(table, Kind::Table, "")],
        Op::AlterTable { table, change, .. } => {
            let names = change.names().into_iter();
            names.map(|it| Key::new(table, Kind::Option, it)).collect()
        }
        Op::AddColumn { table, column, .. } => vec![Key::new(table, Kind::Column, &column.name)],
        Op::DropColumn { table, column, .. } | Op::AlterColumn { table, column, .. } => {
            vec![Key::new(table, Kind::Column, column)]
        }
        Op::RenameColumn { table, from, to } => vec![
            Key::new(table, Kind::Column, from),
            Key::new(table, Kind::Column, to),
        ],
        Op::AddPrimaryKey { table, .. } | Op::DropPrimaryKey { table, .. } => {
            vec![Key::new(table, Kind::PrimaryKey, "")]
        }
        Op::AddUnique { table, unique } => vec![Key::unique(table, unique)],
        Op::DropUnique { table, before, .. } => before
            .iter()
            .map(|unique| Key::unique(table, unique))
            .collect(),
        Op::CreateIndex { table, index, .. } => vec![Key::index(table, index)],
        Op::DropIndex {
            table, name, only, ..
        } => vec![Key::new(table, Kind::Index, name).only(*only)],
        Op::AddForeignKey { table, key } => vec![Key::foreign_key(table, key)],
        Op::DropForeignKey { table, before, .. } => before
            .iter()
            .map(|key| Key::foreign_key(table, key))
            .collect(),
        Op::AddCheck { table, check } => vec![Key::check(table, check)],
        Op::DropCheck { table, before, .. } => before
            .iter()
            .map(|check| Key::check(table, check))
            .collect(),
        Op::AddExclusion { table, exclusion } => {
            vec![Key::exclusion(table, exclusion)]
        }
        Op::DropExclusion {
            table, name, only, ..
        } => vec![Key::new(table, Kind::Exclusion, name).only(*only)],
        Op::CreateSchema { .. }
        | Op::DropSchema { .. }
        | Op::Execute { .. }
        | Op::BulkInsert { .. }
        | Op::DeleteRows { .. }
        | Op::Backfill(_)
        | Op::Run(_) => Vec::new(),
    }
}

/// The facts about a constraint whose name changes: those of a foreign key are known by where it
/// leads, which the operation does not say.
fn renamed_constraint(
    table: &Name,
    kind: Option<Kind>,
    target: &Target,
    to: Option<&str>,
) -> Vec<Key> {
    let check = |name: &str| {
        let check = Check {
            name: Some(name.to_owned()),
            expr: String::new(),
            only: target.only,
        };
        Key::check(table, &check)
    };
    match kind {
        Some(Kind::PrimaryKey) => vec![Key::new(table, Kind::PrimaryKey, "")],
        Some(Kind::Unique) => {
            let unique = Unique {
                columns: target.columns.clone(),
                only: target.only,
                ..Unique::default()
            };
            vec![Key::unique(table, &unique)]
        }
        Some(Kind::Check) => {
            let names = target.name.as_deref().into_iter().chain(to);
            names.map(check).collect()
        }
        Some(Kind::Exclusion) => {
            let names = target.name.as_deref().into_iter().chain(to);
            names
                .map(|name| Key::new(table, Kind::Exclusion, name).only(target.only))
                .collect()
        }
        _ => Vec::new(),
    }
}
