//! Dropping everything that is in a database's current schema.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use super::error::RunError;
use super::event::{Event, Listener};
use super::look;
use super::session::Session;
use crate::dialect::quote;
use crate::schema::Engine;

/// Statements, and what each drops.
type Drops = Vec<(String, Vec<String>)>;

/// Drops views, tables and types. Something in another schema that depends on them makes the server
/// refuse: it is not ours.
pub(super) async fn drop_everything(
    db: &DatabaseConnection,
    dry_run: bool,
    listen: Listener<'_>,
) -> Result<(), RunError> {
    let failed = || RunError::database("dropping what is there");
    let drops = match look::engine(db) {
        Engine::Postgres => postgres(db).await,
        #[cfg(feature = "sqlite")]
        Engine::Sqlite => sqlite(db).await,
        engine => return Err(RunError::Engine(engine)),
    };
    let drops = drops.map_err(failed())?;
    let session = Session::open(db).await.map_err(failed())?;
    let transaction = session.begin(true).await.map_err(failed())?;
    for (sql, objects) in drops {
        listen(&Event::Statement {
            id: String::new(),
            sql: sql.clone(),
        });
        if !dry_run {
            let done = transaction.inner.execute_unprepared(&sql).await;
            done.map_err(failed())?;
            for object in objects {
                listen(&Event::Dropped { object });
            }
        }
    }
    session.commit(transaction).await.map_err(failed())?;
    session.close().await;
    Ok(())
}

#[cfg(feature = "sqlite")]
async fn sqlite(db: &DatabaseConnection) -> Result<Drops, DbErr> {
    let objects = super::sqlite::droppable(db).await?;
    Ok(objects
        .into_iter()
        .map(|(kind, name)| {
            let sql = format!("DROP {} {}", kind.to_uppercase(), quote(&name));
            (sql, vec![format!("{kind} {name}")])
        })
        .collect())
}

async fn postgres(db: &DatabaseConnection) -> Result<Drops, DbErr> {
    // What belongs to an extension is not ours; a sequence that a column owns goes with it. Views
    // go one by one, the newest first, since a view can only be on older ones.
    let sql = "
        with mine as (select oid from pg_namespace where nspname = current_schema()),
        objects as (
            select c.oid, 'pg_class'::regclass as class, c.relname as name,
                case c.relkind when 'v' then 'view' when 'm' then 'materialized view'
                    when 'S' then 'sequence' when 'f' then 'foreign table' else 'table' end as kind
            from pg_class c join mine on mine.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v', 'm', 'f')
                or c.relkind = 'S' and not exists (
                    select 1 from pg_depend d where d.classid = 'pg_class'::regclass
                    and d.objid = c.oid and d.deptype in ('a', 'i'))
            union all
            select t.oid, 'pg_type'::regclass, t.typname, 'type'
            from pg_type t join mine on mine.oid = t.typnamespace
            left join pg_class c on c.oid = t.typrelid
            where t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and c.relkind = 'c'
        )
        select kind, name::text from objects o
        where not exists (select 1 from pg_depend d where d.classid = o.class and d.objid = o.oid
            and d.deptype = 'e')
        order by oid desc";
    let rows = look::rows(db, sql, []).await?;
    let mut objects = Vec::with_capacity(rows.len());
    for row in &rows {
        let object: (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        objects.push(object);
    }
    let mut drops = Vec::new();
    let views = objects.iter().filter(|(kind, _)| kind.ends_with("view"));
    for (kind, name) in views {
        let sql = format!("DROP {} {}", kind.to_uppercase(), quote(name));
        drops.push((sql, vec![format!("{kind} {name}")]));
    }
    // In one statement, so that tables that refer to each other go together and nothing else does.
    for kind in ["foreign table", "table", "sequence", "type"] {
        let names: Vec<&String> = objects
            .iter()
            .filter(|(of, _)| of == kind)
            .map(|(_, name)| name)
            .collect();
        if !names.is_empty() {
            let quoted = crate::dialect::quoted_list(&names);
            let sql = format!("DROP {} {quoted}", kind.to_uppercase());
            let objects = names.iter().map(|name| format!("{kind} {name}")).collect();
            drops.push((sql, objects));
        }
    }
    Ok(drops)
}
