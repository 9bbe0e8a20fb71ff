//! STRICT and WITHOUT ROWID.

use super::edit::{Done, Draft, same};
use super::{ddl, reads, unsupported};
use crate::dialect::Unsupported;
use crate::op::TableChange;
use crate::schema::{Name, Table};

/// What is said behind the list of columns.
pub(super) fn clause(strict: bool, without_rowid: bool) -> &'static str {
    match (strict, without_rowid) {
        (false, false) => "",
        (true, false) => " STRICT",
        (false, true) => " WITHOUT ROWID",
        (true, true) => " STRICT, WITHOUT ROWID",
    }
}

/// Whether SQLite keeps a table in this way.
pub(super) fn check(table: &Table) -> Result<(), Unsupported> {
    if !table.options.without_rowid {
        return Ok(());
    }
    if table.primary_key.is_none() {
        return Err(no_key(&table.name));
    }
    match table.columns.iter().find(|column| column.auto_increment) {
        Some(column) => Err(unsupported(
            format!("column {}.{}", table.name, column.name),
            "numbers no rows of a table WITHOUT ROWID; say `auto_increment = false` beside \
             `primary_key`",
        )),
        None => Ok(()),
    }
}

pub(super) fn no_key(table: &Name) -> Unsupported {
    unsupported(
        format!("table {table}"),
        "needs a primary key for a table WITHOUT ROWID",
    )
}

impl Draft<'_> {
    /// Holds the table to its types, or to its key, or no more.
    pub(super) fn alter_table(&mut self, change: &TableChange) -> Done {
        let text = self.text()?;
        let strict = change.strict.unwrap_or(text.strict);
        let without_rowid = change.without_rowid.unwrap_or(text.without_rowid);
        if (strict, without_rowid) == (text.strict, text.without_rowid) {
            return Ok(());
        }
        let options = clause(strict, without_rowid);
        self.create.replace_range(text.close + 1.., options);
        if strict == text.strict {
            return Ok(());
        }
        for column in &text.columns {
            // The text is another one after each of them.
            let text = self.text()?;
            let name = &column.name;
            let object = || format!("column {}.{name}", self.table);
            let ty = change.types.iter().find(|(said, _)| same(said, name));
            let words = match (strict, ty) {
                (true, _) => reads::strict(self.column(&text, name)?.words(&self.create))
                    .map_err(|problem| unsupported(object(), &problem))?,
                (false, Some((_, ty))) => ddl::type_words(&self.table, name, ty, false)?,
                (false, None) => continue,
            };
            self.set_words(&text, name, &words)?;
        }
        Ok(())
    }
}
