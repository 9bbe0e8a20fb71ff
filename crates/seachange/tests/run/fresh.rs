//! Dropping everything and beginning again.

use seachange::run::{Event, Options, fresh};

use super::history::*;
use super::{history, ids, recorded, tables, up};
use crate::support::engines;
use seachange::schema::Engine;

#[tokio::test]
async fn everything_goes_and_the_history_comes_back() {
    for test in engines().await {
        let history = history(vec![Box::new(Users), Box::new(Tasks), Box::new(Tags)]);
        up(test.db(), &history, "tasks").await.unwrap();
        test.execute(
            "create table legacy (id integer primary key, user_id integer references users (id)); \
             create view seen as select * from users; create view twice as select * from seen; \
             insert into users (name) values ('a'); insert into legacy values (1, 1);",
        )
        .await;
        if test.engine() == Engine::Postgres {
            test.execute(
                "create type mood as enum ('a'); create domain moody as mood; \
                 create type pair as (a moody); create sequence counter; \
                 create materialized view kept as select * from twice; \
                 create table parted (id int, m mood) partition by range (id); \
                 create table part partition of parted for values from (1) to (2);",
            )
            .await;
        }
        let dry = Options {
            dry_run: true,
            ..Options::default()
        };
        let before = test.dump().await;
        let report = fresh(test.db(), &history, &dry, &mut |_| {}).await.unwrap();
        assert_eq!(report.finished.len(), 3);
        assert_eq!(test.dump().await, before);

        let mut dropped = Vec::new();
        let mut listen = |event: &Event| {
            if let Event::Dropped { object } = event {
                dropped.push(object.clone());
            }
        };
        let report = fresh(test.db(), &history, &Options::default(), &mut listen)
            .await
            .unwrap();
        assert_eq!(ids(&report), ["m1_users", "m2_tasks", "m3_tags"]);
        assert!(dropped.contains(&"table legacy".to_owned()), "{dropped:?}");
        assert!(dropped.contains(&"view twice".to_owned()), "{dropped:?}");
        assert_eq!(tables(&test).await, ["tags", "tasks", "users"]);
        assert_eq!(recorded(&test).await.len(), 3);
        assert!(test.rows("users").await.is_empty());
        let left = match test.engine() {
            Engine::Postgres => {
                test.strings(
                    "select typname::text from pg_type where typname in ('mood', 'moody', 'pair')",
                )
                .await
            }
            _ => {
                test.strings("select name from sqlite_schema where type = 'view'")
                    .await
            }
        };
        assert!(left.is_empty(), "{left:?}");
    }
}
