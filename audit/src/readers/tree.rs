//! Parses HTML into a tree according to the HTML standard, including its repairs of unclosed or misplaced elements.
//!
//! The tree is an arena of nodes with links to their neighbors, so that every change takes constant time. The cost is
//! bounded, because a page is rejected if it has more nodes or deeper nesting than any documentation page.

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ExpandedName, LocalName, ParseOpts, QualName, local_name, ns, parse_document};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Largest number of nodes.
const MAX_NODES: usize = 1_000_000;

/// Largest depth of nested elements. Browsers stop at 512.
const MAX_DEPTH: u32 = 1_000;

/// Size of the pieces that are passed to the parser. The limits are checked between pieces.
const PIECE: usize = 4 * 1024;

/// Attributes that affect the visible content. Other attributes are dropped.
const ATTRIBUTES: [&str; 21] = [
    "aria-controls",
    "aria-expanded",
    "aria-hidden",
    "aria-label",
    "class",
    "colspan",
    "contenteditable",
    "data-bs-target",
    "data-target",
    "hidden",
    "href",
    "id",
    "lang",
    "name",
    "role",
    "rowspan",
    "shadowroot",
    "shadowrootmode",
    "slot",
    "start",
    "style",
];

/// Prefix of a comment that sets the number of the current line. The Markdown reader inserts such comments.
pub(crate) const LINE_MARK: &str = "audit-line ";

/// Index of a node in its tree.
pub(crate) type NodeId = u32;

pub(crate) const DOCUMENT: NodeId = 0;

const NONE: NodeId = NodeId::MAX;

#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    parent: NodeId,
    first: NodeId,
    last: NodeId,
    previous: NodeId,
    next: NodeId,
    line: u32,
    depth: u32,
    kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// The document, or the content of a template.
    Root,
    Element(Box<Element>),
    Text(String),
    /// A comment, which is invisible.
    Comment,
}

#[derive(Debug)]
pub(crate) struct Element {
    /// Name, in lower case.
    pub name: LocalName,
    /// Set if the element belongs to HTML, and not to SVG or MathML.
    pub html: bool,
    attributes: Vec<(LocalName, StrTendril)>,
    content: NodeId,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }
}

impl Tree {
    /// Builds the tree of a page. The error names the exceeded limit.
    pub(crate) fn parse(html: &str) -> Result<Self, String> {
        let sink = Sink::default();
        let mut parser = parse_document(sink, ParseOpts::default());
        let mut rest = html;
        while !rest.is_empty() {
            let mut end = rest.len().min(PIECE);
            while !rest.is_char_boundary(end) {
                end += 1;
            }
            let (piece, after) = rest.split_at(end);
            parser.process(StrTendril::from_slice(piece));
            rest = after;
            let sink = &parser.tokenizer.sink.sink;
            if sink.deepest.get() > MAX_DEPTH {
                return Err(format!(
                    "expected elements nested at most {MAX_DEPTH} deep, found more; save only the part with the API"
                ));
            }
            if sink.nodes.borrow().len() > MAX_NODES {
                return Err(format!(
                    "expected at most {MAX_NODES} elements and texts, found more; save only the part with the API"
                ));
            }
        }
        Ok(Tree { nodes: parser.finish().nodes.into_inner() })
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    pub(crate) fn kind(&self, id: NodeId) -> &Kind {
        &self.node(id).kind
    }

    /// Returns the element, or `None` for a node of another kind.
    pub(crate) fn element(&self, id: NodeId) -> Option<&Element> {
        match self.kind(id) {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// Returns the name of an element. The name is empty for other nodes, and for elements outside of HTML.
    pub(crate) fn name(&self, id: NodeId) -> &str {
        self.element(id).filter(|element| element.html).map_or("", |element| &element.name)
    }

    /// Returns the line at which a node begins.
    pub(crate) fn line(&self, id: NodeId) -> usize {
        self.node(id).line as usize
    }

    pub(crate) fn children(&self, id: NodeId) -> Children<'_> {
        Children { tree: self, next: self.node(id).first }
    }

    /// Returns the elements among the children of a node.
    pub(crate) fn elements(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children(id).filter(|child| self.element(*child).is_some())
    }

    /// Returns the preceding node with the same parent.
    pub(crate) fn previous(&self, id: NodeId) -> Option<NodeId> {
        Some(self.node(id).previous).filter(|previous| *previous != NONE)
    }

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        Some(self.node(id).parent).filter(|parent| *parent != NONE)
    }

    pub(crate) fn content(&self, id: NodeId) -> Option<NodeId> {
        self.element(id).map(|element| element.content).filter(|content| *content != NONE)
    }

    /// Returns all nodes below a node in the order of the page, except the contents of templates.
    pub(crate) fn descendants(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut at = self.node(id).first;
        std::iter::from_fn(move || {
            let found = Some(at).filter(|at| *at != NONE)?;
            at = self.node(found).first;
            let mut up = found;
            while at == NONE && up != id {
                at = self.node(up).next;
                up = self.node(up).parent;
                if up == NONE {
                    break;
                }
            }
            Some(found)
        })
    }

    /// Returns the text below a node as in the source, without scripts and styles.
    pub(crate) fn text(&self, id: NodeId) -> String {
        let mut out = String::new();
        if let Kind::Text(text) = self.kind(id) {
            out.push_str(text);
        }
        for node in self.descendants(id) {
            if let Kind::Text(text) = self.kind(node)
                && self.parent(node).is_none_or(|parent| !matches!(self.name(parent), "script" | "style"))
            {
                out.push_str(text);
            }
        }
        out
    }
}

#[derive(Clone)]
pub(crate) struct Children<'a> {
    tree: &'a Tree,
    next: NodeId,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let found = Some(self.next).filter(|id| *id != NONE)?;
        self.next = self.tree.node(found).next;
        Some(found)
    }
}

/// A node with its name, because the parser asks for the name often.
#[derive(Clone)]
struct Handle {
    id: NodeId,
    name: Rc<QualName>,
}

struct Sink {
    nodes: RefCell<Vec<Node>>,
    no_name: Rc<QualName>,
    line: Cell<u32>,
    /// Offset that is added to the parser's line to get the line in the file.
    offset: Cell<i64>,
    deepest: Cell<u32>,
}

impl Default for Sink {
    fn default() -> Self {
        let sink = Sink {
            nodes: RefCell::default(),
            no_name: Rc::new(QualName::new(None, ns!(), local_name!(""))),
            line: Cell::new(1),
            offset: Cell::new(0),
            deepest: Cell::new(0),
        };
        sink.add(Kind::Root);
        sink
    }
}

impl Sink {
    fn add(&self, kind: Kind) -> NodeId {
        let mut nodes = self.nodes.borrow_mut();
        let id = NodeId::try_from(nodes.len()).unwrap_or(NONE - 1);
        let line = i64::from(self.line.get()) + self.offset.get();
        nodes.push(Node {
            parent: NONE,
            first: NONE,
            last: NONE,
            previous: NONE,
            next: NONE,
            line: u32::try_from(line).unwrap_or(1),
            depth: 0,
            kind,
        });
        id
    }

    fn nameless(&self, id: NodeId) -> Handle {
        Handle { id, name: Rc::clone(&self.no_name) }
    }

    fn detach(&self, id: NodeId) {
        let mut nodes = self.nodes.borrow_mut();
        let node = &mut nodes[id as usize];
        let (parent, previous, next) = (node.parent, node.previous, node.next);
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
        if parent == NONE {
            return;
        }
        match previous {
            NONE => nodes[parent as usize].first = next,
            previous => nodes[previous as usize].next = next,
        }
        match next {
            NONE => nodes[parent as usize].last = previous,
            next => nodes[next as usize].previous = previous,
        }
    }

    /// Inserts a node below `parent`, before the child `next`, or at the end if `next` is `NONE`.
    fn insert(&self, parent: NodeId, id: NodeId, next: NodeId) {
        self.detach(id);
        let mut nodes = self.nodes.borrow_mut();
        let previous = match next {
            NONE => nodes[parent as usize].last,
            next => nodes[next as usize].previous,
        };
        let depth = nodes[parent as usize].depth + 1;
        let node = &mut nodes[id as usize];
        (node.parent, node.previous, node.next, node.depth) = (parent, previous, next, depth);
        self.deepest.set(self.deepest.get().max(depth));
        match previous {
            NONE => nodes[parent as usize].first = id,
            previous => nodes[previous as usize].next = id,
        }
        match next {
            NONE => nodes[parent as usize].last = id,
            next => nodes[next as usize].previous = id,
        }
    }

    /// Appends `text` to the node `id` if it is a text node. Returns `false` if the node is not a text node, or if `id`
    /// is `NONE`.
    fn extend(&self, id: NodeId, text: &str) -> bool {
        if id == NONE {
            return false;
        }
        match &mut self.nodes.borrow_mut()[id as usize].kind {
            Kind::Text(known) => {
                known.push_str(text);
                true
            }
            _ => false,
        }
    }

    fn put(&self, parent: NodeId, child: NodeOrText<Handle>, next: NodeId) {
        let id = match child {
            NodeOrText::AppendNode(node) => node.id,
            NodeOrText::AppendText(text) => {
                let before = match next {
                    NONE => self.nodes.borrow()[parent as usize].last,
                    next => self.nodes.borrow()[next as usize].previous,
                };
                if self.extend(before, &text) {
                    return;
                }
                // When the parser passes a text, its line number already includes the line breaks of this text.
                let breaks = u32::try_from(text.matches('\n').count()).unwrap_or(0);
                let id = self.add(Kind::Text(text.to_string()));
                let line = &mut self.nodes.borrow_mut()[id as usize].line;
                *line = line.saturating_sub(breaks).max(1);
                id
            }
        };
        self.insert(parent, id, next);
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        self.nameless(DOCUMENT)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Handle {
        let content = if flags.template { self.add(Kind::Root) } else { NONE };
        let element = Element {
            name: name.local.clone(),
            html: name.ns == ns!(html),
            attributes: kept(attributes).collect(),
            content,
        };
        Handle { id: self.add(Kind::Element(Box::new(element))), name: Rc::new(name) }
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        if let Some(line) = text.strip_prefix(LINE_MARK).and_then(|line| line.trim().parse::<i64>().ok()) {
            self.offset.set(line - i64::from(self.line.get()));
        }
        self.nameless(self.add(Kind::Comment))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.nameless(self.add(Kind::Comment))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.put(parent.id, child, NONE);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let has_parent = self.nodes.borrow()[element.id as usize].parent != NONE;
        if has_parent { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        let content = match &self.nodes.borrow()[target.id as usize].kind {
            Kind::Element(element) if element.content != NONE => element.content,
            _ => target.id,
        };
        self.nameless(content)
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.id == y.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(node) = &child {
            self.detach(node.id);
        }
        let parent = self.nodes.borrow()[sibling.id as usize].parent;
        if parent != NONE {
            self.put(parent, child, sibling.id);
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        if let Kind::Element(element) = &mut self.nodes.borrow_mut()[target.id as usize].kind {
            for (name, value) in kept(attributes) {
                if !element.attributes.iter().any(|(known, _)| *known == name) {
                    element.attributes.push((name, value));
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, parent: &Handle) {
        loop {
            let first = self.nodes.borrow()[node.id as usize].first;
            if first == NONE {
                return;
            }
            self.insert(parent.id, first, NONE);
        }
    }

    fn set_current_line(&self, line: u64) {
        self.line.set(u32::try_from(line).unwrap_or(u32::MAX));
    }
}

fn kept(attributes: Vec<Attribute>) -> impl Iterator<Item = (LocalName, StrTendril)> {
    let of_interest = |attribute: &Attribute| ATTRIBUTES.contains(&&*attribute.name.local);
    attributes.into_iter().filter(of_interest).map(|attribute| (attribute.name.local, attribute.value))
}
