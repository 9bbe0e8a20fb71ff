//! Changes inside of a table.

use proptest::sample::Index as Pick;
use seachange::schema::{
    Action, Column, DefaultValue, EnumType, Index, IndexKey, KeyOn, PrimaryKey, Table, Type,
};

use super::change::Change;
use super::fit::FAMILIES;
use super::{Shape, column_names, generated_column, has_order, plain_column, quoted};

pub(super) fn in_table(shape: Shape, table: &mut Table, change: Change, enums: &[EnumType]) {
    let at = |pick: &Pick, count: usize| (count > 0).then(|| pick.index(count));
    match change {
        Change::CommentTable(_, comment) => {
            table.comment = comment.filter(|comment| !comment.is_empty());
        }
        Change::KeepTable(_, seed) => table.options = super::options(shape, seed),
        Change::AddColumn(_, draft) if draft.ty.is_some() || !enums.is_empty() => {
            let name = column_names(table).fresh(&draft.name);
            let column = plain_column(shape, name, draft, enums);
            table.columns.push(column);
        }
        Change::DropColumn(_, column) => {
            if let Some(at) = at(&column, table.columns.len())
                && table.columns.len() > 1
            {
                let name = table.columns[at].name.clone();
                drop_column(table, &name);
            }
        }
        Change::RenameColumn(_, column, name, taken) => {
            let at = column.index(table.columns.len());
            let old = table.columns[at].name.clone();
            let wanted = match taken {
                true => format!("{old}_"),
                false => name,
            };
            let new = column_names(table).fresh(&wanted);
            rename_column(table, &old, &new);
        }
        Change::AlterType(_, column, ty) => {
            let at = column.index(table.columns.len());
            alter_type(table, at, &ty);
        }
        Change::Nullable(_, column) => {
            let at = column.index(table.columns.len());
            let name = table.columns[at].name.clone();
            let refers = table.foreign_keys.iter().any(|k| k.columns.contains(&name));
            if !table.is_key(&name) && !refers && table.columns[at].generated.is_none() {
                table.columns[at].nullable = !table.columns[at].nullable;
            }
        }
        Change::Default(_, column, mut draft) => {
            let at = column.index(table.columns.len());
            let old = &table.columns[at];
            if old.auto_increment || old.generated.is_some() || old.ty.enumeration().is_some() {
                return;
            }
            draft.ty = Some(old.ty.clone());
            let mut new = plain_column(shape, old.name.clone(), draft, enums);
            new.nullable = old.nullable;
            new.renamed_from.clone_from(&old.renamed_from);
            // A default that points at no row would be refused.
            if table
                .foreign_keys
                .iter()
                .any(|k| k.columns.contains(&old.name))
            {
                new.default = None;
            }
            table.columns[at] = new;
        }
        Change::AddGenerated(_) => generated_column(shape, table),
        Change::AlterIndex(_, index) => {
            if let Some(at) = at(&index, table.indexes.len()) {
                let index = &mut table.indexes[at];
                if index.method.is_none() {
                    index.unique = !index.unique;
                }
                index.nulls_not_distinct &= index.unique;
                for key in &mut index.keys {
                    key.descending = !key.descending && index.method.is_none();
                    key.nulls_first = None;
                }
            }
        }
        Change::DropCheck(_, check) => {
            if let Some(at) = at(&check, table.checks.len()) {
                table.checks.remove(at);
            }
        }
        Change::DropReference(_, key) => {
            if let Some(at) = at(&key, table.foreign_keys.len()) {
                table.foreign_keys.remove(at);
            }
        }
        Change::AlterReference(_, key, action) => {
            if let Some(at) = at(&key, table.foreign_keys.len()) {
                let key = &mut table.foreign_keys[at];
                let nullable = key
                    .columns
                    .iter()
                    .all(|name| table.columns.iter().any(|c| c.name == *name && c.nullable));
                if nullable || !matches!(action, Action::SetNull | Action::SetDefault) {
                    key.on_delete = action;
                    if !matches!(action, Action::SetNull | Action::SetDefault) {
                        key.set_columns.clear();
                    }
                }
            }
        }
        Change::WiderKey(_, column) => {
            let free: Vec<String> = table
                .columns
                .iter()
                .filter(|c| has_order(&c.ty) && !c.nullable && c.generated.is_none())
                .filter(|c| !table.is_key(&c.name))
                .map(|c| c.name.clone())
                .collect();
            if let (Some(at), Some(key)) = (at(&column, free.len()), &mut table.primary_key) {
                key.columns.push(free[at].clone());
            }
        }
        Change::OtherKey(_, column) => {
            let free: Vec<String> = table
                .columns
                .iter()
                .filter(|c| has_order(&c.ty) && !c.nullable && c.generated.is_none())
                .map(|c| c.name.clone())
                .collect();
            if let Some(at) = at(&column, free.len()) {
                table.primary_key = Some(PrimaryKey {
                    name: None,
                    columns: vec![free[at].clone()],
                    ..PrimaryKey::default()
                });
            }
        }
        Change::Collate(_, column) => {
            let at = column.index(table.columns.len());
            let column = &mut table.columns[at];
            column.collation = match &column.collation {
                Some(_) => None,
                None => super::collation(shape, &column.ty),
            };
        }
        Change::NoKey(_) => table.primary_key = None,
        Change::ReverseKey(_) => {
            if let Some(key) = &mut table.primary_key {
                key.columns.reverse();
            }
        }
        _ => {}
    }
}

/// Whether a piece of SQL is about a column. All SQL that is drawn has its columns in quotes.
pub(super) fn says(sql: &str, column: &str) -> bool {
    sql.contains(&quoted(column))
}

pub(super) fn drop_column(table: &mut Table, name: &str) {
    let computed: Vec<String> = table
        .columns
        .iter()
        .filter(|c| c.generated.as_ref().is_some_and(|g| says(&g.expr, name)))
        .map(|c| c.name.clone())
        .collect();
    for other in computed {
        drop_column(table, &other);
    }
    if table.columns.len() == 1 {
        return;
    }
    let has = |columns: &[String]| columns.iter().any(|column| column == name);
    table.columns.retain(|column| column.name != name);
    table.primary_key.take_if(|key| has(&key.columns));
    table.uniques.retain(|unique| !has(&unique.columns));
    table.foreign_keys.retain(|key| !has(&key.columns));
    table.indexes.retain(|index| !is_on(index, name));
    table.checks.retain(|check| !says(&check.expr, name));
    for unique in &mut table.uniques {
        unique.include.retain(|column| column != name);
    }
    if let Some(key) = &mut table.primary_key {
        key.include.retain(|column| column != name);
    }
    table.exclusions.retain(|exclusion| {
        let on = |key: &IndexKey| matches!(&key.on, KeyOn::Column(column) if column == name);
        !exclusion.elements.iter().any(|element| on(&element.key))
    });
}

pub(super) fn is_on(index: &Index, column: &str) -> bool {
    let computed = index.keys.iter().any(|key| match &key.on {
        KeyOn::Column(name) => name == column,
        KeyOn::Expr(sql) => says(sql, column),
    });
    computed
        || index.include.iter().any(|name| name == column)
        || index
            .predicate
            .as_ref()
            .is_some_and(|sql| says(sql, column))
}

pub(super) fn rename_column(table: &mut Table, from: &str, to: &str) {
    let rename = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    let rewrite = |sql: &mut String| *sql = sql.replace(&quoted(from), &quoted(to));
    for column in &mut table.columns {
        if column.name == from {
            let before = column.renamed_from.take();
            column.renamed_from = Some(before.unwrap_or_else(|| from.to_owned()));
        }
        rename(&mut column.name);
        if let Some(generated) = &mut column.generated {
            rewrite(&mut generated.expr);
        }
    }
    table
        .primary_key
        .iter_mut()
        .flat_map(|k| &mut k.columns)
        .for_each(rename);
    table
        .uniques
        .iter_mut()
        .flat_map(|u| &mut u.columns)
        .for_each(rename);
    table
        .foreign_keys
        .iter_mut()
        .flat_map(|k| &mut k.columns)
        .for_each(rename);
    table
        .uniques
        .iter_mut()
        .flat_map(|u| &mut u.include)
        .for_each(rename);
    table
        .foreign_keys
        .iter_mut()
        .flat_map(|k| &mut k.set_columns)
        .for_each(rename);
    for element in table.exclusions.iter_mut().flat_map(|e| &mut e.elements) {
        if let KeyOn::Column(name) = &mut element.key.on {
            rename(name);
        }
    }
    for index in &mut table.indexes {
        index.include.iter_mut().for_each(rename);
        index.predicate.iter_mut().for_each(rewrite);
        for IndexKey { on, .. } in &mut index.keys {
            match on {
                KeyOn::Column(name) => rename(name),
                KeyOn::Expr(sql) => rewrite(sql),
            }
        }
    }
    for check in &mut table.checks {
        rewrite(&mut check.expr);
    }
}

/// Whether rows may not be equal in the column.
pub(super) fn is_apart(table: &Table, column: &str) -> bool {
    let is = |name: &String| name == column;
    table.is_key(column)
        || table.uniques.iter().any(|u| u.columns.iter().any(is))
        || table
            .indexes
            .iter()
            .any(|i| i.unique && i.columns().any(|name| name == column))
        || !table.exclusions.is_empty()
        || table.foreign_keys.iter().any(|k| k.columns.iter().any(is))
}

fn alter_type(table: &mut Table, at: usize, pick: &Pick) {
    let column = &table.columns[at];
    let types: Vec<Type> = FAMILIES
        .iter()
        .map(|family| family())
        .filter(|family| family.contains(&column.ty))
        .flatten()
        .filter(|ty| *ty != column.ty)
        // Two values are too few for rows that may not be equal.
        .filter(|ty| *ty != Type::Boolean || !is_apart(table, &column.name))
        .collect();
    if types.is_empty() || column.generated.is_some() {
        return;
    }
    let name = column.name.clone();
    let computed = |c: &Column| c.generated.as_ref().is_some_and(|g| says(&g.expr, &name));
    if table.columns.iter().any(computed) {
        return;
    }
    let column = &mut table.columns[at];
    column.ty = types[pick.index(types.len())].clone();
    column.default = match (&column.default, &column.ty) {
        (Some(_), ty) if ty.is_integer() => Some(DefaultValue::Number("7".to_owned())),
        _ => None,
    };
    table.checks.retain(|check| !says(&check.expr, &name));
    table.indexes.retain(|index| {
        let expression = |key: &IndexKey| matches!(&key.on, KeyOn::Expr(sql) if says(sql, &name));
        !index.keys.iter().any(expression)
    });
}
