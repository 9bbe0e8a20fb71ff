//! What is meant for one engine only, seen from one engine.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Column, DefaultValue, Engine, Generated, Schema, Table};

/// The engines that a schema is seen from, as long as nobody runs on another one.
const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

/// What is said of a column on one engine, where that is not what is said for all. `None` is not
/// said, `Some(None)` is nothing there.
///
/// ```
/// use sea_orm_migration::prelude::*;
/// use seachange::{Engine, Operations, Variant};
///
/// let mut op = Operations::default();
/// op.add_column("notes", ColumnDef::new("key").uuid().null())
///     .variant(Engine::Postgres, Variant::new().default_value(Expr::cust("gen_random_uuid()")));
/// op.alter_column("notes", "title")
///     .set_collation("C")
///     .variant(Engine::Sqlite, Variant::new().collation("NOCASE"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Its default there.
    pub default: Option<Option<DefaultValue>>,
    /// What it is computed from there.
    pub generated: Option<Option<Generated>>,
    /// Its collation there.
    pub collation: Option<Option<String>>,
}

impl Variant {
    /// Nothing else than for all engines; what follows says more.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another default.
    pub fn default_value(self, default: impl Into<sea_orm::sea_query::Expr>) -> Self {
        Self {
            default: Some(Some(DefaultValue::from(&default.into()))),
            ..self
        }
    }

    /// No default.
    pub fn no_default(self) -> Self {
        Self {
            default: Some(None),
            ..self
        }
    }

    /// Computed from another expression, when a row is written (`stored`) or read.
    pub fn generated(self, expr: impl Into<sea_orm::sea_query::Expr>, stored: bool) -> Self {
        let expr = super::expr_sql(&expr.into());
        Self {
            generated: Some(Some(Generated { expr, stored })),
            ..self
        }
    }

    /// Not computed.
    pub fn not_generated(self) -> Self {
        Self {
            generated: Some(None),
            ..self
        }
    }

    /// Another collation.
    pub fn collation(self, collation: impl Into<String>) -> Self {
        Self {
            collation: Some(Some(collation.into())),
            ..self
        }
    }

    /// The default collation.
    pub fn default_collation(self) -> Self {
        Self {
            collation: Some(None),
            ..self
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Says what another variant says, and what it does not say as before.
    pub(crate) fn say(&mut self, other: &Self) {
        let Self {
            default,
            generated,
            collation,
        } = other.clone();
        self.default = default.or(self.default.take());
        self.generated = generated.or(self.generated.take());
        self.collation = collation.or(self.collation.take());
    }
}

impl Column {
    /// What of it one engine gets to see.
    #[must_use]
    pub fn on(&self, engine: Engine) -> Self {
        let mut column = self.clone();
        let Some(own) = std::mem::take(&mut column.variants).remove(&engine) else {
            return column;
        };
        column.default = own.default.unwrap_or(column.default);
        column.generated = own.generated.unwrap_or(column.generated);
        column.collation = own.collation.unwrap_or(column.collation);
        column
    }

    /// All that a variant can say of it, with what this one says.
    pub(crate) fn with(&self, own: &Variant) -> Variant {
        let mut all = Variant {
            default: Some(self.default.clone()),
            generated: Some(self.generated.clone()),
            collation: Some(self.collation.clone()),
        };
        all.say(own);
        all
    }

    /// As all engines see it: once, where there is no difference.
    pub fn views(&self) -> Vec<Self> {
        match self.variants.is_empty() {
            true => vec![self.clone()],
            false => ENGINES.map(|engine| self.on(engine)).to_vec(),
        }
    }

    /// Whether some engine computes it.
    pub fn is_computed(&self) -> bool {
        self.views().iter().any(|view| view.generated.is_some())
    }

    /// The column of which this engine gets to see `here`; the others see what they saw.
    #[cfg(feature = "migrate")]
    #[must_use]
    pub(crate) fn seen_as(&self, engine: Engine, here: Self) -> Self {
        let was = self.on(engine);
        let mut column = Self {
            default: self.default.clone(),
            generated: self.generated.clone(),
            collation: self.collation.clone(),
            variants: self.variants.clone(),
            ..here.clone()
        };
        let mut own = column.variants.remove(&engine).unwrap_or_default();
        // What is said of this engine is said of it again, and what is said of all of all.
        if here.default != was.default {
            match &mut own.default {
                Some(default) => *default = here.default,
                None => column.default = here.default,
            }
        }
        if here.generated != was.generated {
            match &mut own.generated {
                Some(generated) => *generated = here.generated,
                None => column.generated = here.generated,
            }
        }
        if here.collation != was.collation {
            match &mut own.collation {
                Some(collation) => *collation = here.collation,
                None => column.collation = here.collation,
            }
        }
        column.variants.insert(engine, own);
        column.tidy();
        column
    }

    /// Forgets what variants say as it is said for all.
    pub(crate) fn tidy(&mut self) {
        let Self {
            default,
            generated,
            collation,
            ..
        } = self;
        for variant in self.variants.values_mut() {
            variant.default.take_if(|own| own == default);
            variant.generated.take_if(|own| own == generated);
            variant.collation.take_if(|own| own == collation);
        }
        self.variants.retain(|_, variant| !variant.is_empty());
    }
}

/// Each engine's view of two columns: one pair, where no engine sees another one.
pub(crate) fn views_of(old: &Column, new: &Column) -> Vec<(Column, Column)> {
    match old.variants.is_empty() && new.variants.is_empty() {
        true => vec![(old.clone(), new.clone())],
        false => ENGINES
            .map(|engine| (old.on(engine), new.on(engine)))
            .to_vec(),
    }
}

/// The engines that either column says something of.
pub(crate) fn engines_of(old: &Column, new: &Column) -> BTreeSet<Engine> {
    let all = old.variants.keys().chain(new.variants.keys());
    all.copied().collect()
}

impl Schema {
    /// What of it one engine gets to see: what is meant for another one is gone, and what is meant
    /// for this one is like anything else.
    pub fn on(&self, engine: Engine) -> Cow<'_, Self> {
        if !self.tables.values().any(Table::is_divided) {
            return Cow::Borrowed(self);
        }
        let tables = self.tables.iter();
        Cow::Owned(Self {
            tables: tables
                .map(|(name, table)| (name.clone(), table.clone().on(engine)))
                .collect(),
            enums: self.enums.clone(),
            sequences: self.sequences.clone(),
        })
    }
}

impl Table {
    /// Whether engines see it differently.
    pub(crate) fn is_divided(&self) -> bool {
        self.columns.iter().any(|it| !it.variants.is_empty())
            || self.uniques.iter().any(|it| it.only.is_some())
            || self.indexes.iter().any(|it| it.only.is_some())
            || self.checks.iter().any(|it| it.only.is_some())
            || self.exclusions.iter().any(|it| it.only.is_some())
            || !self.options.is_empty()
    }

    /// What of it one engine gets to see.
    #[must_use]
    pub fn on(mut self, engine: Engine) -> Self {
        let mine = |only: &mut Option<Engine>| only.take().is_none_or(|only| only == engine);
        for column in &mut self.columns {
            if !column.variants.is_empty() {
                *column = column.on(engine);
            }
        }
        self.uniques.retain_mut(|it| mine(&mut it.only));
        self.indexes.retain_mut(|it| mine(&mut it.only));
        self.checks.retain_mut(|it| mine(&mut it.only));
        self.exclusions.retain_mut(|it| mine(&mut it.only));
        self.options = self.options.on(engine);
        self
    }
}
