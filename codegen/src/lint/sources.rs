//! Lints of the sources of facts and readings. Only examples may have the source `ours`.

use crate::analysis::{each_field, field_lists};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::Api;
use crate::source::Place;
use crate::spec::{Note, Source};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let mut fact = |source: Source, place: Place| {
        if source == Source::Ours {
            diagnostics
                .report(
                    Lint::Source,
                    place.at("source"),
                    "the source of this fact is `ours`, which only examples can have",
                )
                .help("write `page`, `example`, `public` or `observed`, or remove the fact");
        }
    };
    for (_, fields) in field_lists(api) {
        each_field(fields, &mut |field| fact(field.spec.source, field.place.clone()));
    }
    for definition in &api.enums {
        for (wire, value) in &definition.spec.values {
            fact(value.source, definition.place.at("values").at(wire));
        }
    }
    for code in &api.codes {
        fact(code.spec.source, code.place.clone());
    }
    let mut notes = |notes: &[Note], top: &Place| {
        for (n, note) in notes.iter().enumerate() {
            fact(note.source, top.at("notes").item(n));
        }
    };
    notes(&api.spec.notes, &Place::top(api.file));
    for op in &api.operations {
        notes(&op.spec.notes, &Place::top(op.file));
    }
    for callback in &api.callbacks {
        notes(&callback.spec.notes, &Place::top(callback.file));
    }
    for op in &api.operations {
        for (n, rule) in op.spec.rules.iter().enumerate() {
            fact(rule.source, Place::top(op.file).at("rules").item(n));
        }
    }
    for callback in &api.callbacks {
        if let Some(resend) = &callback.spec.resend {
            fact(resend.source, Place::top(callback.file).at("resend"));
        }
    }
    for quirk in &api.quirks {
        if matches!(quirk.spec.source, Source::Ours | Source::Example) {
            let place = quirk.place.at("source");
            diagnostics
                .report(Lint::Source, place, "the source of a quirk cannot be `ours` or `example`")
                .help("remove `source:`, or write `public` or `observed`");
        }
    }
}
