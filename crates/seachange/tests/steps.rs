//! Two revisions whose steps are given while a test runs.

use std::sync::Arc;

use sea_orm_migration::MigrationTrait;
use seachange::op::Step;
use seachange::revision::History;

pub const RECORD: &str = "seaql_migrations";

/// The steps of the two revisions: what is there, and what is done to it.
#[derive(Default)]
pub struct Steps {
    pub given: Vec<Step>,
    pub up: Vec<Step>,
    pub down: Vec<Step>,
}

tokio::task_local! {
    /// What the revisions record while a case is on its way.
    pub static STEPS: Arc<Steps>;
}

#[seachange::revision(id = "given")]
struct Given;

impl seachange::Revision for Given {
    fn up(&self, op: &mut seachange::Operations) {
        op.extend(STEPS.with(|steps| steps.given.clone()));
    }
    fn down(&self, _: &mut seachange::Operations) {}
}

#[seachange::revision(id = "change", revises = "given")]
struct Change;

impl seachange::Revision for Change {
    fn up(&self, op: &mut seachange::Operations) {
        op.extend(STEPS.with(|steps| steps.up.clone()));
    }
    fn down(&self, op: &mut seachange::Operations) {
        op.extend(STEPS.with(|steps| steps.down.clone()));
    }
}

/// The same change where it cannot share one transaction.
#[seachange::revision(id = "change", revises = "given", transaction = "per segment")]
struct InSegments;

impl seachange::Revision for InSegments {
    fn up(&self, op: &mut seachange::Operations) {
        seachange::Revision::up(&Change, op);
    }
    fn down(&self, op: &mut seachange::Operations) {
        seachange::Revision::down(&Change, op);
    }
}

/// The history of the two; `in_segments` when the second cannot share one transaction.
pub fn history(in_segments: bool) -> History {
    let change: Box<dyn MigrationTrait> = match in_segments {
        true => Box::new(InSegments),
        false => Box::new(Change),
    };
    History::new(vec![Box::new(Given), change], RECORD.to_owned()).expect("their ids differ")
}
