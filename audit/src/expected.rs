//! The content that a page is expected to have, derived from the spec. Each expected fact that a report may cite has a
//! `Place`, which locates the fact in the YAML files.
//!
//! Facts whose `source:` is not `page` are left out, except in `Expected::known_codes`.

mod fields;

use super::outline::Known;
use super::page::Part;
use super::words::Shape;
use codegen::parse::ParsedApi;
use codegen::resolved::Api;
use codegen::source::Place;
use codegen::spec::{self, Language, Literal, PageWords, Source, WordsOf};

/// Expected content of the page of an API.
#[derive(Debug)]
pub(crate) struct Expected {
    pub api: String,
    /// Sections with an operation or a callback, one for each heading.
    pub sections: Vec<ExpectedSection>,
    /// Language of the page that the spec describes.
    pub language: Language,
    /// Headings that belong to no operation or callback.
    pub headings: Vec<String>,
    /// Name of the page that documents the API as a whole, if several pages document the API.
    pub document: Option<String>,
    /// Headers of every request.
    pub headers: Vec<Field>,
    /// Members of the envelope.
    pub envelope: Vec<Field>,
    /// Name, base URL and place in the spec of each stage.
    pub stages: Vec<(String, String, Place)>,
    /// Version, date and place in the spec of each entry of the version history.
    pub history: Vec<(String, String, Place)>,
    /// Numbers of the sections that the page has withdrawn.
    pub withdrawn: Vec<ExpectedValue>,
    /// HTTP statuses of the API.
    pub statuses: Vec<ExpectedValue>,
    /// Place in the spec for new statuses.
    pub statuses_at: Place,
    pub enums: Vec<Enum>,
    /// For each path parameter with a `type:`, the name of the parameter and the name of the type.
    pub path_types: Vec<(String, String)>,
    /// All error codes, including those whose `source:` is not `page`.
    pub known_codes: Vec<String>,
    /// Words that the page must contain, from notes about the API.
    pub page_words: Vec<Words>,
    pub quirks: Vec<Quirk>,
}

/// Section with an operation or a callback.
#[derive(Debug)]
pub(crate) struct ExpectedSection {
    /// Heading in the language of the API's page.
    pub heading: String,
    /// Headings by language, including `heading`.
    pub headings: Vec<(Language, String)>,
    /// Name of the page that contains the section, if several pages document the API.
    pub document: Option<String>,
    pub place: Place,
    /// Operations and callbacks in the section.
    pub owners: Vec<Owner>,
}

/// An operation or a callback.
#[derive(Debug)]
pub(crate) struct Owner {
    pub id: String,
    /// Start of the file of the operation or callback.
    pub place: Place,
    /// The method, in lower case.
    pub method: String,
    pub method_at: Place,
    /// Path of an operation. For a callback, the name of the field that contains the URL of the callback.
    pub target: String,
    pub callback: bool,
    /// Set for a callback that the page does not document.
    pub off_page: bool,
    pub fields: Vec<Field>,
    /// HTTP statuses of a callback.
    pub statuses: Vec<ExpectedValue>,
    /// Words that the section must contain.
    pub page_words: Vec<Words>,
}

/// A field, and what the page should print about it.
#[derive(Debug)]
pub(crate) struct Field {
    pub part: Part,
    /// Path in reports, such as `create_payment.request.amount`.
    pub path: String,
    /// Name of the field. If one row of the page is about alternative fields, the names of all these fields.
    pub names: Vec<String>,
    /// Path within the part, such as `card.number`, because some pages print paths.
    pub dotted: String,
    pub place: Place,
    /// Shape of the field in requests and replies, which is compared with the type that the page prints.
    pub shape: Shape,
    pub mandatory: bool,
    /// Set if every successful reply has the field. A page may print this as the requirement of a member of a reply.
    pub always: bool,
    /// Limit of the field. In a request, a field without a limit of its own has the limit of its type.
    pub max: Option<i64>,
    /// Limit of the field's type, which a page may print if the field itself has no limit.
    pub max_of_type: Option<i64>,
    pub default: Option<String>,
    /// Values that the field's row must list, or `None` if it need not list values.
    pub values: Option<Vec<ExpectedValue>>,
    /// Place in the spec for new values.
    pub values_at: Place,
    /// Set if the values are error codes.
    pub codes: bool,
    /// Set if the page must have a row for the field.
    pub needed: bool,
    /// Words that the field's row must contain.
    pub page_words: Vec<Words>,
    /// Values of `at:` with which a quirk refers to this field.
    pub anchors: Vec<String>,
}

/// A value of a field, an error code, an HTTP status, or the number of a withdrawn section.
#[derive(Debug, Clone)]
pub(crate) struct ExpectedValue {
    /// Text of the value, such as `CARD` or `200`.
    pub text: String,
    /// Texts with which the page may explain the value: its name, its label and its meaning.
    pub names: Vec<String>,
    pub place: Place,
    /// Words that the explanation of the value must contain.
    pub page_words: Vec<Words>,
}

#[derive(Debug)]
pub(crate) struct Enum {
    pub name: String,
    pub values: Vec<ExpectedValue>,
    pub place: Place,
}

/// An entry of `page_words:`, with its place in the spec.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub text: String,
    /// Subject of the fact that the words state.
    pub about: String,
    /// Languages of the pages on which the words are searched for.
    pub of: WordsOf,
    pub place: Place,
}

/// A quirk, with its place in the spec.
#[derive(Debug)]
pub(crate) struct Quirk {
    /// Operation or callback whose file contains the quirk. `None` if the quirk is in a file about the whole API.
    pub owner: Option<String>,
    pub place: Place,
    pub spec: spec::Quirk,
}

impl Expected {
    /// Returns all headings in the spec, in all languages.
    pub(crate) fn known(&self) -> Vec<Known> {
        let common = self.headings.iter().map(|heading| Known { heading: heading.clone(), owned: false });
        let owned = self.sections.iter().flat_map(|section| &section.headings);
        common.chain(owned.map(|(_, heading)| Known { heading: heading.clone(), owned: true })).collect()
    }
}

impl ExpectedSection {
    /// Returns the heading on pages in this language.
    pub(crate) fn heading_in(&self, language: Language) -> Option<&str> {
        self.headings.iter().find(|(of, _)| *of == language).map(|(_, heading)| heading.as_str())
    }
}

/// Facts about the page that are read from the parsed files of an API, because the resolved spec does not have the
/// places of these facts.
#[derive(Debug, Default)]
pub(crate) struct OfFiles {
    quirks: Vec<Quirk>,
    page_words: Vec<Words>,
    headings: Vec<String>,
    document: Option<String>,
    language: Language,
}

/// Reads the facts about the page from the files of an API.
pub(crate) fn of_files(parsed: &ParsedApi) -> OfFiles {
    let mut found = OfFiles::default();
    let mut quirks = |owner: Option<&str>, file, quirks: &[spec::Quirk]| {
        found.quirks.extend(quirks.iter().enumerate().map(|(n, quirk)| Quirk {
            owner: owner.map(str::to_owned),
            place: Place::top(file).at("quirks").item(n).at("at"),
            spec: quirk.clone(),
        }));
    };
    if let Some((file, api)) = &parsed.api {
        quirks(None, *file, &api.quirks);
    }
    for (file, types) in &parsed.types {
        quirks(None, *file, &types.quirks);
    }
    for (file, op) in &parsed.operations {
        quirks(Some(&op.operation), *file, &op.quirks);
    }
    for (file, callback) in &parsed.callbacks {
        quirks(Some(&callback.callback), *file, &callback.quirks);
    }
    let mut common = |page: &spec::Page, of_notes: &[spec::Note], place: Place| {
        found.page_words.extend(notes(of_notes, &place));
        found.headings.push(page.section.clone());
        found.headings.extend(page.headings.values().cloned());
    };
    if let Some((file, api)) = &parsed.api {
        common(&api.page, &api.notes, Place::top(*file));
        found.document = api.page.document.clone();
        found.language = api.page_language;
    }
    for (file, types) in &parsed.types {
        common(&types.page, &types.notes, Place::top(*file));
    }
    found
}

fn notes(notes: &[spec::Note], top: &Place) -> Vec<Words> {
    let of = |(n, note): (usize, &spec::Note)| words(&note.page_words, &note.about, &top.at("notes").item(n));
    notes.iter().enumerate().flat_map(of).collect()
}

/// Returns the page words of one subject, each with its place.
pub(crate) fn words(of: &PageWords, about: &str, at: &Place) -> Vec<Words> {
    let top = at.at("page_words");
    let mut found = Vec::new();
    for (pages, list) in &of.lists {
        let place = pages.key().map_or(top.clone(), |key| top.at(key));
        found.extend(list.iter().enumerate().map(|(n, text)| Words {
            text: text.clone(),
            about: about.to_owned(),
            of: *pages,
            place: place.item(n),
        }));
    }
    found
}

/// Returns the expected content of the page of `api`.
pub(crate) fn expected(api: &Api, of_files: OfFiles) -> Expected {
    let top = Place::top(api.file);
    let stages = &api.spec.base_urls;
    let history_at = top.at("history");
    let header = |(name, spec): (&String, &spec::Header)| fields::header(api, name, spec);
    Expected {
        api: api.name.clone(),
        sections: sections(api, of_files.language),
        language: of_files.language,
        headings: of_files.headings,
        document: of_files.document,
        headers: api.spec.headers.iter().map(header).collect(),
        envelope: fields::envelope(api),
        stages: stages
            .iter()
            .map(|(name, url)| (name.clone(), url.url.clone(), top.at("base_urls").at(name)))
            .collect(),
        history: (api.spec.history.iter().enumerate())
            .map(|(n, revision)| (revision.version.clone(), revision.date.clone(), history_at.item(n)))
            .collect(),
        withdrawn: (api.spec.withdrawn.iter().enumerate())
            .map(|(n, gone)| value(&gone.section, top.at("withdrawn").item(n).at("section")))
            .collect(),
        statuses: api.spec.http_statuses.keys().map(|s| value(s, top.at("http_statuses").at(s).key())).collect(),
        statuses_at: top.at("http_statuses").key(),
        enums: (api.enums.iter())
            .map(|of| Enum { name: of.name.clone(), values: fields::values(of), place: of.place.clone().key() })
            .collect(),
        path_types: (api.operations.iter().flat_map(|op| &op.path))
            .filter_map(|field| Some((field.wire.clone(), field.spec.of.clone()?)))
            .collect(),
        known_codes: api.codes.iter().map(|code| code.code.clone()).collect(),
        page_words: of_files.page_words,
        quirks: of_files.quirks,
    }
}

fn value(text: &str, place: Place) -> ExpectedValue {
    ExpectedValue { text: text.to_owned(), names: Vec::new(), place, page_words: Vec::new() }
}

fn sections(api: &Api, language: Language) -> Vec<ExpectedSection> {
    let mut sections: Vec<ExpectedSection> = Vec::new();
    let mut add = |page: &spec::Page, owner: Owner| match sections.iter_mut().find(|s| s.heading == page.section) {
        Some(section) => {
            for (of, heading) in &page.headings {
                if !section.headings.iter().any(|(known, _)| known == of) {
                    section.headings.push((*of, heading.clone()));
                }
            }
            section.owners.push(owner);
        }
        None => sections.push(ExpectedSection {
            heading: page.section.clone(),
            headings: std::iter::once((language, page.section.clone()))
                .chain(page.headings.iter().map(|(of, text)| (*of, text.clone())))
                .collect(),
            document: page.document.clone(),
            place: owner.place.at("page").at("section"),
            owners: vec![owner],
        }),
    };
    for op in &api.operations {
        let place = Place::top(op.file);
        let method = format!("{:?}", op.method).to_lowercase();
        add(
            &op.spec.page,
            Owner {
                id: op.id.clone(),
                method_at: place.at(&method).key(),
                method,
                target: op.template.clone(),
                callback: false,
                off_page: false,
                fields: fields::operation(api, op),
                statuses: Vec::new(),
                page_words: notes(&op.spec.notes, &place),
                place,
            },
        );
    }
    for callback in &api.callbacks {
        let place = Place::top(callback.file);
        let fields = fields::callback(api, callback);
        add(
            &callback.spec.page,
            Owner {
                id: callback.id.clone(),
                method: format!("{:?}", callback.spec.method).to_lowercase(),
                method_at: place.at("method"),
                target: callback.spec.to.rsplit('.').next().unwrap_or_default().to_owned(),
                callback: true,
                off_page: !callback.spec.opaque_body && callback.body.iter().all(|f| f.spec.source != Source::Page),
                fields,
                statuses: (callback.spec.http_statuses.keys())
                    .map(|s| value(s, place.at("http_statuses").at(s).key()))
                    .collect(),
                page_words: notes(&callback.spec.notes, &place),
                place,
            },
        );
    }
    sections
}

/// Returns a literal as a page prints it.
pub(crate) fn printed(literal: &Literal) -> String {
    literal.to_string()
}
