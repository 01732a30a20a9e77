//! Emits the values that the client computes (such as a signature, a time or a token) as constant expressions, and the
//! fields and headers that contain them.

use super::tokens::{strings, time_format};
use crate::model::{ComputedModel, ExpiryModel, HeaderModel, HeaderValue, KeyForm, MakeModel, PieceModel, TokenModel};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

pub(super) fn values(values: &[ComputedModel]) -> TokenStream {
    let values = values.iter().map(|value| {
        let (name, make, secret) = (&value.name, make(&value.make), value.secret);
        quote!(rt::Computed { name: #name, make: #make, secret: #secret })
    });
    quote!(&[#(#values),*])
}

fn make(make: &MakeModel) -> TokenStream {
    let hash = |bits: &u16| format_ident!("Sha{bits}");
    let written = |base64: bool| if base64 { quote!(rt::Written::Base64) } else { quote!(rt::Written::Hex) };
    match make {
        MakeModel::Text(over) => {
            let over = pieces(over);
            quote!(rt::Make::Text(#over))
        }
        MakeModel::Base64(over) => {
            let over = pieces(over);
            quote!(rt::Make::Base64(#over))
        }
        MakeModel::Md5 { over, base64 } => {
            let (over, written) = (pieces(over), written(*base64));
            quote!(rt::Make::Md5 { over: #over, written: #written })
        }
        MakeModel::Hash { bits, over, base64 } => {
            let (hash, over, written) = (hash(bits), pieces(over), written(*base64));
            quote!(rt::Make::Hash { hash: rt::Hash::#hash, over: #over, written: #written })
        }
        MakeModel::Hmac { bits, key, key_form, over, base64 } => {
            let (hash, key, over, written) = (hash(bits), piece(key), pieces(over), written(*base64));
            let form = match key_form {
                KeyForm::Text => quote!(Text),
                KeyForm::Base64(after) => quote!(Base64 { after: #after }),
            };
            quote! {
                rt::Make::Hmac {
                    hash: rt::Hash::#hash,
                    key: #key,
                    key_form: rt::KeyForm::#form,
                    over: #over,
                    written: #written,
                }
            }
        }
        MakeModel::Now(notation) => {
            let format = time_format(notation);
            quote!(rt::Make::Now(#format))
        }
        MakeModel::Random(form) => {
            let form = format_ident!("{form}");
            quote!(rt::Make::Random(rt::RandomForm::#form))
        }
        MakeModel::Token(of) => {
            let token = token(of);
            quote!(rt::Make::Token(&#token))
        }
    }
}

fn token(token: &TokenModel) -> TokenStream {
    let operation = Literal::usize_unsuffixed(token.operation);
    let (member, now, expired) = (strings(&token.member), strings(&token.now), strings(&token.expired));
    let statuses = token.expired_statuses.iter().map(|status| Literal::u16_unsuffixed(*status));
    let expiry = match &token.expiry {
        ExpiryModel::At(path) => {
            let path = strings(path);
            quote!(At(#path))
        }
        ExpiryModel::In(path) => {
            let path = strings(path);
            quote!(In(#path))
        }
        ExpiryModel::For(seconds) => {
            let seconds = Literal::u64_unsuffixed(*seconds);
            quote!(For(Duration::from_secs(#seconds)))
        }
    };
    quote! {
        rt::TokenRule {
            operation: #operation,
            member: #member,
            expiry: rt::Expiry::#expiry,
            now: #now,
            expired: #expired,
            expired_statuses: &[#(#statuses),*],
        }
    }
}

fn pieces(pieces: &[PieceModel]) -> TokenStream {
    let pieces = pieces.iter().map(piece);
    quote!(&[#(#pieces),*])
}

fn piece(of: &PieceModel) -> TokenStream {
    match of {
        PieceModel::Text(text) => quote!(rt::Piece::Text(#text)),
        PieceModel::Credential(index) => {
            let index = Literal::usize_unsuffixed(*index);
            quote!(rt::Piece::Credential(#index))
        }
        PieceModel::Computed(index) => {
            let index = Literal::usize_unsuffixed(*index);
            quote!(rt::Piece::Computed(#index))
        }
        PieceModel::Named(word, name) => {
            let word = format_ident!("{word}");
            quote!(rt::Piece::#word(#name))
        }
        PieceModel::Whole(word) => {
            let word = format_ident!("{word}");
            quote!(rt::Piece::#word)
        }
    }
}

/// Returns the fields that the client fills. The name of each field is followed by the index of its credential or
/// computed value in the API.
pub(super) fn supplied(fields: &[(String, usize)]) -> TokenStream {
    let fields = fields.iter().map(|(wire, index)| {
        let index = Literal::usize_unsuffixed(*index);
        quote!((#wire, #index))
    });
    quote!(&[#(#fields),*])
}

pub(super) fn headers(headers: &[HeaderModel]) -> TokenStream {
    let headers = headers.iter().map(|header| {
        let name = &header.name;
        let value = match &header.value {
            HeaderValue::Constant(value) => quote!(rt::HeaderValue::Constant(#value)),
            HeaderValue::Credential(index, prefix) => {
                let index = Literal::usize_unsuffixed(*index);
                quote!(rt::HeaderValue::Credential { index: #index, prefix: #prefix })
            }
            HeaderValue::Computed(index, prefix) => {
                let index = Literal::usize_unsuffixed(*index);
                quote!(rt::HeaderValue::Computed { index: #index, prefix: #prefix })
            }
        };
        quote!(rt::Header { name: #name, value: #value })
    });
    quote!(&[#(#headers),*])
}
