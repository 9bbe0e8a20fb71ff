//! One configuration for the service, the command line and the image: where the database is, and
//! what a start may do to it.
//!
//! | variable | default | note |
//! |---|---|---|
//! | `DATABASE_URL`, `DATABASE_URL_FILE` | – | the environment, then `.env` of the project; debug builds fall back to `dev.db` |
//! | `DATABASE_PASSWORD_FILE` | – | fills the password when the URL has none |
//! | `MIGRATION_DATABASE_URL` | `DATABASE_URL` | the owner's role, the direct host |
//! | `SCRATCH_DATABASE_URL` | – | where comparison may build tables for a moment, if not in the database itself |
//! | `DISABLE_AUTO_MIGRATIONS` | `false` | `true` only verifies |
//! | `MIGRATIONS` | `apply` | `verify`, `wait` |
//! | `MIGRATIONS_TIMEOUT` | `5m` | how long to wait for the lock, or for somebody else |
//! | `DATABASE_AHEAD` | `serve` | `refuse` |
//! | `BIND_ADDR` | `127.0.0.1:8080` | for the service |
//! | `LOG_FORMAT` | `text` | `json`; for the service |

mod url;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use self::url::DatabaseUrl;

/// What a service does about its schema when it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Applies what is pending.
    #[default]
    Apply,
    /// Refuses to start while something is pending.
    Verify,
    /// Waits until somebody else has applied it.
    Wait,
}

/// What a service does when the database has revisions that its code does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ahead {
    /// Warns and serves: a release was rolled back, its schema was not.
    #[default]
    Serve,
    /// Refuses to start.
    Refuse,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON document a line.
    Json,
}

/// Who runs: what others see who wait for the lock, and what the journal remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The host.
    pub host: String,
    /// The user of the operating system.
    pub user: String,
    /// The program.
    pub program: String,
}

/// The configuration, as plain values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The folder that relative paths start from.
    pub root: PathBuf,
    /// The database of the service.
    pub database: DatabaseUrl,
    /// The same database for the one who may change its schema.
    pub migration: Option<DatabaseUrl>,
    /// Where comparing may build tables for a moment, if not in the database that is compared.
    pub scratch: Option<DatabaseUrl>,
    /// The folder for what is remembered between runs, beside what Cargo builds.
    pub cache: PathBuf,
    /// What a start does about pending revisions.
    pub migrations: Policy,
    /// How long to wait for the lock, or under [`Policy::Wait`].
    pub timeout: Duration,
    /// What a start does about unknown revisions.
    pub ahead: Ahead,
    /// Where the service listens.
    pub bind_addr: String,
    /// How the service logs.
    pub log_format: LogFormat,
    /// Who runs.
    pub identity: Identity,
}

/// A setting that cannot be used, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The variable or flag.
    pub variable: String,
    /// What is wrong with it and what to write instead.
    pub problem: String,
    /// Where the value came from.
    pub origin: Option<String>,
    /// The value, without its password.
    pub shown: Option<String>,
}

impl ConfigError {
    fn new(variable: &str, problem: impl Into<String>) -> Self {
        Self {
            variable: variable.to_owned(),
            problem: problem.into(),
            origin: None,
            shown: None,
        }
    }

    fn at(self, origin: &str, shown: Option<&str>) -> Self {
        Self {
            origin: Some(origin.to_owned()),
            shown: shown.map(str::to_owned),
            ..self
        }
    }

    /// The exit code of a program that ends with it: `2`, usage.
    pub fn exit_code(&self) -> u8 {
        2
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.problem)?;
        match (&self.origin, &self.shown) {
            (Some(origin), Some(shown)) => write!(f, "\n  from {origin}   {shown}"),
            (Some(origin), None) => write!(f, "\n  from {origin}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}

/// What a configuration is read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The variables of the process.
    pub variables: BTreeMap<String, String>,
    /// The project's folder, where `.env` is.
    pub root: PathBuf,
    /// A URL from the command line, which wins.
    pub database_url: Option<String>,
    /// Whether a missing URL may fall back to a file of the project.
    pub fall_back: bool,
}

impl Environment {
    /// That of this process. Only debug builds fall back to a file, so that a service whose secret
    /// is missing does not come up healthy on an empty database.
    pub fn of_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(key, value)| key.into_string().ok().zip(value.into_string().ok()))
            .collect();
        let here = std::env::current_dir().unwrap_or_default();
        let starts = [
            variables.get("CARGO_MANIFEST_DIR").map(PathBuf::from),
            Some(here.clone()),
            std::env::current_exe().ok(),
        ];
        let starts: Vec<PathBuf> = starts.into_iter().flatten().collect();
        Self {
            root: project_root(&starts).unwrap_or(here),
            variables,
            database_url: None,
            fall_back: cfg!(debug_assertions),
        }
    }
}

/// The project's folder: the nearest one above any of these places that holds
/// `migration/seachange.toml`; else, `Cargo.lock`.
pub fn project_root(starts: &[PathBuf]) -> Option<PathBuf> {
    ["migration/seachange.toml", "Cargo.lock"]
        .iter()
        .find_map(|mark| {
            starts
                .iter()
                .flat_map(|start| start.ancestors())
                .find(|folder| folder.join(mark).is_file())
        })
        .map(Path::to_path_buf)
}

impl Config {
    /// The configuration of this process: flags none, environment, `.env`.
    ///
    /// # Errors
    ///
    /// A setting cannot be used; the error names it and says where it came from.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&Environment::of_process())
    }

    /// The same with a database URL from the command line, which wins.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_env_with(database_url: Option<&str>) -> Result<Self, ConfigError> {
        Self::read(&Environment {
            database_url: database_url.map(str::to_owned),
            ..Environment::of_process()
        })
    }

    /// The configuration that these values make.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let settings = Settings::read(environment)?;
        let root = &environment.root;
        let password = match settings.get("DATABASE_PASSWORD_FILE") {
            Some(file) => Some(settings.secret("DATABASE_PASSWORD_FILE", &file)?),
            None => None,
        };
        let url = |variable: &str, found: &Found| {
            let password = password.as_deref();
            DatabaseUrl::parse(&found.value, variable, &found.origin, root, password)
        };
        let database = match (&environment.database_url, settings.url("DATABASE_URL")?) {
            (Some(flag), _) => url(
                "--database-url",
                &Found {
                    value: flag.clone(),
                    origin: "the command line".to_owned(),
                },
            )?,
            (None, Some(found)) => url("DATABASE_URL", &found)?,
            (None, None) if environment.fall_back => url(
                "DATABASE_URL",
                &Found {
                    value: "sqlite://dev.db".to_owned(),
                    origin: "the default of debug builds".to_owned(),
                },
            )?,
            (None, None) => {
                return Err(ConfigError::new(
                    "DATABASE_URL",
                    "is not set, and a release build has no default; \
                     set DATABASE_URL or DATABASE_URL_FILE",
                ));
            }
        };
        // A URL of the command line names one database; a second one from the environment would
        // send the migrations elsewhere.
        let migration = match settings.url("MIGRATION_DATABASE_URL")? {
            Some(found) if environment.database_url.is_none() => {
                Some(url("MIGRATION_DATABASE_URL", &found)?)
            }
            _ => None,
        };
        let scratch = match settings.url("SCRATCH_DATABASE_URL")? {
            Some(found) => Some(url("SCRATCH_DATABASE_URL", &found)?),
            None => None,
        };
        let built = match settings.get("CARGO_TARGET_DIR") {
            Some(found) => root.join(found.value),
            None => root.join("target"),
        };
        let timeout = match settings.get("MIGRATIONS_TIMEOUT") {
            None => Duration::from_secs(300),
            Some(found) => duration(&found.value).ok_or_else(|| {
                found.error(
                    "MIGRATIONS_TIMEOUT",
                    "is no length of time; write 30s, 5m or 1h",
                )
            })?,
        };
        let choices = [("serve", Ahead::Serve), ("refuse", Ahead::Refuse)];
        let ahead = settings.choice("DATABASE_AHEAD", &choices)?;
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        let log_format = settings.choice("LOG_FORMAT", &formats)?;
        Ok(Self {
            migrations: settings.policy()?,
            database,
            migration,
            scratch,
            cache: built.join("seachange"),
            timeout,
            ahead: ahead.unwrap_or_default(),
            bind_addr: match settings.get("BIND_ADDR") {
                Some(found) => found.value,
                None => "127.0.0.1:8080".to_owned(),
            },
            log_format: log_format.unwrap_or_default(),
            identity: settings.identity(),
            root: root.clone(),
        })
    }
}

/// A length of time: `30s`, `5m`, `1h`, `250ms`; a bare number is seconds.
pub fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    match text[digits..].trim() {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3600).map(Duration::from_secs),
        _ => None,
    }
}

/// A value and where it came from.
#[derive(Clone)]
struct Found {
    value: String,
    origin: String,
}

impl Found {
    fn error(&self, variable: &str, problem: impl Into<String>) -> ConfigError {
        ConfigError::new(variable, problem).at(&self.origin, Some(&self.value))
    }
}

/// The environment, and below it the `.env` of the project. An empty value is no value.
struct Settings {
    environment: BTreeMap<String, Found>,
    file: BTreeMap<String, Found>,
    root: PathBuf,
}

impl Settings {
    fn read(from: &Environment) -> Result<Self, ConfigError> {
        let environment = from
            .variables
            .iter()
            .map(|(key, value)| (key.clone(), value.clone(), "the environment".to_owned()));
        let path = from.root.join(".env");
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => dot_env(&text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                return Err(ConfigError::new(".env", format!("cannot be read: {error}"))
                    .at(&path.display().to_string(), None));
            }
        };
        let collect = |values: Vec<(String, String, String)>| {
            let mut found = BTreeMap::new();
            for (key, value, origin) in values {
                if !value.trim().is_empty() {
                    found.entry(key).or_insert(Found { value, origin });
                }
            }
            found
        };
        Ok(Self {
            environment: collect(environment.collect()),
            file: collect(file),
            root: from.root.clone(),
        })
    }

    fn get(&self, variable: &str) -> Option<Found> {
        let found = self.environment.get(variable);
        found.or_else(|| self.file.get(variable)).cloned()
    }

    /// A URL, or the content of the file that `…_FILE` names: the environment's before `.env`'s.
    fn url(&self, variable: &str) -> Result<Option<Found>, ConfigError> {
        let in_file = format!("{variable}_FILE");
        for place in [&self.environment, &self.file] {
            if let Some(found) = place.get(variable) {
                return Ok(Some(found.clone()));
            }
            if let Some(found) = place.get(&in_file) {
                return Ok(Some(Found {
                    value: self.secret(&in_file, found)?,
                    origin: format!("{} ({in_file}, {})", found.value, found.origin),
                }));
            }
        }
        Ok(None)
    }

    fn secret(&self, variable: &str, found: &Found) -> Result<String, ConfigError> {
        let path = self.root.join(&found.value);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| found.error(variable, format!("cannot be read: {error}")))?;
        match text.trim_end_matches(['\n', '\r']) {
            "" => Err(found.error(variable, "names a file that is empty")),
            text => Ok(text.to_owned()),
        }
    }

    fn choice<T: Copy>(
        &self,
        variable: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, ConfigError> {
        let Some(found) = self.get(variable) else {
            return Ok(None);
        };
        let wanted = found.value.trim();
        match choices
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(wanted))
        {
            Some((_, choice)) => Ok(Some(*choice)),
            None => {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                Err(found.error(variable, format!("must be one of: {}", words.join(", "))))
            }
        }
    }

    fn policy(&self) -> Result<Policy, ConfigError> {
        const YES_NO: [(&str, bool); 8] = [
            ("true", true),
            ("false", false),
            ("1", true),
            ("0", false),
            ("yes", true),
            ("no", false),
            ("on", true),
            ("off", false),
        ];
        let policies = [
            ("apply", Policy::Apply),
            ("verify", Policy::Verify),
            ("wait", Policy::Wait),
        ];
        let disabled = self.choice("DISABLE_AUTO_MIGRATIONS", &YES_NO)?;
        let policy = self.choice("MIGRATIONS", &policies)?;
        match (disabled, policy) {
            (Some(true), Some(Policy::Apply))
            | (Some(false), Some(Policy::Verify | Policy::Wait)) => {
                let problem = "contradicts DISABLE_AUTO_MIGRATIONS; set only one of them";
                Err(match self.get("MIGRATIONS") {
                    Some(found) => found.error("MIGRATIONS", problem),
                    None => ConfigError::new("MIGRATIONS", problem),
                })
            }
            (_, Some(policy)) => Ok(policy),
            (Some(true), None) => Ok(Policy::Verify),
            (_, None) => Ok(Policy::Apply),
        }
    }

    fn identity(&self) -> Identity {
        let variable = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| self.environment.get(*name));
            found.next().map(|found| found.value.clone())
        };
        let host = variable(&["HOSTNAME", "COMPUTERNAME"]).or_else(|| {
            let name = std::fs::read_to_string("/etc/hostname").ok()?;
            Some(name.trim().to_owned()).filter(|name| !name.is_empty())
        });
        let program = std::env::current_exe().ok().and_then(|path| {
            let name = path.file_stem()?;
            Some(name.to_string_lossy().into_owned())
        });
        Identity {
            host: host.unwrap_or_default(),
            user: variable(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_default(),
            program: program.unwrap_or_default(),
        }
    }
}

/// The settings of a `.env` file with the lines they stand on. The process is left as it is.
fn dot_env(text: &str) -> Result<Vec<(String, String, String)>, ConfigError> {
    let defines = |line: &str, key: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut settings = Vec::new();
    for item in dotenvy::from_read_iter(text.as_bytes()) {
        // The error quotes the line, which may hold a password.
        let (key, value) = item.map_err(|_| {
            ConfigError::new(
                ".env",
                format!(
                    "cannot be read after {}; write NAME=value, in quotes when the value has spaces",
                    match settings.last() {
                        Some((key, _, origin)) => format!("{key} ({origin})"),
                        None => "its beginning".to_owned(),
                    }
                ),
            )
        })?;
        let origin = match text.lines().position(|line| defines(line, &key)) {
            Some(line) => format!(".env:{}", line + 1),
            None => ".env".to_owned(),
        };
        settings.push((key, value, origin));
    }
    Ok(settings)
}
