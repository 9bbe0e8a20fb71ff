//! What a schema is after an operation.

use super::enums::apply_enum;
use super::rewrite::{mentions, rename_in_sql};
use super::sequence::apply_sequence;
use super::{ColumnChange, Op, Target, is_for};
use crate::schema::{
    Check, Column, Engine, EnumType, Exclusion, Index, IndexKey, KeyOn, Kind, Schema, Table,
    Unique, Variant,
};

/// Applies an operation to a schema that is held in memory. An operation on something that the
/// schema does not have changes nothing: a snapshot knows only what entities declare, and a
/// hand-written revision may well touch more.
pub fn apply(schema: &mut Schema, op: &Op) {
    match op {
        Op::CreateEnum(ty) => {
            schema.enums.insert(ty.name.clone(), ty.clone());
        }
        Op::DropEnum { name, .. } => {
            schema.enums.remove(name);
        }
        Op::AddEnumValue { .. }
        | Op::RenameEnumValue { .. }
        | Op::RemoveEnumValue { .. }
        | Op::ReorderEnum { .. }
        | Op::RenameEnum { .. } => apply_enum(schema, op),
        Op::CreateSequence(_)
        | Op::DropSequence { .. }
        | Op::AlterSequence { .. }
        | Op::RenameSequence { .. } => apply_sequence(schema, op),
        Op::CreateTable { table, .. } => schema.insert((**table).clone()),
        Op::DropTable { name, .. } => {
            schema.tables.remove(name);
        }
        Op::RenameTable { from, to } => {
            if let Some(mut table) = schema.tables.remove(from) {
                table.name = to.clone();
                schema.tables.insert(to.clone(), table);
            }
            for key in schema
                .tables
                .values_mut()
                .flat_map(|table| &mut table.foreign_keys)
            {
                if key.ref_table == *from {
                    key.ref_table = to.clone();
                }
            }
        }
        Op::AddColumn { column, .. } => {
            if let Some((name, values)) = column.ty.enumeration() {
                schema
                    .enums
                    .entry(name.clone())
                    .or_insert_with(|| EnumType {
                        name: name.clone(),
                        values: values.to_vec(),
                    });
            }
            with_table(schema, op, |table| {
                if table.column(&column.name).is_none() {
                    table.columns.push((**column).clone());
                }
            });
        }
        Op::RenameColumn { table, from, to } => {
            with_table(schema, op, |table| rename_column(table, from, to));
            for key in schema
                .tables
                .values_mut()
                .flat_map(|table| &mut table.foreign_keys)
            {
                if key.ref_table == *table {
                    rename_in(&mut key.ref_columns, from, to);
                }
            }
        }
        Op::CommentTable { .. }
        | Op::AlterTable { .. }
        | Op::DropColumn { .. }
        | Op::AlterColumn { .. }
        | Op::AddPrimaryKey { .. }
        | Op::DropPrimaryKey { .. }
        | Op::AddUnique { .. }
        | Op::DropUnique { .. }
        | Op::CreateIndex { .. }
        | Op::DropIndex { .. }
        | Op::RenameIndex { .. }
        | Op::RenameConstraint { .. }
        | Op::AddForeignKey { .. }
        | Op::DropForeignKey { .. }
        | Op::AddCheck { .. }
        | Op::DropCheck { .. }
        | Op::AddExclusion { .. }
        | Op::DropExclusion { .. } => with_table(schema, op, |table| apply_to_table(table, op)),
        Op::CreateSchema { .. }
        | Op::DropSchema { .. }
        | Op::Execute { .. }
        | Op::BulkInsert { .. }
        | Op::DeleteRows { .. }
        | Op::Backfill(_)
        | Op::Run(_) => {}
    }
}

fn with_table(schema: &mut Schema, op: &Op, change: impl FnOnce(&mut Table)) {
    if let Some(table) = op.table().and_then(|name| schema.tables.get_mut(name)) {
        change(table);
    }
}

fn apply_to_table(table: &mut Table, op: &Op) {
    match op {
        Op::CommentTable { comment, .. } => table.comment.clone_from(comment),
        Op::AlterTable { change, .. } => change.apply(&mut table.options),
        Op::DropColumn { column, .. } => drop_column(table, column),
        Op::AlterColumn { column, change, .. } => {
            if let Some(column) = table.column_mut(column) {
                change.apply(column);
            }
        }
        Op::AddPrimaryKey { key, .. } => {
            for column in &key.columns {
                if let Some(column) = table.column_mut(column) {
                    column.nullable = false;
                }
            }
            table.primary_key = Some(key.clone());
        }
        Op::DropPrimaryKey { .. } => table.primary_key = None,
        Op::AddUnique { unique, .. } => add(&mut table.uniques, unique),
        Op::DropUnique { target, .. } => table.uniques.retain(|unique| !target.means(unique)),
        Op::CreateIndex { index, .. } => {
            let key = |index: &Index| (index.name.clone(), index.only);
            table.indexes.retain(|old| key(old) != key(index));
            table.indexes.push((**index).clone());
        }
        Op::DropIndex { name, only, .. } => {
            let meant = |index: &Index| index.name == *name && is_for(*only, index.only);
            table.indexes.retain(|index| !meant(index));
        }
        Op::RenameIndex { from, to, only, .. } => {
            let meant = |index: &&mut Index| index.name == *from && is_for(*only, index.only);
            for index in table.indexes.iter_mut().filter(meant) {
                index.name.clone_from(to);
            }
        }
        Op::RenameConstraint {
            kind, target, to, ..
        } => rename_constraint(table, *kind, target, to.as_ref()),
        Op::AddForeignKey { key, .. } => add(&mut table.foreign_keys, key),
        Op::DropForeignKey { target, .. } => table
            .foreign_keys
            .retain(|key| !target.matches(key.name.as_deref(), &key.columns)),
        Op::AddCheck { check, .. } => add(&mut table.checks, check),
        Op::DropCheck { target, .. } => table.checks.retain(|check| !target.matches(check)),
        Op::AddExclusion { exclusion, .. } => add(&mut table.exclusions, exclusion),
        Op::DropExclusion { name, only, .. } => {
            let meant = |one: &Exclusion| one.name == *name && is_for(*only, one.only);
            table.exclusions.retain(|exclusion| !meant(exclusion));
        }
        _ => {}
    }
}

/// Adds what is not there: a guarded step makes elsewhere what is declared already.
fn add<T: Clone + PartialEq>(all: &mut Vec<T>, new: &T) {
    if !all.contains(new) {
        all.push(new.clone());
    }
}

fn rename_constraint(table: &mut Table, kind: Option<Kind>, target: &Target, to: Option<&String>) {
    let is = |wanted: Kind| kind.is_none_or(|kind| kind == wanted);
    if let Some(key) = &mut table.primary_key
        && (kind == Some(Kind::PrimaryKey)
            || is(Kind::PrimaryKey) && target.matches(key.name.as_deref(), &key.columns))
    {
        key.name = to.cloned();
    }
    let uniques = table.uniques.iter_mut();
    for unique in uniques.filter(|unique| is(Kind::Unique) && target.means(unique)) {
        unique.name = to.cloned();
    }
    for key in table
        .foreign_keys
        .iter_mut()
        .filter(|key| is(Kind::ForeignKey) && target.matches(key.name.as_deref(), &key.columns))
    {
        key.name = to.cloned();
    }
    let meant = |check: &&mut Check| {
        check.name.is_some() && check.name == target.name && is_for(target.only, check.only)
    };
    for check in table.checks.iter_mut().filter(meant) {
        if is(Kind::Check) {
            check.name = to.cloned();
        }
    }
    if let Some(to) = to {
        let meant = |one: &&mut Exclusion| {
            Some(&one.name) == target.name.as_ref() && is_for(target.only, one.only)
        };
        let exclusions = table.exclusions.iter_mut().filter(meant);
        for exclusion in exclusions.filter(|_| is(Kind::Exclusion)) {
            exclusion.name.clone_from(to);
        }
    }
}

fn drop_column(table: &mut Table, name: &str) {
    let has = |columns: &[String]| columns.iter().any(|column| column == name);
    table.columns.retain(|column| column.name != name);
    table.primary_key.take_if(|key| has(&key.columns));
    table.uniques.retain(|unique| !has(&unique.columns));
    table.foreign_keys.retain(|key| !has(&key.columns));
    let computed = |sql: &str| mentions(sql, name);
    table.checks.retain(|check| !computed(&check.expr));
    table.indexes.retain(|index| {
        let keys = index.keys.iter().any(|key| match &key.on {
            KeyOn::Column(column) => column == name,
            KeyOn::Expr(sql) => computed(sql),
        });
        !(keys || has(&index.include) || index.predicate.as_deref().is_some_and(computed))
    });
    let is = |key: &IndexKey| key.on == KeyOn::Column(name.to_owned());
    table
        .exclusions
        .retain(|exclusion| !exclusion.elements.iter().any(|element| is(&element.key)));
}

fn rename_column(table: &mut Table, from: &str, to: &str) {
    if let Some(column) = table.column_mut(from) {
        to.clone_into(&mut column.name);
    }
    if let Some(key) = &mut table.primary_key {
        rename_in(&mut key.columns, from, to);
        rename_in(&mut key.include, from, to);
    }
    for unique in &mut table.uniques {
        rename_in(&mut unique.columns, from, to);
        rename_in(&mut unique.include, from, to);
    }
    for key in &mut table.foreign_keys {
        rename_in(&mut key.columns, from, to);
        rename_in(&mut key.set_columns, from, to);
        if key.ref_table == table.name {
            rename_in(&mut key.ref_columns, from, to);
        }
    }
    let mut keys: Vec<&mut IndexKey> = Vec::new();
    for index in &mut table.indexes {
        rename_in(&mut index.include, from, to);
        keys.extend(&mut index.keys);
    }
    let elements = table
        .exclusions
        .iter_mut()
        .flat_map(|one| &mut one.elements);
    keys.extend(elements.map(|element| &mut element.key));
    for key in keys {
        match &mut key.on {
            KeyOn::Column(name) if name == from => to.clone_into(name),
            KeyOn::Column(_) => {}
            KeyOn::Expr(sql) => *sql = rename_in_sql(sql, from, to),
        }
    }
    // Engines rewrite the SQL that speaks of a column when it is renamed.
    let generated = table.columns.iter_mut().flat_map(|column| {
        let own = column.variants.values_mut();
        let own = own.filter_map(|variant| variant.generated.as_mut()?.as_mut());
        column.generated.iter_mut().chain(own)
    });
    let predicates = table
        .indexes
        .iter_mut()
        .filter_map(|i| i.predicate.as_mut());
    let exclusions = table
        .exclusions
        .iter_mut()
        .filter_map(|e| e.predicate.as_mut());
    let texts = generated
        .map(|generated| &mut generated.expr)
        .chain(predicates)
        .chain(exclusions)
        .chain(table.checks.iter_mut().map(|check| &mut check.expr));
    for sql in texts {
        *sql = rename_in_sql(sql, from, to);
    }
}

fn rename_in(columns: &mut [String], from: &str, to: &str) {
    for column in columns.iter_mut().filter(|column| *column == from) {
        to.clone_into(column);
    }
}

impl Target {
    /// Whether this unique constraint is meant.
    pub fn means(&self, unique: &Unique) -> bool {
        is_for(self.only, unique.only) && self.matches(unique.name.as_deref(), &unique.columns)
    }

    /// Whether a constraint of this name, on these columns, is meant: by name, else by columns.
    pub fn matches(&self, name: Option<&str>, columns: &[String]) -> bool {
        match (&self.name, name) {
            (Some(wanted), Some(name)) => wanted == name,
            _ => !self.columns.is_empty() && self.columns == columns,
        }
    }
}

impl ColumnChange {
    /// Changes a column that is held in memory.
    pub fn apply(&self, column: &mut Column) {
        let Self {
            ty,
            using: _,
            nullable,
            default,
            auto_increment,
            numbering,
            collation,
            generated,
            comment,
            variants,
        } = self;
        if let Some(ty) = ty {
            column.ty = ty.clone();
        }
        if let Some(nullable) = nullable {
            column.nullable = *nullable;
        }
        let views: Vec<(Engine, Variant)> = variants
            .iter()
            .map(|(engine, own)| (*engine, column.on(*engine).with(own)))
            .collect();
        // What is said for all is done on all others.
        for variant in column.variants.values_mut() {
            variant.default.take_if(|_| default.is_some());
            variant.generated.take_if(|_| generated.is_some());
            variant.collation.take_if(|_| collation.is_some());
        }
        if let Some(default) = default {
            column.default.clone_from(default);
        }
        if let Some(on) = auto_increment {
            column.auto_increment = *on;
        }
        if let Some(numbering) = numbering {
            column.numbering.clone_from(numbering);
        }
        if let Some(collation) = collation {
            column.collation.clone_from(collation);
        }
        if let Some(generated) = generated {
            column.generated.clone_from(generated);
        }
        if let Some(comment) = comment {
            column.comment.clone_from(comment);
        }
        column.variants.extend(views);
        column.tidy();
    }
}
