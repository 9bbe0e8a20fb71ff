//! SQLite's rebuilds under the runner: children survive, and a foreign runner cannot make us lose
//! them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use sea_orm_migration::{prelude::*, schema::*};
use seachange::run::RunError;

use super::{down, history, recorded, revision, tables, up};
use crate::support::{TestDatabase, engines, sqlite};

revision!(
    Family,
    "m1_family",
    |op| {
        op.create_table(
            Table::create()
                .table("parents")
                .col(pk_auto("id"))
                .col(string_null("name"))
                .to_owned(),
        );
        op.create_table(
            Table::create()
                .table("children")
                .col(pk_auto("id"))
                .col(integer("parent_id"))
                .foreign_key(
                    ForeignKey::create()
                        .name("fk-children-parent_id")
                        .from("children", "parent_id")
                        .to("parents", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        );
    },
    |op| {
        op.drop_table("children");
        op.drop_table("parents");
    }
);

revision!(Require, "m2_require" <- "m1_family", |op| {
    op.alter_column("parents", "name").set_not_null();
    op.create_check("ck-parents-name", "parents", Expr::cust("name <> ''"));
}, |op| {
    op.drop_check("ck-parents-name", "parents");
    op.alter_column("parents", "name").drop_not_null();
});

// Leaves children behind whose parents are gone.
revision!(Orphans, "m3_orphans" <- "m2_require", |op| {
    op.execute("delete from parents");
    op.alter_column("parents", "name").drop_not_null();
}, |op| {});

async fn family(test: &TestDatabase) {
    up(test.db(), &history(vec![Box::new(Family)]), "head")
        .await
        .unwrap();
    test.execute("insert into parents (name) values ('a'), ('b')")
        .await;
    test.execute("insert into children (parent_id) values (1), (1), (2)")
        .await;
}

#[tokio::test]
async fn children_survive_a_rebuild() {
    for test in engines().await {
        family(&test).await;
        let history = history(vec![Box::new(Family), Box::new(Require)]);
        let before = test.structure().await;
        up(test.db(), &history, "head").await.unwrap();
        assert_eq!(test.rows("children").await.len(), 3);
        assert!(
            test.try_execute("insert into parents (name) values (null)")
                .await
                .is_err()
        );
        // Foreign keys are on for everybody, as before.
        assert!(
            test.try_execute("insert into children (parent_id) values (9)")
                .await
                .is_err()
        );
        down(test.db(), &history, "-1").await.unwrap();
        assert_eq!(test.rows("children").await.len(), 3);
        assert_eq!(test.structure().await, before);
    }
}

/// SQLite gives up after a number of its instructions, in whatever statement of the revision they
/// end: nothing of it stays, and the next run goes through.
#[tokio::test]
async fn a_rebuild_that_stops_anywhere_leaves_nothing() {
    let test = sqlite().await;
    family(&test).await;
    test.execute("create view named as select name from parents")
        .await;
    test.execute("create trigger tr after delete on parents begin select 1; end")
        .await;
    let mut options = sea_orm::ConnectOptions::new(test.url());
    options.sqlx_logging(false).max_connections(1);
    let db = sea_orm::Database::connect(options).await.unwrap();
    let left = Arc::new(AtomicI64::new(i64::MAX));
    let counter = left.clone();
    let mut connection = db.get_sqlite_connection_pool().acquire().await.unwrap();
    connection
        .lock_handle()
        .await
        .unwrap()
        .set_progress_handler(1, move || counter.fetch_sub(1, Ordering::Relaxed) != 1);
    drop(connection);

    let history = history(vec![Box::new(Family), Box::new(Require)]);
    let state = async || {
        let mut lines = test
            .dump()
            .await
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        for table in ["parents", "children"] {
            lines.extend(test.rows(table).await);
        }
        lines.extend(recorded(&test).await);
        lines
    };
    let before = state().await;
    up(&db, &history, "head").await.unwrap();
    let whole = i64::MAX - left.load(Ordering::Relaxed);
    down(&db, &history, "-1").await.unwrap();
    assert_eq!(state().await, before);
    let mut stopped = 0;
    for n in (1..whole).step_by(usize::try_from(whole / 97).unwrap()) {
        left.store(n, Ordering::Relaxed);
        let result = up(&db, &history, "head").await;
        left.store(i64::MAX, Ordering::Relaxed);
        match result {
            Err(_) => {
                stopped += 1;
                assert_eq!(state().await, before, "stopped after {n} of {whole}");
            }
            // It ran out behind the revision, or somebody waited and tried again.
            Ok(_) => {
                down(&db, &history, "-1").await.unwrap();
            }
        }
        let keys = db
            .query_one_raw(Statement::from_string(
                DbBackend::Sqlite,
                "pragma foreign_keys",
            ))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            keys.try_get_by_index::<i32>(0).unwrap(),
            1,
            "after {n} of {whole}"
        );
    }
    assert!(stopped > 60, "{stopped} of 97");
    up(&db, &history, "head").await.unwrap();
    assert_eq!(test.rows("children").await.len(), 3);
}

#[tokio::test]
async fn rows_that_would_point_nowhere_stop_the_revision() {
    let test = sqlite().await;
    family(&test).await;
    let history = history(vec![Box::new(Family), Box::new(Require), Box::new(Orphans)]);
    up(test.db(), &history, "m2_require").await.unwrap();
    let error = up(test.db(), &history, "head").await.unwrap_err();
    assert!(
        matches!(&error, RunError::Step(failure) if failure.rolled_back),
        "{error}"
    );
    assert!(
        error.to_string().contains("FOREIGN KEY constraint failed"),
        "{error}"
    );
    assert_eq!(test.rows("parents").await.len(), 2);
    assert_eq!(test.rows("children").await.len(), 3);
}

#[tokio::test]
async fn a_foreign_runner_in_a_transaction_is_refused() {
    let test = sqlite().await;
    family(&test).await;
    let transaction = test.db().begin().await.unwrap();
    let error = Require
        .up(&SchemaManager::new(&transaction))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("cargo db upgrade"), "{error}");
    transaction.rollback().await.unwrap();
    // On the pool it may begin its own transaction, and does it right.
    Require.up(&SchemaManager::new(test.db())).await.unwrap();
    assert_eq!(test.rows("children").await.len(), 3);
    let keys = test
        .db()
        .execute_unprepared("insert into children (parent_id) values (9)")
        .await;
    assert!(keys.is_err());
    assert_eq!(tables(&test).await, ["children", "parents"]);
}

#[tokio::test]
async fn a_database_in_memory_that_only_its_connection_sees() {
    for url in ["sqlite::memory:", "sqlite::memory:?cache=private"] {
        let db = sea_orm::Database::connect(url).await.unwrap();
        let history = history(vec![Box::new(Family), Box::new(Require)]);
        up(&db, &history, "+1").await.unwrap();
        let rows = "insert into parents (name) values ('a'); \
                    insert into children (parent_id) values (1)";
        db.execute_unprepared(rows).await.unwrap();
        up(&db, &history, "head").await.unwrap();
        let changed = db
            .execute_unprepared("update children set id = id")
            .await
            .unwrap();
        assert_eq!(changed.rows_affected(), 1, "{url}");
        let orphan = db
            .execute_unprepared("insert into children (parent_id) values (9)")
            .await;
        assert!(orphan.is_err(), "{url}");
    }
}
