//! The journal: what each run of a revision did, and how to take it back.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};
use serde::{Deserialize, Serialize};

use super::event::Direction;
use super::look;
use crate::schema::{Engine, Name};

/// The journal's table. `sea-orm-cli generate entity` skips it for its underscore.
pub const TABLE: &str = "_seachange_journal";

/// The layout of a row that this version writes. Readers take columns by name and accept that some
/// are missing or unknown.
const FORMAT: i32 = 1;

/// How a run of a revision ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is done and recorded.
    Done,
    /// Some of its segments are done; it is running, or was cut off.
    Partial,
    /// It failed; segments that were done before stay.
    Failed,
    /// The record was changed by hand; nothing ran.
    Stamped,
    /// No revision: the database was put back to what its history made it.
    Repaired,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Stamped => "stamped",
            Self::Repaired => "repaired",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [
            Self::Done,
            Self::Partial,
            Self::Failed,
            Self::Stamped,
            Self::Repaired,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
    }
}

/// A step that is done: a text that tells whether it changed since, and its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneStep {
    /// A checksum of what it does.
    pub checksum: String,
    /// The step in words.
    pub text: String,
}

/// The statements that take a revision back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayDown {
    /// The statements, in order.
    pub statements: Vec<String>,
    /// Whether SQLite has to have foreign keys off for them.
    #[serde(default)]
    pub keys_off: bool,
}

/// A row of the journal: one run of a revision, in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub number: i64,
    /// The revision.
    pub id: String,
    /// Which way.
    pub direction: Direction,
    /// How it ended.
    pub status: Status,
    /// The checksum of the module's tokens; `None` when it has none.
    pub checksum: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The version of this library.
    pub tool: String,
    /// The host.
    pub host: String,
    /// The user of the operating system.
    pub login: String,
    /// How many steps it has.
    pub steps: i32,
    /// The steps that are done.
    pub done: Vec<DoneStep>,
    /// How many rows were filled.
    pub rows: i64,
    /// The step that failed, from 1.
    pub failed_step: Option<i32>,
    /// The error.
    pub error: Option<String>,
    /// The way down, when it is known as SQL.
    pub way_down: Option<WayDown>,
}

/// All rows that belong to a record table, oldest first. A table that is not there is an empty
/// journal; nothing is created.
///
/// # Errors
///
/// The database refuses the query.
pub async fn read(db: &impl ConnectionTrait, record_table: &str) -> Result<Vec<Run>, DbErr> {
    select(db, "record_table = $1", [record_table]).await
}

/// The newest row of each revision, whatever it tells.
pub(super) async fn latest(
    db: &impl ConnectionTrait,
    record_table: &str,
) -> Result<BTreeMap<String, Run>, DbErr> {
    let condition = "number in (select max(number) from _seachange_journal \
                     where record_table = $1 group by version)";
    let runs = select(db, condition, [record_table]).await?;
    Ok(runs.into_iter().map(|run| (run.id.clone(), run)).collect())
}

/// The newest row of a revision that ran up to its end.
pub(super) async fn applied_by(
    db: &impl ConnectionTrait,
    record_table: &str,
    id: &str,
) -> Result<Option<Run>, DbErr> {
    let condition = "record_table = $1 and version = $2 and direction = 'up' and status = 'done'";
    Ok(select(db, condition, [record_table, id]).await?.pop())
}

async fn select<const N: usize>(
    db: &impl ConnectionTrait,
    condition: &str,
    values: [&str; N],
) -> Result<Vec<Run>, DbErr> {
    if !look::has_table(db, &Name::from(TABLE)).await? {
        return Ok(Vec::new());
    }
    let sql = format!("select * from {TABLE} where {condition} order by number");
    let rows = look::rows(db, &sql, values).await?;
    Ok(rows.iter().filter_map(run).collect())
}

/// A row, unless it is of a kind that this version does not know.
fn run(row: &QueryResult) -> Option<Run> {
    fn column<T: sea_orm::TryGetable>(row: &QueryResult, name: &str) -> Option<T> {
        row.try_get::<Option<T>>("", name).ok().flatten()
    }
    let text = |name: &str| column::<String>(row, name);
    let json = |name: &str| text(name).unwrap_or_default();
    Some(Run {
        number: column(row, "number")?,
        id: text("version")?,
        direction: match text("direction")?.as_str() {
            "up" => Direction::Up,
            "down" => Direction::Down,
            _ => return None,
        },
        status: Status::parse(&text("status")?)?,
        checksum: text("checksum"),
        started_at: column(row, "started_at").unwrap_or_default(),
        duration_ms: column(row, "duration_ms").unwrap_or_default(),
        tool: text("tool").unwrap_or_default(),
        host: text("host").unwrap_or_default(),
        login: text("login").unwrap_or_default(),
        steps: column(row, "steps").unwrap_or_default(),
        done: serde_json::from_str(&json("done")).unwrap_or_default(),
        rows: column(row, "rows_filled").unwrap_or_default(),
        failed_step: column(row, "failed_step"),
        error: text("error"),
        way_down: serde_json::from_str(&json("way_down")).ok(),
    })
}

/// Makes the table if it is not there.
pub(super) async fn install(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    if look::has_table(db, &Name::from(TABLE)).await? {
        return Ok(());
    }
    let number = match look::engine(db) {
        Engine::Postgres => "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        _ => "integer PRIMARY KEY",
    };
    let sql = format!(
        "CREATE TABLE IF NOT EXISTS {TABLE} ( number {number}, format integer NOT NULL, \
         record_table text NOT NULL, version text NOT NULL, direction text NOT NULL, \
         status text NOT NULL, checksum text, started_at bigint NOT NULL, \
         duration_ms bigint NOT NULL, tool text NOT NULL, host text NOT NULL, login text NOT NULL, \
         steps integer NOT NULL, done text NOT NULL, rows_filled bigint NOT NULL, \
         failed_step integer, error text, way_down text )"
    );
    db.execute_unprepared(&sql).await.map(|_| ())
}

/// Writes a row: a new one for number 0, else over the one of that number. The number is returned.
pub(super) async fn write(
    db: &impl ConnectionTrait,
    record_table: &str,
    run: &Run,
) -> Result<i64, DbErr> {
    let json = |text: Result<String, serde_json::Error>| {
        text.map_err(|error| DbErr::Json(error.to_string()))
    };
    let way_down = run.way_down.as_ref().map(serde_json::to_string);
    let mut columns: Vec<(&str, Value)> = vec![
        ("format", FORMAT.into()),
        ("record_table", record_table.into()),
        ("version", run.id.as_str().into()),
        ("direction", run.direction.as_str().into()),
        ("status", run.status.as_str().into()),
        ("checksum", run.checksum.clone().into()),
        ("started_at", run.started_at.into()),
        ("duration_ms", run.duration_ms.into()),
        ("tool", run.tool.as_str().into()),
        ("host", run.host.as_str().into()),
        ("login", run.login.as_str().into()),
        ("steps", run.steps.into()),
        ("done", json(serde_json::to_string(&run.done))?.into()),
        ("rows_filled", run.rows.into()),
        ("failed_step", run.failed_step.into()),
        ("error", run.error.clone().into()),
        ("way_down", way_down.map(json).transpose()?.into()),
    ];
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let sql = if run.number == 0 {
        let places: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
        format!(
            "insert into {TABLE} ({}) values ({}) returning number",
            names.join(", "),
            places.join(", ")
        )
    } else {
        let pairs: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(at, name)| format!("{name} = ${}", at + 1))
            .collect();
        columns.push(("number", run.number.into()));
        format!(
            "update {TABLE} set {} where number = ${} returning number",
            pairs.join(", "),
            columns.len()
        )
    };
    let values: Vec<Value> = columns.into_iter().map(|(_, value)| value).collect();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    match db.query_one_raw(statement).await? {
        Some(row) => row.try_get_by_index(0),
        None => Ok(run.number),
    }
}
