//! SQL text as tokens, and the one spelling of a text that differs from another only in what the
//! server's own lexer takes for the same.

use std::fmt::Write as _;

/// A token of PostgreSQL's SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword or an unquoted identifier, in lower case.
    Word(String),
    /// An identifier that only quotes can spell.
    Quoted(String),
    /// A string literal, without its quotes.
    String(String),
    /// A number, as it is written.
    Number(String),
    /// An operator of one or more characters.
    Operator(String),
    /// `(`, `)`, `[`, `]`, `,`, `.`, `;` or `:`.
    Mark(char),
}

impl Token {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }
}

/// Reads a text as tokens; `None` for what is not worth knowing here: comments, dollar quotes,
/// strings with escapes, an open quote.
pub(super) fn tokens(sql: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = sql.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '\'' => {
                let (text, length) = quoted(rest, '\'')?;
                (Token::String(text), length)
            }
            '"' => {
                let (name, length) = quoted(rest, '"')?;
                (named(name), length)
            }
            '0'..='9' => number(rest),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => number(rest),
            '(' | ')' | '[' | ']' | ',' | '.' | ';' => (Token::Mark(first), 1),
            ':' if rest.starts_with("::") => (Token::Operator("::".to_owned()), 2),
            ':' => (Token::Mark(':'), 1),
            _ if is_word_start(first) => {
                let length = rest
                    .find(|c: char| !is_word_start(c) && !c.is_ascii_digit() && c != '$')
                    .unwrap_or(rest.len());
                // E'…', B'…', X'…', U&'…' are literals with rules of their own.
                if rest[length..].starts_with('\'')
                    || rest[..length].eq_ignore_ascii_case("u") && rest[length..].starts_with('&')
                {
                    return None;
                }
                (Token::Word(rest[..length].to_ascii_lowercase()), length)
            }
            _ if is_operator(first) => {
                let length = operator_length(rest)?;
                let operator = if &rest[..length] == "!=" {
                    "<>"
                } else {
                    &rest[..length]
                };
                (Token::Operator(operator.to_owned()), length)
            }
            _ => return None,
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_operator(c: char) -> bool {
    "+-*/<>=~!@#%^&|`?".contains(c)
}

/// The server's rule: an operator ends in `+` or `-` only if it has one of the rarer characters.
fn operator_length(rest: &str) -> Option<usize> {
    let mut length = rest.find(|c: char| !is_operator(c)).unwrap_or(rest.len());
    let text = &rest[..length];
    if text.contains("--") || text.contains("/*") {
        return None;
    }
    if !text.contains(|c| "~!@#%^&|`?".contains(c)) {
        while length > 1 && rest[..length].ends_with(['+', '-']) {
            length -= 1;
        }
    }
    Some(length)
}

fn number(rest: &str) -> (Token, usize) {
    let mut length = 0;
    for c in rest.chars() {
        let exponent_sign = matches!(c, '+' | '-') && rest[..length].ends_with(['e', 'E']);
        if !c.is_ascii_alphanumeric() && c != '.' && c != '_' && !exponent_sign {
            break;
        }
        length += 1;
    }
    (Token::Number(rest[..length].to_ascii_lowercase()), length)
}

/// The text in quotes at the start of `rest`, and the bytes it takes there.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            text.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            text.push(quote);
        } else {
            return Some((text, at + 1));
        }
    }
    None
}

/// An identifier from quotes: the quotes go where the name means the same without them.
fn named(name: String) -> Token {
    if needs_quotes(&name) {
        Token::Quoted(name)
    } else {
        Token::Word(name)
    }
}

/// An identifier as the server prints it: in quotes only where it needs them.
pub(crate) fn identifier(name: &str) -> String {
    if needs_quotes(name) {
        super::super::quote(name)
    } else {
        name.to_owned()
    }
}

fn needs_quotes(name: &str) -> bool {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    !plain
        || KEYWORDS
            .split_ascii_whitespace()
            .any(|keyword| keyword == name)
}

/// Every keyword that is more than a name when it stands without quotes (`pg_get_keywords()`, all
/// but the unreserved ones, of every version so far).
const KEYWORDS: &str = "all analyse analyze and any array as asc asymmetric authorization between \
    bigint binary bit boolean both case cast char character check coalesce collate collation column \
    concurrently constraint create cross current_catalog current_date current_role current_schema \
    current_time current_timestamp current_user dec decimal default deferrable desc distinct do else \
    end except exists extract false fetch float for foreign freeze from full grant greatest group \
    grouping having ilike in initially inner inout int integer intersect interval into is isnull join \
    json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar \
    json_serialize json_table json_value lateral leading least left like limit localtime \
    localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric \
    offset on only or order out outer overlaps overlay placing position precision primary real \
    references returning right row select session_user setof similar smallint some substring symmetric \
    system_user table tablesample then time timestamp to trailing treat trim true union unique user \
    using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement \
    xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable";

/// One spelling for texts that the server's lexer takes for the same: letter case of what is not
/// quoted, needless quotes, blank space, `!=`, parentheses around the whole.
pub fn normal(sql: &str) -> String {
    match tokens(sql) {
        Some(tokens) => spell(unwrapped(&tokens)),
        None => sql.trim().to_owned(),
    }
}

/// The tokens without parentheses around all of them.
pub(super) fn unwrapped(mut tokens: &[Token]) -> &[Token] {
    while let [Token::Mark('('), inside @ .., Token::Mark(')')] = tokens {
        let mut depth = 0i32;
        let closes_early = inside.iter().any(|token| {
            match token {
                Token::Mark('(') => depth += 1,
                Token::Mark(')') => depth -= 1,
                _ => {}
            }
            depth < 0
        });
        if closes_early || inside.is_empty() {
            break;
        }
        tokens = inside;
    }
    tokens
}

/// Tokens as SQL again.
pub(super) fn spell(tokens: &[Token]) -> String {
    let mut sql = String::new();
    let mut before: Option<&Token> = None;
    for token in tokens {
        if before.is_some_and(|before| spaced(before, token)) {
            sql.push(' ');
        }
        // Writing to a string does not fail.
        let _ = match token {
            Token::Word(text) | Token::Number(text) | Token::Operator(text) => sql.write_str(text),
            Token::Quoted(name) => sql.write_str(&super::super::quote(name)),
            Token::String(text) => sql.write_str(&super::super::literal(text)),
            Token::Mark(mark) => sql.write_char(*mark),
        };
        before = Some(token);
    }
    sql
}

fn spaced(before: &Token, token: &Token) -> bool {
    let cast = |token: &Token| matches!(token, Token::Operator(text) if text == "::");
    let opens = |token: &Token| matches!(token, Token::Mark('(' | '[' | '.' | ':'));
    let tight =
        |token: &Token| matches!(token, Token::Mark(')' | ']' | ',' | '.' | ';' | ':' | '['));
    // `f(x)`; but `a and (b)`, whose word is a keyword, is told apart by nothing: both are spelt alike.
    let call = matches!(
        (before, token),
        (Token::Word(_) | Token::Quoted(_), Token::Mark('('))
    );
    !(cast(before) || cast(token) || opens(before) || tight(token) || call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_the_same_are_equal() {
        for (left, right) in [
            ("\"price\" > 0", "(price > 0)"),
            ("((a  <>\n1))", "A!=1"),
            ("LOWER(\"email\")", "lower(email)"),
            ("a<-1", "a < -1"),
            ("x :: text", "x::text"),
            ("'It''s'", "('It''s')"),
        ] {
            assert_eq!(normal(left), normal(right));
        }
    }

    #[test]
    fn what_differs_stays_different() {
        for (left, right) in [
            ("\"Price\" > 0", "price > 0"),
            ("\"user\" = 'x'", "user = 'x'"),
            ("a = 'X'", "a = 'x'"),
            ("\"char\"", "char"),
            ("(a) or (b)", "a) or (b"),
            ("a @- 1", "a @ -1"),
            ("a and b", "a or b"),
            ("e'\\n'", "'\\n'"),
        ] {
            assert_ne!(normal(left), normal(right));
        }
    }

    #[test]
    fn a_normal_form_is_its_own() {
        for sql in [
            "a = 'it''s' AND \"B\" IN (1, 2.5e-3)",
            "f(x)[1]::\"T\"",
            "-- x",
            "$$a$$",
            "'open",
        ] {
            assert_eq!(normal(&normal(sql)), normal(sql));
        }
    }
}
