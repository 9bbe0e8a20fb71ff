//! Modules that are written: they look as they should, rustfmt would not touch them, and recording
//! them gives the operations that they were made of.

mod cases;

#[path = "m20261121_101500_add_comments.rs"]
mod add_comments;
#[path = "m20261121_113000_add_full_name.rs"]
mod add_full_name;
#[path = "m20261122_090000_everything.rs"]
mod everything;
#[path = "m20261122_100000_one_engine.rs"]
mod one_engine;
#[path = "m20261121_140000_task_status.rs"]
mod task_status;

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use seachange::diff::{Answers, diff};
use seachange::op::{Op, Step, message};
use seachange::render::{ModuleSpec, module, transaction};
use seachange::schema::Schema;
use seachange::{Operations, Revision};

use crate::arbitrary::{self, Shape};
use crate::support;

/// The operation as recording it can give it: without what it takes away, and without the order of
/// what has none.
fn bare(step: &Step) -> String {
    let mut op = support::recorded(&step.op);
    if let Op::CreateTable { table, .. } = &mut op {
        table.indexes.clear();
        table.uniques.sort_by_key(|unique| format!("{unique:?}"));
    }
    format!("{op:#?} {}", step.guarded)
}

fn recorded(record: impl FnOnce(&mut Operations)) -> Vec<String> {
    let mut operations = Operations::default();
    record(&mut operations);
    let steps = operations.into_steps().unwrap();
    steps.iter().map(bare).collect()
}

/// Compares a module with the file that is compiled into this test; writes it beside when they
/// differ, so that it can be looked at and copied.
fn assert_module<R: Revision>(file: &str, text: &str, spec: &ModuleSpec, revision: &R) {
    let written = module(spec);
    if written != text {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        let path = folder.join(file);
        fs::write(&path, &written).unwrap();
        panic!(
            "tests/render/{file} is not what is written now: {}",
            path.display()
        );
    }
    let bare_all = |steps: &[Step]| steps.iter().map(bare).collect::<Vec<String>>();
    let up = recorded(|op| revision.up(op));
    for (found, wanted) in up.iter().zip(&bare_all(&spec.up)) {
        assert_eq!(found, wanted);
    }
    assert_eq!(up.len(), spec.up.len());
    assert_eq!(recorded(|op| revision.down(op)), bare_all(&spec.down));
}

macro_rules! assert_modules {
    ($($name:ident $file:literal)*) => {
        $(
            #[test]
            fn $name() {
                assert_module($file, include_str!($file), &cases::$name(), &$name::Migration);
            }
        )*
    };
}

assert_modules! {
    add_comments "m20261121_101500_add_comments.rs"
    add_full_name "m20261121_113000_add_full_name.rs"
    task_status "m20261121_140000_task_status.rs"
    everything "m20261122_090000_everything.rs"
    one_engine "m20261122_100000_one_engine.rs"
}

fn steps(ops: Vec<Op>) -> Vec<Step> {
    ops.into_iter().map(Step::from).collect()
}

/// A revision between two random schemas.
fn spec(from: &Schema, to: &Schema) -> ModuleSpec {
    let plan = diff(from, to, &Answers::default());
    ModuleSpec {
        message: message(&plan.ops).unwrap_or_else(|| "nothing".to_owned()),
        revises: vec!["m20261120_090210_add_tags".to_owned()],
        transaction: transaction(&plan.ops),
        down: steps(plan.down(from)),
        up: steps(plan.ops),
        ..ModuleSpec::default()
    }
}

/// A random schema and what may become of it: some tables go, some come, columns change places.
fn pair() -> impl Strategy<Value = (Schema, Schema)> {
    let shape = Shape {
        tables: 3,
        ..Shape::any()
    };
    (
        arbitrary::schema(shape),
        arbitrary::schema(shape),
        any::<[bool; 4]>(),
    )
        .prop_map(|(from, other, keep)| {
            let mut to = other.clone();
            for (table, keep) in from.tables.values().zip(keep) {
                let mut table = table.clone();
                if keep && to.table(&table.name).is_none() {
                    let twin = other.tables.values().next();
                    for (column, twin) in table
                        .columns
                        .iter_mut()
                        .zip(twin.iter().flat_map(|table| &table.columns))
                    {
                        column.nullable = twin.nullable;
                        column.comment.clone_from(&twin.comment);
                        column.default.clone_from(&twin.default);
                        column.ty = twin.ty.clone();
                    }
                    table.indexes.pop();
                    to.insert(table);
                }
            }
            (from, to)
        })
}

#[test]
fn rustfmt_would_not_touch_a_module() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::deterministic();
    let strategy = pair();
    let mut files = Vec::new();
    for at in 0..150 {
        let (from, to) = strategy.new_tree(&mut runner).unwrap().current();
        let path = folder.path().join(format!("m{at}.rs"));
        fs::write(&path, module(&spec(&from, &to))).unwrap();
        files.push(path);
    }
    let path = folder.path().join("everything.rs");
    fs::write(&path, module(&cases::everything())).unwrap();
    files.push(path);
    let output = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--config-path", "/dev/null"])
        .args(&files)
        .output();
    match output {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            let errors = String::from_utf8_lossy(&output.stderr);
            let head: String = said
                .lines()
                .take(80)
                .map(|line| format!("{line}\n"))
                .collect();
            assert!(output.status.success(), "{head}{errors}");
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "rustfmt: {error}");
            eprintln!("\n*** SKIPPED: rustfmt is not installed: {error} ***\n");
        }
    }
}

#[test]
fn a_message_is_whole_and_in_lines() {
    let spec = ModuleSpec {
        message: format!(
            "add {}\u{202e}\nand {}",
            "many words ".repeat(20),
            "x".repeat(120)
        ),
        ..ModuleSpec::default()
    };
    let text = module(&spec);
    let doc: Vec<&str> = text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .collect();
    assert!(
        doc.len() > 3 && doc[0].starts_with("//! Add many words"),
        "{text}"
    );
    assert!(
        doc.iter()
            .all(|line| line.len() <= 100 || line.contains("xxx")),
        "{text}"
    );
    assert!(!text.contains('\u{202e}'));
    for (message, line) in [
        ("add tags", "//! Add tags.\n"),
        ("Really?", "//! Really?\n"),
        ("größer", "//! Größer.\n"),
        ("*/ \"x\" \\", "//! */ \"x\" \\\n"),
        ("", "\nuse"),
    ] {
        let spec = ModuleSpec {
            message: message.to_owned(),
            ..ModuleSpec::default()
        };
        assert!(
            module(&spec).starts_with(line),
            "{message}: {}",
            module(&spec)
        );
    }
}
