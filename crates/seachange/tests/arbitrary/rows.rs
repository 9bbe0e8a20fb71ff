//! Rows for the tables of a pair, such that both schemas can hold them.

use std::collections::{BTreeMap, BTreeSet};

use seachange::schema::{Column, Engine, ForeignKey, KeyOn, Name, Schema, Table, Type};

use super::change::Pair;
use super::{quoted, sequences};

/// How many rows a table gets if it can.
const ROWS: usize = 3;
/// The number of the value that fills what must not be empty.
const FILLED: usize = 7;

/// Which table each table of `to` was, as hints and names tell.
pub fn tables(from: &Schema, to: &Schema) -> BTreeMap<Name, Name> {
    let hint = |table: &Table| table.renamed_from.clone();
    let old = from.tables.keys().cloned().collect();
    let new = to.tables.values().map(|t| (t.name.clone(), hint(t)));
    sources(old, new.collect())
}

/// Which column each column of a table was.
pub fn columns(from: &Table, to: &Table) -> BTreeMap<String, String> {
    let old = from.columns.iter().map(|c| c.name.clone()).collect();
    let new = to
        .columns
        .iter()
        .map(|c| (c.name.clone(), c.renamed_from.clone()));
    sources(old, new.collect())
}

/// The values of an enum that are still there in `to`, under whatever name.
pub fn lasting(from: &Schema, to: &Schema, name: &Name) -> Vec<String> {
    let Some(old) = from.enums.get(name).map(|ty| &ty.values) else {
        return Vec::new();
    };
    let Some(new) = to.enums.get(name).map(|ty| &ty.values) else {
        return old.clone();
    };
    let columns = to.tables.values().flat_map(|table| &table.columns);
    let hints: BTreeSet<&(String, String)> = columns
        .filter(|column| column.ty.is_enum(name))
        .flat_map(|column| &column.enum_hints.renamed_values)
        .collect();
    // One that was renamed twice, or to what another one was called, is not followed.
    let renamed = |value: &String| {
        hints.iter().any(|(from, to)| {
            let about = |name: &String| {
                let says = |hint: &&&(String, String)| hint.0 == *name || hint.1 == *name;
                hints.iter().filter(says).count()
            };
            from == value
                && new.contains(to)
                && !old.contains(to)
                && about(from) == 1
                && about(to) == 1
        })
    };
    let lasts = |value: &&String| new.contains(value) || renamed(value);
    old.iter().filter(lasts).cloned().collect()
}

/// A hint holds when the old name is there and the new one is free, which it may become by
/// another rename.
fn sources<N: Clone + Ord>(mut now: Vec<N>, to: Vec<(N, Option<N>)>) -> BTreeMap<N, N> {
    let mut was: BTreeMap<N, N> = now.iter().map(|n| (n.clone(), n.clone())).collect();
    loop {
        let rename = to.iter().find_map(|(new, hint)| {
            let old = hint.as_ref()?;
            (!now.contains(new) && now.contains(old)).then(|| (old.clone(), new.clone()))
        });
        let Some((old, new)) = rename else { break };
        now.retain(|name| *name != old);
        now.push(new.clone());
        if let Some(source) = was.remove(&old) {
            was.insert(new, source);
        }
    }
    was.retain(|new, _| to.iter().any(|(name, _)| name == new));
    was
}

/// One row: SQL by column.
type Row = BTreeMap<String, String>;

/// The statements that put rows into the tables of `from`.
pub fn inserts(pair: &Pair, engine: Engine) -> Vec<String> {
    let became: BTreeMap<Name, Name> = tables(&pair.from, &pair.to)
        .into_iter()
        .map(|(new, old)| (old, new))
        .collect();
    let mut filled: BTreeMap<Name, Vec<Row>> = BTreeMap::new();
    let mut sql = Vec::new();
    for name in parents_first(&pair.from) {
        let table = &pair.from.tables[&name];
        let to = became.get(&name).map(|name| &pair.to.tables[name]);
        let filling = Filling {
            pair,
            engine,
            table,
            to,
            was: to.map(|to| columns(table, to)).unwrap_or_default(),
            became: &became,
            filled: &filled,
        };
        let rows = filling.rows();
        for row in &rows {
            let columns: Vec<String> = row.keys().map(|name| quoted(name)).collect();
            let values: Vec<&str> = row.values().map(String::as_str).collect();
            let table = qualified(&name);
            sql.push(match columns.as_slice() {
                [] => format!("insert into {table} default values"),
                columns => format!(
                    "insert into {table} ({}){} values ({})",
                    columns.join(", "),
                    match engine {
                        Engine::Postgres => " overriding system value",
                        _ => "",
                    },
                    values.join(", ")
                ),
            });
        }
        filled.insert(name, rows);
    }
    if engine == Engine::Postgres {
        sql.extend(sequences::uses(&pair.from));
    }
    sql
}

pub fn qualified(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&name.name)),
        None => quoted(&name.name),
    }
}

/// The SQL that fills a column where nothing says how.
pub fn fill(ty: &Type, engine: Engine) -> String {
    value(ty, FILLED, engine, true)
}

fn parents_first(schema: &Schema) -> Vec<Name> {
    let mut waiting: Vec<&Table> = schema.tables.values().collect();
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let free = waiting.iter().position(|table| {
            table.foreign_keys.iter().all(|key| {
                key.ref_table == table.name || !waiting.iter().any(|t| t.name == key.ref_table)
            })
        });
        order.push(waiting.remove(free.unwrap_or(0)).name.clone());
    }
    order
}

struct Filling<'a> {
    pair: &'a Pair,
    engine: Engine,
    table: &'a Table,
    to: Option<&'a Table>,
    /// Columns as they were by columns as they will be.
    was: BTreeMap<String, String>,
    became: &'a BTreeMap<Name, Name>,
    filled: &'a BTreeMap<Name, Vec<Row>>,
}

impl Filling<'_> {
    fn rows(&self) -> Vec<Row> {
        let mut count = ROWS;
        // What each column that refers to something holds: rows of a table, or nothing.
        let mut refers: BTreeMap<&str, Option<(&ForeignKey, usize)>> = BTreeMap::new();
        for key in &self.table.foreign_keys {
            let valued = self.may_be_valued(key);
            for (at, column) in key.columns.iter().enumerate() {
                refers.insert(column, valued.then_some((key, at)));
            }
            if valued && key.ref_table != self.table.name {
                let parents = self.filled.get(&key.ref_table).map_or(0, Vec::len);
                if self.required(&key.columns) {
                    count = count.min(parents);
                }
            } else if !valued && self.required(&key.columns) {
                count = 0;
            }
            if !self.survives(&key.columns) && self.to.is_some() && self.required(&key.columns) {
                // What comes back could point at nothing.
                count = 0;
            }
        }
        for key in self.to.iter().flat_map(|to| &to.foreign_keys) {
            if self.is_old(key) {
                continue;
            }
            for column in &key.columns {
                let required = self
                    .to
                    .and_then(|to| to.column(column))
                    .is_some_and(|c| !c.nullable);
                match self.was.get(column) {
                    Some(old) => {
                        let old = self.table.column(old).expect("it is there");
                        refers.insert(&old.name, None);
                        if !old.nullable || required {
                            count = 0;
                        }
                    }
                    None if required => count = 0,
                    None => {}
                }
            }
        }
        for (column, value) in &refers {
            let becomes_required = self
                .was
                .iter()
                .find(|(_, old)| old == column)
                .and_then(|(new, _)| self.to?.column(new))
                .is_some_and(|c| !c.nullable);
            let column = self.table.column(column).expect("it is there");
            if value.is_none() && (!column.nullable || becomes_required) {
                count = 0;
            }
        }
        if !self.keys_hold(&refers) {
            count = count.min(1);
        }
        (0..count).filter_map(|k| self.row(k, &refers)).collect()
    }

    fn row(&self, k: usize, refers: &BTreeMap<&str, Option<(&ForeignKey, usize)>>) -> Option<Row> {
        let mut row = Row::new();
        let plain = self
            .table
            .columns
            .iter()
            .filter(|c| c.generated.is_none() && !refers.contains_key(c.name.as_str()));
        for column in plain {
            let value = match column.nullable && k == 1 {
                true => "NULL".to_owned(),
                false => {
                    let ty = match (column.ty.enumeration(), self.becomes(column)) {
                        (Some((name, _)), _) => {
                            let values = lasting(&self.pair.from, &self.pair.to, name);
                            &column.ty.with_enum_values(&values)
                        }
                        // PostgreSQL reads the text.
                        (None, Some(Type::Uuid)) if self.engine == Engine::Postgres => &Type::Uuid,
                        _ => &column.ty,
                    };
                    value(ty, k, self.engine, self.is_converted(column))
                }
            };
            row.insert(column.name.clone(), value);
        }
        let mut pending: Vec<_> = refers.iter().collect();
        pending.sort_by_key(|(_, target)| {
            target.is_some_and(|(key, _)| key.ref_table == self.table.name)
        });
        for (column, target) in pending {
            let value = target.and_then(|(key, at)| {
                let other = &key.ref_columns[at];
                match key.ref_table == self.table.name {
                    true => row.get(other).cloned(),
                    false => self.filled.get(&key.ref_table)?.get(k)?.get(other).cloned(),
                }
            });
            let required = self.table.column(column).is_some_and(|c| !c.nullable);
            let value = value.unwrap_or_else(|| "NULL".to_owned());
            if required && value == "NULL" {
                return None;
            }
            row.insert((*column).to_owned(), value);
        }
        Some(row)
    }

    fn required(&self, columns: &[String]) -> bool {
        columns
            .iter()
            .any(|name| self.table.column(name).is_some_and(|c| !c.nullable))
    }

    fn survives(&self, columns: &[String]) -> bool {
        columns
            .iter()
            .all(|name| self.was.values().any(|old| old == name))
    }

    /// Whether the rows that a key points at stay there as long as what points at them, and the
    /// key may be filled at all.
    fn may_be_valued(&self, key: &ForeignKey) -> bool {
        let own = key.ref_table == self.table.name;
        if !own && !self.filled.contains_key(&key.ref_table) {
            return false;
        }
        let Some(_) = self.to else { return true };
        let stays = |column| self.was.values().any(|old| old == column);
        // A part of a key to the table itself may come back empty.
        if !own && !key.columns.iter().any(stays) {
            return true;
        }
        let Some(parent_to) = self.became.get(&key.ref_table) else {
            return false;
        };
        let parent = &self.pair.from.tables[&key.ref_table];
        let parent_to = &self.pair.to.tables[parent_to];
        let parent_was = columns(parent, parent_to);
        let becomes = |to: &Table, was: &BTreeMap<String, String>, column: &str| {
            let (new, _) = was.iter().find(|(_, old)| *old == column)?;
            Some(to.column(new)?.ty.clone())
        };
        key.columns
            .iter()
            .zip(&key.ref_columns)
            .all(|(own, other)| {
                // Values that change apart come back apart: 1 as '1.0'.
                let own = self.to.and_then(|to| becomes(to, &self.was, own));
                let other = becomes(parent_to, &parent_was, other);
                other.is_some() && (own.is_none() || own == other)
            })
    }

    /// Whether a key of `to` is one of `from`.
    fn is_old(&self, key: &ForeignKey) -> bool {
        self.table.foreign_keys.iter().any(|old| {
            let own = old.columns.len() == key.columns.len()
                && key
                    .columns
                    .iter()
                    .zip(&old.columns)
                    .all(|(new, old)| self.was.get(new) == Some(old));
            let Some(target) = self.became.get(&old.ref_table) else {
                return false;
            };
            if !own || *target != key.ref_table {
                return false;
            }
            let parent = &self.pair.from.tables[&old.ref_table];
            let was = columns(parent, &self.pair.to.tables[target]);
            key.ref_columns
                .iter()
                .zip(&old.ref_columns)
                .all(|(new, old)| was.get(new) == Some(old))
        })
    }

    /// The type that a column gets.
    fn becomes(&self, column: &Column) -> Option<&Type> {
        let (new, _) = self.was.iter().find(|(_, old)| **old == column.name)?;
        Some(&self.to?.column(new)?.ty)
    }

    fn is_converted(&self, column: &Column) -> bool {
        self.becomes(column).is_some_and(|ty| *ty != column.ty)
            || super::fit::convertible(&column.ty, &Type::Integer) && self.is_referred(column)
    }

    fn is_referred(&self, column: &Column) -> bool {
        let refers = |key: &ForeignKey| {
            key.ref_table == self.table.name && key.ref_columns.contains(&column.name)
        };
        self.pair
            .from
            .tables
            .values()
            .any(|table| table.foreign_keys.iter().any(refers))
    }

    /// Whether several rows differ in every key, before and after.
    fn keys_hold(&self, refers: &BTreeMap<&str, Option<(&ForeignKey, usize)>>) -> bool {
        // Rows differ in every column that is no reference; rows that refer may share NULLs.
        let differs = |name: &str| match refers.get(name) {
            None => self
                .table
                .column(name)
                .is_some_and(|c| c.generated.is_none() && super::has_order(&c.ty)),
            Some(None) => false,
            Some(Some((key, _))) => {
                key.ref_table == self.table.name
                    || self.filled.get(&key.ref_table).map_or(0, Vec::len) >= ROWS
            }
        };
        let numbered =
            |table: &Table, name: &str| table.column(name).is_some_and(|c| c.auto_increment);
        let before = unique_keys(self.table).into_iter().all(|key| {
            key.iter().any(|name| differs(name))
                && (self.to.is_none()
                    || key.iter().any(|name| {
                        differs(name) && self.was.values().any(|old| old == name)
                            || numbered(self.table, name)
                    }))
        });
        let after = self.to.is_none_or(|to| {
            unique_keys(to).into_iter().all(|key| {
                key.iter().any(|name| match self.was.get(name) {
                    Some(old) => differs(old),
                    None => numbered(to, name),
                })
            })
        });
        before && after
    }
}

/// The columns of everything that must differ.
fn unique_keys(table: &Table) -> Vec<Vec<String>> {
    let primary = table.primary_key.iter().map(|key| key.columns.clone());
    let uniques = table.uniques.iter().map(|unique| unique.columns.clone());
    let indexes = table
        .indexes
        .iter()
        .filter(|index| index.unique)
        .map(|index| {
            index
                .keys
                .iter()
                .map(|key| match &key.on {
                    KeyOn::Column(name) => name.clone(),
                    // All expressions are of one column.
                    KeyOn::Expr(sql) => table
                        .columns
                        .iter()
                        .find(|c| sql.contains(&quoted(&c.name)))
                        .map(|c| c.name.clone())
                        .unwrap_or_default(),
                })
                .collect()
        });
    // All exclusion constraints are of equal columns.
    let exclusions = table.exclusions.iter().map(|exclusion| {
        let elements = exclusion.elements.iter();
        let columns = elements.filter_map(|element| match &element.key.on {
            KeyOn::Column(name) => Some(name.clone()),
            KeyOn::Expr(_) => None,
        });
        columns.collect()
    });
    let others = indexes.chain(exclusions);
    primary.chain(uniques).chain(others).collect()
}

/// The value of a column in the row of this number, as SQL. One that is converted is a number as
/// every type of its family can hold it.
fn value(ty: &Type, k: usize, engine: Engine, plain: bool) -> String {
    let n = k + 1;
    let postgres = engine == Engine::Postgres;
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    match ty {
        Type::SmallInteger | Type::Integer | Type::BigInteger => n.to_string(),
        Type::Float | Type::Double | Type::Decimal(_) if plain => n.to_string(),
        // No default is one of these.
        Type::Float | Type::Double | Type::Decimal(_) => format!("{n}.25"),
        Type::Char(_) | Type::String(_) | Type::Text if plain => text(&n.to_string()),
        Type::Char(_) | Type::String(_) | Type::Text => text(&format!("it's \"{n}\"")),
        Type::Date => text(&format!("2024-02-0{n}")),
        Type::DateTime | Type::Timestamp => text(&format!("2024-02-0{n} 00:00:00")),
        Type::TimestampWithTimeZone => text(&format!("2024-02-0{n} 00:00:00+00:00")),
        Type::Time => text(&format!("10:00:0{n}")),
        Type::Blob if postgres => text(&format!("\\x0{n}")),
        Type::Blob => format!("x'0{n}'"),
        Type::Boolean => n.is_multiple_of(2).to_string(),
        Type::Json | Type::JsonBinary => text(&format!("{{\"k\": {n}}}")),
        Type::Uuid => text(&format!("00000000-0000-4000-8000-00000000000{n}")),
        Type::Interval(..) => text(&format!("{n} days")),
        Type::Bit(_) => "B'1010'".to_owned(),
        Type::VarBit(_) => "B'10'".to_owned(),
        Type::Cidr => text(&format!("10.0.{n}.0/24")),
        Type::Inet => text(&format!("10.0.0.{n}")),
        Type::MacAddr => text(&format!("08:00:2b:01:02:0{n}")),
        Type::Array(_) => text(&format!("{{{n}}}")),
        Type::Enum { values, .. } => text(&values[k % values.len()]),
        other => unreachable!("no values of {other} are drawn"),
    }
}
