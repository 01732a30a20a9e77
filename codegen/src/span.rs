//! Positions of places in the text of a YAML file.
//!
//! serde_yaml does not keep the positions of values. This module reads the events of another YAML parser, and is used
//! only to find and report problems. It builds a tree of values with their positions, and finds repeated keys and a
//! second document. Keys and values of the tree can be removed, renamed and replaced. The tree can then be written as
//! YAML and parsed again.

use crate::source::{Place, Step};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::ops::Range;

/// YAML node with its position, in bytes.
#[derive(Debug)]
struct Node {
    span: Range<usize>,
    kind: NodeKind,
}

#[derive(Debug)]
enum NodeKind {
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

/// Positions of all nodes in the first document of a text.
#[derive(Debug)]
pub struct SpanTable {
    root: Option<Node>,
    second: Option<Range<usize>>,
}

/// Repetition of a key in a mapping.
#[derive(Debug)]
pub struct Repeated {
    /// The key.
    pub key: String,
    /// Position of the repetition.
    pub span: Range<usize>,
    /// Position of the first occurrence.
    pub first: Range<usize>,
}

impl SpanTable {
    /// Reads the positions in `text`. If the text is not valid YAML, the table is empty.
    pub fn read(text: &str) -> Self {
        let mut events = Vec::new();
        for event in Parser::new_from_str(text) {
            match event {
                Ok(event) => events.push(event),
                Err(_) => return SpanTable { root: None, second: None },
            }
        }
        let offsets = Offsets::new(text);
        let mut reader = Reader { events: events.into_iter().peekable(), offsets, text, depth: 0 };
        let root = reader.document();
        SpanTable { root, second: reader.second() }
    }

    /// Returns the position of `place`, or of the nearest enclosing place that exists.
    pub fn find(&self, place: &Place) -> Range<usize> {
        let Some(root) = &self.root else { return 0..0 };
        let mut node = root;
        let mut span = match &node.kind {
            // The position of a whole document is the position of its first key.
            NodeKind::Map(entries) => entries.first().map_or(node.span.clone(), |e| e.key_span.clone()),
            _ => node.span.clone(),
        };
        for (n, step) in place.path.iter().enumerate() {
            let last = n + 1 == place.path.len();
            match (step, &node.kind) {
                (Step::Key(key), NodeKind::Map(entries)) => {
                    let Some(entry) = entries.iter().find(|e| e.key == *key) else { return span };
                    node = &entry.value;
                    span = match &node.kind {
                        _ if last && place.key => entry.key_span.clone(),
                        NodeKind::Scalar { .. } => node.span.clone(),
                        // The position of a mapping or a list is the position of its key.
                        _ => entry.key_span.clone(),
                    };
                }
                (Step::Index(index), NodeKind::List(items)) => {
                    let Some(item) = items.get(*index) else { return span };
                    node = item;
                    span = node.span.clone();
                }
                _ => return span,
            }
        }
        span
    }

    /// Returns the repeated keys of all mappings, in the order of the text.
    pub fn repeated(&self) -> Vec<Repeated> {
        let mut found = Vec::new();
        if let Some(root) = &self.root {
            root.repeated(&mut found);
        }
        found
    }

    /// Returns every text in the document, including keys, with its position.
    pub fn texts(&self) -> Vec<(&str, Range<usize>)> {
        let mut found = Vec::new();
        if let Some(root) = &self.root {
            root.texts(&mut found);
        }
        found
    }

    /// Returns `true` if no document could be read.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Returns the keys of a mapping in braces that have neither a value nor a colon. Such a key is probably the rest
    /// of an unquoted text with a comma, because YAML ends the text at the comma. Each key is paired with the key of
    /// that text: the last key before it that has a colon. The pair is left out unless that key has an unquoted value.
    pub fn broken_off(&self, path: &[Step], text: &str) -> Vec<(&str, &str)> {
        let Some(Node { kind: NodeKind::Map(entries), .. }) = self.node(path) else { return Vec::new() };
        let mut found = Vec::new();
        let mut before = None;
        for entry in entries {
            let has_value = !matches!(&entry.value.kind, NodeKind::Scalar { text, plain: true } if text.is_empty());
            let behind = text.get(entry.key_span.end..).unwrap_or_default().trim_start();
            match before {
                _ if has_value || behind.starts_with(':') => {
                    let plain = has_value && matches!(&entry.value.kind, NodeKind::Scalar { plain: true, .. });
                    before = plain.then_some(entry.key.as_str());
                }
                Some(of) => found.push((entry.key.as_str(), of)),
                None => {}
            }
        }
        found
    }

    /// Returns the position at which a second document starts.
    pub fn second_document(&self) -> Option<Range<usize>> {
        self.second.clone()
    }

    /// Writes the document as YAML. Of repeated keys, only the first is written. An unquoted scalar of one line stays
    /// unquoted, and any other scalar is written in double quotes, so that texts and numbers stay distinct. Returns
    /// `None` if the table is empty.
    pub fn write(&self) -> Option<String> {
        let mut out = String::new();
        self.root.as_ref()?.write(0, &mut out);
        Some(out)
    }

    fn node_mut(&mut self, path: &[Step]) -> Option<&mut Node> {
        let mut node = self.root.as_mut()?;
        for step in path {
            node = match (step, &mut node.kind) {
                (Step::Key(key), NodeKind::Map(entries)) => &mut entries.iter_mut().find(|e| e.key == *key)?.value,
                (Step::Index(index), NodeKind::List(items)) => items.get_mut(*index)?,
                _ => return None,
            };
        }
        Some(node)
    }

    fn node(&self, path: &[Step]) -> Option<&Node> {
        path.iter().try_fold(self.root.as_ref()?, |node, step| match (step, &node.kind) {
            (Step::Key(key), NodeKind::Map(entries)) => entries.iter().find(|e| e.key == *key).map(|e| &e.value),
            (Step::Index(index), NodeKind::List(items)) => items.get(*index),
            _ => None,
        })
    }

    /// Returns `true` if the key at the end of a path has a value.
    pub fn has_value(&self, path: &[Step]) -> bool {
        self.node(path)
            .is_some_and(|node| !matches!(&node.kind, NodeKind::Scalar { text, plain: true } if text.is_empty()))
    }

    /// Returns the keys of the mapping at a path. Empty if there is no mapping.
    pub fn keys(&self, path: &[Step]) -> Vec<String> {
        match self.node(path).map(|node| &node.kind) {
            Some(NodeKind::Map(entries)) => entries.iter().map(|entry| entry.key.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// Renames the key at the end of a path, and keeps its position. Returns `false` if there is no such key.
    pub fn rename(&mut self, path: &[Step], name: &str) -> bool {
        let Some((Step::Key(old), parent)) = path.split_last() else { return false };
        let Some(Node { kind: NodeKind::Map(entries), .. }) = self.node_mut(parent) else { return false };
        let Some(entry) = entries.iter_mut().find(|entry| entry.key == *old) else { return false };
        entry.key = name.to_owned();
        true
    }

    /// Replaces a value by a text, and keeps its position. Returns `false` if there is no such value.
    pub fn replace(&mut self, path: &[Step], text: &str) -> bool {
        let Some(node) = self.node_mut(path) else { return false };
        node.kind = NodeKind::Scalar { text: text.to_owned(), plain: false };
        true
    }

    /// Replaces a value by an unquoted value, which may be a number or a boolean, and keeps its position. Returns
    /// `false` if there is no such value.
    pub fn replace_plain(&mut self, path: &[Step], text: &str) -> bool {
        let Some(node) = self.node_mut(path) else { return false };
        node.kind = NodeKind::Scalar { text: text.to_owned(), plain: true };
        true
    }

    /// Adds a missing key with an empty text to the mapping at a path. Returns `false` if there is no mapping.
    pub fn fill(&mut self, path: &[Step], key: &str) -> bool {
        let Some(Node { kind: NodeKind::Map(entries), span }) = self.node_mut(path) else { return false };
        let value = Node { span: span.clone(), kind: NodeKind::Scalar { text: String::new(), plain: false } };
        entries.push(Entry { key: key.to_owned(), key_span: span.clone(), value });
        true
    }

    /// Replaces an empty text by an empty mapping, or an empty mapping by an empty list. Returns `false` if the value
    /// is neither.
    pub fn fill_otherwise(&mut self, path: &[Step]) -> bool {
        let Some(node) = self.node_mut(path) else { return false };
        node.kind = match &node.kind {
            NodeKind::Scalar { text, plain: false } if text.is_empty() => NodeKind::Map(Vec::new()),
            NodeKind::Map(entries) if entries.is_empty() => NodeKind::List(Vec::new()),
            _ => return false,
        };
        true
    }

    /// Removes the key at the end of a path and its value. Returns `false` if there is no such key.
    pub fn remove(&mut self, path: &[Step]) -> bool {
        let Some((Step::Key(key), parent)) = path.split_last() else { return false };
        let Some(Node { kind: NodeKind::Map(entries), .. }) = self.node_mut(parent) else { return false };
        let before = entries.len();
        entries.retain(|entry| entry.key != *key);
        entries.len() < before
    }
}

impl Node {
    fn texts<'a>(&'a self, found: &mut Vec<(&'a str, Range<usize>)>) {
        match &self.kind {
            NodeKind::Scalar { text, .. } => found.push((text, self.span.clone())),
            NodeKind::List(items) => items.iter().for_each(|item| item.texts(found)),
            NodeKind::Map(entries) => {
                for entry in entries {
                    found.push((&entry.key, entry.key_span.clone()));
                    entry.value.texts(found);
                }
            }
        }
    }

    fn repeated(&self, found: &mut Vec<Repeated>) {
        match &self.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::List(items) => items.iter().for_each(|item| item.repeated(found)),
            NodeKind::Map(entries) => {
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

    fn write(&self, indent: usize, out: &mut String) {
        match &self.kind {
            // A scalar with several lines is a text, even if it is not quoted.
            NodeKind::Scalar { text, plain: true } if !text.contains('\n') => out.push_str(text),
            NodeKind::Scalar { text, .. } => quote(text, out),
            NodeKind::List(items) if items.is_empty() => out.push_str("[]"),
            NodeKind::Map(entries) if entries.is_empty() => out.push_str("{}"),
            NodeKind::List(items) => {
                for item in items {
                    line(indent, out);
                    out.push_str("- ");
                    item.write(indent + 2, out);
                }
            }
            NodeKind::Map(entries) => {
                for (n, entry) in entries.iter().enumerate() {
                    if entries[..n].iter().any(|before| before.key == entry.key) {
                        continue;
                    }
                    line(indent, out);
                    quote(&entry.key, out);
                    out.push_str(": ");
                    entry.value.write(indent + 2, out);
                }
            }
        }
    }
}

fn line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Writes a text in double quotes, in the syntax that YAML and JSON share.
fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
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

    fn second(&mut self) -> Option<Range<usize>> {
        let (_, span) = self.events.find(|(event, _)| matches!(event, Event::DocumentStart(_)))?;
        Some(self.offsets.byte(span.start.index())..self.offsets.byte(span.end.index()))
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
                NodeKind::Scalar { text: text.into_owned(), plain: matches!(style, ScalarStyle::Plain) }
            }
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                while !matches!(self.events.peek(), Some((Event::SequenceEnd, _)) | None) {
                    items.push(self.node()?);
                }
                end = self.close(end);
                NodeKind::List(items)
            }
            Event::MappingStart(..) => {
                let mut entries = Vec::new();
                while !matches!(self.events.peek(), Some((Event::MappingEnd, _)) | None) {
                    let key = self.node()?;
                    let key_text = match &key.kind {
                        NodeKind::Scalar { text, .. } => text.clone(),
                        _ => self.text[key.span.clone()].to_owned(),
                    };
                    entries.push(Entry { key: key_text, key_span: key.span, value: self.node()? });
                }
                end = self.close(end);
                NodeKind::Map(entries)
            }
            // An alias refers to another node. Here it becomes an empty scalar, because only its own position matters.
            _ => NodeKind::Scalar { text: String::new(), plain: true },
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

/// Largest depth of nesting. It is larger than the depth that serde_yaml reads, and small enough for the stack.
const DEEPEST: usize = 200;

/// Conversion of character offsets to byte offsets.
struct Offsets(Vec<usize>);

impl Offsets {
    fn new(text: &str) -> Self {
        Offsets(text.char_indices().map(|(at, _)| at).chain([text.len()]).collect())
    }

    fn byte(&self, character: usize) -> usize {
        self.0.get(character).or(self.0.last()).copied().unwrap_or(0)
    }
}
