//! From sea-query's definitions, which entities and hand-written revisions use, to our nouns.

use sea_orm::sea_query::{
    Alias, ColumnDef, ColumnType, Expr, ForeignKeyAction, ForeignKeyCreateStatement,
    IndexCreateStatement, IntoIden, Keyword, OptionEnum, PostgresQueryBuilder, Query,
    SqliteQueryBuilder, StringLen, TableCreateStatement, TableRef, Value,
};

use super::{
    Action, Check, Column, DefaultValue, ForeignKey, Generated, Index, Length, Name, PrimaryKey,
    Table, Type, Unique,
};

/// A definition says something that cannot be read back from it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} of {object}: {advice}")]
pub struct UnreadableError {
    what: String,
    object: String,
    advice: String,
}

impl UnreadableError {
    fn new(what: &str, object: impl ToString, advice: &str) -> Self {
        Self {
            what: what.to_owned(),
            object: object.to_string(),
            advice: advice.to_owned(),
        }
    }
}

impl UnreadableError {
    pub(crate) fn no_table(key: Option<&str>) -> Self {
        Self::new(
            "the table",
            format!("foreign key `{}`", key.unwrap_or_default()),
            "there is none; call `.from(table, column)`",
        )
    }
}

impl From<&ColumnType> for Type {
    fn from(ty: &ColumnType) -> Self {
        match ty {
            ColumnType::Char(n) => Self::Char(*n),
            ColumnType::String(n) => Self::String(n.into()),
            ColumnType::Text => Self::Text,
            ColumnType::Blob => Self::Blob,
            ColumnType::TinyInteger => Self::TinyInteger,
            ColumnType::SmallInteger => Self::SmallInteger,
            ColumnType::Integer => Self::Integer,
            ColumnType::BigInteger => Self::BigInteger,
            ColumnType::TinyUnsigned => Self::TinyUnsigned,
            ColumnType::SmallUnsigned => Self::SmallUnsigned,
            ColumnType::Unsigned => Self::Unsigned,
            ColumnType::BigUnsigned => Self::BigUnsigned,
            ColumnType::Float => Self::Float,
            ColumnType::Double => Self::Double,
            ColumnType::Decimal(p) => Self::Decimal(*p),
            ColumnType::DateTime => Self::DateTime,
            ColumnType::Timestamp => Self::Timestamp,
            ColumnType::TimestampWithTimeZone => Self::TimestampWithTimeZone,
            ColumnType::Time => Self::Time,
            ColumnType::Date => Self::Date,
            ColumnType::Year => Self::Year,
            ColumnType::Interval(fields, precision) => {
                Self::Interval(fields.as_ref().map(ToString::to_string), *precision)
            }
            ColumnType::Binary(n) => Self::Binary(*n),
            ColumnType::VarBinary(n) => Self::VarBinary(n.into()),
            ColumnType::Bit(n) => Self::Bit(*n),
            ColumnType::VarBit(n) => Self::VarBit(*n),
            ColumnType::Boolean => Self::Boolean,
            ColumnType::Money(p) => Self::Money(*p),
            ColumnType::Json => Self::Json,
            ColumnType::JsonBinary => Self::JsonBinary,
            ColumnType::Uuid => Self::Uuid,
            ColumnType::Enum { name, variants } => Self::Enum {
                name: enum_name(&name.to_string()),
                values: variants.iter().map(ToString::to_string).collect(),
            },
            ColumnType::Array(element) => Self::Array(Box::new(Self::from(element.as_ref()))),
            ColumnType::Vector(n) => Self::Vector(*n),
            ColumnType::Cidr => Self::Cidr,
            ColumnType::Inet => Self::Inet,
            ColumnType::MacAddr => Self::MacAddr,
            ColumnType::LTree => Self::LTree,
            ColumnType::Custom(name) => Self::Custom(name.to_string()),
            // `ColumnType` may grow; what this version does not know keeps its own name and is
            // refused by the engine rather than guessed at.
            other => Self::Custom(format!("{other:?}")),
        }
    }
}

impl From<&StringLen> for Length {
    fn from(length: &StringLen) -> Self {
        match length {
            StringLen::N(n) => Self::N(*n),
            StringLen::Max => Self::Max,
            StringLen::None => Self::Unspecified,
        }
    }
}

impl From<ForeignKeyAction> for Action {
    fn from(action: ForeignKeyAction) -> Self {
        match action {
            ForeignKeyAction::Restrict => Self::Restrict,
            ForeignKeyAction::Cascade => Self::Cascade,
            ForeignKeyAction::SetNull => Self::SetNull,
            ForeignKeyAction::SetDefault => Self::SetDefault,
            _ => Self::NoAction,
        }
    }
}

impl From<&Expr> for DefaultValue {
    fn from(expr: &Expr) -> Self {
        match expr {
            Expr::Value(value) | Expr::Constant(value) => Self::from(value),
            Expr::Keyword(Keyword::CurrentTimestamp) => Self::CurrentTimestamp,
            Expr::Custom(sql) if sql.eq_ignore_ascii_case("current_timestamp") => {
                Self::CurrentTimestamp
            }
            // `0.00` is no number of Rust's that would print so again.
            Expr::Custom(sql) if is_number(sql) => Self::Number(sql.to_string()),
            other => Self::Expr(expr_sql(other)),
        }
    }
}

fn is_number(sql: &str) -> bool {
    sql.starts_with(|c: char| c.is_ascii_digit() || c == '-') && sql.parse::<f64>().is_ok()
}

impl From<&Value> for DefaultValue {
    fn from(value: &Value) -> Self {
        match value {
            Value::Bool(Some(value)) => Self::Bool(*value),
            Value::String(Some(string)) => Self::String(string.clone()),
            Value::Char(Some(char)) => Self::String(char.to_string()),
            Value::Enum(OptionEnum::Some(value)) => Self::String(value.value.to_string()),
            Value::TinyInt(Some(n)) => Self::Number(n.to_string()),
            Value::SmallInt(Some(n)) => Self::Number(n.to_string()),
            Value::Int(Some(n)) => Self::Number(n.to_string()),
            Value::BigInt(Some(n)) => Self::Number(n.to_string()),
            Value::TinyUnsigned(Some(n)) => Self::Number(n.to_string()),
            Value::SmallUnsigned(Some(n)) => Self::Number(n.to_string()),
            Value::Unsigned(Some(n)) => Self::Number(n.to_string()),
            Value::BigUnsigned(Some(n)) => Self::Number(n.to_string()),
            Value::Float(Some(n)) => Self::Number(n.to_string()),
            Value::Double(Some(n)) => Self::Number(n.to_string()),
            // Which other values there are depends on SeaORM's features: decimals, dates, UUIDs.
            other => {
                let sql = expr_sql(&Expr::Value(other.clone()));
                let string = sql
                    .strip_prefix('\'')
                    .and_then(|rest| rest.strip_suffix('\''));
                match string {
                    Some(string) => Self::String(string.replace("''", "'")),
                    None if sql.parse::<f64>().is_ok() => Self::Number(sql),
                    None => Self::Expr(sql),
                }
            }
        }
    }
}

/// What [`enum_type`] made of a name: `ColumnType` has no room for a schema, so a name with one
/// stands there in quotes.
fn enum_name(word: &str) -> Name {
    match quoted_parts(word).as_deref() {
        Some([schema, name]) => Name::from((schema.as_str(), name.as_str())),
        Some([name]) => Name::from(name),
        _ => Name::from(word),
    }
}

/// The parts of `"a"."b"`; `None` for anything else.
fn quoted_parts(word: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = word.strip_prefix('"')?;
    loop {
        let mut part = String::new();
        loop {
            let (before, behind) = rest.split_once('"')?;
            part.push_str(before);
            rest = behind;
            match rest.strip_prefix('"') {
                Some(behind) => {
                    part.push('"');
                    rest = behind;
                }
                None => break,
            }
        }
        parts.push(part);
        match rest {
            "" => return Some(parts),
            more => rest = more.strip_prefix(".\"")?,
        }
    }
}

/// The type of a column that holds one of these strings, where sea-query wants a type:
///
/// ```
/// # let mut op = seachange::Operations::default();
/// use seachange::enum_type;
///
/// op.alter_column("tasks", "status").set_type(enum_type("task_status", ["todo", "done"]));
/// op.alter_column("tasks", "mood").set_type(enum_type(("audit", "mood"), ["good", "bad"]));
/// ```
pub fn enum_type<V: Into<String>>(
    name: impl Into<Name>,
    values: impl IntoIterator<Item = V>,
) -> ColumnType {
    let name: Name = name.into();
    let quoted = |part: &str| format!("\"{}\"", part.replace('"', "\"\""));
    let word = match &name.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&name.name)),
        None if name.name.starts_with('"') => quoted(&name.name),
        None => name.name,
    };
    ColumnType::Enum {
        name: Alias::new(word).into_iden(),
        variants: values
            .into_iter()
            .map(|value| Alias::new(value).into_iden())
            .collect(),
    }
}

/// An expression as SQL that PostgreSQL and SQLite both read: names in double quotes, strings in
/// single quotes.
pub fn expr_sql(expr: &Expr) -> String {
    let select = Query::select().expr(expr.clone()).take();
    // Each builder panics on what it does not know, and only `Debug` shows whether it will.
    let parts = format!("{expr:?}");
    let has = |words: &[&str]| words.iter().any(|word| parts.contains(word));
    let select = match (
        has(&[
            "PgOperator",
            "PgFunction",
            "Some(Any)",
            "Some(Some)",
            "Some(All)",
        ]),
        has(&["SqliteOperator"]),
    ) {
        (false, _) => select.to_string(SqliteQueryBuilder),
        (true, false) => select.to_string(PostgresQueryBuilder),
        // No engine has both; the engine is to say so.
        (true, true) => return parts,
    };
    select.strip_prefix("SELECT ").unwrap_or(&select).to_owned()
}

/// A column, and whether it is unique, the primary key, and the condition checked on it.
pub(crate) struct ColumnParts {
    pub(crate) column: Column,
    pub(crate) unique: bool,
    pub(crate) primary_key: bool,
    pub(crate) check: Option<String>,
}

/// Reads a column definition.
///
/// # Errors
///
/// The definition has no type.
pub(crate) fn column(def: &ColumnDef) -> Result<ColumnParts, UnreadableError> {
    let name = def.get_column_name();
    let ty = def.get_column_type().ok_or_else(|| {
        UnreadableError::new(
            "the type",
            format!("column `{name}`"),
            "there is none; call one of `ColumnDef`'s type methods",
        )
    })?;
    let spec = def.get_column_spec();
    let mut column = Column::new(name, Type::from(ty));
    column.nullable = spec.nullable != Some(false) && !spec.primary_key;
    column.default = spec
        .default
        .as_ref()
        .and_then(not_null)
        .map(DefaultValue::from);
    column.auto_increment = spec.auto_increment;
    column.generated = spec.generated.as_ref().map(|generated| Generated {
        expr: expr_sql(&generated.expr),
        stored: generated.stored,
    });
    column.extra.clone_from(&spec.extra);
    column.comment.clone_from(&spec.comment);
    let check = spec.check.as_ref().map(rendered_check);
    Ok(ColumnParts {
        column,
        unique: spec.unique && !spec.primary_key,
        primary_key: spec.primary_key,
        check,
    })
}

/// `DEFAULT NULL` is no default.
fn not_null(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Keyword(Keyword::Null) => None,
        Expr::Value(value) | Expr::Constant(value) if *value == value.as_null() => None,
        other => Some(other),
    }
}

/// `Check` has no getters, but as the only thing of the only column it can be cut out of the SQL.
fn rendered_check(check: &sea_orm::sea_query::Check) -> String {
    let mut column = ColumnDef::new("c");
    column.integer().check(check.clone());
    let table = TableCreateStatement::new()
        .table("t")
        .col(column)
        .to_string(SqliteQueryBuilder);
    // CREATE TABLE "t" ( "c" integer CHECK (…) )
    table
        .split_once(" CHECK (")
        .and_then(|(_, rest)| rest.strip_suffix(") )"))
        .unwrap_or_default()
        .to_owned()
}

/// The name of a table reference.
pub(crate) fn name(table: &TableRef) -> Option<Name> {
    let TableRef::Table(table, _) = table else {
        return None;
    };
    Some(Name {
        schema: table.0.as_ref().map(|schema| schema.1.to_string()),
        name: table.1.to_string(),
    })
}

/// Reads a whole table definition.
///
/// # Errors
///
/// The definition holds something that sea-query does not let anyone read back: table-level
/// checks, options, partitions, `TEMPORARY`.
pub(crate) fn table(statement: &TableCreateStatement) -> Result<Table, UnreadableError> {
    let table_name = statement.get_table_name().and_then(name).ok_or_else(|| {
        UnreadableError::new("the name", "a new table", "there is none; call `.table(…)`")
    })?;
    if let Some((what, advice)) = unreadable_part(statement) {
        return Err(UnreadableError::new(
            what,
            format!("table `{table_name}`"),
            advice,
        ));
    }
    let mut table = Table::new(table_name);
    table.comment = statement.get_comment().cloned();
    let mut key = Vec::new();
    for def in statement.get_columns() {
        let parts = column(def)?;
        if parts.primary_key {
            key.push(parts.column.name.clone());
        }
        if parts.unique {
            table.uniques.push(Unique {
                name: None,
                columns: vec![parts.column.name.clone()],
                ..Unique::default()
            });
        }
        if let Some(expr) = parts.check {
            table.checks.push(Check {
                name: None,
                expr,
                only: None,
            });
        }
        table.columns.push(parts.column);
    }
    if !key.is_empty() {
        table.primary_key = Some(PrimaryKey {
            name: None,
            columns: key,
            ..PrimaryKey::default()
        });
    }
    for index in statement.get_indexes() {
        let spec = index.get_index_spec();
        let columns = spec.get_column_names();
        let name = spec.get_name().map(str::to_owned);
        if index.is_primary_key() {
            for column in &columns {
                if let Some(column) = table.column_mut(column) {
                    column.nullable = false;
                }
            }
            table.primary_key = Some(PrimaryKey {
                name,
                columns,
                ..PrimaryKey::default()
            });
        } else if index.is_unique_key() {
            table.uniques.push(Unique {
                name,
                columns,
                nulls_not_distinct: index.is_nulls_not_distinct(),
                ..Unique::default()
            });
        } else {
            return Err(UnreadableError::new(
                "a plain index",
                format!("table `{}`", table.name),
                "write `op.create_index(…)` after the table; SQLite and PostgreSQL know no other way",
            ));
        }
    }
    for statement in statement.get_foreign_key_create_stmts() {
        let (_, key) = foreign_key(statement);
        table.foreign_keys.push(key);
    }
    Ok(table)
}

/// sea-query has no getters for these, but all of them are in its `Debug` form.
fn unreadable_part(statement: &TableCreateStatement) -> Option<(&'static str, &'static str)> {
    if statement.get_extra().is_some() {
        return Some((
            "`extra`",
            "say it behind the step (`.strict()`, `.storage(…)`), or write the whole statement with \
             `op.execute(…)`",
        ));
    }
    let bare = format!("{statement:?}");
    let set = |field: &str| {
        bare.rfind(&format!("{field}: ["))
            .is_some_and(|at| !bare[at + field.len() + 3..].starts_with(']'))
    };
    if bare.ends_with("temporary: true }") {
        Some(("`TEMPORARY`", "write it with `op.execute(…)`"))
    } else if set("check") {
        Some((
            "a table-level check",
            "write `op.create_check(…)` after the table; sea-query cannot be asked for it",
        ))
    } else if set("options") || set("partitions") {
        Some((
            "options or partitions",
            "write the whole statement with `op.execute(…)`",
        ))
    } else {
        None
    }
}

/// Reads a foreign key and the table that owns it, when it is said.
pub(crate) fn foreign_key(statement: &ForeignKeyCreateStatement) -> (Option<Name>, ForeignKey) {
    let key = statement.get_foreign_key();
    let ref_table = key.get_ref_table().and_then(name);
    (
        key.get_table().and_then(name),
        ForeignKey {
            name: key.get_name().map(str::to_owned),
            columns: key.get_columns(),
            ref_table: ref_table.unwrap_or_else(|| Name::from("")),
            ref_columns: key.get_ref_columns(),
            on_delete: key.get_on_delete().map_or(Action::NoAction, Action::from),
            on_update: key.get_on_update().map_or(Action::NoAction, Action::from),
            ..ForeignKey::default()
        },
    )
}

/// Reads an index that SeaORM derives from an entity: a name and plain columns.
pub(crate) fn index(statement: &IndexCreateStatement) -> Option<Index> {
    let spec = statement.get_index_spec();
    let mut index = Index::new(spec.get_name()?, spec.get_column_names());
    index.unique = statement.is_unique_key();
    Some(index)
}
