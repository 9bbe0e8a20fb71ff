//! The template's own history, run by the program that a production image runs.

use tests::{Place, Ran, TestDatabase, engines, programs};

use crate::{record, tables};

/// Rows that a table can hold from a revision on, so that no later revision meets an empty database.
const ROWS: [(&str, &str); 5] = [
    (
        "create_users_and_projects",
        "insert into users (id, first_name, last_name, email) values
             (1, 'Ada', 'Lovelace', 'ada@example.org'), (2, 'Alan', 'Turing', 'alan@example.org');
         insert into projects (id, owner_id, name) values (1, 1, 'engine'), (2, 2, 'machine')",
    ),
    (
        "create_tasks",
        "insert into tasks (id, project_id, assignee_id, title, status, priority, estimate) values
             (1, 1, 2, 'note G', 'doing', 5, 12.50), (2, 2, null, 'tape', 'todo', 0, null)",
    ),
    (
        "add_tags",
        "insert into tags (id, name) values (100, 'urgent');
         insert into task_tag (task_id, tag_id) values (1, 100)",
    ),
    ("seed_tags", ""),
    (
        "add_comments",
        "insert into comments (id, task_id, author_id, body) values
             (1, 1, 1, 'see page 5'), (2, 2, null, 'infinite')",
    ),
];

fn migration(place: &Place, test: &TestDatabase, arguments: &str) -> Ran {
    place.run(&programs().migration, test.url(), arguments)
}

/// Every revision's identifier, oldest first.
pub(crate) fn revisions(place: &Place) -> Vec<String> {
    let history = place
        .run(
            &programs().migration,
            "sqlite://unused.db",
            "history --json",
        )
        .ended(0)
        .json();
    let revisions = history["revisions"].as_array().unwrap().iter().rev();
    let ids: Vec<String> = revisions
        .map(|revision| revision["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(ids.len() >= ROWS.len(), "{ids:?}");
    ids
}

#[tokio::test]
async fn head_is_what_the_entities_declare_and_base_is_empty() {
    let place = Place::new();
    for test in engines().await {
        let ids = revisions(&place);
        migration(&place, &test, "upgrade head").ended(0);
        assert_eq!(record(&test).await, ids);
        let up = test.dump().await;

        let check = place.run(&programs().db, test.url(), "check");
        // Sources are a matter of the workspace; a place without them says so.
        check.ended(1).said("there are no sources here");
        let workspace = tests::cargo::workspace();
        let check = Ran::of(
            place
                .command(&programs().db)
                .arg("check")
                .current_dir(&workspace)
                .env("DATABASE_URL", test.url()),
        );
        check
            .ended(0)
            .printed("entities, history and database agree");

        let seeds = test.strings("select name || ' ' || color from tags order by name");
        assert_eq!(
            seeds.await,
            ["bug #d1242f", "chore #888888", "idea #2f6feb"]
        );

        migration(&place, &test, "downgrade base --allow-data-loss").ended(0);
        assert_eq!(record(&test).await, Vec::<String>::new());
        let left = tables(&test).await;
        assert_eq!(left, ["_seachange_journal", "seaql_migrations"]);

        migration(&place, &test, "upgrade").ended(0);
        assert_eq!(test.dump().await, up, "{}", test.engine());
        migration(&place, &test, "upgrade")
            .ended(0)
            .said("is at head (m20261120_113000_index_tasks_by_status); nothing to do");
    }
}

/// Up, down, up: the schema is what it was each time, and rows of other tables are as they were.
#[tokio::test]
async fn each_revision_reverses_with_rows_in_the_tables() {
    let place = Place::new();
    for test in engines().await {
        let mut before = None;
        for id in revisions(&place) {
            migration(&place, &test, "upgrade +1").ended(0);
            let up = test.dump().await;
            if let Some((schema, rows)) = &before {
                migration(&place, &test, "downgrade -1 --allow-data-loss").ended(0);
                assert_eq!(&test.dump().await, schema, "{} before {id}", test.engine());
                assert_eq!(
                    &all_rows(&test).await,
                    rows,
                    "{} before {id}",
                    test.engine()
                );
                migration(&place, &test, "upgrade +1").ended(0);
                assert_eq!(test.dump().await, up, "{} at {id}", test.engine());
            }
            if let Some((_, sql)) = ROWS.iter().find(|(slug, _)| id.ends_with(slug)) {
                test.execute(sql).await;
            }
            before = Some((up, all_rows(&test).await));
        }
    }
}

async fn all_rows(test: &TestDatabase) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for table in tables(test).await {
        if table != "_seachange_journal" && table != "seaql_migrations" {
            all.push((table.clone(), test.rows(&table).await));
        }
    }
    all
}

#[tokio::test]
async fn a_backfill_fills_every_row_in_batches() {
    let place = Place::new();
    for test in engines().await {
        migration(&place, &test, "upgrade add_comments").ended(0);
        test.execute(
            "insert into users (first_name, last_name, email)
             with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 2500)
             select 'first' || n, 'last' || n, n || '@example.org' from numbers",
        )
        .await;
        migration(&place, &test, "upgrade add_full_name")
            .ended(0)
            .printed("2,500 rows filled");
        let filled = "select count(*) || ' ' || min(full_name) from users
                      where full_name = first_name || ' ' || last_name";
        assert_eq!(test.strings(filled).await, ["2500 first1 last1"]);
        let null = "insert into users (first_name, last_name, email) values ('a', 'b', 'c')";
        test.try_execute(null).await.unwrap_err();

        let refused = migration(&place, &test, "downgrade -1").ended(4);
        refused
            .said("m20261119_101500_add_full_name drops users.full_name: 2,500 values on ")
            .said(
                "error: data would be lost and there is no terminal to ask; add --allow-data-loss",
            );
        assert_eq!(test.strings(filled).await, ["2500 first1 last1"]);
        migration(&place, &test, "downgrade -1 --allow-data-loss").ended(0);
        test.execute(null).await;
        assert_eq!(
            test.strings("select cast(count(*) as text) from users")
                .await,
            ["2501"]
        );
    }
}
