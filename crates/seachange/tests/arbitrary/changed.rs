//! A schema that changes are made to, one after the other.

use proptest::sample::Index as Pick;
use seachange::schema::{
    Action, Column, DefaultValue, Engine, ForeignKey, Index, Name, Schema, Table,
};

use super::change::Change;
use super::fit::repair;
use super::in_table::in_table;
use super::sequences;
use super::{Draft, Names, Shape, add_check, add_index, add_unique, build, column_names};

/// A schema that is being changed.
pub(super) struct Changed {
    shape: Shape,
    schema: Schema,
    names: Names,
    /// Names of what is gone, for something else to take.
    free: Vec<String>,
}

impl Changed {
    pub(super) fn new(shape: Shape, schema: Schema) -> Self {
        let mut names = Names::default();
        for name in schema
            .tables
            .values()
            .flat_map(names_of)
            .chain(schema.enums.keys().map(|name| name.name.clone()))
            .chain(schema.sequences.keys().map(|name| name.name.clone()))
        {
            names.0.insert(name.to_lowercase());
        }
        Self {
            shape,
            schema,
            names,
            free: Vec::new(),
        }
    }

    pub(super) fn after(mut self, changes: Vec<Change>) -> Schema {
        for change in changes {
            self.apply(change);
        }
        self.schema
    }

    /// A name that nothing has: one that is set free, if it is to be and there is one.
    fn name(&mut self, wanted: &str, taken: bool) -> String {
        match self.free.pop().filter(|_| taken) {
            Some(name) => name,
            None => self.names.fresh(wanted),
        }
    }

    fn free(&mut self, name: String) {
        // Another table may have taken it in the meantime.
        let used = self
            .schema
            .tables
            .values()
            .flat_map(names_of)
            .chain(self.schema.sequences.keys().map(|name| name.name.clone()))
            .any(|other| other.eq_ignore_ascii_case(&name));
        if !used {
            self.free.push(name);
        }
    }

    fn table(&mut self, pick: &Pick) -> Option<&mut Table> {
        let count = self.schema.tables.len();
        (count > 0).then(|| self.schema.tables.values_mut().nth(pick.index(count)))?
    }

    fn sequence(&self, pick: &Pick) -> Option<Name> {
        let mut names = self.schema.sequences.keys();
        let count = names.len();
        (count > 0).then(|| names.nth(pick.index(count)).cloned())?
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::AddTable(draft) => self.add_table(*draft),
            Change::DropTable(table) => {
                if let Some(table) = self.table(&table).cloned() {
                    self.schema.tables.remove(&table.name);
                    for name in names_of(&table) {
                        self.free(name);
                    }
                }
            }
            Change::RenameTable(table, name, taken) => self.rename_table(&table, &name, taken),
            Change::AddUnique(table, mut unique, second, taken) => {
                if let (Some(name), true) = (&unique.0, taken) {
                    unique.0 = Some(self.name(&name.clone(), true));
                    self.names
                        .0
                        .remove(&unique.0.clone().unwrap().to_lowercase());
                }
                self.add_unique(&table, &unique, second.as_ref());
            }
            Change::AddIndex(table, mut index, taken) => {
                index.name = self.name(&index.name, taken);
                self.names.0.remove(&index.name.to_lowercase());
                let (shape, mut names) = (self.shape, self.names.clone());
                if let Some(table) = self.table(&table) {
                    add_index(shape, table, index, &mut names);
                    self.names = names;
                }
            }
            Change::AddCheck(table, check) => {
                let mut names = self.names.clone();
                if let Some(table) = self.table(&table) {
                    add_check(table, &check, &mut names);
                    self.names = names;
                }
            }
            Change::SwapIndexNames(a, b) => self.swap_index_names(&a, &b),
            Change::AddReference {
                table,
                to,
                name,
                on_delete,
                on_update,
                required,
                to_unique,
            } => {
                let name = name.map(|name| self.names.fresh(&name));
                let key = ForeignKey {
                    name,
                    columns: Vec::new(),
                    ref_table: Name::from(""),
                    ref_columns: Vec::new(),
                    on_delete,
                    on_update,
                    ..ForeignKey::default()
                };
                self.add_reference(&table, &to, key, required, to_unique.as_ref());
            }
            Change::DropIndex(table, index) => {
                let name = self.table(&table).and_then(|table| {
                    let count = table.indexes.len();
                    (count > 0).then(|| table.indexes.remove(index.index(count)).name)
                });
                if let Some(name) = name {
                    self.free(name);
                }
            }
            Change::DropUnique(table, unique) => {
                let name = self.table(&table).and_then(|table| {
                    let count = table.uniques.len();
                    (count > 0).then(|| table.uniques.remove(unique.index(count)).name)?
                });
                if let Some(name) = name {
                    self.free(name);
                }
            }
            Change::MoveTable(table) => {
                if let (Engine::Postgres, Some(table)) = (self.engine(), self.table(&table)) {
                    let old = table.name.clone();
                    let schema = match old.schema {
                        Some(_) => None,
                        None => Some("side".to_owned()),
                    };
                    let name = old.name.clone();
                    self.rename(&old, Name { schema, name });
                }
            }
            Change::AddValue(ty, at, value) => {
                self.change_enum(&ty, |values| {
                    if !values.contains(&value) {
                        values.insert(at.index(values.len() + 1), value);
                    }
                    None
                });
            }
            Change::RemoveValue(ty, value) => {
                self.change_enum(&ty, |values| {
                    if values.len() > 1 {
                        values.remove(value.index(values.len()));
                    }
                    None
                });
            }
            Change::RenameValue(ty, old, value) => {
                self.change_enum(&ty, |values| {
                    let at = old.index(values.len());
                    (!values.contains(&value)).then(|| {
                        let old = std::mem::replace(&mut values[at], value.clone());
                        (old, value)
                    })
                });
            }
            Change::MoveValue(ty, value) => {
                self.change_enum(&ty, |values| {
                    let value = values.remove(value.index(values.len()));
                    values.push(value);
                    None
                });
            }
            Change::AddSequence(mut sequence, taken) => {
                sequence.name.name = self.name(&sequence.name.name.clone(), taken);
                let name = sequence.name.clone();
                self.schema.sequences.insert(name, sequence);
            }
            Change::DropSequence(sequence) => {
                if let Some(name) = self.sequence(&sequence) {
                    self.schema.sequences.remove(&name);
                    self.free(name.name);
                }
            }
            Change::AlterSequence(sequence, new) => {
                if let Some(name) = self.sequence(&sequence)
                    && let Some(sequence) = self.schema.sequences.get_mut(&name)
                {
                    sequence.ty = new.ty;
                    sequence.counting = new.counting;
                }
            }
            Change::RenameSequence(sequence, wanted, taken) => {
                if let Some(old) = self.sequence(&sequence) {
                    let name = self.name(&wanted, taken);
                    let schema = old.schema.clone();
                    sequences::rename(&mut self.schema, &old, Name { schema, name });
                    self.free(old.name);
                }
            }
            Change::MoveSequence(sequence) => {
                if let (Engine::Postgres, Some(old)) = (self.engine(), self.sequence(&sequence)) {
                    let schema = match old.schema {
                        Some(_) => None,
                        None => Some("side".to_owned()),
                    };
                    let name = old.name.clone();
                    sequences::rename(&mut self.schema, &old, Name { schema, name });
                }
            }
            Change::CountBy(column, sequence) => {
                sequences::count_by(self.shape, &mut self.schema, [&column, &sequence]);
            }
            other => {
                let shape = self.shape;
                let enums: Vec<_> = self.schema.enums.values().cloned().collect();
                if let Some(table) = self.table(other.table()) {
                    in_table(shape, table, other, &enums);
                    for column in &table.columns.clone() {
                        if let Some((name, values)) = column.ty.enumeration() {
                            assert!(
                                self.schema.enums[name].values == values,
                                "an enum has the same values everywhere"
                            );
                        }
                    }
                }
            }
        }
        repair(&mut self.schema);
    }

    fn add_table(&mut self, mut draft: Draft) {
        let enums: Vec<_> = self.schema.enums.values().cloned().collect();
        // References come by changes of their own.
        draft.references.clear();
        if enums.is_empty() {
            draft.columns.retain(|column| column.ty.is_some());
        }
        let name = Name::from(self.name(&draft.name.clone(), true).as_str());
        let key = draft.key.clone();
        let keys = [(name.clone(), key.clone())];
        let table = build(
            self.shape,
            draft,
            &name,
            &key,
            &keys,
            &enums,
            &mut self.names,
        );
        self.schema.insert(table);
    }

    fn rename_table(&mut self, table: &Pick, name: &str, taken: bool) {
        let Some(old) = self.table(table).map(|table| table.name.clone()) else {
            return;
        };
        let new = Name {
            schema: old.schema.clone(),
            name: self.name(name, taken),
        };
        self.rename(&old, new);
        self.free(old.name);
    }

    fn rename(&mut self, old: &Name, new: Name) {
        let Some(mut table) = self.schema.tables.remove(old) else {
            return;
        };
        let before = table.renamed_from.take().unwrap_or_else(|| old.clone());
        table.renamed_from = Some(before);
        table.name = new.clone();
        self.schema.tables.insert(new.clone(), table);
        for key in self
            .schema
            .tables
            .values_mut()
            .flat_map(|table| &mut table.foreign_keys)
            .filter(|key| key.ref_table == *old)
        {
            key.ref_table = new.clone();
        }
    }

    fn engine(&self) -> Engine {
        self.shape.engine.unwrap_or(Engine::Sqlite)
    }

    /// Changes the values of an enum that a column uses; the change tells a value that it renames.
    fn change_enum(
        &mut self,
        pick: &Pick,
        change: impl FnOnce(&mut Vec<String>) -> Option<(String, String)>,
    ) {
        let mut columns: Vec<&mut Column> = self
            .schema
            .tables
            .values_mut()
            .flat_map(|table| &mut table.columns)
            .filter(|column| column.ty.enumeration().is_some())
            .collect();
        if columns.is_empty() {
            return;
        }
        let at = pick.index(columns.len());
        let Some((name, mut values)) = columns[at]
            .ty
            .enumeration()
            .map(|(name, values)| (name.clone(), values.to_vec()))
        else {
            return;
        };
        let renamed = change(&mut values);
        for column in columns.iter_mut().filter(|c| c.ty.is_enum(&name)) {
            column.ty = column.ty.with_enum_values(&values);
            column
                .enum_hints
                .renamed_values
                .extend(renamed.iter().cloned());
            if let Some(DefaultValue::String(value)) = &mut column.default {
                match &renamed {
                    Some((old, new)) if value == old => value.clone_from(new),
                    _ if !values.contains(value) => value.clone_from(&values[0]),
                    _ => {}
                }
            }
        }
        if let Some(ty) = self.schema.enums.get_mut(&name) {
            ty.values = values;
        }
    }

    fn add_unique(
        &mut self,
        table: &Pick,
        unique: &(Option<String>, Pick, bool),
        second: Option<&Pick>,
    ) {
        let (shape, mut names) = (self.shape, self.names.clone());
        let Some(table) = self.table(table) else {
            return;
        };
        let count = table.uniques.len();
        add_unique(shape, table, unique, &mut names);
        let second = second.and_then(|pick| super::comparable(table, pick));
        if table.uniques.len() > count
            && let (Some(unique), Some(second)) = (table.uniques.last_mut(), second)
            && unique.columns != [second.clone()]
        {
            unique.columns.push(second);
        }
        if let Some((last, others)) = table.uniques.split_last()
            && others.iter().any(|other| other.columns == last.columns)
        {
            table.uniques.pop();
        }
        self.names = names;
    }

    fn swap_index_names(&mut self, a: &Pick, b: &Pick) {
        let mut indexes: Vec<&mut Index> = self
            .schema
            .tables
            .values_mut()
            .flat_map(|table| &mut table.indexes)
            .collect();
        if indexes.len() < 2 {
            return;
        }
        let (a, b) = (a.index(indexes.len()), b.index(indexes.len()));
        let first = indexes[a].name.clone();
        let second = std::mem::replace(&mut indexes[b].name, first);
        indexes[a].name = second;
    }

    fn add_reference(
        &mut self,
        table: &Pick,
        to: &Pick,
        mut key: ForeignKey,
        required: bool,
        to_unique: Option<&Pick>,
    ) {
        let Some(target) = self.table(to).cloned() else {
            return;
        };
        let Some(table) = self.table(table) else {
            return;
        };
        // PostgreSQL lets no key refer to a constraint that may be put off.
        let steady = target.uniques.iter().filter(|u| u.deferrable.is_none());
        let targets: Vec<&Vec<String>> = steady.map(|u| &u.columns).collect();
        let ref_columns = match (to_unique, &target.primary_key) {
            (Some(pick), _) if !targets.is_empty() => targets[pick.index(targets.len())].clone(),
            (_, Some(primary)) => primary.columns.clone(),
            _ => return,
        };
        key.ref_table = target.name.clone();
        for name in &ref_columns {
            let Some(other) = target.column(name) else {
                return;
            };
            let own = column_names(table).fresh(&format!("ref_{}", name.to_lowercase()));
            let mut column = Column::new(own, other.ty.clone());
            // SQLite and PostgreSQL would set NULL where there can be none.
            let sets_null = |action| matches!(action, Action::SetNull | Action::SetDefault);
            column.nullable = !(required && !sets_null(key.on_delete) && !sets_null(key.on_update));
            key.columns.push(column.name.clone());
            table.columns.push(column);
        }
        key.ref_columns = ref_columns;
        table.foreign_keys.push(key);
    }
}

/// Names that a table and what belongs to it take from everything else in its schema.
fn names_of(table: &Table) -> Vec<String> {
    let key = table.primary_key.iter().flat_map(|key| key.name.clone());
    let uniques = table.uniques.iter().flat_map(|unique| unique.name.clone());
    let checks = table.checks.iter().flat_map(|check| check.name.clone());
    let keys = table.foreign_keys.iter().flat_map(|key| key.name.clone());
    [table.name.name.clone()]
        .into_iter()
        .chain(table.indexes.iter().map(|index| index.name.clone()))
        .chain(key)
        .chain(uniques)
        .chain(checks)
        .chain(keys)
        .chain(
            table
                .exclusions
                .iter()
                .map(|exclusion| exclusion.name.clone()),
        )
        .collect()
}
