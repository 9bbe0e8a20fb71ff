//! Renames: declared beside the entity, answered, or asked; never guessed.

use super::{Question, Subject, Work, column_key};
use crate::op::Op;
use crate::schema::{Column, Name, Table};

/// Carries out the renames that are declared or answered, and asks about drops and adds that may
/// be one.
pub(super) fn renames(work: &mut Work<'_>) {
    // One may take the name that another sets free.
    loop {
        let found = declared_tables(work);
        if found.is_empty() {
            break;
        }
        for (from, to) in found {
            match work.now.table(&from) {
                Some(_) => work.push(Op::RenameTable { from, to }),
                None => work.note(format!("table {to}"), &claimed_twice(&from.to_string())),
            }
        }
    }
    ask_tables(work);
    loop {
        let found = declared_columns(work);
        if found.is_empty() {
            break;
        }
        for (table, from, to) in found {
            let now = work.now.table(&table);
            match now.and_then(|now| now.column(&from)) {
                Some(_) => work.push(Op::RenameColumn { table, from, to }),
                None => {
                    let object = column_key(&table, &to).to_string();
                    work.note(object, &claimed_twice(&from));
                }
            }
        }
    }
    ask_columns(work);
}

/// Why what says that it was something else is taken for new.
pub(super) fn claimed_twice(from: &str) -> String {
    format!(
        "is taken for new, since another one was `{from}` too; take the rename out of one of them"
    )
}

/// A rename holds when the old name is there and the new one is not: then it is still to be done.
fn declared_tables(work: &Work<'_>) -> Vec<(Name, Name)> {
    work.to
        .tables
        .values()
        .filter(|table| work.now.table(&table.name).is_none())
        .filter_map(|table| {
            let from = work
                .answers
                .renamed_table(&table.name)
                .or_else(|| table.renamed_from.clone())
                .filter(|from| work.now.table(from).is_some())
                .or_else(|| table_in_other_case(work, &table.name))?;
            work.now.table(&from)?;
            Some((from, table.name.clone()))
        })
        .collect()
}

fn declared_columns(work: &Work<'_>) -> Vec<(Name, String, String)> {
    let mut renames = Vec::new();
    for (now, to) in work.pairs() {
        for column in &to.columns {
            if now.column(&column.name).is_some() {
                continue;
            }
            let from = work
                .answers
                .renamed_column(&to.name, &column.name)
                .or_else(|| column.renamed_from.clone())
                .filter(|from| now.column(from).is_some())
                .or_else(|| column_in_other_case(work, (&now, &to), &column.name));
            if let Some(from) = from {
                renames.push((to.name.clone(), from, column.name.clone()));
            }
        }
    }
    renames
}

/// A table that goes, and whose name differs in case alone. SQLite takes both for one name, so it
/// can be nothing but a rename there.
fn table_in_other_case(work: &Work<'_>, to: &Name) -> Option<Name> {
    let mut found = work.gone().into_iter().filter(|table| {
        table.name.schema == to.schema && table.name.name.eq_ignore_ascii_case(&to.name)
    });
    let from = found.next()?.name.clone();
    let dropped = work.answers.dropped(&Subject::Table(from.clone()));
    (found.next().is_none() && !dropped).then_some(from)
}

/// The same for a column.
fn column_in_other_case(
    work: &Work<'_>,
    (now, to): (&Table, &Table),
    name: &str,
) -> Option<String> {
    let mut found = now.columns.iter().filter(|column| {
        column.name.eq_ignore_ascii_case(name) && to.column(&column.name).is_none()
    });
    let from = found.next()?.name.clone();
    let dropped = work
        .answers
        .dropped(&Subject::Column(to.name.clone(), from.clone()));
    (found.next().is_none() && !dropped).then_some(from)
}

fn ask_tables(work: &mut Work<'_>) {
    let gone: Vec<Table> = work.gone().into_iter().cloned().collect();
    for old in gone {
        if work.answers.dropped(&Subject::Table(old.name.clone())) {
            continue;
        }
        let candidates: Vec<Name> = work
            .to
            .tables
            .values()
            .filter(|new| work.now.table(&new.name).is_none() && same_columns(&old, new))
            .map(|new| new.name.clone())
            .collect();
        if !candidates.is_empty() {
            work.plan.questions.push(Question::RenameTable {
                from: old.name,
                to: candidates,
            });
        }
    }
}

fn same_columns(old: &Table, new: &Table) -> bool {
    let shape = |table: &Table| {
        let mut columns: Vec<(String, String)> = table
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.ty.to_string()))
            .collect();
        columns.sort();
        columns
    };
    shape(old) == shape(new)
}

fn ask_columns(work: &mut Work<'_>) {
    for (now, to) in work.pairs() {
        for old in now
            .columns
            .iter()
            .filter(|old| to.column(&old.name).is_none())
        {
            let subject = Subject::Column(to.name.clone(), old.name.clone());
            if work.answers.dropped(&subject) {
                continue;
            }
            let candidates: Vec<String> = to
                .columns
                .iter()
                .filter(|new| now.column(&new.name).is_none() && alike(old, new))
                .map(|new| new.name.clone())
                .collect();
            if !candidates.is_empty() {
                work.plan.questions.push(Question::RenameColumn {
                    table: to.name.clone(),
                    from: old.name.clone(),
                    to: candidates,
                    ty: old.ty.to_string(),
                });
            }
        }
    }
}

/// Whether one column may well be the other under a new name.
fn alike(old: &Column, new: &Column) -> bool {
    old.ty == new.ty
        && old.auto_increment == new.auto_increment
        && old.generated == new.generated
        && old.variants == new.variants
}
