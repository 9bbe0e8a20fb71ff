//! A database of its own for each test, gone when the test is over.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};
use seachange::compare::{Asking, Scratch, ask};
use seachange::dialect::postgres::in_full;
use seachange::op::Op;
use seachange::schema::{Engine, Schema};
use seachange::source::catalog::Catalog;
use tempfile::TempDir;

const VARIABLE: &str = "TEST_POSTGRES_URL";

/// A database of its own. Dropping it drops the database, after a panic too.
pub struct TestDatabase {
    url: String,
    engine: Engine,
    db: DatabaseConnection,
    place: Place,
}

enum Place {
    Folder(TempDir),
    /// The server's own database, and the name of ours.
    Server(String, String),
}

/// Every engine that is here, so that one table of cases runs on all of them.
pub async fn engines() -> Vec<TestDatabase> {
    let mut engines = vec![sqlite().await];
    engines.extend(postgres().await);
    engines
}

/// A SQLite file in a folder of its own.
pub async fn sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().unwrap();
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("test.db").display()
    );
    TestDatabase {
        db: open(&url).await,
        url,
        engine: Engine::Sqlite,
        place: Place::Folder(folder),
    }
}

/// A new database on the server that `TEST_POSTGRES_URL` names; `None` without the variable.
///
/// # Panics
///
/// `CI` is set and the variable is not: a run that counts must not skip.
pub async fn postgres() -> Option<TestDatabase> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let Ok(server) = std::env::var(VARIABLE) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "{VARIABLE} is not set, and CI must not skip the tests on PostgreSQL"
        );
        eprintln!(
            "\n*** SKIPPED on PostgreSQL: {VARIABLE} is not set \
             (for example postgres://postgres@127.0.0.1:5432/postgres) ***\n"
        );
        return None;
    };
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("seachange_test_{}_{count}", std::process::id());
    let admin = open(&server).await;
    for sql in [
        format!("drop database if exists {name} with (force)"),
        format!("create database {name}"),
        // What a test did need not outlive a crash of the server.
        format!("alter database {name} set synchronous_commit = off"),
    ] {
        admin.execute_unprepared(&sql).await.unwrap();
    }
    admin.close().await.unwrap();
    let url = with_database(&server, &name);
    Some(TestDatabase {
        db: open(&url).await,
        url,
        engine: Engine::Postgres,
        place: Place::Server(server, name),
    })
}

async fn open(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).max_connections(5);
    Database::connect(options)
        .await
        .unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url
        .split_once('?')
        .map_or((url, None), |(b, q)| (b, Some(q)));
    let authority = base.find("://").map_or(0, |at| at + 3);
    let end = base[authority..]
        .find('/')
        .map_or(base.len(), |at| authority + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{name}{query}", &base[..end])
}

impl TestDatabase {
    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its engine.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Folder(folder) => Some(folder.path().join("test.db")),
            Place::Server(..) => None,
        }
    }

    /// The connection that `execute` uses too.
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Another connection to it.
    pub async fn connect(&self) -> DatabaseConnection {
        open(&self.url).await
    }

    /// Runs SQL, one or more statements.
    ///
    /// # Panics
    ///
    /// The database refuses it; the message holds the SQL.
    pub async fn execute(&self, sql: &str) {
        self.try_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}\n{sql}", self.engine));
    }

    /// Runs SQL that may be refused.
    pub async fn try_execute(&self, sql: &str) -> Result<(), sea_orm::DbErr> {
        self.db.execute_unprepared(sql).await.map(|_| ())
    }

    /// Compares a catalog's texts with declared ones by what they mean, in this database.
    ///
    /// # Panics
    ///
    /// The engine cannot hold something that is declared.
    pub async fn ask(&self, catalog: &mut Catalog, base: &Schema, want: &mut Schema) {
        let asking = Asking {
            db: &self.db,
            scratch: Scratch::Here,
            cache: None,
        };
        ask(asking, self.engine, catalog, Some(base), want)
            .await
            .unwrap();
    }

    /// The first column of each row, as text.
    pub async fn strings(&self, sql: &str) -> Vec<String> {
        let backend = match self.engine {
            Engine::Sqlite => DbBackend::Sqlite,
            _ => DbBackend::Postgres,
        };
        self.db
            .query_all_raw(Statement::from_string(backend, sql))
            .await
            .unwrap_or_else(|error| panic!("{}: {error}\n{sql}", self.engine))
            .iter()
            .map(|row| {
                row.try_get_by_index::<Option<String>>(0)
                    .unwrap()
                    .unwrap_or_default()
            })
            .collect()
    }

    /// The whole schema in the engine's own words.
    pub async fn dump(&self) -> String {
        match self.engine {
            Engine::Sqlite => {
                let texts = self
                    .strings(
                        "select type || ' ' || name || ' on ' || tbl_name || ': ' || coalesce(sql, '') \
                         from sqlite_schema where name not like 'sqlite_stat%' order by type, name",
                    )
                    .await;
                format!("{}\n{}", texts.join("\n"), self.structure().await)
            }
            _ => self.structure().await,
        }
    }

    /// What [`structure`](Self::structure) tells, as lines, by queries alone.
    pub async fn described(&self) -> Vec<String> {
        match self.engine {
            Engine::Sqlite => self.strings(SQLITE_STRUCTURE).await,
            _ => self.strings(POSTGRES_STRUCTURE).await,
        }
    }

    /// The schema without its spelling: on SQLite what the pragmas tell, elsewhere the dump.
    pub async fn structure(&self) -> String {
        match (self.engine, self.pg_dump()) {
            (Engine::Postgres, Some(dump)) => dump,
            _ => self.definitions().await,
        }
    }

    /// The same in the words of the catalog's own functions: less than a dump tells, and much
    /// faster.
    pub async fn definitions(&self) -> String {
        let sql = match self.engine {
            Engine::Sqlite => SQLITE_STRUCTURE,
            _ => POSTGRES_STRUCTURE,
        };
        self.strings(sql).await.join("\n")
    }

    /// `pg_dump --schema-only`, where there is one that fits the server.
    fn pg_dump(&self) -> Option<String> {
        if self.engine != Engine::Postgres {
            return None;
        }
        let output = Command::new("pg_dump")
            .args(["--schema-only", "--no-owner", "--dbname", &self.url])
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        let dump = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = dump
            .lines()
            .filter(|line| {
                !line.trim().is_empty()
                    && ![
                        "--",
                        "\\restrict",
                        "\\unrestrict",
                        "SET ",
                        "SELECT pg_catalog.set_config",
                    ]
                    .iter()
                    .any(|noise| line.starts_with(noise))
            })
            .collect();
        Some(lines.join("\n"))
    }

    /// The rows of a table, each as one line, sorted.
    pub async fn rows(&self, table: &str) -> Vec<String> {
        let mut rows = match self.engine {
            Engine::Sqlite => {
                let quoted = self
                    .strings(&format!(
                        "select 'quote(\"' || replace(name, '\"', '\"\"') || '\")' \
                         from pragma_table_info('{}') order by name",
                        table.replace('\'', "''")
                    ))
                    .await
                    .join(" || ', ' || ");
                self.strings(&format!(
                    "select {quoted} from \"{}\"",
                    table.replace('"', "\"\"")
                ))
                .await
            }
            _ => {
                self.strings(&format!(
                    "select to_jsonb(t)::text from \"{}\" t",
                    table.replace('"', "\"\"")
                ))
                .await
            }
        };
        rows.sort();
        rows
    }
}

const SQLITE_STRUCTURE: &str = "
    select 'column ' || t.name || '.' || c.name || ' ' || c.type || ' notnull ' || c.\"notnull\"
        || ' default ' || coalesce(c.dflt_value, '-') || ' pk ' || c.pk || ' hidden ' || c.hidden as line
    from pragma_table_list t, pragma_table_xinfo(t.name) c
    where t.schema = 'main' and t.name not like 'sqlite_%'
    union all
    select 'table ' || t.name || ' without rowid ' || t.wr || ' strict ' || t.strict
    from pragma_table_list t where t.schema = 'main' and t.name not like 'sqlite_%'
    union all
    select 'index ' || t.name || ' ' || iif(i.origin = 'c', i.name, '-') || ' unique ' || i.\"unique\"
        || ' origin ' || i.origin || ' partial ' || i.partial || ' keys '
        || (select group_concat(coalesce(name, '<expression>') || ' desc ' || \"desc\"
                || ' collate ' || coalesce(coll, '-'), ', ')
            from (select * from pragma_index_xinfo(i.name) where key = 1 order by seqno))
    from pragma_table_list t, pragma_index_list(t.name) i
    where t.schema = 'main'
    union all
    select 'foreign key ' || t.name || '.' || k.\"from\" || ' -> ' || k.\"table\" || '.'
        || coalesce(k.\"to\", '<key>') || ' seq ' || k.seq || ' update ' || k.on_update || ' delete ' || k.on_delete
    from pragma_table_list t, pragma_foreign_key_list(t.name) k where t.schema = 'main'
    union all
    select type || ' ' || name || ' on ' || tbl_name from sqlite_schema where type in ('view', 'trigger')
    order by line";

const POSTGRES_STRUCTURE: &str = "
    with mine as (
        select oid, nspname from pg_namespace
        where nspname not like 'pg\\_%' and nspname <> 'information_schema'
    ), rel as (
        select c.*, m.nspname from pg_class c join mine m on m.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    )
    -- The order of storage parameters is that in which they were set.
    select format('relation %s %s.%s %s %s %s %s %s', relkind, nspname, relname,
        (select array_agg(o order by o) from unnest(reloptions) o), relpersistence, reltablespace,
        (select array_agg(o order by o) from pg_class t, unnest(t.reloptions) o where t.oid = reltoastrelid),
        obj_description(oid, 'pg_class')) as line from rel
    union all
    select format('column %s.%s.%s %s %s %s %s %s %s %s', r.nspname, r.relname, a.attname,
        format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
        pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation, col_description(r.oid, a.attnum))
    from rel r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
    union all
    select format('constraint %s.%s %s %s', r.nspname, r.relname, c.conname, pg_get_constraintdef(c.oid))
    from rel r join pg_constraint c on c.conrelid = r.oid
    union all
    select format('index %s %s', pg_get_indexdef(i.indexrelid), x.reltablespace)
    from rel r join pg_index i on i.indrelid = r.oid join pg_class x on x.oid = i.indexrelid
    union all
    select format('enum %s.%s %s', m.nspname, t.typname, array_agg(e.enumlabel order by e.enumsortorder))
    from mine m join pg_type t on t.typnamespace = m.oid join pg_enum e on e.enumtypid = t.oid
    group by m.nspname, t.typname
    union all
    select format('sequence %s.%s %s from %s by %s within %s and %s cache %s cycle %s', s.schemaname,
        s.sequencename, s.data_type, s.start_value, s.increment_by, s.min_value, s.max_value, s.cache_size, s.cycle)
    from pg_sequences s join mine m on m.nspname = s.schemaname
    union all
    select format('sequence %s.%s of %s.%s', r.nspname, r.relname, d.refobjid::regclass, a.attname)
    from rel r join pg_depend d on d.objid = r.oid and d.deptype in ('a', 'i') and r.relkind = 'S'
    join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    union all
    select format('view %s.%s %s', r.nspname, r.relname, pg_get_viewdef(r.oid)) from rel r where r.relkind in ('v', 'm')
    union all
    select 'schema ' || nspname from mine
    union all
    select 'function ' || pg_get_functiondef(f.oid) from pg_proc f join mine m on m.oid = f.pronamespace
    where f.prokind = 'f' and not exists (select from pg_depend d where d.objid = f.oid and d.deptype = 'e')
    union all
    select 'trigger ' || pg_get_triggerdef(t.oid) from rel r join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
    order by line";

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Server(server, name) = &self.place else {
            return;
        };
        let sql = format!("drop database if exists {name} with (force)");
        let server = server.clone();
        // A runtime of its own: the test's may be of one thread, and busy with being dropped.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let admin = Database::connect(&server)
                    .await
                    .map_err(std::io::Error::other)?;
                admin
                    .execute_unprepared(&sql)
                    .await
                    .map_err(std::io::Error::other)?;
                admin.close().await.map_err(std::io::Error::other)
            })
        })
        .join();
        if !matches!(dropped, Ok(Ok(()))) {
            eprintln!("database {name} could not be dropped: {dropped:?}");
        }
    }
}

/// The operation as a module records it, which does not say what it takes away.
pub fn recorded(op: &Op) -> Op {
    let mut op = op.clone();
    match &mut op {
        Op::DropEnum { before, .. } => *before = None,
        Op::RemoveEnumValue { before, .. } | Op::ReorderEnum { before, .. } => *before = None,
        Op::DropSequence { before, .. } | Op::AlterSequence { before, .. } => *before = None,
        Op::DropTable { before, .. } => *before = None,
        Op::CommentTable { before, .. } => *before = None,
        Op::AlterTable { before, .. } => *before = None,
        Op::DropColumn { before, .. } => *before = None,
        Op::AlterColumn { change, before, .. } => {
            if let Some(before) = before.take() {
                **change = in_full(change, &before);
            }
        }
        Op::DropPrimaryKey { before, .. } => *before = None,
        Op::DropUnique { before, .. } => *before = None,
        Op::DropIndex { before, .. } => *before = None,
        Op::DropForeignKey { before, .. } => *before = None,
        Op::DropCheck { before, .. } => *before = None,
        Op::DropExclusion { before, .. } => *before = None,
        _ => {}
    }
    op
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own() {
        for test in engines().await {
            test.execute("create table t (id integer primary key, name text)")
                .await;
            test.execute("insert into t values (1, 'a'); insert into t values (2, null)")
                .await;
            assert_eq!(test.rows("t").await.len(), 2, "{}", test.engine());
            assert!(test.dump().await.to_lowercase().contains("create table"));
            assert!(!test.structure().await.is_empty());
            assert!(test.connect().await.ping().await.is_ok());
            let server = match &test.place {
                Place::Server(server, name) => Some((server.clone(), name.clone())),
                Place::Folder(_) => None,
            };
            let path = test.path();
            drop(test);
            if let Some((server, name)) = server {
                let admin = open(&server).await;
                let left = admin
                    .query_all_raw(Statement::from_string(
                        DbBackend::Postgres,
                        format!("select 1 from pg_database where datname = '{name}'"),
                    ))
                    .await
                    .unwrap();
                assert!(left.is_empty());
            }
            assert!(path.is_none_or(|path| !path.exists()));
        }
    }

    #[test]
    fn another_database_on_the_same_server() {
        for (url, expected) in [
            ("postgres://u:p@h:1/postgres", "postgres://u:p@h:1/x"),
            ("postgres://h", "postgres://h/x"),
            (
                "postgres://h/a?sslmode=disable",
                "postgres://h/x?sslmode=disable",
            ),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
    }
}
