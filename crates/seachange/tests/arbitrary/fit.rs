//! What makes schemas that were drawn fit an engine, and each other.

use std::collections::{BTreeMap, BTreeSet};

use seachange::schema::{
    Column, DefaultValue, ForeignKey, KeyOn, Length, Schema, Table, Type, Unique,
};

use super::change::{Pair, declared};
use super::in_table::{drop_column, is_apart, is_on, says};
use super::{has_order, is_text, rows, sequences};

/// Types whose values, as rows hold them, go there and back.
pub(super) const FAMILIES: &[fn() -> Vec<Type>] = &[
    || {
        vec![
            Type::SmallInteger,
            Type::Integer,
            Type::BigInteger,
            Type::Decimal(Some((12, 2))),
            Type::Double,
            Type::Text,
            Type::String(Length::N(40)),
            Type::String(Length::N(20)),
            Type::String(Length::Unspecified),
        ]
    },
    || {
        vec![
            Type::Date,
            Type::DateTime,
            Type::Timestamp,
            Type::TimestampWithTimeZone,
        ]
    },
    || vec![Type::Json, Type::JsonBinary],
    || vec![Type::Boolean, Type::Integer],
    || vec![Type::Uuid, Type::Text],
];

/// Whether rows can hold values of one type that the other can hold too.
pub(super) fn convertible(from: &Type, to: &Type) -> bool {
    FAMILIES.iter().any(|family| {
        let family = family();
        family.contains(from) && family.contains(to)
    })
}

/// Makes a schema one that can be held: keys point at what is there, types agree.
pub(super) fn repair(schema: &mut Schema) {
    for table in schema.tables.values_mut() {
        let names: BTreeSet<String> = table.columns.iter().map(|c| c.name.clone()).collect();
        if let Some(key) = &mut table.primary_key {
            key.columns.retain(|name| names.contains(name));
            if key.columns.is_empty() {
                table.primary_key = None;
            }
        }
        let ordered: BTreeMap<String, bool> = table
            .columns
            .iter()
            .map(|c| (c.name.clone(), has_order(&c.ty)))
            .collect();
        let sorted = |name: &String| ordered.get(name) == Some(&true);
        table
            .primary_key
            .take_if(|key| !key.columns.iter().all(sorted));
        table
            .uniques
            .retain(|unique| unique.columns.iter().all(sorted));
        let key = table.primary_key.clone().map(|key| key.columns);
        // The engine has no use for a unique constraint beside a key of the same columns.
        table
            .uniques
            .retain(|unique| Some(&unique.columns) != key.as_ref());
        table.indexes.retain(|index| {
            index
                .keys
                .iter()
                .all(|key| !matches!(&key.on, KeyOn::Column(name) if !sorted(name)))
        });
        let checks = std::mem::take(&mut table.checks);
        for check in checks {
            if !table.checks.contains(&check) {
                table.checks.push(check);
            }
        }
        let single = key.filter(|key| key.len() == 1);
        for column in &mut table.columns {
            let own = [column.name.clone()];
            column.auto_increment &=
                column.ty.is_integer() && single.as_deref() == Some(own.as_slice());
            if !column.auto_increment {
                column.numbering = None;
            }
            column.collation.take_if(|_| !is_text(&column.ty));
            if table
                .primary_key
                .as_ref()
                .is_some_and(|k| k.columns.contains(&column.name))
            {
                column.nullable = false;
            }
        }
    }
    schema.tables.values_mut().for_each(keep);
    follow_types(schema);
    sequences::repair(schema);
    loop {
        let tables = schema.tables.clone();
        let fits = |table: &Table, key: &ForeignKey| {
            let Some(target) = tables.get(&key.ref_table) else {
                return false;
            };
            let is_key = target
                .primary_key
                .as_ref()
                .is_some_and(|primary| primary.columns == key.ref_columns)
                || target
                    .uniques
                    .iter()
                    .any(|u: &Unique| u.columns == key.ref_columns && u.deferrable.is_none());
            let same = key
                .columns
                .iter()
                .zip(&key.ref_columns)
                .all(
                    |(own, other)| match (table.column(own), target.column(other)) {
                        (Some(own), Some(other)) => own.ty == other.ty,
                        _ => false,
                    },
                );
            is_key && same
        };
        let mut changed = false;
        for table in schema.tables.values_mut() {
            let this = table.clone();
            let count = table.foreign_keys.len();
            table.foreign_keys.retain(|key| fits(&this, key));
            changed |= table.foreign_keys.len() != count;
        }
        if !changed {
            break;
        }
    }
    log(schema);
}

/// Keeps a table only in a way in which SQLite can keep it: rows hold uuids as text.
pub(super) fn keep(table: &mut Table) {
    let columns = || table.columns.iter();
    table.options.strict &= !columns().any(|c| matches!(c.ty, Type::Uuid | Type::Blob));
    let numbered = columns().any(|column| column.auto_increment);
    table.options.without_rowid &= table.primary_key.is_some() && !numbered;
}

/// Logs what a table refers to that is logged.
pub(super) fn log(schema: &mut Schema) {
    loop {
        let tables = schema.tables.values();
        let logged = tables.filter(|table| !table.options.unlogged);
        let mut keys = logged.flat_map(|table| &table.foreign_keys);
        let unlogged = |key: &&ForeignKey| {
            let target = schema.table(&key.ref_table);
            target.is_some_and(|target| target.options.unlogged)
        };
        let Some(name) = keys.find(unlogged).map(|key| key.ref_table.clone()) else {
            return;
        };
        if let Some(table) = schema.tables.get_mut(&name) {
            table.options.unlogged = false;
        }
    }
}

/// Columns that refer to others get their types.
fn follow_types(schema: &mut Schema) {
    for _ in 0..=schema.tables.len() {
        let tables = schema.tables.clone();
        for table in schema.tables.values_mut() {
            for key in table.foreign_keys.clone() {
                let Some(target) = tables.get(&key.ref_table) else {
                    continue;
                };
                for (own, other) in key.columns.iter().zip(&key.ref_columns) {
                    let (Some(own), Some(other)) = (table.column(own), target.column(other)) else {
                        continue;
                    };
                    if own.ty != other.ty && convertible(&own.ty, &other.ty) {
                        let (name, ty) = (own.name.clone(), other.ty.clone());
                        table.checks.retain(|check| !says(&check.expr, &name));
                        let computed = |c: &&Column| {
                            c.generated.as_ref().is_some_and(|g| says(&g.expr, &name))
                        };
                        let gone = table.columns.iter().find(computed);
                        if let Some(gone) = gone.map(|column| column.name.clone()) {
                            drop_column(table, &gone);
                        }
                        let column = table.column_mut(&name).expect("it is there");
                        column.ty = ty;
                        column.default = None;
                    }
                }
            }
        }
    }
}

/// A pair whose tables of one name can hold each other's rows.
pub(super) fn settled(from: Schema, mut to: Schema) -> Pair {
    let mut from = declared(&from);
    repair(&mut from);
    // Two cannot have been one.
    let mut taken = BTreeSet::new();
    for table in to.tables.values_mut() {
        table.renamed_from.take_if(|old| !taken.insert(old.clone()));
        let mut taken = BTreeSet::new();
        for column in &mut table.columns {
            column
                .renamed_from
                .take_if(|old| !taken.insert(old.clone()));
        }
    }
    let mut taken = BTreeSet::new();
    for sequence in to.sequences.values_mut() {
        sequence
            .renamed_from
            .take_if(|old| !taken.insert(old.clone()));
    }
    let sources = rows::tables(&from, &to);
    for table in to.tables.values_mut() {
        let Some(before) = sources.get(&table.name).and_then(|name| from.table(name)) else {
            continue;
        };
        let was = rows::columns(before, table);
        let mut changed = Vec::new();
        for column in &mut table.columns {
            let Some(old) = was.get(&column.name).and_then(|name| before.column(name)) else {
                continue;
            };
            let one_enum = column
                .ty
                .enumeration()
                .is_some_and(|(name, _)| old.ty.is_enum(name));
            // Two values are too few for rows that may not be equal on the way back.
            let too_few = column.ty == Type::Boolean && is_apart(before, &old.name);
            if old.ty != column.ty && (too_few || !one_enum && !convertible(&old.ty, &column.ty))
                || old.generated.is_some() != column.generated.is_some()
            {
                let renamed_from = column.renamed_from.take();
                changed.push(column.name.clone());
                *column = Column {
                    name: column.name.clone(),
                    renamed_from,
                    ..old.clone()
                };
            }
        }
        for name in changed {
            table.checks.retain(|check| !says(&check.expr, &name));
            table.indexes.retain(|index| !is_on(index, &name));
        }
    }
    // A value that rows hold has to stay.
    for ty in from.enums.values() {
        if rows::lasting(&from, &to, &ty.name).is_empty() {
            to.enums.insert(ty.name.clone(), ty.clone());
        }
    }
    for column in to.tables.values_mut().flat_map(|table| &mut table.columns) {
        let Some((name, _)) = column.ty.enumeration() else {
            continue;
        };
        let values = to.enums[name].values.clone();
        column.ty = column.ty.with_enum_values(&values);
        if let Some(DefaultValue::String(value)) = &mut column.default
            && !values.contains(value)
        {
            value.clone_from(&values[0]);
        }
    }
    repair(&mut to);
    Pair { from, to }
}
