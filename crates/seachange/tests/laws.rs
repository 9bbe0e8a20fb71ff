//! The laws that no case of `scenarios/` holds: what was never declared stays, whatever is done
//! around it; and what random pairs of schemas show (`laws/random.rs`).

mod random;

use seachange::diff::{Answers, diff};
use seachange::op::Op;
use seachange::run;
use seachange::schema::{Schema, from_facts};
use seachange::source::catalog;

use crate::support::{TestDatabase, engines, recorded};

const TASKS: &str = "tasks table\ntasks column id integer not null auto_increment\n\
    tasks column title string(40) not null\ntasks primary key (id)\n";

fn schema(text: &str) -> Schema {
    from_facts(text, 1).unwrap()
}

/// The schema as the database holds it, whatever the order of columns.
async fn read(test: &TestDatabase) -> Schema {
    sorted(catalog::read(test.db(), &[]).await.unwrap().schema)
}

fn sorted(mut schema: Schema) -> Schema {
    for table in schema.tables.values_mut() {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    schema
}

/// Runs operations as a module records them.
async fn apply(test: &TestDatabase, ops: &[Op]) -> Result<(), String> {
    let ops: Vec<Op> = ops.iter().map(recorded).collect();
    run::apply(test.db(), &ops)
        .await
        .map_err(|error| error.to_string())
}

/// A table, a column, an index and a view of somebody else survive every plan, up and down.
#[tokio::test]
async fn what_is_not_ours_stays() {
    for test in engines().await {
        let (from, to) = (
            schema(TASKS),
            schema(
                "tasks table\ntasks column id integer not null auto_increment\n\
                 tasks column title text null default 'x'\ntasks primary key (id)\n\
                 tasks index idx (title)\nother table\nother column id integer not null\n\
                 other primary key (id)",
            ),
        );
        let create = diff(&Schema::default(), &from, &Answers::default());
        apply(&test, &create.ops).await.unwrap();
        for sql in [
            "create table legacy (id integer primary key, note text)",
            "create index ix_legacy on legacy (note)",
            "alter table tasks add column hot integer",
            "create index ix_hot on tasks (hot)",
            "insert into tasks (title, hot) values ('a', 5)",
            "create view old_tasks as select id from legacy",
        ] {
            test.execute(sql).await;
        }
        let plan = diff(&from, &to, &Answers::default());
        for ops in [plan.ops.clone(), plan.down(&from)] {
            apply(&test, &ops).await.unwrap();
            let schema = read(&test).await;
            let tasks = schema.table(&"tasks".into()).unwrap();
            assert!(tasks.column("hot").is_some(), "{}", test.engine());
            assert!(tasks.indexes.iter().any(|index| index.name == "ix_hot"));
            assert!(schema.table(&"legacy".into()).is_some());
            assert_eq!(
                test.strings("select cast(hot as text) from tasks").await,
                ["5"]
            );
            assert!(
                test.strings("select cast(id as text) from old_tasks")
                    .await
                    .is_empty()
            );
        }
    }
}
