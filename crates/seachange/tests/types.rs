//! Every plain type made of every other one, on tables that hold a row.

use seachange::compare::compare;
use seachange::dialect::canonical;
use seachange::diff::{Answers, diff};
use seachange::op::{Op, describe, destroys};
use seachange::run;
use seachange::schema::{Column, Engine, Length, PrimaryKey, Schema, Table, Type};
use seachange::source::catalog;

use crate::support::{TestDatabase, engines, recorded, sqlite};

/// Types, and a value of each that many of the others can take.
fn types(engine: Engine) -> Vec<(Type, &'static str)> {
    let mut types = vec![
        (Type::Char(Some(8)), "'1'"),
        (Type::String(Length::Unspecified), "'1'"),
        (Type::String(Length::N(40)), "'1'"),
        (Type::Text, "'1'"),
        (Type::SmallInteger, "1"),
        (Type::Integer, "1"),
        (Type::BigInteger, "1"),
        (Type::Float, "1"),
        (Type::Double, "1"),
        (Type::Decimal(None), "1"),
        (Type::Decimal(Some((12, 2))), "1"),
        (Type::DateTime, "'2026-01-02 03:04:05'"),
        (Type::TimestampWithTimeZone, "'2026-01-02 03:04:05+00'"),
        (Type::Time, "'03:04:05'"),
        (Type::Date, "'2026-01-02'"),
        (Type::Blob, "'1'"),
        (Type::Boolean, "true"),
        (Type::Json, "'1'"),
        (Type::JsonBinary, "'1'"),
        (Type::Uuid, "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
    ];
    if engine == Engine::Postgres {
        types.extend([
            (Type::Interval(None, None), "'1 day'"),
            (Type::Bit(Some(4)), "B'1010'"),
            (Type::Cidr, "'10.0.0.0/8'"),
            (Type::Inet, "'10.0.0.1'"),
            (Type::MacAddr, "'08:00:2b:01:02:03'"),
            (Type::Money(None), "'1.00'"),
            (Type::Array(Box::new(Type::Integer)), "'{1}'"),
            (Type::Array(Box::new(Type::Text)), "'{1}'"),
            (Type::Custom("tsvector".to_owned()), "'a'"),
            (Type::Custom("point".to_owned()), "'(1,2)'"),
            (
                Type::Custom("timestamp(3) with time zone".to_owned()),
                "'2026-01-02 03:04:05+00'",
            ),
        ]);
    }
    types
}

fn table(ty: &Type) -> Schema {
    columns(&[ty])
}

/// A table of columns `c`, `c1`, `c2`, … of these types.
fn columns(types: &[&Type]) -> Schema {
    let mut table = Table::new("t");
    table.columns.push(Column::new("id", Type::Integer));
    for (at, ty) in types.iter().enumerate() {
        let name = match at {
            0 => "c".to_owned(),
            at => format!("c{at}"),
        };
        table.columns.push(Column {
            nullable: true,
            ..Column::new(name, (*ty).clone())
        });
    }
    table.primary_key = Some(PrimaryKey {
        columns: vec!["id".to_owned()],
        ..PrimaryKey::default()
    });
    let mut schema = Schema::default();
    schema.insert(table);
    schema
}

async fn apply(test: &TestDatabase, ops: &[Op]) -> Result<(), String> {
    let ops: Vec<Op> = ops.iter().map(recorded).collect();
    let done = run::apply(test.db(), &ops).await;
    done.map_err(|error| error.to_string())
}

/// Each type becomes every other one, of which a table holds a column each: there and back, or it is
/// refused by name and nothing is changed.
#[tokio::test]
async fn every_type_becomes_every_other_or_is_refused_by_name() {
    for test in engines().await {
        let types = types(test.engine());
        let mut failures = Vec::new();
        for (from, value) in &types {
            failures.extend(others(&test, from, &types, value).await);
            test.execute("drop table t").await;
        }
        assert!(
            failures.is_empty(),
            "{} of {} on {}\n{}",
            failures.len(),
            types.len() * (types.len() - 1),
            test.engine(),
            failures.join("\n")
        );
    }
}

async fn others(
    test: &TestDatabase,
    from: &Type,
    types: &[(Type, &'static str)],
    value: &str,
) -> Vec<String> {
    let others: Vec<&Type> = types.iter().map(|(ty, _)| ty).collect();
    let from_schema = columns(&vec![from; others.len()]);
    let create = diff(&Schema::default(), &from_schema, &Answers::default());
    apply(test, &create.ops).await.unwrap();
    let values = vec![value; others.len()].join(", ");
    test.execute(&format!("insert into t values (1, {values})"))
        .await;
    let mut failures = Vec::new();
    let mut now: Vec<&Type> = vec![from; others.len()];
    let mut down = Vec::new();
    for (at, to) in others.iter().enumerate() {
        let mut next = now.clone();
        next[at] = to;
        let plan = diff(&columns(&now), &columns(&next), &Answers::default());
        match apply(test, &plan.ops).await {
            Ok(()) => {
                down.extend(plan.down(&columns(&now)));
                now = next;
            }
            // The value itself may not fit; then the engine names it.
            Err(problem) if names_the_value(&problem) => {}
            Err(problem) => failures.push(format!("{from} -> {to}: {problem}")),
        }
    }
    let reached = columns(&now);
    let found = catalog::read(test.db(), &[]).await.unwrap();
    let database = Some((test.engine(), &found));
    let words = canonical(test.engine(), &reached).unwrap().schema;
    let again = compare(&reached, reached.clone(), database, &Answers::default()).unwrap();
    if found.schema != words || !again.is_clean() {
        failures.push(format!("{from} does not converge: {again:?}"));
    }
    test.execute("delete from t").await;
    down.reverse();
    for op in down {
        if let Err(problem) = apply(test, std::slice::from_ref(&op)).await {
            failures.push(format!("{:?} -> {from}: {problem}", describe(&op)));
        }
    }
    let found = catalog::read(test.db(), &[]).await.unwrap().schema;
    if found != canonical(test.engine(), &from_schema).unwrap().schema {
        failures.push(format!("{from} does not come back"));
    }
    failures
}

/// What an engine says of a value that does not fit, or what we say before.
fn names_the_value(problem: &str) -> bool {
    [
        "invalid input syntax",
        "is not a valid",
        "invalid input value",
        "malformed",
        "out of range",
        "too long",
        "would lose 1 value",
        "invalid ",
        "in tsvector",
        "not recognized",
    ]
    .iter()
    .any(|words| problem.contains(words))
}

/// A lossy change of a type is marked, one that keeps every value is not.
#[test]
fn a_lossy_change_of_a_type_is_marked() {
    let n = |n| Type::String(Length::N(n));
    let decimal = |p, s| Type::Decimal(Some((p, s)));
    for (from, to, lossy) in [
        (n(50), n(10), true),
        (n(10), n(50), false),
        (n(10), Type::Text, false),
        (Type::Text, n(10), true),
        (Type::Integer, Type::BigInteger, false),
        (Type::BigInteger, Type::Integer, true),
        (decimal(10, 2), decimal(12, 2), false),
        (decimal(10, 2), decimal(10, 3), true),
        (decimal(10, 2), Type::Decimal(Some((10, 0))), true),
        (Type::Text, Type::Integer, true),
        (Type::Double, Type::Float, true),
        (Type::Float, Type::Double, false),
        (Type::DateTime, Type::Date, true),
        (Type::Date, Type::DateTime, false),
        (Type::Json, Type::JsonBinary, false),
    ] {
        let ops = diff(&table(&from), &table(&to), &Answers::default()).ops;
        assert_eq!(
            ops.iter().any(|op| destroys(op).is_some()),
            lossy,
            "{from} -> {to}"
        );
    }
}

/// SQLite would make 0 of 'abc' and say nothing.
#[tokio::test]
async fn a_value_that_does_not_fit_is_seen_before_it_is_lost() {
    let test = sqlite().await;
    let (from, to) = (table(&Type::Text), table(&Type::Integer));
    apply(
        &test,
        &diff(&Schema::default(), &from, &Answers::default()).ops,
    )
    .await
    .unwrap();
    test.execute("insert into t values (1, 'abc'), (2, '4.5'), (3, '12'), (4, null)")
        .await;
    let plan = diff(&from, &to, &Answers::default());
    let losses = run::losses(test.db(), &plan.ops).await.unwrap();
    assert_eq!(losses.len(), 1);
    assert_eq!((losses[0].what.as_str(), losses[0].count), ("t.c", 2));
    let rows = test.rows("t").await;
    let problem = apply(&test, &plan.ops).await.unwrap_err();
    assert!(
        problem.contains("column t.c: SQLite would lose 2 values"),
        "{problem}"
    );
    assert!(problem.contains("--allow-data-loss"), "{problem}");
    assert_eq!(test.rows("t").await, rows);
    test.execute("update t set c = '7' where id < 3").await;
    apply(&test, &plan.ops).await.unwrap();
    let sum = test.strings("select cast(sum(c) as text) from t").await;
    assert_eq!(sum, ["26"]);
}
