//! Recording what becomes of enums, and new names for indexes and constraints.

use super::only::only_on;
use super::operations::{Operations, Step, some_name};
use super::options::Removes;
use super::{EnumUse, Op, Target, ValuePlace};
use crate::schema::{Engine, Kind, Name};

impl Operations {
    /// Gives a named enum type a new value, behind the others unless it is told where. Engines
    /// without named enums keep the value as text and pass over it.
    ///
    /// PostgreSQL lets nobody use the value before it is committed: where a later step of the same
    /// revision does (as a default, in a predicate, …), say `transaction = "per segment"`.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.add_enum_value("task_status", "blocked")
    ///     .after("doing")
    ///     .used_by("tasks", "status");
    /// ```
    #[track_caller]
    pub fn add_enum_value(
        &mut self,
        name: impl Into<Name>,
        value: impl Into<String>,
    ) -> AddEnumValue<'_> {
        AddEnumValue(self.push(Op::AddEnumValue {
            name: name.into(),
            value: value.into(),
            place: ValuePlace::Last,
            used_by: Vec::new(),
        }))
    }

    /// Renames a value of a named enum type. Engines without named enums keep it as text: there
    /// the rows and the defaults of the columns that `.used_by(…)` names are changed.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.rename_enum_value("task_status", "done", "finished").used_by("tasks", "status");
    /// ```
    #[track_caller]
    pub fn rename_enum_value(
        &mut self,
        name: impl Into<Name>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) -> ChangeEnum<'_> {
        ChangeEnum(self.push(Op::RenameEnumValue {
            name: name.into(),
            from: from.into(),
            to: to.into(),
            used_by: Vec::new(),
        }))
    }

    /// Takes a value out of a named enum type. Refused, with the rows counted, while a row of a
    /// column that uses the type holds it. PostgreSQL gets a new type, and every column, default,
    /// index and check that uses the old one follows.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.remove_enum_value("task_status", "blocked").used_by("tasks", "status");
    /// ```
    #[track_caller]
    pub fn remove_enum_value(
        &mut self,
        name: impl Into<Name>,
        value: impl Into<String>,
    ) -> ChangeEnum<'_> {
        ChangeEnum(self.push(Op::RemoveEnumValue {
            name: name.into(),
            value: value.into(),
            used_by: Vec::new(),
            before: None,
        }))
    }

    /// Gives the values of a named enum type another order, which is how they sort. All of them
    /// have to be named.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.reorder_enum("task_status", ["todo", "doing", "done"]).used_by("tasks", "status");
    /// ```
    #[track_caller]
    pub fn reorder_enum<V: Into<String>>(
        &mut self,
        name: impl Into<Name>,
        values: impl IntoIterator<Item = V>,
    ) -> ChangeEnum<'_> {
        ChangeEnum(self.push(Op::ReorderEnum {
            name: name.into(),
            values: values.into_iter().map(Into::into).collect(),
            used_by: Vec::new(),
            before: None,
        }))
    }

    /// Renames an enum type; its columns follow. Engines without named enums pass over it.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.rename_enum("task_state", "task_status");
    /// ```
    #[track_caller]
    pub fn rename_enum(&mut self, from: impl Into<Name>, to: impl Into<Name>) -> Removes<'_> {
        Removes(self.push(Op::RenameEnum {
            from: from.into(),
            to: to.into(),
        }))
    }

    /// Renames an index. SQLite has no statement for it and builds it again.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.rename_index("ix_tasks_due", "idx-tasks-due_at", "tasks");
    /// ```
    #[track_caller]
    pub fn rename_index(
        &mut self,
        from: impl Into<String>,
        to: impl Into<String>,
        table: impl Into<Name>,
    ) -> Removes<'_> {
        Removes(self.push(Op::RenameIndex {
            table: table.into(),
            from: from.into(),
            to: to.into(),
            only: None,
        }))
    }

    /// Renames a constraint. Say what it is too, so that engines which keep no name, or chose
    /// another one, find it. An empty new name is the one that the engine would choose.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.rename_constraint("uq-users-mail", "uq-users-email", "users").unique(["email"]);
    /// op.rename_constraint("ck_users_age", "ck-users-age", "users").check();
    /// ```
    #[track_caller]
    pub fn rename_constraint(
        &mut self,
        from: &str,
        to: &str,
        table: impl Into<Name>,
    ) -> RenameConstraint<'_> {
        RenameConstraint(self.push(Op::RenameConstraint {
            table: table.into(),
            kind: None,
            target: Target {
                name: some_name(from),
                ..Target::default()
            },
            to: some_name(to),
        }))
    }
}

fn push_use(op: &mut Op, table: Name, column: String) {
    if let Op::AddEnumValue { used_by, .. }
    | Op::RenameEnumValue { used_by, .. }
    | Op::RemoveEnumValue { used_by, .. }
    | Op::ReorderEnum { used_by, .. } = op
    {
        used_by.push(EnumUse { table, column });
    }
}

/// Options of a new value of an enum.
#[derive(Debug)]
pub struct AddEnumValue<'a>(&'a mut Step);

impl AddEnumValue<'_> {
    fn place(self, new: ValuePlace) -> Self {
        if let Op::AddEnumValue { place, .. } = &mut self.0.op {
            *place = new;
        }
        self
    }

    /// Puts it right before this value.
    pub fn before(self, value: impl Into<String>) -> Self {
        self.place(ValuePlace::Before(value.into()))
    }

    /// Puts it right after this value.
    pub fn after(self, value: impl Into<String>) -> Self {
        self.place(ValuePlace::After(value.into()))
    }

    /// Names a column that uses the type.
    pub fn used_by(self, table: impl Into<Name>, column: impl Into<String>) -> Self {
        push_use(&mut self.0.op, table.into(), column.into());
        self
    }

    /// Passes over a value that is already there.
    pub fn if_not_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}

/// Which columns use an enum that changes.
#[derive(Debug)]
pub struct ChangeEnum<'a>(&'a mut Step);

impl ChangeEnum<'_> {
    /// Names a column that uses the type.
    pub fn used_by(self, table: impl Into<Name>, column: impl Into<String>) -> Self {
        push_use(&mut self.0.op, table.into(), column.into());
        self
    }

    /// Passes over a value that is not there any more; of a new name, over one that has it already.
    pub fn if_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}

/// What a constraint that is renamed is.
#[derive(Debug)]
pub struct RenameConstraint<'a>(&'a mut Step);

impl RenameConstraint<'_> {
    fn is(self, is: Kind, columns: Vec<String>) -> Self {
        if let Op::RenameConstraint { kind, target, .. } = &mut self.0.op {
            *kind = Some(is);
            target.columns = columns;
        }
        self
    }

    /// Renames it on this engine; the others pass over it.
    pub fn only_on(self, engine: Engine) -> Self {
        only_on(self.0, engine);
        self
    }

    /// Passes over a constraint that has the new name already.
    pub fn if_exists(self) -> Self {
        self.0.guarded = true;
        self
    }

    /// The primary key.
    pub fn primary_key(self) -> Self {
        self.is(Kind::PrimaryKey, Vec::new())
    }

    /// The unique constraint on these columns.
    pub fn unique<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.is(Kind::Unique, columns.into_iter().map(Into::into).collect())
    }

    /// The check of that name.
    pub fn check(self) -> Self {
        self.is(Kind::Check, Vec::new())
    }

    /// The exclusion constraint of that name.
    pub fn exclusion(self) -> Self {
        self.is(Kind::Exclusion, Vec::new())
    }

    /// The foreign key of these columns.
    pub fn foreign_key<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.is(
            Kind::ForeignKey,
            columns.into_iter().map(Into::into).collect(),
        )
    }
}
