//! A schema, written as facts.

use super::super::{
    Action, Column, DefaultValue, Deferrable, Exclusion, ForeignKey, Generated, Index, IndexKey,
    KeyOn, Name, Schema, Table,
};
use super::{Fact, Key, Kind};

/// All facts of a schema, in a snapshot's order: enums, sequences, then table by table; columns stay
/// in the order of the table.
pub fn facts(schema: &Schema) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, ty) in &schema.enums {
        let values: Vec<String> = ty.values.iter().map(|value| word(value)).collect();
        facts.push(Fact {
            key: Key::new(name, Kind::Enum, ""),
            value: values.join(", "),
        });
    }
    for (name, sequence) in &schema.sequences {
        facts.push(Fact {
            key: Key::new(name, Kind::Sequence, ""),
            value: sequence.to_string(),
        });
    }
    for table in schema.tables.values() {
        table_facts(table, &mut facts);
    }
    facts
}

fn table_facts(table: &Table, facts: &mut Vec<Fact>) {
    let name = &table.name;
    let mut value = Words::default();
    value.text("comment", table.comment.as_deref());
    facts.push(Fact {
        key: Key::new(name, Kind::Table, ""),
        value: value.0,
    });
    for (option, value) in table.options.said() {
        facts.push(Fact {
            key: Key::new(name, Kind::Option, option),
            value,
        });
    }
    for column in &table.columns {
        facts.push(Fact {
            key: Key::new(name, Kind::Column, &column.name),
            value: column_value(column),
        });
    }
    if let Some(key) = &table.primary_key {
        let mut value = Words(list(&key.columns));
        value.word("name", key.name.as_deref());
        value.list("include", &key.include);
        value.deferrable(key.deferrable);
        facts.push(Fact {
            key: Key::new(name, Kind::PrimaryKey, ""),
            value: value.0,
        });
    }
    let mut rest = Vec::new();
    for unique in &table.uniques {
        let mut value = Words::default();
        value.word("name", unique.name.as_deref());
        value.flag("nulls not distinct", unique.nulls_not_distinct);
        value.list("include", &unique.include);
        value.deferrable(unique.deferrable);
        rest.push(Fact {
            key: Key::unique(name, unique),
            value: value.0,
        });
    }
    for index in &table.indexes {
        rest.push(Fact {
            key: Key::index(name, index),
            value: index_value(index),
        });
    }
    for key in &table.foreign_keys {
        rest.push(Fact {
            key: Key::foreign_key(name, key),
            value: foreign_key_value(key),
        });
    }
    for check in &table.checks {
        rest.push(Fact {
            key: Key::check(name, check),
            value: match check.name {
                Some(_) => text(&check.expr),
                None => String::new(),
            },
        });
    }
    for exclusion in &table.exclusions {
        rest.push(Fact {
            key: Key::exclusion(name, exclusion),
            value: exclusion_value(exclusion),
        });
    }
    rest.sort_by(|a, b| a.key.cmp(&b.key));
    facts.append(&mut rest);
}

fn column_value(column: &Column) -> String {
    let mut value = Words(column.ty.to_string());
    value.flag("null", column.nullable);
    value.flag("not null", !column.nullable);
    value.flag("auto_increment", column.auto_increment);
    if let Some(numbering) = &column.numbering {
        value.flag(&numbering.to_string(), true);
    }
    value.default_value(column.default.as_ref());
    value.generated(column.generated.as_ref());
    value.word("collation", column.collation.as_deref());
    value.text("extra", column.extra.as_deref());
    value.text("comment", column.comment.as_deref());
    for (engine, variant) in &column.variants {
        value.flag(&format!("on {}", engine.word()), true);
        value.flag("no default", variant.default == Some(None));
        value.default_value(variant.default.as_ref().and_then(Option::as_ref));
        value.flag("not generated", variant.generated == Some(None));
        value.generated(variant.generated.as_ref().and_then(Option::as_ref));
        value.flag("default collation", variant.collation == Some(None));
        value.word(
            "collation",
            variant.collation.as_ref().and_then(Option::as_deref),
        );
    }
    value.0
}

fn index_value(index: &Index) -> String {
    let keys: Vec<String> = index.keys.iter().map(|key| key_words(key).0).collect();
    let mut value = Words(format!("({})", keys.join(", ")));
    value.flag("unique", index.unique);
    value.word("using", index.method.as_deref());
    value.list("include", &index.include);
    value.flag("nulls not distinct", index.nulls_not_distinct);
    for (parameter, setting) in &index.storage {
        value.text(&format!("with {}", word(parameter)), Some(setting));
    }
    value.word("tablespace", index.tablespace.as_deref());
    value.text("where", index.predicate.as_deref());
    value.0
}

fn key_words(key: &IndexKey) -> Words {
    let mut words = Words(match &key.on {
        KeyOn::Column(name) => word(name),
        KeyOn::Expr(sql) => text(sql),
    });
    words.word("collation", key.collation.as_deref());
    words.word("opclass", key.opclass.as_deref());
    words.flag("desc", key.descending);
    words.flag("nulls first", key.nulls_first == Some(true));
    words.flag("nulls last", key.nulls_first == Some(false));
    words
}

fn exclusion_value(exclusion: &Exclusion) -> String {
    let elements: Vec<String> = exclusion
        .elements
        .iter()
        .map(|element| {
            let mut words = key_words(&element.key);
            words.text("with", Some(&element.operator));
            words.0
        })
        .collect();
    let mut value = Words(format!("({})", elements.join(", ")));
    value.word("using", exclusion.method.as_deref());
    value.text("where", exclusion.predicate.as_deref());
    value.deferrable(exclusion.deferrable);
    value.0
}

fn foreign_key_value(key: &ForeignKey) -> String {
    let mut value = Words::default();
    value.word("name", key.name.as_deref());
    for (event, action) in [("delete", key.on_delete), ("update", key.on_update)] {
        value.flag(
            &format!("on {event} {}", action.as_str()),
            action != Action::NoAction,
        );
    }
    value.list("set", &key.set_columns);
    value.flag("match full", key.match_full);
    value.deferrable(key.deferrable);
    value.0
}

/// Space-separated words being written.
#[derive(Default)]
struct Words(String);

impl Words {
    fn flag(&mut self, word: &str, set: bool) {
        if set {
            if !self.0.is_empty() {
                self.0.push(' ');
            }
            self.0.push_str(word);
        }
    }

    fn word(&mut self, label: &str, name: Option<&str>) {
        if let Some(name) = name {
            self.flag(&format!("{label} {}", word(name)), true);
        }
    }

    fn list(&mut self, label: &str, names: &[String]) {
        if !names.is_empty() {
            self.flag(&format!("{label} {}", list(names)), true);
        }
    }

    fn default_value(&mut self, default: Option<&DefaultValue>) {
        if let Some(default) = default {
            self.flag("default", true);
            self.flag(
                &match default {
                    DefaultValue::Bool(value) => value.to_string(),
                    DefaultValue::Number(number) => number.clone(),
                    DefaultValue::String(string) => text(string),
                    DefaultValue::CurrentTimestamp => "current_timestamp".to_owned(),
                    DefaultValue::Expr(sql) => format!("expr {}", text(sql)),
                },
                true,
            );
        }
    }

    fn generated(&mut self, generated: Option<&Generated>) {
        if let Some(Generated { expr, stored }) = generated {
            let word = if *stored { "stored" } else { "virtual" };
            self.text(&format!("generated {word}"), Some(expr));
        }
    }

    fn deferrable(&mut self, deferrable: Option<Deferrable>) {
        match deferrable {
            Some(Deferrable::Immediate) => self.flag("deferrable", true),
            Some(Deferrable::Deferred) => self.flag("deferrable initially deferred", true),
            None => {}
        }
    }

    fn text(&mut self, label: &str, content: Option<&str>) {
        if let Some(content) = content {
            self.flag(&format!("{label} {}", text(content)), true);
        }
    }
}

/// A name as a snapshot writes it: bare when it is made of letters, digits, `_` and `-`, and is not
/// the word that a line about an enum or a sequence begins with.
pub(in crate::schema) fn word(name: &str) -> String {
    let bare = !name.is_empty()
        && !["enum", "sequence"].contains(&name)
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare {
        name.to_owned()
    } else {
        quoted(name, '"')
    }
}

/// A name that may have dots in it (`toast.autovacuum_enabled`).
pub(super) fn dotted(name: &str) -> String {
    match name.split('.').all(|part| word(part) == part) {
        true => name.to_owned(),
        false => word(name),
    }
}

/// Free text as a snapshot writes it: in single quotes, on one line.
pub(in crate::schema) fn text(content: &str) -> String {
    quoted(content, '\'')
}

pub(in crate::schema) fn qualified(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", word(schema), word(&name.name)),
        None => word(&name.name),
    }
}

fn quoted(content: &str, quote: char) -> String {
    let mut out = String::with_capacity(content.len() + 2);
    out.push(quote);
    for c in content.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c == quote || c == '\\' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

pub(super) fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| word(name)).collect();
    format!("({})", names.join(", "))
}
