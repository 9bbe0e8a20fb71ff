//! The life of the service: listen, migrate, serve, stop when asked.

use std::future::IntoFuture;
use std::io;
use std::pin::pin;

use migration::Migrator;
use seachange::Config;
use seachange::run::StartupError;
use tokio::net::TcpListener;
use tracing::info;

use crate::state::App;

/// Why the service ended before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {source}; set BIND_ADDR")]
    Listen {
        /// What `BIND_ADDR` says.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// The schema is not right and was not made so.
    #[error(transparent)]
    Startup(#[from] StartupError),
    /// The system refuses what a server needs.
    #[error("the server failed: {0}")]
    Serve(#[from] io::Error),
}

impl ServeError {
    /// The exit code of a process that ends with this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Startup(error) => error.exit_code(),
            Self::Listen { .. } | Self::Serve(_) => 1,
        }
    }
}

/// Serves until the process is asked to stop. The port is open before the first revision runs:
/// a probe that gets no answer would have the process killed in the middle of it.
///
/// # Errors
///
/// The address is taken, or the schema is not what the entities need.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    let asked_to_stop = asked_to_stop()?;
    let listener = match TcpListener::bind(&config.bind_addr).await {
        Ok(listener) => listener,
        Err(source) => {
            let address = config.bind_addr;
            return Err(ServeError::Listen { address, source });
        }
    };
    let bound = listener.local_addr()?;
    info!("listening on http://{bound}");

    let startup = seachange::startup(Migrator, config);
    let app = App::starting(startup.status());
    let server = axum::serve(listener, crate::router(app.clone()));
    let mut server = pin!(server.with_graceful_shutdown(asked_to_stop).into_future());

    // Asked to stop while it migrates, the start-up is dropped where it is: the open transaction
    // rolls back, the lock goes with its connection, and the next start continues.
    tokio::select! {
        stopped = &mut server => {
            stopped?;
            info!("stopped before it was ready");
            return Ok(());
        }
        database = startup.into_future() => app.ready(database?),
    }
    info!(
        "ready on http://{bound}   try:\n  \
         curl http://{bound}/tags\n  \
         curl 'http://{bound}/tags?name=bug'"
    );
    server.await?;
    if let Some(database) = app.database()
        && let Err(error) = database.close_by_ref().await
    {
        tracing::warn!(%error, "the database connections did not close");
    }
    info!("stopped");
    Ok(())
}

/// Ctrl-C, or the SIGTERM of an orchestrator. From the call on, neither ends the process by itself.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ctrl-C. From the call on, it does not end the process by itself.
#[cfg(windows)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
