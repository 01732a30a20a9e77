//! Times and days in a notation of their own.

use super::tokens::{docs, ident, integer};
use crate::model::{TimeNotation, TimeType};
use proc_macro2::TokenStream;
use quote::quote;

/// The type.
pub(super) fn emit(time: &TimeType) -> TokenStream {
    let (name, documentation, expected) = (ident(&time.rust), docs(&time.docs), &time.expected);
    let value = match time.notation {
        TimeNotation::Day(_) => quote!(rt::CalendarDate),
        _ => quote!(rt::OffsetDateTime),
    };
    let format = match &time.notation {
        TimeNotation::Moment(pattern, offset) => {
            let offset = integer(i64::from(*offset));
            Some(quote!(rt::TimeFormat { pattern: #pattern, offset: #offset }))
        }
        TimeNotation::Day(pattern) => Some(quote!(rt::TimeFormat { pattern: #pattern, offset: 0 })),
        TimeNotation::UnixSeconds | TimeNotation::UnixMilliseconds => None,
    };
    let format = format.map(|format| {
        quote! {
            const FORMAT: rt::TimeFormat<'static> = #format;
        }
    });
    let implementation = match &time.notation {
        TimeNotation::Day(_) => quote!(rt::impl_day!(#name);),
        TimeNotation::Moment(..) => quote! {
            rt::impl_moment!(
                #name,
                |text: &str| Self::FORMAT.parse_moment(text).ok(),
                |value: rt::OffsetDateTime| Self::FORMAT.write_moment(value),
                false
            );
        },
        TimeNotation::UnixSeconds => unix(time, quote!(from_unix_seconds), quote!(unix_seconds)),
        TimeNotation::UnixMilliseconds => unix(time, quote!(from_unix_milliseconds), quote!(unix_milliseconds)),
    };
    quote! {
        #documentation
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #name(#value);

        impl #name {
            /// How it is written, in words.
            pub const NOTATION: &'static str = #expected;

            #format
        }

        #implementation
    }
}

fn unix(time: &TimeType, read: TokenStream, write: TokenStream) -> TokenStream {
    let name = ident(&time.rust);
    quote! {
        rt::impl_moment!(
            #name,
            |text: &str| text.parse().ok().and_then(rt::OffsetDateTime::#read),
            |value: rt::OffsetDateTime| value.#write().to_string(),
            true
        );
    }
}
