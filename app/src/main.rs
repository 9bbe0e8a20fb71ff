//! The service as a process: configuration, logging, exit code.

use std::io::IsTerminal;
use std::process::ExitCode;

use seachange::config::{Config, LogFormat};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => {
            log_as(LogFormat::Text);
            tracing::error!("{error}");
            return ExitCode::from(error.exit_code());
        }
    };
    log_as(config.log_format);
    match app::serve(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Logs to stderr, as `RUST_LOG` says; without it, what the service and its migrations do.
fn log_as(format: LogFormat) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
