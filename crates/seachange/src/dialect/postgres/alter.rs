//! Columns altered in place.

use super::canonical::{check_column, column_object};
use super::ddl::{add_column, alter, block, collate, comment_on_column, default_sql};
use super::default::is_number;
use super::guard::has_type;
use super::numbering;
use super::types::{canonical_type, qualified, type_sql, using_clause};
use super::unsupported;
use crate::dialect::{Unsupported, literal, quote};
use crate::op::ColumnChange;
use crate::schema::{Column, DefaultValue, Engine, Name, Type};

/// Everything about a column in one pass over its table: the numbering that goes, then type,
/// nullability and default together, then the numbering that comes, then the comment.
pub(super) fn alter_column(
    table: &Name,
    column: &str,
    change: &ColumnChange,
    before: Option<&Column>,
) -> Result<Vec<String>, Unsupported> {
    let ColumnChange {
        ty,
        using: _,
        nullable: _,
        default: _,
        auto_increment,
        numbering,
        collation: _,
        generated,
        comment,
        // What is done on an engine has none left.
        variants: _,
    } = change;
    let object = || column_object(table, column);
    let mut after = before.cloned().unwrap_or_else(|| {
        // Of a column that nobody knows, its default tells most.
        let likely = match change.default {
            Some(Some(DefaultValue::Bool(_))) => Type::Boolean,
            _ => Type::Integer,
        };
        Column::new(column, ty.clone().unwrap_or(likely))
    });
    change.apply(&mut after);
    check_column(object, &after)?;
    if let Some(Some(_)) = generated {
        return recompute(table, &object(), &after, before.is_some() || ty.is_some());
    }

    let mut statements = Vec::new();
    if *generated == Some(None) {
        statements.push(format!(
            "{} ALTER COLUMN {} DROP EXPRESSION",
            alter(table),
            quote(column)
        ));
    }
    if *auto_increment == Some(false) {
        statements.extend(numbering::change(table, before, &after)?);
    }
    let mut change = change.clone();
    let renumbered = auto_increment.is_some() || numbering.is_some();
    if renumbered
        && change.using.is_none()
        && let Some(ty) = change.ty.take()
    {
        let default = change.default.is_some();
        statements.push(retyped(table, ty, default, &after)?);
    }
    let actions = actions(column, &change, before, &after)?;
    if !actions.is_empty() {
        statements.push(format!("{} {}", alter(table), actions.join(", ")));
    }
    if before.is_none() && ty.is_none() && change.collation.is_some() {
        statements.push(collate_unknown(table, column, after.collation.as_deref()));
    }
    let may_be_numbered =
        auto_increment.is_none() && before.is_none_or(|before| before.auto_increment);
    if let Some(ty) = ty
        && may_be_numbered
        && canonical_type(ty).is_integer()
    {
        statements.push(numbering::widen_serial(table, column, &type_sql(ty)?));
    }
    if *auto_increment == Some(true) || (numbering.is_some() && *auto_increment != Some(false)) {
        after.auto_increment = true;
        statements.extend(numbering::change(table, before, &after)?);
    }
    if let Some(comment) = comment {
        statements.push(comment_on_column(table, column, comment.as_deref()));
    }
    Ok(statements)
}

/// The change with what its statements have to know of the column as it was, since a module does not
/// tell them: how its values are converted, and in some cases its type.
pub fn in_full(change: &ColumnChange, before: &Column) -> ColumnChange {
    let mut full = change.clone();
    let own = change.on(Engine::Postgres);
    if let Some(to) = &change.ty {
        let clause = |from| using_clause(&before.name, from, to).ok().flatten();
        let known = clause(Some(&before.ty));
        if change.using.is_none() && known != clause(None) {
            full.using.clone_from(&known);
        }
        // A default that has to be cast as the values are.
        let default = before.on(Engine::Postgres).default;
        if known.is_some() && own.default.is_none() && default.is_some() {
            full.default = Some(default);
        }
        return full;
    }
    let of_its_type = match &own.default {
        Some(Some(DefaultValue::Bool(_))) => !is_number(&before.ty),
        Some(Some(DefaultValue::Number(_))) => before.ty != Type::Boolean,
        _ => true,
    };
    if !of_its_type {
        full.ty = Some(before.ty.clone());
    }
    full
}

/// A column that is computed from now on, or in another way, is made anew: the server has no
/// statement for it, and nothing that it held counts.
fn recompute(
    table: &Name,
    object: &str,
    after: &Column,
    known: bool,
) -> Result<Vec<String>, Unsupported> {
    if !known {
        return Err(unsupported(
            object,
            "makes a column that is computed anew, for which its type has to be said; add \
             `.set_type(…)`",
        ));
    }
    let mut statements = vec![format!(
        "{} DROP COLUMN {}",
        alter(table),
        quote(&after.name)
    )];
    statements.extend(add_column(table, after)?);
    Ok(statements)
}

/// Gives a column the type that is said with its numbering, where it is another one: mostly it is
/// said because a sequence needs it, and the server would build all that is on the column anew. A
/// default that changes too goes first, since it may be of no use to the new type.
fn retyped(
    table: &Name,
    ty: Type,
    default_changes: bool,
    after: &Column,
) -> Result<String, Unsupported> {
    let column = &after.name;
    let has_type = has_type(table, column, &type_sql(&ty)?);
    let typed = ColumnChange {
        ty: Some(ty),
        default: default_changes.then_some(None),
        ..ColumnChange::default()
    };
    let actions = actions(column, &typed, None, after)?.join(", ");
    let body = format!("IF NOT {has_type} THEN {} {actions}; END IF;", alter(table));
    Ok(block("", &body))
}

/// The parts of the one ALTER TABLE.
fn actions(
    column: &str,
    change: &ColumnChange,
    before: Option<&Column>,
    after: &Column,
) -> Result<Vec<String>, Unsupported> {
    let mut actions = Vec::new();
    let action = |what: &str| format!("ALTER COLUMN {} {what}", quote(column));
    let mut new_default = change.default.clone();
    let known = before.is_some() || change.ty.is_some();
    if change.ty.is_some() || (change.collation.is_some() && known) {
        let using = match (&change.using, &change.ty) {
            (Some(using), _) => Some(using.clone()),
            (None, Some(ty)) => using_clause(column, before.map(|before| &before.ty), ty)?,
            (None, None) => None,
        };
        // The server refuses to cast some defaults, and others keep the old type in their text.
        if new_default.is_none() && change.ty.is_some() {
            new_default = before
                .filter(|before| before.default.is_some())
                .map(|before| before.default.clone());
        }
        if new_default.is_some() {
            actions.push(action("DROP DEFAULT"));
        }
        let using = using
            .map(|using| format!(" USING {using}"))
            .unwrap_or_default();
        // Where nothing is said the column gets the type's own collation.
        let collation = after.collation.as_deref().map(collate).unwrap_or_default();
        let ty = type_sql(&after.ty)?;
        actions.push(action(&format!("TYPE {ty}{collation}{using}")));
    }
    match change.nullable {
        Some(true) => actions.push(action("DROP NOT NULL")),
        Some(false) => actions.push(action("SET NOT NULL")),
        None => {}
    }
    match &new_default {
        Some(Some(default)) => actions.push(action(&set_default(default, after))),
        Some(None) if change.ty.is_none() => actions.push(action("DROP DEFAULT")),
        Some(None) | None => {}
    }
    Ok(actions)
}

fn set_default(default: &DefaultValue, column: &Column) -> String {
    format!("SET DEFAULT {}", default_sql(default, &column.ty))
}

/// Another collation for a column whose type nobody said.
fn collate_unknown(table: &Name, column: &str, collation: Option<&str>) -> String {
    block(
        "",
        &format!(
            "EXECUTE {} || (SELECT pg_catalog.format_type(atttypid, atttypmod) \
             FROM pg_catalog.pg_attribute WHERE attrelid = {}::regclass AND attname = {}) || {};",
            literal(&format!(
                "{} ALTER COLUMN {} TYPE ",
                alter(table),
                quote(column)
            )),
            literal(&qualified(table)),
            literal(column),
            literal(&collation.map(collate).unwrap_or_default())
        ),
    )
}
