//! Processes that know nothing of the developer's environment.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A folder that programs take for the project's, so that they read its `.env` and no other.
#[derive(Debug)]
pub struct Place {
    folder: TempDir,
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Place {
    /// A new one, with nothing in it but the mark of a project.
    ///
    /// # Panics
    ///
    /// There is no room for a folder.
    pub fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        place.write("migration/seachange.toml", "");
        place
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below it.
    ///
    /// # Panics
    ///
    /// It cannot be written.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A program to run here, with an environment of its own.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .envs(inherited(&["PATH", "SYSTEMROOT", "TMPDIR"]))
            .stdin(Stdio::null());
        command
    }

    /// Runs a program on a database, with arguments as one would type them.
    pub fn run(&self, program: &Path, url: &str, arguments: &str) -> Ran {
        Ran::of(
            self.command(program)
                .args(arguments.split_whitespace())
                .env("DATABASE_URL", url),
        )
    }

    /// All files below it and what is in them.
    ///
    /// # Panics
    ///
    /// One of them cannot be read.
    pub fn files(&self) -> Files {
        files(self.path())
    }
}

/// Files and what is in them.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// All files below a folder and what is in them.
///
/// # Panics
///
/// One of them cannot be read.
pub fn files(folder: &Path) -> Files {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = fs::read(&path).unwrap();
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), content);
            }
        }
    }
    found
}

/// Those of these variables that this process has.
pub fn inherited(names: &[&'static str]) -> impl Iterator<Item = (&'static str, String)> {
    let found = names
        .iter()
        .filter_map(|name| Some((*name, std::env::var(name).ok()?)));
    found.collect::<Vec<_>>().into_iter()
}

/// What a process came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The command line, for messages of tests.
    pub command: String,
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Ran {
    /// Runs a command to its end.
    ///
    /// # Panics
    ///
    /// It cannot be started, or writes what is no text.
    pub fn of(command: &mut Command) -> Self {
        let line = format!("{command:?}");
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        Self::new(line, output)
    }

    fn new(command: String, output: Output) -> Self {
        Self {
            command,
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The same, known to have ended with this code.
    ///
    /// # Panics
    ///
    /// It ended with another one.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert!(
            self.code == Some(code),
            "expected exit code {code} of\n{self}"
        );
        self
    }

    /// The same, known to have said this to the person.
    ///
    /// # Panics
    ///
    /// It did not.
    #[track_caller]
    pub fn said(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "expected `{words}` of\n{self}");
        self
    }

    /// The same, known to have printed this as data.
    ///
    /// # Panics
    ///
    /// It did not.
    #[track_caller]
    pub fn printed(self, words: &str) -> Self {
        assert!(self.stdout.contains(words), "expected `{words}` of\n{self}");
        self
    }

    /// Its data, as JSON.
    ///
    /// # Panics
    ///
    /// They are no JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in\n{self}"))
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}   -> {:?}", self.command, self.code)?;
        write!(f, "{}{}", self.stdout, self.stderr)
    }
}

/// Asks until there is an answer.
///
/// # Panics
///
/// There is none within half a minute.
#[track_caller]
pub fn eventually<T>(what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(
            Instant::now() < deadline,
            "not within half a minute: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
