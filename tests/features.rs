//! Building one package after another compiles no foreign crate again.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The feature sets that Cargo resolves for each foreign crate under these arguments. A crate has
/// two where a build script or a procedural macro needs another set than the program itself.
fn resolved(arguments: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--prefix",
            "none",
            "--format",
            "{p}|{f}",
        ])
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
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        // A blank line stands between the trees of two packages; `(/` is a path, so ours.
        if let Some((package, features)) = line.trim_end_matches(" (*)").split_once('|')
            && !package.contains(" (/")
        {
            let sets = crates.entry(package.to_owned()).or_default();
            sets.insert(features.to_owned());
        }
    }
    assert!(
        crates.len() > 100,
        "{arguments:?} has {} crates",
        crates.len()
    );
    crates
}

#[test]
fn every_package_builds_foreign_crates_with_the_same_features() {
    let all = resolved(&["--workspace", "--edges=normal,build,dev"]);
    let mut wrong = Vec::new();
    for scope in [
        "--workspace",
        "--package=app",
        "--package=db",
        "--package=migration",
    ] {
        for (package, sets) in resolved(&[scope, "--edges=normal,build"]) {
            let Some(known) = all.get(&package) else {
                wrong.push(format!("{package}: in {scope} only"));
                continue;
            };
            for set in sets.difference(known) {
                wrong.push(format!(
                    "{package}: {scope} has [{set}], the workspace has {known:?}"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these are compiled twice; name their features in `crates/features/Cargo.toml`:\n{}",
        wrong.join("\n")
    );
}
