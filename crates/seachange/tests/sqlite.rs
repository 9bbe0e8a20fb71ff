//! SQLite: what is created is what is read, and a rebuild loses nothing.

use proptest::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use seachange::dialect::sqlite::{SchemaRow, TableSource, canonical, rebuild, statements, table};
use seachange::op::{ColumnChange, Op, Step};
use seachange::schema::{
    Action, Check, Column, DefaultValue, Deferrable, ForeignKey, Generated, Index, IndexKey, KeyOn,
    Length, Name, PrimaryKey, Schema, Table, Type, Unique,
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
        ..ForeignKey::default()
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
        ..PrimaryKey::default()
    });
    table
}

fn unique(columns: &[&str], name: Option<&str>) -> Unique {
    Unique {
        name: name.map(str::to_owned),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        nulls_not_distinct: false,
        ..Unique::default()
    }
}

/// Every kind of thing that a schema can say and SQLite can hold.
fn schemas() -> Vec<(&'static str, Schema)> {
    let mut every_type = identified("types");
    every_type.columns.extend(
        [
            Type::Char(None),
            Type::Char(Some(3)),
            Type::String(Length::Unspecified),
            Type::String(Length::Max),
            Type::String(Length::N(40)),
            Type::Text,
            Type::Blob,
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
            Type::Binary(16),
            Type::VarBinary(Length::N(9)),
            Type::VarBinary(Length::Max),
            Type::Boolean,
            Type::Money(None),
            Type::Money(Some((9, 2))),
            Type::Json,
            Type::JsonBinary,
            Type::Uuid,
            Type::Custom("CITEXT".into()),
            Type::Custom("Double  Precision".into()),
            Type::Custom("NUMERIC( 10 ,2 )".into()),
            Type::Enum {
                name: Name::from("mood"),
                values: vec!["good".into(), "it's".into()],
            },
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
        (
            Type::Decimal(Some((10, 2))),
            DefaultValue::String("0.00".into()),
        ),
        (Type::Text, DefaultValue::String("it's\n\"odd\"".into())),
        (Type::Text, DefaultValue::String("5".into())),
        (Type::Text, DefaultValue::Number("5".into())),
        (
            Type::String(Length::N(5)),
            DefaultValue::String(String::new()),
        ),
        (Type::TimestampWithTimeZone, DefaultValue::CurrentTimestamp),
        (
            Type::DateTime,
            DefaultValue::Expr("datetime( 'now','+1 day' )".into()),
        ),
        (Type::Blob, DefaultValue::Expr("X'00ff'".into())),
        (
            Type::Uuid,
            DefaultValue::Expr("(lower(hex(randomblob(16))))".into()),
        ),
        (Type::BigInteger, DefaultValue::Number(i64::MIN.to_string())),
    ]
    .into_iter()
    .enumerate()
    {
        defaults
            .columns
            .push(defaulted(&format!("c{at}"), ty, default));
    }

    let mut constrained = Table::new("odd \"table\".name");
    let id = || column("select", Type::String(Length::N(8)));
    constrained.columns = vec![
        id(),
        column("b b", Type::Integer),
        Column {
            nullable: true,
            ..column("c'c", Type::Text)
        },
        Column {
            collation: Some("nocase".into()),
            ..column("d[d]", Type::Text)
        },
        Column {
            extra: Some("COLLATE rtrim CHECK (e <> '')".into()),
            ..column("e", Type::Text)
        },
        Column {
            generated: Some(Generated {
                expr: "\"b b\"*2".into(),
                stored: true,
            }),
            nullable: true,
            ..column("f", Type::Integer)
        },
        Column {
            generated: Some(Generated {
                expr: "( \"b b\" + 1 )".into(),
                stored: false,
            }),
            nullable: true,
            ..column("g", Type::Integer)
        },
    ];
    constrained.primary_key = Some(PrimaryKey {
        name: Some("pk".into()),
        columns: vec!["b b".into(), "select".into()],
        ..PrimaryKey::default()
    });
    constrained.uniques = vec![
        unique(&["c'c"], None),
        unique(&["e"], Some("uq-e")),
        unique(&["d[d]", "e"], Some("uq-de")),
    ];
    constrained.checks = vec![
        Check {
            name: Some("ck-b".into()),
            expr: "\"b b\">=0 AND \"b b\" BETWEEN 0 and 9".into(),
            only: None,
        },
        Check {
            name: None,
            expr: "(length(e)<10)OR e IN('a' , 'b')".into(),
            only: None,
        },
    ];
    constrained.indexes = vec![
        Index {
            unique: true,
            ..Index::new("ix-\"1\"", ["e", "b b"])
        },
        Index {
            keys: vec![
                IndexKey {
                    descending: true,
                    ..IndexKey::column("e")
                },
                IndexKey {
                    collation: Some("nocase".into()),
                    ..IndexKey::column("c'c")
                },
                IndexKey {
                    on: KeyOn::Expr("lower( e )||'x'".into()),
                    ..IndexKey::column("")
                },
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
        Column {
            nullable: true,
            ..column("parent_id", Type::BigInteger)
        },
        column("code", Type::Text),
        column("kind", Type::Text),
        Column {
            nullable: true,
            ..column("self_id", Type::BigInteger)
        },
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
        };
        let indexes = table.indexes.iter().map(|index| Op::CreateIndex {
            table: table.name.clone(),
            index: Box::new(index.clone()),
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

/// Texts that SQLite takes, however odd. They are about tables t and p.
pub const TEXTS: &[&str] = &[
    "create table t(a)",
    "CREATE TABLE t(a,b,c)",
    "create table \"t\"(a unsigned big int(10), b double precision, c 'x y' \"z\"(1,-2))",
    "create table [t](`a``b` int, \"a\"\"c\" text, 'd''e' blob, [select] any)",
    "create table t(/* one */ a int -- two\n, b text /* , c int */ -- )\n)",
    "create table t(a integer primary key)",
    "create table t(a integer primary key asc on conflict rollback autoincrement) -- c",
    "create table t(a integer, b, constraint pk primary key(a autoincrement))",
    "create table t(b text, a text, primary key (a desc, b collate nocase)) without rowid",
    "create table t(a int primary key, b text not null) strict, without rowid",
    "create table t(a int, b, unique(a) on conflict ignore unique(b), check(a) check(b))",
    "create table t(a int constraint q constraint r not null constraint s, constraint zz)",
    "create table t(a int, constraint zz unique(a), constraint yy)",
    "create table t(a int references p not null deferrable, b default - 5 , c default +1.5e3)",
    "create table t(a int references p not deferrable initially deferred null)",
    "create table t(a references p(x) match simple on delete set null on update cascade)",
    "create table t(a, b, foreign key (A, b) references P on update no action \
     on delete set default not deferrable, foreign key(a) references t)",
    "create table t(a default true not null on conflict replace unique on conflict fail)",
    "create table t(a int default x, b default \"y z\", c default 'it''s', d default x'aB', e default 0x1F)",
    "create table t(a default null null, b default (1 + (2)), c default current_time, d default .5e-3)",
    "create table t(a int default (1) collate nocase check((a)>(0)) unique, unique (a collate nocase desc))",
    "create table t(a int, b as (a + 1), c text generated always as (a||')') stored not null)",
    "create table t(a int check (a not in (1, 2) and \"a\" is not null) constraint k check(a), check (a<>')'))",
    "create table t(key text, generated int, always int, replace int, temp, \"order\" int, größe int, 名 text)",
    "create table if not exists main.t(a int match simple)",
    "create temp table hidden(a); create table t(a int initially deferred)",
    "create table s(x, y int); create table t as select x, y + 1 as \"z z\", 'k' as k from s",
    "create table t(a generated always)",
    "create table t(a decimal(10,2) not null default 7, b generated always, c primary key, \
     unique (a, b), foreign key (a) references p (x) on delete cascade)",
];

/// What the pragmas say of t, in the reader's words, and what the reader says.
#[tokio::test]
async fn the_reader_says_what_the_pragmas_say() {
    for sql in TEXTS {
        let db = support::sqlite().await;
        db.execute("create table p(x integer primary key, y)").await;
        db.execute(sql).await;
        let read = catalog::read(db.db(), &[]).await.unwrap();
        let table = read.schema.tables.get(&Name::from("t")).expect(sql);
        let columns = db
            .strings(
                "select name || '|' || (\"notnull\" or pk > 0) || '|' || pk || '|' \
                 || (dflt_value is not null and upper(dflt_value) <> 'NULL') \
                 || '|' || hidden from pragma_table_xinfo('t') order by cid",
            )
            .await;
        let key = table.primary_key.as_ref();
        let said: Vec<String> = table
            .columns
            .iter()
            .map(|column| {
                let place = key.and_then(|key| key.columns.iter().position(|c| *c == column.name));
                format!(
                    "{}|{}|{}|{}|{}",
                    column.name,
                    u8::from(!column.nullable),
                    place.map_or(0, |place| place + 1),
                    u8::from(column.default.is_some()),
                    match &column.generated {
                        Some(generated) if generated.stored => 3,
                        Some(_) => 2,
                        None => 0,
                    }
                )
            })
            .collect();
        assert_eq!(said, columns, "{sql}");
        let keys = db
            .strings(
                "select lower(group_concat(\"from\")) || '|' || lower(\"table\") || '|' \
                 || coalesce(group_concat(\"to\"), 'x') || '|' || lower(on_delete) || '|' \
                 || lower(on_update) from (select * from pragma_foreign_key_list('t') order by id, seq) \
                 where \"table\" <> 't' group by id order by 1",
            )
            .await;
        let mut said: Vec<String> = table
            .foreign_keys
            .iter()
            .filter(|key| key.ref_table.name != "t")
            .map(|key| {
                let columns = key.columns.join(",");
                let to = key.ref_columns.join(",");
                let (delete, update) = (key.on_delete.as_str(), key.on_update.as_str());
                format!("{columns}|{}|{to}|{delete}|{update}", key.ref_table.name)
            })
            .collect();
        said.sort();
        assert_eq!(said, keys, "{sql}");
        let uniques = db
            .strings(
                "select distinct group_concat(c.name) from pragma_index_list('t') i \
                 join pragma_index_info(i.name) c where i.origin = 'u' group by i.name order by 1",
            )
            .await;
        let said: Vec<String> = table.uniques.iter().map(|u| u.columns.join(",")).collect();
        assert_eq!(said, uniques, "{sql}");
        let unread = read
            .notes
            .iter()
            .any(|note| note.reason.contains("read without"));
        assert_eq!(
            unread,
            sql.contains("generated always,") || sql.contains("generated always)"),
            "{sql}"
        );
    }
}

#[tokio::test]
async fn what_no_entity_declares_is_named() {
    let db = support::sqlite().await;
    db.execute(
        "create table t(a text primary key on conflict replace, b int) strict;
         create table n(id integer primary key autoincrement);
         insert into n values (1);
         create index ix on t(b);
         analyze;
         create view v as select a from t;
         create trigger tr after insert on t begin select 1; end;
         create virtual table words using fts5(body);",
    )
    .await;
    let read = catalog::read(db.db(), &[]).await.unwrap();
    let tables: Vec<String> = read.schema.tables.keys().map(ToString::to_string).collect();
    assert_eq!(tables, ["n", "t"]);
    let named: Vec<&str> = read.notes.iter().map(|note| note.object.as_str()).collect();
    assert_eq!(
        named,
        [
            "table t",
            "table words_config",
            "table words_content",
            "table words_data",
            "table words_docsize",
            "table words_idx",
            "trigger tr",
            "view v",
            "virtual table words",
        ]
    );
}

#[test]
fn what_sqlite_has_not_is_refused_by_name() {
    for (ty, message) in [
        (
            Type::Array(Box::new(Type::Text)),
            "column t.c: SQLite has no arrays; use Json",
        ),
        (
            Type::Interval(None, None),
            "column t.c: SQLite has no intervals; use BigInteger (seconds) or String",
        ),
        (
            Type::Inet,
            "column t.c: SQLite has no network addresses; use String",
        ),
    ] {
        let mut table = Table::new("t");
        table.columns.push(column("c", ty));
        let mut schema = Schema::default();
        schema.insert(table);
        assert_eq!(canonical(&schema).unwrap_err().to_string(), message);
    }
    let mut schema = Schema::default();
    schema.insert(Table::new(("audit", "log")));
    assert_eq!(
        canonical(&schema).unwrap_err().to_string(),
        "table audit.log: SQLite has no schemas; leave `audit` out on SQLite"
    );
}

#[test]
fn what_canonical_form_leaves_out_is_named() {
    let mut t = Table::new("t");
    t.comment = Some("c".into());
    t.columns.push(Column {
        comment: Some("c".into()),
        ..column(
            "a",
            Type::Enum {
                name: Name::from("mood"),
                values: vec!["x".into()],
            },
        )
    });
    t.indexes.push(Index {
        method: Some("gin".into()),
        include: vec!["a".into()],
        ..Index::new("ix", ["a"])
    });
    let mut schema = Schema::default();
    schema.insert(t);
    let canonical = canonical(&schema).unwrap();
    let named: Vec<&str> = canonical
        .notes
        .iter()
        .map(|note| note.object.as_str())
        .collect();
    assert_eq!(
        named,
        [
            "comment of t",
            "comment of t.a",
            "index ix on t",
            "index ix on t",
            "enum mood"
        ]
    );
    assert!(canonical.schema.enums.is_empty());
}

/// Expressions that mean the same come out the same.
#[test]
fn spellings_of_one_meaning_are_one() {
    let check = |sql: &str| {
        let text = format!("create table t(a int, \"B\" int, check ({sql}))");
        table(&text).unwrap().0.checks[0].expr.clone()
    };
    for (one, other) in [
        ("a>0", "( (\"A\" > 0) )"),
        ("a IN(1,2)", "A  in ( 1 , 2 )"),
        ("a != -1 and b == 2", "a <> - 1 AND \"b\" = 2"),
        ("lower(a)='X' -- why\n", "LOWER (a) = 'X'"),
        ("a between 1 and 2", "a BETWEEN 1\nAND 2"),
    ] {
        assert_eq!(check(one), check(other));
    }
    assert_eq!(
        check("a -1 > -b and (a) <> ' A  b'"),
        "\"a\" - 1 > -\"B\" and (\"a\") <> ' A  b'"
    );
    assert_ne!(check("a = 'x'"), check("a = 'X'"));
    assert_ne!(check("(a) + (b)"), check("(a) - (b)"));
}

/// Pieces of which texts are made, so that random ones come near to what the reader knows.
const PIECES: &[&str] = &[
    "create",
    "table",
    "index",
    "unique",
    "t",
    "a",
    "\"b c\"",
    "[d]",
    "`e`",
    "'f'",
    "(",
    ")",
    ",",
    "int",
    "varchar(3)",
    "primary",
    "key",
    "autoincrement",
    "not",
    "null",
    "default",
    "-",
    "5",
    "1e3",
    "x'00'",
    "check",
    "(a > 0)",
    "collate",
    "nocase",
    "references",
    "p",
    "on",
    "delete",
    "set",
    "cascade",
    "conflict",
    "ignore",
    "deferrable",
    "initially",
    "deferred",
    "generated",
    "always",
    "as",
    "stored",
    "constraint",
    "foreign",
    "strict",
    "without",
    "rowid",
    "where",
    "desc",
    "--",
    "/*",
    "*/",
    "\n",
    ";",
    "'",
    "\"",
    "[",
    "é",
    "if",
    "exists",
    "temp",
    ".",
    "main",
];

fn texts() -> impl Strategy<Value = String> {
    let words = proptest::collection::vec(proptest::sample::select(PIECES), 0..40);
    prop_oneof![
        any::<String>(),
        words.prop_map(|words| words.join(" ")),
        // A known text with a piece of it replaced by another.
        (
            proptest::sample::select(TEXTS),
            any::<proptest::sample::Index>(),
            0_usize..9,
            proptest::sample::select(PIECES),
        )
            .prop_map(|(text, at, len, piece)| {
                let chars: Vec<char> = text.chars().collect();
                let at = at.index(chars.len());
                let end = (at + len).min(chars.len());
                let before: String = chars[..at].iter().collect();
                let behind: String = chars[end..].iter().collect();
                format!("{before} {piece} {behind}")
            }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_reader_never_panics(text in texts()) {
        let _ = table(&text);
        let _ = seachange::dialect::sqlite::index(&text, &["a"]);
        let _ = seachange::dialect::sqlite::read_type(&text);
        let _ = seachange::dialect::sqlite::read_default(&text, "int");
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rebuild_never_panics(text in texts()) {
        let row = |kind: &str| SchemaRow {
            kind: kind.into(),
            name: "t".into(),
            table: "t".into(),
            sql: text.clone(),
        };
        let source = TableSource::find(&Name::from("t"), &["table", "index", "view"].map(row)).unwrap();
        let table = Name::from("t");
        let change = ColumnChange {
            ty: Some(Type::Integer),
            nullable: Some(false),
            default: Some(Some(DefaultValue::Bool(true))),
            auto_increment: Some(true),
            ..ColumnChange::default()
        };
        for op in [
            Op::DropColumn { table: table.clone(), column: "a".into(), before: None },
            Op::AddColumn { table: table.clone(), column: Box::new(column("new", Type::Uuid)) },
            Op::AlterColumn { table: table.clone(), column: "a".into(), change: Box::new(change), before: None },
            Op::DropPrimaryKey { table: table.clone(), before: None },
            Op::AddUnique { table, unique: unique(&["a"], None) },
        ] {
            let _ = rebuild(&source, &[&Step::from(op)]);
        }
    }
}
