//! Names of every sort, of everything that has one, whoever reads them and from wherever.

use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use seachange::compare::{Asking, Scratch, ask, compare, read};
use seachange::diff::{Answers, diff};
use seachange::op::{Op, describe};
use seachange::run;
use seachange::schema::{
    Check, DefaultValue, Excluded, Exclusion, ForeignKey, Generated, Index, IndexKey, KeyOn, Name,
    PrimaryKey, Schema, Table, Type, Unique,
};
use seachange::source::catalog;

use super::{column, defaulted, id};
use crate::support::{TestDatabase, postgres, recorded};

/// The sixth is as long as a name may be, in two-byte letters but for one.
const NAMES: [&str; 8] = [
    "plain",
    "UPPER",
    "select",
    "a.b c",
    "\"quoted\" it's",
    "äääääääääääääääääääääääääääääääx",
    "back\\slash {1,2} $$ %s",
    "null",
];

/// A name for the `at`th other thing, as long as the first where that is as long as may be.
fn other(name: &str, at: usize) -> String {
    match name.len() {
        63 => name.replace('x', &at.to_string()),
        _ => format!("{name}{at}"),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn within(schema: &str, name: &str) -> Name {
    Name::from((schema, name))
}

/// A table with each thing that has a name, in a schema of that name.
fn table(name: &str) -> Table {
    let text = other(name, 1);
    let here = |at| format!("{}.{}", quoted(name), quoted(&other(name, at)));
    let mut table = Table::new(within(name, name));
    let values = vec![name.to_owned(), other(name, 7)];
    let mood = Type::Enum {
        name: within(name, &other(name, 3)),
        values,
    };
    let number = |mut column: seachange::schema::Column| {
        column.name = name.to_owned();
        column
    };
    table.columns = vec![
        number(id()),
        column(&text, Type::Text),
        defaulted("mood", mood, DefaultValue::String(name.to_owned())),
        column("up", Type::Integer),
        column("domain", Type::Custom(here(4))),
    ];
    table.columns[1].collation = Some(here(2));
    table.columns[1].comment = Some(name.to_owned());
    let mut generated = column("long", Type::Integer);
    generated.generated = Some(Generated {
        expr: format!("length({})", quoted(&text)),
        stored: true,
    });
    table.columns.push(generated);
    table.primary_key = Some(PrimaryKey {
        name: Some(other(name, 5)),
        columns: vec![name.to_owned()],
        ..PrimaryKey::default()
    });
    table.uniques = vec![Unique {
        name: Some(other(name, 6)),
        columns: vec![text.clone()],
        ..Unique::default()
    }];
    table.checks = vec![Check {
        name: Some(name.to_owned()),
        expr: format!("{} <> 'it''s'", quoted(&text)),
        only: None,
    }];
    table.foreign_keys = vec![ForeignKey {
        name: Some(other(name, 8)),
        columns: vec!["up".to_owned()],
        ref_table: table.name.clone(),
        ref_columns: vec![name.to_owned()],
        ..ForeignKey::default()
    }];
    let key = |column: &str| IndexKey::column(column);
    table.indexes = vec![Index {
        keys: vec![
            IndexKey {
                opclass: Some(here(2)),
                ..key(&text)
            },
            key(name),
            IndexKey {
                on: KeyOn::Expr(format!("lower({})", quoted(&text))),
                ..key("")
            },
        ],
        predicate: Some(format!("{} > 0", quoted(name))),
        ..Index::new(other(name, 9), Vec::<String>::new())
    }];
    table.exclusions = vec![Exclusion {
        method: Some("btree".to_owned()),
        elements: vec![Excluded {
            key: key(&text),
            operator: "=".to_owned(),
        }],
        ..Exclusion::new(other(name, 4))
    }];
    table
}

/// What no operation makes: collations, operator classes, domains.
fn beside(name: &str) -> String {
    let schema = quoted(name);
    let [two, four] = [2, 4].map(|at| format!("{schema}.{}", quoted(&other(name, at))));
    format!(
        "create schema {schema}; \
         create collation {two} (provider = icu, locale = 'de'); \
         create domain {four} as integer; \
         create operator class {two} for type text using btree as \
             operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, \
             function 1 bttextcmp(text, text); "
    )
}

async fn made(test: &TestDatabase) -> Schema {
    let mut declared = Schema::default();
    for name in NAMES {
        test.execute(&beside(name)).await;
        declared.insert(table(name));
    }
    let plan = diff(&Schema::default(), &declared, &Answers::default());
    let up: Vec<Op> = plan.ops.iter().map(recorded).collect();
    run::apply(test.db(), &up).await.unwrap();
    for name in NAMES {
        let [table, sequence] = [name, other(name, 0).as_str()].map(quoted);
        let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let owner = format!(
            "{}, {}",
            literal(&format!("{table}.{table}")),
            literal(name)
        );
        let found = test
            .strings(&format!("select pg_get_serial_sequence({owner})"))
            .await;
        test.execute(&format!("alter sequence {} rename to {sequence}", found[0]))
            .await;
    }
    declared
}

/// What differs from what is declared, seen over this connection.
async fn differences(db: &sea_orm::DatabaseConnection, declared: &Schema) -> Vec<String> {
    let mut want = declared.clone();
    let mut found = read(db, &want, "seaql_migrations").await.unwrap();
    let asking = Asking {
        db,
        scratch: Scratch::Here,
        cache: None,
    };
    let engine = seachange::schema::Engine::Postgres;
    ask(asking, engine, &mut found, Some(declared), &mut want)
        .await
        .unwrap();
    let found = compare(
        &want,
        declared.clone(),
        Some((engine, &found)),
        &Answers::default(),
    )
    .unwrap();
    let drift = found.drift.iter().map(|drift| drift.key.to_string());
    let plan = found.plan.ops.iter().flat_map(describe);
    plan.chain(drift).collect()
}

#[tokio::test]
async fn any_name_is_made_and_found_whatever_the_search_path() {
    let Some(test) = postgres().await else { return };
    let declared = made(&test).await;
    let mut wrong = Vec::new();
    for path in [
        "public",
        "",
        "plain, public",
        "\"UPPER\", \"a.b c\"",
        "\"select\", pg_catalog",
    ] {
        let mut options = ConnectOptions::new(test.url());
        options.max_connections(1);
        let db = Database::connect(options).await.unwrap();
        db.execute_unprepared(&format!(
            "select set_config('search_path', '{path}', false)"
        ))
        .await
        .unwrap();
        let found = differences(&db, &declared).await;
        wrong.extend(found.iter().map(|line| format!("`{path}`: {line}")));
        db.close().await.unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // As a role that may not even look into these schemas.
    let role = format!("{}_stranger", test.url().rsplit('/').next().unwrap());
    test.execute(&format!("create role \"{role}\"")).await;
    let schemas = NAMES.map(str::to_owned);
    let wanted = catalog::read(test.db(), &schemas).await.unwrap();
    let mut options = ConnectOptions::new(test.url());
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    let set_role = db.execute_unprepared(&format!("set role \"{role}\"")).await;
    let refused = db.execute_unprepared("select * from plain.plain").await;
    let have = catalog::read(&db, &schemas).await;
    db.close().await.unwrap();
    test.execute(&format!("drop role \"{role}\"")).await;
    set_role.unwrap();
    assert!(refused.is_err());
    assert_eq!(have.unwrap(), wanted);
    assert_eq!(wanted.schema.tables.len(), NAMES.len());
}
