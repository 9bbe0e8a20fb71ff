//! Operations apply to tables that hold rows, and their inverses take them back.

use seachange::dialect::postgres::{canonical, statements};
use seachange::op::{CheckTarget, ColumnChange, Op, Target, inverse};
use seachange::schema::{
    Action, Check, Column, DefaultValue, EnumType, ForeignKey, Index, Length, Name, PrimaryKey,
    Schema, Type, Unique,
};

use super::{
    apply, array, column, create, custom, defaulted, key, mood, number, read, schema, text,
    with_key,
};
use crate::support::postgres;

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
        only: None,
    };
    let unique = Unique {
        name: Some("uq".to_owned()),
        columns: vec!["c".to_owned()],
        ..Unique::default()
    };
    let self_key = |name: &str, on: &str| ForeignKey {
        name: Some(name.to_owned()),
        columns: vec!["c".to_owned()],
        ref_table: Name::from("t"),
        ref_columns: vec![on.to_owned()],
        on_delete: Action::Cascade,
        on_update: Action::NoAction,
        ..ForeignKey::default()
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
        only: None,
    });
    table.indexes.push(Index::new("i\"x", ["c"]));
    vec![
        (
            "one alter with everything",
            base(vec![plain.clone()]),
            vec![
                Op::Execute {
                    sql: String::new(),
                    only: None,
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
                    target: CheckTarget {
                        name: Some("c'k".to_owned()),
                        expr: None,
                        only: None,
                    },
                    before: None,
                },
                Op::DropIndex {
                    table: name.clone(),
                    name: "i\"x".to_owned(),
                    before: None,
                    only: None,
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
                        ..Unique::default()
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
                        only: None,
                    },
                },
                Op::CreateIndex {
                    table: name.clone(),
                    index: Box::new(Index::new("ix", ["c"])),
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
            only: None,
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
        only: None,
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
