//! A walk over the tokens of SQL.

use std::ops::Range;

use super::lex::Token;
use super::text::Unreadable;

/// A place in the list of tokens.
pub(super) struct Cursor<'a> {
    pub(super) sql: &'a str,
    pub(super) tokens: &'a [Token<'a>],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(sql: &'a str, tokens: &'a [Token<'a>]) -> Self {
        Self { sql, tokens, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(super) fn is_word(&self, ahead: usize, word: &str) -> bool {
        self.tokens
            .get(self.at + ahead)
            .is_some_and(|token| token.is_word(word))
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.peek().is_some_and(|token| token.is_symbol(symbol))
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let eaten = self.is_word(0, word);
        self.at += usize::from(eaten);
        eaten
    }

    pub(super) fn eat_symbol(&mut self, symbol: &str) -> bool {
        let eaten = self.is_symbol(symbol);
        self.at += usize::from(eaten);
        eaten
    }

    /// Where the piece that was read last ends.
    pub(super) fn end(&self) -> usize {
        self.at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map_or(0, Token::end)
    }

    pub(super) fn here(&self) -> usize {
        self.peek().map_or(self.sql.len(), |token| token.start)
    }

    pub(super) fn error(&self, wanted: &str) -> Unreadable {
        match self.peek() {
            Some(token) => Unreadable::new(
                format!("something else than {wanted}"),
                &self.sql[token.start..],
            ),
            None => Unreadable::new(format!("an end before {wanted}"), self.sql),
        }
    }

    pub(super) fn expect(&mut self, word: &str) -> Result<(), Unreadable> {
        if self.eat(word) {
            Ok(())
        } else {
            Err(self.error(word))
        }
    }

    pub(super) fn token(&mut self, wanted: &str) -> Result<&'a Token<'a>, Unreadable> {
        let token = self.tokens.get(self.at).ok_or_else(|| self.error(wanted))?;
        self.at += 1;
        Ok(token)
    }

    pub(super) fn name(&mut self, wanted: &str) -> Result<(String, Range<usize>), Unreadable> {
        let named = self
            .peek()
            .and_then(|token| Some((token.name()?, token.span())));
        let named = named.ok_or_else(|| self.error(wanted))?;
        self.at += 1;
        Ok(named)
    }

    /// A name that a schema's name may stand before.
    pub(super) fn qualified(&mut self, wanted: &str) -> Result<(String, Range<usize>), Unreadable> {
        let name = self.name(wanted)?;
        if self.eat_symbol(".") {
            self.name(wanted)
        } else {
            Ok(name)
        }
    }

    /// A bracket and all up to the one that closes it; the place of what is inside.
    pub(super) fn brackets(&mut self, wanted: &str) -> Result<Range<usize>, Unreadable> {
        if !self.eat_symbol("(") {
            return Err(self.error(wanted));
        }
        let start = self.end();
        let mut depth = 1_usize;
        while depth > 0 {
            let token = self.token("a closing bracket")?;
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth -= 1;
            }
        }
        Ok(start..self.end() - 1)
    }
}
