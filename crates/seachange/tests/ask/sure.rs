//! What is settled without asking: it must be true of rows, and it must be enough for what people
//! usually write.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use seachange::compare::Scratch;
use seachange::dialect::{Piece, Verdict, canonical};
use seachange::schema::{Check, Engine};

use super::{by_hand, compared, declared};
use crate::support::postgres;

/// Conditions that the server prints in other words, and that nobody has to be asked about.
const USUAL: &[&str] = &[
    "n > 0",
    "\"n\" >= 1 AND \"n\" <= 5",
    "n between 0 and 5",
    "n not between -3 and 5",
    "n in (1, 2, 3)",
    "n NOT IN (1, -2)",
    "n in (7)",
    "n <> -1",
    "big > 0",
    "price >= 0",
    "price > -1",
    "price between 0 and 99.5",
    "price in (1, 2.5)",
    "ratio < 1.5 or ratio >= 10",
    "raw <> 0",
    "name <> ''",
    "name in ('a', 'b')",
    "name like 'a%'",
    "name not like '%b'",
    "name ilike 'A%'",
    "body = 'x' or (body is null and n is not null)",
    "body in ('a', 'it''s')",
    "body ~ '^[a-z]+$'",
    "code = 'abc'",
    "mood in ('sad', 'glad')",
    "mood <> 'sad'",
    "born > '2020-01-01'",
    "done or not done",
    "done is true",
    "not (n > 0 and price < 5)",
    "n + 1 > big * 2 - 1",
    "tasks.n > 0",
    "\"Upper Case\" > 0",
    "CAST(n AS bigint) > big",
    "n::text = body",
    "name = body",
];

#[tokio::test]
async fn what_people_usually_write_is_not_asked_about() {
    let Some(test) = postgres().await else {
        return;
    };
    let mut failures = Vec::new();
    for condition in USUAL {
        by_hand(&test, &format!("add constraint ck check ({condition})")).await;
        let quoted = condition.replace('\'', "\\'");
        let want = declared(&format!("tasks check ck '{quoted}'"));
        let heard = compared(&test, &want, &want, Scratch::Nowhere("for a test"), None).await;
        failures.extend(heard.failure(condition, &[]));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// A column, and two values that the server may take beside it.
fn operands() -> impl Strategy<Value = (&'static str, &'static str, &'static str)> {
    let numbers = vec![
        "0",
        "1",
        "-1",
        "1.0",
        "0.5",
        "-0.5",
        "3000000000",
        "'1'",
        "0::numeric",
        "1::bigint",
        "'1'::integer",
        "(1)",
        "n",
        "ratio",
        "1 + 1",
        "2 - 1",
        "null",
    ];
    let texts = vec![
        "'a'",
        "'a '",
        "'A'",
        "'1'",
        "''",
        "'a'::text",
        "'a'::varchar",
        "'a '::bpchar",
        "'a'::varchar(1)",
        "name",
        "code",
        "body",
        "'a' || ' '",
        "null",
    ];
    let of = |columns: Vec<&'static str>, values: Vec<&'static str>| {
        (select(columns), select(values.clone()), select(values))
    };
    prop_oneof![
        4 => of(vec!["n", "big", "price", "ratio", "raw"], numbers),
        4 => of(vec!["name", "body", "code"], texts),
        1 => of(vec!["born"], vec!["'2020-01-01'", "'2020-1-1'", "'2020-01-01'::date", "born"]),
        1 => of(vec!["mood"], vec!["'sad'", "'sad'::mood", "'glad'", "null"]),
        1 => of(vec!["done"], vec!["true", "false", "'t'", "null"]),
    ]
}

fn comparison() -> impl Strategy<Value = String> {
    let operator = select(vec!["=", "<>", "!=", "<", "<=", ">", ">="]);
    let pattern = select(vec!["like", "not like", "ilike", "~~", "~"]);
    let cast = select(vec!["", "", "", "::text", "::bpchar"]);
    prop_oneof![
        4 => (operands(), operator).prop_map(|((c, a, _), o)| format!("{c} {o} {a}")),
        1 => (operands(), cast, pattern).prop_map(|((c, a, _), t, o)| format!("{c}{t} {o} {a}")),
        1 => operands().prop_map(|(c, a, b)| format!("{c} between {a} and {b}")),
        1 => operands().prop_map(|(c, a, b)| format!("{c} not between {a} and {b}")),
        1 => operands().prop_map(|(c, a, b)| format!("{c} in ({a}, {b})")),
        1 => operands().prop_map(|(c, a, b)| format!("{c} not in ({a}, {b})")),
        1 => operands().prop_map(|(c, a, b)| format!("{c} = any (array[{a}, {b}])")),
        1 => operands().prop_map(|(c, a, b)| format!("{c} >= {a} and {c} <= {b}")),
        1 => operands().prop_map(|(c, _, _)| format!("{c} is not null")),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    comparison().prop_recursive(3, 6, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(a, b)| format!("{a} and {b}")),
            two.clone().prop_map(|(a, b)| format!("{a} or {b}")),
            two.clone().prop_map(|(a, b)| format!("({a}) and ({b})")),
            two.prop_map(|(a, b)| format!("({a}) or {b}")),
            inner.clone().prop_map(|a| format!("not {a}")),
            inner.clone().prop_map(|a| format!("(not ({a}))")),
            inner.prop_map(|a| format!("({a}) = true")),
        ]
    })
}

/// The same text with a small change somewhere, which may or may not change what it means.
fn changed(text: &str, at: usize) -> String {
    const CHANGES: &[(&str, &str)] = &[
        ("(", ""),
        (")", ""),
        (" and ", " AND "),
        ("!=", "<>"),
        ("'a'", "'a'::text"),
        ("'a'", "'a '"),
        ("'a'", "'a'::bpchar"),
        (" 0", " 0::numeric"),
        (" 1", " (1)::numeric"),
        ("1", "'1'"),
        ("name", "(name)::text"),
        ("code", "code::text"),
        (" like ", " ~~ "),
        (" or ", " and "),
        ("not ", ""),
        ("-1", "'-1'::integer"),
        ("'sad'", "'sad'::mood"),
        ("ratio", "ratio::numeric"),
        ("0.5", "(0.5)::double precision"),
        (" in (", " = any (array["),
        ("'2020-01-01'", "'2020-01-01'::date"),
        ("price", "(price)"),
    ];
    let (from, to) = CHANGES[at % CHANGES.len()];
    match from {
        // Brackets go in pairs.
        "(" | ")" => text.replacen('(', "", 1).replacen(')', "", 1),
        " in (" => match text.split_once(from) {
            Some((before, after)) => {
                format!("{before}{to}{}", after.replacen(')', "])", 1))
            }
            None => text.to_owned(),
        },
        from => text.replacen(from, to, 1),
    }
}

/// What is called the same is the same for every row, whatever is in it.
#[tokio::test]
async fn what_is_sure_is_true() {
    let Some(test) = postgres().await else {
        return;
    };
    by_hand(&test, "add check (true)").await;
    test.execute(
        "insert into tasks (id, n, big, price, ratio, raw, name, body, code, born, done, mood) \
         select row_number() over (), v.* from (values \
         (0, 1, 0.5, 0.5, 1.0, 'a', 'a ', 'a', date '2020-01-01', true, 'sad'::mood), \
         (1, 0, 1.0, 1.0, 0.5, 'a ', 'a', 'a  ', date '2020-01-02', false, 'glad'), \
         (-1, -1, -0.5, -0.5, -1, 'A', 'A', 'A', date '2019-01-01', null, null), \
         (2, 3000000000, 1, 0.1, 3000000000, '1', '1', '1', null, true, 'sad'), \
         (null, null, null, null, null, null, null, null, date '2020-01-01', null, 'glad'), \
         (1, 2, 0, 'NaN', 'NaN', '', '', '', date '2020-01-01', false, 'sad'), \
         (5, 5, 5, 5, 5, 'sad', 'sad', 'sad', date '2021-01-01', false, null)) v",
    )
    .await;
    let table = canonical(Engine::Postgres, &declared(""))
        .unwrap()
        .schema
        .tables
        .into_values()
        .next()
        .unwrap();
    let piece = |sql: &str| {
        Piece::Check(Check {
            name: None,
            expr: seachange::dialect::postgres::normal(sql),
            only: None,
        })
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = (condition(), any::<usize>(), any::<usize>());
    let (mut sure, mut same) = (0, 0);
    for _ in 0..8000 {
        let (one, at, next) = strategy.new_tree(&mut runner).unwrap().current();
        let other = changed(&changed(&one, at % 977), next % 991);
        if one == other || piece(&one).verdict(&piece(&other), &table) != Verdict::Same {
            continue;
        }
        sure += 1;
        let sql = format!(
            "select case when ({one}) is distinct from ({other}) then 'differs' else 'same' end \
             from tasks"
        );
        // What the server refuses cannot be a check.
        if test.try_execute(&sql).await.is_err() {
            continue;
        }
        same += 1;
        assert!(
            test.strings(&sql).await.iter().all(|row| row == "same"),
            "{one}   ≠   {other}"
        );
    }
    assert!(same > 500, "{same} of {sure} pairs were called the same");
}
