//! The start of a service.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sea_orm_migration::prelude::*;
use seachange::config::{Ahead, Config, Environment, Policy};
use seachange::run::{StartupError, State, connect, connect_within, startup};

use super::history::*;
use super::{recorded, tables};
use crate::support::{TestDatabase, engines, postgres, sqlite};

struct Two;
impl MigratorTrait for Two {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Users), Box::new(Tasks)]
    }
}

struct Three;
impl MigratorTrait for Three {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Users), Box::new(Tasks), Box::new(Tags)]
    }
}

fn config(test: &TestDatabase, settings: &[(&str, &str)]) -> Config {
    let mut variables: BTreeMap<String, String> = settings
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    variables.insert("DATABASE_URL".to_owned(), test.url().to_owned());
    Config::read(&Environment {
        variables,
        ..Environment::default()
    })
    .unwrap()
}

#[tokio::test]
async fn apply_then_nothing_to_do() {
    for test in engines().await {
        let start = startup(Two, config(&test, &[]));
        let status = start.status();
        assert_eq!(status.snapshot().state, State::Connecting);
        let db = tokio::spawn(start.into_future()).await.unwrap().unwrap();
        assert!(db.ping().await.is_ok());
        assert_eq!(tables(&test).await, ["tasks", "users"]);
        let ready = status.snapshot();
        assert!(status.is_ready());
        assert_eq!(
            (ready.at.as_deref(), ready.pending),
            (Some("m2_tasks"), Some(0))
        );
        let json = serde_json(&ready);
        assert!(
            json.starts_with(r#"{"format":1,"state":"ready","at":"m2_tasks","since":"2"#),
            "{json}"
        );
        startup(Two, config(&test, &[])).await.unwrap();
        assert_eq!(recorded(&test).await.len(), 2);
    }
}

fn serde_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

#[tokio::test]
async fn verify_refuses_and_writes_nothing() {
    for test in engines().await {
        let before = test.dump().await;
        let verify = config(&test, &[("DISABLE_AUTO_MIGRATIONS", "true")]);
        assert_eq!(verify.migrations, Policy::Verify);
        let start = startup(Two, verify.clone());
        let status = start.status();
        let error = start.await.unwrap_err();
        assert_eq!(
            (error.exit_code(), status.snapshot().state),
            (3, State::Failed)
        );
        let text = error.to_string();
        assert!(text.starts_with("2 migrations are pending"), "{text}");
        assert!(
            text.contains("m2_tasks") && text.contains("migration upgrade head"),
            "{text}"
        );
        assert_eq!(test.dump().await, before);
        startup(Two, config(&test, &[])).await.unwrap();
        startup(Two, verify).await.unwrap();
    }
}

#[tokio::test]
async fn wait_until_somebody_else_migrates() {
    for test in engines().await {
        let short = config(
            &test,
            &[("MIGRATIONS", "wait"), ("MIGRATIONS_TIMEOUT", "50ms")],
        );
        let error = startup(Two, short).await.unwrap_err();
        assert!(matches!(error, StartupError::StillBehind { .. }), "{error}");
        let waits = startup(Two, config(&test, &[("MIGRATIONS", "wait")]));
        let status = waits.status();
        let waits = tokio::spawn(waits.into_future());
        while status.snapshot().state != State::Waiting {
            tokio::task::yield_now().await;
        }
        startup(Two, config(&test, &[])).await.unwrap();
        waits.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_database_ahead_is_served_or_refused() {
    for test in engines().await {
        startup(Three, config(&test, &[])).await.unwrap();
        startup(Two, config(&test, &[])).await.unwrap();
        let refuse = config(&test, &[("DATABASE_AHEAD", "refuse")]);
        assert_eq!(refuse.ahead, Ahead::Refuse);
        let error = startup(Two, refuse).await.unwrap_err();
        assert!(error.to_string().contains("m3_tags"), "{error}");
        assert_eq!(error.exit_code(), 3);
    }
}

#[tokio::test]
async fn the_owner_migrates_and_the_service_serves() {
    let Some(test) = postgres().await else { return };
    let role = format!("app_{}", std::process::id());
    test.execute(&format!(
        "drop role if exists {role}; create role {role} login; \
         revoke create on schema public from public; grant usage on schema public to {role}; \
         alter default privileges in schema public grant select on tables to {role}"
    ))
    .await;
    let app = test.url().replace("postgres@", &format!("{role}@"));
    let environment = |settings: &[(&str, &str)]| Environment {
        variables: settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        ..Environment::default()
    };
    let both = environment(&[
        ("DATABASE_URL", &app),
        ("MIGRATION_DATABASE_URL", test.url()),
    ]);
    let db = startup(Two, Config::read(&both).unwrap()).await.unwrap();
    let statement =
        sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "select current_user::text");
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<String>(0).unwrap(), role);
    // To verify, the service's own role is enough, which may create nothing.
    let own = environment(&[("DATABASE_URL", &app), ("MIGRATIONS", "verify")]);
    startup(Two, Config::read(&own).unwrap()).await.unwrap();
    db.close().await.unwrap();
    test.execute(&format!("drop owned by {role} cascade; drop role {role}"))
        .await;
}

#[tokio::test]
async fn connecting_fails_at_once_where_waiting_does_not_help() {
    let Some(test) = postgres().await else { return };
    let (server, _) = test.url().rsplit_once('/').unwrap();
    let refused = [
        (
            format!("{server}/there_is_no_such_database"),
            "does not exist",
        ),
        (
            test.url().replace("postgres@", "no_such_role:s3cret@"),
            "no_such_role",
        ),
    ];
    for (url, expected) in refused {
        let config = |url: &str| {
            let variables = [("DATABASE_URL".to_owned(), url.to_owned())];
            Config::read(&Environment {
                variables: variables.into(),
                ..Environment::default()
            })
            .unwrap()
        };
        let began = Instant::now();
        let error = connect(&config(&url).database).await.unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(10));
        let text = error.to_string();
        assert!(
            text.contains(expected) && !text.contains("s3cret"),
            "{text}"
        );
        assert!(text.contains("from the environment"), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_yet_is_waited_for() {
    let variables = [(
        "DATABASE_URL".to_owned(),
        "postgres://u:s3cret@127.0.0.1:1/tasks".to_owned(),
    )];
    let config = Config::read(&Environment {
        variables: variables.into(),
        ..Environment::default()
    })
    .unwrap();
    let mut attempts = 0;
    let error = connect_within(&config.database, Duration::from_secs(2), &mut |_| {
        attempts += 1
    })
    .await
    .unwrap_err();
    assert!(attempts >= 1);
    let text = error.to_string();
    assert!(
        text.contains("postgres://u@127.0.0.1:1/tasks") && !text.contains("s3cret"),
        "{text}"
    );
}

#[tokio::test]
async fn a_connection_can_be_encrypted() {
    let Some(test) = postgres().await else { return };
    if test.strings("select current_setting('ssl')").await != ["on"] {
        eprintln!("*** SKIPPED: the server of TEST_POSTGRES_URL has no TLS (ssl = off) ***");
        return;
    }
    let url = format!("{}?sslmode=require", test.url());
    let variables = [("DATABASE_URL".to_owned(), url)];
    let config = Config::read(&Environment {
        variables: variables.into(),
        ..Environment::default()
    })
    .unwrap();
    let db = connect(&config.database).await.unwrap();
    let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    assert!(row.try_get_by_index::<bool>(0).unwrap());
}

#[tokio::test]
async fn a_file_that_is_not_there_is_made() {
    let test = sqlite().await;
    let folder = test.path().unwrap().parent().unwrap().to_owned();
    let config = Config::read(&Environment {
        root: folder.clone(),
        fall_back: true,
        ..Environment::default()
    })
    .unwrap();
    startup(Two, config).await.unwrap();
    assert!(folder.join("dev.db").is_file());
}
