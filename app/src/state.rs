//! What the handlers share: a database, once there is one, and how the start-up goes.

use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use sea_orm::DatabaseConnection;
use seachange::run::Status;

use crate::problem::Problem;

/// The state of the service. It is there before the database is.
#[derive(Clone, Debug)]
pub struct App {
    database: Arc<OnceLock<DatabaseConnection>>,
    pub(crate) startup: Status,
}

impl App {
    /// A service that is alive and not yet ready.
    pub fn starting(startup: Status) -> Self {
        Self {
            database: Arc::default(),
            startup,
        }
    }

    /// From now on requests are served from this database, whose schema is the right one.
    pub fn ready(&self, database: DatabaseConnection) {
        // Start-up ends once; were it to end again, the first connection is as good.
        let _ = self.database.set(database);
    }

    pub(crate) fn database(&self) -> Option<&DatabaseConnection> {
        self.database.get()
    }
}

/// The database; until it is ready, the request is told to come back.
pub(crate) struct Database(pub(crate) DatabaseConnection);

impl FromRequestParts<App> for Database {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Problem> {
        app.database().cloned().map(Self).ok_or_else(|| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the service is starting; /readyz says how far it is",
            )
        })
    }
}
