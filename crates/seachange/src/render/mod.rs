//! Operations as a Rust module that looks as if a person wrote it.
//!
//! The module needs no formatter, imports nothing that it does not use, and recording it gives the
//! operations it was made of.

mod column;
mod layout;
mod on;
mod rows;
mod step;
mod table_options;

use std::collections::BTreeSet;

use crate::op::{Op, Step, breaks, destroys, locks, needs_segments, refused, risks};
use crate::schema::Name;
use layout::{Code, WIDTH, is_unseen, width};

/// What a revision's module is made of.
#[derive(Clone, Debug, Default)]
pub struct ModuleSpec {
    /// What the revision does; the first paragraph of the module's documentation.
    pub message: String,
    /// Paragraphs below it.
    pub doc: Vec<String>,
    /// What it follows.
    pub revises: Vec<String>,
    /// How its steps are committed, in the attribute's words; `None` is all together. See
    /// [`transaction`].
    pub transaction: Option<&'static str>,
    /// Its steps up.
    pub up: Vec<Step>,
    /// Its steps down.
    pub down: Vec<Step>,
}

/// How the steps of a plan have to be committed, in the words of `#[revision(transaction = …)]`:
/// `per segment` when some of them cannot share one transaction with the rest.
pub fn transaction(ops: &[Op]) -> Option<&'static str> {
    needs_segments(ops).then_some("per segment")
}

/// The text of a revision's module.
///
/// ```
/// use seachange::op::Op;
/// use seachange::render::{ModuleSpec, module};
///
/// let spec = ModuleSpec {
///     message: "forget tags".to_owned(),
///     revises: vec!["m20261120_090210_add_tags".to_owned()],
///     up: vec![Op::DropTable { name: "tags".into(), before: None }.into()],
///     ..ModuleSpec::default()
/// };
/// assert_eq!(module(&spec), r#"//! Forget tags.
/// //!
/// //! breaks the previous release: a statement that names `tags` fails.
///
/// use seachange::{Operations, Revision};
///
/// #[seachange::revision(revises = "m20261120_090210_add_tags")]
/// pub struct Migration;
///
/// impl Revision for Migration {
///     fn up(&self, op: &mut Operations) {
///         // destructive: every row of `tags` goes with it
///         op.drop_table("tags");
///     }
///
///     fn down(&self, _op: &mut Operations) {}
/// }
/// "#);
/// ```
pub fn module(spec: &ModuleSpec) -> String {
    let up: Vec<(&Op, Code)> = spec.up.iter().map(coded).collect();
    let down: Vec<(&Op, Code)> = spec.down.iter().map(coded).collect();
    let codes: Vec<&Code> = up.iter().chain(&down).map(|(_, code)| code).collect();
    format!(
        "{}\n{}\n{}\npub struct Migration;\n\nimpl Revision for Migration {{\n{}\n{}}}\n",
        documentation(spec),
        imports(&codes),
        attribute(spec),
        body("up", &up),
        body("down", &down),
    )
}

fn coded(step: &Step) -> (&Op, Code) {
    (&step.op, step::step(step))
}

fn documentation(spec: &ModuleSpec) -> String {
    let mut paragraphs = vec![sentence(&spec.message)];
    paragraphs.extend(spec.doc.iter().cloned());
    let ops: Vec<Op> = spec.up.iter().map(|step| step.op.clone()).collect();
    let broken = breaks(&ops);
    if !broken.is_empty() {
        paragraphs.push(format!(
            "breaks the previous release: {}.",
            broken.join("; ")
        ));
    }
    let paragraphs: Vec<String> = paragraphs
        .iter()
        .map(|text| wrapped("//! ", text))
        .filter(|text| !text.is_empty())
        .collect();
    paragraphs.join("//!\n")
}

/// A message as a sentence: with a capital letter, and with a full stop.
fn sentence(message: &str) -> String {
    let message = message.trim();
    let mut letters = message.chars();
    let capital: String = match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => return String::new(),
    };
    if capital.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '`' | '"' | '\''))
    {
        capital + "."
    } else {
        capital
    }
}

/// Lines of a comment, each with the prefix, none wider than a line may be.
fn wrapped(prefix: &str, text: &str) -> String {
    let seen: String = text
        .chars()
        .map(|c| if is_unseen(c) { ' ' } else { c })
        .collect();
    let mut out = String::new();
    let mut line = String::new();
    for word in seen.split_whitespace() {
        if !line.is_empty() && width(prefix) + width(&line) + 1 + width(word) > WIDTH {
            out += &format!("{prefix}{line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        out += &format!("{prefix}{line}\n");
    }
    out
}

fn imports(codes: &[&Code]) -> String {
    let uses = |meant: &dyn Fn(&str) -> bool| codes.iter().any(|code| code.mentions(meant));
    let prelude = uses(&|word| {
        [
            "Table",
            "ForeignKey",
            "ForeignKeyAction",
            "Index",
            "Expr",
            "ColumnDef",
            "ColumnType",
            "StringLen",
            "RcOrArc",
            "PgInterval",
            "Value",
        ]
        .iter()
        .any(|name| {
            word.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with("::"))
        }) || word.contains("DbErr::")
    });
    // Helpers are the only calls without a path that are neither tuples nor `Some`.
    let helpers =
        uses(&|word| word.starts_with(|c: char| c.is_ascii_lowercase()) && is_helper(word));
    let migration = match (prelude, helpers) {
        (true, true) => "use sea_orm_migration::{prelude::*, schema::*};\n",
        (true, false) => "use sea_orm_migration::prelude::*;\n",
        (false, true) => "use sea_orm_migration::schema::*;\n",
        (false, false) => "",
    };
    let mut names = vec!["Operations", "Revision"];
    if uses(&|word| word.starts_with("Engine::")) {
        names.insert(0, "Engine");
    }
    if uses(&|word| word.starts_with("Numbering::")) {
        names.insert(names.len() - 2, "Numbering");
    }
    if uses(&|word| word.starts_with("Sequence::")) {
        names.push("Sequence");
    }
    if uses(&|word| word.starts_with("Variant::")) {
        names.push("Variant");
    }
    if uses(&|word| word == "enum_type") {
        names.push("enum_type");
    }
    format!("{migration}use seachange::{{{}}};\n", names.join(", "))
}

fn attribute(spec: &ModuleSpec) -> String {
    let parents: Vec<String> = spec.revises.iter().map(|id| format!("\"{id}\"")).collect();
    let revises = match parents.as_slice() {
        [] => None,
        [one] => Some(format!("revises = {one}")),
        several => Some(format!("revises = [{}]", several.join(", "))),
    };
    let transaction = spec
        .transaction
        .map(|words| format!("transaction = \"{words}\""));
    let arguments: Vec<String> = revises.into_iter().chain(transaction).collect();
    let line = match arguments.as_slice() {
        [] => "#[seachange::revision]".to_owned(),
        arguments => format!("#[seachange::revision({})]", arguments.join(", ")),
    };
    if width(&line) <= WIDTH {
        return line;
    }
    let broken = format!(
        "revises = [\n        {},\n    ]",
        parents.join(",\n        ")
    );
    let arguments: Vec<String> = arguments
        .into_iter()
        .map(|argument| {
            if parents.len() > 1 && argument.starts_with("revises") {
                broken.clone()
            } else {
                argument
            }
        })
        .collect();
    format!(
        "#[seachange::revision(\n    {}\n)]",
        arguments.join(",\n    ")
    )
}

fn body(function: &str, steps: &[(&Op, Code)]) -> String {
    if steps.is_empty() {
        return format!("    fn {function}(&self, _op: &mut Operations) {{}}\n");
    }
    let created: BTreeSet<&Name> = steps
        .iter()
        .filter_map(|(op, _)| match op {
            Op::CreateTable { table, .. } => Some(&table.name),
            _ => None,
        })
        .collect();
    let mut out = format!("    fn {function}(&self, op: &mut Operations) {{\n");
    let mut before: Option<&Op> = None;
    for (op, code) in steps {
        let destroys = destroys(op).map(|what| format!("destructive: {what}"));
        let is_new = op.table().is_some_and(|table| created.contains(table));
        let locks = locks(op)
            .filter(|_| !is_new)
            .map(|what| format!("locks: {what}"));
        let comments: Vec<String> = destroys
            .into_iter()
            .chain(refused(op))
            .chain(risks(op))
            .chain(locks)
            .map(|comment| wrapped("        // ", &comment))
            .collect();
        let is_apart = |other: &Op| {
            !comments.is_empty()
                || other.table() != op.table()
                || matches!(other, Op::Backfill(_) | Op::Run(_))
                || matches!(op, Op::Backfill(_) | Op::Run(_))
        };
        if before.is_some_and(is_apart) {
            out.push('\n');
        }
        out += &comments.concat();
        out += &format!("        {}\n", code.statement(8));
        before = Some(op);
    }
    out + "    }\n"
}

/// The helpers of `sea_orm_migration::schema`: a type's name, and an ending.
fn is_helper(word: &str) -> bool {
    !word.contains("::") && !matches!(word, "op" | "enum_type" | "true" | "false")
}
