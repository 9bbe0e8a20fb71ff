//! The graph of revisions, what people type to name one, and the headers of real modules.

mod m20261120_090210_add_tags;
mod m20261121_101500_plain;
mod m20261121_113000_merge;

use std::collections::BTreeSet;

use proptest::prelude::*;
use sea_orm_migration::prelude::async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use seachange::Operations;
use seachange::revision::graph::{Graph, Node, topological};
use seachange::revision::target::Question;
use seachange::revision::{History, HistoryError, TargetError, Transaction};

/// A graph of a drawing: `c2 < b` on a line says that c2 follows b; `e < d1 d2` is a merge.
fn drawn(drawing: &str) -> Result<Graph, HistoryError> {
    let nodes: Vec<Node> = drawing
        .split([';', '\n'])
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (id, parents) = line.split_once('<').unwrap_or((line, ""));
            Node {
                id: id.trim().to_owned(),
                file: Some(format!("src/{}.rs", id.trim())),
                parents: parents.split_whitespace().map(str::to_owned).collect(),
            }
        })
        .collect();
    Graph::new(&nodes)
}

const LINE: &str = "a; b < a; c < b; d < c; e < d";
const FORK: &str = "a; b < a; c1 < b; d1 < c1; c2 < b; d2 < c2";
const MERGE: &str = "a; b < a; c1 < b; d1 < c1; c2 < b; d2 < c2; e < d1 d2; f < e";
const TWINS: &str = "a; b1 < a; b2 < a; b3 < a; c1 < b1 b2 b3; c2 < b1 b2 b3; d1 < c1; d2 < c2";

#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
    Range,
}

/// The answer as ids with spaces between, or the error as it is printed.
fn ask(graph: &Graph, way: Way, applied: &str, text: &str) -> Result<String, TargetError> {
    let applied: BTreeSet<usize> = applied
        .split_whitespace()
        .map(|id| graph.place(id).unwrap())
        .collect();
    let question = Question {
        graph,
        applied: &applied,
        text,
    };
    let path = match way {
        Way::Up => question.upgrade_path(),
        Way::Down => question.downgrade_path(),
        Way::Range => question.range(),
    }?;
    let ids: Vec<&str> = path.iter().map(|&at| graph.ids()[at].as_str()).collect();
    Ok(ids.join(" "))
}

#[test]
fn paths() {
    use Way::{Down, Range, Up};
    let fork_up = "a b c1 d1 c2 d2";
    for (drawing, way, applied, text, path) in [
        (LINE, Down, "a b c d e", "c", "e d"),
        (LINE, Down, "a b c", "base", "c b a"),
        (LINE, Down, "a b c d e", "-3", "e d c"),
        (LINE, Down, "a b c d", "a+2", "d"),
        (LINE, Down, "a b c d", "c-2", "d c b"),
        (LINE, Down, "a b", "-2", "b a"),
        (LINE, Down, "a b", "-0", ""),
        (LINE, Down, "a b c", "current", ""),
        (LINE, Down, "a b c", "c", ""),
        (LINE, Down, "a b c d e", "head", ""),
        (LINE, Down, "", "base", ""),
        (LINE, Up, "a b", "head", "c d e"),
        (LINE, Up, "a b", "heads", "c d e"),
        (LINE, Up, "", "+2", "a b"),
        (LINE, Up, "a", "+2", "b c"),
        (LINE, Up, "a", "head-1", "b c d"),
        (LINE, Up, "a", "base+3", "b c"),
        (LINE, Up, "a", "current+1", "b"),
        (LINE, Up, "a b c d e", "head", ""),
        (LINE, Up, "a b", "b", ""),
        (LINE, Up, "a b", "+0", ""),
        (LINE, Up, "", "base", ""),
        // An older revision that came late with a merge is applied too.
        (LINE, Up, "a c", "head", "b d e"),
        (LINE, Down, "a c d", "base", "d c a"),
        (FORK, Up, "a b", "heads", "c1 d1 c2 d2"),
        (FORK, Up, "", "heads", fork_up),
        (FORK, Up, "a b", "d2", "c2 d2"),
        (FORK, Up, "a b c1", "+1", "d1"),
        (FORK, Down, fork_up, "c1", "d1"),
        (FORK, Down, fork_up, "b", "d2 c2 d1 c1"),
        (FORK, Down, fork_up, "d1", ""),
        (MERGE, Up, "a b", "f", "c1 d1 c2 d2 e f"),
        (MERGE, Up, "a b c1 d1 c2 d2", "+1", "e"),
        (MERGE, Down, "a b c1 d1 c2 d2 e f", "b", "f e d2 c2 d1 c1"),
        // Alembic cannot step down from a merge; the merge is the newest, so that is what goes.
        (MERGE, Down, "a b c1 d1 c2 d2 e", "-1", "e"),
        (MERGE, Down, "a b c1 d1 c2 d2 e f", "-2", "f e"),
        (FORK, Up, "", "+1", "a"),
        (FORK, Up, "a b c1", "d2", "c2 d2"),
        (MERGE, Up, "a b c1 d1 c2", "e", "d2 e"),
        // Two merges of the same branches: what one of them took is not taken twice.
        (TWINS, Up, "a b1 b2 b3 c2 d2", "c1", "c1"),
        (TWINS, Up, "a b1 b2 b3 c1 c2 d2", "d1", "d1"),
        (TWINS, Up, "a b1", "heads", "b2 b3 c1 c2 d1 d2"),
        (TWINS, Up, "a b1", "d2", "b2 b3 c2 d2"),
        (TWINS, Down, "a b1 b2 b3 c1 c2 d1", "c1", "d1"),
        (TWINS, Down, "a b1 b2 b3 c1 c2 d1", "b1", "d1 c2 c1"),
        (TWINS, Range, "", "c1:", "d1 c1"),
        (LINE, Range, "", "a:c", "c b a"),
        (LINE, Range, "", ":c", "c b a"),
        (LINE, Range, "", "c:", "e d c"),
        (LINE, Range, "", ":", "e d c b a"),
        (LINE, Range, "", "a:+2", "c b a"),
        (LINE, Range, "", "-2:c", "c b a"),
        (LINE, Range, "", "-5:c", "c b a"),
        (LINE, Range, "", "d:+9", "e d"),
        (LINE, Range, "a b c", "current:", "e d c"),
        (LINE, Range, "a b c", "-1:current", "c b"),
        (LINE, Range, "", "current:", "e d c b a"),
        (LINE, Range, "", ":base", ""),
        (MERGE, Range, "", "b:e", "e d2 c2 d1 c1 b"),
        (MERGE, Range, "", "c1:", "f e d1 c1"),
        (FORK, Range, "a b c1 c2", "current:", "d2 c2 d1 c1"),
    ] {
        let graph = drawn(drawing).unwrap();
        let found = ask(&graph, way, applied, text);
        assert_eq!(
            found.as_deref(),
            Ok(path),
            "{drawing}: {text} from {{{applied}}}"
        );
    }
}

#[test]
fn words_that_do_not_work_say_what_there_is() {
    use Way::{Down, Range, Up};
    let many: String = (10..25).map(|n| format!("x{n}\n")).collect();
    for (drawing, way, applied, text, error) in [
        (
            LINE,
            Down,
            "a b",
            "-5",
            "`-5` goes too far: 2 revisions come before here",
        ),
        (
            LINE,
            Down,
            "",
            "-1",
            "`-1` goes too far: no revision comes before here",
        ),
        (
            LINE,
            Up,
            "a b c d",
            "+2",
            "`+2` goes too far: 1 revision comes after d",
        ),
        (
            LINE,
            Up,
            "",
            "head+1",
            "`head+1` goes too far: no revision comes after e",
        ),
        (
            LINE,
            Up,
            "",
            "b-3",
            "`b-3` goes too far: 2 revisions come before b",
        ),
        (
            LINE,
            Up,
            "a",
            "+99999999999999999999999",
            "`+99999999999999999999999` goes too far: 4 revisions come after a",
        ),
        (
            LINE,
            Down,
            "",
            "b",
            "`b` is not applied here, so there is no way down to it; the database is at base",
        ),
        (
            LINE,
            Down,
            "a b",
            "c",
            "`c` is not applied here, so there is no way down to it; the database is at `b`",
        ),
        (
            LINE,
            Down,
            "a b",
            "head",
            "`e` is not applied here, so there is no way down to it; the database is at `b`",
        ),
        (LINE, Down, "a b", "+1", "`+1` goes up; type `upgrade +1`"),
        (LINE, Up, "a b", "-1", "`-1` goes down; type `downgrade -1`"),
        (
            LINE,
            Up,
            "a b c",
            "b",
            "`b` is below where the database is (`c`); to go back, type `downgrade b`",
        ),
        (
            LINE,
            Up,
            "a",
            "base",
            "`base` is below where the database is (`a`); to go back, type `downgrade base`",
        ),
        (
            FORK,
            Up,
            "a b",
            "head",
            "2 heads; `head` is ambiguous: `d1`, `d2`; name one, or let one follow the other by the `revises` of its module",
        ),
        (
            FORK,
            Up,
            "a b",
            "+1",
            "`+1` is ambiguous: from b there is more than one way: `c1`, `c2`; name one",
        ),
        (
            FORK,
            Up,
            "a b c1 c2",
            "+1",
            "`+1` is ambiguous: from c1, c2 there is more than one way: `d1`, `d2`; name one",
        ),
        (
            FORK,
            Down,
            "a b c1 c2",
            "-1",
            "the database is at 2 revisions, so `-1` is ambiguous: `c1`, `c2`; name one",
        ),
        (
            FORK,
            Down,
            "a b c1 c2",
            "current",
            "the database is at 2 revisions, so `current` is ambiguous: `c1`, `c2`; name one",
        ),
        (
            MERGE,
            Down,
            "a b c1 d1 c2 d2 e f",
            "-3",
            "the database is at 2 revisions, so `-3` is ambiguous: `d1`, `d2`; name one",
        ),
        (
            MERGE,
            Up,
            "",
            "e-1",
            "`e-1` is ambiguous: from e there is more than one way: `d1`, `d2`; name one",
        ),
        (
            LINE,
            Range,
            "",
            "a",
            "`a` is no range; type `FROM:TO`, `FROM:` or `:TO`",
        ),
        (LINE, Range, "", "zz:", "no revision has `zz` in its name"),
        (LINE, Up, "", "", "no revision has `` in its name"),
        (
            "m20261120_090210_add_tags; m20261121_090210_tasks < m20261120_090210_add_tags",
            Up,
            "",
            "add_tgas",
            "no revision has `add_tgas` in its name; did you mean `m20261120_090210_add_tags`?",
        ),
        (
            &many,
            Up,
            "",
            "x",
            "15 revisions have `x` in their names: `x10`, `x11`, `x12`, `x13`, `x14`, `x15`, `x16`, \
             `x17`, `x18`, `x19` and 5 more; type more of the one you mean",
        ),
    ] {
        let graph = drawn(drawing).unwrap();
        let found = ask(&graph, way, applied, text).unwrap_err().to_string();
        assert_eq!(found, error, "{drawing}: {text} from {{{applied}}}");
    }
}

#[test]
fn any_part_of_an_id_names_it() {
    let graph = drawn(
        "m20261120_090210_add_tags; m20261120_090300_add_tags_index < m20261120_090210_add_tags
         2024-01-11 < m20261120_090300_add_tags_index; 2024 < 2024-01-11",
    )
    .unwrap();
    for (text, id) in [
        ("add_tags", Some("m20261120_090210_add_tags")),
        ("tags_index", Some("m20261120_090300_add_tags_index")),
        ("090210", Some("m20261120_090210_add_tags")),
        ("add_tags+1", Some("m20261120_090300_add_tags_index")),
        ("2024", Some("2024")),
        ("2024-01-11", Some("2024-01-11")),
        ("2024-01", Some("2024-01-11")),
        ("2024-1", Some("2024-01-11")),
        ("base", None),
    ] {
        let question = Question {
            graph: &graph,
            applied: &BTreeSet::new(),
            text,
        };
        let found = question
            .resolve()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(found.map(|at| graph.ids()[at].as_str()), id, "{text}");
    }
}

#[test]
fn what_is_no_history_is_named_with_its_files() {
    for (drawing, error) in [
        (
            "a < c; b < a; c < b",
            "revisions follow each other in a circle: `a` (src/a.rs) revises `c` (src/c.rs) revises \
             `b` (src/b.rs) revises `a` (src/a.rs); correct one `revises`",
        ),
        (
            "a; b < b",
            "`b` (src/b.rs) revises itself; name the revision that it follows",
        ),
        (
            "a; a",
            "`a` stands twice in the list of `migrations()`; take one of the lines out",
        ),
        (
            "add_tags; b < add_tag",
            "`b` (src/b.rs) revises `add_tag`, which is not in the list of `migrations()`; did you \
             mean `add_tags`?",
        ),
    ] {
        assert_eq!(drawn(drawing).unwrap_err().to_string(), error);
    }
    let node = |file: &str| Node {
        id: "a".to_owned(),
        file: Some(file.to_owned()),
        parents: Vec::new(),
    };
    assert_eq!(
        Graph::new(&[node("one/a.rs"), node("two/a.rs")])
            .unwrap_err()
            .to_string(),
        "two revisions are called `a`: one/a.rs and two/a.rs; rename one of the files"
    );
}

#[test]
fn parents_come_first_and_ties_keep_the_order_of_the_list() {
    for (drawing, order) in [
        ("b < a; a", "a b"),
        ("z; y; x", "z y x"),
        ("d < c; c < b1 b2; b2 < a; a; b1 < a", "a b1 b2 c d"),
    ] {
        assert_eq!(drawn(drawing).unwrap().ids().join(" "), order);
    }
}

/// Any graph, circles included: for each place some parents.
fn any_parents() -> impl Strategy<Value = Vec<Vec<usize>>> {
    (1_usize..9)
        .prop_flat_map(|n| proptest::collection::vec(proptest::collection::vec(0..n, 0..3), n))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_order_or_a_circle(parents in any_parents()) {
        match topological(&parents) {
            Ok(order) => {
                let rank = |at: usize| order.iter().position(|&other| other == at).unwrap();
                prop_assert_eq!(order.len(), parents.len());
                for (at, parents) in parents.iter().enumerate() {
                    prop_assert!(parents.iter().all(|&parent| rank(parent) < rank(at)));
                }
            }
            Err(circle) => {
                prop_assert_eq!(circle.first(), circle.last());
                prop_assert!(circle.len() > 1);
                prop_assert!(circle.windows(2).all(|step| parents[step[0]].contains(&step[1])));
            }
        }
    }

    /// Up to a target and down to where one came from passes the same revisions, whatever is
    /// applied.
    #[test]
    fn down_undoes_up(parents in any_parents(), picks in proptest::collection::vec(any::<bool>(), 9), to in any::<prop::sample::Index>()) {
        let nodes: Vec<Node> = parents.iter().enumerate().map(|(at, parents)| Node {
            id: format!("r{at}_"),
            file: None,
            parents: parents.iter().filter(|&&parent| parent < at).map(|at| format!("r{at}_")).collect(),
        }).collect();
        let graph = Graph::new(&nodes).unwrap();
        let chosen = (0..nodes.len()).filter(|&at| picks[at]);
        let mut applied = graph.ancestors(chosen);
        let before = applied.clone();
        let text = &graph.ids()[to.index(nodes.len())];
        if let Ok(path) = (Question { graph: &graph, applied: &applied, text }).upgrade_path() {
            for &at in &path {
                prop_assert!(graph.parents(at).iter().all(|parent| applied.contains(parent)));
                prop_assert!(applied.insert(at));
            }
            let down = format!("-{}", path.len());
            let question = Question { graph: &graph, applied: &applied, text: &down };
            if let Ok(down) = question.downgrade_path() {
                let gone: BTreeSet<usize> = down.iter().copied().collect();
                let left: BTreeSet<usize> = applied.difference(&gone).copied().collect();
                prop_assert_eq!(left.len(), before.len());
            }
            let all = (Question { graph: &graph, applied: &applied, text: "base" }).downgrade_path().unwrap();
            let mut left = applied.clone();
            for at in all {
                prop_assert!(graph.children(at).iter().all(|child| !left.contains(child)));
                left.remove(&at);
            }
            prop_assert!(left.is_empty());
        }
    }

    #[test]
    fn any_word_is_answered_or_refused(text in "(head|heads|base|current|a|d1|b)?[+-]?[0-9]{0,20}:?[a-z+-]{0,3}") {
        let graph = drawn(MERGE).unwrap();
        for way in [Way::Up, Way::Down, Way::Range] {
            let _ = ask(&graph, way, "a b c2", &text);
        }
    }
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_090210_add_tags::Migration),
            Box::new(m20261121_101500_plain::Migration),
            Box::new(m20261121_113000_merge::Migration),
        ]
    }
}

#[test]
fn modules_tell_what_they_are() {
    let history = History::of::<Migrator>().unwrap();
    assert_eq!(history.record_table(), "seaql_migrations");
    let [tags, plain, merge] = history.entries() else {
        panic!("{history:?}");
    };
    assert_eq!(tags.id, "m20261120_090210_add_tags");
    assert_eq!(tags.parents, [""; 0]);
    let header = tags.header.unwrap();
    assert_eq!(header.message, "Add \"tags\" & more.");
    assert!(
        header
            .file
            .ends_with("tests/history/m20261120_090210_add_tags.rs"),
        "{header:?}"
    );
    assert_eq!(header.checksum.len(), 32);
    assert_eq!(header.transaction, Transaction::PerSegment);

    assert!(plain.header.is_none());
    assert_eq!(plain.parents, ["m20261120_090210_add_tags"]);

    let header = merge.header.unwrap();
    assert_eq!(
        merge.parents,
        ["m20261121_101500_plain", "m20261120_090210_add_tags"]
    );
    assert_eq!(header.transaction, Transaction::Whole);

    let mut op = Operations::default();
    (tags.header.unwrap().up)(&mut op);
    (tags.header.unwrap().down)(&mut op);
    assert_eq!(op.steps().len(), 2);
    assert_eq!(op.steps()[0].line, 12);
    assert_eq!(
        history.head().unwrap().unwrap().id,
        "m20261121_113000_merge"
    );
}

/// A plain migration of another crate may well have the name of a revision here.
#[test]
fn a_name_alone_is_no_identity() {
    let name = String::from("m20261120_090210_add_tags");
    let history = History::new(vec![Box::new(Named(name))], "t".to_owned()).unwrap();
    assert!(history.entries()[0].header.is_none());
}

struct Named(String);

impl MigrationName for Named {
    fn name(&self) -> &str {
        &self.0
    }
}

#[async_trait]
impl MigrationTrait for Named {
    async fn up(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

#[test]
fn applied_ids_that_the_code_does_not_know_are_passed_over() {
    let history = History::of::<Migrator>().unwrap();
    let applied: BTreeSet<String> = ["m20261120_090210_add_tags", "m20990101_000000_other"]
        .map(str::to_owned)
        .into();
    let ids = |entries: Vec<&seachange::revision::Entry>| {
        entries
            .into_iter()
            .map(|entry| entry.id.clone())
            .collect::<Vec<_>>()
    };
    let rest = ["m20261121_101500_plain", "m20261121_113000_merge"];
    assert_eq!(ids(history.pending(&applied)), rest);
    assert_eq!(ids(history.upgrade_path(&applied, "head").unwrap()), rest);
    assert_eq!(
        ids(history.downgrade_path(&applied, "base").unwrap()),
        ["m20261120_090210_add_tags"]
    );
    assert_eq!(
        ids(history.current(&applied)),
        ["m20261120_090210_add_tags"]
    );
    assert_eq!(
        ids(history.descendants("m20261121_101500_plain")),
        ["m20261121_113000_merge"]
    );
    assert_eq!(
        ids(history.ancestors("m20261121_101500_plain")),
        ["m20261120_090210_add_tags"]
    );
    assert_eq!(ids(history.ancestors("unknown")), [""; 0]);
}
