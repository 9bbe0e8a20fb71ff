//! SQL that an entity appends to a column, read as far as a column and its table have words for it.

use super::text::{Clause, TableText};
use crate::schema::{Check, Generated};

/// What such SQL says.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    pub(crate) collation: Option<String>,
    pub(crate) generated: Option<Generated>,
    pub(crate) checks: Vec<Check>,
}

/// Reads it, if nothing in it is anything but a collation, a check or a generated expression. These
/// read alike on every engine.
pub(crate) fn extra(sql: &str) -> Option<Extra> {
    let create = format!("CREATE TABLE t (c x {sql})");
    let text = TableText::parse(&create).ok()?;
    let [column] = text.columns.as_slice() else {
        return None;
    };
    let alone = text.constraints.is_empty() && !text.strict && !text.without_rowid;
    // Words that are no clause would be taken for a part of the type.
    if !alone || column.words(&create) != "x" {
        return None;
    }
    let mut extra = Extra::default();
    for constraint in &column.constraints {
        match &constraint.clause {
            _ if constraint.on_conflict => return None,
            Clause::Collate(name) => extra.collation = Some(name.clone()),
            Clause::Check(expr) => extra.checks.push(Check {
                name: constraint.name.clone(),
                expr: create[expr.clone()].to_owned(),
                only: None,
            }),
            Clause::Generated { expr, stored } => {
                extra.generated = Some(Generated {
                    expr: create[expr.clone()].to_owned(),
                    stored: *stored,
                });
            }
            _ => return None,
        }
    }
    Some(extra)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_words_is_understood_and_the_rest_is_left() {
        let read = extra("COLLATE \"C\" CONSTRAINT ck CHECK (length(c) > 1) CHECK (c <> '')");
        let read = read.unwrap_or_default();
        assert_eq!(read.collation.as_deref(), Some("C"));
        let checks: Vec<_> = read
            .checks
            .iter()
            .map(|check| (check.name.as_deref(), check.expr.as_str()))
            .collect();
        assert_eq!(checks, [(Some("ck"), "length(c) > 1"), (None, "c <> ''")]);
        let read = extra("GENERATED ALWAYS AS (a + 1) STORED").unwrap_or_default();
        let generated = read
            .generated
            .map(|generated| (generated.expr, generated.stored));
        assert_eq!(generated, Some(("a + 1".to_owned(), true)));
        for left in [
            "STORAGE EXTERNAL",
            "UNIQUE ON CONFLICT IGNORE",
            "COLLATE \"C\" STORAGE PLAIN",
            "REFERENCES t (id)",
            "ON UPDATE CURRENT_TIMESTAMP",
            "CHECK (",
            ", d text",
        ] {
            assert!(extra(left).is_none(), "{left}");
        }
    }
}
