//! Rows: inserting, deleting and filling them with values that fit the columns.

use std::collections::BTreeMap;

use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, IntoTableRef, Query, TableRef, UpdateStatement, Value,
};
use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::look;
use crate::dialect::{literal, quote, quoted_list};
use crate::op::BackfillSpec;
use crate::schema::{Engine, Name};

/// Engines limit the values of one statement (SQLite 32,766, PostgreSQL 65,535).
const VALUES: usize = 30_000;

fn table_ref(name: &Name) -> TableRef {
    match &name.schema {
        Some(schema) => (Alias::new(schema), Alias::new(&name.name)).into_table_ref(),
        None => Alias::new(&name.name).into_table_ref(),
    }
}

/// A value as the column's own type, so that plain strings work for enums, uuids, JSON and times.
fn typed(value: Value, ty: Option<&String>) -> Expr {
    match ty {
        Some(ty) => Expr::cust_with_exprs(format!("CAST($1 AS {ty})"), [Expr::val(value)]),
        None => Expr::val(value),
    }
}

/// Statements that insert rows.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    table: &Name,
    columns: &[String],
    rows: &[Vec<Value>],
) -> Result<Vec<Statement>, DbErr> {
    let types = look::column_types(db, table).await?;
    let backend = db.get_database_backend();
    let mut statements = Vec::new();
    for rows in rows.chunks((VALUES / columns.len().max(1)).max(1)) {
        let mut insert = Query::insert();
        insert.into_table(table_ref(table));
        insert.columns(columns.iter().map(Alias::new));
        for row in rows {
            if row.len() != columns.len() {
                return Err(DbErr::Custom(format!(
                    "a row for `{table}` has {} values for {} columns",
                    row.len(),
                    columns.len()
                )));
            }
            let values = columns
                .iter()
                .zip(row)
                .map(|(column, value)| typed(value.clone(), types.get(column)));
            insert
                .values(values)
                .map_err(|error| DbErr::Custom(error.to_string()))?;
        }
        statements.push(backend.build(&insert));
    }
    Ok(statements)
}

/// Statements that delete the rows whose column holds one of the values.
pub(super) async fn delete(
    db: &impl ConnectionTrait,
    table: &Name,
    column: &str,
    values: &[Value],
) -> Result<Vec<Statement>, DbErr> {
    let types = look::column_types(db, table).await?;
    let backend = db.get_database_backend();
    Ok(values
        .chunks(VALUES)
        .map(|values| {
            let values: Vec<Expr> = values
                .iter()
                .map(|value| typed(value.clone(), types.get(column)))
                .collect();
            let mut delete = Query::delete();
            delete.from_table(table_ref(table));
            delete.and_where(Expr::col(Alias::new(column)).is_in(values));
            backend.build(&delete)
        })
        .collect())
}

/// How one table is filled: the batches follow each other in the order of its key.
pub(super) struct Filling {
    table: String,
    update: UpdateStatement,
    filter: String,
    key: Vec<String>,
    types: BTreeMap<String, String>,
    engine: Engine,
    batch: u64,
}

/// Where a batch ended, as the SQL of a row value; `None` is before the first row.
pub(super) type Mark = Option<String>;

impl Filling {
    pub(super) async fn new(db: &impl ConnectionTrait, spec: &BackfillSpec) -> Result<Self, DbErr> {
        let types = look::column_types(db, &spec.table).await?;
        let mut update = Query::update();
        update.table(table_ref(&spec.table));
        for (column, value) in &spec.set {
            let value = match value {
                Expr::Value(value) => typed(value.clone(), types.get(column)),
                other => other.clone(),
            };
            update.value(Alias::new(column), value);
        }
        if let Some(filter) = &spec.filter {
            update.and_where(filter.clone());
        }
        let filter = match &spec.filter {
            Some(filter) => {
                let select = Query::select().expr(filter.clone()).to_owned();
                let select = db.get_database_backend().build(&select).to_string();
                select.trim_start_matches("SELECT ").to_owned()
            }
            None => "true".to_owned(),
        };
        Ok(Self {
            table: look::quoted(&spec.table),
            update,
            filter,
            key: look::key(db, &spec.table).await?,
            types,
            engine: look::engine(db),
            batch: spec.batch,
        })
    }

    /// The statement of a batch that is everything.
    pub(super) fn whole(&self, db: &impl ConnectionTrait) -> Statement {
        db.get_database_backend().build(&self.update)
    }

    /// How many rows are to be filled.
    pub(super) async fn count(&self, db: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let sql = format!("select count(*) from {} where {}", self.table, self.filter);
        let rows = look::rows(db, &sql, []).await?;
        let count: i64 = match rows.first() {
            Some(row) => row.try_get_by_index(0)?,
            None => 0,
        };
        Ok(count.unsigned_abs())
    }

    /// The statement of the batch after a mark, and the mark where it ends; `None` when no row is
    /// left.
    pub(super) async fn next(
        &self,
        db: &impl ConnectionTrait,
        after: &Mark,
    ) -> Result<Option<(Statement, Mark)>, DbErr> {
        if self.key.is_empty() {
            // Rows that nothing tells apart have no order to walk along: one batch is all.
            return Ok(after
                .is_none()
                .then(|| (self.whole(db), Some(String::new()))));
        }
        let key = self.key_columns();
        let row = format!("({key})");
        let lower = after.as_ref().map(|mark| format!("{row} > {mark}"));
        let mut condition = format!("({})", self.filter);
        if let Some(lower) = &lower {
            condition.push_str(&format!(" and {lower}"));
        }
        let shown: Vec<String> = self
            .key
            .iter()
            .enumerate()
            // Under a name of its own, or ORDER BY would sort the text.
            .map(|(at, column)| match self.engine {
                Engine::Postgres => format!("{}::text as shown_{at}", quote(column)),
                _ => format!("quote({}) as shown_{at}", self.column(column)),
            })
            .collect();
        let downwards: Vec<String> = self
            .key
            .iter()
            .map(|column| format!("{} desc", self.column(column)))
            .collect();
        let inner = match self.key.as_slice() {
            // `rowid` of a subquery is a column only under its own name.
            [rowid] if self.engine == Engine::Sqlite && rowid == "rowid" => "rowid as rowid",
            _ => &key,
        };
        let sql = format!(
            "select {} from (select {inner} from {} where {condition} order by {key} limit {}) batch \
             order by {} limit 1",
            shown.join(", "),
            self.table,
            self.batch,
            downwards.join(", "),
        );
        let rows = look::rows(db, &sql, []).await?;
        let Some(last) = rows.first() else {
            return Ok(None);
        };
        let mut values = Vec::with_capacity(self.key.len());
        for (at, column) in self.key.iter().enumerate() {
            let value: String = last.try_get_by_index(at)?;
            values.push(match (self.engine, self.types.get(column)) {
                (Engine::Postgres, Some(ty)) => format!("CAST({} AS {ty})", literal(&value)),
                (Engine::Postgres, None) => literal(&value),
                _ => value,
            });
        }
        let mark = format!("({})", values.join(", "));
        let mut update = self.update.clone();
        for bound in lower.into_iter().chain([format!("{row} <= {mark}")]) {
            update.and_where(Expr::cust(bound));
        }
        Ok(Some((db.get_database_backend().build(&update), Some(mark))))
    }

    fn column(&self, column: &str) -> String {
        match (self.engine, column) {
            (Engine::Sqlite, "rowid") => column.to_owned(),
            _ => quote(column),
        }
    }

    fn key_columns(&self) -> String {
        match (self.engine, self.key.as_slice()) {
            (Engine::Sqlite, [rowid]) if rowid == "rowid" => rowid.clone(),
            _ => quoted_list(&self.key),
        }
    }
}
