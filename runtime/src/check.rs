//! Checks a request against its rules and collects every violation. What the rules are is data
//! ([`rules`](crate::TextRules)); which field has which is generated.
//!
//! A check that finds nothing allocates nothing: where a value stands is a chain of references on the stack, which
//! becomes a path only when a violation needs one.

use crate::kst::KstDateTime;
use crate::rules::{Format, IntegerRules, TextRules};
use crate::url::is_http_url;
use crate::violation::{Rule, Violation, Violations};
use crate::visible::{composed_length, looks_empty};

/// Something that has rules to keep.
pub trait Validate {
    /// Reports every rule that is broken.
    fn check(&self, check: &mut Check<'_>);

    /// Every rule that is broken, or none.
    fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::new();
        self.check(&mut check);
        check.finish()
    }

    /// Like [`validate`](Self::validate), with times judged as if it were `now`.
    fn validate_at(&self, now: KstDateTime) -> Result<(), Violations> {
        let mut check = Check::at(now);
        self.check(&mut check);
        check.finish()
    }
}

/// Where the value being checked stands.
#[derive(Debug)]
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    name: &'static str,
    index: Option<usize>,
}

impl Place<'_> {
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

/// Collects violations.
#[derive(Debug, Default)]
pub struct Check<'a> {
    place: Option<&'a Place<'a>>,
    found: Vec<Violation>,
    now: Option<KstDateTime>,
}

impl Check<'_> {
    /// Nothing found yet. Times are judged by this machine's clock.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing found yet. Times are judged as if it were `now`.
    pub fn at(now: KstDateTime) -> Self {
        Self { now: Some(now), ..Self::default() }
    }

    /// How many rules are broken so far.
    #[cfg(feature = "client")]
    pub(crate) fn found(&self) -> usize {
        self.found.len()
    }

    /// What was found.
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

    /// Checks a text.
    pub fn text(&mut self, name: &'static str, value: &str, rules: &TextRules) {
        self.text_at(name, None, value, rules);
    }

    fn text_at(&mut self, name: &'static str, index: Option<usize>, value: &str, rules: &TextRules) {
        if let Some((_, what)) = rules.mistaken.iter().find(|(prefix, _)| value.starts_with(prefix)) {
            // Every other finding would be about a value that has to be replaced as a whole.
            return self.report(name, index, Rule::Mistaken { what });
        }
        // A character has at least one byte and at most four: most texts need no counting.
        if value.len() < rules.min.saturating_mul(4) {
            let actual = value.chars().count();
            if actual < rules.min {
                self.report(name, index, Rule::TooShort { min: rules.min, actual });
                if actual == 0 {
                    return;
                }
            }
        }
        if let Some(max) = rules.max
            && value.len() > max
        {
            let actual = value.chars().count();
            if actual > max {
                let composed = composed_length(value);
                self.report(name, index, Rule::TooLong { max, actual, unit: "characters", composed });
            }
        }
        if !rules.characters.is_any()
            && let Some((position, c)) = first_refused(value, rules)
        {
            let character = (!rules.sensitive).then_some(c);
            let allowed = rules.characters_doc;
            self.report(name, index, Rule::Character { character, position, allowed });
        }
        if rules.not_blank && looks_empty(value) {
            self.report(name, index, Rule::Blank);
        }
        if let Some(format) = rules.format {
            let kept = match format {
                Format::HttpUrl => is_http_url(value),
                Format::PathSegment => !matches!(value, "" | "." | ".."),
            };
            if !kept {
                self.report(name, index, Rule::Format { expected: format.expected() });
            }
        }
    }

    /// Checks an integer.
    pub fn integer(&mut self, name: &'static str, value: i64, rules: &IntegerRules) {
        let actual = (!rules.sensitive).then_some(value);
        if let Some(min) = rules.min
            && value < min
        {
            self.report(name, None, Rule::TooSmall { min, actual });
        }
        if let Some(max) = rules.max
            && value > max
        {
            self.report(name, None, Rule::TooLarge { max, digits: rules.digits, actual });
        }
    }

    /// Reports a field that is not given although it must be; `because` is for example `notify is true`.
    pub fn missing(&mut self, name: &'static str, because: &'static str) {
        self.report(name, None, Rule::Missing { because: because.to_owned() });
    }

    /// Reports a field that is given although another excludes it.
    pub fn conflict(&mut self, name: &'static str, with: &'static str) {
        self.report(name, None, Rule::Conflict { with });
    }

    /// Checks an object.
    pub fn object(&mut self, name: &'static str, value: &impl Validate) {
        self.inside(name, None, value);
    }

    /// Checks how many objects there are, and each of them.
    pub fn list(&mut self, name: &'static str, min: usize, max: Option<usize>, items: &[impl Validate]) {
        self.count(name, min, max, items.len());
        for (n, item) in items.iter().enumerate() {
            self.inside(name, Some(n), item);
        }
    }

    /// Checks how many texts there are, and each of them.
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

    /// Checks how many entries a list has.
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

    /// Checks that a time has not passed and is at most so many minutes ahead.
    pub fn not_later_than(&mut self, name: &'static str, value: KstDateTime, minutes: u32) {
        let now = *self.now.get_or_insert_with(KstDateTime::now);
        if value < now {
            self.report(name, None, Rule::InThePast);
        } else if value > now.plus_minutes(i64::from(minutes)) {
            self.report(name, None, Rule::TooLate { limit_minutes: minutes });
        }
    }

    /// Checks that the parts that are given do not exceed the total, and equal it when every part named in
    /// `exact_when` is given. Without a total there may be no parts but zeros: nobody could tell whether they fit.
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
        // Wider than any part: no sum of parts overflows it.
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
        let place = Place { parent: self.place, name, index };
        let mut inner = Check { place: Some(&place), found: std::mem::take(&mut self.found), now: self.now };
        value.check(&mut inner);
        self.found = inner.found;
    }
}

/// The first character that is not allowed, and its position from 1.
fn first_refused(value: &str, rules: &TextRules) -> Option<(usize, char)> {
    let (low, high) = (rules.characters.ascii as u64, (rules.characters.ascii >> 64) as u64);
    // Of what is beyond ASCII, all or nothing: where only some of it may be there, each character is looked at.
    let beyond = rules.characters.hangul && rules.characters.others;
    let plain = value.bytes().all(|byte| match byte {
        0..64 => low >> byte & 1 == 1,
        64..128 => high >> (byte - 64) & 1 == 1,
        _ => beyond,
    });
    if plain {
        return None;
    }
    value.chars().zip(1..).find(|(c, _)| !rules.characters.allows(*c)).map(|(c, position)| (position, c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::CharacterSet;

    #[test]
    fn the_short_cut_over_a_text_finds_what_a_look_at_each_character_finds() {
        let set = |letters: &str, hangul, others| {
            let ascii = letters.bytes().fold(0, |set, letter| set | 1_u128 << letter);
            CharacterSet { ascii, hangul, others }
        };
        let sets = [
            CharacterSet::ANY,
            set("abcXYZ019-_ ", false, false),
            set("09@", true, false),
            set("az", false, true),
            set("~!?", true, true),
            CharacterSet { hangul: false, ..CharacterSet::ANY },
            CharacterSet { others: false, ..CharacterSet::ANY },
        ];
        let letters: Vec<char> = (0..=0x7F).map(char::from).chain(['가', 'é', '😀']).collect();
        for characters in sets {
            let rules = TextRules { characters, ..TextRules::NONE };
            for first in &letters {
                for second in &letters {
                    let text: String = [*first, *second].iter().collect();
                    let slow = text.chars().zip(1..).find(|(c, _)| !characters.allows(*c)).map(|(c, n)| (n, c));
                    assert_eq!(first_refused(&text, &rules), slow, "{text:?}");
                }
            }
            let nothing_is_refused = letters.iter().all(|c| characters.allows(*c));
            assert_eq!(characters.is_any(), nothing_is_refused);
        }
    }
}
