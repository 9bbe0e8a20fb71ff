//! Operations in words, the facts they are about, and what they destroy.

use std::collections::BTreeMap;

use super::only::engine_of;
use super::table_options::lines;
use super::{ColumnChange, Op, TableChange, Target, ValuePlace};
use crate::schema::{
    Action, Check, Column, Deferrable, Engine, ForeignKey, Index, IndexKey, Key, KeyOn, Kind, Name,
    Sequence, TableOptions, Type, Unique, Variant, views_of,
};

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

/// The facts that the operation changes.
pub fn keys(op: &Op) -> Vec<Key> {
    match op {
        Op::CreateEnum(ty) => vec![Key::new(&ty.name, Kind::Enum, "")],
        Op::DropEnum { name, .. } => vec![Key::new(name, Kind::Enum, "")],
        Op::AddEnumValue { name, .. }
        | Op::RenameEnumValue { name, .. }
        | Op::RemoveEnumValue { name, .. }
        | Op::ReorderEnum { name, .. } => vec![Key::new(name, Kind::Enum, "")],
        Op::RenameEnum { from, to } => {
            vec![Key::new(from, Kind::Enum, ""), Key::new(to, Kind::Enum, "")]
        }
        Op::CreateSequence(sequence) | Op::AlterSequence { sequence, .. } => {
            vec![Key::new(&sequence.name, Kind::Sequence, "")]
        }
        Op::DropSequence { name, .. } => vec![Key::new(name, Kind::Sequence, "")],
        Op::RenameSequence { from, to } => vec![
            Key::new(from, Kind::Sequence, ""),
            Key::new(to, Kind::Sequence, ""),
        ],
        Op::RenameIndex {
            table,
            from,
            to,
            only,
        } => vec![
            Key::new(table, Kind::Index, from).only(*only),
            Key::new(table, Kind::Index, to).only(*only),
        ],
        Op::RenameConstraint {
            table,
            kind,
            target,
            to,
        } => renamed_constraint(table, *kind, target, to.as_deref()),
        Op::CreateTable { table, .. } => vec![Key::new(&table.name, Kind::Table, "")],
        Op::DropTable { name, .. } => vec![Key::new(name, Kind::Table, "")],
        Op::RenameTable { from, to } => {
            vec![
                Key::new(from, Kind::Table, ""),
                Key::new(to, Kind::Table, ""),
            ]
        }
        Op::CommentTable { table, .. } => vec![Key::new(table, Kind::Table, "")],
        Op::AlterTable { table, change, .. } => {
            let names = change.names().into_iter();
            names.map(|it| Key::new(table, Kind::Option, it)).collect()
        }
        Op::AddColumn { table, column, .. } => vec![Key::new(table, Kind::Column, &column.name)],
        Op::DropColumn { table, column, .. } | Op::AlterColumn { table, column, .. } => {
            vec![Key::new(table, Kind::Column, column)]
        }
        Op::RenameColumn { table, from, to } => vec![
            Key::new(table, Kind::Column, from),
            Key::new(table, Kind::Column, to),
        ],
        Op::AddPrimaryKey { table, .. } | Op::DropPrimaryKey { table, .. } => {
            vec![Key::new(table, Kind::PrimaryKey, "")]
        }
        Op::AddUnique { table, unique } => vec![Key::unique(table, unique)],
        Op::DropUnique { table, before, .. } => before
            .iter()
            .map(|unique| Key::unique(table, unique))
            .collect(),
        Op::CreateIndex { table, index, .. } => vec![Key::index(table, index)],
        Op::DropIndex {
            table, name, only, ..
        } => vec![Key::new(table, Kind::Index, name).only(*only)],
        Op::AddForeignKey { table, key } => vec![Key::foreign_key(table, key)],
        Op::DropForeignKey { table, before, .. } => before
            .iter()
            .map(|key| Key::foreign_key(table, key))
            .collect(),
        Op::AddCheck { table, check } => vec![Key::check(table, check)],
        Op::DropCheck { table, before, .. } => before
            .iter()
            .map(|check| Key::check(table, check))
            .collect(),
        Op::AddExclusion { table, exclusion } => {
            vec![Key::exclusion(table, exclusion)]
        }
        Op::DropExclusion {
            table, name, only, ..
        } => vec![Key::new(table, Kind::Exclusion, name).only(*only)],
        Op::CreateSchema { .. }
        | Op::DropSchema { .. }
        | Op::Execute { .. }
        | Op::BulkInsert { .. }
        | Op::DeleteRows { .. }
        | Op::Backfill(_)
        | Op::Run(_) => Vec::new(),
    }
}

/// The facts about a constraint whose name changes: those of a foreign key are known by where it
/// leads, which the operation does not say.
fn renamed_constraint(
    table: &Name,
    kind: Option<Kind>,
    target: &Target,
    to: Option<&str>,
) -> Vec<Key> {
    let check = |name: &str| {
        let check = Check {
            name: Some(name.to_owned()),
            expr: String::new(),
            only: target.only,
        };
        Key::check(table, &check)
    };
    match kind {
        Some(Kind::PrimaryKey) => vec![Key::new(table, Kind::PrimaryKey, "")],
        Some(Kind::Unique) => {
            let unique = Unique {
                columns: target.columns.clone(),
                only: target.only,
                ..Unique::default()
            };
            vec![Key::unique(table, &unique)]
        }
        Some(Kind::Check) => {
            let names = target.name.as_deref().into_iter().chain(to);
            names.map(check).collect()
        }
        Some(Kind::Exclusion) => {
            let names = target.name.as_deref().into_iter().chain(to);
            names
                .map(|name| Key::new(table, Kind::Exclusion, name).only(target.only))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn labelled(kind: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{kind} {name}"),
        None => kind.to_owned(),
    }
}

fn counted(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn comment_words(comment: Option<&str>) -> String {
    match comment {
        Some(comment) => format!("comment '{comment}'"),
        None => "no comment".to_owned(),
    }
}

/// What changes of a sequence, where that is known.
fn sequence_words(sequence: &Sequence, before: Option<&Sequence>) -> String {
    let Some(before) = before else {
        return sequence.to_string();
    };
    let mut words = Vec::new();
    if before.ty != sequence.ty {
        words.push(format!("{} -> {}", before.ty, sequence.ty));
    }
    let (from, to) = (&before.counting, &sequence.counting);
    for ((word, from), (_, to)) in from.parts().into_iter().zip(to.parts()) {
        if from != to {
            words.push(match to {
                Some(number) => format!("{word} {number}"),
                None => format!("usual {word}"),
            });
        }
    }
    if from.cycle != to.cycle {
        words.push(if to.cycle { "cycle" } else { "no cycle" }.to_owned());
    }
    if before.owned_by.is_some() {
        words.push("owned by no column".to_owned());
    }
    words.join(", ")
}

fn null_words(nullable: bool) -> &'static str {
    if nullable { "null" } else { "not null" }
}

fn column_words(column: &Column) -> String {
    let mut words = vec![
        column.ty.to_string(),
        null_words(column.nullable).to_owned(),
    ];
    if column.auto_increment {
        words.push("auto_increment".to_owned());
    }
    words.extend(column.numbering.iter().map(ToString::to_string));
    if let Some(default) = &column.default {
        words.push(format!("default {}", default));
    }
    if let Some(generated) = &column.generated {
        words.push(format!("generated as ({})", generated.expr));
    }
    words.extend(variant_words(&column.variants).map(|words| format!("({words})")));
    words.join(" ")
}

fn change_words(change: &ColumnChange, before: Option<&Column>) -> String {
    let mut words = Vec::new();
    // What is only said again is no news.
    let same = |is: &dyn Fn(&Column) -> bool| before.is_some_and(is);
    if let Some(ty) = &change.ty
        && !same(&|before| before.ty == *ty)
    {
        words.push(match before {
            Some(before) => format!("{} -> {ty}", before.ty),
            None => ty.to_string(),
        });
    }
    if let Some(nullable) = change.nullable
        && !same(&|before| before.nullable == nullable)
    {
        words.push(null_words(nullable).to_owned());
    }
    match &change.default {
        Some(Some(default)) => words.push(format!("default {}", default)),
        Some(None) => words.push("no default".to_owned()),
        None => {}
    }
    match change.auto_increment {
        Some(true) => words.push("auto_increment".to_owned()),
        Some(false) => words.push("no auto_increment".to_owned()),
        None => {}
    }
    match &change.numbering {
        Some(Some(numbering)) => words.push(numbering.to_string()),
        Some(None) => words.push("numbered as the engine likes".to_owned()),
        None => {}
    }
    let collation = change.collation.as_ref();
    match collation.filter(|new| !same(&|before| before.collation == **new)) {
        Some(Some(collation)) => words.push(format!("collation {collation}")),
        Some(None) => words.push("default collation".to_owned()),
        None => {}
    }
    match &change.generated {
        Some(Some(generated)) => words.push(format!("generated as ({})", generated.expr)),
        Some(None) => words.push("no longer generated".to_owned()),
        None => {}
    }
    if let Some(comment) = &change.comment
        && !same(&|before| before.comment == *comment)
    {
        words.push(comment_words(comment.as_deref()));
    }
    words.extend(variant_words(&change.variants));
    words.join(", ")
}

/// What each engine gets instead.
fn variant_words(variants: &BTreeMap<Engine, Variant>) -> impl Iterator<Item = String> {
    variants.iter().map(|(engine, variant)| {
        let change = ColumnChange {
            default: variant.default.clone(),
            generated: variant.generated.clone(),
            collation: variant.collation.clone(),
            ..ColumnChange::default()
        };
        match change.is_empty() {
            true => format!("on {engine} as it is"),
            false => format!("on {engine} {}", change_words(&change, None)),
        }
    })
}

fn unique_words(table: &Name, unique: &Unique) -> String {
    let name = labelled("unique", unique.name.as_deref());
    let mut words = format!("{name} on {table} ({})", unique.columns.join(", "));
    include_words(&mut words, &unique.include);
    if unique.nulls_not_distinct {
        words.push_str(", nulls not distinct");
    }
    words.push_str(deferrable_words(unique.deferrable));
    words
}

fn include_words(words: &mut String, columns: &[String]) {
    if !columns.is_empty() {
        words.push_str(&format!(" include ({})", columns.join(", ")));
    }
}

fn deferrable_words(deferrable: Option<Deferrable>) -> &'static str {
    match deferrable {
        Some(Deferrable::Immediate) => ", deferrable",
        Some(Deferrable::Deferred) => ", deferrable initially deferred",
        None => "",
    }
}

fn index_words(table: &Name, index: &Index) -> String {
    let keys: Vec<String> = index.keys.iter().map(key_words).collect();
    let unique = if index.unique { "unique " } else { "" };
    let method = match &index.method {
        Some(method) => format!(" using {method}"),
        None => String::new(),
    };
    let mut words = format!(
        "{unique}index {} on {table}{method} ({})",
        index.name,
        keys.join(", ")
    );
    include_words(&mut words, &index.include);
    if index.nulls_not_distinct {
        words.push_str(" nulls not distinct");
    }
    if !index.storage.is_empty() {
        let storage = index.storage.iter();
        let storage: Vec<String> = storage.map(|(k, v)| format!("{k} = {v}")).collect();
        words.push_str(&format!(" with ({})", storage.join(", ")));
    }
    if let Some(tablespace) = &index.tablespace {
        words.push_str(&format!(" tablespace {tablespace}"));
    }
    if let Some(sql) = &index.predicate {
        words.push_str(&format!(" where {sql}"));
    }
    words
}

fn key_words(key: &IndexKey) -> String {
    let mut words = match &key.on {
        KeyOn::Column(name) => name.clone(),
        KeyOn::Expr(sql) => format!("({sql})"),
    };
    if let Some(collation) = &key.collation {
        words.push_str(&format!(" collation {collation}"));
    }
    if let Some(class) = &key.opclass {
        words.push_str(&format!(" {class}"));
    }
    if key.descending {
        words.push_str(" desc");
    }
    words.push_str(match key.nulls_first {
        Some(true) => " nulls first",
        Some(false) => " nulls last",
        None => "",
    });
    words
}

fn foreign_key(table: &Name, key: &ForeignKey) -> String {
    let mut words = format!(
        "{}: {table} ({}) -> {} ({})",
        labelled("foreign key", key.name.as_deref()),
        key.columns.join(", "),
        key.ref_table,
        key.ref_columns.join(", ")
    );
    for (event, action) in [("delete", key.on_delete), ("update", key.on_update)] {
        if action != Action::NoAction {
            words.push_str(&format!(", on {event} {}", action.as_str()));
        }
    }
    if !key.set_columns.is_empty() {
        words.push_str(&format!(" ({})", key.set_columns.join(", ")));
    }
    if key.match_full {
        words.push_str(", match full");
    }
    words.push_str(deferrable_words(key.deferrable));
    words
}
