//! Filters: what is left out of every comparison.
//!
//! What a filter hides is hidden on all sides, in entities, snapshot and database: it is neither
//! proposed nor drift nor unmanaged, and the snapshot keeps what it held of it.

use super::pattern::{ParseFilterError, Pattern, What, paths};
use crate::dialect::Note;
use crate::schema::{Column, Index, Kind, Name, Schema, Table, TableOptions};
use crate::source::catalog::Catalog;

/// Which objects take part in a comparison: those that an `include` names, when there is one of
/// their kind, and no `exclude` does.
///
/// ```
/// use seachange::compare::Filter;
///
/// let filter = Filter::new::<&str>(&[], &["legacy_*", "index:ix_hot_*", "default:tasks.*"])?;
/// assert!(filter.hides_table(&"legacy_orders".into()));
/// # Ok::<(), seachange::compare::ParseFilterError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

impl Filter {
    /// The filter of these patterns: `legacy_*` is a table with all that it has, an enum or a
    /// sequence; `<kind>:<name>` is one part of a table. `*` stands for any letters, `?` for one.
    ///
    /// # Errors
    ///
    /// A pattern names a kind that there is not.
    pub fn new<S: AsRef<str>>(include: &[S], exclude: &[S]) -> Result<Self, ParseFilterError> {
        let parse = |patterns: &[S]| {
            let patterns = patterns
                .iter()
                .map(|pattern| Pattern::parse(pattern.as_ref()));
            patterns.collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            include: parse(include)?,
            exclude: parse(exclude)?,
        })
    }

    /// Both filters: what either names is included, and what either hides is hidden.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.include.extend(other.include);
        self.exclude.extend(other.exclude);
        self
    }

    /// Whether nothing is hidden.
    fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Takes what is hidden out of all three sides. Type, default and comment of a new column stay,
    /// since they are part of making it; a type that is hidden is what the database says it is. An
    /// entity on a view, or on anything else that is no table, is hidden too: no step of a revision
    /// makes such a thing, or could alter it.
    pub fn hide(&self, want: &mut Schema, base: &mut Schema, mut catalog: Option<&mut Catalog>) {
        if let Some(catalog) = &mut catalog {
            views(want, base, catalog);
        }
        if self.is_empty() {
            return;
        }
        let new = |table: &Table, column: &Column| {
            let old = base.table(&table.name);
            old.is_none_or(|old| old.column(&column.name).is_none())
        };
        self.hide_in(want, &new);
        let never = |_: &Table, _: &Column| false;
        self.hide_in(base, &never);
        self.hide_types(want, base, catalog.as_deref());
        if let Some(catalog) = catalog {
            self.hide_in(&mut catalog.schema, &never);
            catalog.notes.retain(|note| !self.hides_note(note));
        }
    }

    fn hide_in(&self, schema: &mut Schema, is_new: &dyn Fn(&Table, &Column) -> bool) {
        schema.tables.retain(|name, _| !self.hides_table(name));
        schema.enums.retain(|name, _| !self.hides_enum(name));
        schema
            .sequences
            .retain(|name, _| !self.hides_owner(Kind::Sequence, name));
        // Of a table without a column that is seen, nothing is.
        schema.tables.retain(|_, table| {
            let hides =
                |column: &Column| self.hides(What::Of(Kind::Column), &of_column(table, column));
            table.columns.is_empty() || !table.columns.iter().all(hides)
        });
        for table in schema.tables.values_mut() {
            let whole = table.clone();
            let hides = |kind: Kind, names: &[String]| self.hides(What::Of(kind), names);
            if self.hides(What::Comment, &paths(&whole.name, None)) {
                table.comment = None;
            }
            for option in whole.options.names() {
                if hides(Kind::Option, &paths(&whole.name, Some(&option))) {
                    table.options.take(&option, &TableOptions::default());
                }
            }
            table
                .columns
                .retain(|column| !hides(Kind::Column, &of_column(&whole, column)));
            for column in &mut table.columns {
                if is_new(&whole, column) {
                    continue;
                }
                let names = of_column(&whole, column);
                if self.hides(What::Default, &names) {
                    column.default = None;
                    for own in column.variants.values_mut() {
                        own.default = None;
                    }
                    column.tidy();
                }
                if self.hides(What::Comment, &names) {
                    column.comment = None;
                }
            }
            // What is on a hidden column is hidden with it.
            let seen = table.columns.clone();
            let on_hidden = |columns: &[String]| {
                let is = |column: &String| whole.column(column).is_some();
                let left = |column: &String| seen.iter().any(|one| one.name == *column);
                columns.iter().any(|column| is(column) && !left(column))
            };
            let name = &whole.name;
            table.primary_key.take_if(|key| {
                on_hidden(&key.columns) || hides(Kind::PrimaryKey, &paths(name, None))
            });
            table.uniques.retain(|unique| {
                let on = paths(name, Some(&unique.columns.join(",")));
                !on_hidden(&unique.columns) && !hides(Kind::Unique, &on)
            });
            table.indexes.retain(|index| {
                let columns: Vec<String> = index.columns().map(str::to_owned).collect();
                !on_hidden(&columns) && !hides(Kind::Index, &of_index(&whole, index))
            });
            table.foreign_keys.retain(|key| {
                let on = paths(name, Some(&key.columns.join(",")));
                !on_hidden(&key.columns) && !hides(Kind::ForeignKey, &on)
            });
            table.exclusions.retain(|one| {
                let mut names = paths(name, Some(&one.name));
                names.push(one.name.clone());
                !hides(Kind::Exclusion, &names)
            });
            table.checks.retain(|check| {
                let own = check.name.clone().unwrap_or_default();
                let mut names = paths(name, Some(&own));
                names.push(own);
                !hides(Kind::Check, &names)
            });
        }
    }

    fn hide_types(&self, want: &mut Schema, base: &mut Schema, catalog: Option<&Catalog>) {
        for table in want.tables.values_mut() {
            let Some(old) = base.tables.get_mut(&table.name) else {
                continue;
            };
            let found = catalog.and_then(|catalog| catalog.schema.table(&table.name));
            for column in &mut table.columns {
                let Some(old) = old.column_mut(&column.name) else {
                    continue;
                };
                if self.hides(What::Type, &paths(&table.name, Some(&column.name))) {
                    if let Some(found) = found.and_then(|found| found.column(&column.name)) {
                        old.ty = found.ty.clone();
                    }
                    column.ty = old.ty.clone();
                }
            }
        }
    }

    /// Puts back into `shown`, which is to become a snapshot, what the old snapshot `held` of all
    /// that is hidden; `shown` itself has nothing of it.
    pub fn keep(&self, shown: &mut Schema, held: &Schema) {
        let mut seen = held.clone();
        self.hide(&mut Schema::default(), &mut seen, None);
        for (name, table) in &held.tables {
            let Some(left) = seen.table(name) else {
                shown.tables.insert(name.clone(), table.clone());
                continue;
            };
            if let Some(now) = shown.tables.get_mut(name) {
                keep_parts(now, table, left);
                for column in &table.columns {
                    if self.hides(What::Type, &of_column(table, column))
                        && let Some(now) = now.column_mut(&column.name)
                    {
                        now.ty = column.ty.clone();
                    }
                }
            }
        }
        for (name, ty) in &held.enums {
            if !seen.enums.contains_key(name) {
                shown.enums.insert(name.clone(), ty.clone());
            }
        }
        for (name, sequence) in &held.sequences {
            if !seen.sequences.contains_key(name) {
                shown.sequences.insert(name.clone(), sequence.clone());
            }
        }
    }

    /// Whether a table is hidden with all that it has.
    pub fn hides_table(&self, name: &Name) -> bool {
        self.hides_owner(Kind::Table, name)
    }

    fn hides_enum(&self, name: &Name) -> bool {
        self.hides_owner(Kind::Enum, name)
    }

    fn hides_owner(&self, kind: Kind, name: &Name) -> bool {
        let names = paths(name, None);
        let fits = |pattern: &&Pattern| pattern.fits(What::Any, &names);
        let fits_kind = |pattern: &&Pattern| pattern.fits(What::Of(kind), &names);
        let matched = |patterns: &[Pattern]| {
            patterns
                .iter()
                .any(|pattern| fits(&pattern) || fits_kind(&pattern))
        };
        // An enum or a sequence is not left out because only tables were named.
        let asked = self.include.iter().any(|pattern| {
            pattern.what == What::Of(kind) || (kind == Kind::Table && pattern.what == What::Any)
        });
        (asked && !matched(&self.include)) || matched(&self.exclude)
    }

    fn hides(&self, what: What, names: &[String]) -> bool {
        let matched = |patterns: &[Pattern]| patterns.iter().any(|p| p.fits(what, names));
        let asked = self.include.iter().any(|pattern| pattern.what == what);
        (asked && !matched(&self.include)) || matched(&self.exclude)
    }

    /// Whether a note speaks of a table that is hidden (`view legacy_orders`, `index i on legacy_x`).
    fn hides_note(&self, note: &Note) -> bool {
        let mut words = note.object.split(' ');
        words.any(|word| {
            let mut exclude = self.exclude.iter();
            exclude.any(|pattern| pattern.what == What::Any && pattern.is_called(word))
        })
    }
}

/// Takes entities out that are on no table.
fn views(want: &mut Schema, base: &mut Schema, catalog: &mut Catalog) {
    for (name, word) in &catalog.relations {
        base.tables.remove(name);
        if want.tables.remove(name).is_none() {
            continue;
        }
        let object = format!("{word} {name}");
        catalog.notes.retain(|note| note.object != object);
        catalog.notes.push(Note {
            object,
            reason: "an entity is on it; no revision makes or alters it".to_owned(),
        });
    }
}

fn of_column(table: &Table, column: &Column) -> Vec<String> {
    paths(&table.name, Some(&column.name))
}

fn of_index(table: &Table, index: &Index) -> Vec<String> {
    let mut names = paths(&table.name, Some(&index.name));
    names.push(index.name.clone());
    names
}

/// What `held` had and `left` has not, added to `now`.
fn keep_parts(now: &mut Table, held: &Table, left: &Table) {
    if left.comment != held.comment {
        now.comment.clone_from(&held.comment);
    }
    for option in held.options.names() {
        if !left.options.names().contains(&option) {
            now.options.take(&option, &held.options);
        }
    }
    for column in &held.columns {
        match (left.column(&column.name), now.column_mut(&column.name)) {
            (None, None) => now.columns.push(column.clone()),
            (Some(left), Some(now)) => {
                if left.default != column.default {
                    now.default.clone_from(&column.default);
                }
                for (engine, held) in &column.variants {
                    if left.on(*engine).default != column.on(*engine).default {
                        let own = now.variants.entry(*engine).or_default();
                        own.default.clone_from(&held.default);
                    }
                }
                if left.comment != column.comment {
                    now.comment.clone_from(&column.comment);
                }
            }
            _ => {}
        }
    }
    if left.primary_key.is_none() && held.primary_key.is_some() {
        now.primary_key.clone_from(&held.primary_key);
    }
    keep_list(&mut now.uniques, &held.uniques, &left.uniques);
    keep_list(&mut now.indexes, &held.indexes, &left.indexes);
    keep_list(
        &mut now.foreign_keys,
        &held.foreign_keys,
        &left.foreign_keys,
    );
    keep_list(&mut now.checks, &held.checks, &left.checks);
    keep_list(&mut now.exclusions, &held.exclusions, &left.exclusions);
}

fn keep_list<T: Clone + PartialEq>(now: &mut Vec<T>, held: &[T], left: &[T]) {
    let hidden = held.iter().filter(|one| !left.contains(one)).cloned();
    now.extend(hidden);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{facts, from_facts};

    fn schema(text: &str) -> Schema {
        from_facts(text, 1).unwrap_or_default()
    }

    const ALL: &str = "\
enum audit_kind: a, b
enum mood: good, bad
sequence audit_number: big_integer
sequence invoice_number: big_integer
audit_log table
audit_log column id integer not null
legacy_a table
legacy_a column id integer not null
tasks table comment 'what to do'
tasks option fillfactor '70'
tasks option unlogged
tasks column id integer not null
tasks column hits_cache integer not null default 0
tasks column title string not null default 'x' comment 'the title'
tasks primary key (id)
tasks unique (title)
tasks index ix_hot_title (title)
tasks index ix_title (title)
tasks foreign key (id) -> legacy_a (id)
tasks check ck-title 'title <> 1'
tasks check 'id > 0'
\"x\".tasks table
\"x\".tasks column id integer not null
";

    /// The facts that a filter leaves of all sides, and what is gone.
    fn gone(include: &[&str], exclude: &[&str]) -> Vec<String> {
        let filter = Filter::new(include, exclude).unwrap_or_default();
        let all = schema(ALL);
        let mut left = all.clone();
        filter.hide(&mut Schema::default(), &mut left, None);
        let left = facts(&left);
        let gone: Vec<String> = facts(&all)
            .into_iter()
            .filter(|fact| !left.contains(fact))
            .map(|fact| fact.key.to_string())
            .collect();
        // What a snapshot held of the hidden is kept.
        let mut shown = all.clone();
        filter.hide(&mut Schema::default(), &mut shown, None);
        filter.keep(&mut shown, &all);
        let mut kept: Vec<String> = facts(&shown).iter().map(ToString::to_string).collect();
        let mut expected: Vec<String> = facts(&all).iter().map(ToString::to_string).collect();
        kept.sort();
        expected.sort();
        assert_eq!(kept, expected, "{include:?} {exclude:?}");
        gone
    }

    #[test]
    fn patterns_hide_what_they_name() {
        let cases: &[(&[&str], &[&str], &[&str])] = &[
            (&[], &[], &[]),
            (
                &[],
                &["legacy_*"],
                &["table legacy_a", "column legacy_a.id"],
            ),
            (
                &[],
                &["audit_*"],
                &[
                    "enum audit_kind",
                    "sequence audit_number",
                    "table audit_log",
                    "column audit_log.id",
                ],
            ),
            (&[], &["sequence:inv*"], &["sequence invoice_number"]),
            (&["sequence:inv*"], &[], &["sequence audit_number"]),
            (&[], &["enum:audit_*"], &["enum audit_kind"]),
            (
                &[],
                &["option:tasks.fill*"],
                &["option fillfactor of tasks"],
            ),
            (&[], &["x.*"], &["table x.tasks", "column x.tasks.id"]),
            (
                &[],
                &["public.legacy_?"],
                &["table legacy_a", "column legacy_a.id"],
            ),
            (&[], &["index:ix_hot_*"], &["index ix_hot_title on tasks"]),
            (&[], &["column:tasks.*_cache"], &["column tasks.hits_cache"]),
            (
                &[],
                &["column:tasks.title"],
                &[
                    "column tasks.title",
                    "unique (title) on tasks",
                    "index ix_hot_title on tasks",
                    "index ix_title on tasks",
                ],
            ),
            (&[], &["unique:tasks.title"], &["unique (title) on tasks"]),
            (
                &[],
                &["foreign key:*"],
                &["foreign key tasks (id) -> legacy_a (id)"],
            ),
            (&[], &["primary key:tasks"], &["primary key of tasks"]),
            (&[], &["check:ck-*"], &["check ck-title on tasks"]),
            (
                &[],
                &["check:tasks.*"],
                &["check 'id > 0' on tasks", "check ck-title on tasks"],
            ),
            (
                &[],
                &["default:tasks.hits_cache"],
                &["column tasks.hits_cache"],
            ),
            (&[], &["comment:*"], &["table tasks", "column tasks.title"]),
            (
                &["tasks"],
                &["index:*"],
                &[
                    "table audit_log",
                    "column audit_log.id",
                    "table legacy_a",
                    "column legacy_a.id",
                    "index ix_hot_title on tasks",
                    "index ix_title on tasks",
                    "table x.tasks",
                    "column x.tasks.id",
                ],
            ),
            (&["index:ix_hot_*"], &[], &["index ix_title on tasks"]),
        ];
        for (include, exclude, expected) in cases {
            assert_eq!(gone(include, exclude), *expected, "{include:?} {exclude:?}");
        }
    }

    #[test]
    fn a_kind_that_there_is_not_is_refused() {
        let error = Filter::new(&[], &["trigger:x"]).map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.starts_with("`trigger:x` is no filter")));
    }

    #[test]
    fn a_new_column_keeps_its_default() -> Result<(), ParseFilterError> {
        let filter = Filter::new(&[], &["default:*"])?;
        let mut want = schema(
            "t table\nt column a integer not null default 1\nt column b integer not null default 2",
        );
        let mut base = schema("t table\nt column a integer not null default 3");
        filter.hide(&mut want, &mut base, None);
        let lines: Vec<String> = facts(&want).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "t table",
                "t column a integer not null",
                "t column b integer not null default 2"
            ]
        );
        Ok(())
    }
}
