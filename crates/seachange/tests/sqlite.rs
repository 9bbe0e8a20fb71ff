//! SQLite: what is created is what is read, and a rebuild loses nothing.

use proptest::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use seachange::dialect::sqlite::{canonical, statements, table};
use seachange::op::Op;
use seachange::schema::{
    Action, Check, Column, DefaultValue, Deferrable, ForeignKey, Generated, Index, IndexKey, KeyOn, Length,
    Name, PrimaryKey, Schema, Table, Type, Unique,
};
use seachange::source::catalog;

use crate::support;

async fn run(db: &DatabaseConnection, sql: &str) {
    if let Err(error) = db.execute_unprepared(sql).await {
        panic!("{error}\n{sql}");
    }
}

fn column(name: &str, ty: Type) -> Column {
    Column::new(name, ty)
}

fn defaulted(name: &str, ty: Type, default: DefaultValue) -> Column {
    Column {
        default: Some(default),
        ..Column::new(name, ty)
    }
}

fn key(columns: &[&str], table: &str, ref_columns: &[&str]) -> ForeignKey {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    ForeignKey {
        name: None,
        columns: own(columns),
        ref_table: Name::from(table),
        ref_columns: own(ref_columns),
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        deferrable: None,
    }
}

fn identified(name: &str) -> Table {
    let mut table = Table::new(name);
    table.columns.push(Column {
        auto_increment: true,
        ..Column::new("id", Type::BigInteger)
    });
    table.primary_key = Some(PrimaryKey {
        name: Some(format!("pk-{name}")),
        columns: vec!["id".into()],
    });
    table
}

fn unique(columns: &[&str], name: Option<&str>) -> Unique {
    Unique {
        name: name.map(str::to_owned),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        nulls_not_distinct: false,
    }
}

/// Every kind of thing that a schema can say and SQLite can hold.
fn schemas() -> Vec<(&'static str, Schema)> {
    let mut every_type = identified("types");
    every_type.columns.extend(
        [
            Type::Char(None), Type::Char(Some(3)), Type::String(Length::Unspecified),
            Type::String(Length::Max), Type::String(Length::N(40)), Type::Text, Type::Blob,
            Type::TinyInteger, Type::SmallInteger, Type::Integer, Type::BigInteger,
            Type::TinyUnsigned, Type::SmallUnsigned, Type::Unsigned, Type::BigUnsigned,
            Type::Float, Type::Double, Type::Decimal(None), Type::Decimal(Some((10, 2))),
            Type::DateTime, Type::Timestamp, Type::TimestampWithTimeZone, Type::Time, Type::Date,
            Type::Binary(16), Type::VarBinary(Length::N(9)), Type::VarBinary(Length::Max),
            Type::Boolean, Type::Money(None), Type::Money(Some((9, 2))), Type::Json,
            Type::JsonBinary, Type::Uuid, Type::Custom("CITEXT".into()),
            Type::Custom("Double  Precision".into()), Type::Custom("NUMERIC( 10 ,2 )".into()),
            Type::Enum { name: Name::from("mood"), values: vec!["good".into(), "it's".into()] },
        ]
        .into_iter()
        .enumerate()
        .map(|(at, ty)| column(&format!("c{at}"), ty)),
    );

    let mut defaults = identified("defaults");
    for (at, (ty, default)) in [
        (Type::Boolean, DefaultValue::Bool(true)),
        (Type::Boolean, DefaultValue::Number("0".into())),
        (Type::Integer, DefaultValue::Bool(true)),
        (Type::Integer, DefaultValue::Number("-7".into())),
        (Type::Integer, DefaultValue::String("12".into())),
        (Type::Double, DefaultValue::Number("1.50".into())),
        (Type::Decimal(Some((10, 2))), DefaultValue::String("0.00".into())),
        (Type::Text, DefaultValue::String("it's\n\"odd\"".into())),
        (Type::Text, DefaultValue::String("5".into())),
        (Type::Text, DefaultValue::Number("5".into())),
        (Type::String(Length::N(5)), DefaultValue::String(String::new())),
        (Type::TimestampWithTimeZone, DefaultValue::CurrentTimestamp),
        (Type::DateTime, DefaultValue::Expr("datetime( 'now','+1 day' )".into())),
        (Type::Blob, DefaultValue::Expr("X'00ff'".into())),
        (Type::Uuid, DefaultValue::Expr("(lower(hex(randomblob(16))))".into())),
        (Type::BigInteger, DefaultValue::Number(i64::MIN.to_string())),
    ]
    .into_iter()
    .enumerate()
    {
        defaults.columns.push(defaulted(&format!("c{at}"), ty, default));
    }

    let mut constrained = Table::new("odd \"table\".name");
    let id = || column("select", Type::String(Length::N(8)));
    constrained.columns = vec![
        id(),
        column("b b", Type::Integer),
        Column { nullable: true, ..column("c'c", Type::Text) },
        Column { collation: Some("nocase".into()), ..column("d[d]", Type::Text) },
        Column { extra: Some("COLLATE rtrim CHECK (e <> '')".into()), ..column("e", Type::Text) },
        Column {
            generated: Some(Generated { expr: "\"b b\"*2".into(), stored: true }),
            nullable: true,
            ..column("f", Type::Integer)
        },
        Column {
            generated: Some(Generated { expr: "( \"b b\" + 1 )".into(), stored: false }),
            nullable: true,
            ..column("g", Type::Integer)
        },
    ];
    constrained.primary_key = Some(PrimaryKey {
        name: Some("pk".into()),
        columns: vec!["b b".into(), "select".into()],
    });
    constrained.uniques = vec![
        unique(&["c'c"], None),
        unique(&["e"], Some("uq-e")),
        unique(&["d[d]", "e"], Some("uq-de")),
    ];
    constrained.checks = vec![
        Check { name: Some("ck-b".into()), expr: "\"b b\">=0 AND \"b b\" BETWEEN 0 and 9".into() },
        Check { name: None, expr: "(length(e)<10)OR e IN('a' , 'b')".into() },
    ];
    constrained.indexes = vec![
        Index { unique: true, ..Index::new("ix-\"1\"", ["e", "b b"]) },
        Index {
            keys: vec![
                IndexKey { descending: true, ..IndexKey::column("e") },
                IndexKey { collation: Some("nocase".into()), ..IndexKey::column("c'c") },
                IndexKey { on: KeyOn::Expr("lower( e )||'x'".into()), ..IndexKey::column("") },
            ],
            predicate: Some("e IS NOT NULL and -1<\"b b\"".into()),
            ..Index::new("ix-2", Vec::<String>::new())
        },
    ];

    let mut parent = identified("parent");
    parent.columns.push(column("code", Type::Text));
    parent.columns.push(column("kind", Type::Text));
    parent.uniques.push(unique(&["code", "kind"], None));
    parent.comment = Some("left out".into());
    let mut child = identified("child");
    child.columns.extend([
        Column { nullable: true, ..column("parent_id", Type::BigInteger) },
        column("code", Type::Text),
        column("kind", Type::Text),
        Column { nullable: true, ..column("self_id", Type::BigInteger) },
    ]);
    child.foreign_keys = vec![
        ForeignKey {
            name: Some("fk".into()),
            on_delete: Action::SetNull,
            on_update: Action::Restrict,
            deferrable: Some(Deferrable::Deferred),
            ..key(&["parent_id"], "parent", &["id"])
        },
        ForeignKey {
            on_delete: Action::Cascade,
            on_update: Action::SetDefault,
            deferrable: Some(Deferrable::Immediate),
            ..key(&["code", "kind"], "PARENT", &["Code", "kind"])
        },
        key(&["self_id"], "child", &[]),
    ];

    let schema = |tables: Vec<Table>| {
        let mut schema = Schema::default();
        for table in tables {
            schema.insert(table);
        }
        schema
    };
    vec![
        ("types", schema(vec![every_type])),
        ("defaults", schema(vec![defaults])),
        ("constraints", schema(vec![constrained])),
        ("keys", schema(vec![parent, child])),
    ]
}

async fn create(db: &DatabaseConnection, schema: &Schema) {
    for table in schema.tables.values() {
        let create = Op::CreateTable {
            table: Box::new(table.clone()),
            if_not_exists: false,
        };
        let indexes = table.indexes.iter().map(|index| Op::CreateIndex {
            table: table.name.clone(),
            index: Box::new(index.clone()),
            if_not_exists: false,
        });
        for op in [create].into_iter().chain(indexes) {
            for sql in statements(&op).unwrap() {
                run(db, &sql).await;
            }
        }
    }
}

#[tokio::test]
async fn what_is_created_is_what_is_read() {
    for (case, declared) in schemas() {
        let db = support::sqlite().await;
        create(db.db(), &declared).await;
        let read = catalog::read(db.db(), &[]).await.unwrap();
        let canonical = canonical(&declared).unwrap();
        assert_eq!(read.schema, canonical.schema, "{case}");
        // Canonical form is stable: what was read is canonical already.
        let again = seachange::dialect::sqlite::canonical(&read.schema).unwrap();
        assert_eq!(again.schema, read.schema, "{case}");
    }
}
