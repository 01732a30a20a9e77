//! A change of the public API of the SDK, the runtime or the sandbox changes a snapshot, so that reviewers notice the
//! change. Each snapshot is a text with the exported items of one crate: their signatures, public fields, variants and
//! implemented traits. It contains no documentation, function bodies or hidden items. The tests read the sources, so
//! that no particular toolchain is needed.

use quote::ToTokens;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use syn::{Attribute, ImplItem, Item, TraitItem, UseTree, Visibility};

#[test]
fn the_public_api_of_the_crate_is_as_reviewed() {
    // An API that is new in the spec is not compared until its names are recorded with `INSTA_UPDATE`.
    let snapshot = include_str!("snapshots/all__public_api__the_public_api_of_the_crate_is_as_reviewed.snap");
    let all = std::env::var_os("INSTA_UPDATE").is_some();
    let api = public_api("generated");
    let mut shown = String::new();
    let mut is_reviewed = true;
    for line in api.lines() {
        if let Some((module, _)) = line.strip_prefix("crate::").and_then(|path| path.split_once("::")) {
            is_reviewed = all || snapshot.contains(&format!("\ncrate::{module}::"));
        } else if !line.starts_with(' ') {
            is_reviewed = true;
        }
        if is_reviewed {
            shown += line;
            shown.push('\n');
        }
    }
    insta::assert_snapshot!("the_public_api_of_the_crate_is_as_reviewed", shown);
}

#[test]
fn the_public_api_of_the_runtime_is_as_reviewed() {
    insta::assert_snapshot!(public_api("runtime"));
}

#[test]
fn the_public_api_of_the_sandbox_is_as_reviewed() {
    insta::assert_snapshot!(public_api("sandbox"));
}

#[derive(Default)]
struct Module {
    path: Vec<String>,
    items: Vec<Item>,
    children: BTreeMap<String, Module>,
    /// Names of items that the snapshot leaves out.
    hidden: Vec<String>,
}

impl Module {
    fn read(file: &Path, folder: &Path, path: Vec<String>) -> Self {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let items = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())).items;
        Self::of(items, folder, path)
    }

    fn of(items: Vec<Item>, folder: &Path, path: Vec<String>) -> Self {
        let mut module = Module { path, ..Module::default() };
        for item in items {
            if is_left_out(attributes(&item)) {
                module.hidden.extend(public_name(&item).map(ToString::to_string));
                continue;
            }
            if let Item::Mod(child) = &item {
                let name = child.ident.to_string();
                let path = [module.path.clone(), vec![name.clone()]].concat();
                let below = folder.join(&name);
                let found = match &child.content {
                    Some((_, items)) => Self::of(items.clone(), &below, path),
                    None if folder.join(format!("{name}.rs")).is_file() => {
                        Self::read(&folder.join(format!("{name}.rs")), &below, path)
                    }
                    None => Self::read(&below.join("mod.rs"), &below, path),
                };
                module.children.insert(name, found);
            }
            module.items.push(item);
        }
        module
    }

    /// Adds the items that other crates can name, each with its public path and its definition.
    fn exports<'a>(&'a self, at: &str, out: &mut Vec<Export<'a>>) {
        for item in &self.items {
            let path = |name: &syn::Ident| format!("{at}::{name}");
            match item {
                Item::Mod(child) if is_public(&child.vis) => {
                    self.children[&child.ident.to_string()].exports(&path(&child.ident), out);
                }
                Item::Use(used) if is_public(&used.vis) => self.reexports(&used.tree, at, item, out),
                Item::Macro(made) if has(&made.attrs, "macro_export") => {
                    let name = made.ident.as_ref().expect("an exported item has a name");
                    out.push(Export { path: format!("{name}!"), item, home: &self.path });
                }
                _ => {
                    if let Some(name) = public_name(item) {
                        out.push(Export { path: path(name), item, home: &self.path });
                    }
                }
            }
        }
    }

    fn reexports<'a>(&'a self, tree: &UseTree, at: &str, item: &'a Item, out: &mut Vec<Export<'a>>) {
        match tree {
            UseTree::Path(step) => match self.children.get(&step.ident.to_string()) {
                Some(child) => child.names(&step.tree, at, out),
                None => out.push(Export { path: format!("{at}: {}", line(tree)), item, home: &self.path }),
            },
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.reexports(tree, at, item, out)),
            _ => out.push(Export { path: format!("{at}: {}", line(tree)), item, home: &self.path }),
        }
    }

    /// Adds the items of this module that a `use` re-exports at the path `at`.
    fn names<'a>(&'a self, tree: &UseTree, at: &str, out: &mut Vec<Export<'a>>) {
        let mut own = Vec::new();
        self.exports(at, &mut own);
        match tree {
            UseTree::Glob(_) => out.append(&mut own),
            UseTree::Name(name) => {
                let path = format!("{at}::{}", name.ident);
                let found = out.len();
                out.extend(own.into_iter().filter(|export| export.path == path));
                let is_hidden = self.hidden.iter().any(|hidden| name.ident == hidden);
                assert!(out.len() > found || is_hidden, "{path} is not found in {:?}", self.path);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.names(tree, at, out)),
            UseTree::Path(step) => match self.children.get(&step.ident.to_string()) {
                Some(child) => child.names(&step.tree, at, out),
                None => panic!("{} is not found in {:?}", step.ident, self.path),
            },
            UseTree::Rename(_) => panic!("renamed exports are not read yet: {}", line(tree)),
        }
    }

    fn each(&self, visit: &mut impl FnMut(&[String], &Item)) {
        self.items.iter().for_each(|item| visit(&self.path, item));
        self.children.values().for_each(|child| child.each(visit));
    }
}

struct Export<'a> {
    path: String,
    item: &'a Item,
    home: &'a [String],
}

fn public_api(folder: &str) -> String {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("src");
    let root = Module::read(&sources.join("lib.rs"), &sources, Vec::new());
    let mut exports = Vec::new();
    root.exports("crate", &mut exports);
    exports.sort_by(|a, b| a.path.cmp(&b.path));
    // An `impl` block is shown below the exported type with the same name. If several exported types have this name,
    // the block is shown below the type in the nearest module.
    let mut methods: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut traits: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    root.each(&mut |home, item| {
        let Some((name, of_trait, own)) = implemented(item) else { return };
        let nearness = |export: &Export<'_>| {
            let common = export.home.iter().zip(home).take_while(|(a, b)| a == b).count();
            (common, usize::MAX - export.home.len())
        };
        let named = |item: &Item| public_name(item).is_some_and(|own| *own == name);
        let found = exports.iter().enumerate().filter(|(_, export)| named(export.item));
        let Some((place, _)) = found.max_by_key(|(_, export)| nearness(export)) else { return };
        match of_trait {
            Some(header) => traits.entry(place).or_default().push(header),
            None => methods.entry(place).or_default().extend(own),
        }
    });
    let mut out = String::new();
    for (place, export) in exports.iter().enumerate() {
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "{}", export.path);
        for line in shown(export.item).lines() {
            let _ = writeln!(out, "    {line}");
        }
        for method in methods.get(&place).into_iter().flatten() {
            let _ = writeln!(out, "    {method}");
        }
        if let Some(traits) = traits.get_mut(&place) {
            traits.sort();
            let _ = writeln!(out, "    implements {}", traits.join(", "));
        }
    }
    out
}

/// Returns the type of an `impl` block, the trait (if there is one), and the public methods and constants. A macro call
/// counts as an `impl` block without methods. Returns `None` for any other item.
fn implemented(item: &Item) -> Option<(String, Option<String>, Vec<String>)> {
    match item {
        Item::Impl(block) => {
            let syn::Type::Path(own) = &*block.self_ty else { return None };
            let name = own.path.segments.last()?.ident.to_string();
            if let Some((path, _)) = &block.trait_ {
                return Some((name, Some(line(path)), Vec::new()));
            }
            let methods = block.items.iter().filter_map(|item| match item {
                ImplItem::Fn(method) if is_public(&method.vis) && !is_left_out(&method.attrs) => {
                    Some(function(&method.attrs, &method.vis, &method.sig))
                }
                ImplItem::Const(constant) if is_public(&constant.vis) && !is_left_out(&constant.attrs) => {
                    Some(format!("pub const {}: {}", constant.ident, line(&constant.ty)))
                }
                _ => None,
            });
            Some((name, None, methods.collect()))
        }
        // In a call such as `rt::impl_text!(OrderNo)`, the first argument is the type.
        Item::Macro(call) if call.ident.is_none() => {
            let name = call.mac.tokens.clone().into_iter().next()?.to_string();
            Some((name, Some(format!("{}!", line(&call.mac.path))), Vec::new()))
        }
        _ => None,
    }
}

fn function(attrs: &[Attribute], vis: &Visibility, signature: &syn::Signature) -> String {
    let attrs = kept(attrs);
    let item = syn::parse_quote!(#(#attrs)* #vis #signature {});
    printed(item)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end_matches(" {}")
        .replace("( ", "(")
        .replace(", )", ")")
}

/// Returns the definition of an item as users see it. Private fields are shown as two dots.
fn shown(item: &Item) -> String {
    let mut item = item.clone();
    match &mut item {
        Item::Fn(own) => return function(&own.attrs, &own.vis, &own.sig),
        Item::Use(_) | Item::Macro(_) => return String::new(),
        Item::Struct(own) => {
            own.attrs = kept(&own.attrs);
            let all = own.fields.len();
            if let syn::Fields::Named(fields) = &mut own.fields {
                let all = std::mem::take(&mut fields.named);
                fields.named = all.into_iter().filter(|field| is_public(&field.vis)).collect();
                fields.named.iter_mut().for_each(|field| field.attrs = kept(&field.attrs));
            } else if let syn::Fields::Unnamed(fields) = &mut own.fields
                && fields.unnamed.iter().any(|field| !is_public(&field.vis))
            {
                fields.unnamed.clear();
            }
            if own.fields.len() < all {
                let mut text = printed(item).trim_end().to_owned();
                let place = text.rfind(['}', ')']).expect("fields have a bracket");
                let dots = if text[..place].ends_with('\n') { "    ..\n" } else { ".." };
                text.insert_str(place, dots);
                return text;
            }
        }
        Item::Enum(own) => {
            own.attrs = kept(&own.attrs);
            for variant in &mut own.variants {
                variant.attrs = kept(&variant.attrs);
                variant.fields.iter_mut().for_each(|field| field.attrs = kept(&field.attrs));
            }
        }
        Item::Trait(own) => {
            own.attrs = kept(&own.attrs);
            own.items.retain(|item| !matches!(item, TraitItem::Fn(method) if is_left_out(&method.attrs)));
            for item in &mut own.items {
                match item {
                    TraitItem::Fn(method) => {
                        method.attrs = kept(&method.attrs);
                        if method.default.is_some() {
                            method.default = Some(syn::parse_quote!({}));
                        }
                    }
                    TraitItem::Const(constant) => constant.attrs = kept(&constant.attrs),
                    TraitItem::Type(named) => named.attrs = kept(&named.attrs),
                    _ => {}
                }
            }
        }
        Item::Const(own) => return format!("pub const {}: {}", own.ident, line(&own.ty)),
        Item::Static(own) => return format!("pub static {}: {}", own.ident, line(&own.ty)),
        Item::Type(own) => own.attrs = kept(&own.attrs),
        _ => {}
    }
    printed(item)
}

fn printed(item: Item) -> String {
    prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] })
}

/// Formats tokens in one line, with the usual spaces.
fn line(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (spaced, close) in
        [(" :: ", "::"), (" < ", "<"), (" >", ">"), ("& ", "&"), (" ,", ","), ("' ", "'"), (":: ", "::")]
    {
        text = text.replace(spaced, close);
    }
    text
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(i) => &i.attrs,
        Item::Enum(i) => &i.attrs,
        Item::Fn(i) => &i.attrs,
        Item::Impl(i) => &i.attrs,
        Item::Macro(i) => &i.attrs,
        Item::Mod(i) => &i.attrs,
        Item::Static(i) => &i.attrs,
        Item::Struct(i) => &i.attrs,
        Item::Trait(i) => &i.attrs,
        Item::Type(i) => &i.attrs,
        Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

fn public_name(item: &Item) -> Option<&syn::Ident> {
    let (vis, name) = match item {
        Item::Const(i) => (&i.vis, &i.ident),
        Item::Enum(i) => (&i.vis, &i.ident),
        Item::Fn(i) => (&i.vis, &i.sig.ident),
        Item::Static(i) => (&i.vis, &i.ident),
        Item::Struct(i) => (&i.vis, &i.ident),
        Item::Trait(i) => (&i.vis, &i.ident),
        Item::Type(i) => (&i.vis, &i.ident),
        _ => return None,
    };
    is_public(vis).then_some(name)
}

fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

fn has(attrs: &[Attribute], name: &str) -> bool {
    attrs.iter().any(|attribute| attribute.path().is_ident(name))
}

fn is_left_out(attrs: &[Attribute]) -> bool {
    let is = |attribute: &Attribute, text: &str| attribute.to_token_stream().to_string().replace(' ', "") == text;
    attrs.iter().any(|attribute| is(attribute, "#[cfg(test)]") || is(attribute, "#[doc(hidden)]"))
}

/// Returns the attributes that matter to users of an item.
fn kept(attrs: &[Attribute]) -> Vec<Attribute> {
    let names = ["cfg", "derive", "must_use", "non_exhaustive", "deprecated"];
    attrs.iter().filter(|attribute| names.iter().any(|name| attribute.path().is_ident(name))).cloned().collect()
}
