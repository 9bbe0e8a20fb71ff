//! The URL of a database: SQLAlchemy's spellings understood, paths resolved, the password kept to
//! itself.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use super::ConfigError;
use crate::schema::Engine;

/// Where a database is, in SeaORM's spelling.
///
/// [`Display`](fmt::Display) and [`Debug`] show no password; [`as_str`](Self::as_str) holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    url: String,
    shown: String,
    engine: Engine,
    local: bool,
    secrets: Vec<String>,
    origin: String,
}

impl DatabaseUrl {
    /// Reads a URL. `variable` and `origin` say where it came from (`DATABASE_URL`, `.env:3`), for
    /// messages; a relative path of SQLite is one below `root`; `password` is used when the URL has
    /// none.
    ///
    /// # Errors
    ///
    /// The engine is not supported, the URL is malformed or names no database.
    pub fn parse(
        text: &str,
        variable: &str,
        origin: &str,
        root: &Path,
        password: Option<&str>,
    ) -> Result<Self, ConfigError> {
        let text = text.trim();
        let error = |problem: String| {
            ConfigError::new(variable, problem).at(origin, Some(&masked_url(text)))
        };
        let Some((scheme, _)) = text.split_once(':') else {
            return Err(error(
                "is no URL; write postgres://user@host/database or sqlite://file.db".to_owned(),
            ));
        };
        let (dialect, driver) = match scheme.split_once('+') {
            Some((dialect, driver)) => (dialect.to_ascii_lowercase(), Some(driver)),
            None => (scheme.to_ascii_lowercase(), None),
        };
        let rest = &text[scheme.len() + 1..];
        match dialect.as_str() {
            "postgres" | "postgresql" => postgres(rest, password).map_err(error),
            "sqlite" => sqlite(rest, driver.is_some(), root).map_err(error),
            "mysql" | "mariadb" => Err(error(format!(
                "`{dialect}` is not supported yet; use postgres:// or sqlite://"
            ))),
            _ => Err(error(format!(
                "`{dialect}` is not supported; use postgres:// or sqlite://"
            ))),
        }
        .map(|url| Self {
            origin: origin.to_owned(),
            ..url
        })
    }

    /// The same database, with this schema as the one that names without a schema belong to
    /// (PostgreSQL's search path; other engines have none and keep their URL).
    #[must_use]
    pub fn in_schema(&self, schema: &str) -> Self {
        let mut url = self.clone();
        if self.engine == Engine::Postgres
            && let Ok(mut parsed) = url::Url::parse(&self.url)
        {
            // In the server's options a backslash keeps a blank from ending the value.
            let path = crate::dialect::quote(schema)
                .replace('\\', "\\\\")
                .replace(' ', "\\ ");
            let option = format!("-c search_path={path}");
            parsed.query_pairs_mut().append_pair("options", &option);
            url.url = parsed.to_string();
        }
        url
    }

    /// The file of a SQLite database; none for one in memory, or on a server.
    pub fn file(&self) -> Option<PathBuf> {
        let path = self.url.strip_prefix("sqlite://")?;
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        (self.engine == Engine::Sqlite && !path.is_empty()).then(|| PathBuf::from(decoded(path)))
    }

    /// The URL to connect to, password included.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether the database is on this machine: a file, a socket, or a server at the loopback
    /// address.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// Where it came from: `environment`, `.env:3`, `--database-url`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A text of somebody else, with the password taken out wherever it stands, as it is or
    /// percent-encoded.
    pub fn mask(&self, text: &str) -> String {
        self.secrets
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseUrl")
            .field("url", &self.shown)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

fn postgres(rest: &str, password: Option<&str>) -> Result<DatabaseUrl, String> {
    let mut url = url::Url::parse(&format!("postgres:{rest}"))
        .map_err(|error| format!("is malformed: {error}"))?;
    let path = decoded(url.path().trim_start_matches('/'));
    let database = match path.as_str() {
        "" => parameter(&url, "dbname"),
        path => Some(path.to_owned()),
    };
    let Some(database) = database else {
        return Err("names no database; write postgres://user@host/database".to_owned());
    };
    let in_query = parameter(&url, "password");
    let user = match url.username() {
        "" => parameter(&url, "user"),
        user => Some(decoded(user)),
    };
    let host = match url.host_str() {
        None | Some("") => parameter(&url, "host").unwrap_or_else(|| "localhost".to_owned()),
        Some(host) => decoded(host),
    };
    if url.password().is_none()
        && in_query.is_none()
        && let Some(password) = password
    {
        if url.host_str().is_none_or(str::is_empty) {
            // A URL without a host can hold no password; its parameters can.
            url.query_pairs_mut().append_pair("password", password);
        } else if url.set_password(Some(password)).is_err() {
            return Err("cannot hold a password; name a host".to_owned());
        }
    }
    let local = is_local(&parameter(&url, "hostaddr").unwrap_or_else(|| host.clone()));
    let mut shown = "postgres://".to_owned();
    if let Some(user) = &user {
        shown.push_str(user);
        shown.push('@');
    }
    shown.push_str(&host);
    if let Some(port) = url.port().filter(|port| *port != 5432) {
        shown.push_str(&format!(":{port}"));
    }
    shown.push('/');
    shown.push_str(&database);

    let mut secrets = Vec::new();
    // A password that is no secret (`app:app@host/app`) would only make messages unreadable.
    let told = [
        user.as_deref(),
        Some(host.as_str()),
        Some(database.as_str()),
    ];
    for secret in [
        url.password().map(str::to_owned),
        parameter(&url, "password"),
        in_query,
    ]
    .into_iter()
    .flatten()
    {
        let plain = decoded(&secret);
        let encoded = url::form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        for form in [plain.clone(), secret, encoded] {
            if !form.is_empty() && !told.contains(&Some(plain.as_str())) && !secrets.contains(&form)
            {
                secrets.push(form);
            }
        }
    }
    // The longest first, so that no part of one stays when a shorter one is inside it.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    Ok(DatabaseUrl {
        url: url.into(),
        shown,
        engine: Engine::Postgres,
        local,
        secrets,
        origin: String::new(),
    })
}

/// A path is the folder of a socket.
fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = |address: std::net::IpAddr| address.is_loopback();
    host.starts_with(['/', '@'])
        || host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(loopback)
}

fn parameter(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

fn sqlite(rest: &str, sqlalchemy: bool, root: &Path) -> Result<DatabaseUrl, String> {
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let after_slashes = path.strip_prefix("//").unwrap_or(path);
    let memory = matches!(after_slashes, "" | "/" | ":memory:" | "/:memory:")
        || query.is_some_and(|query| query.split('&').any(|pair| pair == "mode=memory"));
    if memory {
        return Ok(DatabaseUrl {
            url: "sqlite::memory:".to_owned(),
            shown: "sqlite::memory:".to_owned(),
            engine: Engine::Sqlite,
            local: true,
            secrets: Vec::new(),
            origin: String::new(),
        });
    }
    let path = sqlite_path(path, sqlalchemy, root)?;
    let mut url = format!("sqlite://{}", encoded_path(&path));
    let parameters: Vec<&str> = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .collect();
    let mode = (!parameters.iter().any(|pair| pair.starts_with("mode="))).then_some("mode=rwc");
    let all: Vec<&str> = parameters.into_iter().chain(mode).collect();
    url.push('?');
    url.push_str(&all.join("&"));
    Ok(DatabaseUrl {
        shown: match path.strip_prefix(root) {
            Ok(below) => format!("sqlite://{}", below.display()),
            Err(_) => format!("sqlite://{}", path.display()),
        },
        url,
        engine: Engine::Sqlite,
        local: true,
        secrets: Vec::new(),
        origin: String::new(),
    })
}

/// The absolute path of an SQLite URL. Three slashes begin an absolute path for sqlx and a relative
/// one for SQLAlchemy; what is there decides, and nothing is created where nothing was.
fn sqlite_path(path: &str, sqlalchemy: bool, root: &Path) -> Result<PathBuf, String> {
    let Some(after) = path.strip_prefix("//") else {
        return Ok(tidy(&root.join(decoded(path))));
    };
    if let Some(absolute) = after.strip_prefix("//") {
        return Ok(tidy(&Path::new("/").join(decoded(absolute))));
    }
    let Some(three) = after.strip_prefix('/') else {
        return Ok(tidy(&root.join(decoded(after))));
    };
    let three = decoded(three);
    if Path::new(&three).is_absolute() {
        return Ok(tidy(Path::new(&three)));
    }
    let absolute = tidy(&Path::new("/").join(&three));
    let relative = tidy(&root.join(&three));
    if sqlalchemy {
        return Ok(relative);
    }
    let folder = |path: &Path| path.parent().is_some_and(Path::is_dir);
    if absolute.parent() == Some(Path::new("/")) {
        return Ok(if absolute.exists() {
            absolute
        } else {
            relative
        });
    }
    match (folder(&absolute), folder(&relative)) {
        (true, _) => Ok(absolute),
        (false, true) => Ok(relative),
        (false, false) => Err(format!(
            "names a file in a folder that is not there: neither `{}` nor `{}`",
            parent(&absolute),
            parent(&relative)
        )),
    }
}

fn parent(path: &Path) -> String {
    path.parent().unwrap_or(path).display().to_string()
}

/// The path without `.` and without what `..` takes back.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                tidy.pop();
            }
            part => tidy.push(part),
        }
    }
    tidy
}

fn encoded_path(path: &Path) -> String {
    path.to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23")
}

/// Text with its percent escapes resolved; what is no escape stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escape = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escape {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// A URL of any kind, however malformed, with what may be its password replaced.
fn masked_url(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let (rest, query) = match rest.split_once('?') {
        Some((rest, _)) => (rest, "?***"),
        None => (rest, ""),
    };
    // The last `@`: a password that was not encoded may hold one.
    let shown = match rest.rsplit_once('@') {
        Some((login, host)) => match login.split_once(':') {
            Some((user, _)) => format!("{user}:***@{host}"),
            None => format!("{login}@{host}"),
        },
        None => rest.to_owned(),
    };
    format!("{scheme}{shown}{query}")
}
