//! The laws, on real engines that hold rows: a plan makes of one schema the other (*converges*), its
//! way down gives the first back (*reverses*), the same input gives the same plan
//! (*deterministic*), and what was never declared stays (*never takes what is not ours*).
//!
//! The pairs are a table; each is one more line of it.

use seachange::compare::compare;
use seachange::dialect::canonical;
use seachange::diff::{Answers, diff};
use seachange::op::Op;
use seachange::run;
use seachange::schema::{Schema, from_facts};
use seachange::source::catalog;

use crate::support::{TestDatabase, engines};

/// From, to, rows to put in before, and a count that must be the same after up and after down.
pub struct Pair {
    pub name: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub rows: &'static [&'static str],
    pub kept: &'static str,
}

const TASKS: &str = "tasks table\ntasks column id integer not null auto_increment\n\
    tasks column title string(40) not null\ntasks primary key (id)\n";

const PAIRS: &[Pair] = &[
    Pair {
        name: "from nothing and back",
        from: "",
        to: "enum mood: sad, glad\nusers table\nusers column id big_integer not null auto_increment\n\
             users column mood enum mood not null default 'sad'\nusers primary key (id)\n\
             posts table\nposts column id uuid not null\nposts column user_id big_integer null\n\
             posts column body text not null\nposts column at timestamp_with_time_zone not null \
             default current_timestamp\nposts primary key (id)\n\
             posts unique (body) name uq-posts-body\nposts index idx-posts-user_id (user_id)\n\
             posts foreign key (user_id) -> users (id) name fk-posts-user_id on delete set null",
        rows: &[],
        kept: "select 1",
    },
    Pair {
        name: "columns added, with and without default",
        from: TASKS,
        to: "tasks table\ntasks column id integer not null auto_increment\n\
             tasks column title string(40) not null\ntasks column a integer null\n\
             tasks column b small_integer not null default 3\ntasks column c text null\n\
             tasks column d timestamp_with_time_zone not null default current_timestamp\n\
             tasks column e boolean not null default true\ntasks primary key (id)",
        rows: &["insert into tasks (title) values ('one'), ('two')"],
        kept: "select count(*) from tasks where title in ('one', 'two')",
    },
    Pair {
        name: "a column altered in every way",
        from: "t table\nt column id integer not null\nt column n integer null default 1\n\
               t column s string(20) null\nt column k text not null\nt primary key (id)",
        to: "t table\nt column id integer not null\nt column n big_integer null default 2\n\
             t column s text not null default 'x'\nt column k text null\nt primary key (id)",
        rows: &["insert into t (id, n, s, k) values (1, 7, 'a', 'k'), (2, 8, 'b', 'l')"],
        kept: "select count(*) from t where n in (7, 8) and s in ('a', 'b')",
    },
    Pair {
        name: "text becomes a number",
        from: "t table\nt column id integer not null\nt column n text not null default '0'\nt primary key (id)",
        to: "t table\nt column id integer not null\nt column n integer not null default 0\nt primary key (id)",
        rows: &["insert into t (id, n) values (1, '41'), (2, '42')"],
        kept: "select count(*) from t where cast(n as integer) in (41, 42)",
    },
    Pair {
        name: "uniques, indexes, checks and keys come",
        from: "p table\np column id integer not null\np primary key (id)\n\
               c table\nc column id integer not null\nc column p_id integer null\n\
               c column a integer not null\nc column b text not null\nc primary key (id)",
        to: "p table\np column id integer not null\np primary key (id)\n\
             c table\nc column id integer not null\nc column p_id integer null\n\
             c column a integer not null\nc column b text not null\nc primary key (id)\n\
             c unique (a) name uq-c-a\nc unique (b, a)\nc index ix-c-a-b (a, b)\n\
             c index ux-c-b (b) unique",
        rows: &[
            "insert into p values (1)",
            "insert into c (id, p_id, a, b) values (1, 1, 1, 'x'), (2, null, 2, 'y')",
        ],
        kept: "select count(*) from c",
    },
    Pair {
        name: "a foreign key comes, and another changes its action",
        from: "p table\np column id integer not null\np primary key (id)\n\
               c table\nc column id integer not null\nc column x integer null\nc column y integer null\n\
               c primary key (id)\nc foreign key (x) -> p (id) name fk-c-x",
        to: "p table\np column id integer not null\np primary key (id)\n\
             c table\nc column id integer not null\nc column x integer null\nc column y integer null\n\
             c primary key (id)\nc foreign key (x) -> p (id) name fk-c-x on delete cascade\n\
             c foreign key (y) -> p (id) name fk-c-y on delete set null",
        rows: &[
            "insert into p values (1)",
            "insert into c (id, x, y) values (1, 1, null), (2, null, 1)",
        ],
        kept: "select count(*) from c where x = 1 or y = 1",
    },
    Pair {
        name: "a parent is altered, its children keep their rows",
        from: "p table\np column id integer not null\np column s string(10) null\np primary key (id)\n\
               c table\nc column id integer not null\nc column p integer not null\nc primary key (id)\n\
               c foreign key (p) -> p (id) name fk on delete cascade",
        to: "p table\np column id integer not null\np column s string(90) null default 'z'\np primary key (id)\n\
             c table\nc column id integer not null\nc column p integer not null\nc primary key (id)\n\
             c foreign key (p) -> p (id) name fk on delete cascade",
        rows: &[
            "insert into p (id) values (1)",
            "insert into c (id, p) values (1, 1), (2, 1)",
        ],
        kept: "select count(*) from c",
    },
    Pair {
        name: "a cycle of tables",
        from: "",
        to: "a table\na column id integer not null\na column b_id integer null\na primary key (id)\n\
             a foreign key (b_id) -> b (id) name fk-a\n\
             b table\nb column id integer not null\nb column a_id integer null\nb primary key (id)\n\
             b foreign key (a_id) -> a (id) name fk-b",
        rows: &[],
        kept: "select 1",
    },
    Pair {
        name: "a primary key changes",
        from: "t table\nt column x integer not null\nt column y integer not null\nt primary key (x)",
        to: "t table\nt column x integer not null\nt column y integer not null\nt primary key (y, x)",
        rows: &["insert into t values (1, 2), (3, 4)"],
        kept: "select count(*) from t",
    },
    Pair {
        name: "what a column is computed from changes, and how",
        from: "t table\nt column id integer not null\nt column a integer not null\n\
               t column b integer null generated stored 'a * 2'\n\
               t column c integer null generated stored 'a + 1'\n\
               t column p integer null\nt column q integer null generated stored 'a'\n\
               t primary key (id)\nt index ix-t-b (b)\nt index ix-t-c (c)",
        to: "t table\nt column id integer not null\nt column a big_integer not null\n\
             t column b integer null generated stored 'a * 3'\n\
             t column c integer null generated stored 'a + 1'\n\
             t column p integer null generated stored 'a - 1'\nt column q integer null\n\
             t primary key (id)\nt index ix-t-b (b)\nt index ix-t-c (c)",
        rows: &["insert into t (id, a) values (1, 5), (2, 6)"],
        kept: "select count(*) from t where a in (5, 6) and c = a + 1 and q = a",
    },
    Pair {
        name: "a computed column comes, another goes",
        from: "t table\nt column id integer not null\nt column a integer not null\n\
               t column b integer null generated stored 'a * 2'\nt primary key (id)",
        to: "t table\nt column id integer not null\nt column a integer not null\n\
             t column aa integer not null default 4\n\
             t column c integer null generated stored 'a + aa'\nt primary key (id)\n\
             t index ix-t-c (c)",
        rows: &["insert into t (id, a) values (1, 5), (2, 6)"],
        kept: "select count(*) from t where a in (5, 6)",
    },
    Pair {
        name: "names that need quotes",
        from: "\"Or der\" table\n\"Or der\" column select integer not null\n\"Or der\" primary key (select)",
        to: "\"Or der\" table\n\"Or der\" column select integer not null\n\
             \"Or der\" column \"a\\\"b.c\" text null default 'it\\'s'\n\"Or der\" primary key (select)\n\
             \"Or der\" index \"i x\" (\"a\\\"b.c\")",
        rows: &["insert into \"Or der\" values (1)"],
        kept: "select count(*) from \"Or der\"",
    },
];

fn schema(text: &str) -> Schema {
    from_facts(text, 1).unwrap()
}

/// The schema as the database holds it, whatever the order of columns.
async fn read(test: &TestDatabase) -> Schema {
    sorted(catalog::read(test.db(), &[]).await.unwrap().schema)
}

fn sorted(mut schema: Schema) -> Schema {
    for table in schema.tables.values_mut() {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    schema
}

/// The engine's own dump as lines without order: a column that was dropped comes back last.
async fn structure(test: &TestDatabase) -> Vec<String> {
    let dump = test.structure().await;
    let mut lines: Vec<String> = dump
        .lines()
        .map(|line| line.trim().trim_end_matches(',').to_owned())
        .collect();
    lines.sort();
    lines
}

async fn apply(test: &TestDatabase, ops: &[Op]) -> Result<(), String> {
    run::apply(test.db(), ops)
        .await
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn pairs_converge_and_reverse() {
    for pair in PAIRS {
        for test in engines().await {
            holds(pair, &test).await;
        }
    }
}

/// Takes an empty database through the pair, up and down, and holds the laws.
pub async fn holds(pair: &Pair, test: &TestDatabase) {
    let what = format!("{} on {}", pair.name, test.engine());
    let (from, to) = (schema(pair.from), schema(pair.to));
    let create = diff(&Schema::default(), &from, &Answers::default());
    apply(test, &create.ops)
        .await
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    for sql in pair.rows {
        test.execute(sql).await;
    }
    let before = structure(test).await;
    let rows = test.strings(pair.kept_as_text().as_str()).await;

    let plan = diff(&from, &to, &Answers::default());
    assert_eq!(plan.questions, [], "{what}");
    apply(test, &plan.ops)
        .await
        .unwrap_or_else(|e| panic!("{what}, up: {e}"));
    let wanted = sorted(canonical(test.engine(), &to).unwrap().schema);
    assert_eq!(read(test).await, wanted, "{what}: converges");
    let found = catalog::read(test.db(), &[]).await.unwrap();
    let database = Some((test.engine(), &found));
    let again = compare(&to, to.clone(), database, &Answers::default()).unwrap();
    assert!(again.is_clean(), "{what}: {again:#?}");
    assert_eq!(
        test.strings(pair.kept_as_text().as_str()).await,
        rows,
        "{what}: rows"
    );

    let down = plan.down(&from);
    apply(test, &down)
        .await
        .unwrap_or_else(|e| panic!("{what}, down: {e}"));
    assert_eq!(structure(test).await, before, "{what}: reverses");
    if !pair.from.is_empty() {
        assert_eq!(
            test.strings(pair.kept_as_text().as_str()).await,
            rows,
            "{what}: rows"
        );
    }
}

impl Pair {
    fn kept_as_text(&self) -> String {
        match self.kept.strip_prefix("select count(*)") {
            Some(rest) => format!("select cast(count(*) as text){rest}"),
            None => "select '1'".to_owned(),
        }
    }
}

/// A table, a column, an index and a view of somebody else survive every plan, up and down.
#[tokio::test]
async fn what_is_not_ours_stays() {
    for test in engines().await {
        let (from, to) = (
            schema(TASKS),
            schema(
                "tasks table\ntasks column id integer not null auto_increment\n\
                 tasks column title text null default 'x'\ntasks primary key (id)\n\
                 tasks index idx (title)\nother table\nother column id integer not null\n\
                 other primary key (id)",
            ),
        );
        let create = diff(&Schema::default(), &from, &Answers::default());
        apply(&test, &create.ops).await.unwrap();
        for sql in [
            "create table legacy (id integer primary key, note text)",
            "create index ix_legacy on legacy (note)",
            "alter table tasks add column hot integer",
            "create index ix_hot on tasks (hot)",
            "insert into tasks (title, hot) values ('a', 5)",
            "create view old_tasks as select id from legacy",
        ] {
            test.execute(sql).await;
        }
        let plan = diff(&from, &to, &Answers::default());
        for ops in [plan.ops.clone(), plan.down(&from)] {
            apply(&test, &ops).await.unwrap();
            let schema = read(&test).await;
            let tasks = schema.table(&"tasks".into()).unwrap();
            assert!(tasks.column("hot").is_some(), "{}", test.engine());
            assert!(tasks.indexes.iter().any(|index| index.name == "ix_hot"));
            assert!(schema.table(&"legacy".into()).is_some());
            assert_eq!(
                test.strings("select cast(hot as text) from tasks").await,
                ["5"]
            );
            assert!(
                test.strings("select cast(id as text) from old_tasks")
                    .await
                    .is_empty()
            );
        }
    }
}
