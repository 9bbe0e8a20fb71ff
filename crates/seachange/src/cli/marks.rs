//! What a person should know of operations before they run: what is lost, what the previous release
//! cannot do any more, who has to wait.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::DatabaseConnection;
#[cfg(feature = "autogenerate")]
use serde_json::{Value, json};

use super::error::Failure;
use super::print::counted as number;
#[cfg(feature = "autogenerate")]
use crate::op::describe;
use crate::op::{Op, Operations, breaks, destroys, locks};
use crate::revision::Entry;
use crate::run::{self, Direction};
use crate::schema::Name;

/// The marks of one operation.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// What is lost, with the rows or values that this database has of it.
    pub(super) destructive: Option<String>,
    /// How many they are, when a database was asked.
    pub(super) count: Option<u64>,
    /// Who waits.
    pub(super) locks: Option<String>,
}

/// The marks of a revision.
#[derive(Clone, Debug, Default)]
pub(super) struct RevisionMarks {
    /// Of each step.
    pub(super) steps: Vec<Marks>,
    /// What of the previous release fails.
    pub(super) breaks: Vec<String>,
}

/// The marks of revisions that are to run, as the database is before the first of them. A plain
/// migration has none.
pub(super) async fn of_path(
    db: &DatabaseConnection,
    path: &[&Entry],
    direction: Direction,
) -> Result<BTreeMap<String, RevisionMarks>, Failure> {
    let mut all = BTreeMap::new();
    for entry in path {
        let Some(header) = entry.header else {
            continue;
        };
        let mut operations = Operations::default();
        match direction {
            Direction::Up => (header.up)(&mut operations),
            Direction::Down => (header.down)(&mut operations),
        }
        let steps = operations.steps().iter();
        let ops: Vec<Op> = steps.map(|step| step.op.clone()).collect();
        let marks = RevisionMarks {
            steps: counted(db, &ops).await?,
            breaks: breaks(&ops),
        };
        all.insert(entry.id.clone(), marks);
    }
    Ok(all)
}

/// The marks of each operation. What would be lost is counted in the database, which the operations
/// have not changed yet.
pub(super) async fn counted(db: &DatabaseConnection, ops: &[Op]) -> Result<Vec<Marks>, Failure> {
    let mut before: BTreeMap<Name, Name> = BTreeMap::new();
    let mut columns: BTreeMap<(Name, String), String> = BTreeMap::new();
    let created: BTreeSet<&Name> = ops
        .iter()
        .filter_map(|op| match op {
            Op::CreateTable { table, .. } => Some(&table.name),
            _ => None,
        })
        .collect();
    let mut all = Vec::with_capacity(ops.len());
    for op in ops {
        match op {
            Op::RenameTable { from, to } => {
                let old = before.remove(from).unwrap_or_else(|| from.clone());
                before.insert(to.clone(), old);
            }
            Op::RenameColumn { table, from, to } => {
                let key = (table.clone(), from.clone());
                let old = columns.remove(&key).unwrap_or_else(|| from.clone());
                columns.insert((table.clone(), to.clone()), old);
            }
            _ => {}
        }
        let mut marks = Marks {
            destructive: destroys(op),
            count: None,
            // Nobody waits for a table that is new.
            locks: locks(op).filter(|_| !op.table().is_some_and(|table| created.contains(table))),
        };
        if marks.destructive.is_some()
            && let Some((table, column)) = lost(op)
        {
            let here = before.get(table).unwrap_or(table);
            let old = column.and_then(|column| columns.get(&(table.clone(), column.to_owned())));
            let column_here = old.map(String::as_str).or(column);
            marks.count = run::count(db, here, column_here).await?;
            if let Some(count) = marks.count {
                marks.destructive = Some(in_numbers(op, table, column, count));
            }
        }
        all.push(marks);
    }
    Ok(all)
}

/// The table, or the column of it, whose content goes.
fn lost(op: &Op) -> Option<(&Name, Option<&str>)> {
    match op {
        Op::DropTable { name, .. } => Some((name, None)),
        Op::DropColumn { table, column, .. } | Op::AlterColumn { table, column, .. } => {
            Some((table, Some(column)))
        }
        _ => None,
    }
}

fn in_numbers(op: &Op, table: &Name, column: Option<&str>, count: u64) -> String {
    let n = usize::try_from(count).unwrap_or(usize::MAX);
    let what = match column {
        Some(column) => format!("{} of {table}.{column}", number(n, "value")),
        None => format!("{} of {table}", number(n, "row")),
    };
    match op {
        Op::AlterColumn { change, .. } => match &change.ty {
            Some(ty) => format!("of {what}, those that do not fit {ty} are lost or refused"),
            None => what,
        },
        _ => what,
    }
}

/// The operations in words, each with what it loses.
#[cfg(feature = "autogenerate")]
pub(super) fn lines(ops: &[Op], marks: &[Marks]) -> Vec<String> {
    let mut lines = Vec::new();
    for (op, marks) in ops.iter().zip(marks) {
        lines.extend(describe(op));
        if let Some(what) = &marks.destructive {
            lines.push(format!("    destructive: {what}"));
        }
    }
    lines
}

/// The operations for a program.
#[cfg(feature = "autogenerate")]
pub(super) fn json(ops: &[Op], marks: &[Marks]) -> Value {
    let object = |op: &Op| describe(op).into_iter().next().unwrap_or_default();
    let destructive: Vec<Value> = ops
        .iter()
        .zip(marks)
        .filter_map(|(op, marks)| {
            let what = marks.destructive.as_ref()?;
            Some(json!({ "change": object(op), "what": what, "count": marks.count }))
        })
        .collect();
    let locks: Vec<Value> = ops
        .iter()
        .zip(marks)
        .filter_map(|(op, marks)| {
            let who = marks.locks.as_ref()?;
            Some(json!({ "change": object(op), "who": who }))
        })
        .collect();
    json!({
        "changes": ops.iter().flat_map(describe).collect::<Vec<_>>(),
        "destructive": destructive,
        "locks": locks,
        "breaks_previous_release": breaks(ops),
    })
}
