//! Emits the struct of a reply, of a group in replies, or of a callback's message. The fields are public, and are
//! decoded leniently.

use super::tokens::{docs, ident, ty};
use crate::model::{CurrencyModel, DetailsAccess, Discriminator, Member, MemberKind, Struct, Ty};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// Whether a struct also stores the message as received.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    /// The struct of a group stores only the fields.
    Nothing,
    /// The struct of a reply or of a callback's message also stores the whole reply or message as received.
    Raw,
}

/// Distance between the first slots of two consecutive groups. It is larger than the number of fields of any group.
const STRIDE: usize = 1000;

pub(super) fn emit(reply: &Struct, keeps: Keeps) -> TokenStream {
    let name = ident(&reply.rust);
    let documentation = docs(&reply.docs);
    let fields = reply.members.iter().map(|member| {
        let (docs, field, of) = (docs(&member.docs), field_name(member), storage(member));
        quote!(#docs pub #field: #of)
    });
    // An empty list differs from an absent list, so a further field stores whether the list was present.
    let came = reply.members.iter().filter(|m| is_list_that_always_comes(m)).map(|member| {
        let field = came_name(member);
        quote!(#field: bool,)
    });
    let raw_field = (keeps == Keeps::Raw).then(|| quote!(raw: rt::Raw,));
    let raw_method = (keeps == Keeps::Raw).then(|| {
        quote! {
            /// Returns the reply or message as received, including members that the spec does not have.
            pub fn raw(&self) -> &rt::Raw {
                &self.raw
            }
        }
    });
    let magnitudes = reply.members.iter().filter(|m| m.negative).map(magnitude);
    let moneys = reply.members.iter().filter_map(money);
    let details = reply.details.as_ref().map(|access| details(reply, access));
    let is_empty = (keeps == Keeps::Nothing).then(|| is_empty(reply));
    let blank = blank(reply, keeps);
    let default = blank.is_none().then(|| quote!(, Default));
    let derive = if reply.sensitive() { quote!(Clone #default) } else { quote!(Clone, Debug #default) };
    let debug = super::debug::emit(reply, (keeps == Keeps::Raw).then_some("raw"));
    let object = object(reply);
    let members = members(reply);
    quote! {
        #documentation
        #[derive(#derive)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields,)*
            #(#came)*
            #raw_field
        }

        impl #name {
            #raw_method
            #(#magnitudes)*
            #(#moneys)*
            #details
            #is_empty
        }

        #blank

        #debug

        #object

        #members

        rt::impl_object!(#name);
    }
}

/// Emits the serialization of a reply.
fn members(reply: &Struct) -> TokenStream {
    let name = ident(&reply.rust);
    let body = reply.members.iter().map(entry);
    let map = if reply.members.is_empty() { quote!(_map) } else { quote!(map) };
    quote! {
        impl rt::Members for #name {
            fn members<M: serde::ser::SerializeMap>(&self, #map: &mut M) -> Result<(), M::Error> {
                #(#body)*
                Ok(())
            }
        }
    }
}

/// Emits `Default` for a struct that cannot derive it. That is the case if a member that is always present is an
/// enumeration. Enumerations have no `Default`, so that no request gets a value that the caller did not choose.
fn blank(reply: &Struct, keeps: Keeps) -> Option<TokenStream> {
    let is_enum = |m: &&Member| m.always && matches!(m.kind, MemberKind::Value(Ty::Enum { .. }));
    reply.members.iter().find(is_enum)?;
    let name = ident(&reply.rust);
    let fields = reply.members.iter().map(|member| {
        let field = field_name(member);
        if is_enum(&member) { quote!(#field: rt::Unset::unset()) } else { quote!(#field: Default::default()) }
    });
    let came = reply.members.iter().filter(|m| is_list_that_always_comes(m)).map(|member| {
        let field = came_name(member);
        quote!(#field: false,)
    });
    let raw = (keeps == Keeps::Raw).then(|| quote!(raw: Default::default(),));
    Some(quote! {
        impl Default for #name {
            fn default() -> Self {
                Self { #(#fields,)* #(#came)* #raw }
            }
        }
    })
}

fn field_name(member: &Member) -> proc_macro2::Ident {
    if member.negative { format_ident!("signed_{}", member.rust) } else { ident(&member.rust) }
}

fn is_list_that_always_comes(member: &Member) -> bool {
    member.always && matches!(member.kind, MemberKind::List(..))
}

fn came_name(member: &Member) -> proc_macro2::Ident {
    format_ident!("{}_came", member.rust)
}

fn storage(member: &Member) -> TokenStream {
    match &member.kind {
        MemberKind::Value(of) => {
            let of = ty(of);
            if member.always { of } else { quote!(Option<#of>) }
        }
        MemberKind::List(of, _) => {
            let of = ty(of);
            quote!(Vec<#of>)
        }
        MemberKind::Include(name) | MemberKind::Nested(name) | MemberKind::Selected(name) => {
            let name = ident(name);
            quote!(#name)
        }
        // Only requests have alternatives.
        MemberKind::OneOf(_) => quote!(Option<serde_json::Value>),
    }
}

fn magnitude(member: &Member) -> TokenStream {
    let (field, method) = (field_name(member), ident(&member.rust));
    let documentation = docs(&member.docs);
    quote! {
        #documentation
        ///
        /// Returns the magnitude of the amount. The field with the prefix `signed_` has the sign as received.
        pub fn #method(&self) -> Option<u64> {
            self.#field.map(i64::unsigned_abs)
        }
    }
}

/// Emits the method that returns the amount with its currency.
fn money(member: &Member) -> Option<TokenStream> {
    let currency = match member.currency.as_ref()? {
        CurrencyModel::Fixed(code) => quote!(#code),
        CurrencyModel::Member { rust, always: true } => {
            let currency = ident(rust);
            quote!(self.#currency.as_str())
        }
        CurrencyModel::Member { rust, always: false } => {
            let currency = ident(rust);
            quote!(self.#currency.as_ref()?.as_str())
        }
    };
    let (field, method) = (field_name(member), ident(&crate::names::money(&member.rust)));
    let make =
        if matches!(member.kind, MemberKind::Value(Ty::Decimal)) { quote!(new) } else { quote!(from_minor_units) };
    let doc = format!(" Returns `{}` with its currency, or `None` if either is absent or invalid.", member.wire);
    Some(quote! {
        #[doc = #doc]
        pub fn #method(&self) -> Option<rt::Money> {
            rt::Money::#make(self.#field?, #currency)
        }
    })
}

fn details(reply: &Struct, access: &DetailsAccess) -> TokenStream {
    let (method, details) = (ident(&access.method), ident(&access.details));
    let body = match &access.discriminator {
        Some(Discriminator { rust: field, of, always }) => {
            let (field, of) = (ident(field), ident(of));
            let arms = access.cases.iter().map(|case| {
                let (variant, group) = (ident(&case.variant), ident(&case.field));
                let pattern = if *always { quote!(#of::#variant) } else { quote!(Some(#of::#variant)) };
                quote!(#pattern => #details::#variant(&self.#group))
            });
            quote! {
                match &self.#field {
                    #(#arms,)*
                    _ => #details::Unknown,
                }
            }
        }
        None => {
            let tests = access.cases.iter().map(|case| {
                let (variant, group) = (ident(&case.variant), ident(&case.field));
                quote! {
                    if !self.#group.is_empty() {
                        return #details::#variant(&self.#group);
                    }
                }
            });
            quote! {
                #(#tests)*
                #details::Unknown
            }
        }
    };
    let doc = format!(
        " Returns the group of fields that applies: {}, or `Unknown`.",
        access.cases.iter().map(|case| format!("`{}`", case.variant)).collect::<Vec<_>>().join(", ")
    );
    let selection = match &access.discriminator {
        Some(field) => format!(" The field `{}` selects the group.", field.rust),
        None => " The fields that are present select the group.".to_owned(),
    };
    let _ = reply;
    quote! {
        #[doc = #doc]
        #[doc = #selection]
        pub fn #method(&self) -> #details<'_> {
            #body
        }
    }
}

fn is_empty(group: &Struct) -> TokenStream {
    let tests = group.members.iter().map(|member| {
        let field = field_name(member);
        match (&member.kind, member.always) {
            (MemberKind::Value(_), false) | (MemberKind::OneOf(_), _) => quote!(self.#field.is_none()),
            (MemberKind::Value(_), true) => quote!(self.#field.as_str().is_empty()),
            _ => quote!(self.#field.is_empty()),
        }
    });
    let all = if group.members.is_empty() { quote!(true) } else { quote!(#(#tests)&&*) };
    quote! {
        /// Returns `true` if all fields of the group are absent. An empty list counts as absent.
        pub fn is_empty(&self) -> bool {
            #all
        }
    }
}

fn object(reply: &Struct) -> TokenStream {
    let name = ident(&reply.rust);
    let slots = Slots::of(reply);
    let has_members = slots.is_empty().then(|| {
        quote! {
            fn has_members(&self) -> bool {
                false
            }
        }
    });
    let (slot_name, from) = match slots.is_empty() {
        true => (quote!(_slot), quote!(_from)),
        false => (quote!(slot), quote!(from)),
    };
    let (slot, fill, missing) = (slots.slot(), slots.fill(), slots.missing());
    quote! {
        impl rt::Object for #name {
            #has_members

            #slot

            fn fill(&mut self, #slot_name: u16, #from: &mut dyn rt::Source) {
                #fill
            }

            #missing
        }
    }
}

/// Slots of the members of a reply. A slot is the number by which the decoder finds a member's field. The reply's own
/// members have the first slots. The slots of the members of each group follow.
struct Slots<'a> {
    own: Vec<&'a Member>,
    groups: Vec<GroupSlots<'a>>,
}

struct GroupSlots<'a> {
    member: &'a Member,
    first: Literal,
    last: Literal,
}

impl<'a> Slots<'a> {
    fn of(reply: &'a Struct) -> Self {
        let is_group = |member: &&Member| matches!(member.kind, MemberKind::Include(_));
        let groups = reply.members.iter().filter(is_group).enumerate().map(|(n, member)| {
            let first = STRIDE * (n + 1);
            let last = Literal::usize_unsuffixed(first + STRIDE - 1);
            GroupSlots { member, first: Literal::usize_unsuffixed(first), last }
        });
        // The payload, which another member selects, is decoded separately after the other members.
        let is_own = |member: &&Member| !is_group(member) && !matches!(member.kind, MemberKind::Selected(_));
        Slots { own: reply.members.iter().filter(is_own).collect(), groups: groups.collect() }
    }

    fn is_empty(&self) -> bool {
        self.own.is_empty() && self.groups.is_empty()
    }

    /// Emits the function that returns the slot of the member with the given name.
    fn slot(&self) -> TokenStream {
        let slots = self.own.iter().enumerate().map(|(n, member)| {
            let (wire, n) = (&member.wire, Literal::usize_unsuffixed(n));
            quote!(#wire => #n)
        });
        let groups: Vec<TokenStream> = self
            .groups
            .iter()
            .map(|GroupSlots { member, first, .. }| {
                let field = ident(&member.rust);
                quote! {
                    if let Some(slot) = rt::Object::slot(&self.#field, name) {
                        return Some(#first + slot);
                    }
                }
            })
            .collect();
        let otherwise = match groups.is_empty() {
            true => quote!(return None),
            false => quote!({
                #(#groups)*
                return None;
            }),
        };
        if self.is_empty() {
            return quote! {
                fn slot(&self, _name: &str) -> Option<u16> {
                    None
                }
            };
        }
        let found = match self.own.is_empty() {
            true => quote! {
                #(#groups)*
                None
            },
            false => quote! {
                Some(match name {
                    #(#slots,)*
                    _ => #otherwise,
                })
            },
        };
        quote! {
            fn slot(&self, name: &str) -> Option<u16> {
                #found
            }
        }
    }

    /// Emits the code that decodes a value into the field with the given slot.
    fn fill(&self) -> TokenStream {
        let own = self.own.iter().enumerate().map(|(n, member)| {
            let n = Literal::usize_unsuffixed(n);
            (quote!(#n), fill_one(member))
        });
        let groups = self.groups.iter().map(|GroupSlots { member, first, last }| {
            let field = ident(&member.rust);
            (quote!(#first..=#last), quote!(rt::Object::fill(&mut self.#field, slot - #first, from)))
        });
        let arms: Vec<(TokenStream, TokenStream)> = own.chain(groups).collect();
        match arms.as_slice() {
            [] => quote!(),
            [(only, fill)] if self.groups.is_empty() => quote! {
                if slot == #only {
                    #fill;
                }
            },
            [(only, fill)] => quote! {
                if let #only = slot {
                    #fill;
                }
            },
            _ => {
                let arms = arms.iter().map(|(slot, fill)| quote!(#slot => #fill));
                quote! {
                    match slot {
                        #(#arms,)*
                        _ => {}
                    }
                }
            }
        }
    }

    /// Emits the function that returns the name of the first required member that is absent. A member is required if
    /// every success must have it. If no member is required, the function is not emitted.
    fn missing(&self) -> Option<TokenStream> {
        let tests: Vec<_> = self
            .own
            .iter()
            .filter(|member| member.always)
            .map(|member| {
                let (wire, lacks) = (&member.wire, lacks(member));
                quote! {
                    if #lacks {
                        return Some(#wire);
                    }
                }
            })
            .collect();
        (!tests.is_empty()).then(|| {
            quote! {
                fn missing(&self) -> Option<&'static str> {
                    #(#tests)*
                    None
                }
            }
        })
    }
}

/// Emits the call that decodes a value into the field of a member.
fn fill_one(member: &Member) -> TokenStream {
    let field = field_name(member);
    if let Some(separator) = &member.joined {
        return quote!(rt::fill_joined(&mut self.#field, #separator, from));
    }
    if is_list_that_always_comes(member) {
        let came = came_name(member);
        return quote!(rt::fill_list(&mut self.#field, &mut self.#came, from));
    }
    let fill = match &member.kind {
        MemberKind::Nested(_) => quote!(fill_always),
        MemberKind::Value(_) if member.always => quote!(fill_always),
        _ => quote!(fill),
    };
    quote!(rt::#fill(&mut self.#field, from))
}

/// Emits the condition under which a required member is absent.
fn lacks(member: &Member) -> TokenStream {
    let field = field_name(member);
    match &member.kind {
        MemberKind::Value(Ty::String) => quote!(self.#field.is_empty()),
        MemberKind::List(..) => {
            let came = came_name(member);
            quote!(!self.#came)
        }
        _ => quote!(self.#field.as_str().is_empty()),
    }
}

fn entry(member: &Member) -> TokenStream {
    let (wire, field) = (&member.wire, field_name(member));
    if let Some(written) = super::request::written(member) {
        let is_list = matches!(member.kind, MemberKind::List(..));
        let value = written(if is_list { quote!(&self.#field) } else { quote!(value) });
        return match is_list {
            true => quote!(map.serialize_entry(#wire, &#value)?;),
            false => quote! {
                if let Some(value) = &self.#field {
                    map.serialize_entry(#wire, &#value)?;
                }
            },
        };
    }
    match (&member.kind, member.always || member.none_is_null) {
        // An empty list is written too, because some readers distinguish it from an absent list.
        (MemberKind::Value(_), true) | (MemberKind::List(..), _) => {
            quote!(map.serialize_entry(#wire, &self.#field)?;)
        }
        (MemberKind::Value(_), false) | (MemberKind::OneOf(_), _) => quote! {
            if let Some(value) = &self.#field {
                map.serialize_entry(#wire, value)?;
            }
        },
        (MemberKind::Nested(_), _) => quote! {
            if !self.#field.is_empty() {
                map.serialize_entry(#wire, &self.#field)?;
            }
        },
        (MemberKind::Include(_), _) => quote!(rt::Members::members(&self.#field, map)?;),
        (MemberKind::Selected(_), _) => quote!(self.#field.members(map)?;),
    }
}
