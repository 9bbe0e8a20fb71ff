//! One entity, read through SeaORM's traits.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use sea_orm::sea_query::Value;
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn, PrimaryKeyTrait,
    RelationDef, RelationTrait,
};

use super::extras::{Extras, TableExtras};
use super::{EntityError, Listed};
use crate::dialect::sqlite;
use crate::schema::{
    Action, Column, Engine, ForeignKey, Name, PrimaryKey, Table, Type, Unique, convert,
};

/// Finds out whether an entity has [`TableExtras`]: a method call takes [`WithExtras`] if it can,
/// and looks at [`Plain`] only then, because that one needs one reference more.
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<E>(PhantomData<E>);

impl<E> Probe<E> {
    #[doc(hidden)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

#[doc(hidden)]
pub trait WithExtras {
    fn listed(&self, word: &'static str) -> Listed;
}

impl<E: TableExtras> WithExtras for Probe<E> {
    fn listed(&self, word: &'static str) -> Listed {
        listed::<E>(word, |entity| {
            let mut extras = Extras::new(table::<E>(entity)?);
            E::extras(&mut extras);
            verified(entity, extras.into_table(entity)?)
        })
    }
}

#[doc(hidden)]
pub trait Plain {
    fn listed(&self, word: &'static str) -> Listed;
}

impl<E: EntityTrait> Plain for &Probe<E> {
    fn listed(&self, word: &'static str) -> Listed {
        listed::<E>(word, |entity| verified(entity, table::<E>(entity)?))
    }
}

fn listed<E>(word: &'static str, read: fn(&'static str) -> Result<Table, EntityError>) -> Listed {
    let ty = std::any::type_name::<E>();
    Listed {
        word,
        module: ty.rsplit_once("::").map_or(ty, |(module, _)| module),
        read,
    }
}

/// What `#[sea_orm]` declares.
fn table<E: EntityTrait>(entity: &str) -> Result<Table, EntityError> {
    let this = E::default();
    let mut table = Table::new(Name {
        schema: this.schema_name().map(str::to_owned),
        name: this.table_name().to_owned(),
    });
    table.comment = this.comment().map(str::to_owned);

    let key: Vec<String> = E::PrimaryKey::iter()
        .map(|key| key.into_column().as_str().to_owned())
        .collect();
    for declared in E::Column::iter() {
        let (mut column, unique) = column::<E>(entity, declared)?;
        // SeaORM has one flag for the whole entity, and sets it for columns that no engine numbers.
        column.auto_increment = E::PrimaryKey::auto_increment()
            && key == [column.name.as_str()]
            && column.ty.is_integer();
        if key.contains(&column.name) {
            column.nullable = false;
        }
        // What it appends as SQL is compared and changed like anything else, where it can be read.
        if let Some(extra) = column.extra.as_deref().and_then(sqlite::extra) {
            column.extra = None;
            column.collation = extra.collation;
            column.generated = extra.generated;
            table.checks.extend(extra.checks);
        }
        if unique {
            table.uniques.push(Unique {
                name: None,
                columns: vec![column.name.clone()],
                ..Unique::default()
            });
        }
        table.columns.push(column);
    }
    if !key.is_empty() {
        table.primary_key = Some(PrimaryKey {
            name: (key.len() > 1).then(|| format!("pk-{}", table.name.name)),
            columns: key,
            ..PrimaryKey::default()
        });
    }
    // Names and columns only; the engine makes no difference to them.
    table.indexes = sea_orm::Schema::new(DbBackend::Sqlite)
        .create_index_from_entity(this)
        .iter()
        .filter_map(convert::index)
        .collect();
    for relation in E::Relation::iter() {
        let relation = relation.def();
        // `is_owner` is set on the side that is referenced.
        if !relation.is_owner && !relation.skip_fk {
            foreign_key(entity, &relation, &mut table)?;
        }
    }
    Ok(table)
}

/// A column, and whether it is unique by itself.
fn column<E: EntityTrait>(entity: &str, column: E::Column) -> Result<(Column, bool), EntityError> {
    let declared = column.def();
    let parts = sea_orm::Schema::new(DbBackend::Sqlite).get_column_def::<E>(column);
    let parts = convert::column(&parts).map_err(|source| EntityError::Unreadable {
        entity: entity.to_owned(),
        source,
    })?;
    let mut column = parts.column;
    // `get_column_def` loses the values of an enum.
    column.ty = Type::from(declared.get_column_type());
    if let Some(text) = column.comment.take() {
        (column.comment, column.renamed_from) = comment_and_renamed_from(&declared, text);
    }
    Ok((column, parts.unique))
}

/// SeaORM hands out `renamed_from` only as the end of the comment, where the comment may hold the
/// same words. The definition can be compared, though: only the true parts leave it as it is.
fn comment_and_renamed_from(
    declared: &sea_orm::ColumnDef,
    text: String,
) -> (Option<String>, Option<String>) {
    // A default may be NaN, which is not equal to itself.
    let declared = declared.clone().default(Value::Bool(None));
    for (at, mark) in text.match_indices("renamed_from \"") {
        let Some(old) = text[at + mark.len()..].strip_suffix('"') else {
            continue;
        };
        if declared.clone().renamed_from(old) != declared {
            continue;
        }
        let before = &text[..at];
        if before.is_empty() {
            return (None, Some(old.to_owned()));
        }
        if let Some(comment) = before.strip_suffix("; ")
            && declared.clone().comment(comment) == declared
        {
            return (Some(comment.to_owned()), Some(old.to_owned()));
        }
    }
    (Some(text), None)
}

fn foreign_key(entity: &str, relation: &RelationDef, table: &mut Table) -> Result<(), EntityError> {
    let columns: Vec<String> = relation.from_col.iter().map(ToString::to_string).collect();
    let ref_columns: Vec<String> = relation.to_col.iter().map(ToString::to_string).collect();
    let wrong = |problem: &str| EntityError::Relation {
        entity: entity.to_owned(),
        columns: columns.clone(),
        problem: problem.to_owned(),
    };
    let Some(ref_table) = convert::name(&relation.to_tbl) else {
        return Err(wrong("leads to no table; say `skip_fk`"));
    };
    if columns.len() != ref_columns.len() {
        return Err(wrong(&format!(
            "leads to ({}) of `{ref_table}`, which is not as many columns; correct `from` and `to`",
            ref_columns.join(", ")
        )));
    }
    let said = relation.on_delete.is_some() || relation.on_update.is_some();
    let key = ForeignKey {
        name: Some(
            relation
                .fk_name
                .clone()
                .unwrap_or_else(|| format!("fk-{}-{}", table.name.name, columns.join("-"))),
        ),
        columns: columns.clone(),
        ref_table,
        ref_columns,
        on_delete: relation.on_delete.map_or(Action::NoAction, Action::from),
        on_update: relation.on_update.map_or(Action::NoAction, Action::from),
        ..ForeignKey::default()
    };
    // Two relations may lead the same way, one of them with a condition for joins. They are one
    // key, and need not both say what it does.
    let twin = table.foreign_keys.iter_mut().find(|other| {
        other.columns == key.columns
            && other.ref_table == key.ref_table
            && other.ref_columns == key.ref_columns
    });
    let Some(twin) = twin else {
        table.foreign_keys.push(key);
        return Ok(());
    };
    let quiet = (twin.on_delete, twin.on_update) == (Action::NoAction, Action::NoAction);
    if relation.fk_name.is_some() {
        twin.name = key.name;
    }
    if quiet {
        (twin.on_delete, twin.on_update) = (key.on_delete, key.on_update);
    } else if said && (twin.on_delete, twin.on_update) != (key.on_delete, key.on_update) {
        return Err(wrong(
            "is declared twice, with other actions; say `skip_fk` on one of them",
        ));
    }
    Ok(())
}

/// What neither SeaORM nor the types refuse, but every engine would.
fn verified(entity: &str, table: Table) -> Result<Table, EntityError> {
    let mut names = BTreeSet::new();
    if let Some(column) = table
        .columns
        .iter()
        .find(|column| !names.insert(&column.name))
    {
        return Err(EntityError::SameColumn {
            entity: entity.to_owned(),
            column: column.name.clone(),
        });
    }
    if table.is_divided() {
        for engine in Engine::ALL {
            no_name_twice(entity, &table.clone().on(engine))?;
        }
    } else {
        no_name_twice(entity, &table)?;
    }
    Ok(table)
}

/// Whether each index has a name of its own, and each constraint.
fn no_name_twice(entity: &str, table: &Table) -> Result<(), EntityError> {
    let twice = |what, name: &str, advice| EntityError::SameName {
        entity: entity.to_owned(),
        what,
        name: name.to_owned(),
        advice,
    };
    let mut names = BTreeSet::new();
    if let Some(index) = table
        .indexes
        .iter()
        .find(|index| !names.insert(&index.name))
    {
        return Err(twice(
            "indexes",
            &index.name,
            "name one of them in `TableExtras`, with `.name(…)`",
        ));
    }
    let mut names = BTreeSet::new();
    let uniques = table
        .uniques
        .iter()
        .filter_map(|unique| unique.name.as_deref());
    let checks = table
        .checks
        .iter()
        .filter_map(|check| check.name.as_deref());
    let keys = table
        .foreign_keys
        .iter()
        .filter_map(|key| key.name.as_deref());
    if let Some(name) = uniques
        .chain(checks)
        .chain(keys)
        .chain(
            table
                .exclusions
                .iter()
                .map(|exclusion| exclusion.name.as_str()),
        )
        .find(|name| !names.insert(*name))
    {
        return Err(twice(
            "constraints",
            name,
            "name one of them in `TableExtras`, a foreign key with `.foreign_key([…]).name(…)`",
        ));
    }
    Ok(())
}
