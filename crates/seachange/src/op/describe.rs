//! Operations in words, and what they destroy.

use super::only::engine_of;
use super::table_options::lines;
use super::words::{
    change_words, column_words, comment_words, counted, deferrable_words, foreign_key,
    include_words, index_words, labelled, one_line, sequence_words, unique_words,
};
use super::{Op, TableChange, ValuePlace};
use crate::schema::{Kind, TableOptions, Type, views_of};

/// The operation as lines for a person: `+` adds, `-` takes away, `~` changes, `>` moves rows.
pub fn describe(op: &Op) -> Vec<String> {
    let mut lines = words(op);
    if let Some(engine) = engine_of(op) {
        for line in &mut lines {
            line.push_str(&format!(", {engine} only"));
        }
    }
    lines
}

fn words(op: &Op) -> Vec<String> {
    match op {
        Op::CreateEnum(ty) => vec![format!("+ enum {} ({})", ty.name, ty.values.join(", "))],
        Op::DropEnum { name, .. } => vec![format!("- enum {name}")],
        Op::AddEnumValue {
            name, value, place, ..
        } => vec![format!(
            "+ value {value} of enum {name}{}",
            match place {
                ValuePlace::Last => String::new(),
                ValuePlace::Before(other) => format!(", before {other}"),
                ValuePlace::After(other) => format!(", after {other}"),
            }
        )],
        Op::RenameEnumValue { name, from, to, .. } => {
            vec![format!("~ value {from} of enum {name} renamed to {to}")]
        }
        Op::RemoveEnumValue { name, value, .. } => vec![format!("- value {value} of enum {name}")],
        Op::ReorderEnum { name, values, .. } => {
            vec![format!("~ order of enum {name} ({})", values.join(", "))]
        }
        Op::RenameEnum { from, to } => vec![format!("~ enum {from} renamed to {to}")],
        Op::CreateSequence(sequence) => {
            vec![format!("+ sequence {} ({sequence})", sequence.name)]
        }
        Op::DropSequence { name, .. } => vec![format!("- sequence {name}")],
        Op::AlterSequence { sequence, before } => vec![format!(
            "~ sequence {}: {}",
            sequence.name,
            sequence_words(sequence, before.as_deref())
        )],
        Op::RenameSequence { from, to } => vec![format!("~ sequence {from} renamed to {to}")],
        Op::RenameIndex {
            table, from, to, ..
        } => {
            vec![format!("~ index {from} on {table} renamed to {to}")]
        }
        Op::RenameConstraint {
            table,
            kind,
            target,
            to,
        } => {
            let kind = kind.map_or("constraint", Kind::as_str);
            let what = labelled(kind, target.name.as_deref());
            let on = match (&target.name, target.columns.as_slice()) {
                (Some(_), _) | (None, []) => String::new(),
                (None, columns) => format!(" ({})", columns.join(", ")),
            };
            let to = match to {
                Some(to) => format!("renamed to {to}"),
                None => "named by the engine".to_owned(),
            };
            vec![format!("~ {what} on {table}{on} {to}")]
        }
        Op::CreateTable { table, .. } => {
            let columns: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
            let mut described = vec![format!("+ table {} ({})", table.name, columns.join(", "))];
            let options = TableChange::between(&TableOptions::default(), &table.options, table);
            described.extend(lines("+", &table.name, &options));
            described.extend(
                table
                    .uniques
                    .iter()
                    .map(|unique| format!("+ {}", unique_words(&table.name, unique))),
            );
            described.extend(
                table
                    .foreign_keys
                    .iter()
                    .map(|key| format!("+ {}", foreign_key(&table.name, key))),
            );
            described.extend(table.checks.iter().map(|check| {
                let name = labelled("check", check.name.as_deref());
                format!("+ {name} on {}: {}", table.name, check.expr)
            }));
            described
        }
        Op::DropTable { name, .. } => vec![format!("- table {name}")],
        Op::RenameTable { from, to } => vec![format!("~ table {from} renamed to {to}")],
        Op::CommentTable { table, comment, .. } => vec![format!(
            "~ table {table}: {}",
            comment_words(comment.as_deref())
        )],
        Op::AlterTable { table, change, .. } => lines("~", table, change),
        Op::AddColumn { table, column, .. } => {
            vec![format!(
                "+ column {table}.{} {}",
                column.name,
                column_words(column)
            )]
        }
        Op::DropColumn { table, column, .. } => vec![format!("- column {table}.{column}")],
        Op::RenameColumn { table, from, to } => {
            vec![format!("~ column {table}.{from} renamed to {to}")]
        }
        Op::AlterColumn {
            table,
            column,
            change,
            before,
        } => vec![format!(
            "~ column {table}.{column}: {}",
            change_words(change, before.as_deref())
        )],
        Op::AddPrimaryKey { table, key } => {
            let mut words = format!("+ primary key of {table} ({})", key.columns.join(", "));
            include_words(&mut words, &key.include);
            words.push_str(deferrable_words(key.deferrable));
            vec![words]
        }
        Op::DropPrimaryKey { table, .. } => vec![format!("- primary key of {table}")],
        Op::AddUnique { table, unique } => {
            vec![format!("+ {}", unique_words(table, unique))]
        }
        Op::DropUnique { table, target, .. } => {
            let name = labelled("unique", target.name.as_deref());
            vec![format!(
                "- {name} on {table} ({})",
                target.columns.join(", ")
            )]
        }
        Op::CreateIndex { table, index, .. } => vec![format!("+ {}", index_words(table, index))],
        Op::DropIndex { table, name, .. } => vec![format!("- index {name} on {table}")],
        Op::AddForeignKey { table, key } => vec![format!("+ {}", foreign_key(table, key))],
        Op::DropForeignKey { table, target, .. } => {
            let name = labelled("foreign key", target.name.as_deref());
            vec![format!(
                "- {name} on {table} ({})",
                target.columns.join(", ")
            )]
        }
        Op::AddCheck { table, check } => {
            let name = labelled("check", check.name.as_deref());
            vec![format!("+ {name} on {table}: {}", check.expr)]
        }
        Op::DropCheck { table, target, .. } => {
            let name = labelled("check", target.name.as_deref());
            let what = match (&target.name, &target.expr) {
                (None, Some(expr)) => format!(": {expr}"),
                _ => String::new(),
            };
            vec![format!("- {name} on {table}{what}")]
        }
        Op::CreateSchema { name } => vec![format!("+ schema {name}")],
        Op::DropSchema { name } => vec![format!("- schema {name}, if nothing is in it")],
        Op::AddExclusion { table, exclusion } => {
            vec![format!("+ exclusion {} on {table}", exclusion.name)]
        }
        Op::DropExclusion { table, name, .. } => vec![format!("- exclusion {name} on {table}")],
        Op::Execute { sql, .. } => vec![format!("> {}", one_line(sql))],
        Op::BulkInsert { table, rows, .. } => {
            vec![format!(
                "> insert {} into {table}",
                counted(rows.len(), "row")
            )]
        }
        Op::DeleteRows { table, values, .. } => {
            vec![format!(
                "> delete {} of {table}",
                counted(values.len(), "row")
            )]
        }
        Op::Backfill(spec) => {
            let columns: Vec<&str> = spec.set.iter().map(|(c, _)| c.as_str()).collect();
            vec![format!("> fill {}.{}", spec.table, columns.join(", "))]
        }
        Op::Run(run) => vec![format!("> run code: {}", run.why)],
    }
}

/// What rows or values are gone after the operation, as a clause; `None` when none are.
pub fn destroys(op: &Op) -> Option<String> {
    match op {
        Op::DropTable { name, .. } => Some(format!("every row of `{name}` goes with it")),
        Op::DropSequence { name, .. } => Some(format!("where `{name}` has counted to is lost")),
        // What is computed can be computed again.
        Op::DropColumn {
            before: Some(before),
            ..
        } if before.views().iter().all(|view| view.generated.is_some()) => None,
        Op::DropColumn { table, column, .. } => {
            Some(format!("the values of `{table}.{column}` go with it"))
        }
        Op::AlterColumn {
            table,
            column,
            change,
            before: Some(before),
        } => {
            let mut after = (**before).clone();
            change.apply(&mut after);
            let views = views_of(before, &after);
            if views
                .iter()
                .any(|(before, after)| before.generated.is_none() && after.generated.is_some())
            {
                return Some(format!(
                    "the values of `{table}.{column}` are lost, since it is computed from now on"
                ));
            }
            // What is computed is computed again.
            if views.iter().all(|(_, after)| after.generated.is_some()) {
                return None;
            }
            let to = change.ty.as_ref()?;
            narrows(&before.ty, to).then(|| {
                format!("values of `{table}.{column}` that do not fit {to} are lost or refused")
            })
        }
        _ => None,
    }
}

/// Whether a value of `from` may have no equal in `to`.
fn narrows(from: &Type, to: &Type) -> bool {
    use crate::schema::Length::{Max, N, Unspecified};
    let rank = |ty: &Type| match ty {
        Type::TinyInteger => Some((1, false)),
        Type::TinyUnsigned => Some((1, true)),
        Type::SmallInteger => Some((2, false)),
        Type::SmallUnsigned => Some((2, true)),
        Type::Integer => Some((3, false)),
        Type::Unsigned => Some((3, true)),
        Type::BigInteger => Some((4, false)),
        Type::BigUnsigned => Some((4, true)),
        _ => None,
    };
    if let (Some((from, from_unsigned)), Some((to, to_unsigned))) = (rank(from), rank(to)) {
        return match (from_unsigned, to_unsigned) {
            (false, true) => true,
            (true, false) => to <= from,
            _ => to < from,
        };
    }
    match (from, to) {
        (_, Type::Text | Type::String(Unspecified | Max)) => false,
        (Type::String(N(from)), Type::String(N(to))) => to < from,
        (Type::Char(Some(from)), Type::String(N(to))) => to < from,
        (Type::Float, Type::Double) | (Type::Json, Type::JsonBinary) => false,
        (Type::JsonBinary, Type::Json) => false,
        (Type::Decimal(Some((from_p, from_s))), Type::Decimal(Some((to_p, to_s)))) => {
            to_s < from_s || to_p - to_s.min(to_p) < from_p - from_s.min(from_p)
        }
        (_, Type::Decimal(None)) => !from.is_integer() && !matches!(from, Type::Decimal(_)),
        (Type::Date, Type::DateTime | Type::Timestamp | Type::TimestampWithTimeZone) => false,
        (Type::DateTime | Type::Timestamp, Type::TimestampWithTimeZone) => false,
        (Type::DateTime, Type::Timestamp) | (Type::Timestamp, Type::DateTime) => false,
        (Type::Enum { .. }, Type::Enum { .. }) => false,
        _ => true,
    }
}
