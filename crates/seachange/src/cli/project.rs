//! The sources of a project: its migration package and the snapshot.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sea_orm::DatabaseConnection;

use super::error::{Failure, code};
use super::session::Session;
use crate::compare::{self, Adopted, AskError, Asking, BaseError, Filter, Scratch};
use crate::dialect::Note;
use crate::revision::directory::DirectoryError;
use crate::schema::{Engine, Key, Schema};
use crate::source::catalog::Catalog;
use crate::source::entities::Metadata;
use crate::source::snapshot::Snapshot;

/// The settings of a project, in its migration package.
const SETTINGS: &str = "seachange.toml";

/// Where a project keeps its revisions.
#[derive(Debug)]
pub(super) struct Project {
    /// The project's root, for shorter names in messages.
    root: PathBuf,
    /// The migration package.
    pub(super) directory: PathBuf,
    pub(super) snapshot: Option<Snapshot>,
}

/// What `migration/seachange.toml` says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The engines that the project runs on, beside the one at hand.
    #[serde(default)]
    engines: Vec<EngineName>,
    /// What is compared: patterns, as [`Filter`] has them.
    #[serde(default)]
    include: Vec<String>,
    /// What is not.
    #[serde(default)]
    exclude: Vec<String>,
}

#[derive(Clone, Copy, Debug, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum EngineName {
    Postgres,
    Sqlite,
}

impl Project {
    /// The sources of this project.
    pub(super) fn open(session: &Session) -> Result<Self, Failure> {
        let mut project = Self::locate(session)?;
        if let Some((name, text)) = project.text("entities.snapshot")? {
            let snapshot = Snapshot::parse(&text)
                .map_err(|error| Failure::failed(format!("{name}: {error}")))?;
            project.snapshot = Some(snapshot);
        }
        Ok(project)
    }

    /// The same without reading the snapshot, for a command that writes it anew.
    pub(super) fn locate(session: &Session) -> Result<Self, Failure> {
        let root = session.config.root.clone();
        let directory = root.join("migration");
        if !directory.join("src").is_dir() {
            return Err(Failure::failed(format!(
                "there are no sources here: `{}` has no `migration/src`",
                root.display()
            ))
            .hint("run this in the project's folder; an image can upgrade, downgrade and look"));
        }
        Ok(Self {
            root,
            directory,
            snapshot: None,
        })
    }

    pub(super) fn snapshot_file(&self) -> PathBuf {
        self.directory.join("entities.snapshot")
    }

    /// A path as messages show it: from the project's root.
    pub(super) fn shown(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.display().to_string()
    }

    /// What went wrong with its files.
    pub(super) fn failed(&self, error: DirectoryError) -> Failure {
        Failure::failed(error.relative_to(&self.root))
    }

    /// A file of the migration package, and how messages call it; `None` when it is not there.
    fn text(&self, file: &str) -> Result<Option<(String, String)>, Failure> {
        let path = self.directory.join(file);
        let name = self.shown(&path);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some((name, text))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::failed(format!("`{name}`: {error}"))),
        }
    }

    /// The answers file.
    pub(super) fn answers(&self) -> Result<Option<(String, String)>, Failure> {
        self.text(super::answers::FILE)
    }

    /// Whether there is a file of that name, seen from the project's root.
    pub(super) fn has(&self, file: &Path) -> bool {
        self.root.join(file).is_file()
    }

    fn settings(&self) -> Result<Settings, Failure> {
        let Some((name, text)) = self.text(SETTINGS)? else {
            return Ok(Settings::default());
        };
        toml::from_str(&text)
            .map_err(|error| Failure::new(code::USAGE, format!("`{name}`: {error}")))
    }

    /// The engines that the project runs on, as its settings say.
    pub(super) fn engines(&self) -> Result<Vec<Engine>, Failure> {
        let engine = |name: &EngineName| match name {
            EngineName::Postgres => Engine::Postgres,
            EngineName::Sqlite => Engine::Sqlite,
        };
        Ok(self.settings()?.engines.iter().map(engine).collect())
    }

    /// What the settings and the list of entities leave out of comparisons.
    pub(super) fn filter(&self, metadata: &Metadata) -> Result<Filter, Failure> {
        let settings = self.settings()?;
        let filter = Filter::new(&settings.include, &settings.exclude).map_err(|error| {
            let path = self.shown(&self.directory.join(SETTINGS));
            Failure::usage(format!("`{path}`: {error}"))
        })?;
        let (include, exclude) = metadata.patterns();
        let in_code = Filter::new(include, exclude)
            .map_err(|error| Failure::usage(format!("the list of entities: {error}")))?;
        Ok(filter.and(in_code))
    }

    /// Whether there is no snapshot yet, so that the database tells what is declared and done.
    pub(super) fn adopts(&self) -> bool {
        self.snapshot.is_none()
    }

    /// Reads the session's database, without what belongs to the tool.
    pub(super) async fn read(
        &self,
        db: &DatabaseConnection,
        session: &Session,
        want: &Schema,
    ) -> Result<Catalog, Failure> {
        let held = self.snapshot.as_ref().map(|snapshot| &snapshot.schema);
        compare::read(
            db,
            &compare::known(want, held),
            session.history.record_table(),
        )
        .await
        .map_err(|error| Failure::failed(format!("reading {}: {error}", session.url())))
    }

    /// The engines that the project is adopted on once a revision is written on this one. One of
    /// which a part of the tables was left out still has to be looked at.
    pub(super) fn adopted_on(
        &self,
        engine: Engine,
        base: &Schema,
        is_part: bool,
    ) -> BTreeSet<Engine> {
        let is_new = match &self.snapshot {
            Some(Snapshot { adopted, .. }) if is_part || adopted.is_empty() => false,
            Some(_) => true,
            None => !base.tables.is_empty(),
        };
        let before = self.snapshot.iter().flat_map(|snapshot| &snapshot.adopted);
        before.copied().chain(is_new.then_some(engine)).collect()
    }

    /// Takes what no recorded step made as it is here, where the project was adopted on other engines
    /// only, and tells what contradicts the entities or is missing here.
    pub(super) fn adopt_on(
        &self,
        session: &Session,
        base: &mut Schema,
        engine: Engine,
        catalog: &Catalog,
    ) -> Result<BTreeSet<Key>, Failure> {
        let adopted = self.snapshot.as_ref().map(|snapshot| &snapshot.adopted);
        if adopted.is_none_or(|on| on.is_empty() || on.contains(&engine)) {
            return Ok(BTreeSet::new());
        }
        let recorded = recorded(session)?;
        let (here, contradicting) = compare::adopt_on(base, &recorded, engine, catalog)?;
        *base = here;
        Ok(contradicting)
    }

    /// What history made of the entities: the snapshot and the revisions since; or, for a project
    /// without one, what entities and database agree on.
    pub(super) fn base(
        &self,
        session: &Session,
        want: &Schema,
        database: Option<(Engine, &Catalog)>,
    ) -> Result<Schema, Failure> {
        if let Some(snapshot) = &self.snapshot {
            return compare::base(snapshot, &session.history, want).map_err(unfit);
        }
        let written = session
            .history
            .entries()
            .iter()
            .find(|entry| entry.header.is_some());
        if let Some(entry) = written {
            return Err(Failure::failed(format!(
                "`migration/entities.snapshot` is missing, though `{}` is in the history",
                entry.id
            ))
            .hint("take it back:   git checkout -- migration/entities.snapshot")
            .hint("or, if the entities declare nothing that is not in history:   cargo db snapshot --accept"));
        }
        match database {
            Some((engine, catalog)) => Ok(compare::adopt(want, engine, catalog)?),
            None if session.history.entries().is_empty() => Ok(Schema::default()),
            None => Err(Failure::failed(
                "there is no `migration/entities.snapshot` to compare with",
            )
            .hint("without a snapshot a database is needed: run it without --offline")),
        }
    }
}

fn unfit(error: BaseError) -> Failure {
    let failure = Failure::failed(&error);
    match error {
        BaseError::UnknownHead { at } => failure
            .hint(format!("bring the module back:   git log --all --oneline -- '*{at}.rs'"))
            .hint("or take back the snapshot that belongs to your history:   git checkout -- migration/entities.snapshot")
            .hint("or take what the entities declare as done:   cargo db snapshot --accept"),
        BaseError::Beside { .. } => failure
            .hint("let one of them revise the other (the `revises` of its module), then keep the facts of both sides in the snapshot"),
        BaseError::Unreadable { .. } => failure,
    }
}

/// Entities as they are declared now, and what they read that the engine has by itself. What is
/// forgotten on the way is an error.
pub(super) fn entities(
    session: &Session,
    metadata: &Metadata,
) -> Result<(Schema, Vec<Note>), Failure> {
    metadata.check_sources()?;
    let mut schema = metadata.schema()?;
    let notes = compare::without_system_columns(session.url().engine(), &mut schema);
    Ok((schema, notes))
}

/// Rewrites what no recorded step made into the words of what history made, where the two do not
/// contradict each other, and tells what it rewrote.
pub(super) fn settle(
    session: &Session,
    base: &Schema,
    engine: Engine,
    catalog: &mut Catalog,
) -> Result<Vec<Adopted>, Failure> {
    Ok(compare::settle(base, &recorded(session)?, engine, catalog)?)
}

/// What recorded steps made.
pub(super) fn recorded(session: &Session) -> Result<Schema, Failure> {
    compare::recorded(&session.history).map_err(unfit)
}

/// Compares the texts of a catalog by what they mean, and leaves it in declared words; see
/// [`compare::ask`].
pub(super) async fn ask(
    session: &Session,
    db: &DatabaseConnection,
    catalog: &mut Catalog,
    base: Option<&Schema>,
    want: &mut Schema,
) -> Result<(), Failure> {
    let url = session.url();
    let other = session.config.scratch.as_ref();
    let scratch = match other.filter(|other| other.engine() == url.engine()) {
        Some(other) => Scratch::There(other.as_str()),
        None if url.is_local() || session.global.scratch_here => Scratch::Here,
        None => Scratch::Nowhere(
            "this server is not on this machine; say --scratch-here to build the table in a \
             temporary place of it, or set SCRATCH_DATABASE_URL",
        ),
    };
    let cache = session.config.cache.join("answers");
    let asking = Asking {
        db,
        scratch,
        cache: Some(&cache),
    };
    compare::ask(asking, url.engine(), catalog, base, want)
        .await
        .map_err(|error| match error {
            AskError::Unsupported(error) => Failure::from(error),
            AskError::Database(_) => Failure::failed(error),
        })
}
