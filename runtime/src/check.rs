//! Checks a request against its rules and collects the violations. The rules are data ([`TextRules`],
//! [`IntegerRules`]). Generated code states which rules apply to which field.
//!
//! The location of a value is a chain of references on the stack. It becomes a path only when a violation is reported,
//! so that valid requests cost no allocations for paths.

use crate::violation::{Rule, Violation, Violations};
use rules::{Currency, Decimal, IntegerRules, NumberProblem, TextProblem};
use std::time::SystemTime;

/// Rules for a text, as constant data.
pub type TextRules = rules::TextRules<'static>;

/// Rules for a decimal number, as constant data.
#[derive(Clone, Copy, Debug, Default)]
pub struct DecimalRules {
    /// Largest allowed number of digits before the decimal point.
    pub whole_digits: Option<u32>,
    /// Largest allowed number of digits after the decimal point, without trailing zeros.
    pub fraction_digits: Option<u8>,
    /// Smallest allowed value.
    pub min: Option<i64>,
    /// Exclusive lower bound: the value must be greater.
    pub more_than: Option<i64>,
    /// Largest allowed value.
    pub max: Option<i64>,
}

impl DecimalRules {
    /// Rules that allow every value.
    pub const NONE: Self = Self { whole_digits: None, fraction_digits: None, min: None, more_than: None, max: None };
}

/// Returns the whole seconds since 1970-01-01 00:00:00 UTC, rounded toward the past. Saturates at about 292 billion
/// years.
pub(crate) fn whole_seconds(time: SystemTime) -> i64 {
    let saturated = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => saturated(after.as_secs()),
        Err(before) => {
            let before = before.duration();
            -saturated(before.as_secs()) - i64::from(before.subsec_nanos() > 0)
        }
    }
}

/// Value that can be checked against rules.
pub trait Validate {
    /// Reports broken rules to `check`.
    fn check(&self, check: &mut Check<'_>);

    /// Checks all rules. If a rule is broken, returns an error with the violations.
    fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::new();
        self.check(&mut check);
        check.finish()
    }

    /// Checks all rules like [`validate`](Self::validate), with `now` as the current time.
    fn validate_at(&self, now: SystemTime) -> Result<(), Violations> {
        let mut check = Check::at(now);
        self.check(&mut check);
        check.finish()
    }
}

#[derive(Debug)]
struct ValuePlace<'a> {
    parent: Option<&'a ValuePlace<'a>>,
    name: &'static str,
    index: Option<usize>,
}

impl ValuePlace<'_> {
    fn write(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(out);
            out.push('.');
        }
        out.push_str(self.name);
        push_index(out, self.index);
    }
}

fn push_index(out: &mut String, index: Option<usize>) {
    if let Some(index) = index {
        out.push('[');
        out.push_str(&index.to_string());
        out.push(']');
    }
}

/// Collects the violations that a check finds.
#[derive(Debug, Default)]
pub struct Check<'a> {
    place: Option<&'a ValuePlace<'a>>,
    found: Vec<Violation>,
    now: Option<SystemTime>,
}

impl Check<'_> {
    /// Creates an empty collector. Times are compared with this machine's clock.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an empty collector. Times are compared with `now`.
    pub fn at(now: SystemTime) -> Self {
        Self { now: Some(now), ..Self::default() }
    }

    /// Returns the number of violations found so far.
    #[cfg(feature = "client")]
    pub(crate) fn found(&self) -> usize {
        self.found.len()
    }

    /// Returns the violations as an error, if any rule is broken.
    pub fn finish(self) -> Result<(), Violations> {
        if self.found.is_empty() { Ok(()) } else { Err(Violations::new(self.found)) }
    }

    #[cold]
    fn report(&mut self, name: &'static str, index: Option<usize>, rule: Rule) {
        let mut path = String::new();
        if let Some(place) = self.place {
            place.write(&mut path);
            path.push('.');
        }
        path.push_str(name);
        push_index(&mut path, index);
        self.found.push(Violation::new(path, rule));
    }

    /// Checks a text against rules.
    pub fn text(&mut self, name: &'static str, value: &str, rules: &TextRules) {
        self.text_at(name, None, value, rules);
    }

    fn text_at(&mut self, name: &'static str, index: Option<usize>, value: &str, rules: &TextRules) {
        rules.check(value, |problem| {
            let rule = match problem {
                TextProblem::Mistaken { what, .. } => Rule::Mistaken { what },
                TextProblem::TooShort { min, actual } => Rule::TooShort { min, actual },
                TextProblem::TooLong { max, actual, composed } => {
                    Rule::TooLong { max, actual, unit: "characters", composed }
                }
                TextProblem::Character { character, position } => {
                    let character = (!rules.sensitive).then_some(character);
                    Rule::Character { character, position, allowed: rules.characters_doc }
                }
                TextProblem::TooManyBytes { max, actual, encoding } => {
                    Rule::TooLong { max, actual, unit: encoding.unit(), composed: None }
                }
                TextProblem::Unencodable { character, position, encoding } => {
                    let character = (!rules.sensitive).then_some(character);
                    Rule::Character { character, position, allowed: encoding.name() }
                }
                TextProblem::Blank => Rule::Blank,
                TextProblem::Format(format) => Rule::Format { expected: format.expected() },
            };
            self.report(name, index, rule);
        });
    }

    /// Checks an integer against rules.
    pub fn integer(&mut self, name: &'static str, value: i64, rules: &IntegerRules) {
        let actual = (!rules.sensitive).then_some(value);
        rules.check(value, |problem| {
            let rule = match problem {
                NumberProblem::TooSmall { min } => Rule::TooSmall { min, actual },
                NumberProblem::TooLarge { max } => Rule::TooLarge { max, digits: rules.digits, actual },
            };
            self.report(name, None, rule);
        });
    }

    /// Checks a decimal number: the number of digits before and after the decimal point, and the bounds.
    pub fn decimal(&mut self, name: &'static str, value: Decimal, rules: &DecimalRules) {
        if rules.whole_digits.is_some_and(|most| value.whole_digits() > most) {
            self.report(
                name,
                None,
                Rule::TooManyDigits { most: rules.whole_digits.unwrap_or_default(), side: "before" },
            );
        }
        if rules.fraction_digits.is_some_and(|most| value.fraction_digits() > most) {
            let most = u32::from(rules.fraction_digits.unwrap_or_default());
            self.report(name, None, Rule::TooManyDigits { most, side: "after" });
        }
        if rules.min.is_some_and(|min| value < Decimal::from(min)) {
            self.report(name, None, Rule::TooSmall { min: rules.min.unwrap_or_default(), actual: None });
        }
        if let Some(bound) = rules.more_than.filter(|bound| value <= Decimal::from(*bound)) {
            self.report(name, None, Rule::NotMore { than: bound });
        }
        if rules.max.is_some_and(|max| value > Decimal::from(max)) {
            self.report(name, None, Rule::TooLarge { max: rules.max.unwrap_or_default(), digits: None, actual: None });
        }
    }

    /// Checks an amount like [`decimal`](Self::decimal), and limits the number of decimal places to that of the
    /// currency. If `rules` has a limit too, the stricter one applies. A currency other than three Latin letters is
    /// ignored. An unknown code counts as a currency with two decimal places.
    pub fn amount(&mut self, name: &'static str, value: Decimal, currency: &str, rules: &DecimalRules) {
        let exponent = Currency::new(currency).map(Currency::exponent);
        let most = [exponent, rules.fraction_digits].into_iter().flatten().min();
        self.decimal(name, value, &DecimalRules { fraction_digits: most, ..*rules });
    }

    /// Checks that no entry of a list is empty or contains `separator`. Otherwise the joined text would be read as
    /// another list.
    pub fn joined(&mut self, name: &'static str, entries: &[impl serde::Serialize], separator: &'static str) {
        for (n, entry) in entries.iter().enumerate() {
            let text = crate::decode::object::Joined(std::slice::from_ref(entry), "").text();
            if text.contains(separator) || text.is_empty() {
                self.report(name, Some(n), Rule::Separator { separator });
            }
        }
    }

    /// Reports an absent mandatory field. `because` is the condition that makes it mandatory, for example `notify is
    /// true`.
    pub fn missing(&mut self, name: &'static str, because: &'static str) {
        self.report(name, None, Rule::Missing { because: because.to_owned() });
    }

    /// Reports a field that is present although the field `with` excludes it.
    pub fn conflict(&mut self, name: &'static str, with: &'static str) {
        self.report(name, None, Rule::Conflict { with });
    }

    /// Checks the fields of an object.
    pub fn object(&mut self, name: &'static str, value: &impl Validate) {
        self.inside(name, None, value);
    }

    /// Checks the number of objects in a list, and each object.
    pub fn list(&mut self, name: &'static str, min: usize, max: Option<usize>, items: &[impl Validate]) {
        self.count(name, min, max, items.len());
        for (n, item) in items.iter().enumerate() {
            self.inside(name, Some(n), item);
        }
    }

    /// Checks the number of texts in a list, and each text.
    pub fn texts<'t>(
        &mut self,
        name: &'static str,
        min: usize,
        max: Option<usize>,
        items: impl Iterator<Item = &'t str>,
        rules: &TextRules,
    ) {
        let mut count = 0;
        for item in items {
            self.text_at(name, Some(count), item, rules);
            count += 1;
        }
        self.count(name, min, max, count);
    }

    /// Checks the number of entries in a list.
    pub fn count(&mut self, name: &'static str, min: usize, max: Option<usize>, actual: usize) {
        if actual < min {
            self.report(name, None, Rule::TooFew { min, actual });
        }
        if let Some(max) = max
            && actual > max
        {
            self.report(name, None, Rule::TooLong { max, actual, unit: "entries", composed: None });
        }
    }

    /// Checks that a time is not in the past, and is at most `minutes` minutes ahead. Compares whole seconds, because
    /// some notations have no fractions of a second.
    #[expect(clippy::disallowed_methods, reason = "a request is checked when it is built, without a client")]
    pub fn not_later_than(&mut self, name: &'static str, value: impl Into<SystemTime>, minutes: u32) {
        let now = whole_seconds(*self.now.get_or_insert_with(SystemTime::now));
        let value = whole_seconds(value.into());
        if value < now {
            self.report(name, None, Rule::InThePast);
        } else if value > now.saturating_add(i64::from(minutes) * 60) {
            self.report(name, None, Rule::TooLate { limit_minutes: minutes });
        }
    }

    /// Checks the sum of the given parts. The sum must not exceed the total. The sum must equal the total if
    /// `exact_when` names parts and all the named parts are given. Without a total, every given part must be 0, because
    /// there is nothing to compare the parts with.
    pub fn sum(
        &mut self,
        total_name: &'static str,
        total: Option<i64>,
        parts: &[(&'static str, Option<i64>)],
        exact_when: &[&'static str],
    ) {
        if parts.iter().all(|(_, part)| part.is_none()) {
            return;
        }
        let Some(total) = total else {
            for (part, _) in parts.iter().filter(|(_, part)| part.is_some_and(|part| part != 0)) {
                self.report(part, None, Rule::Alone { without: total_name });
            }
            return;
        };
        // The sum of `i64` values cannot overflow an `i128`.
        let sum: i128 = parts.iter().filter_map(|(_, part)| *part).map(i128::from).sum();
        if sum == i128::from(total) {
            return;
        }
        let is_given = |name: &&str| parts.iter().any(|(part, value)| part == name && value.is_some());
        let exact = !exact_when.is_empty() && exact_when.iter().all(is_given);
        if exact || sum > i128::from(total) {
            let bounded = sum.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
            let actual = i64::try_from(bounded).unwrap_or_default();
            self.report(total_name, None, Rule::Sum { total: total_name, expected: total, actual, exact });
        }
    }

    fn inside(&mut self, name: &'static str, index: Option<usize>, value: &impl Validate) {
        let place = ValuePlace { parent: self.place, name, index };
        let mut inner = Check { place: Some(&place), found: std::mem::take(&mut self.found), now: self.now };
        value.check(&mut inner);
        self.found = inner.found;
    }
}

#[cfg(test)]
mod tests {
    use super::whole_seconds;
    use rules::OffsetDateTime;
    use std::time::{Duration, SystemTime};

    #[test]
    fn whole_seconds_are_those_of_the_calendar() {
        let epoch = SystemTime::UNIX_EPOCH;
        for millis in [0, 1, 999, 1_000, 1_001, 1_782_000_000_999, 86_400_000 * 365 * 100] {
            let span = Duration::from_millis(millis);
            for time in [epoch + span, epoch - span] {
                assert_eq!(whole_seconds(time), OffsetDateTime::from(time).unix_seconds(), "{time:?}");
            }
        }
    }
}
