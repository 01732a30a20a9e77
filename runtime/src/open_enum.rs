//! Types for values that an open enum can receive although the spec does not list them.

/// Text that the spec does not list, as received. Its constructor is hidden, so that callers match on the named
/// variants of the enum. The code of the callers then keeps working when a later version of the generated crate adds a
/// variant for this text.
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

/// Number that the spec does not list, as received. Its constructor is hidden, for the same reason as that of
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
