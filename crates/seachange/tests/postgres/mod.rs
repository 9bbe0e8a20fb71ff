//! PostgreSQL.

mod names;
mod operations;
mod read;

use seachange::dialect::postgres::statements;
use seachange::op::Op;
use seachange::schema::{Column, DefaultValue, Name, PrimaryKey, Schema, Table, Type};
use seachange::source::catalog::{self, Catalog};

use crate::support::TestDatabase;

pub async fn apply(test: &TestDatabase, op: &Op) {
    for sql in statements(op).unwrap() {
        test.execute(&sql).await;
    }
}

pub async fn create(test: &TestDatabase, schema: &Schema) {
    for ty in schema.enums.values() {
        apply(test, &Op::CreateEnum(ty.clone())).await;
    }
    let mut keys = Vec::new();
    for table in schema.tables.values() {
        let mut table = table.clone();
        let indexes = std::mem::take(&mut table.indexes);
        let name = table.name.clone();
        keys.extend(
            std::mem::take(&mut table.foreign_keys)
                .into_iter()
                .map(|key| Op::AddForeignKey {
                    table: name.clone(),
                    key: Box::new(key),
                }),
        );
        let create = Op::CreateTable {
            table: Box::new(table),
        };
        apply(test, &create).await;
        for index in indexes {
            let op = Op::CreateIndex {
                table: name.clone(),
                index: Box::new(index),
            };
            apply(test, &op).await;
        }
    }
    for op in keys {
        apply(test, &op).await;
    }
}

pub async fn read(test: &TestDatabase) -> Catalog {
    catalog::read(test.db(), &[]).await.unwrap()
}

pub fn schema(tables: impl IntoIterator<Item = Table>) -> Schema {
    let mut schema = Schema::default();
    for table in tables {
        schema.insert(table);
    }
    schema
}

pub fn table(name: &str, columns: impl IntoIterator<Item = Column>) -> Table {
    let mut table = Table::new(name);
    table.columns.extend(columns);
    table
}

pub fn column(name: &str, ty: Type) -> Column {
    Column {
        nullable: true,
        ..Column::new(name, ty)
    }
}

pub fn defaulted(name: &str, ty: Type, default: DefaultValue) -> Column {
    Column {
        default: Some(default),
        ..column(name, ty)
    }
}

pub fn id() -> Column {
    Column {
        auto_increment: true,
        ..Column::new("id", Type::Integer)
    }
}

pub fn with_key(name: &str, columns: impl IntoIterator<Item = Column>) -> Table {
    let mut table = table(name, std::iter::once(id()).chain(columns));
    table.primary_key = Some(key(["id"]));
    table
}

pub fn key<const N: usize>(columns: [&str; N]) -> PrimaryKey {
    PrimaryKey {
        name: None,
        columns: columns.map(str::to_owned).to_vec(),
        ..PrimaryKey::default()
    }
}

pub fn mood(name: impl Into<Name>) -> Type {
    Type::Enum {
        name: name.into(),
        values: ["sad", "it's ok", "Happy"].map(str::to_owned).to_vec(),
    }
}

pub fn text(value: &str) -> DefaultValue {
    DefaultValue::String(value.to_owned())
}

pub fn number(value: &str) -> DefaultValue {
    DefaultValue::Number(value.to_owned())
}

pub fn expr(sql: &str) -> DefaultValue {
    DefaultValue::Expr(sql.to_owned())
}

pub fn custom(sql: &str) -> Type {
    Type::Custom(sql.to_owned())
}

pub fn array(element: Type) -> Type {
    Type::Array(Box::new(element))
}
