//! Questions: asked on a terminal; elsewhere an error that has the lines to paste.

use super::error::{Failure, code};
use super::print::{counted, grouped, note};
use super::terminal::{on_terminal, prompt};
use crate::diff::{Answers, Question};
use crate::schema::Name;

/// How many rows of a table, or values of a column, this database holds; `None` when it was not
/// asked or has no such table.
pub(super) type Count<'a> = &'a dyn Fn(&Name, Option<&str>) -> Option<u64>;

/// Answers the questions by asking, or fails with what would answer them.
pub(super) fn answer(
    questions: &[Question],
    answers: &mut Answers,
    count: Count<'_>,
) -> Result<(), Failure> {
    let questions = questions.iter().filter(|q| !is_moot(q, questions));
    if !on_terminal() {
        let texts: Vec<String> = questions.map(|q| unanswered(q, count)).collect();
        let failure = Failure::new(code::ANSWER_NEEDED, texts.join("\n"));
        return Err(failure.hint("nothing was written"));
    }
    for question in questions {
        ask(question, answers, count)?;
    }
    Ok(())
}

/// Whether it waits for another answer: a column that may be an old one under a new name has its
/// values then.
fn is_moot(question: &Question, all: &[Question]) -> bool {
    let Question::Backfill { table, column, .. } = question else {
        return false;
    };
    all.iter().any(|other| match other {
        Question::RenameColumn {
            table: renamed, to, ..
        } => renamed == table && to.contains(column),
        _ => false,
    })
}

/// What is asked, in one line.
fn question_text(question: &Question, count: Count<'_>) -> String {
    match question {
        Question::RenameTable { from, to } => {
            let to: Vec<String> = to.iter().map(ToString::to_string).collect();
            format!(
                "table {from} disappears and {} appears, with the same columns: renamed, or \
                 dropped and created?",
                to.join(", ")
            )
        }
        Question::RenameColumn {
            table,
            from,
            to,
            ty,
        } => {
            let both = if to.len() == 1 { "both" } else { "all" };
            let to: Vec<String> = to.iter().map(|to| format!("{table}.{to}")).collect();
            format!(
                "column {table}.{from} disappears and {} appears, {both} {ty}: renamed, or dropped \
                 and added?",
                to.join(", ")
            )
        }
        Question::Backfill { table, column, new } => {
            let here = match count(table, None) {
                Some(rows) => format!(" ({} here)", grouped(rows)),
                None => String::new(),
            };
            if *new {
                format!(
                    "{table}.{column} is not null and has no default, and `{table}` may hold \
                     rows{here}"
                )
            } else {
                format!(
                    "{table}.{column} becomes not null, and rows of `{table}`{here} may hold null"
                )
            }
        }
    }
}

fn unanswered(question: &Question, count: Count<'_>) -> String {
    let mut lines = vec![question_text(question, count)];
    let mut option = |label: &str, text: String| lines.push(format!("  {label:<36} {text}"));
    let values = |table: &Name, column: Option<&str>, noun: &str| match count(table, column) {
        Some(n) => format!(
            ", {} kept",
            counted(usize::try_from(n).unwrap_or(usize::MAX), noun)
        ),
        None => format!(", {noun}s kept"),
    };
    match question {
        Question::RenameTable { from, to } => {
            for to in to {
                let kept = values(from, None, "row");
                option(
                    &format!("renamed{kept}:"),
                    format!("--rename table:{from}={}", to.name),
                );
            }
            option(
                "dropped and created, rows lost:",
                format!("--drop table:{from}"),
            );
        }
        Question::RenameColumn {
            table, from, to, ..
        } => {
            for to in to {
                let kept = values(table, Some(from), "value");
                option(
                    &format!("renamed{kept}:"),
                    format!("--rename column:{table}.{from}={to}"),
                );
            }
            option(
                "dropped and added, values lost:",
                format!("--drop column:{table}.{from}"),
            );
            option(
                "or in its entity:",
                format!("#[sea_orm(renamed_from = \"{from}\")]"),
            );
        }
        Question::Backfill { table, column, new } => {
            option(
                "fill them by an expression:",
                format!("--backfill {table}.{column}=\"<SQL expression>\""),
            );
            if *new {
                option(
                    "or give it a default:",
                    "#[sea_orm(default_value = …)]".to_owned(),
                );
            }
            option("or allow null:", "Option<…>".to_owned());
        }
    }
    lines.join("\n")
}

fn ask(question: &Question, answers: &mut Answers, count: Count<'_>) -> Result<(), Failure> {
    note(question_text(question, count));
    let stopped = || Failure::new(code::ANSWER_NEEDED, "not answered; nothing was written");
    match question {
        Question::RenameTable { from, to } => {
            let names: Vec<String> = to.iter().map(|to| to.name.clone()).collect();
            match choose(&names, "dropped and created; its rows are lost")? {
                Some(to) => answers.rename(&format!("table:{from}={to}")),
                None => answers.drop(&format!("table:{from}")),
            }
        }
        Question::RenameColumn {
            table, from, to, ..
        } => match choose(to, "dropped and added; its values are lost")? {
            Some(to) => answers.rename(&format!("column:{table}.{from}={to}")),
            None => answers.drop(&format!("column:{table}.{from}")),
        },
        Question::Backfill { table, column, .. } => {
            let sql = prompt("An SQL expression for these rows, or nothing to stop: ")?;
            if sql.is_empty() {
                return Err(stopped());
            }
            answers.fill(&format!("{table}.{column}={sql}"))
        }
    }
    .map_err(Failure::usage)
}

/// One of the new names, or `None` for the drop.
fn choose(names: &[String], drop: &str) -> Result<Option<String>, Failure> {
    for (at, name) in names.iter().enumerate() {
        note(format!("  {}  renamed to {name}", at + 1));
    }
    note(format!("  {}  {drop}", names.len() + 1));
    loop {
        let answer = prompt("Type a number, or nothing to stop: ")?;
        match answer.parse::<usize>() {
            Ok(n) if (1..=names.len()).contains(&n) => return Ok(names.get(n - 1).cloned()),
            Ok(n) if n == names.len() + 1 => return Ok(None),
            _ if answer.is_empty() => {
                return Err(Failure::new(
                    code::ANSWER_NEEDED,
                    "not answered; nothing was written",
                ));
            }
            _ => {}
        }
    }
}
