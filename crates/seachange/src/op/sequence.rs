//! Sequences that no column owns.

use super::operations::Operations;
use super::options::{Creates, Removes};
use super::rewrite::rename_sequence_in_sql;
use super::{Op, mentions_sequence};
use crate::schema::{Column, DefaultValue, Name, Schema, Sequence};

impl Operations {
    /// Creates a sequence that no column owns. Engines without sequences pass over it.
    ///
    /// ```
    /// use seachange::Sequence;
    /// # let mut op = seachange::Operations::default();
    /// op.create_sequence(Sequence::new("invoice_number").start(1000));
    /// ```
    #[track_caller]
    pub fn create_sequence(&mut self, sequence: Sequence) -> Creates<'_> {
        Creates(self.push(Op::CreateSequence(Box::new(plain(sequence)))))
    }

    /// Drops a sequence; where it has counted to is lost.
    #[track_caller]
    pub fn drop_sequence(&mut self, name: impl Into<Name>) -> Removes<'_> {
        Removes(self.push(Op::DropSequence {
            name: name.into(),
            before: None,
        }))
    }

    /// Makes a sequence count in this way, and belong to no column; what is not said becomes what
    /// the server has. It goes on where it is, or if it was never used, begins with its new start.
    ///
    /// ```
    /// use seachange::Sequence;
    /// # let mut op = seachange::Operations::default();
    /// op.alter_sequence(Sequence::new("invoice_number").start(1000).increment(10));
    /// ```
    #[track_caller]
    pub fn alter_sequence(&mut self, sequence: Sequence) {
        self.push(Op::AlterSequence {
            sequence: Box::new(plain(sequence)),
            before: None,
        });
    }

    /// Renames a sequence, or moves it to another schema; defaults that use it follow. Engines
    /// without sequences pass over it.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.rename_sequence("invoice_no", "invoice_number");
    /// op.rename_sequence("invoice_number", ("billing", "invoice_number"));
    /// ```
    #[track_caller]
    pub fn rename_sequence(&mut self, from: impl Into<Name>, to: impl Into<Name>) -> Removes<'_> {
        Removes(self.push(Op::RenameSequence {
            from: from.into(),
            to: to.into(),
        }))
    }
}

/// A sequence without what is only declared or found of it.
fn plain(sequence: Sequence) -> Sequence {
    Sequence {
        owned_by: None,
        renamed_from: None,
        ..sequence
    }
}

/// Whether a default of the column takes its values from the sequence, on any engine.
pub(crate) fn takes_from(column: &Column, sequence: &Name) -> bool {
    let takes = |default: &DefaultValue| match default {
        DefaultValue::Expr(sql) => mentions_sequence(sql, sequence),
        _ => false,
    };
    let views = column.views();
    views
        .iter()
        .any(|view| view.default.as_ref().is_some_and(takes))
}

/// What a schema is after an operation on a sequence.
pub(super) fn apply_sequence(schema: &mut Schema, op: &Op) {
    match op {
        Op::CreateSequence(sequence) => {
            let sequence = (**sequence).clone();
            schema.sequences.insert(sequence.name.clone(), sequence);
        }
        Op::DropSequence { name, .. } => {
            schema.sequences.remove(name);
        }
        Op::AlterSequence { sequence, .. } => {
            if let Some(found) = schema.sequences.get_mut(&sequence.name) {
                *found = (**sequence).clone();
            }
        }
        Op::RenameSequence { from, to } => {
            if let Some(mut sequence) = schema.sequences.remove(from) {
                sequence.name = to.clone();
                schema.sequences.insert(to.clone(), sequence);
            }
            let columns = schema
                .tables
                .values_mut()
                .flat_map(|table| &mut table.columns);
            for default in columns.flat_map(Column::defaults_mut) {
                if let DefaultValue::Expr(sql) = default {
                    *sql = rename_sequence_in_sql(sql, from, to);
                }
            }
        }
        _ => {}
    }
}

/// The operation that undoes one on a sequence.
pub(super) fn inverse_of_sequence(op: &Op, before: &Schema) -> Option<Op> {
    let known = |known: &Option<Box<Sequence>>, name| match known {
        Some(sequence) => Some(sequence.clone()),
        None => before.sequences.get(name).cloned().map(Box::new),
    };
    Some(match op {
        Op::CreateSequence(sequence) => Op::DropSequence {
            name: sequence.name.clone(),
            before: Some(sequence.clone()),
        },
        Op::DropSequence { name, before } => Op::CreateSequence(known(before, name)?),
        Op::AlterSequence { sequence, before } => Op::AlterSequence {
            sequence: known(before, &sequence.name)?,
            before: Some(sequence.clone()),
        },
        Op::RenameSequence { from, to } => Op::RenameSequence {
            from: to.clone(),
            to: from.clone(),
        },
        _ => return None,
    })
}
