//! The command line of a production image: our words, and sea-orm-cli's.

use serde_json::json;
use tests::{Place, Ran, TestDatabase, engines, programs};

use crate::history::revisions;
use crate::{record, tables};

fn run(place: &Place, test: &TestDatabase, arguments: &str) -> Ran {
    place.run(&programs().migration, test.url(), arguments)
}

#[tokio::test]
async fn every_word_answers_a_program_too() {
    let place = Place::new();
    for test in engines().await {
        let ids = revisions(&place);
        let (first, head) = (&ids[0], &ids[ids.len() - 1]);
        let json = |arguments: &str| run(&place, &test, arguments).ended(0).json();

        assert_eq!(json("current --json")["current"], json!([]));
        assert_eq!(tables(&test).await, Vec::<String>::new());
        assert_eq!(json("status --json")["pending"], ids.len());
        assert_eq!(json("heads --json")["heads"][0]["id"], **head);
        let history = json("history --json");
        assert_eq!(history["revisions"][0]["id"], **head);
        assert_eq!(
            history["revisions"][0]["revises"],
            json!([ids[ids.len() - 2]])
        );
        let shown = json("show create_users --json");
        assert_eq!(shown["id"], **first);
        assert_eq!(shown["message"], "create users and projects");
        assert_eq!(
            shown["up"][0],
            "+ table users (id, first_name, last_name, email)"
        );

        let up = json("upgrade +1 --json");
        assert_eq!(up["direction"], "up");
        assert_eq!(up["revisions"][0]["id"], **first);
        assert_eq!(json("current --json")["current"][0]["id"], **first);
        let marked = json("history --indicate-current --json");
        assert_eq!(marked["revisions"][0]["applied"], false);
        assert_eq!(marked["revisions"][ids.len() - 1]["applied"], true);
        run(&place, &test, "current --check-heads")
            .ended(3)
            .said("6 revisions are pending");

        let down = json("downgrade base --json");
        assert_eq!(down["direction"], "down");
        assert_eq!(down["revisions"][0]["id"], **first);

        // What is stamped is recorded and nothing else.
        run(&place, &test, "stamp create_tasks").ended(0);
        assert_eq!(record(&test).await, ids[..2]);
        assert!(!tables(&test).await.contains(&"users".to_owned()));
        run(&place, &test, "stamp base").ended(0);
        assert_eq!(record(&test).await, Vec::<String>::new());

        let shown = run(&place, &test, "upgrade --dry-run").ended(0);
        shown
            .printed("CREATE TABLE \"users\"")
            .said("dry run, nothing is changed");
        assert_eq!(record(&test).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn sea_orm_cli_s_words_are_understood() {
    let place = Place::new();
    for test in engines().await {
        let ids = revisions(&place);
        run(&place, &test, "up -n 1").ended(0);
        assert_eq!(record(&test).await, ids[..1]);
        run(&place, &test, "down").ended(0);
        assert_eq!(record(&test).await, Vec::<String>::new());
        // No word at all is `up`.
        run(&place, &test, "").ended(0);
        assert_eq!(record(&test).await, ids);
        run(&place, &test, "up").ended(0).said("nothing to do");
        run(&place, &test, "up -n 3").ended(0).said("nothing to do");
        run(&place, &test, "status -v")
            .ended(0)
            .printed(&format!("applied  {}", ids[0]));
        run(&place, &test, "down -n 2").ended(0);
        assert_eq!(record(&test).await, ids[..ids.len() - 2]);
        // There is no flag to consent by, so what goes is said.
        run(&place, &test, "refresh")
            .ended(0)
            .said("warning: m20261117_083000_add_tags drops tags: 3 rows on ");
        assert_eq!(record(&test).await, ids);
        run(&place, &test, "reset").ended(0);
        assert_eq!(record(&test).await, Vec::<String>::new());
        run(&place, &test, "down").ended(0).said("nothing to do");

        test.execute("create table stray (id integer); insert into stray values (1)")
            .await;
        run(&place, &test, "fresh")
            .ended(0)
            .said("warning: fresh drops stray: 1 row on ");
        assert_eq!(record(&test).await, ids);
        assert!(!tables(&test).await.contains(&"stray".to_owned()));
    }
}
