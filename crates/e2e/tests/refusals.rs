//! What goes wrong while a revision is written or run: named, and everything is as it was.

use std::fs;

use tests::TestDatabase;

use crate::change::{newest, refused, shown};
use crate::project::Project;

const LIB: &str = "migration/src/lib.rs";
const SNAPSHOT: &str = "migration/entities.snapshot";
const AUTOGENERATE: &[&str] = &["revision", "--autogenerate", "-m", "x"];

/// Entities and history agree; nothing is built.
pub(crate) async fn of_writing(project: &Project, databases: &[TestDatabase]) {
    let test = &databases[0];
    messages(project, test).await;
    lists(project, test).await;
    snapshots(project, test).await;

    // One document for a program, whatever is written.
    let sources = project.sources();
    let ran = project
        .db(test, &["snapshot", "--accept", "--json"])
        .ended(0);
    assert_eq!(ran.json()["format"], 1, "{ran}");
    project.restore(&sources);

    // A folder in the file's place: nothing can be written, whoever asks.
    let taken = project.path("migration/src/m20990101_000000_taken.rs");
    fs::create_dir(&taken).unwrap();
    let arguments = [
        "revision",
        "-m",
        "taken",
        "--rev-id",
        "m20990101_000000_taken",
    ];
    let ran = refused(project, test, &arguments, 1).await;
    shown(project, "a folder in the way", &ran);
    fs::remove_dir(&taken).unwrap();

    for (answer, code) in [
        (["--rename", "column:users"], 2),
        (["--drop", "users.nickname"], 2),
        (["--backfill", "users.nickname"], 2),
    ] {
        let mut arguments = AUTOGENERATE.to_vec();
        arguments.extend(answer);
        refused(project, test, &arguments, code).await;
    }
}

async fn messages(project: &Project, test: &TestDatabase) {
    for message in ["", "   ", "!?", "日本"] {
        refused(project, test, &["revision", "-m", message], 2).await;
    }
    refused(project, test, &["revision"], 2).await;
    refused(
        project,
        test,
        &["revision", "-m", "x", "--rev-id", "../x"],
        2,
    )
    .await;

    let sources = project.sources();
    let long = "word ".repeat(60);
    for (message, slug, words) in [
        (
            "Zoë’s naïve café",
            "_zoes_naive_cafe.rs",
            "//! Zoë’s naïve café.",
        ),
        (&long, "_word_word_word.rs", "//! Word word word"),
    ] {
        project.db(test, &["revision", "-m", message]).ended(0);
        let file = newest(project, &sources);
        assert!(file.ends_with(slug) && file.len() < 100, "{file}");
        let text = project.read(&format!("migration/src/{file}"));
        assert!(text.starts_with(words), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );

        // Another one, as of the same moment, must not go over the first, nor beside it.
        let both = project.sources();
        let id = file.trim_end_matches(".rs");
        let second = project.db(test, &["revision", "-m", message, "--rev-id", id]);
        let second = second.ended(1);
        assert_eq!(project.sources(), both, "{second}");
        project.restore(&sources);
    }
}

/// A list that cannot be edited without guessing.
async fn lists(project: &Project, test: &TestDatabase) {
    let good = project.read(LIB);
    for (name, text) in [
        ("list does not parse", good.replace("vec![", "vec![[")),
        (
            "list is no plain vec",
            good.replace("vec![", "some_of(vec![")
                .replace("        ]\n", "        ])\n"),
        ),
        (
            "list is not there",
            good.replace("fn migrations", "fn others"),
        ),
    ] {
        assert_ne!(text, good, "{name}");
        project.write(LIB, &text);
        let ran = refused(project, test, &["revision", "-m", "x"], 1).await;
        shown(project, name, &ran);
        project.write(LIB, &good);
    }
}

async fn snapshots(project: &Project, test: &TestDatabase) {
    let good = project.read(SNAPSHOT);
    let head = good.lines().nth(1).unwrap();
    for (name, text) in [
        (
            "snapshot with conflict marks",
            good.replace(
                head,
                &format!("<<<<<<< ours\n{head}\n=======\n# at m1\n>>>>>>> theirs"),
            ),
        ),
        ("snapshot cut off", good[..good.len() - 20].to_owned()),
        (
            "snapshot of another head",
            good.replace(head, "# at m20990101_000000_other"),
        ),
        (
            "snapshot of the future",
            good.replace("format 1", "format 2"),
        ),
        ("snapshot empty", String::new()),
    ] {
        assert_ne!(text, good, "{name}");
        project.write(SNAPSHOT, &text);
        for command in [AUTOGENERATE, &["check"]] {
            let ran = refused(project, test, command, 1).await;
            shown(project, name, &ran);
        }
    }
    fs::remove_file(project.path(SNAPSHOT)).unwrap();
    let ran = refused(project, test, AUTOGENERATE, 1).await;
    shown(project, "snapshot missing", &ran);
    project.write(SNAPSHOT, &good);
}

/// A revision that is written by hand fails half-way; it is mended, and then taken away.
pub(crate) async fn of_running(project: &Project, databases: &[TestDatabase]) {
    let sources = project.sources();
    project
        .db(&databases[0], &["revision", "-m", "half"])
        .ended(0);
    let file = format!("migration/src/{}", newest(project, &sources));
    let step = |sql: &str| format!("        op.execute(\"{sql}\");\n");
    let (create, insert) = (
        step("create table half (id integer primary key)"),
        step("insert into half values (1)"),
    );
    let up = format!("up(&self, op: &mut Operations) {{\n{create}{insert}{insert}    }}");
    let drop = step("drop table half");
    let down = format!("down(&self, op: &mut Operations) {{\n{drop}    }}");
    project.edit(&file, "up(&self, _op: &mut Operations) {}", &up);
    project.edit(&file, "down(&self, _op: &mut Operations) {}", &down);
    project.build();
    for test in databases {
        let ran = refused(project, test, &["upgrade"], 1).await;
        shown(project, &format!("half-way {}", test.engine()), &ran);
        project
            .db(test, &["check"])
            .ended(3)
            .printed("pending here");
        // What the database lacks would be found once more.
        refused(project, test, AUTOGENERATE, 1)
            .await
            .said("1 revision is pending on")
            .said("on a database that is up to date: cargo db upgrade head");
    }

    project.edit(&file, &format!("{insert}{insert}"), &insert);
    project.build();
    for test in databases {
        let before = test.structure().await;
        project.db(test, &["upgrade"]).ended(0);
        refused(project, test, &["remove"], 1)
            .await
            .said("is applied on")
            .said("hint: take it off first:   cargo db downgrade -1");
        project.db(test, &["downgrade", "-1"]).ended(0);
        assert_eq!(test.structure().await, before, "{}", test.engine());
    }
    project.db(&databases[0], &["remove"]).ended(0);
    assert_eq!(project.sources(), sources);
}

/// An entity with a column that one engine cannot hold.
pub(crate) async fn of_entities(project: &Project, databases: &[TestDatabase]) {
    project.edit(
        "entity/src/task.rs",
        "    /// An array of words.",
        "    pub marks: Option<Vec<String>>,\n    /// An array of words.",
    );
    project.build();
    for test in databases {
        let code = match test.engine() {
            seachange::schema::Engine::Sqlite => 1,
            _ => 3,
        };
        let ran = refused(project, test, &["check"], code).await;
        shown(project, &format!("array {}", test.engine()), &ran);
        let written = ["revision", "--autogenerate", "-m", "add marks"];
        let ran = refused(project, test, &written, 1).await;
        shown(project, &format!("array written {}", test.engine()), &ran);
    }
}
