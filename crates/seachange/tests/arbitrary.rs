//! Random schemas that an engine can hold, for properties that must be true of every schema.
//!
//! ```ignore
//! proptest! {
//!     fn holds(schema in arbitrary::schema(Shape::on(Engine::Sqlite))) { … }
//! }
//! ```

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index as Pick, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::ConnectionTrait;
use seachange::dialect::{canonical, postgres, sqlite};
use seachange::diff::{Answers, diff};
use seachange::schema::{Action, Deferrable, Engine, EnumType, Length, Name, Schema, Type};

pub use self::build::quoted;
use self::build::{
    Names, add_check, add_index, add_unique, assemble, build, collation, column_names, comparable,
    generated_column, has_order, is_text, options, plain_column,
};
use crate::support;

mod build;
pub mod change;
mod changed;
mod fit;
mod in_table;
pub mod rows;
mod sequences;

/// What the schemas may hold.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Only what this engine can hold; anything that a snapshot can when it is `None`.
    pub engine: Option<Engine>,
    /// At most this many tables.
    pub tables: usize,
    /// At most this many columns beside the key.
    pub columns: usize,
    /// Names and texts with quotes, spaces, dots, capitals, keywords and letters beyond ASCII.
    pub odd: bool,
    /// Expressions: checks, generated columns, predicates, expression keys, default expressions.
    pub expressions: bool,
}

impl Shape {
    /// Anything that the engine can hold.
    pub fn on(engine: Engine) -> Self {
        Self {
            engine: Some(engine),
            ..Self::any()
        }
    }

    /// Anything that a snapshot can hold.
    pub fn any() -> Self {
        Self {
            engine: None,
            tables: 4,
            columns: 6,
            odd: true,
            expressions: true,
        }
    }

    fn may(self, engine: Engine) -> bool {
        self.engine.is_none_or(|only| only == engine)
    }
}

/// Random schemas. Foreign keys name keys that exist, of the same type; defaults fit their types.
pub fn schema(shape: Shape) -> BoxedStrategy<Schema> {
    (
        vec(table(shape), 0..=shape.tables),
        vec(enumeration(shape), 1..=2),
        vec(sequences::sequence(shape), 0..=2),
        vec(any::<[Pick; 2]>(), 0..=2),
    )
        .prop_map(move |(drafts, enums, sequences, counting)| {
            let mut schema = assemble(shape, drafts, enums, sequences);
            for [column, sequence] in &counting {
                sequences::count_by(shape, &mut schema, [column, sequence]);
            }
            schema
        })
        .boxed()
}

/// A table before its names are unique and its references point anywhere.
#[derive(Clone, Debug)]
struct Draft {
    name: String,
    key: Type,
    columns: Vec<ColumnDraft>,
    comment: Option<String>,
    key_name: Option<String>,
    uniques: Vec<(Option<String>, Pick, bool)>,
    indexes: Vec<IndexDraft>,
    references: Vec<Reference>,
    checks: Vec<(Option<String>, Pick, String)>,
}

/// A name, the table, what happens on delete and on update, and when it is checked.
type Reference = (Option<String>, Pick, Action, Action, Option<Deferrable>);

#[derive(Clone, Debug)]
struct ColumnDraft {
    name: String,
    /// `None` is one of the schema's enums.
    ty: Option<Type>,
    pick: Pick,
    nullable: bool,
    default: bool,
    now: bool,
    comment: Option<String>,
    text: String,
}

#[derive(Clone, Debug)]
struct IndexDraft {
    name: String,
    unique: bool,
    keys: Vec<(Pick, bool, Option<bool>)>,
    expression: bool,
    predicate: Option<Pick>,
    include: Option<Pick>,
    brin: bool,
    nulls_not_distinct: bool,
}

fn name(shape: Shape) -> BoxedStrategy<String> {
    let plain = "[a-z][a-z0-9_]{0,11}";
    if !shape.odd {
        return plain.boxed();
    }
    let odd = select(vec![
        "order",
        "select",
        "Mixed Case",
        "with\"quote",
        "it's",
        "dot.ted",
        "naïve",
        "日本",
        "table",
        "null",
        "not null",
        "enum",
        "back\\slash",
        "a`b",
        "x'y\"z",
        "semi;colon",
        "per%cent",
        "question?mark",
        "dollar$1",
        "-dash-",
        "index",
        "column",
        "primary key",
        "(paren)",
    ]);
    prop_oneof![4 => plain.boxed(), 1 => odd.prop_map(str::to_owned).boxed()].boxed()
}

fn text(shape: Shape) -> BoxedStrategy<String> {
    if shape.odd {
        prop_oneof![
            "[a-z ]{0,12}",
            select(vec![
                "",
                "it's",
                "say \"hi\"",
                "back\\slash",
                "two\nlines",
                "carriage\rreturn",
                "tab\tbed",
                "null",
                "%s ? $1",
                "日本語",
                "🎉",
                "-- comment",
                "/* c */",
                "  spaced  ",
                "{braces}",
            ])
            .prop_map(str::to_owned),
        ]
        .boxed()
    } else {
        "[a-z ]{1,12}".boxed()
    }
}

/// The schema of every third thing, where there is more than one.
fn side(shape: Shape, seed: usize) -> Option<String> {
    let side = shape.engine == Some(Engine::Postgres) && seed % 3 == 2;
    side.then(|| "side".to_owned())
}

fn enumeration(shape: Shape) -> BoxedStrategy<EnumType> {
    (name(shape), vec(text(shape), 1..4))
        .prop_map(move |(name, values)| {
            let mut seen = BTreeSet::new();
            let values: Vec<String> = values
                .into_iter()
                .filter(|value| seen.insert(value.clone()))
                .collect();
            EnumType {
                name: Name {
                    schema: side(shape, values.len()),
                    name: format!("{name}_kind"),
                },
                values,
            }
        })
        .boxed()
}

/// Types for which a plain column can be made on the engine.
fn ty(shape: Shape) -> BoxedStrategy<Option<Type>> {
    let mut types = vec![
        Type::Char(Some(8)),
        Type::String(Length::Unspecified),
        Type::String(Length::N(40)),
        Type::Text,
        Type::SmallInteger,
        Type::Integer,
        Type::BigInteger,
        Type::Float,
        Type::Double,
        Type::Decimal(None),
        Type::Decimal(Some((12, 2))),
        Type::DateTime,
        Type::Timestamp,
        Type::TimestampWithTimeZone,
        Type::Time,
        Type::Date,
        Type::Blob,
        Type::Boolean,
        Type::Json,
        Type::JsonBinary,
        Type::Uuid,
    ];
    if shape.may(Engine::Postgres) {
        types.extend([
            Type::Interval(None, None),
            Type::Bit(Some(4)),
            Type::VarBit(12),
            Type::Cidr,
            Type::Inet,
            Type::MacAddr,
            Type::Array(Box::new(Type::Text)),
            Type::Array(Box::new(Type::Integer)),
        ]);
    }
    if shape.engine.is_none() {
        types.extend([
            Type::TinyInteger,
            Type::TinyUnsigned,
            Type::SmallUnsigned,
            Type::Unsigned,
            Type::BigUnsigned,
            Type::Char(None),
            Type::String(Length::Max),
            Type::Year,
            Type::Binary(16),
            Type::VarBinary(Length::N(9)),
            Type::VarBinary(Length::Max),
            Type::Bit(None),
            Type::Money(None),
            Type::Money(Some((9, 2))),
            Type::Interval(Some("DAY TO SECOND".to_owned()), Some(3)),
            Type::Vector(Some(3)),
            Type::Vector(None),
            Type::LTree,
            Type::Custom("not null 'x' [1]".to_owned()),
            Type::Array(Box::new(Type::Custom("citext".to_owned()))),
            Type::Array(Box::new(Type::Decimal(Some((5, 1))))),
        ]);
    }
    prop_oneof![8 => select(types).prop_map(Some), 1 => Just(None)].boxed()
}

fn column(shape: Shape) -> BoxedStrategy<ColumnDraft> {
    (
        name(shape),
        ty(shape),
        any::<(Pick, bool, bool, bool)>(),
        proptest::option::weighted(0.2, text(shape)),
        text(shape),
    )
        .prop_map(
            |(name, ty, (pick, nullable, default, now), comment, text)| ColumnDraft {
                name,
                ty,
                pick,
                nullable,
                default,
                now,
                comment,
                text,
            },
        )
        .boxed()
}

fn index(shape: Shape) -> BoxedStrategy<IndexDraft> {
    let keys = vec(any::<(Pick, bool, Option<bool>)>(), 1..3);
    let expressions = if shape.expressions { 0.3 } else { 0.0 };
    let postgres = if shape.may(Engine::Postgres) {
        0.2
    } else {
        0.0
    };
    (
        name(shape),
        any::<bool>(),
        keys,
        proptest::bool::weighted(expressions),
        proptest::option::weighted(0.3, any::<Pick>()),
        proptest::option::weighted(0.2, any::<Pick>()),
        proptest::bool::weighted(postgres),
        proptest::bool::weighted(postgres),
    )
        .prop_map(
            move |(name, unique, keys, expression, predicate, include, brin, nnd)| IndexDraft {
                name,
                unique,
                keys,
                expression,
                predicate: predicate.filter(|_| shape.expressions),
                include: include.filter(|_| shape.may(Engine::Postgres)),
                brin,
                nulls_not_distinct: nnd,
            },
        )
        .boxed()
}

fn action() -> impl Strategy<Value = Action> {
    select(vec![
        Action::NoAction,
        Action::Restrict,
        Action::Cascade,
        Action::SetNull,
        Action::SetDefault,
    ])
}

fn table(shape: Shape) -> BoxedStrategy<Draft> {
    let constraint_name = || proptest::option::of(name(shape));
    let checks = if shape.expressions { 0..2 } else { 0..1 };
    (
        name(shape),
        select(vec![
            Type::Integer,
            Type::BigInteger,
            Type::Uuid,
            Type::String(Length::N(20)),
        ]),
        vec(column(shape), 1..=shape.columns),
        proptest::option::weighted(0.2, text(shape)),
        constraint_name(),
        vec((constraint_name(), any::<Pick>(), any::<bool>()), 0..2),
        vec(index(shape), 0..3),
        vec(
            (
                constraint_name(),
                any::<Pick>(),
                action(),
                action(),
                select(vec![
                    None,
                    None,
                    Some(Deferrable::Immediate),
                    Some(Deferrable::Deferred),
                ]),
            ),
            0..2,
        ),
        vec((constraint_name(), any::<Pick>(), text(shape)), checks),
    )
        .prop_map(
            |(name, key, columns, comment, key_name, uniques, indexes, references, checks)| Draft {
                name,
                key,
                columns,
                comment,
                key_name,
                uniques,
                indexes,
                references,
                checks,
            },
        )
        .boxed()
}

/// What is drawn for an engine is really what it can hold: it is created there.
#[tokio::test]
async fn what_is_drawn_can_be_created() {
    for database in support::engines().await {
        let engine = database.engine();
        let mut runner = TestRunner::deterministic();
        let strategy = schema(Shape::on(engine));
        for _ in 0..24 {
            let schema = strategy.new_tree(&mut runner).unwrap().current();
            canonical(engine, &schema).unwrap_or_else(|error| panic!("{error}\n{schema:#?}"));
            let plan = diff(&Schema::default(), &schema, &Answers::default());
            let down = plan.down(&Schema::default());
            for op in plan.ops.iter().chain(&down) {
                let statements = match engine {
                    // A key between two new tables that need each other comes by a rebuild.
                    Engine::Sqlite if sqlite::rebuilds(op) => continue,
                    Engine::Sqlite => sqlite::statements(op),
                    _ => postgres::statements(op),
                };
                for sql in statements.unwrap_or_else(|error| panic!("{error}\n{op:#?}")) {
                    if let Err(error) = database.db().execute_unprepared(&sql).await {
                        panic!("{engine}: {error}\n{sql}");
                    }
                }
            }
        }
    }
}
