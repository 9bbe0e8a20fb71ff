//! Whether two expressions mean the same, as far as that is sure without asking the server.
//!
//! Both are read as trees and brought to the form in which the server keeps them: `x IN (…)`,
//! BETWEEN and LIKE as operators, a literal cast to the type of the column that it is compared with.
//! What is not understood is not judged.

use super::lex::{self, Token};
use super::parse::{Node, parse};
use crate::schema::{Length, Table, Type};

/// Whether the two conditions or values of this table's rows are surely the same. `false` says
/// nothing.
pub(crate) fn means_the_same(one: &str, other: &str, table: &Table) -> bool {
    if lex::normal(one) == lex::normal(other) {
        return true;
    }
    match (read(one, table), read(other, table)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

fn read(sql: &str, table: &Table) -> Option<Node> {
    Some(Rewriter { table }.node(parse(&lex::tokens(sql)?)?))
}

struct Rewriter<'a> {
    table: &'a Table,
}

/// Operators whose two sides are of one type.
const COMPARISONS: &[&str] = &["=", "<>", "<", ">", "<=", ">="];

/// Operators whose two sides are texts, or else follow rules of their own.
const PATTERNS: &[&str] = &["~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*"];

impl Rewriter<'_> {
    fn node(&self, node: Node) -> Node {
        let all = |nodes: Vec<Node>| nodes.into_iter().map(|node| self.node(node)).collect();
        match node {
            Node::And(nodes) => Node::And(flat(all(nodes), |node| match node {
                Node::And(inner) => Ok(inner),
                node => Err(node),
            })),
            Node::Or(nodes) => Node::Or(flat(all(nodes), |node| match node {
                Node::Or(inner) => Ok(inner),
                node => Err(node),
            })),
            Node::Not(node) => Node::Not(Box::new(self.node(*node))),
            Node::Is(node, what) => Node::Is(Box::new(self.node(*node)), what),
            Node::Path(names) => match names.as_slice() {
                [Token::Word(table) | Token::Quoted(table), column]
                    if *table == self.table.name.name =>
                {
                    Node::Name(column.clone())
                }
                _ => Node::Path(names),
            },
            Node::Sign(sign, node) => self.sign(&sign, *node),
            Node::Binary(operator, left, right) => {
                let (left, right) = (self.node(*left), self.node(*right));
                self.binary(&operator, left, right)
            }
            Node::Between(not, value, low, high) => {
                let (value, low, high) = (self.node(*value), self.node(*low), self.node(*high));
                let below = self.binary(if not { "<" } else { ">=" }, value.clone(), low);
                let above = self.binary(if not { ">" } else { "<=" }, value, high);
                match not {
                    true => Node::Or(vec![below, above]),
                    false => Node::And(vec![below, above]),
                }
            }
            Node::In(not, value, list) => {
                let (value, list) = (self.node(*value), all(list));
                self.among(not, value, list)
            }
            Node::Quantified(operator, word, value, array) => Node::Quantified(
                operator,
                word,
                Box::new(self.node(*value)),
                Box::new(self.node(*array)),
            ),
            Node::Call(name, arguments) => match name.as_slice() {
                [Token::Word(name)]
                    if arguments.is_empty()
                        && ["now", "transaction_timestamp"].contains(&name.as_str()) =>
                {
                    Node::Name(Token::Word("current_timestamp".to_owned()))
                }
                _ => Node::Call(name, all(arguments)),
            },
            Node::Array(nodes) => Node::Array(all(nodes)),
            Node::Cast(node, ty) => texts(self.node(*node), ty),
            node @ (Node::Name(_) | Node::String(_) | Node::Number(_)) => node,
        }
    }

    /// A sign before a number is part of it.
    fn sign(&self, sign: &str, node: Node) -> Node {
        match node {
            Node::Number(text) if sign == "-" => {
                let ty = match is_whole(&text) {
                    Some(true) => Type::Integer,
                    Some(false) => Type::Decimal(None),
                    None => return Node::Sign(sign.to_owned(), Box::new(Node::Number(text))),
                };
                cast(Node::String(format!("-{text}")), ty)
            }
            node => Node::Sign(sign.to_owned(), Box::new(self.node(node))),
        }
    }

    fn binary(&self, operator: &str, left: Node, right: Node) -> Node {
        let (of_left, of_right) = (self.ty(&left), self.ty(&right));
        let textual = |ty: &Option<Type>| matches!(ty, Some(Type::Text | Type::String(_)));
        let said = |node: &Node, ty: &Option<Type>| {
            textual(ty) || (ty.is_none() && matches!(node, Node::String(_)))
        };
        let texts = (textual(&of_left) || textual(&of_right))
            && said(&left, &of_left)
            && said(&right, &of_right);
        let (left, right) = if texts && (is(COMPARISONS, operator) || is(PATTERNS, operator)) {
            (
                as_text(left, of_left.as_ref()),
                as_text(right, of_right.as_ref()),
            )
        } else if is(COMPARISONS, operator) {
            (
                fitted(left, of_right.as_ref()),
                fitted(right, of_left.as_ref()),
            )
        } else {
            (left, right)
        };
        Node::Binary(operator.to_owned(), Box::new(left), Box::new(right))
    }

    /// `x IN (a, b)` is `x = ANY (ARRAY[a, b])`, where all of them are literals.
    fn among(&self, not: bool, value: Node, mut list: Vec<Node>) -> Node {
        let (operator, word) = if not { ("<>", "all") } else { ("=", "any") };
        if list.len() == 1
            && let Some(only) = list.pop()
        {
            return self.binary(operator, value, only);
        }
        let ty = self.ty(&value);
        let literals = list.iter().all(is_literal);
        let (Some(ty), true) = (ty, literals) else {
            return Node::In(not, Box::new(value), list);
        };
        let value = match ty {
            Type::String(_) => cast(value, Type::Text),
            _ => value,
        };
        let elements = list.into_iter().map(|node| fitted(node, Some(&ty)));
        Node::Quantified(
            operator.to_owned(),
            word.to_owned(),
            Box::new(value),
            Box::new(Node::Array(elements.collect())),
        )
    }

    /// The type of a column, or of what is cast.
    fn ty(&self, node: &Node) -> Option<Type> {
        match node {
            Node::Name(Token::Word(name) | Token::Quoted(name)) => {
                Some(self.table.column(name)?.ty.clone())
            }
            Node::Cast(_, ty) => Some(ty.clone()),
            _ => None,
        }
    }
}

fn flat(nodes: Vec<Node>, inner: impl Fn(Node) -> Result<Vec<Node>, Node>) -> Vec<Node> {
    let mut out = Vec::new();
    for node in nodes {
        match inner(node) {
            Ok(nodes) => out.extend(nodes),
            Err(node) => out.push(node),
        }
    }
    out
}

fn is(operators: &[&str], operator: &str) -> bool {
    operators.contains(&operator)
}

/// A cast; texts that are cast one by one and then as an array are cast once.
fn texts(node: Node, ty: Type) -> Node {
    let varying = |node: &Node| match node {
        Node::Cast(inner, Type::String(Length::Unspecified)) => {
            matches!(**inner, Node::String(_))
        }
        _ => false,
    };
    match node {
        Node::Array(nodes)
            if ty == Type::Array(Box::new(Type::Text)) && nodes.iter().all(varying) =>
        {
            let texts = nodes.into_iter().map(|node| match node {
                Node::Cast(inner, _) => Node::Cast(inner, Type::Text),
                node => node,
            });
            Node::Array(texts.collect())
        }
        node => cast(node, ty),
    }
}

/// A text as operators take it: there are none for `varchar`.
fn as_text(node: Node, ty: Option<&Type>) -> Node {
    match (node, ty) {
        (node, Some(Type::Text)) => node,
        (node, _) => cast(node, Type::Text),
    }
}

fn cast(node: Node, ty: Type) -> Node {
    Node::Cast(Box::new(node), ty)
}

fn is_literal(node: &Node) -> bool {
    match node {
        Node::String(_) | Node::Number(_) => true,
        Node::Cast(inner, _) => is_literal(inner),
        _ => false,
    }
}

/// Whether a number is an integer of four bytes, or a fraction; `None` for larger and stranger ones.
fn is_whole(text: &str) -> Option<bool> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) if digits(whole) && digits(fraction) => Some(false),
        None if digits(text) && text.parse::<i32>().is_ok() => Some(true),
        _ => None,
    }
}

/// One side of a comparison as the server has it, where the other side is of the type.
fn fitted(node: Node, other: Option<&Type>) -> Node {
    let Some(other) = other else {
        return node;
    };
    match (node, other) {
        (Node::String(text), ty) => match ty {
            Type::String(_) | Type::Text => cast(Node::String(text), Type::Text),
            Type::Char(_) => cast(Node::String(text), Type::Custom("bpchar".to_owned())),
            Type::Enum { name, .. } => {
                let own = lex::identifier(&name.name);
                let words = match &name.schema {
                    Some(schema) => format!("{}.{own}", lex::identifier(schema)),
                    None => own,
                };
                cast(Node::String(text), Type::Custom(words))
            }
            Type::Boolean
            | Type::Date
            | Type::DateTime
            | Type::TimestampWithTimeZone
            | Type::Time
            | Type::Uuid
            | Type::Integer
            | Type::BigInteger
            | Type::SmallInteger
            | Type::Decimal(_) => match ty {
                Type::Decimal(_) => cast(Node::String(text), Type::Decimal(None)),
                ty => cast(Node::String(text), ty.clone()),
            },
            _ => Node::String(text),
        },
        (node, Type::Decimal(_)) if is_four_bytes(&node) => cast(node, Type::Decimal(None)),
        (node, Type::Double) if is_number(&node) => cast(node, Type::Double),
        (node, _) => node,
    }
}

/// An integer of four bytes, as the server keeps one.
fn is_four_bytes(node: &Node) -> bool {
    match node {
        Node::Number(text) => is_whole(text) == Some(true),
        Node::Cast(inner, Type::Integer) => matches!(**inner, Node::String(_)),
        _ => false,
    }
}

fn is_number(node: &Node) -> bool {
    match node {
        Node::Number(text) => is_whole(text).is_some(),
        Node::Cast(inner, Type::Integer | Type::Decimal(None)) => {
            matches!(**inner, Node::String(_))
        }
        _ => false,
    }
}
