//! Answers that are given before anything is asked: by flags, and by `migration/answers.toml`.

use super::args::RevisionArgs;
use super::error::Failure;
use super::project::Project;
use crate::diff::Answers;

/// The file, in the migration package.
pub(super) const FILE: &str = "answers.toml";

/// What the file says: the same words as the flags of `revision`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Lines {
    #[serde(default)]
    rename: Vec<toml::Spanned<String>>,
    #[serde(default)]
    drop: Vec<toml::Spanned<String>>,
    #[serde(default)]
    backfill: Vec<toml::Spanned<String>>,
}

/// The answers of the file, and those of the flags, which win.
pub(super) fn given(project: &Project, args: &RevisionArgs) -> Result<Answers, Failure> {
    let mut answers = Answers::default();
    if let Some((name, text)) = project.answers()? {
        read(&text, &mut answers)
            .map_err(|problem| Failure::usage(format!("`{name}`: {problem}")))?;
    }
    for text in &args.rename {
        answers.rename(text).map_err(Failure::usage)?;
    }
    for text in &args.drop {
        answers.drop(text).map_err(Failure::usage)?;
    }
    for text in &args.backfill {
        answers.fill(text).map_err(Failure::usage)?;
    }
    Ok(answers)
}

fn read(text: &str, answers: &mut Answers) -> Result<(), String> {
    let Lines {
        rename,
        drop,
        backfill,
    } = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut take = |lines: &[toml::Spanned<String>], put: fn(&mut Answers, &str) -> Parsed| {
        lines.iter().try_for_each(|line| {
            put(answers, line.get_ref()).map_err(|error| {
                let before = text.get(..line.span().start).unwrap_or_default();
                format!("line {}: {error}", before.matches('\n').count() + 1)
            })
        })
    };
    take(&rename, Answers::rename)?;
    take(&drop, Answers::drop)?;
    take(&backfill, Answers::fill)
}

type Parsed = Result<(), crate::diff::ParseAnswerError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_flags_are_read() {
        let mut answers = Answers::default();
        let text = "rename = [\"column:tasks.title=name\"]\ndrop = [\"table:old\"]\n\
                    backfill = [\"users.full_name=first_name || ' ' || last_name\"]\n";
        assert_eq!(read(text, &mut answers), Ok(()));
        let mut flags = Answers::default();
        assert!(flags.rename("column:tasks.title=name").is_ok());
        assert!(flags.drop("table:old").is_ok());
        assert!(
            flags
                .fill("users.full_name=first_name || ' ' || last_name")
                .is_ok()
        );
        assert_eq!(answers, flags);
    }

    #[test]
    fn what_is_no_answer_is_refused_with_its_line() {
        for (text, expected) in [
            ("rename = []\nrenames = []\n", "line 2"),
            (
                "rename = [\n  \"column:tasks.title\",\n]\n",
                "line 2: `column:tasks.title` is no answer",
            ),
            ("drop = [1]\n", "line 1"),
        ] {
            let error = read(text, &mut Answers::default())
                .err()
                .unwrap_or_default();
            assert!(error.contains(expected), "{error}");
        }
    }
}
