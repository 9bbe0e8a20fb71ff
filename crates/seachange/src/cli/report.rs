//! Tells a run: to a person as it goes, to a program when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::marks::RevisionMarks;
use super::print::{self, counted, data, elapsed, note};
use super::session::{Session, lower};
use crate::revision::graph::slug;
use crate::run::{self, Direction, Event};

/// Tells a run to a person, or to a program.
pub(super) struct Report<'a> {
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
    /// What a dry run says of the steps of each revision.
    pub(super) marks: BTreeMap<String, RevisionMarks>,
}

impl<'a> Report<'a> {
    pub(super) fn new(session: &'a Session, dry_run: bool) -> Self {
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
            marks: BTreeMap::new(),
        }
    }

    pub(super) fn hear(&mut self, event: &Event) {
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
                    self.would_begin(id, message);
                }
            }
            Event::Resumed { id, step, of } => {
                note(format!(
                    "note: {id} was cut off and goes on at step {step} of {of}"
                ));
            }
            Event::StepStarted { id, step, text, .. } if self.dry_run => {
                self.would_do(id, *step, text);
            }
            Event::Statement { sql, .. } if self.dry_run => self.would_run(sql),
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

    fn would_begin(&mut self, id: &str, message: &str) {
        let breaks = self.marks.get(id).map(|marks| marks.breaks.clone());
        let breaks = breaks.unwrap_or_default();
        if self.session.global.json {
            self.revisions.push(json!({
                "id": id,
                "steps": [],
                "statements": [],
                "breaks_previous_release": breaks,
            }));
            return;
        }
        data(format!("-- {id}: {}", lower(message)));
        if !breaks.is_empty() {
            data(format!(
                "-- breaks the previous release: {}",
                breaks.join("; ")
            ));
        }
    }

    fn would_do(&mut self, id: &str, step: usize, text: &str) {
        let marks = self.marks.get(id);
        let marks = marks.and_then(|marks| marks.steps.get(step.saturating_sub(1)));
        if self.session.global.json {
            let step = json!({
                "text": text,
                "destructive": marks.and_then(|marks| marks.destructive.as_ref()),
                "count": marks.and_then(|marks| marks.count),
                "locks": marks.and_then(|marks| marks.locks.as_ref()),
            });
            self.add_to_revision("steps", step);
            return;
        }
        data(format!("-- {}", text.replace('\n', "\n-- ")));
        let Some(marks) = marks else {
            return;
        };
        if let Some(what) = &marks.destructive {
            data(format!("-- destructive: {what}"));
        }
        if let Some(who) = &marks.locks {
            data(format!("-- locks: {who}"));
        }
    }

    fn would_run(&mut self, sql: &str) {
        if self.session.global.json {
            self.add_to_revision("statements", json!(sql));
        } else {
            data(format!("{};", sql.trim_end_matches(';')));
        }
    }

    fn add_to_revision(&mut self, list: &str, value: serde_json::Value) {
        let revision = self.revisions.last_mut();
        if let Some(list) = revision.and_then(|revision| revision[list].as_array_mut()) {
            list.push(value);
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
        if self.dry_run {
            return;
        }
        self.revisions.push(json!({
            "id": id,
            "duration_ms": u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            "steps": steps,
            "rows": rows,
        }));
        if self.session.global.json {
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
    pub(super) fn end(&mut self, ok: bool) {
        if let Some(bar) = self.bar.take() {
            bar.abandon();
        }
        if !ok {
            return;
        }
        let n = self.revisions.len();
        if self.session.global.json {
            print::json(&json!({
                "format": 1,
                "dry_run": self.dry_run,
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
