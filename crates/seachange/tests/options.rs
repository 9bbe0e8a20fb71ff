//! How a table is kept: declared beside an entity, made, found again, and read and written by
//! SeaORM.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use seachange::compare::{compare, put_back, without_system_columns};
use seachange::dialect::canonical;
use seachange::diff::{Answers, diff};
use seachange::op::{Op, TableChange, describe};
use seachange::revision::History;
use seachange::run::{self, Options, repair};
use seachange::schema::{Engine, Schema, facts, from_facts};
use seachange::source::catalog;

use crate::extras::differences;
use crate::support::{TestDatabase, engines, postgres, recorded, sqlite};

/// All that SeaORM writes to SQLite, in a table that is held to its types.
mod kept {
    use sea_orm::entity::prelude::*;
    use seachange::{Extras, TableExtras};

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(
        rs_type = "String",
        db_type = "Enum",
        enum_name = "mood",
        rename_all = "lowercase"
    )]
    pub enum Mood {
        Good,
        Bad,
    }

    pub type Moment = DateTime;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "kept")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub small: i16,
        pub whole: i32,
        pub big: i64,
        pub float: f32,
        pub double: f64,
        pub yes: bool,
        pub word: String,
        #[sea_orm(column_type = "Text")]
        pub text: String,
        #[sea_orm(column_type = "Char(Some(2))")]
        pub short: String,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub bytes: Vec<u8>,
        #[sea_orm(column_type = "Decimal(Some((12, 2)))")]
        pub price: Decimal,
        pub day: Date,
        pub hour: Time,
        pub at: DateTime,
        pub at_utc: DateTimeUtc,
        pub at_zone: DateTimeWithTimeZone,
        pub json: Json,
        pub mood: Mood,
        pub other: Option<Uuid>,
        pub nothing: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}

    impl TableExtras for Entity {
        fn extras(table: &mut Extras<Column>) {
            table.unlogged();
            table.storage("fillfactor", 70);
            table.storage("toast.autovacuum_enabled", false);
            table.strict();
            table.without_rowid();
        }
    }
}

fn declared() -> Schema {
    let metadata = seachange::entities![kept].within("seachange::options::none");
    metadata.schema().unwrap()
}

async fn make(test: &TestDatabase, schema: &Schema) {
    let plan = diff(&Schema::default(), schema, &Answers::default());
    let ops: Vec<Op> = plan.ops.iter().map(recorded).collect();
    run::apply(test.db(), &ops).await.unwrap();
}

#[tokio::test]
async fn seaorm_reads_and_writes_a_table_that_is_held_to_its_types() {
    let declared = declared();
    let lines: Vec<String> = facts(&declared).iter().map(ToString::to_string).collect();
    let options: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("kept option "))
        .collect();
    assert_eq!(
        options,
        [
            "fillfactor '70'",
            "strict",
            "toast.autovacuum_enabled 'false'",
            "unlogged",
            "without_rowid"
        ]
    );
    let at: kept::Moment = "2026-11-21T09:15:00.250".parse().unwrap();
    let row = kept::Model {
        id: "a3bb189e-8bf9-3888-9912-ace4e6543002".parse().unwrap(),
        small: -300,
        whole: 70_000,
        big: i64::MAX,
        float: 0.25,
        double: 3.0,
        yes: true,
        word: "12".to_owned(),
        text: "it's".to_owned(),
        short: "ab".to_owned(),
        bytes: vec![0, 255],
        price: "12.50".parse().unwrap(),
        day: at.date(),
        hour: at.time(),
        at,
        at_utc: at.and_utc(),
        at_zone: at.and_utc().into(),
        json: serde_json::json!({"a": [1, null]}),
        mood: kept::Mood::Good,
        other: None,
        nothing: None,
    };
    for test in engines().await {
        make(&test, &declared).await;
        let (differs, _) = differences(&test, &declared).await;
        assert_eq!(differs, [""; 0], "{}", test.engine());
        row.clone()
            .into_active_model()
            .insert(test.db())
            .await
            .unwrap();
        let found = kept::Entity::find().all(test.db()).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&row), "{}", test.engine());
    }
}

const HISTORY: &str = "t table\n\
    t option fillfactor '70'\nt option strict\nt option unlogged\nt option without_rowid\n\
    t column id integer not null\nt column a string(20) null\nt column u uuid null\n\
    t primary key (id)\nt index ix-t (a) with fillfactor '50'";

#[tokio::test]
async fn what_drifted_is_put_back() {
    let history = from_facts(HISTORY, 1).unwrap();
    for test in engines().await {
        make(&test, &history).await;
        test.execute("insert into t values (1, 'x', null)").await;
        let before = test.structure().await;
        let (by_hand, back) = match test.engine() {
            Engine::Sqlite => (
                "create table n (id integer not null primary key, a varchar(20), u uuid_text); \
                 insert into n select * from t; drop table t; alter table n rename to t; \
                 create index \"ix-t\" on t (a)",
                "~ table t: strict, without rowid, SQLite only",
            ),
            _ => (
                "alter table t set logged; alter table t set (fillfactor = 90, autovacuum_enabled = off)",
                "~ table t: fillfactor 70, PostgreSQL only",
            ),
        };
        test.execute(by_hand).await;
        let catalog = catalog::read(test.db(), &[]).await.unwrap();
        let database = Some((test.engine(), &catalog));
        let found = compare(&history, history.clone(), database, &Answers::default()).unwrap();
        let plan = put_back(
            &found.drift,
            &history,
            test.engine(),
            &catalog,
            &Answers::default(),
        )
        .unwrap();
        let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
        assert!(words.contains(&back.to_owned()), "{words:?}");
        run::apply(test.db(), &plan.ops).await.unwrap();
        let (differs, _) = differences(&test, &history).await;
        assert_eq!(differs, [""; 0], "{}", test.engine());
        if test.engine() == Engine::Postgres {
            test.execute("alter table t reset (autovacuum_enabled)")
                .await;
        }
        assert_eq!(test.structure().await, before, "{}", test.engine());
    }
}

#[tokio::test]
async fn values_that_do_not_fit_are_counted_and_go_if_somebody_agrees() {
    let test = sqlite().await;
    test.execute(
        "create table t (id integer primary key, a integer, b varchar); \
         insert into t values (1, 'many', x'6162'), (2, 3.5, 'y')",
    )
    .await;
    let strict = Op::AlterTable {
        table: "t".into(),
        change: Box::new(TableChange {
            strict: Some(true),
            ..TableChange::default()
        }),
        before: None,
    };
    let ops = [strict];
    let losses = run::losses(test.db(), &ops).await.unwrap();
    let losses: Vec<(&str, u64)> = losses
        .iter()
        .filter(|loss| loss.count > 0)
        .map(|loss| (loss.what.as_str(), loss.count))
        .collect();
    assert_eq!(losses, [("t.a", 2), ("t.b", 1)]);

    let history = History::new(Vec::new(), "seaql_migrations".to_owned()).unwrap();
    let careful = Options::default();
    let refused = repair(test.db(), &history, &ops, &careful, &mut |_| {}).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("would lose 2 values"), "{refused}");
    let seen = "select group_concat(typeof(a) || ' ' || typeof(b), ', ') from t";
    assert_eq!(test.strings(seen).await, ["text blob, real text"]);
    let agreed = Options {
        allow_data_loss: true,
        ..Options::default()
    };
    repair(test.db(), &history, &ops, &agreed, &mut |_| {})
        .await
        .unwrap();
    assert_eq!(test.strings(seen).await, ["integer text, integer text"]);
    assert!(
        test.try_execute("insert into t values (3, 'x', '')")
            .await
            .is_err()
    );
}

/// A server lets only a superuser make one, and all its databases share it.
#[tokio::test]
async fn tables_and_indexes_move_between_tablespaces() {
    let Some(test) = postgres().await else { return };
    let place = format!("seachange_{}", std::process::id());
    // In place: beside the server's own data, and not in a folder that a test would have to make.
    test.execute(
        "do $$ begin execute format('alter database %I set allow_in_place_tablespaces = on', \
         current_database()); end $$",
    )
    .await;
    let told = test.connect().await;
    told.execute_unprepared(&format!("create tablespace {place} location ''"))
        .await
        .unwrap();
    let schema = |text: &str| from_facts(&text.replace("PLACE", &place), 1).unwrap();
    let plain = "t table\nt column id integer not null\nt column a text null\n\
        t primary key (id)\nt index ix-t (a)";
    let placed = "t table\nt option tablespace PLACE\nt column id integer not null\n\
        t column a text null\nt primary key (id)\nt index ix-t (a) tablespace PLACE";
    let usual = "t table\nt option tablespace pg_default\nt column id integer not null\n\
        t column a text null\nt primary key (id)\nt index ix-t (a) tablespace pg_default";
    let (plain, placed, usual) = (schema(plain), schema(placed), schema(usual));
    assert_eq!(
        canonical(Engine::Postgres, &usual).unwrap(),
        canonical(Engine::Postgres, &plain).unwrap()
    );
    make(&test, &plain).await;
    test.execute("insert into t values (1, 'x')").await;
    let before = test.structure().await;
    let plan = diff(&plain, &placed, &Answers::default());
    let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
    assert_eq!(
        words,
        [
            "- index ix-t on t".to_owned(),
            format!("~ table t: tablespace {place}, PostgreSQL only"),
            format!("+ index ix-t on t (a) tablespace {place}"),
        ]
    );
    run::apply(test.db(), &plan.ops).await.unwrap();
    assert_eq!(differences(&test, &placed).await.0, [""; 0]);
    // Nobody's, where it is not declared.
    let catalog = catalog::read(test.db(), &[]).await.unwrap();
    let database = Some((Engine::Postgres, &catalog));
    let found = compare(&plain, plain.clone(), database, &Answers::default()).unwrap();
    assert!(found.is_clean(), "{found:?}");
    let unmanaged: Vec<String> = found.unmanaged.iter().map(ToString::to_string).collect();
    assert_eq!(
        unmanaged,
        [
            format!("t index ix-t tablespace {place}"),
            format!("t option tablespace {place}")
        ]
    );
    run::apply(test.db(), &plan.down(&plain)).await.unwrap();
    assert_eq!(test.structure().await, before);
    // A table that is new is made where it shall be.
    test.execute("drop table t").await;
    make(&test, &placed).await;
    assert_eq!(differences(&test, &placed).await.0, [""; 0]);
    test.execute("drop table t").await;
    test.execute(&format!("drop tablespace {place}")).await;
}

#[tokio::test]
async fn a_column_that_the_server_has_by_itself_is_never_added() {
    let declared = "t table\nt column id integer not null\nt column xmin custom 'xid' not null\n\
        t primary key (id)";
    let mut declared = from_facts(declared, 1).unwrap();
    let refused = canonical(Engine::Postgres, &declared).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "column t.xmin: PostgreSQL has a column `xmin` of its own in every table; give the field \
         another `column_name`"
    );
    // To SQLite it is a column like any other.
    assert_eq!(without_system_columns(Engine::Sqlite, &mut declared), []);
    assert!(canonical(Engine::Sqlite, &declared).is_ok());

    let Some(test) = postgres().await else { return };
    test.execute("create table t (id integer not null primary key)")
        .await;
    let notes = without_system_columns(Engine::Postgres, &mut declared);
    assert_eq!(notes[0].object, "column t.xmin");
    let base = from_facts(
        "t table\nt column id integer not null\nt primary key (id)",
        1,
    )
    .unwrap();
    assert_eq!(declared, base);
    assert_eq!(differences(&test, &declared).await.0, [""; 0]);
}
