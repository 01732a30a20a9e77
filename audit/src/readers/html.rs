//! Converts HTML to blocks: the visible lines, tables, headings and code.
//!
//! Tables are converted to grids, in which a cell may span rows and columns. Other elements that are arranged in rows
//! are also converted to a table if the first row has column heads.

use super::collapsed::{self, Panels};
use super::tree::{Kind, NodeId, Tree};
use crate::block::{Block, BlockKind, Cell, Mark, TableRow, tidy};
use crate::words;
use std::rc::Rc;

/// Elements that are invisible or not documentation.
const HIDDEN: [&str; 26] = [
    "script", "style", "head", "noscript", "template", "iframe", "object", "embed", "button", "select", "datalist",
    "input", "audio", "video", "canvas", "map", "nav", "rt", "rp", "del", "s", "strike", "dialog", "progress", "meter",
    "title",
];

/// Elements that do not begin a new line.
const INLINE: [&str; 37] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "img", "ins",
    "kbd", "label", "mark", "nobr", "output", "picture", "q", "ruby", "samp", "slot", "small", "span", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr", "source",
];

/// Texts of controls that scripts add to code and headings.
const CONTROLS: [&str; 10] =
    ["copy", "copied", "copied!", "copy code", "copy link", "복사", "복사하기", "복사됨", "코드 복사", "링크 복사"];

/// Largest depth at which the structure of elements is read. Deeper elements are read as plain text.
const DEEPEST: u32 = 200;

/// Largest number of columns of a table. The HTML standard allows more columns, but only hostile pages use them.
const WIDEST: usize = 100;

pub(crate) fn read(tree: &Tree) -> Vec<Block> {
    let panels = Rc::new(Panels::of(tree));
    let mut reader = Reader::new(tree, panels, 0);
    reader.children(super::tree::DOCUMENT);
    reader.flush();
    reader.blocks
}

struct Reader<'a> {
    tree: &'a Tree,
    blocks: Vec<Block>,
    line: usize,
    text: String,
    mark: Mark,
    /// Number of lists that contain the current element.
    lists: u8,
    depth: u32,
    /// Set if the next text begins a new word, even without a blank before it.
    gap: bool,
    /// Hosts of the shadow trees that are being read, outermost first. The children of a host fill the slots of its
    /// shadow tree.
    hosts: Vec<NodeId>,
    panels: Rc<Panels>,
}

impl<'a> Reader<'a> {
    fn new(tree: &'a Tree, panels: Rc<Panels>, depth: u32) -> Self {
        Reader {
            tree,
            panels,
            blocks: Vec::new(),
            line: 1,
            text: String::new(),
            mark: Mark::Plain,
            lists: 0,
            depth,
            gap: false,
            hosts: Vec::new(),
        }
    }

    /// Creates a reader for a part of the page.
    fn below(&self) -> Reader<'a> {
        Reader { hosts: self.hosts.clone(), ..Reader::new(self.tree, Rc::clone(&self.panels), self.depth + 1) }
    }

    /// Returns the blocks of a part of the page, without adding them to the blocks of the page.
    fn apart(&self, id: NodeId) -> Vec<Block> {
        let mut reader = self.below();
        reader.line = self.tree.line(id);
        reader.children(id);
        reader.flush();
        reader.blocks
    }

    fn children(&mut self, id: NodeId) {
        self.depth += 1;
        if self.depth > DEEPEST {
            let text = self.tree.text(id);
            self.push(&text, self.tree.line(id));
        } else {
            for child in self.tree.children(id) {
                self.node(child);
            }
        }
        self.depth -= 1;
    }

    fn node(&mut self, id: NodeId) {
        match self.tree.kind(id) {
            Kind::Text(text) => self.push(text, self.tree.line(id)),
            Kind::Element(_) => self.element(id),
            Kind::Root | Kind::Comment => {}
        }
    }

    fn element(&mut self, id: NodeId) {
        if self.is_hidden(id) {
            return;
        }
        if let Some(shadow) = self.shadow(id) {
            self.hosts.push(id);
            self.block(id, shadow);
            self.hosts.pop();
            return;
        }
        match self.tree.name(id) {
            "br" => self.flush(),
            "wbr" => {}
            "hr" => self.flush(),
            "slot" if !self.hosts.is_empty() => self.slot(id),
            "table" => self.table(id),
            "pre" | "textarea" | "xmp" | "listing" | "plaintext" => self.code(id),
            "li" => self.item(id, Mark::Item(self.lists)),
            "dt" => self.item(id, Mark::Term),
            "ul" | "ol" | "menu" | "dir" => {
                if self.is_contents(id) {
                    return;
                }
                self.flush();
                self.lists = self.lists.saturating_add(1);
                self.block(id, id);
                self.lists -= 1;
            }
            name => match level(name).or_else(|| self.level_of_role(id)) {
                Some(level) => self.heading(id, level),
                None if INLINE.contains(&name) => self.inline(id),
                None if name.contains('-') => self.inline(id),
                None => self.block(id, id),
            },
        }
    }

    fn block(&mut self, id: NodeId, content: NodeId) {
        self.flush();
        if let Some(rows) = self.laid_out(content) {
            let line = self.tree.line(id);
            self.blocks.push(Block { line, kind: BlockKind::Table(rows) });
            return;
        }
        self.children(content);
        self.flush();
    }

    fn item(&mut self, id: NodeId, mark: Mark) {
        self.flush();
        self.mark = mark;
        self.line = self.tree.line(id);
        self.children(id);
        self.flush();
        self.mark = Mark::Plain;
    }

    fn inline(&mut self, id: NodeId) {
        // A superscript number counts as a reference to a footnote, and is skipped.
        if self.tree.name(id) == "sup" {
            let text = tidy(&self.tree.text(id));
            if text.contains(|c: char| c.is_ascii_digit())
                && text.chars().all(|c| c.is_ascii_digit() || "[](),".contains(c))
            {
                return;
            }
        }
        if let Some(stated) = self.stated_by_class(id) {
            self.gap = true;
            self.push(stated, self.tree.line(id));
            self.gap = true;
            return;
        }
        let apart = self.stands_apart(id);
        self.gap |= apart;
        // An inline element may contain block elements.
        self.children(id);
        self.gap |= apart;
    }

    fn heading(&mut self, id: NodeId, level: u8) {
        self.flush();
        let mut reader = self.below();
        reader.line = self.tree.line(id);
        let permalink = |child: &NodeId| self.is_permalink(*child);
        let links: Vec<NodeId> = self.tree.descendants(id).filter(permalink).collect();
        reader.children(id);
        let whole = tidy(&reader.text.replace('\n', " "));
        reader.flush();
        let mut text: Vec<String> = Vec::new();
        let mut rest = Vec::new();
        for block in reader.blocks {
            match block.kind {
                BlockKind::Text(line, _) | BlockKind::Heading(_, line) => text.push(line),
                kind => rest.push(Block { line: block.line, kind }),
            }
        }
        let mut text = if text.is_empty() { whole } else { text.join(" ") };
        for link in links {
            let of_link = tidy(&self.tree.text(link));
            let without = text.strip_suffix(&of_link).or_else(|| text.strip_prefix(&of_link)).unwrap_or(&text);
            if !without.trim().is_empty() {
                text = without.trim().to_owned();
            }
        }
        if !text.is_empty() {
            self.blocks.push(Block { line: self.tree.line(id), kind: BlockKind::Heading(level, text) });
        }
        self.blocks.extend(rest);
    }

    fn code(&mut self, id: NodeId) {
        self.flush();
        let mut text = String::new();
        self.code_text(id, &mut text);
        if !text.trim().is_empty() {
            self.blocks.push(Block { line: self.tree.line(id), kind: BlockKind::Code(text) });
        }
    }

    /// Appends code as written, without controls and line numbers.
    fn code_text(&self, id: NodeId, out: &mut String) {
        for node in self.tree.descendants(id) {
            let within_control = |mut at: NodeId| {
                while at != id {
                    if self.is_hidden(at) || self.is_line_number(at) {
                        return true;
                    }
                    match self.tree.parent(at) {
                        Some(parent) => at = parent,
                        None => return false,
                    }
                }
                false
            };
            match self.tree.kind(node) {
                Kind::Text(text) if !within_control(node) => out.push_str(text),
                Kind::Element(_) => match self.tree.name(node) {
                    "br" | "tr" | "li" | "div" | "p" if !out.is_empty() && !out.ends_with('\n') => out.push('\n'),
                    // A block of code may contain samples in several languages, each in a `code` element.
                    "code" if !out.is_empty() && !out.ends_with('\n') && self.tree.parent(node) == Some(id) => {
                        out.push('\n');
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn push(&mut self, text: &str, line: usize) {
        if self.text.trim().is_empty() {
            let blank = text.len() - text.trim_start().len();
            if blank == text.len() && self.text.is_empty() {
                return;
            }
            self.line = line + text[..blank].matches('\n').count();
        }
        if std::mem::take(&mut self.gap) {
            let letter = |c: char| c.is_alphanumeric() || "*)]'".contains(c);
            let ends = self.text.chars().next_back().is_some_and(letter);
            let begins = text.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '(' || c == '[');
            if ends && begins {
                self.text.push(' ');
            } else if text.is_empty() {
                self.gap = true;
            }
        }
        // Outside of code, a line break in the source counts as a blank.
        for c in text.chars() {
            self.text.push(if c == '\n' { ' ' } else { c });
        }
    }

    fn flush(&mut self) {
        let text = tidy(&std::mem::take(&mut self.text));
        self.gap = false;
        if text.is_empty() {
            return;
        }
        let mark = std::mem::replace(&mut self.mark, Mark::Plain);
        self.blocks.push(Block { line: self.line, kind: BlockKind::Text(text, mark) });
    }

    fn table(&mut self, id: NodeId) {
        self.flush();
        if let Some(code) = self.code_of_table(id) {
            return self.code(code);
        }
        let mut rows = Vec::new();
        self.collect_rows(id, false, &mut rows);
        let cells = |row: NodeId| self.tree.elements(row).filter(|cell| matches!(self.tree.name(*cell), "td" | "th"));
        let rows = rows.into_iter().map(|(row, head)| (row, head, cells(row).collect::<Vec<_>>())).collect();
        for child in self.tree.elements(id).filter(|child| self.tree.name(*child) == "caption") {
            self.block(child, child);
        }
        let rows = self.grid(rows);
        if !rows.is_empty() {
            self.blocks.push(Block { line: self.tree.line(id), kind: BlockKind::Table(rows) });
        }
    }

    fn collect_rows(&self, id: NodeId, head: bool, rows: &mut Vec<(NodeId, bool)>) {
        for child in self.tree.elements(id).filter(|child| !self.is_hidden(*child)) {
            match self.tree.name(child) {
                "tr" => rows.push((child, head)),
                "thead" => self.collect_rows(child, true, rows),
                "tbody" | "tfoot" => self.collect_rows(child, false, rows),
                _ => {}
            }
        }
    }

    /// Returns the rows as a grid. A cell that spans several rows is in each of these rows.
    fn grid(&self, rows: Vec<(NodeId, bool, Vec<NodeId>)>) -> Vec<TableRow> {
        // For each column: the number of further rows that the cell above spans, and the cell.
        let mut above: Vec<(usize, Cell)> = Vec::new();
        let mut out = Vec::new();
        for (row, in_head, ids) in rows {
            let mut cells: Vec<Cell> = Vec::new();
            let take_above = |cells: &mut Vec<Cell>, above: &mut Vec<(usize, Cell)>| {
                while let Some((left, cell)) = above.get_mut(cells.len()).filter(|(left, _)| *left > 0) {
                    *left -= 1;
                    cells.push(Cell { continued: true, ..cell.clone() });
                }
            };
            let head = in_head || !ids.is_empty() && ids.iter().all(|id| self.tree.name(*id) == "th");
            for id in ids {
                take_above(&mut cells, &mut above);
                if cells.len() >= WIDEST {
                    break;
                }
                let span = |name| self.tree.element(id).and_then(|e| e.attribute(name)?.trim().parse::<usize>().ok());
                let mut cell = self.cell(id);
                let columns = span("colspan").unwrap_or(1).clamp(1, WIDEST - cells.len());
                cell.columns = if columns > 1 { columns } else { 0 };
                let rows = match span("rowspan") {
                    Some(0) => usize::MAX,
                    rows => rows.unwrap_or(1),
                };
                for n in 0..columns {
                    let cell = if n == 0 { cell.clone() } else { Cell::default() };
                    let at = cells.len();
                    if above.len() <= at {
                        above.resize(at + 1, (0, Cell::default()));
                    }
                    above[at] = (rows - 1, cell.clone());
                    cells.push(cell);
                }
            }
            take_above(&mut cells, &mut above);
            if cells.iter().any(|cell| !cell.continued) {
                out.push(TableRow { line: self.tree.line(row), head, cells });
            }
        }
        out
    }

    fn cell(&self, id: NodeId) -> Cell {
        let mut cell = Cell::default();
        for block in self.apart(id) {
            let line = match block.kind {
                BlockKind::Table(rows) => {
                    cell.tables.push(rows);
                    continue;
                }
                BlockKind::Text(text, Mark::Item(_)) => format!("- {text}"),
                BlockKind::Text(text, _) | BlockKind::Heading(_, text) => text,
                BlockKind::Code(text) => tidy(&text),
            };
            if !cell.text.is_empty() {
                cell.text.push('\n');
            }
            cell.text.push_str(&line);
        }
        cell
    }

    /// Returns the rows of a table that consists of other elements than `table`, or `None` if the node `id` is not such
    /// a table. The rows are marked by roles, or are the children of the node `id`. The first row must have column
    /// heads. More than half of the rows must have the same number of cells as the first row.
    fn laid_out(&self, id: NodeId) -> Option<Vec<TableRow>> {
        let rows: Vec<NodeId> = if matches!(self.role(id), Some("table" | "grid" | "treegrid")) {
            self.tree.descendants(id).filter(|row| self.role(*row) == Some("row")).collect()
        } else {
            self.tree.elements(id).filter(|child| !self.is_hidden(*child)).collect()
        };
        if rows.len() < 2 {
            return None;
        }
        let cells = |row: NodeId| -> Vec<NodeId> {
            let stray = |child: NodeId| matches!(self.tree.kind(child), Kind::Text(text) if !text.trim().is_empty());
            if self.tree.children(row).any(stray) {
                return Vec::new();
            }
            self.tree.elements(row).filter(|cell| self.tree.name(*cell) != "br").collect()
        };
        let heads = cells(*rows.first()?);
        if !(2..=WIDEST).contains(&heads.len()) || self.tree.name(rows[0]) == "tr" {
            return None;
        }
        let text = |head: &NodeId| match self.tree.descendants(*head).take(8).count() {
            0..8 => tidy(&self.tree.text(*head)),
            _ => String::new(),
        };
        let texts: Vec<String> = heads.iter().map(text).collect();
        let columns = words::heads(&texts, false)?;
        if columns.iter().flatten().count() * 2 < heads.len() {
            return None;
        }
        let rows: Vec<(NodeId, bool, Vec<NodeId>)> =
            rows.iter().enumerate().map(|(n, row)| (*row, n == 0, cells(*row))).collect();
        let same = rows.iter().filter(|(_, _, cells)| cells.len() == heads.len()).count();
        (same * 2 > rows.len()).then(|| self.grid(rows))
    }

    fn role(&self, id: NodeId) -> Option<&str> {
        self.tree.element(id)?.attribute("role")
    }

    fn level_of_role(&self, id: NodeId) -> Option<u8> {
        (self.role(id)? == "heading").then_some(3)
    }

    fn shadow(&self, id: NodeId) -> Option<NodeId> {
        let is_shadow = |child: &NodeId| {
            let template = self.tree.element(*child).filter(|_| self.tree.name(*child) == "template");
            template.is_some_and(|t| t.attribute("shadowrootmode").or(t.attribute("shadowroot")).is_some())
        };
        let template = self.tree.elements(id).find(is_shadow)?;
        self.tree.content(template)
    }

    /// Reads the content of a slot: the children of the host that are assigned to the slot, or else the slot's own
    /// content.
    fn slot(&mut self, id: NodeId) {
        let Some(host) = self.hosts.pop() else { return };
        let name = self.tree.element(id).and_then(|slot| slot.attribute("name")).unwrap_or_default();
        let fits = |child: &NodeId| match self.tree.element(*child) {
            Some(child) => child.attribute("slot").unwrap_or_default() == name,
            None => name.is_empty(),
        };
        let content: Vec<NodeId> = self.tree.children(host).filter(fits).collect();
        let visible = |child: &NodeId| match self.tree.kind(*child) {
            Kind::Text(text) => !text.trim().is_empty(),
            Kind::Element(_) => self.tree.name(*child) != "template",
            _ => false,
        };
        let taken = content.iter().any(visible);
        if taken {
            self.depth += 1;
            if self.depth <= DEEPEST {
                content.into_iter().for_each(|child| self.node(child));
            }
            self.depth -= 1;
        }
        self.hosts.push(host);
        if !taken {
            self.children(id);
        }
    }

    fn is_hidden(&self, id: NodeId) -> bool {
        let Some(element) = self.tree.element(id) else { return false };
        let title = &*element.name == "button" && collapsed::is_title(self.tree, id);
        if !element.html || HIDDEN.contains(&&*element.name) && !title {
            return true;
        }
        let panel = self.panels.has(element);
        if !panel && element.attribute("hidden").is_some_and(|value| value != "until-found") {
            return true;
        }
        if !panel && element.attribute("aria-hidden") == Some("true") || element.attribute("role") == Some("navigation")
        {
            return true;
        }
        let not_shown = |style: &str| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
            style.contains("display:none") || style.contains("visibility:hidden")
        };
        if !panel && element.attribute("style").is_some_and(not_shown) {
            return true;
        }
        // A control has few nodes and one of the known texts.
        let short = |id| self.tree.descendants(id).take(6).count() < 6;
        matches!(&*element.name, "a" | "button" | "span" | "div" | "i" | "p" | "label")
            && short(id)
            && CONTROLS.contains(&tidy(&self.tree.text(id)).to_lowercase().as_str())
    }

    fn is_line_number(&self, id: NodeId) -> bool {
        let Some(class) = self.tree.element(id).and_then(|element| element.attribute("class")) else { return false };
        let class = class.to_ascii_lowercase();
        let named = ["line-number", "linenumber", "line_number", "lineno", "linenos", "gutter", "hljs-ln-n", "ln-num"];
        let all_digits = |text: String| text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || c == '.');
        named.iter().any(|name| class.contains(name)) && all_digits(self.tree.text(id))
    }

    /// Returns the node that contains the code, if a table serves only to number the lines of the code.
    fn code_of_table(&self, id: NodeId) -> Option<NodeId> {
        let is_code = |node: &NodeId| matches!(self.tree.name(*node), "pre" | "code");
        let mut rows = Vec::new();
        self.collect_rows(id, false, &mut rows);
        let mut code = false;
        for (row, _) in rows.iter().take(4) {
            let cells: Vec<NodeId> = self.tree.elements(*row).collect();
            let [number, line] = cells.as_slice() else { return None };
            let digits = tidy(&self.tree.text(*number));
            if digits.is_empty() && !self.is_line_number(*number)
                || !digits.chars().all(|c| c.is_ascii_digit() || c.is_whitespace())
            {
                return None;
            }
            code |= self.is_line_number(*number) || self.tree.descendants(*line).any(|node| is_code(&node));
        }
        if !code || rows.is_empty() {
            return None;
        }
        // Either one row has all numbers and all code, or each row has one line.
        match rows.as_slice() {
            [(row, _)] => self.tree.elements(*row).nth(1),
            _ => Some(id),
        }
    }

    /// Returns `true` for a link from a heading to itself.
    fn is_permalink(&self, id: NodeId) -> bool {
        if self.tree.name(id) != "a" {
            return false;
        }
        let Some(link) = self.tree.element(id) else { return false };
        let text = tidy(&self.tree.text(id)).to_lowercase();
        let own = ["permalink", "permanent link", "link", "anchor", "direct link", "링크", "바로가기"];
        let of_class = link.attribute("class").map(str::to_ascii_lowercase).unwrap_or_default();
        let classes = ["headerlink", "permalink", "anchor", "hash-link", "heading-link", "header-link"];
        let points_here = link.attribute("href").is_some_and(|href| href.contains('#'));
        let sign = text.chars().count() <= 2 && !text.chars().any(char::is_alphanumeric);
        let named = own.iter().any(|own| text.starts_with(own)) || classes.iter().any(|class| of_class.contains(class));
        !text.is_empty() && (sign || points_here && named)
    }

    /// Returns `true` for a list of links within the page, such as a table of contents.
    fn is_contents(&self, id: NodeId) -> bool {
        let items: Vec<NodeId> = self.tree.descendants(id).filter(|node| self.tree.name(*node) == "li").collect();
        let linked = |item: &NodeId| {
            let links = self.tree.descendants(*item).filter(|node| self.tree.name(*node) == "a").filter(|link| {
                self.tree
                    .element(*link)
                    .and_then(|link| link.attribute("href"))
                    .is_some_and(|href| href.starts_with('#'))
            });
            let of_links: usize = links.map(|link| tidy(&self.tree.text(link)).len()).sum();
            let all = tidy(&self.tree.text(*item));
            of_links > 0 && of_links + 4 >= all.len()
        };
        items.len() >= 2 && items.iter().all(linked)
    }

    /// Returns `required` for an empty element in which a style sheet probably shows this word, such as
    /// `<span class="required"></span>`.
    fn stated_by_class(&self, id: NodeId) -> Option<&'static str> {
        let element = self.tree.element(id)?;
        let empty = !self
            .tree
            .descendants(id)
            .any(|node| matches!(self.tree.kind(node), Kind::Text(text) if !text.trim().is_empty()));
        let says = |word: &str| {
            let word = word.to_ascii_lowercase();
            matches!(word.as_str(), "required" | "mandatory" | "is-required" | "field-required" | "badge-required")
        };
        let classes = element.attribute("class").or(element.attribute("aria-label")).unwrap_or_default();
        (empty && classes.split_whitespace().any(says)).then_some("required")
    }

    /// Returns `true` if an inline element is a separate word, even without blanks around it.
    fn stands_apart(&self, id: NodeId) -> bool {
        let name = self.tree.name(id);
        if matches!(name, "mark" | "wbr" | "sup" | "sub") {
            return false;
        }
        if name.contains('-') || matches!(name, "label" | "img") {
            return true;
        }
        // Two neighboring elements such as `<span>name</span><span>type</span>` are two words.
        let parent = self.tree.parent(id);
        let word = |name: &str| matches!(name, "b" | "code" | "em" | "i" | "small" | "span" | "strong");
        let twins = |a: &str, b: &str| word(a) && word(b);
        let in_code = parent.is_some_and(|parent| self.tree.name(parent) == "code");
        if !in_code && self.tree.previous(id).is_some_and(|before| twins(self.tree.name(before), name)) {
            return true;
        }
        let short = self.tree.descendants(id).take(8).count() < 8;
        short && words::is_attribute(&tidy(&self.tree.text(id)))
    }
}

fn level(name: &str) -> Option<u8> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}
