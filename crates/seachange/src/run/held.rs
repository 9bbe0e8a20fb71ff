//! Rows that hold a value which an enum is to lose.

use std::fmt;

use sea_orm::{ConnectionTrait, DbErr};

use super::look;
use crate::dialect::{literal, quote};
use crate::op::{EnumUse, Op, Step};
use crate::schema::{Engine, Name};

/// A value cannot be taken out of an enum, because rows hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The enum.
    pub name: Name,
    /// The value.
    pub value: String,
    /// The columns that hold it, and how many rows.
    pub rows: Vec<(EnumUse, u64)>,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<String> = self
            .rows
            .iter()
            .map(|(used, count)| {
                let rows = if *count == 1 { "row" } else { "rows" };
                format!("{count} {rows} of `{}.{}`", used.table, used.column)
            })
            .collect();
        let hold = match self.rows.as_slice() {
            [(_, 1)] => "still holds",
            _ => "still hold",
        };
        write!(
            f,
            "value `{}` of enum {} cannot be removed: {} {hold} it; give them another value first",
            self.value,
            self.name,
            rows.join(" and ")
        )
    }
}

/// The first of these steps that rows refuse, as far as that can be known before any of them has
/// run: behind a step that changes rows or names, only the step itself can tell.
pub(super) async fn first(
    db: &impl ConnectionTrait,
    steps: &[Step],
) -> Result<Option<(usize, Held)>, DbErr> {
    for (at, step) in steps.iter().enumerate() {
        match &step.op {
            Op::RemoveEnumValue { .. } => {
                if let Some(held) = by(db, &step.op).await? {
                    return Ok(Some((at, held)));
                }
            }
            Op::Execute { .. }
            | Op::DeleteRows { .. }
            | Op::Backfill(_)
            | Op::Run(_)
            | Op::DropTable { .. }
            | Op::DropColumn { .. }
            | Op::AlterColumn { .. }
            | Op::RenameTable { .. }
            | Op::RenameColumn { .. }
            | Op::RenameEnum { .. }
            | Op::RenameEnumValue { .. } => break,
            _ => {}
        }
    }
    Ok(None)
}

/// The rows that refuse the operation now.
pub(super) async fn by(db: &impl ConnectionTrait, op: &Op) -> Result<Option<Held>, DbErr> {
    let Op::RemoveEnumValue {
        name,
        value,
        used_by,
        ..
    } = op
    else {
        return Ok(None);
    };
    let mut rows = Vec::new();
    for (used, is_array) in columns(db, name, used_by).await? {
        let column = quote(&used.column);
        let value = literal(value);
        let condition = match (look::engine(db), is_array) {
            (Engine::Postgres, true) => format!("{value} = any ({column}::text[])"),
            (Engine::Postgres, false) => format!("{column}::text = {value}"),
            _ => format!("{column} = {value}"),
        };
        let table = look::quoted(&used.table);
        let sql = format!("select count(*) from {table} where {condition}");
        let found = look::rows(db, &sql, []).await?;
        let count: i64 = match found.first() {
            Some(row) => row.try_get_by_index(0)?,
            None => 0,
        };
        if count > 0 {
            rows.push((used, count.unsigned_abs()));
        }
    }
    Ok((!rows.is_empty()).then(|| Held {
        name: name.clone(),
        value: value.clone(),
        rows,
    }))
}

/// The columns that use the type, and whether they are arrays: PostgreSQL knows, whatever the
/// operation says; elsewhere the columns are text.
async fn columns(
    db: &impl ConnectionTrait,
    name: &Name,
    said: &[EnumUse],
) -> Result<Vec<(EnumUse, bool)>, DbErr> {
    if look::engine(db) != Engine::Postgres {
        let mut there = Vec::new();
        for used in said {
            if look::has_column(db, &used.table, &used.column).await? {
                there.push((used.clone(), false));
            }
        }
        return Ok(there);
    }
    let sql = "select case when n.nspname = current_schema() then null else n.nspname::text end, \
               c.relname::text, a.attname::text, a.atttypid = t.typarray \
               from pg_type t join pg_attribute a on a.atttypid in (t.oid, t.typarray) \
               join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace \
               where t.oid = to_regtype($1) and c.relkind in ('r', 'p') and a.attinhcount = 0 \
               and a.attnum > 0 and not a.attisdropped order by n.nspname, c.relname, a.attnum";
    let rows = look::rows(db, sql, [&look::quoted(name)]).await?;
    rows.iter()
        .map(|row| {
            let table = Name {
                schema: row.try_get_by_index(0)?,
                name: row.try_get_by_index(1)?,
            };
            let column = row.try_get_by_index(2)?;
            Ok((EnumUse { table, column }, row.try_get_by_index(3)?))
        })
        .collect()
}
