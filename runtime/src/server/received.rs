//! Members of a received request, by name. [`from_request`](super::from_request) reads their values.

use crate::json::{Json, MANY};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Members with unique names.
#[derive(Clone, Default)]
pub(crate) struct Received<'a> {
    members: Cow<'a, [(String, Json)]>,
    /// Position of each member, if there are more than [`MANY`] members.
    positions: BTreeMap<String, usize>,
}

/// Shows only the names, because values may be personal data.
impl fmt::Debug for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl<'a> From<&'a [(String, Json)]> for Received<'a> {
    fn from(members: &'a [(String, Json)]) -> Self {
        Cow::Borrowed(members).into()
    }
}

impl From<Vec<(String, Json)>> for Received<'_> {
    fn from(members: Vec<(String, Json)>) -> Self {
        Cow::<[_]>::Owned(members).into()
    }
}

impl<'a> From<Cow<'a, [(String, Json)]>> for Received<'a> {
    fn from(members: Cow<'a, [(String, Json)]>) -> Self {
        let mut received = Self { members, positions: BTreeMap::new() };
        received.index();
        received
    }
}

impl Received<'_> {
    fn index(&mut self) {
        if self.members.len() > MANY && self.positions.is_empty() {
            self.positions = self.members.iter().enumerate().map(|(n, (name, _))| (name.clone(), n)).collect();
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        match self.members.len() {
            0..=MANY => self.members.iter().position(|(own, _)| own == name),
            _ => self.positions.get(name).copied(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.find(name).map(|(_, value)| value)
    }

    /// Returns the position and the value of a member.
    pub(crate) fn find(&self, name: &str) -> Option<(usize, &Json)> {
        let position = self.position(name)?;
        Some((position, &self.members[position].1))
    }

    /// Returns the names of the members at the positions that are not in `read`.
    pub(crate) fn others(&self, read: &Positions) -> Vec<String> {
        let names = self.members.iter().enumerate().filter(|(n, _)| !read.has(*n));
        names.map(|(_, (name, _))| name.clone()).collect()
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        let position = self.position(name)?;
        self.members.to_mut().get_mut(position).map(|(_, value)| value)
    }

    /// Adds a member. There must be no member with this name yet.
    pub(crate) fn add(&mut self, name: String, value: Json) {
        if !self.positions.is_empty() {
            self.positions.insert(name.clone(), self.members.len());
        }
        self.members.to_mut().push((name, value));
        self.index();
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.members.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// Set of positions of members.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    /// One bit for each position below 64, so that requests with fewer members need no allocation.
    low: u64,
    high: BTreeSet<usize>,
}

impl Positions {
    pub(crate) fn add(&mut self, position: usize) {
        match bit(position) {
            Some(bit) => self.low |= bit,
            None => drop(self.high.insert(position)),
        }
    }

    fn has(&self, position: usize) -> bool {
        bit(position).map_or_else(|| self.high.contains(&position), |bit| self.low & bit != 0)
    }
}

fn bit(position: usize) -> Option<u64> {
    1_u64.checked_shl(u32::try_from(position).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_and_noted_among_few_and_many() {
        for count in [1, MANY - 1, MANY, MANY + 1, 3 * MANY] {
            let members: Vec<_> = (0..count).map(|n| (format!("m{n}"), Json::Number(n.to_string()))).collect();
            let mut added = Received::default();
            members.iter().for_each(|(name, value)| added.add(name.clone(), value.clone()));
            for received in [Received::from(members.as_slice()), Received::from(members.clone()), added] {
                let mut read = Positions::default();
                for (n, (name, value)) in members.iter().enumerate().skip(1) {
                    assert_eq!(received.find(name), Some((n, value)));
                    read.add(n);
                }
                assert_eq!(received.get("m"), None);
                assert_eq!(received.others(&read), ["m0"]);
            }
        }
    }

    #[test]
    fn a_repeated_name_in_a_form_is_a_list_among_few_and_many_names() {
        let pairs: Vec<String> = (0..3 * MANY).map(|n| format!("m{}={n}", n % (2 * MANY))).collect();
        let members = crate::server::from_request::members_of_pairs(pairs.join("&").as_bytes());
        let text = |n: usize| Json::Text(n.to_string());
        assert_eq!(members.names().len(), 2 * MANY);
        assert_eq!(members.get("m0"), Some(&Json::List(vec![text(0), text(2 * MANY)])));
        assert_eq!(members.get(&format!("m{MANY}")), Some(&text(MANY)));
    }
}
