//! Sequences that stand by themselves.

use std::fmt;

use super::numbering::counts;
use super::{Counting, Name, Type};

/// A sequence that no column owns (PostgreSQL): a project's own numbers, of invoices for example.
///
/// What is not said is as the server has it: numbers of eight bytes, from 1 on, one after the other.
/// [`Metadata::sequence`](crate::Metadata::sequence) declares it.
///
/// ```
/// use seachange::Sequence;
///
/// let sequence = Sequence::new("invoice_number").integer().start(1000).cycle();
/// assert_eq!(sequence.to_string(), "integer start 1000 cycle");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its name.
    pub name: Name,
    /// The type of its numbers: a small, a plain or a big integer.
    pub ty: Type,
    /// How it counts.
    pub counting: Counting,
    /// The column that owns it (`tasks.id`), where a database has it so: what is declared belongs to
    /// none.
    pub owned_by: Option<String>,
    /// The name that it had before, as it is declared.
    pub renamed_from: Option<Name>,
}

impl Sequence {
    /// A sequence as the server makes it when nothing more is said.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            ty: Type::BigInteger,
            counting: Counting::default(),
            owned_by: None,
            renamed_from: None,
        }
    }

    fn counting(mut self, change: impl FnOnce(&mut Counting)) -> Self {
        change(&mut self.counting);
        self
    }

    counts!(counting);

    /// Counts in numbers of four bytes.
    #[must_use]
    pub fn integer(mut self) -> Self {
        self.ty = Type::Integer;
        self
    }

    /// Counts in numbers of two bytes.
    #[must_use]
    pub fn small_integer(mut self) -> Self {
        self.ty = Type::SmallInteger;
        self
    }

    /// Says the name that it had before, so that it is renamed and goes on where it is. A pair
    /// names the schema that it was in, too.
    #[must_use]
    pub fn renamed_from(mut self, name: impl Into<Name>) -> Self {
        self.renamed_from = Some(name.into());
        self
    }
}

impl fmt::Display for Sequence {
    /// What it is, in the words of a snapshot.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ty)?;
        match self.counting.to_string() {
            words if words.is_empty() => {}
            words => write!(f, " {words}")?,
        }
        match &self.owned_by {
            Some(column) => write!(f, " owned by {}", super::fact::text(column)),
            None => Ok(()),
        }
    }
}
