//! How columns are numbered: identities, and sequences that a default takes its values from.

use super::canonical::shortened;
use super::ddl::{alter, block};
use super::types::{canonical_type, qualified};
use crate::dialect::{Unsupported, literal, quote};
use crate::schema::{Column, Counting, Identity, Name, Numbering, Type};

/// The type of a numbered column, when the word for it says that it is numbered.
pub(super) fn serial_type(column: &Column) -> Option<&'static str> {
    if column.numbering != Some(Numbering::Serial) {
        return None;
    }
    match canonical_type(&column.ty) {
        Type::SmallInteger => Some("smallserial"),
        Type::Integer => Some("serial"),
        Type::BigInteger => Some("bigserial"),
        _ => None,
    }
}

/// `GENERATED … AS IDENTITY (…)`
pub(super) fn identity_sql(numbering: Option<&Numbering>) -> String {
    let plain = Identity::default();
    let identity = match numbering {
        Some(Numbering::Identity(identity)) => identity,
        _ => &plain,
    };
    let kind = if identity.always {
        "ALWAYS"
    } else {
        "BY DEFAULT"
    };
    match options(&identity.counting).as_slice() {
        [] => format!("GENERATED {kind} AS IDENTITY"),
        options => format!("GENERATED {kind} AS IDENTITY ({})", options.join(" ")),
    }
}

/// What is said of how a new sequence counts.
pub(super) fn options(counting: &Counting) -> Vec<String> {
    let mut options: Vec<String> = counting
        .numbers()
        .map(|(word, number)| format!("{} {number}", words(word)))
        .collect();
    options.extend(counting.cycle.then(|| "CYCLE".to_owned()));
    options
}

/// All of how a sequence of this type counts, whatever it does now. Its ends are numbers: with a new
/// type, the server takes none at all for the end of one that counts up.
pub(super) fn all_options(counting: &Counting, ty: &Type) -> String {
    let said = counting.parts().into_iter().zip(usual(counting, ty));
    let mut options: Vec<String> = said
        .map(|((word, number), usual)| format!("{} {}", words(word), number.unwrap_or(usual)))
        .collect();
    options.push(if counting.cycle { "CYCLE" } else { "NO CYCLE" }.to_owned());
    options.join(" ")
}

fn words(word: &str) -> &'static str {
    match word {
        "start" => "START WITH",
        "increment" => "INCREMENT BY",
        "minimum" => "MINVALUE",
        "maximum" => "MAXVALUE",
        _ => "CACHE",
    }
}

/// How a sequence of this type counts when nothing is said: start, increment, minimum, maximum,
/// cache.
fn usual(counting: &Counting, ty: &Type) -> [i64; 5] {
    let (least, most) = match canonical_type(ty) {
        Type::SmallInteger => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Type::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    let up = counting.increment.unwrap_or(1) > 0;
    let (minimum, maximum) = if up { (1, most) } else { (least, -1) };
    let start = match up {
        true => counting.minimum.unwrap_or(minimum),
        false => counting.maximum.unwrap_or(maximum),
    };
    [start, 1, minimum, maximum, 1]
}

/// Leaves out what an identity has anyway. One that says nothing at all is how the server numbers
/// a column that only asks for it.
pub(super) fn settle(numbering: &mut Option<Numbering>, ty: &Type) {
    if let Some(Numbering::Identity(identity)) = numbering {
        settle_counting(&mut identity.counting, ty);
        if *identity == Identity::default() {
            *numbering = None;
        }
    }
}

/// Leaves out what a sequence of this type has anyway.
pub(super) fn settle_counting(counting: &mut Counting, ty: &Type) {
    let [start, increment, minimum, maximum, cache] = usual(counting, ty);
    counting.start = counting.start.filter(|n| *n != start);
    counting.minimum = counting.minimum.filter(|n| *n != minimum);
    counting.maximum = counting.maximum.filter(|n| *n != maximum);
    counting.increment = counting.increment.filter(|n| *n != increment);
    counting.cache = counting.cache.filter(|n| *n != cache);
}

/// Statements that make the numbering of `after` out of that of `before`.
pub(super) fn change(
    table: &Name,
    before: Option<&Column>,
    after: &Column,
) -> Result<Vec<String>, Unsupported> {
    let from = before.filter(|before| before.auto_increment);
    Ok(match (from, after.auto_increment) {
        (Some(from), true) => {
            // What is not said comes as an identity, but may be there as a serial column.
            let plain = Numbering::identity();
            match (&from.numbering, after.numbering.as_ref().unwrap_or(&plain)) {
                (Some(Numbering::Identity(from)), Numbering::Identity(to)) => {
                    vec![set_options(table, after, from, to)]
                }
                _ => vec![renumber(table, after)],
            }
        }
        (_, true) => vec![renumber(table, after)],
        (_, false) => vec![
            format!(
                "{} ALTER COLUMN {} DROP IDENTITY IF EXISTS",
                alter(table),
                quote(&after.name)
            ),
            drop_serial(table, &after.name),
        ],
    })
}

fn set_options(table: &Name, column: &Column, from: &Identity, to: &Identity) -> String {
    let name = quote(&column.name);
    let mut actions = Vec::new();
    if from.always != to.always {
        let kind = if to.always { "ALWAYS" } else { "BY DEFAULT" };
        actions.push(format!("SET GENERATED {kind}"));
    }
    let (from, to) = (&from.counting, &to.counting);
    let [start, increment, _, _, cache] = usual(to, &column.ty);
    for (word, from, to, usual) in [
        ("increment", from.increment, to.increment, Some(increment)),
        ("minimum", from.minimum, to.minimum, None),
        ("maximum", from.maximum, to.maximum, None),
        ("start", from.start, to.start, Some(start)),
        ("cache", from.cache, to.cache, Some(cache)),
    ] {
        if from != to || (word == "start" && to.is_none()) {
            actions.push(match to.or(usual) {
                Some(number) => format!("SET {} {number}", words(word)),
                None => format!("SET NO {}", words(word)),
            });
        }
    }
    if from.cycle != to.cycle {
        actions.push(
            if to.cycle {
                "SET CYCLE"
            } else {
                "SET NO CYCLE"
            }
            .to_owned(),
        );
    }
    format!("{} ALTER COLUMN {name} {}", alter(table), actions.join(" "))
}

/// Numbers the rows anew, whatever numbers them now: goes on where that would go on, and after the
/// rows that are there.
fn renumber(table: &Name, column: &Column) -> String {
    let (this, name) = (qualified(table), quote(&column.name));
    let owned = serial_sequence(table, &column.name);
    let counting = match &column.numbering {
        Some(Numbering::Identity(identity)) => identity.counting.clone(),
        _ => Counting::default(),
    };
    let [usual, ..] = usual(&counting, &column.ty);
    let start = counting.start.unwrap_or(usual);
    let step = counting.increment.unwrap_or(1);
    let (pick, end) = if step > 0 {
        ("greatest", "max")
    } else {
        ("least", "min")
    };
    let mut body = format!(
        "IF sequence IS NOT NULL THEN \
         EXECUTE 'SELECT CASE WHEN is_called THEN last_value + {step} ELSE last_value END FROM ' \
         || sequence INTO next; \
         {alter} ALTER COLUMN {name} DROP IDENTITY IF EXISTS; END IF; \
         {alter} ALTER COLUMN {name} DROP DEFAULT, ALTER COLUMN {name} SET NOT NULL; \
         IF pg_catalog.to_regclass(sequence) IS NOT NULL THEN \
         EXECUTE 'DROP SEQUENCE ' || sequence; END IF; ",
        alter = alter(table),
    );
    let mut declare = format!("sequence text := {owned}; next bigint;");
    if column.numbering == Some(Numbering::Serial) {
        let stem = format!("{}_seq", shortened(&table.name, Some(&column.name), 4));
        let place = format!(
            "(SELECT quote_ident(n.nspname) || '.' FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {}::regclass)",
            literal(&this)
        );
        // Since version 15 a sequence is as unlogged as the table that it is made with.
        let kind = format!(
            "CASE WHEN pg_catalog.current_setting('server_version_num')::integer >= 150000 \
             AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = {}::regclass \
             AND c.relpersistence = 'u') THEN 'UNLOGGED ' ELSE '' END",
            literal(&this)
        );
        declare.push_str(&format!(
            " place text := {place}; kind text := {kind}; fresh text := {}; n integer := 0;",
            literal(&stem)
        ));
        let ty = match canonical_type(&column.ty) {
            Type::SmallInteger => "smallint",
            Type::BigInteger => "bigint",
            _ => "integer",
        };
        body.push_str(&format!(
            "WHILE pg_catalog.to_regclass(place || quote_ident(fresh)) IS NOT NULL LOOP \
             n := n + 1; fresh := {} || n; END LOOP; \
             EXECUTE 'CREATE ' || kind || 'SEQUENCE ' || place || quote_ident(fresh) || {}; \
             EXECUTE {} || quote_literal(place || quote_ident(fresh)) || '::regclass)'; ",
            literal(&stem),
            literal(&format!(" AS {ty} OWNED BY {this}.{name}")),
            literal(&format!(
                "{} ALTER COLUMN {name} SET DEFAULT nextval(",
                alter(table)
            )),
        ));
    } else {
        body.push_str(&format!(
            "{} ALTER COLUMN {name} ADD {}; ",
            alter(table),
            identity_sql(column.numbering.as_ref())
        ));
    }
    body.push_str(&format!(
        "PERFORM pg_catalog.setval({owned}, \
         {pick}({start}, next, (SELECT {end}({name}) + {step} FROM {this})), false);"
    ));
    block(&declare, &body)
}

/// A serial column is a default and a sequence that the column owns; an identity column has
/// neither once its identity is dropped.
fn drop_serial(table: &Name, column: &str) -> String {
    block(
        &format!("sequence text := {};", serial_sequence(table, column)),
        &format!(
            "IF sequence IS NOT NULL THEN \
             {} ALTER COLUMN {} DROP DEFAULT; \
             EXECUTE 'DROP SEQUENCE ' || sequence; END IF;",
            alter(table),
            quote(column)
        ),
    )
}

/// The sequence of a serial column keeps its own type, and its own end, when the column's changes;
/// that of an identity column follows by itself.
pub(super) fn widen_serial(table: &Name, column: &str, ty: &str) -> String {
    block(
        &format!("sequence text := {};", serial_sequence(table, column)),
        &format!(
            "IF sequence IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute \
             WHERE attrelid = {}::regclass AND attname = {} AND attidentity <> '') THEN \
             EXECUTE 'ALTER SEQUENCE ' || sequence || ' AS {ty}'; END IF;",
            literal(&qualified(table)),
            literal(column)
        ),
    )
}

fn serial_sequence(table: &Name, column: &str) -> String {
    format!(
        "pg_catalog.pg_get_serial_sequence({}, {})",
        literal(&qualified(table)),
        literal(column)
    )
}
