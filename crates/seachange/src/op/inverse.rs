//! The operation that takes another one back.

use std::collections::BTreeMap;

use super::enums::inverse_of_enum;
use super::sequence::inverse_of_sequence;
use super::{CheckTarget, ColumnChange, Op, TableChange, Target, is_for};
use crate::schema::{Column, Engine, Exclusion, Schema, Table, Type, Variant, engines_of};

/// The operation that undoes `op`, where `before` is the schema as it was. `None` when nothing
/// brings back what was there: rows, code, or a thing that `before` does not know.
pub fn inverse(op: &Op, before: &Schema) -> Option<Op> {
    let table = |op: &Op| op.table().and_then(|name| before.tables.get(name));
    Some(match op {
        Op::CreateEnum(ty) => Op::DropEnum {
            name: ty.name.clone(),
            before: Some(ty.clone()),
        },
        Op::DropEnum {
            name,
            before: known,
        } => Op::CreateEnum(known.as_ref().or_else(|| before.enums.get(name))?.clone()),
        Op::AddEnumValue { .. }
        | Op::RenameEnumValue { .. }
        | Op::RemoveEnumValue { .. }
        | Op::ReorderEnum { .. }
        | Op::RenameEnum { .. } => inverse_of_enum(op, before)?,
        Op::CreateSequence(_)
        | Op::DropSequence { .. }
        | Op::AlterSequence { .. }
        | Op::RenameSequence { .. } => inverse_of_sequence(op, before)?,
        Op::RenameIndex {
            table,
            from,
            to,
            only,
        } => Op::RenameIndex {
            table: table.clone(),
            from: to.clone(),
            to: from.clone(),
            only: *only,
        },
        Op::RenameConstraint {
            table,
            kind,
            target,
            to,
        } => Op::RenameConstraint {
            table: table.clone(),
            kind: *kind,
            target: Target {
                name: to.clone(),
                columns: target.columns.clone(),
                only: target.only,
            },
            to: target.name.clone(),
        },
        Op::CreateTable { table, .. } => Op::DropTable {
            name: table.name.clone(),
            before: Some(table.clone()),
        },
        Op::DropTable { before: known, .. } => Op::CreateTable {
            table: match known {
                Some(table) => table.clone(),
                None => Box::new(table(op)?.clone()),
            },
        },
        Op::RenameTable { from, to } => Op::RenameTable {
            from: to.clone(),
            to: from.clone(),
        },
        Op::CommentTable {
            table: name,
            comment,
            before: known,
        } => Op::CommentTable {
            table: name.clone(),
            comment: match known {
                Some(comment) => comment.clone(),
                None => table(op)?.comment.clone(),
            },
            before: Some(comment.clone()),
        },
        Op::AlterTable {
            table: name,
            change,
            before: known,
        } => {
            // What columns are besides is not said by any option.
            let held = table(op);
            let old = match (known, held) {
                (Some(options), _) => options.as_ref(),
                (None, Some(table)) => &table.options,
                (None, None) => return None,
            };
            let mut new = old.clone();
            change.apply(&mut new);
            let columns = match held {
                Some(table) => table.clone(),
                None if change.strict.is_some() => return None,
                None => Table::new(name),
            };
            Op::AlterTable {
                table: name.clone(),
                change: Box::new(TableChange::between(&new, old, &columns)),
                before: Some(Box::new(new)),
            }
        }
        Op::AddColumn { table, column, .. } => Op::DropColumn {
            table: table.clone(),
            column: column.name.clone(),
            before: Some(column.clone()),
        },
        Op::DropColumn {
            table: name,
            column,
            before: known,
        } => Op::AddColumn {
            table: name.clone(),
            column: match known {
                Some(column) => column.clone(),
                None => Box::new(table(op)?.column(column)?.clone()),
            },
        },
        Op::RenameColumn { table, from, to } => Op::RenameColumn {
            table: table.clone(),
            from: to.clone(),
            to: from.clone(),
        },
        Op::AlterColumn {
            table: name,
            column,
            change,
            before: known,
        } => {
            let old = match known {
                Some(column) => column.as_ref(),
                None => table(op)?.column(column)?,
            };
            let mut new = old.clone();
            change.apply(&mut new);
            Op::AlterColumn {
                table: name.clone(),
                column: column.clone(),
                change: Box::new(ColumnChange::between(&new, old)),
                before: Some(Box::new(new)),
            }
        }
        Op::AddPrimaryKey { table, key } => Op::DropPrimaryKey {
            table: table.clone(),
            before: Some(key.clone()),
        },
        Op::DropPrimaryKey {
            table: name,
            before: known,
        } => Op::AddPrimaryKey {
            table: name.clone(),
            key: known
                .as_ref()
                .or_else(|| table(op)?.primary_key.as_ref())?
                .clone(),
        },
        Op::AddUnique { table, unique } => Op::DropUnique {
            table: table.clone(),
            target: Target {
                name: unique.name.clone(),
                columns: unique.columns.clone(),
                only: unique.only,
            },
            before: Some(unique.clone()),
        },
        Op::DropUnique {
            table: name,
            target,
            before: known,
        } => Op::AddUnique {
            table: name.clone(),
            unique: match known {
                Some(unique) => unique.clone(),
                None => table(op)?
                    .uniques
                    .iter()
                    .find(|unique| target.means(unique))?
                    .clone(),
            },
        },
        Op::CreateIndex { table, index, .. } => Op::DropIndex {
            table: table.clone(),
            name: index.name.clone(),
            only: index.only,
            before: Some(index.clone()),
        },
        Op::DropIndex {
            table: table_name,
            name,
            only,
            before: known,
        } => Op::CreateIndex {
            table: table_name.clone(),
            index: match known {
                Some(index) => index.clone(),
                None => Box::new(
                    table(op)?
                        .indexes
                        .iter()
                        .find(|index| index.name == *name && is_for(*only, index.only))?
                        .clone(),
                ),
            },
        },
        Op::AddForeignKey { table, key } => Op::DropForeignKey {
            table: table.clone(),
            target: Target {
                name: key.name.clone(),
                columns: key.columns.clone(),
                only: None,
            },
            before: Some(key.clone()),
        },
        Op::DropForeignKey {
            table: name,
            target,
            before: known,
        } => Op::AddForeignKey {
            table: name.clone(),
            key: match known {
                Some(key) => key.clone(),
                None => Box::new(
                    table(op)?
                        .foreign_keys
                        .iter()
                        .find(|key| target.matches(key.name.as_deref(), &key.columns))?
                        .clone(),
                ),
            },
        },
        Op::AddCheck { table, check } => Op::DropCheck {
            table: table.clone(),
            target: CheckTarget::of(check),
            before: Some(check.clone()),
        },
        Op::DropCheck {
            table: name,
            target,
            before: known,
        } => Op::AddCheck {
            table: name.clone(),
            check: match known {
                Some(check) => check.clone(),
                None => table(op)?
                    .checks
                    .iter()
                    .find(|check| target.matches(check))?
                    .clone(),
            },
        },
        Op::CreateSchema { name } => Op::DropSchema { name: name.clone() },
        Op::DropSchema { name } => Op::CreateSchema { name: name.clone() },
        Op::AddExclusion { table, exclusion } => Op::DropExclusion {
            table: table.clone(),
            name: exclusion.name.clone(),
            only: exclusion.only,
            before: Some(exclusion.clone()),
        },
        Op::DropExclusion {
            table: table_name,
            name,
            only,
            before: known,
        } => Op::AddExclusion {
            table: table_name.clone(),
            exclusion: match known {
                Some(exclusion) => exclusion.clone(),
                None => {
                    let mut exclusions = table(op)?.exclusions.iter();
                    let meant = |one: &&Exclusion| one.name == *name && is_for(*only, one.only);
                    Box::new(exclusions.find(meant)?.clone())
                }
            },
        },
        Op::Execute { .. }
        | Op::BulkInsert { .. }
        | Op::DeleteRows { .. }
        | Op::Backfill(_)
        | Op::Run(_) => return None,
    })
}

impl ColumnChange {
    /// What has to change to make `from` into `to`. Names and `extra` are not changed in place.
    pub fn between(from: &Column, to: &Column) -> Self {
        let mut change = Self::for_all(from, to);
        let engines = engines_of(from, to);
        if engines.is_empty() {
            return change;
        }
        let here = |engine| Self::for_all(&from.on(engine), &to.on(engine));
        // Nobody else needs to be told again what stays.
        let postgres = here(Engine::Postgres);
        change.ty = postgres.ty;
        change.nullable = postgres.nullable;
        change.comment = postgres.comment;
        for engine in engines {
            let own = here(engine).of_engine();
            if own != change.of_engine() {
                change.variants.insert(engine, own);
            }
        }
        change
    }

    fn of_engine(&self) -> Variant {
        Variant {
            default: self.default.clone(),
            generated: self.generated.clone(),
            collation: self.collation.clone(),
        }
    }

    fn for_all(from: &Column, to: &Column) -> Self {
        // PostgreSQL makes that column anew, and gives a column that gets a type its default
        // collation: what stays has to be said again, for nobody else says it in a module.
        let anew = computed_anew(from, to);
        let typed = anew || from.ty != to.ty;
        // SQLite numbers only an `integer`, whatever the column is elsewhere, and a sequence of
        // PostgreSQL has a type: where rows are numbered otherwise, it is said too.
        let numbered = |column: &Column| (column.auto_increment, column.numbering.clone());
        let renumbered = numbered(from) != numbered(to) && to.ty != Type::Integer;
        Self {
            ty: (typed || renumbered).then(|| to.ty.clone()),
            using: None,
            nullable: (anew || from.nullable != to.nullable).then_some(to.nullable),
            default: (from.default != to.default || keeps_default_apart(from, to))
                .then(|| to.default.clone()),
            auto_increment: (from.auto_increment != to.auto_increment).then_some(to.auto_increment),
            numbering: (from.numbering != to.numbering).then(|| to.numbering.clone()),
            collation: (from.collation != to.collation || (typed && to.collation.is_some()))
                .then(|| to.collation.clone()),
            generated: (anew || from.generated != to.generated).then(|| to.generated.clone()),
            comment: (from.comment != to.comment || (anew && to.comment.is_some()))
                .then(|| to.comment.clone()),
            variants: BTreeMap::new(),
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether a column is computed in another way, or as another type.
pub fn computed_anew(from: &Column, to: &Column) -> bool {
    // Another list of values is no other enum.
    let ty = |column: &Column| column.ty.with_enum_values(&[]);
    to.generated.is_some()
        && (from.generated != to.generated || ty(from) != ty(to) || from.collation != to.collation)
}

/// Whether a default that stays has to be said again: PostgreSQL does not cast it from one enum to
/// another, nor from text to an enum or to what is no text, and it would be in the way of the
/// values' own cast.
fn keeps_default_apart(from: &Column, to: &Column) -> bool {
    let textual = |ty: &Type| matches!(ty, Type::Text | Type::String(_) | Type::Char(_));
    to.default.is_some()
        && from.ty != to.ty
        && (from.ty.enumeration().is_some()
            || to.ty.enumeration().is_some()
            || textual(&from.ty) != textual(&to.ty))
}
