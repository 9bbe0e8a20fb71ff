//! What becomes of the text of a table.

use super::*;

/// Only the piece changes: text before, operations, text after.
#[test]
fn every_other_byte_stays() {
    let number = |n: &str| Some(DefaultValue::Number(n.into()));
    let cases: Vec<(&str, Vec<Op>, &str)> = vec![
        (
            "a int",
            vec![add(nullable("b", Type::Text))],
            "a int, \"b\" text",
        ),
        (
            "\n\ta int -- why\n",
            vec![add(nullable("b", Type::Text))],
            "\n\ta int, -- why\n\t\"b\" text\n",
        ),
        (
            "a int -- why\n",
            vec![add(nullable("b", Type::Text))],
            "a int, -- why\n  \"b\" text\n",
        ),
        (
            "\n a int, -- why\n unique(a)\n",
            vec![add(nullable("b", Type::Text))],
            "\n a int, -- why\n \"b\" text,\n unique(a)\n",
        ),
        (
            "a int,unique(a)",
            vec![add(nullable("b", Type::Text))],
            "a int,\"b\" text, unique(a)",
        ),
        ("a int, b text, c int", vec![drop("b")], "a int, c int"),
        ("a int, b text, c int", vec![drop("C")], "a int, b text"),
        ("a int, b text, c int", vec![drop("a")], "b text, c int"),
        (
            "a int, b text, c int",
            vec![drop("b"), add(nullable("b", Type::Blob))],
            "a int, c int, \"b\" blob",
        ),
        (
            "\n a int, -- one\n b text, -- two\n c int -- three\n",
            vec![drop("b")],
            "\n a int, -- one\n c int -- three\n",
        ),
        (
            "\n a int, -- one\n b text, -- two\n c int -- three\n",
            vec![drop("c")],
            "\n a int, -- one\n b text -- two\n  -- three\n",
        ),
        (
            "a int primary key unique references p on delete cascade check (a > 0), b int, \
             unique (a, b), unique (b), foreign key (b, a) references p (x, y), check (a <> 1)",
            vec![drop("a")],
            "b int, unique (b)",
        ),
        (
            "a int, b int, unique(a) unique(b)",
            vec![drop("a")],
            "b int, unique(b)",
        ),
        (
            "a int, b int, unique(b) check(b) unique(a)",
            vec![drop("a")],
            "b int, unique(b) check(b)",
        ),
        (
            "a VarChar (3) not null",
            vec![alter("A", ty(Type::Text))],
            "a text not null",
        ),
        (
            "a VarChar (3) not null",
            vec![alter("a", ty(Type::String(Length::N(3))))],
            "a VarChar (3) not null",
        ),
        ("a, b", vec![alter("a", ty(Type::Text))], "a text, b"),
        (
            "a int default 1",
            vec![alter("a", null(false))],
            "a int NOT NULL default 1",
        ),
        (
            "a int null default 1",
            vec![alter("a", null(false))],
            "a int NOT NULL default 1",
        ),
        (
            "a int constraint nn not null on conflict fail default 1",
            vec![alter("a", null(true))],
            "a int default 1",
        ),
        (
            "a int --x\n not null,b",
            vec![alter("a", null(true))],
            "a int --x\n ,b",
        ),
        (
            "a int not null",
            vec![alter("a", default(number("7")))],
            "a int not null DEFAULT 7",
        ),
        (
            "a int constraint d default 1 unique",
            vec![alter("a", default(number("7")))],
            "a int constraint d default 7 unique",
        ),
        (
            "a int constraint d default (1) unique",
            vec![alter("a", default(None))],
            "a int unique",
        ),
        (
            "a integer primary key on conflict fail check (a > 0)",
            vec![alter("a", auto_increment(true))],
            "a integer primary key on conflict fail AUTOINCREMENT check (a > 0)",
        ),
        (
            "a bigint, primary key (a )",
            vec![alter("a", auto_increment(true))],
            "a integer, primary key (a AUTOINCREMENT )",
        ),
        (
            "a integer primary key autoincrement, b",
            vec![alter("a", auto_increment(false))],
            "a integer primary key, b",
        ),
        (
            "a text, b text",
            vec![Op::AddPrimaryKey {
                table: T.into(),
                key: PrimaryKey {
                    name: Some("pk".into()),
                    columns: vec!["b".into(), "a".into()],
                    ..PrimaryKey::default()
                },
            }],
            "a text NOT NULL, b text NOT NULL, CONSTRAINT \"pk\" PRIMARY KEY (\"b\", \"a\")",
        ),
        (
            "a integer primary key autoincrement, b",
            vec![Op::DropPrimaryKey {
                table: T.into(),
                before: None,
            }],
            "a integer NOT NULL, b",
        ),
        (
            "a int, b int, constraint pk primary key (a, b), check (a > b)",
            vec![Op::DropPrimaryKey {
                table: T.into(),
                before: None,
            }],
            "a int NOT NULL, b int NOT NULL, check (a > b)",
        ),
        (
            "a int, b int",
            vec![
                add_unique(Some("uq"), &["a", "b"]),
                add_unique(None, &["b"]),
            ],
            "a int, b int, CONSTRAINT \"uq\" UNIQUE (\"a\", \"b\"), UNIQUE (\"b\")",
        ),
        (
            "a int unique not null, b",
            vec![drop_unique(None, &["a"])],
            "a int not null, b",
        ),
        (
            "a int, b, constraint \"UQ\" unique (a) on conflict ignore, unique (a, b)",
            vec![drop_unique(Some("uq"), &[])],
            "a int, b, unique (a, b)",
        ),
        (
            "a int, b, unique (a, b)",
            vec![drop_unique(Some("other"), &["a", "b"])],
            "a int, b",
        ),
        (
            "a int, b int references p(x) on delete cascade deferrable initially deferred not null",
            vec![drop_key(Some("fk-b"), &["b"])],
            "a int, b int not null",
        ),
        (
            "a int, constraint fk foreign key (a) references p",
            vec![drop_key(Some("fk"), &[])],
            "a int",
        ),
        (
            "a int",
            vec![add_key("fk", &["a"], "p", &["x"])],
            "a int, CONSTRAINT \"fk\" FOREIGN KEY (\"a\") REFERENCES \"p\" (\"x\") ON DELETE CASCADE",
        ),
        (
            "a int, constraint c check (a > 0), b",
            vec![],
            "a int, constraint c check (a > 0), b",
        ),
        (
            "a int constraint c check (a > 0)",
            vec![drop_check("c")],
            "a int",
        ),
        (
            "a int check (a > 0)",
            vec![add_check("c", "a < 9")],
            "a int check (a > 0), CONSTRAINT \"c\" CHECK (a < 9)",
        ),
        (
            "a int, check(a > 0)",
            vec![Op::DropCheck {
                table: T.into(),
                target: CheckTarget {
                    name: None,
                    expr: None,
                    only: None,
                },
                before: Some(Check {
                    name: None,
                    expr: "(\"a\">0)".into(),
                    only: None,
                }),
            }],
            "a int",
        ),
        (
            "a int, b int, constraint c check (a > b)",
            vec![drop("b"), drop_check("c")],
            "a int",
        ),
        (
            "a int, b int, g as (a + b)",
            vec![drop("b"), drop("g")],
            "a int",
        ),
    ];
    for (before, ops, after) in cases {
        // The one text that is no table in itself: nothing is done to it.
        let result = if ops.is_empty() {
            Ok(after.to_owned())
        } else {
            edited(before, &ops)
        };
        assert_eq!(result.as_deref(), Ok(after), "{before}\n{ops:?}");
    }
}

#[test]
fn what_is_not_there_is_named() {
    let cases: Vec<(&str, Vec<Op>, &str)> = vec![
        (
            "a",
            vec![drop("b")],
            "column task list.b: SQLite has no such column",
        ),
        (
            "a",
            vec![alter("b", null(true))],
            "column task list.b: SQLite has no such column",
        ),
        (
            "a",
            vec![add(nullable("A", Type::Text))],
            "column task list.A: SQLite has such a column already",
        ),
        (
            "a, unique (a)",
            vec![drop_unique(Some("uq"), &["b"])],
            "unique uq on task list: SQLite has none like it; look at what the table has with `check -v`",
        ),
        (
            "a",
            vec![drop_key(None, &["a"])],
            "foreign key (a) on task list: SQLite has none like it; look at what the table has with `check -v`",
        ),
        (
            "a references p references q",
            vec![drop_key(None, &["a"])],
            "foreign key (a) on task list: SQLite has several on these columns; say the name of one",
        ),
        (
            "a",
            vec![drop_check("ck")],
            "check ck on task list: SQLite has none like it; look at what the table has with `check -v`",
        ),
        (
            "a",
            vec![drop_index("ix"), drop_check("ck")],
            "index ix on task list: SQLite has none like it; look at what the table has with `check -v`",
        ),
        (
            "a",
            vec![Op::DropPrimaryKey {
                table: T.into(),
                before: None,
            }],
            "table task list: SQLite has no primary key to drop",
        ),
        (
            "a primary key",
            vec![Op::AddPrimaryKey {
                table: T.into(),
                key: PrimaryKey {
                    name: None,
                    columns: vec!["a".into()],
                    ..PrimaryKey::default()
                },
            }],
            "table task list: SQLite has a primary key there already; drop it first",
        ),
        (
            "a",
            vec![drop("a")],
            "table task list: SQLite has no tables without columns; drop the table",
        ),
        (
            "a int, b int",
            vec![alter("a", auto_increment(true))],
            "column task list.a: SQLite numbers only a single integer primary key; take `auto_increment` off",
        ),
        (
            "a generated always",
            vec![add_check("c", "a")],
            "table task list: SQLite holds it in a text that cannot be read: there is something else than AS \
             at `)`; change it with `op.execute`",
        ),
    ];
    for (before, ops, message) in cases {
        assert_eq!(
            edited(before, &ops).as_ref().map_err(String::as_str),
            Err(message),
            "{ops:?}"
        );
    }
}

/// A column that something else needs is not dropped under it.
#[test]
fn what_uses_a_column_is_named() {
    let row = |kind: &str, name: &str, table: &str, sql: &str| SchemaRow {
        kind: kind.into(),
        name: name.into(),
        table: table.into(),
        sql: sql.into(),
    };
    let refused = |column: &str, rest: &[SchemaRow], body: &str| {
        let mut rows = vec![row(
            "table",
            T,
            T,
            &format!("create table \"task list\"({body})"),
        )];
        rows.extend_from_slice(rest);
        let source = TableSource::find(&Name::from(T), &rows).unwrap();
        rebuild(&source, &[&Step::from(drop(column))])
            .err()
            .map(|error| error.to_string())
    };
    let message = |user: &str| {
        Some(format!(
            "column task list.b: SQLite does not drop it: {user} uses it; drop that first"
        ))
    };
    let body = "a int, b int, c int";
    assert_eq!(refused("b", &[], body), None);
    for (body, user) in [
        ("a int, b int, constraint ck check (a > b)", "check `ck`"),
        ("a int, b int check (a > b)", "the check `a > b`"),
        ("a int check (\"B\" > 0), b int", "the check `\"B\" > 0`"),
        ("a int, b int, g as (b + 1)", "the generated column `g`"),
        (
            "a int references [task list](b), b int unique",
            "the foreign key on (a)",
        ),
    ] {
        assert_eq!(refused("b", &[], body), message(user), "{body}");
    }
    for (row, user) in [
        (
            row(
                "index",
                "ix",
                T,
                "create index ix on \"task list\"(a) where b > 0",
            ),
            "index `ix`",
        ),
        (
            row(
                "index",
                "ix",
                T,
                "create index ix on \"task list\"(a + [b])",
            ),
            "index `ix`",
        ),
        (
            row(
                "trigger",
                "tr",
                T,
                "create trigger tr after update of b on \"task list\" begin select 1; end",
            ),
            "trigger `tr`",
        ),
        (
            row(
                "trigger",
                "tr",
                "p",
                "create trigger tr after insert on p begin update \"task list\" set b = 1; end",
            ),
            "trigger `tr`",
        ),
        (
            row(
                "view",
                "v",
                "v",
                "create view v as select b from \"TASK list\"",
            ),
            "view `v`",
        ),
    ] {
        assert_eq!(
            refused("b", std::slice::from_ref(&row), body),
            message(user),
            "{row:?}"
        );
        assert_eq!(refused("c", &[row], body), None);
    }
    // A view on a view on the table.
    let views = [
        row("view", "w", "w", "create view w as select b from v"),
        row(
            "view",
            "v",
            "v",
            "create view v as select * from \"task list\"",
        ),
        row("view", "x", "x", "create view x as select b from another"),
    ];
    assert_eq!(refused("b", &views, body), message("view `w`"));
    // What is about nothing but the column goes with it.
    for index in [
        "create index ix on \"task list\"(b)",
        "create index ix on \"task list\"(a, b desc)",
        "create index ix on \"task list\"(b) where b is not null",
        "create index ix on \"task list\"(lower(b))",
    ] {
        let rows = [row("index", "ix", T, index)];
        assert_eq!(refused("b", &rows, body), None, "{index}");
    }
}

#[test]
fn neighbours_share_a_rebuild() {
    let other = Op::DropTable {
        name: "x".into(),
        before: None,
    };
    let ops = [
        add(nullable("a", Type::Text)),
        add(Column::new("b", Type::Text)),
        create_index("ix", &["b"]),
        other,
        create_index("iy", &["a"]),
        drop("c"),
        Op::RenameTable {
            from: T.into(),
            to: "u".into(),
        },
    ];
    let shape: Vec<usize> = plan(&steps(&ops))
        .iter()
        .map(|work| match work {
            Work::Step(_) => 0,
            Work::Rebuild(_, steps) => steps.len(),
        })
        .collect();
    assert_eq!(shape, [3, 0, 2, 0]);
}

#[test]
fn only_what_sqlite_cannot_do_rebuilds() {
    let with = |default: Option<DefaultValue>, nullable: bool, extra: Option<&str>| Column {
        nullable,
        default,
        extra: extra.map(str::to_owned),
        ..Column::new("a", Type::Integer)
    };
    let computed = |stored| Column {
        generated: Some(Generated {
            expr: "1".into(),
            stored,
        }),
        ..nullable("a", Type::Integer)
    };
    let number = || Some(DefaultValue::Number("1".into()));
    for (op, expected) in [
        (add(with(None, true, None)), false),
        (add(with(number(), false, None)), false),
        (add(with(None, true, Some("check (a > 0)"))), false),
        (add(computed(false)), false),
        (create_index("ix", &["a"]), false),
        (drop_index("ix"), false),
        (
            alter(
                "a",
                ColumnChange {
                    comment: Some(None),
                    ..ColumnChange::default()
                },
            ),
            false,
        ),
        (add(with(None, false, None)), true),
        (
            add(with(Some(DefaultValue::CurrentTimestamp), true, None)),
            true,
        ),
        (
            add(with(
                Some(DefaultValue::Expr("random()".into())),
                true,
                None,
            )),
            true,
        ),
        (add(with(None, true, Some("UNIQUE"))), true),
        (add(computed(true)), true),
        (drop("a"), true),
        (drop_check("ck"), true),
    ] {
        assert_eq!(rebuilds(&op), expected, "{op:?}");
        assert_eq!(statements(&op).is_ok(), !expected, "{op:?}");
    }
}
