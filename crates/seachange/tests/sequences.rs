//! Sequences that no column owns, where a case of `scenarios` cannot show it.

use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use seachange::compare::{Comparison, adopt, compare, read};
use seachange::dialect::{canonical, postgres};
use seachange::diff::{Answers, Question, Subject, diff};
use seachange::op::{Op, describe, message};
use seachange::run;
use seachange::schema::{Engine, Schema, from_facts};
use seachange::source::catalog;

use crate::support::{TestDatabase, postgres as server};

fn schema(text: &str) -> Schema {
    from_facts(text, 1).unwrap()
}

async fn make(test: &TestDatabase, from: &Schema, to: &Schema) -> Result<(), String> {
    let plan = diff(from, to, &Answers::default());
    assert_eq!(plan.questions, []);
    let done = run::apply(test.db(), &plan.ops).await;
    done.map_err(|error| error.to_string())
}

async fn compared(test: &TestDatabase, base: &Schema, want: &Schema) -> Comparison {
    let found = read(test.db(), want, "seaql_migrations").await.unwrap();
    let database = Some((Engine::Postgres, &found));
    compare(want, base.clone(), database, &Answers::default()).unwrap()
}

/// One that was used goes on; one that somebody set somewhere does too.
#[tokio::test]
async fn a_sequence_that_nobody_used_begins_with_its_new_start() {
    let Some(test) = server().await else { return };
    let one = schema("sequence a: big_integer\nsequence b: big_integer\nsequence c: big_integer");
    let other = schema(
        "sequence a: integer start 500 minimum 100\nsequence b: integer start 500\n\
         sequence c: integer start 500",
    );
    make(&test, &Schema::default(), &one).await.unwrap();
    test.execute("select nextval('b'); select setval('c', 40, false)")
        .await;
    make(&test, &one, &other).await.unwrap();
    let next = "select nextval(name)::text from (values ('a'), ('b'), ('c')) v (name)";
    assert_eq!(test.strings(next).await, ["500", "2", "40"]);
    // It is used now, and 1 is too little.
    let refused = make(&test, &other, &schema("sequence a: integer maximum 400")).await;
    assert!(refused.unwrap_err().contains("RESTART value (500)"));
}

/// All options, names of any letters, another schema; for a role that owns nothing and wherever its
/// search path leads.
#[tokio::test]
async fn what_is_made_is_read_by_anybody() {
    let Some(test) = server().await else { return };
    let declared = schema(
        "sequence \"Count \\\"it's\": small_integer start 7 increment 2 minimum 3 maximum 99 cache 5 cycle\n\
         sequence down: integer increment -1\nsequence far.down: big_integer start -5 increment -5\n\
         sequence usual: big_integer start 1 increment 1 minimum 1 cache 1",
    );
    make(&test, &Schema::default(), &declared).await.unwrap();
    test.execute("create schema other; create sequence other.free; create sequence far.free")
        .await;
    let role = format!("{}_reader", test.url().rsplit('/').next().unwrap());
    // Only what may be used can be the connection's own schema.
    test.execute(&format!(
        "create role \"{role}\"; grant usage on schema far to \"{role}\""
    ))
    .await;
    let mut found = Vec::new();
    for path in ["public", "public, far", "far, public"] {
        let mut options = ConnectOptions::new(test.url());
        options.max_connections(1);
        options.set_schema_search_path(path);
        let db = Database::connect(options).await.unwrap();
        db.execute_unprepared(&format!("set role \"{role}\""))
            .await
            .unwrap();
        let schemas = ["public".to_owned(), "far".to_owned()];
        let read = catalog::read(&db, &schemas).await;
        found.push(read.unwrap());
        db.close().await.unwrap();
    }
    test.execute(&format!("drop owned by \"{role}\"; drop role \"{role}\""))
        .await;
    let mut wanted = canonical(Engine::Postgres, &declared).unwrap().schema;
    let free = schema("sequence far.free: big_integer").sequences;
    wanted.sequences.extend(free);
    assert_eq!(found[0].schema, wanted);
    assert_eq!(found[1].schema, wanted);
    let names = found[2].schema.sequences.keys();
    let names: Vec<String> = names.map(ToString::to_string).collect();
    let in_full = [
        "down",
        "free",
        "public.Count \"it's",
        "public.down",
        "public.usual",
    ];
    assert_eq!(names, in_full);
    let usual = &found[0].schema.sequences[&"usual".into()];
    assert_eq!(usual.to_string(), "big_integer");
}

/// A sequence that was ours, and that a column owns by now, goes with the column and not before.
#[tokio::test]
async fn what_a_column_took_is_not_dropped() {
    let Some(test) = server().await else { return };
    let table = "t table\nt column id integer not null default expr 'nextval(\\'s\\')'\n\
                 t primary key (id)\n";
    let base = schema(&format!("sequence s: integer\n{table}"));
    make(&test, &Schema::default(), &base).await.unwrap();
    test.execute("alter sequence s owned by t.id").await;
    let want =
        schema("t table\nt column id integer not null auto_increment serial\nt primary key (id)\n");
    let found = compared(&test, &base, &want).await;
    let words: Vec<String> = found.plan.ops.iter().flat_map(describe).collect();
    assert_eq!(words.last().unwrap(), "- sequence s");
    let last = found.plan.ops.len() - 1;
    assert!(found.already.contains(&last), "{:?}", found.already);
    assert!(found.steps()[last].guarded);
    for sql in postgres::guarded(&found.plan.ops[last]).unwrap() {
        test.execute(&sql).await;
    }
    test.execute("insert into t default values").await;

    // One that the other way round a column lost is nobody's.
    test.execute("alter sequence s owned by none").await;
    let found = compared(&test, &want, &want).await;
    assert!(found.plan.ops.is_empty());
    let unmanaged: Vec<String> = found.unmanaged.iter().map(ToString::to_string).collect();
    assert_eq!(
        unmanaged,
        [
            "t column id default nextval('s'::regclass)",
            "sequence s: integer"
        ]
    );
}

/// A sequence of that name that a column owns is not taken for the one that is declared.
#[tokio::test]
async fn what_a_column_owns_is_not_here_already() {
    let Some(test) = server().await else { return };
    test.execute("create table t (id serial primary key)").await;
    let want = schema("sequence t_id_seq: integer\nsequence public.x: integer");
    let found = compared(&test, &Schema::default(), &want).await;
    assert!(found.already.is_empty());
    let [conflict] = found.conflicts.as_slice() else {
        panic!("{:?}", found.conflicts)
    };
    assert_eq!(conflict.key.to_string(), "sequence t_id_seq");
    let owned = "integer owned by 't.id'";
    assert_eq!(conflict.found.as_deref(), Some(owned));

    // What is declared with the name of the connection's own schema is found there.
    test.execute("create sequence x as integer").await;
    let found = compared(&test, &want, &want).await;
    let drift: Vec<String> = found.drift.iter().map(|it| it.key.to_string()).collect();
    assert_eq!(drift, ["sequence t_id_seq"]);
}

/// What is here of the declared sequences is adopted as it is; the others are made.
#[tokio::test]
async fn sequences_are_adopted_as_they_are() {
    let Some(test) = server().await else { return };
    test.execute("create sequence a start 5; create sequence b cache 20; create sequence free")
        .await;
    let want = schema(
        "sequence a: big_integer start 5 increment 1\nsequence b: big_integer\n\
         sequence c: big_integer",
    );
    let found = read(test.db(), &want, "seaql_migrations").await.unwrap();
    let base = adopt(&want, Engine::Postgres, &found).unwrap();
    let comparison = compared(&test, &base, &want).await;
    let words: Vec<String> = comparison.plan.ops.iter().flat_map(describe).collect();
    assert_eq!(
        words,
        ["~ sequence b: usual cache", "+ sequence c (big_integer)"]
    );
    assert_eq!(comparison.drift, []);
    let unmanaged: Vec<String> = comparison
        .unmanaged
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(unmanaged, ["sequence free: big_integer"]);
}

#[test]
fn what_is_asked_and_said() {
    let (from, to) = (
        schema("sequence a: integer\nsequence b: big_integer"),
        schema("sequence c: integer\nsequence side.d: integer"),
    );
    let mut answers = Answers::default();
    let plan = diff(&from, &to, &answers);
    let asked = Question::RenameSequence {
        from: "a".into(),
        to: vec!["c".into(), ("side", "d").into()],
    };
    assert_eq!(plan.questions, [asked]);
    answers.rename("sequence:a=side.d").unwrap();
    let plan = diff(&from, &to, &answers);
    assert_eq!(plan.questions, []);
    let words = message(&plan.ops).unwrap();
    assert_eq!(words, "rename a to d");
    answers.drop_subject(Subject::Sequence("a".into()));
    assert_eq!(answers.idle(&to, &to), ["sequence:a=side.d", "sequence:a"]);
    let alone = diff(&schema(""), &schema("sequence c: integer"), &answers).ops;
    assert_eq!(message(&alone).as_deref(), Some("create sequence c"));

    // Two cannot have been one.
    let mut to = schema("sequence c: integer\nsequence d: integer");
    for sequence in to.sequences.values_mut() {
        sequence.renamed_from = Some("a".into());
    }
    let plan = diff(&schema("sequence a: integer"), &to, &Answers::default());
    let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
    assert_eq!(
        words,
        ["~ sequence a renamed to c", "+ sequence d (integer)"]
    );
    assert_eq!(plan.notes[0].object, "sequence d");
    assert!(matches!(&plan.ops[1], Op::CreateSequence(new) if new.renamed_from.is_none()));
}

#[test]
fn a_snapshot_says_what_is_no_sequence() {
    for (line, problem) in [
        ("sequence a", "`:` is expected"),
        ("sequence a: text", "big_integer, not text"),
        ("sequence a: integer start x", "is expected before `x`"),
        ("sequence a: integer increment 1.5", "no whole number"),
        ("sequence a: integer up", "`up` is not understood"),
        ("sequence a: integer\nsequence a: integer", "declared twice"),
    ] {
        let error = from_facts(line, 1).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
    let long = format!("sequence {}: integer", "x".repeat(64));
    let refused = canonical(Engine::Postgres, &schema(&long)).unwrap_err();
    assert!(refused.to_string().contains("cuts names to 63 bytes"));
}
