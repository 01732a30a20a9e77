//! Emits the code that reads members of a callback's message. A member may be in a group, or in the payload, which is
//! the object that another member of the message selects.

use super::tokens::{ident, ty};
use crate::model::{ClaimRoute, Claimed, PathStep};
use proc_macro2::TokenStream;
use quote::quote;

/// Returns an expression for a member of the message, as an `Option`.
pub(super) fn claim(claimed: &Claimed) -> TokenStream {
    let member = ident(&claimed.rust);
    if claimed.nested { quote!(self.#member()) } else { quote!(self.#member) }
}

/// Emits the method that returns a member of a group or of the payload.
pub(super) fn route(route: &ClaimRoute) -> TokenStream {
    let (method, of) = (ident(&route.method), ty(&route.of));
    let way = |steps: &[PathStep], from: TokenStream| {
        let Some((last, before)) = steps.split_last() else { return quote!(None) };
        let mut place = quote!(Some(#from));
        for step in before {
            let member = ident(&step.rust);
            place = match step.always {
                true => quote!(#place.map(|group| &group.#member)),
                false => quote!(#place.and_then(|group| group.#member.as_ref())),
            };
        }
        let member = ident(&last.rust);
        let clone = (!route.of.is_copy()).then(|| quote!(.clone()));
        match last.always {
            true => quote!(#place.map(|group| group.#member #clone)),
            false => quote!(#place.and_then(|group| group.#member #clone)),
        }
    };
    let arms = route.ways.iter().filter_map(|(case, steps)| {
        let (union, variant) = case.as_ref()?;
        let (union, variant, way) = (ident(union), ident(variant), way(steps, quote!(&**case)));
        Some(quote!(#union::#variant(case) => #way))
    });
    let own = route.ways.iter().find(|(case, _)| case.is_none()).map(|(_, steps)| way(steps, quote!(self)));
    let mut arms = arms.peekable();
    let found = match (own, arms.peek().is_some()) {
        (Some(own), false) => own,
        (Some(own), true) => quote!(#own.or_else(|| match &self.payload { #(#arms,)* _ => None })),
        (None, _) => quote!(match &self.payload { #(#arms,)* _ => None }),
    };
    quote! {
        #[cfg(feature = "client")]
        fn #method(&self) -> Option<#of> {
            #found
        }
    }
}
