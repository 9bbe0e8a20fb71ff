//! Operations carried out on the text of a table: the piece that changes, and no other byte.

use super::ddl::{self, Inline};
use super::guard::part_is_in;
use super::rebuild::TableSource;
use super::text::{Clause, ColumnText, ConstraintText, IndexText, KeyText, TableText};
use super::uses::{index_uses, mentions};
use super::{options, types, unsupported};
use crate::dialect::{Unsupported, quote};
use crate::op::{ColumnChange, Op, Step, Target, Thing, done_when};
use crate::schema::{Column, ForeignKey, Name, PrimaryKey, Type};

/// A table that is being changed.
pub(super) struct Draft<'a> {
    pub(super) source: &'a TableSource,
    pub(super) table: Name,
    pub(super) create: String,
    pub(super) indexes: Vec<(String, String)>,
    /// The column that a dropped key numbered: a key on it that comes back numbers it again.
    numbered: Option<String>,
}

pub(super) type Done = Result<(), Unsupported>;

impl<'a> Draft<'a> {
    pub(super) fn new(source: &'a TableSource) -> Self {
        Self {
            source,
            table: Name::from(source.name.as_str()),
            create: source.create.clone(),
            indexes: source.indexes.clone(),
            numbered: None,
        }
    }

    /// Carries out all of them. A column that something uses is dropped after the operation that
    /// drops its user, wherever that one stands.
    pub(super) fn apply_all(&mut self, steps: &[&Step]) -> Done {
        let mut pending = steps.to_vec();
        while !pending.is_empty() {
            let mut refused = None;
            let mut later = Vec::new();
            let count = pending.len();
            for step in pending {
                if step.guarded && self.is_done(&step.op)? {
                    continue;
                }
                let user = match &step.op {
                    Op::DropColumn { column, .. } => self.user_of(column)?,
                    _ => None,
                };
                match user {
                    None => self.apply(&step.op)?,
                    Some(user) => {
                        later.push(step);
                        refused.get_or_insert((&step.op, user));
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
            return Err(options::no_key(&self.table));
        }
        Ok(())
    }

    fn is_done(&self, op: &Op) -> Result<bool, Unsupported> {
        let conditions = done_when(op);
        for (thing, there) in &conditions {
            let is_there = match thing {
                Thing::Part(_, part) => part_is_in(&self.create, &self.indexes, part)?,
                _ => return Ok(false),
            };
            if is_there != *there {
                return Ok(false);
            }
        }
        Ok(!conditions.is_empty())
    }

    fn apply(&mut self, op: &Op) -> Done {
        match op {
            Op::AddColumn { column, .. } => self.add_column(column),
            Op::DropColumn { column, .. } => self.drop_column(column),
            Op::AlterColumn { column, change, .. } => self.alter_column(column, change),
            Op::AlterTable { change, .. } => self.alter_table(change),
            // Comments are not in the text.
            Op::CommentTable { .. } => Ok(()),
            Op::AddPrimaryKey { key, .. } => self.add_primary_key(key),
            Op::DropPrimaryKey { .. } => self.drop_primary_key(),
            Op::AddUnique { unique, .. } => self.append(&ddl::unique(unique)),
            Op::DropUnique { target, .. } => self.drop_unique(target),
            Op::AddForeignKey { key, .. } => self.append(&ddl::foreign_key(key)?),
            Op::DropForeignKey { target, before, .. } => {
                self.drop_foreign_key(target, before.as_deref())
            }
            Op::AddCheck { check, .. } => self.append(&ddl::check(check)),
            Op::DropCheck { target, before, .. } => {
                let before = before.as_ref().map(|check| check.expr.as_str());
                self.drop_check(target.name.as_deref(), target.expr.as_deref().or(before))
            }
            Op::CreateIndex { index, .. } => {
                let sql = ddl::create_index(&self.table, index)?;
                self.indexes.push((index.name.clone(), sql));
                Ok(())
            }
            Op::DropIndex { name, .. } => match self.index(name) {
                Some(at) => {
                    self.indexes.remove(at);
                    Ok(())
                }
                None => Err(self.missing("index", name)),
            },
            Op::RenameIndex { from, to, .. } => self.rename_index(from, to),
            Op::RenameConstraint {
                kind, target, to, ..
            } => self.rename_constraint(*kind, target, to.as_deref()),
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

    pub(super) fn problem(&self, problem: &str) -> Unsupported {
        unsupported(format!("table {}", self.table), problem)
    }

    pub(super) fn missing(&self, kind: &str, what: &str) -> Unsupported {
        unsupported(
            format!("{kind} {what} on {}", self.table),
            "has none like it; look at what the table has with `check -v`",
        )
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.indexes
            .iter()
            .position(|(index, _)| index.eq_ignore_ascii_case(name))
    }

    pub(super) fn column<'t>(
        &self,
        text: &'t TableText,
        name: &str,
    ) -> Result<&'t ColumnText, Unsupported> {
        text.column(name).ok_or_else(|| {
            unsupported(
                format!("column {}.{name}", self.table),
                "has no such column",
            )
        })
    }

    // --- columns ---

    fn add_column(&mut self, column: &Column) -> Done {
        let text = self.text()?;
        if text.column(&column.name).is_some() {
            return Err(unsupported(
                format!("column {}.{}", self.table, column.name),
                "has such a column already",
            ));
        }
        if column.auto_increment && text.primary_key().is_some() {
            return Err(ddl::no_auto_increment(&self.table, &column.name));
        }
        // Only a primary key is numbered, so the column brings it along.
        let key = PrimaryKey {
            name: None,
            columns: vec![column.name.clone()],
            ..PrimaryKey::default()
        };
        let inline = Inline {
            key: column.auto_increment.then_some(&key),
            unique: false,
            strict: text.strict,
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
            Ok(index) => !index_uses(sql, &index, name),
            Err(_) => true,
        });
        Ok(())
    }

    fn alter_column(&mut self, name: &str, change: &ColumnChange) -> Done {
        let text = self.text()?;
        self.column(&text, name)?;
        let key = match text.primary_key() {
            Some((_, [key])) => same(key.name(), name),
            _ => false,
        };
        let numbered = key && text.autoincrement().is_some();
        if change.auto_increment == Some(true) && !key {
            return Err(ddl::no_auto_increment(&self.table, name));
        }
        let words = match &change.ty {
            ty if change.auto_increment.unwrap_or(numbered) => {
                if !ty.as_ref().is_none_or(Type::is_integer) {
                    return Err(ddl::no_auto_increment(&self.table, name));
                }
                Some("integer".to_owned())
            }
            Some(ty) => Some(ddl::type_words(&self.table, name, ty, text.strict)?),
            None => None,
        };
        if let Some(words) = words {
            self.set_words(&text, name, &words)?;
        }
        match change.nullable {
            Some(false) => self.set_not_null(name)?,
            Some(true) => while self.cut_from_column(name, |c| matches!(c, Clause::NotNull))? {},
            None => {}
        }
        match &change.default {
            Some(Some(default)) if ddl::is_kept(default) => {
                self.set_default(name, &ddl::default_value(default))?;
            }
            Some(_) => while self.cut_from_column(name, |c| matches!(c, Clause::Default(_)))? {},
            None => {}
        }
        if let Some(collation) = &change.collation {
            while self.cut_from_column(name, |c| matches!(c, Clause::Collate(_)))? {}
            if let Some(collation) = collation {
                self.behind_type(name, &format!(" COLLATE {}", quote(collation)))?;
            }
        }
        if let Some(generated) = &change.generated {
            while self.cut_from_column(name, |c| matches!(c, Clause::Generated { .. }))? {}
            if let Some(generated) = generated {
                while self.cut_from_column(name, |c| matches!(c, Clause::Default(_)))? {}
                self.behind_type(name, &format!(" {}", ddl::generated(generated)))?;
            }
        }
        match change.auto_increment {
            Some(true) if key => self.set_auto_increment(),
            Some(false) if self.numbered.as_deref().is_some_and(|own| same(own, name)) => {
                self.numbered = None;
                Ok(())
            }
            Some(false) if numbered => match self.text()?.autoincrement() {
                Some(span) => self.cut(span),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Gives a column, which the text as it is has, other words for its type.
    pub(super) fn set_words(&mut self, text: &TableText, name: &str, words: &str) -> Done {
        let column = self.column(text, name)?;
        if types::normal(words) == types::normal(column.words(&self.create)) {
            return Ok(());
        }
        let at = column.type_end();
        match column.ty.clone() {
            Some(span) => self.create.replace_range(span, words),
            None => self.create.insert_str(at, &format!(" {words}")),
        }
        Ok(())
    }

    fn behind_type(&mut self, name: &str, words: &str) -> Done {
        let text = self.text()?;
        let at = self.column(&text, name)?.type_end();
        self.create.insert_str(at, words);
        Ok(())
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
        self.append(&ddl::primary_key(key))?;
        let [column] = key.columns.as_slice() else {
            return Ok(());
        };
        if self.numbered.as_ref().is_some_and(|own| same(own, column)) {
            return self.set_auto_increment();
        }
        Ok(())
    }

    fn drop_primary_key(&mut self) -> Done {
        let text = self.text()?;
        let Some((constraint, columns)) = text.primary_key() else {
            return Err(self.problem("has no primary key to drop"));
        };
        self.drop_constraint(&text, constraint)?;
        if let (Some(_), [column]) = (text.autoincrement(), columns) {
            self.numbered = Some(column.name().to_owned());
        }
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

    fn drop_check(&mut self, name: Option<&str>, expr: Option<&str>) -> Done {
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
            .find(|(check, _)| match (&check.name, name) {
                (Some(own), Some(name)) => same(own, name),
                _ => false,
            })
            .or_else(|| {
                let expr = normal(expr?);
                checks().find(|(check, sql)| check.name.is_none() && normal(sql) == expr)
            });
        match found {
            Some((constraint, _)) => self.drop_constraint(&text, constraint),
            None => Err(self.missing("check", name.or(expr).unwrap_or_default())),
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
}

/// Constraints by name, else by columns.
pub(super) fn find<'t>(
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

pub(super) fn label(target: &Target) -> String {
    match &target.name {
        Some(name) => name.clone(),
        None => format!("({})", target.columns.join(", ")),
    }
}

/// SQLite does not tell cases apart in names.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
