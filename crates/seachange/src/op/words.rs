//! Nouns and changes in words, on one line each.

use std::collections::BTreeMap;

use super::ColumnChange;
use crate::schema::{
    Action, Column, Deferrable, Engine, ForeignKey, Index, IndexKey, KeyOn, Name, Sequence, Unique,
    Variant,
};

pub(super) fn labelled(kind: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{kind} {name}"),
        None => kind.to_owned(),
    }
}

pub(super) fn counted(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

pub(super) fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn comment_words(comment: Option<&str>) -> String {
    match comment {
        Some(comment) => format!("comment '{comment}'"),
        None => "no comment".to_owned(),
    }
}

/// What changes of a sequence, where that is known.
pub(super) fn sequence_words(sequence: &Sequence, before: Option<&Sequence>) -> String {
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

pub(super) fn column_words(column: &Column) -> String {
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

pub(super) fn change_words(change: &ColumnChange, before: Option<&Column>) -> String {
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

pub(super) fn unique_words(table: &Name, unique: &Unique) -> String {
    let name = labelled("unique", unique.name.as_deref());
    let mut words = format!("{name} on {table} ({})", unique.columns.join(", "));
    include_words(&mut words, &unique.include);
    if unique.nulls_not_distinct {
        words.push_str(", nulls not distinct");
    }
    words.push_str(deferrable_words(unique.deferrable));
    words
}

pub(super) fn include_words(words: &mut String, columns: &[String]) {
    if !columns.is_empty() {
        words.push_str(&format!(" include ({})", columns.join(", ")));
    }
}

pub(super) fn deferrable_words(deferrable: Option<Deferrable>) -> &'static str {
    match deferrable {
        Some(Deferrable::Immediate) => ", deferrable",
        Some(Deferrable::Deferred) => ", deferrable initially deferred",
        None => "",
    }
}

pub(super) fn index_words(table: &Name, index: &Index) -> String {
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

pub(super) fn foreign_key(table: &Name, key: &ForeignKey) -> String {
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
