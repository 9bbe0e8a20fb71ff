//! Entities that are compiled but not listed.

use std::collections::BTreeSet;
use std::fmt;

use super::{EntityError, Metadata};

/// Entities that are derived but not in the list, so they would be ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    /// Their modules.
    pub modules: Vec<String>,
    /// The file of the list.
    pub file: String,
    /// The line that it begins on.
    pub line: u32,
    /// The list as it ought to be: each word, and whether it is to be added.
    pub words: Vec<(String, bool)>,
}

/// SeaORM's derive registers each entity that is compiled, by its module.
pub(super) fn check(metadata: &Metadata) -> Result<(), EntityError> {
    let site = metadata.site;
    let listed: BTreeSet<&str> = metadata.entities.iter().map(|e| e.module).collect();
    let crates: BTreeSet<&str> = listed
        .iter()
        .copied()
        .chain([site.module])
        .map(|module| module.split("::").next().unwrap_or(module))
        .collect();
    let missing: BTreeSet<&str> = inventory::iter::<sea_orm::EntityRegistry>()
        .map(|entity| entity.module_path)
        .filter(|module| match &metadata.within {
            Some(root) => is_under(module, root),
            None => crates.iter().any(|name| is_under(module, name)),
        })
        .filter(|module| !metadata.except.iter().any(|root| is_under(module, root)))
        .filter(|module| !listed.contains(module))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut words: Vec<(String, bool)> = metadata
        .entities
        .iter()
        .map(|entity| (entity.word.replace(' ', ""), false))
        .collect();
    let sorted = words.is_sorted();
    for module in &missing {
        let word = word(module, site.module);
        let at = if sorted {
            words.partition_point(|(other, _)| *other < word)
        } else {
            words.len()
        };
        words.insert(at, (word, true));
    }
    Err(EntityError::Unlisted(Unlisted {
        modules: missing.into_iter().map(str::to_owned).collect(),
        file: site.file.to_owned(),
        line: site.line,
        words,
    }))
}

fn is_under(module: &str, root: &str) -> bool {
    module
        .strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The module as the list, which stands in module `here`, would write it.
fn word(module: &str, here: &str) -> String {
    let root = here.split("::").next().unwrap_or(here);
    let below = |root: &str| module.strip_prefix(root)?.strip_prefix("::");
    match (below(here), below(root)) {
        (Some(rest), _) => rest.to_owned(),
        (None, Some(rest)) => format!("crate::{rest}"),
        (None, None) => module.to_owned(),
    }
}

impl std::error::Error for Unlisted {}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (is, they) = match self.modules.len() {
            1 => ("is", "it"),
            _ => ("are", "they"),
        };
        writeln!(
            f,
            "{} {is} derived but not listed, so {they} would be ignored",
            self.modules.join(", ")
        )?;
        let start = format!("  {}:{}   seachange::entities![", self.file, self.line);
        let all: Vec<usize> = (0..self.words.len()).collect();
        let (mut line, mut marks) = self.lines(&start, &all);
        if line.chars().count() > 100 {
            let near: Vec<usize> = all
                .into_iter()
                .filter(|at| {
                    let from = at.saturating_sub(1);
                    self.words[from..]
                        .iter()
                        .take(at - from + 2)
                        .any(|(_, add)| *add)
                })
                .collect();
            (line, marks) = self.lines(&start, &near);
        }
        write!(f, "{line}\n{marks} add")
    }
}

impl Unlisted {
    /// The list and the line of carets below it, with only these words.
    fn lines(&self, start: &str, shown: &[usize]) -> (String, String) {
        let mut line = start.to_owned();
        let mut marks = String::new();
        let mut next = 0;
        for &at in shown {
            if next > 0 {
                line.push_str(", ");
            }
            if at > next {
                line.push_str("…, ");
            }
            let (word, add) = &self.words[at];
            if *add {
                let column = line.chars().count();
                marks.push_str(&" ".repeat(column - marks.len()));
                marks.push_str(&"^".repeat(word.chars().count()));
            }
            line.push_str(word);
            next = at + 1;
        }
        line.push_str(if next == self.words.len() {
            "]"
        } else {
            ", …]"
        });
        (line, marks)
    }
}
