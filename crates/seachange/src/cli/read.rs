//! Commands that look and change nothing: current, history, heads, show, status.

use serde_json::{Value, json};

use super::error::{Failure, Outcome, code};
use super::print::{self, counted, data, note, table};
use super::session::{Place, Session, message};
use crate::op::{Operations, describe};
use crate::revision::Entry;

/// Where the database is.
pub(super) async fn current(session: &Session, check_heads: bool) -> Outcome {
    let place = session.open().await?;
    let ids = place.ids();
    let current = session.history.current(&ids);
    let pending = session.history.pending(&ids);
    if session.global.json {
        let revisions: Vec<Value> = current.iter().map(|entry| revision_json(entry)).collect();
        print::json(&json!({
            "format": 1,
            "database": session.url().to_string(),
            "current": revisions,
            "unknown": place.unknown(&session.history).map(|row| &row.id).collect::<Vec<_>>(),
            "pending": pending.len(),
            "head": pending.is_empty(),
        }));
    } else {
        for entry in &current {
            data(line(session, entry));
        }
        for row in place.unknown(&session.history) {
            data(format!("{}  (not in this code)", row.id));
        }
        if place.applied.is_empty() {
            note(format!(
                "{} is at base: no revision is applied",
                session.url()
            ));
        }
    }
    if check_heads && !pending.is_empty() {
        return Err(behind(session, &pending));
    }
    Ok(())
}

/// The failure of a database that lacks revisions.
pub(super) fn behind(session: &Session, pending: &[&Entry]) -> Failure {
    let rows: Vec<Vec<String>> = pending.iter().map(|entry| cells(entry)).collect();
    let are = if pending.len() == 1 { "is" } else { "are" };
    let mut text = format!(
        "{} {are} pending on {}",
        counted(pending.len(), "revision"),
        session.url()
    );
    for line in table(&rows) {
        text.push_str("\n  ");
        text.push_str(&line);
    }
    Failure::new(code::TO_DO, text).hint("apply with `cargo db upgrade`")
}

/// All revisions, newest first.
pub(super) async fn history(session: &Session, indicate_current: bool) -> Outcome {
    // A list of revisions needs no database, so one that is away must not take the list along.
    let place = if indicate_current {
        Some(session.open().await?)
    } else {
        None
    };
    let entries: Vec<&Entry> = session.history.entries().iter().rev().collect();
    if session.global.json {
        let list: Vec<Value> = entries
            .iter()
            .map(|entry| {
                let mut value = revision_json(entry);
                if let Some(place) = &place {
                    value["applied"] = json!(place.ids().contains(&entry.id));
                }
                value
            })
            .collect();
        print::json(&json!({ "format": 1, "revisions": list }));
        return Ok(());
    }
    if entries.is_empty() {
        note("no revision yet; write one with `cargo db revision --autogenerate -m \"…\"`");
    }
    let ids = place.as_ref().map(Place::ids).unwrap_or_default();
    let current = place.as_ref().map(|place| place.at(&session.history));
    let mut rows = Vec::new();
    for entry in &entries {
        let mut row = cells(entry);
        let mut marks = Vec::new();
        if is_head(session, entry) {
            marks.push("head".to_owned());
        }
        if let Some(current) = &current {
            if current.contains(&entry.id) {
                marks.push("current".to_owned());
            } else if !ids.contains(&entry.id) {
                marks.push("pending".to_owned());
            }
        }
        row.push(marks.join(", "));
        rows.push(row);
    }
    let lines = table(&rows);
    for (entry, line) in entries.iter().zip(lines) {
        data(line);
        if session.global.verbose {
            for line in details(entry)? {
                data(format!("    {line}"));
            }
        }
    }
    if let Some(place) = &place {
        for row in place.unknown(&session.history) {
            note(format!(
                "note: {} is applied here and not in this code",
                row.id
            ));
        }
    }
    Ok(())
}

/// The revisions that nothing follows.
pub(super) fn heads(session: &Session) -> Outcome {
    let heads = session.history.heads();
    if session.global.json {
        let list: Vec<Value> = heads.iter().map(|entry| revision_json(entry)).collect();
        print::json(&json!({ "format": 1, "heads": list }));
        return Ok(());
    }
    for entry in heads {
        data(line(session, entry));
    }
    Ok(())
}

/// One revision with its steps.
pub(super) async fn show(session: &Session, target: &str) -> Outcome {
    // Only a target that is relative to the database needs one.
    let relative = target == "current" || target.starts_with(['+', '-']);
    let applied = if relative {
        session.open().await?.ids()
    } else {
        Default::default()
    };
    let Some(entry) = session.history.resolve(target, &applied)? else {
        data("base");
        return Ok(());
    };
    let (up, down) = (steps(entry, true)?, steps(entry, false)?);
    if session.global.json {
        let mut value = revision_json(entry);
        value["format"] = json!(1);
        value["up"] = json!(up);
        value["down"] = json!(down);
        print::json(&value);
        return Ok(());
    }
    data(line(session, entry));
    for line in details(entry)? {
        data(format!("  {line}"));
    }
    for (label, steps) in [("up", up), ("down", down)] {
        data(format!("  {label}"));
        match steps {
            Some(steps) => steps.iter().for_each(|step| data(format!("    {step}"))),
            None => data("    code of its own, which cannot be looked into"),
        }
    }
    Ok(())
}

/// Each revision and whether it is applied, oldest first; as sea-orm-cli shows it.
pub(super) async fn status(session: &Session) -> Outcome {
    let place = session.open().await?;
    let ids = place.ids();
    let entries = session.history.entries();
    let pending = session.history.pending(&ids).len();
    if session.global.json {
        let list: Vec<Value> = entries
            .iter()
            .map(|entry| {
                let mut value = revision_json(entry);
                value["applied"] = json!(ids.contains(&entry.id));
                value
            })
            .collect();
        print::json(&json!({
            "format": 1,
            "database": session.url().to_string(),
            "pending": pending,
            "unknown": place.unknown(&session.history).map(|row| &row.id).collect::<Vec<_>>(),
            "revisions": list,
        }));
        return Ok(());
    }
    note(format!("{}", session.url()));
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let state = if ids.contains(&entry.id) {
                "applied"
            } else {
                "pending"
            };
            let mut row = vec![state.to_owned()];
            row.extend(cells(entry));
            row
        })
        .collect();
    table(&rows).iter().for_each(data);
    for row in place.unknown(&session.history) {
        data(format!("unknown  {}  not in this code", row.id));
    }
    note(match pending {
        0 => "nothing is pending".to_owned(),
        n => format!(
            "{} pending; apply with `cargo db upgrade`",
            counted(n, "revision")
        ),
    });
    Ok(())
}

fn cells(entry: &Entry) -> Vec<String> {
    vec![entry.id.clone(), message(entry)]
}

fn is_head(session: &Session, entry: &Entry) -> bool {
    session
        .history
        .heads()
        .iter()
        .any(|head| head.id == entry.id)
}

fn line(session: &Session, entry: &Entry) -> String {
    let mut cells = cells(entry);
    if is_head(session, entry) {
        cells.push("(head)".to_owned());
    }
    cells.retain(|cell| !cell.is_empty());
    cells.join("  ")
}

fn details(entry: &Entry) -> Result<Vec<String>, Failure> {
    let parents = if entry.parents.is_empty() {
        "base".to_owned()
    } else {
        entry.parents.join(", ")
    };
    let mut lines = vec![format!("revises   {parents}")];
    match entry.header {
        Some(header) => {
            lines.push(format!("file      {}", header.file));
            if let Some(steps) = steps(entry, true)? {
                lines.push(format!("steps     {}", steps.len()));
            }
        }
        None => lines.push("a plain migration".to_owned()),
    }
    Ok(lines)
}

/// The steps of a revision in words; a plain migration shows none.
fn steps(entry: &Entry, up: bool) -> Result<Option<Vec<String>>, Failure> {
    let Some(header) = entry.header else {
        return Ok(None);
    };
    let mut operations = Operations::default();
    let record = if up { header.up } else { header.down };
    record(&mut operations);
    let steps = operations
        .into_steps()
        .map_err(|(line, error)| Failure::failed(format!("{}:{line}: {error}", header.file)))?;
    Ok(Some(
        steps.iter().flat_map(|step| describe(&step.op)).collect(),
    ))
}

fn revision_json(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "revises": entry.parents,
        "message": message(entry),
        "file": entry.header.map(|header| header.file),
    })
}
