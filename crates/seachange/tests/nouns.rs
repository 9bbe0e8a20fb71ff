//! What a schema is made of, where a case of `scenarios` cannot show it.

use seachange::compare::{compare, read};
use seachange::diff::{Answers, diff};
use seachange::op::{Op, describe};
use seachange::run;
use seachange::schema::{DefaultValue, Engine, Schema, from_facts};
use seachange::source::catalog;

use crate::support::{self, TestDatabase};

/// A table of one column, by its name.
fn table(name: &str) -> String {
    format!("{name} table\n{name} column id integer not null\n{name} primary key (id)\n")
}

async fn apply(test: &TestDatabase, from: &str, to: &str) -> (Schema, Schema, Vec<Op>) {
    let (from, to) = (from_facts(from, 1).unwrap(), from_facts(to, 1).unwrap());
    let plan = diff(&from, &to, &Answers::default());
    assert_eq!(plan.questions, []);
    run::apply(test.db(), &plan.ops).await.unwrap();
    (from, to, plan.ops)
}

/// A number that was taken is not given again, whatever numbers the rows from now on.
#[tokio::test]
async fn numbering_goes_on_where_it_was() {
    let Some(test) = support::postgres().await else {
        return;
    };
    let table = |numbering: &str| {
        format!(
            "t table\nt column id integer not null {numbering}\nt column a text null\nt primary key (id)"
        )
    };
    let next = async |test: &TestDatabase| {
        let sql = "insert into t (a) values ('x') returning cast(id as text)";
        test.strings(sql).await.remove(0)
    };
    apply(&test, "", &table("auto_increment serial")).await;
    test.execute("insert into t (a) select 'x' from generate_series(1, 10)")
        .await;
    test.execute("delete from t where id = 10").await;
    let mut was = "auto_increment serial";
    for (numbering, wanted) in [
        ("auto_increment identity", "11"),
        ("auto_increment serial", "12"),
        ("auto_increment identity always start 5", "13"),
        (
            "auto_increment identity always start 100 increment 10",
            "23",
        ),
        ("", ""),
        ("auto_increment", "24"),
    ] {
        apply(&test, &table(was), &table(numbering)).await;
        if !wanted.is_empty() {
            assert_eq!(next(&test).await, wanted, "{was} -> {numbering}");
        }
        was = numbering;
    }
    // The sequence of a serial column grows with it.
    apply(&test, &table(was), &table("auto_increment serial")).await;
    let big = table("auto_increment serial").replace("integer", "big_integer");
    apply(&test, &table("auto_increment serial"), &big).await;
    let types = "select data_type::text from pg_sequences where sequencename = 't_id_seq'";
    assert_eq!(test.strings(types).await, ["bigint"]);
}

/// A revision that was written for a newer server fails by name, before anything is done.
#[tokio::test]
async fn what_an_older_server_has_not_is_refused_by_name() {
    let Some(test) = support::postgres().await else {
        return;
    };
    let (none, table) = ("", "t table\nt column a integer null\n");
    let (_, one, _) = apply(&test, none, table).await;
    let computed = format!("{table}t column b integer null generated virtual 'a + 1'");
    let plan = diff(
        &one,
        &from_facts(&computed, 1).unwrap(),
        &Answers::default(),
    );
    let told = run::apply(test.db(), &plan.ops)
        .await
        .unwrap_err()
        .to_string();
    let wanted = "column t.b: PostgreSQL computes a column when it is read from version 18 on";
    assert!(told.contains(wanted), "{told}");
}

/// The next value of somebody else's sequence is a default like any other.
#[tokio::test]
async fn the_next_value_of_another_sequence_is_a_default() {
    let Some(test) = support::postgres().await else {
        return;
    };
    test.execute("create sequence post_seq").await;
    let table = "t table\nt column id integer not null\n\
                 t column n integer not null default expr 'nextval(\\'post_seq\\')'\nt primary key (id)";
    let (_, to, _) = apply(&test, "", table).await;
    let found = catalog::read(test.db(), &[]).await.unwrap();
    let column = found.schema.tables[&"t".into()].column("n").unwrap();
    assert!(!column.auto_increment);
    assert!(matches!(&column.default, Some(DefaultValue::Expr(sql)) if sql.contains("post_seq")));
    let database = Some((Engine::Postgres, &found));
    let again = compare(&to, to.clone(), database, &Answers::default()).unwrap();
    assert!(again.is_clean(), "{again:#?}");
    // It is listed, and never dropped.
    let unmanaged: Vec<String> = again.unmanaged.iter().map(ToString::to_string).collect();
    assert_eq!(unmanaged, ["sequence post_seq: big_integer"]);
}

/// A schema comes before its tables and goes with the last of them, if it is empty then.
#[tokio::test]
async fn schemas_come_and_go_with_their_tables() {
    let Some(test) = support::postgres().await else {
        return;
    };
    let schemas =
        "select nspname::text from pg_namespace where nspname in ('audit', 'other') order by 1";
    let there = table("t") + &table("audit.t");
    let moved = table("other.t");
    let (none, one, ops) = apply(&test, "", &there).await;
    assert!(matches!(&ops[0], Op::CreateSchema { name } if name == "audit"));
    assert_eq!(test.strings(schemas).await, ["audit"]);
    let found = read(test.db(), &one, "seaql_migrations").await.unwrap();
    let again = compare(
        &one,
        one.clone(),
        Some((Engine::Postgres, &found)),
        &Answers::default(),
    );
    assert!(again.unwrap().is_clean());

    // What else is in it keeps it.
    test.execute("create view audit.v as select 1 as one").await;
    let mut plan = diff(&none, &one, &Answers::default());
    let down = plan.down(&none);
    run::apply(test.db(), &down).await.unwrap();
    assert_eq!(test.strings(schemas).await, ["audit"]);
    test.execute("drop view audit.v").await;

    plan = diff(&none, &one, &Answers::default());
    run::apply(test.db(), &plan.ops).await.unwrap();
    run::apply(test.db(), &plan.down(&none)).await.unwrap();
    assert!(test.strings(schemas).await.is_empty());

    // From schema to schema, and back into the connection's own.
    let (own, mut other) = (
        from_facts(&table("t"), 1).unwrap(),
        from_facts(&moved, 1).unwrap(),
    );
    other
        .tables
        .get_mut(&("other", "t").into())
        .unwrap()
        .renamed_from = Some("t".into());
    plan = diff(&none, &own, &Answers::default());
    run::apply(test.db(), &plan.ops).await.unwrap();
    test.execute("insert into t values (7)").await;
    plan = diff(&own, &other, &Answers::default());
    run::apply(test.db(), &plan.ops).await.unwrap();
    let rows = "select cast(id as text) from other.t";
    assert_eq!(test.strings(rows).await, ["7"]);
    run::apply(test.db(), &plan.down(&own)).await.unwrap();
    assert_eq!(test.strings("select cast(id as text) from t").await, ["7"]);
    assert!(test.strings(schemas).await.is_empty());
}

/// `public` said and `public` not said are one, and another schema's table is found.
#[tokio::test]
async fn a_table_is_found_in_the_schema_that_is_declared() {
    let Some(test) = support::postgres().await else {
        return;
    };
    test.execute(
        "create table a (id integer primary key); create schema s; \
         create table b (id integer primary key, a_id integer references a); \
         create table s.c (id integer primary key); create table s.theirs (id integer)",
    )
    .await;
    let want = from_facts(
        "public.a table\npublic.a column id integer not null\npublic.a primary key (id)\n\
         b table\nb column id integer not null\nb column a_id integer null\nb primary key (id)\n\
         b foreign key (a_id) -> public.a (id)\n\
         s.c table\ns.c column id integer not null\ns.c primary key (id)\n\
         s.new table\ns.new column id integer not null\ns.new primary key (id)",
        1,
    )
    .unwrap();
    let found = read(test.db(), &want, "seaql_migrations").await.unwrap();
    let mut base = want.clone();
    base.tables.remove(&("s", "new").into());
    let database = Some((Engine::Postgres, &found));
    let comparison = compare(&want, base, database, &Answers::default()).unwrap();
    assert!(comparison.drift.is_empty(), "{:#?}", comparison.drift);
    let ops: Vec<String> = comparison.plan.ops.iter().flat_map(describe).collect();
    assert_eq!(ops, ["+ table s.new (id)"]);
    let unmanaged: Vec<String> = comparison
        .unmanaged
        .iter()
        .map(|fact| fact.key.to_string())
        .collect();
    assert_eq!(unmanaged, ["table s.theirs"]);
}
