//! The person at the terminal, if there is one.

use std::io::{self, BufRead, IsTerminal, Write};

use super::error::Failure;

/// Whether there is a person to ask.
pub(super) fn on_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A line from the terminal, without the white space around it.
pub(super) fn prompt(text: &str) -> Result<String, Failure> {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{text}");
    let _ = stderr.flush();
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::failed(format!("the terminal cannot be read: {error}")))?;
    Ok(line.trim().to_owned())
}
