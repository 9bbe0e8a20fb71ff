//! What a revision takes from an adopted database comes back as it was there, not as an entity
//! would have had it made.

use std::sync::Arc;

use seachange::compare::{Found, adopt, compare, known, read, settle, undone};
use seachange::diff::{Answers, Plan, diff};
use seachange::op::{Step, describe};
use seachange::run::{Options, downgrade, upgrade};
use seachange::schema::{Engine, Schema, Type, from_facts};
use seachange::source::snapshot::Snapshot;

use super::shapes;
use crate::steps::{RECORD, STEPS, Steps, history};
use crate::support::{TestDatabase, engines, postgres, recorded};

/// What somebody's migrations ran, what the entities said of it and say now, and the steps of the
/// revision.
struct Case {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
    was: &'static str,
    want: &'static str,
    up: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "constraints that go",
        sqlite: "create table owners (id integer not null primary key autoincrement);
            create table notes (id integer not null primary key autoincrement, a integer not null,
                b integer not null, owner_id integer, constraint one_a unique (b, a),
                constraint positive check (a > 0),
                foreign key (owner_id) references owners (id) on delete cascade);
            create index by_owner on notes (owner_id)",
        postgres: "create table owners (id serial primary key);
            create table notes (id serial primary key, a integer not null, b integer not null,
                owner_id integer, constraint one_a unique (b, a), constraint positive check (a > 0),
                constraint mine foreign key (owner_id) references owners (id)
                    on delete cascade deferrable);
            create index by_owner on notes using hash (owner_id)",
        was: "owners table\nowners column id integer not null auto_increment\nowners primary key (id)
notes table
notes column id integer not null auto_increment
notes column a integer not null
notes column b integer not null
notes column owner_id integer null
notes primary key (id)
notes unique (a, b)
notes index by_owner (owner_id)
notes foreign key (owner_id) -> owners (id) name fk-notes-owner_id
notes check ck_a 'a > 0'",
        want: "owners table\nowners column id integer not null auto_increment\nowners primary key (id)
notes table
notes column id integer not null auto_increment
notes column a integer not null
notes column b integer not null
notes column owner_id integer null
notes primary key (id)",
        up: &[
                "- foreign key fk-notes-owner_id on notes (owner_id)",
                "- check positive on notes",
                "- index by_owner on notes",
                "- unique on notes (b, a)",
            ],
    },
    Case {
        name: "rules that are made of something else",
        sqlite: "create table slots (id integer primary key autoincrement not null, a text not null,
                b text not null, unique (b));
            create unique index one_a on slots (a)",
        postgres: "create table slots (id serial primary key, a text not null, b text not null,
                constraint one_b unique (b));
            create unique index one_a on slots (a)",
        was: "slots table
slots column id integer not null auto_increment
slots column a text not null
slots column b text not null
slots primary key (id)
slots unique (a)
slots index uq-slots-b (b) unique",
        want: "slots table
slots column id integer not null auto_increment
slots column a text not null
slots column b text not null
slots primary key (id)",
        up: &["- unique on slots (b)", "- index one_a on slots"],
    },
    Case {
        name: "columns with more than is declared",
        sqlite: "create table cups (id integer primary key autoincrement not null,
                name varchar(64) not null default 'cup', size varchar(8) not null default 'm',
                made_at timestamp_with_timezone_text not null default CURRENT_TIMESTAMP)",
        postgres: "create table cups (id serial primary key,
                name varchar(64) not null default 'cup', size varchar(8) not null default 'm',
                made_at timestamptz(3) not null default current_timestamp)",
        was: "cups table
cups column id integer not null auto_increment
cups column name string not null
cups column size string not null
cups column made_at timestamp_with_time_zone not null
cups primary key (id)",
        want: "cups table
cups column id integer not null auto_increment
cups column name text not null
cups column size string null
cups primary key (id)",
        up: &[
                "~ column cups.name: string(64) -> text",
                "~ column cups.size: null",
                "- column cups.made_at",
            ],
    },
    Case {
        name: "a foreign key that only steps out of the way",
        sqlite: "create table owners (id integer not null primary key autoincrement);
            create table notes (id integer not null primary key autoincrement,
                owner_id integer references owners (id) on delete cascade)",
        postgres: "create table owners (id serial primary key);
            create table notes (id serial primary key,
                owner_id integer constraint mine references owners (id) on delete cascade)",
        was: "owners table\nowners column id integer not null auto_increment\nowners primary key (id)
notes table
notes column id integer not null auto_increment
notes column owner_id integer null
notes primary key (id)
notes foreign key (owner_id) -> owners (id) name fk-notes-owner_id",
        want: "owners table\nowners column id big_integer not null auto_increment\nowners primary key (id)
notes table
notes column id integer not null auto_increment
notes column owner_id big_integer null
notes primary key (id)
notes foreign key (owner_id) -> owners (id) name fk-notes-owner_id",
        up: &[
                "~ column notes.owner_id: integer -> big_integer",
                "~ column owners.id: integer -> big_integer",
            ],
    },
    Case {
        name: "a table that goes with all that nobody declared",
        sqlite: "create table owners (id integer not null primary key autoincrement);
            create table pens (id integer not null primary key autoincrement,
                color varchar(16) not null default 'red', cap boolean,
                owner_id integer references owners (id) on delete set null,
                constraint shade check (length(color) > 2));
            create unique index one_red on pens (owner_id) where color = 'red'",
        postgres: "create table owners (id serial primary key);
            create table pens (id serial primary key, color varchar(16) not null default 'red',
                cap boolean, owner_id integer constraint mine references owners (id) on delete set null,
                constraint shade check (length(color) > 2));
            create unique index one_red on pens (owner_id) where color = 'red'",
        was: "owners table\nowners column id integer not null auto_increment\nowners primary key (id)
pens table
pens column id integer not null auto_increment
pens column color string not null
pens column owner_id integer null
pens primary key (id)
pens foreign key (owner_id) -> owners (id) name fk-pens-owner_id",
        want: "owners table\nowners column id integer not null auto_increment\nowners primary key (id)",
        up: &["- index one_red on pens", "- table pens"],
    },
    Case {
        name: "an index that gets another name",
        sqlite: "create table bags (id integer not null primary key autoincrement, a text not null);
            create index old_ix on bags (a)",
        postgres: "create table bags (id serial primary key, a text not null);
            create index old_ix on bags (a)",
        was: "bags table
bags column id integer not null auto_increment
bags column a text not null
bags primary key (id)
bags index ix (a)",
        want: "bags table
bags column id integer not null auto_increment
bags column a text not null
bags primary key (id)
bags index new_ix (a)",
        up: &["~ index old_ix on bags renamed to new_ix"],
    },
    Case {
        name: "constraints that get other names",
        sqlite: "",
        postgres: "create table boxes (id integer, a text not null, box_id integer,
                constraint old_pk primary key (id), constraint old_a unique (a),
                constraint old_fk foreign key (box_id) references boxes (id),
                constraint old_ck check (id > 0))",
        was: "boxes table
boxes column id integer not null
boxes column a text not null
boxes column box_id integer null
boxes primary key (id)
boxes unique (a)
boxes foreign key (box_id) -> boxes (id) name fk-boxes-box_id
boxes check ck 'id > 0'",
        want: "boxes table
boxes column id integer not null
boxes column a text not null
boxes column box_id integer null
boxes primary key (id) name new_pk
boxes unique (a) name new_a
boxes foreign key (box_id) -> boxes (id) name new_fk
boxes check new_ck 'id > 0'",
        up: &[
            "- foreign key fk-boxes-box_id on boxes (box_id)",
            "~ primary key old_pk on boxes renamed to new_pk",
            "~ unique old_a on boxes renamed to new_a",
            "~ check old_ck on boxes renamed to new_ck",
            "+ foreign key new_fk: boxes (box_id) -> boxes (id)",
        ],
    },
];

/// The steps of the revision that makes one schema of the other here, and its way down.
async fn revision(test: &TestDatabase, was: &Schema, want: &Schema, is_shared: bool) -> Steps {
    let engine = test.engine();
    let known = known(want, Some(was));
    let mut catalog = read(test.db(), &known, RECORD).await.unwrap();
    let mut want = want.clone();
    test.ask(&mut catalog, was, &mut want).await;
    assert_eq!(adopt(was, engine, &catalog).unwrap(), *was, "{engine}");
    let here = catalog.named();
    let adopted = settle(was, &Schema::default(), engine, &mut catalog).unwrap();
    let found = Found {
        engine,
        catalog: &here,
        adopted: &adopted,
        recorded: &Schema::default(),
        is_shared,
    };
    let compared = |base: &Schema| {
        let answers = Answers::default();
        let comparison = compare(&want, base.clone(), Some((engine, &catalog)), &answers).unwrap();
        assert_eq!(comparison.drift, [], "{engine}");
        assert_eq!(comparison.conflicts, [], "{engine}");
        comparison
    };
    let mut comparison = compared(was);
    if let Some(base) = found.dropped(&comparison.plan, was) {
        comparison = compared(&base);
    }
    let up = found.steps(comparison.steps(), &comparison.base).unwrap();
    let plan = Plan {
        ops: up.iter().map(|step| step.op.clone()).collect(),
        ..Plan::default()
    };
    let down = plan.down(&comparison.base);
    Steps {
        up,
        down: down.into_iter().map(Step::from).collect(),
        ..Steps::default()
    }
}

fn as_written(steps: &[Step]) -> Vec<Step> {
    let written = |step: &Step| Step {
        op: recorded(&step.op),
        ..step.clone()
    };
    steps.iter().map(written).collect()
}

fn schema(facts: &str) -> Schema {
    from_facts(facts, 1).unwrap()
}

/// Makes the revision, takes it back, and tells its steps and what was wrong.
async fn there_and_back(test: &TestDatabase, was: &Schema, want: &Schema) -> (Vec<String>, String) {
    let Steps { up, down, .. } = revision(test, was, want, false).await;
    let lines = |steps: &[Step]| -> Vec<String> {
        steps.iter().flat_map(|step| describe(&step.op)).collect()
    };
    let (there, back) = (lines(&up), lines(&down));
    let steps = Arc::new(Steps {
        up: as_written(&up),
        down: as_written(&down),
        ..Steps::default()
    });
    let history = history(false);
    let options = Options::default();
    let given = async { upgrade(test.db(), &history, "given", &options, &mut |_| {}).await };
    STEPS.scope(steps.clone(), given).await.unwrap();
    let before = meaning(&test.structure().await);
    let way = async {
        upgrade(test.db(), &history, "head", &options, &mut |_| {}).await?;
        downgrade(test.db(), &history, "-1", &options, &mut |_| {}).await
    };
    let ran = STEPS.scope(steps.clone(), way).await;
    let after = meaning(&test.structure().await);
    if ran.is_ok() && before == after {
        return (there, String::new());
    }
    let only = |these: &[String], others: &[String]| -> Vec<String> {
        let lines = these.iter().filter(|line| !others.contains(line));
        lines.cloned().collect()
    };
    let wrong = format!(
        "{there:#?}\nback {back:#?}\n{:?}\nlost {:#?}\ncame {:#?}",
        ran.err(),
        only(&before, &after),
        only(&after, &before),
    );
    (there, wrong)
}

#[tokio::test]
async fn what_another_hand_made_comes_back_as_it_was() {
    let mut wrong = Vec::new();
    for case in CASES {
        for test in engines().await {
            let sql = match test.engine() {
                Engine::Sqlite => case.sqlite,
                _ => case.postgres,
            };
            if sql.is_empty() {
                continue;
            }
            test.execute(sql).await;
            let (lines, other) = there_and_back(&test, &schema(case.was), &schema(case.want)).await;
            if lines != case.up || !other.is_empty() {
                let (name, engine) = (case.name, test.engine());
                wrong.push(format!("{name} on {engine}: {lines:#?}\n{other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n=====\n"));
}

/// Every table that entities declare goes, and every column becomes something else.
#[tokio::test]
async fn whole_projects_come_back_as_they_were() {
    let mut wrong = Vec::new();
    for case in shapes::CASES {
        for test in engines().await {
            let engine = test.engine();
            let sql = match engine {
                Engine::Sqlite => case.sqlite,
                _ => case.postgres,
            };
            // What a view reads from cannot go.
            if sql.is_empty() || sql.contains("view") {
                continue;
            }
            test.execute(sql).await;
            let want = (case.entities)().schema().unwrap();
            let catalog = read(test.db(), &want, RECORD).await.unwrap();
            let was = adopt(&want, engine, &catalog).unwrap();
            for (what, want) in [("other", otherwise(&was)), ("gone", Schema::default())] {
                let (_, other) = there_and_back(&test, &was, &want).await;
                if !other.is_empty() {
                    wrong.push(format!("{}, {what} on {engine}: {other}", case.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n=====\n"));
}

/// The same tables, with nothing on them, and with columns that may be null or hold more.
fn otherwise(was: &Schema) -> Schema {
    let mut want = was.clone();
    for table in want.tables.values_mut() {
        table.uniques.clear();
        table.indexes.clear();
        table.checks.clear();
        let key = table.primary_key.clone().unwrap_or_default().columns;
        let referred: Vec<&String> = table
            .foreign_keys
            .iter()
            .flat_map(|key| &key.columns)
            .collect();
        for column in &mut table.columns {
            if key.contains(&column.name) || referred.contains(&&column.name) {
                continue;
            }
            column.nullable = true;
            column.ty = match &column.ty {
                Type::String(_) => Type::Text,
                Type::Integer => Type::BigInteger,
                other => other.clone(),
            };
        }
    }
    want
}

/// Another engine knows neither the types nor the SQL of this one; names it does.
#[tokio::test]
async fn a_revision_for_several_engines_speaks_no_engines_words() {
    let Some(test) = postgres().await else { return };
    test.execute(
        "create table cups (id serial primary key, name varchar(64) not null default lower('A'),
             constraint mine unique (name))",
    )
    .await;
    let was = "cups table\ncups column id integer not null auto_increment
cups column name string not null\ncups primary key (id)\ncups unique (name)";
    let want = "cups table\ncups column id integer not null auto_increment\ncups primary key (id)";
    for (is_shared, words) in [
        (
            true,
            &[
                "+ column cups.name string not null default ''",
                "~ column cups.name: no default",
            ][..],
        ),
        (
            false,
            &["+ column cups.name string(64) not null default lower('A'::text)"],
        ),
    ] {
        let steps = revision(&test, &schema(was), &schema(want), is_shared).await;
        let down: Vec<Step> = as_written(&steps.down);
        let lines: Vec<String> = down.iter().flat_map(|step| describe(&step.op)).collect();
        assert_eq!(lines, [words, &["+ unique mine on cups (name)"]].concat());
    }
}

/// A revision that is removed leaves the snapshot that was before it, as far as the entities declare
/// again what it took away.
#[tokio::test]
async fn what_comes_back_is_declared_as_it_was() {
    for test in engines().await {
        let case = &CASES[0];
        let engine = test.engine();
        test.execute(match engine {
            Engine::Sqlite => case.sqlite,
            _ => case.postgres,
        })
        .await;
        let (was, want) = (schema(case.was), schema(case.want));
        let steps = Arc::new(revision(&test, &was, &want, false).await);
        let history = history(false);
        let newest = history.get("change").unwrap();
        let snapshot = Snapshot {
            heads: vec!["change".to_owned()],
            adopted: [engine].into(),
            schema: want.clone(),
        };
        let undone = |declared: &Schema| {
            let undone = || undone(&snapshot, &history, newest, declared).unwrap();
            STEPS.sync_scope(steps.clone(), undone)
        };
        assert_eq!(undone(&was).schema, was, "{engine}");
        assert_eq!(undone(&was).adopted, [engine].into(), "{engine}");
        let gone: Vec<String> = diff(&undone(&want).schema, &want, &Answers::default())
            .ops
            .iter()
            .flat_map(describe)
            .collect();
        assert_eq!(gone.len(), case.up.len(), "{engine}: {gone:#?}");
    }
}

/// The lines of a dump, whatever their order, since a column that comes back is the last one; without
/// triggers, which go with their table, and in one spelling of what is the same.
fn meaning(dump: &str) -> Vec<String> {
    let lines = dump.lines().map(|line| line.trim_end_matches(','));
    // Storage parameters have no order.
    let lines = lines.map(|line| match line.strip_prefix("WITH (") {
        Some(parameters) => {
            let mut words: Vec<&str> = parameters.trim_end_matches(");").split(", ").collect();
            words.sort_unstable();
            words.join(", ")
        }
        None => line.to_owned(),
    });
    let lines = lines.map(|line| {
        line.to_lowercase()
            .replace("now()", "current_timestamp")
            .replace("'new'::text", "'new'::character varying")
            // SQLite: a key that numbers is never null, and what is referred to is the key.
            .replace("notnull 0 default - pk 1", "notnull 1 default - pk 1")
            .replace("accounts.<key>", "accounts.id")
    });
    let mut lines: Vec<String> = lines
        .filter(|line| !line.contains("trigger touch"))
        .collect();
    lines.sort_unstable();
    lines
}
