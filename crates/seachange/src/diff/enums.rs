//! Named enums: created, renamed, and changed value by value.
//!
//! Values are added before anything can use them, renamed where no check looks at them, and taken
//! out when nothing uses them any more.

use std::collections::BTreeMap;

use super::{Question, Subject, Work};
use crate::op::{EnumUse, Op, ValuePlace, uses_of};
use crate::schema::{Column, Name};

/// Renames types: those that are declared or answered, and those whose columns all go over to a
/// type with the same values.
pub(super) fn rename_types(work: &mut Work<'_>) {
    let gone: Vec<Name> = work
        .now
        .enums
        .keys()
        .filter(|name| !work.to.enums.contains_key(name))
        .cloned()
        .collect();
    for from in gone {
        let to = work
            .to
            .enums
            .keys()
            .filter(|to| !work.now.enums.contains_key(to))
            .find(|to| is_renamed(work, &from, to));
        if let Some(to) = to.cloned() {
            work.push(Op::RenameEnum { from, to });
        }
    }
}

fn is_renamed(work: &Work<'_>, from: &Name, to: &Name) -> bool {
    if work.answers.dropped(&Subject::Enum(from.clone())) {
        return false;
    }
    let declared =
        columns_of(work, to).any(|new| new.enum_hints.renamed_from.as_ref() == Some(from));
    if declared || work.answers.renamed_enum(to).as_ref() == Some(from) {
        return true;
    }
    let uses = uses_of(&work.now, from);
    let values = |enums: &BTreeMap<Name, crate::schema::EnumType>, name| {
        enums.get(name).map(|ty| ty.values.clone())
    };
    let goes_over = |used: &EnumUse| {
        let column = work
            .to
            .table(&used.table)
            .and_then(|table| table.column(&used.column));
        column.is_some_and(|column| column.ty.is_enum(to))
    };
    !uses.is_empty()
        && uses.iter().all(goes_over)
        && values(&work.now.enums, from) == values(&work.to.enums, to)
}

/// The columns that shall use the enum.
fn columns_of<'a>(work: &Work<'a>, name: &'a Name) -> impl Iterator<Item = &'a Column> {
    let columns = work.to.tables.values().flat_map(|table| &table.columns);
    columns.filter(move |column| column.ty.is_enum(name))
}

/// Creates new types, and gives the others their new values.
pub(super) fn create(work: &mut Work<'_>) {
    for (name, ty) in &work.to.enums {
        let Some(now) = work.now.enums.get(name) else {
            work.push(Op::CreateEnum(ty.clone()));
            continue;
        };
        if now.values == ty.values {
            continue;
        }
        let renames = renames(work, name);
        ask(work, name, &renames);
        let names_now: Vec<&String> = ty
            .values
            .iter()
            .map(|value| renames.get(value).unwrap_or(value))
            .collect();
        for (at, value) in names_now.iter().enumerate() {
            let Some(now) = work.now.enums.get(name).map(|ty| &ty.values) else {
                continue;
            };
            if now.contains(value) {
                continue;
            }
            let place = match at.checked_sub(1).map(|before| names_now[before]) {
                Some(before) if now.last() == Some(before) => ValuePlace::Last,
                Some(before) => ValuePlace::After(before.clone()),
                None => match names_now.iter().find(|other| now.contains(other)) {
                    Some(next) => ValuePlace::Before((*next).clone()),
                    None => ValuePlace::Last,
                },
            };
            work.push(Op::AddEnumValue {
                name: name.clone(),
                value: (*value).clone(),
                place,
                used_by: uses_of(&work.now, name),
            });
        }
    }
}

/// The old name of each value that gets a new one, as declared or answered.
fn renames(work: &Work<'_>, name: &Name) -> BTreeMap<String, String> {
    let (Some(now), Some(to)) = (work.now.enums.get(name), work.to.enums.get(name)) else {
        return BTreeMap::new();
    };
    let hints: Vec<&(String, String)> = columns_of(work, name)
        .flat_map(|column| &column.enum_hints.renamed_values)
        .collect();
    let mut renames = BTreeMap::new();
    for from in now.values.iter().filter(|from| !to.values.contains(from)) {
        let answered = work.answers.renamed_value(name, from);
        let mut target = answered.as_ref();
        if target.is_none() {
            // It may have been renamed more than once since this schema was.
            let mut value = from;
            for _ in 0..hints.len() {
                let Some((_, next)) = hints.iter().find(|(old, _)| old == value) else {
                    break;
                };
                value = next;
                if to.values.contains(value) {
                    target = Some(value);
                    break;
                }
            }
        }
        if let Some(target) = target
            && to.values.contains(target)
            && !now.values.contains(target)
            && !renames.contains_key(target)
        {
            renames.insert(target.clone(), from.clone());
        }
    }
    renames
}

/// Asks about values that disappear while others appear.
fn ask(work: &mut Work<'_>, name: &Name, renames: &BTreeMap<String, String>) {
    let (Some(now), Some(to)) = (work.now.enums.get(name), work.to.enums.get(name)) else {
        return;
    };
    let candidates: Vec<String> = to
        .values
        .iter()
        .filter(|value| !now.values.contains(value) && !renames.contains_key(*value))
        .cloned()
        .collect();
    if candidates.is_empty() {
        return;
    }
    let questions: Vec<Question> = now
        .values
        .iter()
        .filter(|value| !to.values.contains(value) && !renames.values().any(|old| old == *value))
        .filter(|value| !work.answers.dropped(&Subject::value(name, value)))
        .map(|value| Question::RenameEnumValue {
            name: name.clone(),
            from: value.clone(),
            to: candidates.clone(),
            used_by: uses_of(&work.now, name),
        })
        .collect();
    work.plan.questions.extend(questions);
}

/// Gives values their new names: behind the checks that go, since rows of SQLite change here.
pub(super) fn rename_values(work: &mut Work<'_>) {
    for name in work.to.enums.keys() {
        for (to, from) in renames(work, name) {
            work.push(Op::RenameEnumValue {
                name: name.clone(),
                from,
                to,
                used_by: uses_of(&work.now, name),
            });
        }
    }
}

/// Takes out the values that nothing may hold any more, and sorts the others.
pub(super) fn remove_values(work: &mut Work<'_>) {
    for (name, ty) in &work.to.enums {
        let Some(now) = work.now.enums.get(name).map(|ty| ty.values.clone()) else {
            continue;
        };
        for value in now.iter().filter(|value| !ty.values.contains(value)) {
            let before = work.now.enums.get(name).map(|ty| ty.values.clone());
            work.push(Op::RemoveEnumValue {
                name: name.clone(),
                value: value.clone(),
                used_by: uses_of(&work.now, name),
                before,
            });
        }
        let before = work.now.enums.get(name).map(|ty| ty.values.clone());
        if before.as_ref().is_some_and(|before| *before != ty.values) {
            work.push(Op::ReorderEnum {
                name: name.clone(),
                values: ty.values.clone(),
                used_by: uses_of(&work.now, name),
                before,
            });
        }
    }
}

/// Drops types that nothing uses any more.
pub(super) fn drop(work: &mut Work<'_>) {
    let gone: Vec<_> = work
        .now
        .enums
        .values()
        .filter(|ty| !work.to.enums.contains_key(&ty.name))
        .cloned()
        .collect();
    for ty in gone {
        work.push(Op::DropEnum {
            name: ty.name.clone(),
            before: Some(ty),
        });
    }
}
