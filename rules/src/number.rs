//! Rules for integers.

/// Rules for an integer, as constant data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntegerRules {
    /// Smallest allowed value.
    pub min: Option<i64>,
    /// Largest allowed value.
    pub max: Option<i64>,
    /// Number of digits of the largest value, if the documentation states the limit in digits. Only error messages
    /// contain this number. Values are checked against `max`.
    pub digits: Option<u32>,
    /// Set if messages must not contain the value.
    pub sensitive: bool,
}

/// Broken rule of an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberProblem {
    /// The value is less than allowed.
    TooSmall {
        /// Smallest allowed value.
        min: i64,
    },
    /// The value is more than allowed.
    TooLarge {
        /// Largest allowed value.
        max: i64,
    },
}

impl IntegerRules {
    /// Rules that accept every integer.
    pub const NONE: Self = Self { min: None, max: None, digits: None, sensitive: false };

    /// Checks an integer and reports each broken rule.
    #[inline]
    pub fn check(&self, value: i64, mut report: impl FnMut(NumberProblem)) {
        if let Some(min) = self.min
            && value < min
        {
            report(NumberProblem::TooSmall { min });
        }
        if let Some(max) = self.max
            && value > max
        {
            report(NumberProblem::TooLarge { max });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_beyond_the_limits_are_reported() {
        let rules = IntegerRules { min: Some(1), max: Some(9), ..IntegerRules::NONE };
        let problems = |value| {
            let mut found = Vec::new();
            rules.check(value, |problem| found.push(problem));
            found
        };
        assert_eq!(problems(0), [NumberProblem::TooSmall { min: 1 }]);
        assert_eq!(problems(10), [NumberProblem::TooLarge { max: 9 }]);
        assert!(problems(1).is_empty() && problems(9).is_empty());
    }
}
