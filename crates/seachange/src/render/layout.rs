//! Calls and chains of calls, laid out as rustfmt does, so that a module needs no formatter.
//!
//! The rules are rustfmt's for the style edition 2024 and its defaults: a line has 100 columns, the
//! arguments of a call and a chain have 60, else each stands on a line of its own.

/// A piece of Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// A word, a number, a path.
    Word(String),
    /// A string, by its content.
    Text(String),
    /// `name(…)`; a tuple has no name.
    Call(String, Vec<Code>),
    /// `[…]`
    Array(Vec<Code>),
    /// `root.name(…).name(…)`
    Chain(Box<Code>, Vec<(String, Vec<Code>)>),
}

impl Code {
    pub(super) fn word(word: impl ToString) -> Self {
        Self::Word(word.to_string())
    }

    pub(super) fn text(content: impl Into<String>) -> Self {
        Self::Text(content.into())
    }

    pub(super) fn call(name: impl Into<String>, arguments: impl IntoIterator<Item = Self>) -> Self {
        Self::Call(name.into(), arguments.into_iter().collect())
    }

    pub(super) fn texts<S: AsRef<str>>(contents: impl IntoIterator<Item = S>) -> Self {
        Self::Array(
            contents
                .into_iter()
                .map(|content| Self::text(content.as_ref()))
                .collect(),
        )
    }

    /// The same with one more call at its end.
    pub(super) fn then(self, name: &str, arguments: impl IntoIterator<Item = Self>) -> Self {
        let call = (name.to_owned(), arguments.into_iter().collect());
        match self {
            Self::Chain(root, mut calls) => {
                calls.push(call);
                Self::Chain(root, calls)
            }
            root => Self::Chain(Box::new(root), vec![call]),
        }
    }

    /// The statement at this depth, without the blank space before it.
    pub(super) fn statement(&self, indent: usize) -> String {
        let place = Place {
            indent,
            offset: 0,
            // 1 = `;`
            width: WIDTH.saturating_sub(indent + 1),
        };
        let code = self.layout(place, false);
        // What fits nowhere is left by rustfmt as it stands.
        code.unwrap_or_else(|| self.one_line()) + ";"
    }

    /// Whether a word in it begins with this path.
    pub(super) fn mentions(&self, meant: &dyn Fn(&str) -> bool) -> bool {
        let any = |codes: &[Self]| codes.iter().any(|code| code.mentions(meant));
        match self {
            Self::Word(word) => meant(word),
            Self::Text(_) => false,
            Self::Call(name, arguments) => meant(name) || any(arguments),
            Self::Array(items) => any(items),
            Self::Chain(root, calls) => {
                root.mentions(meant) || calls.iter().any(|(_, arguments)| any(arguments))
            }
        }
    }

    fn one_line(&self) -> String {
        let list = |codes: &[Self]| {
            codes
                .iter()
                .map(Self::one_line)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self {
            Self::Word(word) => word.clone(),
            Self::Text(content) => format!("\"{}\"", escaped(content).concat()),
            Self::Call(name, arguments) => format!("{name}({})", list(arguments)),
            Self::Array(items) => format!("[{}]", list(items)),
            Self::Chain(root, calls) => {
                let calls = calls
                    .iter()
                    .map(|(name, arguments)| format!(".{name}({})", list(arguments)));
                root.one_line() + &calls.collect::<String>()
            }
        }
    }

    fn layout(&self, place: Place, one_line_chain: bool) -> Option<String> {
        match self {
            Self::Word(word) => Some(word.clone()),
            Self::Text(content) => Some(string(content, place)),
            Self::Call(name, arguments) => list(name, ["(", ")"], arguments, place, one_line_chain),
            Self::Array(items) => list("", ["[", "]"], items, place, one_line_chain),
            Self::Chain(root, calls) => chain(root, calls, place, one_line_chain),
        }
    }
}

/// The columns of a line.
pub(super) const WIDTH: usize = 100;
const TAB: usize = 4;
/// How much a call's arguments, an array or a chain may take of one line.
const SMALL: usize = 60;
/// Items as short as this fill lines together.
const SHORT: usize = 10;

/// Where code is to stand: the depth of its line, the column after it, and how much is free.
#[derive(Clone, Copy, Debug)]
struct Place {
    indent: usize,
    offset: usize,
    width: usize,
}

impl Place {
    /// A line of its own, `deeper` than this one.
    fn line(self, deeper: usize) -> Self {
        let indent = self.indent + deeper;
        Self {
            indent,
            offset: 0,
            width: WIDTH.saturating_sub(indent),
        }
    }

    fn shorter(self, by: usize) -> Self {
        Self {
            width: self.width.saturating_sub(by),
            ..self
        }
    }

    fn further(self, by: usize) -> Self {
        Self {
            offset: self.offset + by,
            ..self.shorter(by)
        }
    }

    /// What has to stand behind the code on its last line.
    fn behind(self) -> usize {
        WIDTH.saturating_sub(self.indent + self.offset + self.width)
    }

    fn fits(self, code: &str) -> bool {
        width(first_line(code)) <= self.width
            && (!code.contains('\n') || width(last_line(code)) + self.behind() <= WIDTH)
    }

    fn new_line(self) -> String {
        format!("\n{}", " ".repeat(self.indent))
    }
}

fn list(
    name: &str,
    [open, close]: [&str; 2],
    items: &[Code],
    place: Place,
    one_line_chain: bool,
) -> Option<String> {
    if items.is_empty() {
        return Some(format!("{name}{open}{close}"));
    }
    let one_line = place.width.saturating_sub(width(name) + 2);
    let nested = place.line(TAB).shorter(1);
    let behind_name = place.further(width(name) + 1).shorter(1);
    let mut laid = items
        .iter()
        .map(|item| item.layout(nested, one_line_chain))
        .collect::<Option<Vec<String>>>()?;
    let fits = |laid: &[String]| {
        let total: usize = laid.iter().map(|item| width(item)).sum();
        total + 2 * (laid.len() - 1) <= one_line.min(SMALL)
            && laid.iter().all(|item| !item.contains('\n'))
    };

    // A single argument may begin behind the name and go on below.
    let overflowed = match items {
        [Code::Chain(..)] => items[0].layout(behind_name, true),
        [Code::Call(name, _)] if !name.is_empty() => {
            let width = behind_name.width.min(SMALL);
            items[0].layout(
                Place {
                    width,
                    ..behind_name
                },
                one_line_chain,
            )
        }
        [Code::Call(..) | Code::Array(_)] => items[0].layout(behind_name, one_line_chain),
        _ => None,
    };
    let horizontal = match overflowed {
        Some(overflowed) if fits(&[first_line(&overflowed).to_owned()]) => {
            laid = vec![overflowed];
            true
        }
        _ => match laid.as_slice() {
            [one] if !one.contains('\n') && one_line > 0 && width(one) <= one_line => true,
            laid => fits(laid),
        },
    };
    let items = if horizontal {
        laid.join(", ")
    } else if items.iter().all(is_simple) && laid.iter().all(|item| width(item) <= SHORT) {
        filled(&laid, nested)
    } else {
        format!("{},", laid.join(&format!(",{}", nested.new_line())))
    };
    Some(if horizontal {
        format!("{name}{open}{items}{close}")
    } else {
        format!(
            "{name}{open}{}{items}{}{close}",
            nested.new_line(),
            place.new_line()
        )
    })
}

fn is_simple(code: &Code) -> bool {
    match code {
        Code::Word(word) => !word.contains("::"),
        Code::Text(_) => true,
        _ => false,
    }
}

/// As many items on each line as fit.
fn filled(items: &[String], place: Place) -> String {
    let mut out = String::new();
    let mut column = 0;
    for item in items {
        if column > 0 && column + 2 + width(item) <= place.width {
            out.push(' ');
            column += 1;
        } else if column > 0 {
            out.push_str(&place.new_line());
            column = 0;
        }
        out.push_str(item);
        out.push(',');
        column += width(item) + 1;
    }
    out
}

fn chain(
    root: &Code,
    calls: &[(String, Vec<Code>)],
    place: Place,
    one_line_chain: bool,
) -> Option<String> {
    let call = |(name, arguments): &(String, Vec<Code>), place: Place| {
        list(
            &format!(".{name}"),
            ["(", ")"],
            arguments,
            place,
            one_line_chain,
        )
    };
    let mut calls = calls;
    let budget = match calls.len() {
        1 => place.width,
        _ => place.width.min(SMALL),
    };
    let mut root = root.layout(place, one_line_chain)?;
    let mut is_block = root.contains('\n');
    // `op` is shorter than a tab, so its first call stays with it.
    while let [first, rest @ ..] = calls
        && width(&root) <= TAB.saturating_sub(place.offset)
        && !root.contains('\n')
    {
        root += &call(first, place.further(width(&root)))?;
        is_block = is_extendable(&root);
        calls = rest;
    }
    let [between @ .., last] = calls else {
        return place.fits(&root).then_some(root);
    };
    let child = place.line(if is_block { 0 } else { TAB });
    let extendable = is_block && is_extendable(&root);
    let root_end = width(last_line(&root));
    let mut parts = vec![root];
    for item in between {
        parts.push(call(item, child)?);
    }
    let before = if extendable {
        root_end
    } else {
        parts.iter().map(|part| width(part)).sum()
    };
    let budget = budget.saturating_sub(before);
    let all_in_one_line = parts.iter().all(|part| !part.contains('\n')) && budget > 0;
    let own_line = child.shorter(place.behind());
    let mut joined = false;
    let mut end = None;
    if (all_in_one_line || extendable)
        && place.width > before
        && let Some(behind) = call(last, place.further(before))
    {
        let lines = behind.lines().count();
        let fits = width(first_line(&behind)) <= budget;
        let alone = if fits && lines >= 5 {
            None
        } else {
            call(last, own_line)
        };
        end = match alone {
            Some(alone) if !fits || alone.lines().count() < lines => Some(alone),
            None if !fits => None,
            _ => {
                joined = all_in_one_line;
                Some(behind)
            }
        };
    }
    parts.push(match end {
        Some(end) => end,
        None => call(last, own_line)?,
    });
    if !joined && one_line_chain {
        return None;
    }
    let connector = if joined {
        String::new()
    } else {
        child.new_line()
    };
    let whole = parts.join(&connector);
    place.fits(&whole).then_some(whole)
}

/// Whether the last line is nothing but closing brackets.
fn is_extendable(code: &str) -> bool {
    code.contains('\n')
        && last_line(code)
            .chars()
            .all(|c| c.is_whitespace() || matches!(c, '(' | ')' | ']' | '}'))
}

fn first_line(code: &str) -> &str {
    code.split('\n').next().unwrap_or_default()
}

fn last_line(code: &str) -> &str {
    code.rsplit('\n').next().unwrap_or_default()
}

/// How many columns a text takes; letters of East Asian scripts and pictures take two.
pub(super) fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match u32::from(c) {
            0x0300..=0x036f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
            0x1100..=0x115f
            | 0x2e80..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
            | 0x1f300..=0x1faff
            | 0x20000..=0x3fffd => 2,
            _ => 1,
        })
        .sum()
}

/// A string literal. One that is too long for its line goes on in the next: a backslash there
/// swallows the line end and the blank space after it.
fn string(content: &str, place: Place) -> String {
    let letters = escaped(content);
    let total: usize = letters.iter().map(|letter| width(letter)).sum();
    if total + 2 <= place.width {
        return format!("\"{}\"", letters.concat());
    }
    // 2 = the quote or blank before the line, and the backslash or quote behind it
    let room = place.width.saturating_sub(2);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut word = String::new();
    for (at, letter) in letters.iter().enumerate() {
        word.push_str(letter);
        let next = letters.get(at + 1).map(String::as_str);
        let may_break = matches!(letter.as_str(), " " | "\\n") && next != Some(" ");
        if may_break || next.is_none() {
            if !line.is_empty() && width(&line) + width(&word) > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(&std::mem::take(&mut word));
        }
        if letter == "\\n" && may_break && next.is_some() {
            lines.push(std::mem::take(&mut line));
        }
    }
    lines.push(line);
    let blank = " ".repeat(place.indent + place.offset + 1);
    format!("\"{}\"", lines.join(&format!("\\\n{blank}")))
}

/// The letters of a string as a literal holds them. Letters that nobody sees are written by their
/// numbers, since the compiler refuses some of them.
fn escaped(content: &str) -> Vec<String> {
    content
        .chars()
        .map(|c| match c {
            '"' | '\\' | '\n' | '\r' | '\t' => c.escape_default().to_string(),
            c if is_unseen(c) => c.escape_unicode().to_string(),
            c => c.to_string(),
        })
        .collect()
}

/// Control characters, and those that change the direction of the text.
pub(super) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
