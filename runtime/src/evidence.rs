//! Whether a reply is about the request that it is taken for. Which members bind the two is generated.

use crate::decode::envelope::as_tree;
use crate::raw::Raw;
use rules::KstDateTime;
use serde::Serialize;
use serde_json::Value;

/// A member that does not bind a reply to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mismatch {
    /// The member is not there, or cannot be read: the reply proves nothing.
    Absent(&'static str),
    /// The member has another value: the reply is about something else.
    Differs(&'static str),
    /// It is not known what the member has to be compared with: when the request was first sent.
    Undated(&'static str),
    /// The times cannot be compared: the clocks of this machine and of the service are too far apart.
    ClocksApart(&'static str),
}

impl Mismatch {
    /// The member's name on the wire.
    pub fn member(self) -> &'static str {
        match self {
            Self::Absent(name) | Self::Differs(name) | Self::Undated(name) | Self::ClocksApart(name) => name,
        }
    }
}

/// How the members of a reply are compared with its request.
///
/// A success of an operation that moves money has to repeat its binding members. A refusal need not repeat anything, but
/// one that names another payment is about that one.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    environment: Option<&'a str>,
    is_refusal: bool,
}

impl<'a> Comparison<'a> {
    /// For a success. `environment` is the one that the caller's credentials belong to.
    pub fn success(environment: Option<&'a str>) -> Self {
        Self { environment, is_refusal: false }
    }

    /// For a refusal.
    pub fn refusal(environment: Option<&'a str>) -> Self {
        Self { environment, is_refusal: true }
    }

    /// Compares a member that a success always has.
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

    /// Compares a member that a success may leave out.
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

    /// Compares a figure that may be written as a negative number. A refusal's figures are what it did not do.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the figure of a success is absent or has another magnitude.
    pub fn magnitude(&self, name: &'static str, found: Option<&i64>, own: &i64) -> Result<(), Mismatch> {
        if self.is_refusal { Ok(()) } else { bind_magnitude(name, found, own) }
    }

    /// Compares the environment that a reply names. Credentials that name none belong to the live one: a payment of a
    /// test must not count because a key names no environment.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the member names another environment, or is absent from a success.
    pub fn environment(&self, name: &'static str, found: Option<&str>) -> Result<(), Mismatch> {
        if self.is_refusal && found.is_none_or(|found| found.trim().is_empty()) {
            return Ok(());
        }
        bind_environment(name, found, self.environment.unwrap_or("live"))
    }
}

/// Compares a member of a reply with the value it has to have. A value that a sender may have damaged is none.
///
/// # Errors
///
/// Returns the mismatch if the member is absent or differs.
pub fn bind<T: PartialEq + Serialize + ?Sized>(name: &'static str, found: Option<&T>, own: &T) -> Result<(), Mismatch> {
    match found {
        None => Err(Mismatch::Absent(name)),
        Some(found) if found == own => Ok(()),
        Some(found) if is_unclear(found, own) => Err(Mismatch::Absent(name)),
        Some(_) => Err(Mismatch::Differs(name)),
    }
}

/// Like [`bind`], for a reply that may leave the member out, or name nothing in it.
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

/// Like [`bind`], with the value that a message claims. A claim that was damaged on the way does not refute itself: what the
/// caller knows is compared, too.
///
/// # Errors
///
/// Returns the mismatch if the member is absent, unclear, or differs from a claim that is clear.
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

/// Returns `true` if a claim is clear and differs from what the caller knows.
pub fn contradicts<T: PartialEq + Serialize + ?Sized>(claimed: Option<&T>, own: &T) -> bool {
    claimed.is_some_and(|claimed| claimed != own && !is_unclear(claimed, own))
}

/// Whether a value that differs from another one proves nothing about what is meant.
fn is_unclear<T: Serialize + ?Sized>(found: &T, own: &T) -> bool {
    let [found, own] = [found, own].map(|value| serde_json::to_value(value).unwrap_or_default());
    match (&found, &own) {
        (Value::String(found), Value::String(own)) => is_unclear_text(found, own),
        (Value::Number(found), Value::Number(_)) => found.as_i64().is_some_and(is_unclear_amount),
        _ => false,
    }
}

/// Whether a value is written where there is none: a text of blanks, or the figure 0.
fn is_nothing<T: Serialize + ?Sized>(found: &T) -> bool {
    match serde_json::to_value(found) {
        Ok(Value::String(found)) => found.trim().is_empty(),
        Ok(Value::Number(found)) => found.as_i64() == Some(0),
        _ => false,
    }
}

/// Returns the own value that a member differs from in nothing but the characters that group its digits, if there is
/// one; otherwise the member as it came.
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

/// Like [`bind`], for a figure that may be written as a negative number.
///
/// # Errors
///
/// Returns the mismatch if the figure is absent or has another magnitude.
pub(crate) fn bind_magnitude(name: &'static str, found: Option<&i64>, own: &i64) -> Result<(), Mismatch> {
    match found {
        None | Some(0) => Err(Mismatch::Absent(name)),
        Some(found) if found.unsigned_abs() == own.unsigned_abs() => Ok(()),
        Some(_) => Err(Mismatch::Differs(name)),
    }
}

/// Compares the environment that a reply names with the one that the caller's credentials belong to.
///
/// # Errors
///
/// Returns the mismatch if the member is absent or names another environment.
pub fn bind_environment(name: &'static str, found: Option<&str>, own: &str) -> Result<(), Mismatch> {
    match found {
        None => Err(Mismatch::Absent(name)),
        Some(found) if found.trim().is_empty() => Err(Mismatch::Absent(name)),
        Some(found) if found.eq_ignore_ascii_case(own) => Ok(()),
        Some(_) => Err(Mismatch::Differs(name)),
    }
}

/// Returns `true` if a text differs from another one only in what a sender may have damaged: it is empty, or the same but
/// for case and blanks. Such a text proves nothing.
fn is_unclear_text(found: &str, own: &str) -> bool {
    found.trim().is_empty() || (found != own && found.trim().eq_ignore_ascii_case(own.trim()))
}

/// Returns `true` if a number is none that an amount can be. It proves nothing.
fn is_unclear_amount(found: i64) -> bool {
    found <= 0
}

/// What evidence is compared with beside the request itself.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The environment that the caller's credentials belong to.
    pub environment: Option<&'static str>,
    /// When the request can have been carried out.
    pub window: Window,
}

/// When a request can have been carried out, by the service's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// It is not known when the request was sent.
    #[default]
    Unknown,
    /// The clocks of this machine and of the service are too far apart to compare.
    ClocksApart,
    /// Not before the first attempt, and not after the last one could have been accepted.
    Between(KstDateTime, KstDateTime),
}

impl Context {
    /// Checks that the time of something lies where the request can have been carried out.
    ///
    /// # Errors
    ///
    /// Returns the mismatch if the time is absent or elsewhere, or if nothing is known to compare it with.
    pub fn bind_time(&self, name: &'static str, found: Option<&KstDateTime>) -> Result<(), Mismatch> {
        match (found, self.window) {
            (None, _) => Err(Mismatch::Absent(name)),
            (_, Window::Unknown) => Err(Mismatch::Undated(name)),
            (_, Window::ClocksApart) => Err(Mismatch::ClocksApart(name)),
            (Some(found), Window::Between(first, last)) if (first..=last).contains(found) => Ok(()),
            _ => Err(Mismatch::Differs(name)),
        }
    }
}

/// Compares a member of a list's entry with the value of a request. `raw` is the member as it came.
///
/// Returns `None` if the entry does not show it: the member is absent or unreadable.
pub fn same<T: PartialEq + Serialize>(found: Option<&T>, own: Option<&T>, raw: Option<&Value>) -> Option<bool> {
    match found {
        Some(found) if own == Some(found) => Some(true),
        Some(_) if own.is_some_and(|own| may_be_another_notation(own, raw)) => None,
        Some(_) => Some(false),
        None if raw.is_some_and(Value::is_null) => Some(own.is_none()),
        None => None,
    }
}

/// Compares a member of a list's entry with several values of a request, of which each may be null.
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

/// Whether two different texts may mean the same: `123-45-67890` and `1234567890`, or one that is empty.
fn may_be_another_notation(own: &impl Serialize, raw: Option<&Value>) -> bool {
    let letters =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let own = serde_json::to_value(own).unwrap_or_default();
    match (own.as_str(), raw.and_then(Value::as_str)) {
        (Some(own), Some(found)) => letters(found).is_empty() || letters(own) == letters(found),
        _ => false,
    }
}

/// Combines the comparisons of one entry: one difference is enough, and equality needs all.
pub fn all_same(members: &[Option<bool>]) -> Option<bool> {
    if members.contains(&Some(false)) {
        Some(false)
    } else if members.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// Returns what a list shows about a request: `match` if an entry is the request's, `others` if each entry is certainly
/// another's, `empty`, or `unreadable` if an entry was left out while reading or is unclear.
///
/// `path` is where the list stands in the body; with it, entries are noticed that could not be read.
pub fn entry_state<'a, T: 'a>(
    raw: &Raw,
    path: &[&str],
    entries: impl ExactSizeIterator<Item = &'a T>,
    same: impl Fn(&T, &Value) -> Option<bool>,
) -> &'static str {
    // The tree of the text that the entries were read from, which need not be what came.
    let body = as_tree(raw.body());
    let list = path.iter().try_fold(&body, |value, name| value.get(name)).and_then(Value::as_array);
    let Some(list) = list.filter(|list| list.len() == entries.len()) else { return "unreadable" };
    let mut word = if list.is_empty() { "empty" } else { "others" };
    for (entry, raw) in entries.zip(list) {
        match same(entry, raw) {
            Some(true) => return "match",
            Some(false) => {}
            None => word = "unreadable",
        }
    }
    word
}
