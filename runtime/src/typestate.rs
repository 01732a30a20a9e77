//! The states of a mandatory field in a builder's type, chosen so that the compiler's message names the field. The
//! builders themselves are generated.

use std::marker::PhantomData;

/// A mandatory field that is set.
#[derive(Clone, Copy, Debug)]
pub struct Set;

/// A mandatory field that is not set; `Field` is a type with the field's name.
#[derive(Clone, Copy, Debug)]
pub struct Missing<Field>(PhantomData<Field>);

/// What stands in a builder for a field that is not set yet. It never leaves the builder of a mandatory field; an
/// optional one is left out. Not [`Default`], so that a value is never used by accident.
#[doc(hidden)]
pub trait Unset {
    /// The value.
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

/// Says of a mandatory field's state that the field is set. Only [`Set`] is.
///
/// To be demanded by the method `build`, not by the block it stands in: for a block, the compiler does not say the
/// words below.
pub trait IsSet {}

impl IsSet for Set {}

/// The compiler asks this of a field that is missing, and says these words because no field can answer.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the mandatory field `{Self}` is not set",
    label = "`{Self}` is not set",
    note = "call `.{Self}(…)` before `build`; of a name with `_or_` in it, call one of the methods"
)]
pub trait IsGiven {}

// Without any implementation, the compiler would advise to add one.
impl IsGiven for Set {}

impl<Field: IsGiven> IsSet for Missing<Field> {}
