//! What goes or changes, as it is in the database.
//!
//! A plan speaks the words of entities and snapshot. What no recorded step made may be here in
//! others: made by another hand, under a name of its own, with a length or a default that no entity
//! speaks of. A revision takes that away, and its way down has to bring back just that.

use super::adopt::adopt_column;
use super::settle::{Adopted, Rule, ends, is_on, values};
use super::words::words_here;
use crate::dialect::Unsupported;
use crate::diff::Plan;
use crate::op::{CheckTarget, ColumnChange, Op, Step, Target, apply, keys, on};
use crate::schema::{
    Column, Engine, ForeignKey, Index, Key, Kind, Name, PrimaryKey, Schema, Table, Unique,
};
use crate::source::catalog::Catalog;

/// A database as it was read, before it was held to declared words.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The engine.
    pub engine: Engine,
    /// What it has, with the [names](Catalog::named) of constraints.
    pub catalog: &'a Catalog,
    /// What of it is here in other words than are declared.
    pub adopted: &'a [Adopted],
    /// What [recorded](super::recorded) steps made.
    pub recorded: &'a Schema,
    /// Whether other engines run the revision too: they know neither this one's types nor its SQL.
    pub is_shared: bool,
}

impl Found<'_> {
    /// What history made, with the tables and enums that a plan drops as they are here: with them
    /// goes what no entity ever spoke of. `None` when that is what history made.
    pub fn dropped(&self, plan: &Plan, base: &Schema) -> Option<Schema> {
        if self.is_shared {
            return None;
        }
        let mut here = base.clone();
        for op in &plan.ops {
            match op {
                Op::DropTable { name, .. } if self.recorded.table(name).is_none() => {
                    let found = self.catalog.schema.table(name).cloned();
                    if let (Some(table), Some(found)) = (here.tables.get_mut(name), found) {
                        *table = found;
                    }
                }
                Op::DropEnum { name, .. } if !self.recorded.enums.contains_key(name) => {
                    let found = self.catalog.schema.enums.get(name).cloned();
                    if let (Some(ty), Some(found)) = (here.enums.get_mut(name), found) {
                        *ty = found;
                    }
                }
                _ => {}
            }
        }
        (here != *base).then_some(here)
    }

    /// The steps of a plan, with what they take away or change as it is here. A step that changes
    /// nothing then is left out.
    ///
    /// # Errors
    ///
    /// The engine cannot hold something that is in `base`.
    pub fn steps(&self, steps: Vec<Step>, base: &Schema) -> Result<Vec<Step>, Unsupported> {
        if self.recorded == base {
            return Ok(steps);
        }
        let mut now = Now {
            found: self.catalog.schema.clone(),
            words: words_here(self.engine, &base.on(self.engine), self.catalog)?.schema,
            recorded: self.recorded.clone(),
            gone: Vec::new(),
        };
        let mut out = Vec::new();
        for mut step in steps {
            let declared = step.op.clone();
            if on(&declared, self.engine).is_some() && now.is_free(&declared) {
                self.as_here(&mut step, &mut now);
            }
            for schema in [&mut now.found, &mut now.words, &mut now.recorded] {
                apply(schema, &declared);
            }
            if !is_idle(&step.op) {
                out.push(step);
            }
        }
        Ok(out)
    }

    fn as_here(&self, step: &mut Step, now: &mut Now) {
        let adopted = self.adopted_as(&step.op);
        step.guarded |= adopted.is_some_and(|adopted| adopted.missing);
        let Some(table) = step.op.table() else {
            return;
        };
        let (Some(found), Some(words)) = (now.found.table(table), now.words.table(table)) else {
            return;
        };
        if let Some(op) = adopted.and_then(|adopted| made_of(&step.op, adopted.by.as_ref()?)) {
            step.op = op;
        }
        let name = adopted.and_then(|adopted| adopted.name.as_ref());
        match &mut step.op {
            Op::DropForeignKey {
                target,
                before: Some(before),
                ..
            } => {
                let mut keys = found.foreign_keys.iter();
                if let Some(key) = keys.find(|key| ends(key) == ends(before)) {
                    let name = self.name(&before.name, &key.name);
                    let key = ForeignKey {
                        name,
                        ..key.clone()
                    };
                    now.gone.push((ForeignKey::clone(before), key.clone()));
                    target.columns.clone_from(&key.columns);
                    **before = key;
                }
            }
            Op::AddForeignKey { key, .. } => {
                let mut gone = now.gone.iter();
                if let Some((_, found)) = gone.find(|(declared, _)| declared == &**key) {
                    **key = found.clone();
                }
            }
            Op::DropUnique {
                target,
                before: Some(before),
                ..
            } => {
                let mut uniques = found.uniques.iter();
                if let Some(unique) = uniques.find(|one| is_on(&one.columns, &before.columns)) {
                    target.columns.clone_from(&unique.columns);
                    *before = Unique {
                        name: self.name(&before.name, &unique.name),
                        only: before.only,
                        ..unique.clone()
                    };
                }
            }
            Op::DropPrimaryKey {
                before: Some(before),
                ..
            } => {
                if let Some(key) = &found.primary_key {
                    *before = PrimaryKey {
                        name: self.name(&before.name, &key.name),
                        ..key.clone()
                    };
                }
            }
            Op::DropIndex {
                name,
                before: Some(before),
                ..
            } => {
                let named = |index: &&Index| index.name == *name;
                let here = found.indexes.iter().find(named);
                if let Some(index) = here.filter(|index| !words.indexes.contains(index)) {
                    **before = Index {
                        only: before.only,
                        ..index.clone()
                    };
                }
            }
            Op::DropCheck {
                target,
                before: Some(before),
                ..
            } => {
                let mut checks = found.checks.iter();
                if let Some(name) = name
                    && let Some(check) = checks.find(|check| check.name.as_ref() == Some(name))
                {
                    before.name.clone_from(&check.name);
                    *target = CheckTarget::of(before);
                }
            }
            Op::RenameIndex { from, .. } => {
                if let Some(name) = name {
                    from.clone_from(name);
                }
            }
            Op::RenameConstraint { kind, target, .. } => {
                if let Some(name) = name {
                    target.name = Some(name.clone());
                } else if let Some((name, columns)) = named_here(*kind, &target.columns, found) {
                    target.name = self.name(&target.name, name);
                    if !target.columns.is_empty() {
                        target.columns.clone_from(columns);
                    }
                }
            }
            Op::CommentTable {
                before: Some(before),
                ..
            } => before.clone_from(&found.comment),
            Op::DropColumn {
                column,
                before: Some(before),
                ..
            } if !self.is_shared => {
                if let Some(here) = self.column(before, column, found, words) {
                    **before = here;
                }
            }
            Op::AlterColumn {
                column,
                change,
                before: Some(before),
                ..
            } if !self.is_shared => {
                if let Some(here) = self.column(before, column, found, words) {
                    let mut new = here.clone();
                    change.apply(&mut new);
                    let using = change.using.take();
                    **change = ColumnChange::between(&here, &new);
                    change.using = using.filter(|_| change.ty.is_some());
                    **before = here;
                }
            }
            _ => {}
        }
    }

    /// The name of a key or a unique constraint. SQLite's are not read.
    fn name(&self, declared: &Option<String>, found: &Option<String>) -> Option<String> {
        match self.engine {
            Engine::Sqlite => declared.clone(),
            _ => found.clone(),
        }
    }

    fn adopted_as(&self, op: &Op) -> Option<&Adopted> {
        let keys: Vec<Key> = keys(op).into_iter().map(|key| key.only(None)).collect();
        let mut adopted = self.adopted.iter();
        adopted.find(|adopted| keys.contains(&adopted.key))
    }

    /// A declared column as it is here; `None` when that is what is declared.
    fn column(
        &self,
        declared: &Column,
        name: &str,
        found: &Table,
        words: &Table,
    ) -> Option<Column> {
        let (found, words) = (found.column(name)?, words.column(name)?);
        if found == words {
            return None;
        }
        let mut here = adopt_column(&declared.on(self.engine), words, found);
        if words.default.is_none() {
            here.default.clone_from(&found.default);
        }
        Some(declared.seen_as(self.engine, here))
    }
}

/// All sides, as they are when the steps so far are done.
struct Now {
    found: Schema,
    words: Schema,
    recorded: Schema,
    /// Foreign keys that went, as they are declared and as they were here: one that only stepped out
    /// of the way comes back as it was.
    gone: Vec<(ForeignKey, ForeignKey)>,
}

impl Now {
    /// Whether no recorded step made what the operation is about.
    fn is_free(&self, op: &Op) -> bool {
        let made = |name: &Name| self.recorded.table(name).map(values);
        let Some(made) = op.table().and_then(made) else {
            return true;
        };
        keys(op)
            .into_iter()
            .all(|key| key.kind == Kind::Table || !made.contains_key(&key.only(None)))
    }
}

/// What is made of something else here goes as that.
fn made_of(op: &Op, by: &Rule) -> Option<Op> {
    Some(match (op, by) {
        (Op::DropIndex { table, only, .. }, Rule::Unique(unique)) => Op::DropUnique {
            table: table.clone(),
            target: Target {
                name: None,
                columns: unique.columns.clone(),
                only: *only,
            },
            before: Some(unique.clone()),
        },
        (
            Op::DropIndex { table, only, .. }
            | Op::DropUnique {
                table,
                target: Target { only, .. },
                ..
            },
            Rule::Index(index),
        ) => Op::DropIndex {
            table: table.clone(),
            name: index.name.clone(),
            only: *only,
            before: Some(Box::new(index.clone())),
        },
        _ => return None,
    })
}

/// The constraint that gets another name: the one that it has here, and its columns.
fn named_here<'a>(
    kind: Option<Kind>,
    columns: &[String],
    found: &'a Table,
) -> Option<(&'a Option<String>, &'a Vec<String>)> {
    match kind? {
        Kind::PrimaryKey => {
            let key = found.primary_key.as_ref()?;
            Some((&key.name, &key.columns))
        }
        Kind::Unique => {
            let mut uniques = found.uniques.iter();
            let unique = uniques.find(|unique| is_on(&unique.columns, columns))?;
            Some((&unique.name, &unique.columns))
        }
        Kind::ForeignKey => {
            let mut keys = found.foreign_keys.iter();
            let key = keys.find(|key| is_on(&key.columns, columns))?;
            Some((&key.name, &key.columns))
        }
        _ => None,
    }
}

/// Whether nothing is left to be done.
fn is_idle(op: &Op) -> bool {
    match op {
        Op::RenameIndex { from, to, .. } => from == to,
        Op::RenameConstraint { target, to, .. } => to.is_some() && target.name == *to,
        Op::AlterColumn { change, .. } => change.is_empty(),
        _ => false,
    }
}
