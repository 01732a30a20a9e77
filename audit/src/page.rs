//! Content of a page as plain data, independent of its notation.

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Sections, in order. Content before the first heading is a section without a heading.
    pub sections: Vec<Section>,
}

/// A section.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    /// The line of its heading.
    pub line: usize,
    /// Its heading.
    pub heading: String,
    /// Level of its heading.
    pub level: u8,
    /// Requests: method and URL.
    pub endpoints: Vec<Endpoint>,
    /// Rows of fields.
    pub rows: Vec<Row>,
    /// Lists of values outside of rows.
    pub lists: Vec<List>,
    /// HTTP statuses.
    pub statuses: Vec<Fact>,
    /// Stages and their URLs.
    pub stages: Vec<(Fact, Fact)>,
    /// Version history: version, date and change.
    pub history: Vec<(Fact, Fact, String)>,
    /// Other rows of tables.
    pub others: Vec<Fact>,
    /// Text except sample code, by line.
    pub text: Vec<Fact>,
}

/// Text with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// Line, starting at 1.
    pub line: usize,
    /// The text.
    pub text: String,
}

/// Method and target.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// The line.
    pub line: usize,
    /// The method, in lower case.
    pub method: String,
    /// Scheme and host, if printed.
    pub base: Option<String>,
    /// Path, or the name of a URL that is defined elsewhere.
    pub target: String,
}

/// Part of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Headers.
    Header,
    /// Parameters of a request in any place, or members of a callback.
    Request,
    /// Members of a reply.
    Reply,
}

/// Row about a field.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// First line of the row.
    pub line: usize,
    /// The part.
    pub part: Part,
    /// Name, as printed.
    pub name: String,
    /// Set if the row is only in a second table of its part, which has only rules.
    pub partial: bool,
    /// Set if the row can have a type: it is running text, or its table has a column of types.
    pub typed: bool,
    /// Types as printed, one for each table with the row.
    pub types: Vec<Fact>,
    /// Requirement, if the row can have one.
    pub mandatory: Option<bool>,
    /// Limits, as printed.
    pub limits: Vec<Fact>,
    /// Title, in one line.
    pub title: String,
    /// Description, by line.
    pub text: Vec<Fact>,
    /// Text of tables in the description, by line.
    pub tabled: Vec<Fact>,
    /// Values in the description.
    pub values: Vec<Value>,
    /// Default in the description.
    pub default: Option<Fact>,
}

/// List of values outside of rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// Set if the values are error codes.
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
    /// Explanation.
    pub label: String,
    /// Set if the label is a name from a table of names.
    pub named: bool,
    /// Set if the text is certainly a value, and not the first word of a sentence.
    pub sure: bool,
    /// Further explanation, by line.
    pub more: Vec<Fact>,
}

impl Page {
    /// Returns the number of facts of a kind.
    pub(crate) fn count<T>(&self, of: impl Fn(&Section) -> &Vec<T>) -> usize {
        self.sections.iter().map(|section| of(section).len()).sum()
    }
}
