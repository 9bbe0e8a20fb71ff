//! What can be said about how engines keep a table, and what changes about it.

use std::collections::BTreeSet;

use sea_orm::sea_query::ColumnType;

use super::{Op, Step, TableChange};
use crate::schema::{Engine, Name, Table, TableOptions, Type};

/// What changes about how engines keep a table; each of it is for one engine, and the others pass
/// over it.
#[derive(Debug)]
pub struct AlterTable<'a>(pub(super) &'a mut Step);

impl AlterTable<'_> {
    fn change(self, change: impl FnOnce(&mut TableChange)) -> Self {
        if let Op::AlterTable { change: spec, .. } = &mut self.0.op {
            change(spec);
        }
        self
    }

    /// Writes nothing of it to the log from now on: a crash of the server empties it (PostgreSQL).
    pub fn set_unlogged(self) -> Self {
        self.change(|change| change.unlogged = Some(true))
    }

    /// Writes all of it to the log again (PostgreSQL).
    pub fn drop_unlogged(self) -> Self {
        self.change(|change| change.unlogged = Some(false))
    }

    /// Sets a storage parameter: `fillfactor`, `toast.autovacuum_enabled`, … (PostgreSQL).
    pub fn set_storage(self, parameter: impl Into<String>, setting: impl ToString) -> Self {
        let setting = Some(setting.to_string());
        self.change(|change| {
            change.storage.insert(parameter.into(), setting);
        })
    }

    /// Leaves a storage parameter to the server (PostgreSQL).
    pub fn drop_storage(self, parameter: impl Into<String>) -> Self {
        self.change(|change| {
            change.storage.insert(parameter.into(), None);
        })
    }

    /// Moves its rows to a tablespace (PostgreSQL).
    pub fn set_tablespace(self, tablespace: impl Into<String>) -> Self {
        self.change(|change| change.tablespace = Some(Some(tablespace.into())))
    }

    /// Moves its rows to the usual tablespace (PostgreSQL).
    pub fn drop_tablespace(self) -> Self {
        self.change(|change| change.tablespace = Some(None))
    }

    /// Holds columns to values of their type, which SQLite then spells in another way. Refused while
    /// a value is none of its column's type.
    pub fn set_strict(self) -> Self {
        self.change(|change| change.strict = Some(true))
    }

    /// Lets columns hold any value again (SQLite). Say with [`column_type`](Self::column_type) of
    /// which type they are.
    pub fn drop_strict(self) -> Self {
        self.change(|change| change.strict = Some(false))
    }

    /// Says of which type a column is once the table is no longer STRICT (SQLite).
    pub fn column_type(self, column: impl Into<String>, ty: ColumnType) -> Self {
        let ty = Type::from(&ty);
        self.change(|change| change.types.push((column.into(), ty)))
    }

    /// Keeps rows by their primary key alone (SQLite).
    pub fn set_without_rowid(self) -> Self {
        self.change(|change| change.without_rowid = Some(true))
    }

    /// Numbers rows besides their primary key again (SQLite).
    pub fn drop_without_rowid(self) -> Self {
        self.change(|change| change.without_rowid = Some(false))
    }
}

impl TableChange {
    /// What has to change to make `from` into `to`, on a table that has these columns.
    pub fn between(from: &TableOptions, to: &TableOptions, table: &Table) -> Self {
        let gone = from
            .storage
            .keys()
            .filter(|it| !to.storage.contains_key(*it));
        let gone = gone.map(|parameter| (parameter.clone(), None));
        let set = to.storage.iter();
        let set = set.filter(|(parameter, setting)| from.storage.get(*parameter) != Some(*setting));
        let set = set.map(|(parameter, setting)| (parameter.clone(), Some(setting.clone())));
        Self {
            unlogged: (from.unlogged != to.unlogged).then_some(to.unlogged),
            storage: gone.chain(set).collect(),
            tablespace: (from.tablespace != to.tablespace).then(|| to.tablespace.clone()),
            strict: (from.strict != to.strict).then_some(to.strict),
            without_rowid: (from.without_rowid != to.without_rowid).then_some(to.without_rowid),
            types: match from.strict && !to.strict {
                true => spelt_otherwise(table),
                false => Vec::new(),
            },
        }
    }

    /// Changes what is held in memory.
    pub fn apply(&self, options: &mut TableOptions) {
        let Self {
            unlogged,
            storage,
            tablespace,
            strict,
            without_rowid,
            types: _,
        } = self;
        options.unlogged = unlogged.unwrap_or(options.unlogged);
        for (parameter, setting) in storage {
            match setting {
                Some(setting) => options.storage.insert(parameter.clone(), setting.clone()),
                None => options.storage.remove(parameter),
            };
        }
        if let Some(tablespace) = tablespace {
            options.tablespace.clone_from(tablespace);
        }
        options.strict = strict.unwrap_or(options.strict);
        options.without_rowid = without_rowid.unwrap_or(options.without_rowid);
    }

    /// What of it is done on an engine.
    #[must_use]
    pub fn on(&self, engine: Engine) -> Self {
        let Self {
            unlogged,
            storage,
            tablespace,
            strict,
            without_rowid,
            types,
        } = self.clone();
        match engine {
            Engine::Postgres => Self {
                unlogged,
                storage,
                tablespace,
                ..Self::default()
            },
            Engine::Sqlite => Self {
                strict,
                without_rowid,
                types,
                ..Self::default()
            },
            Engine::MySql => Self::default(),
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The names of the options that it changes.
    pub fn names(&self) -> BTreeSet<String> {
        let storage = self.storage.keys();
        let said = TableOptions {
            unlogged: self.unlogged.is_some(),
            storage: storage.map(|it| (it.clone(), String::new())).collect(),
            tablespace: self.tablespace.as_ref().map(|_| String::new()),
            strict: self.strict.is_some(),
            without_rowid: self.without_rowid.is_some(),
        };
        said.names()
    }
}

/// The types of the columns that SQLite spells in another way in a STRICT table. It has words for
/// whole numbers, text and bytes there, which these are.
fn spelt_otherwise(table: &Table) -> Vec<(String, Type)> {
    let alike = |ty: &Type| {
        use Type::{BigInteger, BigUnsigned, Blob, Integer, Text, Unsigned};
        matches!(
            ty,
            Integer | BigInteger | Unsigned | BigUnsigned | Text | Blob
        )
    };
    let columns = table.columns.iter();
    let columns = columns.filter(|column| !column.auto_increment && !alike(&column.ty));
    columns
        .map(|column| (column.name.clone(), column.ty.clone()))
        .collect()
}

/// A line for each engine that keeps the table otherwise.
pub(super) fn lines(sign: &str, table: &Name, change: &TableChange) -> Vec<String> {
    let here = |engine: Engine| {
        let told = words(&change.on(engine));
        (!told.is_empty())
            .then(|| format!("{sign} table {table}: {}, {engine} only", told.join(", ")))
    };
    Engine::ALL.into_iter().filter_map(here).collect()
}

fn words(change: &TableChange) -> Vec<String> {
    let mut words = Vec::new();
    let mut flag = |is: Option<bool>, yes: &str, no: &str| {
        words.extend(is.map(|is| if is { yes.to_owned() } else { no.to_owned() }));
    };
    flag(change.unlogged, "unlogged", "logged");
    flag(change.strict, "strict", "not strict");
    flag(change.without_rowid, "without rowid", "with rowid");
    for (parameter, setting) in &change.storage {
        words.push(match setting {
            Some(setting) => format!("{parameter} {setting}"),
            None => format!("no {parameter}"),
        });
    }
    match &change.tablespace {
        Some(Some(tablespace)) => words.push(format!("tablespace {tablespace}")),
        Some(None) => words.push("usual tablespace".to_owned()),
        None => {}
    }
    words
}
