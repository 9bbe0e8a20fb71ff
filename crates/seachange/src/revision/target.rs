//! What people type to name a revision: `head`, `-1`, `add_tags`, `m2026…+2`.

use std::collections::BTreeSet;

use super::graph::{Graph, closest, did_you_mean, named, slug};

/// A word does not name the revision that is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No revision has it in its name.
    #[error("no revision has `{text}` in its name{}", did_you_mean(.closest))]
    Unknown {
        /// What was typed.
        text: String,
        /// Identifiers that look like it.
        closest: Vec<String>,
    },
    /// Several revisions have it in their names.
    #[error("{} revisions have `{text}` in their names: {}; type more of the one you mean", .matches.len(), named(.matches, ", "))]
    Ambiguous {
        /// What was typed.
        text: String,
        /// All of them.
        matches: Vec<String>,
    },
    /// One revision is needed, and the history has several heads.
    #[error("{} heads; `{text}` is ambiguous: {}; name one, or let one follow the other by the `revises` of its module", .heads.len(), named(.heads, ", "))]
    ManyHeads {
        /// What was typed.
        text: String,
        /// The heads.
        heads: Vec<String>,
    },
    /// One revision is needed, and the database is at several.
    #[error("the database is at {} revisions, so `{text}` is ambiguous: {}; name one", .current.len(), named(.current, ", "))]
    ManyCurrent {
        /// What was typed.
        text: String,
        /// Where the database is.
        current: Vec<String>,
    },
    /// A walk comes to a place with several ways on.
    #[error("`{text}` is ambiguous: from {at} there is more than one way: {}; name one", named(.choices, ", "))]
    Fork {
        /// What was typed.
        text: String,
        /// Where the ways part.
        at: String,
        /// Where they lead.
        choices: Vec<String>,
    },
    /// A walk comes to the end of the history too early.
    #[error("`{text}` goes too far: {}", too_far(*.up, *.have, .from))]
    TooFar {
        /// What was typed.
        text: String,
        /// Whether it was a walk up.
        up: bool,
        /// How many revisions there are that way.
        have: usize,
        /// From where.
        from: String,
    },
    /// A way down is to end at a revision that is not applied.
    #[error("`{id}` is not applied here, so there is no way down to it; the database is at {}", at_words(.current))]
    NotApplied {
        /// The revision.
        id: String,
        /// Where the database is.
        current: Vec<String>,
    },
    /// A way up is to end below where the database is.
    #[error("`{text}` is below where the database is ({}); to go back, type `downgrade {text}`", at_words(.current))]
    Below {
        /// What was typed.
        text: String,
        /// Where the database is.
        current: Vec<String>,
    },
    /// A number has the sign of the other way.
    #[error("`{text}` goes {}; type `{command}`", if *.up { "up" } else { "down" })]
    WrongWay {
        /// What was typed.
        text: String,
        /// Whether it goes up.
        up: bool,
        /// The command that goes there.
        command: String,
    },
    /// What was typed is no range.
    #[error("`{text}` is no range; type `FROM:TO`, `FROM:` or `:TO`")]
    NoRange {
        /// What was typed.
        text: String,
    },
}

fn too_far(up: bool, have: usize, from: &str) -> String {
    let (count, verb) = match have {
        0 => ("no revision".to_owned(), "comes"),
        1 => ("1 revision".to_owned(), "comes"),
        n => (format!("{n} revisions"), "come"),
    };
    format!(
        "{count} {verb} {} {from}",
        if up { "after" } else { "before" }
    )
}

fn at_words(current: &[String]) -> String {
    match current {
        [] => "base".to_owned(),
        current => named(current, ", "),
    }
}

/// A history, what of it is applied, and what was typed. Answers are places in [`Graph::ids`].
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The history.
    pub graph: &'a Graph,
    /// What is applied.
    pub applied: &'a BTreeSet<usize>,
    /// What was typed.
    pub text: &'a str,
}

type Answer<T> = Result<T, TargetError>;

impl Question<'_> {
    /// The revision that is meant; `None` is base.
    ///
    /// # Errors
    ///
    /// See [`TargetError`].
    pub fn resolve(&self) -> Answer<Option<usize>> {
        let text = self.text;
        if let Some((symbol, steps)) = relative(text)
            && (symbol.is_empty() || self.is_word(symbol) || self.matches(text).is_empty())
        {
            let from = match symbol {
                "" | "current" => self.current(),
                symbol => vec![self.symbol(symbol)?],
            };
            return self.walk(&from, steps);
        }
        match text {
            "current" => self.one_of_current(),
            symbol => self.symbol(symbol),
        }
    }

    /// What to apply, in that order.
    ///
    /// # Errors
    ///
    /// See [`TargetError`].
    pub fn upgrade_path(&self) -> Answer<Vec<usize>> {
        if self.text == "heads" {
            return Ok(self.not_applied(0..self.graph.ids().len()));
        }
        if let Some(("", steps)) = relative(self.text)
            && steps < 0
        {
            return Err(TargetError::WrongWay {
                text: self.text.to_owned(),
                up: false,
                command: format!("downgrade {}", self.text),
            });
        }
        let target = self.resolve()?;
        let below = match target {
            None => !self.applied.is_empty(),
            Some(at) if self.applied.contains(&at) => {
                self.graph
                    .descendants([at])
                    .intersection(self.applied)
                    .count()
                    > 1
            }
            Some(_) => false,
        };
        if below && self.text != "current" {
            return Err(TargetError::Below {
                text: self.text.to_owned(),
                current: self.current_ids(),
            });
        }
        Ok(self.not_applied(self.graph.ancestors(target)))
    }

    /// What to take back, in that order.
    ///
    /// # Errors
    ///
    /// See [`TargetError`].
    pub fn downgrade_path(&self) -> Answer<Vec<usize>> {
        if let Some(("", steps)) = relative(self.text) {
            if steps > 0 {
                return Err(TargetError::WrongWay {
                    text: self.text.to_owned(),
                    up: true,
                    command: format!("upgrade {}", self.text),
                });
            }
            return self.newest(steps.unsigned_abs());
        }
        let above: BTreeSet<usize> = match self.resolve()? {
            None => self.applied.clone(),
            Some(at) if self.applied.contains(&at) => {
                let mut above = self.graph.descendants([at]);
                above.remove(&at);
                above
            }
            Some(at) => {
                return Err(TargetError::NotApplied {
                    id: self.graph.ids()[at].clone(),
                    current: self.current_ids(),
                });
            }
        };
        Ok(newest_first(&above, self.applied))
    }

    /// The newest `count` applied revisions. One at a time, so that the newest is a merge as well
    /// as any other; with two to choose from nobody could say which.
    fn newest(&self, count: usize) -> Answer<Vec<usize>> {
        let mut left = self.applied.clone();
        let mut path = Vec::new();
        while path.len() < count {
            match self.graph.tips(&left).as_slice() {
                [] => {
                    return Err(TargetError::TooFar {
                        text: self.text.to_owned(),
                        up: false,
                        have: path.len(),
                        from: "here".to_owned(),
                    });
                }
                [newest] => {
                    left.remove(newest);
                    path.push(*newest);
                }
                several => {
                    return Err(TargetError::ManyCurrent {
                        text: self.text.to_owned(),
                        current: self.names(several),
                    });
                }
            }
        }
        Ok(path)
    }

    /// A range, newest first, both ends included; a walk that goes too far ends where the history
    /// does.
    ///
    /// # Errors
    ///
    /// See [`TargetError`].
    pub fn range(&self) -> Answer<Vec<usize>> {
        let (from, to) = self
            .text
            .split_once(':')
            .ok_or_else(|| TargetError::NoRange {
                text: self.text.to_owned(),
            })?;
        let all = || (0..self.graph.ids().len()).collect::<BTreeSet<usize>>();
        // A bare number counts from the other end, when that is no number itself.
        let relative_to = |text: &str, other: &str| match relative(text) {
            Some(("", _)) if !other.is_empty() && !matches!(relative(other), Some(("", _))) => {
                format!("{other}{text}")
            }
            _ => text.to_owned(),
        };
        let end = |text: String| -> Answer<Option<Vec<usize>>> {
            if text.is_empty() || text == "heads" {
                return Ok(None);
            }
            let question = Question {
                text: &text,
                ..*self
            };
            if text == "current" {
                let current = question.current().into_iter().flatten().collect::<Vec<_>>();
                return Ok((!current.is_empty()).then_some(current));
            }
            match question.resolve() {
                Ok(at) => Ok(at.map(|at| vec![at])),
                Err(TargetError::TooFar { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let above = match end(relative_to(from, to))? {
            Some(from) => self.graph.descendants(from),
            None => all(),
        };
        let below = match end(relative_to(to, from))? {
            Some(to) => self.graph.ancestors(to),
            None if to == "base" || to == "current" => BTreeSet::new(),
            None => all(),
        };
        Ok(newest_first(&above, &below))
    }

    fn is_word(&self, symbol: &str) -> bool {
        matches!(symbol, "head" | "heads" | "base" | "current")
    }

    /// A word, an identifier, or a part of one.
    fn symbol(&self, symbol: &str) -> Answer<Option<usize>> {
        match symbol {
            "base" => Ok(None),
            "head" | "heads" => match self.graph.heads().as_slice() {
                [] => Ok(None),
                [head] => Ok(Some(*head)),
                heads => Err(TargetError::ManyHeads {
                    text: self.text.to_owned(),
                    heads: self.names(heads),
                }),
            },
            part => match self.matches(part).as_slice() {
                [] => Err(TargetError::Unknown {
                    text: part.to_owned(),
                    closest: closest(part, self.graph.ids().iter().map(String::as_str)),
                }),
                [at] => Ok(Some(*at)),
                several => Err(TargetError::Ambiguous {
                    text: part.to_owned(),
                    matches: self.names(several),
                }),
            },
        }
    }

    /// The identifier itself, else those that have this slug, else those that contain the text.
    fn matches(&self, part: &str) -> Vec<usize> {
        let that = |meant: &dyn Fn(&str) -> bool| -> Vec<usize> {
            let ids = self.graph.ids().iter().enumerate();
            ids.filter(|(_, id)| meant(id)).map(|(at, _)| at).collect()
        };
        if part.is_empty() {
            return Vec::new();
        }
        let tries: [&dyn Fn(&str) -> bool; 3] = [&|id| id == part, &|id| slug(id) == part, &|id| {
            id.contains(part)
        }];
        tries
            .into_iter()
            .map(that)
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    /// Walks from a place, or from the several that a database is at.
    fn walk(&self, from: &[Option<usize>], steps: isize) -> Answer<Option<usize>> {
        let mut here = from.to_vec();
        for done in 0..steps.unsigned_abs() {
            let mut next: Vec<Option<usize>> = Vec::new();
            for at in &here {
                for step in self.neighbours(*at, steps > 0) {
                    if !next.contains(&step) {
                        next.push(step);
                    }
                }
            }
            match next.as_slice() {
                [] => {
                    return Err(TargetError::TooFar {
                        text: self.text.to_owned(),
                        up: steps > 0,
                        have: done,
                        from: self.place_words(from),
                    });
                }
                [_] => here = next,
                several => {
                    return Err(TargetError::Fork {
                        text: self.text.to_owned(),
                        at: self.place_words(&here),
                        choices: several.iter().map(|at| self.place_words(&[*at])).collect(),
                    });
                }
            }
        }
        match here.as_slice() {
            [at] => Ok(*at),
            several => Err(TargetError::ManyCurrent {
                text: self.text.to_owned(),
                current: several.iter().map(|at| self.place_words(&[*at])).collect(),
            }),
        }
    }

    fn neighbours(&self, at: Option<usize>, up: bool) -> Vec<Option<usize>> {
        match (at, up) {
            (None, false) => Vec::new(),
            (None, true) => self.graph.roots().into_iter().map(Some).collect(),
            (Some(at), true) => self.graph.children(at).iter().copied().map(Some).collect(),
            (Some(at), false) => match self.graph.parents(at) {
                [] => vec![None],
                parents => parents.iter().copied().map(Some).collect(),
            },
        }
    }

    fn one_of_current(&self) -> Answer<Option<usize>> {
        self.walk(&self.current(), 0)
    }

    /// Where the database is: at base, or at the applied revisions that no applied one follows.
    fn current(&self) -> Vec<Option<usize>> {
        match self.graph.tips(self.applied).as_slice() {
            [] => vec![None],
            tips => tips.iter().copied().map(Some).collect(),
        }
    }

    fn current_ids(&self) -> Vec<String> {
        self.names(&self.graph.tips(self.applied))
    }

    fn names(&self, places: &[usize]) -> Vec<String> {
        places
            .iter()
            .map(|&at| self.graph.ids()[at].clone())
            .collect()
    }

    fn place_words(&self, places: &[Option<usize>]) -> String {
        let names: Vec<&str> = places
            .iter()
            .map(|at| at.map_or("base", |at| &self.graph.ids()[at]))
            .collect();
        names.join(", ")
    }

    fn not_applied(&self, places: impl IntoIterator<Item = usize>) -> Vec<usize> {
        places
            .into_iter()
            .filter(|at| !self.applied.contains(at))
            .collect()
    }
}

fn newest_first(one: &BTreeSet<usize>, other: &BTreeSet<usize>) -> Vec<usize> {
    one.iter()
        .rev()
        .filter(|at| other.contains(at))
        .copied()
        .collect()
}

/// The word before, and the steps of, a text that ends in `+N` or `-N`.
fn relative(text: &str) -> Option<(&str, isize)> {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (rest, number) = text.split_at(text.len() - digits);
    if number.is_empty() {
        return None;
    }
    // More steps than fit are more than any history has.
    let steps = number.parse().unwrap_or(isize::MAX);
    if let Some(symbol) = rest.strip_suffix('+') {
        Some((symbol, steps))
    } else {
        rest.strip_suffix('-').map(|symbol| (symbol, -steps))
    }
}
