//! What the entities declare.
//!
//! [`entities!`](crate::entities) lists them, [`Metadata::schema`] reads them: types, keys,
//! relations and indexes through SeaORM's own traits, and through [`TableExtras`] what `#[sea_orm]`
//! cannot say. An entity is never rendered to SQL here, so nothing depends on an engine.

mod error;
mod exclusion;
mod extras;
mod on;
mod options;
mod read;
#[cfg(feature = "autogenerate")]
mod sources;
mod unlisted;

use std::collections::BTreeMap;
use std::path::Path;

use crate::schema::{Engine, Name, Schema, Sequence, Table};

pub use error::EntityError;
pub use exclusion::ExclusionOptions;
pub use extras::{Extras, TableExtras};
pub use on::On;
pub use options::{ForeignKeyOptions, IndexOptions, PrimaryKeyOptions, UniqueOptions};
pub use unlisted::Unlisted;

#[doc(hidden)]
pub use read::{Plain, Probe, WithExtras};

/// Lists a project's entities by module: SeaORM's metadata, as `SQLModel.metadata` is Alembic's.
///
/// Each name is a module with an `Entity`, in any of SeaORM's formats; paths are fine too
/// (`billing::invoice`). A [`TableExtras`] implementation is picked up by itself.
///
/// ```standalone_crate
/// mod tag {
///     use sea_orm::entity::prelude::*;
///
///     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
///     #[sea_orm(table_name = "tags")]
///     pub struct Model {
///         #[sea_orm(primary_key)]
///         pub id: i32,
///         #[sea_orm(unique)]
///         pub name: String,
///     }
///
///     #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
///     pub enum Relation {}
///
///     impl ActiveModelBehavior for ActiveModel {}
/// }
///
/// pub fn metadata() -> seachange::Metadata {
///     seachange::entities![tag]
/// }
///
/// fn main() -> Result<(), seachange::source::entities::EntityError> {
///     let schema = metadata().schema()?;
///     assert!(schema.table(&"tags".into()).is_some());
///     Ok(())
/// }
/// ```
#[macro_export]
macro_rules! entities {
    ($($($module:ident)::+),* $(,)?) => {{
        #[allow(unused_imports)]
        use $crate::source::entities::{Plain as _, WithExtras as _};
        $crate::source::entities::Metadata::new(
            $crate::source::entities::Site {
                package: ::std::option_env!("CARGO_MANIFEST_DIR").unwrap_or_default(),
                module: ::std::module_path!(),
                file: ::std::file!(),
                line: ::std::line!(),
            },
            ::std::vec![$(
                (&$crate::source::entities::Probe::<$($module)::+::Entity>::new())
                    .listed(::std::stringify!($($module)::+))
            ),*],
        )
    }};
}

/// The entities of a project; [`entities!`](crate::entities) makes it.
#[derive(Clone, Debug)]
pub struct Metadata {
    site: Site,
    entities: Vec<Listed>,
    sequences: Vec<Sequence>,
    within: Option<String>,
    except: Vec<String>,
    include: Vec<String>,
    exclude: Vec<String>,
}

/// Where a list of entities stands.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Site {
    pub package: &'static str,
    pub module: &'static str,
    pub file: &'static str,
    pub line: u32,
}

/// One entity of the list.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// As the list writes it.
    word: &'static str,
    /// The module of its `Entity`, from the crate's name on.
    module: &'static str,
    read: fn(&'static str) -> Result<Table, EntityError>,
}

impl Metadata {
    #[doc(hidden)]
    pub fn new(site: Site, entities: Vec<Listed>) -> Self {
        Self {
            site,
            entities,
            sequences: Vec::new(),
            within: None,
            except: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
        }
    }

    /// Looks for entities that are not listed under this module only (`app::billing`), and not in
    /// the whole crate: for a crate whose entities live in more than one database.
    #[must_use]
    pub fn within(mut self, module: impl Into<String>) -> Self {
        self.within = Some(module.into());
        self
    }

    /// Leaves this module (`entity::views`) and those below it out of that search: its entities
    /// are views, or tables that another service owns.
    #[must_use]
    pub fn except(mut self, module: impl Into<String>) -> Self {
        self.except.push(module.into());
        self
    }

    /// Declares a sequence that no column owns (PostgreSQL). It is made before the tables, so that a
    /// default may take its values from it.
    ///
    /// ```standalone_crate
    /// use seachange::{Metadata, Sequence};
    ///
    /// fn metadata() -> Metadata {
    ///     seachange::entities![].sequence(Sequence::new("invoice_number").start(1000))
    /// }
    ///
    /// fn main() -> Result<(), seachange::source::entities::EntityError> {
    ///     let schema = metadata().schema()?;
    ///     assert!(schema.sequences.contains_key(&"invoice_number".into()));
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn sequence(mut self, sequence: Sequence) -> Self {
        self.sequences.push(sequence);
        self
    }

    /// Compares only what the pattern names, and what other such patterns name: `billing_*`, or
    /// with a kind, `index:ix_*`. `include` in `migration/seachange.toml` does the same.
    #[must_use]
    pub fn include(mut self, pattern: impl Into<String>) -> Self {
        self.include.push(pattern.into());
        self
    }

    /// Leaves what the pattern names out of every comparison, in entities, snapshot and database:
    /// `legacy_*` is a table with all that it has, `index:ix_hot_*`, `default:tasks.*` and the like
    /// are parts. `exclude` in `migration/seachange.toml` does the same.
    #[must_use]
    pub fn exclude(mut self, pattern: impl Into<String>) -> Self {
        self.exclude.push(pattern.into());
        self
    }

    /// The patterns of [`include`](Self::include) and [`exclude`](Self::exclude).
    pub fn patterns(&self) -> (&[String], &[String]) {
        (&self.include, &self.exclude)
    }

    /// How many entities are listed.
    pub fn count(&self) -> usize {
        self.entities.len()
    }

    /// The package of the entities, as one would type it from the workspace's root (`entity`).
    pub fn package(&self) -> &'static Path {
        // `file!()` begins at the workspace's root, so the package is the longest end of its
        // folder's path that the file begins with.
        let file = Path::new(self.site.file);
        let mut package = Path::new(self.site.package).components();
        loop {
            let rest = package.as_path();
            if file.starts_with(rest) {
                break if rest.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    rest
                };
            }
            package.next();
        }
    }

    /// Where the entity of a table should stand, as one would type it from the workspace's root:
    /// `entity/src/task.rs`, by the path of its module. It may be elsewhere.
    #[cfg(feature = "autogenerate")]
    pub fn file(&self, table: &Name) -> Option<std::path::PathBuf> {
        let is =
            |entity: &&Listed| (entity.read)(entity.module).is_ok_and(|read| read.name == *table);
        let module = self.entities.iter().find(is)?.module;
        let mut path = self.package().join("src");
        path.extend(module.split("::").skip(1));
        Some(path.with_extension("rs"))
    }

    /// What the entities declare.
    ///
    /// # Errors
    ///
    /// An entity of the crate is not listed, two declare one thing, or an entity
    /// contradicts itself; the error names the entity and the column.
    ///
    /// # Panics
    ///
    /// Only where a hand-written `RelationTrait::def` or `ColumnTrait::def` panics.
    pub fn schema(&self) -> Result<Schema, EntityError> {
        unlisted::check(self)?;
        let mut schema = Schema::default();
        let mut seen = Seen::default();
        for entity in &self.entities {
            let table = (entity.read)(entity.module)?;
            seen.table(entity.module, &table)?;
            schema.insert(table);
        }
        for sequence in &self.sequences {
            let name = sequence.name.clone();
            let is_table = schema.table(&name).is_some();
            let first = schema.sequences.insert(name.clone(), sequence.clone());
            if is_table || first.is_some() {
                return Err(EntityError::SameSequence {
                    name,
                    what: if is_table { "table" } else { "sequence" },
                });
            }
        }
        Ok(schema)
    }

    /// Whether each file that defines an entity is compiled: one that no `mod` reaches would be
    /// ignored without a word. Where the sources are absent, nothing is looked at.
    ///
    /// # Errors
    ///
    /// The first file that is not reached, and the line to add.
    #[cfg(feature = "autogenerate")]
    pub fn check_sources(&self) -> Result<(), EntityError> {
        sources::check(&self.site)
    }
}

/// Whose is what, where two entities cannot both have it.
#[derive(Default)]
struct Seen {
    tables: BTreeMap<Name, &'static str>,
    indexes: BTreeMap<Name, Vec<(Option<Engine>, Name)>>,
    enums: BTreeMap<Name, (String, Vec<String>)>,
}

impl Seen {
    fn table(&mut self, entity: &'static str, table: &Table) -> Result<(), EntityError> {
        if let Some(first) = self.tables.insert(table.name.clone(), entity) {
            return Err(EntityError::SameTable {
                table: table.name.clone(),
                first: first.to_owned(),
                second: entity.to_owned(),
            });
        }
        for index in &table.indexes {
            let name = Name {
                schema: table.name.schema.clone(),
                name: index.name.clone(),
            };
            let others = self.indexes.entry(name).or_default();
            let meets = |(only, _): &&(Option<Engine>, Name)| {
                only.is_none() || index.only.is_none() || *only == index.only
            };
            if let Some((_, first)) = others.iter().find(meets) {
                return Err(EntityError::SameIndex {
                    index: index.name.clone(),
                    first: first.clone(),
                    second: table.name.clone(),
                });
            }
            others.push((index.only, table.name.clone()));
        }
        for column in &table.columns {
            let Some((name, values)) = column.ty.enumeration() else {
                continue;
            };
            let here = format!("({}) in `{entity}.{}`", values.join(", "), column.name);
            let (first, expected) = self
                .enums
                .entry(name.clone())
                .or_insert_with(|| (here.clone(), values.to_vec()));
            if expected != values {
                return Err(EntityError::SameEnum {
                    name: name.clone(),
                    first: first.clone(),
                    second: here,
                });
            }
        }
        Ok(())
    }
}
