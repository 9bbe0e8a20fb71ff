//! Commands that run revisions: upgrade, downgrade, stamp, fresh.

use std::collections::BTreeSet;

use super::error::{Failure, Outcome, code};
use super::marks;
use super::print::{counted, grouped, note};
use super::report::Report;
use super::session::{Place, Session};
use super::terminal::{on_terminal, prompt};
use crate::op::{Op, Operations};
use crate::revision::Entry;
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
    if dry_run {
        let applied = run::applied(&db, session.history.record_table()).await?;
        let ids = applied.into_iter().map(|row| row.id).collect();
        // A target that there is not is the run's to name.
        if let Ok(path) = session.history.upgrade_path(&ids, target) {
            report.marks = marks::of_path(&db, &path, Direction::Up).await?;
        }
    }
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
    if dry_run && let Ok(path) = session.history.downgrade_path(&place.ids(), target) {
        report.marks = marks::of_path(&place.db, &path, Direction::Down).await?;
    }
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
