//! What stands in the parentheses of the attribute.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::token::Bracket;
use syn::{Error, Ident, LitStr, Result, Token, bracketed};

/// The arguments of the attribute.
pub(crate) struct Arguments {
    pub(crate) id: Option<String>,
    pub(crate) revises: Vec<LitStr>,
    /// The name of a variant of `seachange::revision::Transaction`.
    pub(crate) transaction: Ident,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut arguments = Self {
            id: None,
            revises: Vec::new(),
            transaction: Ident::new("Whole", Span::call_site()),
        };
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            if seen.contains(&key) {
                return Err(Error::new(key.span(), format!("`{key}` is said twice")));
            }
            arguments.set(&key, input)?;
            seen.push(key);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    }
}

impl Arguments {
    fn set(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        match key.to_string().as_str() {
            "revises" => {
                input.parse::<Token![=]>()?;
                self.revises = revises(input)?;
            }
            "transaction" => {
                input.parse::<Token![=]>()?;
                let text: LitStr = input.parse()?;
                let variant = match text.value().as_str() {
                    "whole" => "Whole",
                    "per segment" => "PerSegment",
                    other => {
                        return Err(Error::new(
                            text.span(),
                            format!(
                                "`{other}` is no way to commit; write \"whole\" or \"per segment\""
                            ),
                        ));
                    }
                };
                self.transaction = Ident::new(variant, text.span());
            }
            "id" => {
                input.parse::<Token![=]>()?;
                let text: LitStr = input.parse()?;
                if text.value().is_empty() {
                    return Err(Error::new(
                        text.span(),
                        "an identifier has at least one letter",
                    ));
                }
                self.id = Some(text.value());
            }
            "depends_on" => {
                return Err(Error::new(
                    key.span(),
                    "this version has no `depends_on`; name every revision that must come first: \
                     `revises = [\"…\", \"…\"]`",
                ));
            }
            "label" | "branch_label" => {
                return Err(Error::new(
                    key.span(),
                    "this version has no branch labels; revisions are named by their identifiers, \
                     or by any part of one that no other has",
                ));
            }
            other => {
                return Err(Error::new(
                    key.span(),
                    format!("`{other}` is not known here; write `revises`, `transaction` or `id`"),
                ));
            }
        }
        Ok(())
    }
}

fn revises(input: ParseStream<'_>) -> Result<Vec<LitStr>> {
    if !input.peek(Bracket) {
        return Ok(vec![input.parse()?]);
    }
    let list;
    let bracket = bracketed!(list in input);
    let parents: Vec<LitStr> = Punctuated::<LitStr, Token![,]>::parse_terminated(&list)?
        .into_iter()
        .collect();
    if parents.is_empty() {
        return Err(Error::new(
            bracket.span.join(),
            "the list is empty; a revision that follows none leaves `revises` out",
        ));
    }
    for (at, parent) in parents.iter().enumerate() {
        if parents[..at]
            .iter()
            .any(|other| other.value() == parent.value())
        {
            return Err(Error::new(
                parent.span(),
                format!("`{}` is named twice", parent.value()),
            ));
        }
    }
    Ok(parents)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Arguments;

    fn parsed(text: &str) -> Result<(Option<String>, Vec<String>, String), String> {
        let arguments: Arguments = syn::parse_str(text).map_err(|error| error.to_string())?;
        let revises = arguments.revises.iter().map(syn::LitStr::value).collect();
        Ok((arguments.id, revises, arguments.transaction.to_string()))
    }

    #[test]
    fn what_can_be_said() {
        let all =
            parsed(r#"revises = ["a", "b",], transaction = "per segment", id = "m1""#).unwrap();
        let revises = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(
            all,
            (Some("m1".to_owned()), revises, "PerSegment".to_owned())
        );
        assert_eq!(parsed("").unwrap(), (None, Vec::new(), "Whole".to_owned()));
        assert_eq!(parsed(r#"revises = "a""#).unwrap().1, ["a"]);
    }

    #[test]
    fn what_cannot() {
        for (text, word) in [
            (r#"depends_on = "a""#, "no `depends_on`"),
            (r#"label = "a""#, "no branch labels"),
            (r#"revise = "a""#, "write `revises`"),
            (r#"revises = []"#, "the list is empty"),
            (r#"revises = ["a", "a"]"#, "named twice"),
            (r#"revises = "a", revises = "b""#, "said twice"),
            (r#"transaction = "none""#, "\"per segment\""),
            (r#"revises = 1"#, "string literal"),
            (r#"id = """#, "at least one letter"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
