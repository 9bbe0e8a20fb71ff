//! Operations that are meant for one engine only.

use std::borrow::Cow;

use super::{ColumnChange, Op, Step};
use crate::schema::Engine;

/// What of an operation is done on an engine, like anything that is done on all; `None` when it is
/// meant for another one.
pub fn on(op: &Op, engine: Engine) -> Option<Cow<'_, Op>> {
    if let Some(only) = engine_of(op) {
        let mut op = op.clone();
        if let Some(only) = only_mut(&mut op) {
            *only = None;
        }
        return (only == engine).then_some(Cow::Owned(op));
    }
    Some(match op {
        Op::CreateTable { table } => Cow::Owned(Op::CreateTable {
            table: Box::new((**table).clone().on(engine)),
        }),
        Op::AddColumn { table, column } => Cow::Owned(Op::AddColumn {
            table: table.clone(),
            column: Box::new(column.on(engine)),
        }),
        Op::AlterColumn {
            table,
            column,
            change,
            before,
        } => {
            let change = change.on(engine);
            if change.is_empty() {
                return None;
            }
            let before = before.as_ref();
            Cow::Owned(Op::AlterColumn {
                table: table.clone(),
                column: column.clone(),
                change: Box::new(change),
                before: before.map(|before| Box::new(before.on(engine))),
            })
        }
        Op::AlterTable {
            table,
            change,
            before,
        } => {
            let change = change.on(engine);
            if change.is_empty() {
                return None;
            }
            let before = before.clone();
            Cow::Owned(Op::AlterTable {
                table: table.clone(),
                change: Box::new(change),
                before: before.map(|before| Box::new(before.on(engine))),
            })
        }
        op => Cow::Borrowed(op),
    })
}

impl ColumnChange {
    /// What of it is done on an engine.
    #[must_use]
    pub fn on(&self, engine: Engine) -> Self {
        let mut change = self.clone();
        if let Some(own) = std::mem::take(&mut change.variants).remove(&engine) {
            change.default = own.default;
            change.generated = own.generated;
            change.collation = own.collation;
        }
        change
    }
}

/// The only engine that an operation is meant for.
pub(super) fn engine_of(op: &Op) -> Option<Engine> {
    match op {
        Op::AddUnique { unique, .. } => unique.only,
        Op::CreateIndex { index, .. } => index.only,
        Op::AddCheck { check, .. } => check.only,
        Op::AddExclusion { exclusion, .. } => exclusion.only,
        Op::DropUnique { target, .. } | Op::RenameConstraint { target, .. } => target.only,
        Op::DropCheck { target, .. } => target.only,
        Op::DropIndex { only, .. }
        | Op::RenameIndex { only, .. }
        | Op::DropExclusion { only, .. }
        | Op::Execute { only, .. } => *only,
        Op::CreateEnum(_)
        | Op::DropEnum { .. }
        | Op::CreateSchema { .. }
        | Op::DropSchema { .. }
        | Op::AddEnumValue { .. }
        | Op::RenameEnumValue { .. }
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
        | Op::AlterTable { .. }
        | Op::AddColumn { .. }
        | Op::DropColumn { .. }
        | Op::RenameColumn { .. }
        | Op::AlterColumn { .. }
        | Op::AddPrimaryKey { .. }
        | Op::DropPrimaryKey { .. }
        | Op::AddForeignKey { .. }
        | Op::DropForeignKey { .. }
        | Op::BulkInsert { .. }
        | Op::DeleteRows { .. }
        | Op::Backfill(_)
        | Op::Run(_) => None,
    }
}

/// Makes a step one for this engine only.
pub(super) fn only_on(step: &mut Step, engine: Engine) {
    if let Some(only) = only_mut(&mut step.op) {
        *only = Some(engine);
    }
}

fn only_mut(op: &mut Op) -> Option<&mut Option<Engine>> {
    match op {
        Op::AddUnique { unique, .. } => Some(&mut unique.only),
        Op::CreateIndex { index, .. } => Some(&mut index.only),
        Op::AddCheck { check, .. } => Some(&mut check.only),
        Op::AddExclusion { exclusion, .. } => Some(&mut exclusion.only),
        Op::DropUnique { target, .. } | Op::RenameConstraint { target, .. } => {
            Some(&mut target.only)
        }
        Op::DropCheck { target, .. } => Some(&mut target.only),
        Op::DropIndex { only, .. }
        | Op::RenameIndex { only, .. }
        | Op::DropExclusion { only, .. }
        | Op::Execute { only, .. } => Some(only),
        _ => None,
    }
}

/// Whether what says this of its engine is meant by an operation that says that of its own.
pub(super) fn is_for(op: Option<Engine>, it: Option<Engine>) -> bool {
    op.is_none() || op == it
}
