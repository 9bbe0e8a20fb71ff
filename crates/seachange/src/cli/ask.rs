//! Questions: asked on a terminal; elsewhere an error that has the lines to paste.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::answers::FILE;
use super::error::{Failure, code};
use super::print::{counted, grouped, note};
use super::terminal::{on_terminal, prompt};
use crate::diff::{Answers, Question};
use crate::schema::{Column, Length, Name, Schema, Type};

/// Questions, and what is known about what they ask.
pub(super) struct Asked<'a> {
    pub(super) questions: &'a [Question],
    /// What the entities declare.
    pub(super) want: &'a Schema,
    /// The file of a table's entity, when it is known.
    pub(super) place: &'a dyn Fn(&Name) -> Option<PathBuf>,
    /// How many rows of a table, or values of a column, this database holds; `None` when it was
    /// not asked or has no such table.
    pub(super) count: &'a dyn Fn(&Name, Option<&str>) -> Option<u64>,
}

/// One way to answer a question.
struct Choice {
    /// What it comes to (`renamed, 1,204 values kept`).
    label: String,
    /// `rename`, `drop` or `backfill`: the flag, and the word of the answers file.
    flag: &'static str,
    /// What stands behind it.
    value: String,
}

impl Asked<'_> {
    /// Answers the questions by asking, or fails with what would answer them.
    pub(super) fn answer(&self, answers: &mut Answers) -> Result<(), Failure> {
        let questions = || self.questions.iter().filter(|q| !self.is_moot(q));
        if !on_terminal() {
            let texts: Vec<String> = questions().map(|q| self.unanswered(q)).collect();
            let failure = Failure::new(code::ANSWER_NEEDED, texts.join("\n"));
            return Err(failure.hint(format!(
                "nothing was written. For CI put the answer into migration/{FILE}:\n{}",
                self.lines(questions()).join("\n")
            )));
        }
        for question in questions() {
            self.ask(question, answers)?;
        }
        Ok(())
    }

    /// The questions for a program: what is asked, and what would answer it.
    pub(super) fn json(&self) -> Vec<Value> {
        let questions = self.questions.iter().filter(|q| !self.is_moot(q));
        questions
            .map(|question| {
                let choices = self.choices(question);
                let mut value = question_json(question);
                value["text"] = json!(self.text(question));
                value["answers"] = choices
                    .iter()
                    .map(|choice| json!({ "flag": format!("--{}", choice.flag), "value": choice.value }))
                    .collect();
                value
            })
            .collect()
    }

    /// Whether it waits for another answer: a column that may be an old one under a new name has
    /// its values then.
    fn is_moot(&self, question: &Question) -> bool {
        let Question::Backfill { table, column, .. } = question else {
            return false;
        };
        self.questions.iter().any(|other| match other {
            Question::RenameColumn {
                table: renamed, to, ..
            } => renamed == table && to.contains(column),
            _ => false,
        })
    }

    /// What is asked, in one line.
    fn text(&self, question: &Question) -> String {
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
                    "column {table}.{from} disappears and {} appears, {both} {ty}: renamed, or \
                     dropped and added?",
                    to.join(", ")
                )
            }
            Question::RenameSequence { from, to } => {
                let to: Vec<String> = to.iter().map(ToString::to_string).collect();
                format!(
                    "sequence {from} disappears and {} appears, and counts in the same way: \
                     renamed, or dropped and created?",
                    to.join(", ")
                )
            }
            Question::RenameEnumValue { name, from, to, .. } => format!(
                "value {from} of enum {name} disappears and {} appears: renamed, or removed and \
                 added?",
                to.join(", ")
            ),
            Question::Backfill { table, column, new } => {
                let here = match (self.count)(table, None) {
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
                        "{table}.{column} becomes not null, and rows of `{table}`{here} may hold \
                         null"
                    )
                }
            }
        }
    }

    fn kept(&self, table: &Name, column: Option<&str>, noun: &str) -> String {
        match (self.count)(table, column) {
            Some(n) => {
                let n = usize::try_from(n).unwrap_or(usize::MAX);
                format!("renamed, {} kept", counted(n, noun))
            }
            None => format!("renamed, {noun}s kept"),
        }
    }

    fn choices(&self, question: &Question) -> Vec<Choice> {
        let choice = |label: &str, flag: &'static str, value: String| Choice {
            label: label.to_owned(),
            flag,
            value,
        };
        match question {
            Question::RenameTable { from, to } => {
                let kept = self.kept(from, None, "row");
                let mut choices: Vec<Choice> = to
                    .iter()
                    .map(|to| choice(&kept, "rename", format!("table:{from}={}", to.name)))
                    .collect();
                let drop = "dropped and created, rows lost";
                choices.push(choice(drop, "drop", format!("table:{from}")));
                choices
            }
            Question::RenameColumn {
                table, from, to, ..
            } => {
                let kept = self.kept(table, Some(from), "value");
                let mut choices: Vec<Choice> = to
                    .iter()
                    .map(|to| choice(&kept, "rename", format!("column:{table}.{from}={to}")))
                    .collect();
                let drop = "dropped and added, values lost";
                choices.push(choice(drop, "drop", format!("column:{table}.{from}")));
                choices
            }
            Question::RenameSequence { from, to } => {
                let kept = "renamed, goes on where it is";
                let mut choices: Vec<Choice> = sequences(from, to)
                    .iter()
                    .map(|to| choice(kept, "rename", format!("sequence:{from}={to}")))
                    .collect();
                let drop = "dropped and created, begins again";
                choices.push(choice(drop, "drop", format!("sequence:{from}")));
                choices
            }
            Question::RenameEnumValue { name, from, to, .. } => {
                let kept = "renamed, rows that hold it kept";
                let mut choices: Vec<Choice> = to
                    .iter()
                    .map(|to| choice(kept, "rename", format!("value:{name}.{from}={to}")))
                    .collect();
                let drop = "removed, refused while a row holds it";
                choices.push(choice(drop, "drop", format!("value:{name}.{from}")));
                choices
            }
            Question::Backfill { table, column, .. } => vec![choice(
                "fill them by an expression",
                "backfill",
                format!("{table}.{column}=<SQL expression>"),
            )],
        }
    }

    /// What may be written in the entity instead, each with a label.
    fn in_entity(&self, question: &Question) -> Vec<(String, String)> {
        let place = |table: &Name| match (self.place)(table) {
            Some(file) => format!("or in {}:", file.display()),
            None => "or in its entity:".to_owned(),
        };
        match question {
            Question::RenameTable { from, to } => to
                .iter()
                .map(|to| {
                    (
                        place(to),
                        format!("table.renamed_from(\"{from}\") in its extras"),
                    )
                })
                .collect(),
            Question::RenameColumn { table, from, .. } => vec![(
                place(table),
                format!("#[sea_orm(renamed_from = \"{from}\")]"),
            )],
            Question::RenameSequence { from, to } => to
                .iter()
                .map(|_| {
                    let label = "or where it is declared:".to_owned();
                    let from = match &from.schema {
                        Some(schema) => format!("(\"{schema}\", \"{}\")", from.name),
                        None => format!("\"{}\"", from.name),
                    };
                    (label, format!(".renamed_from({from})"))
                })
                .take(1)
                .collect(),
            Question::RenameEnumValue {
                from, to, used_by, ..
            } => used_by
                .iter()
                .take(1)
                .zip(to)
                .map(|(used, to)| {
                    let hint = format!(
                        "table.renamed_enum_value(Column::…, \"{from}\", \"{to}\") in its extras"
                    );
                    (place(&used.table), hint)
                })
                .collect(),
            Question::Backfill { table, column, new } => {
                let column = self
                    .want
                    .table(table)
                    .and_then(|table| table.column(column));
                let (default, option) = column.map_or(("…", "…"), in_rust);
                let mut lines = Vec::new();
                if *new {
                    let default = format!("#[sea_orm(default_value = {default})]");
                    lines.push(("or give it a default:".to_owned(), default));
                }
                lines.push(("or allow null:".to_owned(), format!("Option<{option}>")));
                lines
            }
        }
    }

    fn unanswered(&self, question: &Question) -> String {
        let mut lines = vec![self.text(question)];
        for Choice { label, flag, value } in self.choices(question) {
            let value = match flag {
                "backfill" => match value.split_once('=') {
                    Some((column, sql)) => format!("{column}=\"{sql}\""),
                    None => value,
                },
                _ => value,
            };
            lines.push(format!("  {:<36} --{flag} {value}", format!("{label}:")));
        }
        for (label, text) in self.in_entity(question) {
            lines.push(format!("  {label:<36} {text}"));
        }
        lines.join("\n")
    }

    /// The lines of the answers file that hold the first answer to each question.
    fn lines<'q>(&self, questions: impl Iterator<Item = &'q Question>) -> Vec<String> {
        let first: Vec<Choice> = questions
            .filter_map(|question| self.choices(question).into_iter().next())
            .collect();
        ["rename", "drop", "backfill"]
            .iter()
            .filter_map(|flag| {
                let values: Vec<String> = first
                    .iter()
                    .filter(|choice| choice.flag == *flag)
                    .map(|choice| json!(choice.value).to_string())
                    .collect();
                (!values.is_empty()).then(|| format!("  {flag} = [{}]", values.join(", ")))
            })
            .collect()
    }

    fn ask(&self, question: &Question, answers: &mut Answers) -> Result<(), Failure> {
        note(self.text(question));
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
            Question::RenameSequence { from, to } => {
                match choose(&sequences(from, to), "dropped and created; it begins again")? {
                    Some(to) => answers.rename(&format!("sequence:{from}={to}")),
                    None => answers.drop(&format!("sequence:{from}")),
                }
            }
            Question::RenameEnumValue { name, from, to, .. } => {
                match choose(to, "removed; refused while a row holds it")? {
                    Some(to) => answers.rename(&format!("value:{name}.{from}={to}")),
                    None => answers.drop(&format!("value:{name}.{from}")),
                }
            }
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
}

/// The new names of a sequence as an answer gives them: in full where they are in another schema.
fn sequences(from: &Name, to: &[Name]) -> Vec<String> {
    to.iter()
        .map(|to| match to.schema == from.schema {
            true => to.name.clone(),
            false => to.to_string(),
        })
        .collect()
}

/// A default and the type of an optional field, as an entity would have them; `…` where that
/// depends.
fn in_rust(column: &Column) -> (&'static str, &'static str) {
    match &column.ty {
        Type::Char(_)
        | Type::String(Length::N(_) | Length::Max | Length::Unspecified)
        | Type::Text => ("\"\"", "String"),
        Type::TinyInteger => ("0", "i8"),
        Type::SmallInteger => ("0", "i16"),
        Type::Integer => ("0", "i32"),
        Type::BigInteger => ("0", "i64"),
        Type::Unsigned => ("0", "u32"),
        Type::BigUnsigned => ("0", "u64"),
        Type::Float => ("0.0", "f32"),
        Type::Double => ("0.0", "f64"),
        Type::Boolean => ("false", "bool"),
        _ => ("…", "…"),
    }
}

/// A question for a program.
pub(super) fn question_json(question: &Question) -> Value {
    match question {
        Question::RenameTable { from, to } => json!({
            "kind": "rename_table",
            "from": from.to_string(),
            "to": to.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
        Question::RenameSequence { from, to } => json!({
            "kind": "rename_sequence",
            "from": from.to_string(),
            "to": to.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
        Question::RenameColumn {
            table, from, to, ..
        } => json!({
            "kind": "rename_column",
            "table": table.to_string(),
            "from": from,
            "to": to,
        }),
        Question::RenameEnumValue {
            name,
            from,
            to,
            used_by,
        } => json!({
            "kind": "rename_enum_value",
            "enum": name.to_string(),
            "from": from,
            "to": to,
            "used_by": used_by
                .iter()
                .map(|used| format!("{}.{}", used.table, used.column))
                .collect::<Vec<_>>(),
        }),
        Question::Backfill { table, column, .. } => json!({
            "kind": "backfill",
            "table": table.to_string(),
            "column": column,
        }),
    }
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
