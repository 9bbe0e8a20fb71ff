//! What the modules beside this file are made of.

use std::mem::discriminant;

use sea_orm::sea_query::{Expr, ExprTrait};
use seachange::op::{BackfillSpec, CheckTarget, ColumnChange, Op, Step, Target, can_be_guarded};
use seachange::render::{ModuleSpec, transaction};
use seachange::schema::{
    Action, Check, Column, DefaultValue, Deferrable, Engine, EnumType, Excluded, Exclusion,
    ForeignKey, Generated, Index, IndexKey, KeyOn, Length, Name, Numbering, PrimaryKey, Sequence,
    Table, Type, Unique, Variant, from_facts,
};

fn column(name: &str, ty: Type) -> Column {
    Column::new(name, ty)
}

fn null(name: &str, ty: Type) -> Column {
    Column {
        nullable: true,
        ..Column::new(name, ty)
    }
}

fn serial(name: &str) -> Column {
    Column {
        auto_increment: true,
        ..Column::new(name, Type::Integer)
    }
}

fn key(columns: &[&str]) -> Option<PrimaryKey> {
    Some(PrimaryKey {
        name: None,
        columns: columns.iter().map(ToString::to_string).collect(),
        ..PrimaryKey::default()
    })
}

fn foreign_key(name: &str, column: &str, to: &str, on_delete: Action) -> ForeignKey {
    ForeignKey {
        name: Some(name.to_owned()),
        columns: vec![column.to_owned()],
        ref_table: to.into(),
        ref_columns: vec!["id".to_owned()],
        on_delete,
        on_update: Action::NoAction,
        deferrable: None,
        ..ForeignKey::default()
    }
}

fn create_index(table: &str, index: Index) -> Op {
    Op::CreateIndex {
        table: table.into(),
        index: Box::new(index),
    }
}

fn steps(ops: Vec<Op>) -> Vec<Step> {
    ops.into_iter().map(Step::from).collect()
}

/// One of each kind that can be guarded, but for a whole table.
fn guarded(ops: &[Op]) -> Vec<Step> {
    let mut seen = Vec::new();
    let guarded = ops.iter().filter(|op| {
        let kind = discriminant(*op);
        let small = !matches!(op, Op::CreateTable { .. });
        let new = small && can_be_guarded(op) && !seen.contains(&kind);
        if new {
            seen.push(kind);
        }
        new
    });
    let step = |op: &Op| Step {
        guarded: true,
        ..Step::from(op.clone())
    };
    guarded.map(step).collect()
}

/// A new table.
pub fn add_comments() -> ModuleSpec {
    let mut table = Table::new("comments");
    table.columns = vec![
        serial("id"),
        column("task_id", Type::Integer),
        null("author_id", Type::Integer),
        column("body", Type::Text),
        Column {
            default: Some(DefaultValue::CurrentTimestamp),
            ..column("created_at", Type::TimestampWithTimeZone)
        },
    ];
    table.primary_key = key(&["id"]);
    table.foreign_keys = vec![
        foreign_key("fk-comments-task_id", "task_id", "tasks", Action::Cascade),
        foreign_key(
            "fk-comments-author_id",
            "author_id",
            "users",
            Action::SetNull,
        ),
    ];
    ModuleSpec {
        message: "add comments to tasks".to_owned(),
        revises: vec!["m20261120_090210_add_tags".to_owned()],
        up: steps(vec![
            Op::CreateTable {
                table: Box::new(table),
            },
            create_index("comments", Index::new("idx-comments-task_id", ["task_id"])),
        ]),
        down: steps(vec![Op::DropTable {
            name: "comments".into(),
            before: None,
        }]),
        ..ModuleSpec::default()
    }
}

/// A column that is filled, then required.
pub fn add_full_name() -> ModuleSpec {
    let up = vec![
        Op::AddColumn {
            table: "users".into(),
            column: Box::new(null("full_name", Type::String(Length::Unspecified))),
        },
        Op::Backfill(Box::new(BackfillSpec {
            table: "users".into(),
            set: vec![(
                "full_name".to_owned(),
                Expr::cust("first_name || ' ' || last_name"),
            )],
            filter: Some(Expr::col("full_name").is_null()),
            batch: 1_000,
        })),
        Op::AlterColumn {
            table: "users".into(),
            column: "full_name".to_owned(),
            change: Box::new(ColumnChange {
                nullable: Some(false),
                ..ColumnChange::default()
            }),
            before: None,
        },
    ];
    ModuleSpec {
        message: "Give every user a full name.".to_owned(),
        doc: vec![
            "Three segments, each committed by itself: add, fill, require. An upgrade that stops \
             while it fills goes on with the next batch when it is run again."
                .to_owned(),
        ],
        revises: vec!["m20261121_101500_add_comments".to_owned()],
        transaction: transaction(&up),
        up: steps(up),
        down: steps(vec![Op::DropColumn {
            table: "users".into(),
            column: "full_name".to_owned(),
            before: None,
        }]),
    }
}

/// No helper of the schema, so no import of it; an index on a table that has rows.
pub fn task_status() -> ModuleSpec {
    let index = Index::new("idx-tasks-status-due_at", ["status", "due_at"]);
    ModuleSpec {
        message: "list tasks by status and due time".to_owned(),
        revises: vec!["m20261121_113000_add_full_name".to_owned()],
        up: steps(vec![
            Op::CreateEnum(EnumType {
                name: "task_status".into(),
                values: vec!["todo".to_owned(), "done".to_owned()],
            }),
            create_index("tasks", index.clone()),
        ]),
        down: steps(vec![
            Op::DropIndex {
                table: "tasks".into(),
                name: index.name.clone(),
                before: Some(Box::new(index)),
                only: None,
            },
            Op::DropEnum {
                name: "task_status".into(),
                before: None,
            },
        ]),
        ..ModuleSpec::default()
    }
}

const LONG: &str = "A text that is much too long for one line of a file, so that it has to be broken \
    into several of them; \"quoted\", with a \\ and a tab\t.\nA second line,\n  an indented one, and \
    日本語 at the end";

/// Every operation, every type, every option, and names that need care.
pub fn everything() -> ModuleSpec {
    let mut up = vec![
        Op::CreateEnum(EnumType {
            name: Name::from(("audit", "mood")),
            values: [
                "it's",
                "say \"hi\"",
                "back\\slash",
                "",
                "日本",
                "a",
                "b",
                "c",
                "d",
                "e",
                "f",
            ]
            .map(str::to_owned)
            .to_vec(),
        }),
        Op::DropEnum {
            name: "mood".into(),
            before: None,
        },
        Op::RenameTable {
            from: "a".into(),
            to: ("audit", "b").into(),
        },
        Op::CommentTable {
            table: "b".into(),
            comment: Some(LONG.to_owned()),
            before: None,
        },
        Op::CommentTable {
            table: "b".into(),
            comment: None,
            before: Some(Some("x".to_owned())),
        },
        Op::RenameColumn {
            table: "b".into(),
            from: "x".to_owned(),
            to: "y\"z".to_owned(),
        },
        Op::CreateTable {
            table: Box::new(types()),
        },
        Op::CreateTable {
            table: Box::new(constraints()),
        },
    ];
    up.extend(columns());
    up.extend(keys());
    up.extend(indexes());
    up.extend(schemas_and_exclusions());
    up.extend(sequences());
    up.extend(rows());
    ModuleSpec {
        message: "everything".to_owned(),
        doc: vec!["As much as one module can hold.".to_owned()],
        revises: vec![
            "m20261121_113000_add_full_name_to_every_user_there_is".to_owned(),
            "m20261121_140000_task_status".to_owned(),
        ],
        transaction: transaction(&up),
        down: guarded(&up),
        up: steps(up),
    }
}

fn sequences() -> Vec<Op> {
    vec![
        Op::CreateSequence(Box::new(
            Sequence::new("invoice_number").start(1000).cycle(),
        )),
        Op::AlterSequence {
            sequence: Box::new(
                Sequence::new(("audit", "n"))
                    .small_integer()
                    .increment(-1)
                    .minimum(-100)
                    .maximum(100)
                    .cache(5),
            ),
            before: None,
        },
        Op::AlterSequence {
            sequence: Box::new(Sequence::new("o").integer()),
            before: None,
        },
        Op::RenameSequence {
            from: "o".into(),
            to: ("audit", "p q").into(),
        },
        Op::DropSequence {
            name: "r".into(),
            before: None,
        },
    ]
}

fn mood() -> Type {
    mood_of(Name::from("mood"))
}

fn mood_of(name: Name) -> Type {
    Type::Enum {
        name,
        values: ["sad", "ok", "happy"].map(str::to_owned).to_vec(),
    }
}

fn all_types() -> Vec<Type> {
    vec![
        Type::Char(None),
        Type::Char(Some(8)),
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
        Type::Decimal(Some((12, 2))),
        Type::DateTime,
        Type::Timestamp,
        Type::TimestampWithTimeZone,
        Type::Time,
        Type::Date,
        Type::Year,
        Type::Interval(None, None),
        Type::Interval(Some("DAY TO SECOND".to_owned()), Some(3)),
        Type::Binary(16),
        Type::VarBinary(Length::Unspecified),
        Type::VarBinary(Length::N(9)),
        Type::VarBinary(Length::Max),
        Type::Blob,
        Type::Bit(None),
        Type::Bit(Some(4)),
        Type::VarBit(12),
        Type::Boolean,
        Type::Money(None),
        Type::Money(Some((9, 2))),
        Type::Json,
        Type::JsonBinary,
        Type::Uuid,
        mood(),
        Type::Array(Box::new(Type::Integer)),
        Type::Array(Box::new(mood())),
        mood_of(Name::from(("audit", "mood"))),
        Type::Array(Box::new(mood_of(Name::from(("a.b", "say \"hi\""))))),
        mood_of(Name::from("\"quoted\"")),
        Type::Array(Box::new(Type::Array(Box::new(Type::String(Length::N(40)))))),
        Type::Vector(None),
        Type::Vector(Some(3)),
        Type::Cidr,
        Type::Inet,
        Type::MacAddr,
        Type::LTree,
        Type::Custom("tsvector".to_owned()),
        Type::Custom("it's \"odd\"".to_owned()),
    ]
}

/// Each type as a column that must have a value, one that need not, and a unique one.
fn types() -> Table {
    let mut table = Table::new("types");
    table.columns.push(Column {
        auto_increment: true,
        ..column("id", Type::BigInteger)
    });
    table.primary_key = key(&["id"]);
    for (at, ty) in all_types().into_iter().enumerate() {
        table.columns.push(column(&format!("c{at}"), ty.clone()));
        table.columns.push(null(&format!("n{at}"), ty.clone()));
        let unique = column(&format!("u{at}"), ty);
        table.uniques.push(Unique {
            name: None,
            columns: vec![unique.name.clone()],
            ..Unique::default()
        });
        table.columns.push(unique);
    }
    table
}

fn constraints() -> Table {
    let mut table = Table::new(("audit", "odd \"name\""));
    table.comment = Some("it's a table".to_owned());
    table.columns = vec![
        column("a", Type::Uuid),
        column("b b", Type::String(Length::N(20))),
        null("c", Type::Integer),
        Column {
            collation: Some("de-x-icu".to_owned()),
            ..column("d", Type::Text)
        },
        Column {
            generated: Some(Generated {
                expr: "\"c\" * 2".to_owned(),
                stored: true,
            }),
            ..null("e", Type::BigInteger)
        },
        Column {
            default: Some(DefaultValue::CurrentTimestamp),
            comment: Some(LONG.to_owned()),
            ..column("f", Type::Timestamp)
        },
        Column {
            extra: Some("ON UPDATE CURRENT_TIMESTAMP".to_owned()),
            default: Some(DefaultValue::CurrentTimestamp),
            ..null("g", Type::DateTime)
        },
    ];
    table.primary_key = Some(PrimaryKey {
        name: Some("pk-odd".to_owned()),
        columns: vec!["a".to_owned(), "b b".to_owned()],
        ..PrimaryKey::default()
    });
    let unique = |name: Option<&str>, columns: &[&str], nulls_not_distinct| Unique {
        name: name.map(str::to_owned),
        columns: columns.iter().map(ToString::to_string).collect(),
        nulls_not_distinct,
        ..Unique::default()
    };
    table.uniques = vec![
        unique(None, &["d"], false),
        unique(None, &["c"], false),
        unique(Some("uq-odd-c-d"), &["c", "d"], false),
        unique(None, &["e"], true),
    ];
    table.foreign_keys = vec![
        ForeignKey {
            deferrable: Some(Deferrable::Deferred),
            on_update: Action::SetDefault,
            ..foreign_key("fk-odd-c", "c", "b", Action::Restrict)
        },
        ForeignKey {
            name: None,
            columns: vec!["a".to_owned(), "b b".to_owned()],
            ref_table: ("audit", "other").into(),
            ref_columns: vec!["x".to_owned(), "y".to_owned()],
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            deferrable: Some(Deferrable::Immediate),
            ..ForeignKey::default()
        },
    ];
    table.checks = vec![
        Check {
            name: Some("ck-odd".to_owned()),
            expr: "\"c\" > 0".to_owned(),
            only: None,
        },
        Check {
            name: None,
            expr: "\"d\" <> 'it''s \\'".to_owned(),
            only: None,
        },
    ];
    table
}

fn columns() -> Vec<Op> {
    let add = |column: Column| Op::AddColumn {
        table: "b".into(),
        column: Box::new(column),
    };
    let default = |name: &str, ty: Type, default: DefaultValue| Column {
        default: Some(default),
        ..column(name, ty)
    };
    let number = |text: &str| DefaultValue::Number(text.to_owned());
    let alter = |change: ColumnChange| Op::AlterColumn {
        table: "b".into(),
        column: "x".to_owned(),
        change: Box::new(change),
        before: None,
    };
    let mut ops = vec![
        add(default("n1", Type::SmallInteger, number("0"))),
        add(default("n2", Type::BigInteger, number("-5000000000"))),
        add(default(
            "n3",
            Type::BigUnsigned,
            number("18446744073709551615"),
        )),
        add(default("n4", Type::Decimal(Some((12, 2))), number("0.00"))),
        add(default("n5", Type::Double, number("-1.5"))),
        add(default("t1", Type::Boolean, DefaultValue::Bool(false))),
        add(default(
            "t2",
            Type::Text,
            DefaultValue::String(LONG.to_owned()),
        )),
        add(default(
            "t3",
            Type::Text,
            DefaultValue::Expr("lower('A')".to_owned()),
        )),
        add(default("t4", mood(), DefaultValue::String("ok".to_owned()))),
        add(default(
            "t5",
            Type::TimestampWithTimeZone,
            DefaultValue::CurrentTimestamp,
        )),
        add(Column {
            collation: Some("C".to_owned()),
            ..null("t6", Type::Text)
        }),
        Op::AddColumn {
            table: ("audit", "b").into(),
            column: Box::new(serial("guarded")),
        },
        Op::DropColumn {
            table: "b".into(),
            column: "n1".to_owned(),
            before: None,
        },
        alter(ColumnChange {
            using: Some("\"x\"::integer".to_owned()),
            nullable: Some(false),
            default: Some(Some(DefaultValue::String("x".to_owned()))),
            auto_increment: Some(true),
            comment: Some(Some("a comment".to_owned())),
            ty: Some(Type::Integer),
            collation: Some(Some("C".to_owned())),
            generated: Some(None),
            numbering: Some(Some(Numbering::serial())),
            variants: [(Engine::Sqlite, Variant::new().no_default())].into(),
        }),
        alter(ColumnChange {
            collation: Some(None),
            generated: Some(Some(Generated {
                expr: "a + 1".to_owned(),
                stored: true,
            })),
            numbering: Some(None),
            ..ColumnChange::default()
        }),
        Op::AddColumn {
            table: "b".into(),
            column: Box::new(Column {
                numbering: Some(
                    Numbering::identity()
                        .always()
                        .start(5)
                        .increment(-2)
                        .cycle(),
                ),
                ..serial("counted")
            }),
        },
        alter(ColumnChange {
            nullable: Some(true),
            default: Some(None),
            auto_increment: Some(false),
            comment: Some(None),
            ..ColumnChange::default()
        }),
    ];
    ops.extend(all_types().into_iter().map(|ty| {
        alter(ColumnChange {
            ty: Some(ty),
            ..ColumnChange::default()
        })
    }));
    ops
}

fn keys() -> Vec<Op> {
    let table = || Name::from("b");
    let target = |name: Option<&str>, columns: &[&str]| Target {
        name: name.map(str::to_owned),
        columns: columns.iter().map(ToString::to_string).collect(),
        only: None,
    };
    let unique = |name: Option<&str>, nulls_not_distinct| Op::AddUnique {
        table: table(),
        unique: Unique {
            name: name.map(str::to_owned),
            columns: vec!["x".to_owned(), "y".to_owned()],
            nulls_not_distinct,
            ..Unique::default()
        },
    };
    let key = |deferrable| Op::AddForeignKey {
        table: ("audit", "b").into(),
        key: Box::new(ForeignKey {
            deferrable,
            ..foreign_key("fk", "x", "a", Action::SetNull)
        }),
    };
    vec![
        Op::AddPrimaryKey {
            table: table(),
            key: PrimaryKey {
                name: None,
                columns: vec!["x".to_owned()],
                ..PrimaryKey::default()
            },
        },
        Op::DropPrimaryKey {
            table: table(),
            before: None,
        },
        Op::AddPrimaryKey {
            table: table(),
            key: PrimaryKey {
                name: Some("pk-b".to_owned()),
                columns: vec!["x".to_owned()],
                ..PrimaryKey::default()
            },
        },
        Op::AddPrimaryKey {
            table: table(),
            key: PrimaryKey {
                name: None,
                columns: vec!["x".to_owned()],
                include: vec!["y".to_owned()],
                deferrable: Some(Deferrable::Deferred),
            },
        },
        unique(None, false),
        unique(Some("uq"), true),
        Op::AddUnique {
            table: table(),
            unique: Unique {
                columns: vec!["x".to_owned()],
                include: vec!["y".to_owned(), "z".to_owned()],
                deferrable: Some(Deferrable::Immediate),
                ..Unique::default()
            },
        },
        Op::AddForeignKey {
            table: ("audit", "b").into(),
            key: Box::new(ForeignKey {
                match_full: true,
                set_columns: vec!["x".to_owned()],
                ..foreign_key("fk", "x", "a", Action::SetNull)
            }),
        },
        Op::DropUnique {
            table: table(),
            target: target(Some("uq"), &["x", "y"]),
            before: None,
        },
        Op::DropUnique {
            table: table(),
            target: target(None, &["x"]),
            before: None,
        },
        Op::DropUnique {
            table: table(),
            target: target(Some("uq"), &[]),
            before: None,
        },
        key(None),
        key(Some(Deferrable::Immediate)),
        key(Some(Deferrable::Deferred)),
        Op::DropForeignKey {
            table: table(),
            target: target(Some("fk"), &["x"]),
            before: None,
        },
        Op::AddCheck {
            table: table(),
            check: Check {
                name: Some("ck".to_owned()),
                expr: LONG.to_owned(),
                only: None,
            },
        },
        Op::AddCheck {
            table: table(),
            check: Check {
                name: None,
                expr: "x > 0".to_owned(),
                only: None,
            },
        },
        Op::DropCheck {
            table: table(),
            target: CheckTarget {
                name: Some("ck".to_owned()),
                expr: None,
                only: None,
            },
            before: None,
        },
        Op::DropCheck {
            table: table(),
            target: CheckTarget {
                name: None,
                expr: Some("x > 0".to_owned()),
                only: None,
            },
            before: None,
        },
    ]
}

fn schemas_and_exclusions() -> Vec<Op> {
    let mut exclusion = Exclusion::new("ex");
    exclusion.method = Some("gist".to_owned());
    exclusion.predicate = Some("\"x\" > 0".to_owned());
    exclusion.deferrable = Some(Deferrable::Immediate);
    exclusion.elements = [
        ("x", "=", false, Some("inet_ops")),
        ("lower(y)", "&&", true, None),
    ]
    .map(|(on, operator, computed, opclass)| Excluded {
        key: IndexKey {
            on: match computed {
                true => KeyOn::Expr(on.to_owned()),
                false => KeyOn::Column(on.to_owned()),
            },
            opclass: opclass.map(str::to_owned),
            collation: computed.then(|| "C".to_owned()),
            ..IndexKey::column("")
        },
        operator: operator.to_owned(),
    })
    .to_vec();
    vec![
        Op::CreateSchema {
            name: "audit".to_owned(),
        },
        Op::DropSchema {
            name: "audit".to_owned(),
        },
        Op::AddExclusion {
            table: "b".into(),
            exclusion: Box::new(exclusion),
        },
        Op::DropExclusion {
            table: "b".into(),
            name: "ex".to_owned(),
            before: None,
            only: None,
        },
    ]
}

fn indexes() -> Vec<Op> {
    let expression = |sql: &str| IndexKey {
        on: KeyOn::Expr(sql.to_owned()),
        ..IndexKey::column("")
    };
    let many: Vec<String> = (0..12).map(|n| format!("column_{n}")).collect();
    vec![
        create_index("b", Index::new("ix1", ["x"])),
        create_index(
            "b",
            Index {
                unique: true,
                ..Index::new("ix2", ["x", "y"])
            },
        ),
        create_index(
            "b",
            Index::new(
                "a_name_that_is_as_long_as_the_engine_allows_it_to_be_00000000",
                &many,
            ),
        ),
        create_index(
            "b",
            Index {
                keys: vec![
                    IndexKey {
                        descending: true,
                        nulls_first: Some(false),
                        ..IndexKey::column("x")
                    },
                    IndexKey {
                        opclass: Some("text_pattern_ops".to_owned()),
                        collation: Some("C".to_owned()),
                        nulls_first: Some(true),
                        ..expression("lower(\"y\")")
                    },
                    IndexKey::column("z"),
                ],
                method: Some("btree".to_owned()),
                predicate: Some("\"x\" is not null".to_owned()),
                include: vec!["w".to_owned()],
                nulls_not_distinct: true,
                storage: [("fillfactor".to_owned(), "70".to_owned())].into(),
                ..Index::new("ix3", [""; 0])
            },
        ),
        create_index(
            "b",
            Index {
                keys: vec![
                    expression("lower(x)"),
                    IndexKey::column("y"),
                    expression("y + 1"),
                ],
                predicate: Some(LONG.to_owned()),
                ..Index::new("ix4", [""; 0])
            },
        ),
        Op::CreateIndex {
            table: ("audit", "b").into(),
            index: Box::new(Index {
                method: Some("gin".to_owned()),
                ..Index::new("ix5", ["x"])
            }),
        },
        Op::DropIndex {
            table: "b".into(),
            name: "ix1".to_owned(),
            before: None,
            only: None,
        },
    ]
}

fn rows() -> Vec<Op> {
    vec![
        Op::Execute { sql: "update b set x = 1".to_owned(), only: None },
        Op::Execute {
            sql: "create view v as\nselect x, y, 'a string that is long enough to be broken'\nfrom b \
                  where x > 0 and y is not null"
                .to_owned(),
            only: Some(Engine::Postgres),
        },
        Op::BulkInsert {
            table: "tags".into(),
            columns: vec!["name".to_owned(), "position".to_owned()],
            rows: vec![
                vec!["bug".into(), 1.into()],
                vec!["it's".into(), 2.into()],
                vec!["an idea that needs a few words".into(), 3.into()],
            ],
        },
        Op::BulkInsert {
            table: "all".into(),
            columns: vec!["x".to_owned()],
            rows: vec![vec![1_i8.into(), 2_i16.into(), 3_i64.into(), 1.5_f64.into(), true.into()]],
        },
        Op::DeleteRows {
            table: "tags".into(),
            column: "name".to_owned(),
            values: vec!["bug".into(), "it's".into()],
        },
        Op::Backfill(Box::new(BackfillSpec {
            table: ("audit", "b").into(),
            set: vec![
                ("x".to_owned(), Expr::cust("lower(y)")),
                ("y".to_owned(), Expr::cust("0")),
            ],
            filter: Some(Expr::col("x").is_not_null()),
            batch: 1_500_000,
        })),
    ]
}

/// What is for one engine only, or otherwise on it.
pub fn one_engine() -> ModuleSpec {
    let read = |text: &str| from_facts(text, 1).unwrap();
    let from = read(
        r"
t table
t option fillfactor '70'
t option strict
t option tablespace fast
t option toast.vacuum_truncate 'off'
t column id integer not null
t column a text not null default 'x' on sqlite default 'y'
t column g text null generated stored 'upper(a)' on postgres not generated
t primary key (id)
t unique (a) only sqlite name uq-old
t unique (id, a) only sqlite
t index ix only sqlite (a)
t index ix-old only postgres (a) using hash
t check ck only postgres 'a <> \'\''
t check 'a <> \'?\'' only sqlite
t exclusion ex only postgres (a with '=')
",
    );
    let to = read(
        r"
n table
n option fillfactor '70'
n option strict
n option tablespace fast
n option unlogged
n option without_rowid
n column id uuid not null on postgres default expr 'gen_random_uuid()'
n column a text null collation C on sqlite default collation
n primary key (id)
n check ck-n only postgres 'a ~ \'^x\''
n exclusion ex-n only postgres (a with '=')
t table
t option fillfactor '80'
t option unlogged
t option without_rowid
t column id integer not null
t column a text not null default 'z' on sqlite no default
t column g text null generated stored 'lower(a)'
t column n integer null on postgres generated stored 'length(a)'
t primary key (id)
t unique (a) only sqlite name uq-new
t index ix only postgres (a desc)
t index ix-new only postgres (a) using hash tablespace fast
",
    );
    let mut spec = super::spec(&from, &to);
    for step in &mut spec.down {
        step.guarded = can_be_guarded(&step.op);
    }
    ModuleSpec {
        revises: vec!["m20261122_090000_everything".to_owned()],
        message: "one engine".to_owned(),
        ..spec
    }
}
