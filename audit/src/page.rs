//! What a page says, as plain data with lines: the same for every notation a page is saved in.

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Its sections, in order. What stands before the first heading is a section without one.
    pub sections: Vec<Section>,
}

/// A section.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    /// The line of its heading.
    pub line: usize,
    /// Its heading.
    pub heading: String,
    /// How deep it stands.
    pub level: u8,
    /// Requests it describes: method and URL.
    pub endpoints: Vec<Endpoint>,
    /// Rows of fields.
    pub rows: Vec<Row>,
    /// Lists of values that belong to no row.
    pub lists: Vec<List>,
    /// HTTP statuses.
    pub statuses: Vec<Fact>,
    /// Stages and their URLs.
    pub stages: Vec<(Fact, Fact)>,
    /// The version history: version, date and what changed.
    pub history: Vec<(Fact, Fact, String)>,
    /// Rows of tables that are none of these.
    pub others: Vec<Fact>,
    /// Everything that is not sample code, by line.
    pub text: Vec<Fact>,
}

/// A piece of text and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The line, from 1.
    pub line: usize,
    /// The text.
    pub text: String,
}

/// A method and where it goes.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// The line.
    pub line: usize,
    /// The method, in lower case.
    pub method: String,
    /// Scheme and host, where they are printed.
    pub base: Option<String>,
    /// The path, or the word that stands for a URL given elsewhere.
    pub target: String,
}

/// The part of a section a row stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Headers.
    Header,
    /// Parameters of a request, wherever they go, or the members of a message that comes in.
    Request,
    /// Members of a reply.
    Reply,
}

/// A row about a field.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The line it begins on.
    pub line: usize,
    /// The part.
    pub part: Part,
    /// The name as printed.
    pub name: String,
    /// It stands in a second table of its part, and not in the first.
    pub partial: bool,
    /// The row can say its type: it is running text, or its table has a column for it.
    pub typed: bool,
    /// The types as printed: one a table that has the row.
    pub types: Vec<Fact>,
    /// Whether it is mandatory, where the row can say so.
    pub mandatory: Option<bool>,
    /// The limits as printed.
    pub limits: Vec<Fact>,
    /// What it is, in a line.
    pub title: String,
    /// The description, by line.
    pub text: Vec<Fact>,
    /// The text of tables within the description, by line.
    pub tabled: Vec<Fact>,
    /// Values the description lists.
    pub values: Vec<Value>,
    /// The default the description states.
    pub default: Option<Fact>,
}

/// A list of values outside of rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// They are error codes.
    pub codes: bool,
    /// The values.
    pub values: Vec<Value>,
}

/// A value, or a code.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    /// The line.
    pub line: usize,
    /// The value.
    pub text: String,
    /// What is said of it.
    pub label: String,
    /// Its label is a name in a table of names, and no explanation.
    pub named: bool,
    /// It cannot be the first word of a sentence.
    pub sure: bool,
    /// More about it, by line.
    pub more: Vec<Fact>,
}

impl Page {
    /// How many facts of a kind there are.
    pub(crate) fn count<T>(&self, of: impl Fn(&Section) -> &Vec<T>) -> usize {
        self.sections.iter().map(|section| of(section).len()).sum()
    }
}
