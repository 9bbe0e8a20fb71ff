//! Configuration, as a table.

use std::path::PathBuf;
use std::time::Duration;

use seachange::config::{
    Ahead, Config, ConfigError, DatabaseUrl, Environment, Policy, project_root,
};
use tempfile::TempDir;

/// A project's folder with files in it.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn read(folder: &TempDir, settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&Environment {
        variables: settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        root: folder.path().to_owned(),
        database_url: None,
        fall_back: false,
    })
}

#[test]
fn what_is_on_this_machine() {
    let root = std::path::Path::new("/");
    for (url, local) in [
        ("sqlite://x.db", true),
        ("postgres://u@localhost/d", true),
        ("postgres://u@127.0.0.7:5433/d", true),
        ("postgres://u@[::1]/d", true),
        ("postgres:///d?host=/var/run/postgresql", true),
        ("postgres:///d", true),
        ("postgres://u@db/d", false),
        ("postgres://u@10.0.0.1/d", false),
        ("postgres://u@localhost.example.com/d", false),
        ("postgres://u@localhost/d?hostaddr=10.0.0.1", false),
    ] {
        let parsed = DatabaseUrl::parse(url, "DATABASE_URL", "a test", root, None).unwrap();
        assert_eq!(parsed.is_local(), local, "{url}");
    }
}

#[test]
fn urls_of_every_spelling() {
    let folder = project(&[("data/x.db", "")]);
    let root = folder.path().display().to_string();
    let in_root = |rest: &str| format!("sqlite://{root}/{rest}");
    // as written, as shown, to connect with
    let cases: Vec<(String, &str, String)> = vec![
        (
            "postgres://app@localhost/tasks".into(),
            "postgres://app@localhost/tasks",
            "postgres://app@localhost/tasks".into(),
        ),
        (
            "postgresql://app@db:5433/tasks".into(),
            "postgres://app@db:5433/tasks",
            "postgres://app@db:5433/tasks".into(),
        ),
        (
            "postgresql+asyncpg://app:pw@db/tasks".into(),
            "postgres://app@db/tasks",
            "postgres://app:pw@db/tasks".into(),
        ),
        (
            "postgresql+psycopg2://app@db/t?sslmode=require".into(),
            "postgres://app@db/t",
            "postgres://app@db/t?sslmode=require".into(),
        ),
        (
            "postgres:///tasks?host=/run/postgresql".into(),
            "postgres:///run/postgresql/tasks",
            "postgres:///tasks?host=/run/postgresql".into(),
        ),
        (
            "sqlite://dev.db".into(),
            "sqlite://dev.db",
            in_root("dev.db?mode=rwc"),
        ),
        (
            "sqlite:dev.db".into(),
            "sqlite://dev.db",
            in_root("dev.db?mode=rwc"),
        ),
        (
            "sqlite://./a/../dev.db".into(),
            "sqlite://dev.db",
            in_root("dev.db?mode=rwc"),
        ),
        (
            "sqlite:///in-no-root.db".into(),
            "sqlite://in-no-root.db",
            in_root("in-no-root.db?mode=rwc"),
        ),
        (
            "sqlite:///data/new.db".into(),
            "sqlite://data/new.db",
            in_root("data/new.db?mode=rwc"),
        ),
        (
            "sqlite+aiosqlite:///any/new.db".into(),
            "sqlite://any/new.db",
            in_root("any/new.db?mode=rwc"),
        ),
        (
            format!("sqlite://{root}/data/x.db"),
            "sqlite://data/x.db",
            in_root("data/x.db?mode=rwc"),
        ),
        (
            format!("sqlite:///{root}/data/x.db"),
            "sqlite://data/x.db",
            in_root("data/x.db?mode=rwc"),
        ),
        (
            "sqlite://dev.db?mode=ro".into(),
            "sqlite://dev.db",
            in_root("dev.db?mode=ro"),
        ),
        (
            "sqlite::memory:".into(),
            "sqlite::memory:",
            "sqlite::memory:".into(),
        ),
        (
            "sqlite://".into(),
            "sqlite::memory:",
            "sqlite::memory:".into(),
        ),
        (
            "sqlite:///:memory:".into(),
            "sqlite::memory:",
            "sqlite::memory:".into(),
        ),
    ];
    for (written, shown, url) in cases {
        let config = read(&folder, &[("DATABASE_URL", &written)]).unwrap();
        assert_eq!(config.database.to_string(), shown, "{written}");
        assert_eq!(config.database.as_str(), url, "{written}");
    }
}

#[test]
fn where_a_url_comes_from() {
    let folder = project(&[
        (
            ".env",
            "# a comment\n\nexport DATABASE_URL='postgres://env_file@h/d'\nMIGRATION_DATABASE_URL=postgres://owner@h/d\n",
        ),
        ("secret", "postgres://secret@h/d\n"),
        ("password", "p@ss/word\n"),
    ]);
    let bare = project(&[("secret", "postgres://secret@h/d")]);
    let config = read(&folder, &[]).unwrap();
    assert_eq!(config.database.to_string(), "postgres://env_file@h/d");
    assert_eq!(config.database.origin(), ".env:3");
    assert_eq!(
        config.migration.unwrap().to_string(),
        "postgres://owner@h/d"
    );

    let config = read(&folder, &[("DATABASE_URL", "postgres://real@h/d")]).unwrap();
    assert_eq!(config.database.origin(), "the environment");
    assert_eq!(config.database.to_string(), "postgres://real@h/d");

    // The environment's file before the `.env`'s URL; an empty variable is none.
    let config = read(
        &folder,
        &[("DATABASE_URL", ""), ("DATABASE_URL_FILE", "secret")],
    )
    .unwrap();
    assert_eq!(config.database.to_string(), "postgres://secret@h/d");

    let config = read(&folder, &[("DATABASE_PASSWORD_FILE", "password")]).unwrap();
    assert!(
        config.database.as_str().contains("p%40ss%2Fword@"),
        "{}",
        config.database.as_str()
    );
    let told = format!(
        "{config:?} {}",
        config.database.mask("wrong p@ss/word or p%40ss%2Fword")
    );
    assert!(!told.contains("p@ss") && !told.contains("p%40ss"), "{told}");

    assert!(read(&bare, &[]).unwrap_err().problem.contains("is not set"));
    let environment = Environment {
        root: bare.path().to_owned(),
        fall_back: true,
        ..Environment::default()
    };
    let config = Config::read(&environment).unwrap();
    assert_eq!(config.database.to_string(), "sqlite://dev.db");

    let flag = Environment {
        database_url: Some("sqlite://flag.db".to_owned()),
        variables: [(
            "MIGRATION_DATABASE_URL".to_owned(),
            "postgres://o@h/d".to_owned(),
        )]
        .into(),
        ..environment
    };
    let config = Config::read(&flag).unwrap();
    assert_eq!(config.database.to_string(), "sqlite://flag.db");
    assert_eq!(
        config.migration, None,
        "a flag names one database for everything"
    );
}

#[test]
fn mistakes_are_named_without_the_password() {
    let folder = project(&[(
        ".env",
        "A=1\n\nDATABASE_URL=mssql://sa:s3cret@localhost/tasks\n",
    )]);
    let empty = project(&[("empty", "\n")]);
    assert_eq!(
        read(&folder, &[]).unwrap_err().to_string(),
        "DATABASE_URL: `mssql` is not supported; use postgres:// or sqlite://\n  \
         from .env:3   mssql://sa:***@localhost/tasks"
    );
    let cases: [(&str, &str, &str); 19] = [
        (
            "DATABASE_URL",
            "mysql+pymysql://u:s3cret@h/d",
            "`mysql` is not supported yet",
        ),
        ("DATABASE_URL", "just words s3cret", "is no URL"),
        ("DATABASE_URL", "postgres://u:s3cret@h", "names no database"),
        (
            "DATABASE_URL",
            "postgres://u:s3cret@h:port/d",
            "is malformed",
        ),
        (
            "DATABASE_URL",
            "postgres://u:s3cr@s3cret@[h/d",
            "is malformed",
        ),
        (
            "DATABASE_URL",
            "oracle://u@h/d?password=s3cret",
            "`oracle` is not supported",
        ),
        (
            "DATABASE_URL",
            "sqlite:///no/such/folder/x.db",
            "a folder that is not there",
        ),
        ("DATABASE_URL_FILE", "no_such_file", "cannot be read"),
        ("DATABASE_URL_FILE", "empty", "is empty"),
        ("DATABASE_PASSWORD_FILE", "no_such_file", "cannot be read"),
        (
            "MIGRATION_DATABASE_URL",
            "mssql://u:s3cret@h/d",
            "MIGRATION_DATABASE_URL: `mssql`",
        ),
        ("MIGRATION_DATABASE_URL", "postgres://", "names no database"),
        (
            "MIGRATIONS",
            "sometimes",
            "must be one of: apply, verify, wait",
        ),
        ("MIGRATIONS_TIMEOUT", "soon", "write 30s, 5m or 1h"),
        (
            "MIGRATIONS_TIMEOUT",
            "99999999999999999999h",
            "write 30s, 5m or 1h",
        ),
        (
            "DISABLE_AUTO_MIGRATIONS",
            "perhaps",
            "must be one of: true, false",
        ),
        ("DATABASE_AHEAD", "x", "must be one of: serve, refuse"),
        ("LOG_FORMAT", "xml", "must be one of: text, json"),
        ("DATABASE_URL", "postgres+", "is no URL"),
    ];
    for (variable, value, expected) in cases {
        let mut settings = vec![(variable, value)];
        if !variable.starts_with("DATABASE_URL") {
            settings.push(("DATABASE_URL", "postgres://u@h/d"));
        }
        let error = read(&empty, &settings).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(expected), "{variable}={value}: {text}");
        assert!(
            value.contains("just words") || !text.contains("s3cret"),
            "{text}"
        );
        assert_eq!(error.exit_code(), 2);
    }
    let broken = project(&[(".env", "A=1\nDATABASE_URL=postgres://u:s3cret pw@h/d\n")]);
    let text = read(&broken, &[]).unwrap_err().to_string();
    assert!(
        text.contains("(.env:1)") && !text.contains("s3cret"),
        "{text}"
    );
}

#[test]
fn policies() {
    let folder = project(&[]);
    let policy = |settings: &[(&str, &str)]| {
        let mut all = vec![("DATABASE_URL", "postgres://u@h/d")];
        all.extend_from_slice(settings);
        read(&folder, &all).map(|config| config.migrations)
    };
    const DISABLE: &str = "DISABLE_AUTO_MIGRATIONS";
    type Case<'a> = (&'a [(&'a str, &'a str)], Option<Policy>);
    let cases: [Case<'_>; 9] = [
        (&[], Some(Policy::Apply)),
        (&[(DISABLE, "true")], Some(Policy::Verify)),
        (&[(DISABLE, "0")], Some(Policy::Apply)),
        (&[("MIGRATIONS", "wait")], Some(Policy::Wait)),
        (&[("MIGRATIONS", "VERIFY")], Some(Policy::Verify)),
        (
            &[(DISABLE, "1"), ("MIGRATIONS", "verify")],
            Some(Policy::Verify),
        ),
        (
            &[(DISABLE, "1"), ("MIGRATIONS", "wait")],
            Some(Policy::Wait),
        ),
        (&[(DISABLE, "yes"), ("MIGRATIONS", "apply")], None),
        (&[(DISABLE, "off"), ("MIGRATIONS", "verify")], None),
    ];
    for (settings, expected) in cases {
        assert_eq!(policy(settings).ok(), expected, "{settings:?}");
    }
    let config = read(
        &folder,
        &[
            ("DATABASE_URL", "postgres://u@h/d"),
            ("MIGRATIONS_TIMEOUT", "1h"),
            ("DATABASE_AHEAD", "refuse"),
            ("BIND_ADDR", "0.0.0.0:80"),
        ],
    )
    .unwrap();
    assert_eq!(config.timeout, Duration::from_secs(3600));
    assert_eq!(config.ahead, Ahead::Refuse);
    assert_eq!(config.bind_addr, "0.0.0.0:80");
}

#[test]
fn the_root_of_a_project() {
    let folder = project(&[
        ("Cargo.lock", ""),
        ("mine/migration/seachange.toml", ""),
        ("mine/Cargo.lock", ""),
        ("mine/app/src/main.rs", ""),
        ("other/Cargo.lock", ""),
        ("other/app/x", ""),
    ]);
    let at = |path: &str| folder.path().join(path);
    let none = PathBuf::from("/");
    // places to start from, what is found
    for (starts, found) in [
        (vec![at("mine/app/src")], Some("mine")),
        (vec![at("other/app"), at("mine/app")], Some("mine")),
        (vec![at("other/app")], Some("other")),
        (vec![none.clone(), at("other")], Some("other")),
        (vec![none], None),
    ] {
        assert_eq!(project_root(&starts), found.map(at), "{starts:?}");
    }
}
