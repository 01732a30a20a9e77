//! Named types of an API, and the fields that refer to them.

use crate::constraints::Rules;
use crate::diagnostic::{Diagnostics, suggestion};
use crate::lint_registry::Lint;
use crate::parse::ParsedApi;
use crate::resolved::{Amount, BUILT_IN, Composite, Field, Kind, Named, TypeRef, Union};
use crate::source::{FileId, Place};
use crate::spec::{self, Map};
use std::cell::RefCell;

/// Named types of an API, while its fields are resolved.
pub(super) struct Names {
    pub scalars: Vec<Named<spec::Scalar>>,
    pub enums: Vec<Named<spec::Enum>>,
    pub objects: Vec<Named<spec::ObjectSpec>>,
    pub amounts: Vec<Amount>,
    pub times: Vec<Named<spec::TimeSpec>>,
    pub unions: Vec<Named<spec::UnionSpec>>,
    /// Lists and maps that fields have used so far.
    pub composites: RefCell<Vec<Composite>>,
    types: std::collections::HashMap<String, TypeRef>,
    object_fields: Vec<Vec<String>>,
    lost: bool,
}

impl Names {
    pub(super) fn collect(parsed: &ParsedApi, diagnostics: &mut Diagnostics) -> Self {
        let mut names = Names {
            scalars: Vec::new(),
            enums: Vec::new(),
            objects: Vec::new(),
            amounts: Amount::predefined(),
            times: Vec::new(),
            unions: Vec::new(),
            composites: RefCell::default(),
            types: BUILT_IN.iter().map(|(name, of)| ((*name).to_owned(), *of)).chain(predefined()).collect(),
            object_fields: Vec::new(),
            lost: parsed.lost,
        };
        let mut first: std::collections::HashMap<String, Place> = std::collections::HashMap::new();
        for (file, types) in &parsed.types {
            let top = Place::top(*file);
            let section = &types.page.section;
            let mut define = |names: &mut Names, place: &Place, name: &str, of: TypeRef| {
                if let Some(before) = first.get(name) {
                    diagnostics
                        .report(
                            Lint::DuplicateType,
                            place.clone().key(),
                            format!("a type named `{name}` is defined twice"),
                        )
                        .also(before.clone().key(), "the first");
                } else if names.is_built_in(name) {
                    diagnostics.report(
                        Lint::DuplicateType,
                        place.clone().key(),
                        format!("`{name}` is a built-in type"),
                    );
                } else {
                    first.insert(name.to_owned(), place.clone());
                    names.types.insert(name.to_owned(), of);
                }
            };
            for (name, spec) in &types.scalars {
                let place = top.at("scalars").at(name);
                let of = TypeRef::Scalar(names.scalars.len());
                define(&mut names, &place, name, of);
                names.scalars.push(Named { name: name.clone(), place, spec: spec.clone(), section: section.clone() });
            }
            for (name, spec) in &types.enums {
                let place = top.at("enums").at(name);
                let of = TypeRef::Enum(names.enums.len());
                define(&mut names, &place, name, of);
                names.enums.push(Named { name: name.clone(), place, spec: spec.clone(), section: section.clone() });
            }
            for (name, spec) in &types.amounts {
                let place = top.at("amounts").at(name);
                let of = TypeRef::Amount(names.amounts.len());
                define(&mut names, &place, name, of);
                names.amounts.push(Amount { name: name.clone(), place: Some(place), spec: spec.clone() });
            }
            for (name, spec) in &types.times {
                let place = top.at("times").at(name);
                let of = TypeRef::Time(names.times.len());
                define(&mut names, &place, name, of);
                names.times.push(Named { name: name.clone(), place, spec: spec.clone(), section: section.clone() });
            }
            for (name, spec) in &types.unions {
                let place = top.at("unions").at(name);
                let of = TypeRef::Union(names.unions.len());
                define(&mut names, &place, name, of);
                names.unions.push(Named { name: name.clone(), place, spec: spec.clone(), section: section.clone() });
            }
            for (name, spec) in &types.objects {
                let place = top.at("objects").at(name);
                let of = TypeRef::Object(names.objects.len());
                define(&mut names, &place, name, of);
                names.object_fields.push(spec.fields.keys().cloned().collect());
                names.objects.push(Named { name: name.clone(), place, spec: spec.clone(), section: section.clone() });
            }
        }
        names
    }

    fn is_built_in(&self, name: &str) -> bool {
        let predefined = self.amounts.iter().filter(|amount| amount.place.is_none());
        BUILT_IN.iter().any(|(built_in, _)| *built_in == name)
            || predefined.into_iter().any(|amount| amount.name == name)
    }

    /// Resolves the group of each case of a union. A case whose group does not exist is reported and left out.
    pub(super) fn union(&self, union: Named<spec::UnionSpec>, diagnostics: &mut Diagnostics) -> Union {
        let mut cases = Vec::new();
        for (value, name) in &union.spec.cases {
            let place = union.place.at("cases").at(value);
            match self.look_up(Some(name), &place, diagnostics) {
                Some(TypeRef::Object(n)) => cases.push((value.clone(), n)),
                Some(_) => {
                    let message = format!("`{name}` is not a group of fields");
                    diagnostics.report(Lint::Union, place, message).help("write the name of a group under `objects:`");
                }
                None => {}
            }
        }
        Union { name: union.name, place: union.place, spec: union.spec, cases, section: union.section }
    }

    /// Resolves the members of a message that depend on another member. They become a union.
    pub(super) fn select(
        &self,
        file: FileId,
        callback: &spec::CallbackFile,
        select: &spec::Select,
        diagnostics: &mut Diagnostics,
    ) -> Union {
        let spec = spec::UnionSpec {
            doc: format!("The members of `{}` that depend on `{}`.", callback.callback, select.by),
            by: select.by.clone(),
            cases: select.cases.clone(),
        };
        let (name, place) = (format!("{}_payload", callback.callback), Place::top(file).at("select"));
        self.union(Named { name, place, spec, section: callback.page.section.clone() }, diagnostics)
    }

    pub(super) fn fields(
        &self,
        place: &Place,
        fields: Map<spec::FieldSpec>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Field> {
        fields.into_iter().map(|(wire, spec)| self.field(wire.clone(), place.at(&wire), spec, diagnostics)).collect()
    }

    fn field(&self, wire: String, place: Place, spec: spec::FieldSpec, diagnostics: &mut Diagnostics) -> Field {
        let given: Vec<&str> = [
            spec.of.as_ref().map(|_| "type"),
            spec.list.as_ref().map(|_| "list"),
            spec.map.as_ref().map(|_| "map"),
            spec.one_of.as_ref().map(|_| "one_of"),
            spec.include.as_ref().map(|_| "include"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let kind = match given.as_slice() {
            ["type"] => self.look_up(spec.of.as_deref(), &place.at("type"), diagnostics).map(Kind::One),
            ["list"] => self.look_up(spec.list.as_deref(), &place.at("list"), diagnostics).map(Kind::List),
            ["map"] => self
                .look_up(spec.map.as_deref(), &place.at("map"), diagnostics)
                .map(|of| Kind::One(self.composite(Composite::Map(of)))),
            ["one_of"] => spec
                .one_of
                .as_ref()
                .map(|choices| Kind::OneOf(self.fields(&place.at("one_of"), choices.clone(), diagnostics))),
            ["include"] => match self.look_up(spec.include.as_deref(), &place.at("include"), diagnostics) {
                Some(TypeRef::Object(n)) => Some(Kind::Include(n)),
                Some(_) => {
                    diagnostics.report(
                        Lint::Include,
                        place.at("include"),
                        "only a group from `objects:` can be included",
                    );
                    None
                }
                None => None,
            },
            [] => {
                diagnostics
                    .report(Lint::FieldType, place.clone().key(), format!("`{wire}` has no type"))
                    .help("write `type:`, `list:`, `map:`, `one_of:` or `include:`");
                None
            }
            several => {
                diagnostics.report(
                    Lint::FieldType,
                    place.clone().key(),
                    format!("`{wire}` has {} of the keys `type`, `list`, `map`, `one_of` and `include`", several.len()),
                );
                None
            }
        }
        .unwrap_or(Kind::Broken);
        self.check_subset(&spec, &kind, &place, diagnostics);
        let innermost = match &kind {
            Kind::One(of) | Kind::List(of) => Some(self.innermost(*of)),
            _ => None,
        };
        let sensitivity = spec.sensitivity.unwrap_or_else(|| match innermost {
            Some(TypeRef::Scalar(n)) => self.scalars[n].spec.sensitivity.unwrap_or(spec::Sensitivity::Public),
            _ => spec::Sensitivity::Public,
        });
        Field { wire, place, spec, kind, sensitivity, rules: Rules::default() }
    }

    /// Checks that `fields:` lists only fields of the group, and each of them once.
    fn check_subset(&self, spec: &spec::FieldSpec, kind: &Kind, place: &Place, diagnostics: &mut Diagnostics) {
        let Some(subset) = &spec.fields else { return };
        let (Kind::Include(n) | Kind::One(TypeRef::Object(n)) | Kind::List(TypeRef::Object(n))) = kind else {
            if !matches!(kind, Kind::Broken) {
                diagnostics.report(Lint::FieldSubset, place.at("fields"), "`fields:` is allowed only for a group");
            }
            return;
        };
        let known = &self.object_fields[*n];
        for (index, field) in subset.iter().enumerate() {
            if !known.contains(field) {
                diagnostics
                    .report(
                        Lint::DanglingField,
                        place.at("fields").item(index),
                        format!("the group has no field `{field}`"),
                    )
                    .suggest(field, known.iter().map(String::as_str));
            } else if subset[..index].contains(field) {
                diagnostics.report(
                    Lint::DuplicateField,
                    place.at("fields").item(index),
                    format!("`{field}` is listed twice"),
                );
            }
        }
    }

    fn composite(&self, of: Composite) -> TypeRef {
        let mut composites = self.composites.borrow_mut();
        let known = composites.iter().position(|known| *known == of);
        TypeRef::Composite(known.unwrap_or_else(|| {
            composites.push(of);
            composites.len() - 1
        }))
    }

    fn innermost(&self, of: TypeRef) -> TypeRef {
        let TypeRef::Composite(n) = of else { return of };
        let inner = self.composites.borrow().get(n).copied();
        match inner {
            Some(Composite::List(of) | Composite::Map(of)) => self.innermost(of),
            None => of,
        }
    }

    fn look_up(&self, name: Option<&str>, place: &Place, diagnostics: &mut Diagnostics) -> Option<TypeRef> {
        let name = name?;
        if let Some(of) = name.strip_prefix("list of ") {
            return self.look_up(Some(of.trim()), place, diagnostics).map(|of| self.composite(Composite::List(of)));
        }
        if let Some(of) = name.strip_prefix("map of ") {
            return self.look_up(Some(of.trim()), place, diagnostics).map(|of| self.composite(Composite::Map(of)));
        }
        let found = self.types.get(name).copied();
        // If a file could not be read, that file may define the type, so the name is not reported.
        if found.is_none() && !self.lost {
            let types = self.types.keys().map(String::as_str);
            let near =
                types.clone().find(|of| strsim::damerau_levenshtein(&of.to_lowercase(), &name.to_lowercase()) < 2);
            diagnostics.report(Lint::UnknownType, place.clone(), format!("there is no type `{name}`")).help_if(
                match own_word(name) {
                    Some(hint) if near.is_none() => Some(hint.to_owned()),
                    _ => suggestion(name, types),
                },
            );
        }
        found
    }
}

fn predefined() -> impl Iterator<Item = (String, TypeRef)> {
    Amount::predefined().into_iter().enumerate().map(|(n, amount)| (amount.name, TypeRef::Amount(n)))
}

/// Returns a hint for a type name that is common in other languages, such as `datetime`. For such a name, the type with
/// the closest spelling may be a wrong suggestion.
fn own_word(name: &str) -> Option<&'static str> {
    let folded: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    Some(match folded.as_str() {
        "datetime" | "localdatetime" | "timestamp" | "time" | "offsetdatetime" => {
            "use `instant` for a time with an offset such as `2026-11-23T14:05:00+09:00`; define any other notation \
             under `times:`, such as `written: yyyy-MM-dd HH:mm:ss` with `zone: Asia/Seoul`"
        }
        "localdate" | "day" => "use `date` for a day such as `2026-11-23`; define any other notation under `times:`",
        "int" | "int32" | "int64" | "long" | "short" | "number" | "numeric" => {
            "use `integer` for a whole number, `won` or a type under `amounts:` for an amount of money"
        }
        "float" | "double" | "bigdecimal" => "use `decimal` for a number with a fraction: it keeps every digit",
        "text" | "str" | "varchar" | "char" | "uuid" | "email" => "use `string` for a text",
        "url" | "uri" => "use `string` with `format: http_url` for a URL",
        "bool" | "flag" => "use `boolean`",
        "money" | "amount" | "krw" | "currency" | "price" => {
            "use `won`, a type under `amounts:`, or `decimal` or `integer` with `currency:` for an amount of money"
        }
        "array" | "list" => "use `list:` instead of `type:`, with the type of the entries",
        "map" | "dict" | "hash" => "use `map:` instead of `type:` for an object whose member names are data",
        "object" => "define an object under `objects:`, or use `json` for any JSON",
        "union" | "oneof" | "anyof" => "define an object with a discriminator under `unions:`",
        "enum" => "define an enumeration under `enums:`",
        _ => return None,
    })
}
