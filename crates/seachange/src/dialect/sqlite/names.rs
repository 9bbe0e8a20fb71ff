//! Indexes and constraints get other names in the texts that hold them.

use super::edit::{Done, Draft, find, label, same};
use super::lex::tokens;
use super::text::{Clause, ConstraintText, IndexText, TableText};
use super::unsupported;
use crate::dialect::quote;
use crate::op::Target;
use crate::schema::Kind;

impl Draft<'_> {
    pub(super) fn rename_index(&mut self, from: &str, to: &str) -> Done {
        let Some(at) = self.index(from) else {
            return Err(self.missing("index", from));
        };
        if let Some(other) = self.index(to)
            && other != at
        {
            return Err(self.problem(&format!("has an index `{to}` there already")));
        }
        let (name, sql) = &mut self.indexes[at];
        let text = IndexText::parse(sql).map_err(|problem| {
            unsupported(
                format!("index {from}"),
                &format!(
                    "holds it in a text that cannot be read: {problem}; drop it and create it"
                ),
            )
        })?;
        sql.replace_range(text.name_span, &quote(to));
        to.clone_into(name);
        Ok(())
    }

    /// Gives a constraint another name, or takes its name out.
    pub(super) fn rename_constraint(
        &mut self,
        kind: Option<Kind>,
        target: &Target,
        to: Option<&str>,
    ) -> Done {
        let text = self.text()?;
        let is = |constraint: &ConstraintText| {
            matches!(
                (kind, &constraint.clause),
                (None, _)
                    | (Some(Kind::PrimaryKey), Clause::PrimaryKey { .. })
                    | (Some(Kind::Unique), Clause::Unique(_))
                    | (Some(Kind::ForeignKey), Clause::ForeignKey { .. })
                    | (Some(Kind::Check), Clause::Check(_))
            )
        };
        let named = |constraint: &&ConstraintText| match (&constraint.name, &target.name) {
            (Some(own), Some(name)) => is(constraint) && same(own, name),
            _ => false,
        };
        let found = match text.all_constraints().find(named) {
            Some(found) => Some(found),
            None => self.unnamed(&text, kind, target),
        };
        let Some(found) = found else {
            let kind = kind.map_or("constraint", Kind::as_str);
            return Err(self.missing(kind, &label(target)));
        };
        let words = tokens(&self.create).map_err(|problem| self.problem(&problem.to_string()))?;
        let mut words = words
            .iter()
            .filter(|token| token.start >= found.span.start)
            .map(|token| token.span());
        match (&found.name, to) {
            (None, None) => {}
            (None, Some(to)) => {
                let name = format!("CONSTRAINT {} ", quote(to));
                self.create.insert_str(found.span.start, &name);
            }
            (Some(_), Some(to)) => {
                if let Some(name) = words.nth(1) {
                    self.create.replace_range(name, &quote(to));
                }
            }
            (Some(_), None) => {
                if let Some(rest) = words.nth(2) {
                    self.create.replace_range(found.span.start..rest.start, "");
                }
            }
        }
        Ok(())
    }

    fn unnamed<'t>(
        &self,
        text: &'t TableText,
        kind: Option<Kind>,
        target: &Target,
    ) -> Option<&'t ConstraintText> {
        match kind {
            Some(Kind::PrimaryKey) => text.primary_key().map(|(constraint, _)| constraint),
            Some(Kind::Unique) => {
                let columns = |constraint: &ConstraintText| match &constraint.clause {
                    Clause::Unique(keys) => {
                        Some(keys.iter().map(|key| key.name().to_owned()).collect())
                    }
                    _ => None,
                };
                find(text, target, columns).first().copied()
            }
            Some(Kind::ForeignKey) => {
                let columns = |constraint: &ConstraintText| match &constraint.clause {
                    Clause::ForeignKey { columns, .. } => Some(columns.clone()),
                    _ => None,
                };
                find(text, target, columns).first().copied()
            }
            _ => None,
        }
    }
}
