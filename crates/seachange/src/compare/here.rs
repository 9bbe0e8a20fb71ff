//! What of a plan is done already in the database at hand.

use super::label::{Comparison, Conflict, Facts, Sides};
use crate::dialect::{Unsupported, canonical, kept_name};
use crate::op::{CheckTarget, Op, Step, apply, can_be_guarded, is_done, keys, on};
use crate::schema::{Check, Engine, Key, Kind, Schema, Table};

impl Comparison {
    /// The plan as steps of a revision: what is done here already is guarded, so that it is done on
    /// other databases and passed over here.
    pub fn steps(&self) -> Vec<Step> {
        let steps = self.plan.ops.iter().cloned().enumerate();
        steps
            .map(|(at, op)| Step {
                guarded: self.already.contains(&at) && can_be_guarded(&op),
                ..Step::from(op)
            })
            .collect()
    }
}

/// Finds what is done already, and reports what is here in another form.
///
/// The plan is carried out on what history made and on what the database has, side by side. Where
/// the second is already as an operation leaves it, and the first is not, somebody was faster.
pub(super) fn find(
    comparison: &mut Comparison,
    engine: Engine,
    want: &Schema,
    sides: &Sides,
    [mut base, mut have]: [Schema; 2],
) -> Result<(), Unsupported> {
    let ops = &comparison.plan.ops;
    for (at, op) in ops.iter().enumerate() {
        let Some(op) = on(op, engine) else {
            continue;
        };
        let op = in_words(&op, engine, want, &comparison.base)?;
        let done = is_done(&op, &have) && !is_done(&op, &base);
        let conflicts = match done {
            true => differing(&op, ops, sides),
            false => Vec::new(),
        };
        if conflicts.is_empty() && (done || is_altered(&op, sides)) {
            comparison.already.insert(at);
        }
        comparison.conflicts.extend(conflicts);
        if !done {
            apply(&mut have, &op);
        }
        apply(&mut base, &op);
    }
    Ok(())
}

/// The operation as the engine takes it: with names as long as it keeps them, and with a check in
/// its words that has no name to be found by.
fn in_words(op: &Op, engine: Engine, want: &Schema, base: &Schema) -> Result<Op, Unsupported> {
    let words = |table: Option<&Table>, expr: &str| -> Result<Option<String>, Unsupported> {
        let Some(table) = table else {
            return Ok(None);
        };
        let mut alone = Schema::default();
        alone.insert(Table {
            checks: vec![Check {
                expr: expr.to_owned(),
                ..Check::default()
            }],
            indexes: Vec::new(),
            exclusions: Vec::new(),
            ..table.clone()
        });
        let words = canonical(engine, &alone)?.schema;
        let mut checks = words.tables.values().flat_map(|table| &table.checks);
        Ok(checks.next().map(|check| check.expr.clone()))
    };
    let mut op = with_kept_names(op.clone(), engine);
    match &mut op {
        Op::AddCheck {
            table,
            check: Check {
                name: None, expr, ..
            },
        } => {
            if let Some(words) = words(want.table(table), expr)? {
                *expr = words;
            }
        }
        Op::DropCheck {
            table,
            target:
                CheckTarget {
                    name: None,
                    expr: Some(expr),
                    ..
                },
            ..
        } => {
            if let Some(words) = words(base.table(table), expr)? {
                *expr = words;
            }
        }
        _ => {}
    }
    Ok(op)
}

fn with_kept_names(mut op: Op, engine: Engine) -> Op {
    let names: Vec<&mut String> = match &mut op {
        Op::CreateIndex { index, .. } => vec![&mut index.name],
        Op::DropIndex { name, .. } | Op::DropExclusion { name, .. } => vec![name],
        Op::RenameIndex { from, to, .. } => vec![from, to],
        Op::AddCheck { check, .. } => check.name.iter_mut().collect(),
        Op::DropCheck { target, .. } => target.name.iter_mut().collect(),
        Op::AddExclusion { exclusion, .. } => vec![&mut exclusion.name],
        Op::RenameConstraint { target, to, .. } => target.name.iter_mut().chain(to).collect(),
        _ => Vec::new(),
    };
    for name in names {
        name.truncate(kept_name(engine, name).len());
    }
    op
}

/// Whether the operation changes something in place that is changed here already.
fn is_altered(op: &Op, sides: &Sides) -> bool {
    let is_here = |key: &Key| {
        let declared = sides.want.get(key);
        declared.is_some() && sides.have.get(key) == declared && sides.base.get(key) != declared
    };
    // An option that goes is said nowhere afterwards.
    let is_gone = |key: &Key| {
        let said = |side: &Facts| side.contains_key(key);
        said(&sides.base) && !said(&sides.want) && !said(&sides.have)
    };
    match op {
        Op::AlterColumn { .. }
        | Op::CommentTable { .. }
        | Op::ReorderEnum { .. }
        | Op::AlterSequence { .. } => keys(op).iter().all(is_here),
        Op::AlterTable { .. } => keys(op).iter().all(|key| is_here(key) || is_gone(key)),
        _ => false,
    }
}

/// What the operation makes and is here in another form.
fn differing(op: &Op, ops: &[Op], sides: &Sides) -> Vec<Conflict> {
    let made: Vec<Key> = match op {
        // What is on it, but for what operations of their own make.
        Op::CreateTable { table } => {
            let others = ops
                .iter()
                .filter(|op| !matches!(op, Op::CreateTable { .. }));
            let others = others.flat_map(keys);
            let others: Vec<Key> = others.map(|key| key.only(None)).collect();
            let own = sides.want.keys().filter(|key| key.owner == table.name);
            own.filter(|key| !matches!(key.kind, Kind::Enum | Kind::Sequence))
                .filter(|key| !others.contains(key))
                .cloned()
                .collect()
        }
        Op::CreateEnum(_)
        | Op::CreateSequence(_)
        | Op::AddColumn { .. }
        | Op::AddPrimaryKey { .. }
        | Op::AddUnique { .. }
        | Op::CreateIndex { .. }
        | Op::AddForeignKey { .. }
        | Op::AddCheck { .. }
        | Op::AddExclusion { .. } => keys(op),
        _ => Vec::new(),
    };
    let differs = |key: Key| {
        let declared = sides.want.get(&key)?;
        let found = sides.have.get(&key);
        (found != Some(declared)).then(|| Conflict {
            declared: declared.clone(),
            found: found.cloned(),
            key,
        })
    };
    made.into_iter().filter_map(differs).collect()
}
