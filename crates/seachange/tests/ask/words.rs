//! The same in other words, and another meaning in nearly the same ones.

use seachange::compare::Scratch;
use seachange::diff::{Answers, diff};
use seachange::run;
use seachange::schema::Schema;

use super::{compared, schema};
use crate::support::{TestDatabase, postgres};

/// A table that every case adds to.
pub(super) const TASKS: &str = "enum mood: sad, glad\nsequence post_seq: big_integer\n\
    tasks table\ntasks column id integer not null\ntasks column n integer null\n\
    tasks column big big_integer null\ntasks column price decimal(10,2) null\n\
    tasks column ratio double null\ntasks column raw decimal null\n\
    tasks column name string(40) null\ntasks column body text null\ntasks column code char(3) null\n\
    tasks column born date null\ntasks column at timestamp_with_time_zone null\n\
    tasks column done boolean null\ntasks column jb json_binary null\n\
    tasks column mood enum mood null\ntasks column \"Upper Case\" integer null\n\
    tasks primary key (id)\n";

/// What an entity declares, and how a person might have made the same by hand.
const SAME: &[(&str, &str)] = &[
    (
        "tasks exclusion ex ('int4range(n,n+1)' with '&&') using gist where 'not done and price > 1'",
        "add constraint ex exclude using gist (int4range(n, (n + 1)) with &&) \
         where (not (done) and (price > 1::numeric))",
    ),
    (
        "tasks check ck 'name in (\\'a\\', \\'b\\')'",
        "add constraint ck check (name in ('a', 'b'))",
    ),
    (
        "tasks check ck 'price >= 0'",
        "add constraint ck check (price >= 0::numeric)",
    ),
    ("tasks check 'price >= 0'", "add check (price >= 0)"),
    (
        "tasks check ck 'name in (\\'a\\', \\'b\\')'",
        "add constraint ck check (name = any (array['a', 'b']))",
    ),
    (
        "tasks check ck 'n between 1 and 5'",
        "add constraint ck check (n >= 1 and n <= 5)",
    ),
    (
        "tasks check ck 'n > 0\\n  and\\n  n < 9'",
        "add constraint ck check (n > 0 and n < 9)",
    ),
    (
        "tasks check ck 'mood in (\\'sad\\', \\'glad\\')'",
        "add constraint ck check (mood = any (array['sad', 'glad']::mood[]))",
    ),
    (
        "tasks check ck 'mood <> \\'sad\\''",
        "add constraint ck check (mood != 'sad')",
    ),
    (
        "tasks check ck '\"Upper Case\" > 0 or body like \\'a%\\''",
        "add constraint ck check ((\"Upper Case\" > 0) or (body ~~ 'a%'))",
    ),
    (
        "tasks check ck 'length(name) > 2'",
        "add constraint ck check (length(name) > 2)",
    ),
    (
        "tasks check ck 'at > \\'2020-1-1\\''",
        "add constraint ck check (at > '2020-01-01')",
    ),
    (
        "tasks check ck 'case when done then n > 0 else true end'",
        "add constraint ck check (case when done then n > 0 else true end)",
    ),
    (
        "tasks check 'n > 0'\ntasks check 'n < 10'\ntasks check 'price < 100'",
        "add check (price < 100), add check (n < 10), add check (n > 0)",
    ),
    // Defaults.
    (
        "body default 'has \\' quote'",
        "alter body set default 'has '' quote'",
    ),
    ("body default '//slash'", "alter body set default '//slash'"),
    ("body default 'it\\'s'", "alter body set default 'it''s'"),
    ("n default 15", "alter n set default '15'"),
    ("raw default 0", "alter raw set default 0.00"),
    ("raw default 5", "alter raw set default 5.0"),
    ("ratio default 5.0", "alter ratio set default 5"),
    (
        "at default expr 'timezone(\\'utc\\', current_timestamp)'",
        "alter at set default TIMEZONE('utc', CURRENT_TIMESTAMP)",
    ),
    (
        "body default expr 'substring(\\'name\\',1,3)'",
        "alter body set default substring('name', 1,  3)",
    ),
    (
        "n default expr 'nextval(\\'post_seq\\')'",
        "alter n set default nextval('post_seq'::regclass)",
    ),
    (
        "price default expr 'nextval(\\'post_seq\\')'",
        "alter price set default nextval('post_seq')",
    ),
    (
        "jb default '{\"b\": 1,   \"a\": [1, 2]}'",
        "alter jb set default '{\"a\": [1, 2], \"b\": 1}'",
    ),
    (
        "born default expr 'current_date + 1'",
        "alter born set default (CURRENT_DATE+1)",
    ),
    ("n default expr '2 + 3'", "alter n set default 2+3"),
    // Indexes.
    (
        "tasks index ix (n, big desc)",
        "create index ix on tasks (n asc nulls last, big desc nulls first)",
    ),
    (
        "tasks index ix ('(jb->\\'x\\')')",
        "create index ix on tasks ((jb -> 'x'))",
    ),
    (
        "tasks index ix ('cast(jb->>\\'x\\' as integer)')",
        "create index ix on tasks (((jb ->> 'x')::integer))",
    ),
    (
        "tasks index ix ('jb->\\'x\\'' opclass jsonb_path_ops) using gin",
        "create index ix on tasks using gin ((jb -> 'x') jsonb_path_ops)",
    ),
    (
        "tasks index ix (name opclass text_ops)",
        "create index ix on tasks (name)",
    ),
    (
        "tasks index ix ('lower(name)') unique",
        "create unique index ix on tasks (lower(name))",
    ),
    (
        "tasks index ix (n) where 'price > 0 and not done'",
        "create index ix on tasks (n) where (price > 0::numeric) and (not done)",
    ),
];

/// Two forms of which only the second differs in meaning, or in value.
const CHANGED: &[(&str, &str, &str)] = &[
    (
        "tasks exclusion ex ('int4range(n,n+1)' with '&&') using gist",
        "add constraint ex exclude using gist (int4range(n, n + 2) with &&)",
        "drift exclusion ex on tasks",
    ),
    (
        "tasks check ck 'price >= 0'",
        "add constraint ck check (price > 0)",
        "drift check ck on tasks",
    ),
    (
        "tasks check ck 'price >= 0'",
        "add constraint ck check (price >= 0.5)",
        "drift check ck on tasks",
    ),
    (
        "tasks check ck 'name in (\\'a\\', \\'b\\')'",
        "add constraint ck check (name in ('a', 'c'))",
        "drift check ck on tasks",
    ),
    (
        "tasks check ck 'name = \\'a\\''",
        "add constraint ck check (name = 'A')",
        "drift check ck on tasks",
    ),
    (
        "body default expr 'lower(\\'A\\')'",
        "alter body set default upper('A')",
        "drift column tasks.body",
    ),
    (
        "raw default 0",
        "alter raw set default 0.01",
        "drift column tasks.raw",
    ),
    (
        "jb default '{\"a\": 1}'",
        "alter jb set default '{\"a\": 2}'",
        "drift column tasks.jb",
    ),
    (
        "tasks index ix ('jb->\\'x\\'')",
        "create index ix on tasks ((jb -> 'y'))",
        "drift index ix on tasks",
    ),
    (
        "tasks index ix ('jb->\\'x\\'' opclass jsonb_path_ops) using gin",
        "create index ix on tasks using gin ((jb -> 'x'))",
        "drift index ix on tasks",
    ),
    (
        "tasks index ix (n) where 'price > 0'",
        "create index ix on tasks (n) where price > 1",
        "drift index ix on tasks",
    ),
];

/// The tasks with what a case declares: a line of its own, or a default for a column.
pub(super) fn declared(case: &str) -> Schema {
    let Some((column, _)) = case
        .split_once(" default ")
        .filter(|_| !case.starts_with("tasks "))
    else {
        return schema(&format!("{TASKS}{case}"));
    };
    let begins = format!("tasks column {column} ");
    let lines = TASKS.lines().map(|line| match line.starts_with(&begins) {
        true => format!("{line}{}", &case[column.len()..]),
        false => line.to_owned(),
    });
    schema(&lines.collect::<Vec<_>>().join("\n"))
}

/// The tasks as somebody made them by hand.
pub(super) async fn by_hand(test: &TestDatabase, sql: &str) {
    test.execute("drop table if exists tasks").await;
    test.execute("drop type if exists mood").await;
    test.execute("drop sequence if exists post_seq").await;
    let create = diff(&Schema::default(), &schema(TASKS), &Answers::default());
    run::apply(test.db(), &create.ops).await.unwrap();
    let sql = match sql.starts_with("create ") {
        true => sql.to_owned(),
        false => format!("alter table tasks {sql}"),
    };
    test.execute(&sql).await;
}

/// The promise: no false difference, and no note, whichever hand made it.
#[tokio::test]
async fn the_same_in_other_words_is_the_same() {
    let Some(test) = postgres().await else {
        return;
    };
    let mut failures = Vec::new();
    for (case, sql) in SAME {
        by_hand(&test, sql).await;
        let want = declared(case);
        let heard = compared(&test, &want, &want, Scratch::Here, None).await;
        failures.extend(heard.failure(case, &[]));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// The other promise: no silent miss.
#[tokio::test]
async fn another_meaning_is_seen() {
    let Some(test) = postgres().await else {
        return;
    };
    let mut failures = Vec::new();
    for (case, sql, expected) in CHANGED {
        by_hand(&test, sql).await;
        let want = declared(case);
        let heard = compared(&test, &want, &want, Scratch::Here, None).await;
        failures.extend(heard.failure(case, &[expected]));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
