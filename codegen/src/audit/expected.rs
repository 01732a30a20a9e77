//! What a page should say, as the spec has it, with the place of every fact.
//!
//! Facts that come from elsewhere (`source`) are left out: no page is to be searched for them.

mod fields;

use super::page::Part;
use super::words::Shape;
use crate::parse::ParsedApi;
use crate::resolve::Api;
use crate::source::Place;
use crate::spec::{self, Literal, Source};

/// What the page of an API should say.
#[derive(Debug)]
pub struct Expected {
    /// The API.
    pub api: String,
    /// Sections with an operation or a callback, by heading.
    pub sections: Vec<Section>,
    /// Headings of files that hold neither.
    pub headings: Vec<String>,
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
    /// Words that must stand somewhere on the page.
    pub states: Vec<Words>,
    /// What explains differences.
    pub quirks: Vec<Quirk>,
}

/// A section with an operation or a callback in it.
#[derive(Debug)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// Where the spec names it.
    pub place: Place,
    /// Who is described there.
    pub owners: Vec<Owner>,
}

/// An operation or a callback.
#[derive(Debug)]
pub struct Owner {
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
    pub states: Vec<Words>,
}

/// A field.
#[derive(Debug)]
pub struct Field {
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
    pub states: Vec<Words>,
    /// Where quirks about it may point.
    pub anchors: Vec<String>,
}

/// A value, code or status.
#[derive(Debug, Clone)]
pub struct Value {
    /// As on the wire.
    pub text: String,
    /// What people call it.
    pub names: Vec<String>,
    /// Where it stands.
    pub place: Place,
    /// Words that must stand in its explanation.
    pub states: Vec<String>,
}

/// An enumeration.
#[derive(Debug)]
pub struct Enum {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<Value>,
    /// Where it stands.
    pub place: Place,
}

/// Words that carry a fact, and where the spec has them.
#[derive(Debug, Clone)]
pub struct Words {
    /// The words.
    pub text: String,
    /// What they are about.
    pub about: String,
    /// Where.
    pub place: Place,
}

/// A quirk.
#[derive(Debug)]
pub struct Quirk {
    /// The operation or callback whose file has it.
    pub owner: Option<String>,
    /// Where.
    pub place: Place,
    /// The quirk.
    pub spec: spec::Quirk,
}

/// Where the quirks of an API stand: the resolved model has lost it.
pub fn quirks(parsed: &ParsedApi) -> Vec<Quirk> {
    let mut found = Vec::new();
    let mut add = |owner: Option<&str>, file, quirks: &[spec::Quirk]| {
        found.extend(quirks.iter().enumerate().map(|(n, quirk)| Quirk {
            owner: owner.map(str::to_owned),
            place: Place::top(file).at("quirks").item(n).at("at"),
            spec: quirk.clone(),
        }));
    };
    if let Some((file, api)) = &parsed.api {
        add(None, *file, &api.quirks);
    }
    for (file, types) in &parsed.types {
        add(None, *file, &types.quirks);
    }
    for (file, op) in &parsed.operations {
        add(Some(&op.operation), *file, &op.quirks);
    }
    for (file, callback) in &parsed.callbacks {
        add(Some(&callback.callback), *file, &callback.quirks);
    }
    found
}

/// Words of the notes of files that describe no operation.
pub fn page_states(parsed: &ParsedApi) -> (Vec<Words>, Vec<String>) {
    let mut states = Vec::new();
    let mut headings = Vec::new();
    if let Some((file, api)) = &parsed.api {
        states.extend(notes(&api.notes, &Place::top(*file)));
        headings.push(api.page.section.clone());
    }
    for (file, types) in &parsed.types {
        states.extend(notes(&types.notes, &Place::top(*file)));
        headings.push(types.page.section.clone());
    }
    (states, headings)
}

fn notes(notes: &[spec::Note], top: &Place) -> Vec<Words> {
    let mut found = Vec::new();
    for (n, note) in notes.iter().enumerate() {
        found.extend(note.states.iter().enumerate().map(|(m, text)| Words {
            text: text.clone(),
            about: note.about.clone(),
            place: top.at("notes").item(n).at("states").item(m),
        }));
    }
    found
}

/// What the page of `api` should say. `quirks`, `states` and `headings` come from before references were settled.
pub fn expected(api: &Api, quirks: Vec<Quirk>, states: Vec<Words>, headings: Vec<String>) -> Expected {
    let top = Place::top(api.file);
    let stages = &api.spec.base_urls;
    let history_at = top.at("history");
    let header = |(name, spec): (&String, &spec::Header)| fields::header(api, name, spec);
    Expected {
        api: api.name.clone(),
        sections: sections(api),
        headings,
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
        states,
        quirks,
    }
}

fn value(text: &str, place: Place) -> Value {
    Value { text: text.to_owned(), names: Vec::new(), place, states: Vec::new() }
}

fn sections(api: &Api) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut add = |page: &spec::Page, owner: Owner| match sections.iter_mut().find(|s| s.heading == page.section) {
        Some(section) => section.owners.push(owner),
        None => sections.push(Section {
            heading: page.section.clone(),
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
                states: notes(&op.spec.notes, &place),
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
                states: notes(&callback.spec.notes, &place),
                place,
            },
        );
    }
    sections
}

/// A literal as a page prints it.
pub fn printed(literal: &Literal) -> String {
    literal.to_string()
}
