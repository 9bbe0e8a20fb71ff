//! Named enum types: what becomes of their values.

use super::Op;
use crate::schema::{Name, Schema};

/// Where a new value of an enum stands among the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ValuePlace {
    /// Behind all others.
    #[default]
    Last,
    /// Right before this one.
    Before(String),
    /// Right after this one.
    After(String),
}

impl ValuePlace {
    /// The place of a value in a list that has it.
    pub fn within(values: &[String], value: &str) -> Self {
        let Some(at) = values.iter().position(|other| other == value) else {
            return Self::Last;
        };
        match (at.checked_sub(1), values.get(at + 1)) {
            (_, None) => Self::Last,
            (Some(before), _) => Self::After(values[before].clone()),
            (None, Some(next)) => Self::Before(next.clone()),
        }
    }

    fn index(&self, values: &[String]) -> usize {
        let find = |value: &String| values.iter().position(|other| other == value);
        match self {
            Self::Last => None,
            Self::Before(value) => find(value),
            Self::After(value) => find(value).map(|at| at + 1),
        }
        .unwrap_or(values.len())
    }
}

/// A column whose type is an enum, or an array of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnumUse {
    /// The table.
    pub table: Name,
    /// The column.
    pub column: String,
}

/// The columns of a schema that use an enum, by table.
pub fn uses_of(schema: &Schema, name: &Name) -> Vec<EnumUse> {
    let mut uses = Vec::new();
    for table in schema.tables.values() {
        for column in &table.columns {
            if column.ty.is_enum(name) {
                uses.push(EnumUse {
                    table: table.name.clone(),
                    column: column.name.clone(),
                });
            }
        }
    }
    uses
}

/// What a schema is after an operation on an enum.
pub(super) fn apply_enum(schema: &mut Schema, op: &Op) {
    match op {
        Op::AddEnumValue {
            name, value, place, ..
        } => change(schema, name, |values| {
            if !values.contains(value) {
                values.insert(place.index(values), value.clone());
            }
        }),
        Op::RenameEnumValue { name, from, to, .. } => {
            change(schema, name, |values| {
                for value in values.iter_mut().filter(|value| *value == from) {
                    value.clone_from(to);
                }
            });
            for column in schema
                .tables
                .values_mut()
                .flat_map(|table| &mut table.columns)
                .filter(|column| column.ty.is_enum(name))
            {
                column.rename_default(from, to);
            }
        }
        Op::RemoveEnumValue { name, value, .. } => {
            change(schema, name, |values| values.retain(|other| other != value));
        }
        Op::ReorderEnum { name, values, .. } => {
            change(schema, name, |old| old.clone_from(values));
        }
        Op::RenameEnum { from, to } => {
            if let Some(mut ty) = schema.enums.remove(from) {
                ty.name = to.clone();
                schema.enums.insert(to.clone(), ty);
            }
            for column in schema
                .tables
                .values_mut()
                .flat_map(|table| &mut table.columns)
                .filter(|column| column.ty.is_enum(from))
            {
                column.ty = column.ty.with_enum_name(to);
            }
        }
        _ => {}
    }
}

/// Changes the values of an enum, and of every column that uses it.
fn change(schema: &mut Schema, name: &Name, change: impl FnOnce(&mut Vec<String>)) {
    let Some(ty) = schema.enums.get_mut(name) else {
        return;
    };
    change(&mut ty.values);
    let values = ty.values.clone();
    for column in schema
        .tables
        .values_mut()
        .flat_map(|table| &mut table.columns)
        .filter(|column| column.ty.is_enum(name))
    {
        column.ty = column.ty.with_enum_values(&values);
    }
}

/// The operation that undoes one on an enum.
pub(super) fn inverse_of_enum(op: &Op, before: &Schema) -> Option<Op> {
    let known = |name: &Name| before.enums.get(name).map(|ty| ty.values.clone());
    Some(match op {
        Op::AddEnumValue {
            name,
            value,
            place,
            used_by,
            ..
        } => Op::RemoveEnumValue {
            name: name.clone(),
            value: value.clone(),
            used_by: used_by.clone(),
            before: known(name).map(|mut values| {
                values.insert(place.index(&values), value.clone());
                values
            }),
        },
        Op::RenameEnumValue {
            name,
            from,
            to,
            used_by,
        } => Op::RenameEnumValue {
            name: name.clone(),
            from: to.clone(),
            to: from.clone(),
            used_by: used_by.clone(),
        },
        Op::RemoveEnumValue {
            name,
            value,
            used_by,
            before: values,
        } => Op::AddEnumValue {
            name: name.clone(),
            value: value.clone(),
            place: ValuePlace::within(&values.clone().or_else(|| known(name))?, value),
            used_by: used_by.clone(),
        },
        Op::ReorderEnum {
            name,
            values,
            used_by,
            before: old,
        } => Op::ReorderEnum {
            name: name.clone(),
            values: old.clone().or_else(|| known(name))?,
            used_by: used_by.clone(),
            before: Some(values.clone()),
        },
        Op::RenameEnum { from, to } => Op::RenameEnum {
            from: to.clone(),
            to: from.clone(),
        },
        _ => return None,
    })
}
