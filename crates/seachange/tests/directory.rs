//! Names of new revisions, the list in `lib.rs`, and changes of several files at once.

use std::fs;
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};
use seachange::revision::directory::{add_revision, modules, remove_revision};
use seachange::revision::{Change, check_id, list, new_id, slug_of};

fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 20)
        .unwrap()
        .and_hms_opt(23, 59, 58)
        .unwrap()
}

#[test]
fn messages_become_names() {
    let long = "a".repeat(300);
    for (message, slug) in [
        ("Add tags", "add_tags"),
        ("  add   task-priority (v2)! ", "add_task_priority_v2"),
        ("don't panic: it’s fine", "dont_panic_its_fine"),
        ("Größe für Übung", "grosse_fur_ubung"),
        ("cafe\u{301} menu", "cafe_menu"),
        ("日本 tags", "tags"),
        ("add — dash", "add_dash"),
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\x\n\"y\"", "c_x_y"),
        ("__init__", "init"),
        ("2fa", "2fa"),
        (
            "one two three four five six seven eight nine ten",
            "one_two_three_four_five_six_seven_eight",
        ),
        (&long, &"a".repeat(40)),
    ] {
        assert_eq!(slug_of(message).as_deref(), Ok(slug), "{message}");
    }
    for (message, error) in [
        ("", "the message is empty"),
        (" \n", "the message is empty"),
        ("日本語", "`日本語` has no ASCII letter or digit"),
        ("🎉!", "`🎉!` has no ASCII letter or digit"),
    ] {
        let found = slug_of(message).unwrap_err().to_string();
        assert!(found.starts_with(error), "{found}");
    }
}

#[test]
fn each_revision_has_a_second_of_its_own() {
    let mut ids: Vec<String> = Vec::new();
    for message in ["a", "a", "b", "c"] {
        let id = new_id(message, now(), ids.iter().map(String::as_str)).unwrap();
        ids.push(id);
    }
    assert_eq!(
        ids,
        [
            "m20261120_235958_a",
            "m20261120_235959_a",
            "m20261121_000000_b",
            "m20261121_000001_c"
        ]
    );
    let odd = new_id("d", now(), ["x", "日本日本日本日本", ""]).unwrap();
    assert_eq!(odd, "m20261120_235958_d");
}

#[test]
fn chosen_ids_are_checked() {
    for id in ["initial", "m1", "Ae1027a6acf", "add_tags_2"] {
        assert_eq!(check_id(id, ["other"]), Ok(()), "{id}");
    }
    for (id, error) in [
        ("", "`` cannot name a revision: it is empty"),
        (
            "no-dashes, @",
            "`no-dashes, @` cannot name a revision: `-`, `,`, ` `, `@` may not be in it",
        ),
        ("../x", "`../x` cannot name a revision: `.`, `/` may not"),
        ("naïve", "`naïve` cannot name a revision: `ï` may not"),
        (
            "1st",
            "`1st` cannot name a revision: it must begin with a letter",
        ),
        (
            "head",
            "`head` cannot name a revision: the word means something else",
        ),
        (
            "struct",
            "`struct` cannot name a revision: the word means something else",
        ),
        (
            "lib",
            "`lib` cannot name a revision: the word means something else",
        ),
        ("Taken", "there is a revision called `taken` already"),
    ] {
        let found = check_id(id, ["taken"]).unwrap_err().to_string();
        assert!(found.starts_with(error), "{found}");
    }
    assert!(check_id(&"x".repeat(201), []).is_err());
}

const LIST: &str = "\
pub use sea_orm_migration::prelude::*;

mod m1_a; // first
#[cfg(feature = \"b\")]
mod m2_b;
#[cfg(test)]
mod tests;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        // the list: [
        vec![
            Box::new(m1_a::Migration), // ]
            #[cfg(feature = \"b\")]
            Box::new(m2_b::Migration), /* é */ // last
            // more below
        ]
    }
}
";

const LISTED: &str = "\
pub use sea_orm_migration::prelude::*;

mod m1_a; // first
#[cfg(feature = \"b\")]
mod m2_b;
mod m3_c;
#[cfg(test)]
mod tests;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        // the list: [
        vec![
            Box::new(m1_a::Migration), // ]
            #[cfg(feature = \"b\")]
            Box::new(m2_b::Migration), /* é */ // last
            Box::new(m3_c::Migration),
            // more below
        ]
    }
}
";

#[test]
fn two_lines_go_in_and_come_out_and_nothing_else_changes() {
    let listed = list::add(LIST, "m3_c").unwrap();
    assert_eq!(listed, LISTED);
    assert_eq!(
        list::declared(&listed).unwrap(),
        ["m1_a", "m2_b", "m3_c", "tests"]
    );

    for prefix in [
        "",
        "\u{feff}",
        "#!/usr/bin/env x\n",
        "\u{feff}#!/x é\n",
        "#![allow(x)]\n",
        "//! é\n",
    ] {
        for eol in ["\n", "\r\n"] {
            let before = format!("{prefix}{LIST}").replace('\n', eol);
            let after = list::add(&before, "m3_c").unwrap();
            assert_eq!(after, format!("{prefix}{LISTED}").replace('\n', eol));
            assert_eq!(list::add(&after, "m3_c").unwrap(), after);
            assert_eq!(list::remove(&after, "m3_c").unwrap(), before);
        }
    }
}

fn lib(list: &str) -> String {
    format!(
        "mod a;\nimpl MigratorTrait for M {{\n    fn migrations() -> V {{\n        {list}\n    }}\n}}\n"
    )
}

#[test]
fn layouts_of_the_list() {
    let new = "Box::new(m20261120_090210_add_tags::Migration)";
    for (before, after) in [
        ("vec![]", format!("vec![{new}]")),
        ("vec![ ]", format!("vec![{new}]")),
        ("vec![a]", format!("vec![a, {new}]")),
        ("vec![a,]", format!("vec![a, {new}]")),
        (
            "vec![Box::new(a::Migration)]",
            format!("vec![\n            Box::new(a::Migration),\n            {new},\n        ]"),
        ),
        (
            "vec![\n        ]",
            format!("vec![\n            {new},\n        ]"),
        ),
        (
            "vec![ // none\n        ]",
            format!("vec![ // none\n            {new},\n        ]"),
        ),
        (
            "vec![\n            a // last\n        ]",
            format!("vec![\n            a, // last\n            {new},\n        ]"),
        ),
        (
            "vec![\n            a]",
            format!("vec![\n            a,\n            {new},]"),
        ),
        (
            "vec![a,\n             b]",
            format!("vec![a,\n             b,\n             {new},]"),
        ),
        (
            "std::vec![\n\t\ta,\n        ]",
            format!("std::vec![\n\t\ta,\n\t\t{new},\n        ]"),
        ),
        (
            "let x = vec![1];\n        vec![\n            a,\n        ]",
            format!(
                "let x = vec![1];\n        vec![\n            a,\n            {new},\n        ]"
            ),
        ),
    ] {
        let found = list::add(&lib(before), "m20261120_090210_add_tags").unwrap();
        let wanted = lib(&after).replace("mod a;\n", "mod a;\nmod m20261120_090210_add_tags;\n");
        assert_eq!(found, wanted, "{before}");
        let back = list::remove(&found, "m20261120_090210_add_tags").unwrap();
        assert!(!back.contains("add_tags"), "{back}");
        assert_eq!(
            list::remove(&back, "m20261120_090210_add_tags").unwrap(),
            back
        );
    }
}

#[test]
fn declarations_go_where_the_others_are() {
    let tail = "impl MigratorTrait for M { fn migrations() -> V { vec![] } }\n";
    for (before, after) in [
        ("", "mod x;\n\n"),
        (
            "use a;\nuse b; // c\n\nstruct S;\n",
            "use a;\nuse b; // c\n\nmod x;\n\nstruct S;\n",
        ),
        ("pub mod a;\n", "pub mod a;\npub mod x;\n"),
        (
            "pub(crate) mod a; struct S {\n}\n",
            "pub(crate) mod a;\npub(crate) mod x; struct S {\n}\n",
        ),
        ("mod inline {}\n", "mod x;\n\nmod inline {}\n"),
    ] {
        let found = list::add(&format!("{before}{tail}"), "x").unwrap();
        assert_eq!(
            found,
            format!("{after}{}", tail.replace("[]", "[Box::new(x::Migration)]"))
        );
    }
}

#[test]
fn what_cannot_be_edited_is_left_and_said() {
    let by_hand = "add the two lines yourself:\n  mod x;\n  Box::new(x::Migration),";
    for (text, error) in [
        ("mod a;\nimpl {\n", "line 2: ".to_owned()),
        ("#!/x\nmod a;\nimpl {\n", "line 3: ".to_owned()),
        (
            "mod a;\n",
            format!("there is no `fn migrations()` of a `MigratorTrait`; {by_hand}"),
        ),
        (
            &lib("let mut v = vec![]; v.push(a); v"),
            format!("`migrations()` does not end in a plain `vec![…]`; {by_hand}"),
        ),
        (
            &lib("return vec![];"),
            format!("`migrations()` does not end in a plain `vec![…]`; {by_hand}"),
        ),
        (
            &lib("vec![a; 2]"),
            format!("`migrations()` does not end in a plain `vec![…]`; {by_hand}"),
        ),
        (
            &lib("list![a]"),
            format!("`migrations()` does not end in a plain `vec![…]`; {by_hand}"),
        ),
        (
            &lib("[vec![], vec![]].concat()"),
            format!("`migrations()` does not end in a plain `vec![…]`; {by_hand}"),
        ),
        (
            &format!("{}{}", lib("vec![]"), lib("vec![]")),
            format!("there are several `MigratorTrait`s; {by_hand}"),
        ),
    ] {
        let found = list::add(text, "x").unwrap_err().to_string();
        assert!(found.starts_with(&error), "{text}: {found}");
    }
}

/// All files of a folder with their texts.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn a_revision_is_added_and_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("lib.rs"), LIST).unwrap();
    fs::create_dir(folder.join("m0_old")).unwrap();
    fs::write(folder.join("m0_old/mod.rs"), "").unwrap();
    let before = files(folder);

    let mut change = add_revision(folder, "m3_c", "//! C.\n".to_owned()).unwrap();
    change.replace(folder.join("entities.snapshot"), "s".to_owned());
    let names: Vec<String> = change
        .paths()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, ["m3_c.rs", "lib.rs", "entities.snapshot"]);
    assert_eq!(files(folder), before);
    change.make().unwrap();
    assert_eq!(modules(folder).unwrap(), ["m0_old", "m3_c"]);
    assert_eq!(files(folder).len(), 3);

    let mut change = remove_revision(folder, "m3_c").unwrap();
    change.remove(folder.join("entities.snapshot"));
    change.make().unwrap();
    assert_eq!(files(folder), before);
}

#[test]
fn a_change_is_made_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("a"), "a").unwrap();
    fs::write(folder.join("b"), "b").unwrap();
    fs::create_dir_all(folder.join("full/inside")).unwrap();
    let before = files(folder);

    // A file that is there already.
    let mut change = Change::default();
    change.replace(folder.join("a"), "A".to_owned());
    change.create(folder.join("b"), "B".to_owned());
    let error = change.make().unwrap_err().to_string();
    assert!(
        error.ends_with("b` exists already; nothing was changed"),
        "{error}"
    );
    assert_eq!(files(folder), before);

    // A folder that is not there.
    let mut change = Change::default();
    change.replace(folder.join("a"), "A".to_owned());
    change.create(folder.join("none/c"), "C".to_owned());
    let error = change.make().unwrap_err().to_string();
    assert!(
        error.contains("none/c` cannot be written") && error.ends_with("nothing was changed"),
        "{error}"
    );
    assert_eq!(files(folder), before);

    // The last of several fails when the others are in place: its name is one of a folder by then.
    let mut change = Change::default();
    change.replace(folder.join("a"), "A".to_owned());
    change.create(folder.join("new"), "N".to_owned());
    change.remove(folder.join("b"));
    change.replace(folder.join("twice"), "1".to_owned());
    change.replace(folder.join("twice"), "2".to_owned());
    let error = change.make().unwrap_err().to_string();
    assert!(error.contains("twice` cannot be written"), "{error}");
    assert_eq!(files(folder), before);
}

#[test]
#[cfg(unix)]
fn a_link_stays_a_link_and_rights_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("a"), "a").unwrap();
    fs::set_permissions(folder.join("a"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink(folder.join("a"), folder.join("link")).unwrap();
    let mut change = Change::default();
    change.replace(folder.join("link"), "A".to_owned());
    change.make().unwrap();
    assert!(
        fs::symlink_metadata(folder.join("link"))
            .unwrap()
            .is_symlink()
    );
    assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "A");
    assert_eq!(
        fs::metadata(folder.join("a")).unwrap().permissions().mode() & 0o777,
        0o600
    );
}
