//! Commands that change the sources: revision, snapshot, remove.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::Utc;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;

use super::args::RevisionArgs;
use super::ask;
use super::check::conflict_line;
use super::error::{Failure, Outcome, code};
use super::print::{self, data, note};
use super::project::{self, Project};
use super::read::behind;
use super::session::{Place, Session};
use crate::compare::{Adopted, Comparison, compare, undone};
use crate::dialect::{canonical, quote};
use crate::diff::{Answers, Plan, Question};
use crate::op::{Op, apply, describe, destroys};
use crate::render::{self, ModuleSpec};
use crate::revision::{self, directory};
use crate::run::{self, RunError};
use crate::schema::{Engine, Fact, Name, Schema, facts};
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
        return autogenerate(session, metadata, args, parents).await;
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
    wrote(session, &project, &id, change, &[])?;
    note("next:   write its steps, then `cargo db upgrade head`");
    Ok(())
}

async fn autogenerate(
    session: &Session,
    metadata: &Metadata,
    args: &RevisionArgs,
    parents: Vec<String>,
) -> Outcome {
    let project = Project::open(session)?;
    let mut want = project::entities(metadata)?;
    let filter = project.filter(metadata)?;
    let mut answers = answers(args)?;
    // A message that names nothing is found out before the database is asked.
    if let Some(message) = &args.message {
        new_id(session, args, message)?;
    }
    let place = session.open().await?;
    up_to_date(session, &place).await?;
    let engine = session.url().engine();
    let mut catalog = project::read(&place.db, session, &want).await?;
    let held = project.base(session, &want, Some((engine, &catalog)))?;
    let mut base = held.clone();
    filter.hide(&mut want, &mut base, Some(&mut catalog));
    let adopted = project::settle(session, &base, engine, &mut catalog)?;
    let comparison = loop {
        let database = Some((engine, &catalog));
        let comparison = compare(&want, base.clone(), database, &answers)?;
        if comparison.plan.questions.is_empty() {
            break comparison;
        }
        let counts = counts(&place.db, &comparison.plan.questions).await?;
        let count = |table: &Name, column: Option<&str>| {
            let key = (table.clone(), column.map(str::to_owned));
            counts.get(&key).copied()
        };
        ask::answer(&comparison.plan.questions, &mut answers, &count)?;
    };
    note(format!(
        "Compared {} with {} at {}",
        counted_entities(metadata.count()),
        session.url(),
        match parents.first() {
            Some(head) => format!("{head} (head)"),
            None => "base".to_owned(),
        }
    ));
    if !comparison.conflicts.is_empty() {
        let lines: Vec<String> = comparison.conflicts.iter().map(conflict_line).collect();
        return Err(Failure::failed(format!(
            "declared and here in two forms, and in no revision:\n  {}",
            lines.join("\n  ")
        ))
        .hint("make the database what the entity says, or drop it there; nothing was written"));
    }
    other_engines(&project, engine, &want)?;
    for left in &comparison.plan.notes {
        note(format!("note: {}: {}", left.object, left.reason));
    }
    if comparison.plan.ops.is_empty() {
        if session.global.json {
            print::json(&json!({ "format": 1, "revision": null, "changes": [] }));
        }
        note(if comparison.plan.notes.is_empty() {
            "nothing to do: the entities declare what is in history; no file was written"
        } else {
            "nothing else differs; no file was written"
        });
        return Ok(());
    }
    let found = Found {
        comparison,
        adopted,
        held,
    };
    write(session, &project, args, parents, &found)
}

/// What autogenerate found, and what the snapshot held, with all that was left out.
struct Found {
    comparison: Comparison,
    adopted: Vec<Adopted>,
    held: Schema,
}

/// A revision runs on every engine of the project: what one of them cannot hold is refused now, and
/// what the engine at hand cannot compare for the others is said.
fn other_engines(project: &Project, here: Engine, want: &Schema) -> Outcome {
    let engines = project.engines()?;
    let others: Vec<Engine> = engines.into_iter().filter(|other| *other != here).collect();
    for other in &others {
        canonical(*other, want)?;
    }
    let blind: Vec<String> = canonical(here, want)?
        .notes
        .into_iter()
        .map(|note| note.object)
        .collect();
    if !others.is_empty() && !blind.is_empty() {
        let names: Vec<&str> = others.iter().map(|other| other.as_str()).collect();
        note(format!(
            "note: this project runs on {} too (seachange.toml); {here} cannot compare: {}",
            names.join(" and "),
            blind.join(", ")
        ));
    }
    Ok(())
}

/// Writes the revision of a comparison: module, list and snapshot, all or none.
fn write(
    session: &Session,
    project: &Project,
    args: &RevisionArgs,
    parents: Vec<String>,
    found: &Found,
) -> Outcome {
    let Found {
        comparison: Comparison { plan, base, .. },
        adopted,
        held,
    } = found;
    let here = as_named_here(plan, adopted);
    let message = match &args.message {
        Some(message) => message.clone(),
        None => crate::op::message(&plan.ops)
            .ok_or_else(|| Failure::usage("a message is needed: -m \"…\""))?,
    };
    let id = new_id(session, args, &message)?;
    let spec = ModuleSpec {
        message,
        revises: parents,
        transaction: render::transaction(&here.ops),
        down: here.down(base),
        up: here.ops,
        ..ModuleSpec::default()
    };
    let mut change =
        directory::add_revision(&project.directory.join("src"), &id, render::module(&spec))
            .map_err(|error| project.failed(error))?;
    let mut schema = held.clone();
    for op in &plan.ops {
        apply(&mut schema, op);
    }
    let snapshot = Snapshot {
        heads: vec![id.clone()],
        schema,
    };
    change.replace(project.snapshot_file(), snapshot.to_string());
    let changes: Vec<String> = plan
        .ops
        .iter()
        .flat_map(|op| {
            let mut lines = describe(op);
            lines.extend(destroys(op).map(|what| format!("    destructive: {what}")));
            lines
        })
        .collect();
    wrote(session, project, &id, change, &changes)?;
    note("next:   read it, then `cargo db upgrade head`");
    note("commit: git add entity migration");
    Ok(())
}

/// The plan, with an index that has another name here dropped by that one.
fn as_named_here(plan: &Plan, adopted: &[Adopted]) -> Plan {
    let mut plan = plan.clone();
    for op in &mut plan.ops {
        let keys = crate::op::keys(op);
        if let Op::DropIndex { name, before, .. } = op
            && let Some(adopted) = adopted.iter().find(|adopted| keys.contains(&adopted.key))
            && let Some(here) = &adopted.name
        {
            name.clone_from(here);
            if let Some(before) = before {
                before.name.clone_from(here);
            }
        }
    }
    plan
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

/// Makes the change and says which files it was.
fn wrote(
    session: &Session,
    project: &Project,
    id: &str,
    change: directory::Change,
    lines: &[String],
) -> Outcome {
    let files = make(project, change)?;
    if session.global.json {
        let names = files.names();
        print::json(&json!({ "format": 1, "revision": id, "changes": lines, "files": names }));
    } else {
        for line in lines {
            data(format!("  {line}"));
        }
    }
    files.say();
    Ok(())
}

/// Autogenerate compares with a database that is where the code is.
async fn up_to_date(session: &Session, place: &Place) -> Outcome {
    let unknown = run::unknown(&place.db, &session.history, &place.applied).await?;
    if !unknown.is_empty() {
        return Err(RunError::Unknown { unknown }.into());
    }
    let pending = session.history.pending(&place.ids());
    if pending.is_empty() {
        return Ok(());
    }
    let mut failure = behind(session, &pending);
    failure.code = code::FAILED;
    failure.hints = vec![
        "autogenerate compares with a database that is up to date: cargo db upgrade head"
            .to_owned(),
    ];
    Err(failure)
}

fn new_id(session: &Session, args: &RevisionArgs, message: &str) -> Result<String, Failure> {
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

fn answers(args: &RevisionArgs) -> Result<Answers, Failure> {
    let mut answers = Answers::default();
    for text in &args.rename {
        answers.rename(text).map_err(Failure::usage)?;
    }
    for text in &args.drop {
        answers.drop(text).map_err(Failure::usage)?;
    }
    for text in &args.backfill {
        answers.fill(text).map_err(Failure::usage)?;
    }
    Ok(answers)
}

fn counted_entities(n: usize) -> String {
    if n == 1 {
        "1 entity".to_owned()
    } else {
        format!("{n} entities")
    }
}

type Counts = BTreeMap<(Name, Option<String>), u64>;

/// How many rows and values the questions are about.
async fn counts(db: &DatabaseConnection, questions: &[Question]) -> Result<Counts, Failure> {
    let mut counts = Counts::new();
    for question in questions {
        let (table, column) = match question {
            Question::RenameTable { from, .. } => (from, None),
            Question::RenameColumn { table, from, .. } => (table, Some(from.clone())),
            Question::Backfill { table, .. } => (table, None),
        };
        let what = column.as_deref().map_or_else(|| "*".to_owned(), quote);
        let schema = table.schema.iter().map(|schema| quote(schema) + ".");
        let from = schema.collect::<String>() + &quote(&table.name);
        let sql = format!("select count({what}) from {from}");
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
            .await;
        // A table that is declared but not here has nothing to lose.
        if let Ok(Some(row)) = row
            && let Ok(count) = row.try_get_by_index::<i64>(0)
        {
            counts.insert((table.clone(), column), u64::try_from(count).unwrap_or(0));
        }
    }
    Ok(counts)
}

/// Shows what the snapshot and the entities disagree about; `--accept` takes the entities' side.
pub(super) async fn snapshot(session: &Session, metadata: &Metadata, accept: bool) -> Outcome {
    let mut want = project::entities(metadata)?;
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
    let held = before.map(|snapshot| snapshot.schema).unwrap_or_default();
    let mut old = held.clone();
    forget_renames(&mut want);
    filter.hide(&mut want, &mut old, None);
    let mut schema = want.clone();
    filter.keep(&mut schema, &held);
    let heads = session.history.heads();
    let snapshot = Snapshot {
        heads: heads.iter().map(|entry| entry.id.clone()).collect(),
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
            column.renamed_from = None;
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
pub(super) async fn remove(session: &Session) -> Outcome {
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
        let before = undone(snapshot, head).map_err(Failure::failed)?;
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
