//! `repair --drift`: a database that was changed outside its history is made what history made it.

use serde_json::json;

use super::args::RepairArgs;
use super::ask::Asked;
use super::check::{self, drift_line};
use super::error::{Failure, Outcome, code};
use super::marks;
use super::print::{self, counted, data, note};
use super::project::Project;
use super::run::{Consent, agree_to};
use super::session::{Place, Session};
use super::terminal::{on_terminal, prompt};
use crate::diff::{Answers, Plan};
use crate::op::describe;
use crate::run::{self, Event};
use crate::source::entities::Metadata;

pub(super) async fn repair(session: &Session, metadata: &Metadata, args: &RepairArgs) -> Outcome {
    if !args.drift {
        return Err(Failure::usage("say what to repair: --drift")
            .hint("it puts back what was changed on this database outside its history"));
    }
    let project = Project::open(session)?;
    let place = session.open().await?;
    super::autogenerate::up_to_date(session, &place, "drift is told").await?;
    let looked = check::look(session, metadata, &project, &place, true).await?;
    let drift = &looked.comparison.drift;
    if drift.is_empty() {
        if session.global.json {
            print::json(&json!({ "format": 1, "repaired": false, "changes": [] }));
        }
        note(format!(
            "{} is what its history made it; nothing to repair",
            session.url()
        ));
        return Ok(());
    }
    let mut answers = Answers::default();
    for text in &args.backfill {
        answers.fill(text).map_err(Failure::usage)?;
    }
    let plan = loop {
        let plan = looked.put_back(session.url().engine(), &answers)?;
        if plan.questions.is_empty() {
            break plan;
        }
        let rows = check::rows(&place.db, &plan.questions).await?;
        let asked = Asked {
            questions: &plan.questions,
            want: &looked.want,
            place: &|_| None,
            count: &|table, _| rows.get(table).copied(),
        };
        asked.answer(&mut answers)?;
    };
    for left in &plan.notes {
        note(format!("note: {}: {}", left.object, left.reason));
    }
    for drift in drift {
        note(drift_line(drift));
    }
    let mut options = session.options(args.dry_run);
    if !args.dry_run {
        options.allow_data_loss = consent(session, &place, &plan, args.allow_data_loss).await?;
    }
    let marks = marks::counted(&place.db, &plan.ops).await?;
    let mut sql = Vec::new();
    let dry = args.dry_run && !session.global.json;
    let verbose = session.global.verbose;
    let mut listen = |event: &Event| match event {
        Event::StepStarted { step, text, .. } if dry => {
            data(format!("-- {}", text.replace('\n', "\n-- ")));
            if let Some(what) = marks.get(step - 1).and_then(|m| m.destructive.as_ref()) {
                data(format!("-- destructive: {what}"));
            }
        }
        Event::Statement { sql: one, .. } => {
            sql.push(one.clone());
            if dry {
                data(format!("{};", one.trim_end_matches(';')));
            } else if verbose {
                note(format!("    {one}"));
            }
        }
        _ => {}
    };
    run::repair(
        &place.db,
        &session.history,
        &plan.ops,
        &options,
        &mut listen,
    )
    .await?;
    if session.global.json {
        let mut document = marks::json(&plan.ops, &marks);
        document["format"] = json!(1);
        document["repaired"] = json!(!args.dry_run);
        document["statements"] = json!(sql);
        print::json(&document);
    } else if !args.dry_run {
        for line in plan.ops.iter().flat_map(describe) {
            data(format!("  {line}"));
        }
    }
    if !args.dry_run {
        note(format!("done: {} put back", counted(drift.len(), "object")));
    }
    Ok(())
}

/// Whether values may be lost; an error when it is not to be done at all.
async fn consent(
    session: &Session,
    place: &Place,
    plan: &Plan,
    given: bool,
) -> Result<bool, Failure> {
    if given {
        return Ok(true);
    }
    let losses = run::losses(&place.db, &plan.ops).await?;
    if losses.iter().any(|loss| loss.count > 0) {
        agree_to(session, "putting this back drops", &losses, Consent::Asked)?;
        return Ok(true);
    }
    if on_terminal() {
        for line in plan.ops.iter().flat_map(describe) {
            note(format!("  {line}"));
        }
        let answer = prompt(&format!("Do this on {}? [y/N] ", session.url()))?;
        if !matches!(answer.as_str(), "y" | "Y" | "yes") {
            return Err(Failure::new(
                code::ANSWER_NEEDED,
                "not agreed; nothing was done",
            ));
        }
    }
    Ok(false)
}
