//! Random sequences that no column owns, and columns that count by them.

use proptest::prelude::*;
use proptest::sample::{Index as Pick, select};
use seachange::schema::{DefaultValue, Engine, Name, Schema, Sequence, Type};

use super::{Shape, name, quoted, side};

/// Where those begin that count down. All of them reach from 1 to there and somewhat further, so that
/// none is altered into one that cannot hold where it is.
const HIGH: i64 = 30_000;

pub(super) fn sequence(shape: Shape) -> BoxedStrategy<Sequence> {
    let bounds = (
        proptest::option::of(Just(-5)),
        proptest::option::of(Just(HIGH + 2_000)),
    );
    (
        name(shape),
        select(vec![Type::SmallInteger, Type::Integer, Type::BigInteger]),
        select(vec![None, None, Some(1), Some(10), Some(-3)]),
        bounds,
        proptest::option::of(Just(7)),
        (proptest::option::of(Just(5)), any::<bool>()),
        0..3_usize,
    )
        .prop_map(
            move |(name, ty, increment, (minimum, maximum), start, (cache, cycle), seed)| {
                let mut sequence = Sequence::new(Name {
                    schema: side(shape, seed),
                    name,
                });
                sequence.ty = ty;
                let counting = &mut sequence.counting;
                counting.increment = increment;
                counting.minimum = minimum;
                counting.maximum = maximum;
                counting.start = start.or(minimum.map(|_| 1));
                counting.cache = cache;
                counting.cycle = cycle;
                if increment.is_some_and(|by| by < 0) {
                    counting.maximum = Some(HIGH + 1_000);
                    counting.start = Some(HIGH);
                }
                sequence
            },
        )
        .boxed()
}

/// What SQL calls it.
pub(super) fn called(sequence: &Name) -> String {
    let parts = sequence.schema.iter().chain([&sequence.name]);
    let name: Vec<String> = parts.map(|part| quoted(part)).collect();
    format!("'{}'", name.join(".").replace('\'', "''"))
}

/// The default that takes a column's values from a sequence; none where its type is not one of
/// those that are drawn for it.
fn next(sequence: &Name, ty: &Type) -> Option<DefaultValue> {
    let next = format!("nextval({})", called(sequence));
    match ty {
        Type::Integer | Type::BigInteger => Some(DefaultValue::Expr(next)),
        Type::Text => Some(DefaultValue::Expr(format!("'N-' || {next}::text"))),
        _ => None,
    }
}

/// Lets a column count by a sequence, where there are both.
pub(super) fn count_by(shape: Shape, schema: &mut Schema, [column, sequence]: [&Pick; 2]) {
    let names: Vec<Name> = schema.sequences.keys().cloned().collect();
    let keys: Vec<(Name, Vec<String>)> = schema
        .tables
        .values()
        .flat_map(|table| &table.foreign_keys)
        .map(|key| (key.ref_table.clone(), key.ref_columns.clone()))
        .collect();
    let mut columns = Vec::new();
    for table in schema.tables.values_mut() {
        let refers: Vec<String> = table
            .foreign_keys
            .iter()
            .flat_map(|key| key.columns.clone())
            .collect();
        let name = table.name.clone();
        // What points at rows, or is pointed at, stays what it is.
        let is_tied = |column: &String| {
            let mut tied = keys.iter().filter(|(to, _)| *to == name);
            refers.contains(column) || tied.any(|(_, columns)| columns.contains(column))
        };
        columns.extend(table.columns.iter_mut().filter(|column| {
            !column.auto_increment
                && column.generated.is_none()
                && matches!(column.ty, Type::Integer | Type::BigInteger | Type::Text)
                && !is_tied(&column.name)
        }));
    }
    let draws = shape.engine.is_none_or(|engine| engine == Engine::Postgres);
    if names.is_empty() || columns.is_empty() || !draws || !shape.expressions {
        return;
    }
    let at = column.index(columns.len());
    columns[at].default = next(&names[sequence.index(names.len())], &columns[at].ty);
}

/// Takes a number from every other sequence.
pub(super) fn uses(schema: &Schema) -> impl Iterator<Item = String> {
    let names = schema.sequences.keys().step_by(2);
    names.map(|name| format!("select nextval({})", called(name)))
}

/// Takes defaults out whose sequence is not there, and those that do not fit their column any more.
pub(super) fn repair(schema: &mut Schema) {
    let names: Vec<Name> = schema.sequences.keys().cloned().collect();
    let columns = schema
        .tables
        .values_mut()
        .flat_map(|table| &mut table.columns);
    for column in columns {
        let fits = |name: &Name| next(name, &column.ty) == column.default;
        let counts =
            matches!(&column.default, Some(DefaultValue::Expr(sql)) if sql.contains("nextval("));
        if counts && !names.iter().any(fits) {
            column.default = None;
        }
    }
}

/// Gives a sequence another name, or another schema; what counts by it goes on.
pub(super) fn rename(schema: &mut Schema, from: &Name, to: Name) {
    let Some(mut sequence) = schema.sequences.remove(from) else {
        return;
    };
    let before = sequence.renamed_from.take();
    sequence.renamed_from = Some(before.unwrap_or_else(|| from.clone()));
    sequence.name = to.clone();
    let columns = schema
        .tables
        .values_mut()
        .flat_map(|table| &mut table.columns);
    for column in columns {
        if column.default.is_some() && column.default == next(from, &column.ty) {
            column.default = next(&to, &column.ty);
        }
    }
    schema.sequences.insert(to, sequence);
}
