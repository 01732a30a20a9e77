//! Rules of texts and numbers, such as limits and allowed characters, as constant expressions.

use super::tokens::integer;
use crate::model::{CharacterSet, DecimalRules, IntegerRules, TextEncoding, TextFormat, TextRules};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

pub(super) fn text_rules(rules: &TextRules) -> TokenStream {
    let mut fields = Vec::new();
    if rules.min > 0 {
        let min = Literal::usize_unsuffixed(rules.min);
        fields.push(quote!(min: #min));
    }
    if let Some(max) = rules.max {
        let max = Literal::usize_unsuffixed(max);
        fields.push(quote!(max: Some(#max)));
    }
    if let Some((max, encoding)) = rules.max_bytes {
        let max = Literal::usize_unsuffixed(max);
        let encoding = match encoding {
            TextEncoding::Utf8 => quote!(Utf8),
            TextEncoding::EucKr => quote!(EucKr),
        };
        fields.push(quote!(max_bytes: Some((#max, rt::TextEncoding::#encoding))));
    }
    if let Some(CharacterSet { ascii, hangul, others, doc }) = &rules.characters {
        let ascii: TokenStream = hexadecimal(*ascii);
        fields.push(quote! {
            characters: rt::CharacterSet { ascii: #ascii, hangul: #hangul, others: #others }
        });
        fields.push(quote!(characters_doc: #doc));
    }
    if rules.not_blank {
        fields.push(quote!(not_blank: true));
    }
    if let Some(format) = rules.format {
        let format = match format {
            TextFormat::HttpUrl => quote!(HttpUrl),
            TextFormat::PathSegment => quote!(PathSegment),
        };
        fields.push(quote!(format: Some(rt::Format::#format)));
    }
    if !rules.mistaken.is_empty() {
        let pairs = rules.mistaken.iter().map(|(prefix, what)| quote!((#prefix, #what)));
        fields.push(quote!(mistaken: &[#(#pairs),*]));
    }
    if rules.sensitive {
        fields.push(quote!(sensitive: true));
    }
    if fields.is_empty() {
        return quote!(rt::TextRules::NONE);
    }
    quote!(rt::TextRules { #(#fields,)* ..rt::TextRules::NONE })
}

/// Returns a set of ASCII characters as a hexadecimal literal, which readers can compare with an ASCII table.
fn hexadecimal(bits: u128) -> TokenStream {
    let literal: Result<Literal, _> = format!("{bits:#034x}").parse();
    match literal {
        Ok(literal) => quote!(#literal),
        Err(_) => {
            let literal = Literal::u128_unsuffixed(bits);
            quote!(#literal)
        }
    }
}

pub(super) fn integer_rules(rules: &IntegerRules) -> TokenStream {
    let mut fields = Vec::new();
    if let Some(min) = rules.min {
        let min = integer(min);
        fields.push(quote!(min: Some(#min)));
    }
    if let Some(max) = rules.max {
        let max = integer(max);
        fields.push(quote!(max: Some(#max)));
    }
    if let Some(digits) = rules.digits {
        let digits = Literal::u32_unsuffixed(digits);
        fields.push(quote!(digits: Some(#digits)));
    }
    if rules.sensitive {
        fields.push(quote!(sensitive: true));
    }
    quote!(rt::IntegerRules { #(#fields,)* ..rt::IntegerRules::NONE })
}

pub(super) fn decimal_rules(rules: &DecimalRules) -> TokenStream {
    let mut fields = Vec::new();
    fields.extend(rules.whole_digits.map(Literal::u32_unsuffixed).map(|digits| quote!(whole_digits: Some(#digits))));
    fields
        .extend(rules.fraction_digits.map(Literal::u8_unsuffixed).map(|digits| quote!(fraction_digits: Some(#digits))));
    fields.extend(rules.min.map(integer).map(|min| quote!(min: Some(#min))));
    fields.extend(rules.more_than.map(integer).map(|bound| quote!(more_than: Some(#bound))));
    fields.extend(rules.max.map(integer).map(|max| quote!(max: Some(#max))));
    // `NONE` always supplies at least one of the five fields, because `min` and `more_than` exclude each other.
    fields.push(quote!(..rt::DecimalRules::NONE));
    quote!(rt::DecimalRules { #(#fields),* })
}
