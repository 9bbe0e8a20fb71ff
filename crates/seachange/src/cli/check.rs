//! `check`: whether entities, history and database agree.

use std::collections::BTreeMap;

use sea_orm::DatabaseConnection;
use serde_json::{Value, json};

use super::ask::question_json;
use super::error::{Failure, Outcome, code};
use super::print::{self, counted, data, table};
use super::project::{self, Project};
use super::session::{Place, Session, message};
use crate::compare::{Adopted, Comparison, Conflict, Drift, compare, put_back};
use crate::diff::{Answers, Plan, Question};
use crate::op::describe;
use crate::revision::Entry;
use crate::run::{self, Direction, Event, journal};
use crate::schema::{Engine, Name, Schema};
use crate::source::catalog::Catalog;
use crate::source::entities::Metadata;

pub(super) async fn check(session: &Session, metadata: &Metadata, offline: bool) -> Outcome {
    let project = Project::open(session)?;
    let mut found = Findings::default();
    if offline {
        let (mut want, _) = project::entities(session, metadata)?;
        let mut base = project.base(session, &want, None)?;
        project.filter(metadata)?.hide(&mut want, &mut base, None);
        found.looked.comparison = compare(&want, base, None, &Answers::default())?;
    } else {
        let place = session.open().await?;
        let ids = place.ids();
        found.unknown = place
            .unknown(&session.history)
            .map(|row| row.id.clone())
            .collect();
        found.pending = session.history.pending(&ids);
        // Before its revisions are applied, a database differs for that reason alone.
        let current = found.pending.is_empty() && found.unknown.is_empty();
        found.looked = look(session, metadata, &project, &place, current).await?;
        found.edited = edited(session, &place).await?;
        if !found.looked.comparison.drift.is_empty() {
            found.back = Some(back(session, &place, &found.looked).await?);
        }
    }
    if session.global.json {
        print::json(&found.json(session, offline));
    } else {
        found.print(session, metadata, offline);
    }
    match found.summary() {
        None => Ok(()),
        Some(summary) => Err(Failure::new(code::TO_DO, summary)),
    }
}

/// What was compared, and what came of it.
#[derive(Default)]
pub(super) struct Looked {
    /// What the entities declare, without what is left out.
    pub(super) want: Schema,
    /// What the database has, in the words of history where those fit.
    catalog: Catalog,
    pub(super) comparison: Comparison,
    /// What is here in other words than are declared, and fits.
    adopted: Vec<Adopted>,
}

impl Looked {
    /// What makes the drifted objects what history made them.
    pub(super) fn put_back(&self, engine: Engine, answers: &Answers) -> Result<Plan, Failure> {
        let Comparison { drift, base, .. } = &self.comparison;
        Ok(put_back(drift, base, engine, &self.catalog, answers)?)
    }
}

/// Compares entities, history and, when it is `current`, the database.
pub(super) async fn look(
    session: &Session,
    metadata: &Metadata,
    project: &Project,
    place: &Place,
    current: bool,
) -> Result<Looked, Failure> {
    let (mut want, notes) = project::entities(session, metadata)?;
    let engine = session.url().engine();
    let mut catalog = project.read(&place.db, session, &want).await?;
    catalog.notes.extend(notes);
    if project.adopts() {
        project::ask(session, &place.db, &mut catalog, None, &mut want).await?;
    }
    let mut base = project.base(session, &want, Some((engine, &catalog)))?;
    project
        .filter(metadata)?
        .hide(&mut want, &mut base, Some(&mut catalog));
    if !project.adopts() {
        project::ask(session, &place.db, &mut catalog, Some(&base), &mut want).await?;
    }
    if current {
        project.adopt_on(session, &mut base, engine, &catalog)?;
    }
    let adopted = project::settle(session, &base, engine, &mut catalog)?;
    let comparison = match (current, project.adopts()) {
        (true, _) => compare(&want, base, Some((engine, &catalog)), &Answers::default())?,
        (false, false) => compare(&want, base, None, &Answers::default())?,
        // Only the database would tell what history made, and it has not got all of it.
        (false, true) => Comparison::default(),
    };
    Ok(Looked {
        want,
        catalog,
        comparison,
        adopted,
    })
}

/// How drift would be put back.
struct Back {
    plan: Plan,
    statements: Vec<String>,
}

async fn back(session: &Session, place: &Place, looked: &Looked) -> Result<Back, Failure> {
    let plan = looked.put_back(session.url().engine(), &Answers::default())?;
    let mut statements = Vec::new();
    let mut listen = |event: &Event| {
        if let Event::Statement { sql, .. } = event {
            statements.push(sql.clone());
        }
    };
    let options = session.options(true);
    run::repair(
        &place.db,
        &session.history,
        &plan.ops,
        &options,
        &mut listen,
    )
    .await?;
    Ok(Back { plan, statements })
}

/// How many rows the tables have that the questions are about.
pub(super) async fn rows(
    db: &DatabaseConnection,
    questions: &[Question],
) -> Result<BTreeMap<Name, u64>, Failure> {
    let mut rows = BTreeMap::new();
    for question in questions {
        if let Question::Backfill { table, .. } = question
            && let Some(count) = run::count(db, table, None).await?
        {
            rows.insert(table.clone(), count);
        }
    }
    Ok(rows)
}

/// Applied revisions whose file has changed since, by the checksum that the journal holds.
async fn edited(session: &Session, place: &Place) -> Result<Vec<String>, Failure> {
    let history = &session.history;
    let runs = journal::read(&place.db, history.record_table()).await?;
    let ids = place.ids();
    let edited = history.entries().iter().filter(|entry| {
        let newest = runs
            .iter()
            .filter(|run| run.id == entry.id && run.direction == Direction::Up)
            .max_by_key(|run| run.number);
        match (entry.header, newest) {
            (Some(header), Some(run)) if ids.contains(&entry.id) => {
                // A build that could not read its source has no checksum to compare.
                let known = run.checksum.as_deref();
                !header.checksum.is_empty() && known.is_some_and(|sum| sum != header.checksum)
            }
            _ => false,
        }
    });
    Ok(edited.map(|entry| entry.id.clone()).collect())
}

/// What is not as it should be.
#[derive(Default)]
struct Findings<'a> {
    looked: Looked,
    back: Option<Back>,
    pending: Vec<&'a Entry>,
    unknown: Vec<String>,
    /// Revisions whose file was changed after they were applied here.
    edited: Vec<String>,
}

impl Findings<'_> {
    /// How many changes stand in no revision.
    fn changes(&self) -> usize {
        let plan = &self.looked.comparison.plan;
        plan.ops.len() + plan.notes.len()
    }

    fn summary(&self) -> Option<String> {
        let Comparison {
            drift, conflicts, ..
        } = &self.looked.comparison;
        let mut parts = Vec::new();
        if self.changes() > 0 {
            parts.push(format!(
                "{} without a revision",
                counted(self.changes(), "change")
            ));
        }
        if !self.pending.is_empty() {
            parts.push(format!("{} pending", self.pending.len()));
        }
        if !self.unknown.is_empty() {
            parts.push(format!("{} unknown", self.unknown.len()));
        }
        if !drift.is_empty() {
            parts.push(format!("{} drifted", drift.len()));
        }
        if !conflicts.is_empty() {
            parts.push(format!("{} in conflict", conflicts.len()));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn print(&self, session: &Session, metadata: &Metadata, offline: bool) {
        let verbose = session.global.verbose;
        if verbose {
            self.print_head(session, metadata, offline);
        }
        let Comparison {
            plan,
            already,
            conflicts,
            drift,
            unmanaged,
            notes,
            ..
        } = &self.looked.comparison;
        if self.changes() > 0 {
            data("your change, in no revision yet");
            for (at, op) in plan.ops.iter().enumerate() {
                let here = already.contains(&at);
                for line in describe(op) {
                    let mark = if here { "   (already here)" } else { "" };
                    data(format!("  {line}{mark}"));
                }
            }
            for note in &plan.notes {
                data(format!("  ~ {}: {}", note.object, note.reason));
            }
            if !plan.ops.is_empty() {
                data("    -> cargo db revision --autogenerate -m \"…\"");
            }
        }
        if !self.pending.is_empty() {
            data("pending here");
            let rows: Vec<Vec<String>> = self
                .pending
                .iter()
                .map(|entry| vec![entry.id.clone(), message(entry)])
                .collect();
            for line in table(&rows) {
                data(format!("  {line}"));
            }
            data("    -> cargo db upgrade head");
        }
        if !self.unknown.is_empty() {
            data("applied here, and not in this code");
            for id in &self.unknown {
                data(format!("  {id}"));
                data(format!("    -> git log --all --oneline -- '*{id}.rs'"));
            }
        }
        if !drift.is_empty() {
            data(
                "drift: this database was changed outside its history; no revision is written for it",
            );
            for drift in drift {
                data(format!("  {}", drift_line(drift)));
            }
            self.print_back();
        }
        if !conflicts.is_empty() {
            data("in conflict: declared and here in two forms, and in no revision");
            for conflict in conflicts {
                data(format!("  {}", conflict_line(conflict)));
            }
            data("    -> make the database what the entity says, or drop it there");
        }
        if !self.edited.is_empty() {
            data("edited since they were applied here; what they did stands");
            for id in &self.edited {
                data(format!("  {id}"));
            }
        }
        if verbose {
            if !unmanaged.is_empty() {
                data("");
                data("unmanaged: in the database, declared by no entity; never dropped");
                for fact in unmanaged {
                    data(format!("  {} {}", fact.key, fact.value).trim_end());
                }
            }
            if !self.looked.adopted.is_empty() {
                data("");
                data(
                    "adopted: here in other words than are declared, made by no recorded step; they fit",
                );
                for adopted in &self.looked.adopted {
                    data(format!("  {}", adopted_line(adopted)));
                }
            }
            if !notes.is_empty() {
                data("");
                data("not compared");
                for note in notes {
                    data(format!("  {}: {}", note.object, note.reason));
                }
            }
        } else if self.summary().is_none() {
            data(if offline {
                "entities and snapshot agree"
            } else {
                "entities, history and database agree"
            });
        }
    }

    /// What would put back what drifted.
    fn print_back(&self) {
        let Some(Back { plan, statements }) = &self.back else {
            return;
        };
        let it = match self.looked.comparison.drift.len() {
            1 => "it",
            2 => "both",
            _ => "them",
        };
        data(format!(
            "    -> cargo db repair --drift        puts {it} back, after asking"
        ));
        for sql in statements {
            data(format!(
                "       {};",
                sql.trim_end_matches(';').replace('\n', "\n       ")
            ));
        }
        for note in &plan.notes {
            data(format!("       {}: {}", note.object, note.reason));
        }
    }

    fn print_head(&self, session: &Session, metadata: &Metadata, offline: bool) {
        if !offline {
            data(format!("database  {}", session.url()));
        }
        let history = &session.history;
        let mut words = vec![
            counted(history.entries().len(), "revision"),
            counted(history.heads().len(), "head"),
        ];
        if !offline {
            words.push(match self.pending.len() {
                0 => "all applied".to_owned(),
                n => format!("{n} pending"),
            });
            words.push(match self.edited.len() {
                0 => "none edited since".to_owned(),
                n => format!("{n} edited since"),
            });
        }
        data(format!("history   {}", words.join(", ")));
        let compared = if offline {
            "the snapshot"
        } else {
            "the database"
        };
        let state = if self.looked.comparison.is_clean() && self.pending.is_empty() {
            format!(", equal to {compared}")
        } else {
            String::new()
        };
        data(format!("entities  {}{state}", metadata.count()));
    }

    fn json(&self, session: &Session, offline: bool) -> Value {
        let Comparison {
            plan,
            already,
            conflicts,
            drift,
            unmanaged,
            notes,
            ..
        } = &self.looked.comparison;
        let list = |notes: &[crate::dialect::Note]| -> Vec<Value> {
            notes
                .iter()
                .map(|note| json!({ "object": note.object, "reason": note.reason }))
                .collect()
        };
        let already_here: Vec<String> = already
            .iter()
            .flat_map(|at| plan.ops.get(*at))
            .flat_map(describe)
            .collect();
        json!({
            "format": 1,
            "database": (!offline).then(|| session.url().to_string()),
            "clean": self.summary().is_none(),
            "changes": plan.ops.iter().flat_map(describe).collect::<Vec<_>>(),
            "inexpressible": list(&plan.notes),
            "questions": plan.questions.iter().map(question_json).collect::<Vec<_>>(),
            "already_here": already_here,
            "pending": self.pending.iter().map(|entry| &entry.id).collect::<Vec<_>>(),
            "unknown": self.unknown,
            "edited": self.edited,
            "drift": drift.iter().map(|drift| json!({
                "object": drift.key.to_string(),
                "expected": drift.expected,
                "found": drift.found,
            })).collect::<Vec<_>>(),
            "put_back": self.back.as_ref().map(|Back { plan, statements }| json!({
                "statements": statements,
                "questions": plan.questions.iter().map(question_json).collect::<Vec<_>>(),
                "inexpressible": list(&plan.notes),
            })),
            "conflicts": conflicts.iter().map(|conflict| json!({
                "object": conflict.key.to_string(),
                "declared": conflict.declared,
                "found": conflict.found,
            })).collect::<Vec<_>>(),
            "unmanaged": unmanaged.iter().map(|fact| json!({
                "object": fact.key.to_string(),
                "is": fact.value,
            })).collect::<Vec<_>>(),
            "adopted": self.looked.adopted.iter().map(|adopted| json!({
                "object": adopted.key.to_string(),
                "declared": adopted.declared,
                "found": adopted.found,
            })).collect::<Vec<_>>(),
            "not_compared": list(notes),
        })
    }
}

fn adopted_line(adopted: &Adopted) -> String {
    let Adopted {
        key,
        declared,
        found,
        name,
        missing,
        ..
    } = adopted;
    if *missing {
        return format!("{key}: {found} here, and none is needed");
    }
    match name {
        Some(_) => format!("{key} is {found}"),
        None => format!(
            "{key} is {}, the entity says {}",
            or_plain(found),
            or_plain(declared)
        ),
    }
}

pub(super) fn drift_line(drift: &Drift) -> String {
    match &drift.found {
        None => format!("- {} is missing", drift.key),
        Some(found) => format!(
            "~ {} is {}, history made {}",
            drift.key,
            or_plain(found),
            or_plain(&drift.expected)
        ),
    }
}

pub(super) fn conflict_line(conflict: &Conflict) -> String {
    let found = match &conflict.found {
        Some(found) => format!("is {}", or_plain(found)),
        None => "is missing".to_owned(),
    };
    format!(
        "~ {} {found}, the entity says {}",
        conflict.key,
        or_plain(&conflict.declared)
    )
}

/// A fact without attributes says nothing but that the thing is there.
fn or_plain(value: &str) -> &str {
    if value.is_empty() { "plain" } else { value }
}
