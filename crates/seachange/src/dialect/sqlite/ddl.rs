//! Statements that SQLite has, and the pieces of text that a rebuild puts in.

use super::{options, reads, types, unsupported};
use crate::dialect::{Unsupported, literal, quote, quoted_list};
use crate::op::takes_number;
use crate::schema::{
    Action, Check, Column, DefaultValue, Deferrable, ForeignKey, Generated, Index, KeyOn, Name,
    PrimaryKey, Table, Type, Unique,
};

/// The name of a table, an index or a referenced table. SQLite has no schemas, but a database that
/// is attached can be called one, and the only one that is always there is `main`.
pub(super) fn name(name: &Name) -> Result<String, Unsupported> {
    if name.name.to_ascii_lowercase().starts_with("sqlite_") {
        return Err(unsupported(
            format!("table {name}"),
            "keeps names that begin with `sqlite_` for itself; choose another",
        ));
    }
    match name.schema.as_deref() {
        None | Some("main") => Ok(quote(&name.name)),
        // SeaORM qualifies each statement, so a table of that name would never be found.
        Some("public") => Err(unsupported(
            format!("table {name}"),
            &format!(
                "has no schemas, and SeaORM asks it for `{name}`; take `schema_name` out of the \
                 entity: PostgreSQL looks in `public` anyway"
            ),
        )),
        Some(schema) => Err(unsupported(
            format!("table {name}"),
            &format!("has no schemas; leave `{schema}` out on SQLite"),
        )),
    }
}

/// `CREATE TABLE`.
pub(super) fn create_table(table: &Table) -> Result<String, Unsupported> {
    let key = table
        .primary_key
        .as_ref()
        .filter(|key| key.columns.len() == 1);
    let single = |unique: &&Unique| unique.name.is_none() && unique.columns.len() == 1;
    options::check(table)?;
    let mut items = Vec::new();
    for column in &table.columns {
        let own = |columns: &[String]| columns == [column.name.as_str()];
        let inline = Inline {
            key: key.filter(|key| own(&key.columns)),
            unique: table
                .uniques
                .iter()
                .filter(single)
                .any(|unique| own(&unique.columns)),
            strict: table.options.strict,
        };
        items.push(column_definition(&table.name, column, inline)?);
    }
    if let Some(composite) = table
        .primary_key
        .as_ref()
        .filter(|key| key.columns.len() != 1)
    {
        items.push(primary_key(composite));
    }
    let rest = table.uniques.iter().filter(|unique| !single(unique));
    items.extend(rest.map(unique));
    for key in &table.foreign_keys {
        items.push(foreign_key(key)?);
    }
    items.extend(table.checks.iter().map(check));
    Ok(format!(
        "CREATE TABLE {} (\n  {}\n){}",
        name(&table.name)?,
        items.join(",\n  "),
        options::clause(table.options.strict, table.options.without_rowid),
    ))
}

/// What else is said in a column's definition.
#[derive(Clone, Copy, Default)]
pub(super) struct Inline<'a> {
    /// The primary key, when it is this column.
    pub(super) key: Option<&'a PrimaryKey>,
    pub(super) unique: bool,
    /// The table is STRICT.
    pub(super) strict: bool,
}

/// A column's definition.
pub(super) fn column_definition(
    table: &Name,
    column: &Column,
    inline: Inline<'_>,
) -> Result<String, Unsupported> {
    let mut sql = quote(&column.name);
    let words = column_type(table, column, inline.strict)?;
    for word in [words.as_str()].into_iter().filter(|word| !word.is_empty()) {
        sql.push(' ');
        sql.push_str(word);
    }
    if let Some(collation) = &column.collation {
        sql.push_str(&format!(" COLLATE {}", quote(collation)));
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    if let Some(default) = column.default.as_ref().filter(|it| is_kept(it)) {
        sql.push_str(&format!(" DEFAULT {}", default_value(default)));
    }
    if let Some(generated) = &column.generated {
        sql.push(' ');
        sql.push_str(&self::generated(generated));
    }
    if let Some(key) = inline.key {
        sql.push_str(&format!(
            "{} PRIMARY KEY",
            constraint_name(key.name.as_ref(), " ")
        ));
    }
    if column.auto_increment {
        if inline.key.is_none() {
            return Err(no_auto_increment(table, &column.name));
        }
        sql.push_str(" AUTOINCREMENT");
    }
    if inline.unique {
        sql.push_str(" UNIQUE");
    }
    if let Some(extra) = &column.extra {
        sql.push(' ');
        sql.push_str(extra);
    }
    Ok(sql)
}

pub(super) fn generated(generated: &Generated) -> String {
    let kind = if generated.stored {
        "STORED"
    } else {
        "VIRTUAL"
    };
    format!("GENERATED ALWAYS AS ({}) {kind}", generated.expr)
}

pub(super) fn no_auto_increment(table: &Name, column: &str) -> Unsupported {
    unsupported(
        format!("column {table}.{column}"),
        "numbers only a single integer primary key; take `auto_increment` off",
    )
}

/// The words of a column's type. AUTOINCREMENT is for `integer` alone, which holds 64 bits.
pub(super) fn column_type(
    table: &Name,
    column: &Column,
    strict: bool,
) -> Result<String, Unsupported> {
    if column.auto_increment {
        return match column.ty.is_integer() {
            true => Ok("integer".to_owned()),
            false => Err(no_auto_increment(table, &column.name)),
        };
    }
    type_words(table, &column.name, &column.ty, strict)
}

/// The words of a type, in a STRICT table those of the few that it takes.
pub(super) fn type_words(
    table: &Name,
    column: &str,
    ty: &Type,
    strict: bool,
) -> Result<String, Unsupported> {
    let words = match strict {
        true => types::spell(ty).and_then(|words| reads::strict(&words)),
        false => types::spell(ty),
    };
    words.map_err(|problem| unsupported(format!("column {table}.{column}"), &problem))
}

/// Whether SQLite can have the default: it has no sequences to take a number from.
pub(super) fn is_kept(default: &DefaultValue) -> bool {
    !matches!(default, DefaultValue::Expr(sql) if takes_number(sql))
}

pub(super) fn default_value(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Bool(true) => "TRUE".to_owned(),
        DefaultValue::Bool(false) => "FALSE".to_owned(),
        DefaultValue::Number(number) => number.clone(),
        DefaultValue::String(text) => literal(text),
        DefaultValue::CurrentTimestamp => "CURRENT_TIMESTAMP".to_owned(),
        DefaultValue::Expr(sql) => format!("({sql})"),
    }
}

/// `CONSTRAINT "x"`, with this before it, or behind it when that is not a space.
fn constraint_name(name: Option<&String>, before: &str) -> String {
    name.map(|name| format!("{before}CONSTRAINT {}", quote(name)))
        .unwrap_or_default()
}

fn named(name: Option<&String>, rest: &str) -> String {
    let name = constraint_name(name, "");
    if name.is_empty() {
        rest.to_owned()
    } else {
        format!("{name} {rest}")
    }
}

pub(super) fn primary_key(key: &PrimaryKey) -> String {
    named(
        key.name.as_ref(),
        &format!("PRIMARY KEY ({})", quoted_list(&key.columns)),
    )
}

pub(super) fn unique(unique: &Unique) -> String {
    named(
        unique.name.as_ref(),
        &format!("UNIQUE ({})", quoted_list(&unique.columns)),
    )
}

pub(super) fn check(check: &Check) -> String {
    named(check.name.as_ref(), &format!("CHECK ({})", check.expr))
}

pub(super) fn foreign_key(key: &ForeignKey) -> Result<String, Unsupported> {
    let mut sql = format!(
        "FOREIGN KEY ({}) REFERENCES {}",
        quoted_list(&key.columns),
        name(&key.ref_table)?
    );
    if !key.ref_columns.is_empty() {
        sql.push_str(&format!(" ({})", quoted_list(&key.ref_columns)));
    }
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        if action != Action::NoAction {
            sql.push_str(&format!(
                " ON {event} {}",
                action.as_str().to_ascii_uppercase()
            ));
        }
    }
    match key.deferrable {
        Some(Deferrable::Deferred) => sql.push_str(" DEFERRABLE INITIALLY DEFERRED"),
        Some(Deferrable::Immediate) => sql.push_str(" DEFERRABLE INITIALLY IMMEDIATE"),
        None => {}
    }
    Ok(named(key.name.as_ref(), &sql))
}

/// `CREATE INDEX`. Methods, operator classes, carried columns and the place of NULLs are other
/// engines' and left out; `canonical` says so.
pub(super) fn create_index(table: &Name, index: &Index) -> Result<String, Unsupported> {
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let mut sql = match &key.on {
                KeyOn::Column(column) => quote(column),
                // COLLATE binds tighter than every operator.
                KeyOn::Expr(sql) if key.collation.is_some() => format!("({sql})"),
                KeyOn::Expr(sql) => sql.clone(),
            };
            if let Some(collation) = &key.collation {
                sql.push_str(&format!(" COLLATE {}", quote(collation)));
            }
            if key.descending {
                sql.push_str(" DESC");
            }
            sql
        })
        .collect();
    let mut sql = format!(
        "CREATE {}INDEX {} ON {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        quote(&index.name),
        name(table)?,
        keys.join(", ")
    );
    if let Some(predicate) = &index.predicate {
        sql.push_str(&format!(" WHERE {predicate}"));
    }
    Ok(sql)
}
