//! How the engine numbers the rows of a column, and how sequences count.

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

/// What an identity says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// An INSERT may not give the value (`GENERATED ALWAYS`).
    pub always: bool,
    /// How it counts.
    pub counting: Counting,
}

/// How a sequence counts, that of an identity or one of its own; what is left out is as the engine
/// has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counting {
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

/// The methods that say how something counts; `$change` is the method that hands its [`Counting`]
/// out.
macro_rules! counts {
    ($change:ident) => {
        /// The first number.
        #[must_use]
        pub fn start(self, number: i64) -> Self {
            self.$change(|counting| counting.start = Some(number))
        }

        /// How far two numbers are apart; below zero counts down.
        #[must_use]
        pub fn increment(self, number: i64) -> Self {
            self.$change(|counting| counting.increment = Some(number))
        }

        /// The smallest number.
        #[must_use]
        pub fn minimum(self, number: i64) -> Self {
            self.$change(|counting| counting.minimum = Some(number))
        }

        /// The largest number.
        #[must_use]
        pub fn maximum(self, number: i64) -> Self {
            self.$change(|counting| counting.maximum = Some(number))
        }

        /// How many numbers a session takes at once.
        #[must_use]
        pub fn cache(self, numbers: i64) -> Self {
            self.$change(|counting| counting.cache = Some(numbers))
        }

        /// Begins again after the last number.
        #[must_use]
        pub fn cycle(self) -> Self {
            self.$change(|counting| counting.cycle = true)
        }
    };
}
pub(super) use counts;

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

    fn counting(self, change: impl FnOnce(&mut Counting)) -> Self {
        self.changed(|identity| change(&mut identity.counting))
    }

    /// An INSERT may not give the value.
    pub fn always(self) -> Self {
        self.changed(|identity| identity.always = true)
    }

    counts!(counting);
}

impl Counting {
    /// Every number that can be said, after its word.
    pub(crate) fn parts(&self) -> [(&'static str, Option<i64>); 5] {
        [
            ("start", self.start),
            ("increment", self.increment),
            ("minimum", self.minimum),
            ("maximum", self.maximum),
            ("cache", self.cache),
        ]
    }

    /// The numbers that are said, each after its word.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, i64)> {
        let parts = self.parts().into_iter();
        parts.filter_map(|(word, number)| Some((word, number?)))
    }
}

impl std::fmt::Display for Counting {
    /// The words of a snapshot; none where nothing is said.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers = self
            .numbers()
            .map(|(word, number)| format!("{word} {number}"));
        let cycle = self.cycle.then(|| "cycle".to_owned());
        let words: Vec<String> = numbers.chain(cycle).collect();
        f.write_str(&words.join(" "))
    }
}

impl std::fmt::Display for Numbering {
    /// The words of a snapshot.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Identity(Identity { always, counting }) = self else {
            return f.write_str("serial");
        };
        f.write_str("identity")?;
        if *always {
            f.write_str(" always")?;
        }
        match counting.to_string() {
            words if words.is_empty() => Ok(()),
            words => write!(f, " {words}"),
        }
    }
}
