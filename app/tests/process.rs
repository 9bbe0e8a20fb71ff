//! The service as a process: its port, its log, its probes, its exit code.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

use tempfile::TempDir;

/// A running service with a SQLite database of its own.
struct Service {
    child: Child,
    log: BufReader<ChildStderr>,
    _folder: TempDir,
}

impl Service {
    fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), settings)
    }

    fn start_in(folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let url = format!("sqlite://{}", database(folder.path()).display());
        let mut child = Command::new(env!("CARGO_BIN_EXE_app"))
            .env_clear()
            .current_dir(folder.path())
            .env("DATABASE_URL", url)
            .env("BIND_ADDR", "127.0.0.1:0")
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            log: BufReader::new(child.stderr.take().unwrap()),
            child,
            _folder: folder,
        }
    }

    /// Reads the log up to the line that contains this, and returns it.
    fn wait_for(&mut self, text: &str) -> String {
        let mut log = String::new();
        loop {
            let mut line = String::new();
            let length = self.log.read_line(&mut line).unwrap();
            assert!(length > 0, "the log ends without `{text}`:\n{log}");
            if line.contains(text) {
                return line;
            }
            log.push_str(&line);
        }
    }

    /// Its address, as the log tells it.
    fn address(&mut self) -> String {
        let line = self.wait_for("listening on http://");
        let (_, address) = line.split_once("http://").unwrap();
        address.split(['"', '\n', ' ']).next().unwrap().to_owned()
    }

    fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        let status = Command::new("sh")
            .args(["-c", "kill -TERM $0", &id])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// How it ended, and what it still said.
    fn ended(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }
}

/// A test that fails leaves no process behind.
impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn database(folder: &Path) -> std::path::PathBuf {
    folder.join("test.db")
}

/// The status of a `GET`, and its body.
fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    (status.parse().unwrap(), body.to_owned())
}

#[test]
fn it_migrates_serves_and_stops_when_asked() {
    let mut service = Service::start(&[]);
    let address = service.address();
    assert!(!address.ends_with(":0"), "{address}");
    assert_eq!(get(&address, "/healthz").0, 200);
    let ready = service.wait_for("ready on");
    assert!(ready.contains(&address), "{ready}");
    for _ in 0..2 {
        let line = service.wait_for("curl");
        let path = line.split(&address).nth(1).unwrap().trim_end();
        let (status, body) = get(&address, path.trim_end_matches('\''));
        assert_eq!(status, 200, "{line}");
        assert!(body.contains(r#""items":[{"#), "{line}{body}");
    }
    let (status, body) = get(&address, "/readyz");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str::<serde_json::Value>(&body).unwrap();

    service.ask_to_stop();
    let (status, log) = service.ended();
    assert!(status.success(), "{status}: {log}");
    assert!(log.contains("stopped"), "{log}");
}

/// Another process migrates: the port is open, the probes tell, and nothing is served.
#[test]
fn while_it_waits_it_is_alive_and_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let lock = database(folder.path()).with_extension("db.lock");
    let held = File::create(lock).unwrap();
    held.lock().unwrap();

    let mut service = Service::start_in(folder, &[]);
    let address = service.address();
    assert_eq!(get(&address, "/healthz").0, 200);
    let (status, body) = get(&address, "/readyz");
    assert_eq!(status, 503);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert!(body["state"].is_string(), "{body}");
    let (status, body) = get(&address, "/tasks");
    assert_eq!(status, 503);
    assert!(body.contains("/readyz"), "{body}");
    assert_eq!(get(&address, "/nothing").0, 404);

    drop(held);
    service.wait_for("ready on");
    assert_eq!(get(&address, "/tasks").0, 200);
}

#[test]
fn asked_to_stop_while_it_waits_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let lock = database(folder.path()).with_extension("db.lock");
    let held = File::create(lock).unwrap();
    held.lock().unwrap();

    let mut service = Service::start_in(folder, &[]);
    service.address();
    service.ask_to_stop();
    let (status, log) = service.ended();
    assert!(status.success(), "{status}: {log}");
}

#[test]
fn what_keeps_it_from_starting_is_said_and_has_an_exit_code() {
    for (settings, code, says) in [
        ([("BIND_ADDR", "nowhere")], 1, "BIND_ADDR"),
        (
            [("DATABASE_URL", "mssql://sa:secret@host/x")],
            2,
            "DATABASE_URL",
        ),
        (
            [("DISABLE_AUTO_MIGRATIONS", "true")],
            3,
            "DISABLE_AUTO_MIGRATIONS",
        ),
    ] {
        let (status, log) = Service::start(&settings).ended();
        assert_eq!(status.code(), Some(code), "{settings:?}: {log}");
        assert!(log.contains(says), "{settings:?}: {log}");
        assert!(!log.contains("secret"), "{log}");
    }
}

#[test]
fn the_log_can_be_json() {
    let mut service = Service::start(&[("LOG_FORMAT", "json")]);
    for text in ["listening on", "ready on"] {
        let line = service.wait_for(text);
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["level"], "INFO");
    }
}
