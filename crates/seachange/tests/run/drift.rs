//! A database that was changed outside its history, put back on the real engines.

use seachange::compare::{Comparison, compare, put_back, read};
use seachange::dialect;
use seachange::diff::{Answers, diff};
use seachange::op::describe;
use seachange::revision::History;
use seachange::run::journal::{self, Status};
use seachange::run::{Event, Options, repair};
use seachange::schema::{Engine, Schema, from_facts};
use seachange::source::catalog::Catalog;

use super::RECORD;
use crate::support::{TestDatabase, engines};

const HISTORY: &str = "enum mood: good, bad\nsequence invoice_number: big_integer start 1000\n\
    teams table\nteams column id integer not null auto_increment\nteams primary key (id)\n\
    users table\nusers column id integer not null auto_increment\n\
    users column email string(100) not null\nusers column name text null default 'nobody'\n\
    users column mood enum mood not null default 'good'\n\
    users column team_id integer null\nusers primary key (id)\nusers unique (email) name uq-email\n\
    users index idx-users-name (name)\n\
    users foreign key (team_id) -> teams (id) name fk-users-team on delete cascade\n\
    users check ck-name 'length(name) > 1'\n\
    notes table\nnotes column id integer not null auto_increment\n\
    notes column user_id integer not null\nnotes primary key (id)\n\
    notes foreign key (user_id) -> users (id) name fk-notes-user on delete cascade";

struct Case {
    name: &'static str,
    /// What somebody did by hand, on any engine, and on one.
    by_hand: &'static [&'static str],
    on: Option<Engine>,
    fills: &'static [&'static str],
    /// What puts it back, in words.
    back: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "an index is gone",
        by_hand: &["drop index \"idx-users-name\""],
        on: None,
        fills: &[],
        back: &["+ index idx-users-name on users (name)"],
    },
    Case {
        name: "an index is another one",
        by_hand: &[
            "drop index \"idx-users-name\"",
            "create unique index \"idx-users-name\" on users (email)",
        ],
        on: None,
        fills: &[],
        back: &[
            "- index idx-users-name on users",
            "+ index idx-users-name on users (name)",
        ],
    },
    Case {
        name: "a table is gone",
        by_hand: &["drop table notes"],
        on: None,
        fills: &[],
        back: &[
            "+ table notes (id, user_id)",
            "+ foreign key fk-notes-user: notes (user_id) -> users (id), on delete cascade",
        ],
    },
    Case {
        name: "a sequence is gone",
        by_hand: &["drop sequence invoice_number", "create sequence other"],
        on: Some(Engine::Postgres),
        fills: &[],
        back: &["+ sequence invoice_number (big_integer start 1000)"],
    },
    Case {
        name: "a sequence counts otherwise",
        by_hand: &[
            "select nextval('invoice_number')",
            "alter sequence invoice_number as integer start 7 minvalue 5 cache 9 cycle",
        ],
        on: Some(Engine::Postgres),
        fills: &[],
        back: &[
            "~ sequence invoice_number: integer -> big_integer, start 1000, usual minimum, \
             usual cache, no cycle",
        ],
    },
    Case {
        name: "a sequence belongs to a column",
        by_hand: &["alter sequence invoice_number owned by users.id"],
        on: Some(Engine::Postgres),
        fills: &[],
        back: &["~ sequence invoice_number: owned by no column"],
    },
    Case {
        name: "what nobody declared stays",
        by_hand: &[
            "alter table users add column hot integer default 7",
            "create index ix_hot on users (hot)",
            "drop index \"idx-users-name\"",
        ],
        on: None,
        fills: &[],
        back: &["+ index idx-users-name on users (name)"],
    },
    Case {
        name: "a column is gone",
        by_hand: &[
            "drop index \"idx-users-name\"",
            "alter table users drop constraint \"ck-name\"",
            "alter table users drop column name",
        ],
        on: Some(Engine::Postgres),
        fills: &[],
        back: &[
            "+ column users.name text null default 'nobody'",
            "+ index idx-users-name on users (name)",
            "+ check ck-name on users: length(name) > 1",
        ],
    },
    Case {
        name: "a required column is gone",
        by_hand: &["alter table users drop column email"],
        on: Some(Engine::Postgres),
        fills: &["users.email='u' || id"],
        back: &[
            "+ column users.email string(100) null",
            "> fill users.email",
            "~ column users.email: not null",
            "+ unique uq-email on users (email)",
        ],
    },
    Case {
        name: "type, default and NOT NULL",
        by_hand: &[
            "alter table users alter email type text, alter email drop not null, \
             alter name drop default",
        ],
        on: Some(Engine::Postgres),
        fills: &["users.email='none'"],
        back: &[
            "> fill users.email",
            "~ column users.email: text -> string(100), not null",
            "~ column users.name: default 'nobody'",
        ],
    },
    Case {
        name: "keys and constraints",
        by_hand: &[
            "alter table users drop constraint \"fk-users-team\"",
            "alter table users drop constraint \"uq-email\"",
            "alter table users drop constraint \"ck-name\"",
        ],
        on: Some(Engine::Postgres),
        fills: &[],
        back: &[
            "+ unique uq-email on users (email)",
            "+ check ck-name on users: length(name) > 1",
            "+ foreign key fk-users-team: users (team_id) -> teams (id), on delete cascade",
        ],
    },
    Case {
        name: "a key does something else",
        by_hand: &[
            "alter table users drop constraint \"fk-users-team\"",
            "alter table users add foreign key (team_id) references teams (id)",
        ],
        on: Some(Engine::Postgres),
        fills: &[],
        back: &[
            "- foreign key on users (team_id)",
            "+ foreign key fk-users-team: users (team_id) -> teams (id), on delete cascade",
        ],
    },
    Case {
        name: "a table that somebody built anew",
        by_hand: &[
            "pragma foreign_keys = off",
            "create table other (id integer not null primary key autoincrement, email text, \
             name text, mood text not null default 'good', team_id integer)",
            "insert into other select * from users",
            "drop table users",
            "alter table other rename to users",
            "pragma foreign_keys = on",
        ],
        on: Some(Engine::Sqlite),
        fills: &["users.email='none'"],
        back: &[],
    },
];

async fn looked_at(test: &TestDatabase, history: &Schema) -> (Comparison, Catalog) {
    let catalog = read(test.db(), history, RECORD).await.unwrap();
    let database = Some((test.engine(), &catalog));
    let found = compare(history, history.clone(), database, &Answers::default()).unwrap();
    (found, catalog)
}

#[tokio::test]
async fn what_drifted_is_put_back_and_nothing_else() {
    for case in CASES {
        for test in engines().await {
            if case.on.is_some_and(|engine| engine != test.engine()) {
                continue;
            }
            let what = format!("{} on {}", case.name, test.engine());
            let schema = from_facts(HISTORY, 1).unwrap();
            for op in diff(&Schema::default(), &schema, &Answers::default()).ops {
                let statements = match test.engine() {
                    Engine::Postgres => dialect::postgres::statements(&op),
                    _ => dialect::sqlite::statements(&op),
                };
                for sql in statements.unwrap() {
                    test.execute(&sql).await;
                }
            }
            test.execute(
                "insert into teams (id) values (1); \
                 insert into users (id, email, name, team_id) values (1, 'a@b', 'ada', 1); \
                 insert into notes (id, user_id) values (1, 1)",
            )
            .await;
            let before = test.structure().await;
            let ids = test
                .strings("select id || ' ' || cast(mood as text) from users")
                .await;
            assert!(looked_at(&test, &schema).await.0.is_clean(), "{what}");
            test.execute(&case.by_hand.join(";\n")).await;

            let (found, catalog) = looked_at(&test, &schema).await;
            assert!(!found.drift.is_empty(), "{what}");
            let mut answers = Answers::default();
            for fill in case.fills {
                answers.fill(fill).unwrap();
            }
            let plan = put_back(&found.drift, &schema, test.engine(), &catalog, &answers).unwrap();
            assert_eq!(
                (plan.questions.len(), plan.notes.len()),
                (0, 0),
                "{what}: {plan:?}"
            );
            if !case.back.is_empty() {
                let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
                assert_eq!(words, case.back, "{what}");
            }

            let history = History::new(Vec::new(), RECORD.to_owned()).unwrap();
            let drifted = test.dump().await;
            let mut statements = 0;
            let dry = Options {
                dry_run: true,
                ..Options::default()
            };
            let mut count =
                |event: &Event| statements += usize::from(matches!(event, Event::Statement { .. }));
            repair(test.db(), &history, &plan.ops, &dry, &mut count)
                .await
                .unwrap();
            assert!(statements > 0, "{what}");
            assert_eq!(
                test.dump().await,
                drifted,
                "{what}: a dry run changes nothing"
            );

            repair(
                test.db(),
                &history,
                &plan.ops,
                &Options::default(),
                &mut |_| {},
            )
            .await
            .unwrap();
            let (again, _) = looked_at(&test, &schema).await;
            assert_eq!(again.drift, [], "{what}");
            assert_eq!(again.unmanaged, found.unmanaged, "{what}");
            assert_eq!(
                test.strings("select id || ' ' || cast(mood as text) from users")
                    .await,
                ids,
                "{what}"
            );
            let runs = journal::read(test.db(), RECORD).await.unwrap();
            let runs: Vec<_> = runs
                .iter()
                .map(|run| (run.id.as_str(), run.status))
                .collect();
            assert_eq!(runs, [("drift", Status::Repaired)], "{what}");
            if case.name == "an index is gone" || case.name == "keys and constraints" {
                test.execute(&format!(
                    "drop table {RECORD}; drop table {}",
                    journal::TABLE
                ))
                .await;
                assert_eq!(test.structure().await, before, "{what}");
            }
        }
    }
}
