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
use seachange::schema::{
    Action, Check, Column, DefaultValue, Deferrable, Engine, EnumType, Excluded, Exclusion,
    ForeignKey, Generated, Index, IndexKey, KeyOn, Length, Name, Numbering, PrimaryKey, Schema,
    Sequence, Table, TableOptions, Type, Unique,
};

use crate::support;

pub mod change;
mod fit;
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

/// Names that were not given out yet, whatever their case.
#[derive(Clone, Debug, Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn fresh(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut n = 2;
        while !self.0.insert(name.to_lowercase()) {
            name = format!("{wanted}{n}");
            n += 1;
        }
        name
    }
}

fn assemble(
    shape: Shape,
    drafts: Vec<Draft>,
    enums: Vec<EnumType>,
    sequences: Vec<Sequence>,
) -> Schema {
    let mut schema = Schema::default();
    // Tables, indexes, constraints and types share one name space here, as on PostgreSQL.
    let mut names = Names::default();
    let enums: Vec<EnumType> = enums
        .into_iter()
        .map(|ty| EnumType {
            name: Name {
                name: names.fresh(&ty.name.name),
                ..ty.name
            },
            ..ty
        })
        .collect();
    for mut sequence in sequences {
        sequence.name.name = names.fresh(&sequence.name.name);
        let name = sequence.name.clone();
        schema.sequences.insert(name, sequence);
    }
    let keys: Vec<(Name, Type)> = drafts
        .iter()
        .map(|draft| {
            let schema = side(shape, draft.columns.len());
            let name = names.fresh(&draft.name);
            (Name { schema, name }, draft.key.clone())
        })
        .collect();
    for (draft, (name, key)) in drafts.into_iter().zip(&keys) {
        schema.insert(build(shape, draft, name, key, &keys, &enums, &mut names));
    }
    fit::log(&mut schema);
    schema
}

fn build(
    shape: Shape,
    draft: Draft,
    name: &Name,
    key: &Type,
    keys: &[(Name, Type)],
    enums: &[EnumType],
    names: &mut Names,
) -> Table {
    let mut table = Table::new(name.clone());
    table.comment = draft.comment.filter(|comment| !comment.is_empty());
    let mut columns = Names::default();
    let mut id = Column::new(columns.fresh("id"), key.clone());
    id.auto_increment = key.is_integer();
    // What a table draws once decides about the rarer words, so that each comes up.
    let seed = draft.uniques.len() + 2 * draft.references.len() + draft.columns.len();
    let postgres = shape.may(Engine::Postgres);
    if id.auto_increment && postgres {
        id.numbering = match seed % 4 {
            0 => Some(Numbering::serial()),
            1 => Some(Numbering::identity().always().start(7).cache(3)),
            _ => None,
        };
    }
    table.columns.push(id);
    table.primary_key = Some(PrimaryKey {
        name: draft.key_name.map(|name| names.fresh(&name)),
        columns: vec!["id".to_owned()],
        ..PrimaryKey::default()
    });
    for draft in draft.columns {
        let name = columns.fresh(&draft.name);
        table.columns.push(plain_column(shape, name, draft, enums));
    }
    for reference in draft.references {
        reference_to(&mut table, reference, keys, names);
    }
    if draft.checks.len() == 1 {
        generated_column(shape, &mut table);
    }
    for unique in &draft.uniques {
        add_unique(shape, &mut table, unique, names);
    }
    for index in draft.indexes {
        add_index(shape, &mut table, index, names);
    }
    for check in &draft.checks {
        add_check(&mut table, check, names);
    }
    if postgres {
        rarer_words(&mut table, seed, names);
    }
    table.options = options(shape, seed);
    fit::keep(&mut table);
    table
}

/// How a table is kept, as a number decides.
fn options(shape: Shape, seed: usize) -> TableOptions {
    let mut options = TableOptions::default();
    if shape.may(Engine::Postgres) {
        options.unlogged = seed % 4 == 1;
        let mut set = |is: bool, parameter: &str, setting: &str| {
            if is {
                let (parameter, setting) = (parameter.to_owned(), setting.to_owned());
                options.storage.insert(parameter, setting);
            }
        };
        set(seed % 3 == 1, "fillfactor", "70");
        set(seed % 3 == 2, "fillfactor", "80");
        set(seed % 5 == 2, "autovacuum_enabled", "off");
    }
    if shape.may(Engine::Sqlite) {
        options.strict = seed % 3 == 1;
        options.without_rowid = seed % 4 == 2;
    }
    if shape.engine.is_none() {
        options.tablespace = (seed % 5 == 1).then(|| "far \"away\"".to_owned());
        let (parameter, setting) = ("toast.autovacuum enabled", "it's");
        options
            .storage
            .insert(parameter.to_owned(), setting.to_owned());
    }
    options
}

/// What only PostgreSQL has a word for, as what the table drew decides.
fn rarer_words(table: &mut Table, seed: usize, names: &mut Names) {
    for key in &mut table.foreign_keys {
        key.match_full = seed.is_multiple_of(3);
        if key.on_delete == Action::SetNull && seed % 3 == 1 {
            key.set_columns.clone_from(&key.columns);
        }
    }
    for unique in &mut table.uniques {
        if seed.is_multiple_of(5) {
            unique.include = vec!["id".to_owned()];
        }
        unique.deferrable = (seed % 5 == 1).then_some(Deferrable::Deferred);
    }
    for index in &mut table.indexes {
        if seed % 4 == 2 && index.method.is_none() {
            let (name, value) = ("fillfactor".to_owned(), "70".to_owned());
            index.storage.insert(name, value);
        }
    }
    if seed % 4 == 3 {
        let mut exclusion = Exclusion::new(names.fresh("ex"));
        exclusion.elements.push(Excluded {
            key: IndexKey::column("id"),
            operator: "=".to_owned(),
        });
        table.exclusions.push(exclusion);
    }
}

/// A column, and a key on it that names the key of one of these tables.
fn reference_to(
    table: &mut Table,
    (name, pick, on_delete, on_update, deferrable): Reference,
    keys: &[(Name, Type)],
    names: &mut Names,
) {
    let (ref_table, ty) = &keys[pick.index(keys.len())];
    let mut column = Column::new(column_names(table).fresh("ref_id"), ty.clone());
    column.nullable = true;
    let key = ForeignKey {
        name: name.map(|name| names.fresh(&name)),
        columns: vec![column.name.clone()],
        ref_table: ref_table.clone(),
        ref_columns: vec!["id".to_owned()],
        on_delete,
        on_update,
        deferrable,
        ..ForeignKey::default()
    };
    table.columns.push(column);
    table.foreign_keys.push(key);
}

/// The names that a table's columns have taken.
fn column_names(table: &Table) -> Names {
    Names(
        table
            .columns
            .iter()
            .map(|column| column.name.to_lowercase())
            .collect(),
    )
}

/// One of the columns that can be compared, sorted and indexed.
fn comparable(table: &Table, pick: &Pick) -> Option<String> {
    let columns: Vec<&Column> = table
        .columns
        .iter()
        .filter(|column| has_order(&column.ty) && column.generated.is_none())
        .collect();
    (!columns.is_empty()).then(|| columns[pick.index(columns.len())].name.clone())
}

fn generated_column(shape: Shape, table: &mut Table) {
    if !shape.expressions || shape.engine == Some(Engine::MySql) {
        return;
    }
    let mut sum = Column::new(column_names(table).fresh("doubled"), Type::BigInteger);
    let from = table
        .columns
        .iter()
        .find(|c| c.ty == Type::Integer && c.name != "id");
    if let Some(column) = from {
        sum.nullable = true;
        sum.generated = Some(Generated {
            expr: format!("{} * 2", quoted(&column.name)),
            stored: true,
        });
        table.columns.push(sum);
    }
}

fn add_unique(
    shape: Shape,
    table: &mut Table,
    (name, on, not_distinct): &(Option<String>, Pick, bool),
    names: &mut Names,
) {
    let Some(column) = comparable(table, on) else {
        return;
    };
    let unique = Unique {
        name: name.as_ref().map(|name| names.fresh(name)),
        columns: vec![column],
        nulls_not_distinct: *not_distinct && shape.may(Engine::Postgres),
        ..Unique::default()
    };
    let is_key = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns == unique.columns);
    if !is_key && !table.uniques.iter().any(|u| u.columns == unique.columns) {
        table.uniques.push(unique);
    }
}

fn add_index(shape: Shape, table: &mut Table, draft: IndexDraft, names: &mut Names) {
    let mut index = Index::new(names.fresh(&draft.name), [""; 0]);
    index.unique = draft.unique && !draft.brin;
    for (on, descending, nulls_first) in &draft.keys {
        let Some(column) = comparable(table, on) else {
            return;
        };
        let mut key = IndexKey::column(column);
        let taken = index.keys.iter().any(|other: &IndexKey| other.on == key.on);
        if taken || (draft.brin && !index.keys.is_empty()) {
            continue;
        }
        if !draft.brin {
            key.descending = *descending;
            key.nulls_first =
                nulls_first.filter(|first| shape.may(Engine::Postgres) && *first != *descending);
        }
        index.keys.push(key);
    }
    if draft.expression && !draft.brin {
        let column = table.columns.iter().find(|c| c.ty == Type::Text);
        index.keys.extend(column.map(|column| IndexKey {
            on: KeyOn::Expr(format!("lower({})", quoted(&column.name))),
            ..IndexKey::column("")
        }));
    }
    index.predicate = draft
        .predicate
        .as_ref()
        .and_then(|on| comparable(table, on))
        .map(|on| format!("{} is not null", quoted(&on)));
    if draft.brin
        && table
            .column(index.columns().next().unwrap_or(""))
            .is_some_and(|c| c.ty != Type::Boolean)
    {
        index.method = Some("brin".to_owned());
    } else if let Some(column) = draft.include.as_ref().and_then(|on| comparable(table, on)) {
        index.include = if index.columns().any(|c| c == column) {
            vec![]
        } else {
            vec![column]
        };
    }
    index.nulls_not_distinct = index.unique && draft.nulls_not_distinct;
    table.indexes.push(index);
}

fn add_check(
    table: &mut Table,
    (name, on, text): &(Option<String>, Pick, String),
    names: &mut Names,
) {
    let Some(column) = comparable(table, on) else {
        return;
    };
    let expr = match table.column(&column).map(|column| &column.ty) {
        Some(Type::Integer | Type::BigInteger | Type::SmallInteger) => {
            format!("{} > -1000", quoted(&column))
        }
        // No row and no default ever holds it.
        Some(Type::Text | Type::String(_)) => {
            format!(
                "{} <> 'never {}'",
                quoted(&column),
                text.replace('\'', "''")
            )
        }
        _ => format!("{} is null or {0} = {0}", quoted(&column)),
    };
    let name = name.as_ref().map(|name| names.fresh(name));
    table.checks.push(Check {
        name,
        expr,
        only: None,
    });
}

fn plain_column(shape: Shape, name: String, draft: ColumnDraft, enums: &[EnumType]) -> Column {
    let ty = draft.ty.unwrap_or_else(|| {
        let ty = &enums[draft.pick.index(enums.len())];
        Type::Enum {
            name: ty.name.clone(),
            values: ty.values.clone(),
        }
    });
    let mut column = Column::new(name, ty);
    column.nullable = draft.nullable;
    column.comment = draft.comment.filter(|comment| !comment.is_empty());
    if draft.default {
        column.default = match &column.ty {
            Type::Boolean => Some(DefaultValue::Bool(draft.now)),
            ty if ty.is_integer() => Some(DefaultValue::Number("-42".to_owned())),
            Type::Decimal(_) | Type::Double => Some(DefaultValue::Number("1.5".to_owned())),
            Type::Text | Type::String(_) if draft.now && shape.expressions => {
                Some(DefaultValue::Expr("lower('A')".to_owned()))
            }
            Type::Text | Type::String(_) => Some(DefaultValue::String(draft.text)),
            Type::Enum { values, .. } => Some(DefaultValue::String(values[0].clone())),
            Type::TimestampWithTimeZone | Type::Timestamp | Type::DateTime => {
                Some(DefaultValue::CurrentTimestamp)
            }
            _ => None,
        };
    }
    if draft.pick.index(4) == 0 {
        column.collation = collation(shape, &column.ty);
    }
    if shape.engine.is_none() && draft.now {
        column.collation = Some("de-x-icu".to_owned());
        column.extra = Some("on conflict 'x'".to_owned());
    }
    column
}

/// A collation that the engine has for the type.
fn collation(shape: Shape, ty: &Type) -> Option<String> {
    let name = match shape.engine? {
        Engine::Postgres => "C",
        _ => "nocase",
    };
    is_text(ty).then(|| name.to_owned())
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Char(_) | Type::String(_) | Type::Text)
}

/// Whether the engines can compare, sort and index values of the type.
fn has_order(ty: &Type) -> bool {
    matches!(
        ty,
        Type::String(_)
            | Type::Text
            | Type::SmallInteger
            | Type::Integer
            | Type::BigInteger
            | Type::Double
            | Type::Decimal(_)
            | Type::Date
            | Type::Timestamp
            | Type::Uuid
    )
}

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
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
