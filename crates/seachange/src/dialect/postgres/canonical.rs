//! A declared schema in the words in which the reader reports a database.

use std::collections::BTreeMap;

use super::default::canonical_default;
use super::options::{check_logged, settle_storage, settle_tablespace};
use super::types::canonical_type;
use super::{NAME_BYTES, lex, numbering, sequences, unsupported};
use crate::dialect::{Canonical, Note, Unsupported};
use crate::schema::{
    Check, Column, EnumType, Exclusion, ForeignKey, Index, IndexKey, Key, KeyOn, Kind, Name,
    Numbering, Schema, Sequence, Table, Type, Unique,
};

/// A declared schema in the words in which the reader reports a database. The table of types is
/// at [`parse_type`](super::parse_type); the rest:
///
/// - Names of primary keys, unique constraints and foreign keys are left out, and so are names of
///   checks that the server would have chosen itself.
/// - Names of indexes and checks are cut to 63 bytes, as the server does.
/// - Defaults are the value that the column gets, where that is sure: `'0.00'::numeric` and `0` are
///   one for `numeric(10, 2)`. Other texts differ only by what the server's lexer minds.
/// - What a sequence does anyway is left out.
/// - What can be left out of an index (its method `btree`, the direction's own place for NULLs, …)
///   is left out.
/// - Constraints and indexes are in one fixed order.
///
/// Texts that the server may rewrite stay in the words in which they are declared: see
/// [`pieces`](crate::dialect::piece::pieces).
///
/// # Errors
///
/// A table, a column, an enum type or one of its values has a name that is too long; two names of
/// indexes or constraints are one when they are cut; a column is a year.
pub fn canonical(declared: &Schema) -> Result<Canonical, Unsupported> {
    let mut canonical = Canonical::default();
    for ty in declared.enums.values() {
        check_enum(ty)?;
        canonical.schema.enums.insert(ty.name.clone(), ty.clone());
    }
    for sequence in declared.sequences.values() {
        sequences::check(&sequence.name)?;
        let mut sequence = sequence.clone();
        settle_sequence(&mut sequence);
        let name = sequence.name.clone();
        canonical.schema.sequences.insert(name, sequence);
    }
    for table in declared.tables.values() {
        check_table(table)?;
        let mut table = table.clone();
        for column in &mut table.columns {
            read_custom(column, &declared.enums);
        }
        for key in &mut table.foreign_keys {
            complete(key, declared);
        }
        note_extra(&table, &mut canonical.notes);
        note_unreadable(&table, &mut canonical.notes);
        settle(&mut table);
        canonical.schema.insert(table);
    }
    check_cut_names(declared)?;
    check_logged(declared)?;
    canonical.notes.sort();
    Ok(canonical)
}

fn check_enum(ty: &EnumType) -> Result<(), Unsupported> {
    let object = || format!("enum {}", ty.name);
    check_name(object, &ty.name)?;
    match ty.values.iter().find(|value| value.len() > NAME_BYTES) {
        Some(value) => Err(unsupported(
            object(),
            format!("refuses values of more than {NAME_BYTES} bytes; shorten `{value}`"),
        )),
        None => Ok(()),
    }
}

fn check_table(table: &Table) -> Result<(), Unsupported> {
    check_name(
        || Key::new(&table.name, Kind::Table, "").to_string(),
        &table.name,
    )?;
    for column in &table.columns {
        let object = || column_object(&table.name, &column.name);
        check_length(object, &column.name)?;
        check_column(object, column)?;
    }
    Ok(())
}

/// Columns that every table of PostgreSQL has by itself.
pub const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// What no column of PostgreSQL can be.
pub(super) fn check_column(
    object: impl Fn() -> String,
    column: &Column,
) -> Result<(), Unsupported> {
    let mut ty = &column.ty;
    while let Type::Array(element) = ty {
        ty = element;
    }
    if *ty == Type::Year {
        return Err(unsupported(
            object(),
            "has no type for years; make the column a SmallInteger",
        ));
    }
    if SYSTEM_COLUMNS.contains(&column.name.as_str()) {
        return Err(unsupported(
            object(),
            format!(
                "has a column `{}` of its own in every table; give the field another `column_name`",
                column.name
            ),
        ));
    }
    Ok(())
}

pub(super) fn check_name(object: impl Fn() -> String, name: &Name) -> Result<(), Unsupported> {
    let mut parts = name.schema.iter().chain([&name.name]);
    parts.try_for_each(|part| check_length(&object, part))
}

/// A name whose end would be cut off: the object would exist under another name than the one that
/// was declared, and two names with one beginning would be the same.
pub(super) fn check_length(object: impl Fn() -> String, name: &str) -> Result<(), Unsupported> {
    if name.len() > NAME_BYTES {
        return Err(unsupported(
            object(),
            format!(
                "cuts names to {NAME_BYTES} bytes, so this one would become `{}`; shorten it",
                cut(name)
            ),
        ));
    }
    Ok(())
}

/// A name as the server keeps it.
pub(super) fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME_BYTES)]
}

/// Names of indexes and constraints are cut without harm, as long as they stay apart: those of
/// indexes, and of constraints that have one, in their schema, those of constraints on their table.
fn check_cut_names(declared: &Schema) -> Result<(), Unsupported> {
    let mut seen = BTreeMap::new();
    for table in declared.tables.values() {
        for (kind, name) in names(table) {
            let constraint = kind != Kind::Index;
            let indexed = !matches!(kind, Kind::ForeignKey | Kind::Check);
            let Name { schema, name: own } = &table.name;
            let places = [indexed.then_some(None), constraint.then_some(Some(own))];
            for place in places.into_iter().flatten() {
                if let Some(other) = seen.insert((schema, place, cut(name)), name)
                    && other != name
                {
                    return Err(unsupported(
                        Key::new(&table.name, kind, name).to_string(),
                        format!(
                            "cuts names to {NAME_BYTES} bytes, which makes it the same as \
                             `{other}`; shorten one of them"
                        ),
                    ));
                }
            }
        }
    }
    Ok(())
}

fn names(table: &Table) -> impl Iterator<Item = (Kind, &String)> {
    let key = table.primary_key.iter().map(|key| key.name.as_ref());
    let uniques = table.uniques.iter().map(|unique| unique.name.as_ref());
    let exclusions = table.exclusions.iter().map(|it| Some(&it.name));
    let indexes = table.indexes.iter().map(|index| Some(&index.name));
    let keys = table.foreign_keys.iter().map(|key| key.name.as_ref());
    let checks = table.checks.iter().map(|check| check.name.as_ref());
    key.map(|name| (Kind::PrimaryKey, name))
        .chain(uniques.map(|name| (Kind::Unique, name)))
        .chain(exclusions.map(|name| (Kind::Exclusion, name)))
        .chain(indexes.map(|name| (Kind::Index, name)))
        .chain(keys.map(|name| (Kind::ForeignKey, name)))
        .chain(checks.map(|name| (Kind::Check, name)))
        .filter_map(|(kind, name)| Some((kind, name?)))
}

/// `Custom("serial")` numbers its rows, and `Custom("mood")` is the enum of that name.
fn read_custom(column: &mut Column, enums: &BTreeMap<Name, EnumType>) {
    let Type::Custom(sql) = &column.ty else {
        return;
    };
    let serial = match sql.trim().to_ascii_lowercase().as_str() {
        "smallserial" | "serial2" => Some(Type::SmallInteger),
        "serial" | "serial4" => Some(Type::Integer),
        "bigserial" | "serial8" => Some(Type::BigInteger),
        _ => None,
    };
    if let Some(ty) = serial {
        column.ty = ty;
        column.auto_increment = true;
        column.numbering = Some(Numbering::Serial);
        return;
    }
    let spelling = lex::normal(sql);
    let found = enums.values().find(|ty| {
        let name = lex::identifier(&ty.name.name);
        match &ty.name.schema {
            Some(schema) => spelling == format!("{}.{name}", lex::identifier(schema)),
            None => spelling == name,
        }
    });
    if let Some(ty) = found {
        column.ty = Type::Enum {
            name: ty.name.clone(),
            values: ty.values.clone(),
        };
    }
}

/// A foreign key that names no columns of the other table means its primary key.
fn complete(key: &mut ForeignKey, declared: &Schema) {
    if key.ref_columns.is_empty()
        && let Some(primary) = declared
            .table(&key.ref_table)
            .and_then(|table| table.primary_key.as_ref())
    {
        key.ref_columns.clone_from(&primary.columns);
    }
}

fn note_extra(table: &Table, notes: &mut Vec<Note>) {
    for column in &table.columns {
        if let Some(extra) = &column.extra {
            notes.push(Note {
                object: column_object(&table.name, &column.name),
                reason: format!("its extra SQL `{extra}` is not compared"),
            });
        }
    }
}

/// Unsigned numbers that SeaORM writes, and does not read again: its driver has none.
fn note_unreadable(table: &Table, notes: &mut Vec<Note>) {
    for column in &table.columns {
        let (rust, instead) = match column.ty {
            Type::TinyUnsigned => ("u8", "i16"),
            Type::SmallUnsigned => ("u16", "i32"),
            Type::BigUnsigned => ("u64", "i64"),
            _ => continue,
        };
        notes.push(Note {
            object: column_object(&table.name, &column.name),
            reason: format!("SeaORM reads no {rust} from PostgreSQL; make the field an {instead}"),
        });
    }
}

/// A column, as notes and messages name it.
pub(crate) fn column_object(table: &Name, column: &str) -> String {
    Key::new(table, Kind::Column, column).to_string()
}

/// Puts a table into its one form. Both what is declared and what is read go through here, so that
/// what is the same comes out equal.
pub(crate) fn settle(table: &mut Table) {
    table.renamed_from = None;
    table.comment.take_if(|comment| comment.is_empty());
    settle_storage(&mut table.options.storage);
    settle_tablespace(&mut table.options.tablespace);
    if let Some(key) = &mut table.primary_key {
        key.name = None;
    }
    let key: Vec<String> = table
        .primary_key
        .iter()
        .flat_map(|key| key.columns.iter().cloned())
        .collect();
    for column in &mut table.columns {
        settle_column(column, key.contains(&column.name));
    }
    for unique in &mut table.uniques {
        unique.name = None;
    }
    table.uniques.sort_by(|a, b| {
        let by = |unique: &Unique| {
            (
                unique.columns.clone(),
                unique.nulls_not_distinct,
                unique.include.clone(),
                unique.deferrable,
            )
        };
        by(a).cmp(&by(b))
    });
    table.uniques.dedup();
    for index in &mut table.indexes {
        settle_index(index);
    }
    table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    for exclusion in &mut table.exclusions {
        settle_exclusion(exclusion);
    }
    table.exclusions.sort_by(|a, b| a.name.cmp(&b.name));
    for key in &mut table.foreign_keys {
        key.name = None;
    }
    table.foreign_keys.sort_by(|a, b| {
        let by = |key: &ForeignKey| {
            (
                key.columns.clone(),
                key.ref_table.clone(),
                key.ref_columns.clone(),
                key.on_delete,
                key.on_update,
                key.deferrable,
                key.match_full,
                key.set_columns.clone(),
            )
        };
        by(a).cmp(&by(b))
    });
    table.foreign_keys.dedup();
    for check in &mut table.checks {
        check.expr = lex::normal(&check.expr);
        if let Some(name) = &mut check.name {
            name.truncate(cut(name).len());
        }
    }
    for at in 0..table.checks.len() {
        let chosen = table.checks[at]
            .name
            .as_deref()
            .is_some_and(|name| is_chosen_by_server(name, table));
        if chosen {
            table.checks[at].name = None;
        }
    }
    let by = |check: &Check| (check.name.clone(), check.expr.clone());
    table.checks.sort_by_key(by);
}

/// Puts a sequence into its one form, as [`settle`] does with a table.
pub(crate) fn settle_sequence(sequence: &mut Sequence) {
    sequence.ty = canonical_type(&sequence.ty);
    numbering::settle_counting(&mut sequence.counting, &sequence.ty);
    sequence.renamed_from = None;
}

fn settle_column(column: &mut Column, is_key: bool) {
    column.ty = canonical_type(&column.ty);
    column.nullable &= !is_key && !column.auto_increment;
    column.numbering.take_if(|_| !column.auto_increment);
    numbering::settle(&mut column.numbering, &column.ty);
    column.default = match column.default.take() {
        Some(default) if !column.auto_increment && column.generated.is_none() => {
            canonical_default(&default, &column.ty)
        }
        _ => None,
    };
    if let Some(generated) = &mut column.generated {
        generated.expr = lex::normal(&generated.expr);
    }
    column.collation = column.collation.as_deref().and_then(collation);
    column.extra = None;
    column.comment.take_if(|comment| comment.is_empty());
    column.forget_hints();
}

fn settle_index(index: &mut Index) {
    index.name.truncate(cut(&index.name).len());
    index.method = index
        .method
        .take()
        .map(|method| lex::normal(&method))
        .filter(|method| method != "btree");
    settle_storage(&mut index.storage);
    settle_tablespace(&mut index.tablespace);
    index.predicate = index.predicate.as_deref().map(lex::normal);
    index.nulls_not_distinct &= index.unique;
    let sorted = index.method.is_none();
    for key in &mut index.keys {
        settle_key(key, sorted);
    }
}

fn settle_exclusion(exclusion: &mut Exclusion) {
    exclusion.name.truncate(cut(&exclusion.name).len());
    let method = exclusion.method.take().map(|method| lex::normal(&method));
    exclusion.method = method.filter(|method| method != "btree");
    exclusion.predicate = exclusion.predicate.as_deref().map(lex::normal);
    let sorted = exclusion.method.is_none();
    for element in &mut exclusion.elements {
        settle_key(&mut element.key, sorted);
    }
}

fn settle_key(key: &mut IndexKey, sorted: bool) {
    if let KeyOn::Expr(sql) = &mut key.on {
        *sql = lex::normal(sql);
    }
    key.descending &= sorted;
    key.nulls_first = key
        .nulls_first
        .filter(|first| sorted && *first != key.descending);
    key.opclass = key.opclass.as_deref().map(opclass);
    key.collation = key.collation.as_deref().and_then(collation);
}

/// An operator class, its options in one order and without quotes.
fn opclass(sql: &str) -> String {
    let Some((class, options)) = sql.trim_end().trim_end_matches(')').split_once('(') else {
        return lex::normal(sql);
    };
    let mut options: Vec<String> = options
        .split(',')
        .map(|option| {
            let (name, setting) = option.split_once('=').unwrap_or((option, "true"));
            let setting = setting.trim().trim_matches('\'');
            format!("{}={setting}", lex::normal(name))
        })
        .collect();
    options.sort();
    format!("{}({})", lex::normal(class), options.join(", "))
}

/// A collation by its plain name, or in quotes with its schema; none for the default one.
fn collation(name: &str) -> Option<String> {
    let plain = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .filter(|name| !name.contains('"'))
        .unwrap_or(name);
    (plain != "default").then(|| plain.to_owned())
}

/// Whether the server would have given this name to a check of the table that has none:
/// `<table>_<column>_check` or `<table>_check`, cut to fit, with a number behind it if need be.
fn is_chosen_by_server(name: &str, table: &Table) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let Some(stem) = stem.strip_suffix("_check") else {
        return false;
    };
    let suffix = name.len() - stem.len();
    stem == shortened(&table.name.name, None, suffix)
        || table
            .columns
            .iter()
            .any(|column| stem == shortened(&table.name.name, Some(&column.name), suffix))
}

/// `<table>_<column>`, the longer of the two cut until both fit before the suffix.
pub(super) fn shortened(table: &str, column: Option<&str>, suffix: usize) -> String {
    let Some(column) = column else {
        let room = NAME_BYTES.saturating_sub(suffix);
        return table[..table.floor_char_boundary(room)].to_owned();
    };
    let room = NAME_BYTES.saturating_sub(suffix + 1);
    let (mut first, mut second) = (table.len(), column.len());
    while first + second > room {
        match first > second {
            true => first -= 1,
            false => second -= 1,
        }
    }
    format!(
        "{}_{}",
        &table[..table.floor_char_boundary(first)],
        &column[..column.floor_char_boundary(second)]
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::schema::Length;

    #[test]
    fn names_that_the_server_would_cut_are_refused_or_cut() {
        let long = "x".repeat(64);
        let mut schema = Schema::default();
        schema.insert(Table::new(long.as_str()));
        let error = canonical(&schema).unwrap_err().to_string();
        assert!(
            error.contains("PostgreSQL cuts names to 63 bytes"),
            "{error}"
        );

        let mut table = Table::new("t");
        table.columns.push(Column::new("c", Type::Integer));
        table.indexes.push(Index::new(format!("{long}a"), ["c"]));
        let mut schema = Schema::default();
        schema.insert(table.clone());
        let found = canonical(&schema).unwrap();
        assert_eq!(found.schema.tables[&table.name].indexes[0].name.len(), 63);
        table.indexes.push(Index::new(format!("{long}b"), ["c"]));
        schema.insert(table);
        assert!(canonical(&schema).is_err());
    }

    #[test]
    fn what_is_declared_as_text_is_noted() {
        let mut table = Table::new("t");
        let mut column = Column::new("c", Type::String(Length::N(3)));
        column.extra = Some("storage external".to_owned());
        table.columns.push(column);
        table.checks.push(Check {
            name: Some("ck".to_owned()),
            expr: "c > 'a'".to_owned(),
            only: None,
        });
        let mut schema = Schema::default();
        schema.insert(table);
        let notes = canonical(&schema).unwrap().notes;
        let objects: Vec<&str> = notes.iter().map(|note| note.object.as_str()).collect();
        assert_eq!(objects, ["column t.c"]);
    }

    #[test]
    fn the_server_s_own_names_of_checks() {
        let mut table = Table::new("t");
        table.columns.push(Column::new("n", Type::Integer));
        for (name, chosen) in [
            ("t_n_check", true),
            ("t_n_check1", true),
            ("t_check", true),
            ("t_m_check", false),
            ("ck", false),
        ] {
            assert_eq!(is_chosen_by_server(name, &table), chosen, "{name}");
        }
        let long = "a".repeat(60);
        table.name = Name::from(long.as_str());
        // 63 - "_check" - "_" - "n"
        assert!(is_chosen_by_server(
            &format!("{}_n_check", "a".repeat(55)),
            &table
        ));
    }
}
