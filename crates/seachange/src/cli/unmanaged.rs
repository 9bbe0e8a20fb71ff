//! `--drop-unmanaged`: what nobody ever declared, proposed for the drop by name.

use sea_orm::DatabaseConnection;

use super::error::{Failure, code};
use super::print::{counted, note};
use super::terminal::{on_terminal, prompt};
use crate::op::{Step, keys};
use crate::run;
use crate::schema::{Fact, Index, Key, Kind, Schema};

/// Makes the named unmanaged objects part of what history made, so that they go as anything goes
/// that the entities no longer declare. Without a name each is asked about.
pub(super) async fn choose(
    db: &DatabaseConnection,
    named: &[String],
    unmanaged: &[Fact],
    have: &Schema,
    base: &mut Schema,
) -> Result<Vec<Key>, Failure> {
    let mut chosen = Vec::new();
    let mut candidates = Vec::with_capacity(unmanaged.len());
    for fact in unmanaged {
        candidates.push((word(fact), rows(db, fact).await?, fact));
    }
    if named.is_empty() {
        if candidates.is_empty() {
            note("there is nothing in this database that no entity declares");
            return Ok(chosen);
        }
        if !on_terminal() {
            let lines: Vec<String> = candidates
                .iter()
                .map(|(word, rows, _)| format!("  --drop-unmanaged {}{rows}", quoted(word)))
                .collect();
            return Err(Failure::new(
                code::ANSWER_NEEDED,
                format!(
                    "what nobody declared is dropped by name only:\n{}",
                    lines.join("\n")
                ),
            )
            .hint("nothing was written"));
        }
        for (word, rows, fact) in &candidates {
            let question = format!("Drop {word}{rows}? [y/N] ");
            if matches!(prompt(&question)?.as_str(), "y" | "Y" | "yes") {
                adopt(fact, have, base);
                chosen.push(fact.key.clone());
            }
        }
        return Ok(chosen);
    }
    for name in named {
        let Some((.., fact)) = candidates.iter().find(|(word, ..)| word == name) else {
            let words: Vec<&str> = candidates.iter().map(|(word, ..)| word.as_str()).collect();
            let failure =
                Failure::usage(format!("--drop-unmanaged {name}: there is no such thing"));
            return Err(match words.is_empty() {
                true => failure.hint("nothing here is unmanaged"),
                false => failure.hint(format!("what is unmanaged here: {}", words.join(", "))),
            });
        };
        adopt(fact, have, base);
        chosen.push(fact.key.clone());
    }
    Ok(chosen)
}

/// What nobody declared goes only where it is, since other databases may never have had it.
pub(super) fn guard(steps: &mut [Step], chosen: &[Key]) {
    for step in steps {
        let table = step
            .op
            .table()
            .map(|table| Key::new(table, Kind::Table, ""));
        let mut about = keys(&step.op).into_iter().chain(table);
        step.guarded |= about.any(|key| chosen.contains(&key));
    }
}

/// How a flag names it: `table:legacy_import`, `column:tasks.hot`, `index:ix_hot`.
fn word(Fact { key, value }: &Fact) -> String {
    let Key {
        owner, kind, id, ..
    } = key;
    match kind {
        Kind::Column if is_default(value) => format!("default:{owner}.{id}"),
        Kind::Enum if let Some(value) = enum_value(value) => format!("value:{owner} {value}"),
        Kind::Table | Kind::Enum | Kind::Sequence | Kind::PrimaryKey => {
            format!("{}:{owner}", kind.as_str())
        }
        Kind::Index if is_of_index(value) => format!("storage:{id}"),
        Kind::Option => format!("option:{owner}.{id}"),
        Kind::Column => format!("column:{owner}.{id}"),
        Kind::Index | Kind::Check | Kind::Exclusion => format!("{}:{id}", kind.as_str()),
        Kind::Unique | Kind::ForeignKey => format!("{}:{owner} {id}", kind.as_str()),
    }
}

fn quoted(word: &str) -> String {
    match word.contains([' ', '\'', '(', '>']) {
        true => format!("\"{word}\""),
        false => word.to_owned(),
    }
}

/// Whether the fact is about a default alone, which nobody declared, of a column that is declared.
fn is_default(value: &str) -> bool {
    value.starts_with("default ")
}

/// Whether the fact is only about how an index is kept, which nobody declared, of one that is
/// declared.
fn is_of_index(value: &str) -> bool {
    !value.starts_with('(')
}

/// The value, where the fact is about one alone, which nobody declared, of an enum that is declared.
fn enum_value(value: &str) -> Option<&str> {
    value.strip_prefix("value ")
}

async fn rows(db: &DatabaseConnection, fact: &Fact) -> Result<String, Failure> {
    let Key {
        owner, kind, id, ..
    } = &fact.key;
    let (column, noun) = match kind {
        Kind::Table => (None, "row"),
        Kind::Column if !is_default(&fact.value) => (Some(id.as_str()), "value"),
        _ => return Ok(String::new()),
    };
    let count = run::count(db, owner, column).await?;
    Ok(count.map_or_else(String::new, |count| {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        format!("   ({})", counted(count, noun))
    }))
}

/// Puts the object into `base` as it is in the database.
fn adopt(fact: &Fact, have: &Schema, base: &mut Schema) {
    let Key {
        owner, kind, id, ..
    } = &fact.key;
    if *kind == Kind::Enum {
        match (enum_value(&fact.value), base.enums.get_mut(owner)) {
            (Some(value), Some(ty)) => ty.values.push(value.to_owned()),
            _ => base
                .enums
                .extend(have.enums.get(owner).map(|ty| (owner.clone(), ty.clone()))),
        }
        return;
    }
    if *kind == Kind::Sequence {
        let found = have.sequences.get(owner);
        base.sequences
            .extend(found.map(|sequence| (owner.clone(), sequence.clone())));
        return;
    }
    let Some(found) = have.table(owner) else {
        return;
    };
    let Some(table) = base.tables.get_mut(owner) else {
        base.tables.insert(owner.clone(), found.clone());
        return;
    };
    match kind {
        Kind::Column if is_default(&fact.value) => {
            if let (Some(column), Some(found)) = (table.column_mut(id), found.column(id)) {
                column.default.clone_from(&found.default);
            }
        }
        Kind::Option => table.options.take(id, &found.options),
        Kind::Index if is_of_index(&fact.value) => {
            let is = |index: &&Index| Key::index(owner, index) == fact.key;
            let found = found.indexes.iter().find(is);
            let mut indexes = table.indexes.iter_mut();
            let here = indexes.find(|index| Key::index(owner, index) == fact.key);
            if let (Some(index), Some(found)) = (here, found) {
                index.storage.clone_from(&found.storage);
                index.tablespace.clone_from(&found.tablespace);
            }
        }
        Kind::Column => table.columns.extend(found.column(id).cloned()),
        Kind::PrimaryKey => table.primary_key.clone_from(&found.primary_key),
        Kind::Unique => take(&mut table.uniques, &found.uniques, fact, |unique| {
            Key::unique(owner, unique)
        }),
        Kind::Index => take(&mut table.indexes, &found.indexes, fact, |index| {
            Key::index(owner, index)
        }),
        Kind::ForeignKey => take(&mut table.foreign_keys, &found.foreign_keys, fact, |key| {
            Key::foreign_key(owner, key)
        }),
        Kind::Check => take(&mut table.checks, &found.checks, fact, |check| {
            Key::check(owner, check)
        }),
        Kind::Exclusion => take(&mut table.exclusions, &found.exclusions, fact, |one| {
            Key::exclusion(owner, one)
        }),
        Kind::Enum | Kind::Sequence | Kind::Table => {}
    }
}

fn take<T: Clone>(into: &mut Vec<T>, found: &[T], fact: &Fact, key: impl Fn(&T) -> Key) {
    into.extend(found.iter().filter(|one| key(one) == fact.key).cloned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Answers, diff};
    use crate::op::describe;
    use crate::schema::{facts, from_facts};

    #[test]
    fn what_is_named_goes_and_nothing_else() {
        let have = from_facts(
            "enum mood: sad\nsequence \"Old one\": integer\nsequence side.free: integer\n\
             t table\nt column id integer not null\nt column n integer null\nt index ix (n)",
            1,
        )
        .unwrap_or_default();
        let words: Vec<String> = facts(&have).iter().map(word).collect();
        assert_eq!(
            words,
            [
                "enum:mood",
                "sequence:Old one",
                "sequence:side.free",
                "table:t",
                "column:t.id",
                "column:t.n",
                "index:ix"
            ]
        );
        for fact in facts(&have).iter().take(4) {
            let mut base = Schema::default();
            adopt(fact, &have, &mut base);
            let plan = diff(&base, &Schema::default(), &Answers::default());
            let dropped: Vec<String> = plan.ops.iter().flat_map(describe).collect();
            let gone = format!("- {}", fact.key);
            assert!(dropped.contains(&gone), "{gone}: {dropped:?}");
            let mut steps: Vec<Step> = plan.ops.into_iter().map(Step::from).collect();
            guard(&mut steps, std::slice::from_ref(&fact.key));
            assert!(steps.iter().any(|step| step.guarded));
        }
    }

    #[test]
    fn how_tables_and_indexes_are_kept_goes_by_name() {
        let read = |text: &str| from_facts(text, 1).unwrap_or_default();
        let declared = read("t table\nt column a text null\nt index ix (a)");
        let have = read(
            "t table\nt option fillfactor '70'\nt option unlogged\n\
             t column a text null\nt index ix (a) with fillfactor '50' tablespace fast",
        );
        let mut base = declared.clone();
        let on_index = "with fillfactor '50' tablespace fast";
        for (kind, id, value, named) in [
            (Kind::Option, "fillfactor", "'70'", "option:t.fillfactor"),
            (Kind::Option, "unlogged", "", "option:t.unlogged"),
            (Kind::Index, "ix", on_index, "storage:ix"),
        ] {
            let fact = Fact {
                key: Key::new("t", kind, id),
                value: value.to_owned(),
            };
            assert_eq!(word(&fact), named);
            adopt(&fact, &have, &mut base);
        }
        assert_eq!(facts(&base), facts(&have));
        let plan = diff(&base, &declared, &Answers::default());
        let dropped: Vec<String> = plan.ops.iter().flat_map(describe).collect();
        assert_eq!(
            dropped,
            [
                "- index ix on t",
                "~ table t: logged, PostgreSQL only",
                "~ table t: no fillfactor, PostgreSQL only",
                "+ index ix on t (a)"
            ]
        );
    }
}
