//! Sequences that no column owns.

use super::canonical::check_name;
use super::ddl::{block, rename_statements, schema_of};
use super::numbering::{all_options, options};
use super::types::{qualified, type_sql};
use crate::dialect::{Unsupported, literal};
use crate::schema::{Name, Sequence, Type};

pub(super) fn create(sequence: &Sequence) -> Result<Vec<String>, Unsupported> {
    check(&sequence.name)?;
    let mut words = vec![format!("CREATE SEQUENCE {}", qualified(&sequence.name))];
    if sequence.ty != Type::BigInteger {
        words.push(format!("AS {}", type_sql(&sequence.ty)?));
    }
    words.extend(options(&sequence.counting));
    let schema = schema_of(&sequence.name).into_iter();
    Ok(schema.chain([words.join(" ")]).collect())
}

/// Makes a sequence what this one is, whatever it is now. One that nobody ever took a number from
/// begins with its new start, as if it were made so; any other goes on where it is, and the server
/// refuses what does not hold that.
pub(super) fn change(sequence: &Sequence) -> Result<Vec<String>, Unsupported> {
    let name = qualified(&sequence.name);
    let change = format!(
        "{} AS {} {} OWNED BY NONE",
        alter(&sequence.name),
        type_sql(&sequence.ty)?,
        all_options(&sequence.counting, &sequence.ty)
    );
    let body = format!(
        "SELECT NOT s.is_called AND s.last_value = q.seqstart INTO fresh \
         FROM {name} s, pg_catalog.pg_sequence q WHERE q.seqrelid = {}::regclass; \
         IF fresh THEN {change} RESTART; ELSE {change}; END IF;",
        literal(&name)
    );
    Ok(vec![block("fresh boolean;", &body)])
}

pub(super) fn rename(from: &Name, to: &Name) -> Result<Vec<String>, Unsupported> {
    check(to)?;
    Ok(rename_statements(alter, from, to))
}

pub(super) fn check(name: &Name) -> Result<(), Unsupported> {
    check_name(|| format!("sequence {name}"), name)
}

fn alter(name: &Name) -> String {
    format!("ALTER SEQUENCE {}", qualified(name))
}
