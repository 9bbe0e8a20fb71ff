//! How the engine numbers the rows of a column.

/// How the engine numbers the rows of a column, where that is said (PostgreSQL).
///
/// ```
/// use seachange::schema::Numbering;
///
/// let numbering = Numbering::identity().always().start(100).increment(10);
/// assert_eq!(numbering.to_string(), "identity always start 100 increment 10");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// By a default that takes the next value of a sequence which the column owns (`serial`).
    Serial,
    /// By an identity.
    Identity(Identity),
}

/// What an identity says; what it leaves out is as the engine has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// An INSERT may not give the value (`GENERATED ALWAYS`).
    pub always: bool,
    /// The first number.
    pub start: Option<i64>,
    /// How far two numbers are apart; below zero counts down.
    pub increment: Option<i64>,
    /// The smallest number.
    pub minimum: Option<i64>,
    /// The largest number.
    pub maximum: Option<i64>,
    /// How many numbers a session takes at once.
    pub cache: Option<i64>,
    /// Begins again after the last number.
    pub cycle: bool,
}

impl Numbering {
    /// By a default that takes the next value of a sequence.
    pub fn serial() -> Self {
        Self::Serial
    }

    /// By an identity; what follows says more about it.
    pub fn identity() -> Self {
        Self::Identity(Identity::default())
    }

    fn changed(mut self, change: impl FnOnce(&mut Identity)) -> Self {
        if let Self::Identity(identity) = &mut self {
            change(identity);
        }
        self
    }

    /// An INSERT may not give the value.
    pub fn always(self) -> Self {
        self.changed(|identity| identity.always = true)
    }

    /// The first number.
    pub fn start(self, number: i64) -> Self {
        self.changed(|identity| identity.start = Some(number))
    }

    /// How far two numbers are apart; below zero counts down.
    pub fn increment(self, number: i64) -> Self {
        self.changed(|identity| identity.increment = Some(number))
    }

    /// The smallest number.
    pub fn minimum(self, number: i64) -> Self {
        self.changed(|identity| identity.minimum = Some(number))
    }

    /// The largest number.
    pub fn maximum(self, number: i64) -> Self {
        self.changed(|identity| identity.maximum = Some(number))
    }

    /// How many numbers a session takes at once.
    pub fn cache(self, numbers: i64) -> Self {
        self.changed(|identity| identity.cache = Some(numbers))
    }

    /// Begins again after the last number.
    pub fn cycle(self) -> Self {
        self.changed(|identity| identity.cycle = true)
    }
}

impl Identity {
    /// The numbers that are said, each after its word.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, i64)> {
        [
            ("start", self.start),
            ("increment", self.increment),
            ("minimum", self.minimum),
            ("maximum", self.maximum),
            ("cache", self.cache),
        ]
        .into_iter()
        .filter_map(|(word, number)| Some((word, number?)))
    }
}

impl std::fmt::Display for Numbering {
    /// The words of a snapshot.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Identity(identity) = self else {
            return f.write_str("serial");
        };
        f.write_str("identity")?;
        if identity.always {
            f.write_str(" always")?;
        }
        for (word, number) in identity.numbers() {
            write!(f, " {word} {number}")?;
        }
        if identity.cycle {
            f.write_str(" cycle")?;
        }
        Ok(())
    }
}
