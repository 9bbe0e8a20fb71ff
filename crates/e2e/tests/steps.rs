//! The turns of the loop, in the order that a project makes them.

use tests::{Ran, TestDatabase, engines};

use crate::change::{Change, refused, shown, turn};
use crate::project::Project;

const TASK: &str = "entity/src/task.rs";
const USER: &str = "entity/src/user.rs";
const COMMENT: &str = "entity/src/comment.rs";
const LIB: &str = "entity/src/lib.rs";

/// The template's own history, by the alias that everybody types, and rows that must not be lost.
pub(crate) async fn begin(project: &Project, databases: &[TestDatabase]) {
    for test in databases {
        let ran = Ran::of(
            project
                .cargo()
                .args(["db", "upgrade", "head"])
                .current_dir(project.path("entity/src"))
                .env("DATABASE_URL", test.url()),
        );
        ran.ended(0).said("done: 7 revisions in ");
        project.db(test, &["check"]).ended(0);
        test.execute(
            "insert into users (id, first_name, last_name, full_name, email) values
                 (1, 'Ada', 'Lovelace', 'Ada Lovelace', 'ada@example.org'),
                 (2, 'Alan', 'Turing', 'Alan Turing', 'alan@example.org');
             insert into projects (id, owner_id, name) values (1, 1, 'engine'), (2, 2, 'machine');
             insert into tasks (id, project_id, assignee_id, title, status, priority, estimate)
                 values (1, 1, 2, 'note G', 'doing', 5, 12.50), (2, 2, null, 'tape', 'todo', 0, null);
             insert into task_tag (task_id, tag_id) values (1, 1), (2, 3);
             insert into comments (id, task_id, author_id, body) values
                 (1, 1, 1, 'see page 5'), (2, 2, null, 'infinite')",
        )
        .await;
    }
}

/// A database that somebody changed by hand: named, shown, put back; and what nobody declared goes
/// only by name.
pub(crate) async fn drift(project: &Project, databases: &[TestDatabase]) {
    let sources = project.sources();
    for test in databases {
        let before = test.structure().await;
        let tags = test.strings("select name from tags order by id").await;
        test.execute(
            "drop index \"idx-comments-task_id\"; create table legacy_import (id integer); \
             insert into legacy_import values (1); insert into legacy_import values (2)",
        )
        .await;
        if test.engine() == seachange::schema::Engine::Postgres {
            test.execute("alter table tags alter color type varchar(40)")
                .await;
            test.execute("update tags set color = '#000000000' where id = 1")
                .await;
        }
        let ran = refused(project, test, &["check"], 3).await;
        shown(project, &format!("drift check {}", test.engine()), &ran);
        let ran = refused(project, test, &["repair", "--drift", "--dry-run"], 0).await;
        shown(project, &format!("drift dry run {}", test.engine()), &ran);
        if test.engine() == seachange::schema::Engine::Postgres {
            refused(project, test, &["repair", "--drift"], 4)
                .await
                .said("values on")
                .said("add --allow-data-loss");
            let ran = refused(
                project,
                test,
                &["repair", "--drift", "--allow-data-loss"],
                1,
            )
            .await;
            ran.said("failed at step").said("nothing of it remains");
            test.execute("update tags set color = '#d1242f' where id = 1")
                .await;
        }
        let repair = ["repair", "--drift"];
        if test.engine() == seachange::schema::Engine::Postgres {
            // The values that may be lost are counted, and the count is to be typed.
            let screen = project.asked(test, &repair, &[("Type 3 to go on: ", "2")], 4);
            assert!(screen.contains("tags.color: 3 values on"), "{screen}");
        } else {
            let screen = project.asked(test, &repair, &[("? [y/N] ", "n")], 4);
            assert!(screen.contains("not agreed; nothing was done"), "{screen}");
        }
        let ran = project.db(test, &["repair", "--drift", "--allow-data-loss"]);
        shown(
            project,
            &format!("drift repaired {}", test.engine()),
            &ran.ended(0),
        );
        project.db(test, &["check"]).ended(0);
        assert_eq!(
            test.strings("select name from tags order by id").await,
            tags
        );

        let flag = ["revision", "--autogenerate", "--drop-unmanaged"];
        let ran = refused(project, test, &flag, 4).await;
        shown(project, &format!("unmanaged {}", test.engine()), &ran);
        let mut arguments = flag.to_vec();
        let screen = project.asked(
            test,
            &[&flag[..], &["-m", "x"]].concat(),
            &[("Drop table:legacy_import   (2 rows)? [y/N] ", "y")],
            0,
        );
        assert!(screen.contains("- table legacy_import"), "{screen}");
        project.restore(&sources);
        arguments.extend(["table:legacy", "-m", "x"]);
        refused(project, test, &arguments, 2).await;
        arguments[3] = "table:legacy_import";
        let ran = project.db(test, &arguments).ended(0);
        shown(
            project,
            &format!("unmanaged dropped {}", test.engine()),
            &ran,
        );
        project.restore(&sources);
        test.execute("drop table legacy_import").await;
        assert_eq!(test.structure().await, before, "{}", test.engine());
    }
}

/// Part of what changed: some tables, and all but what a filter names.
async fn parts(project: &Project, databases: &[TestDatabase]) {
    const SETTINGS: &str = "migration/seachange.toml";
    let sources = project.sources();
    for test in databases {
        let only =
            |tables: &'static str| ["revision", "--autogenerate", "--only", tables, "-m", "part"];
        let ran = project.db(test, &only("tasks")).ended(0);
        shown(project, &format!("only tasks {}", test.engine()), &ran);
        project.restore(&sources);
        refused(project, test, &only("tasks,taks"), 2)
            .await
            .said("--only taks: no entity declares that table");

        let settings = project.read(SETTINGS);
        project.write(
            SETTINGS,
            &format!("{settings}exclude = [\"users\", \"column:comments.*\"]\n"),
        );
        let arguments = ["revision", "--autogenerate", "-m", "part"];
        let ran = project.db(test, &arguments).ended(0);
        shown(project, &format!("filtered {}", test.engine()), &ran);
        // What is hidden is still in the snapshot.
        let snapshot = project.read("migration/entities.snapshot");
        assert!(
            snapshot.contains("comments column body text not null\n"),
            "{snapshot}"
        );
        assert!(
            snapshot.contains("users column email string not null\n"),
            "{snapshot}"
        );
        project.restore(&sources);
        project.write(SETTINGS, &format!("{settings}exclude = [\"trigger:x\"]\n"));
        refused(project, test, &arguments, 2)
            .await
            .said("`migration/seachange.toml`: `trigger:x` is no filter");
        project.write(SETTINGS, &settings);
    }
}

/// The real sea-orm-cli finds the project as it finds any other.
pub(crate) async fn sea_orm_cli(project: &Project) {
    for test in engines().await {
        let run = |arguments: &str| {
            let mut command = project.like_cargo(env!("CARGO_BIN_EXE_sea-orm-cli").as_ref());
            command.env("DATABASE_URL", test.url()).arg("migrate");
            Ran::of(command.args(arguments.split_whitespace()))
        };
        let count = async || {
            let applied = test.strings("select version from seaql_migrations");
            applied.await.len()
        };
        run("up -n 2").ended(0);
        assert_eq!(count().await, 2);
        run("status")
            .ended(0)
            .printed("applied  m20261116_101500_create_tasks");
        run("down").ended(0);
        assert_eq!(count().await, 1);
        run("").ended(0);
        assert_eq!(count().await, 7);
        run("refresh").ended(0);
        assert_eq!(count().await, 7);
        run("reset").ended(0);
        assert_eq!(count().await, 0);
        test.execute("create table users (id integer)").await;
        run("up").ended(1).said("already exists");
        run("fresh").ended(0);
        assert_eq!(count().await, 7);
    }
}

pub(crate) async fn add_fields_and_keys(project: &Project, databases: &[TestDatabase]) {
    project.edit(
        TASK,
        "    /// An array of words.",
        "    pub note: Option<String>,\n    \
             #[sea_orm(default_value = 1)]\n    pub points: i32,\n    \
             /// An array of words.",
    );
    project.edit(
        USER,
        "    /// As the person writes it",
        "    #[sea_orm(unique)]\n    pub handle: String,\n    /// As the person writes it",
    );
    project.edit(
        COMMENT,
        "    #[sea_orm(column_type = \"Text\")]",
        "    #[sea_orm(indexed)]\n    pub project_id: Option<i32>,\n    \
             #[sea_orm(column_type = \"Text\")]",
    );
    project.edit(
        COMMENT,
        "    #[sea_orm(belongs_to, from = \"task_id\"",
        "    #[sea_orm(belongs_to, from = \"project_id\", to = \"id\", on_delete = \"SetNull\")]\n    \
             pub project: BelongsTo<Option<super::project::Entity>>,\n    \
             #[sea_orm(belongs_to, from = \"task_id\"",
    );
    project.build();
    for test in databases {
        let ran = refused(project, test, &["revision", "--autogenerate"], 4).await;
        shown(
            project,
            &format!("not null unanswered {}", test.engine()),
            &ran,
        );
        let check = refused(project, test, &["check"], 3).await;
        shown(
            project,
            &format!("not null check {}", test.engine()),
            &check,
        );
        refused(project, test, &["revision", "--autogenerate", "--json"], 4)
            .await
            .printed("\"value\": \"users.handle=<SQL expression>\"");
    }
    let revision = ["revision", "--autogenerate", "-m", "asked"];
    let (sources, test) = (project.sources(), &databases[0]);
    let prompt = "An SQL expression for these rows, or nothing to stop: ";
    let screen = project.asked(test, &revision, &[(prompt, "")], 4);
    assert!(
        screen.contains("not answered; nothing was written"),
        "{screen}"
    );
    assert_eq!(project.sources(), sources);
    let screen = project.asked(test, &revision, &[(prompt, "lower(first_name)")], 0);
    assert!(screen.contains("> fill users.handle"), "{screen}");
    project.restore(&sources);
    parts(project, databases).await;
    turn(
        project,
        databases,
        &Change {
            name: "add fields and keys",
            answers: &["--backfill", "users.handle=lower(first_name)"],
            after: &[
                (
                    "select id || ' ' || handle from users order by id",
                    &["1 ada", "2 alan"],
                ),
                (
                    "select id || ' ' || points || ' ' || coalesce(note, '-') from tasks order by id",
                    &["1 1 -", "2 1 -"],
                ),
                (
                    "select body from comments where project_id is null order by id",
                    &["see page 5", "infinite"],
                ),
            ],
            before: &[(
                "select id || ' ' || full_name from users order by id",
                &["1 Ada Lovelace", "2 Alan Turing"],
            )],
            reorders: false,
        },
    )
    .await;
}

const LABEL: &str = r#"//! Labels, which a project gives to its comments.

use sea_orm::entity::prelude::*;
use seachange::{Extras, TableExtras};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "labels")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub comment_id: i32,
    #[sea_orm(unique)]
    pub name: String,
    #[sea_orm(default_value = "plain")]
    pub kind: Kind,
    pub weight: Option<f64>,

    #[sea_orm(belongs_to, from = "comment_id", to = "id", on_delete = "Cascade")]
    pub comment: BelongsTo<super::comment::Entity>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Enum",
    enum_name = "label_kind",
    rename_all = "snake_case"
)]
pub enum Kind {
    Plain,
    Urgent,
}

impl ActiveModelBehavior for ActiveModel {}

impl TableExtras for Entity {
    fn extras(table: &mut Extras<Column>) {
        table.index([Column::CommentId, Column::Kind]);
        table.check("ck-labels-weight", Column::Weight.gte(0));
    }
}
"#;

pub(crate) async fn add_an_entity(project: &Project, databases: &[TestDatabase]) {
    let sqlite = &databases[0];
    project.write("entity/src/label.rs", LABEL);
    let ran = refused(project, sqlite, &["revision", "--autogenerate"], 1).await;
    shown(project, "entity without a mod", &ran);

    project.edit(LIB, "pub mod prelude;", "pub mod label;\npub mod prelude;");
    project.build();
    for command in [&["check"][..], &["revision", "--autogenerate"]] {
        let ran = refused(project, sqlite, command, 1).await;
        shown(project, "entity not listed", &ran);
    }

    project.edit(LIB, "entities![comment, ", "entities![comment, label, ");
    project.build();
    turn(
        project,
        databases,
        &Change {
            name: "add labels",
            answers: &[],
            after: &[("select name from labels", &[])],
            before: &[(
                "select body from comments order by id",
                &["see page 5", "infinite"],
            )],
            reorders: false,
        },
    )
    .await;
}

pub(crate) async fn change_types_and_drop_a_field(project: &Project, databases: &[TestDatabase]) {
    for test in databases {
        test.execute("update tasks set note = '42' where id = 1")
            .await;
    }
    project.edit(TASK, "pub points: i32", "pub points: i64");
    project.edit(TASK, "pub note: Option<String>", "pub note: Option<i32>");
    project.edit(
        TASK,
        "    /// In hours.\n    #[sea_orm(column_type = \"Decimal(Some((6, 2)))\", nullable)]\n    \
             pub estimate: Option<Decimal>,\n",
        "",
    );
    project.edit("entity/src/tag.rs", "StringLen::N(7)", "StringLen::N(30)");
    project.build();
    turn(
        project,
        databases,
        &Change {
            name: "change types and drop a field",
            answers: &[],
            after: &[(
                "select id || ' ' || (points + 1) || ' ' || (note + 1) from tasks where note is not null",
                &["1 2 43"],
            )],
            before: &[
                ("select note || '!' from tasks where note is not null", &["42!"]),
                ("select title from tasks where estimate is not null", &[]),
            ],
            reorders: true,
        },
    )
    .await;
}

pub(crate) async fn rename(project: &Project, databases: &[TestDatabase]) {
    project.edit(USER, "pub handle: String", "pub nickname: String");
    project.edit(
        COMMENT,
        "    #[sea_orm(column_type = \"Text\")]\n    pub body: String",
        "    #[sea_orm(column_type = \"Text\", renamed_from = \"body\")]\n    pub words: String",
    );
    project.edit(
        COMMENT,
        "table_name = \"comments\"",
        "table_name = \"remarks\"",
    );
    let extras = "
impl seachange::TableExtras for Entity {
    fn extras(table: &mut seachange::Extras<Column>) {
        table.renamed_from(\"comments\");
    }
}
";
    project.write(COMMENT, &(project.read(COMMENT) + extras));
    project.build();
    for test in databases {
        let ran = refused(project, test, &["revision", "--autogenerate"], 4).await;
        shown(
            project,
            &format!("rename unanswered {}", test.engine()),
            &ran,
        );
    }
    const ANSWERS: &str = "migration/answers.toml";
    let (sources, test) = (project.sources(), &databases[0]);
    let revision = ["revision", "--autogenerate", "-m", "asked"];
    let number = "Type a number, or nothing to stop: ";
    let screen = project.asked(test, &revision, &[(number, "")], 4);
    assert!(
        screen.contains("not answered; nothing was written"),
        "{screen}"
    );
    assert_eq!(project.sources(), sources);
    let screen = project.asked(test, &revision, &[(number, "9"), (number, "1")], 0);
    assert!(
        screen.contains("~ column users.handle renamed to nickname"),
        "{screen}"
    );
    project.restore(&sources);
    project.write(ANSWERS, "rename = []\nrenamed = []\n");
    refused(project, &databases[0], &["revision", "--autogenerate"], 2)
        .await
        .said("`migration/answers.toml`: ")
        .said("line 2");
    project.write(ANSWERS, "rename = [\"column:users.handle=nickname\"]\n");
    turn(
        project,
        databases,
        &Change {
            name: "rename",
            answers: &[],
            after: &[
                ("select nickname from users order by id", &["ada", "alan"]),
                (
                    "select words from remarks order by id",
                    &["see page 5", "infinite"],
                ),
            ],
            before: &[
                ("select handle from users order by id", &["ada", "alan"]),
                (
                    "select body from comments order by id",
                    &["see page 5", "infinite"],
                ),
            ],
            reorders: false,
        },
    )
    .await;
    let ran = refused(project, test, &["downgrade", "-1", "--dry-run"], 0).await;
    shown(project, "rename dry run", &ran);
    let screen = project.asked(test, &["downgrade", "base"], &[("to go on: ", "no")], 4);
    assert!(screen.contains("not agreed; nothing was done"), "{screen}");
    refused(project, &databases[0], &["revision", "--autogenerate"], 0)
        .await
        .said("the answer `column:users.handle=nickname` fits nothing any more");
    std::fs::remove_file(project.path(ANSWERS)).unwrap();
}

pub(crate) async fn drop_an_entity(project: &Project, databases: &[TestDatabase]) {
    project.edit(LIB, "pub mod label;\n", "");
    project.edit(LIB, "comment, label, ", "comment, ");
    std::fs::remove_file(project.path("entity/src/label.rs")).unwrap();
    project.build();
    for test in databases {
        test.execute("insert into labels (id, comment_id, name) values (7, 1, 'seen')")
            .await;
    }
    turn(
        project,
        databases,
        &Change {
            name: "drop labels",
            answers: &[],
            after: &[("select body from comments where id = 1", &["see page 5"])],
            before: &[("select name from labels", &[])],
            reorders: false,
        },
    )
    .await;
}
