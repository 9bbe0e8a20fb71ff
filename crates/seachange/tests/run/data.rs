//! Rows of revisions: values that fit the columns.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::schema::Engine;

use super::{down, history, revision, up};
use crate::support::engines;

revision!(
    Seed,
    "m1",
    |op| {
        op.create_enum("mood", ["sad", "happy"]);
        op.create_table(
            Table::create()
                .table("people")
                .col(uuid("id").primary_key())
                .col(custom("mood", Alias::new("mood")))
                .col(json_binary("extra"))
                .col(timestamp_with_time_zone("born"))
                .col(boolean("active"))
                .col(string_len("code", 3))
                .to_owned(),
        );
        op.bulk_insert(
            "people",
            ["id", "mood", "extra", "born", "active", "code"],
            [
                [
                    "00000000-0000-0000-0000-000000000001".into(),
                    "happy".into(),
                    "{\"a\": [1, 2]}".into(),
                    "2026-01-02 03:04:05+00:00".into(),
                    true.into(),
                    "abc".into(),
                ],
                [
                    "00000000-0000-0000-0000-000000000002".into(),
                    "sad".into(),
                    "{}".into(),
                    "2026-01-02 03:04:05+00:00".into(),
                    false.into(),
                    "it'".into(),
                ],
            ],
        );
        op.delete_rows("people", "mood", ["sad"]);
        op.execute_on(Engine::Postgres, "update people set code = 'pg'");
        op.execute_on(Engine::Sqlite, "update people set code = 'lite'");
        op.execute_on(Engine::MySql, "this is no SQL");
        op.run("count the people", |db| {
            Box::pin(async move {
                db.execute_unprepared("insert into counted select count(*) from people")
                    .await?;
                Ok(())
            })
        });
    },
    |op| {
        op.drop_table("people");
        op.drop_enum("mood");
    }
);

#[tokio::test]
async fn plain_strings_fit_typed_columns() {
    for test in engines().await {
        test.execute("create table counted (n bigint)").await;
        let history = history(vec![Box::new(Seed)]);
        up(test.db(), &history, "head").await.unwrap();
        let rows = test.rows("people").await;
        assert_eq!(rows.len(), 1);
        let code = test.strings("select code from people").await;
        let expected = match test.engine() {
            Engine::Postgres => "pg",
            _ => "lite",
        };
        assert_eq!(code, [expected]);
        assert!(test.rows("counted").await[0].contains('1'));
        down(test.db(), &history, "base").await.unwrap();
        up(test.db(), &history, "head").await.unwrap();
    }
}

revision!(
    TooLong,
    "m1",
    |op| {
        op.create_table(
            Table::create()
                .table("codes")
                .col(pk_auto("id"))
                .col(string_len("code", 3))
                .to_owned(),
        );
        op.bulk_insert("codes", ["code"], [["abcdef".into()]]);
    },
    |op| {}
);

#[tokio::test]
async fn a_value_that_is_too_long_is_refused_and_not_cut() {
    let Some(test) = crate::support::postgres().await else {
        return;
    };
    let error = up(test.db(), &history(vec![Box::new(TooLong)]), "head")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("value too long"), "{error}");
}
