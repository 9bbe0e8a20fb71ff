//! Building one package after another compiles no crate again.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The feature sets that Cargo resolves for each crate under these arguments. A crate has two where
/// a build script or a procedural macro needs another set than the program itself.
fn resolved(arguments: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--prefix=none", "--format={p}|{f}"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // A blank line, which has no features, stands between the trees of two packages.
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        if let Some((package, features)) = line.trim_end_matches(" (*)").split_once('|') {
            let sets = crates.entry(package.to_owned()).or_default();
            sets.insert(features.to_owned());
        }
    }
    assert!(crates.len() > 100, "{arguments:?}: {crates:?}");
    crates
}

#[test]
fn every_package_builds_shared_crates_with_the_same_features() {
    let mut wrong = Vec::new();
    // First what programs link, then what is only run while they are built.
    for edges in ["normal,no-proc-macro", "normal,build"] {
        let all = resolved(&["--workspace", &format!("--edges=dev,{edges}")]);
        for (scope, with_ours) in [
            ("--workspace", true),
            ("--package=db", true),
            // What these two are for is that they leave parts of our own crates out.
            ("--package=app", false),
            ("--package=migration", false),
        ] {
            for (package, sets) in resolved(&[scope, &format!("--edges={edges}")]) {
                let ours = package.contains(" (/");
                let known = &all[&package];
                if !sets.is_subset(known) && (with_ours || !ours) {
                    wrong.push(format!("{package}: {scope} {sets:?}, all {known:?}"));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these are compiled twice; name their features in `crates/features/Cargo.toml`:\n{}",
        wrong.join("\n")
    );
}

/// A service carries no argument parser, and entities carry no migrations.
#[test]
fn what_a_service_needs_pulls_in_no_command_line() {
    for (package, unwanted) in [
        ("--package=app", &["clap v", "indicatif v", "syn v"][..]),
        ("--package=entity", &["clap v", "sea-orm-migration v"]),
    ] {
        let tree = resolved(&[package, "--edges=normal,no-proc-macro"]);
        for unwanted in unwanted {
            let found = tree.keys().find(|name| name.starts_with(unwanted));
            assert_eq!(found, None, "{package}");
        }
    }
}
