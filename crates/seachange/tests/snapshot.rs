//! The snapshot file: what is written is read back, and what cannot be read is named.

use proptest::prelude::*;
use seachange::schema::{Engine, Schema};
use seachange::source::snapshot::Snapshot;

use crate::arbitrary::{self, Shape};

/// Schemas of an engine, and schemas that only a snapshot can hold.
fn any_schema() -> impl Strategy<Value = Schema> {
    prop_oneof![
        arbitrary::schema(Shape::any()),
        arbitrary::schema(Shape::on(Engine::Sqlite)),
        arbitrary::schema(Shape::on(Engine::Postgres)),
    ]
}

/// Facts keep the order of columns; of everything else they keep none.
fn sorted(mut schema: Schema) -> Schema {
    for table in schema.tables.values_mut() {
        table.uniques.sort_by_key(|unique| format!("{unique:?}"));
        table.indexes.sort_by_key(|index| format!("{index:?}"));
        table.foreign_keys.sort_by_key(|key| format!("{key:?}"));
        table.checks.sort_by_key(|check| format!("{check:?}"));
    }
    schema
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(schema in any_schema()) {
        let adopted = [Engine::Postgres, Engine::Sqlite].into();
        let snapshot = Snapshot { heads: vec!["m1_a".to_owned(), "m2_b".to_owned()], adopted, schema };
        let text = snapshot.to_string();
        let read = Snapshot::parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(read.to_string(), text.clone());
        prop_assert_eq!(&read.heads, &snapshot.heads);
        prop_assert_eq!(&read.adopted, &snapshot.adopted);
        prop_assert_eq!(sorted(read.schema), sorted(snapshot.schema), "{}", text);
        let crlf = Snapshot::parse(&text.replace('\n', "\r\n")).map(|read| read.to_string());
        prop_assert_eq!(crlf, Ok(text));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(# seachange snapshot, format 1\n# at base\n)?([a-z#\"'(),.:\\\\ -]{0,40}\n){0,4}") {
        let _ = Snapshot::parse(&text);
    }
}

#[test]
fn the_first_lines_say_what_it_is() {
    let empty = Snapshot::default().to_string();
    assert_eq!(empty, "# seachange snapshot, format 1\n# at base\n");
    assert_eq!(Snapshot::parse(&empty), Ok(Snapshot::default()));
    let both = "\u{feff}# seachange snapshot, format 1\n# at b\n# at a, b\n";
    assert_eq!(Snapshot::parse(both).unwrap().heads, ["a", "b"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let head = "# seachange snapshot, format 1\n# at base\n";
    for (text, error) in [
        (
            String::new(),
            "line 1: `# seachange snapshot, format 1` is expected",
        ),
        (
            "tasks table\n".to_owned(),
            "line 1: `# seachange snapshot, format 1` is expected",
        ),
        (
            "# seachange snapshot, format 2\n# at a\nnew words\n".to_owned(),
            "line 1: the snapshot has format 2",
        ),
        (
            "# seachange snapshot, format x\n".to_owned(),
            "line 1: `# seachange",
        ),
        (
            "# seachange snapshot, format 1\ntasks table\n".to_owned(),
            "line 2: `# at ` and the newest revision",
        ),
        (
            format!("{head}<<<<<<< HEAD\ntasks table\n=======\n>>>>>>> b\n"),
            "line 3: a merge conflict",
        ),
        (
            "# seachange snapshot, format 1\n<<<<<<< HEAD\n# at a\n".to_owned(),
            "line 2: a merge conflict",
        ),
        (
            format!("{head}tasks column id integer not null\n"),
            "line 3: no line `tasks table`",
        ),
        (
            format!("{head}\n# note\ntasks table\ntasks table\n"),
            "line 6: table tasks is declared twice",
        ),
        (
            format!("{head}tasks table\ntasks column id strange not null\n"),
            "line 4: `strange` is not a type",
        ),
        (
            format!("{head}tasks table\ntasks view x\n"),
            "line 4: `view x` is not understood",
        ),
    ] {
        let found = Snapshot::parse(&text).unwrap_err().to_string();
        assert!(found.starts_with(error), "{text:?}: {found}");
    }
}
