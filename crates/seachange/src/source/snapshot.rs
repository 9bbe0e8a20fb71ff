//! The snapshot file: what the entities declared when the newest revision was written.

use std::collections::BTreeSet;
use std::fmt;

use crate::schema::{Engine, ParseFactError, Schema, facts, from_facts};

/// What the entities declared, and the revisions that made the database so.
///
/// ```
/// use seachange::source::snapshot::Snapshot;
///
/// let text = "\
/// ## seachange snapshot, format 1
/// ## at m20261120_090210_add_tags
/// tags table
/// tags column id integer not null auto_increment
/// tags primary key (id)
/// ";
/// let snapshot = Snapshot::parse(text)?;
/// assert_eq!(snapshot.heads, ["m20261120_090210_add_tags"]);
/// assert_eq!(snapshot.to_string(), text);
/// # Ok::<(), seachange::source::snapshot::SnapshotError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The heads of the history that it was written for; none before the first revision.
    pub heads: Vec<String>,
    /// The engines of the databases that the project was adopted from, where migrations that recorded
    /// nothing had made them. What they made on another engine nobody has seen yet.
    pub adopted: BTreeSet<Engine>,
    /// What the entities declared then.
    pub schema: Schema,
}

/// The file is no snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// It does not begin as one.
    #[error(
        "line 1: `{FIRST_LINE}` is expected; take the file back from version control, or write it anew with `snapshot --accept`"
    )]
    NoSnapshot,
    /// A newer version wrote it.
    #[error(
        "line 1: the snapshot has format {found}, and this version reads format {FORMAT}; update seachange"
    )]
    Newer {
        /// The format of the file.
        found: u32,
    },
    /// The line that names the heads is missing.
    #[error(
        "line 2: `{AT}` and the newest revision are expected (`{AT}{BASE}` before the first one)"
    )]
    NoHeads,
    /// A merge left its markers.
    #[error(
        "line {line}: a merge conflict is not resolved; keep the facts of both sides, and below `{AT}` the revisions of both"
    )]
    Conflict {
        /// The line, counted from 1.
        line: usize,
    },
    /// A line cannot be read.
    #[error(transparent)]
    Fact(#[from] ParseFactError),
}

const FORMAT: u32 = 1;
const FIRST_LINE: &str = "# seachange snapshot, format 1";
const AT: &str = "# at ";
const BASE: &str = "base";
const ADOPTED: &str = "# adopted on ";

impl Snapshot {
    /// Reads the text of a snapshot file.
    ///
    /// # Errors
    ///
    /// The first line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, SnapshotError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let markers = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
        for (at, line) in text.lines().enumerate() {
            if markers.iter().any(|marker| line.starts_with(marker)) {
                return Err(SnapshotError::Conflict { line: at + 1 });
            }
        }
        let first = text.lines().next().unwrap_or_default();
        let format = first
            .trim_end()
            .strip_prefix(FIRST_LINE.trim_end_matches(|c: char| c.is_ascii_digit()))
            .and_then(|number| number.parse::<u32>().ok())
            .filter(|&format| format > 0)
            .ok_or(SnapshotError::NoSnapshot)?;
        if format > FORMAT {
            return Err(SnapshotError::Newer { found: format });
        }
        // Two of these lines stand for two heads: both sides of a merge were kept.
        let named = |prefix| {
            let lines = text
                .lines()
                .filter_map(move |line| line.strip_prefix(prefix));
            lines.flat_map(|names| names.split(',')).map(str::trim)
        };
        if named(AT).next().is_none() {
            return Err(SnapshotError::NoHeads);
        }
        let mut heads: Vec<String> = named(AT)
            .filter(|id| !id.is_empty() && *id != BASE)
            .map(str::to_owned)
            .collect();
        heads.sort();
        heads.dedup();
        Ok(Self {
            heads,
            adopted: named(ADOPTED).filter_map(engine).collect(),
            schema: from_facts(text, 1)?,
        })
    }
}

fn engine(word: &str) -> Option<Engine> {
    let mut engines = Engine::ALL.into_iter();
    engines.find(|engine| engine.word() == word)
}

impl fmt::Display for Snapshot {
    /// The text of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut heads = self.heads.clone();
        heads.sort();
        let heads = if heads.is_empty() {
            BASE.to_owned()
        } else {
            heads.join(", ")
        };
        writeln!(f, "{FIRST_LINE}\n{AT}{heads}")?;
        if !self.adopted.is_empty() {
            let engines: Vec<&str> = self.adopted.iter().map(|engine| engine.word()).collect();
            writeln!(f, "{ADOPTED}{}", engines.join(", "))?;
        }
        for fact in facts(&self.schema) {
            writeln!(f, "{fact}")?;
        }
        Ok(())
    }
}
