//! SQLite's tokens, each with its place in the text.

use std::ops::Range;

use super::text::Unreadable;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a bare identifier.
    Word,
    /// An identifier in `"…"`, `` `…` `` or `[…]`.
    Quoted,
    /// `'…'`
    String,
    /// `x'…'`
    Blob,
    /// A number, or a parameter.
    Number,
    /// Anything else: an operator or a bracket, or a byte that SQLite would refuse.
    Symbol,
}

/// A piece of the text; blank space and comments lie between tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) text: &'a str,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.end()
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// The name it stands for where a name is expected; SQLite takes a string for one there.
    pub(super) fn name(&self) -> Option<String> {
        let inner = || self.text.get(1..self.text.len() - 1).unwrap_or_default();
        match (self.kind, self.text.as_bytes().first()) {
            (Kind::Word, _) => Some(self.text.to_owned()),
            (Kind::Quoted, Some(b'[')) => Some(inner().to_owned()),
            (Kind::Quoted, Some(b'`')) => Some(inner().replace("``", "`")),
            (Kind::Quoted, _) => Some(inner().replace("\"\"", "\"")),
            (Kind::String, _) => Some(inner().replace("''", "'")),
            _ => None,
        }
    }
}

/// Operators of more than one character, longest first.
const OPERATORS: &[&str] = &["->>", "||", "->", "<<", ">>", "<=", ">=", "<>", "!=", "=="];

/// Cuts a text into tokens.
pub(super) fn tokens(sql: &str) -> Result<Vec<Token<'_>>, Unreadable> {
    let bytes = sql.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if rest.starts_with(b"--") {
            at += length(rest, |b| b != b'\n');
            continue;
        }
        if rest.starts_with(b"/*") {
            let end = sql[at + 2..].find("*/").map(|end| at + 2 + end + 2);
            at = end.unwrap_or(bytes.len());
            continue;
        }
        let (kind, len) = match byte {
            b'\'' => (Kind::String, quoted(sql, at, b'\'')?),
            b'"' | b'`' => (Kind::Quoted, quoted(sql, at, byte)?),
            b'[' => (Kind::Quoted, quoted(sql, at, b']')?),
            b'x' | b'X' if rest.get(1) == Some(&b'\'') => {
                (Kind::Blob, 1 + quoted(sql, at + 1, b'\'')?)
            }
            b'0'..=b'9' => (Kind::Number, number(rest)),
            b'.' if rest.get(1).is_some_and(u8::is_ascii_digit) => (Kind::Number, number(rest)),
            b'?' | b':' | b'@' | b'#' => (Kind::Number, 1 + length(&rest[1..], in_word)),
            _ if in_word(byte) => (Kind::Word, length(rest, in_word)),
            _ => {
                let operator = OPERATORS.iter().find(|op| rest.starts_with(op.as_bytes()));
                (Kind::Symbol, operator.map_or(1, |op| op.len()))
            }
        };
        tokens.push(Token {
            kind,
            start: at,
            text: &sql[at..at + len],
        });
        at += len;
    }
    Ok(tokens)
}

/// Bytes of a bare word; every byte of a character outside ASCII is one.
fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

fn length(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|&b| !wanted(b))
        .unwrap_or(bytes.len())
}

/// Digits, a point, an exponent; `0x…`; and whatever letters are glued to it.
fn number(bytes: &[u8]) -> usize {
    let mut len = 0;
    while let Some(&byte) = bytes.get(len) {
        let exponent = len > 0
            && matches!(byte, b'+' | b'-')
            && matches!(bytes[len - 1], b'e' | b'E')
            && !bytes.starts_with(b"0x")
            && !bytes.starts_with(b"0X");
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || exponent {
            len += 1;
        } else {
            break;
        }
    }
    len
}

/// The length of a quoted piece that begins at `at`. A doubled quote is a quote, but for `]`.
fn quoted(sql: &str, at: usize, quote: u8) -> Result<usize, Unreadable> {
    let bytes = sql.as_bytes();
    let mut end = at + 1;
    while let Some(&byte) = bytes.get(end) {
        end += 1;
        if byte != quote {
            continue;
        }
        if quote != b']' && bytes.get(end) == Some(&quote) {
            end += 1;
            continue;
        }
        return Ok(end - at);
    }
    Err(Unreadable::new("a quote that is never closed", &sql[at..]))
}
