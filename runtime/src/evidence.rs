//! Evidence that a reply is about a request. Generated code states which members of the reply and of the request are
//! compared.

mod lists;

use crate::check::whole_seconds;
use crate::decode::envelope::as_tree;
use crate::raw::Raw;
pub use lists::{agreed, all_same, bind_entries, each, entry_state, reversed_state, whole};
use rules::Decimal;
use serde::Serialize;
use serde_json::Value;
use std::time::SystemTime;

/// Member of a reply that does not prove that the reply is about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mismatch {
    /// The member is absent or unreadable: the reply proves nothing.
    Absent(&'static str),
    /// The member is 0 or a negative number. Some services write an absent amount in this way, so the reply proves
    /// nothing.
    NotPositive(&'static str),
    /// The member has another value: the reply is about something else.
    Differs(&'static str),
    /// The time at which the request was first sent is unknown, so the time in the member cannot be compared with it.
    Undated(&'static str),
    /// The times cannot be compared, because this machine's clock and the service's differ too much.
    ClocksApart(&'static str),
}

impl Mismatch {
    /// Returns the wire name or the path of the member, as the spec has it. For a sum, this is the name of the amount
    /// in the request.
    pub fn member(self) -> &'static str {
        match self {
            Self::Absent(name)
            | Self::NotPositive(name)
            | Self::Differs(name)
            | Self::Undated(name)
            | Self::ClocksApart(name) => name,
        }
    }
}

/// Rules for comparing a reply with its request.
///
/// Usually, a success of an operation that moves money has to repeat the identifying members of the request. A
/// rejection may omit them. A rejection that names another payment is about that payment.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    environment: Option<&'a str>,
    is_refusal: bool,
}

impl<'a> Comparison<'a> {
    /// Creates the comparison for a success. `environment` is the environment of the caller's credentials.
    pub fn success(environment: Option<&'a str>) -> Self {
        Self { environment, is_refusal: false }
    }

    /// Creates the comparison for a rejection.
    pub fn refusal(environment: Option<&'a str>) -> Self {
        Self { environment, is_refusal: true }
    }

    /// Returns a success as JSON, so that the entries of its lists can be counted. Returns `None` for a rejection,
    /// which may repeat only some of the entries.
    pub fn tree(&self, reply: &Raw) -> Option<Value> {
        (!self.is_refusal).then(|| tree(reply))
    }

    /// Compares a member that every success has.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the member differs, or is absent from a success.
    pub fn mandatory<T: PartialEq + Serialize + ?Sized>(
        &self,
        name: &'static str,
        found: Option<&T>,
        own: &T,
    ) -> Result<(), Mismatch> {
        if self.is_refusal { bind_if_there(name, found, own) } else { bind(name, found, own) }
    }

    /// Compares a member that a success may omit.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the member differs.
    pub fn optional<T: PartialEq + Serialize + ?Sized>(
        &self,
        name: &'static str,
        found: Option<&T>,
        own: &T,
    ) -> Result<(), Mismatch> {
        bind_if_there(name, found, own)
    }

    /// Compares an amount that may be written as a negative number. Amounts in a rejection are ignored, because they
    /// were not carried out.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the amount of a success is absent or 0, or has another magnitude.
    pub fn magnitude(&self, name: &'static str, found: Option<&i64>, own: &i64) -> Result<(), Mismatch> {
        if self.is_refusal { Ok(()) } else { bind_magnitude(name, found, own) }
    }

    /// Compares a member with the values that a success can have. A rejection is not compared, because it has other
    /// values.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the member of a success differs, or if `strict` is set and the member is absent.
    pub fn fixed<T: PartialEq + Serialize>(
        &self,
        name: &'static str,
        found: Option<&T>,
        values: &[T],
        strict: bool,
    ) -> Result<(), Mismatch> {
        match found {
            _ if self.is_refusal => Ok(()),
            None if strict => Err(Mismatch::Absent(name)),
            None => Ok(()),
            Some(found) if values.contains(found) || (!strict && is_nothing(found)) => Ok(()),
            Some(found) if values.iter().any(|value| is_unclear(found, value)) => Err(unclear(name, found)),
            Some(_) => Err(Mismatch::Differs(name)),
        }
    }

    /// Compares the sum of members with an amount. Amounts in a rejection are ignored, because they were not carried
    /// out.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the sum of a success differs, if a member is negative, or if `strict` is set and a
    /// member is absent. Without `strict`, nothing is compared if a member is absent.
    pub fn sum<T: Figure>(
        &self,
        name: &'static str,
        members: &[Option<T>],
        own: &T,
        strict: bool,
    ) -> Result<(), Mismatch> {
        match self.is_refusal || (!strict && members.contains(&None)) {
            true => Ok(()),
            false => bind_sum(name, members, own),
        }
    }

    /// Compares the environment in a reply with that of the caller's credentials. Credentials whose environment is
    /// unknown count as live. A payment in a test environment therefore never counts as a real payment.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the member has another environment, or is absent from a success.
    pub fn environment(&self, name: &'static str, found: Option<&str>) -> Result<(), Mismatch> {
        if self.is_refusal && found.is_none_or(|found| found.trim().is_empty()) {
            return Ok(());
        }
        bind_environment(name, found, self.environment.unwrap_or("live"))
    }
}

/// Compares a member of a reply with the expected value. If they differ, a text that is blank, or that differs only in
/// case and the blanks around it, counts as absent. A different number that is 0 or negative proves nothing either.
///
/// # Errors
///
/// Returns the mismatch if the member is absent or differs.
pub fn bind<T: PartialEq + Serialize + ?Sized>(name: &'static str, found: Option<&T>, own: &T) -> Result<(), Mismatch> {
    match found {
        None => Err(Mismatch::Absent(name)),
        Some(found) if found == own => Ok(()),
        Some(found) if is_unclear(found, own) => Err(unclear(name, found)),
        Some(_) => Err(Mismatch::Differs(name)),
    }
}

/// Amount that can be added.
pub trait Figure: Copy + PartialEq + Serialize {
    /// The amount zero.
    const ZERO: Self;

    /// Returns the sum, or `None` if it overflows or the part is negative.
    fn plus(self, part: Self) -> Option<Self>;

    /// Returns the amount without its sign.
    fn magnitude(self) -> Option<Self>;
}

impl Figure for i64 {
    const ZERO: Self = 0;

    fn plus(self, part: Self) -> Option<Self> {
        self.checked_add(part).filter(|_| part >= 0)
    }

    fn magnitude(self) -> Option<Self> {
        self.checked_abs()
    }
}

impl Figure for Decimal {
    const ZERO: Self = Self::ZERO;

    fn plus(self, part: Self) -> Option<Self> {
        self.checked_add(part).filter(|_| !part.is_negative())
    }

    fn magnitude(self) -> Option<Self> {
        self.checked_abs()
    }
}

/// Compares the sum of members with an amount. A sum with a negative part proves nothing.
///
/// # Errors
///
/// Returns the mismatch if the sum differs, or if a member is absent or negative.
pub fn bind_sum<T: Figure>(name: &'static str, members: &[Option<T>], own: &T) -> Result<(), Mismatch> {
    let sum = members.iter().try_fold(T::ZERO, |sum, member| sum.plus((*member)?));
    bind(name, sum.as_ref(), own)
}

/// Returns the magnitude of an amount that may be written as a negative number.
pub fn magnitude<T: Figure>(amount: Option<&T>) -> Option<T> {
    amount?.magnitude()
}

/// Returns a reply as JSON.
pub fn tree(reply: &Raw) -> Value {
    as_tree(reply.body())
}

/// Compares like [`bind`], for a member that a reply may omit or leave empty.
///
/// # Errors
///
/// Returns the mismatch if the member is unclear or differs.
pub(crate) fn bind_if_there<T: PartialEq + Serialize + ?Sized>(
    name: &'static str,
    found: Option<&T>,
    own: &T,
) -> Result<(), Mismatch> {
    match found {
        Some(found) if found != own && is_nothing(found) => Ok(()),
        Some(_) => bind(name, found, own),
        None => Ok(()),
    }
}

/// Compares like [`bind`], with the value that a message claims. An absent claim is ignored. A damaged claim is ignored
/// too, because the caller's own value is also compared.
///
/// # Errors
///
/// Returns the mismatch if the member is absent or unclear, or if it differs from an undamaged claim.
pub fn bind_claimed<T: PartialEq + Serialize + ?Sized>(
    name: &'static str,
    found: Option<&T>,
    claimed: Option<&T>,
) -> Result<(), Mismatch> {
    match (found, claimed) {
        (_, None) => Ok(()),
        (Some(found), Some(claimed)) if found != claimed && is_unclear(claimed, found) => Ok(()),
        (found, Some(claimed)) => bind(name, found, claimed),
    }
}

/// Returns `true` if a claim is undamaged and differs from the caller's value.
pub fn contradicts<T: PartialEq + Serialize + ?Sized>(claimed: Option<&T>, own: &T) -> bool {
    claimed.is_some_and(|claimed| claimed != own && !is_unclear(claimed, own))
}

/// Returns `true` if `found` may be a damaged form of `own`, or cannot be an amount. A difference then proves nothing.
fn is_unclear<T: Serialize + ?Sized>(found: &T, own: &T) -> bool {
    let [found, own] = [found, own].map(|value| serde_json::to_value(value).unwrap_or_default());
    match (&found, &own) {
        (Value::String(found), Value::String(own)) => is_unclear_text(found, own),
        (Value::Number(found), Value::Number(_)) => found.as_f64().is_some_and(is_unclear_amount),
        _ => false,
    }
}

/// Returns the mismatch for an unclear value: [`NotPositive`](Mismatch::NotPositive) for a number, and
/// [`Absent`](Mismatch::Absent) for a text.
fn unclear<T: Serialize + ?Sized>(name: &'static str, found: &T) -> Mismatch {
    match serde_json::to_value(found) {
        Ok(Value::Number(_)) => Mismatch::NotPositive(name),
        _ => Mismatch::Absent(name),
    }
}

/// Returns `true` for a value that counts as absent: a blank text or the number 0.
fn is_nothing<T: Serialize + ?Sized>(found: &T) -> bool {
    match serde_json::to_value(found) {
        Ok(Value::String(found)) => found.trim().is_empty(),
        Ok(Value::Number(found)) => found.as_f64() == Some(0.0),
        _ => false,
    }
}

/// Returns the first value of the request that equals the member when the characters in `separators` are ignored. These
/// characters only group digits. If there is no such value, returns the member as received.
pub fn regrouped<'a, T: Serialize>(
    found: Option<&'a T>,
    own: impl IntoIterator<Item = &'a T>,
    separators: &str,
) -> Option<&'a T> {
    let digits = |value: &T| -> Option<String> {
        let value = serde_json::to_value(value).ok()?;
        let digits: String = value.as_str()?.chars().filter(|c| !separators.contains(*c)).collect();
        (!digits.is_empty()).then_some(digits)
    };
    let Some(meant) = found.and_then(digits) else { return found };
    own.into_iter().find(|own| digits(own).as_ref() == Some(&meant)).or(found)
}

/// Compares like [`bind`], for an amount that may be written as a negative number.
///
/// # Errors
///
/// Returns the mismatch if the amount is absent or 0, or has another magnitude.
pub(crate) fn bind_magnitude(name: &'static str, found: Option<&i64>, own: &i64) -> Result<(), Mismatch> {
    match found {
        None => Err(Mismatch::Absent(name)),
        Some(0) => Err(Mismatch::NotPositive(name)),
        Some(found) if found.unsigned_abs() == own.unsigned_abs() => Ok(()),
        Some(_) => Err(Mismatch::Differs(name)),
    }
}

/// Compares the environment in a reply with that of the caller's credentials.
///
/// # Errors
///
/// Returns the mismatch if the member is absent or has another environment.
pub fn bind_environment(name: &'static str, found: Option<&str>, own: &str) -> Result<(), Mismatch> {
    match found {
        None => Err(Mismatch::Absent(name)),
        Some(found) if found.trim().is_empty() => Err(Mismatch::Absent(name)),
        Some(found) if found.eq_ignore_ascii_case(own) => Ok(()),
        Some(_) => Err(Mismatch::Differs(name)),
    }
}

/// Returns `true` if a text may be a damaged form of the expected text: blank, or equal except for case and the blanks
/// around it. Such a text proves nothing.
fn is_unclear_text(found: &str, own: &str) -> bool {
    found.trim().is_empty() || (found != own && found.trim().eq_ignore_ascii_case(own.trim()))
}

/// Returns `true` if a number cannot be an amount, so that it proves nothing.
fn is_unclear_amount(found: f64) -> bool {
    found <= 0.0
}

/// Values, besides those of the request, with which evidence is compared.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Environment of the caller's credentials.
    pub environment: Option<&'static str>,
    /// Period in which the request can have been carried out.
    pub window: Window,
}

/// Period in which a request can have been carried out, by the service's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// The time at which the request was sent is unknown.
    #[default]
    Unknown,
    /// This machine's clock and the service's differ too much.
    ClocksApart,
    /// From the first time to the second, both included.
    Between(SystemTime, SystemTime),
}

impl Context {
    /// Checks that a time lies in the period in which the request can have been carried out.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the time is absent or outside of the period. Also returns a mismatch if the period is
    /// unknown, or if the clocks differ too much.
    pub fn bind_time<T: Copy + Into<SystemTime>>(&self, name: &'static str, found: Option<&T>) -> Result<(), Mismatch> {
        match (found, self.window) {
            (None, _) => Err(Mismatch::Absent(name)),
            (_, Window::Unknown) => Err(Mismatch::Undated(name)),
            (_, Window::ClocksApart) => Err(Mismatch::ClocksApart(name)),
            (Some(found), Window::Between(first, last)) => {
                // Compares whole seconds, because some notations have no fractions of a second.
                let is_between = (whole_seconds(first)..=whole_seconds(last)).contains(&whole_seconds((*found).into()));
                if is_between { Ok(()) } else { Err(Mismatch::Differs(name)) }
            }
        }
    }
}

/// Compares a member of a list's entry with the value of a request. `raw` is the member as received.
///
/// Returns `None` if the member is absent or unreadable, or if it may be another notation of the same value.
pub fn same<T: PartialEq + Serialize>(found: Option<&T>, own: Option<&T>, raw: Option<&Value>) -> Option<bool> {
    match found {
        Some(found) if own == Some(found) => Some(true),
        Some(_) if own.is_some_and(|own| may_be_another_notation(own, raw)) => None,
        Some(_) => Some(false),
        None if raw.is_some_and(Value::is_null) => Some(own.is_none()),
        None => None,
    }
}

/// Compares like [`same`], but with several values of a request. Each of them may be null.
pub fn same_as_any<T: PartialEq + Serialize>(
    found: Option<&T>,
    own: &[Option<T>],
    raw: Option<&Value>,
) -> Option<bool> {
    match found {
        Some(found) if own.iter().flatten().any(|own| own == found) => Some(true),
        Some(_) if own.iter().flatten().any(|own| may_be_another_notation(own, raw)) => None,
        Some(_) => Some(false),
        None if raw.is_some_and(Value::is_null) => Some(own.iter().any(Option::is_none)),
        None => None,
    }
}

/// Returns `true` if two different texts may have the same meaning, such as `123-45-67890` and `1234567890`. Also
/// returns `true` if the received text has neither letters nor digits.
fn may_be_another_notation(own: &impl Serialize, raw: Option<&Value>) -> bool {
    let letters =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let own = serde_json::to_value(own).unwrap_or_default();
    match (own.as_str(), raw.and_then(Value::as_str)) {
        (Some(own), Some(found)) => letters(found).is_empty() || letters(own) == letters(found),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_cannot_be_an_amount_is_distinguished_from_an_absent_one() {
        for found in [0, -1] {
            assert_eq!(bind("amount", Some(&found), &5), Err(Mismatch::NotPositive("amount")), "{found}");
            let fixed = Comparison::success(None).fixed("amount", Some(&found), &[5], true);
            assert_eq!(fixed, Err(Mismatch::NotPositive("amount")), "{found}");
        }
        for found in ["0.00", "0.0", "-10.50"].map(|text| Decimal::parse(text).unwrap()) {
            let own = Decimal::from(5);
            assert_eq!(bind("amount", Some(&found), &own), Err(Mismatch::NotPositive("amount")), "{found}");
            assert!(!contradicts(Some(&found), &own), "{found}");
        }
        assert_eq!(bind_magnitude("amount", Some(&0), &5), Err(Mismatch::NotPositive("amount")));
        assert_eq!(bind::<i64>("amount", None, &5), Err(Mismatch::Absent("amount")));
        assert_eq!(bind("orderNo", Some(" "), "O-1"), Err(Mismatch::Absent("orderNo")));
        assert_eq!(bind("amount", Some(&4), &5), Err(Mismatch::Differs("amount")));
    }
}
