//! Emits `Debug` for structs with sensitive fields, whose values are never shown.

use super::tokens::ident;
use crate::model::{Member, MemberKind, Struct};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Emits `Debug` of a struct with sensitive fields. Returns `None` for any other struct, because such a struct derives
/// `Debug`. `raw` is the name of the field that contains the message as received, or `None` if the struct has no such
/// field.
pub(super) fn emit(of: &Struct, raw: Option<&str>) -> Option<TokenStream> {
    if !of.sensitive() {
        return None;
    }
    let (name, text) = (ident(&of.rust), &of.rust);
    let fields = of.members.iter().map(|member: &Member| {
        let rust = if member.negative { format!("signed_{}", member.rust) } else { member.rust.clone() };
        let field = format_ident!("{rust}");
        let value = match (&member.kind, member.sensitive) {
            (MemberKind::Value(_), true) if !member.plain && !member.always => {
                quote!(&self.#field.as_ref().map(|_| rt::Redacted))
            }
            (_, true) => quote!(&rt::Redacted),
            (_, false) => quote!(&self.#field),
        };
        quote!(.field(#rust, #value))
    });
    let raw = raw.map(|raw| {
        let field = ident(raw);
        quote!(.field(#raw, &self.#field))
    });
    Some(quote! {
        impl std::fmt::Debug for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(#text) #(#fields)* #raw .finish()
            }
        }
    })
}
