//! Texts that a server keeps in its own words: compared by what they mean, changed by what they say.

use seachange::diff::{Answers, diff};
use seachange::run;
use seachange::schema::{Schema, from_facts};

use crate::support::engines;

fn schema(text: &str) -> Schema {
    from_facts(text, 1).unwrap()
}

/// A check that was never named is found by what it says: in SQLite's text, and on PostgreSQL
/// through the server's own words for it.
#[tokio::test]
async fn checks_without_names_come_change_and_go() {
    const TABLE: &str = "t table\nt column id integer not null\nt column n integer not null\n\
        t column s string(9) null\nt primary key (id)\n";
    for test in engines().await {
        let what = test.engine();
        let from = schema(&format!(
            "{TABLE}t check 'n between 0 and 5'\nt check 's in (\\'a\\', \\'bc\\')'"
        ));
        let to = schema(&format!("{TABLE}t check 'n >= 0'\nt check 'length(s) > 0'"));
        let create = diff(&Schema::default(), &from, &Answers::default());
        run::apply(test.db(), &create.ops).await.unwrap();
        test.execute("insert into t (id, n, s) values (1, 2, 'bc')")
            .await;
        let before = test.structure().await;
        let plan = diff(&from, &to, &Answers::default());
        assert!(plan.notes.is_empty(), "{what}: {:?}", plan.notes);
        run::apply(test.db(), &plan.ops).await.unwrap();
        test.execute("insert into t (id, n, s) values (2, 50, 'x')")
            .await;
        assert!(
            test.try_execute("insert into t (id, n, s) values (3, 0, '')")
                .await
                .is_err(),
            "{what}"
        );
        test.execute("delete from t where id = 2").await;
        run::apply(test.db(), &plan.down(&from)).await.unwrap();
        assert!(
            test.try_execute("insert into t (id, n, s) values (3, 9, 'a')")
                .await
                .is_err(),
            "{what}"
        );
        // The names that the server chooses are in the order in which the checks come.
        assert_eq!(
            before.lines().count(),
            test.structure().await.lines().count()
        );
        let gone = diff(&from, &schema(TABLE), &Answers::default()).ops;
        run::apply(test.db(), &gone).await.unwrap();
        test.execute("insert into t (id, n, s) values (4, 9, '')")
            .await;
        let error = run::apply(test.db(), &gone).await.unwrap_err().to_string();
        assert!(error.contains("check"), "{what}: {error}");
    }
}
