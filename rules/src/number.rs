//! The rules of an integer.

/// The rules of an integer, as constant data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntegerRules {
    /// The smallest.
    pub min: Option<i64>,
    /// The largest.
    pub max: Option<i64>,
    /// How the largest was documented, where that was a number of digits.
    pub digits: Option<u32>,
    /// Whether no message may show the value.
    pub sensitive: bool,
}

/// What is wrong with an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberProblem {
    /// It is less than allowed.
    TooSmall {
        /// The smallest allowed.
        min: i64,
    },
    /// It is more than allowed.
    TooLarge {
        /// The largest allowed.
        max: i64,
    },
}

impl IntegerRules {
    /// No rule.
    pub const NONE: Self = Self { min: None, max: None, digits: None, sensitive: false };

    /// Checks an integer, and reports each rule that it breaks.
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
    fn limits_are_allowed_and_what_is_beyond_is_reported() {
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
