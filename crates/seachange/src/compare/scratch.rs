//! PostgreSQL's temporary schema: declared tables are built in it, read back, and gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, Row as _};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseConnectionType, DbErr, RuntimeErr,
};

use super::meaning::Answer;
use crate::dialect::postgres::{create_scratch, values_are_equal};
use crate::dialect::{Piece, Question, literal};
use crate::schema::{EnumType, Name, Schema, Table};
use crate::source::catalog::{Catalog, postgres::read_temporary};

/// Tables that are built at once. Each takes locks of its own until it is gone, and a server has
/// room for a few thousand.
const CHUNK: usize = 200;

/// A table to build, with the pieces that are asked about in it.
#[derive(Clone, Debug)]
struct Build {
    /// Its columns alone.
    bare: Table,
    /// The same with all that is asked about.
    table: Table,
    enums: Vec<EnumType>,
    /// The numbers of the questions, and the pieces as they are called here.
    asked: Vec<(usize, Piece)>,
}

/// A connection of its own to another database.
pub(super) async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).max_connections(1);
    Database::connect(options).await
}

/// Asks all questions; `here` says that the database is the one that is compared, with its types.
pub(super) async fn hear(
    db: &DatabaseConnection,
    here: bool,
    catalog: &Catalog,
    open: &[Question],
) -> Result<Vec<Answer>, DbErr> {
    let all = |reason: &str| Ok(vec![Answer::Refused(reason.to_owned()); open.len()]);
    let DatabaseConnectionType::SqlxPostgresPoolConnection(_) = &db.inner else {
        return all("the connection is no pool of PostgreSQL's");
    };
    let pool = db.get_postgres_connection_pool();
    let mut transaction = pool.begin().await.map_err(query_error)?;
    if let Some(reason) = obstacle(&mut transaction, catalog).await? {
        return all(&reason);
    }
    if !here {
        let sql = format!(
            "SELECT pg_catalog.set_config('search_path', {}, true)",
            literal(&catalog.server.search_path)
        );
        run(&mut transaction, &sql).await?;
    }
    let known = if here {
        catalog.schema.clone()
    } else {
        Schema::default()
    };
    let mut answers = vec![Answer::Refused("the server gave no answer".to_owned()); open.len()];
    let mut left = chunks(builds(open));
    while let Some(chunk) = left.pop() {
        match attempt(&mut transaction, &known, &chunk).await? {
            Ok(read) => {
                for build in &chunk {
                    for (number, piece) in &build.asked {
                        answers[*number] = answer(&read, build, piece);
                    }
                }
            }
            Err(reason) => match split(&chunk) {
                Some((one, other)) => left.extend([one, other]),
                None => {
                    for (number, _) in chunk.iter().flat_map(|build| &build.asked) {
                        answers[*number] = Answer::Refused(reason.clone());
                    }
                }
            },
        }
    }
    for (question, answer) in open.iter().zip(&mut answers) {
        by_value(&mut transaction, question, answer).await?;
    }
    transaction.rollback().await.map_err(query_error)?;
    Ok(answers)
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), DbErr> {
    // Names and literals are quoted where the text is made; the rest is what entities declare.
    let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    query.execute(connection).await.map_err(query_error)?;
    Ok(())
}

/// Runs statements that the server may refuse: then nothing of them stays, and this is why.
async fn tried(
    connection: &mut PgConnection,
    sql: &str,
) -> Result<Result<Option<String>, String>, DbErr> {
    let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    match query.fetch_optional(connection).await {
        Ok(None) => Ok(Ok(None)),
        Ok(Some(row)) => Ok(Ok(row
            .try_get_raw(0)
            .ok()
            .and_then(|value| value.as_str().ok().map(str::to_owned)))),
        Err(sqlx::Error::Database(error)) => Ok(Err(format!(
            "PostgreSQL does not build it: {}",
            error.message()
        ))),
        Err(error) => Err(query_error(error)),
    }
}

/// What stands in the way of building anything.
async fn obstacle(
    connection: &mut PgConnection,
    catalog: &Catalog,
) -> Result<Option<String>, DbErr> {
    const QUERY: &str = "SELECT pg_catalog.pg_is_in_recovery()::text, \
         pg_catalog.current_setting('transaction_read_only'), \
         pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP')::text, \
         pg_catalog.current_setting('server_version_num')";
    let row = sqlx::raw_sql(QUERY)
        .fetch_one(connection)
        .await
        .map_err(query_error)?;
    let text = |at: usize| -> Result<String, DbErr> {
        let value = row.try_get_raw(at).map_err(query_error)?;
        let text = value
            .as_str()
            .map_err(|error| DbErr::Type(error.to_string()))?;
        Ok(text.to_owned())
    };
    if text(0)? == "true" {
        return Ok(Some(
            "this server is a hot standby, where no table can be built".to_owned(),
        ));
    }
    if text(1)? == "on" {
        return Ok(Some(
            "this connection is read-only, so that no table can be built".to_owned(),
        ));
    }
    if text(2)? != "true" {
        return Ok(Some(
            "this role has no TEMPORARY right on the database (GRANT TEMPORARY ON DATABASE …)"
                .to_owned(),
        ));
    }
    let version: u32 = text(3)?.parse().unwrap_or_default();
    if version / 10_000 != catalog.server.version / 10_000 {
        return Ok(Some(format!(
            "the scratch database is PostgreSQL {}, the one compared is {}",
            version / 10_000,
            catalog.server.version / 10_000
        )));
    }
    Ok(None)
}

/// The tables to build: the questions about one table share it, as long as they do not contradict
/// each other.
fn builds(open: &[Question]) -> Vec<Build> {
    let mut builds: Vec<Build> = Vec::new();
    let mut by_table: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
    for (number, question) in open.iter().enumerate() {
        let piece = called(&question.piece, number);
        let own = by_table.entry(&question.table.name).or_default();
        let fits = |build: &Build| {
            build.bare == question.table
                && build.enums == question.enums
                && is_alone(&question.piece).is_none_or(|column| {
                    let mut asked = build.asked.iter();
                    asked.all(|(_, piece)| is_alone(piece) != Some(column))
                })
                && !matches!(question.piece, Piece::Type { .. })
                && !matches!(build.asked.as_slice(), [(_, Piece::Type { .. }), ..])
        };
        match own.iter().find(|at| fits(&builds[**at])) {
            Some(at) => builds[*at].ask(number, piece),
            None => {
                own.push(builds.len());
                let mut build = Build {
                    bare: question.table.clone(),
                    table: question.table.clone(),
                    enums: question.enums.clone(),
                    asked: Vec::new(),
                };
                build.ask(number, piece);
                builds.push(build);
            }
        }
    }
    builds
}

impl Build {
    fn ask(&mut self, number: usize, piece: Piece) {
        piece.put(&mut self.table);
        self.asked.push((number, piece));
    }
}

/// The column that a piece changes: there can be one such piece.
fn is_alone(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Type { column, .. }
        | Piece::Default { column, .. }
        | Piece::Generated { column, .. } => Some(column),
        Piece::Index(_) | Piece::Check(_) | Piece::Exclusion(_) => None,
    }
}

/// A piece under a name that nothing else has.
fn called(piece: &Piece, number: usize) -> Piece {
    piece.named(Some(&format!("seachange {number}")))
}

/// Tables that can stand beside each other.
fn chunks(builds: Vec<Build>) -> Vec<Vec<Build>> {
    let mut chunks: Vec<Vec<Build>> = Vec::new();
    for build in builds {
        let fits = |chunk: &&mut Vec<Build>| {
            chunk.len() < CHUNK
                && chunk.iter().all(|other| {
                    let enums = |other: &&EnumType| {
                        let mut own = build.enums.iter();
                        own.all(|ty| ty.name.name != other.name.name || ty == *other)
                    };
                    other.table.name.name != build.table.name.name
                        && other.enums.iter().all(|ty| enums(&ty))
                })
        };
        match chunks.iter_mut().find(fits) {
            Some(chunk) => chunk.push(build),
            None => chunks.push(vec![build]),
        }
    }
    chunks
}

/// Two halves of what was refused; `None` when it is one piece.
fn split(chunk: &[Build]) -> Option<(Vec<Build>, Vec<Build>)> {
    match chunk {
        [] => None,
        [build] if build.asked.len() < 2 => None,
        [build] => {
            let (one, other) = build.asked.split_at(build.asked.len() / 2);
            let part = |asked: &[(usize, Piece)]| {
                let mut part = Build {
                    table: build.bare.clone(),
                    asked: Vec::new(),
                    ..build.clone()
                };
                for (number, piece) in asked {
                    part.ask(*number, piece.clone());
                }
                vec![part]
            };
            Some((part(one), part(other)))
        }
        builds => {
            let (one, other) = builds.split_at(builds.len() / 2);
            Some((one.to_vec(), other.to_vec()))
        }
    }
}

/// Builds the tables, reads them, and takes them away again.
async fn attempt(
    connection: &mut PgConnection,
    known: &Schema,
    chunk: &[Build],
) -> Result<Result<Schema, String>, DbErr> {
    // A type that is as it is declared need not be built, and one that gains a value has to be: the
    // value could not be used in the transaction that adds it.
    let mut seen = BTreeSet::new();
    let enums: Vec<EnumType> = chunk
        .iter()
        .flat_map(|build| &build.enums)
        .filter(|ty| ty.name.schema.is_none() && known.enums.get(&ty.name) != Some(ty))
        .filter(|ty| seen.insert(&ty.name))
        .cloned()
        .collect();
    let tables: Vec<&Table> = chunk.iter().map(|build| &build.table).collect();
    let statements = match create_scratch(&enums, &tables) {
        Ok(statements) => statements,
        Err(error) => return Ok(Err(error.to_string())),
    };
    run(connection, "SAVEPOINT seachange").await?;
    let built = tried(connection, &statements.join(";\n")).await?;
    let read = match built {
        Ok(_) => Ok(read_temporary(connection).await?.schema),
        Err(reason) => Err(reason),
    };
    run(connection, "ROLLBACK TO SAVEPOINT seachange").await?;
    Ok(read)
}

/// What the server has for a piece.
fn answer(read: &Schema, build: &Build, piece: &Piece) -> Answer {
    let mut tables = read.tables.values();
    let table = tables.find(|table| table.name.name == build.table.name.name);
    match table.and_then(|table| piece.counterpart(table)) {
        Some(words) => Answer::Words(words),
        None => Answer::Refused("the server makes nothing of it".to_owned()),
    }
}

/// Two constants may be one value in words that stay apart: `'24 hours'` and `'1 day'`.
async fn by_value(
    connection: &mut PgConnection,
    question: &Question,
    answer: &mut Answer,
) -> Result<(), DbErr> {
    let (Answer::Words(words), Some(found)) = (&*answer, &question.found) else {
        return Ok(());
    };
    let (
        Piece::Default {
            column,
            default: one,
        },
        Piece::Default { default: other, .. },
    ) = (words, found)
    else {
        return Ok(());
    };
    if one == other {
        return Ok(());
    }
    let ty = question.table.column(column).map(|column| &column.ty);
    let Some(sql) = ty.and_then(|ty| values_are_equal(one, other, ty)) else {
        return Ok(());
    };
    run(connection, "SAVEPOINT seachange").await?;
    let equal = tried(connection, &sql).await?;
    run(connection, "ROLLBACK TO SAVEPOINT seachange").await?;
    if equal == Ok(Some("true".to_owned())) {
        *answer = Answer::Words(found.clone());
    }
    Ok(())
}
