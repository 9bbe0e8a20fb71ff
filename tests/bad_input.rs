//! What goes wrong is named with its cause, and leaves everything as it was.

use std::path::Path;

use tests::{Place, Ran, TestDatabase, engines, programs};

/// Runs a program that must change neither files nor the database.
async fn refused(
    place: &Place,
    program: &Path,
    test: &TestDatabase,
    arguments: &str,
    code: i32,
) -> Ran {
    let look = async || (test.dump().await, crate::tables(test).await, place.files());
    let before = look().await;
    let ran = place.run(program, test.url(), arguments).ended(code);
    assert_eq!(look().await, before, "{ran}");
    ran
}

/// A URL that cannot be used: the same words from the service and from the command lines, with the
/// place that it came from, and never with its password.
#[test]
fn a_url_that_cannot_be_used() {
    let place = Place::new();
    let files = place.files();
    for (url, words) in [
        (
            "mssql://sa:secret@localhost/tasks",
            "`mssql` is not supported; use postgres:// or sqlite://",
        ),
        (
            "postgres//sa:secret@localhost",
            "use postgres:// or sqlite://",
        ),
        (
            "postgres://sa:secret@localhost:port/tasks",
            "DATABASE_URL: ",
        ),
        (
            "sqlite:///there/is/no/such/folder/x.db",
            "names a file in a folder that is not there",
        ),
        ("nonsense", "DATABASE_URL: "),
    ] {
        for program in [&programs().app, &programs().db, &programs().migration] {
            let arguments = if *program == programs().app {
                ""
            } else {
                "status"
            };
            let ran = place.run(program, url, arguments).ended(2);
            let ran = ran.said(words).said("\n  from the environment");
            assert!(!ran.stderr.contains("secret"), "{ran}");
        }
    }
    assert_eq!(place.files(), files);
}

#[test]
fn a_setting_of_dot_env_is_named_with_its_line() {
    let place = Place::new();
    for (text, words) in [
        (
            "# where\nDATABASE_URL=mssql://sa:secret@localhost/tasks\n",
            "error: DATABASE_URL: `mssql` is not supported; use postgres:// or sqlite://\n  \
             from .env:2   mssql://sa:***@localhost/tasks\n",
        ),
        (
            "\n\nexport DATABASE_AHEAD=maybe\n",
            "error: DATABASE_AHEAD: must be one of: serve, refuse\n  from .env:3   maybe\n",
        ),
        ("MIGRATIONS_TIMEOUT=soon\n", "from .env:1   soon\n"),
        ("DATABASE_URL_FILE=nowhere\n", "from .env:1   nowhere\n"),
        (
            "SECRET secret words\n",
            "error: .env: cannot be read after its beginning; write NAME=value",
        ),
    ] {
        place.write(".env", text);
        let mut command = place.command(&programs().migration);
        let ran = Ran::of(command.arg("status")).ended(2).said(words);
        assert!(!ran.stderr.contains("secret"), "{ran}");
    }
    // The environment wins, and a URL of a file is read without the end of its line.
    place.write(".env", "DATABASE_URL=mssql://localhost/tasks\n");
    place
        .run(&programs().migration, "sqlite://other.db", "status")
        .ended(0);
    place.write("url", "sqlite://third.db\n");
    let mut command = place.command(&programs().migration);
    let ran = Ran::of(command.arg("status").env("DATABASE_URL_FILE", "url"));
    ran.ended(0).said("sqlite://third.db");
    // Without any, a debug build takes a file of the project, and the flag wins over all.
    place.write(".env", "");
    let mut command = place.command(&programs().migration);
    Ran::of(command.arg("status"))
        .ended(0)
        .said("sqlite://dev.db");
    let arguments = "status -u sqlite://flag.db";
    place
        .run(&programs().migration, "mssql://localhost/tasks", arguments)
        .ended(0)
        .said("sqlite://flag.db");
}

#[tokio::test]
async fn a_server_that_does_not_let_us_in() {
    let place = Place::new();
    let run = |url: &str| place.run(&programs().migration, url, "status");
    run("postgres://sa:secret@127.0.0.1:1/tasks")
        .ended(1)
        .said("cannot connect to `postgres://sa@127.0.0.1:1/tasks`: ")
        .said("\n  from the environment");
    let Some(test) = tests::postgres().await else {
        return;
    };
    let mut url = url::Url::parse(test.url()).unwrap();
    url.set_path("/no_such_database");
    run(url.as_str())
        .ended(1)
        .said("database \"no_such_database\" does not exist");
    test.execute("drop role if exists nobody_of_e2e").await;
    url.set_username("nobody_of_e2e").unwrap();
    url.set_password(Some("secret")).unwrap();
    let ran = run(url.as_str()).ended(1).said("nobody_of_e2e");
    assert!(!ran.stderr.contains("secret"), "{ran}");
}

#[tokio::test]
async fn a_target_that_is_not_there_or_is_several() {
    let place = Place::new();
    let program = &programs().migration;
    for test in engines().await {
        place
            .run(program, test.url(), "upgrade create_tasks")
            .ended(0);
        for (arguments, words) in [
            (
                "upgrade nothing_like_it",
                "error: no revision has `nothing_like_it` in its name",
            ),
            (
                "upgrade add",
                "error: 3 revisions have `add` in their names: `m20261117_083000_add_tags`",
            ),
            ("upgrade +9", "error: "),
            ("upgrade create_users", "error: "),
            ("downgrade -9", "error: "),
            (
                "downgrade nothing_like_it",
                "error: no revision has `nothing_like_it` in its name",
            ),
            (
                "stamp nothing_like_it",
                "error: no revision has `nothing_like_it` in its name",
            ),
            (
                "show nothing_like_it",
                "error: no revision has `nothing_like_it` in its name",
            ),
        ] {
            refused(&place, program, &test, arguments, 1)
                .await
                .said(words);
        }
        for arguments in [
            "upgrade head more",
            "downgrade",
            "nonsense",
            "upgrade --wait never",
        ] {
            refused(&place, program, &test, arguments, 2).await;
        }
    }
}

#[tokio::test]
async fn a_revision_that_this_code_does_not_have() {
    let place = Place::new();
    for test in engines().await {
        let program = &programs().migration;
        place
            .run(program, test.url(), "upgrade create_tasks")
            .ended(0);
        test.execute(
            "insert into seaql_migrations values ('m20261116_120000_elsewhere', 1763294400)",
        )
        .await;
        refused(&place, program, &test, "upgrade", 1)
            .await
            .said("error: this database has a revision that this code does not: m20261116_120000_elsewhere")
            .said("git log --all --oneline -- '*m20261116_120000_elsewhere.rs'")
            .said("migration downgrade -1")
            .said("migration fresh");
        place
            .run(program, test.url(), "current")
            .ended(0)
            .printed("m20261116_120000_elsewhere  (not in this code)");
        place
            .run(program, test.url(), "status")
            .ended(0)
            .printed("unknown  m20261116_120000_elsewhere");
        // It left no way down, so there is nothing to agree to.
        for arguments in ["downgrade -1", "downgrade -1 --allow-data-loss"] {
            refused(&place, program, &test, arguments, 1)
                .await
                .said("the way down of `m20261116_120000_elsewhere` is not known");
        }
    }
}

#[tokio::test]
async fn a_table_that_is_there_already() {
    let place = Place::new();
    for test in engines().await {
        let program = &programs().migration;
        place
            .run(program, test.url(), "upgrade create_users")
            .ended(0);
        test.execute("create table tasks (id integer)").await;
        let ran = refused(&place, program, &test, "upgrade", 1).await;
        ran.said("m20261116_101500_create_tasks failed at step 2 of 4 and was rolled back; nothing of it remains")
            .said("\n  server  ")
            .said("tasks")
            .said("already exists")
            .said("\n  at      migration/src/m20261116_101500_create_tasks.rs:");
        assert_eq!(crate::record(&test).await.len(), 1);
        test.execute("drop table tasks").await;
        place.run(program, test.url(), "upgrade").ended(0);
    }
}
