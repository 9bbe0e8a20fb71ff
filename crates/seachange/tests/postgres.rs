//! PostgreSQL: what is applied is read back as what was declared.

use sea_orm::ConnectionTrait;
use seachange::dialect::postgres::{canonical, statements};
use seachange::op::{ColumnChange, Op, Target, inverse};
use seachange::schema::{
    Action, Check, Column, DefaultValue, Deferrable, EnumType, ForeignKey, Generated, Index,
    IndexKey, KeyOn, Length, Name, PrimaryKey, Schema, Table, Type, Unique,
};
use seachange::source::catalog::{self, Catalog};

use crate::support::{TestDatabase, postgres};

async fn apply(test: &TestDatabase, op: &Op) {
    for sql in statements(op).unwrap() {
        test.execute(&sql).await;
    }
}

async fn create(test: &TestDatabase, schema: &Schema) {
    for ty in schema.enums.values() {
        apply(test, &Op::CreateEnum(ty.clone())).await;
    }
    let mut keys = Vec::new();
    for table in schema.tables.values() {
        let mut table = table.clone();
        let indexes = std::mem::take(&mut table.indexes);
        let name = table.name.clone();
        keys.extend(
            std::mem::take(&mut table.foreign_keys)
                .into_iter()
                .map(|key| Op::AddForeignKey {
                    table: name.clone(),
                    key: Box::new(key),
                }),
        );
        let create = Op::CreateTable {
            table: Box::new(table),
            if_not_exists: false,
        };
        apply(test, &create).await;
        for index in indexes {
            let op = Op::CreateIndex {
                table: name.clone(),
                index: Box::new(index),
                if_not_exists: false,
            };
            apply(test, &op).await;
        }
    }
    for op in keys {
        apply(test, &op).await;
    }
}

async fn read(test: &TestDatabase) -> Catalog {
    catalog::read(test.db(), &[]).await.unwrap()
}

fn schema(tables: impl IntoIterator<Item = Table>) -> Schema {
    let mut schema = Schema::default();
    for table in tables {
        schema.insert(table);
    }
    schema
}

fn table(name: &str, columns: impl IntoIterator<Item = Column>) -> Table {
    let mut table = Table::new(name);
    table.columns.extend(columns);
    table
}

fn column(name: &str, ty: Type) -> Column {
    Column {
        nullable: true,
        ..Column::new(name, ty)
    }
}

fn defaulted(name: &str, ty: Type, default: DefaultValue) -> Column {
    Column {
        default: Some(default),
        ..column(name, ty)
    }
}

fn id() -> Column {
    Column {
        auto_increment: true,
        ..Column::new("id", Type::Integer)
    }
}

fn with_key(name: &str, columns: impl IntoIterator<Item = Column>) -> Table {
    let mut table = table(name, std::iter::once(id()).chain(columns));
    table.primary_key = Some(key(["id"]));
    table
}

fn key<const N: usize>(columns: [&str; N]) -> PrimaryKey {
    PrimaryKey {
        name: None,
        columns: columns.map(str::to_owned).to_vec(),
    }
}

fn mood(name: impl Into<Name>) -> Type {
    Type::Enum {
        name: name.into(),
        values: ["sad", "it's ok", "Happy"].map(str::to_owned).to_vec(),
    }
}

fn text(value: &str) -> DefaultValue {
    DefaultValue::String(value.to_owned())
}

fn number(value: &str) -> DefaultValue {
    DefaultValue::Number(value.to_owned())
}

fn expr(sql: &str) -> DefaultValue {
    DefaultValue::Expr(sql.to_owned())
}

fn custom(sql: &str) -> Type {
    Type::Custom(sql.to_owned())
}

fn array(element: Type) -> Type {
    Type::Array(Box::new(element))
}

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
        },
        Unique {
            name: None,
            columns: vec!["b".to_owned()],
            nulls_not_distinct: false,
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
        deferrable: None,
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
        nulls_not_distinct: false,
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
        let have = read(&test).await.schema;
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

/// A table with rows for each way in which a column changes its type.
fn pairs() -> Vec<(Type, Option<DefaultValue>, &'static str, Type)> {
    let other = Type::Enum {
        name: Name::from("Other"),
        values: ["Happy", "sad", "it's ok"].map(str::to_owned).to_vec(),
    };
    let string = |n| Type::String(Length::N(n));
    let utc = Type::TimestampWithTimeZone;
    vec![
        (Type::Text, None, "'1'", Type::Integer),
        (string(50), Some(text("0")), "'1'", Type::Integer),
        (Type::Integer, Some(number("5")), "1", Type::Text),
        (Type::Integer, Some(number("-5")), "1", Type::BigInteger),
        (Type::BigInteger, Some(number("5")), "1", Type::SmallInteger),
        (string(50), Some(text("x")), "'a'", Type::Text),
        (Type::Text, Some(text("x")), "'a'", string(10)),
        (Type::Char(Some(3)), None, "'a'", Type::Text),
        (string(50), None, "'a'", string(10)),
        (Type::Text, Some(text("true")), "'f'", Type::Boolean),
        (Type::Integer, Some(number("0")), "1", Type::Boolean),
        (Type::SmallInteger, None, "0", Type::Boolean),
        (
            Type::Boolean,
            Some(DefaultValue::Bool(true)),
            "true",
            Type::BigInteger,
        ),
        (Type::Boolean, None, "true", Type::Decimal(Some((4, 1)))),
        (Type::Text, None, "gen_random_uuid()", Type::Uuid),
        (Type::Uuid, None, "gen_random_uuid()", string(36)),
        (Type::Text, Some(text("{}")), "'[1]'", Type::JsonBinary),
        (Type::Json, Some(text("{}")), "'{}'", Type::JsonBinary),
        (Type::Text, Some(text("sad")), "'Happy'", mood("Mood")),
        (mood("Mood"), Some(text("sad")), "'Happy'", Type::Text),
        (
            mood("Mood"),
            Some(text("it's ok")),
            "'Happy'",
            other.clone(),
        ),
        (array(Type::Text), None, "'{1}'", array(Type::Integer)),
        (
            array(mood("Mood")),
            Some(text("{}")),
            "'{sad}'",
            array(other),
        ),
        (
            array(Type::Integer),
            Some(text("{}")),
            "'{1}'",
            array(Type::BigInteger),
        ),
        (
            Type::Decimal(Some((10, 2))),
            Some(number("1.5")),
            "1.25",
            Type::Decimal(Some((12, 4))),
        ),
        (Type::Decimal(Some((10, 2))), None, "1", Type::Integer),
        (
            Type::Double,
            Some(number("0.5")),
            "1.5",
            Type::Decimal(None),
        ),
        (
            Type::DateTime,
            Some(DefaultValue::CurrentTimestamp),
            "now()",
            utc.clone(),
        ),
        (Type::Date, None, "now()", Type::DateTime),
        (Type::Date, None, "now()", utc.clone()),
        (Type::Text, None, "now()", utc),
        (
            custom("timestamptz(3)"),
            None,
            "now()",
            Type::TimestampWithTimeZone,
        ),
        (Type::Interval(None, None), None, "'1 day'", Type::Text),
        (Type::Text, None, "'1 day'", Type::Interval(None, None)),
        (Type::Inet, None, "'10.0.0.1'", Type::Text),
        (Type::Text, None, "'abc'", Type::Blob),
        (Type::Bit(Some(3)), None, "B'101'", Type::VarBit(8)),
        (custom("citext"), Some(text("x")), "'A'", Type::Text),
        (Type::Text, Some(text("x")), "'A'", custom("citext")),
    ]
}

#[tokio::test]
async fn a_type_changes_and_changes_back() {
    let Some(test) = postgres().await else { return };
    test.execute("create extension citext; set timezone = 'Asia/Tokyo'")
        .await;
    let mut declared = Schema::default();
    for (at, (from, default, _, to)) in pairs().into_iter().enumerate() {
        let mut column = column("c", from.clone());
        column.default = default;
        declared.insert(with_key(&format!("t{at}"), [column]));
        for ty in [from, to] {
            if let Some((name, values)) = ty.enumeration() {
                let (name, values) = (name.clone(), values.to_vec());
                declared
                    .enums
                    .insert(name.clone(), EnumType { name, values });
            }
        }
    }
    create(&test, &declared).await;
    for (at, (.., value, _)) in pairs().into_iter().enumerate() {
        test.execute(&format!("insert into t{at} (c) values ({value}), (null)"))
            .await;
    }
    let before = test.dump().await;
    let mut after = declared.clone();
    let mut back = Vec::new();
    for (at, (from, default, _, to)) in pairs().into_iter().enumerate() {
        let mut old = column("c", from);
        old.default = default;
        let op = Op::AlterColumn {
            table: Name::from(format!("t{at}")),
            column: "c".to_owned(),
            change: Box::new(ColumnChange {
                ty: Some(to),
                ..ColumnChange::default()
            }),
            before: Some(Box::new(old)),
        };
        apply(&test, &op).await;
        back.extend(inverse(&op, &after));
        seachange::op::apply(&mut after, &op);
    }
    let wanted = canonical(&after).unwrap().schema;
    let have = read(&test).await.schema;
    for (have, wanted) in have.tables.values().zip(wanted.tables.values()) {
        assert_eq!(have, wanted);
    }
    for op in &back {
        apply(&test, op).await;
    }
    assert_eq!(test.dump().await, before);
}

#[tokio::test]
async fn an_instant_keeps_its_value_whatever_the_session_s_zone() {
    let Some(test) = postgres().await else { return };
    create(
        &test,
        &schema([with_key("t", [column("c", Type::DateTime)])]),
    )
    .await;
    test.execute("insert into t (c) values ('2026-01-02 03:04:05')")
        .await;
    let change = |from: Type, to: Type| Op::AlterColumn {
        table: Name::from("t"),
        column: "c".to_owned(),
        change: Box::new(ColumnChange {
            ty: Some(to),
            ..ColumnChange::default()
        }),
        before: Some(Box::new(column("c", from))),
    };
    let zoned = Type::TimestampWithTimeZone;
    for sql in statements(&change(Type::DateTime, zoned.clone())).unwrap() {
        test.execute(&format!(
            "set timezone = 'Asia/Tokyo'; {sql}; set timezone = 'UTC'"
        ))
        .await;
    }
    let utc = "select (c at time zone 'UTC')::text from t";
    assert_eq!(test.strings(utc).await, ["2026-01-02 03:04:05"]);
    for sql in statements(&change(zoned, Type::DateTime)).unwrap() {
        test.execute(&format!(
            "set timezone = 'Asia/Tokyo'; {sql}; set timezone = 'UTC'"
        ))
        .await;
    }
    assert_eq!(
        test.strings("select c::text from t").await,
        ["2026-01-02 03:04:05"]
    );
}

fn changes() -> Vec<(&'static str, Schema, Vec<Op>)> {
    let name = Name::from("t");
    let base = |columns: Vec<Column>| schema([with_key("t", columns)]);
    let alter = |old: Column, change: ColumnChange| Op::AlterColumn {
        table: Name::from("t"),
        column: old.name.clone(),
        change: Box::new(change),
        before: Some(Box::new(old)),
    };
    let none = ColumnChange::default;
    let plain = column("c", Type::String(Length::N(20)));
    let counter = Column::new("c", Type::Integer);
    let target = |name: Option<&str>, columns: &[&str]| Target {
        name: name.map(str::to_owned),
        columns: columns.iter().map(|&c| c.to_owned()).collect(),
    };
    let unique = Unique {
        name: Some("uq".to_owned()),
        columns: vec!["c".to_owned()],
        nulls_not_distinct: false,
    };
    let self_key = |name: &str, on: &str| ForeignKey {
        name: Some(name.to_owned()),
        columns: vec!["c".to_owned()],
        ref_table: Name::from("t"),
        ref_columns: vec![on.to_owned()],
        on_delete: Action::Cascade,
        on_update: Action::NoAction,
        deferrable: None,
    };
    let mut with_unique = base(vec![column("c", Type::Integer), column("d", Type::Integer)]);
    let table = with_unique.tables.get_mut(&name).unwrap();
    table.uniques = vec![
        unique.clone(),
        Unique {
            name: None,
            columns: vec!["d".to_owned()],
            ..unique.clone()
        },
        Unique {
            name: None,
            columns: vec!["d".to_owned(), "c".to_owned()],
            ..unique.clone()
        },
    ];
    let mut with_keys = with_unique.clone();
    let table = with_keys.tables.get_mut(&name).unwrap();
    table.foreign_keys = vec![self_key("one", "id"), self_key("two", "d")];
    table.checks.push(Check {
        name: Some("c'k".to_owned()),
        expr: "c > 0".to_owned(),
    });
    table.indexes.push(Index::new("i\"x", ["c"]));
    vec![
        (
            "one alter with everything",
            base(vec![plain.clone()]),
            vec![
                Op::Execute {
                    sql: String::new(),
                    engine: None,
                },
                alter(
                    plain.clone(),
                    ColumnChange {
                        ty: Some(Type::String(Length::N(40))),
                        nullable: Some(false),
                        default: Some(Some(text("x"))),
                        comment: Some(Some("k".to_owned())),
                        ..none()
                    },
                ),
            ],
        ),
        (
            "defaults",
            base(vec![
                defaulted("a", Type::Integer, number("1")),
                column("b", Type::Boolean),
                defaulted("c", Type::String(Length::N(9)), text("0")),
            ]),
            vec![
                alter(
                    defaulted("a", Type::Integer, number("1")),
                    ColumnChange {
                        default: Some(None),
                        ..none()
                    },
                ),
                alter(
                    column("b", Type::Boolean),
                    ColumnChange {
                        default: Some(Some(number("1"))),
                        ..none()
                    },
                ),
                // From a string's default to a number's: neither casts to the other.
                alter(
                    defaulted("c", Type::String(Length::N(9)), text("0")),
                    ColumnChange {
                        ty: Some(Type::Integer),
                        default: Some(Some(number("7"))),
                        ..none()
                    },
                ),
            ],
        ),
        (
            "numbering",
            base(vec![counter.clone()]),
            vec![alter(
                counter,
                ColumnChange {
                    ty: Some(Type::BigInteger),
                    auto_increment: Some(true),
                    ..none()
                },
            )],
        ),
        (
            "columns",
            base(vec![plain.clone()]),
            vec![
                Op::AddColumn {
                    table: name.clone(),
                    column: Box::new(Column {
                        comment: Some("it's".to_owned()),
                        ..defaulted("new", Type::Text, text("x"))
                    }),
                    if_not_exists: true,
                },
                Op::RenameColumn {
                    table: name.clone(),
                    from: "c".to_owned(),
                    to: "C \"c\"".to_owned(),
                },
                Op::CommentTable {
                    table: name.clone(),
                    comment: Some("about t".to_owned()),
                    before: Some(None),
                },
                Op::RenameTable {
                    from: name.clone(),
                    to: Name::from("T 2"),
                },
            ],
        ),
        (
            "constraints that go",
            with_keys,
            vec![
                Op::DropForeignKey {
                    table: name.clone(),
                    target: target(Some("two"), &["c"]),
                    before: Some(Box::new(self_key("two", "d"))),
                },
                Op::DropForeignKey {
                    table: name.clone(),
                    target: target(Some("one"), &[]),
                    before: Some(Box::new(self_key("one", "id"))),
                },
                Op::DropUnique {
                    table: name.clone(),
                    target: target(None, &["d", "c"]),
                    before: None,
                },
                Op::DropUnique {
                    table: name.clone(),
                    target: target(Some("uq"), &["c"]),
                    before: None,
                },
                Op::DropCheck {
                    table: name.clone(),
                    name: "c'k".to_owned(),
                    before: None,
                },
                Op::DropIndex {
                    table: name.clone(),
                    name: "i\"x".to_owned(),
                    before: None,
                },
                Op::DropPrimaryKey {
                    table: name.clone(),
                    before: None,
                },
            ],
        ),
        (
            "constraints that come",
            base(vec![
                column("c", Type::Integer),
                Column::new("d", Type::Integer),
            ]),
            vec![
                Op::DropPrimaryKey {
                    table: name.clone(),
                    before: None,
                },
                Op::AddPrimaryKey {
                    table: name.clone(),
                    key: PrimaryKey {
                        name: Some("pk-t".to_owned()),
                        ..key(["d", "id"])
                    },
                },
                Op::AddUnique {
                    table: name.clone(),
                    unique: Unique {
                        name: None,
                        columns: vec!["d".to_owned()],
                        nulls_not_distinct: true,
                    },
                },
                Op::AddForeignKey {
                    table: name.clone(),
                    key: Box::new(self_key("fk", "d")),
                },
                Op::AddCheck {
                    table: name.clone(),
                    check: Check {
                        name: Some("ck".to_owned()),
                        expr: "c > 0".to_owned(),
                    },
                },
                Op::CreateIndex {
                    table: name.clone(),
                    index: Box::new(Index::new("ix", ["c"])),
                    if_not_exists: true,
                },
            ],
        ),
        (
            "tables and types",
            Schema::default(),
            vec![
                Op::CreateEnum(EnumType {
                    name: Name::from("Mood"),
                    values: vec!["sad".to_owned()],
                }),
                Op::CreateTable {
                    table: Box::new(with_key("t", [column("c", Type::Text)])),
                    if_not_exists: true,
                },
            ],
        ),
    ]
}

#[tokio::test]
async fn an_operation_applies_and_its_inverse_takes_it_back() {
    for (what, declared, ops) in changes() {
        let Some(test) = postgres().await else { return };
        create(&test, &declared).await;
        let before = test.dump().await;
        let mut after = declared.clone();
        let mut back = Vec::new();
        for op in &ops {
            apply(&test, op).await;
            back.extend(inverse(op, &after));
            seachange::op::apply(&mut after, op);
        }
        assert_eq!(
            read(&test).await.schema,
            canonical(&after).unwrap().schema,
            "{what}"
        );
        for op in back.iter().rev() {
            apply(&test, op).await;
        }
        assert_eq!(test.dump().await, before, "{what}");
    }
}

#[tokio::test]
async fn numbering_goes_on_after_the_rows_that_are_there() {
    let Some(test) = postgres().await else { return };
    for (name, definition) in [
        ("plain", "c integer default 4"),
        ("serial", "c serial"),
        ("big", "c bigserial not null"),
        ("identity", "c integer generated always as identity"),
    ] {
        test.execute(&format!(
            "create table {name} ({definition}, x text); \
             insert into {name} (c, x) overriding system value select n, 'x' from generate_series(1, 10) n"
        ))
        .await;
        let change = |on| Op::AlterColumn {
            table: Name::from(name),
            column: "c".to_owned(),
            change: Box::new(ColumnChange {
                auto_increment: Some(on),
                ..ColumnChange::default()
            }),
            before: None,
        };
        if name != "plain" {
            apply(&test, &change(false)).await;
            let c = read(&test).await.schema.tables[&Name::from(name)].columns[0].clone();
            assert_eq!((c.auto_increment, c.default), (false, None), "{name}");
        }
        apply(&test, &change(true)).await;
        test.execute(&format!("insert into {name} (x) values ('y')"))
            .await;
        assert_eq!(
            test.strings(&format!("select max(c)::text from {name}"))
                .await,
            ["11"],
            "{name}"
        );
    }
    assert_eq!(
        test.strings("select relname::text from pg_class where relkind = 'S' order by 1")
            .await,
        ["big_c_seq", "identity_c_seq", "plain_c_seq", "serial_c_seq"]
    );
}

#[tokio::test]
async fn the_sequence_of_a_serial_column_grows_with_it() {
    let Some(test) = postgres().await else { return };
    test.execute(
        "create table a (id serial primary key); \
         create table b (id integer generated by default as identity); create table c (id integer)",
    )
    .await;
    for table in ["a", "b", "c"] {
        let op = Op::AlterColumn {
            table: Name::from(table),
            column: "id".to_owned(),
            change: Box::new(ColumnChange {
                ty: Some(Type::BigInteger),
                ..ColumnChange::default()
            }),
            before: None,
        };
        apply(&test, &op).await;
    }
    assert_eq!(
        test.strings("select format_type(seqtypid, null) from pg_sequence")
            .await,
        ["bigint", "bigint"]
    );
}

#[tokio::test]
async fn a_constraint_that_is_not_there_is_named() {
    let Some(test) = postgres().await else { return };
    test.execute("create table \"t'\" (a integer)").await;
    let op = Op::DropUnique {
        table: Name::from("t'"),
        target: Target {
            name: None,
            columns: vec!["a'".to_owned()],
        },
        before: None,
    };
    let error = test
        .try_execute(&statements(&op).unwrap()[0])
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("there is no unique constraint on (a') on table t'"),
        "{error}"
    );
}

#[tokio::test]
async fn a_constraint_is_found_by_what_it_is_whatever_its_name() {
    let Some(test) = postgres().await else { return };
    test.execute(
        "create table a (id integer constraint hers primary key, n integer, m integer, \
             constraint his unique (n, m), constraint theirs unique (m, n), \
             constraint one foreign key (n) references a, \
             constraint two foreign key (n) references a on delete cascade)",
    )
    .await;
    let (name, n) = (Name::from("a"), vec!["n".to_owned()]);
    let named = |name: &str, columns: &[String]| Target {
        name: Some(name.to_owned()),
        columns: columns.to_vec(),
    };
    let names = "select conname::text from pg_constraint where conrelid = 'a'::regclass order by 1";
    for (op, left) in [
        (
            Op::DropForeignKey {
                table: name.clone(),
                target: named("two", &n),
                before: None,
            },
            vec!["hers", "his", "one", "theirs"],
        ),
        (
            Op::DropForeignKey {
                table: name.clone(),
                target: named("fk-a-n", &n),
                before: None,
            },
            vec!["hers", "his", "theirs"],
        ),
        (
            Op::DropUnique {
                table: name.clone(),
                target: named("uq", &["m".to_owned(), "n".to_owned()]),
                before: None,
            },
            vec!["hers", "his"],
        ),
        (
            Op::DropPrimaryKey {
                table: name.clone(),
                before: None,
            },
            vec!["his"],
        ),
    ] {
        apply(&test, &op).await;
        assert_eq!(test.strings(names).await, left);
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
         create schema other; create table other.a (id integer); create view other.w as select 1",
    )
    .await;
    let Catalog { schema, notes } = read(&test).await;
    let tables: Vec<String> = schema.tables.keys().map(ToString::to_string).collect();
    assert_eq!(tables, ["a", "keyed", "parted"]);
    assert!(schema.enums.is_empty());
    let objects: Vec<&str> = notes.iter().map(|note| note.object.as_str()).collect();
    assert_eq!(
        objects,
        [
            "column a.id",
            "composite type pair",
            "constraint a_b_key on a",
            "constraint keyed_to_a_fkey on keyed",
            "constraint later on keyed",
            "domain d",
            "exclusion constraint a_r_excl on a",
            "function f",
            "index stored on keyed",
            "materialized view mv",
            "sequence free",
            "table child",
            "table parted",
            "table parted_1",
            "trigger tr on a",
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
        nulls_not_distinct: false,
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
        deferrable: None,
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
    let there_only = catalog::read(test.db(), &names(&["Over there"]))
        .await
        .unwrap()
        .schema;
    assert_eq!(
        there_only.tables.values().collect::<Vec<_>>(),
        [&wanted.tables[&there.name]]
    );
    assert_eq!(there_only.enums.keys().collect::<Vec<_>>(), [&far]);

    // Operations on a table of another schema.
    for op in [
        Op::DropIndex {
            table: there.name.clone(),
            name: "ix".to_owned(),
            before: None,
        },
        Op::DropForeignKey {
            table: here.name.clone(),
            target: Target {
                name: None,
                columns: vec!["n".to_owned()],
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

#[tokio::test]
async fn defaults_and_checks_that_stay_doubtful_are_noted() {
    let Some(test) = postgres().await else { return };
    let mut declared = schema([with_key(
        "t",
        [
            defaulted("at", Type::DateTime, text("2026-01-01")),
            defaulted("sum", Type::Integer, expr("1+1")),
            column("price", Type::Decimal(Some((10, 2)))),
        ],
    )]);
    let table = declared.tables.values_mut().next().unwrap();
    table.checks.push(Check {
        name: Some("ck".to_owned()),
        expr: "price > 0".to_owned(),
    });
    table.indexes.push(Index {
        predicate: Some("price > 0".to_owned()),
        ..Index::new("ix", ["at"])
    });
    create(&test, &declared).await;
    let have = read(&test).await.schema;
    let wanted = canonical(&declared).unwrap();
    assert_ne!(have, wanted.schema);
    let doubts: Vec<&str> = wanted
        .notes
        .iter()
        .map(|note| note.object.as_str())
        .collect();
    assert_eq!(
        doubts,
        [
            "check ck on t",
            "column t.at",
            "column t.sum",
            "index ix on t"
        ]
    );
}
