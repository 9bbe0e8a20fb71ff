//! How the steps of a revision are committed.

use std::ops::Range;

use crate::dialect::postgres::online;
use crate::op::{Op, Step, adds_enum_value, runs_outside};
use crate::revision::Transaction;
use crate::schema::Engine;

/// Steps that are committed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// In one transaction.
    Transaction(Range<usize>),
    /// One step that commits each of its batches.
    Backfill(usize),
    /// One step that no transaction can hold.
    Alone(usize),
}

impl Segment {
    pub(super) fn range(&self) -> Range<usize> {
        match self {
            Self::Transaction(range) => range.clone(),
            Self::Backfill(at) | Self::Alone(at) => *at..at + 1,
        }
    }
}

/// Cuts steps into segments. A backfill and a statement that runs only outside transactions are
/// segments of their own under any header; a header `per segment` also cuts after a new enum value,
/// which PostgreSQL lets nobody use before it is committed, and there makes a column NOT NULL by
/// itself, so that nobody is locked out while the rows are looked through.
pub(super) fn segments(engine: Engine, steps: &[Step], transaction: Transaction) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut start = 0;
    let close = |segments: &mut Vec<Segment>, start: usize, end: usize| {
        if start < end {
            segments.push(Segment::Transaction(start..end));
        }
    };
    for (at, step) in steps.iter().enumerate() {
        let own = match &step.op {
            Op::Backfill(_) => Some(Segment::Backfill(at)),
            Op::Execute { sql, .. } if runs_outside(sql) => Some(Segment::Alone(at)),
            op if engine == Engine::Postgres
                && transaction == Transaction::PerSegment
                && online(op).is_some() =>
            {
                Some(Segment::Alone(at))
            }
            _ => None,
        };
        if let Some(segment) = own {
            close(&mut segments, start, at);
            segments.push(segment);
            start = at + 1;
        } else if transaction == Transaction::PerSegment
            && adds_value(&step.op)
            && !steps.get(at + 1).is_some_and(|next| adds_value(&next.op))
        {
            close(&mut segments, start, at + 1);
            start = at + 1;
        }
    }
    close(&mut segments, start, steps.len());
    if segments.is_empty() {
        // Without a step there still is a record to write.
        segments.push(Segment::Transaction(0..0));
    }
    segments
}

fn adds_value(op: &Op) -> bool {
    match op {
        Op::AddEnumValue { .. } => true,
        Op::Execute { sql, .. } => adds_enum_value(sql),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::Operations;

    #[test]
    fn steps_are_cut_where_they_must_be() {
        use Segment::{Alone, Backfill, Transaction as T};
        type Case = (fn(&mut Operations), Transaction, Vec<Segment>);
        let cases: Vec<Case> = vec![
            (|_| {}, Transaction::Whole, vec![T(0..0)]),
            (
                |op| {
                    op.drop_table("a");
                    op.drop_table("b");
                },
                Transaction::PerSegment,
                vec![T(0..2)],
            ),
            (
                |op| {
                    op.drop_table("a");
                    op.backfill("b");
                    op.backfill("c");
                    op.drop_table("d");
                },
                Transaction::Whole,
                vec![T(0..1), Backfill(1), Backfill(2), T(3..4)],
            ),
            (
                |op| {
                    op.execute("create unique index\n  CONCURRENTLY i on t (a)");
                    op.execute("vacuum");
                    op.execute("select 'concurrently'");
                },
                Transaction::Whole,
                vec![Alone(0), Alone(1), T(2..3)],
            ),
            (
                |op| {
                    op.execute("alter type mood add value 'x'");
                    op.execute("select 1");
                },
                Transaction::PerSegment,
                vec![T(0..1), T(1..2)],
            ),
            (
                |op| {
                    op.backfill("b");
                    op.alter_column("b", "c").set_not_null();
                    op.drop_table("d");
                },
                Transaction::PerSegment,
                vec![Backfill(0), Alone(1), T(2..3)],
            ),
            (
                |op| {
                    op.alter_column("b", "c").set_not_null();
                },
                Transaction::Whole,
                vec![T(0..1)],
            ),
            (
                |op| {
                    op.add_enum_value("mood", "x");
                    op.add_enum_value("mood", "y");
                    op.drop_table("a");
                },
                Transaction::PerSegment,
                vec![T(0..2), T(2..3)],
            ),
            (
                |op| {
                    op.add_enum_value("mood", "x");
                    op.drop_table("a");
                },
                Transaction::Whole,
                vec![T(0..2)],
            ),
        ];
        for (record, transaction, expected) in cases {
            let mut operations = Operations::default();
            record(&mut operations);
            assert_eq!(
                segments(Engine::Postgres, operations.steps(), transaction),
                expected
            );
        }
    }
}
