//! Content of a page as plain data, independent of its notation.

#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Sections, in the order of the page. The first section has no heading, and contains everything before the first
    /// heading.
    pub sections: Vec<Section>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    /// Line of the heading.
    pub line: usize,
    pub heading: String,
    /// Level of the heading, starting at 1 for the highest. A section without a heading has the level 0.
    pub level: u8,
    /// Requests that the section shows.
    pub endpoints: Vec<Endpoint>,
    /// Rows about fields.
    pub rows: Vec<Row>,
    /// Lists of values outside of rows.
    pub lists: Vec<List>,
    pub statuses: Vec<Fact>,
    /// Stages, such as `live`, and their base URLs.
    pub stages: Vec<(Fact, Fact)>,
    /// Version history: version, date and change.
    pub history: Vec<(Fact, Fact, String)>,
    /// Rows of tables of unknown meaning. ` | ` separates the cells.
    pub others: Vec<Fact>,
    /// All text except sample code, one entry per line.
    pub text: Vec<Fact>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// Line in the file, starting at 1.
    pub line: usize,
    pub text: String,
}

/// Method and target of a request on the page.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub line: usize,
    /// The method, in lower case.
    pub method: String,
    /// Scheme and host, if printed.
    pub base: Option<String>,
    /// Path, or the name of the field that contains the URL, such as `resultCallback`.
    pub target: String,
}

/// Part of an operation or a callback to which a row belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Header,
    /// Parameters in the path, the query or the body of a request, or members of a callback's body.
    Request,
    /// Members of a reply.
    Reply,
}

/// Row about a field.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// First line of the row.
    pub line: usize,
    pub part: Part,
    /// Name of the field, as printed.
    pub name: String,
    /// Set if only a second table of the part has a row for the field. Such a table states only limits and rules.
    pub partial: bool,
    /// Set if a type is expected in the row, for example because the table has a column of types.
    pub typed: bool,
    /// Types as printed. There are several if several tables have a row for the field.
    pub types: Vec<Fact>,
    /// Set if the field is mandatory. `None` if the table or list of the row states no requirements.
    pub mandatory: Option<bool>,
    /// Limits, each as a decimal number without a unit.
    pub limits: Vec<Fact>,
    /// Description, one entry per line.
    pub text: Vec<Fact>,
    /// Rows of tables in the description, one entry per row.
    pub tabled: Vec<Fact>,
    /// Values that the row lists.
    pub values: Vec<Value>,
    pub default: Option<Fact>,
}

/// List of values outside of rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// Set if the values are error codes.
    pub codes: bool,
    pub values: Vec<Value>,
}

/// A value of a field, or an error code.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub line: usize,
    pub text: String,
    /// Explanation or name beside the value.
    pub label: String,
    /// Set if the label is the value's name, and not an explanation.
    pub named: bool,
    /// Set if the text is certainly a value, and not the first word of a sentence.
    pub sure: bool,
    /// Further lines of the explanation.
    pub more: Vec<Fact>,
}

impl Page {
    /// Returns the total number of entries in one kind of list, such as the rows, over all sections.
    pub(crate) fn count<T>(&self, of: impl Fn(&Section) -> &Vec<T>) -> usize {
        self.sections.iter().map(|section| of(section).len()).sum()
    }
}
