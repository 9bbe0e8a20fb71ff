//! Part of what changed: `--only`, over pairs of schemas written as facts.
//!
//! Each case is held to the law of parts: what is left is found by the next diff, and both together
//! make `from` into `to`.

use seachange::diff::{Answers, Question, diff, only};
use seachange::op::{apply, describe};
use seachange::schema::{Name, Schema, facts, from_facts};

struct Case {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    only: &'static [&'static str],
    answers: &'static [(&'static str, &'static str)],
    now: &'static [&'static str],
    later: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "a column here, a column there",
        from: "a table\na column id integer not null\nb table\nb column id integer not null",
        to: "a table\na column id integer not null\na column x integer null\n\
             b table\nb column id integer not null\nb column x integer null",
        only: &["b"],
        answers: &[],
        now: &["+ column b.x integer null"],
        later: &["+ column a.x integer null"],
    },
    Case {
        name: "a key to a table that is not written yet stays behind",
        from: "",
        to: "a table\na column id integer not null\na primary key (id)\n\
             b table\nb column a_id integer not null\nb foreign key (a_id) -> a (id) name fk-b",
        only: &["b"],
        answers: &[],
        now: &["+ table b (a_id)"],
        later: &["+ table a (id)", "+ foreign key fk-b: b (a_id) -> a (id)"],
    },
    Case {
        name: "an enum comes with the first table that uses it",
        from: "",
        to: "enum mood: good, bad\na table\na column m enum mood not null\n\
             b table\nb column m enum mood not null",
        only: &["b"],
        answers: &[],
        now: &["+ enum mood (good, bad)", "+ table b (m)"],
        later: &["+ table a (m)"],
    },
    Case {
        name: "a sequence comes with the table that counts by it",
        from: "",
        to: "sequence r: big_integer\nsequence s: integer\n\
             a table\na column n integer not null default expr 'nextval(\\'s\\')'\n\
             b table\nb column n integer not null default expr 'nextval(\\'r\\')'",
        only: &["a"],
        answers: &[],
        now: &["+ sequence s (integer)", "+ table a (n)"],
        later: &["+ sequence r (big_integer)", "+ table b (n)"],
    },
    Case {
        name: "a sequence brings its other name along, and is chosen by either",
        from: "sequence r: integer\nsequence s: big_integer\n\
               a table\na column n integer not null default expr 'nextval(\\'r\\')'\n\
               b table\nb column n integer not null default expr 'nextval(\\'r\\')'",
        to: "sequence t: integer cycle\n\
             a table\na column n integer not null default expr 'nextval(\\'t\\')'\n\
             b table\nb column n integer null default expr 'nextval(\\'t\\')'",
        only: &["r"],
        answers: &[("rename", "sequence:r=t")],
        now: &["~ sequence r renamed to t", "~ sequence t: cycle"],
        later: &["~ column b.n: null", "- sequence s"],
    },
    Case {
        name: "an enum that another table uses still is not dropped",
        from: "enum mood: good, bad\na table\na column m enum mood not null\n\
               b table\nb column m enum mood not null",
        to: "",
        only: &["b"],
        answers: &[],
        now: &["- table b"],
        later: &["- table a", "- enum mood"],
    },
    Case {
        name: "a dropped table takes the keys to it along",
        from: "a table\na column id integer not null\na primary key (id)\n\
               b table\nb column a_id integer null\nb foreign key (a_id) -> a (id) name fk-b",
        to: "b table\nb column a_id integer null\nb column x integer null",
        only: &["a"],
        answers: &[],
        now: &["- foreign key fk-b on b (a_id)", "- table a"],
        later: &["+ column b.x integer null"],
    },
    Case {
        name: "a rename brings its other name, and keys of others follow",
        from: "a table\na column id integer not null\na primary key (id)\n\
               b table\nb column a_id integer null\nb foreign key (a_id) -> a (id) name fk-b",
        to: "c table\nc column ident integer not null\nc primary key (ident)\n\
             b table\nb column a_id integer null\nb column x integer null\n\
             b foreign key (a_id) -> c (ident) name fk-b",
        only: &["c"],
        answers: &[("rename", "table:a=c"), ("rename", "column:c.id=ident")],
        now: &["~ table a renamed to c", "~ column c.id renamed to ident"],
        later: &["+ column b.x integer null"],
    },
];

fn schema(text: &str) -> Schema {
    from_facts(text, 1).unwrap()
}

fn sorted(schema: &Schema) -> Vec<String> {
    let mut lines: Vec<String> = facts(schema).iter().map(ToString::to_string).collect();
    lines.sort();
    lines
}

#[test]
fn a_part_is_written_and_the_rest_is_found_again() {
    for case in CASES {
        let (from, to) = (schema(case.from), schema(case.to));
        let mut answers = Answers::default();
        for (verb, text) in case.answers {
            match *verb {
                "rename" => answers.rename(text).unwrap(),
                _ => answers.drop(text).unwrap(),
            }
        }
        let names: Vec<Name> = case.only.iter().map(|name| Name::from(*name)).collect();
        let part = only(&from, &to, &names, &answers).unwrap();
        let mut now = from.clone();
        for (to, expected) in [(&part, case.now), (&to, case.later)] {
            let plan = diff(&now, to, &answers);
            assert_eq!(plan.questions, [], "{}", case.name);
            let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
            assert_eq!(words, expected, "{}", case.name);
            for op in &plan.ops {
                apply(&mut now, op);
            }
        }
        assert_eq!(sorted(&now), sorted(&to), "{}", case.name);
    }
}

/// A table that may be another one under a new name is not created beside it.
#[test]
fn a_question_is_not_passed_over() {
    let from = schema("a table\na column id integer not null");
    let to = schema("c table\nc column id integer not null");
    let part = only(&from, &to, &["c".into()], &Answers::default()).unwrap();
    let plan = diff(&from, &part, &Answers::default());
    assert!(
        matches!(plan.questions.as_slice(), [Question::RenameTable { .. }]),
        "{plan:?}"
    );
}

#[test]
fn a_table_that_there_is_not_is_refused() {
    let unknown = only(&schema(""), &schema(""), &["x".into()], &Answers::default());
    assert_eq!(unknown.err(), Some(Name::from("x")));
}

/// An answer to which there is no question is told.
#[test]
fn idle_answers_are_known() {
    let from = schema("t table\nt column id integer not null\nt column a text null");
    let to = schema("t table\nt column id integer not null\nt column b text not null");
    let mut answers = Answers::default();
    for text in [
        "column:t.a=b",
        "column:t.gone=b",
        "table:gone=t",
        "sequence:gone=s",
    ] {
        answers.rename(text).unwrap();
    }
    answers.drop("column:t.x").unwrap();
    answers.fill("t.b='x'").unwrap();
    answers.fill("t.id=1").unwrap();
    assert_eq!(
        answers.idle(&from, &to),
        [
            "table:gone=t",
            "column:t.gone=b",
            "sequence:gone=s",
            "column:t.x",
            "t.id=1"
        ]
    );
}
