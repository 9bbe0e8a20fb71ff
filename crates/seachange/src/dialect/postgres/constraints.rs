//! Keys, constraints and indexes: how one is said, found and dropped.

use super::canonical::cut;
use super::ddl::{alter, block, collate};
use super::options::{tablespace, with};
use super::types::qualified;
use super::{lex, unsupported};
use crate::dialect::{Unsupported, literal, quote, quoted_list};
use crate::op::{CheckTarget, Target};
use crate::schema::{
    Action, Check, Deferrable, Exclusion, ForeignKey, Index, IndexKey, KeyOn, Name, PrimaryKey,
    Unique,
};

fn named(name: Option<&String>) -> String {
    name.map(|name| format!("CONSTRAINT {} ", quote(name)))
        .unwrap_or_default()
}

pub(super) fn primary_key(key: &PrimaryKey) -> String {
    format!(
        "{}PRIMARY KEY ({}){}{}",
        named(key.name.as_ref()),
        quoted_list(&key.columns),
        include(&key.include),
        deferrable(key.deferrable)
    )
}

pub(super) fn unique_constraint(unique: &Unique) -> String {
    let nulls = if unique.nulls_not_distinct {
        " NULLS NOT DISTINCT"
    } else {
        ""
    };
    format!(
        "{}UNIQUE{nulls} ({}){}{}",
        named(unique.name.as_ref()),
        quoted_list(&unique.columns),
        include(&unique.include),
        deferrable(unique.deferrable)
    )
}

fn include(columns: &[String]) -> String {
    match columns {
        [] => String::new(),
        columns => format!(" INCLUDE ({})", quoted_list(columns)),
    }
}

fn deferrable(deferrable: Option<Deferrable>) -> &'static str {
    match deferrable {
        Some(Deferrable::Immediate) => " DEFERRABLE INITIALLY IMMEDIATE",
        Some(Deferrable::Deferred) => " DEFERRABLE INITIALLY DEFERRED",
        None => "",
    }
}

pub(super) fn check_constraint(check: &Check) -> String {
    format!("{}CHECK ({})", named(check.name.as_ref()), check.expr)
}

pub(super) fn exclusion_constraint(exclusion: &Exclusion) -> String {
    let elements: Vec<String> = exclusion
        .elements
        .iter()
        .map(|element| format!("{} WITH {}", index_key(&element.key), element.operator))
        .collect();
    let mut sql = format!("CONSTRAINT {} EXCLUDE", quote(&exclusion.name));
    if let Some(method) = &exclusion.method {
        sql.push_str(&format!(" USING {}", lex::normal(method)));
    }
    sql.push_str(&format!(" ({})", elements.join(", ")));
    if let Some(predicate) = &exclusion.predicate {
        sql.push_str(&format!(" WHERE ({predicate})"));
    }
    sql.push_str(deferrable(exclusion.deferrable));
    sql
}

pub(super) fn foreign_key(key: &ForeignKey) -> String {
    let mut sql = format!(
        "{}FOREIGN KEY ({}) REFERENCES {}",
        named(key.name.as_ref()),
        quoted_list(&key.columns),
        qualified(&key.ref_table)
    );
    if !key.ref_columns.is_empty() {
        sql.push_str(&format!(" ({})", quoted_list(&key.ref_columns)));
    }
    if key.match_full {
        sql.push_str(" MATCH FULL");
    }
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        if action != Action::NoAction {
            sql.push_str(&format!(
                " ON {event} {}",
                action.as_str().to_ascii_uppercase()
            ));
        }
        if event == "DELETE" && !key.set_columns.is_empty() {
            sql.push_str(&format!(" ({})", quoted_list(&key.set_columns)));
        }
    }
    sql.push_str(deferrable(key.deferrable));
    sql
}

pub(super) fn create_index(table: &Name, index: &Index) -> String {
    let keys: Vec<String> = index.keys.iter().map(index_key).collect();
    let mut sql = format!(
        "CREATE {}INDEX {} ON {}",
        if index.unique { "UNIQUE " } else { "" },
        quote(&index.name),
        qualified(table)
    );
    if let Some(method) = &index.method {
        sql.push_str(&format!(" USING {}", lex::normal(method)));
    }
    sql.push_str(&format!(" ({})", keys.join(", ")));
    sql.push_str(&include(&index.include));
    if index.nulls_not_distinct {
        sql.push_str(" NULLS NOT DISTINCT");
    }
    sql.push_str(&with(&index.storage));
    sql.push_str(&tablespace(index.tablespace.as_deref()));
    if let Some(predicate) = &index.predicate {
        sql.push_str(&format!(" WHERE {predicate}"));
    }
    sql
}

fn index_key(key: &IndexKey) -> String {
    let mut sql = match &key.on {
        KeyOn::Column(name) => quote(name),
        KeyOn::Expr(expr) => format!("({expr})"),
    };
    if let Some(collation) = &key.collation {
        sql.push_str(&collate(collation));
    }
    if let Some(opclass) = &key.opclass {
        sql.push(' ');
        sql.push_str(opclass);
    }
    if key.descending {
        sql.push_str(" DESC");
    }
    match key.nulls_first {
        Some(true) => sql.push_str(" NULLS FIRST"),
        Some(false) => sql.push_str(" NULLS LAST"),
        None => {}
    }
    sql
}

pub(super) fn drop_unique(table: &Name, target: &Target) -> Vec<String> {
    if let Some(sql) = drop_by_name(table, target) {
        return vec![sql];
    }
    let what = format!("unique constraint on ({})", target.columns.join(", "));
    let condition = format!(
        "c.contype = 'u' AND {}",
        on_columns("c.conkey", "c.conrelid", &target.columns)
    );
    vec![drop_constraint(
        table,
        &what,
        &condition,
        target.name.as_deref(),
    )]
}

pub(super) fn drop_foreign_key(
    table: &Name,
    target: &Target,
    before: Option<&ForeignKey>,
) -> Vec<String> {
    if let Some(sql) = drop_by_name(table, target) {
        return vec![sql];
    }
    let mut what = format!("foreign key on ({})", target.columns.join(", "));
    let mut condition = format!(
        "c.contype = 'f' AND {}",
        on_columns("c.conkey", "c.conrelid", &target.columns)
    );
    if let Some(before) = before {
        let other = qualified(&before.ref_table);
        what.push_str(&format!(" to {}", before.ref_table));
        condition.push_str(&format!(" AND c.confrelid = {}::regclass", literal(&other)));
        if !before.ref_columns.is_empty() {
            condition.push_str(&format!(
                " AND {}",
                on_columns("c.confkey", "c.confrelid", &before.ref_columns)
            ));
        }
    }
    vec![drop_constraint(
        table,
        &what,
        &condition,
        target.name.as_deref(),
    )]
}

/// A check without a name of its own has the one that the server chose. Its text cannot be searched
/// for either, since the server keeps its own words: so the condition is added once more, without
/// looking at rows, and goes together with the one that reads the same. Of several it is one whose
/// name looks like the server's.
pub(super) fn drop_check(table: &Name, target: &CheckTarget) -> Result<Vec<String>, Unsupported> {
    if let Some(name) = &target.name {
        return Ok(vec![format!(
            "{} DROP CONSTRAINT {}",
            alter(table),
            quote(name)
        )]);
    }
    let Some(expr) = &target.expr else {
        return Err(unsupported(
            format!("check on {table}"),
            "has to be told which one to drop; name it, or say its condition",
        ));
    };
    let probe = "seachange probe";
    let alter = alter(table);
    let add = format!(
        "{alter} ADD CONSTRAINT {} CHECK ({expr}) NOT VALID",
        quote(probe)
    );
    let missing = format!("there is no check ({expr}) on table {table}");
    let found = format!(
        "FROM pg_catalog.pg_constraint c WHERE c.conrelid = {}::regclass AND c.contype = 'c' AND \
         c.conname",
        literal(&qualified(table))
    );
    let text = "pg_catalog.pg_get_expr(c.conbin, c.conrelid)";
    Ok(vec![block(
        "wanted text; found text;",
        &format!(
            "EXECUTE {}; SELECT {text} INTO wanted {found} = {probe}; \
             SELECT c.conname INTO found {found} <> {probe} AND {text} = wanted \
             ORDER BY c.conname !~ '_check[0-9]*$', c.conname LIMIT 1; \
             IF found IS NULL THEN RAISE EXCEPTION USING MESSAGE = {}, ERRCODE = 'undefined_object'; END IF; \
             EXECUTE {} || quote_ident(found);",
            literal(&add),
            literal(&missing),
            literal(&format!(
                "{alter} DROP CONSTRAINT {}, DROP CONSTRAINT ",
                quote(probe)
            )),
            probe = literal(probe),
        ),
    )])
}

/// A name is all there is to go by. Where the columns are known too, they decide: the constraint
/// may have been named by another hand.
fn drop_by_name(table: &Name, target: &Target) -> Option<String> {
    let name = target.name.as_ref().filter(|_| target.columns.is_empty())?;
    Some(format!("{} DROP CONSTRAINT {}", alter(table), quote(name)))
}

/// That a constraint's columns are these, in this order.
pub(super) fn on_columns(key: &str, relation: &str, columns: &[String]) -> String {
    let names: Vec<String> = columns.iter().map(|name| literal(name)).collect();
    format!(
        "ARRAY(SELECT a.attname::text FROM unnest({key}) WITH ORDINALITY AS k(number, place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = {relation} AND a.attnum = k.number \
         ORDER BY k.place) = ARRAY[{}]::text[]",
        names.join(", ")
    )
}

/// Drops the constraint of the table that fits; of several, the one of that name.
pub(super) fn drop_constraint(
    table: &Name,
    what: &str,
    condition: &str,
    preferred: Option<&str>,
) -> String {
    let action = format!(
        "EXECUTE {} || quote_ident(found);",
        literal(&format!("{} DROP CONSTRAINT ", alter(table)))
    );
    found_constraint(table, what, condition, preferred, &action)
}

/// Does something with the constraint of the table that fits; of several, the one of that name.
pub(super) fn found_constraint(
    table: &Name,
    what: &str,
    condition: &str,
    preferred: Option<&str>,
    action: &str,
) -> String {
    let preferred = preferred
        .map(|name| format!("c.conname = {} DESC, ", literal(cut(name))))
        .unwrap_or_default();
    let missing = format!("there is no {what} on table {table}");
    block(
        "found text;",
        &format!(
            "SELECT c.conname INTO found FROM pg_catalog.pg_constraint c \
             WHERE c.conrelid = {}::regclass AND {condition} ORDER BY {preferred}c.conname LIMIT 1; \
             IF found IS NULL THEN RAISE EXCEPTION USING MESSAGE = {}, ERRCODE = 'undefined_object'; END IF; \
             {action}",
            literal(&qualified(table)),
            literal(&missing),
        ),
    )
}
