//! Breadth-first search over the states of a model. Visited states are identified by a hash of 64 bits. The search
//! stores the step that led to each state. Because it is breadth-first, each counterexample is a shortest path.

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A model: its initial states, its steps, and its properties.
pub trait World {
    /// State of the model. The type should be small, because a search stores many states.
    type State: Copy + Eq + Hash + Debug;

    fn starts(&self) -> Vec<(&'static str, Self::State)>;

    /// Adds every possible step of a state: a label, and the next state.
    fn steps(&self, state: &Self::State, steps: &mut Vec<(&'static str, Self::State)>);

    /// Returns the property that a state breaks, if any.
    fn broken(&self, state: &Self::State) -> Option<&'static str>;
}

pub struct Found<S> {
    pub states: usize,
    pub steps: usize,
    /// Shortest path to a broken property, or `None` if no state breaks a property.
    pub counterexample: Option<Counterexample>,
    /// The visited states, which the check of progress needs.
    pub visited: Vec<S>,
}

pub struct Counterexample {
    pub property: &'static str,
    /// Steps, starting with the initial state.
    pub story: Vec<String>,
}

impl Counterexample {
    pub fn print(&self, title: &str) {
        eprintln!("{title}: broken property: {}", self.property);
        for (n, step) in self.story.iter().enumerate() {
            eprintln!("  {n:2}. {step}");
        }
    }
}

struct Node<S> {
    state: S,
    parent: u32,
    label: &'static str,
}

/// Visits every state, or stops at the first state that breaks a property.
///
/// # Panics
///
/// Panics if there are more than `most` states, which means that the bounds of the model are too wide.
pub fn search<W: World>(world: &W, most: usize) -> Found<W::State> {
    let mut seen: HashSet<u64, BuildHasherDefault<Mix>> = HashSet::default();
    let mut nodes: Vec<Node<W::State>> = Vec::new();
    for (label, state) in world.starts() {
        if seen.insert(fingerprint(&state)) {
            nodes.push(Node { state, parent: u32::MAX, label });
        }
    }
    let (mut next, mut taken, mut steps) = (0, 0, Vec::new());
    let mut counterexample = None;
    while next < nodes.len() {
        let state = nodes[next].state;
        if let Some(property) = world.broken(&state) {
            counterexample = Some(Counterexample { property, story: story(&nodes, next) });
            break;
        }
        world.steps(&state, &mut steps);
        for (label, state) in steps.drain(..) {
            taken += 1;
            if seen.insert(fingerprint(&state)) {
                nodes.push(Node { state, parent: u32::try_from(next).unwrap(), label });
            }
        }
        assert!(nodes.len() <= most, "more than {most} states");
        next += 1;
    }
    let visited: Vec<_> = nodes.iter().map(|node| node.state).collect();
    Found { states: visited.len(), steps: taken, counterexample, visited }
}

/// Hash of 64 bits. States consist of many small numbers, for which the standard hash would take most of the time.
#[derive(Default)]
struct Mix(u64);

impl Mix {
    fn add(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        self.0 = mixed ^ (mixed >> 29);
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        let mixed = self.0.wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.add(u64::from(*byte)));
    }

    fn write_u8(&mut self, value: u8) {
        self.add(u64::from(value));
    }

    fn write_u16(&mut self, value: u16) {
        self.add(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.add(value);
    }

    fn write_isize(&mut self, value: isize) {
        self.add(value as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.add(value as u64);
    }
}

fn fingerprint(state: &impl Hash) -> u64 {
    let mut hasher = Mix::default();
    state.hash(&mut hasher);
    hasher.finish()
}

fn story<S>(nodes: &[Node<S>], end: usize) -> Vec<String> {
    let (mut story, mut at, mut ticks) = (Vec::new(), end, 0);
    let mut chain = Vec::new();
    loop {
        chain.push(nodes[at].label);
        if nodes[at].parent == u32::MAX {
            break;
        }
        at = nodes[at].parent as usize;
    }
    for label in chain.into_iter().rev() {
        ticks += u32::from(label == TICK);
        if label != TICK {
            story.push(format!("after {:3} s: {label}", ticks * 15));
        }
    }
    story
}

/// Label of the step in which a tick passes.
pub const TICK: &str = "15 s pass";
