//! Answers that are remembered between runs, in a file outside the sources.
//!
//! ```text
//! seachange answers 1
//! <server> TAB <question> TAB <answer>
//! ```
//!
//! A file that is missing, broken or written by another version remembers nothing; one that cannot
//! be written is not written. The next run asks again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What the first line says.
const HEAD: &str = "seachange answers 1";

/// The size beyond which only what is still asked is kept.
const LARGE: usize = 4 << 20;

/// Remembered answers, by server and question.
#[derive(Debug, Default)]
pub(super) struct Cache {
    answers: BTreeMap<(String, String), String>,
    used: BTreeMap<(String, String), String>,
}

impl Cache {
    pub(super) fn read(path: Option<&Path>) -> Self {
        let text = path.and_then(|path| fs::read_to_string(path).ok());
        let mut cache = Self::default();
        let text = text.unwrap_or_default();
        let mut lines = text.lines();
        if lines.next() != Some(HEAD) {
            return cache;
        }
        for line in lines {
            let mut parts = line.split('\t').map(unescape);
            if let (Some(server), Some(question), Some(answer), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            {
                cache.answers.insert((server, question), answer);
            }
        }
        cache
    }

    pub(super) fn get(&mut self, server: &str, question: &str) -> Option<&str> {
        let key = (server.to_owned(), question.to_owned());
        let answer = self.answers.get(&key)?;
        self.used.insert(key, answer.clone());
        Some(answer)
    }

    pub(super) fn put(&mut self, server: &str, question: &str, answer: String) {
        let key = (server.to_owned(), question.to_owned());
        self.answers.insert(key.clone(), answer.clone());
        self.used.insert(key, answer);
    }

    /// Writes it, whole or not at all.
    pub(super) fn write(&self, path: Option<&Path>) {
        let Some(path) = path else {
            return;
        };
        let text = match text(&self.answers) {
            text if text.len() > LARGE => crate::compare::cache::text(&self.used),
            text => text,
        };
        // Without it the next run asks again, which is all that there is to say about a failure.
        let _ = write(path, &text);
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(std::process::id().to_string());
    fs::write(&beside, text)?;
    fs::rename(&beside, path).inspect_err(|_| drop(fs::remove_file(&beside)))
}

fn text(answers: &BTreeMap<(String, String), String>) -> String {
    let mut text = format!("{HEAD}\n");
    for ((server, question), answer) in answers {
        let line = [server, question, answer]
            .map(|part| escape(part))
            .join("\t");
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\t', "\\t")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some(c) => c,
                None => '\\',
            }),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_anything_else_is_nothing() {
        let folder = std::env::temp_dir().join(format!("seachange-cache-{}", std::process::id()));
        let path = folder.join("a/answers");
        let question = "t check 'a\\\\b\tc'\nx\r";
        let mut cache = Cache::read(Some(&path));
        assert_eq!(cache.get("s", question), None);
        cache.put("s", question, "an\\swer\n".to_owned());
        cache.write(Some(&path));
        let mut again = Cache::read(Some(&path));
        assert_eq!(again.get("s", question), Some("an\\swer\n"));
        assert_eq!(again.get("t", question), None);
        for broken in [
            "",
            "seachange answers 2\na\tb\tc",
            "seachange answers 1\na\tb",
        ] {
            fs::write(&path, broken).unwrap();
            assert!(Cache::read(Some(&path)).answers.is_empty(), "{broken}");
        }
        // A folder in the place of the file: neither read nor written, and no error.
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        Cache::read(Some(&path)).write(Some(&path));
        fs::remove_dir_all(&folder).unwrap();
    }
}
