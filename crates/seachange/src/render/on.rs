//! What is on a table: constraints and indexes.

use super::column::{self, sql};
use super::layout::Code;
use super::step::{only_on, op, optional};
use crate::op::Target;
use crate::schema::{Action, Deferrable, Excluded, Exclusion, ForeignKey, Index, KeyOn, Name};

pub(super) fn deferrable_word(deferrable: Deferrable) -> &'static str {
    match deferrable {
        Deferrable::Immediate => "deferrable",
        Deferrable::Deferred => "initially_deferred",
    }
}

/// What is said of a constraint besides its columns.
pub(super) fn more(mut code: Code, include: &[String], deferrable: Option<Deferrable>) -> Code {
    if !include.is_empty() {
        code = code.then("include", [Code::texts(include)]);
    }
    match deferrable {
        Some(deferrable) => code.then(deferrable_word(deferrable), []),
        None => code,
    }
}

pub(super) fn index_code(name: Option<&str>, flags: &[&str], columns: &[String]) -> Code {
    let mut code = Code::call("Index::create", []);
    if let Some(name) = name {
        code = code.then("name", [Code::text(name)]);
    }
    for flag in flags {
        code = code.then(flag, []);
    }
    for column in columns {
        code = code.then("col", [Code::text(column)]);
    }
    code
}

pub(super) fn foreign_key(table: &Name, key: &ForeignKey) -> Code {
    let mut code = Code::call("ForeignKey::create", []);
    if let Some(name) = &key.name {
        code = code.then("name", [Code::text(name)]);
    }
    for (both, one, each, table, columns) in [
        ("from", "from_tbl", "from_col", table, &key.columns),
        ("to", "to_tbl", "to_col", &key.ref_table, &key.ref_columns),
    ] {
        if let [column] = columns.as_slice() {
            code = code.then(both, [column::name(table), Code::text(column)]);
        } else {
            code = code.then(one, [column::name(table)]);
            for column in columns {
                code = code.then(each, [Code::text(column)]);
            }
        }
    }
    for (event, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
        let action = match action {
            Action::NoAction => continue,
            Action::Restrict => "Restrict",
            Action::Cascade => "Cascade",
            Action::SetNull => "SetNull",
            Action::SetDefault => "SetDefault",
        };
        code = code.then(event, [Code::word(format!("ForeignKeyAction::{action}"))]);
    }
    code
}

pub(super) fn drop_constraint(method: &str, table: &Name, target: &Target) -> Code {
    let code = op().then(
        method,
        [optional(target.name.as_deref()), column::name(table)],
    );
    if target.columns.is_empty() {
        code
    } else {
        code.then("columns", [Code::texts(&target.columns)])
    }
}

pub(super) fn create_index(table: &Name, index: &Index) -> Code {
    let Index {
        name,
        unique,
        keys,
        method,
        predicate,
        include,
        nulls_not_distinct,
        storage,
        tablespace,
        only,
    } = index;
    let columns: Vec<&str> = keys
        .iter()
        .map_while(|key| match &key.on {
            KeyOn::Column(name) => Some(name.as_str()),
            KeyOn::Expr(_) => None,
        })
        .collect();
    let (mut code, said) = match keys.first().map(|key| &key.on) {
        Some(KeyOn::Expr(expr)) => {
            let arguments = [Code::text(name), column::name(table), Code::text(expr)];
            (op().then("create_expression_index", arguments), 1)
        }
        _ => {
            let arguments = [Code::text(name), column::name(table), Code::texts(&columns)];
            (op().then("create_index", arguments), columns.len())
        }
    };
    for key in &keys[said.min(keys.len())..] {
        code = match &key.on {
            KeyOn::Column(name) => code.then("column", [Code::text(name)]),
            KeyOn::Expr(expr) => code.then("expression", [Code::text(expr)]),
        };
    }
    if *unique {
        code = code.then("unique", []);
    }
    for key in keys {
        let (KeyOn::Column(on) | KeyOn::Expr(on)) = &key.on;
        if let Some(collation) = &key.collation {
            code = code.then("collation", [Code::text(on), Code::text(collation)]);
        }
        if let Some(opclass) = &key.opclass {
            code = code.then("opclass", [Code::text(on), Code::text(opclass)]);
        }
        if key.descending {
            code = code.then("descending", [Code::text(on)]);
        }
        match key.nulls_first {
            Some(true) => code = code.then("nulls_first", [Code::text(on)]),
            Some(false) => code = code.then("nulls_last", [Code::text(on)]),
            None => {}
        }
    }
    if let Some(method) = method {
        code = code.then("method", [Code::text(method)]);
    }
    if !include.is_empty() {
        code = code.then("include", [Code::texts(include)]);
    }
    if *nulls_not_distinct {
        code = code.then("nulls_not_distinct", []);
    }
    for (parameter, setting) in storage {
        code = code.then("storage", [Code::text(parameter), Code::text(setting)]);
    }
    if let Some(tablespace) = tablespace {
        code = code.then("tablespace", [Code::text(tablespace)]);
    }
    if let Some(predicate) = predicate {
        code = code.then("only_where", [sql(predicate)]);
    }
    only_on(code, *only)
}

pub(super) fn create_exclusion(table: &Name, exclusion: &Exclusion) -> Code {
    let Exclusion {
        name,
        elements,
        method,
        predicate,
        deferrable,
        only,
    } = exclusion;
    let mut code = op().then("create_exclusion", [Code::text(name), column::name(table)]);
    if let Some(method) = method {
        code = code.then("method", [Code::text(method)]);
    }
    for Excluded { key, operator } in elements {
        let (word, on) = match &key.on {
            KeyOn::Column(name) => ("column", name),
            KeyOn::Expr(sql) => ("expression", sql),
        };
        code = code.then(word, [Code::text(on), Code::text(operator)]);
        if let Some(collation) = &key.collation {
            code = code.then("collation", [Code::text(collation)]);
        }
        if let Some(opclass) = &key.opclass {
            code = code.then("opclass", [Code::text(opclass)]);
        }
    }
    if let Some(predicate) = predicate {
        code = code.then("only_where", [sql(predicate)]);
    }
    only_on(more(code, &[], *deferrable), *only)
}
