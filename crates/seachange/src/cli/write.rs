//! Commands that change the sources: revision, snapshot, remove.

use std::path::{Path, PathBuf};

use chrono::Utc;
use serde_json::json;

use super::args::RevisionArgs;
use super::autogenerate;
use super::error::{Failure, Outcome};
use super::print::{self, data, note};
use super::project::{self, Project};
use super::session::Session;
use crate::compare::undone;
use crate::render::{self, ModuleSpec};
use crate::revision::{self, Entry, directory};
use crate::schema::{Fact, Schema, facts};
use crate::source::entities::Metadata;
use crate::source::snapshot::Snapshot;

/// Writes a revision: an empty one to fill in by hand, or what autogenerate finds.
pub(super) async fn revision(
    session: &Session,
    metadata: &Metadata,
    args: &RevisionArgs,
) -> Outcome {
    let head = session.history.head()?;
    let parents: Vec<String> = head.iter().map(|entry| entry.id.clone()).collect();
    if args.autogenerate {
        return autogenerate::autogenerate(session, metadata, args, parents).await;
    }
    let project = Project::locate(session)?;
    let Some(message) = &args.message else {
        return Err(
            Failure::usage("a revision that is written by hand needs a message")
                .hint("say what it does:   cargo db revision -m \"…\"")
                .hint("or let it be written:   cargo db revision --autogenerate"),
        );
    };
    let id = new_id(session, args, message)?;
    let spec = ModuleSpec {
        message: message.clone(),
        revises: parents,
        ..ModuleSpec::default()
    };
    let change =
        directory::add_revision(&project.directory.join("src"), &id, render::module(&spec))
            .map_err(|error| project.failed(error))?;
    wrote(&project, change, |files| {
        if session.global.json {
            print::json(&json!({ "format": 1, "revision": id, "changes": [], "files": files }));
        }
    })?;
    note("next:   write its steps, then `cargo db upgrade head`");
    Ok(())
}

/// The files that a command wrote and changed, as messages show them.
struct Files {
    written: Vec<String>,
    changed: Vec<String>,
}

impl Files {
    fn names(&self) -> Vec<&str> {
        let all = self.written.iter().chain(&self.changed);
        all.map(String::as_str).collect()
    }

    fn say(&self) {
        for (verb, files) in [("Wrote", &self.written), ("Changed", &self.changed)] {
            if !files.is_empty() {
                note(format!("{verb} {}", files.join(", ")));
            }
        }
    }
}

fn make(project: &Project, change: directory::Change) -> Result<Files, Failure> {
    let (changed, written): (Vec<_>, Vec<_>) = change
        .paths()
        .map(Path::to_path_buf)
        .partition(|path| path.exists());
    change.make().map_err(|error| project.failed(error))?;
    let names = |paths: Vec<PathBuf>| paths.iter().map(|path| project.shown(path)).collect();
    Ok(Files {
        written: names(written),
        changed: names(changed),
    })
}

/// Makes the change, lets it be told, and says which files it was.
pub(super) fn wrote(
    project: &Project,
    change: directory::Change,
    tell: impl FnOnce(&[&str]),
) -> Outcome {
    let files = make(project, change)?;
    tell(&files.names());
    files.say();
    Ok(())
}

pub(super) fn new_id(
    session: &Session,
    args: &RevisionArgs,
    message: &str,
) -> Result<String, Failure> {
    let taken = || {
        session
            .history
            .entries()
            .iter()
            .map(|entry| entry.id.as_str())
    };
    match &args.rev_id {
        Some(id) => {
            revision::check_id(id, taken())?;
            if message.trim().is_empty() {
                return Err(revision::IdError::EmptyMessage.into());
            }
            Ok(id.clone())
        }
        None => Ok(revision::new_id(message, Utc::now().naive_utc(), taken())?),
    }
}

/// Shows what the snapshot and the entities disagree about; `--accept` takes the entities' side.
pub(super) async fn snapshot(session: &Session, metadata: &Metadata, accept: bool) -> Outcome {
    let (mut want, _) = project::entities(session, metadata)?;
    // The file may be beyond reading; that is what it is accepted anew for.
    let project = if accept {
        Project::locate(session)?
    } else {
        Project::open(session)?
    };
    let filter = project.filter(metadata)?;
    if !accept {
        let Some(snapshot) = &project.snapshot else {
            return Err(
                Failure::failed("there is no `migration/entities.snapshot` yet")
                    .hint("the first `cargo db revision --autogenerate` writes it"),
            );
        };
        let mut old = snapshot.schema.clone();
        filter.hide(&mut want, &mut old, None);
        print_differences(session, &old, &want, &[]);
        return Ok(());
    }
    let before = std::fs::read_to_string(project.snapshot_file())
        .ok()
        .and_then(|text| Snapshot::parse(&text).ok());
    let is_plain = |entry: &Entry| entry.header.is_none();
    let mut adopted = before.as_ref().map(|snapshot| snapshot.adopted.clone());
    // Taking the entities' side is adopting the project as it is on this engine.
    let history = session.history.entries();
    let adopts = match &adopted {
        Some(engines) => !engines.is_empty(),
        None => history.is_empty() || history.iter().any(is_plain),
    };
    if adopts {
        adopted
            .get_or_insert_default()
            .insert(session.url().engine());
    }
    let held = before.map(|snapshot| snapshot.schema).unwrap_or_default();
    let mut old = held.clone();
    forget_renames(&mut want);
    filter.hide(&mut want, &mut old, None);
    let mut schema = want.clone();
    filter.keep(&mut schema, &held);
    let heads = session.history.heads();
    let snapshot = Snapshot {
        heads: heads.iter().map(|entry| entry.id.clone()).collect(),
        adopted: adopted.unwrap_or_default(),
        schema,
    };
    let mut change = directory::Change::default();
    change.replace(project.snapshot_file(), snapshot.to_string());
    let files = make(&project, change)?;
    print_differences(session, &old, &want, &files.names());
    files.say();
    note("no revision will be written for these; a fresh database gets only what revisions hold");
    Ok(())
}

fn forget_renames(schema: &mut Schema) {
    for table in schema.tables.values_mut() {
        table.renamed_from = None;
        for column in &mut table.columns {
            column.forget_hints();
        }
    }
}

fn print_differences(session: &Session, old: &Schema, new: &Schema, files: &[&str]) {
    let (old, new) = (facts(old), facts(new));
    let only = |these: &[Fact], others: &[Fact]| -> Vec<String> {
        these
            .iter()
            .filter(|fact| !others.contains(fact))
            .map(ToString::to_string)
            .collect()
    };
    let (gone, come) = (only(&old, &new), only(&new, &old));
    if session.global.json {
        print::json(&json!({ "format": 1, "removed": gone, "added": come, "files": files }));
        return;
    }
    if gone.is_empty() && come.is_empty() {
        note("entities and snapshot agree");
    }
    gone.iter().for_each(|line| data(format!("- {line}")));
    come.iter().for_each(|line| data(format!("+ {line}")));
}

/// Takes back the newest revision: module, list, snapshot.
pub(super) async fn remove(session: &Session, metadata: &Metadata) -> Outcome {
    let project = Project::open(session)?;
    let Some(head) = session.history.head()? else {
        note("there is no revision to remove");
        return Ok(());
    };
    let place = session.open().await?;
    if place.ids().contains(&head.id) {
        return Err(
            Failure::failed(format!("`{}` is applied on {}", head.id, session.url()))
                .hint("take it off first:   cargo db downgrade -1"),
        );
    }
    let mut change = directory::remove_revision(&project.directory.join("src"), &head.id)
        .map_err(|error| project.failed(error))?;
    if let Some(snapshot) = &project.snapshot
        && snapshot.heads == [head.id.clone()]
    {
        // Entities that are not in order are no reason not to take a revision back.
        let want = metadata.schema().unwrap_or_default();
        let before = undone(snapshot, &session.history, head, &want).map_err(Failure::failed)?;
        change.replace(project.snapshot_file(), before.to_string());
    }
    let paths: Vec<PathBuf> = change.paths().map(Path::to_path_buf).collect();
    change.make().map_err(|error| project.failed(error))?;
    let (changed, removed): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.exists());
    for (verb, paths) in [("Removed", removed), ("Changed", changed)] {
        let paths: Vec<String> = paths.into_iter().map(|path| project.shown(path)).collect();
        note(format!("{verb} {}", paths.join(", ")));
    }
    Ok(())
}
