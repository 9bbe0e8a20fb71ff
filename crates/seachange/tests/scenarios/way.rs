//! The way of one case through one engine.

use std::sync::Arc;

use sea_orm::ConnectionTrait;

use seachange::compare::{self, Asking, Comparison, Drift, Scratch, ask, compare};
use seachange::dialect::canonical;
use seachange::diff::{Answers, Question, diff};
use seachange::op::{Step, describe, destroys, needs_segments};
use seachange::revision::History;
use seachange::run::{Event, Options, downgrade, upgrade};
use seachange::schema::{Engine, Schema, facts};
use seachange::source::catalog::Catalog;

use super::parse::{Case, Check, Expected, Seen};
use crate::steps::{RECORD, STEPS, Steps, history};
use crate::support::{TestDatabase, recorded};

/// A database on which a case is on its way.
struct Way<'a> {
    case: &'a Case,
    test: &'a TestDatabase,
    history: History,
}

type Done = Result<(), String>;

/// Takes a case through an engine.
///
/// # Errors
///
/// What is not as the case says, to be read by a person.
pub async fn run(case: &Case, test: &TestDatabase) -> Done {
    let mut way = Way {
        case,
        test,
        history: history(false),
    };
    way.make().await?;
    let before = way.structure().await;
    way.done_by_hand().await?;
    let mut have = way.read(&case.have).await?;
    let found = way.compare(&case.want, &case.have, &mut have, &case.answers);
    let comparison = match found.await {
        Ok(comparison) => comparison,
        Err(error) => {
            return match &case.expected {
                Expected::Refused(words) if error.contains(words) => Ok(()),
                _ => Err(format!("it is refused: {error}")),
            };
        }
    };
    if !way.finds(&comparison)? {
        return Ok(());
    }
    let kept = way.kept().await;
    let down = comparison.plan.down(&case.have);
    let in_segments = needs_segments(&comparison.plan.ops) || needs_segments(&down);
    let steps = Arc::new(Steps {
        given: Vec::new(),
        down: as_written(down.into_iter().map(Step::from).collect()),
        up: as_written(comparison.steps()),
    });

    if in_segments {
        way.history = history(true);
    }

    if let Expected::Fails(_, words) = &case.expected {
        let rows = way.rows().await;
        match way.up(&steps, "head").await {
            Ok(()) => return Err("it should fail and did not".to_owned()),
            Err(error) if error.contains(words) => {}
            Err(error) => return Err(format!("it fails otherwise: {error}")),
        }
        same(
            "the schema after the failure",
            &before,
            &way.structure().await,
        )?;
        same("the rows after the failure", &rows, &way.rows().await)?;
        return same("the record", &["given".to_owned()], &way.recorded().await);
    }

    way.up(&steps, "head")
        .await
        .map_err(|error| format!("up: {error}"))?;
    let after = way.converges().await?;
    same("what is kept, after up", &kept, &way.kept().await)?;
    way.seen("after up", &case.after_up).await?;

    way.down(&steps)
        .await
        .map_err(|error| format!("down: {error}"))?;
    same("the schema after down", &before, &way.structure().await)?;
    same("what is kept, after down", &kept, &way.kept().await)?;
    way.seen("after down", &case.after_down).await?;

    way.by_hand(&steps)
        .await
        .map_err(|error| format!("the SQL of a dry run: {error}"))?;
    same(
        "what is read after the SQL of a dry run",
        &after,
        &way.converges().await?,
    )?;
    let both = ["change", "given"].map(str::to_owned);
    same("the record of a dry run", &both, &way.recorded().await)?;
    if case.by_hand.is_empty() {
        return Ok(());
    }

    // And the printed SQL once more, where somebody was faster.
    way.down(&steps)
        .await
        .map_err(|error| format!("down again: {error}"))?;
    same("the schema after down", &before, &way.structure().await)?;
    way.done_by_hand().await?;
    way.by_hand(&steps)
        .await
        .map_err(|error| format!("the SQL of a dry run where it is done: {error}"))?;
    same(
        "what is read after the SQL of a dry run where it is done",
        &after,
        &way.converges().await?,
    )
}

impl Way<'_> {
    /// Makes the database of the case, with its rows.
    async fn make(&self) -> Done {
        let mut steps = Steps::default();
        if self.case.made_by.is_empty() {
            let ops = diff(&Schema::default(), &self.case.have, &Answers::default()).ops;
            steps.given = ops.into_iter().map(Step::from).collect();
        }
        for sql in &self.case.made_by {
            self.test.execute(sql).await;
        }
        self.up(&Arc::new(steps), "given")
            .await
            .map_err(|error| format!("making it: {error}"))?;
        for sql in self.case.beside.iter().chain(&self.case.rows) {
            self.test.execute(sql).await;
        }
        Ok(())
    }

    /// Does what somebody did outside the history.
    async fn done_by_hand(&self) -> Done {
        self.elsewhere(self.case.by_hand.clone()).await
    }

    /// Runs SQL on one connection that is not ours.
    async fn elsewhere(&self, mut script: Vec<String>) -> Done {
        if self.test.engine() == Engine::Sqlite {
            // As the program `sqlite3` has it.
            script.insert(0, "PRAGMA foreign_keys = OFF".to_owned());
            script = vec![script.join(";\n")];
        }
        let db = self.test.connect().await;
        for sql in &script {
            let done = db.execute_unprepared(sql).await;
            done.map_err(|error| format!("{error}\n{sql}"))?;
        }
        db.close().await.map_err(|error| error.to_string())
    }

    async fn up(&self, steps: &Arc<Steps>, to: &str) -> Done {
        let (options, mut nobody) = (Options::default(), |_: &Event| {});
        let run = upgrade(self.test.db(), &self.history, to, &options, &mut nobody);
        let done = STEPS.scope(steps.clone(), run).await;
        done.map(drop).map_err(|error| error.to_string())
    }

    /// Carries out what a dry run prints, as a person would who is not allowed to run ours.
    async fn by_hand(&self, steps: &Arc<Steps>) -> Done {
        let options = Options {
            dry_run: true,
            ..Options::default()
        };
        let mut script = Vec::new();
        let mut listen = |event: &Event| {
            if let Event::Statement { sql, .. } = event {
                script.push(sql.clone());
            }
        };
        let run = upgrade(self.test.db(), &self.history, "head", &options, &mut listen);
        let told = STEPS.scope(steps.clone(), run).await;
        told.map_err(|error| error.to_string())?;
        self.elsewhere(script).await
    }

    async fn down(&self, steps: &Arc<Steps>) -> Done {
        let (options, mut nobody) = (Options::default(), |_: &Event| {});
        let run = downgrade(
            self.test.db(),
            &self.history,
            "given",
            &options,
            &mut nobody,
        );
        let done = STEPS.scope(steps.clone(), run).await;
        done.map(drop).map_err(|error| error.to_string())
    }

    async fn read(&self, want: &Schema) -> Result<Catalog, String> {
        compare::read(self.test.db(), want, RECORD)
            .await
            .map_err(|error| format!("reading: {error}"))
    }

    async fn compare(
        &self,
        want: &Schema,
        base: &Schema,
        have: &mut Catalog,
        answers: &Answers,
    ) -> Result<Comparison, String> {
        let engine = self.test.engine();
        let mut want = want.clone();
        let asking = Asking {
            db: self.test.db(),
            scratch: Scratch::Here,
            cache: None,
        };
        ask(asking, engine, have, Some(base), &mut want)
            .await
            .map_err(|error| error.to_string())?;
        compare(&want, base.clone(), Some((engine, have)), answers)
            .map_err(|error| error.to_string())
    }

    /// Whether there is a plan to carry out. An error when what was found is not what the case
    /// says.
    fn finds(&self, found: &Comparison) -> Result<bool, String> {
        let plan = &found.plan;
        let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
        let questions: Vec<String> = plan.questions.iter().map(question).collect();
        match &self.case.expected {
            Expected::Refused(_) => return Err(listed("it is not refused; the plan", &words)),
            Expected::Questions(wanted) => same("the questions", wanted, &questions)?,
            Expected::Plan(wanted) | Expected::Fails(wanted, _) => {
                same("the questions", &[], &questions)?;
                same("the plan", wanted, &words)?;
            }
        }
        let labels = &self.case.labels;
        let drift: Vec<String> = found.drift.iter().map(drift).collect();
        same("the drift", &labels.drift, &drift)?;
        if !found.conflicts.is_empty() || !plan.notes.is_empty() {
            let (conflicts, notes) = (&found.conflicts, &plan.notes);
            return Err(format!("conflicts and notes: {conflicts:#?}\n{notes:#?}"));
        }
        let here = found.already.iter().map(|at| &plan.ops[*at]);
        let here: Vec<String> = here.flat_map(describe).collect();
        same("what is already here", &labels.already, &here)?;
        if let Some(wanted) = &labels.unmanaged {
            let unmanaged: Vec<String> = found.unmanaged.iter().map(ToString::to_string).collect();
            same("what is unmanaged", wanted, &unmanaged)?;
        }
        if let Some(wanted) = &labels.notes {
            let notes = found.notes.iter();
            let notes: Vec<String> = notes
                .map(|note| format!("{}: {}", note.object, note.reason))
                .collect();
            same("the notes", wanted, &notes)?;
        }
        if let Some(wanted) = &labels.loses {
            let losses: Vec<String> = plan.ops.iter().filter_map(destroys).collect();
            same("what is lost", wanted, &losses)?;
        }
        Ok(
            matches!(self.case.expected, Expected::Plan(_) | Expected::Fails(..))
                && !words.is_empty(),
        )
    }

    /// What is read now, which is what was declared: comparing finds nothing.
    async fn converges(&self) -> Result<Vec<String>, String> {
        let Case { want, have, .. } = self.case;
        let mut found = self.read(want).await?;
        let again = self
            .compare(want, want, &mut found, &Answers::default())
            .await?;
        let words: Vec<String> = again.plan.ops.iter().flat_map(describe).collect();
        same("the plan of the second look", &[], &words)?;
        let drift: Vec<String> = again.drift.iter().map(drift).collect();
        same(
            "the drift of the second look",
            &self.case.labels.drift,
            &drift,
        )?;
        let wanted = canonical(self.test.engine(), want).map_err(|error| error.to_string())?;
        let all_ours = self.case.made_by.is_empty() && self.case.beside.is_empty();
        if all_ours {
            same(
                "what is read",
                &lines(&wanted.schema),
                &lines(&found.schema),
            )?;
        }
        let read = lines(&found.schema);
        let found = self.read(have).await?;
        let gone = have.tables.keys().filter(|name| want.table(name).is_none());
        let left = gone.filter(|name| found.schema.table(name).is_some());
        let left: Vec<String> = left.map(ToString::to_string).collect();
        same("what is left of dropped tables", &[], &left)?;
        Ok(read)
    }

    /// The schema in the engine's own words, without order: a column that was dropped comes back
    /// last.
    async fn structure(&self) -> Vec<String> {
        let definitions = self.test.definitions().await;
        let mut lines: Vec<String> = definitions.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    async fn rows(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for name in self.case.have.tables.keys() {
            rows.extend(self.test.rows(&name.name).await);
        }
        rows
    }

    async fn recorded(&self) -> Vec<String> {
        self.test
            .strings(&format!("select version from {RECORD} order by version"))
            .await
    }

    async fn kept(&self) -> Vec<String> {
        let mut answers = Vec::new();
        for sql in &self.case.kept {
            answers.push(format!("{sql} => {}", self.answer(sql).await));
        }
        answers
    }

    async fn answer(&self, sql: &str) -> String {
        let sql = format!("with answer_(c) as ({sql}) select cast(c as text) from answer_");
        let mut rows = self.test.strings(&sql).await;
        rows.sort();
        rows.join(", ")
    }

    async fn seen(&self, when: &str, checks: &[Check]) -> Done {
        for Check { sql, seen } in checks {
            match seen {
                Seen::Done => self.test.execute(sql).await,
                Seen::Refused => {
                    if self.test.try_execute(sql).await.is_ok() {
                        return Err(format!("{when}, this should be refused: {sql}"));
                    }
                }
                Seen::Rows(rows) => {
                    let answer = self.answer(sql).await;
                    if answer != *rows {
                        return Err(format!("{when}: {sql} => {answer}, not {rows}"));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Steps as a module records them, which does not say what they take away.
fn as_written(mut steps: Vec<Step>) -> Vec<Step> {
    for step in &mut steps {
        step.op = recorded(&step.op);
    }
    steps
}

/// A schema as sorted facts: the order of columns does not count.
fn lines(schema: &Schema) -> Vec<String> {
    let mut lines: Vec<String> = facts(schema).iter().map(ToString::to_string).collect();
    lines.sort();
    lines
}

fn question(question: &Question) -> String {
    match question {
        Question::RenameTable { from, to } => {
            let to: Vec<String> = to.iter().map(ToString::to_string).collect();
            format!("is table {from} now {}?", to.join(" or "))
        }
        Question::RenameSequence { from, to } => {
            let to: Vec<String> = to.iter().map(ToString::to_string).collect();
            format!("is sequence {from} now {}?", to.join(" or "))
        }
        Question::RenameColumn {
            table, from, to, ..
        } => format!("is column {table}.{from} now {}?", to.join(" or ")),
        Question::RenameEnumValue { name, from, to, .. } => {
            format!("is value {from} of {name} now {}?", to.join(" or "))
        }
        Question::Backfill { table, column, new } => {
            let what = if *new { "new column" } else { "column" };
            format!("what do rows get in {what} {table}.{column}?")
        }
    }
}

fn drift(drift: &Drift) -> String {
    match &drift.found {
        None => format!("{} is missing", drift.key),
        Some(found) => format!("{} is {found}, not {}", drift.key, drift.expected),
    }
}

fn same(what: &str, wanted: &[String], found: &[String]) -> Done {
    if wanted == found {
        return Ok(());
    }
    let mut text = format!("{what} is not what it should be");
    for line in wanted.iter().filter(|line| !found.contains(line)) {
        text.push_str(&format!("\n  missing: {line}"));
    }
    if found.len() < 20 {
        text.push_str(&listed("\n  found", found));
    } else {
        for line in found.iter().filter(|line| !wanted.contains(line)) {
            text.push_str(&format!("\n  too much: {line}"));
        }
    }
    Err(text)
}

fn listed(what: &str, lines: &[String]) -> String {
    match lines {
        [] => format!("{what}: nothing"),
        lines => format!("{what}:\n    {}", lines.join("\n    ")),
    }
}
