//! Commands that run revisions: upgrade, downgrade, stamp, fresh.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::error::{Failure, Outcome, code};
use super::print::{self, counted, data, elapsed, grouped, note};
use super::session::{Place, Session, lower};
use super::terminal::{on_terminal, prompt};
use crate::op::{Op, Operations};
use crate::revision::Entry;
use crate::revision::graph::slug;
use crate::run::{self, Direction, Event, Loss};
use crate::source::catalog;

/// Whether rows may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// Said by a flag.
    Given,
    /// Asked for; without a terminal the answer is no.
    Asked,
    /// Asked for on a terminal; elsewhere what would be lost is only said. This is for sea-orm-cli,
    /// whose `down` and `fresh` have no flag to pass on.
    OnTerminal,
}

impl Consent {
    pub(super) fn flag(given: bool) -> Self {
        if given { Self::Given } else { Self::Asked }
    }
}

pub(super) async fn upgrade(
    session: &Session,
    target: &str,
    dry_run: bool,
    consent: Consent,
) -> Outcome {
    let db = session.connect().await?;
    let mut report = Report::new(session, dry_run);
    let mut options = session.options(dry_run);
    options.allow_data_loss = consent == Consent::Given;
    let mut listen = |event: &Event| report.hear(event);
    let outcome = run::upgrade(&db, &session.history, target, &options, &mut listen).await;
    report.end(outcome.is_ok());
    outcome?;
    Ok(())
}

/// sea-orm-cli's `up -n`: that many, and no error when there are fewer.
pub(super) async fn up(session: &Session, num: u32) -> Outcome {
    let place = session.open().await?;
    let pending = session.history.pending(&place.ids());
    match pending.len().min(num as usize) {
        0 => upgrade(session, "head", false, Consent::Asked).await,
        n => upgrade(session, &format!("+{n}"), false, Consent::Asked).await,
    }
}

pub(super) async fn downgrade(
    session: &Session,
    target: &str,
    dry_run: bool,
    consent: Consent,
) -> Outcome {
    let place = session.open().await?;
    let mut agreed = consent == Consent::Given;
    if !dry_run && !agreed {
        let unknown = run::unknown(&place.db, &session.history, &place.applied).await?;
        if unknown.is_empty() {
            let path = session.history.downgrade_path(&place.ids(), target)?;
            agreed = agree_to_losses(session, &place, &path, consent).await?;
        } else if unknown.iter().all(|revision| revision.has_way_down) {
            let ids: Vec<&str> = unknown
                .iter()
                .map(|revision| revision.id.as_str())
                .collect();
            let text = format!(
                "{} is taken back by what the journal kept, and what that loses on {} is not known",
                ids.join(", "),
                session.url()
            );
            agree(&text, "yes", consent)?;
            agreed = true;
        }
    }
    let mut report = Report::new(session, dry_run);
    let mut options = session.options(dry_run);
    options.allow_data_loss = agreed;
    let mut listen = |event: &Event| report.hear(event);
    let outcome = run::downgrade(&place.db, &session.history, target, &options, &mut listen).await;
    report.end(outcome.is_ok());
    outcome?;
    Ok(())
}

/// sea-orm-cli's `down -n`: that many, and no error when there are fewer.
pub(super) async fn down(session: &Session, num: u32, consent: Consent) -> Outcome {
    let applied = session.open().await?.applied.len();
    match applied.min(num as usize) {
        0 => downgrade(session, "base", false, consent).await,
        n => downgrade(session, &format!("-{n}"), false, consent).await,
    }
}

pub(super) async fn stamp(session: &Session, target: &str) -> Outcome {
    let db = session.connect().await?;
    let mut report = Report::new(session, false);
    let options = session.options(false);
    let mut listen = |event: &Event| report.hear(event);
    run::stamp(
        &db,
        &session.history,
        &[target],
        false,
        &options,
        &mut listen,
    )
    .await?;
    Ok(())
}

pub(super) async fn fresh(session: &Session, consent: Consent) -> Outcome {
    let place = session.open().await?;
    if consent != Consent::Given {
        let losses = everything(session, &place).await?;
        agree_to(session, "fresh drops", &losses, consent)?;
    }
    // What was looked at may have been an empty stand-in for a file that is not there yet.
    let db = session.connect().await?;
    let mut report = Report::new(session, false);
    let options = session.options(false);
    let mut listen = |event: &Event| report.hear(event);
    let outcome = run::fresh(&db, &session.history, &options, &mut listen).await;
    report.end(outcome.is_ok());
    outcome?;
    Ok(())
}

/// All rows of all tables that are not the tool's own.
async fn everything(session: &Session, place: &Place) -> Result<Vec<Loss>, Failure> {
    let catalog = catalog::read(&place.db, &[]).await?;
    let ours = [session.history.record_table(), run::journal::TABLE];
    let drops: Vec<Op> = catalog
        .schema
        .tables
        .into_keys()
        .filter(|name| !ours.contains(&name.name.as_str()))
        .map(|name| Op::DropTable { name, before: None })
        .collect();
    Ok(run::losses(&place.db, &drops).await?)
}

/// Whether something would be lost, and that was agreed to.
async fn agree_to_losses(
    session: &Session,
    place: &Place,
    path: &[&Entry],
    consent: Consent,
) -> Result<bool, Failure> {
    let mut losses = Vec::new();
    let mut dropping = BTreeSet::new();
    for entry in path {
        let Some(header) = entry.header else {
            note(format!(
                "note: {} is a plain migration; what its way down loses is not known",
                entry.id
            ));
            continue;
        };
        let mut operations = Operations::default();
        (header.down)(&mut operations);
        let ops: Vec<Op> = operations
            .steps()
            .iter()
            .map(|step| step.op.clone())
            .collect();
        let found = run::losses(&place.db, &ops).await?;
        if found.iter().any(|loss| loss.count > 0) {
            dropping.insert(entry.id.as_str());
        }
        losses.extend(found);
    }
    let who: Vec<&str> = dropping.into_iter().collect();
    let verb = if who.len() == 1 { "drops" } else { "drop" };
    let who = format!("{} {verb}", who.join(", "));
    agree_to(session, &who, &losses, consent)?;
    Ok(losses.iter().any(|loss| loss.count > 0))
}

pub(super) fn agree_to(session: &Session, who: &str, losses: &[Loss], consent: Consent) -> Outcome {
    let losses: Vec<&Loss> = losses.iter().filter(|loss| loss.count > 0).collect();
    let total: u64 = losses.iter().map(|loss| loss.count).sum();
    if total == 0 {
        return Ok(());
    }
    let list: Vec<String> = losses
        .iter()
        .map(|loss| {
            let noun = if loss.values { "value" } else { "row" };
            format!("{}: {}", loss.what, counted(loss.count as usize, noun))
        })
        .collect();
    let text = format!("{who} {} on {}", list.join("; "), session.url());
    agree(&text, &grouped(total), consent)
}

/// Asks for a word to be typed that shows that the text was read.
fn agree(text: &str, word: &str, consent: Consent) -> Outcome {
    if !on_terminal() {
        if consent == Consent::OnTerminal {
            note(format!("warning: {text}"));
            return Ok(());
        }
        note(text);
        return Err(Failure::new(
            code::ANSWER_NEEDED,
            "data would be lost and there is no terminal to ask; add --allow-data-loss",
        ));
    }
    note(text);
    let typed = prompt(&format!("Type {word} to go on: "))?;
    if typed.replace(',', "") == word.replace(',', "") {
        Ok(())
    } else {
        Err(Failure::new(
            code::ANSWER_NEEDED,
            "not agreed; nothing was done",
        ))
    }
}

/// Tells a run to a person, or to a program.
struct Report<'a> {
    session: &'a Session,
    dry_run: bool,
    start: Instant,
    revisions: Vec<serde_json::Value>,
    from: Vec<String>,
    direction: Option<Direction>,
    widths: (usize, usize),
    number: (usize, usize),
    bar: Option<ProgressBar>,
    waited: bool,
}

impl<'a> Report<'a> {
    fn new(session: &'a Session, dry_run: bool) -> Self {
        Self {
            session,
            dry_run,
            start: Instant::now(),
            revisions: Vec::new(),
            from: Vec::new(),
            direction: None,
            widths: (0, 0),
            number: (0, 0),
            bar: None,
            waited: false,
        }
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::Waiting { holder, held, .. } if !self.waited => {
                let by = match (holder, held) {
                    (Some(holder), Some(held)) => {
                        format!(": held by {holder} for {}", elapsed(*held))
                    }
                    (Some(holder), None) => format!(": held by {holder}"),
                    (None, _) => String::new(),
                };
                note(format!("waiting for the migration lock{by}"));
                self.waited = true;
            }
            Event::Planned {
                direction,
                from,
                to,
                revisions,
            } => {
                let width = |text: fn(&run::Planned) -> &str| {
                    let widths = revisions
                        .iter()
                        .map(|planned| text(planned).chars().count());
                    widths.max().unwrap_or(0)
                };
                self.widths = (width(|p| &p.id), width(|p| p.message.trim_end_matches('.')));
                self.from.clone_from(from);
                self.direction = Some(*direction);
                let dry = if self.dry_run {
                    "-- dry run, nothing is changed: "
                } else {
                    ""
                };
                note(format!(
                    "{dry}{}: {} -> {}",
                    self.session.url(),
                    self.names(from),
                    self.names(to)
                ));
            }
            Event::NothingToDo { at } => {
                let heads: Vec<String> = self.heads();
                if *at == heads && !heads.is_empty() {
                    note(format!(
                        "{} is at head ({}); nothing to do",
                        self.session.url(),
                        at.join(", ")
                    ));
                } else {
                    note(format!(
                        "{} is at {}; nothing to do",
                        self.session.url(),
                        self.names(at)
                    ));
                }
            }
            Event::RevisionStarted {
                id,
                message,
                number,
                of,
                ..
            } => {
                self.number = (*number, *of);
                if self.dry_run {
                    data(format!("-- {id}: {}", lower(message)));
                }
            }
            Event::Resumed { id, step, of } => {
                note(format!(
                    "note: {id} was cut off and goes on at step {step} of {of}"
                ));
            }
            Event::StepStarted { text, .. } if self.dry_run => {
                data(format!("-- {}", text.replace('\n', "\n-- ")));
            }
            Event::Statement { sql, .. } if self.dry_run => {
                data(format!("{};", sql.trim_end_matches(';')));
            }
            Event::Statement { sql, .. } if self.session.global.verbose => {
                note(format!("    {sql}"))
            }
            Event::RowsFilled { done, total, .. } => self.rows_filled(*done, *total),
            Event::RevisionFinished {
                id,
                message,
                elapsed: time,
                steps,
                rows,
                ..
            } => self.finished(id, message, *time, *steps, *rows),
            Event::Stamped { id, applied } => {
                let what = if *applied { "applied" } else { "not applied" };
                data(format!("{id} is now recorded as {what}"));
            }
            Event::Dropped { object } if self.session.global.verbose => {
                note(format!("- {object}"));
            }
            _ => {}
        }
    }

    fn rows_filled(&mut self, done: u64, total: u64) {
        if !io::stderr().is_terminal() {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("  {wide_bar} {pos}/{len} rows, {eta} left");
            ProgressBar::new(total)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        bar.set_length(total.max(done));
        bar.set_position(done);
    }

    fn finished(&mut self, id: &str, message: &str, time: Duration, steps: usize, rows: u64) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        self.revisions.push(json!({
            "id": id,
            "duration_ms": u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            "steps": steps,
            "rows": rows,
        }));
        if self.dry_run || self.session.global.json {
            return;
        }
        let (number, of) = self.number;
        let filled = if rows > 0 {
            format!("   {} filled", counted(rows as usize, "row"))
        } else {
            String::new()
        };
        data(format!(
            "  {number:>digits$}/{of}  {id:<ids$}  {message:<messages$}  {:>8}  {:>8}{filled}",
            counted(steps, "step"),
            elapsed(time),
            message = lower(message),
            digits = of.to_string().len(),
            ids = self.widths.0,
            messages = self.widths.1,
        ));
    }

    /// The last line: what was done and how to take it back.
    fn end(&mut self, ok: bool) {
        if let Some(bar) = self.bar.take() {
            bar.abandon();
        }
        if !ok {
            return;
        }
        let n = self.revisions.len();
        if self.session.global.json && !self.dry_run {
            print::json(&json!({
                "format": 1,
                "database": self.session.url().to_string(),
                "direction": self.direction.map(Direction::as_str),
                "revisions": self.revisions,
            }));
            return;
        }
        if n == 0 || self.dry_run {
            return;
        }
        let time = elapsed(self.start.elapsed());
        let done = format!("done: {} in {time}.", counted(n, "revision"));
        match self.direction {
            Some(Direction::Up) => {
                let them = match n {
                    1 => "it",
                    2 => "both",
                    _ => "all of them",
                };
                note(format!(
                    "{done} Undo {them} with `cargo db downgrade {}`",
                    self.short_name_of_start()
                ));
            }
            _ if self.from == self.heads() => {
                note(format!("{done} Apply again with `cargo db upgrade`"));
            }
            _ => note(done),
        }
    }

    /// What to type to get back to where the run began.
    fn short_name_of_start(&self) -> String {
        match self.from.as_slice() {
            [] => "base".to_owned(),
            [id] => {
                let short = slug(id);
                match self.session.history.resolve(short, &BTreeSet::new()) {
                    Ok(Some(entry)) if entry.id == *id => short.to_owned(),
                    _ => id.clone(),
                }
            }
            several => several.join(" "),
        }
    }

    fn heads(&self) -> Vec<String> {
        let heads = self.session.history.heads();
        heads.iter().map(|entry| entry.id.clone()).collect()
    }

    fn names(&self, at: &[String]) -> String {
        match at {
            [] => "base".to_owned(),
            at if at == self.heads() => format!("{} (head)", at.join(", ")),
            at => at.join(", "),
        }
    }
}
