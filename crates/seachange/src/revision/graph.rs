//! The graph that revisions form: which follows which.

use std::collections::{BTreeMap, BTreeSet};

/// One revision before the graph is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The identifier.
    pub id: String,
    /// The source file, when the module told it.
    pub file: Option<String>,
    /// The identifiers it follows.
    pub parents: Vec<String>,
}

impl Node {
    fn place(&self) -> String {
        match &self.file {
            Some(file) => format!("`{}` ({file})", self.id),
            None => format!("`{}`", self.id),
        }
    }
}

/// The revisions form no history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// One revision is listed more than once.
    #[error("`{id}` stands twice in the list of `migrations()`; take one of the lines out")]
    Listed {
        /// The identifier.
        id: String,
    },
    /// Two revisions have one identifier.
    #[error("two revisions are called `{id}`: {first} and {second}; rename one of the files")]
    Duplicate {
        /// The identifier.
        id: String,
        /// Where the first one is.
        first: String,
        /// Where the second one is.
        second: String,
    },
    /// A revision follows one that is not there.
    #[error("{place} revises `{parent}`, which is not in the list of `migrations()`{}", did_you_mean(.closest))]
    MissingParent {
        /// The revision and its file.
        place: String,
        /// What it says it follows.
        parent: String,
        /// Identifiers that look like it.
        closest: Vec<String>,
    },
    /// A revision follows itself.
    #[error("{place} revises itself; name the revision that it follows")]
    SelfParent {
        /// The revision and its file.
        place: String,
    },
    /// Revisions follow each other in a circle.
    #[error("revisions follow each other in a circle: {}; correct one `revises`", .places.join(" revises "))]
    Cycle {
        /// The revisions and their files, each followed by one that it revises; the first comes
        /// again at the end.
        places: Vec<String>,
    },
}

/// Revisions in topological order: parents come first, and ties keep the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    ids: Vec<String>,
    parents: Vec<Vec<usize>>,
    children: Vec<Vec<usize>>,
}

impl Graph {
    /// Makes a graph of its nodes.
    ///
    /// # Errors
    ///
    /// An identifier comes twice, a parent is missing, or there is a circle.
    pub fn new(nodes: &[Node]) -> Result<Self, HistoryError> {
        let mut places = BTreeMap::new();
        for (at, node) in nodes.iter().enumerate() {
            if let Some(first) = places.insert(node.id.as_str(), at) {
                let first = &nodes[first];
                let id = node.id.clone();
                return Err(match (&first.file, &node.file) {
                    (Some(one), Some(other)) if one != other => HistoryError::Duplicate {
                        id,
                        first: one.clone(),
                        second: other.clone(),
                    },
                    _ => HistoryError::Listed { id },
                });
            }
        }
        let mut parents = Vec::with_capacity(nodes.len());
        for (at, node) in nodes.iter().enumerate() {
            let mut found = Vec::with_capacity(node.parents.len());
            for parent in &node.parents {
                match places.get(parent.as_str()) {
                    Some(&place) if place == at => {
                        let place = node.place();
                        return Err(HistoryError::SelfParent { place });
                    }
                    Some(&place) if found.contains(&place) => {}
                    Some(&place) => found.push(place),
                    None => {
                        return Err(HistoryError::MissingParent {
                            place: node.place(),
                            parent: parent.clone(),
                            closest: closest(parent, nodes.iter().map(|node| node.id.as_str())),
                        });
                    }
                }
            }
            parents.push(found);
        }
        let order = topological(&parents).map_err(|cycle| HistoryError::Cycle {
            places: cycle.into_iter().map(|at| nodes[at].place()).collect(),
        })?;
        let mut rank = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            rank[old] = new;
        }
        let parents: Vec<Vec<usize>> = order
            .iter()
            .map(|&old| parents[old].iter().map(|&parent| rank[parent]).collect())
            .collect();
        let mut children = vec![Vec::new(); parents.len()];
        for (at, parents) in parents.iter().enumerate() {
            for &parent in parents {
                children[parent].push(at);
            }
        }
        Ok(Self {
            ids: order.iter().map(|&old| nodes[old].id.clone()).collect(),
            parents,
            children,
        })
    }

    /// Identifiers in topological order; everything else counts places in this list.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The place of an identifier.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|known| known == id)
    }

    /// What a revision follows.
    pub fn parents(&self, at: usize) -> &[usize] {
        self.parents.get(at).map_or(&[], Vec::as_slice)
    }

    /// What follows a revision.
    pub fn children(&self, at: usize) -> &[usize] {
        self.children.get(at).map_or(&[], Vec::as_slice)
    }

    /// Revisions that follow none.
    pub fn roots(&self) -> Vec<usize> {
        (0..self.ids.len())
            .filter(|&at| self.parents[at].is_empty())
            .collect()
    }

    /// Revisions that none follows.
    pub fn heads(&self) -> Vec<usize> {
        (0..self.ids.len())
            .filter(|&at| self.children[at].is_empty())
            .collect()
    }

    /// These revisions and all that they build on.
    pub fn ancestors(&self, of: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        reach(of, |at| self.parents(at))
    }

    /// These revisions and all that build on them.
    pub fn descendants(&self, of: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        reach(of, |at| self.children(at))
    }

    /// Those of a set that no other of the set builds on, also not by way of one outside it.
    pub fn tips(&self, set: &BTreeSet<usize>) -> Vec<usize> {
        set.iter()
            .copied()
            .filter(|&at| self.descendants([at]).intersection(set).count() == 1)
            .collect()
    }
}

fn reach<'a>(
    from: impl IntoIterator<Item = usize>,
    next: impl Fn(usize) -> &'a [usize],
) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<usize> = from.into_iter().collect();
    while let Some(at) = open.pop() {
        if reached.insert(at) {
            open.extend(next(at));
        }
    }
    reached
}

/// Places with parents first, as near to the given order as that allows.
///
/// # Errors
///
/// A circle: each place is followed by one of its parents, and the first comes again at the end.
pub fn topological(parents: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut order = Vec::with_capacity(parents.len());
    let mut done = vec![false; parents.len()];
    for start in 0..parents.len() {
        // The places on the way from `start` down, each with how many of its parents were seen.
        let mut way: Vec<(usize, usize)> = Vec::new();
        if !done[start] {
            way.push((start, 0));
        }
        while let Some((at, seen)) = way.last_mut() {
            if let Some(&parent) = parents[*at].get(*seen) {
                *seen += 1;
                if let Some(begin) = way.iter().position(|(at, _)| *at == parent) {
                    let mut cycle: Vec<usize> = way[begin..].iter().map(|(at, _)| *at).collect();
                    cycle.push(parent);
                    return Err(cycle);
                }
                if !done[parent] {
                    way.push((parent, 0));
                }
            } else {
                done[*at] = true;
                order.push(*at);
                way.pop();
            }
        }
    }
    Ok(order)
}

/// The part of an identifier that comes from its message: `add_tags` of
/// `m20261120_090210_add_tags`.
pub fn slug(id: &str) -> &str {
    let dated = |id: &str| {
        let (date, rest) = id.strip_prefix('m')?.split_once('_')?;
        let (time, _) = rest.split_once('_')?;
        let digits = |text: &str, n| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
        (digits(date, 8) && digits(time, 6)).then_some(1 + 8 + 1 + 6 + 1)
    };
    dated(id).map_or(id, |at| &id[at..])
}

/// Up to three identifiers that look like what was typed, the likeliest first.
pub(super) fn closest<'a>(text: &str, ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut near: Vec<(usize, &str)> = ids
        .map(|id| (distance(text, id).min(distance(text, slug(id))), id))
        .filter(|(distance, _)| *distance <= text.chars().count() / 3)
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter()
        .take(3)
        .map(|(_, id)| id.to_owned())
        .collect()
}

/// How many letters have to be put in, taken out or replaced to make one text the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, &wanted) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != wanted);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

pub(super) fn did_you_mean(closest: &[String]) -> String {
    match closest {
        [] => String::new(),
        names => format!("; did you mean {}?", named(names, " or ")),
    }
}

/// Names in backticks, at most ten of them.
pub(super) fn named(names: &[String], between: &str) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(10)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len().saturating_sub(10) {
        0 => shown.join(between),
        more => format!("{} and {more} more", shown.join(between)),
    }
}
