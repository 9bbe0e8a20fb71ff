//! Carrying out recorded steps.

use sea_orm::{
    ConnectionTrait, DatabaseExecutor, DbErr, Statement, TransactionSession, TransactionTrait,
};

use super::held::{self, Held};
use super::{data, look};
use crate::dialect::sqlite::{SchemaRow, TableSource, Work};
use crate::dialect::{self, Unsupported};
use crate::op::{ColumnChange, EnumUse, Op, Step, Thing, describe, done_when, on};
use crate::schema::{DefaultValue, Engine, Name};

/// What is heard while steps run.
pub(super) enum Heard<'a> {
    /// A step begins: its place in the revision, and the step.
    Step(usize, &'a Step),
    /// A statement is about to run.
    Statement(&'a str),
}

/// Why a step did not succeed.
#[derive(Debug)]
pub(super) enum Cause {
    Database(DbErr),
    Unsupported(Unsupported),
    Held(Held),
}

impl From<DbErr> for Cause {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Database(error) => f.write_str(&super::server_words(error)),
            Self::Unsupported(error) => error.fmt(f),
            Self::Held(held) => held.fmt(f),
        }
    }
}

/// A step that did not succeed, and the statement of it that was refused.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) step: usize,
    pub(super) statement: Option<String>,
    pub(super) cause: Cause,
}

/// What becomes of statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// They run, unless values would be lost that nobody agreed to lose.
    Live,
    /// They run, whatever is lost.
    Lossy,
    /// They are heard and do not run.
    Hear,
    /// Those that change the schema run, on a copy without rows; the others are only heard.
    #[cfg(feature = "sqlite")]
    SchemaOnly,
}

impl Mode {
    /// Whether statements on rows run.
    pub(super) fn is_live(self) -> bool {
        matches!(self, Self::Live | Self::Lossy)
    }
}

type Hear<'a> = &'a mut (dyn FnMut(Heard<'_>) + Send);

/// Runs steps in one transaction. `first` is the place of the first one in its revision.
pub(super) async fn steps(
    db: &DatabaseExecutor<'_>,
    first: usize,
    steps: &[Step],
    mode: Mode,
    hear: Hear<'_>,
) -> Result<(), Failure> {
    let mut at = 0;
    for work in plan(look::engine(db), steps) {
        let count = match &work {
            Work::Step(_) => 1,
            Work::Rebuild(_, steps) => steps.len(),
        };
        for (place, step) in steps.iter().enumerate().skip(at).take(count) {
            hear(Heard::Step(first + place, step));
        }
        let mut refused = None;
        let done = match work {
            Work::Step(step) => one(db, step, mode, hear, &mut refused).await,
            Work::Rebuild(table, steps) => {
                rebuild(db, table, &steps, mode, hear, &mut refused).await
            }
        };
        done.map_err(|cause| Failure {
            step: first + at,
            statement: refused,
            cause,
        })?;
        at += count;
    }
    Ok(())
}

/// The steps that are meant for the engine, as they are on it.
pub(super) fn here(engine: Engine, steps: Vec<Step>) -> Vec<Step> {
    let on_it = |step: Step| {
        let op = on(&step.op, engine)?.into_owned();
        Some(Step { op, ..step })
    };
    steps.into_iter().filter_map(on_it).collect()
}

/// What is done at once: on SQLite, neighbours that share a rebuild of their table.
fn plan(engine: Engine, steps: &[Step]) -> Vec<Work<'_>> {
    match engine {
        Engine::Sqlite => dialect::sqlite::plan(steps),
        _ => steps.iter().map(Work::Step).collect(),
    }
}

/// Whether one of the steps builds a table anew.
pub(super) fn rebuilds(engine: Engine, steps: &[Step]) -> bool {
    engine == Engine::Sqlite && steps.iter().any(|step| dialect::sqlite::rebuilds(&step.op))
}

/// Whether one of the steps may only run with foreign keys off.
pub(super) fn keys_off(engine: Engine, steps: &[Step]) -> bool {
    engine == Engine::Sqlite && steps.iter().any(|step| dialect::sqlite::keys_off(&step.op))
}

async fn one(
    db: &DatabaseExecutor<'_>,
    step: &Step,
    mode: Mode,
    hear: Hear<'_>,
    refused: &mut Option<String>,
) -> Result<(), Cause> {
    let rows = match &step.op {
        Op::BulkInsert {
            table,
            columns,
            rows,
        } => data::insert(db, table, columns, rows).await?,
        Op::DeleteRows {
            table,
            column,
            values,
        } => data::delete(db, table, column, values).await?,
        // In a transaction of somebody else, batches would commit nothing; and PostgreSQL alters no
        // table whose rows still wait for a deferred key to be checked.
        Op::Backfill(spec) => {
            let mut rows = vec![data::Filling::new(db, spec).await?.whole(db)];
            if look::engine(db) == Engine::Postgres && mode.is_live() {
                let check = "SET CONSTRAINTS ALL IMMEDIATE";
                rows.push(Statement::from_string(db.get_database_backend(), check));
            }
            rows
        }
        Op::Run(run) => {
            if mode.is_live() {
                let transaction = db.begin().await?;
                (run.body)(&transaction).await?;
                TransactionSession::commit(transaction).await?;
            } else {
                hear(Heard::Statement(&format!("-- code: {}", run.why)));
            }
            return Ok(());
        }
        Op::RemoveEnumValue { .. } if mode == Mode::Live => {
            if let Some(held) = held::by(db, &step.op).await? {
                return Err(Cause::Held(held));
            }
            for sql in statements(db, step).await? {
                text(db, &sql, true, hear, refused).await?;
            }
            return Ok(());
        }
        Op::RenameEnumValue {
            from, to, used_by, ..
        } if look::engine(db) == Engine::Sqlite => {
            for sql in statements(db, step).await? {
                text(db, &sql, mode == Mode::Live, hear, refused).await?;
            }
            for used in used_by {
                follow_default(db, used, [from, to], mode, hear, refused).await?;
            }
            return Ok(());
        }
        _ => {
            for sql in statements(db, step).await? {
                text(db, &sql, mode != Mode::Hear, hear, refused).await?;
            }
            return Ok(());
        }
    };
    for statement in rows {
        bound(db, statement, mode.is_live(), hear, refused).await?;
    }
    Ok(())
}

/// The statements of a step on the schema. Where a step is to pass over what is done already, those
/// of PostgreSQL look for themselves; SQLite has no such statements.
async fn statements(db: &DatabaseExecutor<'_>, step: &Step) -> Result<Vec<String>, Cause> {
    let engine = look::engine(db);
    let needs = dialect::postgres::needs(&step.op);
    if engine == Engine::Postgres && !needs.is_empty() {
        let version = look::server_version(db).await?;
        for need in needs {
            need.met_by(version).map_err(Cause::Unsupported)?;
        }
    }
    if engine == Engine::Sqlite && step.guarded && is_done(db, &step.op).await? {
        return Ok(Vec::new());
    }
    if engine == Engine::Sqlite
        && let Op::AddColumn { table, .. } = &step.op
        && let Some(source) = source(db, table).await?
    {
        let statements = dialect::sqlite::statements_on(&source, &step.op);
        return statements.map_err(Cause::Unsupported);
    }
    sql(engine, step).map_err(Cause::Unsupported)
}

/// Whether a SQLite database is as the operation would leave it.
async fn is_done(db: &DatabaseExecutor<'_>, op: &Op) -> Result<bool, Cause> {
    let conditions = done_when(op);
    for (thing, there) in &conditions {
        let source = match thing {
            Thing::Table(table) | Thing::Part(table, _) => source(db, table).await?,
            Thing::Enum(_) | Thing::EnumValue(..) | Thing::Sequence(_) => None,
        };
        let is_there = dialect::sqlite::has(source.as_ref(), thing);
        if is_there.map_err(Cause::Unsupported)? != *there {
            return Ok(false);
        }
    }
    Ok(!conditions.is_empty())
}

/// The statements of a step, as far as they do not depend on what the database has.
pub(super) fn sql(engine: Engine, step: &Step) -> Result<Vec<String>, Unsupported> {
    match (&step.op, engine) {
        (Op::Execute { sql, .. }, _) => Ok(vec![sql.clone()]),
        (op, Engine::Sqlite) => dialect::sqlite::statements(op),
        (op, Engine::Postgres) if step.guarded => dialect::postgres::guarded(op),
        (op, Engine::Postgres) => dialect::postgres::statements(op),
        (_, Engine::MySql) => Err(Unsupported {
            engine,
            object: "this database".to_owned(),
            problem: "is not supported yet; use PostgreSQL or SQLite".to_owned(),
        }),
    }
}

/// The texts of a SQLite table; `None` when there is no such table.
pub(super) async fn source(
    db: &impl ConnectionTrait,
    table: &Name,
) -> Result<Option<TableSource>, DbErr> {
    let rows = look::rows(db, dialect::sqlite::SOURCES, []).await?;
    let rows: Vec<SchemaRow> = rows
        .iter()
        .map(|row| {
            Ok(SchemaRow {
                kind: row.try_get_by_index(0)?,
                name: row.try_get_by_index(1)?,
                table: row.try_get_by_index(2)?,
                sql: row.try_get_by_index(3)?,
            })
        })
        .collect::<Result<_, DbErr>>()?;
    Ok(TableSource::find(table, &rows))
}

fn would_lose(loss: &dialect::sqlite::Loss, count: u64) -> Unsupported {
    let noun = if count == 1 { "value" } else { "values" };
    Unsupported {
        engine: Engine::Sqlite,
        object: loss.object.clone(),
        problem: format!(
            "would lose {count} {noun}: {}; correct them first, or let them go with \
             `--allow-data-loss`",
            loss.problem
        ),
    }
}

/// Builds a SQLite table anew with these steps done.
async fn rebuild(
    db: &DatabaseExecutor<'_>,
    table: &Name,
    steps: &[&Step],
    mode: Mode,
    hear: Hear<'_>,
    refused: &mut Option<String>,
) -> Result<(), Cause> {
    let source = source(db, table)
        .await?
        .ok_or_else(|| DbErr::Custom(format!("no such table: {table}")))?;
    let rebuild = dialect::sqlite::rebuild(&source, steps).map_err(Cause::Unsupported)?;
    if mode == Mode::Live {
        for loss in &rebuild.losses {
            let count = look::count(db, &loss.count).await?;
            if count > 0 {
                return Err(Cause::Unsupported(would_lose(loss, count)));
            }
        }
    }
    for sql in rebuild.statements {
        let done = text(db, &sql, mode != Mode::Hear, hear, refused).await;
        if done.is_err() {
            // The connection may be a foreign runner's, who goes on with it.
            let _ = db.execute_unprepared(dialect::sqlite::RESTORE).await;
        }
        done?;
    }
    Ok(())
}

/// A SQLite column whose default is a value of an enum that was renamed gets the new one.
async fn follow_default(
    db: &DatabaseExecutor<'_>,
    used: &EnumUse,
    [from, to]: [&String; 2],
    mode: Mode,
    hear: Hear<'_>,
    refused: &mut Option<String>,
) -> Result<(), Cause> {
    let source = source(db, &used.table).await?;
    if !source.is_some_and(|it| dialect::sqlite::has_default(&it, &used.column, from)) {
        return Ok(());
    }
    let step = Step::from(Op::AlterColumn {
        table: used.table.clone(),
        column: used.column.clone(),
        change: Box::new(ColumnChange {
            default: Some(Some(DefaultValue::String(to.clone()))),
            ..ColumnChange::default()
        }),
        before: None,
    });
    rebuild(db, &used.table, &[&step], mode, hear, refused).await
}

pub(super) async fn text(
    db: &impl ConnectionTrait,
    sql: &str,
    run: bool,
    hear: Hear<'_>,
    refused: &mut Option<String>,
) -> Result<(), Cause> {
    hear(Heard::Statement(sql));
    if run && let Err(error) = db.execute_unprepared(sql).await {
        *refused = Some(sql.to_owned());
        return Err(error.into());
    }
    Ok(())
}

pub(super) async fn bound(
    db: &impl ConnectionTrait,
    statement: Statement,
    run: bool,
    hear: Hear<'_>,
    refused: &mut Option<String>,
) -> Result<u64, Cause> {
    let sql = statement.to_string();
    hear(Heard::Statement(&sql));
    if !run {
        return Ok(0);
    }
    match db.execute_raw(statement).await {
        Ok(result) => Ok(result.rows_affected()),
        Err(error) => {
            *refused = Some(sql);
            Err(error.into())
        }
    }
}

/// A step in words, on one line.
pub(super) fn words(step: &Step) -> String {
    describe(&step.op).join("; ")
}

/// A text that is the same as long as the step does the same: what the journal compares.
pub(super) fn fingerprint(engine: Engine, step: &Step) -> String {
    let sql = match &step.op {
        op if engine == Engine::Sqlite && dialect::sqlite::rebuilds(op) => None,
        Op::Backfill(_) | Op::BulkInsert { .. } | Op::DeleteRows { .. } | Op::Run(_) => None,
        _ => sql(engine, step).ok(),
    };
    let text = match sql {
        Some(sql) => format!("{}\n{}", words(step), sql.join("\n")),
        None => format!("{}\n{:?}\n{}", words(step), step.op, step.guarded),
    };
    // FNV-1a: the same on every platform and in every release of Rust.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}
