//! Pieces put into a table's text and taken out of it, with their commas, their blank space and
//! the comments beside them.

use std::ops::Range;

use super::edit::{Done, Draft};
use super::lex::{Token, tokens};
use super::text::TableText;

impl Draft<'_> {
    /// Puts an item at the end of the list of columns and constraints, laid out as the first is.
    pub(super) fn append(&mut self, item: &str) -> Done {
        let text = self.text()?;
        let end = text.items().last().map_or(text.close, |span| span.end);
        let comments = self.create[end..text.close].trim_end().len();
        let first = text.items().next().map_or(text.close, |span| span.start);
        let indent = &self.create[self.create[..first].trim_end().len()..first];
        let blank = match indent.contains('\n') {
            true => indent,
            false if comments > 0 => "\n  ",
            false => " ",
        };
        let piece = format!("{blank}{item}");
        self.create.insert_str(end + comments, &piece);
        self.create.insert(end, ',');
        Ok(())
    }

    /// Takes an item out of the list of columns and constraints, with its comma, and with the
    /// comment that ends its line.
    pub(super) fn remove_item(&mut self, text: &TableText, item: usize) {
        let items: Vec<&Range<usize>> = text.items().collect();
        let Some(span) = items.get(item) else {
            return;
        };
        let comma = |from: usize, to: usize| {
            let tokens = tokens(&self.create).unwrap_or_default();
            let mut commas = tokens.iter().filter(|token| token.is_symbol(","));
            commas
                .find(|token| token.start >= from && token.end() <= to)
                .map(Token::span)
        };
        let blank_before = self.create[..span.start].trim_end().len();
        if let Some(next) = items.get(item + 1) {
            let end = comma(span.end, next.start).map_or(span.end, |comma| comma.end);
            let behind = &self.create[end..next.start];
            let cut = match behind.find('\n') {
                Some(line) if is_line_comment(&behind[..line]) => blank_before..end + line,
                None if behind.trim().is_empty() => span.start..next.start,
                _ => span.start..end,
            };
            self.create.replace_range(cut, "");
        } else if let Some(last) = item.checked_sub(1).and_then(|at| items.get(at)) {
            let comma = comma(last.end, span.start);
            let comma_end = comma.as_ref().map_or(last.end, |comma| comma.end);
            let start = blank_before.clamp(comma_end, span.start);
            let start = if blank_before > comma_end {
                span.start
            } else {
                start
            };
            self.create.replace_range(start..span.end, "");
            if let Some(comma) = comma {
                self.create.replace_range(comma, "");
            }
        }
    }

    /// Takes a piece out, with the blank space before it, unless a comment stands there.
    pub(super) fn cut(&mut self, span: Range<usize>) -> Done {
        let tokens = tokens(&self.create).map_err(|problem| self.problem(&problem.to_string()))?;
        let before = tokens
            .iter()
            .map(Token::end)
            .take_while(|end| *end <= span.start)
            .last();
        let blank = before.filter(|end| self.create[*end..span.start].trim().is_empty());
        self.create
            .replace_range(blank.unwrap_or(span.start)..span.end, "");
        Ok(())
    }
}

fn is_line_comment(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.starts_with("--")
}
