//! Cases as data, on the engines: what is declared, what was, and the plan that must come of it.
//!
//! The `.txt` files beside this one hold them; `parse.rs` says how they are written. Each case is
//! made in a database with rows, compared, upgraded, compared again and taken back by the runner that
//! a project has, and upgraded once more by the SQL that a dry run prints. `SCENARIO=words` runs the cases that have these
//! words in their name.

mod parse;
mod way;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

use seachange::schema::Engine;
use tokio::task::JoinSet;

use crate::support::{TestDatabase, postgres, sqlite};
use parse::Case;

/// How many cases are on their way at once.
const WORKERS: usize = 3;

type Jobs = Arc<Mutex<VecDeque<(Arc<Case>, Engine)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_converges_and_reverses() {
    let only = std::env::var("SCENARIO").unwrap_or_default();
    let mut jobs = VecDeque::new();
    for case in read().into_iter().filter(|case| case.name.contains(&only)) {
        let case = Arc::new(case);
        jobs.extend(case.engines.iter().map(|engine| (case.clone(), *engine)));
    }
    assert!(!jobs.is_empty(), "no case is called `{only}`");
    let jobs: Jobs = Arc::new(Mutex::new(jobs));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        workers.spawn(work(jobs.clone()));
    }
    let mut failures: Vec<String> = workers.join_all().await.into_iter().flatten().collect();
    failures.sort();
    assert!(
        failures.is_empty(),
        "{} failed\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

/// All cases of the folder.
fn read() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "txt"))
        .collect();
    paths.sort();
    let mut cases: Vec<Case> = Vec::new();
    for path in paths {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for case in parse::cases(&file, &text).unwrap_or_else(|problem| panic!("{problem}")) {
            let twin = cases.iter().any(|other| other.name == case.name);
            assert!(!twin, "{file}: two cases are called `{}`", case.name);
            cases.push(case);
        }
    }
    cases
}

/// Takes one case after the other. A server's database is emptied between two of them, which is
/// much faster than making one.
async fn work(jobs: Jobs) -> Vec<String> {
    let mut failures = Vec::new();
    let mut server: Option<Arc<TestDatabase>> = None;
    loop {
        let Some((case, engine)) = jobs.lock().unwrap().pop_front() else {
            return failures;
        };
        let test = match engine {
            Engine::Sqlite => Arc::new(sqlite().await),
            _ => {
                if let Some(used) = &server {
                    used.execute(EMPTY).await;
                } else {
                    server = postgres().await.map(Arc::new);
                }
                let Some(test) = server.clone() else {
                    continue;
                };
                test
            }
        };
        let name = case.name.clone();
        // A task of its own, so that a panic is the failure of this case only.
        let done = tokio::spawn(async move { way::run(&case, &test).await }).await;
        let problem = match done {
            Ok(Ok(())) => continue,
            Ok(Err(problem)) => problem,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => panic
                    .downcast_ref::<String>()
                    .map_or("a panic", String::as_str)
                    .to_owned(),
                Err(error) => error.to_string(),
            },
        };
        failures.push(format!("== {name}, on {engine}: {problem}"));
    }
}

const EMPTY: &str = "
    do $$ declare it text; begin
        for it in select extname from pg_extension where extname <> 'plpgsql' loop
            execute format('drop extension %I cascade', it);
        end loop;
        for it in select nspname from pg_namespace
            where nspname not like 'pg\\_%' and nspname <> 'information_schema' loop
            execute format('drop schema %I cascade', it);
        end loop;
        create schema public;
    end $$";

/// A case that is written wrong names its file and its line.
#[test]
fn a_case_that_cannot_be_read_names_its_line() {
    for (text, problem) in [
        ("have: t table", "x.txt:1: `case:` comes first"),
        ("case: a\nplan", "x.txt:2: `plan` is no field: `name: …`"),
        (
            "case: a\nplans: nothing",
            "x.txt:2: there is no field `plans`",
        ),
        (
            "case: a\nplan: nothing\nplan: nothing",
            "x.txt:3: `plan` is said twice",
        ),
        (
            "# for people\n\ncase: a\n",
            "x.txt:3: a case says one of `plan`, `question`, `refused`; `fails` needs a `plan`",
        ),
        (
            "case: a\nhave:\n  t table\n  t colum id\nplan: nothing",
            "x.txt:4: ",
        ),
        (
            "case: a\nhave: t table\nchange:\n  - u table\nplan: nothing",
            "x.txt:4: `u table` is not there",
        ),
        (
            "case: a\nengines: oracle\nplan: nothing",
            "x.txt:2: `oracle` is no engine",
        ),
        (
            "case: a\nanswers: yes\nplan: nothing",
            "x.txt:2: an answer begins with",
        ),
        (
            "case: a\nanswers: fill x\nplan: nothing",
            "x.txt:2: `x` is no answer",
        ),
    ] {
        let told = parse::cases("x.txt", text).unwrap_err();
        assert!(told.starts_with(problem), "{text}\n{told}");
    }
}
