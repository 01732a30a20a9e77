//! Interned values. Each distinct value is stored once and identified by a small number, which keeps states small.

use std::collections::HashMap;
use std::hash::Hash;

/// Values, each with the label of its step in a counterexample.
pub type Labeled<T> = Vec<(&'static str, T)>;

/// Removes each value that is equal to an earlier one, even if their labels differ.
pub fn distinct<T: PartialEq>(all: Labeled<T>) -> Labeled<T> {
    let mut kept: Labeled<T> = Vec::new();
    for (label, value) in all {
        if kept.iter().all(|(_, known)| *known != value) {
            kept.push((label, value));
        }
    }
    kept
}

/// Leaks a text, because labels are `&'static str`.
pub fn leak(text: &str) -> &'static str {
    String::leak(text.to_owned())
}

pub struct Interned<T> {
    values: Vec<T>,
    numbers: HashMap<T, u16>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { values: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    /// Returns the number of a value. Stores the value if it is new.
    pub fn number(&mut self, value: T) -> u16 {
        if let Some(known) = self.numbers.get(&value) {
            return *known;
        }
        let number = u16::try_from(self.values.len()).unwrap();
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    pub fn get(&self, number: u16) -> &T {
        &self.values[usize::from(number)]
    }
}
