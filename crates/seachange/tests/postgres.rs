//! PostgreSQL: what is applied is read back as what was declared.

use seachange::dialect::postgres::{canonical, statements};
use seachange::op::{ColumnChange, Op, Target, inverse};
use seachange::schema::{
    Action, Check, Column, DefaultValue, Deferrable, EnumType, ForeignKey, Generated, Index, IndexKey,
    KeyOn, Length, Name, PrimaryKey, Schema, Table, Type, Unique,
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
        keys.extend(std::mem::take(&mut table.foreign_keys).into_iter().map(|key| {
            Op::AddForeignKey {
                table: name.clone(),
                key: Box::new(key),
            }
        }));
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
    let columns = types().into_iter().enumerate().map(|(at, ty)| column(&format!("c{at}"), ty));
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
    for (have, wanted) in have.tables.values().flat_map(|t| &t.columns).zip(wanted.tables.values().flat_map(|t| &t.columns)) {
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

    let mut owner = with_key("owner", [column("a", Type::Integer), column("b", Type::Text)]);
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
        test.execute("create extension citext; create sequence free").await;
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
