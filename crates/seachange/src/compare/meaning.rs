//! What is the same in other words: declared texts beside the ones that a server keeps.

use std::collections::{BTreeMap, BTreeSet};

use crate::dialect::piece::{has_pieces, pieces};
use crate::dialect::{self, Note, Piece, Question, Unsupported, Verdict, canonical};
use crate::op::mentions_sequence;
use crate::schema::{Check, DefaultValue, Engine, EnumType, Exclusion, Index, Name, Schema, Table};
use crate::source::catalog::Catalog;

/// What the server said to a question.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// The piece in its own words.
    Words(Piece),
    /// Why there are none.
    Refused(String),
}

/// Answers by the text of their questions.
pub(super) type Heard = BTreeMap<String, Answer>;

/// What became of a declared piece.
#[derive(Debug)]
enum State {
    /// This piece of the database means the same.
    Same(Piece),
    /// The server has these words for it, and nothing in the database does.
    Words(Piece),
    /// The server has to be asked.
    Open(Box<Question>),
    /// It could not be asked; this piece of the database may or may not mean the same.
    Unknown(Piece, String),
    /// There is nothing to compare it with.
    Alone,
}

/// A declared schema, as far as it holds texts that a server may have rewritten.
pub(super) struct Declared {
    tables: BTreeMap<Name, Table>,
    enums: Vec<EnumType>,
    /// The sequences that are not in the database.
    missing: Vec<Name>,
}

impl Declared {
    /// The tables of a schema that hold such texts and are in the database.
    pub(super) fn new(
        engine: Engine,
        schema: &Schema,
        catalog: &Catalog,
    ) -> Result<Self, Unsupported> {
        let schema = schema.on(engine);
        let part = Schema {
            tables: schema
                .tables
                .iter()
                .filter(|(name, _)| catalog.schema.tables.contains_key(name))
                .filter(|(_, table)| has_pieces(engine, table))
                .map(|(name, table)| (name.clone(), table.clone()))
                .collect(),
            enums: schema.enums.clone(),
            ..Schema::default()
        };
        if part.tables.is_empty() {
            return Ok(Self {
                tables: BTreeMap::new(),
                enums: Vec::new(),
                missing: Vec::new(),
            });
        }
        let words = canonical(engine, &part)?.schema;
        let here = &catalog.schema.sequences;
        let missing = schema.sequences.keys();
        let missing = missing.filter(|name| !here.contains_key(*name));
        Ok(Self {
            tables: words.tables,
            enums: words.enums.into_values().collect(),
            missing: missing.cloned().collect(),
        })
    }

    /// Whether a piece takes its values from a sequence that is not in the database: then nothing
    /// there is the same, and the server would refuse it.
    fn is_ahead(&self, piece: &Piece) -> bool {
        let Piece::Default {
            default: DefaultValue::Expr(sql),
            ..
        } = piece
        else {
            return false;
        };
        let mut missing = self.missing.iter();
        missing.any(|sequence| mentions_sequence(sql, sequence))
    }

    /// The questions that are open. An answer is only believed where it makes two texts the same:
    /// it may have been given before something changed that it depends on.
    pub(super) fn questions(
        &self,
        engine: Engine,
        catalog: &Catalog,
        heard: &Heard,
    ) -> Vec<Question> {
        let mut open = Vec::new();
        for (table, have) in self.pairs(catalog) {
            for found in look(engine, self, table, have, heard) {
                match found {
                    (_, State::Open(question)) => open.push(*question),
                    (piece, State::Words(_)) => {
                        open.push(Question::new(
                            piece.clone(),
                            table,
                            have,
                            &self.enums,
                            piece.counterpart(have),
                        ));
                    }
                    _ => {}
                }
            }
        }
        open
    }

    fn pairs<'a>(&'a self, catalog: &'a Catalog) -> impl Iterator<Item = (&'a Table, &'a Table)> {
        let tables = self.tables.values();
        tables.filter_map(|table| {
            let have = catalog.schema.table(&table.name)?;
            (have != table).then_some((table, have))
        })
    }
}

/// Every doubtful piece of a table, and what became of it.
fn look(
    engine: Engine,
    side: &Declared,
    table: &Table,
    have: &Table,
    heard: &Heard,
) -> Vec<(Piece, State)> {
    let mut pieces = pieces(engine, table);
    pieces.retain(|piece| !side.is_ahead(piece));
    let declared = |found: &Piece| {
        found
            .name()
            .is_some_and(|name| pieces.iter().any(|piece| piece.name() == Some(name)))
    };
    let mut taken: Vec<Piece> = Vec::new();
    let mut states: Vec<Option<State>> = Vec::new();
    let mut answers = Vec::new();
    // What is the same beyond doubt goes first, so that nothing else is taken for it.
    for piece in &pieces {
        let candidates: Vec<Piece> = match piece.counterpart(have) {
            Some(found) => vec![found],
            None => {
                let others = piece.candidates(have).into_iter();
                others
                    .filter(|found| !declared(found))
                    .filter(|found| piece.verdict(found, have) != Verdict::Different)
                    .collect()
            }
        };
        let same = candidates
            .iter()
            .find(|found| piece.verdict(found, have) == Verdict::Same && !taken.contains(found));
        taken.extend(same.cloned());
        let unsure = candidates
            .iter()
            .any(|found| piece.verdict(found, have) == Verdict::Unsure);
        states.push(match same {
            Some(found) => Some(State::Same(found.clone())),
            None if !unsure => Some(State::Alone),
            None => None,
        });
        answers.push(candidates);
    }
    let mut out = Vec::new();
    for ((piece, state), candidates) in pieces.iter().zip(states).zip(answers) {
        let free = |found: &&Piece, taken: &[Piece]| !taken.contains(found);
        let state = state.unwrap_or_else(|| {
            let found = piece.counterpart(have);
            let question = Question::new(piece.clone(), table, have, &side.enums, found);
            let next = candidates.iter().find(|found| free(found, &taken));
            match heard.get(&question.text()) {
                None => State::Open(Box::new(question)),
                Some(Answer::Words(words)) => {
                    let mut candidates = candidates.iter().filter(|found| free(found, &taken));
                    match candidates.find(|found| words.verdict(found, have) == Verdict::Same) {
                        Some(found) => State::Same(found.clone()),
                        None => State::Words(words.clone()),
                    }
                }
                Some(Answer::Refused(reason)) => match next {
                    Some(found) => State::Unknown(found.clone(), reason.clone()),
                    None => State::Alone,
                },
            }
        });
        if let State::Same(found) | State::Unknown(found, _) = &state {
            taken.push(found.clone());
        }
        out.push((piece.clone(), state));
    }
    out
}

/// Two declared pieces that mean the same in other words.
#[derive(Debug)]
pub(super) struct Same {
    table: Name,
    entity: Piece,
    history: Piece,
}

/// Rewrites what a catalog holds into the words in which it is declared, wherever the two mean the
/// same: into those of history first, else those of the entities. What could not be asked is taken
/// for the same, and noted. Returns what entities and history say in different words.
pub(super) fn settle(
    engine: Engine,
    sides: &[&Declared],
    catalog: &mut Catalog,
    heard: &Heard,
) -> Vec<Same> {
    let mut same = Vec::new();
    let names: BTreeSet<&Name> = sides.iter().flat_map(|side| side.tables.keys()).collect();
    for name in names {
        let Some(have) = catalog.schema.tables.get_mut(name) else {
            continue;
        };
        let original = have.clone();
        if sides
            .iter()
            .filter_map(|side| side.tables.get(name))
            .all(|table| *table == original)
        {
            continue;
        }
        let mut rewritten: Vec<Piece> = Vec::new();
        let mut meanings = Vec::new();
        for side in sides {
            let mut own = Vec::new();
            let states = side
                .tables
                .get(name)
                .map(|table| look(engine, side, table, &original, heard));
            for (piece, state) in states.into_iter().flatten() {
                let found = match state {
                    State::Same(found) => {
                        own.push((piece.clone(), found.clone()));
                        found
                    }
                    State::Unknown(found, reason) => {
                        catalog.notes.push(Note {
                            object: piece.key(name).to_string(),
                            reason: format!("{} is not compared: {reason}", piece.what()),
                        });
                        found
                    }
                    State::Words(words) => {
                        own.push((piece, words));
                        continue;
                    }
                    State::Open(_) | State::Alone => continue,
                };
                if !rewritten.contains(&found) {
                    reword(have, &found, &piece);
                    rewritten.push(found);
                }
            }
            meanings.push(own);
        }
        if let [history, entities] = meanings.as_slice() {
            same.extend(twins(history, entities).map(|(history, entity)| Same {
                table: name.clone(),
                entity,
                history,
            }));
        }
    }
    catalog.notes.sort();
    catalog.notes.dedup();
    same
}

/// Pieces of both sides, each with what it means, that mean the same and are spelt differently.
fn twins<'a>(
    history: &'a [(Piece, Piece)],
    entities: &'a [(Piece, Piece)],
) -> impl Iterator<Item = (Piece, Piece)> + 'a {
    entities.iter().filter_map(|(entity, meaning)| {
        let (twin, _) = history
            .iter()
            .filter(|(twin, _)| twin.name() == entity.name())
            .find(|(_, other)| other.equals(meaning))?;
        (twin != entity).then(|| (twin.clone(), entity.clone()))
    })
}

/// Puts declared words in the place of what means the same; names stay.
fn reword(have: &mut Table, found: &Piece, words: &Piece) {
    match (found, words) {
        (Piece::Check(found), Piece::Check(words)) => {
            if let Some(check) = have.checks.iter_mut().find(|check| *check == found) {
                check.expr.clone_from(&words.expr);
            }
            have.checks
                .sort_by(|a, b| (&a.name, &a.expr).cmp(&(&b.name, &b.expr)));
        }
        (Piece::Index(found), Piece::Index(words)) => {
            if let Some(index) = have.indexes.iter_mut().find(|index| *index == found) {
                let name = std::mem::take(&mut index.name);
                *index = words.clone();
                index.name = name;
            }
        }
        (_, words) => words.put(have),
    }
}

/// Gives the entities the words of history for what means the same, so that no change is seen where
/// nothing changes.
pub(super) fn adjust(engine: Engine, same: &[Same], base: &Schema, want: &mut Schema) {
    for Same {
        table,
        entity,
        history,
    } in same
    {
        if let (Some(base), Some(want)) = (base.table(table), want.tables.get_mut(table)) {
            adjust_table(engine, entity, history, base, want);
        }
    }
}

fn adjust_table(engine: Engine, entity: &Piece, history: &Piece, base: &Table, want: &mut Table) {
    let here = |only: Option<Engine>| only.is_none_or(|only| only == engine);
    match (entity, history) {
        (Piece::Index(index), _) => {
            let is = |other: &&Index| other.name == index.name && here(other.only);
            let old = base.indexes.iter().find(is).cloned();
            let new = want.indexes.iter_mut().find(|other| is(&&**other));
            if let (Some(old), Some(new)) = (old, new) {
                let only = new.only;
                *new = Index { only, ..old };
            }
        }
        (Piece::Exclusion(exclusion), _) => {
            let is = |other: &&Exclusion| other.name == exclusion.name && here(other.only);
            let old = base.exclusions.iter().find(is).cloned();
            let new = want.exclusions.iter_mut().find(|other| is(&&**other));
            if let (Some(old), Some(new)) = (old, new) {
                let only = new.only;
                *new = Exclusion { only, ..old };
            }
        }
        (Piece::Check(entity), Piece::Check(history)) => {
            let is = |check: &Check, one: &Check| here(check.only) && is_check(check, one);
            let old = base.checks.iter().find(|check| is(check, history));
            let new = want.checks.iter_mut().find(|check| is(check, entity));
            if let (Some(old), Some(new)) = (old, new) {
                new.expr.clone_from(&old.expr);
            }
        }
        (piece, _) => {
            let (Piece::Type { column, .. }
            | Piece::Default { column, .. }
            | Piece::Generated { column, .. }) = piece
            else {
                return;
            };
            let (Some(old), Some(new)) = (base.column(column), want.column_mut(column)) else {
                return;
            };
            let (old, mut here) = (old.on(engine), new.on(engine));
            match piece {
                Piece::Type { .. } => here.ty = old.ty,
                Piece::Default { .. } => here.default = old.default,
                _ => here.generated = old.generated,
            }
            *new = new.seen_as(engine, here);
        }
    }
}

/// Whether a declared check is this canonical one.
fn is_check(declared: &Check, canonical: &Check) -> bool {
    let named = canonical.name.is_none() || declared.name == canonical.name;
    named && dialect::postgres::normal(&declared.expr) == canonical.expr
}
