//! The text of a case.
//!
//! A field begins at the left edge with its name and a colon; what it says stands behind the colon
//! or below it, two spaces in. A line that is indented further goes on with the one above it. Lines
//! that begin with `#` are for people.

use seachange::diff::Answers;
use seachange::schema::{Engine, Schema, from_facts};

/// What is done to a database, and what must come of it.
#[derive(Debug)]
pub struct Case {
    /// What the case shows.
    pub name: String,
    /// The engines that it is for.
    pub engines: Vec<Engine>,
    /// What was declared when the newest revision was written.
    pub have: Schema,
    /// What is declared now.
    pub want: Schema,
    /// SQL that makes the database, where it is not made of what was declared.
    pub made_by: Vec<String>,
    /// SQL for what is beside it and was never declared.
    pub beside: Vec<String>,
    /// SQL by which somebody did the change, or a part of it, in this database alone.
    pub by_hand: Vec<String>,
    /// What a person answers.
    pub answers: Answers,
    /// Statements that put rows in.
    pub rows: Vec<String>,
    /// The way through.
    pub expected: Expected,
    /// Whose doing a difference is, where that is part of the case.
    pub labels: Labels,
    /// Queries whose answers are the same before, after the way up and after the way down.
    pub kept: Vec<String>,
    /// What is seen after the way up.
    pub after_up: Vec<Check>,
    /// What is seen after the way down.
    pub after_down: Vec<Check>,
}

/// What comparing comes to.
#[derive(Debug)]
pub enum Expected {
    /// These operations, in words. None at all is a case of its own: nothing was found.
    Plan(Vec<String>),
    /// These have to be answered first.
    Questions(Vec<String>),
    /// The engine has no such thing; a part of what is said about it.
    Refused(String),
    /// The operations are right, and the rows are not: the words of the plan, and a part of what
    /// the engine says. Nothing is changed.
    Fails(Vec<String>, String),
}

/// Differences that go into no revision; `None` where the case does not speak of them.
#[derive(Debug, Default)]
pub struct Labels {
    /// What this database has otherwise than history made it. A case that does not speak of it has
    /// none.
    pub drift: Vec<String>,
    /// What of the plan is done already. A case that does not speak of it has nothing.
    pub already: Vec<String>,
    /// What nobody declared.
    pub unmanaged: Option<Vec<String>>,
    /// What was not compared.
    pub notes: Option<Vec<String>>,
    /// What the operations take away from rows.
    pub loses: Option<Vec<String>>,
}

/// A statement, and what is seen of it.
#[derive(Debug)]
pub struct Check {
    /// The statement.
    pub sql: String,
    /// What it has to come to.
    pub seen: Seen,
}

/// What is seen of a statement.
#[derive(Debug)]
pub enum Seen {
    /// It is done.
    Done,
    /// It is refused.
    Refused,
    /// The first column of its rows, sorted, with `, ` between them.
    Rows(String),
}

/// A field: its name, the line it stands in, and what it says, each with its line.
struct Field<'a> {
    name: &'a str,
    line: usize,
    values: Vec<(usize, String)>,
}

type Parsed<T> = Result<T, (usize, String)>;

/// The cases of a file.
///
/// # Errors
///
/// Something is no case: file, line and why.
pub fn cases(file: &str, text: &str) -> Result<Vec<Case>, String> {
    let told = |(line, problem)| format!("{file}:{line}: {problem}");
    let mut cases: Vec<Vec<Field<'_>>> = Vec::new();
    for field in fields(text).map_err(told)? {
        match (field.name, cases.last_mut()) {
            ("case", _) => cases.push(vec![field]),
            (_, Some(case)) => case.push(field),
            (_, None) => return Err(told((field.line, "`case:` comes first".to_owned()))),
        }
    }
    cases
        .into_iter()
        .map(|fields| case(fields).map_err(told))
        .collect()
}

fn fields(text: &str) -> Parsed<Vec<Field<'_>>> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    for (line, words) in (1..).zip(text.lines()) {
        let depth = words.len() - words.trim_start().len();
        let words = words.trim();
        if words.is_empty() || (depth == 0 && words.starts_with('#')) {
            continue;
        }
        if depth == 0 {
            let (name, value) = words
                .split_once(':')
                .ok_or_else(|| (line, format!("`{words}` is no field: `name: …`")))?;
            let value = value.trim();
            let values = Some((line, value.to_owned())).filter(|_| !value.is_empty());
            fields.push(Field {
                name,
                line,
                values: values.into_iter().collect(),
            });
            continue;
        }
        let field = fields
            .last_mut()
            .ok_or_else(|| (line, "no field stands above it".to_owned()))?;
        match (depth, field.values.last_mut()) {
            (2, _) | (_, None) => field.values.push((line, words.to_owned())),
            (_, Some((_, value))) => {
                value.push(' ');
                value.push_str(words);
            }
        }
    }
    Ok(fields)
}

const NAMES: &[&str] = &[
    "case",
    "engines",
    "have",
    "want",
    "change",
    "made by",
    "beside",
    "by hand",
    "answers",
    "rows",
    "plan",
    "question",
    "refused",
    "fails",
    "drift",
    "already",
    "unmanaged",
    "notes",
    "loses",
    "kept",
    "after up",
    "after down",
];

fn case(fields: Vec<Field<'_>>) -> Parsed<Case> {
    let start = fields.first().map_or(1, |field| field.line);
    for (at, field) in fields.iter().enumerate() {
        if !NAMES.contains(&field.name) {
            return Err((field.line, format!("there is no field `{}`", field.name)));
        }
        if fields[..at].iter().any(|other| other.name == field.name) {
            return Err((field.line, format!("`{}` is said twice", field.name)));
        }
    }
    let find = |name: &str| fields.iter().find(|field| field.name == name);
    let lines = |name: &str| -> Option<Vec<String>> {
        let values = &find(name)?.values;
        Some(match values.as_slice() {
            [(_, one)] if one == "nothing" => Vec::new(),
            values => values.iter().map(|(_, value)| value.clone()).collect(),
        })
    };
    let text = |name: &str| lines(name).map(|lines| lines.join(" "));
    let have = match find("have") {
        Some(field) => declared(&field.values)?,
        None => Vec::new(),
    };
    let want = match (find("want"), find("change")) {
        (Some(field), None) => declared(&field.values)?,
        (None, Some(field)) => changed(have.clone(), &field.values)?,
        (None, None) => have.clone(),
        (Some(_), Some(field)) => {
            return Err((field.line, "`want` says the whole already".to_owned()));
        }
    };
    let expected = match (
        lines("plan"),
        lines("question"),
        text("refused"),
        text("fails"),
    ) {
        (Some(plan), None, None, None) => Expected::Plan(plan),
        (Some(plan), None, None, Some(words)) => Expected::Fails(plan, words),
        (None, Some(questions), None, None) => Expected::Questions(questions),
        (None, None, Some(words), None) => Expected::Refused(words),
        _ => {
            let problem =
                "a case says one of `plan`, `question`, `refused`; `fails` needs a `plan`";
            return Err((start, problem.to_owned()));
        }
    };
    Ok(Case {
        name: text("case").unwrap_or_default(),
        engines: engines(find("engines"))?,
        have: schema(&have)?,
        want: schema(&want)?,
        made_by: lines("made by").unwrap_or_default(),
        beside: lines("beside").unwrap_or_default(),
        by_hand: lines("by hand").unwrap_or_default(),
        answers: answers(find("answers"))?,
        rows: lines("rows").unwrap_or_default(),
        expected,
        labels: Labels {
            drift: lines("drift").unwrap_or_default(),
            already: lines("already").unwrap_or_default(),
            unmanaged: lines("unmanaged"),
            notes: lines("notes"),
            loses: lines("loses"),
        },
        kept: lines("kept").unwrap_or_default(),
        after_up: lines("after up").into_iter().flatten().map(check).collect(),
        after_down: lines("after down")
            .into_iter()
            .flatten()
            .map(check)
            .collect(),
    })
}

type Facts = Vec<(usize, String)>;

fn declared(values: &[(usize, String)]) -> Parsed<Facts> {
    Ok(match values {
        [(_, one)] if one == "nothing" => Vec::new(),
        values => values.to_vec(),
    })
}

/// The facts with lines taken out (`- …`) and put in (`+ …`).
fn changed(mut facts: Facts, changes: &[(usize, String)]) -> Parsed<Facts> {
    for (line, change) in changes {
        match change.split_at_checked(2) {
            Some(("- ", gone)) => {
                let at = facts.iter().position(|(_, fact)| fact == gone);
                let at = at.ok_or_else(|| (*line, format!("`{gone}` is not there")))?;
                facts.remove(at);
            }
            Some(("+ ", new)) => facts.push((*line, new.to_owned())),
            _ => return Err((*line, "a change begins with `+ ` or `- `".to_owned())),
        }
    }
    Ok(facts)
}

fn schema(facts: &Facts) -> Parsed<Schema> {
    // Facts are read as one text, for enums stand apart from the columns that use them.
    let text: Vec<&str> = facts.iter().map(|(_, fact)| fact.as_str()).collect();
    from_facts(&text.join("\n"), 1).map_err(|error| {
        let line = facts.get(error.line - 1).map_or(0, |(line, _)| *line);
        (line, error.problem)
    })
}

fn engines(field: Option<&Field<'_>>) -> Parsed<Vec<Engine>> {
    let Some(field) = field else {
        return Ok(vec![Engine::Sqlite, Engine::Postgres]);
    };
    let mut engines = Vec::new();
    for (line, value) in &field.values {
        for word in value.split(',') {
            engines.push(match word.trim() {
                "sqlite" => Engine::Sqlite,
                "postgres" => Engine::Postgres,
                other => return Err((*line, format!("`{other}` is no engine"))),
            });
        }
    }
    Ok(engines)
}

fn answers(field: Option<&Field<'_>>) -> Parsed<Answers> {
    let mut answers = Answers::default();
    for (line, value) in field.map_or(&[][..], |field| &field.values) {
        let taken = match value.split_once(' ') {
            Some(("rename", text)) => answers.rename(text),
            Some(("drop", text)) => answers.drop(text),
            Some(("fill", text)) => answers.fill(text),
            _ => {
                let problem = "an answer begins with `rename`, `drop` or `fill`";
                return Err((*line, problem.to_owned()));
            }
        };
        taken.map_err(|error| (*line, error.to_string()))?;
    }
    Ok(answers)
}

/// `statement`, `statement => refused`, `query => a, b`.
fn check(text: String) -> Check {
    match text.rsplit_once(" => ") {
        None => Check {
            sql: text,
            seen: Seen::Done,
        },
        Some((sql, "refused")) => Check {
            sql: sql.to_owned(),
            seen: Seen::Refused,
        },
        Some((sql, rows)) => Check {
            sql: sql.to_owned(),
            seen: Seen::Rows(rows.to_owned()),
        },
    }
}
