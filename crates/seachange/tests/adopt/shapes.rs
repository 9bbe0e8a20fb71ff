//! What real projects have: entities, and the database that their hand-written migrations made.

use seachange::Metadata;
use seachange::compare::{Filter, Rule, adopt, adopt_on, compare, read, settle};
use seachange::diff::Answers;
use seachange::op::describe;
use seachange::schema::{Engine, Index, Key, Kind, Schema, Table};

use super::entities::*;
use crate::support::{TestDatabase, engines, postgres};

/// What somebody's migrations ran, and what `check` is to propose then.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) entities: fn() -> Metadata,
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
    /// The changes on either engine; nothing where the entities contradict nothing.
    changes: [&'static [&'static str]; 2],
}

macro_rules! entities {
    ($($entity:ident),*) => {
        || seachange::entities![$($entity),*].within("seachange::adopt::none")
    };
}

const QUIET: [&[&str]; 2] = [&[], &[]];

pub(super) const CASES: &[Case] = &[
    Case {
        name: "timestamps, lengths, keys and indexes that entities do not speak of",
        entities: entities![account, session],
        sqlite: "create table accounts (id integer not null primary key autoincrement,
                email varchar(255) not null unique, password_hash varchar(100) not null,
                display_name varchar(64), is_admin boolean not null default false,
                avatar blob, balance real(16, 4) not null default 0,
                settings json_text not null default '{}', login_count integer not null default 0,
                last_seen_at timestamp_with_timezone_text,
                created_at timestamp_with_timezone_text not null default current_timestamp);
            create index idx_accounts_created_at on accounts (created_at);
            create unique index idx_live_names on accounts (display_name) where is_admin = false;
            create table sessions (id uuid_text not null primary key, account_id integer not null,
                token char(64) not null, expires_at datetime_text not null,
                foreign key (account_id) references accounts (id) on delete cascade on update cascade);
            create unique index uq_sessions_token on sessions (token);
            create trigger touch after update on accounts begin
                update accounts set login_count = login_count where id = new.id; end",
        postgres: "create table accounts (id serial not null primary key,
                email varchar(255) not null unique, password_hash varchar(100) not null,
                display_name varchar(64), is_admin bool not null default false,
                avatar bytea, balance decimal(16, 4) not null default 0,
                settings jsonb not null default '{}', login_count bigint not null default 0,
                last_seen_at timestamp(3) with time zone,
                created_at timestamp with time zone not null default current_timestamp,
                constraint ck_login_count check (login_count >= 0));
            create index idx_accounts_created_at on accounts (created_at desc);
            create unique index idx_live_names on accounts (lower(display_name)) where not is_admin;
            create table sessions (id uuid not null primary key default gen_random_uuid(),
                account_id integer not null, token char(64) not null,
                expires_at timestamp without time zone not null,
                constraint sessions_to_accounts foreign key (account_id) references accounts (id)
                    on delete cascade on update cascade);
            create unique index uq_sessions_token on sessions (token);
            create function touch() returns trigger language plpgsql as
                'begin new.created_at = now(); return new; end';
            create trigger touch before update on accounts for each row execute function touch()",
        changes: QUIET,
    },
    Case {
        name: "keys of two columns, and a key that is another's",
        entities: entities![account, membership, profile, session],
        sqlite: "create table accounts (id integer primary key, email text not null, password_hash text not null,
                display_name text, is_admin integer not null, avatar blob, balance real not null,
                settings text not null, login_count bigint not null, last_seen_at text, created_at text not null);
            create unique index accounts_email on accounts (email);
            create table sessions (id blob(16) primary key not null, account_id integer not null references accounts,
                token text not null, expires_at datetime not null);
            create table memberships (account_id integer not null, team varchar not null, role tinyint not null default 0,
                primary key (account_id, team), foreign key (account_id) references accounts (id));
            create index by_team on memberships (team);
            create table profiles (account_id integer primary key references accounts (id) on delete cascade, bio text)",
        postgres: "create extension citext;
            create table accounts (id integer primary key generated always as identity, email citext not null, password_hash text not null,
                display_name text, is_admin boolean not null, avatar bytea, balance numeric not null,
                settings json not null, login_count int8 not null, last_seen_at timestamptz, created_at timestamptz not null);
            create unique index accounts_email on accounts (email);
            create table sessions (id uuid primary key, account_id integer not null references accounts deferrable,
                token text not null, expires_at timestamp(0) not null);
            create table memberships (account_id integer not null, team varchar not null, role smallint not null default 0,
                constraint memberships_pk primary key (account_id, team), foreign key (account_id) references accounts (id));
            create index by_team on memberships using hash (team);
            create table profiles (account_id integer primary key references accounts (id) on delete cascade, bio text)",
        changes: QUIET,
    },
    Case {
        name: "enums as types, as text and as numbers; in quotes where they are",
        entities: entities![order],
        sqlite: "create table \"Orders\" (\"Id\" integer not null primary key autoincrement, status enum_text not null,
                mood text not null, size varchar(16), level smallint not null, kind integer not null)",
        postgres: "create type order_status as enum ('open', 'paid', 'sent');
            create type \"OrderMood\" as enum ('good', 'bad');
            create table \"Orders\" (\"Id\" bigserial primary key, status order_status not null default 'open',
                mood \"OrderMood\" not null, size varchar(16), level smallint not null, kind integer not null)",
        changes: QUIET,
    },
    Case {
        name: "values of an enum in another order and one more, and a name that the server cuts",
        entities: entities![ballot],
        sqlite: "create table ballots (id uuid_text primary key not null, voter text not null,
                election text not null, status enum_text not null, unique (voter, election))",
        postgres: "create type order_status as enum ('void', 'sent', 'paid', 'open');
            create table ballots (id uuid primary key, voter text not null, election text not null,
                status order_status not null, unique (voter, election))",
        changes: QUIET,
    },
    Case {
        name: "keys that name their columns in another order than the fields",
        entities: entities![cell, cell_note],
        sqlite: "create table cells (row text not null, sheet uuid_text not null, number integer not null,
                x integer not null, y integer not null, z integer not null, w integer not null,
                primary key (sheet, row, number), unique (y, x));
            create unique index cell_depth on cells (w, z);
            create table cell_notes (id integer not null primary key autoincrement, row text not null,
                sheet uuid_text not null, number integer not null,
                foreign key (sheet, row, number) references cells (sheet, row, number) on delete cascade)",
        postgres: "create table cells (row text not null, sheet uuid not null, number integer not null,
                x integer not null, y integer not null, z integer not null, w integer not null,
                primary key (sheet, row, number), unique (y, x));
            create unique index cell_depth on cells (w, z);
            create table cell_notes (id serial primary key, row text not null,
                sheet uuid not null, number integer not null,
                foreign key (sheet, row, number) references cells (sheet, row, number) on delete cascade)",
        changes: QUIET,
    },
    Case {
        name: "an entity on a view, and tables of others",
        entities: entities![account_total, plain_one],
        sqlite: "create table profiles (account_id integer primary key, bio text); create table plain (id integer primary key);
            create view account_totals as select account_id as id, 1.5 as total from profiles;
            create table other_service (id integer); create virtual table notes using fts5(body);
            create table seaql_migrations (version varchar not null primary key, applied_at bigint not null);
            insert into seaql_migrations values ('m20220101_000001_create', 0)",
        postgres: "create table profiles (account_id integer primary key, bio text); create table plain (id integer primary key);
            create materialized view account_totals as select account_id as id, 1.5 as total from profiles;
            create table other_service (id integer); create schema audit; create table audit.log (id integer);
            create table parts (id integer) partition by range (id);
            create table parts_1 partition of parts for values from (0) to (10);
            create table seaql_migrations (version varchar not null primary key, applied_at bigint not null);
            insert into seaql_migrations values ('m20220101_000001_create', 0)",
        changes: QUIET,
    },
    Case {
        name: "schemas: the usual one by its name, another one, and none",
        entities: entities![profile_alone, log, plain_one],
        sqlite: "",
        postgres: "create table profiles (account_id integer primary key, bio varchar(500));
            create table plain (id integer primary key); create schema audit; create type audit.level as enum ('low', 'high');
            create table audit.log (id bigserial primary key, account_id integer not null
                references profiles (account_id), level audit.level not null);
            create index on audit.log (account_id)",
        changes: QUIET,
    },
    Case {
        name: "what entities do state, in the words and under the names of others",
        entities: entities![stated],
        sqlite: "create table stated (id integer not null primary key autoincrement, floor integer not null, shop text not null,
                shelf integer not null, owner varchar(40), count integer default 0 not null,
                state varchar(20) not null default 'new', open boolean not null default true,
                made_at timestamp_with_timezone_text not null default current_timestamp,
                seen_at timestamp_with_timezone_text not null default current_timestamp,
                unique (shop, shelf));
            create index by_owner on stated (owner)",
        postgres: "create table stated (id serial primary key, floor integer not null, shop text not null,
                shelf integer not null, owner varchar(40), count integer default 0 not null,
                state varchar(20) not null default 'new'::text, open boolean not null default 't',
                made_at timestamptz not null default now(),
                seen_at timestamptz not null default now(),
                constraint one_place unique (shop, shelf));
            create index by_owner on stated (owner)",
        changes: QUIET,
    },
    Case {
        name: "an unsigned key, a relation without a foreign key, and comments that nobody wrote",
        entities: entities![counter, reading],
        sqlite: "create table counters (id integer not null primary key autoincrement, name varchar not null);
            create table readings (id integer not null primary key autoincrement, counter_id integer not null)",
        postgres: "create table counters (id serial primary key, name varchar not null);
            create table readings (id serial primary key, counter_id integer not null)",
        changes: QUIET,
    },
    Case {
        name: "a table that is kept as it is declared, and in more ways",
        entities: entities![hit],
        sqlite: "create table hits (url text primary key, count int not null) without rowid, strict",
        postgres: "create unlogged table hits (url text primary key, count integer not null)
                with (FillFactor = '70', autovacuum_enabled = off)",
        changes: QUIET,
    },
    Case {
        name: "a table that is kept otherwise than it is declared",
        entities: entities![hit],
        sqlite: "create table hits (url text not null primary key, count integer not null) without rowid",
        postgres: "create table hits (url text primary key, count integer not null) with (fillfactor = 50)",
        changes: [
            &["~ table hits: strict, SQLite only"],
            &["~ table hits: fillfactor 70, PostgreSQL only", "~ table hits: unlogged, PostgreSQL only"],
        ],
    },
    Case {
        name: "fields that fail",
        entities: entities![failing],
        sqlite: "create table failing (id integer primary key, wide bigint not null, at text not null,
                optional text, amount decimal(10, 2) not null)",
        postgres: "create table failing (id serial primary key, wide bigint not null, at timestamptz not null,
                optional text, amount double precision not null)",
        changes: [
            &["~ column failing.optional: not null", "~ column failing.amount: custom 'decimal(10, 2)' -> decimal"],
            &[
                "~ column failing.wide: big_integer -> integer",
                "~ column failing.at: timestamp_with_time_zone -> date_time",
                "~ column failing.optional: not null",
                "~ column failing.amount: double -> decimal",
            ],
        ],
    },
];

/// What `check` proposes, and what it says of drift.
pub(super) async fn proposed(
    test: &TestDatabase,
    want: &Schema,
    base: Option<&Schema>,
) -> (Vec<String>, Vec<String>, Schema) {
    let engine = test.engine();
    let mut want = want.clone();
    let mut catalog = read(test.db(), &want, "seaql_migrations").await.unwrap();
    let mut base = match base {
        Some(base) => base.clone(),
        None => adopt(&want, engine, &catalog).unwrap(),
    };
    Filter::default().hide(&mut want, &mut base, Some(&mut catalog));
    settle(&base, &Default::default(), engine, &mut catalog).unwrap();
    let mut answers = Answers::default();
    answers.fill("failing.optional=''").unwrap();
    let found = compare(&want, base, Some((engine, &catalog)), &answers).unwrap();
    assert_eq!(found.plan.questions, [], "{engine}");
    assert_eq!(found.conflicts, [], "{engine}");
    let changes = found
        .plan
        .ops
        .iter()
        .flat_map(describe)
        .filter(|line| !line.starts_with("> fill"))
        // What another engine has, nobody knows here.
        .filter(|line| !line.ends_with(" only") || line.ends_with(&format!("{engine} only")));
    let drift = found.drift.iter().map(|drift| drift.key.to_string());
    (changes.collect(), drift.collect(), want)
}

#[tokio::test]
async fn projects_are_adopted_with_only_their_contradictions() {
    let mut wrong = Vec::new();
    for case in CASES {
        for test in engines().await {
            let (sql, changes) = match test.engine() {
                Engine::Sqlite => (case.sqlite, case.changes[0]),
                _ => (case.postgres, case.changes[1]),
            };
            if sql.is_empty() {
                continue;
            }
            test.execute(sql).await;
            let want = (case.entities)().schema().unwrap();
            let (first, first_drift, shown) = proposed(&test, &want, None).await;
            // And when the snapshot holds what the entities say, as after the first revision.
            let (next, drift, _) = proposed(&test, &want, Some(&shown)).await;
            if first != changes
                || !first_drift.is_empty()
                || !next.is_empty()
                || drift.is_empty() != changes.is_empty()
            {
                wrong.push(format!(
                    "{} on {}: proposed {first:#?}, drift {first_drift:?}; with a snapshot {next:#?}, drift {drift:?}",
                    case.name, test.engine()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What contradicts an entity on one engine only is nobody's doing there: it is found when the project
/// is first looked at on that engine, though its snapshot was written on another.
#[tokio::test]
async fn a_project_is_adopted_on_each_engine() {
    for test in engines().await {
        let case = CASES.iter().find(|case| case.name == "fields that fail");
        let case = case.unwrap();
        let engine = test.engine();
        let (sql, changes) = match engine {
            Engine::Sqlite => (case.sqlite, case.changes[0]),
            _ => (case.postgres, case.changes[1]),
        };
        test.execute(sql).await;
        let mut want = (case.entities)().schema().unwrap();
        let table = want.tables.get_mut(&"failing".into()).unwrap();
        for only in [Engine::Sqlite, Engine::Postgres] {
            table.indexes.push(Index {
                only: Some(only),
                ..Index::new(format!("only_on_{}", only.word()), ["at"])
            });
        }
        let catalog = read(test.db(), &want, "seaql_migrations").await.unwrap();
        let (base, keys) = adopt_on(&want, &Schema::default(), engine, &catalog).unwrap();
        let (mut found, drift, _) = proposed(&test, &want, Some(&base)).await;
        let index = format!("only_on_{}", engine.word());
        let missing = found.pop();
        assert!(
            missing.is_some_and(|line| line.contains(&index)),
            "{engine}"
        );
        assert_eq!((found, drift), (lines(changes), vec![]), "{engine}");
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!(keys.len(), changes.len() + 1, "{engine}: {keys:?}");

        // What a recorded step made is somebody's doing.
        let amount = Key::new("failing", Kind::Column, "amount");
        let mut table = Table::new("failing");
        let declared = want.tables.values().flat_map(|table| &table.columns);
        table.columns = declared
            .filter(|it| it.name == amount.id)
            .cloned()
            .collect();
        let mut recorded = Schema::default();
        recorded.insert(table);
        let (base, _) = adopt_on(&want, &recorded, engine, &catalog).unwrap();
        let (_, drift, _) = proposed(&test, &want, Some(&base)).await;
        assert_eq!(drift, [amount.to_string()], "{engine}");
    }
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// A relation that is new since the project was adopted is a change like any other; so is one that
/// goes, though its key was never here.
#[tokio::test]
async fn a_relation_is_a_change_once_the_project_is_adopted() {
    for test in engines().await {
        let case = CASES.iter().find(|case| case.name.contains("relation"));
        let case = case.unwrap();
        test.execute(match test.engine() {
            Engine::Sqlite => case.sqlite,
            _ => case.postgres,
        })
        .await;
        let with = (case.entities)().schema().unwrap();
        let mut without = with.clone();
        let table = without.tables.get_mut(&"readings".into()).unwrap();
        table.foreign_keys.clear();

        let (added, drift, _) = proposed(&test, &with, Some(&without)).await;
        let key = "foreign key fk-readings-counter_id";
        let to = format!("+ {key}: readings (counter_id) -> counters (id)");
        assert_eq!((added, drift), (vec![to], vec![]), "{}", test.engine());

        let (gone, drift, _) = proposed(&test, &without, Some(&with)).await;
        let from = format!("- {key} on readings (counter_id)");
        assert_eq!((gone, drift), (vec![from], vec![]), "{}", test.engine());
        let mut catalog = read(test.db(), &with, "seaql_migrations").await.unwrap();
        let adopted = settle(&with, &Default::default(), test.engine(), &mut catalog).unwrap();
        let missing = adopted.iter().filter(|adopted| adopted.missing);
        let missing: Vec<String> = missing.map(|adopted| adopted.key.to_string()).collect();
        let key = "foreign key readings (counter_id) -> counters (id)";
        assert_eq!(missing, [key], "{}", test.engine());
    }
}

/// A rule that an index is declared for may be a constraint here, and goes as that.
#[tokio::test]
async fn what_refuses_the_same_rows_here_is_told() {
    for test in engines().await {
        let case = CASES
            .iter()
            .find(|case| case.name.contains("another order than"));
        let case = case.unwrap();
        test.execute(match test.engine() {
            Engine::Sqlite => case.sqlite,
            _ => case.postgres,
        })
        .await;
        let want = (case.entities)().schema().unwrap();
        let mut catalog = read(test.db(), &want, "seaql_migrations").await.unwrap();
        let adopted = settle(&want, &Default::default(), test.engine(), &mut catalog).unwrap();
        let rules = adopted.iter().filter_map(|one| match one.by.as_ref()? {
            Rule::Unique(unique) => Some(format!("{}: unique {:?}", one.key, unique.columns)),
            Rule::Index(index) => Some(format!("{}: index {}", one.key, index.name)),
        });
        let wanted = [
            "index idx-cells-depth on cells: index cell_depth",
            "index idx-cells-place on cells: unique [\"y\", \"x\"]",
        ];
        let mut rules: Vec<String> = rules.collect();
        rules.sort();
        assert_eq!(rules, wanted, "{}", test.engine());
    }
}

/// In which order a type has its values no field asks; one that nobody declared is nobody's.
#[tokio::test]
async fn a_value_that_nobody_declared_is_unmanaged() {
    let Some(test) = postgres().await else { return };
    let case = CASES.iter().find(|case| case.name.contains("one more"));
    let case = case.unwrap();
    test.execute(case.postgres).await;
    let want = (case.entities)().schema().unwrap();
    let mut catalog = read(test.db(), &want, "seaql_migrations").await.unwrap();
    let base = adopt(&want, Engine::Postgres, &catalog).unwrap();
    let adopted = settle(&base, &Default::default(), Engine::Postgres, &mut catalog).unwrap();
    let order = adopted.iter().find(|one| one.key.kind == Kind::Enum);
    let order = order.map(|one| (one.found.as_str(), one.declared.as_str()));
    let (found, declared) = ("void, sent, paid, open", "open, paid, sent");
    assert_eq!(order, Some((found, declared)));
    let found = compare(
        &want,
        base,
        Some((Engine::Postgres, &catalog)),
        &Answers::default(),
    );
    let unmanaged = found.unwrap().unmanaged;
    let unmanaged: Vec<String> = unmanaged.iter().map(ToString::to_string).collect();
    assert_eq!(unmanaged, ["enum order_status: value void"]);
}
