//! A service for each test, on a database of its own that is gone afterwards.

use std::sync::atomic::{AtomicUsize, Ordering};

use app::App;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use migration::Migrator;
use sea_orm::{ConnectionTrait, Database};
use seachange::config::{Config, Environment};
use serde_json::{Value, json};
use tower::ServiceExt;

/// The service, called as a client would.
pub(crate) struct Api {
    pub(crate) router: Router,
}

/// What it answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Api {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Body::from(body.to_string()))
            .await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Body::from(body.to_string()))
            .await
    }

    pub(crate) async fn put(&self, path: &str) -> Answer {
        self.send(Method::PUT, path, Body::empty()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .unwrap();
        self.call(request).await
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer {
            status: head.status,
            headers: head.headers,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }

    /// Creates a row and returns its id.
    pub(crate) async fn create(&self, path: &str, body: Value) -> i64 {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{path}: {answer:?}");
        answer.body["id"].as_i64().unwrap()
    }

    pub(crate) async fn user(&self, name: &str) -> i64 {
        let body = json!({
            "first_name": name, "last_name": "Test", "full_name": name, "email": format!("{name}@example.test"),
        });
        self.create("/users", body).await
    }

    pub(crate) async fn project(&self, owner: i64, name: &str) -> i64 {
        self.create("/projects", json!({"owner_id": owner, "name": name}))
            .await
    }
}

impl Answer {
    /// It is a problem of this kind; returns what it says.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_eq!(self.body["status"], status);
        self.body["detail"].as_str().unwrap()
    }

    /// The fields that are wrong.
    #[track_caller]
    pub(crate) fn wrong(&self) -> Vec<&str> {
        self.problem(422);
        let errors = self.body["errors"].as_array().unwrap();
        errors
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect()
    }

    /// The ids of a list.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<i64> {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        let items = self.body["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["id"].as_i64().unwrap())
            .collect()
    }
}

/// Runs a test on SQLite and, where `TEST_POSTGRES_URL` names a server, on PostgreSQL.
pub(crate) async fn on_each_engine(test: impl AsyncFn(Api) + 'static) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    test(api(&format!("sqlite://{}?mode=rwc", file.display())).await).await;

    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "TEST_POSTGRES_URL is not set, and CI must not skip the tests on PostgreSQL"
        );
        eprintln!("\n*** SKIPPED on PostgreSQL: TEST_POSTGRES_URL is not set ***\n");
        return;
    };
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("app_test_{}_{count}", std::process::id());
    let admin = Database::connect(&server).await.unwrap();
    let create = format!("create database {name}");
    admin.execute_unprepared(&create).await.unwrap();

    // A task of its own, so that the database is dropped after a failure too.
    let api = api(&sibling(&server, &name)).await;
    let local = tokio::task::LocalSet::new();
    let running = local.spawn_local(async move { test(api).await });
    let outcome = local.run_until(running).await;
    let drop = format!("drop database {name} with (force)");
    admin.execute_unprepared(&drop).await.unwrap();
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// Another database on the same server.
fn sibling(server: &str, name: &str) -> String {
    let (path, query) = server.split_once('?').unwrap_or((server, ""));
    let (host, _) = path.rsplit_once('/').unwrap();
    format!("{host}/{name}?{query}")
}

/// The service on this database, started as in production: its migrations make the tables.
async fn api(url: &str) -> Api {
    let config = Config::read(&Environment {
        database_url: Some(url.to_owned()),
        ..Environment::default()
    });
    let startup = seachange::startup(Migrator, config.unwrap());
    let app = App::starting(startup.status());
    app.ready(startup.await.unwrap());
    Api {
        router: app::router(app),
    }
}
