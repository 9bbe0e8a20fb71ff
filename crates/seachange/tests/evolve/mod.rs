//! Enums that change, and indexes and constraints that get other names: the laws on real engines
//! that hold rows. Each pair runs twice: as it is planned, and as a module records it, which knows
//! nothing of what was before.

mod hints;
mod pairs;
mod refusals;

use seachange::compare::{Asking, Scratch, ask, compare};
use seachange::dialect::canonical;
use seachange::diff::{Answers, diff};
use seachange::op::{Op, describe};
use seachange::render::transaction;
use seachange::run;
use seachange::schema::{Engine, EnumType, Name, Schema, from_facts};
use seachange::source::catalog;
use std::collections::BTreeMap;

use crate::support::{TestDatabase, engines, recorded};
use pairs::PAIRS;

/// From, to, what is answered, what is put in before, and what is to be read after up and down.
pub struct Pair {
    pub name: &'static str,
    pub only: Option<Engine>,
    pub from: &'static str,
    pub to: &'static str,
    pub answers: &'static [&'static str],
    pub ops: &'static [&'static str],
    pub rows: &'static [&'static str],
    /// A query, what it gives before and once all is back, and what it gives in between.
    pub reads: (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    ),
}

pub fn schema(text: &str) -> Schema {
    let mut hints = Vec::new();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| match line.strip_prefix("! ") {
            Some(hint) => {
                hints.push(hint.split(' ').collect::<Vec<_>>());
                false
            }
            None => true,
        })
        .collect();
    let mut schema = from_facts(&lines.join("\n"), 1).unwrap();
    // `! table column old new` renames a value, `! table column old` the type.
    for hint in hints {
        let table = schema.tables.get_mut(&Name::from(hint[0])).unwrap();
        let column = table.column_mut(hint[1]).unwrap();
        match hint[2..] {
            [old, new] => column
                .enum_hints
                .renamed_values
                .push((old.to_owned(), new.to_owned())),
            [old] => column.enum_hints.renamed_from = Some(old.into()),
            _ => panic!("{hint:?}"),
        }
    }
    schema
}

pub fn answers(texts: &[&str]) -> Answers {
    let mut answers = Answers::default();
    for text in texts {
        match text.contains('=') {
            true => answers.rename(text),
            false => answers.drop(text),
        }
        .unwrap();
    }
    answers
}

fn sorted(mut schema: Schema) -> Schema {
    for table in schema.tables.values_mut() {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    schema
}

/// The engine's own dump as lines without order, and the values of enums in theirs.
async fn structure(test: &TestDatabase) -> (Vec<String>, BTreeMap<Name, EnumType>) {
    let dump = test.structure().await;
    let mut lines: Vec<String> = dump
        .lines()
        .map(|line| line.trim().trim_end_matches(',').to_owned())
        .collect();
    lines.sort();
    let schemas = match test.engine() {
        Engine::Postgres => {
            test.strings(
                "select nspname::text from pg_namespace \
                 where nspname not like 'pg\\_%' and nspname <> 'information_schema'",
            )
            .await
        }
        _ => Vec::new(),
    };
    let enums = catalog::read(test.db(), &schemas)
        .await
        .unwrap()
        .schema
        .enums;
    (lines, enums)
}

/// Runs operations as their revision would be: cut where a new value has to be committed.
pub async fn apply(test: &TestDatabase, ops: &[Op]) -> Result<(), String> {
    let cut = transaction(ops).is_some();
    let mut rest = ops;
    while !rest.is_empty() {
        let last = rest
            .iter()
            .position(|op| cut && matches!(op, Op::AddEnumValue { .. }));
        let (now, later) = rest.split_at(last.map_or(rest.len(), |at| at + 1));
        run::apply(test.db(), now)
            .await
            .map_err(|error| error.to_string())?;
        rest = later;
    }
    Ok(())
}

#[tokio::test]
async fn pairs_converge_and_reverse() {
    let mut failures = 0;
    for pair in PAIRS {
        for test in engines().await {
            if pair.only.is_none_or(|only| only == test.engine()) {
                // A task of its own, so that one failure does not hide the next.
                let held = tokio::spawn(async move { held_to_the_laws(pair, &test).await });
                failures += usize::from(held.await.is_err());
            }
        }
    }
    assert_eq!(failures, 0, "pairs failed");
}

async fn held_to_the_laws(pair: &Pair, test: &TestDatabase) {
    let (from, to) = (schema(pair.from), schema(pair.to));
    let what = format!("{} on {}", pair.name, test.engine());
    let create = diff(&Schema::default(), &from, &Answers::default());
    apply(test, &create.ops)
        .await
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    for sql in pair.rows {
        test.execute(sql).await;
    }
    let plan = diff(&from, &to, &answers(pair.answers));
    assert_eq!(plan.questions, [], "{what}");
    let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
    assert_eq!(words, pair.ops, "{what}");
    let down = plan.down(&from);
    there_and_back(pair, test, &plan.ops, &down).await;
    let bare = |ops: &[Op]| ops.iter().map(recorded).collect::<Vec<Op>>();
    there_and_back(pair, test, &bare(&plan.ops), &bare(&down)).await;
}

async fn there_and_back(pair: &Pair, test: &TestDatabase, up: &[Op], down: &[Op]) {
    let (from, to) = (schema(pair.from), schema(pair.to));
    let what = format!("{} on {}", pair.name, test.engine());
    let before = structure(test).await;
    let (query, rows, rows_between) = pair.reads;
    assert_eq!(test.strings(query).await, rows, "{what}: rows before");

    apply(test, up)
        .await
        .unwrap_or_else(|e| panic!("{what}, up: {e}\n{up:#?}"));
    let mut found = catalog::read(test.db(), &[]).await.unwrap();
    let mut base = from.clone();
    for op in up {
        seachange::op::apply(&mut base, op);
    }
    let asking = Asking {
        db: test.db(),
        scratch: Scratch::Here,
        cache: None,
    };
    let mut want = to.clone();
    ask(asking, test.engine(), &mut found, Some(&base), &mut want)
        .await
        .unwrap();
    let database = Some((test.engine(), &found));
    let again = compare(&want, base, database, &Answers::default()).unwrap();
    assert!(again.is_clean(), "{what}: {again:#?}");
    let wanted = canonical(test.engine(), &want).unwrap().schema;
    if !wanted.enums.keys().any(|name| name.schema.is_some()) {
        assert_eq!(sorted(found.schema), sorted(wanted), "{what}: converges");
    }
    assert_eq!(test.strings(query).await, rows_between, "{what}: rows");

    apply(test, down)
        .await
        .unwrap_or_else(|e| panic!("{what}, down: {e}\n{down:#?}"));
    assert_eq!(structure(test).await, before, "{what}: reverses");
    assert_eq!(test.strings(query).await, rows, "{what}: rows after");
}
