//! Names that the generated crate uses itself, by the place where a name of a spec could collide with them.
//!
//! `lint` rejects these names in a spec. A test compares the lists with the output of the emitters.

/// Modules at the root, and names with a meaning for cargo.
pub(crate) const ROOT: [&str; 3] = ["bin", "lib", "runtime"];

/// Files of every API, beside those of its operations and callbacks. The file of the client is behind a feature.
pub(crate) const FILES: [&str; 5] = ["api", "codes", "enums", "objects", "texts"];

/// Other modules and path prefixes that an operation's module would hide.
pub(crate) const MODULES: [&str; 12] = [
    "blocking",
    "client",
    "fields",
    "reference",
    "rt",
    "server",
    "std",
    "core",
    "alloc",
    "serde",
    "serde_json",
    "uuid",
];

/// Methods of a client.
pub(crate) const CLIENT: [&str; 5] = ["base_url", "builder", "new", "warnings", "with"];

/// Methods of a server, beside one for each operation.
pub(crate) const SERVER: [&str; 1] = ["malformed"];

/// Prefixes of a client's methods for an operation that can be resolved, followed by the operation's id.
pub(crate) const RESOLVING: [&str; 2] = ["resolve_", "resolve_many_"];

/// Suffix of a client's method for a paginated list, after the operation's id.
pub(crate) const PAGES: &str = "_pages";

/// Prefix of a client's method for a callback that can be confirmed, followed by the callback's id.
pub(crate) const CONFIRMING: &str = "confirm_";

/// Functions of a request, beside a getter for each field, and functions of the standard library that a getter would
/// hide.
pub(crate) const REQUEST: [&str; 7] = ["as_ref", "borrow", "builder", "clone", "deref", "new", "warnings"];

/// Methods of a builder, beside its setters.
pub(crate) const BUILDER: [&str; 2] = ["build", "build_at"];

/// Fields of a reply, and of a callback's message.
pub(crate) const REPLY_FIELDS: [&str; 1] = ["raw"];

/// Functions of a reply, a group or a callback's message, beside the magnitudes of negative amounts.
pub(crate) const REPLY_METHODS: [&str; 12] = [
    "from_body",
    "is_empty",
    "parse",
    "parse_form",
    "parse_json",
    "parse_query",
    "raw",
    "sign",
    "to_form",
    "to_json",
    "verify",
    "verify_at",
];

/// Variables of the function that verifies a callback, beside the path parameters in the proof.
pub(crate) const VERIFY: [&str; 7] = ["body", "credentials", "header", "headers", "message", "now", "signed"];

/// Variant of an open enumeration for unknown values.
pub(crate) const UNKNOWN: &str = "Unknown";

/// Variant of an enumeration for other values of the caller.
pub(crate) const OTHER: &str = "Other";

/// Types of every API, types in its tests, and types of the standard library's prelude.
pub(crate) const TYPES: [&str; 51] = [
    "API",
    "Arc",
    "AsRef",
    "Box",
    "Client",
    "ClientBuilder",
    "Clone",
    "ConfirmError",
    "Copy",
    "Credentials",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Duration",
    "Eq",
    "Err",
    "Error",
    "ErrorCode",
    "ExactSizeIterator",
    "Extend",
    "Failure",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Resolution",
    "Result",
    "Send",
    "Server",
    "Sized",
    "Some",
    "Stage",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "Unpin",
    "Value",
    "Vec",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::currency_of;
    use crate::names::snake;
    use crate::project::Project;
    use crate::regen::{Loaded, files, load};
    use crate::resolved::{Api, Field, Kind};
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Returns the names of the public functions in a text.
    fn functions(text: &str) -> BTreeSet<&str> {
        let after = text.lines().filter_map(|line| {
            line.trim_start().strip_prefix("pub fn ").or_else(|| line.trim_start().strip_prefix("pub async fn "))
        });
        after.filter_map(|rest| rest.split(['(', '<']).next()).collect()
    }

    fn names(api: &Api, fields: &[Field], found: &mut BTreeSet<String>) {
        for field in fields {
            let name = snake(field.spec.name.as_deref().unwrap_or(&field.wire));
            found.extend(currency_of(api, field).map(|_| crate::names::money(&name)));
            found.insert(name);
            found.extend(field.spec.choices.keys().map(|choice| snake(choice)));
            if let Kind::OneOf(choices) = &field.kind {
                names(api, choices, found);
            }
        }
    }

    /// Returns the names in a file, without those of the spec.
    fn own<'a>(file: &'a str, of_the_spec: &BTreeSet<String>) -> Vec<&'a str> {
        functions(file).into_iter().filter(|name| !of_the_spec.contains(*name) && !name.ends_with("_details")).collect()
    }

    fn each_api(test: impl Fn(&Api, &dyn Fn(&str) -> String)) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut other = Project::at(&root);
        other.spec = root.join("tests/parcel-spec");
        for project in [Project::at(&root), other] {
            let apis = match load(&project).expect("the spec can be read") {
                Loaded::Sound(apis) => apis,
                Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
            };
            let files = files(&apis, &project.options);
            for api in &apis {
                let text = |name: &str| {
                    let path = format!("src/{}/{name}.rs", api.name);
                    files.iter().find(|file| file.path == path).map(|file| file.content.clone()).expect("a file")
                };
                test(api, &text);
            }
        }
    }

    #[test]
    fn a_client_has_the_listed_methods_and_one_for_each_operation() {
        each_api(|api, text| {
            let client = text("client");
            let client = client.split("impl ClientBuilder").next().unwrap_or_default();
            let mut operations: BTreeSet<String> = api.operations.iter().map(|op| op.id.clone()).collect();
            for op in api.operations.iter().filter(|op| op.spec.recovery.resolve.is_some()) {
                operations.extend(RESOLVING.map(|begin| format!("{begin}{}", op.id)));
            }
            for op in api.operations.iter().filter(|op| op.spec.pages.is_some()) {
                operations.insert(format!("{}{PAGES}", op.id));
            }
            for callback in api.callbacks.iter().filter(|callback| callback.spec.procedure().is_some()) {
                operations.insert(format!("{CONFIRMING}{}", callback.id));
            }
            assert_eq!(own(client, &operations), CLIENT);
        });
    }

    #[test]
    fn an_operations_file_has_the_listed_functions_and_those_of_its_fields() {
        let listed: Vec<&str> = REQUEST.iter().chain(&BUILDER).chain(&REPLY_METHODS).copied().collect();
        each_api(|api, text| {
            for op in &api.operations {
                let mut spec = BTreeSet::new();
                for fields in [&op.path, &op.query, &op.headers, &op.request, &op.reply] {
                    names(api, fields, &mut spec);
                }
                let file = text(&op.id);
                let more: Vec<&str> = own(&file, &spec).into_iter().filter(|name| !listed.contains(name)).collect();
                assert_eq!(more, [""; 0], "{} has functions that no list names", op.id);
            }
            for callback in &api.callbacks {
                let mut spec = BTreeSet::new();
                names(api, &callback.body, &mut spec);
                let file = text(&callback.id);
                let more: Vec<&str> = own(&file, &spec).into_iter().filter(|name| !listed.contains(name)).collect();
                assert_eq!(more, [""; 0], "{} has functions that no list names", callback.id);
            }
        });
    }

    #[test]
    fn an_apis_module_has_the_listed_files() {
        each_api(|api, text| {
            let file = text("mod");
            let modules: BTreeSet<&str> =
                file.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
            let ids = api.operations.iter().map(|op| &op.id).chain(api.callbacks.iter().map(|callback| &callback.id));
            let ids: BTreeSet<&str> = ids.map(String::as_str).collect();
            let known: BTreeSet<&str> = FILES.into_iter().chain(MODULES).collect();
            let more: Vec<&&str> =
                modules.iter().filter(|name| !ids.contains(**name) && !known.contains(**name)).collect();
            assert!(more.is_empty(), "{more:?}");
        });
    }
}
