//! Tree of facts, and the comparison of two trees.
//!
//! Each fact defines the impact of its own changes: the impact of adding or removing the fact, and the [`Measure`] of
//! each property.

use super::{Change, ChangeKind, Impact};
use crate::constraints::CharacterSet;

/// Named item of a spec, such as an operation, a field, or a value of an enumeration.
#[derive(Debug)]
pub(super) struct Fact {
    /// Kind of the fact, such as `operation` or `field`.
    pub kind: &'static str,
    pub name: String,
    /// Text between the name of the parent and the name of this fact in a path, such as `.request.`.
    pub joint: &'static str,
    pub added: Impact,
    pub removed: Impact,
    pub properties: Vec<Property>,
    pub children: Vec<Fact>,
}

#[derive(Debug)]
pub(super) struct Property {
    pub what: &'static str,
    pub value: FactValue,
    pub measure: Measure,
}

/// Value of a property.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum FactValue {
    /// A text. It is empty if the property is absent.
    Words(String),
    /// A text that reports do not show.
    Hidden(String),
    /// A limit and its unit. `None` if there is no limit.
    Bound(Option<(i64, String)>),
    /// A set of characters. `None` means all characters.
    Characters(Option<CharacterSet>),
    Holds(bool),
    /// Names in an order that has a meaning. Other properties or facts tell which names were added or removed.
    Order(Vec<String>),
}

/// Rule for the impact of a changed value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Measure {
    /// Every change has this impact.
    Any(Impact),
    /// Upper limit: lowering it, adding it or changing its unit is breaking. Raising or removing it is additive.
    AtMost,
    /// Lower limit: raising it, adding it or changing its unit is breaking. Lowering or removing it is additive.
    AtLeast,
    /// Set of allowed characters: a change that removes characters is breaking, and a change that only adds characters
    /// is additive.
    Among,
    /// Rule without a value: adding it is breaking, removing it is additive.
    Demands,
    /// Rule whose value is a text: adding or changing it is breaking, removing it is additive.
    Rule,
}

/// Smallest similarity at which two facts count as one fact with a new name. Equal properties and children contribute
/// at most 1, the same position contributes 0.5, and a similar name contributes at most 0.5.
const MIN_SIMILARITY: f64 = 1.4;

/// Returns the changes below two roots. The roots themselves are not compared.
pub(super) fn compare(old: &Fact, new: &Fact) -> Vec<Change> {
    let mut changes = Vec::new();
    children(old, new, "", &mut changes);
    changes
}

fn children(old: &Fact, new: &Fact, path: &str, changes: &mut Vec<Change>) {
    let same = |a: &Fact, b: &Fact| a.kind == b.kind && a.joint == b.joint && a.name == b.name;
    let removed: Vec<usize> =
        (0..old.children.len()).filter(|n| !new.children.iter().any(|c| same(&old.children[*n], c))).collect();
    let added: Vec<usize> =
        (0..new.children.len()).filter(|n| !old.children.iter().any(|c| same(c, &new.children[*n]))).collect();
    let renamed = renames(old, new, &removed, &added);
    for (n, fact) in new.children.iter().enumerate() {
        let at = below(path, fact);
        if let Some((before, _)) = renamed.iter().find(|(_, after)| *after == n) {
            let before = &old.children[*before];
            changes.push(Change {
                impact: rename_impact(before, fact),
                kind: ChangeKind::Renamed,
                at: at.clone(),
                what: fact.kind.into(),
                old: Some(before.name.clone()),
                new: Some(fact.name.clone()),
                correction: None,
            });
            property_changes(before, fact, &at, changes);
            children(before, fact, &at, changes);
        } else if let Some(before) = old.children.iter().find(|c| same(c, fact)) {
            property_changes(before, fact, &at, changes);
            children(before, fact, &at, changes);
        } else {
            changes.push(whole(fact, ChangeKind::Added, at));
        }
    }
    for n in removed.into_iter().filter(|n| !renamed.iter().any(|(before, _)| before == n)) {
        let fact = &old.children[n];
        changes.push(whole(fact, ChangeKind::Removed, below(path, fact)));
    }
}

/// Returns the path of a fact: the path of its parent, its joint and its name.
fn below(path: &str, fact: &Fact) -> String {
    format!("{path}{}{}", fact.joint, fact.name)
}

fn whole(fact: &Fact, kind: ChangeKind, at: String) -> Change {
    let impact = if kind == ChangeKind::Added { fact.added } else { fact.removed };
    Change { impact, kind, at, what: fact.kind.into(), old: None, new: None, correction: None }
}

/// Returns pairs of a removed and an added fact that count as one renamed fact. The most similar facts are paired
/// first.
fn renames(old: &Fact, new: &Fact, removed: &[usize], added: &[usize]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for &before in removed {
        for &after in added {
            let score = similarity(&old.children[before], &new.children[after], before == after);
            if score >= MIN_SIMILARITY {
                pairs.push((score, before, after));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (_, before, after) in pairs {
        if !found.iter().any(|(b, a)| *b == before || *a == after) {
            found.push((before, after));
        }
    }
    found
}

fn similarity(old: &Fact, new: &Fact, same_place: bool) -> f64 {
    if old.kind != new.kind || old.joint != new.joint {
        return 0.0;
    }
    // A property that is absent in both facts shows no similarity. The Rust name is skipped, because it usually follows
    // from the wire name.
    let common: Vec<(&Property, &Property)> = old
        .properties
        .iter()
        .filter_map(|a| Some((a, new.properties.iter().find(|b| b.what == a.what)?)))
        .filter(|(a, b)| a.what != RUST_NAME && !(a.value.is_nothing() && b.value.is_nothing()))
        .collect();
    if common.iter().any(|(a, b)| a.what == "type" && a.value != b.value) {
        return 0.0;
    }
    let equal = common.iter().filter(|(a, b)| a.value == b.value).count();
    let score = if common.is_empty() { 0.0 } else { equal as f64 / common.len() as f64 };
    let inner = |fact: &Fact| fact.children.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    let (inner_old, inner_new) = (inner(old), inner(new));
    let shared = inner_old.iter().filter(|name| inner_new.contains(name)).count();
    let all = inner_old.len().max(inner_new.len());
    // Children count twice as much as properties.
    let score = if all == 0 { score } else { (score + 2.0 * shared as f64 / all as f64) / 3.0 };
    score + 0.5 * f64::from(u8::from(same_place)) + 0.5 * strsim::jaro(&old.name, &new.name)
}

/// Name of the property that contains the Rust name of a field or of an enumeration's value.
pub(super) const RUST_NAME: &str = "Rust name";

/// Returns the impact of a new name. If only the wire name changes, and the Rust name stays, code compiles as before.
fn rename_impact(old: &Fact, new: &Fact) -> Impact {
    let name = |fact: &Fact| fact.properties.iter().find(|s| s.what == RUST_NAME).map(|s| s.value.clone());
    match (name(old), name(new)) {
        (Some(a), Some(b)) if a == b => Impact::Behavior,
        _ => old.removed,
    }
}

fn property_changes(old: &Fact, new: &Fact, at: &str, changes: &mut Vec<Change>) {
    let renamed = old.name != new.name;
    for now in &new.properties {
        let Some(before) = old.properties.iter().find(|before| before.what == now.what) else { continue };
        // The change of the name already reports a new Rust name.
        if before.value.is_same(&now.value) || (renamed && now.what == RUST_NAME) {
            continue;
        }
        let shown = |value: &FactValue| (!value.is_nothing()).then(|| value.to_text());
        changes.push(Change {
            impact: judge(now.measure, &before.value, &now.value),
            kind: ChangeKind::Changed,
            at: at.to_owned(),
            what: now.what.into(),
            old: shown(&before.value),
            new: shown(&now.value),
            correction: None,
        });
    }
}

fn judge(measure: Measure, old: &FactValue, new: &FactValue) -> Impact {
    let accepts_more = match (measure, old, new) {
        (Measure::Any(impact), _, _) => return impact,
        (Measure::AtMost, FactValue::Bound(old), FactValue::Bound(new)) => match (old, new) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some((old, unit)), Some((new, now))) => new >= old && unit == now,
        },
        (Measure::AtLeast, FactValue::Bound(old), FactValue::Bound(new)) => match (old, new) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some((old, unit)), Some((new, now))) => new <= old && unit == now,
        },
        (Measure::Among, FactValue::Characters(old), FactValue::Characters(new)) => match (old, new) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(old), Some(new)) => {
                old.ascii & !new.ascii == 0 && (!old.hangul || new.hangul) && (!old.others || new.others)
            }
        },
        (Measure::Demands, _, FactValue::Holds(now)) => !now,
        (Measure::Rule, _, now) => now.is_nothing(),
        // This cannot occur: `facts` combines each measure only with values of its kind.
        _ => false,
    };
    if accepts_more { Impact::Additive } else { Impact::Breaking }
}

impl FactValue {
    /// Returns `true` if the values are equal, even if only one of them is hidden. Two orders are equal if the names
    /// that are in both of them have the same order.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Order(own), Self::Order(other)) => {
                let common = own.iter().filter(|name| other.contains(name));
                common.eq(other.iter().filter(|name| own.contains(name)))
            }
            (Self::Words(own) | Self::Hidden(own), Self::Words(other) | Self::Hidden(other)) => own == other,
            _ => self == other,
        }
    }

    fn is_nothing(&self) -> bool {
        match self {
            FactValue::Words(words) | FactValue::Hidden(words) => words.is_empty(),
            FactValue::Bound(bound) => bound.is_none(),
            FactValue::Characters(set) => set.is_none(),
            FactValue::Holds(holds) => !holds,
            FactValue::Order(names) => names.is_empty(),
        }
    }

    fn to_text(&self) -> String {
        match self {
            FactValue::Words(words) => words.clone(),
            FactValue::Hidden(_) => "(not shown)".into(),
            FactValue::Bound(bound) => {
                bound.as_ref().map(|(n, unit)| format!("{n} {unit}").trim_end().to_owned()).unwrap_or_default()
            }
            FactValue::Characters(set) => set.as_ref().map(|set| set.doc.clone()).unwrap_or_default(),
            FactValue::Holds(holds) => if *holds { "yes" } else { "no" }.into(),
            FactValue::Order(names) => names.join(", "),
        }
    }
}
