//! The template's entities.

use std::process::Command;

use seachange::dialect::canonical;
use seachange::schema::{Engine, Schema};

#[test]
fn both_engines_can_hold_the_entities() {
    let metadata = entity::metadata();
    assert_eq!(metadata.package().to_str(), Some("entity"));
    metadata.check_sources().unwrap();
    let declared = metadata.schema().unwrap();
    assert_eq!(declared.tables.len(), metadata.count());
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let held = canonical(engine, &declared).unwrap().schema;
        let columns = |schema: &Schema| -> usize {
            schema
                .tables
                .values()
                .map(|table| table.columns.len())
                .sum()
        };
        assert_eq!(columns(&held), columns(&declared), "{engine}");
    }
}

/// An entity package is shared by services that run no migration.
#[test]
fn entities_alone_bring_no_tool_along() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "seachange", "--no-default-features"])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "none"])
        .output()
        .unwrap();
    assert!(tree.status.success());
    let tree = String::from_utf8(tree.stdout).unwrap();
    for package in ["clap", "sea-orm-migration", "syn", "tokio", "toml"] {
        let used = tree
            .lines()
            .any(|line| line.split(' ').next() == Some(package));
        assert!(!used, "{package} is in the tree:\n{tree}");
    }
}
