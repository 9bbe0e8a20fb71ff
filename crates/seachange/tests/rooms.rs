//! The one way that arrows point: which room of the library may name which.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each room and the rooms it may name, as `ARCHITECTURE.md` has it.
const ARROWS: &[(&str, &[&str])] = &[
    ("schema", &[]),
    ("op", &["schema"]),
    ("dialect", &["op", "schema"]),
    ("diff", &["dialect", "op", "schema"]),
    ("render", &["dialect", "op", "schema"]),
    ("revision", &["op"]),
    ("source", &["dialect", "schema"]),
    ("config", &["dialect", "schema"]),
    ("run", &["config", "dialect", "op", "revision", "schema"]),
    (
        "compare",
        &[
            "dialect", "diff", "op", "revision", "run", "schema", "source",
        ],
    ),
    (
        "cli",
        &[
            "compare", "config", "dialect", "diff", "op", "render", "revision", "run", "schema",
            "source",
        ],
    ),
];

/// Rooms that are pure: no connection, no clock, no environment.
const PURE: &[&str] = &["schema", "op", "dialect", "diff", "render"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The files of each room, with their text less comments and the tests inside.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    files(&source)
        .into_iter()
        .filter_map(|path| {
            let inside = path.strip_prefix(&source).unwrap().to_path_buf();
            let first = inside.iter().next().unwrap().to_str().unwrap();
            let room = first.trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
            let code: Vec<&str> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            (room != "lib").then(|| (room, inside, code.join("\n")))
        })
        .collect()
}

#[test]
fn arrows_point_one_way() {
    let mut wrong = Vec::new();
    for (room, file, code) in rooms() {
        let allowed = ARROWS
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{room} is a room that the table does not know"))
            .1;
        for piece in code.split("crate::").skip(1) {
            let end = piece
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(piece.len());
            let target = &piece[..end];
            let is_room = ARROWS.iter().any(|(name, _)| *name == target);
            if is_room && target != room && !allowed.contains(&target) {
                wrong.push(format!("{} names {target}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_rooms_touch_nothing() {
    let words = [
        "async fn",
        ".await",
        "std::env",
        "std::fs",
        "std::net",
        "SystemTime",
        "Instant::now",
        "Utc::now",
    ];
    let found: BTreeSet<String> = rooms()
        .iter()
        .filter(|(room, ..)| PURE.contains(&room.as_str()))
        .flat_map(|(_, file, code)| {
            let file = file.display().to_string();
            words
                .iter()
                .filter(|word| code.contains(**word))
                .map(move |word| format!("{file} has {word}"))
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_the_command_line_prints_and_nobody_else_reads_the_environment() {
    let found: BTreeSet<String> = rooms()
        .iter()
        .filter(|(room, ..)| room != "cli")
        .flat_map(|(room, file, code)| {
            let mut words = vec!["println!", "eprintln!", "std::process::exit", "io::stdin"];
            if room != "config" {
                words.push("env::var");
            }
            let file = file.display().to_string();
            words
                .into_iter()
                .filter(|word| code.contains(word))
                .map(move |word| format!("{file} has {word}"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// A runtime is the user's choice; the library names none.
#[test]
fn no_runtime_is_named() {
    let found: Vec<String> = rooms()
        .iter()
        .filter(|(.., code)| code.contains("tokio::") || code.contains("async_std::"))
        .map(|(_, file, _)| file.display().to_string())
        .collect();
    assert!(found.is_empty(), "{found:?}");
}
