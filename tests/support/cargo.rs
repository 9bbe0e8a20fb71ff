//! Programs, as Cargo builds them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The programs of the template.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The service.
    pub app: PathBuf,
    /// The whole command line, `cargo db`.
    pub db: PathBuf,
    /// The command line of a production image.
    pub migration: PathBuf,
}

/// The programs of this workspace, built once for each run of tests.
///
/// # Panics
///
/// They do not build.
pub fn programs() -> &'static Programs {
    static PROGRAMS: OnceLock<Programs> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let built = build(
            cargo(&workspace())
                .args(["build", "--package=app", "--package=db"])
                .arg("--package=migration"),
        )
        .unwrap_or_else(|errors| panic!("the template does not build:\n{errors}"));
        Programs {
            app: built["app"].clone(),
            db: built["db"].clone(),
            migration: built["migration"].clone(),
        }
    })
}

/// The folder of this workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Cargo in a folder, as one would start it from a shell. What Cargo tells a test about the package
/// it belongs to must not go on to it: build scripts look at `CARGO_MANIFEST_DIR`, and half of the
/// dependencies would be compiled anew each time.
pub fn cargo(folder: &Path) -> Command {
    like_cargo(env!("CARGO").as_ref(), folder)
}

/// The same for a program that starts Cargo.
pub fn like_cargo(program: &Path, folder: &Path) -> Command {
    let mut cargo = Command::new(program);
    cargo.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let of_package = name.to_str().is_some_and(|name| {
            let about = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_"];
            about.iter().any(|prefix| name.starts_with(prefix))
        });
        if of_package {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Runs a `cargo build` and gives the executables by their names; where they lie is Cargo's
/// business, so its own messages tell.
///
/// # Errors
///
/// What the compiler says.
pub fn build(cargo: &mut Command) -> Result<BTreeMap<String, PathBuf>, String> {
    let output = cargo
        .arg("--message-format=json-render-diagnostics")
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let messages = String::from_utf8(output.stdout).unwrap();
    let messages = messages.lines().map(|line| {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"))
    });
    Ok(messages
        .filter_map(|message| {
            let executable = message["executable"].as_str()?;
            let name = message["target"]["name"].as_str()?;
            Some((name.to_owned(), PathBuf::from(executable)))
        })
        .collect())
}
