//! Identifiers of revisions, which are the names of their files too.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};

/// No identifier can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// There is no message.
    #[error("the message is empty; say what the revision does: `-m \"add tags\"`")]
    EmptyMessage,
    /// The message has nothing that a file's name may hold.
    #[error(
        "`{0}` has no ASCII letter or digit to name a file with; add a word that has, or name the revision with `--rev-id`"
    )]
    NoLetters(String),
    /// The identifier would be no name of a module.
    #[error("`{id}` cannot name a revision: {problem}")]
    Invalid {
        /// The identifier.
        id: String,
        /// What is wrong with it, and what would do.
        problem: String,
    },
    /// There is such a revision.
    #[error("there is a revision called `{0}` already; choose another name")]
    Taken(String),
}

/// How long the part of an identifier may be that comes from the message.
const SLUG: usize = 40;

/// The identifier of a new revision: the time it is made, and its message.
///
/// Two revisions do not share a second, so that they sort as they were made: the next free one is
/// taken.
///
/// ```
/// use chrono::NaiveDate;
/// use seachange::revision::new_id;
///
/// let now = NaiveDate::from_ymd_opt(2026, 11, 20).and_then(|day| day.and_hms_opt(9, 2, 10));
/// let now = now.ok_or("no such day")?;
/// let first = new_id("Add tags!", now, [])?;
/// assert_eq!(first, "m20261120_090210_add_tags");
/// assert_eq!(new_id("More", now, [first.as_str()])?, "m20261120_090211_more");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The message has nothing to name a file with.
pub fn new_id<'a>(
    message: &str,
    now: NaiveDateTime,
    taken: impl IntoIterator<Item = &'a str>,
) -> Result<String, IdError> {
    let slug = slug_of(message)?;
    let taken: BTreeSet<&str> = taken
        .into_iter()
        .filter_map(|id| id.get(..PREFIX))
        .collect();
    let mut time = now;
    loop {
        let prefix = time.format("m%Y%m%d_%H%M%S_").to_string();
        match time.checked_add_signed(TimeDelta::seconds(1)) {
            Some(next) if taken.contains(prefix.as_str()) => time = next,
            _ => return Ok(prefix + &slug),
        }
    }
}

/// The length of `m20261120_090210_`.
const PREFIX: usize = 17;

/// The words of a message as a file's name may hold them: `Add tags!` is `add_tags`. Accents are
/// taken off, other letters beyond ASCII left out; what is too long ends after a whole word.
///
/// # Errors
///
/// Nothing is left.
pub fn slug_of(message: &str) -> Result<String, IdError> {
    if message.trim().is_empty() {
        return Err(IdError::EmptyMessage);
    }
    let mut words = String::new();
    for c in message.chars() {
        match ascii(c) {
            Some(letters) => words.push_str(letters),
            None if c.is_ascii_alphanumeric() => words.push(c.to_ascii_lowercase()),
            None if c.is_alphanumeric() || is_mark(c) => {}
            None => words.push(' '),
        }
    }
    let mut slug = String::new();
    for word in words.split_whitespace() {
        if slug.is_empty() {
            slug.extend(word.chars().take(SLUG));
        } else if slug.len() + 1 + word.len() <= SLUG {
            slug.push('_');
            slug.push_str(word);
        } else {
            break;
        }
    }
    if slug.is_empty() {
        return Err(IdError::NoLetters(message.trim().to_owned()));
    }
    Ok(slug)
}

/// Letters with their accents taken off, and a quote inside a word.
fn ascii(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' => "a",
        'è' | 'é' | 'ê' | 'ë' | 'È' | 'É' | 'Ê' | 'Ë' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'Ì' | 'Í' | 'Î' | 'Ï' => "i",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' => "o",
        'ù' | 'ú' | 'û' | 'ü' | 'Ù' | 'Ú' | 'Û' | 'Ü' => "u",
        'ý' | 'ÿ' | 'Ý' => "y",
        'ç' | 'Ç' => "c",
        'ñ' | 'Ñ' => "n",
        'ß' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        '\'' | '’' => "",
        _ => return None,
    })
}

/// An accent that stands after its letter.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Words that name something else on a command line or in a crate.
const RESERVED: &[&str] = &["base", "current", "head", "heads", "lib", "main"];

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "Self",
];

/// Whether an identifier that a person chose can name a revision: a file, a module, and a word on
/// the command line.
///
/// # Errors
///
/// What is wrong with it.
pub fn check_id<'a>(id: &str, taken: impl IntoIterator<Item = &'a str>) -> Result<(), IdError> {
    let invalid = |problem: String| {
        let id = id.to_owned();
        Err(IdError::Invalid { id, problem })
    };
    let mut strange: Vec<char> = Vec::new();
    for c in id
        .chars()
        .filter(|c| !c.is_ascii_alphanumeric() && *c != '_')
    {
        if !strange.contains(&c) {
            strange.push(c);
        }
    }
    if id.is_empty() {
        return invalid("it is empty; letters, digits and `_` make one".to_owned());
    }
    if !strange.is_empty() {
        let strange: Vec<String> = strange
            .iter()
            .map(|c| format!("`{}`", c.escape_debug()))
            .collect();
        return invalid(format!(
            "{} may not be in it; letters, digits and `_` may",
            strange.join(", ")
        ));
    }
    if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return invalid("it must begin with a letter, since it names a module".to_owned());
    }
    if id.len() > 200 {
        return invalid(format!(
            "it has {} letters, and a file's name may have 200",
            id.len()
        ));
    }
    if RESERVED.contains(&id) || KEYWORDS.contains(&id) {
        return invalid("the word means something else; add another to it".to_owned());
    }
    match taken
        .into_iter()
        .find(|other| other.eq_ignore_ascii_case(id))
    {
        Some(other) => Err(IdError::Taken(other.to_owned())),
        None => Ok(()),
    }
}
