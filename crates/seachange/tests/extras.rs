//! What `TableExtras` says, each thing once, made and found again on every engine.

use seachange::compare::{Asking, Scratch, ask, compare, read};
use seachange::diff::{Answers, diff};
use seachange::op::{Op, describe};
use seachange::run;
use seachange::schema::{Engine, Schema};

use crate::support::{TestDatabase, engines, recorded};

mod room {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rooms")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: u32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

mod booking {
    use sea_orm::entity::prelude::*;
    use sea_orm::sea_query::{ExprTrait, Func};
    use seachange::schema::Deferrable;
    use seachange::{Engine, Extras, Numbering, TableExtras};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "bookings")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub room_id: u32,
        pub guest: String,
        pub code: Option<String>,
        pub since: i32,
        pub until: i32,
        pub days: Option<i32>,
        pub search: Option<String>,
        #[sea_orm(column_type = "JsonBinary", nullable)]
        pub labels: Option<Json>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::room::Entity",
            from = "Column::RoomId",
            to = "super::room::Column::Id"
        )]
        Room,
    }
    impl ActiveModelBehavior for ActiveModel {}

    impl TableExtras for Entity {
        fn extras(table: &mut Extras<Column>) {
            table.comment("Who stays where.");
            table.column_comment(Column::Guest, "As in the passport.");
            table.check("ck_since", Column::Since.gt(0));
            table.check(
                "ck_order",
                Expr::col(Column::Since).lt(Expr::col(Column::Until)),
            );
            table
                .index([Column::RoomId, Column::Since])
                .descending(Column::Since);
            table
                .index([Column::Guest])
                .only_where(Column::Code.is_null())
                .include([Column::Since])
                .name("ix_open");
            table
                .index([])
                .expression(Func::lower(Expr::col(Column::Guest)));
            table
                .index([Column::Until])
                .nulls_last(Column::Until)
                .storage("fillfactor", 70);
            table.unique("uq_code", [Column::Code]).nulls_not_distinct();
            table
                .unique("uq_slot", [Column::RoomId, Column::Since])
                .deferrable(Deferrable::Deferred);
            table
                .foreign_key([Column::RoomId])
                .name("fk_room")
                .deferrable(Deferrable::Immediate);
            table.primary_key().name("pk_bookings");
            table.numbering(Column::Id, Numbering::identity().start(100));
            table.generated_stored(Column::Days, Expr::cust("until - since"));

            let guests = "guest text_pattern_ops";
            table
                .on(Engine::Postgres)
                .index([Column::Guest])
                .opclass(Column::Guest, "text_pattern_ops")
                .name(guests);
            table
                .on(Engine::Postgres)
                .index([Column::Labels])
                .method("gin");
            table
                .on(Engine::Postgres)
                .exclusion("ex_code")
                .column(Column::Code, "=");
            table
                .on(Engine::Postgres)
                .check("ck_guest", Expr::cust("guest ~ '^[A-Z]'"));
            table
                .on(Engine::Sqlite)
                .check("ck_guest", Expr::cust("guest GLOB '[A-Z]*'"));
            table.on(Engine::Postgres).collation(Column::Guest, "C");
            table.on(Engine::Sqlite).collation(Column::Guest, "NOCASE");
            table
                .on(Engine::Postgres)
                .generated_stored(Column::Search, Expr::cust("upper(guest)"));
            table
                .on(Engine::Sqlite)
                .generated_virtual(Column::Search, Expr::cust("guest || '!'"));
        }
    }
}

/// What still differs from what is declared, in words, and what is not compared.
pub async fn differences(test: &TestDatabase, declared: &Schema) -> (Vec<String>, Vec<String>) {
    let engine = test.engine();
    let mut want = declared.clone();
    let mut found = read(test.db(), &want, "seaql_migrations").await.unwrap();
    let asking = Asking {
        db: test.db(),
        scratch: Scratch::Here,
        cache: None,
    };
    let asked = ask(asking, engine, &mut found, Some(declared), &mut want).await;
    asked.unwrap();
    let database = Some((engine, &found));
    let found = compare(&want, declared.clone(), database, &Answers::default()).unwrap();
    let drift = found.drift.iter().map(|drift| drift.key.to_string());
    let differs = found.plan.ops.iter().flat_map(describe).chain(drift);
    let notes = found.notes.iter();
    (
        differs.collect(),
        notes
            .map(|note| format!("{}: {}", note.object, note.reason))
            .collect(),
    )
}

/// What SQLite has not.
const LEFT_OUT: &[&str] = &[
    "column bookings.id: SQLite numbers rows in one way only; what is said about it is left out",
    "comment of bookings: SQLite keeps no comments",
    "comment of bookings.guest: SQLite keeps no comments",
    "index idx-bookings-until on bookings: SQLite has no NULLS FIRST or LAST in an index; it is left out",
    "index ix_open on bookings: SQLite has no INCLUDE; it is left out",
    "unique (code) on bookings: SQLite has no NULLS NOT DISTINCT; rows with NULL do not collide",
    "unique (room_id, since) on bookings: SQLite checks it at once; that it may be put off is left out",
];

#[tokio::test]
async fn each_thing_is_made_and_found_again() {
    let metadata = seachange::entities![booking, room].within("seachange::extras::none");
    let declared = metadata.schema().unwrap();
    for test in engines().await {
        let engine = test.engine();
        let empty = test.definitions().await;
        let plan = diff(&Schema::default(), &declared, &Answers::default());
        let [up, down] = [&plan.ops, &plan.down(&Schema::default())]
            .map(|ops| ops.iter().map(recorded).collect::<Vec<Op>>());
        run::apply(test.db(), &up).await.unwrap();

        let (differs, notes) = differences(&test, &declared).await;
        assert_eq!(differs, [""; 0], "{engine}");
        let left_out: &[&str] = match engine {
            Engine::Sqlite => LEFT_OUT,
            _ => &[],
        };
        assert_eq!(notes, left_out, "{engine}");

        // A number below 100 is nobody's on the engine that was told where to begin.
        test.execute("insert into rooms (id) values (1)").await;
        let row = "insert into bookings (room_id, guest, code, since, until) values (1, ";
        test.execute(&format!("{row}'Ada', 'a', 1, 3)")).await;
        let seen = "select cast(id as text) || ' ' || days || ' ' || search from bookings";
        let wanted = match engine {
            Engine::Sqlite => "1 2 Ada!",
            _ => "100 2 ADA",
        };
        assert_eq!(test.strings(seen).await, [wanted]);
        for refused in [
            "'bob', 'b', 1, 3)",
            "'Bob', 'a', 4, 5)",
            "'Bob', 'b', 9, 8)",
        ] {
            let done = test.try_execute(&format!("{row}{refused}")).await;
            assert!(done.is_err(), "{engine}: {refused}");
        }

        run::apply(test.db(), &down).await.unwrap();
        assert_eq!(test.definitions().await, empty, "{engine}");
    }
}
