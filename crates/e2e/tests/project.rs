//! A copy of the template, or of another project, that tests may edit.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::cargo::{self, workspace};
use tests::process::{Files, files, inherited};
use tests::{Ran, TestDatabase};

/// The copy.
///
/// Its builds share the build folder of this workspace, so that no dependency is compiled again;
/// the version of its own packages is another one, so that Cargo does not take them for ours.
/// Finished programs go to a folder of the copy.
pub(crate) struct Project {
    root: PathBuf,
    packages: &'static [&'static str],
    programs: RefCell<BTreeMap<String, PathBuf>>,
}

impl Project {
    /// The template.
    pub(crate) fn new() -> Self {
        let project = Self::of(
            "copy",
            &[".cargo", "entity", "migration"],
            &["entity", "migration", "migration/cli"],
            &["db"],
        );
        project.build();
        project
    }

    /// A project that has nothing of the template but its versions of dependencies. It is not built
    /// yet.
    pub(crate) fn existing() -> Self {
        let project = Self::of(
            "existing",
            &[],
            &["entity", "migration", "service"],
            &["db", "service"],
        );
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/existing");
        copy(&files, &project.root);
        project
    }

    fn of(name: &str, parts: &[&str], members: &[&str], packages: &'static [&'static str]) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        let template = workspace().canonicalize().unwrap();
        for part in ["Cargo.lock", "crates/features"].iter().chain(parts) {
            copy(&template.join(part), &root.join(part));
        }
        let manifest = fs::read_to_string(template.join("Cargo.toml")).unwrap();
        let (before, rest) = manifest.split_once("members = [").unwrap();
        let (_, after) = rest.split_once(']').unwrap();
        let outside = format!("path = \"{}/crates/seachange", template.display());
        let version = format!("version = \"0.0.0-{name}\"");
        let members = [&["crates/features"], members].concat();
        let manifest = format!("{before}members = {members:?}{after}")
            .replacen("version = \"0.1.0\"", &version, 1)
            .replace("path = \"crates/seachange", &outside)
            // What is written must have nothing that Clippy would say a word about.
            .replace(
                "[workspace.lints.rust]",
                "[workspace.lints.rust]\nwarnings = \"deny\"",
            );
        fs::write(root.join("Cargo.toml"), manifest).unwrap();
        Self {
            root,
            packages,
            programs: RefCell::default(),
        }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Replaces a part of a file, as a developer would.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(old).count(), 1, "`{old}` in {path}:\n{text}");
        self.write(path, &text.replace(old, new));
    }

    /// Cargo in the copy.
    pub(crate) fn cargo(&self) -> Command {
        self.like_cargo(env!("CARGO").as_ref())
    }

    /// A program that starts Cargo in the copy. Clippy reads what is compiled, so that no second
    /// build is needed for it.
    pub(crate) fn like_cargo(&self, program: &Path) -> Command {
        let mut cargo = cargo::like_cargo(program, &self.root);
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        cargo
            .env("CARGO_BUILD_BUILD_DIR", target)
            .env("CARGO_TARGET_DIR", self.path("target"))
            .env("CARGO_NET_OFFLINE", "true")
            .env(
                "RUSTC_WORKSPACE_WRAPPER",
                Path::new(env!("CARGO")).with_file_name("clippy-driver"),
            );
        cargo
    }

    /// Builds its programs as they are with the sources of now.
    #[track_caller]
    pub(crate) fn build(&self) {
        let mut cargo = self.cargo();
        cargo.arg("build");
        for package in self.packages {
            cargo.args(["--package", package]);
        }
        let built = cargo::build(&mut cargo);
        let built = built.unwrap_or_else(|errors| panic!("it does not build:\n{errors}"));
        self.programs.replace(built);
    }

    /// Runs the command line as it was built last, on a database.
    pub(crate) fn db(&self, test: &TestDatabase, arguments: &[&str]) -> Ran {
        Ran::of(self.command(test, arguments).stdin(Stdio::null()))
    }

    fn command(&self, test: &TestDatabase, arguments: &[&str]) -> Command {
        self.program("db", test, arguments)
    }

    /// One of its programs as it was built last, to run on a database.
    pub(crate) fn program(&self, name: &str, test: &TestDatabase, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.programs.borrow()[name]);
        command
            .args(arguments)
            .current_dir(&self.root)
            .env_clear()
            .envs(inherited(&["PATH", "SYSTEMROOT", "TMPDIR"]))
            .env("NO_COLOR", "1")
            .env("DATABASE_URL", test.url());
        command
    }

    /// The same for a person at a terminal, who types an answer when its prompt appears.
    #[track_caller]
    pub(crate) fn asked(
        &self,
        test: &TestDatabase,
        arguments: &[&str],
        answers: &[(&str, &str)],
        code: i32,
    ) -> String {
        let (ended, screen) = crate::pty::typed(&mut self.command(test, arguments), answers);
        assert_eq!(ended, Some(code), "{arguments:?}\n{screen}");
        screen
    }

    /// The sources.
    pub(crate) fn sources(&self) -> [Files; 2] {
        ["entity", "migration"].map(|package| files(&self.path(package)))
    }

    /// Makes the migration package what it was.
    pub(crate) fn restore(&self, [_, migration]: &[Files; 2]) {
        let folder = self.path("migration");
        for path in files(&folder).keys() {
            if !migration.contains_key(path) {
                fs::remove_file(folder.join(path)).unwrap();
            }
        }
        for (path, content) in migration {
            let path = folder.join(path);
            if fs::read(&path).ok().as_ref() != Some(content) {
                fs::write(path, content).unwrap();
            }
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for path in files(from).keys() {
            copy(&from.join(path), &to.join(path));
        }
        return;
    }
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}
