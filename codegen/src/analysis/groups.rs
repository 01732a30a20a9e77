//! Groups of fields that a value of another field announces.

use crate::resolved::{Api, Kind, Named, TypeRef};
use crate::spec;

/// The discriminating field and its value, of a group that has one.
pub(crate) fn discriminator(object: &spec::ObjectSpec) -> Option<(&String, String)> {
    let (field, value) = object.when.as_ref()?.iter().next()?;
    Some((field, value.to_string()))
}

/// The enumeration of a discriminating field: the first field of that name with an enumeration.
pub(crate) fn discriminating_enum<'a>(api: &'a Api, wire: &str) -> Option<&'a Named<spec::Enum>> {
    let fields = api.operations.iter().flat_map(|op| &op.reply).chain(api.callbacks.iter().flat_map(|c| &c.body));
    fields.filter(|f| f.wire == wire).find_map(|f| match f.kind {
        Kind::One(TypeRef::Enum(n)) => Some(&api.enums[n]),
        _ => None,
    })
}

/// The groups that one field announces.
pub(crate) struct Announced<'a> {
    /// The field's enumeration.
    pub(crate) of: &'a Named<spec::Enum>,
    /// The group's number and the value that announces it.
    pub(crate) groups: Vec<(usize, String)>,
}

/// The announced groups of an API, by announcing field.
pub(crate) fn announced(api: &Api) -> Vec<Announced<'_>> {
    let mut wires: Vec<&String> = Vec::new();
    for object in &api.objects {
        if let Some((wire, _)) = discriminator(&object.spec)
            && !wires.contains(&wire)
        {
            wires.push(wire);
        }
    }
    let groups = |wire: &String, of: &Named<spec::Enum>| {
        let announced = |(n, object): (usize, &crate::resolved::Object)| {
            let (field, value) = discriminator(&object.spec)?;
            (field == wire && of.spec.values.contains_key(&value)).then_some((n, value))
        };
        api.objects.iter().enumerate().filter_map(announced).collect()
    };
    wires
        .into_iter()
        .filter_map(|wire| {
            let of = discriminating_enum(api, wire)?;
            Some(Announced { of, groups: groups(wire, of) })
        })
        .collect()
}
