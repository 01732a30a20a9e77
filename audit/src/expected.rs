//! What a page should say, as the spec has it, with the place of every fact.
//!
//! Facts that come from elsewhere (`source`) are left out: no page is to be searched for them.

mod fields;

use super::outline::Known;
use super::page::Part;
use super::words::Shape;
use codegen::parse::ParsedApi;
use codegen::resolved::Api;
use codegen::source::Place;
use codegen::spec::{self, Language, Literal, PageWords, Source, WordsOf};

/// What the page of an API should say.
#[derive(Debug)]
pub(crate) struct Expected {
    /// The API.
    pub api: String,
    /// Sections with an operation or a callback, by heading.
    pub sections: Vec<Section>,
    /// The language of the page that the spec transcribes.
    pub language: Language,
    /// Headings of files that hold neither.
    pub headings: Vec<String>,
    /// The page that has what holds for the API as a whole.
    pub document: Option<String>,
    /// Headers of every request.
    pub headers: Vec<Field>,
    /// The envelope's rows.
    pub envelope: Vec<Field>,
    /// Stages, with their URLs.
    pub stages: Vec<(String, String, Place)>,
    /// The version history: version and date.
    pub history: Vec<(String, String, Place)>,
    /// Sections that were withdrawn, by number.
    pub withdrawn: Vec<Value>,
    /// HTTP statuses.
    pub statuses: Vec<Value>,
    /// Where new statuses go.
    pub statuses_at: Place,
    /// Enumerations.
    pub enums: Vec<Enum>,
    /// The named types of path parameters, by the parameters' names.
    pub path_types: Vec<(String, String)>,
    /// All error codes, those from elsewhere among them.
    pub known_codes: Vec<String>,
    /// Words that must stand somewhere on the page.
    pub page_words: Vec<Words>,
    /// What explains differences.
    pub quirks: Vec<Quirk>,
}

/// A section with an operation or a callback in it.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its heading, in the API's page language.
    pub heading: String,
    /// Its headings by language, the one above among them.
    pub headings: Vec<(Language, String)>,
    /// The page that has it, where several document the API.
    pub document: Option<String>,
    /// Where the spec names it.
    pub place: Place,
    /// Who is described there.
    pub owners: Vec<Owner>,
}

/// An operation or a callback.
#[derive(Debug)]
pub(crate) struct Owner {
    /// Its id.
    pub id: String,
    /// Its file.
    pub place: Place,
    /// The method, in lower case.
    pub method: String,
    /// Where the method stands.
    pub method_at: Place,
    /// The path of an operation; of a callback, the field that holds its URL.
    pub target: String,
    /// It comes in.
    pub callback: bool,
    /// Nothing of it is on the page.
    pub off_page: bool,
    /// Fields.
    pub fields: Vec<Field>,
    /// HTTP statuses of a callback.
    pub statuses: Vec<Value>,
    /// Words that must stand in the section.
    pub page_words: Vec<Words>,
}

/// A field.
#[derive(Debug)]
pub(crate) struct Field {
    /// The part of the section its row stands in.
    pub part: Part,
    /// Its path in reports.
    pub path: String,
    /// Its names: several where the page has one row for one of several fields.
    pub names: Vec<String>,
    /// Its path within the part, for pages that print paths.
    pub dotted: String,
    /// Where it stands.
    pub place: Place,
    /// What its type is on the wire.
    pub shape: Shape,
    /// It is mandatory.
    pub mandatory: bool,
    /// In a reply, a success always has it; the row may say so.
    pub always: bool,
    /// Its limit.
    pub max: Option<i64>,
    /// The limit of its type, which a page may print where the field has none of its own.
    pub max_of_type: Option<i64>,
    /// Its default.
    pub default: Option<String>,
    /// The values its row lists.
    pub values: Option<Vec<Value>>,
    /// Where new values go.
    pub values_at: Place,
    /// The values are error codes.
    pub codes: bool,
    /// Its row is needed.
    pub needed: bool,
    /// Words that must stand in its row.
    pub page_words: Vec<Words>,
    /// Where quirks about it may point.
    pub anchors: Vec<String>,
}

/// A value, code or status.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    /// As on the wire.
    pub text: String,
    /// What people call it.
    pub names: Vec<String>,
    /// Where it stands.
    pub place: Place,
    /// Words that must stand in its explanation.
    pub page_words: Vec<Words>,
}

/// An enumeration.
#[derive(Debug)]
pub(crate) struct Enum {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<Value>,
    /// Where it stands.
    pub place: Place,
}

/// Words that carry a fact, and where the spec has them.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    /// The words.
    pub text: String,
    /// What they are about.
    pub about: String,
    /// The pages they are looked for on.
    pub of: WordsOf,
    /// Where.
    pub place: Place,
}

/// A quirk.
#[derive(Debug)]
pub(crate) struct Quirk {
    /// The operation or callback whose file has it.
    pub owner: Option<String>,
    /// Where.
    pub place: Place,
    /// The quirk.
    pub spec: spec::Quirk,
}

impl Expected {
    /// All headings that the spec names, in all languages.
    pub(crate) fn known(&self) -> Vec<Known> {
        let common = self.headings.iter().map(|heading| Known { heading: heading.clone(), owned: false });
        let owned = self.sections.iter().flat_map(|section| &section.headings);
        common.chain(owned.map(|(_, heading)| Known { heading: heading.clone(), owned: true })).collect()
    }
}

impl Section {
    /// Its heading on pages in this language.
    pub(crate) fn heading_in(&self, language: Language) -> Option<&str> {
        self.headings.iter().find(|(of, _)| *of == language).map(|(_, heading)| heading.as_str())
    }
}

/// What the files of an API say about the page; the resolved model has lost where.
#[derive(Debug, Default)]
pub(crate) struct OfFiles {
    quirks: Vec<Quirk>,
    page_words: Vec<Words>,
    headings: Vec<String>,
    document: Option<String>,
    language: Language,
}

/// Reads what the files of an API say about the page.
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

/// The words that are to stand on the page about one thing, each with its place.
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

/// What the page of `api` should say.
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

fn value(text: &str, place: Place) -> Value {
    Value { text: text.to_owned(), names: Vec::new(), place, page_words: Vec::new() }
}

fn sections(api: &Api, language: Language) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut add = |page: &spec::Page, owner: Owner| match sections.iter_mut().find(|s| s.heading == page.section) {
        Some(section) => {
            for (of, heading) in &page.headings {
                if !section.headings.iter().any(|(known, _)| known == of) {
                    section.headings.push((*of, heading.clone()));
                }
            }
            section.owners.push(owner);
        }
        None => sections.push(Section {
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

/// A literal as a page prints it.
pub(crate) fn printed(literal: &Literal) -> String {
    literal.to_string()
}
