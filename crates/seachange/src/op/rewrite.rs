//! A column's new name in the SQL that speaks of it, as the engines rewrite it themselves.

/// The SQL with every mention of a column under its new name. Strings are left as they are, and so
/// is what is called like a function.
pub(super) fn rename_in_sql(sql: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '\'' | '"' | '`' => quoted(rest, first),
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (piece, behind) = rest.split_at(len);
        rest = behind;
        let named = match first {
            '"' | '`' => {
                let inner = piece
                    .get(1..piece.len().saturating_sub(1))
                    .unwrap_or_default();
                inner.replace(&format!("{first}{first}"), &first.to_string()) == from
            }
            c if is_word(c) && !c.is_ascii_digit() => {
                piece.eq_ignore_ascii_case(from)
                    && !is_reserved(piece)
                    && !behind.trim_start().starts_with('(')
            }
            _ => false,
        };
        match named {
            true => out.push_str(&spelt(first, to)),
            false => out.push_str(piece),
        }
    }
    out
}

/// Whether SQL speaks of a column.
pub(super) fn mentions(sql: &str, column: &str) -> bool {
    // No name holds this.
    rename_in_sql(sql, column, "\0") != sql
}

/// The new name as the old one was written, as far as it can be written so.
fn spelt(first: char, name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let bare = name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit());
    match first {
        '"' | '`' => format!(
            "{first}{}{first}",
            name.replace(first, &format!("{first}{first}"))
        ),
        _ if bare && !is_reserved(name) => name.to_owned(),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// Whether a bare word of an expression is SQL's own: a column of that name has to be in quotes.
pub(crate) fn is_reserved(word: &str) -> bool {
    const WORDS: [&str; 22] = [
        "and", "as", "between", "case", "cast", "collate", "distinct", "else", "end", "exists",
        "from", "in", "is", "isnull", "like", "not", "notnull", "null", "or", "select", "then",
        "when",
    ];
    WORDS.iter().any(|own| word.eq_ignore_ascii_case(own))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The length of a quoted piece at the beginning; a doubled quote is one inside of it.
fn quoted(sql: &str, quote: char) -> usize {
    let bytes = sql.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == quote as u8 {
            if bytes.get(at) != Some(&byte) {
                return at;
            }
            at += 1;
        }
    }
    sql.len()
}

#[cfg(test)]
mod tests {
    use super::rename_in_sql;

    #[test]
    fn only_the_column_gets_the_new_name() {
        for (sql, renamed) in [
            ("\"a\" <> 'a' and b > 1", "\"New\" <> 'a' and b > 1"),
            ("a(a) + aa", "a(\"New\") + aa"),
            (
                "A is null or `a` = 'it''s a'",
                "\"New\" is null or `New` = 'it''s a'",
            ),
            ("'unclosed a", "'unclosed a"),
        ] {
            assert_eq!(rename_in_sql(sql, "a", "New"), renamed);
        }
        assert_eq!(rename_in_sql("x + \"x\"", "x", "y"), "y + \"y\"");
        let sql = "\"null\" is not null";
        assert_eq!(rename_in_sql(sql, "null", "a"), "\"a\" is not null");
        assert_eq!(rename_in_sql("x > 0", "x", "end"), "\"end\" > 0");
    }
}
