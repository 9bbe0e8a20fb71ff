//! How far a start is, for a probe.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::event::Event;

/// What a service is doing before it can serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for the database to answer.
    #[default]
    Connecting,
    /// It waits for the migration lock, or for somebody else to migrate.
    Waiting,
    /// It migrates.
    Migrating,
    /// The schema is right.
    Ready,
    /// It cannot start.
    Failed,
}

/// A moment of a start. Its JSON is the body of `/readyz`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The version of these fields.
    pub format: u32,
    /// What is being done.
    pub state: State,
    /// Where the database is, when that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The revision that is running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<String>,
    /// Its step: `2/3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Rows that are filled: `31000/48211`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// Who is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Since when it does what it does.
    pub since: String,
    /// How many revisions are pending, when that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<usize>,
}

/// A handle to look at a start while it is under way. Clones are cheap and look at the same start.
#[derive(Clone, Debug)]
pub struct Status(Arc<Mutex<Snapshot>>);

impl Default for Status {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Snapshot {
            format: 1,
            state: State::default(),
            at: None,
            running: None,
            step: None,
            rows: None,
            holder: None,
            since: now(),
            pending: None,
        })))
    }
}

impl Status {
    /// This moment.
    pub fn snapshot(&self) -> Snapshot {
        let snapshot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        snapshot.clone()
    }

    /// Whether the schema is right and requests can be served.
    pub fn is_ready(&self) -> bool {
        self.snapshot().state == State::Ready
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut snapshot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut snapshot);
    }

    pub(super) fn enter(&self, state: State) {
        self.change(|now| now.enter(state));
    }

    /// Follows a run.
    pub(super) fn hear(&self, event: &Event) {
        self.change(|now| match event {
            Event::Waiting { holder, .. } => {
                if now.state != State::Waiting {
                    now.enter(State::Waiting);
                }
                now.holder.clone_from(holder);
            }
            Event::Planned {
                from, revisions, ..
            } => {
                now.enter(State::Migrating);
                now.at = Some(place(from));
                now.pending = Some(revisions.len());
            }
            Event::RevisionStarted { id, .. } => {
                now.enter(State::Migrating);
                now.running = Some(id.clone());
            }
            Event::StepStarted { step, of, .. } => {
                now.step = Some(format!("{step}/{of}"));
                now.rows = None;
            }
            Event::RowsFilled { done, total, .. } => now.rows = Some(format!("{done}/{total}")),
            Event::RevisionFinished { id, .. } => {
                now.enter(State::Migrating);
                now.at = Some(id.clone());
                now.pending = now.pending.map(|pending| pending.saturating_sub(1));
            }
            _ => {}
        });
    }
}

impl Snapshot {
    fn enter(&mut self, state: State) {
        self.state = state;
        self.running = None;
        self.step = None;
        self.rows = None;
        self.holder = None;
        self.since = now();
    }
}

/// Where a database is, in words.
pub(super) fn place(at: &[String]) -> String {
    match at {
        [] => "base".to_owned(),
        heads => heads.join(", "),
    }
}

fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
