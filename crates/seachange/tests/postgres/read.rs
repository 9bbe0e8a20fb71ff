//! What is created is read back as what was declared.

use sea_orm::ConnectionTrait;
use seachange::dialect::postgres::canonical;
use seachange::op::{Op, Target};
use seachange::schema::{
    Action, Check, Column, DefaultValue, Deferrable, EnumType, ForeignKey, Generated, Index,
    IndexKey, KeyOn, Length, Name, PrimaryKey, Schema, Table, Type, Unique,
};
use seachange::source::catalog::{self, Catalog};

use super::{
    apply, array, column, create, custom, defaulted, expr, key, mood, number, read, schema, table,
    text, with_key,
};
use crate::support::postgres;

/// Every type that an entity can declare and PostgreSQL has.
fn types() -> Vec<Type> {
    vec![
        Type::Char(None),
        Type::Char(Some(3)),
        Type::String(Length::Unspecified),
        Type::String(Length::N(40)),
        Type::String(Length::Max),
        Type::Text,
        Type::TinyInteger,
        Type::SmallInteger,
        Type::Integer,
        Type::BigInteger,
        Type::TinyUnsigned,
        Type::SmallUnsigned,
        Type::Unsigned,
        Type::BigUnsigned,
        Type::Float,
        Type::Double,
        Type::Decimal(None),
        Type::Decimal(Some((10, 2))),
        Type::DateTime,
        Type::Timestamp,
        Type::TimestampWithTimeZone,
        Type::Time,
        Type::Date,
        Type::Interval(None, None),
        Type::Interval(None, Some(3)),
        Type::Interval(Some("YEAR TO MONTH".to_owned()), None),
        Type::Interval(Some("DAY TO SECOND".to_owned()), Some(3)),
        Type::Binary(16),
        Type::VarBinary(Length::N(9)),
        Type::Blob,
        Type::Bit(None),
        Type::Bit(Some(8)),
        Type::VarBit(8),
        Type::Boolean,
        Type::Money(Some((10, 2))),
        Type::Json,
        Type::JsonBinary,
        Type::Uuid,
        Type::Cidr,
        Type::Inet,
        Type::MacAddr,
        Type::LTree,
        mood("Mood"),
        array(mood("Mood")),
        array(Type::String(Length::N(5))),
        array(array(Type::Decimal(Some((8, 2))))),
        custom("citext"),
        custom("CITEXT[]"),
        custom("int4"),
        custom("numeric(10)"),
        custom("timestamp(3)"),
        custom("timestamptz (0)"),
        custom("timetz"),
        custom("\"char\""),
        custom("pg_catalog.\"char\""),
        custom("tstzrange"),
        custom("bit varying"),
        custom("ext.hstore"),
        custom("\"Email\""),
        custom("far.away"),
        custom("far.\"Far Mood\""),
    ]
}

#[tokio::test]
async fn every_type_is_read_back() {
    let Some(test) = postgres().await else { return };
    test.execute(
        "create extension citext; create extension ltree; create schema ext; \
         create extension hstore schema ext; create domain \"Email\" as text; \
         create schema far; create domain far.away as integer; \
         create type far.\"Far Mood\" as enum ('x')",
    )
    .await;
    let columns = types()
        .into_iter()
        .enumerate()
        .map(|(at, ty)| column(&format!("c{at}"), ty));
    let mut declared = schema([table("t", columns)]);
    let far = Name::from(("far", "Far Mood"));
    create(&test, &declared).await;
    // What the program calls a custom type and the server an enum is one if the program declares it.
    declared.enums.insert(
        far.clone(),
        EnumType {
            name: far,
            values: vec!["x".to_owned()],
        },
    );
    let wanted = canonical(&declared).unwrap().schema;
    let have = read(&test).await.schema;
    for (have, wanted) in have
        .tables
        .values()
        .flat_map(|t| &t.columns)
        .zip(wanted.tables.values().flat_map(|t| &t.columns))
    {
        assert_eq!(have, wanted);
    }
    assert_eq!(have, wanted);
}

/// Schemas that the server reads back in words that the text comparison settles.
fn schemas() -> Vec<(&'static str, Schema)> {
    let defaults = [
        (Type::Text, text("it's")),
        (Type::Text, text("")),
        (Type::Text, text("has '' quote")),
        (Type::Text, text("//sl\\ash")),
        (Type::String(Length::N(9)), text("x")),
        (Type::Char(Some(3)), text("x ")),
        (Type::Integer, number("15")),
        (Type::Integer, number("-5")),
        (Type::BigInteger, number("9000000000")),
        (Type::BigInteger, text("15")),
        (Type::SmallInteger, expr("(-1)")),
        (Type::Decimal(Some((10, 2))), text("0.00")),
        (Type::Decimal(Some((10, 2))), expr("0.00")),
        (Type::Decimal(Some((10, 2))), number("-1.50")),
        (Type::Decimal(None), number("1.50")),
        (Type::Double, number("0.5")),
        (Type::Double, number("-3")),
        (Type::Float, number("1")),
        (Type::Boolean, DefaultValue::Bool(true)),
        (Type::Boolean, number("0")),
        (Type::Boolean, text("yes")),
        (mood("Mood"), text("it's ok")),
        (mood("Mood"), expr("'Happy'::\"Mood\"")),
        (array(mood("Mood")), text("{}")),
        (array(Type::Text), text("{}")),
        (Type::JsonBinary, text("{}")),
        (Type::Json, text("{ }")),
        (Type::TimestampWithTimeZone, DefaultValue::CurrentTimestamp),
        (Type::DateTime, DefaultValue::CurrentTimestamp),
        (Type::TimestampWithTimeZone, expr("now()")),
        (Type::Uuid, expr("gen_random_uuid()")),
        (Type::Bit(Some(3)), text("101")),
        (Type::Text, expr("NULL")),
        (Type::Text, expr("current_user")),
        (Type::Inet, text("10.0.0.1")),
        (Type::Money(None), number("0")),
        (custom("citext"), text("x")),
        (Type::Integer, expr("nextval('free')")),
    ];
    let defaults = defaults
        .into_iter()
        .enumerate()
        .map(|(at, (ty, default))| defaulted(&format!("d{at}"), ty, default));

    let mut owner = with_key(
        "owner",
        [column("a", Type::Integer), column("b", Type::Text)],
    );
    owner.uniques = vec![
        Unique {
            name: Some("uq-owner".to_owned()),
            columns: vec!["b".to_owned(), "a".to_owned()],
            nulls_not_distinct: true,
            ..Unique::default()
        },
        Unique {
            name: None,
            columns: vec!["b".to_owned()],
            ..Unique::default()
        },
    ];
    let to_owner = |columns: &[&str], on_delete| ForeignKey {
        name: Some(format!("fk-{}", columns.join("-"))),
        columns: columns.iter().map(|&c| c.to_owned()).collect(),
        ref_table: Name::from("owner"),
        ref_columns: match columns.len() {
            2 => vec!["b".to_owned(), "a".to_owned()],
            _ => vec!["id".to_owned()],
        },
        on_delete,
        on_update: Action::NoAction,
        ..ForeignKey::default()
    };
    let mut child = with_key(
        "child",
        ["w", "x", "y", "z", "n"].map(|name| column(name, Type::Integer)),
    );
    child.columns.push(column("t", Type::Text));
    child.foreign_keys = vec![
        to_owner(&["w"], Action::Cascade),
        to_owner(&["x"], Action::Restrict),
        ForeignKey {
            on_update: Action::SetDefault,
            deferrable: Some(Deferrable::Deferred),
            ..to_owner(&["y"], Action::SetNull)
        },
        ForeignKey {
            deferrable: Some(Deferrable::Immediate),
            name: None,
            ..to_owner(&["z"], Action::NoAction)
        },
        to_owner(&["t", "x"], Action::NoAction),
        ForeignKey {
            ref_table: Name::from("child"),
            ..to_owner(&["n"], Action::Cascade)
        },
    ];

    let mut pair = table(
        "pair",
        [column("b", Type::Integer), column("a", Type::Uuid)],
    );
    pair.primary_key = Some(PrimaryKey {
        name: Some("pk-pair".to_owned()),
        ..key(["a", "b"])
    });
    pair.comment = Some("it's a \\ comment".to_owned());
    pair.columns[0].comment = Some("of a column; \"quoted\"".to_owned());

    let mut checked = with_key(
        "checked",
        [column("a", Type::Integer), column("b", Type::Integer)],
    );
    checked.checks = [
        (Some("ck one"), "\"a\" > 0"),
        (None, "a <> b"),
        (None, "B IS NOT NULL"),
        (Some("ck-two"), "(a + b) > 3"),
    ]
    .map(|(name, expr)| Check {
        name: name.map(str::to_owned),
        expr: expr.to_owned(),
        only: None,
    })
    .to_vec();
    let mut sum = column("sum", Type::Integer);
    sum.generated = Some(Generated {
        expr: "\"a\" + \"b\"".to_owned(),
        stored: true,
    });
    let mut collated = column("collated", Type::Text);
    collated.collation = Some("C".to_owned());
    checked.columns.extend([sum, collated]);

    let mut odd = table(
        "we\"i'rd. Täble",
        [
            column("select", Type::Integer),
            column("a.b", mood("Odd \"Mood\"")),
            column("UPPER", Type::Text),
            column("$$ x", Type::Integer),
        ],
    );
    odd.primary_key = Some(key(["select"]));
    odd.uniques.push(Unique {
        name: Some("u\"q".to_owned()),
        columns: vec!["UPPER".to_owned()],
        ..Unique::default()
    });
    odd.indexes.push(Index::new("i\"x.y", ["$$ x", "a.b"]));
    odd.comment = Some("$$ it's".to_owned());

    let numbered = [Type::SmallInteger, Type::TinyInteger, Type::BigInteger]
        .into_iter()
        .enumerate()
        .map(|(at, ty)| {
            let mut table = with_key(&format!("n{at}"), []);
            table.columns[0].ty = ty;
            table
        });
    let mut serial = table("serial", [Column::new("id", custom("bigserial"))]);
    serial.primary_key = Some(key(["id"]));

    vec![
        ("nothing", Schema::default()),
        ("a table without columns", schema([table("empty", [])])),
        ("defaults", schema([table("defaults", defaults)])),
        ("keys", schema([owner, child])),
        ("names and comments", schema([pair])),
        ("checks and generated columns", schema([checked])),
        ("indexes", schema([indexed()])),
        ("odd names", schema([odd])),
        ("numbered rows", schema(numbered.chain([serial]))),
    ]
}

fn indexed() -> Table {
    let mut table = with_key(
        "indexed",
        [
            column("a", Type::Integer),
            column("b", Type::Text),
            column("c", Type::JsonBinary),
            column("d", array(Type::Integer)),
        ],
    );
    let part = |name: &str| IndexKey::column(name);
    let index = |name: &str, keys: Vec<IndexKey>| Index {
        keys,
        ..Index::new(name, Vec::<String>::new())
    };
    let descending = IndexKey {
        descending: true,
        ..part("a")
    };
    table.indexes = vec![
        Index::new("plain", ["b", "a"]),
        Index {
            unique: true,
            ..Index::new("uq", ["a"])
        },
        Index {
            unique: true,
            nulls_not_distinct: true,
            ..Index::new("uq nulls", ["a", "b"])
        },
        index("desc", vec![part("b"), descending.clone()]),
        index(
            "desc nulls first",
            vec![IndexKey {
                nulls_first: Some(true),
                ..descending.clone()
            }],
        ),
        index(
            "desc nulls last",
            vec![IndexKey {
                nulls_first: Some(false),
                ..descending
            }],
        ),
        index(
            "asc nulls first",
            vec![IndexKey {
                nulls_first: Some(true),
                ..part("a")
            }],
        ),
        index(
            "opclass",
            vec![IndexKey {
                opclass: Some("text_pattern_ops".to_owned()),
                ..part("b")
            }],
        ),
        index(
            "collation",
            vec![IndexKey {
                collation: Some("C".to_owned()),
                ..part("b")
            }],
        ),
        Index {
            method: Some("gin".to_owned()),
            keys: vec![IndexKey {
                opclass: Some("jsonb_path_ops".to_owned()),
                ..part("c")
            }],
            ..Index::new("gin", ["c"])
        },
        Index {
            method: Some("GIN".to_owned()),
            ..Index::new("gin array", ["d"])
        },
        Index {
            method: Some("btree".to_owned()),
            include: vec!["b".to_owned(), "id".to_owned()],
            ..Index::new("include", ["a"])
        },
        Index {
            unique: true,
            predicate: Some("\"b\" IS NULL".to_owned()),
            ..Index::new("partial", ["a"])
        },
        index(
            "expression",
            vec![
                part("a"),
                IndexKey {
                    on: KeyOn::Expr("LOWER(\"b\")".to_owned()),
                    ..part("")
                },
                IndexKey {
                    on: KeyOn::Expr("a + 1".to_owned()),
                    descending: true,
                    ..part("")
                },
            ],
        ),
        Index::new("x".repeat(70), ["a"]),
    ];
    table
}

#[tokio::test]
async fn what_is_created_is_read_back() {
    for (name, declared) in schemas() {
        let Some(test) = postgres().await else { return };
        test.execute("create extension citext; create sequence free")
            .await;
        create(&test, &declared).await;
        let mut have = read(&test).await.schema;
        assert!(have.sequences.remove(&"free".into()).is_some());
        let wanted = canonical(&declared).unwrap().schema;
        for (have, wanted) in have.tables.values().zip(wanted.tables.values()) {
            for (have, wanted) in have.columns.iter().zip(&wanted.columns) {
                assert_eq!(have, wanted, "{name}");
            }
            for (have, wanted) in have.indexes.iter().zip(&wanted.indexes) {
                assert_eq!(have, wanted, "{name}");
            }
        }
        assert_eq!(have, wanted, "{name}");
    }
}

#[tokio::test]
async fn what_entities_cannot_declare_is_left_out_by_name() {
    let Some(test) = postgres().await else { return };
    test.execute(
        "create extension btree_gist; create extension hstore; \
         create table a (id integer generated always as identity primary key, b integer, r int4range, \
             unique (b) deferrable, exclude using gist (r with &&)); \
         create table parted (id integer, at date) partition by range (at); \
         create table parted_1 partition of parted for values from ('2026-01-01') to ('2027-01-01'); \
         create index on parted (id); \
         create table child (extra text) inherits (a); \
         create view v as select * from a; create materialized view mv as select 1 as one; \
         create sequence free; create sequence owned owned by a.b; \
         create function f() returns trigger language plpgsql as 'begin return new; end'; \
         create trigger tr before insert on a for each row execute function f(); \
         create domain d as text; create type pair as (a integer, b integer); \
         create table keyed (id integer primary key, to_a integer references a match full, \
             at date, n integer); \
         alter table keyed add constraint later check (n > 0) not valid; \
         create index stored on keyed (n) with (fillfactor = 50); \
         create table ours (id integer); create view ours_all as select * from ours; \
         create type ours_mood as enum ('a'); create sequence ours_seq; \
         alter extension hstore add table ours; alter extension hstore add view ours_all; \
         alter extension hstore add type ours_mood; \
         alter extension hstore add sequence ours_seq; \
         create schema other; create table other.a (id integer); create view other.w as select 1",
    )
    .await;
    let Catalog { schema, notes, .. } = read(&test).await;
    let tables: Vec<String> = schema.tables.keys().map(ToString::to_string).collect();
    assert_eq!(tables, ["a", "keyed", "parted"]);
    let exclusions = &schema.tables[&"a".into()].exclusions;
    assert_eq!(exclusions[0].name, "a_r_excl");
    assert_eq!(exclusions[0].elements[0].operator, "&&");
    assert!(schema.enums.is_empty());
    let sequences: Vec<String> = schema
        .sequences
        .values()
        .map(|it| it.name.to_string())
        .collect();
    assert_eq!(sequences, ["free"]);
    let objects: Vec<&str> = notes.iter().map(|note| note.object.as_str()).collect();
    assert_eq!(
        objects,
        [
            "composite type pair",
            "constraint later on keyed",
            "domain d",
            "function f",
            "materialized view mv",
            "sequence ours_seq",
            "table child",
            "table ours",
            "table parted",
            "table parted_1",
            "trigger tr on a",
            "view ours_all",
            "view v",
        ]
    );
}

#[tokio::test]
async fn several_schemas_whatever_the_search_path() {
    let Some(test) = postgres().await else { return };
    let far = Name::from(("far", "Mood"));
    let mut there = with_key(
        "t",
        [
            column("c", mood(("far", "Mood"))),
            column("n", Type::Integer),
        ],
    );
    there.name = Name::from(("Over there", "t"));
    there.uniques.push(Unique {
        name: None,
        columns: vec!["n".to_owned()],
        ..Unique::default()
    });
    there.indexes.push(Index::new("ix", ["n"]));
    there.comment = Some("far away".to_owned());
    let mut here = with_key("t", [column("n", Type::Integer)]);
    here.foreign_keys.push(ForeignKey {
        name: None,
        columns: vec!["n".to_owned()],
        ref_table: there.name.clone(),
        ref_columns: vec!["n".to_owned()],
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        ..ForeignKey::default()
    });
    let declared = schema([there.clone(), here.clone()]);
    create(&test, &declared).await;
    let wanted = canonical(&declared).unwrap().schema;
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    let both = catalog::read(test.db(), &names(&["public", "Over there", "nowhere"]))
        .await
        .unwrap();
    assert_eq!(both.schema, wanted);
    assert_eq!(both.notes[0].object, "schema nowhere");
    // Each by itself: the enum comes with the column that uses it, the key's columns with the key.
    let near = read(&test).await.schema;
    assert_eq!(
        near.tables.values().collect::<Vec<_>>(),
        [&wanted.tables[&here.name]]
    );
    let with_own = catalog::read(test.db(), &names(&["Over there"]))
        .await
        .unwrap()
        .schema;
    assert_eq!(with_own, wanted);
    assert_eq!(with_own.enums.keys().collect::<Vec<_>>(), [&far]);

    // Operations on a table of another schema.
    for op in [
        Op::DropIndex {
            table: there.name.clone(),
            name: "ix".to_owned(),
            before: None,
            only: None,
        },
        Op::DropForeignKey {
            table: here.name.clone(),
            target: Target {
                name: None,
                columns: vec!["n".to_owned()],
                only: None,
            },
            before: Some(Box::new(here.foreign_keys[0].clone())),
        },
        Op::RenameTable {
            from: there.name.clone(),
            to: Name::from(("new", "u")),
        },
        Op::DropTable {
            name: Name::from(("new", "u")),
            before: None,
        },
        Op::DropEnum {
            name: far,
            before: None,
        },
    ] {
        apply(&test, &op).await;
    }
    test.execute("drop schema far, new, \"Over there\"").await;
}

#[tokio::test]
async fn a_role_that_owns_nothing_reads_all_of_it() {
    let Some(test) = postgres().await else { return };
    for (_, declared) in schemas().into_iter().skip(3).take(3) {
        create(&test, &declared).await;
    }
    let wanted = read(&test).await;
    assert!(
        wanted
            .schema
            .tables
            .values()
            .any(|table| !table.foreign_keys.is_empty())
    );
    let role = format!("{}_reader", test.url().rsplit('/').next().unwrap());
    test.execute(&format!("create role \"{role}\"")).await;
    let mut options = sea_orm::ConnectOptions::new(test.url());
    options.max_connections(1);
    let db = sea_orm::Database::connect(options).await.unwrap();
    let set_role = db.execute_unprepared(&format!("set role \"{role}\"")).await;
    let refused = db.execute_unprepared("select * from owner").await;
    let have = catalog::read(&db, &[]).await;
    db.close().await.unwrap();
    test.execute(&format!("drop role \"{role}\"")).await;
    set_role.unwrap();
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("permission denied")
    );
    assert_eq!(have.unwrap(), wanted);
}

#[tokio::test]
async fn a_connection_without_a_schema_is_an_error() {
    let Some(test) = postgres().await else { return };
    let mut options = sea_orm::ConnectOptions::new(test.url());
    options.set_schema_search_path("nowhere");
    let db = sea_orm::Database::connect(options).await.unwrap();
    let error = catalog::read(&db, &[]).await.unwrap_err().to_string();
    assert!(error.contains("search_path"), "{error}");
}
