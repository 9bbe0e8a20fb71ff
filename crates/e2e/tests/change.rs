//! One turn of the loop: what holds of every change of an entity.

use std::collections::BTreeSet;

use tests::process::Files;
use tests::{Ran, TestDatabase};

use crate::project::Project;

/// A change that the entities already have.
pub(crate) struct Change<'a> {
    /// What the snapshots are called, and the message.
    pub(crate) name: &'a str,
    /// More arguments for `revision`.
    pub(crate) answers: &'a [&'a str],
    /// Queries of one text column and what they give when the change is applied.
    pub(crate) after: &'a [(&'a str, &'a [&'a str])],
    /// The same when it is taken back.
    pub(crate) before: &'a [(&'a str, &'a [&'a str])],
    /// A column that was dropped comes back as the last one.
    pub(crate) reorders: bool,
}

/// Writes the revision on each engine, then applies the last one to all of them, takes it back and
/// applies it again.
pub(crate) async fn turn(project: &Project, databases: &[TestDatabase], change: &Change<'_>) {
    let sources = project.sources();
    let mut dumps = Vec::new();
    let mut modules = BTreeSet::new();
    for test in databases {
        dumps.push(dump(test, change.reorders).await);
        project.restore(&sources);
        let mut arguments = vec!["revision", "--autogenerate", "-m", change.name];
        arguments.extend(change.answers);
        let ran = project.db(test, &arguments).ended(0);
        let module = written(project, &sources);
        shown(
            project,
            &format!("{} printed {}", change.name, test.engine()),
            &ran,
        );
        modules.insert(masked(&module));
    }
    // One module is for all engines, whichever it was written on.
    let modules: Vec<String> = modules.into_iter().collect();
    assert_eq!(modules.len(), 1, "{}", modules.join("\n=====\n"));
    snapshot(&format!("{} module", change.name), &modules[0]);

    project.build();
    for (test, before) in databases.iter().zip(dumps) {
        project.db(test, &["upgrade", "head"]).ended(0);
        holds(test, change.after).await;
        project
            .db(test, &["check"])
            .ended(0)
            .printed("entities, history and database agree");
        let sources = project.sources();
        project
            .db(test, &["revision", "--autogenerate", "-m", "again"])
            .ended(0)
            .said("nothing to do: the entities declare what is in history; no file was written");
        assert_eq!(project.sources(), sources);

        project
            .db(test, &["downgrade", "-1", "--allow-data-loss"])
            .ended(0);
        similar(&before, &dump(test, change.reorders).await, test);
        holds(test, change.before).await;
        project.db(test, &["upgrade"]).ended(0);
        holds(test, change.after).await;
    }
}

/// A command that must leave the sources and the databases as they are.
pub(crate) async fn refused(
    project: &Project,
    test: &TestDatabase,
    arguments: &[&str],
    code: i32,
) -> Ran {
    let before = (project.sources(), test.dump().await);
    let ran = project.db(test, arguments).ended(code);
    assert_eq!(project.sources(), before.0, "{ran}");
    assert_eq!(test.dump().await, before.1, "{ran}");
    ran
}

/// Holds what a command printed against the snapshot of that name.
pub(crate) fn shown(project: &Project, name: &str, ran: &Ran) {
    let root = project.path("").display().to_string();
    let text = format!("{}---\n{}", ran.stdout, ran.stderr);
    snapshot(name, &masked(&text.replace(&root, "")));
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(name.replace(' ', "_"), text));
}

/// The text of the one module that is not among these sources.
pub(crate) fn written(project: &Project, sources: &[Files; 2]) -> String {
    project.read(&format!("migration/src/{}", newest(project, sources)))
}

/// The file of the one module that is not among these sources.
pub(crate) fn newest(project: &Project, sources: &[Files; 2]) -> String {
    let [_, now] = project.sources();
    let new: Vec<_> = now
        .keys()
        .filter(|path| path.starts_with("src") && !sources[1].contains_key(*path))
        .collect();
    assert_eq!(new.len(), 1, "{new:?}");
    new[0].file_name().unwrap().to_str().unwrap().to_owned()
}

/// Text without what changes from run to run: times in identifiers, and where databases are.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['m', 's', 'p']) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let id = |text: &str| {
            let (date, time) = (text.get(1..9)?, text.get(9..17)?);
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            let time = time.strip_prefix('_')?.strip_suffix('_')?;
            (digits(date) && digits(time)).then_some(17)
        };
        let url = ["sqlite://", "postgres://"]
            .iter()
            .any(|scheme| found.starts_with(scheme));
        rest = if let Some(end) = id(found) {
            out.push_str("m<time>_");
            &found[end..]
        } else if url {
            out.push_str("<database>");
            let end = found.find(|c: char| c.is_whitespace() || c == ',' || c == ')');
            &found[end.unwrap_or(found.len())..]
        } else {
            out.push_str(&found[..1]);
            &found[1..]
        };
    }
    out + rest
}

async fn holds(test: &TestDatabase, queries: &[(&str, &[&str])]) {
    for (sql, expected) in queries {
        assert_eq!(
            test.strings(sql).await,
            *expected,
            "{}: {sql}",
            test.engine()
        );
    }
}

/// The schema, as lines; sorted where the order of columns may have changed.
async fn dump(test: &TestDatabase, reorders: bool) -> Vec<String> {
    let structure = test.structure().await;
    let mut lines: Vec<String> = structure.lines().map(str::to_owned).collect();
    if reorders {
        for line in &mut lines {
            *line = line.trim_end_matches(',').to_owned();
        }
        lines.sort();
    }
    lines
}

#[track_caller]
fn similar(expected: &[String], found: &[String], test: &TestDatabase) {
    let missing: Vec<_> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let extra: Vec<_> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        expected == found,
        "{}: the way down is not the way up\nmissing {missing:#?}\nextra {extra:#?}",
        test.engine()
    );
}
