//! Up and down, targets, failures, the journal, dry runs.

use sea_orm::ConnectionTrait;
use sea_orm_migration::{prelude::*, schema::*};
use seachange::revision::History;
use seachange::run::journal::{self, Status};
use seachange::run::{Direction, Event, Options, RunError, losses, stamp, upgrade};

use super::history::*;
use super::{RECORD, down, heard, history, ids, recorded, revision, tables, up};
use crate::support::engines;

fn three() -> History {
    history(vec![Box::new(Users), Box::new(Tasks), Box::new(Tags)])
}

#[tokio::test]
async fn up_and_down_by_targets() {
    for test in engines().await {
        let history = three();
        let db = test.db();
        let empty = test.structure().await;
        // target, what is run, what is then applied
        let ups: [(&str, &[&str], usize); 4] = [
            ("+1", &["m1_users"], 1),
            ("tasks", &["m2_tasks"], 2),
            ("head", &["m3_tags"], 3),
            ("head", &[], 3),
        ];
        for (target, run, applied) in ups {
            let report = up(db, &history, target).await.unwrap();
            assert_eq!(ids(&report), run, "{} {target}", test.engine());
            assert_eq!(recorded(&test).await.len(), applied);
        }
        assert_eq!(tables(&test).await, ["tags", "tasks", "users"]);
        let downs: [(&str, &[&str], usize); 3] = [
            ("-1", &["m3_tags"], 2),
            ("m1_users", &["m2_tasks"], 1),
            ("base", &["m1_users"], 0),
        ];
        for (target, run, applied) in downs {
            let report = down(db, &history, target).await.unwrap();
            assert_eq!(ids(&report), run, "{} {target}", test.engine());
            assert_eq!(recorded(&test).await.len(), applied);
        }
        assert!(tables(&test).await.is_empty());
        test.execute(&format!(
            "drop table {RECORD}; drop table {}",
            journal::TABLE
        ))
        .await;
        assert_eq!(test.structure().await, empty);
    }
}

#[tokio::test]
async fn a_failure_leaves_nothing_and_says_where() {
    for test in engines().await {
        let broken = history(vec![Box::new(Users), Box::new(Tasks), Box::new(TagsBroken)]);
        let (events, result) = heard(test.db(), &broken, "head", &Options::default()).await;
        let Err(RunError::Step(failure)) = result else {
            panic!("{result:?}");
        };
        assert_eq!((failure.step, failure.of), (2, 3));
        assert!(failure.rolled_back);
        assert_eq!(failure.applied_before, ["m1_users", "m2_tasks"]);
        assert!(failure.message.contains("no_such_table"), "{failure}");
        let at = failure.at.as_deref().unwrap();
        assert!(at.contains("tests/run/"), "{at}");
        let line: usize = at.rsplit(':').next().unwrap().parse().unwrap();
        let source = include_str!("history.rs").lines().nth(line - 1).unwrap();
        assert!(source.contains("no_such_table"), "{source}");
        assert!(matches!(events.last(), Some(Event::Failed { id, .. }) if id == "m3_tags"));
        assert_eq!(tables(&test).await, ["tasks", "users"]);
        assert_eq!(recorded(&test).await, ["m1_users", "m2_tasks"]);
        let runs = journal::read(test.db(), RECORD).await.unwrap();
        let last = runs.last().unwrap();
        assert_eq!((last.status, last.failed_step), (Status::Failed, Some(2)));
        assert!(last.error.as_deref().unwrap().contains("no_such_table"));

        // The file is corrected and it is run again.
        let report = up(test.db(), &three(), "head").await.unwrap();
        assert_eq!(ids(&report), ["m3_tags"]);
    }
}

#[tokio::test]
async fn the_journal_tells_what_was_done() {
    for test in engines().await {
        let history = three();
        let mut options = Options::default();
        options.identity.host = "laptop".to_owned();
        options.identity.user = "mia".to_owned();
        upgrade(test.db(), &history, "head", &options, &mut |_| {})
            .await
            .unwrap();
        down(test.db(), &history, "-1").await.unwrap();
        let runs = journal::read(test.db(), RECORD).await.unwrap();
        let told: Vec<(&str, Direction, Status)> = runs
            .iter()
            .map(|run| (run.id.as_str(), run.direction, run.status))
            .collect();
        assert_eq!(
            told,
            [
                ("m1_users", Direction::Up, Status::Done),
                ("m2_tasks", Direction::Up, Status::Done),
                ("m3_tags", Direction::Up, Status::Done),
                ("m3_tags", Direction::Down, Status::Done),
            ]
        );
        let tasks = &runs[1];
        assert_eq!(
            (tasks.host.as_str(), tasks.login.as_str()),
            ("laptop", "mia")
        );
        assert!(tasks.tool.starts_with("seachange "));
        assert_eq!((tasks.steps, tasks.done.len()), (2, 2));
        assert_eq!(
            tasks.checksum.as_deref(),
            history.get("m2_tasks").unwrap().header.map(|h| h.checksum)
        );
        let way = tasks.way_down.as_ref().unwrap();
        assert!(
            way.statements.iter().any(|sql| sql.contains("\"tasks\"")),
            "{way:?}"
        );
    }
}

#[tokio::test]
async fn a_plain_migration_among_ours() {
    for test in engines().await {
        let before = history(vec![
            Box::new(Users),
            Box::new(PlainBroken),
            Box::new(AfterPlain),
        ]);
        let Err(RunError::Step(failure)) = up(test.db(), &before, "head").await else {
            panic!("it should fail");
        };
        let postgres = test.engine() == seachange::schema::Engine::Postgres;
        // As sea-orm-migration does it: in a transaction on PostgreSQL only.
        assert_eq!(failure.rolled_back, postgres);
        assert_eq!(tables(&test).await.contains(&"plain".to_owned()), !postgres);
        if !postgres {
            test.execute("drop table plain").await;
        }
        let history = history(vec![Box::new(Users), Box::new(Plain), Box::new(AfterPlain)]);
        let report = up(test.db(), &history, "head").await.unwrap();
        assert_eq!(ids(&report), ["m2_plain", "m3_after"]);
        assert_eq!(tables(&test).await, ["after", "plain", "users"]);
        down(test.db(), &history, "base").await.unwrap();
        assert!(tables(&test).await.is_empty());
    }
}

#[tokio::test]
async fn sea_orm_runs_what_the_attribute_wrote() {
    struct Migrator;
    #[sea_orm_migration::async_trait::async_trait]
    impl MigratorTrait for Migrator {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(Users), Box::new(Tasks), Box::new(Tags)]
        }
    }
    for test in engines().await {
        Migrator::up(test.db(), Some(2)).await.unwrap();
        assert_eq!(tables(&test).await, ["tasks", "users"]);
        // What the other runner recorded counts for ours, and the other way round.
        let history = History::of::<Migrator>().unwrap();
        assert_eq!(
            ids(&up(test.db(), &history, "head").await.unwrap()),
            ["m3_tags"]
        );
        Migrator::down(test.db(), None).await.unwrap();
        assert!(tables(&test).await.is_empty());
    }
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    for test in engines().await {
        let history = three();
        let options = Options {
            dry_run: true,
            ..Options::default()
        };
        for applied in 0..3 {
            let before = (test.dump().await, recorded(&test).await);
            let (events, result) = heard(test.db(), &history, "head", &options).await;
            assert_eq!(result.unwrap().finished.len(), 3 - applied);
            assert_eq!((test.dump().await, recorded(&test).await), before);
            let sql: Vec<&str> = events
                .iter()
                .filter_map(|event| match event {
                    Event::Statement { sql, .. } => Some(sql.as_str()),
                    _ => None,
                })
                .collect();
            assert!(
                sql.iter().any(|sql| sql.contains("CREATE TABLE \"tags\"")),
                "{sql:#?}"
            );
            assert!(
                sql.iter()
                    .any(|sql| sql.contains(RECORD) && sql.contains("'m3_tags'"))
            );
            up(test.db(), &history, "+1").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_database_ahead_of_the_code_is_refused_and_can_be_taken_back() {
    for test in engines().await {
        up(test.db(), &three(), "head").await.unwrap();
        let old = history(vec![Box::new(Users)]);
        let error = up(test.db(), &old, "head").await.unwrap_err();
        let RunError::Unknown { unknown } = &error else {
            panic!("{error}");
        };
        let names: Vec<&str> = unknown.iter().map(|unknown| unknown.id.as_str()).collect();
        assert_eq!(names, ["m3_tags", "m2_tasks"]);
        assert!(
            unknown
                .iter()
                .all(|unknown| unknown.has_way_down && unknown.applied_at > 0)
        );
        assert!(error.to_string().contains("m3_tags, m2_tasks"), "{error}");

        assert_eq!(
            ids(&down(test.db(), &old, "-1").await.unwrap()),
            ["m3_tags"]
        );
        assert_eq!(tables(&test).await, ["tasks", "users"]);
        // Without a journal nobody knows the way.
        test.execute(&format!("update {} set way_down = null", journal::TABLE))
            .await;
        let error = down(test.db(), &old, "base").await.unwrap_err();
        assert!(
            matches!(&error, RunError::NoWayDown { id, .. } if id == "m2_tasks"),
            "{error}"
        );
        assert_eq!(tables(&test).await, ["tasks", "users"]);
    }
}

#[tokio::test]
async fn stamping_runs_nothing() {
    for test in engines().await {
        let history = three();
        let options = Options::default();
        stamp(
            test.db(),
            &history,
            &["tasks"],
            false,
            &options,
            &mut |_| {},
        )
        .await
        .unwrap();
        assert_eq!(recorded(&test).await, ["m1_users", "m2_tasks"]);
        assert!(tables(&test).await.is_empty());
        stamp(test.db(), &history, &["base"], false, &options, &mut |_| {})
            .await
            .unwrap();
        assert!(recorded(&test).await.is_empty());
    }
}

/// The record holds every revision that is applied, so two targets are both branches, and what
/// merged them is taken off.
#[tokio::test]
async fn stamping_two_branches() {
    for test in engines().await {
        let history = history(vec![
            Box::new(Root),
            Box::new(Left),
            Box::new(Right),
            Box::new(Both),
        ]);
        let options = Options::default();
        for (targets, rows) in [
            (
                &["both"][..],
                &["m1_root", "m2_left", "m2_right", "m3_both"][..],
            ),
            (&["left", "right"], &["m1_root", "m2_left", "m2_right"]),
            (&["right"], &["m1_root", "m2_right"]),
            (&["left"], &["m1_root", "m2_left"]),
            (&["base"], &[]),
        ] {
            stamp(test.db(), &history, targets, false, &options, &mut |_| {})
                .await
                .unwrap();
            assert_eq!(recorded(&test).await, rows, "{targets:?}");
        }
    }
}

/// A record that somebody made without a key, and that says a thing twice: whose row it is cannot
/// be known, so nothing is done.
#[tokio::test]
async fn a_record_that_says_a_thing_twice() {
    for test in engines().await {
        up(test.db(), &three(), "users").await.unwrap();
        test.execute(&format!(
            "create table twice (version varchar(99), applied_at bigint);
             insert into twice select version, applied_at from {RECORD};
             insert into twice select version, applied_at from {RECORD};
             drop table {RECORD}; alter table twice rename to {RECORD}"
        ))
        .await;
        let error = down(test.db(), &three(), "base").await.unwrap_err();
        assert!(
            error
                .to_string()
                .contains("the record of `m1_users` was changed by somebody else"),
            "{error}"
        );
        assert_eq!(tables(&test).await, ["users"]);
        assert_eq!(recorded(&test).await, ["m1_users"]);
    }
}

#[tokio::test]
async fn another_record_table() {
    for test in engines().await {
        let all: Vec<Box<dyn MigrationTrait>> = vec![Box::new(Users), Box::new(Tasks)];
        let other = History::new(all, "Other \"Records\"".to_owned()).unwrap();
        up(test.db(), &other, "head").await.unwrap();
        assert!(recorded(&test).await.is_empty());
        let rows = seachange::run::applied(test.db(), other.record_table())
            .await
            .unwrap();
        assert_eq!(rows.len(), 2);
        let mine = journal::read(test.db(), RECORD).await.unwrap();
        assert!(mine.is_empty(), "journals of two migrators do not mix");
        down(test.db(), &other, "base").await.unwrap();
    }
}

#[tokio::test]
async fn what_a_way_down_would_lose() {
    revision!(
        Drops,
        "x",
        |op| {
            op.drop_column("users", "name");
            op.drop_table("tasks");
            op.drop_table("not_there");
        },
        |op| {}
    );
    for test in engines().await {
        up(test.db(), &three(), "head").await.unwrap();
        test.execute("insert into users (name) values ('a'), ('b')")
            .await;
        test.execute("insert into tasks (title) values ('x')").await;
        let mut operations = seachange::Operations::default();
        seachange::Revision::up(&Drops, &mut operations);
        let ops: Vec<_> = operations
            .steps()
            .iter()
            .map(|step| step.op.clone())
            .collect();
        let lost = losses(test.db(), &ops).await.unwrap();
        let told: Vec<(&str, u64)> = lost.iter().map(|l| (l.what.as_str(), l.count)).collect();
        assert_eq!(told, [("users.name", 2), ("tasks", 1)]);
    }
}

#[tokio::test]
async fn a_search_path_is_respected() {
    let Some(test) = crate::support::postgres().await else {
        return;
    };
    test.execute("create schema tenant").await;
    let mut options = sea_orm::ConnectOptions::new(test.url());
    options.set_schema_search_path("tenant").max_connections(2);
    let db = sea_orm::Database::connect(options).await.unwrap();
    up(&db, &three(), "head").await.unwrap();
    let found = test
        .strings("select tablename::text from pg_tables where schemaname = 'tenant' order by 1")
        .await;
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(tables(&test).await.is_empty());
    // The same history in the default schema is another database to us.
    up(test.db(), &three(), "head").await.unwrap();
    assert_eq!(tables(&test).await, ["tags", "tasks", "users"]);
}

#[tokio::test]
async fn what_is_there_is_passed_over() {
    revision!(
        Guarded,
        "m1",
        |op| {
            op.create_table(Table::create().table("t").col(pk_auto("id")).to_owned())
                .if_not_exists();
            op.add_column("t", integer_null("a")).if_not_exists();
            op.create_index("idx", "t", ["a"]).if_not_exists();
            // What an earlier step takes away is not there, in the same rebuild too.
            op.drop_unique("uq", "t").columns(["a"]);
            op.create_unique("uq", "t", ["a"]).if_not_exists();
            op.drop_column("t", "gone").if_exists();
            op.drop_table("gone").if_exists();
        },
        |op| {}
    );
    for test in engines().await {
        test.execute(
            "create table t (id integer primary key, a integer, constraint uq unique (a)); \
             create index idx on t (a)",
        )
        .await;
        up(test.db(), &history(vec![Box::new(Guarded)]), "head")
            .await
            .unwrap();
        assert_eq!(recorded(&test).await, ["m1"]);
        let rows = test
            .db()
            .execute_unprepared("insert into t values (1, 2)")
            .await
            .unwrap();
        assert_eq!(rows.rows_affected(), 1);
        let twin = test.try_execute("insert into t values (2, 2)").await;
        assert!(twin.is_err(), "{}", test.engine());
    }
}
