//! Asking the server what it makes of declared texts.
//!
//! The doubtful tables are built where only one connection sees them and nothing stays: in
//! PostgreSQL's temporary schema, in a transaction that is rolled back. No table of the user is
//! locked, read or named; foreign keys are left out, since they need no asking.

use std::collections::BTreeSet;
use std::path::Path;

use sea_orm::{DatabaseConnection, DbErr};

use super::cache::Cache;
use super::meaning::{Answer, Declared, Heard, adjust, settle};
use crate::dialect::{Question, Unsupported};
use crate::schema::{Engine, Schema};
use crate::source::catalog::Catalog;

/// Where declared tables may be built for a moment.
#[derive(Clone, Copy, Debug)]
pub enum Scratch<'a> {
    /// In the database that is compared.
    Here,
    /// In another database of the same version, at this URL.
    There(&'a str),
    /// Nowhere, and why: texts are compared as far as their meaning is sure.
    Nowhere(&'a str),
}

/// How a server is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The database that is compared.
    pub db: &'a DatabaseConnection,
    /// Where its tables may be built.
    pub scratch: Scratch<'a>,
    /// The file in which answers are remembered.
    pub cache: Option<&'a Path>,
}

/// The comparison cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The engine cannot hold something that is declared.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The connection is lost.
    #[error("asking for the server's words: {0}")]
    Database(#[from] DbErr),
}

/// Compares texts by what they mean: rewrites what `catalog` holds into the words in which it is
/// declared, wherever the server says that the two are one. Where entities (`want`) and history
/// (`base`) mean the same in other words, the entities are given history's. After this, comparing is
/// equality. What could not be asked is noted in the catalog, by name.
///
/// A schema whose texts are settled without asking, or by what is remembered, costs no statement.
///
/// # Errors
///
/// See [`AskError`]. A table that the server refuses to build is a note.
pub async fn ask(
    asking: Asking<'_>,
    engine: Engine,
    catalog: &mut Catalog,
    base: Option<&Schema>,
    want: &mut Schema,
) -> Result<(), AskError> {
    let entities = Declared::new(engine, want, catalog)?;
    let history = match base.filter(|base| *base != want) {
        Some(base) => Some(Declared::new(engine, base, catalog)?),
        None => None,
    };
    let sides: Vec<&Declared> = history.iter().chain([&entities]).collect();
    let mut heard = Heard::new();
    let mut open = questions(engine, &sides, catalog, &heard);
    if !open.is_empty() {
        let server = format!(
            "{} {} {}",
            engine.as_str(),
            catalog.server.version,
            catalog.server.search_path
        );
        let mut cache = Cache::read(asking.cache);
        for question in &open {
            let text = question.text();
            let answer = cache.get(&server, &text);
            if let Some(words) = answer.and_then(|line| question.read(line)) {
                heard.insert(text, Answer::Words(words));
            }
        }
        open = questions(engine, &sides, catalog, &heard);
        if !open.is_empty() {
            let answers = hear(asking, catalog, &open).await?;
            let mut new = false;
            for (question, answer) in open.iter().zip(answers) {
                let text = question.text();
                if let Answer::Words(words) = &answer {
                    cache.put(&server, &text, question.write(words));
                    new = true;
                }
                heard.insert(text, answer);
            }
            if new {
                cache.write(asking.cache);
            }
        }
    }
    let same = settle(engine, &sides, catalog, &heard);
    if let Some(base) = base {
        adjust(engine, &same, base, want);
    }
    Ok(())
}

/// What is open on either side, each question once.
fn questions(
    engine: Engine,
    sides: &[&Declared],
    catalog: &Catalog,
    heard: &Heard,
) -> Vec<Question> {
    let mut seen = BTreeSet::new();
    let all = sides
        .iter()
        .flat_map(|side| side.questions(engine, catalog, heard));
    all.filter(|question| seen.insert(question.text()))
        .collect()
}

/// The answers, in the order of the questions.
async fn hear(
    asking: Asking<'_>,
    catalog: &Catalog,
    open: &[Question],
) -> Result<Vec<Answer>, DbErr> {
    let refused = |reason: &str| {
        let answer = Answer::Refused(reason.to_owned());
        Ok(vec![answer; open.len()])
    };
    #[cfg(feature = "postgres")]
    return match asking.scratch {
        Scratch::Nowhere(reason) => refused(reason),
        Scratch::Here => super::scratch::hear(asking.db, true, catalog, open).await,
        Scratch::There(url) => match super::scratch::connect(url).await {
            Ok(db) => super::scratch::hear(&db, false, catalog, open).await,
            Err(error) => refused(&format!("the scratch database cannot be reached: {error}")),
        },
    };
    #[cfg(not(feature = "postgres"))]
    {
        let _ = (asking, catalog);
        refused("PostgreSQL is not compiled in")
    }
}
