//! How tables are kept.

use super::column::{self, column_type};
use super::layout::Code;
use super::step::op;
use crate::op::TableChange;
use crate::schema::{Name, TableOptions};

/// How a new table is kept.
pub(super) fn table_options(mut code: Code, options: &TableOptions) -> Code {
    let TableOptions {
        unlogged,
        storage,
        tablespace,
        strict,
        without_rowid,
    } = options;
    if *unlogged {
        code = code.then("unlogged", []);
    }
    for (parameter, setting) in storage {
        code = code.then("storage", [Code::text(parameter), Code::text(setting)]);
    }
    if let Some(tablespace) = tablespace {
        code = code.then("tablespace", [Code::text(tablespace)]);
    }
    if *strict {
        code = code.then("strict", []);
    }
    if *without_rowid {
        code = code.then("without_rowid", []);
    }
    code
}

pub(super) fn alter_table(table: &Name, change: &TableChange) -> Code {
    let TableChange {
        unlogged,
        storage,
        tablespace,
        strict,
        without_rowid,
        types,
    } = change;
    let mut code = op().then("alter_table", [column::name(table)]);
    match unlogged {
        Some(true) => code = code.then("set_unlogged", []),
        Some(false) => code = code.then("drop_unlogged", []),
        None => {}
    }
    for (parameter, setting) in storage {
        code = match setting {
            Some(setting) => code.then("set_storage", [Code::text(parameter), Code::text(setting)]),
            None => code.then("drop_storage", [Code::text(parameter)]),
        };
    }
    match tablespace {
        Some(Some(tablespace)) => code = code.then("set_tablespace", [Code::text(tablespace)]),
        Some(None) => code = code.then("drop_tablespace", []),
        None => {}
    }
    match strict {
        Some(true) => code = code.then("set_strict", []),
        Some(false) => code = code.then("drop_strict", []),
        None => {}
    }
    for (name, ty) in types {
        code = code.then("column_type", [Code::text(name), column_type(ty)]);
    }
    match without_rowid {
        Some(true) => code = code.then("set_without_rowid", []),
        Some(false) => code = code.then("drop_without_rowid", []),
        None => {}
    }
    code
}
