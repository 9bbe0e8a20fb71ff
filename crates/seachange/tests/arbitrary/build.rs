//! Schemas made of what was drawn: names are given out once, references point at what is there.

use std::collections::BTreeSet;

use proptest::sample::Index as Pick;
use seachange::schema::{
    Action, Check, Column, DefaultValue, Deferrable, Engine, EnumType, Excluded, Exclusion,
    ForeignKey, Generated, Index, IndexKey, KeyOn, Name, Numbering, PrimaryKey, Schema, Sequence,
    Table, TableOptions, Type, Unique,
};

use super::{ColumnDraft, Draft, IndexDraft, Reference, Shape, fit, side};

/// Names that were not given out yet, whatever their case.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(pub(super) BTreeSet<String>);

impl Names {
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut n = 2;
        while !self.0.insert(name.to_lowercase()) {
            name = format!("{wanted}{n}");
            n += 1;
        }
        name
    }
}

pub(super) fn assemble(
    shape: Shape,
    drafts: Vec<Draft>,
    enums: Vec<EnumType>,
    sequences: Vec<Sequence>,
) -> Schema {
    let mut schema = Schema::default();
    // Tables, indexes, constraints and types share one name space here, as on PostgreSQL.
    let mut names = Names::default();
    let enums: Vec<EnumType> = enums
        .into_iter()
        .map(|ty| EnumType {
            name: Name {
                name: names.fresh(&ty.name.name),
                ..ty.name
            },
            ..ty
        })
        .collect();
    for mut sequence in sequences {
        sequence.name.name = names.fresh(&sequence.name.name);
        let name = sequence.name.clone();
        schema.sequences.insert(name, sequence);
    }
    let keys: Vec<(Name, Type)> = drafts
        .iter()
        .map(|draft| {
            let schema = side(shape, draft.columns.len());
            let name = names.fresh(&draft.name);
            (Name { schema, name }, draft.key.clone())
        })
        .collect();
    for (draft, (name, key)) in drafts.into_iter().zip(&keys) {
        schema.insert(build(shape, draft, name, key, &keys, &enums, &mut names));
    }
    fit::log(&mut schema);
    schema
}

pub(super) fn build(
    shape: Shape,
    draft: Draft,
    name: &Name,
    key: &Type,
    keys: &[(Name, Type)],
    enums: &[EnumType],
    names: &mut Names,
) -> Table {
    let mut table = Table::new(name.clone());
    table.comment = draft.comment.filter(|comment| !comment.is_empty());
    let mut columns = Names::default();
    let mut id = Column::new(columns.fresh("id"), key.clone());
    id.auto_increment = key.is_integer();
    // What a table draws once decides about the rarer words, so that each comes up.
    let seed = draft.uniques.len() + 2 * draft.references.len() + draft.columns.len();
    let postgres = shape.may(Engine::Postgres);
    if id.auto_increment && postgres {
        id.numbering = match seed % 4 {
            0 => Some(Numbering::serial()),
            1 => Some(Numbering::identity().always().start(7).cache(3)),
            _ => None,
        };
    }
    table.columns.push(id);
    table.primary_key = Some(PrimaryKey {
        name: draft.key_name.map(|name| names.fresh(&name)),
        columns: vec!["id".to_owned()],
        ..PrimaryKey::default()
    });
    for draft in draft.columns {
        let name = columns.fresh(&draft.name);
        table.columns.push(plain_column(shape, name, draft, enums));
    }
    for reference in draft.references {
        reference_to(&mut table, reference, keys, names);
    }
    if draft.checks.len() == 1 {
        generated_column(shape, &mut table);
    }
    for unique in &draft.uniques {
        add_unique(shape, &mut table, unique, names);
    }
    for index in draft.indexes {
        add_index(shape, &mut table, index, names);
    }
    for check in &draft.checks {
        add_check(&mut table, check, names);
    }
    if postgres {
        rarer_words(&mut table, seed, names);
    }
    table.options = options(shape, seed);
    fit::keep(&mut table);
    table
}

/// How a table is kept, as a number decides.
pub(super) fn options(shape: Shape, seed: usize) -> TableOptions {
    let mut options = TableOptions::default();
    if shape.may(Engine::Postgres) {
        options.unlogged = seed % 4 == 1;
        let mut set = |is: bool, parameter: &str, setting: &str| {
            if is {
                let (parameter, setting) = (parameter.to_owned(), setting.to_owned());
                options.storage.insert(parameter, setting);
            }
        };
        set(seed % 3 == 1, "fillfactor", "70");
        set(seed % 3 == 2, "fillfactor", "80");
        set(seed % 5 == 2, "autovacuum_enabled", "off");
    }
    if shape.may(Engine::Sqlite) {
        options.strict = seed % 3 == 1;
        options.without_rowid = seed % 4 == 2;
    }
    if shape.engine.is_none() {
        options.tablespace = (seed % 5 == 1).then(|| "far \"away\"".to_owned());
        let (parameter, setting) = ("toast.autovacuum enabled", "it's");
        options
            .storage
            .insert(parameter.to_owned(), setting.to_owned());
    }
    options
}

/// What only PostgreSQL has a word for, as what the table drew decides.
pub(super) fn rarer_words(table: &mut Table, seed: usize, names: &mut Names) {
    for key in &mut table.foreign_keys {
        key.match_full = seed.is_multiple_of(3);
        if key.on_delete == Action::SetNull && seed % 3 == 1 {
            key.set_columns.clone_from(&key.columns);
        }
    }
    for unique in &mut table.uniques {
        if seed.is_multiple_of(5) {
            unique.include = vec!["id".to_owned()];
        }
        unique.deferrable = (seed % 5 == 1).then_some(Deferrable::Deferred);
    }
    for index in &mut table.indexes {
        if seed % 4 == 2 && index.method.is_none() {
            let (name, value) = ("fillfactor".to_owned(), "70".to_owned());
            index.storage.insert(name, value);
        }
    }
    if seed % 4 == 3 {
        let mut exclusion = Exclusion::new(names.fresh("ex"));
        exclusion.elements.push(Excluded {
            key: IndexKey::column("id"),
            operator: "=".to_owned(),
        });
        table.exclusions.push(exclusion);
    }
}

/// A column, and a key on it that names the key of one of these tables.
pub(super) fn reference_to(
    table: &mut Table,
    (name, pick, on_delete, on_update, deferrable): Reference,
    keys: &[(Name, Type)],
    names: &mut Names,
) {
    let (ref_table, ty) = &keys[pick.index(keys.len())];
    let mut column = Column::new(column_names(table).fresh("ref_id"), ty.clone());
    column.nullable = true;
    let key = ForeignKey {
        name: name.map(|name| names.fresh(&name)),
        columns: vec![column.name.clone()],
        ref_table: ref_table.clone(),
        ref_columns: vec!["id".to_owned()],
        on_delete,
        on_update,
        deferrable,
        ..ForeignKey::default()
    };
    table.columns.push(column);
    table.foreign_keys.push(key);
}

/// The names that a table's columns have taken.
pub(super) fn column_names(table: &Table) -> Names {
    Names(
        table
            .columns
            .iter()
            .map(|column| column.name.to_lowercase())
            .collect(),
    )
}

/// One of the columns that can be compared, sorted and indexed.
pub(super) fn comparable(table: &Table, pick: &Pick) -> Option<String> {
    let columns: Vec<&Column> = table
        .columns
        .iter()
        .filter(|column| has_order(&column.ty) && column.generated.is_none())
        .collect();
    (!columns.is_empty()).then(|| columns[pick.index(columns.len())].name.clone())
}

pub(super) fn generated_column(shape: Shape, table: &mut Table) {
    if !shape.expressions || shape.engine == Some(Engine::MySql) {
        return;
    }
    let mut sum = Column::new(column_names(table).fresh("doubled"), Type::BigInteger);
    let from = table
        .columns
        .iter()
        .find(|c| c.ty == Type::Integer && c.name != "id");
    if let Some(column) = from {
        sum.nullable = true;
        sum.generated = Some(Generated {
            expr: format!("{} * 2", quoted(&column.name)),
            stored: true,
        });
        table.columns.push(sum);
    }
}

pub(super) fn add_unique(
    shape: Shape,
    table: &mut Table,
    (name, on, not_distinct): &(Option<String>, Pick, bool),
    names: &mut Names,
) {
    let Some(column) = comparable(table, on) else {
        return;
    };
    let unique = Unique {
        name: name.as_ref().map(|name| names.fresh(name)),
        columns: vec![column],
        nulls_not_distinct: *not_distinct && shape.may(Engine::Postgres),
        ..Unique::default()
    };
    let is_key = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns == unique.columns);
    if !is_key && !table.uniques.iter().any(|u| u.columns == unique.columns) {
        table.uniques.push(unique);
    }
}

pub(super) fn add_index(shape: Shape, table: &mut Table, draft: IndexDraft, names: &mut Names) {
    let mut index = Index::new(names.fresh(&draft.name), [""; 0]);
    index.unique = draft.unique && !draft.brin;
    for (on, descending, nulls_first) in &draft.keys {
        let Some(column) = comparable(table, on) else {
            return;
        };
        let mut key = IndexKey::column(column);
        let taken = index.keys.iter().any(|other: &IndexKey| other.on == key.on);
        if taken || (draft.brin && !index.keys.is_empty()) {
            continue;
        }
        if !draft.brin {
            key.descending = *descending;
            key.nulls_first =
                nulls_first.filter(|first| shape.may(Engine::Postgres) && *first != *descending);
        }
        index.keys.push(key);
    }
    if draft.expression && !draft.brin {
        let column = table.columns.iter().find(|c| c.ty == Type::Text);
        index.keys.extend(column.map(|column| IndexKey {
            on: KeyOn::Expr(format!("lower({})", quoted(&column.name))),
            ..IndexKey::column("")
        }));
    }
    index.predicate = draft
        .predicate
        .as_ref()
        .and_then(|on| comparable(table, on))
        .map(|on| format!("{} is not null", quoted(&on)));
    if draft.brin
        && table
            .column(index.columns().next().unwrap_or(""))
            .is_some_and(|c| c.ty != Type::Boolean)
    {
        index.method = Some("brin".to_owned());
    } else if let Some(column) = draft.include.as_ref().and_then(|on| comparable(table, on)) {
        index.include = if index.columns().any(|c| c == column) {
            vec![]
        } else {
            vec![column]
        };
    }
    index.nulls_not_distinct = index.unique && draft.nulls_not_distinct;
    table.indexes.push(index);
}

pub(super) fn add_check(
    table: &mut Table,
    (name, on, text): &(Option<String>, Pick, String),
    names: &mut Names,
) {
    let Some(column) = comparable(table, on) else {
        return;
    };
    let expr = match table.column(&column).map(|column| &column.ty) {
        Some(Type::Integer | Type::BigInteger | Type::SmallInteger) => {
            format!("{} > -1000", quoted(&column))
        }
        // No row and no default ever holds it.
        Some(Type::Text | Type::String(_)) => {
            format!(
                "{} <> 'never {}'",
                quoted(&column),
                text.replace('\'', "''")
            )
        }
        _ => format!("{} is null or {0} = {0}", quoted(&column)),
    };
    let name = name.as_ref().map(|name| names.fresh(name));
    table.checks.push(Check {
        name,
        expr,
        only: None,
    });
}

pub(super) fn plain_column(
    shape: Shape,
    name: String,
    draft: ColumnDraft,
    enums: &[EnumType],
) -> Column {
    let ty = draft.ty.unwrap_or_else(|| {
        let ty = &enums[draft.pick.index(enums.len())];
        Type::Enum {
            name: ty.name.clone(),
            values: ty.values.clone(),
        }
    });
    let mut column = Column::new(name, ty);
    column.nullable = draft.nullable;
    column.comment = draft.comment.filter(|comment| !comment.is_empty());
    if draft.default {
        column.default = match &column.ty {
            Type::Boolean => Some(DefaultValue::Bool(draft.now)),
            ty if ty.is_integer() => Some(DefaultValue::Number("-42".to_owned())),
            Type::Decimal(_) | Type::Double => Some(DefaultValue::Number("1.5".to_owned())),
            Type::Text | Type::String(_) if draft.now && shape.expressions => {
                Some(DefaultValue::Expr("lower('A')".to_owned()))
            }
            Type::Text | Type::String(_) => Some(DefaultValue::String(draft.text)),
            Type::Enum { values, .. } => Some(DefaultValue::String(values[0].clone())),
            Type::TimestampWithTimeZone | Type::Timestamp | Type::DateTime => {
                Some(DefaultValue::CurrentTimestamp)
            }
            _ => None,
        };
    }
    if draft.pick.index(4) == 0 {
        column.collation = collation(shape, &column.ty);
    }
    if shape.engine.is_none() && draft.now {
        column.collation = Some("de-x-icu".to_owned());
        column.extra = Some("on conflict 'x'".to_owned());
    }
    column
}

/// A collation that the engine has for the type.
pub(super) fn collation(shape: Shape, ty: &Type) -> Option<String> {
    let name = match shape.engine? {
        Engine::Postgres => "C",
        _ => "nocase",
    };
    is_text(ty).then(|| name.to_owned())
}

pub(super) fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Char(_) | Type::String(_) | Type::Text)
}

/// Whether the engines can compare, sort and index values of the type.
pub(super) fn has_order(ty: &Type) -> bool {
    matches!(
        ty,
        Type::String(_)
            | Type::Text
            | Type::SmallInteger
            | Type::Integer
            | Type::BigInteger
            | Type::Double
            | Type::Decimal(_)
            | Type::Date
            | Type::Timestamp
            | Type::Uuid
    )
}

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
