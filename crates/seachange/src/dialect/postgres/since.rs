//! What servers have from a version on.

use super::canonical::column_object;
use super::unsupported;
use crate::dialect::Unsupported;
use crate::op::Op;
use crate::schema::{Column, ForeignKey, Generated, Index, Key, Name, Schema, Table, Unique};

/// Something that older servers have not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    object: String,
    /// The first version that has it, as the server says it: `180000`.
    since: u32,
    what: &'static str,
    instead: &'static str,
}

impl Need {
    /// Whether a server of this version has it.
    ///
    /// # Errors
    ///
    /// It has not; what it is, and what to do.
    pub fn met_by(&self, version: u32) -> Result<(), Unsupported> {
        if version >= self.since {
            return Ok(());
        }
        let (first, here) = (self.since / 10_000, version / 10_000);
        Err(unsupported(
            &self.object,
            format!(
                "{} from version {first} on, and this server is {here}; {}",
                self.what, self.instead
            ),
        ))
    }
}

/// Whether a server of this version has all that is declared.
///
/// # Errors
///
/// The first thing that it has not.
pub fn check_version(declared: &Schema, version: u32) -> Result<(), Unsupported> {
    let needs = declared.tables.values().flat_map(of_table);
    needs.into_iter().try_for_each(|need| need.met_by(version))
}

/// What an operation asks of the server's version.
pub fn needs(op: &Op) -> Vec<Need> {
    match op {
        Op::CreateTable { table } => of_table(table),
        Op::AddColumn { table, column } => of_column(table, column).into_iter().collect(),
        Op::AlterColumn {
            table,
            column,
            change,
            ..
        } => {
            let generated = change.generated.as_ref().and_then(Option::as_ref);
            let need = generated.and_then(|generated| computed(table, column, generated));
            need.into_iter().collect()
        }
        Op::AddUnique { table, unique } => of_unique(table, unique).into_iter().collect(),
        Op::CreateIndex { table, index } => of_index(table, index).into_iter().collect(),
        Op::AddForeignKey { table, key } => of_foreign_key(table, key).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn of_table(table: &Table) -> Vec<Need> {
    let name = &table.name;
    let columns = table.columns.iter().filter_map(|it| of_column(name, it));
    let uniques = table.uniques.iter().filter_map(|it| of_unique(name, it));
    let indexes = table.indexes.iter().filter_map(|it| of_index(name, it));
    let keys = table.foreign_keys.iter();
    let keys = keys.filter_map(|it| of_foreign_key(name, it));
    columns.chain(uniques).chain(indexes).chain(keys).collect()
}

fn of_column(table: &Name, column: &Column) -> Option<Need> {
    computed(table, &column.name, column.generated.as_ref()?)
}

fn computed(table: &Name, column: &str, generated: &Generated) -> Option<Need> {
    (!generated.stored).then(|| Need {
        object: column_object(table, column),
        since: 180_000,
        what: "computes a column when it is read",
        instead: "let it be stored: `generated_stored`, for PostgreSQL alone behind \
                  `table.on(Engine::Postgres)`",
    })
}

const DISTINCT: (&str, &str) = (
    "has NULLS NOT DISTINCT",
    "leave it out, or make the columns NOT NULL",
);

fn of_unique(table: &Name, unique: &Unique) -> Option<Need> {
    unique.nulls_not_distinct.then(|| Need {
        object: Key::unique(table, unique).to_string(),
        since: 150_000,
        what: DISTINCT.0,
        instead: DISTINCT.1,
    })
}

fn of_index(table: &Name, index: &Index) -> Option<Need> {
    index.nulls_not_distinct.then(|| Need {
        object: Key::index(table, index).to_string(),
        since: 150_000,
        what: DISTINCT.0,
        instead: DISTINCT.1,
    })
}

fn of_foreign_key(table: &Name, key: &ForeignKey) -> Option<Need> {
    (!key.set_columns.is_empty()).then(|| Need {
        object: Key::foreign_key(table, key).to_string(),
        since: 150_000,
        what: "sets only some columns of a key",
        instead: "leave `set_columns` out",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::from_facts;

    #[test]
    fn what_a_server_has_not_is_refused_by_name() {
        let facts = "t table\nt column a integer null\nt column b integer null";
        for (fact, since) in [
            ("t column c integer null generated virtual 'a + 1'", 180_000),
            ("t unique (a) nulls not distinct", 150_000),
            ("t index ix (a) unique nulls not distinct", 150_000),
            (
                "t foreign key (a, b) -> u (a, b) on delete set null set (a)",
                150_000,
            ),
        ] {
            let schema = from_facts(&format!("{facts}\n{fact}"), 1).unwrap_or_default();
            let older = check_version(&schema, since - 1).map_err(|error| error.to_string());
            let first = format!("from version {} on", since / 10_000);
            assert!(older.is_err_and(|error| error.contains(&first)), "{fact}");
            assert_eq!(check_version(&schema, since), Ok(()));
        }
        let schema = from_facts(facts, 1).unwrap_or_default();
        assert_eq!(check_version(&schema, 90_000), Ok(()));
    }
}
