//! What a revision's file tells: its name, its message, and a checksum of its tokens.

use std::iter::Peekable;
use std::path::Path;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree, token_stream};

/// What is known of the file. Where it cannot be read (an editor's own buffer, a remapped path),
/// message and checksum are empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) stem: String,
    pub(crate) message: String,
    pub(crate) checksum: String,
}

impl Source {
    pub(crate) fn read(file: &str, local: Option<&Path>) -> Self {
        let stem = Path::new(file)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        let named = Self {
            file: file.to_owned(),
            stem: if stem.is_empty() {
                "revision".to_owned()
            } else {
                stem.into_owned()
            },
            ..Self::default()
        };
        let text = local.and_then(|path| std::fs::read_to_string(path).ok());
        match text.and_then(|text| tokens(&text)) {
            Some(tokens) => Self {
                message: message(tokens.clone()).unwrap_or_default(),
                checksum: checksum(tokens),
                ..named
            },
            None => named,
        }
    }
}

/// The tokens of a file, the same whatever its line ends are.
fn tokens(text: &str) -> Option<TokenStream> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.replace("\r\n", "\n").parse().ok()
}

/// The first paragraph of the file's own documentation, on one line.
fn message(tokens: TokenStream) -> Option<String> {
    let mut tokens = tokens.into_iter();
    let mut lines: Vec<String> = Vec::new();
    while let (Some(TokenTree::Punct(hash)), Some(TokenTree::Punct(bang)), Some(bracket)) =
        (tokens.next(), tokens.next(), tokens.next())
        && hash.as_char() == '#'
        && bang.as_char() == '!'
        && let TokenTree::Group(attribute) = bracket
    {
        let Some(text) = documentation(attribute.stream()) else {
            continue;
        };
        for line in text.lines().map(str::trim) {
            match (line, lines.is_empty()) {
                ("", true) => {}
                ("", false) => return Some(lines.join(" ")),
                (line, _) => lines.push(line.to_owned()),
            }
        }
        if text.trim().is_empty() && !lines.is_empty() {
            break;
        }
    }
    (!lines.is_empty()).then(|| lines.join(" "))
}

fn documentation(attribute: TokenStream) -> Option<String> {
    let said: syn::MetaNameValue = syn::parse2(attribute).ok()?;
    match said.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) if said.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

/// A checksum of what the module does: 32 hexadecimal digits. These do not count, since a change
/// of them changes no step: comments and blank space, documentation, `use` items and commas before
/// a closing bracket (which rustfmt rearranges), and the `revision` attribute itself (a revision
/// may be put behind another one later).
fn checksum(tokens: TokenStream) -> String {
    let mut sum = Sum::default();
    sum.stream(tokens);
    format!("{:032x}", sum.0)
}

/// FNV-1a: the same in every version of the compiler, which the standard library's hasher is not.
struct Sum(u128);

impl Default for Sum {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Sum {
    fn word(&mut self, word: &str) {
        for byte in word.bytes().chain([0]) {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        }
    }

    fn stream(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let bang = tokens.next_if(|next| is_punct(next, '!'));
                    match tokens.next_if(is_passed_over) {
                        Some(_) => {}
                        None => {
                            self.word("#");
                            if bang.is_some() {
                                self.word("!");
                            }
                        }
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ',' => {
                    if tokens.peek().is_some() {
                        self.word(",");
                    }
                }
                TokenTree::Ident(ident) if ident == "use" && is_item(&mut tokens) => {
                    while tokens.next().is_some_and(|token| !is_punct(&token, ';')) {}
                }
                TokenTree::Group(group) => self.group(&group),
                other => self.word(&other.to_string()),
            }
        }
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        self.word(open);
        self.stream(group.stream());
        self.word(close);
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// `use` is also a word of bounds: `impl Trait + use<'a>`.
fn is_item(rest: &mut Peekable<token_stream::IntoIter>) -> bool {
    !rest.peek().is_some_and(|next| is_punct(next, '<'))
}

/// Whether this is the bracket of documentation, or of the attribute that makes a revision.
fn is_passed_over(bracket: &TokenTree) -> bool {
    let TokenTree::Group(group) = bracket else {
        return false;
    };
    let path = group.stream().into_iter().map_while(|token| match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        token => is_punct(&token, ':').then(String::new),
    });
    let path: Vec<String> = path.filter(|word| !word.is_empty()).collect();
    group.delimiter() == Delimiter::Bracket
        && matches!(path.last().map(String::as_str), Some("doc" | "revision"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use super::{Source, checksum, message, tokens};

    const MODULE: &str = "//! Add tags.\n//!\n//! More.\n\nuse a::b;\n\n\
        #[seachange::revision(revises = \"a\")]\npub struct Migration;\n\n\
        impl Revision for Migration {\n    fn up(&self, op: &mut Operations) {\n        \
        op.drop_table(\"a\", [\"x\", \"y\"]);\n    }\n}\n";

    fn sum(text: &str) -> String {
        checksum(tokens(text).unwrap())
    }

    #[test]
    fn what_changes_no_step_changes_no_checksum() {
        for (from, to) in [
            ("\n", "\r\n"),
            ("    ", "\t"),
            ("//! Add tags.\n", ""),
            ("//! More.", "//! Much more."),
            ("//! More.", "#![doc = \"Less.\"]"),
            ("use a::b;", "use a::{b, c};\nuse d;"),
            ("[\"x\", \"y\"]", "[\n\"x\",\n\"y\",\n]"),
            ("op.drop", "// why\nop.drop"),
            ("pub struct", "/// Yes.\npub struct"),
            ("revises = \"a\"", "revises = \"b\""),
        ] {
            let edited = MODULE.replace(from, to);
            assert_ne!(edited, MODULE);
            assert_eq!(sum(&edited), sum(MODULE), "{from:?} -> {to:?}");
        }
        assert_eq!(sum(&format!("\u{feff}{MODULE}")), sum(MODULE));
    }

    #[test]
    fn what_changes_a_step_does() {
        for (from, to) in [
            ("\"x\"", "\"z\""),
            ("\"x\", \"y\"", "\"xy\""),
            ("\"x\", \"y\"", "\"y\", \"x\""),
            ("op.drop_table(\"a\", [\"x\", \"y\"]);", ""),
            ("drop_table", "create_table"),
            ("fn up", "#[cfg(x)] fn up"),
        ] {
            assert_ne!(
                sum(&MODULE.replace(from, to)),
                sum(MODULE),
                "{from:?} -> {to:?}"
            );
        }
    }

    #[test]
    fn the_checksum_stays_from_version_to_version() {
        assert_eq!(
            sum("fn up() { op.drop_table(\"a\"); }"),
            "e0c4fd39ea55b4465e6b1bf8371d060f"
        );
    }

    #[test]
    fn the_message_is_the_first_paragraph() {
        let of = |text: &str| message(tokens(text).unwrap());
        assert_eq!(of(MODULE).unwrap(), "Add tags.");
        assert_eq!(of("//!\n//! Second.\nuse a;").unwrap(), "Second.");
        assert_eq!(of("#![allow(x)]\n//! After.\n").unwrap(), "After.");
        assert_eq!(of("//! Say \"hi\" \\ `x`\n").unwrap(), "Say \"hi\" \\ `x`");
        assert_eq!(
            of("/*! Block\nof two.\n\nMore. */\n").unwrap(),
            "Block of two."
        );
        assert_eq!(
            of("//! A long\n//! one.\n//!\n//! More.\nuse a;").unwrap(),
            "A long one."
        );
        assert_eq!(of("use a;\n"), None);
        assert_eq!(of("/// Outer.\nstruct A;"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn a_file_that_cannot_be_read_still_has_a_name() {
        for (file, local, stem) in [
            ("src/m1_a.rs", None, "m1_a"),
            ("src/m1_a.rs", Some("/nowhere/m1_a.rs"), "m1_a"),
            ("<stdin>", None, "<stdin>"),
            ("", None, "revision"),
        ] {
            let source = Source::read(file, local.map(Path::new));
            assert_eq!(source.stem, stem);
            assert_eq!(
                (source.message.as_str(), source.checksum.as_str()),
                ("", "")
            );
        }
    }
}
