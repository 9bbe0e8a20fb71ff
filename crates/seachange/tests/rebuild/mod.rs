//! SQLite's rebuild of a table: it changes what it is told to, and loses nothing.

mod engine;
mod text;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};
use seachange::dialect::sqlite::{
    RESTORE, SOURCES, SchemaRow, TableSource, Work, plan, rebuild, rebuilds, statements,
};
use seachange::op::{CheckTarget, ColumnChange, Op, Step, Target};
use seachange::schema::{
    Action, Check, Column, DefaultValue, ForeignKey, Generated, Index, Length, Name, PrimaryKey,
    Type, Unique,
};

use crate::support::{self, TestDatabase};

const T: &str = "task list";

fn nullable(name: &str, ty: Type) -> Column {
    Column {
        nullable: true,
        ..Column::new(name, ty)
    }
}

fn add(column: Column) -> Op {
    Op::AddColumn {
        table: T.into(),
        column: Box::new(column),
    }
}

fn drop(column: &str) -> Op {
    Op::DropColumn {
        table: T.into(),
        column: column.into(),
        before: None,
    }
}

fn alter(column: &str, change: ColumnChange) -> Op {
    Op::AlterColumn {
        table: T.into(),
        column: column.into(),
        change: Box::new(change),
        before: None,
    }
}

fn add_check(name: &str, expr: &str) -> Op {
    Op::AddCheck {
        table: T.into(),
        check: Check {
            name: Some(name.into()),
            expr: expr.into(),
            only: None,
        },
    }
}

fn drop_check(name: &str) -> Op {
    Op::DropCheck {
        table: T.into(),
        target: CheckTarget {
            name: Some(name.into()),
            expr: None,
            only: None,
        },
        before: None,
    }
}

fn target(name: Option<&str>, columns: &[&str]) -> Target {
    Target {
        name: name.map(str::to_owned),
        columns: columns.iter().map(|c| (*c).into()).collect(),
        only: None,
    }
}

fn add_unique(name: Option<&str>, columns: &[&str]) -> Op {
    let Target { name, columns, .. } = target(name, columns);
    Op::AddUnique {
        table: T.into(),
        unique: Unique {
            name,
            columns,
            ..Unique::default()
        },
    }
}

fn drop_unique(name: Option<&str>, columns: &[&str]) -> Op {
    Op::DropUnique {
        table: T.into(),
        target: target(name, columns),
        before: None,
    }
}

fn add_key(name: &str, columns: &[&str], to: &str, ref_columns: &[&str]) -> Op {
    let Target { name, columns, .. } = target(Some(name), columns);
    Op::AddForeignKey {
        table: T.into(),
        key: Box::new(ForeignKey {
            name,
            columns,
            ref_table: Name::from(to),
            ref_columns: ref_columns.iter().map(|c| (*c).into()).collect(),
            on_delete: Action::Cascade,
            on_update: Action::NoAction,
            ..ForeignKey::default()
        }),
    }
}

fn drop_key(name: Option<&str>, columns: &[&str]) -> Op {
    Op::DropForeignKey {
        table: T.into(),
        target: target(name, columns),
        before: None,
    }
}

fn create_index(name: &str, columns: &[&str]) -> Op {
    Op::CreateIndex {
        table: T.into(),
        index: Box::new(Index::new(name, columns.iter().copied())),
    }
}

fn drop_index(name: &str) -> Op {
    Op::DropIndex {
        table: T.into(),
        name: name.into(),
        before: None,
        only: None,
    }
}

fn ty(ty: Type) -> ColumnChange {
    ColumnChange {
        ty: Some(ty),
        ..ColumnChange::default()
    }
}

fn null(nullable: bool) -> ColumnChange {
    ColumnChange {
        nullable: Some(nullable),
        ..ColumnChange::default()
    }
}

fn default(value: Option<DefaultValue>) -> ColumnChange {
    ColumnChange {
        default: Some(value),
        ..ColumnChange::default()
    }
}

fn auto_increment(on: bool) -> ColumnChange {
    ColumnChange {
        auto_increment: Some(on),
        ..ColumnChange::default()
    }
}

fn steps(ops: &[Op]) -> Vec<Step> {
    ops.iter().cloned().map(Step::from).collect()
}

/// A table of this text, and nothing else.
fn source(create: &str) -> TableSource {
    let row = SchemaRow {
        kind: "table".into(),
        name: T.into(),
        table: T.into(),
        sql: create.into(),
    };
    TableSource::find(&Name::from("TASK list"), &[row]).unwrap()
}

/// What becomes of a text between `create table "task list"(` and `)`.
fn edited(body: &str, ops: &[Op]) -> Result<String, String> {
    let create = format!("create table \"task list\"({body})");
    let steps = steps(ops);
    let steps: Vec<&Step> = steps.iter().collect();
    let rebuild = rebuild(&source(&create), &steps).map_err(|error| error.to_string())?;
    let Some(text) = rebuild.statements.first() else {
        return Ok(body.to_owned());
    };
    let body = text
        .strip_prefix("create table \"_seachange_new_task list\"(")
        .expect(text);
    Ok(body.strip_suffix(')').expect(body).to_owned())
}
