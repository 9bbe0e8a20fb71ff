//! A person at a terminal: reads until the prompt stands there, then types.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::Command;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Runs a command on a terminal of its own and answers its prompts, each when it appears. What was
/// on the screen is returned with the exit code.
#[track_caller]
pub(crate) fn typed(command: &mut Command, answers: &[(&str, &str)]) -> (Option<i32>, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let path = name.to_str().unwrap().to_owned();
    let terminal = || {
        let mut options = OpenOptions::new();
        options.read(true).write(true).open(&path).unwrap()
    };
    let mut child = command
        .stdin(terminal())
        .stdout(terminal())
        .stderr(terminal())
        .spawn()
        .unwrap();
    // Our own ends of the terminal are closed with the command, so that reading it comes to an end.
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::null());
    command.stderr(std::process::Stdio::null());
    let mut master = File::from(master);
    let mut screen = String::new();
    let mut read = 0;
    for (prompt, answer) in answers {
        while !screen[read..].contains(prompt) {
            assert!(more(&mut master, &mut screen), "no `{prompt}` in\n{screen}");
        }
        read = screen.len();
        writeln!(master, "{answer}").unwrap();
    }
    while more(&mut master, &mut screen) {}
    (child.wait().unwrap().code(), screen.replace('\r', ""))
}

/// Reads on; false when nobody has the terminal open any more.
fn more(master: &mut File, screen: &mut String) -> bool {
    let mut buffer = [0; 4096];
    match master.read(&mut buffer) {
        // Linux says so with an error.
        Ok(0) | Err(_) => false,
        Ok(n) => {
            screen.push_str(&String::from_utf8_lossy(&buffer[..n]));
            true
        }
    }
}
