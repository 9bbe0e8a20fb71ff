//! Sequences that no column owns: renamed, created and altered before anything can use them, dropped
//! when nothing does any more.

use super::{Question, Subject, Work};
use crate::op::Op;
use crate::schema::{Name, Sequence};

/// Carries out the renames that are declared or answered, and asks about drops and adds that may be
/// one.
pub(super) fn rename(work: &mut Work<'_>) {
    // One may take the name that another sets free.
    loop {
        let found = declared(work);
        if found.is_empty() {
            break;
        }
        for (from, to) in found {
            match work.now.sequences.contains_key(&from) {
                true => work.push(Op::RenameSequence { from, to }),
                false => work.note(
                    format!("sequence {to}"),
                    &super::rename::claimed_twice(&from.to_string()),
                ),
            }
        }
    }
    ask(work);
}

/// The sequences that are new, and not there yet.
fn new<'a>(work: &Work<'a>) -> Vec<&'a Sequence> {
    let sequences = work.to.sequences.values();
    sequences
        .filter(|new| !work.now.sequences.contains_key(&new.name))
        .collect()
}

/// The sequences that nobody declares any more.
fn gone(work: &Work<'_>) -> Vec<Sequence> {
    let sequences = work.now.sequences.values();
    sequences
        .filter(|old| !work.to.sequences.contains_key(&old.name))
        .cloned()
        .collect()
}

/// A rename holds when the old name is there and the new one is not: then it is still to be done.
fn declared(work: &Work<'_>) -> Vec<(Name, Name)> {
    let was = |new: &Sequence| {
        work.answers
            .renamed_sequence(&new.name)
            .or_else(|| new.renamed_from.clone())
            .filter(|from| work.now.sequences.contains_key(from))
    };
    new(work)
        .into_iter()
        .filter_map(|new| Some((was(new)?, new.name.clone())))
        .collect()
}

fn ask(work: &mut Work<'_>) {
    for old in gone(work) {
        if work.answers.dropped(&Subject::Sequence(old.name.clone())) {
            continue;
        }
        let alike = |new: &&Sequence| new.ty == old.ty && new.counting == old.counting;
        let candidates: Vec<Name> = new(work)
            .into_iter()
            .filter(alike)
            .map(|new| new.name.clone())
            .collect();
        if !candidates.is_empty() {
            work.plan.questions.push(Question::RenameSequence {
                from: old.name,
                to: candidates,
            });
        }
    }
}

/// Creates those that are new, and alters those that count otherwise.
pub(super) fn create(work: &mut Work<'_>) {
    for to in work.to.sequences.values() {
        let to = Sequence {
            renamed_from: None,
            ..to.clone()
        };
        let now = work.now.sequences.get(&to.name).cloned();
        match now {
            None => work.push(Op::CreateSequence(Box::new(to))),
            Some(now) => {
                let now = Sequence {
                    renamed_from: None,
                    ..now
                };
                if now != to {
                    work.push(Op::AlterSequence {
                        sequence: Box::new(to),
                        before: Some(Box::new(now)),
                    });
                }
            }
        }
    }
}

/// Drops those that nothing uses any more.
pub(super) fn drop(work: &mut Work<'_>) {
    for sequence in gone(work) {
        work.push(Op::DropSequence {
            name: sequence.name.clone(),
            before: Some(Box::new(sequence)),
        });
    }
}
