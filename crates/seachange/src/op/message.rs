//! What a list of operations does, in a few words: the message of a revision that was given none.

use std::collections::BTreeSet;

use super::Op;
use crate::schema::Name;

/// A message for these operations: `create tasks and tags`, `add priority to tasks`. `None` when
/// there are none.
///
/// ```
/// use seachange::op::{Op, message};
///
/// let drop = Op::DropTable { name: "tasks".into(), before: None };
/// assert_eq!(message(&[drop]).as_deref(), Some("drop tasks"));
/// ```
pub fn message(ops: &[Op]) -> Option<String> {
    let created: BTreeSet<&Name> = ops
        .iter()
        .filter_map(|op| match op {
            Op::CreateTable { table, .. } => Some(&table.name),
            _ => None,
        })
        .collect();
    let mut phrases: Vec<Phrase> = Vec::new();
    for op in ops {
        // What belongs to a new table is said with the table.
        let is_part = op.table().is_some_and(|table| created.contains(table));
        if is_part && !matches!(op, Op::CreateTable { .. }) {
            continue;
        }
        let phrase = phrase(op);
        let same = phrases
            .iter_mut()
            .find(|other| other.verb == phrase.verb && other.place == phrase.place);
        match same {
            Some(same) => same.things.extend(phrase.things),
            None => phrases.push(phrase),
        }
    }
    // An enum or a sequence is part of the column that it came with, a schema of its table.
    if phrases.iter().any(|phrase| !phrase.is_around()) {
        phrases.retain(|phrase| !phrase.is_around());
    }
    let words: Vec<String> = phrases.iter().map(Phrase::words).collect();
    match words.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [one, two] => Some(format!("{one} and {two}")),
        [one, rest @ ..] => Some(format!("{one} and {} more changes", rest.len())),
    }
}

/// `add` `priority` ` to tasks`
struct Phrase {
    verb: &'static str,
    things: Vec<String>,
    place: String,
}

impl Phrase {
    fn is_around(&self) -> bool {
        let words = ["enum", "sequence", "schema"];
        words.iter().any(|word| self.verb.ends_with(word))
    }

    fn words(&self) -> String {
        let mut things: Vec<&str> = Vec::new();
        for thing in &self.things {
            if !things.contains(&thing.as_str()) {
                things.push(thing);
            }
        }
        let things = match things.as_slice() {
            [] => String::new(),
            [one] => format!(" {one}"),
            [one, two] => format!(" {one} and {two}"),
            [one, two, three] => format!(" {one}, {two} and {three}"),
            [one, two, rest @ ..] => format!(" {one}, {two} and {} more", rest.len()),
        };
        format!("{}{things}{}", self.verb, self.place)
    }
}

fn phrase(op: &Op) -> Phrase {
    let phrase = |verb, things: &[&str], place: String| Phrase {
        verb,
        things: things.iter().map(|&thing| thing.to_owned()).collect(),
        place,
    };
    let nowhere = String::new;
    match op {
        Op::CreateEnum(ty) => phrase("create enum", &[&ty.name.name], nowhere()),
        Op::DropEnum { name, .. } => phrase("drop enum", &[&name.name], nowhere()),
        Op::CreateSequence(sequence) => {
            phrase("create sequence", &[&sequence.name.name], nowhere())
        }
        Op::DropSequence { name, .. } => phrase("drop sequence", &[&name.name], nowhere()),
        Op::AlterSequence { sequence, .. } => {
            phrase("alter sequence", &[&sequence.name.name], nowhere())
        }
        Op::RenameSequence { from, to } => {
            phrase("rename", &[&from.name], format!(" to {}", to.name))
        }
        Op::CreateSchema { name } => phrase("create schema", &[name], nowhere()),
        Op::DropSchema { name } => phrase("drop schema", &[name], nowhere()),
        Op::AddEnumValue { name, value, .. } => {
            phrase("add", &[value], format!(" to {}", name.name))
        }
        Op::RenameEnumValue { name, from, to, .. } => {
            phrase("rename", &[from], format!(" to {to} in {}", name.name))
        }
        Op::RemoveEnumValue { name, value, .. } => {
            phrase("remove", &[value], format!(" from {}", name.name))
        }
        Op::ReorderEnum { name, .. } => phrase("reorder", &[&name.name], nowhere()),
        Op::RenameEnum { from, to } => phrase("rename", &[&from.name], format!(" to {}", to.name)),
        Op::RenameIndex { from, to, .. } => phrase("rename index", &[from], format!(" to {to}")),
        Op::RenameConstraint {
            table, target, to, ..
        } => match (&target.name, to) {
            (Some(from), Some(to)) => phrase("rename", &[from], format!(" to {to}")),
            _ => phrase("rename constraint of", &[&table.name], nowhere()),
        },
        Op::CreateTable { table, .. } => phrase("create", &[&table.name.name], nowhere()),
        Op::DropTable { name, .. } => phrase("drop", &[&name.name], nowhere()),
        Op::RenameTable { from, to } => phrase("rename", &[&from.name], format!(" to {}", to.name)),
        Op::CommentTable { table, .. } => phrase("comment on", &[&table.name], nowhere()),
        Op::AlterTable { table, .. } => phrase("keep", &[&table.name], " otherwise".to_owned()),
        Op::AddColumn { table, column, .. } => {
            phrase("add", &[&column.name], format!(" to {}", table.name))
        }
        Op::DropColumn { table, column, .. } => {
            phrase("drop", &[column], format!(" from {}", table.name))
        }
        Op::RenameColumn { table, from, to } => {
            phrase("rename", &[from], format!(" to {to} in {}", table.name))
        }
        Op::AlterColumn { table, column, .. } => {
            phrase("alter", &[column], format!(" of {}", table.name))
        }
        Op::AddPrimaryKey { table, .. } | Op::DropPrimaryKey { table, .. } => {
            phrase("change primary key of", &[&table.name], nowhere())
        }
        Op::AddUnique { table, unique } => {
            let columns: Vec<&str> = unique.columns.iter().map(String::as_str).collect();
            phrase("make", &columns, format!(" unique in {}", table.name))
        }
        Op::CreateIndex { table, index, .. } => {
            let columns: Vec<&str> = index.columns().collect();
            let by = match columns.as_slice() {
                [] => String::new(),
                columns => format!(" by {}", columns.join(" and ")),
            };
            phrase("index", &[&table.name], by)
        }
        Op::DropUnique { table, .. } => phrase("drop unique of", &[&table.name], nowhere()),
        Op::DropIndex { name, .. } => phrase("drop index", &[name], nowhere()),
        Op::AddForeignKey { table, key } => phrase(
            "reference",
            &[&key.ref_table.name],
            format!(" in {}", table.name),
        ),
        Op::DropForeignKey { table, .. } => {
            phrase("drop foreign key of", &[&table.name], nowhere())
        }
        Op::AddCheck { table, .. } => phrase("check", &[&table.name], nowhere()),
        Op::DropCheck { table, .. } => phrase("drop check of", &[&table.name], nowhere()),
        Op::AddExclusion { table, .. } => phrase("exclude rows of", &[&table.name], nowhere()),
        Op::DropExclusion { table, .. } => phrase("drop exclusion of", &[&table.name], nowhere()),
        Op::Execute { .. } => phrase("run SQL", &[], nowhere()),
        Op::BulkInsert { table, .. } => phrase("insert into", &[&table.name], nowhere()),
        Op::DeleteRows { table, .. } => phrase("delete from", &[&table.name], nowhere()),
        Op::Backfill(spec) => phrase("fill", &[&spec.table.name], nowhere()),
        Op::Run(run) => Phrase {
            verb: "run",
            things: vec![run.why.clone()],
            place: nowhere(),
        },
    }
}
