//! PostgreSQL, version 12 and later.

mod alter;
mod canonical;
mod constraints;
mod ddl;
mod default;
mod enums;
mod guard;
mod lex;
mod meaning;
mod names;
mod numbering;
mod online;
mod options;
mod parse;
mod reads;
mod scratch;
mod sequences;
mod since;
mod types;

use super::Capabilities;

pub use alter::in_full;
pub use canonical::SYSTEM_COLUMNS;
pub use canonical::canonical;
#[cfg(feature = "postgres")]
pub(crate) use canonical::{column_object, settle, settle_sequence};
pub use ddl::statements;
#[cfg(feature = "migrate")]
pub(crate) use default::next_value;
pub(crate) use default::{is_doubtful, same_default};
pub use guard::guarded;
#[cfg(feature = "postgres")]
pub(crate) use lex::identifier;
pub use lex::normal;
pub(crate) use meaning::means_the_same;
pub(crate) use names::is_chosen_name;
pub use online::{Online, online};
pub(super) use reads::reads_as;
pub use scratch::{create_scratch, values_are_equal};
pub use since::{Need, check_version, needs};
pub use types::{parse_type, type_sql, using_clause};

/// What PostgreSQL can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    transactional_ddl: true,
    named_enums: true,
    comments: true,
    alter_in_place: true,
    schemas: true,
    index_include: true,
    index_methods: true,
    identifier_bytes: Some(NAME_BYTES),
};

/// Bytes that an identifier keeps; the server cuts the rest off.
const NAME_BYTES: usize = 63;

fn unsupported(object: impl Into<String>, problem: impl Into<String>) -> super::Unsupported {
    super::Unsupported {
        engine: crate::schema::Engine::Postgres,
        object: object.into(),
        problem: problem.into(),
    }
}
