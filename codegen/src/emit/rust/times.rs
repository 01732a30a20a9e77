//! Emits the types of times and days whose notation is defined in the spec.

use super::tokens::{docs, ident, time_format};
use crate::model::TimeType;
use proc_macro2::TokenStream;
use quote::quote;
use rules::Written;

pub(super) fn emit(time: &TimeType) -> TokenStream {
    let (name, documentation, expected) = (ident(&time.rust), docs(&time.docs), &time.expected);
    let format = time_format(&time.notation);
    let (value, implementation) = match time.notation.written {
        Written::Date => (quote!(rt::CalendarDate), quote!(rt::impl_day!(#name);)),
        _ => (quote!(rt::OffsetDateTime), quote!(rt::impl_moment!(#name);)),
    };
    quote! {
        #documentation
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #name(#value);

        impl #name {
            /// Notation in words, as error messages show it.
            pub const NOTATION: &'static str = #expected;

            const FORMAT: rt::TimeFormat<'static> = #format;
        }

        #implementation
    }
}
