//! A project whose migrations SeaORM's own migrator applied so far: it follows the page that says
//! how to go on from there.

use seachange::schema::Engine;
use tests::cargo::workspace;
use tests::{Ran, TestDatabase};

use crate::change::{Change, refused, shown, turn, written};
use crate::page::Page;
use crate::project::Project;

const PAGE: &str = "existing-project.md";

/// Steps 1, 2, 3 and 6 of the page, in its own words.
pub(crate) fn follow_the_page(project: &Project) {
    let page = Page::read(PAGE);
    let crates = workspace().canonicalize().unwrap().join("crates");
    let seachange = format!("path = \"{}\"", crates.join("seachange").display());
    let here = |text: &str| text.replace('…', &seachange);
    let append = |file: &str, text: &str| {
        project.write(file, &(format!("{}{text}", project.read(file))));
    };

    append(
        "entity/Cargo.toml",
        &here(page.block("toml", "default-features = false }")),
    );
    append(
        "entity/src/lib.rs",
        page.block("rust", "seachange::entities!"),
    );

    append(
        "migration/Cargo.toml",
        // The table of `sea-orm-migration` is the last one.
        &here(page.block("toml", "\"cli\"")),
    );
    let main = page.block("rust", "seachange::runner");
    project.write("migration/src/main.rs", main);

    std::fs::create_dir_all(project.path("migration/cli/src")).unwrap();
    std::fs::create_dir_all(project.path(".cargo")).unwrap();
    let manifest = here(page.block("toml", "name = \"db\""));
    project.write(
        "migration/cli/Cargo.toml",
        &manifest.replace("version = \"0.1.0\"", "version = \"0.0.0-existing\""),
    );
    let main = page.block("rust", "seachange::cli");
    project.write("migration/cli/src/main.rs", main);
    project.edit(
        "Cargo.toml",
        "\"service\"]",
        "\"service\", \"migration/cli\"]",
    );
    project.write(".cargo/config.toml", page.block("toml", "[alias]"));
    project.write("migration/seachange.toml", "");

    append(
        "service/Cargo.toml",
        &here(page.block("toml", "\"migrate\"")),
    );
    project.edit(
        "service/src/main.rs",
        "    let db = sea_orm::Database::connect(std::env::var(\"DATABASE_URL\")?).await?;\n    \
             Migrator::up(&db, None).await?;\n",
        page.block("rust", "seachange::startup"),
    );
    project.build();
}

/// The service as it starts with this setting, until it has counted its cakes.
fn service(project: &Project, test: &TestDatabase, policy: &str) -> Ran {
    let mut service = project.program("service", test, &[]);
    Ran::of(
        service
            .env("MIGRATIONS", policy)
            .env("MIGRATIONS_TIMEOUT", "200ms"),
    )
}

/// A database that has not got the newest of the old migrations: nothing is told but that.
pub(crate) async fn behind(project: &Project, databases: &[TestDatabase]) {
    for test in databases {
        Ran::of(&mut project.program("sea-orm", test, &["2"])).ended(0);
        test.execute(
            "insert into cake (name) values ('carrot cake'), ('cheese cake');
             insert into fruit (name, cake_id) values ('carrot', 1)",
        )
        .await;
        let ran = refused(project, test, &["check"], 3).await;
        shown(project, "existing project behind", &ran);
        refused(project, test, &["revision", "--autogenerate"], 1)
            .await
            .said("1 revision is pending on");
        let before = test.dump().await;
        for policy in ["verify", "wait"] {
            service(project, test, policy)
                .ended(1)
                .said("m20240101_000001_price");
        }
        assert_eq!(test.dump().await, before, "{}", test.engine());
        service(project, test, "apply").ended(0).printed("2 cakes");
    }
}

/// Nothing is proposed, and what is only listed is listed by `-v`.
pub(crate) async fn first_look(project: &Project, databases: &[TestDatabase]) {
    let page = Page::read(PAGE);
    for test in databases {
        refused(project, test, &["check"], 0)
            .await
            .printed("entities, history and database agree\n");
        refused(project, test, &["check", "--offline"], 1)
            .await
            .said("there is no `migration/entities.snapshot` to compare with");
        let status = refused(project, test, &["status"], 0).await;
        let check = refused(project, test, &["check", "-v"], 0).await;
        match test.engine() {
            Engine::Sqlite => {
                page.shows("cargo db status", &status);
                page.shows("cargo db check -v", &check);
            }
            engine => shown(project, &format!("existing project {engine}"), &check),
        }

        let sources = project.sources();
        let ran = project.db(test, &["snapshot", "--accept"]).ended(0);
        shown(project, "existing project accepted", &ran);
        for check in [&["check"][..], &["check", "--offline"]] {
            refused(project, test, check, 0).await;
        }
        if test.engine() == Engine::Sqlite {
            adopted_on_sqlite(project, databases).await;
        }
        project.restore(&sources);
        for policy in ["verify", "wait", "apply"] {
            service(project, test, policy).ended(0).printed("2 cakes");
        }
    }
}

/// What contradicts an entity on an engine on which the project was not adopted yet is no drift: it is
/// written, so that it passes over the engines where it is done.
async fn adopted_on_sqlite(project: &Project, databases: &[TestDatabase]) {
    let postgres = databases
        .iter()
        .filter(|test| test.engine() == Engine::Postgres);
    for test in postgres {
        test.execute("alter table fruit alter column cake_id type bigint")
            .await;
        let ran = refused(project, test, &["check"], 3).await;
        shown(project, "existing project on another engine", &ran);
        let sources = project.sources();
        project
            .db(test, &["revision", "--autogenerate", "-m", "fit"])
            .ended(0);
        let module = written(project, &sources);
        assert!(module.contains(".if_needed();"), "{module}");
        let snapshot = project.read("migration/entities.snapshot");
        assert!(
            snapshot.contains("\n# adopted on sqlite, postgres\n"),
            "{snapshot}"
        );
        project.restore(&sources);
        test.execute("alter table fruit alter column cake_id type integer")
            .await;
        refused(project, test, &["check"], 0).await;
    }
}

/// The first edit of an entity, and nothing else, is the first revision.
pub(crate) async fn first_revision(project: &Project, databases: &[TestDatabase]) {
    project.edit(
        "entity/src/cake.rs",
        "    #[sea_orm(has_many)]",
        "    pub vegan: Option<bool>,\n    #[sea_orm(has_many)]",
    );
    project.build();
    let sources = project.sources();
    let revision = ["revision", "--autogenerate", "-m", "note vegan cakes"];
    let ran = project.db(&databases[0], &revision).ended(0);
    Page::read(PAGE).shows(
        "cargo db revision --autogenerate -m \"note vegan cakes\"",
        &ran,
    );
    project.restore(&sources);
    turn(
        project,
        databases,
        &Change {
            name: "note vegan cakes",
            answers: &[],
            after: &[(
                "select name from cake where vegan is null order by id",
                &["carrot cake", "cheese cake"],
            )],
            before: &[(
                "select name from cake order by id",
                &["carrot cake", "cheese cake"],
            )],
            reorders: false,
        },
    )
    .await;
    for test in databases {
        project.db(test, &["check", "--offline"]).ended(0);
        service(project, test, "verify").ended(0);
        project.db(test, &["downgrade", "-1"]).ended(0);
        service(project, test, "verify")
            .ended(1)
            .said("note_vegan_cakes");
        service(project, test, "wait")
            .ended(1)
            .said("note_vegan_cakes");
        service(project, test, "apply").ended(0).printed("2 cakes");
        project.db(test, &["check"]).ended(0);
    }
}
