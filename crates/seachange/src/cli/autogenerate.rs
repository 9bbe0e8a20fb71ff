//! `revision --autogenerate`: what the entities declare now and did not when the newest revision was
//! written, as a revision.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::DatabaseConnection;
use serde_json::json;

use super::answers;
use super::args::RevisionArgs;
use super::ask::Asked;
use super::check::conflict_line;
use super::error::{Failure, Outcome, code};
use super::marks;
use super::print::{self, counted, data, note};
use super::project::{self, Project};
use super::read::behind;
use super::session::{Place, Session};
use super::unmanaged;
use super::write::{new_id, wrote};
use crate::compare::{self, Comparison, compare};
use crate::dialect::canonical;
use crate::diff::{self, Answers, Plan, Question};
use crate::op::{Step, apply, can_be_guarded, keys};
use crate::render::{self, ModuleSpec};
use crate::revision::directory;
use crate::run::{self, RunError};
use crate::schema::{Engine, Key, Name, Schema, Table};
use crate::source::catalog::Catalog;
use crate::source::entities::Metadata;
use crate::source::snapshot::Snapshot;

pub(super) async fn autogenerate(
    session: &Session,
    metadata: &Metadata,
    args: &RevisionArgs,
    parents: Vec<String>,
) -> Outcome {
    let project = Project::open(session)?;
    let (mut want, _) = project::entities(session, metadata)?;
    let filter = project.filter(metadata)?;
    let mut answers = answers::given(&project, args)?;
    // A message that names nothing is found out before the database is asked.
    if let Some(message) = &args.message {
        new_id(session, args, message)?;
    }
    let place = session.open().await?;
    up_to_date(session, &place, "autogenerate works").await?;
    let engine = session.url().engine();
    let mut catalog = project.read(&place.db, session, &want).await?;
    if project.adopts() {
        project::ask(session, &place.db, &mut catalog, None, &mut want).await?;
    }
    let held = project.base(session, &want, Some((engine, &catalog)))?;
    let mut base = held.clone();
    let views = views(&want, &catalog);
    filter.hide(&mut want, &mut base, Some(&mut catalog));
    if !project.adopts() {
        project::ask(session, &place.db, &mut catalog, Some(&base), &mut want).await?;
    }
    let contradicting = project.adopt_on(session, &mut base, engine, &catalog)?;
    let here = catalog.named();
    let adopted = project::settle(session, &base, engine, &mut catalog)?;
    let found = compare::Found {
        engine,
        catalog: &here,
        adopted: &adopted,
        recorded: &project::recorded(session)?,
        is_shared: project.engines()?.iter().any(|other| *other != engine),
    };
    let mut undeclared = Vec::new();
    if let Some(named) = &args.drop_unmanaged {
        let unmanaged = compare(
            &want,
            base.clone(),
            Some((engine, &catalog)),
            &Answers::default(),
        )?
        .unmanaged;
        undeclared =
            unmanaged::choose(&place.db, named, &unmanaged, &catalog.schema, &mut base).await?;
    }
    let whole = want.clone();
    if !args.only.is_empty() {
        want = part(&base, &want, args, &answers)?;
    }
    let comparison = loop {
        let database = Some((engine, &catalog));
        let comparison = compare(&want, base.clone(), database, &answers)?;
        if comparison.plan.questions.is_empty() {
            break match found.dropped(&comparison.plan, &base) {
                Some(base) => compare(&want, base, database, &answers)?,
                None => comparison,
            };
        }
        let questions = &comparison.plan.questions;
        let counts = counts(&place.db, questions).await?;
        let asked = Asked {
            questions,
            want: &want,
            place: &|table| metadata.file(table).filter(|file| project.has(file)),
            count: &|table, column| {
                let key = (table.clone(), column.map(str::to_owned));
                counts.get(&key).copied()
            },
        };
        if session.global.json && !super::terminal::on_terminal() {
            print::json(&json!({ "format": 1, "revision": null, "questions": asked.json() }));
        }
        asked.answer(&mut answers)?;
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
    other_engines(&project, engine, &whole)?;
    for idle in answers.idle(&base, &whole) {
        note(format!("note: the answer `{idle}` fits nothing any more"));
    }
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
    let mut up = found.steps(comparison.steps(), &comparison.base)?;
    guard(&mut up, &contradicting);
    let found = Findings {
        marks: marks::counted(&place.db, &comparison.plan.ops).await?,
        comparison,
        up,
        adopted: project.adopted_on(engine, &held, !args.only.is_empty()),
        held,
        views,
        undeclared,
    };
    write(session, &project, args, parents, &found)?;
    if !args.only.is_empty() {
        let mut after = found.comparison.base.clone();
        for op in &found.comparison.plan.ops {
            apply(&mut after, op);
        }
        let left = diff::diff(&after, &whole, &answers).ops.len();
        if left > 0 {
            note(format!(
                "note: {} of other tables left for the next revision",
                counted(left, "change")
            ));
        }
    }
    Ok(())
}

/// What autogenerate found, and what the snapshot held, with all that was left out.
struct Findings {
    comparison: Comparison,
    /// The steps of the revision.
    up: Vec<Step>,
    /// The engines that the project is adopted on then.
    adopted: BTreeSet<Engine>,
    held: Schema,
    views: Views,
    marks: Vec<marks::Marks>,
    /// What nobody declared, and is to go.
    undeclared: Vec<Key>,
}

/// What is a view here, or anything else that is no table, and the entity on it.
type Views = Vec<(Name, Option<Table>)>;

fn views(want: &Schema, catalog: &Catalog) -> Views {
    let names = catalog.relations.keys();
    names
        .map(|name| (name.clone(), want.table(name).cloned()))
        .collect()
}

/// What is to be declared when only the tables of `--only` may change.
fn part(
    base: &Schema,
    want: &Schema,
    args: &RevisionArgs,
    answers: &Answers,
) -> Result<Schema, Failure> {
    let names: Vec<Name> = args
        .only
        .iter()
        .map(|name| match name.split_once('.') {
            Some((schema, name)) => Name::from((schema, name)),
            None => Name::from(name),
        })
        .collect();
    diff::only(base, want, &names, answers).map_err(|unknown| {
        let tables: Vec<String> = want.tables.keys().map(ToString::to_string).collect();
        Failure::usage(format!(
            "--only {unknown}: no entity declares that table, and the snapshot does not know it"
        ))
        .hint(format!("the tables are: {}", tables.join(", ")))
    })
}

/// A revision runs on every engine of the project: what one of them cannot hold is refused now, and
/// what the engine at hand cannot compare for the others is said.
fn other_engines(project: &Project, here: Engine, want: &Schema) -> Outcome {
    let engines = project.engines()?;
    let others: Vec<Engine> = engines.into_iter().filter(|other| *other != here).collect();
    for other in &others {
        canonical(*other, want).map_err(|error| {
            Failure::from(error).hint(format!(
                "this project runs on {other} too; if it does not any more, take it out of \
                 `engines` in migration/seachange.toml"
            ))
        })?;
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
    found: &Findings,
) -> Outcome {
    let Findings {
        comparison,
        up,
        adopted,
        held,
        views,
        marks,
        undeclared,
    } = found;
    let Comparison { plan, base, .. } = comparison;
    let message = match &args.message {
        Some(message) => message.clone(),
        None => crate::op::message(&plan.ops)
            .ok_or_else(|| Failure::usage("a message is needed: -m \"…\""))?,
    };
    let id = new_id(session, args, &message)?;
    let mut up = up.clone();
    unmanaged::guard(&mut up, undeclared);
    let here = Plan {
        ops: up.iter().map(|step| step.op.clone()).collect(),
        ..Plan::default()
    };
    let down = here.down(base);
    let spec = ModuleSpec {
        message,
        revises: parents,
        transaction: render::transaction(&here.ops).or_else(|| render::transaction(&down)),
        down: down.into_iter().map(Step::from).collect(),
        up,
        ..ModuleSpec::default()
    };
    let mut change =
        directory::add_revision(&project.directory.join("src"), &id, render::module(&spec))
            .map_err(|error| project.failed(error))?;
    let mut schema = held.clone();
    for op in &plan.ops {
        apply(&mut schema, op);
    }
    // No revision makes these, and without a database they cannot be told from tables.
    for (name, entity) in views {
        schema.tables.remove(name);
        if let Some(entity) = entity {
            schema.insert(entity.clone());
        }
    }
    let snapshot = Snapshot {
        heads: vec![id.clone()],
        adopted: adopted.clone(),
        schema,
    };
    change.replace(project.snapshot_file(), snapshot.to_string());
    if session.global.json {
        let mut document = marks::json(&plan.ops, marks);
        document["format"] = json!(1);
        document["revision"] = json!(id);
        wrote(project, change, |files| {
            document["files"] = json!(files);
            print::json(&document);
        })?;
    } else {
        let lines = marks::lines(&plan.ops, marks);
        wrote(project, change, |_| {
            for line in &lines {
                data(format!("  {line}"));
            }
        })?;
    }
    note("next:   read it, then `cargo db upgrade head`");
    note("commit: git add entity migration");
    Ok(())
}

/// What contradicts the entities on this engine alone may well be done on the others.
fn guard(steps: &mut [Step], contradicting: &BTreeSet<Key>) {
    for step in steps {
        let keys = keys(&step.op);
        step.guarded |= can_be_guarded(&step.op)
            && !keys.is_empty()
            && keys.iter().all(|key| contradicting.contains(key));
    }
}

/// What is compared with a database needs one that is where the code is.
pub(super) async fn up_to_date(session: &Session, place: &Place, what: &str) -> Outcome {
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
    failure.hints = vec![format!(
        "{what} on a database that is up to date: cargo db upgrade head"
    )];
    Err(failure)
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
            // A count of rows would not be a count of what is renamed.
            Question::RenameEnumValue { .. } | Question::RenameSequence { .. } => continue,
            Question::RenameTable { from, .. } => (from, None),
            Question::RenameColumn { table, from, .. } => (table, Some(from.clone())),
            Question::Backfill { table, .. } => (table, None),
        };
        if let Some(count) = run::count(db, table, column.as_deref()).await? {
            counts.insert((table.clone(), column), count);
        }
    }
    Ok(counts)
}
