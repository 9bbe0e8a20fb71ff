//! Defaults: literals by the value that the column gets, everything else as text.

use super::lex::{self, Token};
use super::meaning::means_the_same;
use super::types::parse_type;
use crate::dialect::Verdict;
use crate::op::relation;
use crate::schema::{DefaultValue, Length, Name, Table, Type};

/// A default as both sides spell it, by the column's (canonical) type. `None` for NULL, which is
/// no default.
///
/// Two defaults come out equal only if every row gets the same from both.
pub(super) fn canonical_default(default: &DefaultValue, ty: &Type) -> Option<DefaultValue> {
    let literal = match default {
        DefaultValue::Bool(value) => Literal::Bool(*value),
        DefaultValue::Number(text) => match lex::tokens(text).as_deref().and_then(literal) {
            Some(Literal::Number(number)) => Literal::Number(number),
            _ => return Some(DefaultValue::Expr(lex::normal(text))),
        },
        DefaultValue::String(text) => Literal::String(text.clone()),
        DefaultValue::CurrentTimestamp => return Some(DefaultValue::CurrentTimestamp),
        DefaultValue::Expr(sql) => return canonical_expr(sql, ty),
    };
    value(&literal, ty)
}

/// The value that the literal is for the type, or the literal as it is.
fn value(literal: &Literal, ty: &Type) -> Option<DefaultValue> {
    fold(literal, ty).or_else(|| match literal {
        Literal::Null => None,
        Literal::Bool(value) => Some(DefaultValue::Bool(*value)),
        Literal::Number(text) => Some(DefaultValue::Number(text.clone())),
        Literal::String(text) => Some(DefaultValue::String(text.clone())),
    })
}

fn canonical_expr(sql: &str, ty: &Type) -> Option<DefaultValue> {
    let text = || Some(DefaultValue::Expr(lex::normal(sql)));
    let Some(tokens) = lex::tokens(sql) else {
        return text();
    };
    let mut tokens = lex::unwrapped(&tokens);
    if matches!(
        lex::spell(tokens).as_str(),
        "current_timestamp" | "now()" | "pg_catalog.now()" | "transaction_timestamp()"
    ) {
        return Some(DefaultValue::CurrentTimestamp);
    }
    if let Some(sequence) = next_of(tokens) {
        return Some(next_value(&sequence));
    }
    let mut casts = Vec::new();
    while let Some((inner, cast)) = split_cast(tokens) {
        casts.push(parse_type(&lex::spell(cast)));
        tokens = lex::unwrapped(inner);
    }
    match literal(tokens) {
        Some(Literal::Null) => None,
        Some(literal) if casts.is_empty() => value(&literal, ty),
        Some(literal) if casts.iter().all(|cast| harmless(cast, &literal, ty)) => {
            fold(&literal, ty).map_or_else(text, Some)
        }
        _ => text(),
    }
}

/// The next value of a sequence, as the server prints it.
pub(crate) fn next_value(sequence: &Name) -> DefaultValue {
    let parts = sequence.schema.iter().chain([&sequence.name]);
    let name: Vec<String> = parts.map(|part| lex::identifier(part)).collect();
    let name = crate::dialect::literal(&name.join("."));
    DefaultValue::Expr(format!("nextval({name}::regclass)"))
}

/// The sequence, where a default is nothing but its next value.
fn next_of(tokens: &[Token]) -> Option<Name> {
    let [
        function,
        Token::Mark('('),
        Token::String(text),
        rest @ ..,
        Token::Mark(')'),
    ] = tokens
    else {
        return None;
    };
    let cast = match rest {
        [] => true,
        [Token::Operator(operator), ty] => operator == "::" && ty.is_word("regclass"),
        _ => false,
    };
    (cast && function.is_word("nextval")).then(|| relation(text))?
}

enum Literal {
    Null,
    Bool(bool),
    Number(String),
    String(String),
}

fn literal(tokens: &[Token]) -> Option<Literal> {
    match lex::unwrapped(tokens) {
        [Token::String(text)] => Some(Literal::String(text.clone())),
        [Token::Word(word)] => match word.as_str() {
            "null" => Some(Literal::Null),
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            _ => None,
        },
        [Token::Number(text)] => number(text).map(Literal::Number),
        [Token::Operator(sign), inner @ ..] if sign == "-" || sign == "+" => {
            let [Token::Number(text)] = lex::unwrapped(inner) else {
                return None;
            };
            let text = number(text)?;
            Some(Literal::Number(match sign.as_str() {
                "-" if text != "0" => format!("-{text}"),
                _ => text,
            }))
        }
        _ => None,
    }
}

/// A number without needless zeros in front; `None` for exponents and other bases.
fn number(text: &str) -> Option<String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || digits == "." || !plain(whole) || !plain(fraction) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let sign = if negative { "-" } else { "" };
    Some(match fraction {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    })
}

/// `x::t` and `cast(x as t)`
fn split_cast(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    if let [first, Token::Mark('('), inside @ .., Token::Mark(')')] = tokens
        && first.is_word("cast")
    {
        let at = inside.iter().rposition(|token| token.is_word("as"))?;
        return Some((&inside[..at], &inside[at + 1..]));
    }
    let mut depth = 0i32;
    let mut last = None;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth -= 1,
            Token::Operator(operator) if operator == "::" && depth == 0 => last = Some(at),
            _ => {}
        }
    }
    let at = last?;
    Some((&tokens[..at], &tokens[at + 1..]))
}

/// Whether the column gets the same from the literal with the cast as without.
fn harmless(cast: &Type, literal: &Literal, ty: &Type) -> bool {
    let unlimited = |ty: &Type| matches!(ty, Type::Text | Type::String(Length::Unspecified));
    let whole = match literal {
        Literal::Number(text) | Literal::String(text) => !text.contains('.'),
        Literal::Bool(_) | Literal::Null => false,
    };
    match (cast, ty) {
        (Type::Enum { name, .. }, _) => same_name(&name.to_string(), ty),
        (Type::Custom(cast), Type::Enum { .. }) => same_name(cast, ty),
        (cast, Type::Text | Type::String(_)) => unlimited(cast),
        (cast, Type::Char(_)) => unlimited(cast) || *cast == Type::Custom("bpchar".to_owned()),
        (Type::Decimal(None), Type::Decimal(_) | Type::Float | Type::Double) => true,
        (Type::Decimal(None), ty) if ty.is_integer() => whole,
        (cast, ty) if cast.is_integer() && is_number(ty) => whole,
        (Type::Array(cast), Type::Array(ty)) => harmless(cast, literal, ty),
        (Type::Interval(None, None), Type::Interval(..)) => {
            matches!(ty, Type::Interval(None, None))
        }
        // `'0'::"bit"` is how the server prints a bit string of any length.
        (Type::Custom(cast), Type::Bit(_) | Type::VarBit(_)) => {
            cast == "\"bit\"" || cast == "bit varying"
        }
        (cast, ty) => cast == ty,
    }
}

pub(super) fn is_number(ty: &Type) -> bool {
    ty.is_integer() || matches!(ty, Type::Decimal(_) | Type::Float | Type::Double)
}

fn same_name(cast: &str, ty: &Type) -> bool {
    let Type::Enum { name, .. } = ty else {
        return false;
    };
    let plain = lex::identifier(&name.name);
    let qualified = name
        .schema
        .as_ref()
        .map(|schema| format!("{}.{plain}", lex::identifier(schema)));
    cast == plain || Some(cast) == qualified.as_deref()
}

/// The literal as a value of the type; `None` when the two do not go together simply.
fn fold(literal: &Literal, ty: &Type) -> Option<DefaultValue> {
    match (literal, ty) {
        (Literal::Null, _) => None,
        (Literal::Bool(value), Type::Boolean) => Some(DefaultValue::Bool(*value)),
        (Literal::Number(text) | Literal::String(text), Type::Boolean) => {
            truth(text).map(DefaultValue::Bool)
        }
        (Literal::Number(text), ty) if ty.is_integer() => {
            let text = trimmed(text);
            (!text.contains('.')).then_some(DefaultValue::Number(text))
        }
        (Literal::String(text), ty) if ty.is_integer() => {
            let number = number(text.trim())?;
            (!number.contains('.')).then(|| DefaultValue::Number(negative_zero(number)))
        }
        (Literal::Number(text), Type::Decimal(Some(_)) | Type::Float | Type::Double) => {
            Some(DefaultValue::Number(trimmed(text)))
        }
        (Literal::String(text), Type::Decimal(Some(_)) | Type::Float | Type::Double) => {
            Some(DefaultValue::Number(trimmed(&number(text.trim())?)))
        }
        // Without a scale the digits after the point are kept and shown.
        (Literal::Number(text), Type::Decimal(None)) => Some(DefaultValue::Number(text.clone())),
        (Literal::String(text), Type::Decimal(None)) => {
            Some(DefaultValue::Number(negative_zero(number(text.trim())?)))
        }
        (Literal::String(text), Type::Char(_)) => {
            Some(DefaultValue::String(text.trim_end_matches(' ').to_owned()))
        }
        (Literal::String(text), _) => Some(DefaultValue::String(text.clone())),
        (Literal::Number(text), Type::Text | Type::String(_)) => {
            Some(DefaultValue::String(text.clone()))
        }
        (Literal::Bool(value), Type::Text | Type::String(_)) => {
            Some(DefaultValue::String(value.to_string()))
        }
        (Literal::Bool(value), ty) if is_number(ty) => {
            Some(DefaultValue::Number(u8::from(*value).to_string()))
        }
        (Literal::Number(_) | Literal::Bool(_), _) => None,
    }
}

/// What the server reads as a boolean, the unambiguous beginnings left out.
fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "y" | "yes" | "on" => Some(true),
        "0" | "f" | "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A number without needless zeros behind the point.
fn trimmed(text: &str) -> String {
    negative_zero(match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    })
}

fn negative_zero(text: String) -> String {
    match text.as_str() {
        "-0" => "0".to_owned(),
        _ => text,
    }
}

/// Whether the text comparison of this default says nothing when it finds a difference.
pub(crate) fn is_doubtful(default: &DefaultValue, ty: &Type) -> bool {
    let text = matches!(
        ty,
        Type::Text | Type::String(_) | Type::Char(_) | Type::Enum { .. }
    );
    match default {
        DefaultValue::Expr(_) => true,
        // The server prints values of other types in its own way.
        DefaultValue::String(value) => !text && !matches!(value.as_str(), "{}" | "[]"),
        DefaultValue::Number(_) => !is_number(ty) || *ty == Type::Decimal(None),
        DefaultValue::Bool(_) => *ty != Type::Boolean,
        DefaultValue::CurrentTimestamp => false,
    }
}

/// What can be said of two defaults of a column without asking the server.
pub(crate) fn same_default(one: &DefaultValue, other: &DefaultValue, ty: &Type) -> Verdict {
    if let (Some(one), Some(other)) = (sequence_of(one), sequence_of(other)) {
        return match (one == other, one.name == other.name) {
            (true, _) => Verdict::Same,
            // Where a name without a schema leads, only the server knows.
            (_, true) if one.schema.is_none() || other.schema.is_none() => Verdict::Unsure,
            _ => Verdict::Different,
        };
    }
    let is_plain = |default: &DefaultValue| !matches!(default, DefaultValue::Expr(_));
    if sequence_of(one).is_some() && is_plain(other)
        || sequence_of(other).is_some() && is_plain(one)
    {
        return Verdict::Different;
    }
    let same = match (one, other) {
        (DefaultValue::Number(one), DefaultValue::Number(other)) if is_number(ty) => {
            return match trimmed(one) == trimmed(other) {
                true => Verdict::Same,
                false => Verdict::Different,
            };
        }
        (DefaultValue::Expr(one), DefaultValue::Expr(other)) => {
            means_the_same(one, other, &Table::new(""))
        }
        _ => one == other,
    };
    match same {
        true => Verdict::Same,
        false => Verdict::Unsure,
    }
}

fn sequence_of(default: &DefaultValue) -> Option<Name> {
    let DefaultValue::Expr(sql) = default else {
        return None;
    };
    next_of(lex::unwrapped(&lex::tokens(sql)?))
}

/// Whether the default is a literal, cast or not: the server may be asked for its value.
pub(crate) fn is_constant(default: &DefaultValue) -> bool {
    let DefaultValue::Expr(sql) = default else {
        return !matches!(default, DefaultValue::CurrentTimestamp);
    };
    let Some(tokens) = lex::tokens(sql) else {
        return false;
    };
    let mut tokens = lex::unwrapped(&tokens);
    while let Some((inner, _)) = split_cast(tokens) {
        tokens = lex::unwrapped(inner);
    }
    literal(tokens).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expr(sql: &str) -> DefaultValue {
        DefaultValue::Expr(sql.to_owned())
    }

    fn string(text: &str) -> DefaultValue {
        DefaultValue::String(text.to_owned())
    }

    fn num(text: &str) -> DefaultValue {
        DefaultValue::Number(text.to_owned())
    }

    fn mood() -> Type {
        Type::Enum {
            name: "Mood".into(),
            values: vec!["ok".to_owned()],
        }
    }

    #[test]
    fn the_server_s_words_are_the_declared_value() {
        let numeric = Type::Decimal(Some((10, 2)));
        for (ty, declared, printed) in [
            (Type::Text, string("it's"), "'it''s'::text"),
            (
                Type::String(Length::N(5)),
                string("x"),
                "'x'::character varying",
            ),
            (Type::Char(Some(3)), string("x  "), "'x'::bpchar"),
            (Type::Integer, num("-5"), "'-5'::integer"),
            (Type::BigInteger, num("5"), "'5'::bigint"),
            (Type::SmallInteger, string("5"), "5"),
            (numeric.clone(), string("0.00"), "0"),
            (numeric.clone(), num("1.5"), "1.50"),
            (numeric, expr("(-1.5)"), "'-1.5'::numeric"),
            (Type::Double, num("1"), "1.0"),
            (Type::Boolean, num("1"), "true"),
            (Type::Boolean, string("off"), "false"),
            (mood(), string("ok"), "'ok'::\"Mood\""),
            (mood(), expr("CAST('ok' AS \"Mood\")"), "'ok'::\"Mood\""),
            (Type::JsonBinary, string("{}"), "'{}'::jsonb"),
            (
                Type::TimestampWithTimeZone,
                DefaultValue::CurrentTimestamp,
                "now()",
            ),
            (Type::DateTime, expr("(NOW())"), "CURRENT_TIMESTAMP"),
            (
                Type::Array(Box::new(Type::Text)),
                string("{}"),
                "'{}'::text[]",
            ),
            (Type::Uuid, expr("GEN_RANDOM_UUID()"), "gen_random_uuid()"),
            (
                Type::Integer,
                expr("nextval('\"post_seq\"')"),
                "nextval('post_seq'::regclass)",
            ),
            (
                Type::BigInteger,
                expr("(NEXTVAL('Side . \"It''s\"'))"),
                "nextval('side.\"It''s\"'::regclass)",
            ),
        ] {
            assert_eq!(
                canonical_default(&declared, &ty),
                canonical_default(&expr(printed), &ty),
                "{ty}: {declared:?}"
            );
        }
    }

    #[test]
    fn what_gives_another_value_stays_different() {
        let two = Type::Decimal(Some((10, 2)));
        for (ty, left, right) in [
            (Type::Text, string("X"), expr("'x'::text")),
            (Type::Text, string("abc"), expr("'abc'::varchar(2)")),
            (Type::Text, string("x "), expr("'x '::bpchar")),
            (Type::Text, num("0"), expr("'0.0'::text")),
            (Type::Integer, num("5"), expr("'5.5'::numeric")),
            (Type::Decimal(None), num("1.5"), expr("1.50")),
            (two, num("1.5"), expr("1.5::integer")),
            (Type::Text, string("now()"), expr("now()")),
            (mood(), string("ok"), expr("'ok'::other")),
            (
                Type::TimestampWithTimeZone,
                expr("localtimestamp"),
                expr("now()"),
            ),
            (Type::Text, string("null"), expr("null")),
            (
                Type::Integer,
                expr("nextval('\"A\"')"),
                expr("nextval('a'::regclass)"),
            ),
        ] {
            assert_ne!(
                canonical_default(&left, &ty),
                canonical_default(&right, &ty),
                "{ty}: {left:?}"
            );
        }
    }

    #[test]
    fn sequences_are_told_apart_by_their_names() {
        for (one, other, verdict) in [
            ("nextval('a')", "nextval('a'::regclass)", Verdict::Same),
            ("nextval('a')", "nextval('b')", Verdict::Different),
            ("nextval('x.a')", "nextval('y.a')", Verdict::Different),
            ("nextval('x.a')", "nextval('a')", Verdict::Unsure),
            ("nextval('a')", "f('a')", Verdict::Unsure),
        ] {
            let verdict_of = |one, other| same_default(&expr(one), &expr(other), &Type::Integer);
            assert_eq!(verdict_of(one, other), verdict, "{one} {other}");
            assert_eq!(verdict_of(other, one), verdict, "{other} {one}");
        }
        let next = expr("nextval('a')");
        assert_eq!(
            same_default(&next, &num("1"), &Type::Integer),
            Verdict::Different
        );
    }

    #[test]
    fn null_is_no_default() {
        assert_eq!(
            canonical_default(&expr("NULL::character varying"), &Type::Text),
            None
        );
    }
}
