//! Foreign keys that stay, and yet have to go for a moment.

use std::collections::BTreeMap;

use crate::schema::{Column, ForeignKey, Index, Name, PrimaryKey, Schema, Table, Unique};

/// Foreign keys that hold on to what changes: the key or the unique constraint that they refer to,
/// or the type of a column on either side, as far as the two types do not go together on the way.
/// They are added again once all of that is done. `pairs` are the tables that change.
pub(super) fn in_the_way(
    now: &Schema,
    to: &Schema,
    pairs: &[(Table, Table)],
) -> Vec<(Name, ForeignKey)> {
    let changed: BTreeMap<&Name, &Table> = pairs.iter().map(|(_, to)| (&to.name, to)).collect();
    let target = |name: &Name| changed.get(name).copied().or_else(|| to.table(name));
    let stays = |name: &Name| !changed.contains_key(name) && to.tables.contains_key(name);
    let mut found = Vec::new();
    for table in now.tables.values() {
        for key in &table.foreign_keys {
            if stays(&table.name) && stays(&key.ref_table) {
                continue;
            }
            let (Some(other), Some(new_other)) =
                (now.table(&key.ref_table), target(&key.ref_table))
            else {
                continue;
            };
            let new = target(&table.name);
            if referred_changes(other, new_other, &key.ref_columns)
                || types_change((other, new_other), &key.ref_columns)
                || new.is_some_and(|new| types_change((table, new), &key.columns))
            {
                found.push((table.name.clone(), key.clone()));
            }
        }
    }
    found
}

/// Whether a foreign key of a new table can be made before other tables change: what it refers to is
/// there, and stays as it is.
pub(super) fn can_refer(now: &Schema, to: &Schema, key: &ForeignKey) -> bool {
    let (Some(now), Some(to)) = (now.table(&key.ref_table), to.table(&key.ref_table)) else {
        return true;
    };
    let columns = &key.ref_columns;
    now == to
        || (!referents(now, columns).is_empty()
            && !referred_changes(now, to, columns)
            && !types_change((now, to), columns))
}

/// Something that makes columns differ, so that a foreign key can refer to them.
enum Referent<'a> {
    Key(&'a PrimaryKey),
    Unique(&'a Unique),
    Index(&'a Index),
}

impl Referent<'_> {
    fn is_on(&self, table: &Table) -> bool {
        match self {
            Self::Key(key) => table.primary_key.as_ref() == Some(key),
            Self::Unique(unique) => table.uniques.contains(unique),
            Self::Index(index) => table.indexes.contains(index),
        }
    }

    fn include(&self) -> &[String] {
        match self {
            Self::Key(key) => &key.include,
            Self::Unique(unique) => &unique.include,
            Self::Index(index) => &index.include,
        }
    }
}

/// All that makes these columns differ, the primary key where none is named.
fn referents<'a>(table: &'a Table, columns: &[String]) -> Vec<Referent<'a>> {
    let fits = |own: &[String]| {
        own.len() == columns.len() && own.iter().all(|column| columns.contains(column))
    };
    let key = table.primary_key.iter();
    let key = key.filter(|key| columns.is_empty() || fits(&key.columns));
    let uniques = table.uniques.iter().filter(|it| fits(&it.columns));
    let indexes = table.indexes.iter().filter(|it| {
        let own: Vec<String> = it.columns().map(str::to_owned).collect();
        it.unique && fits(&own)
    });
    key.map(Referent::Key)
        .chain(uniques.map(Referent::Unique))
        .chain(indexes.map(Referent::Index))
        .collect()
}

/// Whether something that makes these columns differ goes or changes, or is built anew since what
/// it includes gets another type.
fn referred_changes(now: &Table, to: &Table, columns: &[String]) -> bool {
    let ty = |table: &Table, name: &str| table.column(name).map(|column| column.ty.clone());
    referents(now, columns).iter().any(|referent| {
        let mut included = referent.include().iter();
        !referent.is_on(to) || included.any(|name| ty(now, name) != ty(to, name))
    })
}

fn types_change((now, to): (&Table, &Table), columns: &[String]) -> bool {
    columns.iter().any(|name| {
        let pair = now.column(name).zip(to.column(name));
        pair.is_some_and(|(old, new)| type_changes(old, new))
    })
}

/// Whether a column gets a type in which its values may compare otherwise. Values come to an enum
/// and go by operations that mind its keys.
pub(super) fn type_changes(old: &Column, new: &Column) -> bool {
    let enumeration = old.ty.enumeration();
    let one_enum = enumeration.is_some_and(|(name, _)| new.ty.is_enum(name));
    old.ty != new.ty && !one_enum && !(old.ty.is_integer() && new.ty.is_integer())
}
