//! What SQLite makes of it.

use super::*;

/// One connection, as the runner has it.
async fn pinned(db: &TestDatabase) -> DatabaseConnection {
    let mut options = ConnectOptions::new(db.url());
    options.sqlx_logging(false).max_connections(1);
    Database::connect(options).await.unwrap()
}

async fn strings(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn find(db: &DatabaseConnection, table: &Name) -> TableSource {
    let rows = db
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, SOURCES))
        .await
        .unwrap();
    let rows: Vec<SchemaRow> = rows
        .iter()
        .map(|row| SchemaRow {
            kind: row.try_get_by_index(0).unwrap(),
            name: row.try_get_by_index(1).unwrap(),
            table: row.try_get_by_index(2).unwrap(),
            sql: row.try_get_by_index(3).unwrap(),
        })
        .collect();
    TableSource::find(table, &rows).unwrap()
}

/// Runs operations as a runner must: keys off, one transaction, keys checked, everything put back.
async fn run(db: &DatabaseConnection, ops: &[Op]) -> Result<(), String> {
    db.execute_unprepared("PRAGMA foreign_keys = OFF")
        .await
        .unwrap();
    db.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    let mut result = run_inside(db, ops).await;
    let broken = strings(db, "select \"table\" from pragma_foreign_key_check").await;
    if result.is_ok() && !broken.is_empty() {
        result = Err(format!("keys of {} point nowhere", broken.join(", ")));
    }
    let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
    db.execute_unprepared(end).await.unwrap();
    db.execute_unprepared(RESTORE).await.unwrap();
    db.execute_unprepared("PRAGMA foreign_keys = ON")
        .await
        .unwrap();
    result
}

async fn run_inside(db: &DatabaseConnection, ops: &[Op]) -> Result<(), String> {
    for work in plan(&steps(ops)) {
        let statements = match work {
            Work::Step(step) => statements(&step.op).map_err(|error| error.to_string())?,
            Work::Rebuild(table, steps) => {
                let rebuild = rebuild(&find(db, table).await, &steps);
                let rebuild = rebuild.map_err(|error| error.to_string())?;
                for loss in rebuild.losses {
                    let count: i64 = db
                        .query_one_raw(Statement::from_string(DbBackend::Sqlite, loss.count))
                        .await
                        .unwrap()
                        .unwrap()
                        .try_get_by_index(0)
                        .unwrap();
                    if count > 0 {
                        return Err(format!("{}: {count} {}", loss.object, loss.problem));
                    }
                }
                rebuild.statements
            }
        };
        for sql in statements {
            if let Err(error) = db.execute_unprepared(&sql).await {
                return Err(format!("{error}\n{sql}"));
            }
        }
    }
    Ok(())
}

/// All that Alembic's rebuild loses, on one table and around it.
const EVERYTHING: &str = r#"
    create table "users"("id" integer primary key, "e-mail" text unique);
    create table "task list" ( -- the tasks
        "id" integer primary key autoincrement,
        title varchar(200) collate nocase not null on conflict replace default 'untitled',
        owner int references users(id) on delete set null deferrable initially deferred,
        [parent] int references "task list" on delete cascade,
        size int check (size >= 0),
        note text constraint named check (length(note) < 99),
        "select" text, "a.b c" text default 'x''y', odd, /* no type */
        total as (size * 2) stored,
        label text generated always as (title || '!') virtual,
        constraint uq unique (title, size) on conflict ignore,
        unique ("select"),
        check (title <> note)
    ); -- end
    create table child(
        id integer primary key,
        task int not null references "task list"(id) on delete cascade
    );
    create table log(what text);
    create index ix_plain on "task list"(owner);
    create index "ix.desc" on "task list"(size desc, title collate rtrim);
    create unique index ix_partial on "task list"(title) where size > 100;
    create index ix_expression on "task list"(lower(title));
    create trigger tr after insert on "task list" begin insert into log values (new.title); end;
    create trigger tr_delete after delete on "task list" begin insert into log values ('gone'); end;
    create trigger elsewhere after insert on users begin
        insert into "task list"(title, owner) values ('hello ' || new."e-mail", new.id);
    end;
    create view v as select title, total from "task list";
    create view w as select * from v;
    insert into users values (1, 'a@b.c');
    insert into "task list"(id, title, size, owner, odd) values (7, 'seven', 3, 1, x'01'), (9, 'nine', 200, null, 1.5);
    insert into "task list"(id, title) values (50, 'gone');
    delete from "task list" where id = 50;
    insert into child values (1, 7), (2, 9);
    delete from log;
"#;

async fn state(db: &DatabaseConnection) -> Vec<String> {
    let mut state = strings(
        db,
        "select type || ' ' || name || ': ' || coalesce(sql, '-') from sqlite_schema order by type, name",
    )
    .await;
    for sql in [
        "select quote(id) || quote(title) || quote(owner) || quote(size) || quote(note) || quote(total) \
         || quote(label) || quote(odd) || quote(\"a.b c\") from \"task list\" order by id",
        "select name || ' ' || seq from sqlite_sequence order by name",
        "select id || ' of ' || task from child order by id",
        "select quote(title) || quote(total) from w order by title",
        "select what from log",
        "select 'legacy ' || legacy_alter_table from pragma_legacy_alter_table",
        "select 'keys ' || foreign_keys from pragma_foreign_keys",
    ] {
        state.extend(strings(db, sql).await);
    }
    state
}

/// Up, and down again: text for text, row for row what it was.
#[tokio::test]
async fn a_rebuild_loses_nothing() {
    let cases: Vec<(&str, Vec<Op>, Vec<Op>)> = vec![
        (
            "check",
            vec![add_check("ck", "size < 1000")],
            vec![drop_check("ck")],
        ),
        (
            "column",
            vec![add(Column {
                default: Some(DefaultValue::CurrentTimestamp),
                ..Column::new("at", Type::DateTime)
            })],
            vec![drop("at")],
        ),
        (
            "type",
            vec![alter("note", ty(Type::String(Length::N(40))))],
            vec![alter("note", ty(Type::Text))],
        ),
        (
            "affinity",
            vec![alter("note", ty(Type::Integer))],
            vec![alter("note", ty(Type::Text))],
        ),
        (
            "unique",
            vec![add_unique(Some("uq2"), &["owner", "note"])],
            vec![drop_unique(Some("uq2"), &[])],
        ),
        (
            "foreign key",
            vec![add_key("fk", &["size"], "sizes", &["id"])],
            vec![drop_key(Some("fk"), &["size"])],
        ),
        (
            "index",
            vec![add_check("ck", "1"), create_index("ix_new", &["note"])],
            vec![drop_index("ix_new"), drop_check("ck")],
        ),
        (
            "default",
            vec![alter(
                "note",
                default(Some(DefaultValue::String("n".into()))),
            )],
            vec![alter("note", default(None))],
        ),
        (
            "stored",
            vec![add(Column {
                generated: Some(Generated {
                    expr: "id + 1".into(),
                    stored: true,
                }),
                ..nullable("more", Type::Integer)
            })],
            vec![drop("more")],
        ),
    ];
    for (case, up, down) in cases {
        let db = support::sqlite().await;
        let db = pinned(&db).await;
        db.execute_unprepared(EVERYTHING).await.unwrap();
        if case == "foreign key" {
            db.execute_unprepared(
                "create table sizes(id int unique); insert into sizes values (3), (200)",
            )
            .await
            .unwrap();
        }
        let before = state(&db).await;
        run(&db, &up).await.expect(case);
        let between = state(&db).await;
        assert_ne!(between, before, "{case}");
        // Nothing but the table's own text, and what was added, is another one.
        let other = between.iter().filter(|line| !before.contains(line));
        assert!(
            other
                .clone()
                .all(|line| line.contains("task list") || line.contains("sqlite_autoindex")),
            "{case}: {:?}",
            other.collect::<Vec<_>>()
        );
        run(&db, &down).await.expect(case);
        assert_eq!(state(&db).await, before, "{case}");
    }
}

/// What is kept works: numbers go on, triggers fire, conflict clauses and references hold.
#[tokio::test]
async fn what_was_kept_works() {
    let db = support::sqlite().await;
    let db = pinned(&db).await;
    db.execute_unprepared(EVERYTHING).await.unwrap();
    run(
        &db,
        &[
            add_check("ck", "size < 1000"),
            add(Column::new("must", Type::Text)),
        ],
    )
    .await
    .unwrap_err();
    run(&db, &[add_check("ck", "size < 1000"), drop("odd")])
        .await
        .unwrap();
    db.execute_unprepared("insert into \"task list\"(title) values (NULL)")
        .await
        .unwrap();
    assert_eq!(
        strings(
            &db,
            "select id || title || label from \"task list\" where id > 9"
        )
        .await,
        ["51untitleduntitled!"]
    );
    assert_eq!(strings(&db, "select what from log").await, ["untitled"]);
    for refused in [
        "update \"task list\" set size = -1 where id = 7",
        "update \"task list\" set size = 1000 where id = 7",
        "update \"task list\" set note = 'seven' where id = 7",
        "insert into \"task list\"(title, size) values ('NINE', 300)",
        "insert into child values (3, 99)",
    ] {
        assert!(db.execute_unprepared(refused).await.is_err(), "{refused}");
    }
    db.execute_unprepared("insert or abort into users values (2, 'd@e.f')")
        .await
        .unwrap();
    assert_eq!(
        strings(&db, "select title from \"task list\" where owner = 2").await,
        ["hello d@e.f"]
    );
    db.execute_unprepared("delete from users where id = 1")
        .await
        .unwrap();
    assert_eq!(
        strings(
            &db,
            "select title from \"task list\" where owner is null and id = 7"
        )
        .await,
        ["seven"]
    );
    db.execute_unprepared("delete from \"task list\" where id = 7")
        .await
        .unwrap();
    assert_eq!(strings(&db, "select task || '' from child").await, ["9"]);
}

#[tokio::test]
async fn strict_and_without_rowid_are_kept() {
    let db = support::sqlite().await;
    let db = pinned(&db).await;
    let text = "CREATE TABLE \"task list\"(k text not null, v int, primary key (k desc)) without rowid, STRICT";
    db.execute_unprepared(&format!(
        "{text}; insert into \"task list\" values ('a', 1), ('b', 2)"
    ))
    .await
    .unwrap();
    run(&db, &[add_check("ck", "v > 0")]).await.unwrap();
    assert_eq!(
        strings(&db, "select sql from sqlite_schema").await,
        [
            "CREATE TABLE \"task list\"(k text not null, v int, primary key (k desc), \
          CONSTRAINT \"ck\" CHECK (v > 0)) without rowid, STRICT"
        ]
    );
    run(&db, &[drop_check("ck")]).await.unwrap();
    assert_eq!(strings(&db, "select sql from sqlite_schema").await, [text]);
    assert_eq!(
        strings(&db, "select k || v from \"task list\"").await,
        ["b2", "a1"]
    );
    let error = run(
        &db,
        &[Op::DropPrimaryKey {
            table: T.into(),
            before: None,
        }],
    )
    .await
    .unwrap_err();
    assert_eq!(
        error,
        "table task list: SQLite needs a primary key for a table WITHOUT ROWID"
    );
}

/// Names that are hard to quote, and row numbers that no column holds.
#[tokio::test]
async fn odd_names_are_names() {
    for name in [
        "it's",
        "a \"b\" c",
        "x.y",
        "select",
        "Größe",
        "[x]",
        "`",
        "_seachange_new_x",
    ] {
        let db = support::sqlite().await;
        let db = pinned(&db).await;
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let text = format!("CREATE TABLE {quoted}({quoted} text, \"rowid\" int unique)");
        db.execute_unprepared(&format!(
            "{text}; insert into {quoted}(oid, {quoted}) values (5, 'x'), (3, 'y')"
        ))
        .await
        .unwrap();
        let check = Check {
            name: Some(name.into()),
            expr: format!("{quoted} <> ''"),
            only: None,
        };
        let column = || name.to_owned();
        let change = Box::new(default(Some(DefaultValue::String("it's".into()))));
        let undo = Box::new(default(None));
        run(
            &db,
            &[
                Op::AddCheck {
                    table: name.into(),
                    check,
                },
                Op::AlterColumn {
                    table: name.into(),
                    column: column(),
                    change,
                    before: None,
                },
                Op::CreateIndex {
                    table: name.into(),
                    index: Box::new(Index::new("i\"x", [name])),
                },
            ],
        )
        .await
        .expect(name);
        run(
            &db,
            &[
                Op::DropIndex {
                    table: name.into(),
                    name: "i\"x".into(),
                    before: None,
                    only: None,
                },
                Op::AlterColumn {
                    table: name.into(),
                    column: column(),
                    change: undo,
                    before: None,
                },
                Op::DropCheck {
                    table: name.into(),
                    target: CheckTarget {
                        name: Some(name.into()),
                        expr: None,
                        only: None,
                    },
                    before: None,
                },
            ],
        )
        .await
        .expect(name);
        assert_eq!(
            strings(&db, "select sql from sqlite_schema where sql is not null").await,
            [text]
        );
        assert_eq!(
            strings(
                &db,
                &format!("select oid || {quoted} from {quoted} order by oid")
            )
            .await,
            ["3y", "5x"]
        );
    }
}

/// Values that would not survive are counted before; what fails leaves all as it was.
#[tokio::test]
async fn values_are_not_lost_in_silence() {
    let db = support::sqlite().await;
    let db = pinned(&db).await;
    db.execute_unprepared(
        "create table \"task list\"(a text, b text, c real);
         insert into \"task list\" values ('12', '1.50', 1.0), ('007', 'abc', 2.5), (null, null, null);",
    )
    .await
    .unwrap();
    let to = |ty: Type| ColumnChange {
        ty: Some(ty),
        ..ColumnChange::default()
    };
    run(&db, &[alter("a", to(Type::Integer))]).await.unwrap();
    assert_eq!(
        strings(&db, "select quote(a) from \"task list\"").await,
        ["12", "7", "NULL"]
    );
    let before = strings(&db, "select sql from sqlite_schema").await;
    for (column, ty, message) in [
        (
            "b",
            Type::Double,
            "column task list.b: 1 values that are no number become 0",
        ),
        (
            "c",
            Type::BigInteger,
            "column task list.c: 1 values that are no whole number are cut off, or become 0",
        ),
    ] {
        assert_eq!(
            run(&db, &[alter(column, to(ty))]).await.unwrap_err(),
            message
        );
    }
    // A column without a value for rows that are there, and one that may no longer be NULL.
    for op in [add(Column::new("d", Type::Text)), alter("b", null(false))] {
        let error = run(&db, &[op]).await.unwrap_err();
        assert!(error.contains("NOT NULL constraint failed"), "{error}");
    }
    assert_eq!(strings(&db, "select sql from sqlite_schema").await, before);
    assert_eq!(
        strings(&db, "select count(*) || '' from \"task list\"").await,
        ["3"]
    );
}

/// A conflict clause of the table does not swallow rows on their way into the new one.
#[tokio::test]
async fn conflict_clauses_swallow_no_rows() {
    for clause in ["ignore", "replace"] {
        let db = support::sqlite().await;
        let db = pinned(&db).await;
        db.execute_unprepared(&format!(
            "create table \"task list\"(a text unique on conflict {clause});
             insert into \"task list\" values ('1'), ('01');"
        ))
        .await
        .unwrap();
        let error = run(&db, &[alter("a", ty(Type::Integer))])
            .await
            .unwrap_err();
        assert!(error.contains("UNIQUE constraint failed"), "{error}");
        assert_eq!(
            strings(&db, "select a from \"task list\" order by a").await,
            ["01", "1"]
        );
    }
}

/// Operations that SQLite has statements for, on a table that everything is about.
#[tokio::test]
async fn renames_reach_everything() {
    let db = support::sqlite().await;
    let db = pinned(&db).await;
    db.execute_unprepared(EVERYTHING).await.unwrap();
    let before = state(&db).await;
    let rename = |from: &str, to: &str| Op::RenameTable {
        from: from.into(),
        to: to.into(),
    };
    let column = |table: &str, from: &str, to: &str| Op::RenameColumn {
        table: table.into(),
        from: from.into(),
        to: to.into(),
    };
    run(&db, &[column(T, "title", "name"), rename(T, "todo")])
        .await
        .unwrap();
    assert_eq!(
        strings(
            &db,
            "select \"table\" from pragma_foreign_key_list('child')"
        )
        .await,
        ["todo"]
    );
    run(&db, &[rename("todo", T), column(T, "name", "title")])
        .await
        .unwrap();
    // SQLite quotes what it renames, so only the meaning is the same.
    let bare = |lines: Vec<String>| -> Vec<String> {
        lines.iter().map(|line| line.replace('"', "")).collect()
    };
    assert_eq!(bare(state(&db).await), bare(before));
}

/// Every operation on every odd text: the database then holds what the operation says of a schema
/// in memory, or the operation is refused by name.
#[tokio::test]
async fn a_rebuild_does_what_the_operation_says() {
    let refusals = [
        "does not drop it",
        "has a primary key there already",
        "numbers only a single integer",
        "cannot be read",
        "has no primary key to drop",
        "has none like it",
        "has several on these",
        "NOT NULL constraint failed",
        "unknown datatype for",
        "needs a primary key",
        "has no tables without columns",
        "would keep no column",
        "AUTOINCREMENT not allowed on",
        "become 0",
        "generated columns cannot be part",
        "cannot use DEFAULT on a generated column",
        // Of a primary key that is dropped, and of a column that p must not lose.
        "foreign key mismatch",
    ];
    let mut done = 0;
    for text in crate::sqlite::TEXTS {
        let db = support::sqlite().await;
        let db = pinned(&db).await;
        db.execute_unprepared("PRAGMA foreign_keys = OFF")
            .await
            .unwrap();
        db.execute_unprepared("create table p(x integer primary key, y)")
            .await
            .unwrap();
        db.execute_unprepared(text).await.unwrap();
        let _ = db.execute_unprepared("insert into t default values").await;
        let rows = strings(&db, "select count(*) || '' from t").await;
        let before = seachange::source::catalog::read(&db, &[])
            .await
            .unwrap()
            .schema;
        let name = Name::from("t");
        let table = before.table(&name).unwrap();
        let first = table.columns.first().unwrap().name.clone();
        let last = table.columns.last().unwrap().name.clone();
        let key = table.primary_key.clone();
        let unique = table.uniques.first().map(|unique| unique.columns.clone());
        let foreign = table.foreign_keys.first().map(|key| key.columns.clone());
        let text_default = default(Some(DefaultValue::String("5".into())));
        let mut ops = vec![
            add(nullable("new", Type::Text)),
            add(Column {
                default: Some(DefaultValue::CurrentTimestamp),
                ..Column::new("new", Type::DateTime)
            }),
            add_check("new", "1 > 0"),
            add_unique(Some("new"), &[&last, &first]),
            add_key("new", &[&last], "p", &["x"]),
            drop(&first),
            drop(&last),
            Op::DropPrimaryKey {
                table: T.into(),
                before: None,
            },
            Op::AddPrimaryKey {
                table: T.into(),
                key: PrimaryKey {
                    name: None,
                    columns: vec![last.clone(), first.clone()],
                    ..PrimaryKey::default()
                },
            },
            drop_unique(
                None,
                &unique
                    .unwrap_or_default()
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>(),
            ),
            drop_key(
                None,
                &foreign
                    .unwrap_or_default()
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>(),
            ),
        ];
        for column in [&first, &last] {
            for change in [
                ty(Type::Text),
                ty(Type::Decimal(Some((10, 2)))),
                null(true),
                null(false),
                text_default.clone(),
                default(None),
                auto_increment(true),
                auto_increment(false),
            ] {
                ops.push(alter(column, change));
            }
        }
        for mut op in ops {
            retarget(&mut op);
            db.execute_unprepared("BEGIN").await.unwrap();
            let result = run_inside(&db, std::slice::from_ref(&op)).await;
            let after = seachange::source::catalog::read(&db, &[])
                .await
                .unwrap()
                .schema;
            let kept = strings(&db, "select count(*) || '' from t").await;
            db.execute_unprepared("ROLLBACK").await.unwrap();
            db.execute_unprepared(RESTORE).await.unwrap();
            if let Err(error) = result {
                assert!(
                    refusals.iter().any(|known| error.contains(known)),
                    "{text}\n{op:?}\n{error}"
                );
                continue;
            }
            done += 1;
            assert_eq!(kept, rows, "{text}\n{op:?}");
            let mut expected = before.clone();
            seachange::op::apply(&mut expected, &op);
            let table = expected.tables.get_mut(&name).unwrap();
            match &op {
                // Checks of the column alone go with it, as they do on PostgreSQL.
                Op::DropColumn { column, .. } => {
                    let quoted = format!("\"{column}\"");
                    table.checks.retain(|check| !check.expr.contains(&quoted));
                    if table.primary_key.is_none() {
                        table
                            .columns
                            .iter_mut()
                            .for_each(|column| column.auto_increment = false);
                    }
                }
                Op::DropPrimaryKey { .. } => {
                    table
                        .columns
                        .iter_mut()
                        .for_each(|column| column.auto_increment = false);
                }
                Op::AlterColumn { column, change, .. }
                    if change.nullable.is_some()
                        && key.as_ref().is_some_and(|key| key.columns.contains(column)) =>
                {
                    // A key is never NULL, whatever it is told.
                    table.column_mut(column).unwrap().nullable = false;
                }
                _ => {}
            }
            let expected = seachange::dialect::sqlite::canonical(&expected)
                .unwrap()
                .schema;
            assert_eq!(after.table(&name), expected.table(&name), "{text}\n{op:?}");
        }
    }
    assert!(done > 300, "{done} were carried out");
}

fn retarget(op: &mut Op) {
    match op {
        Op::AddColumn { table, .. }
        | Op::DropColumn { table, .. }
        | Op::AlterColumn { table, .. }
        | Op::AddPrimaryKey { table, .. }
        | Op::DropPrimaryKey { table, .. }
        | Op::AddUnique { table, .. }
        | Op::DropUnique { table, .. }
        | Op::AddForeignKey { table, .. }
        | Op::DropForeignKey { table, .. }
        | Op::AddCheck { table, .. } => *table = "t".into(),
        _ => {}
    }
}
