//! What can be wrong with a project's entities.

use std::path::PathBuf;

use super::Unlisted;
use crate::schema::{Name, UnreadableError};

/// The entities cannot be read as one schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntityError {
    /// An entity is derived but not listed.
    #[error(transparent)]
    Unlisted(Unlisted),
    /// A file defines an entity but is not compiled.
    #[error(
        "{} defines an entity, but no `mod {module};` reaches it, so it is not compiled\n  \
         add to {}:   pub mod {module};",
        file.display(), parent.display()
    )]
    NotCompiled {
        /// The file.
        file: PathBuf,
        /// The module that it would be.
        module: String,
        /// The file that would have to name it.
        parent: PathBuf,
    },
    /// Two entities declare one table.
    #[error(
        "`{first}` and `{second}` both declare table `{table}`; take one of them out of `entities!`"
    )]
    SameTable {
        /// The table.
        table: Name,
        /// The entity that is listed first.
        first: String,
        /// The other one.
        second: String,
    },
    /// Two fields of an entity declare one column.
    #[error("`{entity}`: two fields are column `{column}`; give one of them another `column_name`")]
    SameColumn {
        /// The entity.
        entity: String,
        /// The column.
        column: String,
    },
    /// Two indexes or constraints of a table have one name.
    #[error("`{entity}`: two {what} are called `{name}`; {advice}")]
    SameName {
        /// The entity.
        entity: String,
        /// What they are.
        what: &'static str,
        /// Their name.
        name: String,
        /// What to do.
        advice: &'static str,
    },
    /// Indexes of two tables have one name, which has to be unique in a database.
    #[error(
        "tables `{first}` and `{second}` both have an index `{index}`; give one of them another name"
    )]
    SameIndex {
        /// Their name.
        index: String,
        /// One table.
        first: Name,
        /// The other.
        second: Name,
    },
    /// Two columns use one enum type, with other values.
    #[error(
        "enum `{name}` is {first} and {second}; use one Rust enum for both, or another `enum_name`"
    )]
    SameEnum {
        /// The enum type.
        name: Name,
        /// Its values, and the entity and column that has them.
        first: String,
        /// The same of the other one.
        second: String,
    },
    /// A sequence has the name of something else that is declared.
    #[error("sequence `{name}` is declared beside a {what} of that name; rename one of them")]
    SameSequence {
        /// Their name.
        name: Name,
        /// What the other one is.
        what: &'static str,
    },
    /// A relation makes no foreign key that a database could hold.
    #[error("`{entity}`: the relation from ({}) {problem}", columns.join(", "))]
    Relation {
        /// The entity.
        entity: String,
        /// The columns on its side.
        columns: Vec<String>,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// `TableExtras` changes a foreign key that the entity does not have.
    #[error(
        "`{entity}`: `TableExtras` changes the foreign key on ({}), but no relation makes one; \
         declare a `belongs_to` from these columns, without `skip_fk`",
        columns.join(", ")
    )]
    NoForeignKey {
        /// The entity.
        entity: String,
        /// The columns.
        columns: Vec<String>,
    },
    /// A column's definition cannot be read.
    #[error("`{entity}`: {source}")]
    Unreadable {
        /// The entity.
        entity: String,
        /// What cannot be read.
        source: UnreadableError,
    },
}
