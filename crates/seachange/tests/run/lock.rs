//! One at a time, whatever happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sea_orm_migration::prelude::*;
use seachange::run::{Event, Options, RunError, upgrade};

use super::history::*;
use super::{history, recorded, revision, tables, up};
use crate::support::{TestDatabase, engines, postgres};

fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Users), Box::new(Tasks), Box::new(Tags)]
}

/// Twenty upgrades at once; each revision is run by exactly one of them.
async fn twenty(test: &TestDatabase, own_pools: bool) {
    let ran = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let db = match own_pools {
            true => test.connect().await,
            false => test.db().clone(),
        };
        let ran = Arc::clone(&ran);
        tasks.push(tokio::spawn(async move {
            let mut listen = |event: &Event| {
                if matches!(event, Event::RevisionFinished { .. }) {
                    ran.fetch_add(1, Ordering::SeqCst);
                }
            };
            let history = history(all());
            upgrade(&db, &history, "head", &Options::default(), &mut listen)
                .await
                .map(|report| report.finished.len())
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(ran.load(Ordering::SeqCst), 3, "{}", test.engine());
    assert_eq!(recorded(test).await.len(), 3);
    assert_eq!(tables(test).await, ["tags", "tasks", "users"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_tasks_on_one_pool() {
    for test in engines().await {
        twenty(&test, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_pools() {
    for test in engines().await {
        twenty(&test, true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_tasks_in_memory() {
    let db = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                up(&db, &history(all()), "head")
                    .await
                    .unwrap()
                    .finished
                    .len()
            })
        })
        .collect();
    let mut ran = 0;
    for task in tasks {
        ran += task.await.unwrap();
    }
    assert_eq!(ran, 3);
}

#[tokio::test]
async fn the_lock_is_free_after_a_failure() {
    for test in engines().await {
        let broken = history(vec![Box::new(Users), Box::new(Tasks), Box::new(TagsBroken)]);
        up(test.db(), &broken, "head").await.unwrap_err();
        let options = Options {
            wait: Duration::ZERO,
            ..Options::default()
        };
        upgrade(test.db(), &history(all()), "head", &options, &mut |_| {})
            .await
            .unwrap();
    }
}

// Its code does not end.
revision!(
    Endless,
    "m1_endless",
    |op| {
        op.execute("create table half (id integer)");
        op.run("wait for ever", |_| Box::pin(std::future::pending()));
    },
    |op| {}
);

#[tokio::test(flavor = "multi_thread")]
async fn a_waiter_sees_the_holder_and_a_dropped_run_lets_go() {
    for test in engines().await {
        let db = test.connect().await;
        let (began, mut begun) = tokio::sync::mpsc::unbounded_channel();
        let holder = tokio::spawn(async move {
            let mut options = Options::default();
            options.identity.host = "tasks-7f9c".to_owned();
            options.identity.program = "app".to_owned();
            let endless = history(vec![Box::new(Endless)]);
            let mut listen = |event: &Event| {
                if matches!(event, Event::StepStarted { step: 2, .. }) {
                    began.send(()).unwrap();
                }
            };
            upgrade(&db, &endless, "head", &options, &mut listen).await
        });
        begun.recv().await.unwrap();

        let options = Options {
            wait: Duration::from_millis(200),
            ..Options::default()
        };
        let mut waiting = Vec::new();
        let mut listen = |event: &Event| {
            if let Event::Waiting { holder, .. } = event {
                waiting.push(holder.clone().unwrap_or_default());
            }
        };
        let error = upgrade(test.db(), &history(all()), "head", &options, &mut listen)
            .await
            .unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(
            matches!(
                &error,
                RunError::Locked {
                    holder: Some(_),
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(waiting[0].starts_with("tasks-7f9c (pid "), "{waiting:?}");

        // The future is dropped in the middle of its transaction.
        holder.abort();
        assert!(holder.await.unwrap_err().is_cancelled());
        let options = Options {
            wait: Duration::from_secs(20),
            ..Options::default()
        };
        upgrade(test.db(), &history(all()), "head", &options, &mut |_| {})
            .await
            .unwrap();
        assert_eq!(
            tables(&test).await,
            ["tags", "tasks", "users"],
            "nothing of the half"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiter_does_not_block_an_index_that_is_built_concurrently() {
    let Some(test) = postgres().await else { return };
    revision!(
        Index,
        "m1_index",
        |op| {
            op.execute("create table big as select n from generate_series(1, 1000) n");
            op.run("until somebody waits", |db| Box::pin(async move {
            loop {
                let sql = "select 1 from pg_stat_activity where application_name like 'waiter%' \
                           and datname = current_database()";
                let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
                if db.query_one_raw(statement).await?.is_some() {
                    return Ok(());
                }
                tokio::task::yield_now().await;
            }
        }));
            op.execute("create index concurrently big_n on big (n)");
        },
        |op| {}
    );
    let db = test.connect().await;
    let first = tokio::spawn(async move {
        up(&db, &history(vec![Box::new(Index)]), "head")
            .await
            .map(|_| ())
    });
    // The waiter begins while the first one holds the lock.
    let mut options = Options::default();
    options.identity.host = "waiter".to_owned();
    upgrade(
        test.db(),
        &history(vec![Box::new(Index)]),
        "head",
        &options,
        &mut |_| {},
    )
    .await
    .unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(recorded(&test).await, ["m1_index"]);
}
