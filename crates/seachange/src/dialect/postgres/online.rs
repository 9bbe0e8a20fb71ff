//! NOT NULL, without keeping readers waiting.

use super::types::qualified;
use crate::dialect::quote;
use crate::op::{ColumnChange, Op};
use crate::schema::Name;

/// Statements that each have to be committed before the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Online {
    /// The statements, in their order. Running them again from the first is harmless.
    pub statements: Vec<String>,
    /// What takes back a part of them.
    pub undo: String,
}

/// How a column is made NOT NULL while its table is read and written: SET NOT NULL alone reads the
/// whole table with everybody locked out, unless a valid check says already what it is looking for
/// (PostgreSQL 12 and later), and validating a check locks nobody out. `None` for every other
/// operation.
pub fn online(op: &Op) -> Option<Online> {
    let Op::AlterColumn {
        table,
        column,
        change,
        ..
    } = op
    else {
        return None;
    };
    let only_required = ColumnChange {
        nullable: Some(false),
        ..ColumnChange::default()
    };
    if **change != only_required {
        return None;
    }
    let alter = format!("ALTER TABLE {}", qualified(table));
    let check = quote(&check_name(table, column));
    let column = quote(column);
    let undo = format!("{alter} DROP CONSTRAINT IF EXISTS {check}");
    Some(Online {
        statements: vec![
            format!("{undo}, ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"),
            format!("{alter} VALIDATE CONSTRAINT {check}"),
            format!("{alter} ALTER COLUMN {column} SET NOT NULL"),
            undo.clone(),
        ],
        undo,
    })
}

/// The check's name stands in the server's message when a row holds NULL.
fn check_name(table: &Name, column: &str) -> String {
    const SUFFIX: &str = "_not_null_yet";
    let mut name = format!("{}_{column}", table.name);
    name.truncate(name.floor_char_boundary(super::NAME_BYTES - SUFFIX.len()));
    name + SUFFIX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::Operations;

    #[test]
    fn only_a_column_that_becomes_required_and_nothing_else() {
        let mut op = Operations::default();
        op.alter_column("t", "c").set_not_null();
        op.alter_column("t", "c").drop_not_null();
        op.alter_column("t", "c").set_not_null().set_default(1);
        op.drop_table("t");
        let online: Vec<bool> = op
            .steps()
            .iter()
            .map(|step| online(&step.op).is_some())
            .collect();
        assert_eq!(online, [true, false, false, false]);
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let name = check_name(&Name::from("ä".repeat(40).as_str()), "c");
        assert!(name.len() <= super::super::NAME_BYTES, "{name}");
        assert!(name.ends_with("ä_not_null_yet"));
    }
}
