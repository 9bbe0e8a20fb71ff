//! The file that lists revisions, `lib.rs` of the migration crate: two lines for each of them.
//!
//! Lines are put in and taken out by the spans of the syntax tree; every other byte stays.

use std::ops::Range;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Expr, ImplItem, Item, ItemMod, Macro, Stmt, Visibility};

/// The file cannot be edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It is no Rust.
    #[error("line {line}: {problem}; correct it, then try again")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// It has no list that lines can be put into.
    #[error("{problem}; {advice}")]
    NoList {
        /// Why not.
        problem: String,
        /// The lines to write or to take out by hand.
        advice: String,
    },
}

/// The modules that the file declares (`mod x;`), in its order.
///
/// # Errors
///
/// It is no Rust.
pub fn declared(lib: &str) -> Result<Vec<String>, ListError> {
    let file = parse(lib)?.1;
    Ok(modules(&file)
        .map(|module| module.ident.to_string())
        .collect())
}

/// The file with the module declared, and its `Migration` at the end of `migrations()`. What is
/// there already is not written again.
///
/// # Errors
///
/// It is no Rust, or `migrations()` does not end in a plain `vec![…]`.
pub fn add(lib: &str, module: &str) -> Result<String, ListError> {
    let (start, file) = parse(lib)?;
    let list = List::of(&file).map_err(|problem| ListError::NoList {
        problem,
        advice: format!(
            "add the two lines yourself:\n  mod {module};\n  Box::new({module}::Migration),"
        ),
    })?;
    let text = Text {
        whole: lib,
        start,
        end_of_line: if lib.contains("\r\n") { "\r\n" } else { "\n" },
    };
    let mut edits = Vec::new();
    if modules(&file).all(|known| known.ident != module) {
        edits.push(declare(&text, &file, &list, module));
    }
    if list.elements.iter().all(|element| !element.names(module)) {
        edits.extend(text.append(&list, &format!("Box::new({module}::Migration)")));
    }
    finish(lib, edits)
}

/// The file without the module's declaration, and without its line in `migrations()`.
///
/// # Errors
///
/// It is no Rust, or `migrations()` does not end in a plain `vec![…]`.
pub fn remove(lib: &str, module: &str) -> Result<String, ListError> {
    let (start, file) = parse(lib)?;
    let list = List::of(&file).map_err(|problem| ListError::NoList {
        problem,
        advice: format!(
            "take the two lines out yourself:\n  mod {module};\n  Box::new({module}::Migration),"
        ),
    })?;
    let text = Text {
        whole: lib,
        start,
        end_of_line: "",
    };
    let mut edits = Vec::new();
    if let Some(item) = modules(&file).find(|item| item.ident == module) {
        edits.push((text.lines_of(text.range(item.span())), String::new()));
    }
    let elements = &list.elements;
    if let Some(at) = elements.iter().position(|element| element.names(module)) {
        let element = text.range(elements[at].span);
        let range = match (elements[at].comma, at.checked_sub(1)) {
            (Some(comma), _) => text.lines_of(element.start..text.range(comma).end),
            // The last of several on one line: the comma before it goes too.
            (None, Some(before)) if !text.begins_line(element.start) => {
                text.range(elements[before].span).end..element.end
            }
            (None, _) => text.lines_of(element),
        };
        edits.push((range, String::new()));
    }
    finish(lib, edits)
}

/// The syntax tree, and where in the text it starts: the parser passes over a byte order mark and a
/// first line that names an interpreter, and counts without them.
fn parse(lib: &str) -> Result<(usize, syn::File), ListError> {
    let bare = lib.strip_prefix('\u{feff}').unwrap_or(lib);
    let is_interpreter = bare.starts_with("#!") && !bare[2..].trim_start().starts_with('[');
    let bare = match bare.find('\n') {
        _ if !is_interpreter => bare,
        Some(end) => &bare[end..],
        None => "",
    };
    let start = lib.len() - bare.len();
    let file = syn::parse_file(bare).map_err(|error| ListError::Syntax {
        line: error.span().start().line + lib[..start].matches('\n').count(),
        problem: error.to_string(),
    })?;
    Ok((start, file))
}

/// The text with its edits made, if it is still Rust.
fn finish(lib: &str, mut edits: Vec<(Range<usize>, String)>) -> Result<String, ListError> {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = lib.to_owned();
    for (range, text) in edits.into_iter().rev() {
        out.replace_range(range, &text);
    }
    parse(&out)?;
    Ok(out)
}

/// Modules in files of their own.
fn modules(file: &syn::File) -> impl Iterator<Item = &ItemMod> {
    file.items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() => Some(module),
        _ => None,
    })
}

fn declare(text: &Text<'_>, file: &syn::File, list: &List, module: &str) -> (Range<usize>, String) {
    let eol = text.end_of_line;
    let is_listed = |item: &&ItemMod| {
        let name = item.ident.to_string();
        list.elements.iter().any(|element| element.names(&name))
    };
    let is_plain = |item: &&ItemMod| item.attrs.is_empty();
    let last = modules(file)
        .filter(is_listed)
        .last()
        .or_else(|| modules(file).filter(is_plain).last())
        .or_else(|| modules(file).last());
    if let Some(last) = last {
        let visibility = match &last.vis {
            Visibility::Inherited => String::new(),
            visibility => format!("{} ", &text.whole[text.range(visibility.span())]),
        };
        let at = text.after(text.range(last.span()).end);
        return (at..at, format!("{eol}{visibility}mod {module};"));
    }
    let uses = file
        .items
        .iter()
        .take_while(|item| matches!(item, Item::Use(_) | Item::ExternCrate(_)));
    if let Some(last) = uses.last() {
        let at = text.after(text.range(last.span()).end);
        return (at..at, format!("{eol}{eol}mod {module};"));
    }
    let at = file
        .items
        .first()
        .map_or(text.whole.len(), |item| text.range(item.span()).start);
    (at..at, format!("mod {module};{eol}{eol}"))
}

/// The list in `migrations()`.
struct List {
    open: Span,
    close: Span,
    elements: Vec<Element>,
}

/// One of the list, and the comma after it.
struct Element {
    tokens: Vec<TokenTree>,
    span: Span,
    comma: Option<Span>,
}

impl Element {
    /// Whether it is of this module: `Box::new(module::…)`.
    fn names(&self, module: &str) -> bool {
        fn any(tokens: impl IntoIterator<Item = TokenTree>, module: &str) -> bool {
            let mut tokens = tokens.into_iter().peekable();
            while let Some(token) = tokens.next() {
                let found = match token {
                    TokenTree::Ident(ident) => {
                        ident == module
                            && matches!(tokens.peek(), Some(TokenTree::Punct(p)) if p.as_char() == ':')
                    }
                    TokenTree::Group(group) => any(group.stream(), module),
                    _ => false,
                };
                if found {
                    return true;
                }
            }
            false
        }
        any(self.tokens.iter().cloned(), module)
    }
}

impl List {
    fn of(file: &syn::File) -> Result<Self, String> {
        let mut bodies = file.items.iter().filter_map(|item| match item {
            Item::Impl(item) => {
                let path = &item.trait_.as_ref()?.1;
                let of_migrator = path.segments.last()?.ident == "MigratorTrait";
                item.items.iter().find_map(|item| match item {
                    ImplItem::Fn(f) if of_migrator && f.sig.ident == "migrations" => Some(&f.block),
                    _ => None,
                })
            }
            _ => None,
        });
        let body = match (bodies.next(), bodies.next()) {
            (Some(body), None) => body,
            (None, _) => {
                return Err("there is no `fn migrations()` of a `MigratorTrait`".to_owned());
            }
            (Some(_), Some(_)) => return Err("there are several `MigratorTrait`s".to_owned()),
        };
        let tail: Option<&Macro> = match body.stmts.last() {
            Some(Stmt::Expr(Expr::Macro(tail), None)) => Some(&tail.mac),
            Some(Stmt::Macro(tail)) if tail.semi_token.is_none() => Some(&tail.mac),
            _ => None,
        };
        tail.filter(|mac| {
            mac.path
                .segments
                .last()
                .is_some_and(|last| last.ident == "vec")
        })
        .and_then(Self::elements)
        .ok_or_else(|| "`migrations()` does not end in a plain `vec![…]`".to_owned())
    }

    fn elements(mac: &Macro) -> Option<Self> {
        let delimiters = mac.delimiter.span();
        let mut elements = Vec::new();
        let mut tokens: Vec<TokenTree> = Vec::new();
        let mut finish = |tokens: &mut Vec<TokenTree>, comma: Option<Span>| {
            let span = tokens.iter().cloned().collect::<TokenStream>().span();
            let tokens = std::mem::take(tokens);
            elements.push(Element {
                tokens,
                span,
                comma,
            });
        };
        for token in flattened(mac.tokens.clone()) {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ',' => {
                    finish(&mut tokens, Some(punct.span()));
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => return None,
                token => tokens.push(token),
            }
        }
        if !tokens.is_empty() {
            finish(&mut tokens, None);
        }
        Some(Self {
            open: delimiters.open(),
            close: delimiters.close(),
            elements,
        })
    }
}

fn flattened(tokens: TokenStream) -> Vec<TokenTree> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                flattened(group.stream())
            }
            token => vec![token],
        })
        .collect()
}

/// What rustfmt lets stand on one line: a short list, and any line.
const LIST_WIDTH: usize = 60;
const LINE_WIDTH: usize = 100;

/// The text of the file, and where its syntax tree starts.
struct Text<'a> {
    whole: &'a str,
    start: usize,
    end_of_line: &'static str,
}

impl Text<'_> {
    fn range(&self, span: Span) -> Range<usize> {
        let range = span.byte_range();
        range.start + self.start..range.end + self.start
    }

    fn line_start(&self, at: usize) -> usize {
        self.whole[..at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// Where the line's text ends: before its line end.
    fn line_end(&self, at: usize) -> usize {
        let rest = &self.whole[at..];
        let line = rest.split('\n').next().unwrap_or_default();
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    fn begins_line(&self, at: usize) -> bool {
        self.whole[self.line_start(at)..at].trim().is_empty()
    }

    fn indent(&self, at: usize) -> &str {
        let line = &self.whole[self.line_start(at)..at];
        &line[..line.len() - line.trim_start().len()]
    }

    /// The place after `at` where a new line may begin: behind the comments of its line, if
    /// nothing else follows.
    fn after(&self, at: usize) -> usize {
        let end = self.line_end(at);
        let mut rest = self.whole[at..end].trim_start();
        while let Some((_, behind)) = rest
            .strip_prefix("/*")
            .and_then(|rest| rest.split_once("*/"))
        {
            rest = behind.trim_start();
        }
        if rest.is_empty() || rest.starts_with("//") {
            end
        } else {
            at
        }
    }

    /// The range, with its whole lines if there is nothing else on them but a comment behind it.
    fn lines_of(&self, range: Range<usize>) -> Range<usize> {
        let end = self.after(range.end);
        if !self.begins_line(range.start) || end != self.line_end(range.end) {
            let rest = &self.whole[range.end..];
            let blank = rest.len() - rest.trim_start_matches(' ').len();
            return range.start..range.end + blank;
        }
        let rest = &self.whole[end..];
        let line_end = ["\r\n", "\n"].into_iter().find(|eol| rest.starts_with(eol));
        self.line_start(range.start)..end + line_end.map_or(0, str::len)
    }

    fn append(&self, list: &List, entry: &str) -> Vec<(Range<usize>, String)> {
        let open = self.range(list.open);
        let close = self.range(list.close);
        let outer = self.indent(open.start);
        let eol = self.end_of_line;
        let inside = &self.whole[open.end..close.start];
        if !inside.contains('\n') {
            let listed = inside.trim().trim_end_matches(',');
            let listed = if listed.is_empty() {
                entry.to_owned()
            } else {
                format!("{listed}, {entry}")
            };
            let line = open.end - self.line_start(open.start) + listed.len() + 1;
            if listed.len() <= LIST_WIDTH && line <= LINE_WIDTH {
                return vec![(open.end..close.start, listed)];
            }
            let lines: Vec<String> = list
                .elements
                .iter()
                .map(|element| &self.whole[self.range(element.span)])
                .chain([entry])
                .map(|element| format!("{outer}    {element},{eol}"))
                .collect();
            return vec![(
                open.end..close.start,
                format!("{eol}{}{outer}", lines.concat()),
            )];
        }
        let Some(last) = list.elements.last() else {
            let at = self.after(open.end);
            return vec![(at..at, format!("{eol}{outer}    {entry},"))];
        };
        let element = self.range(last.span);
        let indent = if self.begins_line(element.start) {
            self.indent(element.start).to_owned()
        } else {
            format!("{outer}    ")
        };
        let mut edits = Vec::new();
        let end = match last.comma {
            Some(comma) => self.range(comma).end,
            None => {
                edits.push((element.end..element.end, ",".to_owned()));
                element.end
            }
        };
        let at = self.after(end);
        let entry = format!("{eol}{indent}{entry},");
        match edits.last_mut() {
            // The comma and the entry stand in one place, where two edits would have no order.
            Some((range, comma)) if range.start == at => comma.push_str(&entry),
            _ => edits.push((at..at, entry)),
        }
        edits
    }
}
