//! Reads PostgreSQL's catalog: one request for everything, whatever the number of tables.

mod on;
mod row;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::sqlx::postgres::{PgConnection, PgRow};
use sea_orm::sqlx::{self, AssertSqlSafe};
use sea_orm::{DatabaseConnection, DatabaseConnectionType, DbErr};

use self::on::RawIndex;
use self::row::{Row, query_error};
use super::{Catalog, ConstraintName, Owned, Server, Visible};
use crate::dialect::postgres::{column_object, identifier, parse_type, settle, settle_sequence};
use crate::dialect::{Note, literal, quote};
use crate::schema::{
    Column, Counting, DefaultValue, EnumType, Generated, Identity, Name, Numbering, Schema,
    Sequence, Table, TableOptions, Type,
};

const QUERIES: &str = include_str!("queries.sql");

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

type Oid = u32;

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
    /// Sequences that nothing owns.
    sequences: BTreeMap<Name, Sequence>,
    /// Those that a column owns, but for identities.
    owned: BTreeMap<Name, Owned>,
    /// Types by oid and modifier, each with the collation that its columns have unless they say.
    types: HashMap<(Oid, i32), (Type, Oid)>,
    /// Operator classes that are no type's default, as SQL.
    classes: HashMap<Oid, String>,
    /// Operator classes with options, as SQL, by index and place in it.
    class_options: HashMap<(Oid, usize), String>,
    collations: HashMap<Oid, String>,
    indexes: HashMap<Oid, RawIndex>,
    expressions: HashMap<(Oid, usize), String>,
    relations: BTreeMap<Name, &'static str>,
    toastless: BTreeSet<Name>,
    visible: Visible,
    domains: BTreeMap<String, Type>,
    names: BTreeMap<Name, Vec<ConstraintName>>,
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
                let name = row.text(3)?;
                let full = format!("{}.{}", quote(row.text(2)?), quote(name));
                let shown = match (row.is(4)?, name.starts_with('"')) {
                    (true, false) => name.to_owned(),
                    // It would be taken for a name in quotes.
                    (true, true) => quote(name),
                    (false, _) => full.clone(),
                };
                if shown != full {
                    self.visible.collations.insert(shown.clone(), full);
                }
                self.collations.insert(row.number(1)?, shown);
                Ok(())
            }
            "opclass" => {
                let name = class_name(row, 2)?;
                self.classes.insert(row.number(1)?, name);
                Ok(())
            }
            "opclass options" => {
                let options = row.text(6)?.trim_matches(['{', '}']).to_owned();
                let class = format!("{}({options})", class_name(row, 3)?);
                let place = (row.number(1)?, row.number(2)?);
                self.class_options.insert(place, class);
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
            ("S", "owned" | "") => return Ok(()),
            (_, "extension") => "belongs to an extension",
            (_, "partition") => "is a partition of another table",
            (_, "child") => "inherits from another table",
            ("v" | "m", _) => "views are not declared by entities",
            ("f", _) => "foreign tables are not declared by entities",
            _ => {
                if kind == "p" {
                    self.note(
                        format!("table {name}"),
                        "how it is partitioned is not compared",
                    );
                }
                let mut table = Table::new(name);
                table.comment = row.owned(6)?;
                table.options = TableOptions {
                    unlogged: row.is(7)?,
                    storage: on::storage(row.text(8)?),
                    tablespace: row.owned(11)?,
                    ..TableOptions::default()
                };
                let toast = on::storage(row.text(10)?).into_iter();
                let toast =
                    toast.map(|(parameter, setting)| (format!("toast.{parameter}"), setting));
                table.options.storage.extend(toast);
                if !row.is(9)? {
                    self.toastless.insert(table.name.clone());
                }
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
        let full = Name::from((row.text(2)?, row.text(3)?));
        let name = match row.is(4)? {
            true => Name::from(row.text(3)?),
            false => self.name(row.text(2)?, row.text(3)?),
        };
        if name != full {
            self.visible.enums.insert(name.clone(), full);
        }
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
        let mut sequence = Sequence {
            ty: parse_type(row.text(12)?),
            counting: Counting {
                start: Some(row.number(6)?),
                increment: Some(row.number(7)?),
                minimum: Some(row.number(8)?),
                maximum: Some(row.number(9)?),
                cache: Some(row.number(10)?),
                cycle: row.is(11)?,
            },
            ..Sequence::new(self.name(row.text(3)?, row.text(4)?))
        };
        if row.optional(1)?.is_none() {
            settle_sequence(&mut sequence);
            self.sequences.insert(sequence.name.clone(), sequence);
            return Ok(());
        }
        let oid = row.number(1)?;
        let Some(name) = self.column_name(oid, row.number(2)?).map(str::to_owned) else {
            return Ok(());
        };
        let Some(table) = self.tables.get_mut(&oid) else {
            return Ok(());
        };
        let owner = table.name.clone();
        let Some(column) = table.column_mut(&name) else {
            return Ok(());
        };
        if row.text(5)? == "i" {
            if let Some(Numbering::Identity(identity)) = &mut column.numbering {
                identity.counting = sequence.counting;
            }
            return Ok(());
        }
        let own = identifier(row.text(4)?);
        let qualified = format!("{}.{own}", identifier(row.text(3)?));
        let next = |name: &str| format!("nextval({}::regclass)", literal(name));
        if let Some(DefaultValue::Expr(default)) = &column.default
            && (*default == next(&own) || *default == next(&qualified))
        {
            column.default = None;
            column.auto_increment = true;
            column.numbering = Some(Numbering::Serial);
        }
        settle_sequence(&mut sequence);
        let owned = Owned {
            sequence,
            table: owner,
            column: name,
            nullable: column.nullable,
        };
        self.owned.insert(owned.sequence.name.clone(), owned);
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
        self.finish_indexes();
        let mut schema = Schema {
            sequences: self.sequences,
            ..Schema::default()
        };
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
            toastless: self.toastless,
            visible: self.visible,
            owned: self.owned,
            domains: self.domains,
            names: self.names,
        }
    }
}

/// An operator class as SQL: its schema, its name and whether it is found without the schema stand
/// from this place on.
fn class_name(row: Row<'_>, at: usize) -> Result<String, DbErr> {
    let name = identifier(row.text(at + 1)?);
    Ok(match row.is(at + 2)? {
        true => name,
        false => format!("{}.{name}", identifier(row.text(at)?)),
    })
}
