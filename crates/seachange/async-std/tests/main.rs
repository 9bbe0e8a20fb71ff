//! Revisions run under async-std, and nothing in the tree is tokio.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use sea_orm_migration::sea_orm::{ConnectionTrait, Database, Statement};
use sea_orm_migration::{prelude::*, schema::*};
use seachange::revision::History;
use seachange::run::{Options, downgrade, upgrade};
use seachange::{Operations, Revision};

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Notes)]
    }
}

#[seachange::revision(id = "m20261120_090000_create_notes")]
pub struct Notes;

impl Revision for Notes {
    fn up(&self, op: &mut Operations) {
        op.create_table(
            Table::create()
                .table("notes")
                .col(pk_auto("id"))
                .col(string("text"))
                .to_owned(),
        );
        op.bulk_insert("notes", ["text"], [["first".into()]]);
        op.alter_column("notes", "text").set_type(ColumnType::Text);
    }

    fn down(&self, op: &mut Operations) {
        op.drop_table("notes");
    }
}

#[async_std::test]
async fn a_revision_goes_up_and_down() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("notes.db").display());
    let db = Database::connect(&url).await.unwrap();
    let history = History::of::<Migrator>().unwrap();
    let options = Options::default();

    upgrade(&db, &history, "head", &options, &mut |_| {}).await.unwrap();
    let sql = "select text from notes";
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "first");

    downgrade(&db, &history, "base", &options, &mut |_| {}).await.unwrap();
    assert!(db.execute_unprepared(sql).await.is_err());
}

#[test]
fn nothing_in_the_tree_is_tokio() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal,build,dev", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let tokio: Vec<&str> = tree.lines().filter(|line| line.starts_with("tokio")).collect();
    assert!(tokio.is_empty(), "{tokio:?}");
}
