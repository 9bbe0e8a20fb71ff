//! Backfills: batch by batch, and on again after they were cut off.

use sea_orm::ConnectionTrait;
use sea_orm_migration::{prelude::*, schema::*};
use seachange::revision::History;
use seachange::run::journal::{self, Status};
use seachange::run::{Event, Options, RunError};
use seachange::schema::Engine;

use super::{RECORD, down, heard, history, ids, recorded, revision, up};
use crate::support::{TestDatabase, engines};

revision!(
    Fill,
    "m1_fill",
    transaction = "per segment",
    |op| {
        op.add_column("users", string_null("full_name"));
        op.backfill("users")
            .set("full_name", Expr::cust("first_name || ' ' || last_name"))
            .only_where(Expr::col("full_name").is_null())
            .batch(100);
        op.create_index("idx-users-full_name", "users", ["full_name"]);
    },
    |op| {
        op.drop_index("idx-users-full_name", "users");
        op.drop_column("users", "full_name");
    }
);

// The done step is another one now.
revision!(
    FillEdited,
    "m1_fill",
    transaction = "per segment",
    |op| {
        op.add_column("users", text("full_name").null());
        op.backfill("users")
            .set("full_name", Expr::cust("first_name || ' ' || last_name"))
            .only_where(Expr::col("full_name").is_null())
            .batch(100);
    },
    |op| {}
);

// Only a step that is not done yet is another one.
revision!(
    FillCorrected,
    "m1_fill",
    transaction = "per segment",
    |op| {
        op.add_column("users", string_null("full_name"));
        op.backfill("users")
            .set(
                "full_name",
                Expr::cust("coalesce(first_name || ' ' || last_name, 'nobody')"),
            )
            .only_where(Expr::col("full_name").is_null())
            .batch(100);
        op.create_index("idx-users-full_name", "users", ["full_name"]);
    },
    |op| {}
);

async fn people(test: &TestDatabase, count: usize) {
    test.execute("create table users (id integer primary key, first_name text, last_name text)")
        .await;
    let rows: Vec<String> = (1..=count).map(|n| format!("({n}, 'a', 'b{n}')")).collect();
    test.execute(&format!("insert into users values {}", rows.join(", ")))
        .await;
}

async fn filled(test: &TestDatabase) -> usize {
    test.strings("select full_name from users where full_name is not null")
        .await
        .len()
}

fn batches(events: &[Event]) -> Vec<(u64, u64)> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::RowsFilled { done, total, .. } => Some((*done, *total)),
            _ => None,
        })
        .collect()
}

/// Makes the update of one row fail.
async fn trap(test: &TestDatabase, id: usize) {
    test.execute(&match test.engine() {
        Engine::Sqlite => format!(
            "create trigger trap before update on users when new.id = {id} \
             begin select raise(abort, 'trapped'); end"
        ),
        _ => format!(
            "create function trap() returns trigger language plpgsql as $$ begin \
             if new.id = {id} then raise exception 'trapped'; end if; return new; end $$; \
             create trigger trap before update on users for each row execute function trap()"
        ),
    })
    .await;
}

async fn untrap(test: &TestDatabase) {
    test.execute(match test.engine() {
        Engine::Sqlite => "drop trigger trap",
        _ => "drop trigger trap on users",
    })
    .await;
}

fn fill() -> History {
    history(vec![Box::new(Fill)])
}

#[tokio::test]
async fn rows_are_filled_in_batches() {
    for test in engines().await {
        people(&test, 250).await;
        let (events, result) = heard(test.db(), &fill(), "head", &Options::default()).await;
        let report = result.unwrap();
        assert_eq!(batches(&events), [(100, 250), (200, 250), (250, 250)]);
        assert_eq!(
            (report.finished[0].rows, report.finished[0].steps),
            (250, 3)
        );
        assert_eq!(filled(&test).await, 250);
        let run = journal::read(test.db(), RECORD)
            .await
            .unwrap()
            .pop()
            .unwrap();
        assert_eq!(
            (run.status, run.rows, run.done.len()),
            (Status::Done, 250, 3)
        );
    }
}

#[tokio::test]
async fn a_backfill_that_was_cut_off_goes_on() {
    for test in engines().await {
        people(&test, 250).await;
        trap(&test, 150).await;
        let Err(RunError::Step(failure)) = up(test.db(), &fill(), "head").await else {
            panic!("it should be trapped");
        };
        assert_eq!((failure.step, failure.of, failure.steps_done), (2, 3, 1));
        assert!(!failure.rolled_back);
        assert!(failure.message.contains("trapped"), "{failure}");
        assert_eq!(filled(&test).await, 100, "the first batch is committed");
        assert!(recorded(&test).await.is_empty());

        // A step that is done is no longer the one in the file.
        let edited = history(vec![Box::new(FillEdited)]);
        let error = up(test.db(), &edited, "head").await.unwrap_err();
        assert_eq!(error.exit_code(), 6);
        let RunError::HalfApplied(half) = &error else {
            panic!("{error}");
        };
        assert_eq!((half.changed, half.steps_done), (1, 1));
        assert!(half.done.contains("string") && half.now.as_deref().unwrap().contains("text"));

        untrap(&test).await;
        let corrected = history(vec![Box::new(FillCorrected)]);
        let (events, result) = heard(test.db(), &corrected, "head", &Options::default()).await;
        assert_eq!(ids(&result.unwrap()), ["m1_fill"]);
        assert!(
            events
                .iter()
                .any(|event| matches!(event, Event::Resumed { step: 2, of: 3, .. }))
        );
        assert_eq!(batches(&events), [(100, 150), (150, 150)]);
        assert_eq!(filled(&test).await, 250);
        assert_eq!(recorded(&test).await, ["m1_fill"]);
        let runs = journal::read(test.db(), RECORD).await.unwrap();
        assert_eq!(runs.len(), 1, "one run, from its first segment to its last");
        assert_eq!(runs[0].status, Status::Done);
    }
}

#[tokio::test]
async fn rows_without_a_value_do_not_stop_a_backfill() {
    for test in engines().await {
        people(&test, 250).await;
        // NULL || 'x' is NULL: the filter still holds for these rows after they were filled.
        test.execute("update users set first_name = null where id <= 120")
            .await;
        up(test.db(), &fill(), "head").await.unwrap();
        assert_eq!(filled(&test).await, 130);
    }
}

revision!(
    Keys,
    "m1_keys",
    |op| {
        op.backfill("pairs").set("filled", Expr::val(1)).batch(2);
        op.backfill("texts").set("filled", Expr::val(1)).batch(2);
        op.backfill("keyless").set("filled", Expr::val(1)).batch(2);
    },
    |op| {}
);

#[tokio::test]
async fn keys_of_any_kind() {
    for test in engines().await {
        test.execute(
            "create table pairs (b text, a integer, filled integer, primary key (a, b)); \
             insert into pairs (a, b) values (1, 'x'), (1, 'y'), (2, 'a''b'), (2, 'b'), (3, 'a'); \
             create table texts (k text primary key, filled integer); \
             insert into texts (k) values ('a'), ('B'), ('it''s'), ('\\'), (''); \
             create table keyless (k text, filled integer); \
             insert into keyless (k) values ('a'), ('a'), ('b');",
        )
        .await;
        if test.engine() == Engine::Sqlite {
            test.execute(
                "drop table pairs; create table pairs (b text, a integer, filled integer, \
                 primary key (a, b)) without rowid; \
                 insert into pairs (a, b) values (1, 'x'), (1, 'y'), (2, 'a''b'), (2, 'b'), (3, 'a')",
            )
            .await;
        }
        let history = history(vec![Box::new(Keys)]);
        let (events, result) = heard(test.db(), &history, "head", &Options::default()).await;
        result.unwrap();
        for (table, count) in [("pairs", 5), ("texts", 5), ("keyless", 3)] {
            let sql = format!("select cast(filled as text) from {table} where filled = 1");
            assert_eq!(
                test.strings(&sql).await.len(),
                count,
                "{} {table}",
                test.engine()
            );
        }
        assert_eq!(batches(&events)[..3], [(2, 5), (4, 5), (5, 5)]);
    }
}

revision!(
    OnlyFill,
    "m1_only",
    |op| {
        op.backfill("users")
            .set("last_name", Expr::val("c"))
            .batch(100);
    },
    |op| {}
);

#[tokio::test]
async fn batches_that_are_committed_are_told() {
    for test in engines().await {
        people(&test, 250).await;
        trap(&test, 150).await;
        let only = history(vec![Box::new(OnlyFill)]);
        let Err(RunError::Step(failure)) = up(test.db(), &only, "head").await else {
            panic!("it should be trapped");
        };
        assert!(!failure.rolled_back, "{failure}");
        let run = journal::read(test.db(), RECORD)
            .await
            .unwrap()
            .pop()
            .unwrap();
        assert_eq!((run.status, run.rows), (Status::Failed, 100));
    }
}

revision!(
    Concurrently,
    "m1_index",
    |op| {
        op.add_column("users", integer_null("age"));
        op.execute_on(
            Engine::Postgres,
            "create index concurrently by_age on users (age)",
        );
        op.execute_on(Engine::Sqlite, "vacuum");
    },
    |op| {}
);

#[tokio::test]
async fn a_statement_that_no_transaction_can_hold() {
    for test in engines().await {
        people(&test, 3).await;
        up(test.db(), &history(vec![Box::new(Concurrently)]), "head")
            .await
            .unwrap();
        assert_eq!(recorded(&test).await, ["m1_index"]);
    }
}

revision!(
    Require,
    "m1_require",
    transaction = "per segment",
    |op| {
        op.alter_column("users", "last_name").set_not_null();
    },
    |op| {
        op.alter_column("users", "last_name").drop_not_null();
    }
);

/// On PostgreSQL the rows are looked through by a check that locks nobody out, and SET NOT NULL
/// believes it. A row without a value leaves nothing of that behind.
#[tokio::test]
async fn a_column_is_required_without_a_long_lock() {
    for test in engines().await {
        people(&test, 3).await;
        test.execute("update users set last_name = null where id = 2")
            .await;
        let require = history(vec![Box::new(Require)]);
        let error = up(test.db(), &require, "head").await.unwrap_err();
        assert!(error.to_string().to_lowercase().contains("null"), "{error}");
        let before = test.structure().await;
        if test.engine() == Engine::Postgres {
            let left = "select conname::text from pg_constraint where contype = 'c' \
                        and connamespace = current_schema()::regnamespace";
            assert!(test.strings(left).await.is_empty());
        }

        test.execute("update users set last_name = 'b2' where id = 2")
            .await;
        let (events, result) = heard(test.db(), &require, "head", &Options::default()).await;
        result.unwrap();
        let validated = events.iter().any(|event| {
            matches!(event, Event::Statement { sql, .. } if sql.contains("VALIDATE CONSTRAINT"))
        });
        assert_eq!(validated, test.engine() == Engine::Postgres);
        let refused = test
            .db()
            .execute_unprepared("insert into users (id) values (9)")
            .await;
        assert!(refused.is_err(), "the column is required now");

        down(test.db(), &require, "base").await.unwrap();
        assert_eq!(test.structure().await, before);
    }
}
