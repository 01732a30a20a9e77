//! What an open enum keeps of a value that the spec does not know.

/// A text that the spec does not know. Sealed: code matches on named variants, so that it does not break when this
/// value gets one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    /// For generated code.
    #[doc(hidden)]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A number that the spec does not know. Sealed, for the same reason as [`UnknownValue`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownNumber(i64);

impl UnknownNumber {
    /// For generated code.
    #[doc(hidden)]
    pub fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number as it came.
    pub fn get(&self) -> i64 {
        self.0
    }
}
