//! Enums that change by the runner: values that rows still hold, and values that have to be
//! committed before they are used.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::enum_type;
use seachange::revision::History;
use seachange::run::journal::{self, Status};
use seachange::run::{Event, Options, RunError};
use seachange::schema::Engine;

use super::{RECORD, down, heard, history, ids, recorded, revision, up};
use crate::support::{TestDatabase, engines, postgres};

revision!(
    Forget,
    "m1_forget",
    |op| {
        op.create_index("idx-tasks-id", "tasks", ["id"]);
        op.remove_enum_value("status", "done")
            .used_by("tasks", "status")
            .used_by("notes", "status");
    },
    |op| {
        op.add_enum_value("status", "done");
        op.drop_index("idx-tasks-id", "tasks");
    }
);

// Here a step before decides, so only the step itself can tell.
revision!(
    ForgetAfterSql,
    "m1_forget",
    |op| {
        op.execute("update notes set status = 'todo'");
        op.remove_enum_value("status", "done")
            .used_by("tasks", "status")
            .used_by("notes", "status");
    },
    |op| {}
);

/// Two tables that use the type, one of them as an array where there are arrays.
async fn tasks(test: &TestDatabase) {
    let postgres = test.engine() == Engine::Postgres;
    let (ty, tags) = match postgres {
        true => ("status", "status[]"),
        false => ("text", "text"),
    };
    if postgres {
        test.execute("create type status as enum ('todo', 'done')")
            .await;
    }
    test.execute(&format!(
        "create table tasks (id integer primary key, status {ty} not null, was {tags}); \
         create table notes (id integer primary key, status {ty}); \
         insert into tasks (id, status) values (1, 'todo'), (2, 'done'), (3, 'done'); \
         insert into notes values (1, 'done'), (2, null)"
    ))
    .await;
    if postgres {
        test.execute("update tasks set was = '{todo,done}' where id = 1")
            .await;
    }
}

#[tokio::test]
async fn a_value_that_rows_hold_is_not_removed() {
    for test in engines().await {
        tasks(&test).await;
        let before = test.structure().await;
        let forget = history(vec![Box::new(Forget)]);
        let error = up(test.db(), &forget, "head").await.unwrap_err();
        assert_eq!(error.exit_code(), 1);
        let RunError::Held { revision, at, held } = &error else {
            panic!("{error}");
        };
        assert_eq!(revision, "m1_forget");
        assert!(at.contains("tests/run/"), "{at}");
        let mut rows: Vec<String> = held
            .rows
            .iter()
            .map(|(used, count)| format!("{count} in {}.{}", used.table, used.column))
            .collect();
        rows.sort();
        let mut wanted = vec!["1 in notes.status", "2 in tasks.status"];
        if test.engine() == Engine::Postgres {
            wanted.insert(1, "1 in tasks.was");
        }
        assert_eq!(rows, wanted, "{}", test.engine());
        let told = error.to_string();
        assert!(
            told.contains("value `done` of enum status cannot be removed: "),
            "{told}"
        );
        assert!(told.contains("2 rows of `tasks.status`"), "{told}");

        // Behind a step that changes rows it is found when its turn comes, and all goes back.
        let later = history(vec![Box::new(ForgetAfterSql)]);
        let Err(RunError::Step(failure)) = up(test.db(), &later, "head").await else {
            panic!("it should be refused");
        };
        assert_eq!((failure.step, failure.rolled_back), (2, true));
        assert!(
            failure.message.contains("2 rows of `tasks.status`")
                && !failure.message.contains("notes"),
            "{failure}"
        );
        assert_eq!(
            test.strings("select cast(status as text) from notes where id = 1")
                .await,
            ["done"]
        );
        assert!(recorded(&test).await.is_empty());

        // With other values in the rows it goes, and comes back.
        test.execute("update tasks set status = 'todo', was = null; delete from notes")
            .await;
        up(test.db(), &forget, "head").await.unwrap();
        assert_eq!(recorded(&test).await, ["m1_forget"]);
        if test.engine() == Engine::Postgres {
            let insert = "insert into notes values (1, 'done')";
            assert!(test.try_execute(insert).await.is_err());
        }
        down(test.db(), &forget, "base").await.unwrap();
        test.execute(&format!(
            "drop table {RECORD}; drop table {}",
            journal::TABLE
        ))
        .await;
        assert_eq!(test.structure().await, before, "{}", test.engine());
    }
}

revision!(
    Blocked,
    "m1_blocked",
    transaction = "per segment",
    |op| {
        op.add_enum_value("status", "blocked").after("todo");
        op.add_enum_value("status", "late").after("done");
        op.alter_column("tasks", "status").set_default("blocked");
        op.execute("insert into tasks (id) select id + 10 from tasks");
    },
    |op| {
        op.execute("delete from tasks where id > 10");
        op.alter_column("tasks", "status").drop_default();
        op.remove_enum_value("status", "late");
        op.remove_enum_value("status", "blocked");
    }
);

fn blocked() -> History {
    history(vec![Box::new(Blocked)])
}

async fn values(test: &TestDatabase) -> Vec<String> {
    test.strings("select enumlabel::text from pg_enum order by enumsortorder")
        .await
}

/// In the first segment the values are committed, in the second they are used. The process dies
/// between them.
#[tokio::test]
async fn new_values_are_committed_and_a_run_that_died_behind_them_goes_on() {
    let Some(test) = postgres().await else { return };
    tasks(&test).await;
    let before = test.structure().await;
    let db = test.db().clone();
    let died = tokio::spawn(async move {
        let mut listen = |event: &Event| {
            if matches!(event, Event::StepStarted { step: 3, .. }) {
                panic!("the power is gone");
            }
        };
        let options = Options::default();
        seachange::run::upgrade(&db, &blocked(), "head", &options, &mut listen).await
    });
    assert!(died.await.is_err());
    assert_eq!(values(&test).await, ["todo", "blocked", "done", "late"]);
    assert!(recorded(&test).await.is_empty());
    let runs = journal::read(test.db(), RECORD).await.unwrap();
    assert_eq!((runs[0].status, runs[0].done.len()), (Status::Partial, 2));

    // The server refuses the next step, and then it does not.
    test.execute("alter table tasks add constraint few check (id < 10)")
        .await;
    let (events, result) = heard(test.db(), &blocked(), "head", &Options::default()).await;
    let Err(RunError::Step(failure)) = result else {
        panic!("{result:?}");
    };
    assert_eq!((failure.step, failure.of, failure.steps_done), (4, 4, 2));
    assert!(!failure.rolled_back, "the values stay");
    let resumed = |event: &Event| matches!(event, Event::Resumed { step: 3, of: 4, .. });
    assert!(events.iter().any(resumed));

    test.execute("alter table tasks drop constraint few").await;
    let (events, result) = heard(test.db(), &blocked(), "head", &Options::default()).await;
    assert_eq!(ids(&result.unwrap()), ["m1_blocked"]);
    assert!(events.iter().any(resumed));
    assert!(
        !events.iter().any(
            |event| matches!(event, Event::Statement { sql, .. } if sql.contains("ADD VALUE"))
        )
    );
    let sql = "select distinct status::text from tasks where id > 10";
    assert_eq!(test.strings(sql).await, ["blocked"]);
    let runs = journal::read(test.db(), RECORD).await.unwrap();
    assert_eq!(runs.len(), 1, "one run, from its first segment to its last");
    assert_eq!((runs[0].status, runs[0].done.len()), (Status::Done, 4));

    down(test.db(), &blocked(), "base").await.unwrap();
    assert_eq!(values(&test).await, ["todo", "done"]);
    test.execute(&format!(
        "drop table {RECORD}; drop table {}",
        journal::TABLE
    ))
    .await;
    assert_eq!(test.structure().await, before);
}

revision!(
    Elsewhere,
    "m1_elsewhere",
    |op| {
        op.create_enum(("audit", "mood"), ["good", "bad"]);
        op.create_table(
            Table::create()
                .table("t")
                .col(integer("id"))
                .col(
                    ColumnDef::new_with_type("one", enum_type(("audit", "mood"), ["good", "bad"]))
                        .not_null()
                        .default("bad"),
                )
                .col(array_null(
                    "many",
                    enum_type(("audit", "mood"), ["good", "bad"]),
                ))
                .col(text("later"))
                .to_owned(),
        );
        op.alter_column("t", "later")
            .set_type(enum_type(("audit", "mood"), ["good", "bad"]));
    },
    |op| {
        op.drop_table("t");
        op.drop_enum(("audit", "mood"));
    }
);

/// As a module has it that was written for a type of another schema.
#[tokio::test]
async fn a_type_of_another_schema_is_found_there() {
    let Some(test) = postgres().await else { return };
    let history = history(vec![Box::new(Elsewhere)]);
    up(test.db(), &history, "head").await.unwrap();
    let types = "select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute \
                 where attrelid = 't'::regclass and attnum > 1 order by attnum";
    assert_eq!(
        test.strings(types).await,
        ["one audit.mood", "many audit.mood[]", "later audit.mood"]
    );
    test.execute("insert into t values (1, default, '{good}', 'good')")
        .await;
    assert_eq!(test.strings("select one::text from t").await, ["bad"]);
    down(test.db(), &history, "base").await.unwrap();
}

revision!(
    Sort,
    "m1_sort",
    |op| {
        op.reorder_enum("status", ["done", "todo"])
            .used_by("tasks", "status")
            .used_by("notes", "status");
    },
    |op| {
        op.reorder_enum("status", ["todo", "done"])
            .used_by("tasks", "status")
            .used_by("notes", "status");
    }
);

#[tokio::test]
async fn a_value_that_nobody_declared_stays_when_others_change_places() {
    let Some(test) = postgres().await else { return };
    tasks(&test).await;
    test.execute("alter type status add value 'old' before 'done'")
        .await;
    test.execute("update notes set status = 'old'").await;
    let sort = history(vec![Box::new(Sort)]);
    up(test.db(), &sort, "head").await.unwrap();
    assert_eq!(values(&test).await, ["done", "todo", "old"]);
    down(test.db(), &sort, "base").await.unwrap();
    assert_eq!(values(&test).await, ["todo", "done", "old"]);
    let notes = test
        .strings("select distinct status::text from notes")
        .await;
    assert_eq!(notes, ["old"]);
}
