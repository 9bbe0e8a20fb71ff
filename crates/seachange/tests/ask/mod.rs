//! Texts that a server keeps in its own words: compared by what they mean, changed by what they say.

mod sure;
mod words;

use std::path::Path;

use sea_orm::{ConnectionTrait, TransactionTrait};
use seachange::compare::{Asking, Comparison, Scratch, adopt, ask, compare};
use seachange::diff::{Answers, diff};
use seachange::op::describe;
use seachange::run;
use seachange::schema::{DefaultValue, Engine, Schema, from_facts};
use seachange::source::catalog;

use self::words::{TASKS, by_hand, declared};
use crate::support::{TestDatabase, engines, postgres};

fn schema(text: &str) -> Schema {
    from_facts(text, 1).unwrap()
}

/// A check that was never named is found by what it says: in SQLite's text, and on PostgreSQL
/// through the server's own words for it.
#[tokio::test]
async fn checks_without_names_come_change_and_go() {
    const TABLE: &str = "t table\nt column id integer not null\nt column n integer not null\n\
        t column s string(9) null\nt primary key (id)\n";
    for test in engines().await {
        let what = test.engine();
        let from = schema(&format!(
            "{TABLE}t check 'n between 0 and 5'\nt check 's in (\\'a\\', \\'bc\\')'"
        ));
        let to = schema(&format!("{TABLE}t check 'n >= 0'\nt check 'length(s) > 0'"));
        let create = diff(&Schema::default(), &from, &Answers::default());
        run::apply(test.db(), &create.ops).await.unwrap();
        test.execute("insert into t (id, n, s) values (1, 2, 'bc')")
            .await;
        let before = test.structure().await;
        let plan = diff(&from, &to, &Answers::default());
        assert!(plan.notes.is_empty(), "{what}: {:?}", plan.notes);
        run::apply(test.db(), &plan.ops).await.unwrap();
        test.execute("insert into t (id, n, s) values (2, 50, 'x')")
            .await;
        assert!(
            test.try_execute("insert into t (id, n, s) values (3, 0, '')")
                .await
                .is_err(),
            "{what}"
        );
        test.execute("delete from t where id = 2").await;
        run::apply(test.db(), &plan.down(&from)).await.unwrap();
        assert!(
            test.try_execute("insert into t (id, n, s) values (3, 9, 'a')")
                .await
                .is_err(),
            "{what}"
        );
        // The names that the server chooses are in the order in which the checks come.
        assert_eq!(
            before.lines().count(),
            test.structure().await.lines().count()
        );
        let gone = diff(&from, &schema(TABLE), &Answers::default()).ops;
        run::apply(test.db(), &gone).await.unwrap();
        test.execute("insert into t (id, n, s) values (4, 9, '')")
            .await;
        let error = run::apply(test.db(), &gone).await.unwrap_err().to_string();
        assert!(error.contains("check"), "{what}: {error}");
    }
}

/// What is asked while comparing, and what comes of it.
struct Heard {
    comparison: Comparison,
    /// What the server could not be asked about.
    left_out: Vec<String>,
}

async fn compared(
    test: &TestDatabase,
    base: &Schema,
    want: &Schema,
    scratch: Scratch<'_>,
    cache: Option<&Path>,
) -> Heard {
    let mut want = want.clone();
    let mut catalog = catalog::read(test.db(), &[]).await.unwrap();
    let asking = Asking {
        db: test.db(),
        scratch,
        cache,
    };
    ask(asking, test.engine(), &mut catalog, Some(base), &mut want)
        .await
        .unwrap();
    let database = Some((test.engine(), &catalog));
    let comparison = compare(&want, base.clone(), database, &Answers::default()).unwrap();
    let left_out = comparison.notes.iter();
    Heard {
        left_out: left_out
            .filter(|note| note.reason.contains("is not compared: "))
            .map(|note| format!("{}: {}", note.object, note.reason))
            .collect(),
        comparison,
    }
}

impl Heard {
    /// What is otherwise than expected, so that all cases are looked at.
    fn failure(&self, case: &str, expected: &[&str]) -> Option<String> {
        let found = self.differences();
        (found != expected || !self.left_out.is_empty()).then(|| {
            let Comparison { drift, .. } = &self.comparison;
            format!("{case}: {found:?} {:?} {drift:?}", self.left_out)
        })
    }

    fn differences(&self) -> Vec<String> {
        let Comparison {
            plan,
            drift,
            unmanaged,
            conflicts,
            ..
        } = &self.comparison;
        let mut all: Vec<String> = plan.ops.iter().flat_map(describe).collect();
        all.extend(drift.iter().map(|drift| format!("drift {}", drift.key)));
        all.extend(
            unmanaged
                .iter()
                .map(|fact| format!("unmanaged {}", fact.key)),
        );
        all.extend(conflicts.iter().map(|one| format!("conflict {}", one.key)));
        all
    }
}

/// Generated columns, multi-line texts among them.
#[tokio::test]
async fn generated_columns_are_compared_by_meaning() {
    let Some(test) = postgres().await else {
        return;
    };
    let base = |generated: &str| {
        schema(&format!(
            "t table\nt column a text null\nt column n integer null\n{generated}"
        ))
    };
    test.execute(
        "create table t (a text, n integer, \
         v tsvector generated always as (to_tsvector('english', a)) stored, \
         m integer generated always as (n * 2 + 1) stored)",
    )
    .await;
    let same = base(
        "t column v custom 'tsvector' null generated stored 'to_tsvector(\\'english\\', a)'\n\
         t column m integer null generated stored '(n * 2)\\n  + 1'",
    );
    let heard = compared(&test, &same, &same, Scratch::Here, None).await;
    assert_eq!(heard.failure("same", &[]), None);
    let other = base(
        "t column v custom 'tsvector' null generated stored 'to_tsvector(\\'german\\', a)'\n\
         t column m integer null generated stored 'n * (2 + 1)'",
    );
    let heard = compared(&test, &other, &other, Scratch::Here, None).await;
    let expected = ["drift column t.m", "drift column t.v"];
    assert_eq!(heard.failure("other", &expected), None);
}

/// An enum that gains a value is built anew beside the old one: the new value can be used.
#[tokio::test]
async fn an_enum_that_gains_a_value_is_asked_about() {
    let Some(test) = postgres().await else {
        return;
    };
    by_hand(&test, "add constraint ck check (mood <> 'glad')").await;
    let base = declared("tasks check ck 'mood != \\'glad\\''");
    let text = format!("{TASKS}tasks check ck 'mood in (\\'sad\\', \\'calm\\')'");
    let want = schema(&text.replace("sad, glad", "sad, calm, glad"));
    let heard = compared(&test, &base, &want, Scratch::Here, None).await;
    assert_eq!(heard.left_out, [""; 0]);
    assert_eq!(heard.comparison.drift, []);
}

/// What entities and history say in different words is no change while the server takes it for the
/// same, and what somebody did to the database stays drift.
#[tokio::test]
async fn other_words_for_the_same_are_no_change() {
    let Some(test) = postgres().await else {
        return;
    };
    by_hand(&test, "add constraint ck check (price >= 0)").await;
    test.execute("create index ix on tasks (((jb -> 'x')))")
        .await;
    let base = declared("tasks check ck 'price >= 0'\ntasks index ix ('jb->\\'x\\'')");
    let want = declared(
        "tasks check ck 'price>=cast(0 as numeric)'\ntasks index ix ('(jb -> \\'x\\'::text)')",
    );
    let heard = compared(&test, &base, &want, Scratch::Here, None).await;
    assert_eq!(heard.failure("reworded", &[]), None);
    let want = declared("tasks check ck 'price >= 1'\ntasks index ix ('jb->\\'x\\'')");
    let heard = compared(&test, &base, &want, Scratch::Here, None).await;
    let change = ["- check ck on tasks", "+ check ck on tasks: price >= 1"];
    assert_eq!(heard.failure("changed", &change), None);
    test.execute("alter table tasks drop constraint ck, add constraint ck check (price > 7)")
        .await;
    let heard = compared(&test, &base, &base, Scratch::Here, None).await;
    assert_eq!(heard.failure("drifted", &["drift check ck on tasks"]), None);
}

/// Blank space is no change, with or without a database.
#[test]
fn another_spelling_is_no_change() {
    let base = declared("tasks check ck 'price >= 0 and n < 5'\ntasks index ix ('lower(name)')");
    for (text, changes) in [
        (
            "tasks check ck '( PRICE>=0\\n and \"n\" <5 )'\ntasks index ix ('LOWER( name )')",
            0,
        ),
        (
            "tasks check ck 'price >= 0 and n < 6'\ntasks index ix ('lower(name)')",
            2,
        ),
        (
            "tasks check ck 'price >= 0 and n < 5'\ntasks index ix ('lower(\"Name\")')",
            2,
        ),
    ] {
        let found = compare(&declared(text), base.clone(), None, &Answers::default()).unwrap();
        assert_eq!(
            found.plan.ops.len(),
            changes,
            "{text}: {:?}",
            found.plan.ops
        );
    }
}

/// Checks without names are told apart by what they say, not counted.
#[tokio::test]
async fn unnamed_checks_are_matched_by_what_they_say() {
    let Some(test) = postgres().await else {
        return;
    };
    by_hand(&test, "add check (price > 0), add check (price < 100)").await;
    let base = declared("tasks check 'price > 0'\ntasks check 'price < 50'");
    let heard = compared(&test, &base, &base, Scratch::Here, None).await;
    let expected = [
        "drift check 'price < 50' on tasks",
        "unmanaged check 'price < (100)::numeric' on tasks",
    ];
    assert_eq!(heard.failure("one of two", &expected), None);
    let base = declared("tasks check 'price > 0'\ntasks check 'price < 100'");
    let want = declared("tasks check 'price > 0'");
    let heard = compared(&test, &base, &want, Scratch::Here, None).await;
    let expected = ["- check on tasks: price < 100"];
    assert_eq!(heard.failure("dropped", &expected), None);
    run::apply(test.db(), &heard.comparison.plan.ops)
        .await
        .unwrap();
    let heard = compared(&test, &want, &want, Scratch::Here, None).await;
    assert_eq!(heard.failure("converged", &[]), None);
}

/// One text that the server refuses leaves out that one, by name and reason, and no other.
#[tokio::test]
async fn what_cannot_be_built_is_noted() {
    let Some(test) = postgres().await else {
        return;
    };
    by_hand(
        &test,
        "add constraint a check (length(name) > 1), add constraint b check (length(body) > 1)",
    )
    .await;
    let base = declared(
        "tasks check a 'char_length(nothing) > 1'\ntasks check b 'length( body ) > (1)'\n\
         tasks index ix ('upper(name)')",
    );
    test.execute("create index ix on tasks (lower(name))").await;
    let heard = compared(&test, &base, &base, Scratch::Here, None).await;
    let expected = ["drift index ix on tasks"];
    assert_eq!(heard.differences(), expected);
    assert_eq!(
        heard.left_out,
        [
            "check a on tasks: its condition is not compared: PostgreSQL does not build it: \
             column \"nothing\" does not exist"
        ]
    );
}

/// A second look costs no statement that builds: the role may not any more, and nothing is left out.
#[tokio::test]
async fn answers_are_remembered() {
    let Some(test) = postgres().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seachange/answers");
    by_hand(
        &test,
        "add check (length(name) > 1), alter at set default now() + interval '1 day', \
         alter n set default 1 + 1",
    )
    .await;
    test.execute("create index ix on tasks (lower(name)) where length(body) > 3")
        .await;
    let base = declared(
        "tasks check 'length( name )>1'\n\
         tasks index ix ('lower(name)') where 'length(body) > 3'",
    );
    let plain = test.connect().await;
    let role = format!("seachange_reader_{}", std::process::id());
    let database = test.strings("select current_database()").await.remove(0);
    let here = |temporary: bool| {
        format!(
            "{} temporary on database {database} {} public",
            if temporary { "grant" } else { "revoke" },
            if temporary { "to" } else { "from" }
        )
    };
    test.execute(&format!("drop role if exists {role}")).await;
    test.execute(&format!("create role {role}")).await;
    test.execute(&here(false)).await;
    let one = sea_orm::ConnectOptions::new(test.url())
        .max_connections(1)
        .to_owned();
    let reader = sea_orm::Database::connect(one).await.unwrap();
    reader
        .execute_unprepared(&format!("set role {role}"))
        .await
        .unwrap();
    let look = async |cache: Option<&Path>| {
        let mut want = base.clone();
        let mut catalog = catalog::read(&reader, &[]).await.unwrap();
        let asking = Asking {
            db: &reader,
            scratch: Scratch::Here,
            cache,
        };
        ask(
            asking,
            Engine::Postgres,
            &mut catalog,
            Some(&base),
            &mut want,
        )
        .await
        .unwrap();
        let notes = catalog.notes.iter();
        notes
            .filter(|note| note.reason.contains("TEMPORARY"))
            .count()
    };
    // Not allowed, nothing remembered: both texts are named.
    assert_eq!(look(Some(&file)).await, 2);
    assert!(!file.exists());
    test.execute(&here(true)).await;
    assert_eq!(look(Some(&file)).await, 0);
    assert!(file.is_file());
    test.execute(&here(false)).await;
    assert_eq!(look(Some(&file)).await, 0);
    assert_eq!(look(None).await, 2);
    std::fs::write(&file, "seachange answers 1\nnonsense").unwrap();
    assert_eq!(look(Some(&file)).await, 2);
    // An answer that no longer fits is no answer: the server is asked again.
    test.execute(&here(true)).await;
    assert_eq!(look(Some(&file)).await, 0);
    test.execute("drop index ix; create index ix on tasks (lower(name)) where length(body) > 4")
        .await;
    assert_eq!(look(Some(&file)).await, 0);
    test.execute(&here(false)).await;
    assert_eq!(look(Some(&file)).await, 1);
    drop(plain);
    reader.close().await.unwrap();
    test.execute(&format!("drop role {role}")).await;
}

/// Nothing of the user is locked, waited for or left behind; and nothing is built where it may not.
#[tokio::test]
async fn no_table_is_locked_and_nothing_stays() {
    let Some(test) = postgres().await else {
        return;
    };
    by_hand(&test, "add check (length(name) > 1)").await;
    let base = declared("tasks check 'char_length(name) > 1'");
    let mut catalog = catalog::read(test.db(), &[]).await.unwrap();
    let holder = test.connect().await;
    let held = holder.begin().await.unwrap();
    held.execute_unprepared("lock table tasks in access exclusive mode")
        .await
        .unwrap();
    let asking = Asking {
        db: test.db(),
        scratch: Scratch::Here,
        cache: None,
    };
    let mut want = base.clone();
    let asked = ask(
        asking,
        Engine::Postgres,
        &mut catalog,
        Some(&base),
        &mut want,
    );
    tokio::time::timeout(std::time::Duration::from_secs(20), asked)
        .await
        .unwrap()
        .unwrap();
    held.rollback().await.unwrap();
    let left = "select relname from pg_class where relnamespace in \
                (select oid from pg_namespace where nspname like 'pg\\_temp%')";
    assert!(test.strings(left).await.is_empty());
    for (sql, reason) in [
        ("default_transaction_read_only = on", "read-only"),
        ("default_transaction_read_only = off", ""),
    ] {
        let database = test.strings("select current_database()").await.remove(0);
        test.execute(&format!("alter database {database} set {sql}"))
            .await;
        let db = test.connect().await;
        let mut catalog = catalog::read(&db, &[]).await.unwrap();
        let asking = Asking { db: &db, ..asking };
        ask(
            asking,
            Engine::Postgres,
            &mut catalog,
            Some(&base),
            &mut want,
        )
        .await
        .unwrap();
        let left_out = catalog.notes.iter();
        let left_out = left_out.filter(|note| note.reason.contains("is not compared: "));
        let reasons: Vec<&str> = left_out.map(|note| note.reason.as_str()).collect();
        assert_eq!(reasons.len(), usize::from(!reason.is_empty()));
        assert!(
            reasons.iter().all(|found| found.contains(reason)),
            "{reasons:?}"
        );
        test.try_execute(&format!("alter database {database} reset all"))
            .await
            .ok();
    }
    // Elsewhere, and nowhere.
    let heard = compared(&test, &base, &base, Scratch::There(test.url()), None).await;
    assert_eq!(heard.left_out, [""; 0]);
    let heard = compared(&test, &base, &base, Scratch::Nowhere("for a test"), None).await;
    assert_eq!(heard.differences(), [""; 0]);
    assert_eq!(
        heard.left_out,
        ["check 'char_length(name) > 1' on tasks: its condition is not compared: for a test"]
    );
}

/// While a project is adopted, what means the same is declared and done, whatever it is called; what
/// says something else is a change.
#[tokio::test]
async fn adoption_goes_by_what_texts_mean() {
    let Some(test) = postgres().await else {
        return;
    };
    by_hand(
        &test,
        "add constraint price_is_positive check (price > 0::numeric), \
         add constraint ck_n check (n in (1, 2)), add constraint ck_body check (body <> 'x'), \
         alter n set default (1 + 1), alter at set default timezone('utc', now())",
    )
    .await;
    test.execute("create index ix on tasks (lower(name)) where not done and length(body) > 2")
        .await;
    let mut want = declared(
        "tasks check 'price > 0'\ntasks check ck_n 'n = 1 or n = 2'\n\
         tasks check ck_body 'body != \\'x\\''\n\
         tasks index ix ('lower(name)') where 'not done and length(body) > 2'",
    );
    let table = want.tables.values_mut().next().unwrap();
    let expr = |sql: &str| Some(DefaultValue::Expr(sql.to_owned()));
    table.column_mut("n").unwrap().default = expr("1+1");
    table.column_mut("at").unwrap().default = expr("timezone('utc', current_timestamp)");
    let mut catalog = catalog::read(test.db(), &[]).await.unwrap();
    let asking = Asking {
        db: test.db(),
        scratch: Scratch::Here,
        cache: None,
    };
    ask(asking, Engine::Postgres, &mut catalog, None, &mut want)
        .await
        .unwrap();
    let base = adopt(&want, Engine::Postgres, &catalog).unwrap();
    let plan = diff(&base, &want, &Answers::default());
    let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
    assert_eq!(
        words,
        [
            "- check ck_n on tasks",
            "+ check ck_n on tasks: n = 1 or n = 2",
        ]
    );
}

/// Tables of one name in two schemas, and more tables than are built at once.
#[tokio::test]
async fn many_tables_and_several_schemas() {
    let Some(test) = postgres().await else {
        return;
    };
    let mut made = String::from("create schema audit;");
    let mut text = String::new();
    for number in 0..230 {
        made.push_str(&format!(
            "create table t{number} (a text check (length(a) > {number}));"
        ));
        text.push_str(&format!(
            "t{number} table\nt{number} column a text null\nt{number} check 'length( a ) > {number}::int'\n"
        ));
    }
    made.push_str("create table audit.t1 (a varchar(9) check (length(a) > 3));");
    text.push_str(
        "audit.t1 table\naudit.t1 column a string(9) null\naudit.t1 check 'length(a) > (3)'\n",
    );
    test.execute(&made).await;
    let base = schema(&text);
    let mut catalog = catalog::read(test.db(), &["audit".to_owned()])
        .await
        .unwrap();
    let mut want = base.clone();
    test.ask(&mut catalog, &base, &mut want).await;
    let database = Some((test.engine(), &catalog));
    let found = compare(&want, base, database, &Answers::default()).unwrap();
    assert!(found.is_clean(), "{:#?}", found.drift);
    let left_out = found.notes.iter();
    assert_eq!(
        left_out
            .filter(|note| note.reason.contains("not compared"))
            .count(),
        0
    );
}
