//! Members of a received request, by name. [`from_request`](super::from_request) reads their values.

use crate::server::unique_keys::{UniqueKeys, twice};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// Largest number of members that are kept in a list and searched one by one. For more members, a map is faster.
/// `RequestMembers` has a `u64` with one bit for each member of the list, so this number must not exceed 64.
const MANY: usize = 64;

/// Members with unique names. Large requests use a map, so that look-ups stay fast.
pub(crate) enum Received<'a> {
    Few(Vec<(String, Value)>),
    Many(Cow<'a, Map<String, Value>>),
}

/// Shows only the names, because values may be personal data.
impl fmt::Debug for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl Default for Received<'_> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl<'a> From<&'a Map<String, Value>> for Received<'a> {
    fn from(members: &'a Map<String, Value>) -> Self {
        Self::Many(Cow::Borrowed(members))
    }
}

impl Received<'_> {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Few(members) => members.iter().find(|(own, _)| own == name).map(|(_, value)| value),
            Self::Many(members) => members.get(name),
        }
    }

    /// Returns the index and the value of a member. The index is `None` if the members are in a map.
    pub(crate) fn find(&self, name: &str) -> Option<(Option<usize>, &Value)> {
        match self {
            Self::Few(members) => {
                let place = members.iter().position(|(own, _)| own == name)?;
                Some((Some(place), &members[place].1))
            }
            Self::Many(members) => members.get(name).map(|value| (None, value)),
        }
    }

    /// Returns the names of the members that were not read. If the members are in a list, bit n of `bits` is set if the
    /// member with the index n was read. If the members are in a map, `names` has the names of the members that were
    /// read.
    pub(crate) fn others(&self, bits: u64, names: &[String]) -> Vec<String> {
        match self {
            Self::Few(members) if bits.count_ones() as usize == members.len() => Vec::new(),
            Self::Few(members) => {
                let is_other = |(place, _): &(usize, _)| bits & (1 << place) == 0;
                members.iter().enumerate().filter(is_other).map(|(_, (name, _))| name.clone()).collect()
            }
            Self::Many(members) => members.keys().filter(|name| !names.contains(name)).cloned().collect(),
        }
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        match self {
            Self::Few(members) => members.iter_mut().find(|(own, _)| own == name).map(|(_, value)| value),
            Self::Many(members) => members.to_mut().get_mut(name),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a member. There must be no member with this name yet.
    pub(crate) fn add(&mut self, name: String, value: Value) {
        match self {
            Self::Few(members) if members.len() < MANY => members.push((name, value)),
            Self::Few(members) => {
                let members = std::mem::take(members).into_iter().chain([(name, value)]).collect();
                *self = Self::Many(Cow::Owned(members));
            }
            Self::Many(members) => drop(members.to_mut().insert(name, value)),
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::Few(members) => members.iter().map(|(name, _)| name.clone()).collect(),
            Self::Many(members) => members.keys().cloned().collect(),
        }
    }
}

/// Deserializes an object in which no member is repeated, at any depth.
impl<'de> Deserialize<'de> for Received<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnObject)
    }
}

struct AnObject;

impl<'de> Visitor<'de> for AnObject {
    type Value = Received<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Received<'static>, A::Error> {
        // This capacity fits almost every request.
        let mut members = Received::Few(Vec::with_capacity(16));
        while let Some((name, UniqueKeys(value))) = map.next_entry::<String, UniqueKeys>()? {
            if members.has(&name) {
                return Err(A::Error::custom(twice(&name)));
            }
            members.add(name, value);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_member_is_rejected_among_few_and_many_members() {
        for count in [1, MANY - 1, MANY, MANY + 1, 3 * MANY] {
            let text = |last: usize| {
                let members: Vec<String> = (0..count).chain([last]).map(|n| format!(r#""m{n}":{{"n":{n}}}"#)).collect();
                format!("{{{}}}", members.join(","))
            };
            let members: Received<'static> = serde_json::from_str(&text(count)).expect("each name is there once");
            assert_eq!(members.names().len(), count + 1);
            assert!((0..=count).all(|n| members.get(&format!("m{n}")).is_some_and(|value| value["n"] == n)));
            assert!(!members.has("m"));
            for twice in [0, count - 1] {
                assert!(serde_json::from_str::<Received<'static>>(&text(twice)).is_err(), "m{twice} of {count}");
            }
        }
        let deep = r#"{"m0":{"a":[{"b":1,"b":2}]}}"#;
        assert!(serde_json::from_str::<Received<'static>>(deep).is_err());
    }

    #[test]
    fn a_repeated_name_in_a_form_is_a_list_among_few_and_many_names() {
        let pairs: Vec<String> = (0..3 * MANY).map(|n| format!("m{}={n}", n % (2 * MANY))).collect();
        let members = crate::server::from_request::members_of_pairs(pairs.join("&").as_bytes());
        assert_eq!(members.names().len(), 2 * MANY);
        assert_eq!(members.get("m0"), Some(&serde_json::json!(["0", (2 * MANY).to_string()])));
        assert_eq!(members.get(&format!("m{MANY}")), Some(&serde_json::json!(MANY.to_string())));
    }
}
