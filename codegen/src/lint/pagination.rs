//! Lints of pagination. They check the list, the request field that contains the position of a page, and the member
//! that contains the next position.

use super::fields::literal_problem;
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{PagesSpec, RecoveryClass};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    if api.lost {
        return;
    }
    for op in &api.operations {
        if let Some(pages) = &op.spec.pages {
            PagesLint { api, op, pages, place: Place::top(op.file).at("pages") }.lint(diagnostics);
        }
    }
}

struct PagesLint<'a> {
    api: &'a Api,
    op: &'a Operation,
    pages: &'a PagesSpec,
    place: Place,
}

impl<'a> PagesLint<'a> {
    fn lint(&self, diagnostics: &mut Diagnostics) {
        if self.op.spec.recovery.class != RecoveryClass::Resend {
            diagnostics
                .report(
                    Lint::Pages,
                    self.place.clone().key(),
                    "an operation that must not be repeated cannot be paginated",
                )
                .help("only operations with `recovery: { class: resend }` can be paginated");
        }
        let list = self.reply(&self.pages.items, self.place.at("items"), diagnostics);
        let entries = match list.map(|list| &list.kind) {
            Some(Kind::List(of)) => Some(*of),
            Some(Kind::Broken) | None => None,
            Some(_) => {
                let message = format!("`{}` is not a list", self.pages.items);
                diagnostics.report(Lint::Pages, self.place.at("items"), message);
                None
            }
        };
        let send = self.send(diagnostics);
        self.next(send, entries, diagnostics);
        self.end(diagnostics);
    }

    /// Checks the request field that contains the position of a page, and returns its type.
    fn send(&self, diagnostics: &mut Diagnostics) -> Option<TypeRef> {
        let (name, place) = (&self.pages.send, self.place.at("send"));
        let fields = || [&self.op.query, &self.op.request].into_iter().flatten();
        let Some(field) = fields().find(|field| field.wire == *name) else {
            diagnostics
                .report(Lint::DanglingField, place, format!("the request has no field `{name}`"))
                .suggest(name, fields().map(|field| field.wire.as_str()));
            return None;
        };
        match field.kind {
            Kind::Broken => None,
            Kind::One(of @ (TypeRef::String | TypeRef::Scalar(_) | TypeRef::Integer))
                if !field.spec.nullable && field.spec.fixed.is_none() && field.spec.choices.is_empty() =>
            {
                Some(of)
            }
            _ => {
                diagnostics
                    .report(Lint::Pages, place, format!("`{name}` cannot be the position of a page"))
                    .help("make it a text or an integer, without `nullable:`, `choices:` and `fixed:`");
                None
            }
        }
    }

    fn next(&self, send: Option<TypeRef>, entries: Option<TypeRef>, diagnostics: &mut Diagnostics) {
        let (next, place) = (&self.pages.next, self.place.at("next"));
        let position = match (next.as_str(), next.strip_prefix("last.")) {
            ("+1", _) => {
                if send.is_some_and(|send| send != TypeRef::Integer) {
                    let message = format!("`{}` is not an integer, so it cannot be incremented", self.pages.send);
                    diagnostics.report(Lint::Pages, place, message);
                }
                return;
            }
            (_, Some(name)) => match entries {
                Some(TypeRef::Object(n)) => {
                    let fields = &self.api.objects[n].fields;
                    let found = fields.iter().find(|field| field.wire == name);
                    if found.is_none() {
                        diagnostics
                            .report(Lint::DanglingField, place.clone(), format!("an entry has no member `{name}`"))
                            .suggest(name, fields.iter().map(|field| field.wire.as_str()));
                    }
                    found
                }
                Some(_) => {
                    diagnostics.report(Lint::Pages, place, "the entries of the list are not objects");
                    return;
                }
                None => return,
            },
            (name, None) => self.reply(name, place.clone(), diagnostics),
        };
        if let (Some(position), Some(send)) = (position, send)
            && !matches!(position.kind, Kind::One(of) if of == send)
            && !matches!(position.kind, Kind::Broken)
        {
            let message = format!("`{next}` has another type than the request field `{}`", self.pages.send);
            diagnostics.report(Lint::ComparisonType, place, message);
        }
    }

    fn end(&self, diagnostics: &mut Diagnostics) {
        let place = self.place.at("end");
        if self.pages.end.len() > 1 {
            diagnostics
                .report(Lint::Pages, place.clone().key(), "several members mark the last page")
                .help("keep one of them");
        }
        for (name, value) in &self.pages.end {
            let place = place.at(name);
            let Some(field) = self.reply(name, place.clone().key(), diagnostics) else { continue };
            let is_single = matches!(
                field.kind,
                Kind::One(
                    TypeRef::Boolean | TypeRef::Integer | TypeRef::String | TypeRef::Scalar(_) | TypeRef::Enum(_)
                ) | Kind::Broken
            );
            if !is_single {
                diagnostics.report(
                    Lint::Pages,
                    place.key(),
                    format!("`{name}` is not a single value that can be compared"),
                );
            } else if let Some(problem) = literal_problem(self.api, field, value) {
                diagnostics.report(Lint::ConditionValue, place, problem);
            }
        }
    }

    fn reply(&self, name: &str, place: Place, diagnostics: &mut Diagnostics) -> Option<&'a Field> {
        let found = self.op.reply.iter().find(|field| field.wire == name);
        if found.is_none() {
            diagnostics
                .report(Lint::DanglingField, place, format!("the reply has no member `{name}`"))
                .suggest(name, self.op.reply.iter().map(|field| field.wire.as_str()));
        }
        found
    }
}
