//! The laws for random pairs of schemas, on tables that hold rows.
//!
//! `cargo test` draws a few dozen pairs for each engine, the same in every run. As many more as are
//! wanted, other ones in every run:
//!
//! ```text
//! SEACHANGE_PAIRS=5000 cargo test -p seachange --all-features --test seachange laws::random
//! ```
//!
//! A pair for which a law does not hold is made as small as it goes and printed. Put it into
//! `regressions.txt`: all of those are run first, on every engine that can hold them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use sea_orm::ConnectionTrait;
use seachange::compare::{Asking, Scratch, ask, compare};
use seachange::dialect::canonical;
use seachange::diff::{Answers, Plan, Question, Subject, diff};
use seachange::op::{Op, describe};
use seachange::schema::{Engine, Name, Schema, Table, facts, from_facts};
use seachange::source::catalog;

use super::sorted;
use crate::arbitrary::change::{Pair, declared, pair};
use crate::arbitrary::rows::{self, fill, inserts, qualified};
use crate::arbitrary::{Shape, quoted};
use crate::support::{TestDatabase, postgres, sqlite};

/// How many pairs are drawn; a few when nobody asks for more.
fn count() -> Option<u32> {
    let count = std::env::var("SEACHANGE_PAIRS").ok()?;
    Some(count.parse().expect("SEACHANGE_PAIRS is a number"))
}

#[test]
fn pairs_on_sqlite() {
    let runtime = runtime();
    let test = runtime.block_on(sqlite());
    runtime.block_on(test.execute("pragma journal_mode = memory"));
    run(&runtime, &test, 60);
}

#[test]
fn pairs_on_postgres() {
    let runtime = runtime();
    let Some(test) = runtime.block_on(postgres()) else {
        return;
    };
    runtime.block_on(async {
        let sql = "do $$ begin execute 'alter database ' || current_database() || \
                   ' set synchronous_commit = off'; end $$";
        test.execute(sql).await;
    });
    run(&runtime, &test, 24);
}

#[test]
fn what_went_wrong_before() {
    let runtime = runtime();
    for test in runtime.block_on(crate::support::engines()) {
        for (name, pair) in regressions(include_str!("regressions.txt")) {
            let can = |schema| canonical(test.engine(), schema).is_ok();
            if can(&pair.from)
                && can(&pair.to)
                && let Err(problem) = runtime.block_on(laws(&test, &pair))
            {
                panic!("{name} on {}: {problem}", test.engine());
            }
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn run(runtime: &tokio::runtime::Runtime, test: &TestDatabase, few: u32) {
    let many = count();
    let mut runner = TestRunner::new(Config {
        cases: many.unwrap_or(few),
        rng_seed: match many {
            Some(_) => RngSeed::Random,
            None => RngSeed::Fixed(1),
        },
        failure_persistence: None,
        max_shrink_iters: 3_000,
        max_shrink_time: 8_000,
        ..Config::default()
    });
    let result = runner.run(&pair(Shape::on(test.engine())), |pair| {
        runtime
            .block_on(laws(test, &pair))
            .map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, pair)) => {
            let plan = planned(&pair, test.engine()).unwrap_or_default();
            panic!(
                "{}: {reason}\n\n{}\nup:\n{}\ndown:\n{}",
                test.engine(),
                written(&pair),
                described(&plan.ops),
                described(&plan.down(&pair.from)),
            )
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

/// All laws for one pair.
async fn laws(test: &TestDatabase, pair: &Pair) -> Result<(), String> {
    let engine = test.engine();
    let told = |what: &'static str| move |error: String| format!("{what}: {error}");
    let create = |schema: &Schema| diff(&Schema::default(), schema, &Answers::default()).ops;

    // What the engine itself makes of the target, when it makes it at once.
    clean(test).await;
    apply(test, &create(&pair.to))
        .await
        .map_err(told("the target"))?;
    let wanted = read(test).await;

    clean(test).await;
    apply(test, &create(&pair.from))
        .await
        .map_err(told("the first"))?;
    for sql in inserts(pair, engine) {
        let done = test.db().execute_unprepared(&sql).await;
        done.map_err(|error| format!("rows: {error}\n{sql}"))?;
    }
    let before = structure(test).await;

    let plan = planned(pair, engine)?;
    let again = planned(pair, engine)?;
    if format!("{:?}", plan.ops) != format!("{:?}", again.ops) {
        return Err("the same pair has two plans".to_owned());
    }
    let kept = kept(pair, &plan);
    let rows = values(test, &kept, false).await;
    apply(test, &plan.ops).await.map_err(told("up"))?;
    differs(
        "it is not what it was to become",
        &wanted,
        &read(test).await,
    )?;
    let mut found = catalog::read(test.db(), &["side".to_owned()])
        .await
        .unwrap();
    let mut target = declared(&pair.to);
    let base = target.clone();
    let asking = Asking {
        db: test.db(),
        scratch: Scratch::Here,
        cache: None,
    };
    ask(asking, engine, &mut found, Some(&base), &mut target)
        .await
        .map_err(|error| error.to_string())?;
    let database = Some((engine, &found));
    let again =
        compare(&target, base, database, &Answers::default()).map_err(|error| error.to_string())?;
    if !again.is_clean() {
        return Err(format!(
            "not clean afterwards: {:#?}\n{:#?}\n{:#?}",
            again.plan, again.drift, again.conflicts
        ));
    }
    differs("rows after up", &rows, &values(test, &kept, true).await)?;

    let down = plan.down(&pair.from);
    apply(test, &down).await.map_err(told("down"))?;
    differs("it is not what it was", &before, &structure(test).await)?;
    let kept: Vec<Kept> = kept
        .into_iter()
        .filter(|kept| !dropped(&plan, kept))
        .collect();
    differs("rows after down", &rows, &values(test, &kept, false).await)
}

/// Carries out operations; PostgreSQL lets nobody use a new value of an enum before it is committed.
async fn apply(test: &TestDatabase, ops: &[Op]) -> Result<(), String> {
    let adds = |op: &Op| matches!(op, Op::AddEnumValue { .. });
    for together in ops.chunk_by(|op, next| !adds(op) || adds(next)) {
        super::apply(test, together).await?;
    }
    Ok(())
}

fn differs<T: PartialEq + std::fmt::Debug>(
    what: &str,
    wanted: &T,
    found: &T,
) -> Result<(), String> {
    if wanted == found {
        return Ok(());
    }
    let (wanted, found) = (format!("{wanted:#?}"), format!("{found:#?}"));
    let only = |a: &str, b: &str| -> String {
        let mut sides = [a, b].map(|side| side.lines().collect::<Vec<_>>());
        sides.iter_mut().for_each(|side| side.sort());
        if sides[0] == sides[1] {
            // The same lines in another order.
            return a.to_owned();
        }
        let other: Vec<&str> = b.lines().collect();
        a.lines()
            .filter(|line| !other.contains(line))
            .collect::<Vec<_>>()
            .join("\n")
    };
    Err(format!(
        "{what}\nwanted:\n{}\nfound:\n{}",
        only(&wanted, &found),
        only(&found, &wanted)
    ))
}

/// A plan without questions: nothing is renamed that is not said to be, and what must not be empty
/// is filled.
fn planned(pair: &Pair, engine: Engine) -> Result<Plan, String> {
    let mut answers = Answers::default();
    for _ in 0..50 {
        let plan = diff(&pair.from, &pair.to, &answers);
        if plan.questions.is_empty() {
            return match plan.notes.is_empty() {
                true => Ok(plan),
                false => Err(format!("cannot be written: {:?}", plan.notes)),
            };
        }
        for question in plan.questions {
            match question {
                Question::RenameTable { from, .. } => {
                    answers.drop_subject(Subject::Table(from));
                }
                Question::RenameSequence { from, .. } => {
                    answers.drop_subject(Subject::Sequence(from));
                }
                Question::RenameColumn { table, from, .. } => {
                    answers.drop_subject(Subject::Column(table, from));
                }
                Question::RenameEnumValue { name, from, .. } => {
                    answers.drop_subject(Subject::Value(format!("{name}.{from}")));
                }
                Question::Backfill { table, column, .. } => {
                    let ty = &pair.to.tables[&table].column(&column).unwrap().ty;
                    let sql = fill(ty, engine);
                    answers.fill_column(table, column, sql);
                }
            }
        }
    }
    Err("the questions never end".to_owned())
}

/// Everything away, and nothing of the next pair begun.
async fn clean(test: &TestDatabase) {
    match test.engine() {
        Engine::Sqlite => {
            let names = test
                .strings(
                    "select name from sqlite_schema where type = 'table' \
                     and name not like 'sqlite\\_%' escape '\\'",
                )
                .await;
            let mut sql = "pragma foreign_keys = off;".to_owned();
            for name in names {
                sql.push_str(&format!("drop table \"{}\";", name.replace('"', "\"\"")));
            }
            let mut connection = test
                .db()
                .get_sqlite_connection_pool()
                .acquire()
                .await
                .unwrap();
            sea_orm::sqlx::raw_sql(sea_orm::sqlx::AssertSqlSafe(sql))
                .execute(&mut *connection)
                .await
                .unwrap();
            sea_orm::sqlx::raw_sql("pragma foreign_keys = on")
                .execute(&mut *connection)
                .await
                .unwrap();
        }
        _ => {
            test.execute(
                "drop schema public cascade; create schema public; drop schema if exists side cascade",
            )
            .await;
        }
    }
}

async fn read(test: &TestDatabase) -> Schema {
    sorted(
        catalog::read(test.db(), &["side".to_owned()])
            .await
            .unwrap()
            .schema,
    )
}

/// The engine's own words, without the order of columns.
async fn structure(test: &TestDatabase) -> Vec<String> {
    let mut lines = test.described().await;
    lines.sort();
    lines
}

/// Columns whose values no operation touches, under both of their names.
#[derive(Debug)]
struct Kept {
    from: Name,
    to: Name,
    columns: BTreeMap<String, String>,
}

fn kept(pair: &Pair, plan: &Plan) -> Vec<Kept> {
    let mut touched: BTreeSet<(Name, String)> = BTreeSet::new();
    for op in &plan.ops {
        match op {
            Op::AlterColumn {
                table,
                column,
                change,
                ..
            } if change.ty.is_some() => {
                touched.insert((table.clone(), column.clone()));
            }
            Op::RenameEnumValue { used_by, .. } => {
                for used in used_by {
                    touched.insert((used.table.clone(), used.column.clone()));
                }
            }
            Op::Backfill(spec) => {
                for (column, _) in &spec.set {
                    touched.insert((spec.table.clone(), column.clone()));
                }
            }
            _ => {}
        }
    }
    rows::tables(&pair.from, &pair.to)
        .into_iter()
        .map(|(to, from)| {
            let table = &pair.to.tables[&to];
            let mut columns = rows::columns(&pair.from.tables[&from], table);
            let touched = |name: &str| touched.contains(&(to.clone(), name.to_owned()));
            let was = columns.clone();
            columns.retain(|new, old| {
                // What is computed follows what it is computed from, which may be another column.
                let expr = |table: &Table, name: &str| {
                    let generated = table.column(name).and_then(|c| c.generated.as_ref());
                    generated.map_or(String::new(), |generated| generated.expr.clone())
                };
                let (sources, before) = (expr(table, new), expr(&pair.from.tables[&from], old));
                let is_other = |source: &str| {
                    let old = was.get(source);
                    touched(source) || old.is_none_or(|old| !before.contains(&quoted(old)))
                };
                !touched(new)
                    && !table.columns.iter().any(|source| {
                        sources.contains(&quoted(&source.name)) && is_other(&source.name)
                    })
            });
            Kept { from, to, columns }
        })
        .filter(|kept| !kept.columns.is_empty())
        .collect()
}

fn dropped(plan: &Plan, kept: &Kept) -> bool {
    let gone = |op: &Op| matches!(op, Op::DropTable { name, .. } if *name == kept.from);
    plan.ops.iter().any(gone)
}

/// The rows of those columns, as text.
async fn values(test: &TestDatabase, kept: &[Kept], after: bool) -> Vec<(Name, Vec<String>)> {
    let mut found = Vec::new();
    for Kept { from, to, columns } in kept {
        let shown: Vec<String> = columns
            .iter()
            .map(|(new, old)| {
                let name = quoted(if after { new } else { old });
                match test.engine() {
                    Engine::Sqlite => format!("quote({name})"),
                    // The collation of a result may not change between uses of a statement.
                    _ => format!("coalesce({name}::text collate \"C\", 'NULL')"),
                }
            })
            .collect();
        let sql = format!(
            "select {} from {}",
            shown.join(" || ', ' || "),
            qualified(if after { to } else { from })
        );
        let mut rows = test.strings(&sql).await;
        rows.sort();
        found.push((from.clone(), rows));
    }
    found
}

fn described(ops: &[Op]) -> String {
    let lines: Vec<String> = ops.iter().flat_map(describe).collect();
    lines.join("\n")
}

/// A pair as `regressions.txt` has it.
fn written(pair: &Pair) -> String {
    let lines = |schema: &Schema| {
        let lines: Vec<String> = facts(schema).iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    let mut hints = Vec::new();
    for sequence in pair.to.sequences.values() {
        if let Some(old) = &sequence.renamed_from {
            hints.push(format!("was sequence\t{}\t{}", sequence.name, old));
        }
    }
    for table in pair.to.tables.values() {
        if let Some(old) = &table.renamed_from {
            hints.push(format!("was\t{}\t{}", table.name, old));
        }
        for column in &table.columns {
            if let Some(old) = &column.renamed_from {
                hints.push(format!("was\t{}\t{}\t{old}", table.name, column.name));
            }
            for (old, new) in &column.enum_hints.renamed_values {
                let place = format!("{}\t{}", table.name, column.name);
                hints.push(format!("was\t{place}\t{old}\t{new}"));
            }
        }
    }
    format!(
        "== name it\n{}\n=>\n{}\n{}\n",
        lines(&pair.from),
        lines(&pair.to),
        hints.join("\n")
    )
}

fn regressions(text: &str) -> Vec<(String, Pair)> {
    let blocks = text.split("\n== ").skip(1);
    blocks
        .map(|block| {
            let (name, rest) = block.split_once('\n').unwrap_or((block, ""));
            let (from, to) = rest.split_once("=>\n").expect("a line `=>`");
            let (hints, to): (Vec<&str>, Vec<&str>) =
                to.lines().partition(|line| line.starts_with("was"));
            let mut to = from_facts(&to.join("\n"), 1).expect(name);
            for hint in hints {
                let parts: Vec<&str> = hint.split('\t').collect();
                if let ["was sequence", name, old] = parts.as_slice() {
                    let mut sequences = to.sequences.values_mut();
                    let named = sequences.find(|it| it.name.to_string() == *name);
                    let old = match old.split_once('.') {
                        Some(("side", old)) => Name::from(("side", old)),
                        _ => Name::from(*old),
                    };
                    named.expect(hint).renamed_from = Some(old);
                    continue;
                }
                let table = to
                    .tables
                    .values_mut()
                    .find(|table| table.name.to_string() == parts[1])
                    .expect(hint);
                match parts.as_slice() {
                    [_, _, old] => table.renamed_from = Some(Name::from(*old)),
                    [_, _, column, old] => {
                        table.column_mut(column).expect(hint).renamed_from =
                            Some((*old).to_owned());
                    }
                    [_, _, column, old, new] => {
                        let hints = &mut table.column_mut(column).expect(hint).enum_hints;
                        let renamed = ((*old).to_owned(), (*new).to_owned());
                        hints.renamed_values.push(renamed);
                    }
                    _ => panic!("{hint}"),
                }
            }
            let from = from_facts(from, 1).expect(name);
            (name.to_owned(), Pair { from, to })
        })
        .collect()
}
