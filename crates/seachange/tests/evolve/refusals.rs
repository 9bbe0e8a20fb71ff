//! What is asked, and what is refused.

use seachange::diff::{Answers, Question, diff};

use super::schema;

#[test]
fn values_that_go_while_others_come_are_asked_about() {
    let from = schema("enum st: todo, done\nt table\nt column s enum st not null");
    let to = schema("enum st: todo, finished, late\nt table\nt column s enum st not null");
    let plan = diff(&from, &to, &Answers::default());
    let [
        Question::RenameEnumValue {
            name,
            from,
            to,
            used_by,
        },
    ] = plan.questions.as_slice()
    else {
        panic!("{:?}", plan.questions);
    };
    assert_eq!((name.to_string().as_str(), from.as_str()), ("st", "done"));
    assert_eq!(to, &["finished", "late"]);
    assert_eq!(used_by.len(), 1);
}
