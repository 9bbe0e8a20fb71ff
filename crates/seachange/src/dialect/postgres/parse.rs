//! Expressions as trees, as far as two of them can be compared by their shape.

use super::lex::Token;
use super::types::from_tokens;
use crate::schema::Type;

/// A part of an expression. Brackets are gone: the shape says what they said.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Name(Token),
    Path(Vec<Token>),
    String(String),
    Number(String),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// `IS …`, with the words behind it.
    Is(Box<Node>, String),
    Sign(String, Box<Node>),
    Binary(String, Box<Node>, Box<Node>),
    Between(bool, Box<Node>, Box<Node>, Box<Node>),
    In(bool, Box<Node>, Vec<Node>),
    /// `x = ANY (…)`: the operator, the word, the value, the array.
    Quantified(String, String, Box<Node>, Box<Node>),
    Call(Vec<Token>, Vec<Node>),
    Array(Vec<Node>),
    Cast(Box<Node>, Type),
}

/// The tree of an expression; `None` for what is not known here.
pub(super) fn parse(tokens: &[Token]) -> Option<Node> {
    let mut parser = Parser {
        rest: tokens,
        depth: 0,
    };
    let node = parser.or()?;
    parser.rest.is_empty().then_some(node)
}

struct Parser<'a> {
    rest: &'a [Token],
    depth: u32,
}

/// How deep an expression may be; a deeper one is not looked into.
const DEPTH: u32 = 60;

/// Words with a grammar of their own, which stand for no name.
const SYNTAX: &[&str] = &[
    "and",
    "array",
    "as",
    "between",
    "case",
    "cast",
    "collate",
    "distinct",
    "else",
    "end",
    "exists",
    "extract",
    "from",
    "ilike",
    "in",
    "interval",
    "is",
    "isnull",
    "like",
    "not",
    "notnull",
    "operator",
    "or",
    "overlaps",
    "over",
    "row",
    "select",
    "similar",
    "then",
    "when",
    "within",
    "filter",
    "variadic",
    "all",
    "any",
    "some",
    "symmetric",
    "escape",
    "at",
];

impl<'a> Parser<'a> {
    fn eat_word(&mut self, word: &str) -> bool {
        match self.rest {
            [first, rest @ ..] if first.is_word(word) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn eat(&mut self, mark: char) -> bool {
        match self.rest {
            [Token::Mark(first), rest @ ..] if *first == mark => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn operator(&mut self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        match self.rest {
            [Token::Operator(text), rest @ ..] if wanted(text) => {
                self.rest = rest;
                Some(text.clone())
            }
            _ => None,
        }
    }

    fn or(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut nodes = vec![self.and()?];
        while self.eat_word("or") {
            nodes.push(self.and()?);
        }
        self.depth -= 1;
        single(nodes, Node::Or)
    }

    fn and(&mut self) -> Option<Node> {
        let mut nodes = vec![self.not()?];
        while self.eat_word("and") {
            nodes.push(self.not()?);
        }
        single(nodes, Node::And)
    }

    fn not(&mut self) -> Option<Node> {
        let mut nots = 0;
        while self.eat_word("not") {
            nots += 1;
        }
        let mut node = self.is()?;
        for _ in 0..nots {
            node = Node::Not(Box::new(node));
        }
        Some(node)
    }

    fn is(&mut self) -> Option<Node> {
        let mut node = self.comparison()?;
        while self.eat_word("is") {
            let not = if self.eat_word("not") { "not " } else { "" };
            let word = ["null", "true", "false", "unknown"]
                .into_iter()
                .find(|word| self.eat_word(word))?;
            node = Node::Is(Box::new(node), format!("{not}{word}"));
        }
        Some(node)
    }

    fn comparison(&mut self) -> Option<Node> {
        let left = self.range()?;
        let comparison = |text: &str| ["=", "<>", "<", ">", "<=", ">="].contains(&text);
        let Some(operator) = self.operator(comparison) else {
            return Some(left);
        };
        for word in ["any", "all", "some"] {
            if self.eat_word(word) {
                if !self.eat('(') {
                    return None;
                }
                let array = self.or()?;
                let word = if word == "some" { "any" } else { word };
                return self.eat(')').then(|| {
                    Node::Quantified(operator, word.to_owned(), Box::new(left), Box::new(array))
                });
            }
        }
        let right = self.range()?;
        Some(Node::Binary(operator, Box::new(left), Box::new(right)))
    }

    fn range(&mut self) -> Option<Node> {
        let left = self.other()?;
        let not = match self.rest {
            [first, second, ..]
                if first.is_word("not")
                    && ["between", "in", "like", "ilike"]
                        .iter()
                        .any(|word| second.is_word(word)) =>
            {
                self.eat_word("not")
            }
            _ => false,
        };
        if self.eat_word("between") {
            let low = self.other()?;
            if !self.eat_word("and") {
                return None;
            }
            let high = self.other()?;
            return Some(Node::Between(
                not,
                Box::new(left),
                Box::new(low),
                Box::new(high),
            ));
        }
        if self.eat_word("in") {
            if !self.eat('(') {
                return None;
            }
            let list = self.list(')')?;
            return (!list.is_empty()).then_some(Node::In(not, Box::new(left), list));
        }
        for (word, like, unlike) in [("like", "~~", "!~~"), ("ilike", "~~*", "!~~*")] {
            if self.eat_word(word) {
                let operator = if not { unlike } else { like }.to_owned();
                let right = self.other()?;
                return Some(Node::Binary(operator, Box::new(left), Box::new(right)));
            }
        }
        Some(left)
    }

    /// Operators that are neither arithmetic nor comparison, from left to right.
    fn other(&mut self) -> Option<Node> {
        let mut left = self.sum()?;
        let known = [
            "=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "^", "::",
        ];
        while let Some(operator) = self.operator(|text| !known.contains(&text)) {
            left = Node::Binary(operator, Box::new(left), Box::new(self.sum()?));
        }
        Some(left)
    }

    fn sum(&mut self) -> Option<Node> {
        let mut left = self.product()?;
        while let Some(operator) = self.operator(|text| text == "+" || text == "-") {
            left = Node::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Node> {
        let mut left = self.power()?;
        while let Some(operator) = self.operator(|text| ["*", "/", "%"].contains(&text)) {
            left = Node::Binary(operator, Box::new(left), Box::new(self.power()?));
        }
        Some(left)
    }

    fn power(&mut self) -> Option<Node> {
        let mut left = self.signed()?;
        while let Some(operator) = self.operator(|text| text == "^") {
            left = Node::Binary(operator, Box::new(left), Box::new(self.signed()?));
        }
        Some(left)
    }

    fn signed(&mut self) -> Option<Node> {
        match self.operator(|text| text == "+" || text == "-") {
            // A sign binds less than a cast: `-1::text` is `-(1::text)`.
            Some(sign) => Some(Node::Sign(sign, Box::new(self.cast()?))),
            None => self.cast(),
        }
    }

    fn cast(&mut self) -> Option<Node> {
        let mut node = self.atom()?;
        while self.operator(|text| text == "::").is_some() {
            let length = type_length(self.rest)?;
            let (ty, rest) = self.rest.split_at(length);
            self.rest = rest;
            node = Node::Cast(Box::new(node), from_tokens(ty));
        }
        Some(node)
    }

    fn atom(&mut self) -> Option<Node> {
        let (first, rest) = self.rest.split_first()?;
        match first {
            Token::Mark('(') => {
                self.rest = rest;
                let node = self.or()?;
                self.eat(')').then_some(node)
            }
            Token::String(text) => {
                self.rest = rest;
                Some(Node::String(text.clone()))
            }
            Token::Number(text) => {
                self.rest = rest;
                Some(Node::Number(text.clone()))
            }
            Token::Word(word) if word == "array" => {
                self.rest = rest;
                if !self.eat('[') {
                    return None;
                }
                self.list(']').map(Node::Array)
            }
            Token::Word(word) if word == "cast" => {
                self.rest = rest;
                if !self.eat('(') {
                    return None;
                }
                let node = self.or()?;
                if !self.eat_word("as") {
                    return None;
                }
                let length = type_length(self.rest)?;
                let (ty, rest) = self.rest.split_at(length);
                self.rest = rest;
                let ty = from_tokens(ty);
                self.eat(')').then(|| Node::Cast(Box::new(node), ty))
            }
            Token::Word(word) if SYNTAX.contains(&word.as_str()) => None,
            Token::Word(_) | Token::Quoted(_) => {
                self.rest = rest;
                self.name(first.clone())
            }
            Token::Operator(_) | Token::Mark(_) => None,
        }
    }

    fn name(&mut self, first: Token) -> Option<Node> {
        let mut names = vec![first];
        while self.eat('.') {
            let (next, rest) = self.rest.split_first()?;
            if !matches!(next, Token::Word(_) | Token::Quoted(_)) {
                return None;
            }
            names.push(next.clone());
            self.rest = rest;
        }
        if self.eat('(') {
            return Some(Node::Call(names, self.list(')')?));
        }
        match names.len() {
            1 => names.pop().map(Node::Name),
            _ => Some(Node::Path(names)),
        }
    }

    fn list(&mut self, end: char) -> Option<Vec<Node>> {
        let mut nodes = Vec::new();
        if self.eat(end) {
            return Some(nodes);
        }
        loop {
            nodes.push(self.or()?);
            if self.eat(end) {
                return Some(nodes);
            }
            if !self.eat(',') {
                return None;
            }
        }
    }
}

fn single(mut nodes: Vec<Node>, many: impl Fn(Vec<Node>) -> Node) -> Option<Node> {
    match nodes.len() {
        1 => nodes.pop(),
        _ => Some(many(nodes)),
    }
}

/// How many tokens a type takes: a name with its words, arguments, and brackets of arrays.
fn type_length(tokens: &[Token]) -> Option<usize> {
    let mut at = match tokens {
        [
            Token::Word(_) | Token::Quoted(_),
            Token::Mark('.'),
            Token::Word(_) | Token::Quoted(_),
            ..,
        ] => 3,
        [Token::Word(_) | Token::Quoted(_), ..] => 1,
        _ => return None,
    };
    let word = |at: usize, words: &[&str]| {
        let token: Option<&Token> = tokens.get(at);
        token.is_some_and(|token| words.iter().any(|word| token.is_word(word)))
    };
    let after = |words: &[&str], next: &[&str]| word(0, words) && word(1, next);
    if after(&["double"], &["precision"]) || after(&["character", "char", "bit"], &["varying"]) {
        at = 2;
    }
    if let Some(Token::Mark('(')) = tokens.get(at) {
        at += 1 + tokens[at..]
            .iter()
            .position(|token| *token == Token::Mark(')'))?;
    }
    if word(0, &["timestamp", "time"]) && word(at, &["with", "without"]) {
        at += 3;
    }
    while let Some(Token::Mark('[')) = tokens.get(at) {
        at += 1 + tokens[at..]
            .iter()
            .position(|token| *token == Token::Mark(']'))?;
    }
    (at <= tokens.len()).then_some(at)
}
