//! Operations carried out on the text of a table: the piece that changes, and no other byte.

use std::ops::Range;

use super::ddl::{self, Inline};
use super::lex::{Kind, Token, tokens};
use super::rebuild::TableSource;
use super::text::{Clause, ColumnText, ConstraintText, IndexText, KeyText, KeyTextOn, TableText};
use super::{types, unsupported};
use crate::dialect::Unsupported;
use crate::op::{ColumnChange, Op, Target};
use crate::schema::{Column, ForeignKey, Name, PrimaryKey};

/// A table that is being changed.
pub(super) struct Draft<'a> {
    source: &'a TableSource,
    table: Name,
    pub(super) create: String,
    pub(super) indexes: Vec<(String, String)>,
}

type Done = Result<(), Unsupported>;

impl<'a> Draft<'a> {
    pub(super) fn new(source: &'a TableSource) -> Self {
        Self {
            source,
            table: Name::from(source.name.as_str()),
            create: source.create.clone(),
            indexes: source.indexes.clone(),
        }
    }

    /// Carries out all of them. A column that something uses is dropped after the operation that
    /// drops its user, wherever that one stands.
    pub(super) fn apply_all(&mut self, ops: &[&Op]) -> Done {
        let mut pending = ops.to_vec();
        while !pending.is_empty() {
            let mut refused = None;
            let mut later = Vec::new();
            let count = pending.len();
            for op in pending {
                let user = match op {
                    Op::DropColumn { column, .. } => self.user_of(column)?,
                    _ => None,
                };
                match user {
                    None => self.apply(op)?,
                    Some(user) => {
                        later.push(op);
                        refused.get_or_insert((op, user));
                    }
                }
            }
            if let Some((Op::DropColumn { column, .. }, user)) = refused
                && later.len() == count
            {
                return Err(unsupported(
                    format!("column {}.{column}", self.table),
                    &format!("does not drop it: {user} uses it; drop that first"),
                ));
            }
            pending = later;
        }
        let text = self.text()?;
        if text.without_rowid && text.primary_key().is_none() {
            return Err(self.problem("needs a primary key for a table WITHOUT ROWID"));
        }
        Ok(())
    }

    fn apply(&mut self, op: &Op) -> Done {
        match op {
            Op::AddColumn {
                column,
                if_not_exists,
                ..
            } => self.add_column(column, *if_not_exists),
            Op::DropColumn { column, .. } => self.drop_column(column),
            Op::AlterColumn { column, change, .. } => self.alter_column(column, change),
            Op::AddPrimaryKey { key, .. } => self.add_primary_key(key),
            Op::DropPrimaryKey { .. } => self.drop_primary_key(),
            Op::AddUnique { unique, .. } => self.append(&ddl::unique(unique)),
            Op::DropUnique { target, .. } => self.drop_unique(target),
            Op::AddForeignKey { key, .. } => self.append(&ddl::foreign_key(key)?),
            Op::DropForeignKey { target, before, .. } => {
                self.drop_foreign_key(target, before.as_deref())
            }
            Op::AddCheck { check, .. } => self.append(&ddl::check(check)),
            Op::DropCheck { name, before, .. } => {
                self.drop_check(name, before.as_ref().map(|check| check.expr.as_str()))
            }
            Op::CreateIndex {
                index,
                if_not_exists,
                ..
            } => {
                let there = self.index(&index.name).is_some();
                if !(there && *if_not_exists) {
                    let sql = ddl::create_index(&self.table, index, false)?;
                    self.indexes.push((index.name.clone(), sql));
                }
                Ok(())
            }
            Op::DropIndex { name, .. } => match self.index(name) {
                Some(at) => {
                    self.indexes.remove(at);
                    Ok(())
                }
                None => Err(self.missing("index", name)),
            },
            _ => Err(self.problem("builds no table anew for this operation")),
        }
    }

    pub(super) fn text(&self) -> Result<TableText, Unsupported> {
        TableText::parse(&self.create).map_err(|problem| {
            self.problem(&format!(
                "holds it in a text that cannot be read: {problem}; change it with `op.execute`"
            ))
        })
    }

    fn problem(&self, problem: &str) -> Unsupported {
        unsupported(format!("table {}", self.table), problem)
    }

    fn missing(&self, kind: &str, what: &str) -> Unsupported {
        unsupported(
            format!("{kind} {what} on {}", self.table),
            "has none like it; look at what the table has with `check -v`",
        )
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.indexes
            .iter()
            .position(|(index, _)| index.eq_ignore_ascii_case(name))
    }

    fn column<'t>(&self, text: &'t TableText, name: &str) -> Result<&'t ColumnText, Unsupported> {
        text.column(name).ok_or_else(|| {
            unsupported(
                format!("column {}.{name}", self.table),
                "has no such column",
            )
        })
    }

    // --- columns ---

    fn add_column(&mut self, column: &Column, if_not_exists: bool) -> Done {
        let text = self.text()?;
        if text.column(&column.name).is_some() {
            return match if_not_exists {
                true => Ok(()),
                false => Err(unsupported(
                    format!("column {}.{}", self.table, column.name),
                    "has such a column already",
                )),
            };
        }
        // Only a primary key is numbered, so the column brings it along.
        let key = PrimaryKey {
            name: None,
            columns: vec![column.name.clone()],
        };
        let inline = Inline {
            key: (column.auto_increment && text.primary_key().is_none()).then_some(&key),
            unique: false,
        };
        let definition = ddl::column_definition(&self.table, column, inline)?;
        let Some(first) = text.constraints.first() else {
            return self.append(&definition);
        };
        // Columns stand before all table-level constraints.
        let at = first.span.start;
        let blank = match &self.create[self.create[..at].trim_end().len()..at] {
            "" => " ",
            blank => blank,
        };
        let piece = format!("{definition},{blank}");
        self.create.insert_str(at, &piece);
        Ok(())
    }

    fn drop_column(&mut self, name: &str) -> Done {
        let has = |names: &[String]| names.iter().any(|column| column.eq_ignore_ascii_case(name));
        let has_key =
            |keys: &[KeyText]| keys.iter().any(|key| key.name().eq_ignore_ascii_case(name));
        let position = loop {
            let text = self.text()?;
            let column = self.column(&text, name)?;
            let goes = |constraint: &ConstraintText| match &constraint.clause {
                Clause::PrimaryKey { columns, .. } | Clause::Unique(columns) => has_key(columns),
                Clause::ForeignKey { columns, .. } => has(columns),
                // One that has other columns too was found by `user_of`.
                Clause::Check(expr) => mentions(&self.create[expr.clone()], name),
                _ => false,
            };
            match text.constraints.iter().position(goes) {
                Some(at) => {
                    let item = text.columns.len() + at;
                    self.remove_item(&text, item);
                }
                None => {
                    if text.columns.len() == 1 {
                        return Err(self.problem("has no tables without columns; drop the table"));
                    }
                    break text.columns.iter().position(|c| c.span == column.span);
                }
            }
        };
        if let Some(position) = position {
            let text = self.text()?;
            self.remove_item(&text, position);
        }
        self.indexes.retain(|(_, sql)| match IndexText::parse(sql) {
            Ok(index) => !index_names(sql, &index).iter().any(|used| same(used, name)),
            Err(_) => true,
        });
        Ok(())
    }

    /// What uses a column and would not go with it, by name.
    fn user_of(&self, name: &str) -> Result<Option<String>, Unsupported> {
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
            let used = index_names(sql, &read);
            let computed = computed_parts(&read).any(|span| mentions(&sql[span], name));
            let shared = all
                .iter()
                .any(|column| !same(column, name) && used.iter().any(|used| same(used, column)));
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

    fn alter_column(&mut self, name: &str, change: &ColumnChange) -> Done {
        let text = self.text()?;
        let column = self.column(&text, name)?;
        let key = match text.primary_key() {
            Some((_, [key])) => same(key.name(), name),
            _ => false,
        };
        let numbered = key && text.autoincrement().is_some();
        if change.auto_increment == Some(true) && !key {
            return Err(ddl::no_auto_increment(&self.table, name));
        }
        let mut words = match &change.ty {
            Some(ty) => Some(ddl::type_words(&self.table, name, ty)?),
            None => None,
        };
        if change.auto_increment.unwrap_or(numbered) {
            let ty = change.ty.clone();
            if !ty.is_none_or(|ty| ty.is_integer()) {
                return Err(ddl::no_auto_increment(&self.table, name));
            }
            words = Some("integer".to_owned());
        }
        let old = column.words(&self.create);
        if let Some(words) = words
            && types::normal(&words) != types::normal(old)
        {
            let at = column.type_end();
            match column.ty.clone() {
                Some(span) => self.create.replace_range(span, &words),
                None => self.create.insert_str(at, &format!(" {words}")),
            }
        }
        match change.nullable {
            Some(false) => self.set_not_null(name)?,
            Some(true) => while self.cut_from_column(name, |c| matches!(c, Clause::NotNull))? {},
            None => {}
        }
        match &change.default {
            Some(Some(default)) => self.set_default(name, &ddl::default_value(default))?,
            Some(None) => while self.cut_from_column(name, |c| matches!(c, Clause::Default(_)))? {},
            None => {}
        }
        match change.auto_increment {
            Some(true) => self.set_auto_increment(),
            Some(false) if numbered => match self.text()?.autoincrement() {
                Some(span) => self.cut(span),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn set_not_null(&mut self, name: &str) -> Done {
        let text = self.text()?;
        let column = self.column(&text, name)?;
        let find =
            |wanted: fn(&Clause) -> bool| column.constraints.iter().find(|c| wanted(&c.clause));
        if find(|clause| matches!(clause, Clause::NotNull)).is_some() {
            return Ok(());
        }
        match find(|clause| matches!(clause, Clause::Null)) {
            Some(null) => self.create.replace_range(null.span.clone(), "NOT NULL"),
            None => self.create.insert_str(column.type_end(), " NOT NULL"),
        }
        Ok(())
    }

    fn set_default(&mut self, name: &str, value: &str) -> Done {
        let text = self.text()?;
        let column = self.column(&text, name)?;
        let old = column
            .constraints
            .iter()
            .rev()
            .find_map(|c| match &c.clause {
                Clause::Default(span) => Some(span.clone()),
                _ => None,
            });
        match old {
            Some(span) => self.create.replace_range(span, value),
            None => {
                let required = column
                    .constraints
                    .iter()
                    .find(|c| matches!(c.clause, Clause::NotNull));
                let at = required.map_or(column.type_end(), |c| c.span.end);
                self.create.insert_str(at, &format!(" DEFAULT {value}"));
            }
        }
        Ok(())
    }

    fn set_auto_increment(&mut self) -> Done {
        let text = self.text()?;
        if text.autoincrement().is_some() {
            return Ok(());
        }
        if let Some((constraint, [key])) = text.primary_key() {
            // In a list between brackets it stands inside of them.
            let at = if key.end > 0 {
                key.end
            } else {
                constraint.span.end
            };
            self.create.insert_str(at, " AUTOINCREMENT");
        }
        Ok(())
    }

    // --- constraints ---

    fn add_primary_key(&mut self, key: &PrimaryKey) -> Done {
        let text = self.text()?;
        if let Some((_, columns)) = text.primary_key() {
            let equal = columns.len() == key.columns.len()
                && columns
                    .iter()
                    .zip(&key.columns)
                    .all(|(old, new)| same(old.name(), new));
            // A column that is numbered brought it along.
            return match equal && text.autoincrement().is_some() {
                true => Ok(()),
                false => Err(self.problem("has a primary key there already; drop it first")),
            };
        }
        for column in &key.columns {
            self.set_not_null(column)?;
        }
        self.append(&ddl::primary_key(key))
    }

    fn drop_primary_key(&mut self) -> Done {
        let text = self.text()?;
        let Some((constraint, columns)) = text.primary_key() else {
            return Err(self.problem("has no primary key to drop"));
        };
        self.drop_constraint(&text, constraint)?;
        for column in columns {
            self.set_not_null(column.name())?;
        }
        Ok(())
    }

    fn drop_unique(&mut self, target: &Target) -> Done {
        let columns = |constraint: &ConstraintText| match &constraint.clause {
            Clause::Unique(keys) => Some(keys.iter().map(|key| key.name().to_owned()).collect()),
            _ => None,
        };
        let mut any = false;
        loop {
            let text = self.text()?;
            let found = find(&text, target, columns);
            let Some(constraint) = found.first() else {
                return if any {
                    Ok(())
                } else {
                    Err(self.missing("unique", &label(target)))
                };
            };
            self.drop_constraint(&text, constraint)?;
            any = true;
            // A second one of the same columns says the same; a second one of that name does not.
            if target.columns.is_empty() {
                return Ok(());
            }
        }
    }

    fn drop_foreign_key(&mut self, target: &Target, before: Option<&ForeignKey>) -> Done {
        let text = self.text()?;
        let columns = |constraint: &ConstraintText| match &constraint.clause {
            Clause::ForeignKey { columns, .. } => Some(columns.clone()),
            _ => None,
        };
        let mut found = find(&text, target, columns);
        if let (Some(before), true) = (before, found.len() > 1) {
            found.retain(|constraint| match &constraint.clause {
                Clause::ForeignKey { references, .. } => {
                    same(&references.table, &before.ref_table.name)
                }
                _ => false,
            });
        }
        match found.as_slice() {
            [] => Err(self.missing("foreign key", &label(target))),
            [only] => self.drop_constraint(&text, only),
            [..] => Err(unsupported(
                format!("foreign key {} on {}", label(target), self.table),
                "has several on these columns; say the name of one",
            )),
        }
    }

    fn drop_check(&mut self, name: &str, expr: Option<&str>) -> Done {
        let text = self.text()?;
        let columns: Vec<&str> = text
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let checks = || {
            text.all_constraints()
                .filter_map(|constraint| match &constraint.clause {
                    Clause::Check(expr) => Some((constraint, &self.create[expr.clone()])),
                    _ => None,
                })
        };
        let normal = |sql: &str| super::expr::normal(sql, &columns);
        let found = checks()
            .find(|(check, _)| check.name.as_deref().is_some_and(|own| same(own, name)))
            .or_else(|| {
                let expr = normal(expr?);
                checks().find(|(check, sql)| check.name.is_none() && normal(sql) == expr)
            });
        match found {
            Some((constraint, _)) => self.drop_constraint(&text, constraint),
            None => Err(self.missing("check", name)),
        }
    }

    fn drop_constraint(&mut self, text: &TableText, constraint: &ConstraintText) -> Done {
        let item = text.items().position(|span| *span == constraint.span);
        match item.filter(|item| *item >= text.columns.len()) {
            Some(item) => {
                self.remove_item(text, item);
                Ok(())
            }
            None => self.cut(constraint.span.clone()),
        }
    }

    // --- the text itself ---

    /// Puts an item at the end of the list of columns and constraints, laid out as the first is.
    fn append(&mut self, item: &str) -> Done {
        let text = self.text()?;
        let end = text.items().last().map_or(text.close, |span| span.end);
        let comments = self.create[end..text.close].trim_end().len();
        let first = text.items().next().map_or(text.close, |span| span.start);
        let indent = &self.create[self.create[..first].trim_end().len()..first];
        let blank = match indent.contains('\n') {
            true => indent,
            false if comments > 0 => "\n  ",
            false => " ",
        };
        let piece = format!("{blank}{item}");
        self.create.insert_str(end + comments, &piece);
        self.create.insert(end, ',');
        Ok(())
    }

    /// Takes an item out of the list of columns and constraints, with its comma, and with the
    /// comment that ends its line.
    fn remove_item(&mut self, text: &TableText, item: usize) {
        let items: Vec<&Range<usize>> = text.items().collect();
        let Some(span) = items.get(item) else {
            return;
        };
        let comma = |from: usize, to: usize| {
            let tokens = tokens(&self.create).unwrap_or_default();
            let mut commas = tokens.iter().filter(|token| token.is_symbol(","));
            commas
                .find(|token| token.start >= from && token.end() <= to)
                .map(Token::span)
        };
        let blank_before = self.create[..span.start].trim_end().len();
        if let Some(next) = items.get(item + 1) {
            let end = comma(span.end, next.start).map_or(span.end, |comma| comma.end);
            let behind = &self.create[end..next.start];
            let cut = match behind.find('\n') {
                Some(line) if is_line_comment(&behind[..line]) => blank_before..end + line,
                None if behind.trim().is_empty() => span.start..next.start,
                _ => span.start..end,
            };
            self.create.replace_range(cut, "");
        } else if let Some(last) = item.checked_sub(1).and_then(|at| items.get(at)) {
            let comma = comma(last.end, span.start);
            let comma_end = comma.as_ref().map_or(last.end, |comma| comma.end);
            let start = blank_before.clamp(comma_end, span.start);
            let start = if blank_before > comma_end {
                span.start
            } else {
                start
            };
            self.create.replace_range(start..span.end, "");
            if let Some(comma) = comma {
                self.create.replace_range(comma, "");
            }
        }
    }

    fn cut_from_column(
        &mut self,
        name: &str,
        wanted: impl Fn(&Clause) -> bool,
    ) -> Result<bool, Unsupported> {
        let text = self.text()?;
        let column = self.column(&text, name)?;
        let Some(constraint) = column.constraints.iter().find(|c| wanted(&c.clause)) else {
            return Ok(false);
        };
        self.cut(constraint.span.clone())?;
        Ok(true)
    }

    /// Takes a piece out, with the blank space before it, unless a comment stands there.
    fn cut(&mut self, span: Range<usize>) -> Done {
        let tokens = tokens(&self.create).map_err(|problem| self.problem(&problem.to_string()))?;
        let before = tokens
            .iter()
            .map(Token::end)
            .take_while(|end| *end <= span.start)
            .last();
        let blank = before.filter(|end| self.create[*end..span.start].trim().is_empty());
        self.create
            .replace_range(blank.unwrap_or(span.start)..span.end, "");
        Ok(())
    }
}

/// Constraints by name, else by columns.
fn find<'t>(
    text: &'t TableText,
    target: &Target,
    columns: impl Fn(&ConstraintText) -> Option<Vec<String>>,
) -> Vec<&'t ConstraintText> {
    let of_kind = || {
        text.all_constraints()
            .filter_map(|c| Some((c, columns(c)?)))
    };
    if let Some(name) = &target.name {
        let named = of_kind().find(|(c, _)| c.name.as_deref().is_some_and(|own| same(own, name)));
        if let Some((constraint, _)) = named {
            return vec![constraint];
        }
    }
    let equal = |found: &[String]| {
        found.len() == target.columns.len()
            && found
                .iter()
                .zip(&target.columns)
                .all(|(found, wanted)| same(found, wanted))
    };
    of_kind()
        .filter(|(_, found)| equal(found))
        .map(|(c, _)| c)
        .collect()
}

fn label(target: &Target) -> String {
    match &target.name {
        Some(name) => name.clone(),
        None => format!("({})", target.columns.join(", ")),
    }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn is_line_comment(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.starts_with("--")
}

/// All names that a text says.
fn names(sql: &str) -> Vec<String> {
    let tokens = tokens(sql).unwrap_or_default();
    let named = tokens.iter().filter(|token| token.kind != Kind::String);
    named.filter_map(Token::name).collect()
}

/// Whether an expression or a trigger says the name of a column; a call is none.
fn mentions(sql: &str, column: &str) -> bool {
    let tokens = tokens(sql).unwrap_or_default();
    tokens.iter().enumerate().any(|(at, token)| {
        let called =
            token.kind == Kind::Word && tokens.get(at + 1).is_some_and(|next| next.is_symbol("("));
        token.kind != Kind::String
            && !called
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

/// Columns that an index is on, and the names in its expressions and its predicate.
fn index_names(sql: &str, index: &IndexText) -> Vec<String> {
    let columns = index.keys.iter().map(|key| key.name().to_owned());
    let computed = computed_parts(index).flat_map(|span| names(&sql[span]));
    columns.chain(computed).collect()
}
