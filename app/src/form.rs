//! The JSON body of a request, read field by field into a row.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use sea_orm::{ActiveValue, Set, Value};
use serde::de::DeserializeOwned;
use serde_json::Map;

use crate::problem::{FieldError, Problem};

/// What is wrong with a value; `Ok` when nothing is.
pub(crate) type Verdict = Result<(), String>;

/// A JSON object whose fields are taken out one by one.
///
/// The same reading serves both ways to send a row: a field that is absent is an error only where
/// the row has no value for it yet, so a `PATCH` changes what it names and nothing else. All that
/// is wrong with a body is reported at once.
#[derive(Debug, Default)]
pub(crate) struct Form {
    fields: Map<String, serde_json::Value>,
    errors: Vec<FieldError>,
}

impl Form {
    /// A field that every row has.
    pub(crate) fn required<T>(
        &mut self,
        name: &str,
        column: &mut ActiveValue<T>,
        check: impl FnOnce(&T) -> Verdict,
    ) where
        T: DeserializeOwned + Into<Value>,
    {
        if !self.fields.contains_key(name) && column.is_not_set() {
            self.wrong(name, "is required");
        }
        self.defaulted(name, column, check);
    }

    /// A field that every row has, and that the database fills where it is absent.
    pub(crate) fn defaulted<T>(
        &mut self,
        name: &str,
        column: &mut ActiveValue<T>,
        check: impl FnOnce(&T) -> Verdict,
    ) where
        T: DeserializeOwned + Into<Value>,
    {
        match self.fields.remove(name) {
            None => {}
            Some(serde_json::Value::Null) => self.wrong(name, "must not be null"),
            Some(value) => self.read(name, value, column, check),
        }
    }

    /// A field that may be null.
    pub(crate) fn optional<T>(
        &mut self,
        name: &str,
        column: &mut ActiveValue<Option<T>>,
        check: impl FnOnce(&T) -> Verdict,
    ) where
        T: DeserializeOwned,
        Option<T>: Into<Value>,
    {
        if let Some(value) = self.fields.remove(name) {
            self.read(name, value, column, |value: &Option<T>| {
                value.as_ref().map_or(Ok(()), check)
            });
        }
    }

    fn read<T>(
        &mut self,
        name: &str,
        value: serde_json::Value,
        column: &mut ActiveValue<T>,
        check: impl FnOnce(&T) -> Verdict,
    ) where
        T: DeserializeOwned + Into<Value>,
    {
        let value = serde_json::from_value(value).map_err(|error| error.to_string());
        match value.and_then(|value| check(&value).map(|()| value)) {
            Ok(value) => *column = Set(value),
            Err(message) => self.wrong(name, message),
        }
    }

    fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: name.to_owned(),
            message: message.into(),
        });
    }

    /// Everything has been read: whatever is left over is a field that there is not.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        for name in std::mem::take(&mut self.fields).keys() {
            self.wrong(name, "is not a field that can be written");
        }
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid(self.errors))
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json")) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send the body as content-type: application/json",
            ));
        }
        let body = Bytes::from_request(request, state).await?;
        let value: serde_json::Value = serde_json::from_slice(&body)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("the body: {error}")))?;
        match value {
            serde_json::Value::Object(fields) => Ok(Self {
                fields,
                errors: Vec::new(),
            }),
            _ => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "the body must be a JSON object",
            )),
        }
    }
}

/// Any value of the right type.
pub(crate) fn any<T>(_: &T) -> Verdict {
    Ok(())
}

/// Text that is not blank and not longer than its column.
pub(crate) fn text(most: usize) -> impl Fn(&String) -> Verdict {
    move |text| match text.chars().count() {
        _ if text.trim().is_empty() => Err("must not be blank".to_owned()),
        length if length > most => {
            Err(format!("must have at most {most} characters, not {length}"))
        }
        _ => Ok(()),
    }
}

/// The shape of an e-mail address; whether it exists only a letter to it can tell.
pub(crate) fn email(address: &String) -> Verdict {
    text(255)(address)?;
    match address.split_once('@') {
        Some((user, host))
            if !user.is_empty() && host.contains('.') && !address.contains(char::is_whitespace) =>
        {
            Ok(())
        }
        _ => Err("must be an e-mail address".to_owned()),
    }
}

/// A number from a range.
pub(crate) fn within<T: PartialOrd + std::fmt::Display>(
    least: T,
    most: T,
) -> impl Fn(&T) -> Verdict {
    move |number| {
        if (&least..=&most).contains(&number) {
            Ok(())
        } else {
            Err(format!("must be from {least} to {most}, not {number}"))
        }
    }
}
