//! Labels, on real databases: history as facts, entities as facts, and what was done to the
//! database by hand.

use seachange::compare::{Comparison, Filter, adopt, compare, settle};
use seachange::dialect;
use seachange::diff::{Answers, diff};
use seachange::op::{Op, apply, describe};
use seachange::schema::{Engine, Schema, from_facts};
use seachange::source::catalog::{self, Catalog};

use crate::support::{TestDatabase, engines};

fn schema(text: &str) -> Schema {
    from_facts(text, 1).unwrap()
}

fn statements(engine: Engine, op: &Op) -> Vec<String> {
    match engine {
        Engine::Postgres => dialect::postgres::statements(op).unwrap(),
        _ => dialect::sqlite::statements(op).unwrap(),
    }
}

/// Makes the schema in the database, then does by hand what the case says.
async fn prepare(test: &TestDatabase, history: &Schema, by_hand: &[&str]) {
    for op in diff(&Schema::default(), history, &Answers::default()).ops {
        for sql in statements(test.engine(), &op) {
            test.execute(&sql).await;
        }
    }
    // SeaORM decodes by the words of a type, so SQLite's are its own.
    let date = match test.engine() {
        Engine::Sqlite => "date_text",
        _ => "date",
    };
    for sql in by_hand {
        test.execute(&sql.replace("{date}", date)).await;
    }
}

const HISTORY: &str = "users table\n\
    users column id integer not null auto_increment\n\
    users column email string(100) not null\n\
    users column name text null default 'nobody'\n\
    users primary key (id)\n\
    users unique (email)\n\
    users index idx-users-name (name)";

struct Case {
    name: &'static str,
    /// What entities declare beyond, or instead of, lines of the history.
    entities: &'static str,
    by_hand: &'static [&'static str],
    changes: &'static [&'static str],
    already: &'static [&'static str],
    drift: &'static [&'static str],
    unmanaged: &'static [&'static str],
    conflicts: &'static [&'static str],
}

const NOTHING: Case = Case {
    name: "all agree",
    entities: "",
    by_hand: &[],
    changes: &[],
    already: &[],
    drift: &[],
    unmanaged: &[],
    conflicts: &[],
};

const CASES: &[Case] = &[
    NOTHING,
    Case {
        name: "your change",
        entities: "users column born date null",
        changes: &["+ column users.born date null"],
        ..NOTHING
    },
    Case {
        name: "already here, so it is guarded",
        entities: "users column born date null\nusers index idx-users-born (born)",
        by_hand: &[
            "alter table users add column born {date}",
            "create index \"idx-users-born\" on users (born)",
        ],
        changes: &[
            "+ column users.born date null",
            "+ index idx-users-born on users (born)",
        ],
        already: &[
            "+ column users.born date null",
            "+ index idx-users-born on users (born)",
        ],
        ..NOTHING
    },
    Case {
        name: "here in another form",
        entities: "users column born date null",
        by_hand: &["alter table users add column born integer"],
        changes: &["+ column users.born date null"],
        conflicts: &["column users.born"],
        ..NOTHING
    },
    Case {
        name: "drift: something is missing",
        by_hand: &["drop index \"idx-users-name\""],
        drift: &["index idx-users-name on users"],
        ..NOTHING
    },
    Case {
        name: "a missing table is one line",
        by_hand: &["drop table users"],
        drift: &["table users"],
        ..NOTHING
    },
    Case {
        name: "unmanaged things are left alone",
        by_hand: &[
            "create table legacy (id integer)",
            "alter table users add column hot integer",
            "create index ix_hot on users (hot)",
        ],
        unmanaged: &["table legacy", "column users.hot", "index ix_hot on users"],
        ..NOTHING
    },
];

/// The history's facts with those of the case: a line about the same column replaces it.
fn entities(case: &Case) -> Schema {
    schema(&format!("{HISTORY}\n{}", case.entities))
}

async fn compared(test: &TestDatabase, want: &Schema, base: Schema) -> Comparison {
    let mut catalog = catalog::read(test.db(), &[]).await.unwrap();
    let mut want = want.clone();
    test.ask(&mut catalog, &base, &mut want).await;
    let want = &want;
    let database = Some((test.engine(), &catalog));
    compare(want, base, database, &Answers::default()).unwrap()
}

#[tokio::test]
async fn labels_are_as_they_should_be() {
    for case in CASES {
        for test in engines().await {
            let what = format!("{} on {}", case.name, test.engine());
            let history = schema(HISTORY);
            prepare(&test, &history, case.by_hand).await;
            let found = compared(&test, &entities(case), history).await;
            let changes: Vec<String> = found.plan.ops.iter().flat_map(describe).collect();
            assert_eq!(changes, case.changes, "{what}");
            let already = found.already.iter().map(|at| &found.plan.ops[*at]);
            let already: Vec<String> = already.flat_map(describe).collect();
            assert_eq!(already, case.already, "{what}");
            let drift: Vec<String> = found.drift.iter().map(|d| d.key.to_string()).collect();
            assert_eq!(drift, case.drift, "{what}");
            let unmanaged: Vec<String> = found
                .unmanaged
                .iter()
                .map(|fact| fact.key.to_string())
                .collect();
            let mut expected = case.unmanaged.to_vec();
            expected.sort_unstable();
            let mut unmanaged: Vec<&str> = unmanaged.iter().map(String::as_str).collect();
            unmanaged.sort_unstable();
            assert_eq!(unmanaged, expected, "{what}");
            let conflicts: Vec<String> =
                found.conflicts.iter().map(|c| c.key.to_string()).collect();
            assert_eq!(conflicts, case.conflicts, "{what}");
            let guarded = found.steps().iter().filter(|step| step.guarded).count();
            assert_eq!(guarded, case.already.len(), "{what}");
        }
    }
}

/// A project that comes with a database: what the entities do not contradict is no change.
#[tokio::test]
async fn adoption_proposes_only_contradictions() {
    for test in engines().await {
        test.execute(
            "create table users (id integer not null primary key, email varchar(40) not null, \
             name varchar(20) default 'x' not null, age integer, extra text)",
        )
        .await;
        test.execute("create unique index ux_email on users (email)")
            .await;
        test.execute("create index ix_name on users (name)").await;
        let want = schema(
            "users table\nusers column id integer not null\nusers column email string not null\n\
             users column name text null\nusers column age integer not null\n\
             users primary key (id)\nusers unique (email)\nusers index idx-users-name (name)\n\
             posts table\nposts column id integer not null\nposts primary key (id)",
        );
        let catalog = catalog::read(test.db(), &[]).await.unwrap();
        let base = adopt(&want, test.engine(), &catalog).unwrap();
        let mut answers = Answers::default();
        answers.fill("users.age=0").unwrap();
        let plan = diff(&base, &want, &answers);
        let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
        assert_eq!(
            words,
            [
                "+ table posts (id)",
                "> fill users.age",
                "~ column users.age: not null"
            ],
            "{}",
            test.engine()
        );
    }
}

/// After the snapshot is written, what fits still fits; what history made in words is held to them.
#[tokio::test]
async fn an_adopted_project_stays_quiet_and_sees_what_no_longer_fits() {
    for test in engines().await {
        test.execute("create table teams (id integer not null primary key)")
            .await;
        test.execute(
            "create table users (id integer not null primary key, email varchar(40) not null, \
             name varchar(20) default 'x' not null, age integer, hired varchar(30), extra text, \
             team_id integer references teams (id) on delete cascade)",
        )
        .await;
        test.execute("create unique index ux_email on users (email)")
            .await;
        test.execute("create index ix_name on users (name)").await;
        let want = schema(
            "teams table\nteams column id integer not null\nteams primary key (id)\n\
             users table\nusers column id integer not null\nusers column email string not null\n\
             users column name text null\nusers column age integer null\n\
             users column hired string null\nusers column team_id integer null\n\
             users primary key (id)\nusers unique (email)\nusers index idx-users-name (name)\n\
             users foreign key (team_id) -> teams (id) name fk-users-team_id",
        );
        let catalog = catalog::read(test.db(), &[]).await.unwrap();
        let base = adopt(&want, test.engine(), &catalog).unwrap();
        assert_eq!(base, want, "{}", test.engine());

        let compared = |mut catalog: Catalog, recorded: &Schema| {
            let adopted = settle(&base, recorded, test.engine(), &mut catalog).unwrap();
            let database = Some((test.engine(), &catalog));
            let found = compare(&want, base.clone(), database, &Answers::default()).unwrap();
            let drift: Vec<String> = found.drift.iter().map(|d| d.key.to_string()).collect();
            let keys: Vec<String> = adopted.iter().map(|a| a.key.to_string()).collect();
            (drift, keys, found.unmanaged)
        };
        let (drift, adopted, unmanaged) = compared(catalog.clone(), &Schema::default());
        assert_eq!(drift, [""; 0], "{}", test.engine());
        for key in [
            "column users.name",
            "unique (email) on users",
            "index idx-users-name on users",
            "foreign key users (team_id) -> teams (id)",
        ] {
            assert!(adopted.contains(&key.to_owned()), "{key}: {adopted:?}");
        }
        let unmanaged: Vec<String> = unmanaged.iter().map(|fact| fact.key.to_string()).collect();
        assert_eq!(unmanaged, ["column users.name", "column users.extra"]);

        // A recorded step made this one, so its words count.
        let hired = schema("users table\nusers column hired string null");
        let (drift, ..) = compared(catalog.clone(), &hired);
        assert_eq!(drift, ["column users.hired"], "{}", test.engine());

        // And one that no longer fits is seen.
        test.execute("drop index ix_name").await;
        let catalog = catalog::read(test.db(), &[]).await.unwrap();
        let (drift, ..) = compared(catalog, &Schema::default());
        assert_eq!(drift, ["index idx-users-name on users"]);
    }
}

/// Entities hardly ever speak of defaults; one in the database is theirs who put it there.
#[tokio::test]
async fn a_default_that_no_entity_spoke_of_is_unmanaged() {
    for test in engines().await {
        let history =
            schema("t table\nt column n integer not null\nt column m integer not null default 1");
        test.execute("create table t (n integer not null default 5, m integer not null default 2)")
            .await;
        let found = compared(&test, &history, history.clone()).await;
        let unmanaged: Vec<String> = found.unmanaged.iter().map(ToString::to_string).collect();
        assert_eq!(unmanaged, ["t column n default 5"], "{}", test.engine());
        // The one that is declared is ours, and has drifted.
        let drift: Vec<String> = found.drift.iter().map(|d| d.key.to_string()).collect();
        assert_eq!(drift, ["column t.m"], "{}", test.engine());
    }
}

/// A type that a filter hides is no change and no drift, whatever the three sides say; the snapshot
/// keeps what it held, and everything else of the column is compared.
#[tokio::test]
async fn a_hidden_type_is_what_it_is() {
    for test in engines().await {
        let base = schema("places table\nplaces column area string null");
        let want = schema("places table\nplaces column area blob null default 'none'");
        prepare(
            &test,
            &schema("places table\nplaces column area integer null"),
            &[],
        )
        .await;
        let catalog = catalog::read(test.db(), &[]).await.unwrap();
        let seen = |filter: &Filter| {
            let (mut want, mut base) = (want.clone(), base.clone());
            let mut catalog = catalog.clone();
            filter.hide(&mut want, &mut base, Some(&mut catalog));
            let database = Some((test.engine(), &catalog));
            let found = compare(&want, base, database, &Answers::default()).unwrap();
            let ops: Vec<String> = found.plan.ops.iter().flat_map(describe).collect();
            (ops, found)
        };
        let (ops, _) = seen(&Filter::default());
        assert!(ops[0].contains("string -> blob"), "{ops:?}");

        let filter = Filter::new(&[], &["type:places.area"]).unwrap();
        let (ops, mut found) = seen(&filter);
        assert_eq!(ops, ["~ column places.area: default 'none'"]);
        assert!(
            found.drift.is_empty() && found.conflicts.is_empty(),
            "{found:#?}"
        );
        for op in &found.plan.ops {
            apply(&mut found.base, op);
        }
        filter.keep(&mut found.base, &base);
        let kept = schema("places table\nplaces column area string null default 'none'");
        assert_eq!(found.base, kept);
    }
}
