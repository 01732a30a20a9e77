//! Type states of the mandatory fields of generated builders. Each field has its own marker type, so that the
//! compiler's message contains the name of the field.

use std::marker::PhantomData;

/// State of a mandatory field that is set.
#[derive(Clone, Copy, Debug)]
pub struct Set;

/// State of a mandatory field that is not set. `Field` is a type with the field's name.
#[derive(Clone, Copy, Debug)]
pub struct Missing<Field>(PhantomData<Field>);

/// Placeholder for a field that is not set in a builder, or that a server cannot read from a request. It is not passed
/// on: a mandatory field has to be set and readable, and an optional field that is not set is left out. The trait is
/// separate from [`Default`], so that a default is never used by accident.
#[doc(hidden)]
pub trait Unset {
    /// Returns the placeholder.
    fn unset() -> Self;
}

macro_rules! unset_is_default {
    ($($ty:ty)*) => { $(impl Unset for $ty {
        fn unset() -> Self {
            Self::default()
        }
    })* };
}

unset_is_default!(bool i64 String rules::Decimal);

impl<T> Unset for std::collections::BTreeMap<String, T> {
    fn unset() -> Self {
        Self::new()
    }
}

impl<T> Unset for Option<T> {
    fn unset() -> Self {
        None
    }
}

impl<T> Unset for Vec<T> {
    fn unset() -> Self {
        Self::new()
    }
}

/// Marks the state of a mandatory field that is set. Of the states of a field, only [`Set`] implements it.
///
/// The bound `IsSet` belongs on the method `build`. For a bound on the `impl` block of the method, the compiler does
/// not show the message below.
pub trait IsSet {}

impl IsSet for Set {}

/// Trait that no marker type of a field implements. If a mandatory field is not set, the compiler therefore shows the
/// message below.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the mandatory field `{Self}` is not set",
    label = "`{Self}` is not set",
    note = "call the setter of `{Self}` before `build`; if the name contains `_or_`, call one of the methods that it names"
)]
pub trait IsGiven {}

// If the trait had no implementation at all, the compiler would suggest adding one.
impl IsGiven for Set {}

impl<Field: IsGiven> IsSet for Missing<Field> {}
