//! The service as a process: what it does about its schema when it starts, and how it stops.

use std::fs::{self, File};
use std::process::{Child, Command};

use sea_orm::{ConnectionTrait, TransactionTrait};
use seachange::schema::Engine;
use serde_json::Value;
use tests::{Place, Ran, TestDatabase, engines, eventually, programs};

use crate::{history::revisions, record};

/// A running service; it does not outlive its test.
struct Service {
    process: Child,
    log: std::path::PathBuf,
}

impl Service {
    fn start(place: &Place, test: &TestDatabase, name: &str, settings: &[(&str, &str)]) -> Self {
        let log = place.path().join(format!("{name}.log"));
        let process = command(place, test, settings)
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { process, log }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Where it listens, as soon as its log tells.
    fn address(&mut self) -> String {
        eventually("the service listens", || {
            let log = self.log();
            assert!(
                self.process.try_wait().unwrap().is_none(),
                "it ended:\n{log}"
            );
            let (_, rest) = log.split_once("listening on ")?;
            let (address, _) = rest.split_once('\n')?;
            Some(address.to_owned())
        })
    }

    fn ready(&mut self) -> String {
        let address = self.address();
        eventually("the service is ready", || {
            let log = self.log();
            assert!(
                self.process.try_wait().unwrap().is_none(),
                "it ended:\n{log}"
            );
            (get(&format!("{address}/readyz")).0 == 200).then_some(())
        });
        address
    }

    /// Asks it to stop and gives its exit code and its log.
    #[cfg(unix)]
    fn stop(mut self) -> (Option<i32>, String) {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(asked.success());
        let ended = eventually("the service stops", || self.process.try_wait().unwrap());
        (ended.code(), self.log())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(place: &Place, test: &TestDatabase, settings: &[(&str, &str)]) -> Command {
    let mut command = place.command(&programs().app);
    command
        .env("DATABASE_URL", test.url())
        .env("BIND_ADDR", "127.0.0.1:0")
        .envs(settings.iter().copied());
    command
}

/// A start that is expected to end by itself.
fn refused(place: &Place, test: &TestDatabase, settings: &[(&str, &str)]) -> Ran {
    let mut service = Service::start(place, test, "refused", settings);
    let ended = eventually("the service refuses to start", || {
        service.process.try_wait().unwrap()
    });
    Ran {
        command: format!("app {settings:?}"),
        code: ended.code(),
        stdout: String::new(),
        stderr: service.log(),
    }
}

fn get(url: &str) -> (u16, Value) {
    let agent = ureq::Agent::new_with_config(
        ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(10)))
            .build(),
    );
    let mut answer = agent
        .get(url)
        .call()
        .unwrap_or_else(|e| panic!("{url}: {e}"));
    let body = answer.body_mut().read_to_string().unwrap();
    (
        answer.status().as_u16(),
        serde_json::from_str(&body).unwrap_or(Value::String(body)),
    )
}

fn migrate(place: &Place, test: &TestDatabase, arguments: &str) -> Ran {
    place
        .run(&programs().migration, test.url(), arguments)
        .ended(0)
}

#[tokio::test]
async fn it_listens_at_once_migrates_and_then_serves() {
    for test in engines().await {
        let place = Place::new();
        migrate(&place, &test, "upgrade add_comments");
        // What keeps the next revision waiting: somebody else writes.
        let other = test.connect().await;
        let busy = match test.engine() {
            Engine::Sqlite => {
                let options = sea_orm::TransactionOptions {
                    sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
                    ..Default::default()
                };
                other.begin_with_options(options).await.unwrap()
            }
            _ => {
                let busy = other.begin().await.unwrap();
                let lock = "lock table users in access exclusive mode";
                busy.execute_unprepared(lock).await.unwrap();
                busy
            }
        };
        let mut service = Service::start(&place, &test, "service", &[]);
        let address = service.address();
        let state = eventually("the service migrates", || {
            assert_eq!(get(&format!("{address}/healthz")).0, 200);
            let (status, state) = get(&format!("{address}/readyz"));
            assert_eq!(status, 503, "{state}");
            (state["state"] == "migrating").then_some(state)
        });
        assert_eq!(state["at"], "m20261118_090210_add_comments", "{state}");
        assert_eq!(state["pending"], 2, "{state}");
        assert_eq!(get(&format!("{address}/tags")).0, 503);

        busy.rollback().await.unwrap();
        service.ready();
        let (status, tags) = get(&format!("{address}/tags"));
        assert_eq!(status, 200);
        assert!(tags.to_string().contains("\"bug\""), "{tags}");
        let log = service.log();
        for words in [
            "at m20261118_090210_add_comments, 2 migrations pending",
            "applied migration m20261119_101500_add_full_name in ",
            "applied migration m20261120_113000_index_tasks_by_status in ",
        ] {
            assert!(log.contains(words), "{words} in\n{log}");
        }
        #[cfg(unix)]
        {
            let (code, log) = service.stop();
            assert_eq!(code, Some(0), "{log}");
            assert!(log.ends_with("stopped\n"), "{log}");
        }
    }
}

#[tokio::test]
async fn where_it_only_verifies_a_stale_schema_is_refused_and_named() {
    for test in engines().await {
        let place = Place::new();
        migrate(&place, &test, "upgrade add_full_name");
        let before = test.dump().await;
        for settings in [
            ("DISABLE_AUTO_MIGRATIONS", "true"),
            ("MIGRATIONS", "verify"),
        ] {
            refused(&place, &test, &[settings])
                .ended(3)
                .said("1 migration is pending and this service only verifies")
                .said("\n  m20261120_113000_index_tasks_by_status   List tasks by status")
                .said("\nrun before it: migration upgrade head\n");
        }
        refused(
            &place,
            &test,
            &[("MIGRATIONS", "wait"), ("MIGRATIONS_TIMEOUT", "250ms")],
        )
        .ended(3)
        .said("1 migration is still pending after 0 s of waiting");
        assert_eq!(test.dump().await, before);

        let waiting = [("MIGRATIONS", "wait")];
        let mut waiting = Service::start(&place, &test, "waiting", &waiting);
        let address = waiting.address();
        eventually("the service waits", || {
            let (_, state) = get(&format!("{address}/readyz"));
            (state["state"] == "waiting").then_some(())
        });
        migrate(&place, &test, "upgrade head");
        waiting.ready();

        let verifies = [("DISABLE_AUTO_MIGRATIONS", "true")];
        let address = Service::start(&place, &test, "current", &verifies).ready();
        assert!(!address.is_empty());
    }
}

#[tokio::test]
async fn a_database_ahead_of_the_code_is_served_unless_that_is_refused() {
    for test in engines().await {
        let place = Place::new();
        migrate(&place, &test, "upgrade head");
        test.execute("insert into seaql_migrations values ('m20990101_000000_from_the_future', 0)")
            .await;
        let mut service = Service::start(&place, &test, "ahead", &[]);
        let address = service.ready();
        assert_eq!(get(&format!("{address}/tags")).0, 200);
        let log = service.log();
        assert!(log.contains(" WARN "), "{log}");
        assert!(log.contains("m20990101_000000_from_the_future"), "{log}");

        refused(&place, &test, &[("DATABASE_AHEAD", "refuse")])
            .ended(3)
            .said("m20990101_000000_from_the_future");
    }
}

#[tokio::test]
async fn settings_that_contradict_each_other_are_an_error() {
    let test = tests::sqlite().await;
    let place = Place::new();
    let both = [("DISABLE_AUTO_MIGRATIONS", "true"), ("MIGRATIONS", "apply")];
    let refusal = refused(&place, &test, &both).ended(2);
    refusal.said("DISABLE_AUTO_MIGRATIONS").said("MIGRATIONS");
    assert_eq!(crate::tables(&test).await, Vec::<String>::new());
}

#[tokio::test]
async fn twenty_that_start_together_apply_each_revision_once() {
    for test in engines().await {
        let place = Place::new();
        let mut services: Vec<Service> = (0..20)
            .map(|n| Service::start(&place, &test, &n.to_string(), &[]))
            .collect();
        for service in &mut services {
            service.ready();
        }
        let ids = revisions(&place);
        assert_eq!(record(&test).await, ids, "{}", test.engine());
        let journal = test.strings(
            "select version || ' ' || direction || ' ' || status from _seachange_journal order by 1",
        );
        let once: Vec<String> = ids.iter().map(|id| format!("{id} up done")).collect();
        assert_eq!(journal.await, once, "{}", test.engine());
        // Each revision was applied by one of them, and all of them say which they applied.
        let logs: String = services.iter().map(Service::log).collect();
        assert_eq!(
            logs.matches("applied migration ").count(),
            ids.len(),
            "{logs}"
        );
    }
}
