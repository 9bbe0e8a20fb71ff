//! The pieces of a table that hold SQL which a server keeps in its own words.

use super::postgres;
use crate::schema::{
    Check, Column, DefaultValue, Engine, EnumType, Exclusion, Generated, Index, IndexKey, Key,
    KeyOn, Kind, Name, Schema, Table, Type, facts,
};

/// One piece, as it is declared or as it is found; tables it comes from are canonical.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The type of a column, where it is one that SeaORM does not know.
    Type {
        /// The column.
        column: String,
        /// Its type.
        ty: Type,
    },
    /// What a column holds when nothing is said.
    Default {
        /// The column.
        column: String,
        /// Its default.
        default: DefaultValue,
    },
    /// What a column is computed from.
    Generated {
        /// The column.
        column: String,
        /// Its expression.
        generated: Generated,
    },
    /// An index with a predicate, an expression, an operator class or a collation.
    Index(Index),
    /// A check.
    Check(Check),
    /// An exclusion constraint with a predicate, an expression, an operator class or a collation.
    Exclusion(Exclusion),
}

/// What can be said of two pieces without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They mean the same.
    Same,
    /// They differ in more than their words.
    Different,
    /// Only the server knows.
    Unsure,
}

/// The pieces of a canonical table that the engine may hold in other words.
pub fn pieces(engine: Engine, table: &Table) -> Vec<Piece> {
    // SQLite keeps a text as it was typed, and its reader evens out what means nothing.
    if engine != Engine::Postgres {
        return Vec::new();
    }
    let mut pieces = Vec::new();
    for column in &table.columns {
        let name = || column.name.clone();
        if is_exotic(&column.ty) {
            pieces.push(Piece::Type {
                column: name(),
                ty: column.ty.clone(),
            });
        }
        if let Some(default) = &column.default
            && postgres::is_doubtful(default, &column.ty)
        {
            pieces.push(Piece::Default {
                column: name(),
                default: default.clone(),
            });
        }
        if let Some(generated) = &column.generated {
            pieces.push(Piece::Generated {
                column: name(),
                generated: generated.clone(),
            });
        }
    }
    let indexes = table.indexes.iter().filter(|index| has_words(index));
    pieces.extend(indexes.cloned().map(Piece::Index));
    pieces.extend(table.checks.iter().cloned().map(Piece::Check));
    let exclusions = table.exclusions.iter();
    let exclusions = exclusions.filter(|exclusion| is_worded(exclusion));
    pieces.extend(exclusions.cloned().map(Piece::Exclusion));
    pieces
}

/// Whether a declared table has a piece that the engine may hold in other words; a cheap look, so
/// that a schema without any costs nothing.
pub fn has_pieces(engine: Engine, table: &Table) -> bool {
    let simple = |column: &Column| {
        let plain = match &column.default {
            None | Some(DefaultValue::Bool(_) | DefaultValue::CurrentTimestamp) => true,
            Some(DefaultValue::Number(_)) => column.ty.is_integer() || column.ty == Type::Boolean,
            Some(DefaultValue::String(_)) => matches!(column.ty, Type::Text | Type::String(_)),
            Some(DefaultValue::Expr(_)) => false,
        };
        plain && column.generated.is_none() && !is_exotic(&column.ty)
    };
    engine == Engine::Postgres
        && !(table.checks.is_empty()
            && table.exclusions.is_empty()
            && table.columns.iter().all(simple)
            && !table.indexes.iter().any(has_words))
}

fn is_exotic(ty: &Type) -> bool {
    match ty {
        Type::Array(element) => is_exotic(element),
        ty => matches!(ty, Type::Custom(_)),
    }
}

fn has_words(index: &Index) -> bool {
    index.predicate.is_some() || index.keys.iter().any(says_more)
}

fn is_worded(exclusion: &Exclusion) -> bool {
    let mut elements = exclusion.elements.iter();
    exclusion.predicate.is_some() || elements.any(|element| says_more(&element.key))
}

fn says_more(key: &IndexKey) -> bool {
    matches!(key.on, KeyOn::Expr(_)) || key.opclass.is_some() || key.collation.is_some()
}

impl Piece {
    /// The object that it is a piece of.
    pub fn key(&self, table: &Name) -> Key {
        match self {
            Self::Type { column, .. }
            | Self::Default { column, .. }
            | Self::Generated { column, .. } => Key::new(table, Kind::Column, column),
            Self::Index(index) => Key::new(table, Kind::Index, &index.name),
            Self::Check(check) => Key::check(table, check),
            Self::Exclusion(exclusion) => Key::new(table, Kind::Exclusion, &exclusion.name),
        }
    }

    /// What it is of its object, in words.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Type { .. } => "its type",
            Self::Default { .. } => "its default",
            Self::Generated { .. } => "its generated expression",
            Self::Index(_) | Self::Exclusion(_) => "its expression or predicate",
            Self::Check(_) => "its condition",
        }
    }

    /// The same piece of another table: of the column, or of what has the name.
    pub fn counterpart(&self, table: &Table) -> Option<Self> {
        match self {
            Self::Type { column, .. } => table.column(column).map(|found| Self::Type {
                column: column.clone(),
                ty: found.ty.clone(),
            }),
            Self::Default { column, .. } => {
                let default = table.column(column)?.default.clone()?;
                Some(Self::Default {
                    column: column.clone(),
                    default,
                })
            }
            Self::Generated { column, .. } => {
                let generated = table.column(column)?.generated.clone()?;
                Some(Self::Generated {
                    column: column.clone(),
                    generated,
                })
            }
            Self::Index(index) => {
                let mut indexes = table.indexes.iter();
                let found = indexes.find(|found| found.name == index.name)?;
                Some(Self::Index(found.clone()))
            }
            Self::Check(check) => {
                check.name.as_ref()?;
                let mut checks = table.checks.iter();
                let found = checks.find(|found| found.name == check.name)?;
                Some(Self::Check(found.clone()))
            }
            Self::Exclusion(exclusion) => {
                let mut exclusions = table.exclusions.iter();
                let found = exclusions.find(|found| found.name == exclusion.name)?;
                Some(Self::Exclusion(found.clone()))
            }
        }
    }

    /// What of another table may be the same under another name.
    pub fn candidates(&self, table: &Table) -> Vec<Self> {
        match self {
            Self::Index(_) => table.indexes.iter().cloned().map(Self::Index).collect(),
            Self::Check(_) => table.checks.iter().cloned().map(Self::Check).collect(),
            _ => Vec::new(),
        }
    }

    /// Puts it into a table, in place of what is there of the same column or name.
    pub fn put(&self, table: &mut Table) {
        match self {
            Self::Type { column, ty } => {
                if let Some(found) = table.column_mut(column) {
                    found.ty = ty.clone();
                }
            }
            Self::Default { column, default } => {
                if let Some(found) = table.column_mut(column) {
                    found.default = Some(default.clone());
                }
            }
            Self::Generated { column, generated } => {
                if let Some(found) = table.column_mut(column) {
                    found.generated = Some(generated.clone());
                }
            }
            Self::Index(index) => {
                table.indexes.retain(|found| found.name != index.name);
                table.indexes.push(index.clone());
            }
            Self::Check(check) => {
                let named = |found: &Check| check.name.is_some() && found.name == check.name;
                table.checks.retain(|found| !named(found));
                table.checks.push(check.clone());
            }
            Self::Exclusion(exclusion) => {
                table
                    .exclusions
                    .retain(|found| found.name != exclusion.name);
                table.exclusions.push(exclusion.clone());
            }
        }
    }

    /// The piece under another name; one of a column has none.
    #[must_use]
    pub fn named(&self, name: Option<&str>) -> Self {
        let mut piece = self.clone();
        match &mut piece {
            Self::Index(index) => index.name = name.unwrap_or_default().to_owned(),
            Self::Check(check) => check.name = name.map(str::to_owned),
            Self::Exclusion(exclusion) => exclusion.name = name.unwrap_or_default().to_owned(),
            Self::Type { .. } | Self::Default { .. } | Self::Generated { .. } => {}
        }
        piece
    }

    /// The name it has, if it can have one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Index(index) => Some(&index.name),
            Self::Check(check) => check.name.as_deref(),
            Self::Exclusion(exclusion) => Some(&exclusion.name),
            Self::Type { .. } | Self::Default { .. } | Self::Generated { .. } => None,
        }
    }

    /// Whether the two are one but for their names.
    pub fn equals(&self, other: &Self) -> bool {
        self.named(None) == other.named(None)
    }

    /// What can be said without asking; `table` is the one that the found piece is of.
    pub fn verdict(&self, found: &Self, table: &Table) -> Verdict {
        if self.equals(found) {
            return Verdict::Same;
        }
        let same = |a: &str, b: &str| postgres::means_the_same(a, b, table);
        let decided = |same: bool| match same {
            true => Verdict::Same,
            false => Verdict::Unsure,
        };
        match (self, found) {
            (Self::Default { column, default }, Self::Default { default: other, .. }) => {
                match table.column(column) {
                    Some(column) => postgres::same_default(default, other, &column.ty),
                    None => Verdict::Unsure,
                }
            }
            (
                Self::Generated { generated, .. },
                Self::Generated {
                    generated: other, ..
                },
            ) => match generated.stored == other.stored {
                true => decided(same(&generated.expr, &other.expr)),
                false => Verdict::Different,
            },
            (Self::Index(index), Self::Index(other)) => {
                if !has_shape(index, other) {
                    return Verdict::Different;
                }
                let mut reworded = index.clone();
                for (key, found) in reworded.keys.iter_mut().zip(&other.keys) {
                    reword_key(key, found, same);
                }
                reword(&mut reworded.predicate, &other.predicate, same);
                decided(Self::Index(reworded).equals(found))
            }
            (Self::Exclusion(exclusion), Self::Exclusion(other)) => {
                let mut reworded = exclusion.clone();
                for (element, found) in reworded.elements.iter_mut().zip(&other.elements) {
                    reword_key(&mut element.key, &found.key, same);
                }
                reword(&mut reworded.predicate, &other.predicate, same);
                decided(Self::Exclusion(reworded).equals(found))
            }
            (Self::Check(check), Self::Check(other)) => decided(same(&check.expr, &other.expr)),
            _ => Verdict::Unsure,
        }
    }
}

/// Takes the found words where they surely mean the same.
fn reword(sql: &mut Option<String>, found: &Option<String>, same: impl Fn(&str, &str) -> bool) {
    if let (Some(sql), Some(words)) = (sql, found)
        && same(sql, words)
    {
        sql.clone_from(words);
    }
}

fn reword_key(key: &mut IndexKey, found: &IndexKey, same: impl Fn(&str, &str) -> bool) {
    if let (KeyOn::Expr(sql), KeyOn::Expr(words)) = (&mut key.on, &found.on)
        && same(sql, words)
    {
        sql.clone_from(words);
    }
}

/// Whether two indexes differ in nothing but words.
fn has_shape(index: &Index, found: &Index) -> bool {
    let mut bare = [index.clone(), found.clone()];
    for index in &mut bare {
        index.name = String::new();
        if let Some(predicate) = &mut index.predicate {
            predicate.clear();
        }
        for key in &mut index.keys {
            key.opclass = None;
            key.collation = None;
            if let KeyOn::Expr(sql) = &mut key.on {
                sql.clear();
            }
        }
    }
    bare[0] == bare[1]
}

/// A piece that the server has to be asked about, with all of its table that can change the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The columns of its table, as they are in the database where they are there.
    pub table: Table,
    /// The enum types that they use, as they are declared.
    pub enums: Vec<EnumType>,
    /// The piece, as it is declared.
    pub piece: Piece,
    /// What was found there, to compare values with.
    pub found: Option<Piece>,
}

impl Question {
    /// A question about a piece of `declared`, where the database has `have`.
    pub fn new(
        piece: Piece,
        declared: &Table,
        have: &Table,
        enums: &[EnumType],
        found: Option<Piece>,
    ) -> Self {
        let mut table = Table::new(declared.name.clone());
        let gone = |column: &&Column| declared.column(&column.name).is_none();
        for column in declared
            .columns
            .iter()
            .map(|column| have.column(&column.name).unwrap_or(column))
            .chain(have.columns.iter().filter(gone))
        {
            let mut plain = Column::new(&column.name, column.ty.clone());
            plain.nullable = true;
            plain.collation.clone_from(&column.collation);
            table.columns.push(plain);
        }
        let used = |ty: &&EnumType| {
            let mut columns = table.columns.iter().chain(&declared.columns);
            columns.any(|column| {
                let enumeration = column.ty.enumeration();
                enumeration.is_some_and(|(name, _)| *name == ty.name)
            })
        };
        let enums = enums.iter().filter(used).cloned().collect();
        Self {
            table,
            enums,
            piece,
            found,
        }
    }

    /// Everything that the answer depends on, but for the server, as text.
    pub fn text(&self) -> String {
        let mut table = self.table.clone();
        self.piece.put(&mut table);
        let mut schema = Schema::default();
        for ty in &self.enums {
            schema.enums.insert(ty.name.clone(), ty.clone());
        }
        schema.tables.insert(table.name.clone(), table);
        let lines: Vec<String> = facts(&schema).iter().map(ToString::to_string).collect();
        format!("{}\n{}", self.piece.what(), lines.join("\n"))
    }

    /// A piece like the one that is asked about, as one line of text.
    pub fn write(&self, answer: &Piece) -> String {
        let mut table = Table::new("t");
        if let Piece::Type { column, .. }
        | Piece::Default { column, .. }
        | Piece::Generated { column, .. } = answer
            && let Some(column) = self.table.column(column)
        {
            table.columns.push(column.clone());
        }
        answer.put(&mut table);
        let mut schema = Schema::default();
        schema.tables.insert(table.name.clone(), table);
        let fact = facts(&schema).pop();
        fact.map(|fact| fact.to_string()).unwrap_or_default()
    }

    /// What [`write`](Self::write) wrote; `None` when it is something else.
    pub fn read(&self, line: &str) -> Option<Piece> {
        let schema = crate::schema::from_facts(&format!("t table\n{line}"), 1).ok()?;
        let table = schema.table(&"t".into())?;
        match &self.piece {
            Piece::Index(_) => table.indexes.first().cloned().map(Piece::Index),
            Piece::Check(_) => table.checks.first().cloned().map(Piece::Check),
            Piece::Exclusion(_) => table.exclusions.first().cloned().map(Piece::Exclusion),
            piece => piece.counterpart(table),
        }
    }
}
