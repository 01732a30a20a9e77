//! How doubts are settled: the fields of two operations have to meet, and what a word means must be possible.

use crate::diagnostic::{Diagnostics, suggestion};
use crate::plan::supplied_by_client;
use crate::resolve::{Api, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Coding, RecoveryClass, Settle, Verdict};

pub fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    // What could not be read may have been the field, or its type.
    if api.lost {
        return;
    }
    for op in &api.operations {
        let top = Place::top(op.file).at("recovery");
        let recovery = &op.spec.recovery;
        if let Some(settle) = &recovery.settle {
            let place = top.at("settle");
            match recovery.with.as_ref().map(|with| api.operations.iter().find(|other| other.id == *with)) {
                None => {
                    diagnostics.report("settle", place.key(), "nobody to ask").hint =
                        Some("add `with:`, the operation that tells".into());
                }
                // Another rule says that there is no such operation.
                Some(None) => {}
                Some(Some(with)) => Settling { api, op, with, settle, place }.lint(diagnostics),
            }
        }
        for field in op.request.iter().chain(&op.query) {
            for (name, choice) in &field.spec.choices {
                if choice.recovery == Some(RecoveryClass::Resend) {
                    let place = field.place.at("choices").at(name).at("recovery");
                    diagnostics.report("settle", place, "a choice cannot make a request safe to send again").hint =
                        Some("write `never` or `ask_first`; the operation's own class says `resend`".into());
                }
            }
        }
    }
}

struct Settling<'a> {
    api: &'a Api,
    op: &'a Operation,
    with: &'a Operation,
    settle: &'a Settle,
    place: Place,
}

impl<'a> Settling<'a> {
    fn lint(&self, diagnostics: &mut Diagnostics) {
        self.question(diagnostics);
        let entries = self.word(diagnostics);
        for (name, from) in &self.settle.equal {
            self.pair("equal", name, from, Some(&self.with.reply), diagnostics);
        }
        for (name, from) in &self.settle.entry {
            self.pair("entry", name, from, entries, diagnostics);
        }
        for (n, name) in self.settle.expect.iter().enumerate() {
            let place = self.place.at("expect").item(n);
            if let Some(field) = find(&self.with.reply, name, place.clone(), diagnostics)
                && !matches!(field.kind, Kind::One(of) if !matches!(of, TypeRef::Object(_) | TypeRef::Json))
            {
                diagnostics.report("settle", place, format!("`{name}` is no single value"));
            }
        }
        for (n, name) in self.settle.resend_needs.iter().enumerate() {
            let place = self.place.at("resend_needs").item(n);
            if let Some(field) = self.own(name, place.clone(), diagnostics)
                && field.spec.mandatory
            {
                diagnostics.report("settle", place, format!("`{name}` is always given"));
            }
        }
        for (key, codes) in [("absent", &self.settle.absent), ("landed", &self.settle.landed)] {
            for (n, code) in codes.iter().enumerate() {
                let known = || self.api.codes.iter().map(|own| own.code.as_str());
                if !known().any(|own| own == code) {
                    let place = self.place.at(key).item(n);
                    diagnostics.report("settle", place, format!("there is no code `{code}`")).hint =
                        suggestion(code, known());
                }
            }
        }
        self.verdicts(diagnostics);
    }

    /// The question is complete, and made of what the request always has.
    fn question(&self, diagnostics: &mut Diagnostics) {
        let place = self.place.at("ask");
        let fields: Vec<&Field> =
            [&self.with.path, &self.with.query, &self.with.request].into_iter().flatten().collect();
        for (name, from) in &self.settle.ask {
            let taken = fields.iter().find_map(|field| takes(field, name));
            let own = self.own(from, place.at(name), diagnostics);
            match (taken, own) {
                (None, _) => {
                    let names = fields.iter().map(|field| field.wire.as_str());
                    diagnostics
                        .report("settle", place.at(name).key(), format!("`{}` does not take `{name}`", self.with.id))
                        .hint = suggestion(name, names);
                }
                (Some(taken), Some(own)) if Some(taken) != of(own) => {
                    diagnostics.report("settle", place.at(name), format!("`{from}` has another type than `{name}`"));
                }
                (_, Some(own)) if !own.spec.mandatory || own.spec.nullable => {
                    diagnostics.report("settle", place.at(name), format!("`{from}` is not always given"));
                }
                _ => {}
            }
        }
        for field in fields.iter().filter(|field| field.spec.mandatory) {
            let asked = self.settle.ask.keys().any(|name| takes(field, name).is_some());
            if !asked && supplied_by_client(self.api, field).is_none() {
                let message = format!("`{}` needs `{}` too", self.with.id, field.wire);
                diagnostics.report("settle", place.clone().key(), message);
            }
        }
    }

    /// What tells; the fields of a list's entries, if it is one.
    fn word(&self, diagnostics: &mut Diagnostics) -> Option<&'a [Field]> {
        let settle = self.settle;
        if let Some(by) = &settle.by {
            let place = self.place.at("by");
            if settle.list.is_some() {
                diagnostics.report("settle", place.clone().key(), "either `by` or `list` tells, not both");
            }
            let field = find(&self.with.reply, by, place.clone(), diagnostics);
            if field.is_some_and(|field| !is_text_enum(self.api, field)) {
                diagnostics.report("settle", place, format!("`{by}` is no enumeration of texts"));
            }
        }
        let list = settle.list.as_ref()?;
        let place = self.place.at("list");
        let field = find(&self.with.reply, list, place.clone(), diagnostics)?;
        let Kind::List(TypeRef::Object(n)) = field.kind else {
            diagnostics.report("settle", place, format!("`{list}` is no list of groups"));
            return None;
        };
        Some(&self.api.objects[n].fields)
    }

    /// Two fields that are compared exist and have one type.
    fn pair(&self, key: &str, name: &str, from: &str, fields: Option<&[Field]>, diagnostics: &mut Diagnostics) {
        let place = self.place.at(key).at(name);
        let found = fields.and_then(|fields| find(fields, name, place.clone().key(), diagnostics));
        let own = self.own(from, place.clone(), diagnostics);
        if let (Some(found), Some(own)) = (found, own)
            && of(found) != of(own)
        {
            diagnostics.report("settle", place, format!("`{from}` has another type than `{name}`"));
        }
    }

    fn own(&self, name: &str, place: Place, diagnostics: &mut Diagnostics) -> Option<&'a Field> {
        let fields: Vec<&Field> = [&self.op.path, &self.op.query, &self.op.request].into_iter().flatten().collect();
        let found = fields.iter().find(|field| field.wire == name).copied();
        if found.is_none() {
            let names = fields.iter().map(|field| field.wire.as_str());
            diagnostics.report("settle", place, format!("`{}` has no field `{name}`", self.op.id)).hint =
                suggestion(name, names);
        }
        found
    }

    /// Every word can be said, and what it means can be done.
    fn verdicts(&self, diagnostics: &mut Diagnostics) {
        let settle = self.settle;
        let words = self.words();
        for (key, table) in [("at_once", &settle.at_once), ("then", &settle.then)] {
            for (word, verdict) in table {
                let place = self.place.at(key).at(word);
                if let Some(words) = &words
                    && !words.iter().any(|known| known == word)
                {
                    diagnostics
                        .report("settle", place.clone().key(), format!("no answer has the word `{word}`"))
                        .hint = suggestion(word, words.iter().map(String::as_str))
                        .or_else(|| Some(format!("words: {}", words.join(", "))));
                }
                if *verdict == Verdict::Resend && settle.resends == 0 {
                    diagnostics.report("settle", place.clone(), "the request may not be sent again").hint =
                        Some("say how often under `resends:`".into());
                }
                if *verdict == Verdict::Resend && self.op.spec.recovery.class == RecoveryClass::Never {
                    diagnostics.report("settle", place, "the operation's class is `never`");
                }
            }
        }
        if settle.then.is_empty() != settle.quiet.is_none() {
            let message = "`quiet` and `then` belong together";
            diagnostics.report("settle", self.place.clone().key(), message);
        }
        if settle.resend_first && self.op.spec.recovery.class != RecoveryClass::Resend {
            let place = self.place.at("resend_first");
            diagnostics.report("settle", place, "only an operation of class `resend` is sent again before asking");
        }
    }

    fn words(&self) -> Option<Vec<String>> {
        let mut words: Vec<String> = match (&self.settle.by, &self.settle.list) {
            (Some(by), _) => match self.with.reply.iter().find(|field| field.wire == *by)?.kind {
                Kind::One(TypeRef::Enum(n)) => self.api.enums[n].spec.values.keys().cloned().collect(),
                _ => return None,
            },
            (None, Some(_)) => ["match", "others", "empty"].map(str::to_owned).to_vec(),
            (None, None) => vec!["found".to_owned()],
        };
        if !self.settle.absent.is_empty() {
            words.push("absent".to_owned());
        }
        Some(words)
    }
}

/// The type that a field, or one of its alternatives, takes under a name.
pub fn takes(field: &Field, name: &str) -> Option<(bool, TypeRef)> {
    match &field.kind {
        Kind::OneOf(choices) => choices.iter().find(|choice| choice.wire == name).and_then(of),
        _ if field.wire == name => of(field),
        _ => None,
    }
}

/// Whether its values are texts of a list.
pub fn is_text_enum(api: &Api, field: &Field) -> bool {
    matches!(field.kind, Kind::One(TypeRef::Enum(n)) if api.enums[n].spec.coded_as != Coding::Integer)
}

/// A field's type, and whether there are several values.
pub fn of(field: &Field) -> Option<(bool, TypeRef)> {
    match field.kind {
        Kind::One(of) => Some((false, of)),
        Kind::List(of) => Some((true, of)),
        _ => None,
    }
}

fn find<'a>(fields: &'a [Field], name: &str, place: Place, diagnostics: &mut Diagnostics) -> Option<&'a Field> {
    let found = fields.iter().find(|field| field.wire == name);
    if found.is_none() {
        diagnostics.report("settle", place, format!("the answer has no member `{name}`")).hint =
            suggestion(name, fields.iter().map(|field| field.wire.as_str()));
    }
    found
}
