//! Pairs of schemas: one, and another that it may become.
//!
//! The second one is nearly always made of the first by a few changes, so that they have much in
//! common; and both can be held by the engine, and turned into each other while rows are there.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index as Pick;
use seachange::schema::{
    Action, Column, DefaultValue, Engine, EnumHints, ForeignKey, Index, IndexKey, KeyOn, Name,
    PrimaryKey, Schema, Sequence, Table, Type,
};

use super::fit::{FAMILIES, repair, settled};
use super::sequences::{self, sequence};
use super::{
    ColumnDraft, Draft, IndexDraft, Names, Shape, action, add_check, add_index, add_unique, build,
    column, column_names, generated_column, has_order, index, name, plain_column, quoted, schema,
    table, text,
};

/// A schema, and what it is to become.
#[derive(Clone, Debug)]
pub struct Pair {
    pub from: Schema,
    pub to: Schema,
}

/// Random pairs for one engine.
pub fn pair(shape: Shape) -> BoxedStrategy<Pair> {
    let related = (
        schema(shape),
        vec(change(shape), 0..4),
        vec(change(shape), 1..7),
    )
        .prop_map(move |(base, before, after)| {
            let from = Changed::new(shape, base).after(before);
            let to = Changed::new(shape, declared(&from)).after(after);
            settled(from, to)
        });
    let independent = (schema(shape), schema(shape)).prop_map(|(from, to)| settled(from, to));
    prop_oneof![12 => related, 1 => independent].boxed()
}

/// One change of a schema. What it is about is picked from what is there; a change that fits
/// nothing changes nothing.
#[derive(Clone, Debug)]
enum Change {
    AddTable(Box<Draft>),
    DropTable(Pick),
    RenameTable(Pick, String, bool),
    CommentTable(Pick, Option<String>),
    KeepTable(Pick, usize),
    AddColumn(Pick, ColumnDraft),
    DropColumn(Pick, Pick),
    RenameColumn(Pick, Pick, String, bool),
    AlterType(Pick, Pick, Pick),
    Nullable(Pick, Pick),
    Default(Pick, Pick, ColumnDraft),
    AddGenerated(Pick),
    AddUnique(Pick, (Option<String>, Pick, bool), Option<Pick>, bool),
    DropUnique(Pick, Pick),
    AddIndex(Pick, IndexDraft, bool),
    DropIndex(Pick, Pick),
    SwapIndexNames(Pick, Pick),
    AlterIndex(Pick, Pick),
    AddCheck(Pick, (Option<String>, Pick, String)),
    DropCheck(Pick, Pick),
    AddReference {
        table: Pick,
        to: Pick,
        name: Option<String>,
        on_delete: Action,
        on_update: Action,
        required: bool,
        to_unique: Option<Pick>,
    },
    DropReference(Pick, Pick),
    AlterReference(Pick, Pick, Action),
    WiderKey(Pick, Pick),
    OtherKey(Pick, Pick),
    NoKey(Pick),
    ReverseKey(Pick),
    Collate(Pick, Pick),
    MoveTable(Pick),
    AddValue(Pick, Pick, String),
    RemoveValue(Pick, Pick),
    RenameValue(Pick, Pick, String),
    MoveValue(Pick, Pick),
    AddSequence(Sequence, bool),
    DropSequence(Pick),
    AlterSequence(Pick, Sequence),
    RenameSequence(Pick, String, bool),
    MoveSequence(Pick),
    CountBy(Pick, Pick),
}

fn change(shape: Shape) -> BoxedStrategy<Change> {
    use Change as C;
    let p = any::<Pick>;
    let constraint_name = || proptest::option::of(name(shape));
    let check = (constraint_name(), p(), text(shape));
    prop_oneof![
        2 => table(shape).prop_map(|draft| C::AddTable(Box::new(draft))),
        2 => p().prop_map(C::DropTable),
        2 => (p(), name(shape), any::<bool>()).prop_map(|(t, n, taken)| C::RenameTable(t, n, taken)),
        1 => (p(), proptest::option::of(text(shape))).prop_map(|(t, c)| C::CommentTable(t, c)),
        2 => (p(), 0_usize..60).prop_map(|(t, seed)| C::KeepTable(t, seed)),
        4 => (p(), column(shape)).prop_map(|(t, c)| C::AddColumn(t, c)),
        3 => (p(), p()).prop_map(|(t, c)| C::DropColumn(t, c)),
        3 => (p(), p(), name(shape), any::<bool>())
            .prop_map(|(t, c, n, taken)| C::RenameColumn(t, c, n, taken)),
        4 => (p(), p(), p()).prop_map(|(t, c, ty)| C::AlterType(t, c, ty)),
        2 => (p(), p()).prop_map(|(t, c)| C::Nullable(t, c)),
        2 => (p(), p(), column(shape)).prop_map(|(t, c, d)| C::Default(t, c, d)),
        1 => p().prop_map(C::AddGenerated),
        2 => (p(), (constraint_name(), p(), any::<bool>()), proptest::option::of(p()), any::<bool>())
            .prop_map(|(t, u, second, taken)| C::AddUnique(t, u, second, taken)),
        2 => (p(), p()).prop_map(|(t, u)| C::DropUnique(t, u)),
        2 => (p(), index(shape), any::<bool>()).prop_map(|(t, i, taken)| C::AddIndex(t, i, taken)),
        2 => (p(), p()).prop_map(|(t, i)| C::DropIndex(t, i)),
        1 => (p(), p()).prop_map(|(a, b)| C::SwapIndexNames(a, b)),
        1 => (p(), p()).prop_map(|(t, i)| C::AlterIndex(t, i)),
        1 => (p(), check).prop_map(|(t, c)| C::AddCheck(t, c)),
        2 => (p(), p()).prop_map(|(t, c)| C::DropCheck(t, c)),
        4 => (p(), p(), constraint_name(), action(), action(), any::<bool>(), proptest::option::of(p()))
            .prop_map(|(table, to, name, on_delete, on_update, required, to_unique)| C::AddReference {
                table, to, name, on_delete, on_update, required, to_unique,
            }),
        2 => (p(), p()).prop_map(|(t, k)| C::DropReference(t, k)),
        2 => (p(), p(), action()).prop_map(|(t, k, a)| C::AlterReference(t, k, a)),
        2 => (p(), p()).prop_map(|(t, c)| C::WiderKey(t, c)),
        1 => (p(), p()).prop_map(|(t, c)| C::OtherKey(t, c)),
        1 => p().prop_map(C::NoKey),
        1 => p().prop_map(C::ReverseKey),
        1 => (p(), p()).prop_map(|(t, c)| C::Collate(t, c)),
        1 => p().prop_map(C::MoveTable),
        1 => (p(), p(), text(shape)).prop_map(|(e, at, v)| C::AddValue(e, at, v)),
        1 => (p(), p()).prop_map(|(e, v)| C::RemoveValue(e, v)),
        1 => (p(), p(), text(shape)).prop_map(|(e, old, v)| C::RenameValue(e, old, v)),
        1 => (p(), p()).prop_map(|(e, v)| C::MoveValue(e, v)),
        2 => (sequence(shape), any::<bool>()).prop_map(|(s, taken)| C::AddSequence(s, taken)),
        1 => p().prop_map(C::DropSequence),
        1 => (p(), sequence(shape)).prop_map(|(s, new)| C::AlterSequence(s, new)),
        1 => (p(), name(shape), any::<bool>()).prop_map(|(s, n, taken)| C::RenameSequence(s, n, taken)),
        1 => p().prop_map(C::MoveSequence),
        2 => (p(), p()).prop_map(|(c, s)| C::CountBy(c, s)),
    ]
    .boxed()
}

/// A schema as the next entities begin: nothing of it is renamed yet.
pub fn declared(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    for sequence in schema.sequences.values_mut() {
        sequence.renamed_from = None;
    }
    for table in schema.tables.values_mut() {
        table.renamed_from = None;
        for column in &mut table.columns {
            column.renamed_from = None;
            column.enum_hints = EnumHints::default();
        }
    }
    schema
}

/// A schema that is being changed.
struct Changed {
    shape: Shape,
    schema: Schema,
    names: Names,
    /// Names of what is gone, for something else to take.
    free: Vec<String>,
}

impl Changed {
    fn new(shape: Shape, schema: Schema) -> Self {
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

    fn after(mut self, changes: Vec<Change>) -> Schema {
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

impl Change {
    fn table(&self) -> &Pick {
        match self {
            Self::AddTable(_)
            | Self::SwapIndexNames(..)
            | Self::AddValue(..)
            | Self::RemoveValue(..)
            | Self::RenameValue(..)
            | Self::MoveValue(..)
            | Self::AddSequence(..)
            | Self::DropSequence(_)
            | Self::AlterSequence(..)
            | Self::RenameSequence(..)
            | Self::MoveSequence(_)
            | Self::CountBy(..) => {
                unreachable!("it is not about one table")
            }
            Self::DropTable(t)
            | Self::RenameTable(t, ..)
            | Self::CommentTable(t, _)
            | Self::KeepTable(t, _)
            | Self::AddColumn(t, _)
            | Self::DropColumn(t, _)
            | Self::RenameColumn(t, ..)
            | Self::AlterType(t, ..)
            | Self::Nullable(t, _)
            | Self::Default(t, ..)
            | Self::AddGenerated(t)
            | Self::AddUnique(t, ..)
            | Self::DropUnique(t, _)
            | Self::AddIndex(t, ..)
            | Self::DropIndex(t, _)
            | Self::AlterIndex(t, _)
            | Self::AddCheck(t, _)
            | Self::DropCheck(t, _)
            | Self::AddReference { table: t, .. }
            | Self::DropReference(t, _)
            | Self::AlterReference(t, ..)
            | Self::WiderKey(t, _)
            | Self::OtherKey(t, _)
            | Self::NoKey(t)
            | Self::ReverseKey(t)
            | Self::Collate(t, _)
            | Self::MoveTable(t) => t,
        }
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

fn in_table(
    shape: Shape,
    table: &mut Table,
    change: Change,
    enums: &[seachange::schema::EnumType],
) {
    let at = |pick: &Pick, count: usize| (count > 0).then(|| pick.index(count));
    match change {
        Change::CommentTable(_, comment) => {
            table.comment = comment.filter(|comment| !comment.is_empty());
        }
        Change::KeepTable(_, seed) => table.options = super::options(shape, seed),
        Change::AddColumn(_, draft) if draft.ty.is_some() || !enums.is_empty() => {
            let name = column_names(table).fresh(&draft.name);
            let column = plain_column(shape, name, draft, enums);
            table.columns.push(column);
        }
        Change::DropColumn(_, column) => {
            if let Some(at) = at(&column, table.columns.len())
                && table.columns.len() > 1
            {
                let name = table.columns[at].name.clone();
                drop_column(table, &name);
            }
        }
        Change::RenameColumn(_, column, name, taken) => {
            let at = column.index(table.columns.len());
            let old = table.columns[at].name.clone();
            let wanted = match taken {
                true => format!("{old}_"),
                false => name,
            };
            let new = column_names(table).fresh(&wanted);
            rename_column(table, &old, &new);
        }
        Change::AlterType(_, column, ty) => {
            let at = column.index(table.columns.len());
            alter_type(table, at, &ty);
        }
        Change::Nullable(_, column) => {
            let at = column.index(table.columns.len());
            let name = table.columns[at].name.clone();
            let refers = table.foreign_keys.iter().any(|k| k.columns.contains(&name));
            if !table.is_key(&name) && !refers && table.columns[at].generated.is_none() {
                table.columns[at].nullable = !table.columns[at].nullable;
            }
        }
        Change::Default(_, column, mut draft) => {
            let at = column.index(table.columns.len());
            let old = &table.columns[at];
            if old.auto_increment || old.generated.is_some() || old.ty.enumeration().is_some() {
                return;
            }
            draft.ty = Some(old.ty.clone());
            let mut new = plain_column(shape, old.name.clone(), draft, enums);
            new.nullable = old.nullable;
            new.renamed_from.clone_from(&old.renamed_from);
            // A default that points at no row would be refused.
            if table
                .foreign_keys
                .iter()
                .any(|k| k.columns.contains(&old.name))
            {
                new.default = None;
            }
            table.columns[at] = new;
        }
        Change::AddGenerated(_) => generated_column(shape, table),
        Change::AlterIndex(_, index) => {
            if let Some(at) = at(&index, table.indexes.len()) {
                let index = &mut table.indexes[at];
                if index.method.is_none() {
                    index.unique = !index.unique;
                }
                index.nulls_not_distinct &= index.unique;
                for key in &mut index.keys {
                    key.descending = !key.descending && index.method.is_none();
                    key.nulls_first = None;
                }
            }
        }
        Change::DropCheck(_, check) => {
            if let Some(at) = at(&check, table.checks.len()) {
                table.checks.remove(at);
            }
        }
        Change::DropReference(_, key) => {
            if let Some(at) = at(&key, table.foreign_keys.len()) {
                table.foreign_keys.remove(at);
            }
        }
        Change::AlterReference(_, key, action) => {
            if let Some(at) = at(&key, table.foreign_keys.len()) {
                let key = &mut table.foreign_keys[at];
                let nullable = key
                    .columns
                    .iter()
                    .all(|name| table.columns.iter().any(|c| c.name == *name && c.nullable));
                if nullable || !matches!(action, Action::SetNull | Action::SetDefault) {
                    key.on_delete = action;
                    if !matches!(action, Action::SetNull | Action::SetDefault) {
                        key.set_columns.clear();
                    }
                }
            }
        }
        Change::WiderKey(_, column) => {
            let free: Vec<String> = table
                .columns
                .iter()
                .filter(|c| has_order(&c.ty) && !c.nullable && c.generated.is_none())
                .filter(|c| !table.is_key(&c.name))
                .map(|c| c.name.clone())
                .collect();
            if let (Some(at), Some(key)) = (at(&column, free.len()), &mut table.primary_key) {
                key.columns.push(free[at].clone());
            }
        }
        Change::OtherKey(_, column) => {
            let free: Vec<String> = table
                .columns
                .iter()
                .filter(|c| has_order(&c.ty) && !c.nullable && c.generated.is_none())
                .map(|c| c.name.clone())
                .collect();
            if let Some(at) = at(&column, free.len()) {
                table.primary_key = Some(PrimaryKey {
                    name: None,
                    columns: vec![free[at].clone()],
                    ..PrimaryKey::default()
                });
            }
        }
        Change::Collate(_, column) => {
            let at = column.index(table.columns.len());
            let column = &mut table.columns[at];
            column.collation = match &column.collation {
                Some(_) => None,
                None => super::collation(shape, &column.ty),
            };
        }
        Change::NoKey(_) => table.primary_key = None,
        Change::ReverseKey(_) => {
            if let Some(key) = &mut table.primary_key {
                key.columns.reverse();
            }
        }
        _ => {}
    }
}

/// Whether a piece of SQL is about a column. All SQL that is drawn has its columns in quotes.
pub(super) fn says(sql: &str, column: &str) -> bool {
    sql.contains(&quoted(column))
}

pub(super) fn drop_column(table: &mut Table, name: &str) {
    let computed: Vec<String> = table
        .columns
        .iter()
        .filter(|c| c.generated.as_ref().is_some_and(|g| says(&g.expr, name)))
        .map(|c| c.name.clone())
        .collect();
    for other in computed {
        drop_column(table, &other);
    }
    if table.columns.len() == 1 {
        return;
    }
    let has = |columns: &[String]| columns.iter().any(|column| column == name);
    table.columns.retain(|column| column.name != name);
    table.primary_key.take_if(|key| has(&key.columns));
    table.uniques.retain(|unique| !has(&unique.columns));
    table.foreign_keys.retain(|key| !has(&key.columns));
    table.indexes.retain(|index| !is_on(index, name));
    table.checks.retain(|check| !says(&check.expr, name));
    for unique in &mut table.uniques {
        unique.include.retain(|column| column != name);
    }
    if let Some(key) = &mut table.primary_key {
        key.include.retain(|column| column != name);
    }
    table.exclusions.retain(|exclusion| {
        let on = |key: &IndexKey| matches!(&key.on, KeyOn::Column(column) if column == name);
        !exclusion.elements.iter().any(|element| on(&element.key))
    });
}

pub(super) fn is_on(index: &Index, column: &str) -> bool {
    let computed = index.keys.iter().any(|key| match &key.on {
        KeyOn::Column(name) => name == column,
        KeyOn::Expr(sql) => says(sql, column),
    });
    computed
        || index.include.iter().any(|name| name == column)
        || index
            .predicate
            .as_ref()
            .is_some_and(|sql| says(sql, column))
}

fn rename_column(table: &mut Table, from: &str, to: &str) {
    let rename = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    let rewrite = |sql: &mut String| *sql = sql.replace(&quoted(from), &quoted(to));
    for column in &mut table.columns {
        if column.name == from {
            let before = column.renamed_from.take();
            column.renamed_from = Some(before.unwrap_or_else(|| from.to_owned()));
        }
        rename(&mut column.name);
        if let Some(generated) = &mut column.generated {
            rewrite(&mut generated.expr);
        }
    }
    table
        .primary_key
        .iter_mut()
        .flat_map(|k| &mut k.columns)
        .for_each(rename);
    table
        .uniques
        .iter_mut()
        .flat_map(|u| &mut u.columns)
        .for_each(rename);
    table
        .foreign_keys
        .iter_mut()
        .flat_map(|k| &mut k.columns)
        .for_each(rename);
    table
        .uniques
        .iter_mut()
        .flat_map(|u| &mut u.include)
        .for_each(rename);
    table
        .foreign_keys
        .iter_mut()
        .flat_map(|k| &mut k.set_columns)
        .for_each(rename);
    for element in table.exclusions.iter_mut().flat_map(|e| &mut e.elements) {
        if let KeyOn::Column(name) = &mut element.key.on {
            rename(name);
        }
    }
    for index in &mut table.indexes {
        index.include.iter_mut().for_each(rename);
        index.predicate.iter_mut().for_each(rewrite);
        for IndexKey { on, .. } in &mut index.keys {
            match on {
                KeyOn::Column(name) => rename(name),
                KeyOn::Expr(sql) => rewrite(sql),
            }
        }
    }
    for check in &mut table.checks {
        rewrite(&mut check.expr);
    }
}

/// Whether rows may not be equal in the column.
pub(super) fn is_apart(table: &Table, column: &str) -> bool {
    let is = |name: &String| name == column;
    table.is_key(column)
        || table.uniques.iter().any(|u| u.columns.iter().any(is))
        || table
            .indexes
            .iter()
            .any(|i| i.unique && i.columns().any(|name| name == column))
        || !table.exclusions.is_empty()
        || table.foreign_keys.iter().any(|k| k.columns.iter().any(is))
}

fn alter_type(table: &mut Table, at: usize, pick: &Pick) {
    let column = &table.columns[at];
    let types: Vec<Type> = FAMILIES
        .iter()
        .map(|family| family())
        .filter(|family| family.contains(&column.ty))
        .flatten()
        .filter(|ty| *ty != column.ty)
        // Two values are too few for rows that may not be equal.
        .filter(|ty| *ty != Type::Boolean || !is_apart(table, &column.name))
        .collect();
    if types.is_empty() || column.generated.is_some() {
        return;
    }
    let name = column.name.clone();
    let computed = |c: &Column| c.generated.as_ref().is_some_and(|g| says(&g.expr, &name));
    if table.columns.iter().any(computed) {
        return;
    }
    let column = &mut table.columns[at];
    column.ty = types[pick.index(types.len())].clone();
    column.default = match (&column.default, &column.ty) {
        (Some(_), ty) if ty.is_integer() => Some(DefaultValue::Number("7".to_owned())),
        _ => None,
    };
    table.checks.retain(|check| !says(&check.expr, &name));
    table.indexes.retain(|index| {
        let expression = |key: &IndexKey| matches!(&key.on, KeyOn::Expr(sql) if says(sql, &name));
        !index.keys.iter().any(expression)
    });
}
