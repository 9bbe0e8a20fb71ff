//! Whether what an operation does is done already.

use super::rebuild::TableSource;
use super::{expr, read, unsupported};
use crate::dialect::Unsupported;
use crate::op::{Part, Thing, has_part};

/// Whether the thing is there, in the table of its name, if there is one. SQLite has no enum types.
///
/// # Errors
///
/// The table's text cannot be read.
pub fn has(source: Option<&TableSource>, thing: &Thing<'_>) -> Result<bool, Unsupported> {
    match (thing, source) {
        (Thing::Enum(_) | Thing::EnumValue(..) | Thing::Sequence(_), _) | (_, None) => Ok(false),
        (Thing::Table(_), Some(_)) => Ok(true),
        (Thing::Part(_, part), Some(source)) => part_is_in(&source.create, &source.indexes, part),
    }
}

/// Whether the table of these texts has the part.
pub(super) fn part_is_in(
    create: &str,
    indexes: &[(String, String)],
    part: &Part<'_>,
) -> Result<bool, Unsupported> {
    if let Part::Index(wanted) = part {
        return Ok(indexes
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(wanted)));
    }
    let (table, _) = read::table(create).map_err(|problem| {
        unsupported(
            "a table".to_owned(),
            &format!("holds it in a text that cannot be read: {problem}"),
        )
    })?;
    let columns: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    let normal;
    let part = match part {
        Part::Check(text) => {
            normal = expr::normal(text, &columns);
            Part::Check(&normal)
        }
        part => *part,
    };
    Ok(has_part(&table, &part, str::eq_ignore_ascii_case))
}
