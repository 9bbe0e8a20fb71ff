//! What uses a column, and so stands in the way of dropping it.

use std::ops::Range;

use super::edit::{Draft, same};
use super::lex::{Kind, Token, tokens};
use super::text::{Clause, ConstraintText, IndexText, KeyTextOn};
use crate::dialect::Unsupported;
use crate::op::is_reserved;

impl Draft<'_> {
    /// What uses a column and would not go with it, by name.
    pub(super) fn user_of(&self, name: &str) -> Result<Option<String>, Unsupported> {
        let text = self.text()?;
        self.column(&text, name)?;
        let all: Vec<&str> = text
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        // Whether this SQL uses the column, and uses another one.
        let uses = |sql: &str| {
            let shared = all
                .iter()
                .any(|column| !same(column, name) && mentions(sql, column));
            (mentions(sql, name), shared)
        };
        for column in &text.columns {
            let own = same(&column.name, name);
            for constraint in &column.constraints {
                match &constraint.clause {
                    Clause::Generated { expr, .. }
                        if !own && uses(&self.create[expr.clone()]).0 =>
                    {
                        return Ok(Some(format!("the generated column `{}`", column.name)));
                    }
                    Clause::Check(expr) => {
                        let (used, shared) = uses(&self.create[expr.clone()]);
                        if (own && shared) || (!own && used) {
                            return Ok(Some(self.check_name(constraint, expr)));
                        }
                    }
                    _ => {}
                }
            }
        }
        for constraint in &text.constraints {
            if let Clause::Check(expr) = &constraint.clause
                && uses(&self.create[expr.clone()]) == (true, true)
            {
                return Ok(Some(self.check_name(constraint, expr)));
            }
        }
        for constraint in text.all_constraints() {
            if let Clause::ForeignKey {
                columns,
                references,
            } = &constraint.clause
                && same(&references.table, &text.name)
                && references.columns.iter().any(|column| same(column, name))
                && !columns.iter().any(|column| same(column, name))
            {
                return Ok(Some(format!("the foreign key on ({})", columns.join(", "))));
            }
        }
        for (index, sql) in &self.indexes {
            let Ok(read) = IndexText::parse(sql) else {
                if mentions(sql, name) {
                    return Ok(Some(format!("index `{index}`")));
                }
                continue;
            };
            let computed = computed_parts(&read).any(|span| mentions(&sql[span], name));
            let shared = all
                .iter()
                .any(|column| !same(column, name) && index_uses(sql, &read, column));
            if computed && shared {
                return Ok(Some(format!("index `{index}`")));
            }
        }
        let mut triggers = self.source.triggers.iter();
        if let Some((trigger, _)) = triggers.find(|(_, sql)| mentions(sql, name)) {
            return Ok(Some(format!("trigger `{trigger}`")));
        }
        Ok(self.user_elsewhere(name))
    }

    /// A view or a trigger that reads this table, or a view that does, and says the column's name.
    fn user_elsewhere(&self, column: &str) -> Option<String> {
        let mut reached = vec![self.source.name.clone()];
        loop {
            let before = reached.len();
            for (other, sql) in &self.source.others {
                let Some((kind, name)) = other.split_once(' ') else {
                    continue;
                };
                let names = names(sql);
                let reads = names
                    .iter()
                    .any(|n| reached.iter().any(|reached| same(reached, n)));
                if !reads {
                    continue;
                }
                if names.iter().any(|name| same(name, column)) {
                    return Some(format!("{kind} `{name}`"));
                }
                if kind == "view" && !reached.iter().any(|reached| same(reached, name)) {
                    reached.push(name.to_owned());
                }
            }
            if reached.len() == before {
                return None;
            }
        }
    }

    fn check_name(&self, check: &ConstraintText, expr: &Range<usize>) -> String {
        match &check.name {
            Some(name) => format!("check `{name}`"),
            None => format!("the check `{}`", &self.create[expr.clone()]),
        }
    }
}

/// All names that a text says.
fn names(sql: &str) -> Vec<String> {
    let tokens = tokens(sql).unwrap_or_default();
    let named = tokens.iter().filter(|token| token.kind != Kind::String);
    named.filter_map(Token::name).collect()
}

/// Whether an expression or a trigger says the name of a column; a call is none.
pub(super) fn mentions(sql: &str, column: &str) -> bool {
    let tokens = tokens(sql).unwrap_or_default();
    tokens.iter().enumerate().any(|(at, token)| {
        let called =
            token.kind == Kind::Word && tokens.get(at + 1).is_some_and(|next| next.is_symbol("("));
        let own = token.kind == Kind::Word && is_reserved(token.text);
        token.kind != Kind::String
            && !called
            && !own
            && token.name().is_some_and(|name| same(&name, column))
    })
}

/// The expressions of an index and its predicate.
fn computed_parts(index: &IndexText) -> impl Iterator<Item = Range<usize>> {
    let keys = index.keys.iter().filter_map(|key| match &key.on {
        KeyTextOn::Expr(span) => Some(span.clone()),
        KeyTextOn::Column(_) => None,
    });
    keys.chain(index.predicate.clone())
}

/// Whether an index is on a column, or an expression or the predicate of it says its name.
pub(super) fn index_uses(sql: &str, index: &IndexText, column: &str) -> bool {
    index.keys.iter().any(|key| same(key.name(), column))
        || computed_parts(index).any(|span| mentions(&sql[span], column))
}
