//! Groups of fields that the value of another field selects.

use crate::resolved::{Api, Kind, Named, TypeRef};
use crate::spec;

/// Returns the name of the field that selects a group, and the value with which this field selects the group. `None` if
/// no field selects the group.
pub(crate) fn discriminator(object: &spec::ObjectSpec) -> Option<(&String, String)> {
    let (field, value) = object.when.as_ref()?.iter().next()?;
    Some((field, value.to_string()))
}

/// Searches replies and callbacks for the first field with this name whose type is an enumeration. Returns the
/// enumeration.
pub(crate) fn discriminating_enum<'a>(api: &'a Api, wire: &str) -> Option<&'a Named<spec::Enum>> {
    let fields = api.operations.iter().flat_map(|op| &op.reply).chain(api.callbacks.iter().flat_map(|c| &c.body));
    fields.filter(|f| f.wire == wire).find_map(|f| match f.kind {
        Kind::One(TypeRef::Enum(n)) => Some(&api.enums[n]),
        _ => None,
    })
}

/// Groups that one field selects, and the enumeration of the field.
pub(crate) struct Announced<'a> {
    pub(crate) of: &'a Named<spec::Enum>,
    /// Index of each group, and the value that selects the group.
    pub(crate) groups: Vec<(usize, String)>,
}

/// Returns an entry for each field that selects groups and whose type is an enumeration. Fields with the same name have
/// one entry.
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
