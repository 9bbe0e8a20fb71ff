//! Operations as calls of `Operations`, so that recording them again gives the same operations.

use super::column::{self, Role, column_type, default_value, is_inline, sql};
use super::layout::{Code, width};
use super::on::{
    create_exclusion, create_index, deferrable_word, drop_constraint, foreign_key, index_code, more,
};
use super::rows::{backfill, value, values};
use super::table_options::{alter_table, table_options};
use crate::dialect::postgres::in_full;
use crate::op::{ColumnChange, EnumUse, Op, Step, ValuePlace, can_be_guarded, done_when};
use crate::schema::{Engine, Kind, Name, Table};

pub(super) fn op() -> Code {
    Code::word("op")
}

pub(super) fn optional(name: Option<&str>) -> Code {
    Code::text(name.unwrap_or_default())
}

/// The statement that records the step.
pub(super) fn step(step: &Step) -> Code {
    let code = operation(&step.op);
    if !step.guarded || !can_be_guarded(&step.op) {
        return code;
    }
    let makes = || done_when(&step.op).iter().all(|(_, there)| *there);
    match &step.op {
        Op::AlterColumn { .. } => code.then("if_needed", []),
        _ if makes() => code.then("if_not_exists", []),
        _ => code.then("if_exists", []),
    }
}

fn operation(operation: &Op) -> Code {
    use column::name;
    match operation {
        Op::CreateSchema { name } => op().then("create_schema", [Code::text(name)]),
        Op::DropSchema { name } => op().then("drop_schema", [Code::text(name)]),
        Op::CreateEnum(ty) => op().then("create_enum", [name(&ty.name), Code::texts(&ty.values)]),
        Op::DropEnum { name: ty, .. } => op().then("drop_enum", [name(ty)]),
        Op::AddEnumValue {
            name: ty,
            value,
            place,
            used_by,
        } => {
            let code = op().then("add_enum_value", [name(ty), Code::text(value)]);
            let code = match place {
                ValuePlace::Last => code,
                ValuePlace::Before(other) => code.then("before", [Code::text(other)]),
                ValuePlace::After(other) => code.then("after", [Code::text(other)]),
            };
            with_uses(code, used_by)
        }
        Op::RenameEnumValue {
            name: ty,
            from,
            to,
            used_by,
        } => {
            let arguments = [name(ty), Code::text(from), Code::text(to)];
            with_uses(op().then("rename_enum_value", arguments), used_by)
        }
        Op::RemoveEnumValue {
            name: ty,
            value,
            used_by,
            ..
        } => {
            let arguments = [name(ty), Code::text(value)];
            with_uses(op().then("remove_enum_value", arguments), used_by)
        }
        Op::ReorderEnum {
            name: ty,
            values,
            used_by,
            ..
        } => {
            let arguments = [name(ty), Code::texts(values)];
            with_uses(op().then("reorder_enum", arguments), used_by)
        }
        Op::RenameEnum { from, to } => op().then("rename_enum", [name(from), name(to)]),
        Op::CreateSequence(sequence) => op().then("create_sequence", [column::sequence(sequence)]),
        Op::DropSequence { name: sequence, .. } => op().then("drop_sequence", [name(sequence)]),
        Op::AlterSequence { sequence, .. } => {
            op().then("alter_sequence", [column::sequence(sequence)])
        }
        Op::RenameSequence { from, to } => op().then("rename_sequence", [name(from), name(to)]),
        Op::RenameIndex {
            table,
            from,
            to,
            only,
        } => {
            let arguments = [Code::text(from), Code::text(to), name(table)];
            only_on(op().then("rename_index", arguments), *only)
        }
        Op::RenameConstraint {
            table,
            kind,
            target,
            to,
        } => {
            let from = optional(target.name.as_deref());
            let arguments = [from, optional(to.as_deref()), name(table)];
            let code = op().then("rename_constraint", arguments);
            let code = match kind {
                Some(Kind::PrimaryKey) => code.then("primary_key", []),
                Some(Kind::Check) => code.then("check", []),
                Some(Kind::Exclusion) => code.then("exclusion", []),
                Some(Kind::Unique) => code.then("unique", [Code::texts(&target.columns)]),
                Some(Kind::ForeignKey) => code.then("foreign_key", [Code::texts(&target.columns)]),
                _ => code,
            };
            only_on(code, target.only)
        }
        Op::CreateTable { table } => create_table(table),
        Op::DropTable { name: table, .. } => op().then("drop_table", [name(table)]),
        Op::RenameTable { from, to } => op().then("rename_table", [name(from), name(to)]),
        Op::CommentTable { table, comment, .. } => op().then(
            "comment_table",
            [name(table), comment_code(comment.as_deref())],
        ),
        Op::AlterTable { table, change, .. } => alter_table(table, change),
        Op::AddColumn { table, column } => {
            let definition = column::column(column, Role::default());
            let mut code = op().then("add_column", [name(table), definition]);
            if let Some(collation) = &column.collation {
                code = code.then("collation", [Code::text(collation)]);
            }
            if let Some(numbering) = &column.numbering {
                code = code.then("numbering", [column::numbering(numbering)]);
            }
            for (engine, variant) in &column.variants {
                let arguments = [engine_code(*engine), column::variant(variant)];
                code = code.then("variant", arguments);
            }
            code
        }
        Op::DropColumn { table, column, .. } => {
            op().then("drop_column", [name(table), Code::text(column)])
        }
        Op::RenameColumn { table, from, to } => op().then(
            "rename_column",
            [name(table), Code::text(from), Code::text(to)],
        ),
        Op::AlterColumn {
            table,
            column,
            change,
            before,
        } => match before {
            Some(before) => alter_column(table, column, &in_full(change, before)),
            None => alter_column(table, column, change),
        },
        Op::AddPrimaryKey { table, key } => {
            let code = op().then(
                "create_primary_key",
                [name(table), Code::texts(&key.columns)],
            );
            let code = match &key.name {
                Some(key) => code.then("name", [Code::text(key)]),
                None => code,
            };
            more(code, &key.include, key.deferrable)
        }
        Op::DropPrimaryKey { table, .. } => op().then("drop_primary_key", [name(table)]),
        Op::AddUnique { table, unique } => {
            let called = optional(unique.name.as_deref());
            let code = op().then(
                "create_unique",
                [called, name(table), Code::texts(&unique.columns)],
            );
            let code = match unique.nulls_not_distinct {
                true => code.then("nulls_not_distinct", []),
                false => code,
            };
            let code = more(code, &unique.include, unique.deferrable);
            only_on(code, unique.only)
        }
        Op::DropUnique { table, target, .. } => {
            only_on(drop_constraint("drop_unique", table, target), target.only)
        }
        Op::CreateIndex { table, index } => create_index(table, index),
        Op::DropIndex {
            table,
            name: index,
            only,
            ..
        } => only_on(
            op().then("drop_index", [Code::text(index), name(table)]),
            *only,
        ),
        Op::AddForeignKey { table, key } => {
            let definition = foreign_key(table, key).then("to_owned", []);
            let mut code = op().then("create_foreign_key", [definition]);
            if key.match_full {
                code = code.then("match_full", []);
            }
            if !key.set_columns.is_empty() {
                code = code.then("set_columns", [Code::texts(&key.set_columns)]);
            }
            more(code, &[], key.deferrable)
        }
        Op::DropForeignKey { table, target, .. } => {
            drop_constraint("drop_foreign_key", table, target)
        }
        Op::AddCheck { table, check } => {
            let called = optional(check.name.as_deref());
            let arguments = [called, name(table), sql(&check.expr)];
            only_on(op().then("create_check", arguments), check.only)
        }
        Op::DropCheck { table, target, .. } => {
            let code = op().then(
                "drop_check",
                [optional(target.name.as_deref()), name(table)],
            );
            let code = match &target.expr {
                Some(expr) => code.then("condition", [sql(expr)]),
                None => code,
            };
            only_on(code, target.only)
        }
        Op::AddExclusion { table, exclusion } => create_exclusion(table, exclusion),
        Op::DropExclusion {
            table,
            name: exclusion,
            only,
            ..
        } => only_on(
            op().then("drop_exclusion", [Code::text(exclusion), name(table)]),
            *only,
        ),
        Op::Execute { sql, only: None } => op().then("execute", [Code::text(sql)]),
        Op::Execute {
            sql,
            only: Some(engine),
        } => op().then("execute_on", [engine_code(*engine), Code::text(sql)]),
        Op::BulkInsert {
            table,
            columns,
            rows,
        } => {
            let rows = rows
                .iter()
                .map(|row| Code::Array(row.iter().map(value).collect()))
                .collect();
            op().then(
                "bulk_insert",
                [name(table), Code::texts(columns), Code::Array(rows)],
            )
        }
        Op::DeleteRows {
            table,
            column,
            values: meant,
        } => op().then(
            "delete_rows",
            [name(table), Code::text(column), values(meant)],
        ),
        Op::Backfill(spec) => backfill(spec),
        Op::Run(run) => Code::word(run_code(&run.why)),
    }
}

fn with_uses(mut code: Code, uses: &[EnumUse]) -> Code {
    for used in uses {
        let arguments = [column::name(&used.table), Code::text(&used.column)];
        code = code.then("used_by", arguments);
    }
    code
}

fn comment_code(comment: Option<&str>) -> Code {
    match comment {
        Some(comment) => Code::call("Some", [Code::text(comment)]),
        None => Code::word("None"),
    }
}

pub(super) fn only_on(code: Code, only: Option<Engine>) -> Code {
    match only {
        Some(engine) => code.then("only_on", [engine_code(engine)]),
        None => code,
    }
}

fn engine_code(engine: Engine) -> Code {
    Code::word(match engine {
        Engine::Sqlite => "Engine::Sqlite",
        Engine::Postgres => "Engine::Postgres",
        Engine::MySql => "Engine::MySql",
    })
}

fn create_table(table: &Table) -> Code {
    let Table {
        name,
        columns,
        primary_key,
        uniques,
        // Indexes are steps of their own.
        indexes: _,
        foreign_keys,
        checks,
        // Steps of their own, as indexes are.
        exclusions: _,
        options,
        comment,
        renamed_from: _,
    } = table;
    // A key that a column's definition can say by itself.
    let inline_key = primary_key
        .as_ref()
        .filter(|key| key.name.is_none() && key.columns.len() == 1)
        .map(|key| key.columns[0].as_str());
    let mut code = Code::call("Table::create", []).then("table", [column::name(name)]);
    for column in columns {
        let role = Role {
            primary_key: inline_key == Some(column.name.as_str()),
            unique: inline_key != Some(column.name.as_str())
                && uniques
                    .iter()
                    .any(|unique| is_inline(unique) && unique.columns[0] == column.name),
        };
        code = code.then("col", [column::column(column, role)]);
    }
    if let Some(key) = primary_key.as_ref().filter(|_| inline_key.is_none()) {
        code = code.then(
            "primary_key",
            [index_code(key.name.as_deref(), &[], &key.columns)],
        );
    }
    for unique in uniques {
        let is_inline = is_inline(unique) && inline_key != Some(unique.columns[0].as_str());
        if !is_inline {
            let flags: &[&str] = match unique.nulls_not_distinct {
                true => &["unique", "nulls_not_distinct"],
                false => &["unique"],
            };
            let index = index_code(unique.name.as_deref(), flags, &unique.columns);
            code = code.then("index", [index]);
        }
    }
    for key in foreign_keys {
        code = code.then("foreign_key", [foreign_key(name, key)]);
    }
    if let Some(comment) = comment {
        code = code.then("comment", [Code::text(comment)]);
    }
    let mut code = op().then("create_table", [code.then("to_owned", [])]);
    for check in checks {
        code = code.then("check", [optional(check.name.as_deref()), sql(&check.expr)]);
    }
    for column in columns {
        if let Some(collation) = &column.collation {
            code = code.then(
                "collation",
                [Code::text(&column.name), Code::text(collation)],
            );
        }
    }
    for column in columns {
        if let Some(numbering) = &column.numbering {
            let arguments = [Code::text(&column.name), column::numbering(numbering)];
            code = code.then("numbering", arguments);
        }
    }
    for column in columns {
        for (engine, variant) in &column.variants {
            let arguments = [
                Code::text(&column.name),
                engine_code(*engine),
                column::variant(variant),
            ];
            code = code.then("variant", arguments);
        }
    }
    for key in foreign_keys {
        if let Some(deferrable) = key.deferrable {
            code = code.then(deferrable_word(deferrable), [Code::texts(&key.columns)]);
        }
    }
    table_options(code, options)
}

fn alter_column(table: &Name, column: &str, change: &ColumnChange) -> Code {
    let ColumnChange {
        ty,
        using,
        nullable,
        default,
        auto_increment,
        numbering,
        collation,
        generated,
        comment,
        variants,
    } = change;
    let mut code = op().then("alter_column", [column::name(table), Code::text(column)]);
    if let Some(ty) = ty {
        code = code.then("set_type", [column_type(ty)]);
    }
    if let Some(using) = using {
        code = code.then("using", [Code::text(using)]);
    }
    match nullable {
        Some(true) => code = code.then("drop_not_null", []),
        Some(false) => code = code.then("set_not_null", []),
        None => {}
    }
    match default {
        Some(Some(default)) => code = code.then("set_default", [default_value(default)]),
        Some(None) => code = code.then("drop_default", []),
        None => {}
    }
    if let Some(on) = auto_increment {
        code = code.then("set_auto_increment", [Code::word(on)]);
    }
    match numbering {
        Some(Some(numbering)) => {
            code = code.then("set_numbering", [column::numbering(numbering)]);
        }
        Some(None) => code = code.then("drop_numbering", []),
        None => {}
    }
    match collation {
        Some(Some(collation)) => code = code.then("set_collation", [Code::text(collation)]),
        Some(None) => code = code.then("drop_collation", []),
        None => {}
    }
    match generated {
        Some(Some(generated)) => {
            let arguments = [sql(&generated.expr), Code::word(generated.stored)];
            code = code.then("set_generated", arguments);
        }
        Some(None) => code = code.then("drop_generated", []),
        None => {}
    }
    if let Some(comment) = comment {
        code = code.then("set_comment", [comment_code(comment.as_deref())]);
    }
    for (engine, variant) in variants {
        let arguments = [engine_code(*engine), column::variant(variant)];
        code = code.then("variant", arguments);
    }
    code
}

/// Code cannot be written down again: the step is there, and fails until somebody writes it.
fn run_code(why: &str) -> String {
    let mut label = String::new();
    for c in why.escape_default() {
        if width(&label) == 60 {
            break;
        }
        label.push(c);
    }
    // A cut through an escape would leave a backslash that swallows the quote.
    let label = label.trim_end_matches('\\');
    format!(
        "op.run(\"{label}\", |_db| {{
            // Nobody can write code down from the running step; write it here.
            Box::pin(async {{ Err(DbErr::Migration(\"a step is not written\".to_owned())) }})
        }})"
    )
}
