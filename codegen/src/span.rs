//! Where a place stands in the text of its file.
//!
//! serde_yaml keeps no positions of values. This second, event-level reader is used only when there is something
//! to report: it builds the document as a tree of positions, notices keys that stand twice (which serde_yaml
//! reports one at a time), and can hand out the document without the second ones.

use crate::source::{Place, Step};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_yaml::{Mapping, Value};
use std::ops::Range;

/// A YAML node with its position, in bytes.
#[derive(Debug)]
struct Node {
    span: Range<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Scalar { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug)]
struct Entry {
    key: String,
    key_span: Range<usize>,
    value: Node,
}

/// Positions of everything in one document.
#[derive(Debug)]
pub struct SpanTable {
    root: Option<Node>,
}

/// A key that stands twice in one mapping.
#[derive(Debug)]
pub struct Repeated {
    /// The key.
    pub key: String,
    /// Where it stands again.
    pub span: Range<usize>,
    /// Where it stood first.
    pub first: Range<usize>,
}

impl SpanTable {
    /// Reads `text`; a document that is no YAML gives an empty table.
    pub fn read(text: &str) -> Self {
        let mut events = Vec::new();
        for event in Parser::new_from_str(text) {
            match event {
                Ok(event) => events.push(event),
                Err(_) => return SpanTable { root: None },
            }
        }
        let offsets = Offsets::new(text);
        let mut reader = Reader { events: events.into_iter().peekable(), offsets, text, depth: 0 };
        SpanTable { root: reader.document() }
    }

    /// The position of `place`, or of the nearest thing around it that exists.
    pub fn find(&self, place: &Place) -> Range<usize> {
        let Some(root) = &self.root else { return 0..0 };
        let mut node = root;
        let mut span = match &node.kind {
            // A whole document is shown by its first line.
            Kind::Map(entries) => entries.first().map_or(node.span.clone(), |e| e.key_span.clone()),
            _ => node.span.clone(),
        };
        for (n, step) in place.path.iter().enumerate() {
            let last = n + 1 == place.path.len();
            match (step, &node.kind) {
                (Step::Key(key), Kind::Map(entries)) => {
                    let Some(entry) = entries.iter().find(|e| e.key == *key) else { return span };
                    node = &entry.value;
                    span = match &node.kind {
                        _ if last && place.key => entry.key_span.clone(),
                        Kind::Scalar { .. } => node.span.clone(),
                        // A mapping or list is shown by the key it stands under.
                        _ => entry.key_span.clone(),
                    };
                }
                (Step::Index(index), Kind::List(items)) => {
                    let Some(item) = items.get(*index) else { return span };
                    node = item;
                    span = node.span.clone();
                }
                _ => return span,
            }
        }
        span
    }

    /// Keys that stand more than once in one mapping, in the order of the text.
    pub fn repeated(&self) -> Vec<Repeated> {
        let mut found = Vec::new();
        if let Some(root) = &self.root {
            root.repeated(&mut found);
        }
        found
    }

    /// The document as a value, of repeated keys the first.
    pub fn value(&self) -> Option<Value> {
        self.root.as_ref().map(Node::value)
    }
}

impl Node {
    fn repeated(&self, found: &mut Vec<Repeated>) {
        match &self.kind {
            Kind::Scalar { .. } => {}
            Kind::List(items) => items.iter().for_each(|item| item.repeated(found)),
            Kind::Map(entries) => {
                for (n, entry) in entries.iter().enumerate() {
                    if let Some(first) = entries[..n].iter().find(|e| e.key == entry.key) {
                        found.push(Repeated {
                            key: entry.key.clone(),
                            span: entry.key_span.clone(),
                            first: first.key_span.clone(),
                        });
                    }
                    entry.value.repeated(found);
                }
            }
        }
    }

    fn value(&self) -> Value {
        match &self.kind {
            // What a plain scalar is (number, truth value, null) is for serde_yaml to say.
            Kind::Scalar { text, plain: true } => {
                serde_yaml::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))
            }
            Kind::Scalar { text, plain: false } => Value::String(text.clone()),
            Kind::List(items) => Value::Sequence(items.iter().map(Node::value).collect()),
            Kind::Map(entries) => {
                let mut mapping = Mapping::new();
                for entry in entries {
                    let key = Value::String(entry.key.clone());
                    if !mapping.contains_key(&key) {
                        mapping.insert(key, entry.value.value());
                    }
                }
                Value::Mapping(mapping)
            }
        }
    }
}

struct Reader<'a, I: Iterator<Item = (Event<'a>, Span)>> {
    events: std::iter::Peekable<I>,
    offsets: Offsets,
    text: &'a str,
    depth: usize,
}

impl<'a, I: Iterator<Item = (Event<'a>, Span)>> Reader<'a, I> {
    fn document(&mut self) -> Option<Node> {
        while let Some((event, _)) = self.events.peek() {
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {
                    self.events.next();
                }
                Event::StreamEnd | Event::DocumentEnd => return None,
                _ => return self.node(),
            }
        }
        None
    }

    fn node(&mut self) -> Option<Node> {
        self.depth += 1;
        let node = if self.depth > DEEPEST { None } else { self.this_node() };
        self.depth -= 1;
        node
    }

    fn this_node(&mut self) -> Option<Node> {
        let (event, span) = self.events.next()?;
        let start = self.offsets.byte(span.start.index());
        let mut end = self.offsets.byte(span.end.index());
        let kind = match event {
            Event::Scalar(text, style, ..) => {
                Kind::Scalar { text: text.into_owned(), plain: matches!(style, ScalarStyle::Plain) }
            }
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                while !matches!(self.events.peek(), Some((Event::SequenceEnd, _)) | None) {
                    items.push(self.node()?);
                }
                end = self.close(end);
                Kind::List(items)
            }
            Event::MappingStart(..) => {
                let mut entries = Vec::new();
                while !matches!(self.events.peek(), Some((Event::MappingEnd, _)) | None) {
                    let key = self.node()?;
                    let key_text = match &key.kind {
                        Kind::Scalar { text, .. } => text.clone(),
                        _ => self.text[key.span.clone()].to_owned(),
                    };
                    entries.push(Entry { key: key_text, key_span: key.span, value: self.node()? });
                }
                end = self.close(end);
                Kind::Map(entries)
            }
            // An alias stands for a node elsewhere; for reporting, it is a leaf.
            _ => Kind::Scalar { text: String::new(), plain: true },
        };
        Some(Node { span: start..end.max(start), kind })
    }

    fn close(&mut self, end: usize) -> usize {
        match self.events.next() {
            Some((_, span)) => self.offsets.byte(span.end.index()).max(end),
            None => end,
        }
    }
}

/// Deeper than serde_yaml reads, and far from what the stack holds.
const DEEPEST: usize = 200;

/// Character numbers to byte offsets.
struct Offsets(Vec<usize>);

impl Offsets {
    fn new(text: &str) -> Self {
        Offsets(text.char_indices().map(|(at, _)| at).chain([text.len()]).collect())
    }

    fn byte(&self, character: usize) -> usize {
        self.0.get(character).or(self.0.last()).copied().unwrap_or(0)
    }
}
