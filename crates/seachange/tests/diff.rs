//! The diff, over pairs of schemas written as facts.
//!
//! Each case is also held to the laws that need no database: the plan makes `from` into `to`, and
//! its way down makes `to` into `from`.

use seachange::diff::{Answers, Question, diff};
use seachange::op::{apply, describe};
use seachange::schema::{Schema, facts, from_facts};

/// From, to, answers (`rename …`, `drop …`, `fill …`), and the operations in words.
struct Case {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    answers: &'static [(&'static str, &'static str)],
    ops: &'static [&'static str],
}

const USERS: &str =
    "users table\nusers column id integer not null auto_increment\nusers primary key (id)\n";

const CASES: &[Case] = &[
    Case {
        name: "nothing",
        from: "a table\na column id integer not null",
        to: "a table\na column id integer not null",
        answers: &[],
        ops: &[],
    },
    Case {
        name: "only the order of columns differs",
        from: "a table\na column x integer not null\na column y integer not null",
        to: "a table\na column y integer not null\na column x integer not null",
        answers: &[],
        ops: &[],
    },
    Case {
        name: "parents are created first, whatever the names",
        from: "",
        to: "a table\na column z_id integer not null\na foreign key (z_id) -> z (id) name fk-a\n\
             a index idx-a (z_id)\nz table\nz column id integer not null\nz primary key (id)",
        answers: &[],
        ops: &[
            "+ table z (id)",
            "+ table a (z_id)",
            "+ foreign key fk-a: a (z_id) -> z (id)",
            "+ index idx-a on a (z_id)",
        ],
    },
    Case {
        name: "a cycle of new tables gets its key afterwards",
        from: "",
        to: "a table\na column id integer not null\na column b_id integer null\na primary key (id)\n\
             a foreign key (b_id) -> b (id) name fk-a\n\
             b table\nb column id integer not null\nb column a_id integer null\nb primary key (id)\n\
             b foreign key (a_id) -> a (id) name fk-b",
        answers: &[],
        ops: &[
            "+ table a (id, b_id)",
            "+ table b (id, a_id)",
            "+ foreign key fk-b: b (a_id) -> a (id)",
            "+ foreign key fk-a: a (b_id) -> b (id)",
        ],
    },
    Case {
        name: "a cycle of dropped tables loses its key first",
        from: "a table\na column id integer not null\na column b_id integer null\na primary key (id)\n\
               a foreign key (b_id) -> b (id) name fk-a\n\
               b table\nb column id integer not null\nb column a_id integer null\nb primary key (id)\n\
               b foreign key (a_id) -> a (id) name fk-b",
        to: "",
        answers: &[],
        ops: &["- foreign key fk-a on a (b_id)", "- table b", "- table a"],
    },
    Case {
        name: "the rows of a key may become alike once it is gone",
        from: "a table\na column id integer not null auto_increment\na column b double not null\n\
               a primary key (id)",
        to: "a table\na column id boolean not null\na column b double not null\n\
             a primary key (b)",
        answers: &[],
        ops: &[
            "~ column a.id: no auto_increment",
            "- primary key of a",
            "~ column a.id: integer -> boolean",
            "+ primary key of a (b)",
        ],
    },
    Case {
        name: "a child loses its key before the parent goes",
        from: "parent table\nparent column id integer not null\nparent primary key (id)\n\
               child table\nchild column id integer not null\nchild column parent_id integer null\n\
               child foreign key (parent_id) -> parent (id) name fk-child",
        to: "child table\nchild column id integer not null\nchild column parent_id integer null",
        answers: &[],
        ops: &[
            "- foreign key fk-child on child (parent_id)",
            "- table parent",
        ],
    },
    Case {
        name: "all changes of a column are one operation",
        from: "a table\na column c string(20) null",
        to: "a table\na column c string(40) not null default 'x' comment 'k'",
        answers: &[],
        ops: &[
            "> fill a.c",
            "~ column a.c: string(20) -> string(40), not null, default 'x', comment 'k'",
        ],
    },
    Case {
        name: "a column that must hold a value is filled first",
        from: "a table\na column id integer not null\na primary key (id)",
        to: "a table\na column id integer not null\na column n integer not null\na primary key (id)",
        answers: &[("fill", "a.n=id * 2")],
        ops: &[
            "+ column a.n integer null",
            "> fill a.n",
            "~ column a.n: not null",
        ],
    },
    Case {
        name: "an answered rename keeps the values",
        from: "a table\na column title text not null\na unique (title)",
        to: "a table\na column name text not null\na unique (name)",
        answers: &[("rename", "column:a.title=name")],
        ops: &["~ column a.title renamed to name"],
    },
    Case {
        name: "an answered drop is a drop and an add",
        from: "a table\na column title text null",
        to: "a table\na column name text null",
        answers: &[("drop", "column:a.title")],
        ops: &["+ column a.name text null", "- column a.title"],
    },
    Case {
        name: "a renamed table takes the keys that point to it along",
        from: "a table\na column id integer not null\na primary key (id)\n\
               b table\nb column a_id integer not null\nb foreign key (a_id) -> a (id) name fk",
        to: "c table\nc column id integer not null\nc primary key (id)\n\
             b table\nb column a_id integer not null\nb foreign key (a_id) -> c (id) name fk",
        answers: &[("rename", "table:a=c")],
        ops: &["~ table a renamed to c"],
    },
    Case {
        name: "an index whose name changes, in case alone too, is renamed",
        from: "a table\na column x integer not null\na index SomeIx (x)",
        to: "a table\na column x integer not null\na index someix (x)",
        answers: &[],
        ops: &["~ index SomeIx on a renamed to someix"],
    },
    Case {
        name: "an enum comes before the table that uses it",
        from: "",
        to: "enum mood: a, b\nt table\nt column m enum mood not null",
        answers: &[],
        ops: &["+ enum mood (a, b)", "+ table t (m)"],
    },
    Case {
        name: "and goes after it",
        from: "enum mood: a, b\nt table\nt column m enum mood not null",
        to: "",
        answers: &[],
        ops: &["- table t", "- enum mood"],
    },
    Case {
        name: "a primary key changes its columns",
        from: "a table\na column x integer not null\na column y integer not null\na primary key (x)",
        to: "a table\na column x integer not null\na column y integer not null\na primary key (y, x)",
        answers: &[],
        ops: &["- primary key of a", "+ primary key of a (y, x)"],
    },
    Case {
        name: "actions of a foreign key",
        from: "p table\np column id integer not null\np primary key (id)\nc table\n\
               c column p integer null\nc foreign key (p) -> p (id) name fk",
        to: "p table\np column id integer not null\np primary key (id)\nc table\n\
             c column p integer null\nc foreign key (p) -> p (id) name fk on delete cascade",
        answers: &[],
        ops: &[
            "- foreign key fk on c (p)",
            "+ foreign key fk: c (p) -> p (id), on delete cascade",
        ],
    },
    Case {
        name: "a dropped column takes its index and its key along, by name",
        from: "p table\np column id integer not null\np primary key (id)\nc table\n\
               c column id integer not null\nc column p integer null\n\
               c foreign key (p) -> p (id) name fk\nc index ix (p)",
        to: "p table\np column id integer not null\np primary key (id)\nc table\n\
             c column id integer not null",
        answers: &[],
        ops: &[
            "- foreign key fk on c (p)",
            "- index ix on c",
            "- column c.p",
        ],
    },
];

fn schema(text: &str) -> Schema {
    from_facts(text, 1).unwrap()
}

fn answers(pairs: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    for (kind, text) in pairs {
        match *kind {
            "rename" => answers.rename(text),
            "drop" => answers.drop(text),
            _ => answers.fill(text),
        }
        .unwrap();
    }
    answers
}

/// Facts as a sorted text: the order of columns does not count.
fn sorted(schema: &Schema) -> Vec<String> {
    let mut lines: Vec<String> = facts(schema).iter().map(ToString::to_string).collect();
    lines.sort();
    lines
}

#[test]
fn plans_are_as_written_and_keep_the_laws() {
    for case in CASES {
        let (from, to) = (schema(case.from), schema(case.to));
        let plan = diff(&from, &to, &answers(case.answers));
        assert_eq!(plan.questions, [], "{}", case.name);
        let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(words, case.ops, "{}", case.name);

        let mut now = from.clone();
        for op in &plan.ops {
            apply(&mut now, op);
        }
        assert_eq!(sorted(&now), sorted(&to), "{}: up", case.name);
        assert!(
            diff(&now, &to, &Answers::default()).ops.is_empty(),
            "{}: again",
            case.name
        );
        for op in plan.down(&from) {
            apply(&mut now, &op);
        }
        assert_eq!(sorted(&now), sorted(&from), "{}: down", case.name);
    }
}

#[test]
fn what_only_a_person_knows_is_asked() {
    let users = schema(USERS);
    let with = |line: &str| schema(&format!("{USERS}{line}"));
    let questions = |from: &Schema, to: &Schema| diff(from, to, &Answers::default()).questions;

    assert_eq!(
        questions(&users, &with("users column name text not null")),
        [Question::Backfill {
            table: "users".into(),
            column: "name".into(),
            new: true,
        }]
    );
    assert_eq!(
        questions(
            &with("users column n text null"),
            &with("users column n text not null")
        ),
        [Question::Backfill {
            table: "users".into(),
            column: "n".into(),
            new: false,
        }]
    );
    assert_eq!(
        questions(
            &with("users column a text null"),
            &with("users column b text null")
        ),
        [Question::RenameColumn {
            table: "users".into(),
            from: "a".into(),
            to: vec!["b".into()],
            ty: "text".into(),
        }]
    );
    let people = schema(&USERS.replace("users", "people"));
    assert_eq!(
        questions(&users, &people),
        [Question::RenameTable {
            from: "users".into(),
            to: vec!["people".into()],
        }]
    );
    // Different types are no candidates: that is a drop and an add, and marked as one.
    assert_eq!(
        questions(
            &with("users column a text null"),
            &with("users column b integer null")
        ),
        []
    );
}

#[test]
fn a_declared_rename_is_done_once() {
    let from = schema("a table\na column title text not null");
    let mut to = schema("a table\na column name text not null");
    let table = to.tables.get_mut(&"a".into()).unwrap();
    table.column_mut("name").unwrap().renamed_from = Some("title".into());
    let plan = diff(&from, &to, &Answers::default());
    let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
    assert_eq!(words, ["~ column a.title renamed to name"]);

    let mut now = from;
    for op in &plan.ops {
        apply(&mut now, op);
    }
    assert!(diff(&now, &to, &Answers::default()).ops.is_empty());
}

/// The first one is what it says; the other one is new, and that is said.
#[test]
fn two_cannot_have_been_one() {
    let from = schema("a table\na column title text null\nold table\nold column id integer null");
    let mut to = schema(
        "a table\na column heading text null\na column name text null\n\
         b table\nb column id integer null\nc table\nc column id integer null",
    );
    for table in to.tables.values_mut() {
        table.renamed_from = Some("old".into()).filter(|_| table.name != "a".into());
        for column in &mut table.columns {
            column.renamed_from = Some("title".to_owned()).filter(|_| column.name != "id");
        }
    }
    let plan = diff(&from, &to, &Answers::default());
    let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
    assert_eq!(
        words,
        [
            "~ table old renamed to b",
            "~ column a.title renamed to heading",
            "+ table c (id)",
            "+ column a.name text null",
        ]
    );
    let notes: Vec<&str> = plan.notes.iter().map(|note| note.object.as_str()).collect();
    assert_eq!(notes, ["table c", "column a.name"]);
    assert!(plan.notes[0].reason.contains("another one was `old` too"));
}

#[test]
fn a_plan_is_the_same_every_time() {
    for case in CASES {
        let (from, to, answers) = (schema(case.from), schema(case.to), answers(case.answers));
        let words = || format!("{:?}", diff(&from, &to, &answers).ops);
        assert_eq!(words(), words());
    }
}
