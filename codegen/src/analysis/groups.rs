//! Groups of fields that are selected by the value of another field.

use crate::resolved::{Api, Kind, Named, TypeRef};
use crate::spec;

/// Returns the discriminating field and its value, if the group has them.
pub(crate) fn discriminator(object: &spec::ObjectSpec) -> Option<(&String, String)> {
    let (field, value) = object.when.as_ref()?.iter().next()?;
    Some((field, value.to_string()))
}

/// Returns the enumeration of a discriminating field, from the first field with this name whose type is an enumeration.
pub(crate) fn discriminating_enum<'a>(api: &'a Api, wire: &str) -> Option<&'a Named<spec::Enum>> {
    let fields = api.operations.iter().flat_map(|op| &op.reply).chain(api.callbacks.iter().flat_map(|c| &c.body));
    fields.filter(|f| f.wire == wire).find_map(|f| match f.kind {
        Kind::One(TypeRef::Enum(n)) => Some(&api.enums[n]),
        _ => None,
    })
}

/// Groups that one field selects.
pub(crate) struct Announced<'a> {
    /// Enumeration of the field.
    pub(crate) of: &'a Named<spec::Enum>,
    /// Index of the group, and the value that selects it.
    pub(crate) groups: Vec<(usize, String)>,
}

/// Returns the groups of an API that the value of an enumeration field selects, with one entry for each such field.
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
