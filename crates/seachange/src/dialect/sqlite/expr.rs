//! Expressions and defaults, so written that two spellings of one meaning are one text.

use super::lex::{Kind, Token, tokens};
use super::types::Affinity;
use crate::dialect::quote;
use crate::schema::{DefaultValue, Type};

/// An expression with its blank space made even, its bare words in lower case, the columns of its
/// table in quotes, and without brackets around the whole. None of this changes what it means.
pub(super) fn normal<S: AsRef<str>>(sql: &str, columns: &[S]) -> String {
    let Ok(tokens) = tokens(sql) else {
        return sql.trim().to_owned();
    };
    let tokens = bare(&tokens);
    let mut out = String::new();
    let mut before = Before::Start;
    for (at, token) in tokens.iter().enumerate() {
        let called = tokens.get(at + 1).is_some_and(|next| next.is_symbol("("));
        let word = token.kind == Kind::Word;
        let name = match token.kind {
            Kind::Word if called || is_keyword(token) => None,
            Kind::Word | Kind::Quoted => token.name(),
            _ => None,
        };
        let column = name.as_deref().and_then(|name| spelling(columns, name));
        let text = match column {
            Some(column) => quote(column),
            None if word => token.text.to_ascii_lowercase(),
            None => match token.text {
                "==" => "=".to_owned(),
                "!=" => "<>".to_owned(),
                text => text.to_owned(),
            },
        };
        let operator = token.kind == Kind::Symbol;
        let glued = match (before, text.as_str()) {
            (Before::Start | Before::Opening | Before::Sign, _) => true,
            (_, ")" | "," | "." | ";") if operator => true,
            (Before::Function, "(") => operator,
            _ => false,
        };
        if !glued {
            out.push(' ');
        }
        out.push_str(&text);
        before = match text.as_str() {
            "(" | "." if operator => Before::Opening,
            "-" | "+" | "~" if operator && before != Before::Operand => Before::Sign,
            ")" if operator => Before::Operand,
            "," if operator => Before::Operator,
            _ if operator => Before::Operator,
            _ if word && column.is_none() && KEYWORDS.contains(&text.as_str()) => Before::Operator,
            _ if called => Before::Function,
            _ => Before::Operand,
        };
    }
    out
}

/// Whether a bare word is no name, even where a column is called so: that one has to be in quotes.
fn is_keyword(token: &Token<'_>) -> bool {
    let values = [
        "null",
        "end",
        "current_date",
        "current_time",
        "current_timestamp",
    ];
    let mut words = KEYWORDS.iter().chain(&values);
    words.any(|word| token.text.eq_ignore_ascii_case(word))
}

/// What stands before a token, as far as blank space goes.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Start,
    Opening,
    Sign,
    Operator,
    Function,
    Operand,
}

/// Words behind which a bracket is no call and a sign no subtraction.
const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "as",
    "between",
    "by",
    "case",
    "collate",
    "distinct",
    "else",
    "escape",
    "except",
    "exists",
    "filter",
    "from",
    "glob",
    "having",
    "in",
    "intersect",
    "is",
    "isnull",
    "like",
    "limit",
    "match",
    "not",
    "notnull",
    "on",
    "or",
    "order",
    "over",
    "partition",
    "regexp",
    "select",
    "then",
    "union",
    "using",
    "values",
    "when",
    "where",
];

/// How the table itself spells a column that is named here; SQLite does not tell cases apart.
pub(super) fn spelling<'a, S: AsRef<str>>(columns: &'a [S], name: &str) -> Option<&'a str> {
    let mut columns = columns.iter().map(AsRef::as_ref);
    columns.find(|column: &&str| column.eq_ignore_ascii_case(name))
}

/// Without the brackets that enclose all of it.
fn bare<'t, 'a>(mut tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    while let [first, inside @ .., last] = tokens
        && first.is_symbol("(")
        && last.is_symbol(")")
        && balanced(inside)
    {
        tokens = inside;
    }
    tokens
}

fn balanced(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    for token in tokens {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            let Some(less) = depth.checked_sub(1) else {
                return false;
            };
            depth = less;
        }
    }
    depth == 0 && !tokens.is_empty()
}

/// The default that a text stands for in a column of this type: what the column would hold.
/// `DEFAULT NULL` is none.
pub(super) fn default_value(sql: &str, words: &str, ty: &Type) -> Option<DefaultValue> {
    let Ok(tokens) = tokens(sql) else {
        return Some(DefaultValue::Expr(sql.trim().to_owned()));
    };
    let enclosed = tokens.first().is_some_and(|token| token.is_symbol("("));
    let affinity = Affinity::of(words);
    let literal = match bare(&tokens) {
        [only] => literal(only, enclosed),
        [sign, number] if number.kind == Kind::Number && sign.is_symbol("-") => {
            Some(Literal::Number(format!("-{}", number.text)))
        }
        [sign, number] if number.kind == Kind::Number && sign.is_symbol("+") => {
            Some(Literal::Number(number.text.to_owned()))
        }
        _ => None,
    };
    Some(match literal {
        Some(Literal::Null) => return None,
        Some(Literal::Now) => DefaultValue::CurrentTimestamp,
        Some(Literal::String(text)) => stored_text(text, affinity, ty),
        Some(Literal::Number(text)) => stored_number(&text, affinity, ty),
        None => DefaultValue::Expr(normal::<&str>(sql, &[])),
    })
}

enum Literal {
    Null,
    Now,
    String(String),
    Number(String),
}

fn literal(token: &Token<'_>, enclosed: bool) -> Option<Literal> {
    let name = token.name();
    match (token.kind, name) {
        (Kind::Number, _) => Some(Literal::Number(token.text.to_owned())),
        (Kind::String, Some(text)) => Some(Literal::String(text)),
        // A bare name is a string here, as SQLite has it; in brackets it would be a column.
        (Kind::Quoted, Some(text)) if !enclosed => Some(Literal::String(text)),
        (Kind::Word, Some(word)) => match word.to_ascii_uppercase().as_str() {
            "NULL" => Some(Literal::Null),
            "TRUE" => Some(Literal::Number("1".to_owned())),
            "FALSE" => Some(Literal::Number("0".to_owned())),
            "CURRENT_TIMESTAMP" => Some(Literal::Now),
            "CURRENT_DATE" | "CURRENT_TIME" => None,
            _ => (!enclosed).then_some(Literal::String(word)),
        },
        _ => None,
    }
}

fn stored_text(text: String, affinity: Affinity, ty: &Type) -> DefaultValue {
    let numeric = matches!(
        affinity,
        Affinity::Integer | Affinity::Numeric | Affinity::Real
    );
    let looks_like_number = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
        && text.parse::<f64>().is_ok();
    if numeric && looks_like_number {
        stored_number(&text, affinity, ty)
    } else {
        DefaultValue::String(text)
    }
}

fn stored_number(text: &str, affinity: Affinity, ty: &Type) -> DefaultValue {
    let Some(number) = Number::parse(text) else {
        return DefaultValue::Number(text.to_owned());
    };
    match affinity {
        Affinity::Text => DefaultValue::String(number.exact()),
        Affinity::Blob => DefaultValue::Number(number.exact()),
        _ => match number.short() {
            short if *ty == Type::Boolean && short == "1" => DefaultValue::Bool(true),
            short if *ty == Type::Boolean && short == "0" => DefaultValue::Bool(false),
            short => DefaultValue::Number(short),
        },
    }
}

enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let text = text.replace('_', "");
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text.as_str()),
        };
        if let Some(hex) = digits.to_ascii_lowercase().strip_prefix("0x") {
            return Some(Self::Whole(sign * i64::from_str_radix(hex, 16).ok()?));
        }
        if let Ok(whole) = text.parse() {
            return Some(Self::Whole(whole));
        }
        text.parse()
            .ok()
            .filter(|real: &f64| real.is_finite())
            .map(Self::Real)
    }

    /// As a column holds it that keeps 1.0 apart from 1.
    fn exact(&self) -> String {
        match self {
            Self::Whole(whole) => whole.to_string(),
            Self::Real(real) => format!("{real:?}"),
        }
    }

    fn short(&self) -> String {
        match self {
            Self::Whole(whole) => whole.to_string(),
            // -0.0 and 0 are one number to SQLite.
            Self::Real(real) if *real == 0.0 => "0".to_owned(),
            Self::Real(real) => real.to_string(),
        }
    }
}
