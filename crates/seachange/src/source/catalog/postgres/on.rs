//! What is on a table: constraints and indexes.

use std::collections::BTreeMap;

use sea_orm::DbErr;

use super::row::Row;
use super::{ConstraintName, Oid, Reader};
use crate::dialect::postgres::is_chosen_name;
use crate::schema::{
    Action, Check, Deferrable, Excluded, Exclusion, ForeignKey, Index, IndexKey, Key, KeyOn, Kind,
    PrimaryKey, Unique,
};

/// What an index says about itself; its expressions come in rows of their own.
pub(super) struct RawIndex {
    table: Oid,
    index: Index,
    /// The exclusion constraint that it is for, with its operators.
    excludes: Option<(Exclusion, Vec<String>)>,
    numbers: Vec<i16>,
    options: Vec<u8>,
    classes: Vec<Oid>,
    collations: Vec<Oid>,
}

impl Reader {
    pub(super) fn constraint(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        let oid = row.number(1)?;
        let name = row.text(2)?;
        let columns = self.column_names(oid, &row.numbers(4)?);
        let other = self.name(row.text(6)?, row.text(7)?);
        let ref_columns = match row.text(3)? {
            "f" => self.column_names(row.number(5)?, &row.numbers(8)?),
            _ => Vec::new(),
        };
        let carried: Vec<i16> = row.numbers(16)?;
        let keys = match row.optional(17)? {
            Some(_) => row.number(17)?,
            None => 0,
        };
        let include = self.column_names(oid, carried.get(keys..).unwrap_or_default());
        let set_columns = self.column_names(oid, &row.numbers(18)?);
        let Some(table) = self.tables.get_mut(&oid) else {
            return Ok(());
        };
        let deferrable = deferrable(row.is(12)?, row.is(13)?);
        let kind = match row.text(3)? {
            "p" => Some(Kind::PrimaryKey),
            "u" => Some(Kind::Unique),
            "f" => Some(Kind::ForeignKey),
            _ => None,
        };
        if let Some(kind) = kind
            && !is_chosen_name(name, &table.name, kind, &columns)
        {
            let names = self.names.entry(table.name.clone()).or_default();
            names.push(ConstraintName {
                kind,
                columns: columns.clone(),
                name: name.to_owned(),
            });
        }
        match row.text(3)? {
            "p" => {
                table.primary_key = Some(PrimaryKey {
                    name: None,
                    columns,
                    include,
                    deferrable,
                });
            }
            "u" => table.uniques.push(Unique {
                name: None,
                columns,
                nulls_not_distinct: row.is(15)?,
                include,
                deferrable,
                only: None,
            }),
            "f" => {
                table.foreign_keys.push(ForeignKey {
                    name: None,
                    columns,
                    ref_table: other,
                    ref_columns,
                    on_delete: action(row.text(9)?),
                    on_update: action(row.text(10)?),
                    deferrable,
                    match_full: row.text(11)? == "f",
                    set_columns,
                });
            }
            "c" => table.checks.push(Check {
                name: Some(name.to_owned()),
                expr: row.text(19)?.to_owned(),
                only: None,
            }),
            kind => {
                return Err(DbErr::Type(format!(
                    "a constraint of kind `{kind}` of the catalog is not known"
                )));
            }
        }
        if !row.is(14)? {
            let object = format!("constraint {name} on {}", table.name);
            self.note(
                object,
                "is NOT VALID: rows from before it may break it; check them with \
                 `ALTER TABLE … VALIDATE CONSTRAINT …`",
            );
        }
        Ok(())
    }

    pub(super) fn index(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        let table = row.number(2)?;
        let numbers: Vec<i16> = row.numbers(7)?;
        let keys: usize = row.number(11)?;
        let mut index = Index::new(row.text(3)?, Vec::<String>::new());
        index.unique = row.is(5)?;
        index.method = row.owned(4)?;
        index.nulls_not_distinct = row.is(12)?;
        index.predicate = row.owned(13)?;
        index.include = self.column_names(table, numbers.get(keys..).unwrap_or_default());
        index.storage = storage(row.text(14)?);
        index.tablespace = row.owned(19)?;
        if let Some(owner) = self.tables.get(&table) {
            let object = Key::new(&owner.name, Kind::Index, &index.name).to_string();
            if !row.is(6)? {
                self.note(
                    object,
                    "is not valid, because its building was cut off; drop it and create it again",
                );
            }
        }
        let mut excludes = None;
        if let Some(name) = row.optional(15)? {
            let mut exclusion = Exclusion::new(name);
            exclusion.method.clone_from(&index.method);
            exclusion.predicate.clone_from(&index.predicate);
            exclusion.deferrable = deferrable(row.is(16)?, row.is(17)?);
            let operators = row.text(18)?.split(' ').map(str::to_owned).collect();
            excludes = Some((exclusion, operators));
        }
        let raw = RawIndex {
            table,
            index,
            excludes,
            numbers: numbers.into_iter().take(keys).collect(),
            options: row.numbers(8)?,
            classes: row.numbers(9)?,
            collations: row.numbers(10)?,
        };
        self.indexes.insert(row.number(1)?, raw);
        Ok(())
    }

    /// Puts the indexes on their tables, once all expressions are known.
    pub(super) fn finish_indexes(&mut self) {
        for (oid, raw) in std::mem::take(&mut self.indexes) {
            let keys = self.keys(oid, &raw);
            if let Some(table) = self.tables.get_mut(&raw.table) {
                if let Some((mut exclusion, operators)) = raw.excludes {
                    let elements = keys.into_iter().zip(operators);
                    exclusion.elements = elements
                        .map(|(key, operator)| Excluded { key, operator })
                        .collect();
                    table.exclusions.push(exclusion);
                    continue;
                }
                let mut index = raw.index;
                index.keys = keys;
                table.indexes.push(index);
            }
        }
    }

    fn keys(&self, oid: Oid, raw: &RawIndex) -> Vec<IndexKey> {
        let columns = self
            .columns
            .get(&raw.table)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let keys = raw.numbers.iter().enumerate().map(|(at, number)| {
            let column = columns.iter().find(|column| column.number == *number);
            let on = match column {
                Some(column) => KeyOn::Column(column.name.clone()),
                None => KeyOn::Expr(
                    self.expressions
                        .get(&(oid, at + 1))
                        .cloned()
                        .unwrap_or_default(),
                ),
            };
            let option = raw.options.get(at).copied().unwrap_or_default();
            let collation = raw.collations.get(at).copied().unwrap_or_default();
            // An expression takes its columns' collation along.
            let inherited = match column {
                Some(column) => column.collation == collation,
                None => columns.iter().any(|column| column.collation == collation),
            };
            IndexKey {
                on,
                descending: option & 1 != 0,
                nulls_first: Some(option & 2 != 0),
                opclass: {
                    let class = raw.classes.get(at);
                    let plain = class.and_then(|class| self.classes.get(class));
                    let told = self.class_options.get(&(oid, at + 1));
                    told.or(plain).cloned()
                },
                collation: match inherited {
                    true => None,
                    false => self.collations.get(&collation).cloned(),
                },
            }
        });
        keys.collect()
    }
}

/// `{fillfactor=70,fastupdate=off}`; no parameter has a comma or a quote in it.
pub(super) fn storage(options: &str) -> BTreeMap<String, String> {
    options
        .trim_matches(['{', '}'])
        .split(',')
        .filter_map(|option| option.split_once('='))
        .map(|(parameter, setting)| (parameter.to_owned(), setting.to_owned()))
        .collect()
}

fn deferrable(deferrable: bool, deferred: bool) -> Option<Deferrable> {
    match (deferrable, deferred) {
        (false, _) => None,
        (true, false) => Some(Deferrable::Immediate),
        (true, true) => Some(Deferrable::Deferred),
    }
}

fn action(code: &str) -> Action {
    match code {
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull,
        "d" => Action::SetDefault,
        _ => Action::NoAction,
    }
}
