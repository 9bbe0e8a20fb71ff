//! Where everything that a person reads is written: data to standard output, the rest to standard
//! error, colour only on a terminal.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

use serde::Serialize;

/// What a person types to run this program, where that is not `cargo db`.
static PROGRAM: OnceLock<String> = OnceLock::new();

/// Says what to type from now on with the name of this program, which is the first argument.
pub(super) fn as_program(path: Option<&str>) {
    let name = path.and_then(|path| Path::new(path).file_name()?.to_str());
    if let Some(name) = name {
        // It is set once, before anything is printed.
        let _ = PROGRAM.set(name.to_owned());
    }
}

fn spoken(line: &str) -> String {
    match PROGRAM.get() {
        Some(program) => line.replace("cargo db", program),
        None => line.to_owned(),
    }
}

/// A line of data. A reader that went away (`| head`) is no error.
pub(super) fn data(line: impl AsRef<str>) {
    let stdout = io::stdout();
    let coloured = stdout.is_terminal() && no_colour_unset();
    let _ = writeln!(
        stdout.lock(),
        "{}",
        painted(&spoken(line.as_ref()), coloured)
    );
}

/// A line beside the data.
pub(super) fn note(line: impl AsRef<str>) {
    let stderr = io::stderr();
    let coloured = stderr.is_terminal() && no_colour_unset();
    let _ = writeln!(
        stderr.lock(),
        "{}",
        painted(&spoken(line.as_ref()), coloured)
    );
}

/// A value as JSON, on one line per top-level document.
pub(super) fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => {
            let _ = writeln!(io::stdout().lock(), "{text}");
        }
        Err(error) => note(format!("error: the answer is no JSON: {error}")),
    }
}

fn no_colour_unset() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Colours a line by how it begins: what is added, taken away, changed, wrong.
fn painted(line: &str, coloured: bool) -> String {
    let code = match line.trim_start() {
        _ if !coloured => None,
        line if line.starts_with("+ ") => Some("32"),
        line if line.starts_with("- ") => Some("31"),
        line if line.starts_with("~ ") => Some("33"),
        line if line.starts_with("error:") => Some("1;31"),
        line if line.starts_with("warning:") => Some("1;33"),
        line if line.starts_with("note:") || line.starts_with("hint:") => Some("36"),
        _ => None,
    };
    match code {
        Some(code) => format!("\u{1b}[{code}m{line}\u{1b}[0m"),
        None => line.to_owned(),
    }
}

/// Rows as columns that line up, two spaces apart; the last one is not padded.
pub(super) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (at, cell) in row.iter().enumerate() {
                if at + 1 < row.len() {
                    let pad = widths.get(at).copied().unwrap_or(0);
                    line.push_str(&format!("{cell:<pad$}  "));
                } else {
                    line.push_str(cell);
                }
            }
            line.trim_end().to_owned()
        })
        .collect()
}

/// `1 revision`, `2 revisions`.
pub(super) fn counted(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(n as u64))
}

/// `48,211`.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `14 ms`, `1.2 s`, `3 min 20 s`.
pub(super) fn elapsed(time: std::time::Duration) -> String {
    let ms = time.as_millis();
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{:.1} s", time.as_secs_f64()),
        _ => format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}
