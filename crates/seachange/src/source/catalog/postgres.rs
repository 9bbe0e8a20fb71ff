//! Reads PostgreSQL's catalog: one request for everything, whatever the number of tables.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::sqlx::postgres::{PgConnection, PgRow};
use sea_orm::sqlx::{self, AssertSqlSafe, Row as _};
use sea_orm::{DatabaseConnection, DatabaseConnectionType, DbErr, RuntimeErr};

use super::{Catalog, Server};
use crate::dialect::postgres::{column_object, identifier, parse_type, settle};
use crate::dialect::{Note, literal, quote};
use crate::schema::{
    Action, Check, Column, DefaultValue, Deferrable, EnumType, Excluded, Exclusion, ForeignKey,
    Generated, Identity, Index, IndexKey, Key, KeyOn, Kind, Name, Numbering, PrimaryKey, Schema,
    Table, Type, Unique,
};

const QUERIES: &str = include_str!("postgres.sql");

/// All statements of one request are one transaction; so they see one state.
const ONE_STATE: &str = "set transaction isolation level repeatable read, read only;";

/// Reads the connection's current schema, and those of these names.
pub(super) async fn read(db: &DatabaseConnection, schemas: &[String]) -> Result<Catalog, DbErr> {
    let DatabaseConnectionType::SqlxPostgresPoolConnection(_) = &db.inner else {
        return Err(DbErr::Custom(
            "this connection is no pool of PostgreSQL's; connect with a postgres:// URL".to_owned(),
        ));
    };
    let pool = db.get_postgres_connection_pool();
    let mut connection = pool.acquire().await.map_err(query_error)?;
    let mut scope = "current_schema()".to_owned();
    for name in schemas {
        scope.push_str(", ");
        scope.push_str(&literal(name));
    }
    let rows = fetch(&mut connection, ONE_STATE, &scope).await?;
    let mut reader = Reader::default();
    for row in &rows {
        reader.row(Row(row))?;
    }
    if schemas.is_empty() && reader.schemas.is_empty() {
        return Err(DbErr::Custom(
            "the connection has no current schema: none of its `search_path` exists; create one \
             or name a schema"
                .to_owned(),
        ));
    }
    for name in schemas {
        if !reader.schemas.contains(name) {
            reader.note(format!("schema {name}"), "does not exist");
        }
    }
    Ok(reader.finish())
}

/// Reads the temporary schema of a connection, within its transaction.
#[cfg(feature = "migrate")]
pub(crate) async fn read_temporary(connection: &mut PgConnection) -> Result<Catalog, DbErr> {
    let scope = "(select nspname from pg_catalog.pg_namespace \
                 where oid = pg_catalog.pg_my_temp_schema())";
    let mut reader = Reader::default();
    for row in &fetch(connection, "", scope).await? {
        reader.row(Row(row))?;
    }
    Ok(reader.finish())
}

/// The one request.
async fn fetch(
    connection: &mut PgConnection,
    before: &str,
    scope: &str,
) -> Result<Vec<PgRow>, DbErr> {
    let sql = format!("{before}\n{}", QUERIES.replace(":schemas", scope));
    // Names of schemas are literals; nothing else is put into the text.
    sqlx::raw_sql(AssertSqlSafe(sql))
        .fetch_all(connection)
        .await
        .map_err(query_error)
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// A row as the simple protocol sends it: text.
#[derive(Clone, Copy)]
struct Row<'a>(&'a PgRow);

impl<'a> Row<'a> {
    fn optional(self, at: usize) -> Result<Option<&'a str>, DbErr> {
        let value = self.0.try_get_raw(at).map_err(query_error)?;
        if sqlx::ValueRef::is_null(&value) {
            return Ok(None);
        }
        value
            .as_str()
            .map(Some)
            .map_err(|error| DbErr::Type(format!("column {at} of the catalog: {error}")))
    }

    fn text(self, at: usize) -> Result<&'a str, DbErr> {
        Ok(self.optional(at)?.unwrap_or_default())
    }

    fn owned(self, at: usize) -> Result<Option<String>, DbErr> {
        Ok(self.optional(at)?.map(str::to_owned))
    }

    fn is(self, at: usize) -> Result<bool, DbErr> {
        Ok(self.text(at)? == "t")
    }

    fn number<N: std::str::FromStr>(self, at: usize) -> Result<N, DbErr> {
        let text = self.text(at)?;
        text.parse()
            .map_err(|_| DbErr::Type(format!("`{text}` of the catalog is no number")))
    }

    /// The numbers of an array (`{1,2}`) or a vector (`1 2`).
    fn numbers<N: std::str::FromStr>(self, at: usize) -> Result<Vec<N>, DbErr> {
        Ok(self
            .text(at)?
            .split(['{', '}', ',', ' '])
            .filter_map(|text| text.parse().ok())
            .collect())
    }
}

type Oid = u32;

/// What an index says about itself; its expressions come in rows of their own.
struct RawIndex {
    table: Oid,
    index: Index,
    /// The exclusion constraint that it is for, with its operators.
    excludes: Option<(Exclusion, Vec<String>)>,
    numbers: Vec<i16>,
    options: Vec<u8>,
    classes: Vec<Oid>,
    collations: Vec<Oid>,
}

struct RawColumn {
    number: i16,
    name: String,
    collation: Oid,
}

#[derive(Default)]
struct Reader {
    server: Server,
    schemas: BTreeSet<String>,
    current: Option<String>,
    notes: Vec<Note>,
    tables: HashMap<Oid, Table>,
    /// Columns of every table by number, of those too that are left out.
    columns: HashMap<Oid, Vec<RawColumn>>,
    /// Enum types, and whether they belong to the schemas that are read.
    enums: HashMap<Oid, (EnumType, bool)>,
    /// Types by oid and modifier, each with the collation that its columns have unless they say.
    types: HashMap<(Oid, i32), (Type, Oid)>,
    /// Operator classes that are no type's default, as SQL.
    classes: HashMap<Oid, String>,
    collations: HashMap<Oid, String>,
    indexes: HashMap<Oid, RawIndex>,
    expressions: HashMap<(Oid, usize), String>,
    relations: BTreeMap<Name, &'static str>,
    domains: BTreeMap<String, Type>,
}

impl Reader {
    fn row(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        match row.text(0)? {
            "server" => {
                self.server = Server {
                    version: row.number(1)?,
                    search_path: row.text(2)?.to_owned(),
                };
                Ok(())
            }
            "schema" => {
                if row.is(2)? {
                    self.current = row.owned(1)?;
                }
                self.schemas.insert(row.text(1)?.to_owned());
                Ok(())
            }
            "relation" => self.relation(row),
            "enum" => self.enumeration(row),
            "type" => self.ty(row),
            "collation" => {
                let name = match row.is(4)? {
                    true => row.text(3)?.to_owned(),
                    false => format!("{}.{}", quote(row.text(2)?), quote(row.text(3)?)),
                };
                self.collations.insert(row.number(1)?, name);
                Ok(())
            }
            "opclass" => {
                let name = identifier(row.text(3)?);
                let name = match row.is(4)? {
                    true => name,
                    false => format!("{}.{name}", identifier(row.text(2)?)),
                };
                self.classes.insert(row.number(1)?, name);
                Ok(())
            }
            "column" => self.column(row),
            "reference" => {
                let column = RawColumn {
                    number: row.number(2)?,
                    name: row.text(3)?.to_owned(),
                    collation: 0,
                };
                self.columns.entry(row.number(1)?).or_default().push(column);
                Ok(())
            }
            "sequence" => self.sequence(row),
            "constraint" => self.constraint(row),
            "index" => self.index(row),
            "expression" => {
                let key = (row.number(1)?, row.number(2)?);
                self.expressions.insert(key, row.text(3)?.to_owned());
                Ok(())
            }
            "domain" => self.domain(row),
            "other" => self.other(row),
            kind => Err(DbErr::Type(format!("`{kind}` of the catalog is not known"))),
        }
    }

    fn note(&mut self, object: String, reason: &str) {
        self.notes.push(Note {
            object,
            reason: reason.to_owned(),
        });
    }

    /// A name, qualified when its schema is not the connection's own.
    fn name(&self, schema: &str, name: &str) -> Name {
        Name {
            schema: (self.current.as_deref() != Some(schema)).then(|| schema.to_owned()),
            name: name.to_owned(),
        }
    }

    fn relation(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        let name = self.name(row.text(2)?, row.text(3)?);
        let (kind, place) = (row.text(4)?, row.text(5)?);
        let word = match kind {
            "v" => "view",
            "m" => "materialized view",
            "f" => "foreign table",
            "S" => "sequence",
            _ => "table",
        };
        let reason = match (kind, place) {
            ("S", "owned") => return Ok(()),
            (_, "extension") => "belongs to an extension",
            (_, "partition") => "is a partition of another table",
            (_, "child") => "inherits from another table",
            ("v" | "m", _) => "views are not declared by entities",
            ("f", _) => "foreign tables are not declared by entities",
            ("S", _) => "no column owns it",
            _ => {
                if kind == "p" {
                    self.note(
                        format!("table {name}"),
                        "how it is partitioned is not compared",
                    );
                }
                let mut table = Table::new(name);
                table.comment = row.owned(6)?;
                self.tables.insert(row.number(1)?, table);
                return Ok(());
            }
        };
        self.note(format!("{word} {name}"), reason);
        if kind != "S" {
            self.relations.insert(name, word);
        }
        Ok(())
    }

    fn enumeration(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        // What the search path finds is declared without a schema.
        let name = match row.is(4)? {
            true => Name::from(row.text(3)?),
            false => self.name(row.text(2)?, row.text(3)?),
        };
        let listed = row.is(6)?;
        let (ty, _) = self.enums.entry(row.number(1)?).or_insert_with(|| {
            let values = Vec::new();
            (EnumType { name, values }, listed)
        });
        ty.values.extend(row.owned(5)?);
        Ok(())
    }

    fn ty(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        let ty = match self.enums.get(&row.number(4)?) {
            Some((ty, _)) => {
                let ty = Type::Enum {
                    name: ty.name.clone(),
                    values: ty.values.clone(),
                };
                match row.is(5)? {
                    true => Type::Array(Box::new(ty)),
                    false => ty,
                }
            }
            None => parse_type(row.text(3)?),
        };
        self.types
            .insert((row.number(1)?, row.number(2)?), (ty, row.number(6)?));
        Ok(())
    }

    fn column(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        let oid = row.number(1)?;
        let name = row.text(3)?;
        let collation = row.number(9)?;
        self.columns.entry(oid).or_default().push(RawColumn {
            number: row.number(2)?,
            name: name.to_owned(),
            collation,
        });
        let Some(table) = self.tables.get_mut(&oid) else {
            return Ok(());
        };
        let ty = self.types.get(&(row.number(4)?, row.number(5)?));
        let (ty, usual) = ty.ok_or_else(|| {
            let column = column_object(&table.name, name);
            DbErr::Type(format!(
                "{column} has a type that the catalog does not list"
            ))
        })?;
        let mut column = Column::new(name, ty.clone());
        column.nullable = !row.is(6)?;
        let identity = row.text(7)?;
        column.auto_increment = !identity.is_empty();
        match (row.text(8)?, row.owned(10)?) {
            ("", default) => column.default = default.map(DefaultValue::Expr),
            (kind, expr) => {
                column.generated = expr.map(|expr| Generated {
                    expr,
                    stored: kind == "s",
                });
            }
        }
        if collation != *usual {
            column.collation = self.collations.get(&collation).cloned();
        }
        column.comment = row.owned(11)?;
        if column.auto_increment {
            column.numbering = Some(Numbering::Identity(Identity {
                always: identity == "a",
                ..Identity::default()
            }));
        }
        table.columns.push(column);
        Ok(())
    }

    /// A serial column is one whose default takes the next value of the sequence that it owns; an
    /// identity keeps its options there.
    fn sequence(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        let oid = row.number(1)?;
        let Some(name) = self.column_name(oid, row.number(2)?).map(str::to_owned) else {
            return Ok(());
        };
        let Some(column) = self
            .tables
            .get_mut(&oid)
            .and_then(|table| table.column_mut(&name))
        else {
            return Ok(());
        };
        if let Some(Numbering::Identity(identity)) = &mut column.numbering {
            if row.text(5)? == "i" {
                identity.start = Some(row.number(6)?);
                identity.increment = Some(row.number(7)?);
                identity.minimum = Some(row.number(8)?);
                identity.maximum = Some(row.number(9)?);
                identity.cache = Some(row.number(10)?);
                identity.cycle = row.is(11)?;
            }
            return Ok(());
        }
        let sequence = identifier(row.text(4)?);
        let qualified = format!("{}.{sequence}", identifier(row.text(3)?));
        let next = |name: &str| format!("nextval({}::regclass)", literal(name));
        if let Some(DefaultValue::Expr(default)) = &column.default
            && (*default == next(&sequence) || *default == next(&qualified))
        {
            column.default = None;
            column.auto_increment = true;
            column.numbering = Some(Numbering::Serial);
        }
        Ok(())
    }

    fn column_name(&self, table: Oid, number: i16) -> Option<&str> {
        let columns = self.columns.get(&table)?;
        let column = columns.iter().find(|column| column.number == number)?;
        Some(&column.name)
    }

    fn column_names(&self, table: Oid, numbers: &[i16]) -> Vec<String> {
        numbers
            .iter()
            .filter_map(|number| self.column_name(table, *number).map(str::to_owned))
            .collect()
    }

    fn constraint(&mut self, row: Row<'_>) -> Result<(), DbErr> {
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

    fn index(&mut self, row: Row<'_>) -> Result<(), DbErr> {
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

    fn domain(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        if let Type::Custom(words) = parse_type(row.text(1)?) {
            self.domains.insert(words, parse_type(row.text(2)?));
        }
        Ok(())
    }

    fn other(&mut self, row: Row<'_>) -> Result<(), DbErr> {
        let kind = row.text(1)?;
        let object = match row.optional(4)? {
            Some(owner) => {
                let owner = self.name(row.text(2)?, owner);
                format!("{kind} {} on {owner}", row.text(3)?)
            }
            None => format!("{kind} {}", self.name(row.text(2)?, row.text(3)?)),
        };
        self.note(object, "is not declared by entities");
        Ok(())
    }

    fn finish(mut self) -> Catalog {
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
        let mut schema = Schema::default();
        for (ty, listed) in self.enums.into_values() {
            if listed {
                schema.enums.insert(ty.name.clone(), ty);
            }
        }
        for (oid, mut table) in self.tables {
            let numbers = self.columns.remove(&oid).unwrap_or_default();
            table.columns.sort_by_cached_key(|column| {
                let found = numbers.iter().find(|raw| raw.name == column.name);
                found.map(|raw| raw.number)
            });
            settle(&mut table);
            schema.insert(table);
        }
        // Functions of one name are one note.
        self.notes.sort();
        self.notes.dedup();
        Catalog {
            schema,
            notes: self.notes,
            default_schema: self.current,
            server: self.server,
            relations: self.relations,
            domains: self.domains,
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
                opclass: raw
                    .classes
                    .get(at)
                    .and_then(|class| self.classes.get(class))
                    .cloned(),
                collation: match inherited {
                    true => None,
                    false => self.collations.get(&collation).cloned(),
                },
            }
        });
        keys.collect()
    }
}

/// `{fillfactor=70,fastupdate=off}`; no parameter of an index has a comma or a quote in it.
fn storage(options: &str) -> BTreeMap<String, String> {
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
