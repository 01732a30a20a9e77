//! Values of open enums that the spec does not list.

/// Text that the spec does not list. It cannot be constructed outside of generated code, so callers can match only on
/// named variants. Their code therefore keeps working when a later version has a variant for this text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    /// Creates the value, for generated code.
    #[doc(hidden)]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the text as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Number that the spec does not list. It cannot be constructed outside of generated code, for the same reason as
/// [`UnknownValue`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownNumber(i64);

impl UnknownNumber {
    /// Creates the value, for generated code.
    #[doc(hidden)]
    pub fn new(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number as received.
    pub fn get(&self) -> i64 {
        self.0
    }
}
