//! Emits the pagination of a request.

use super::resolution::found;
use super::style::Style;
use super::tokens::{docs, ident, integer, ty};
use crate::model::{ConditionValue, NextModel, OperationModel, PagesModel, Ty};
use proc_macro2::TokenStream;
use quote::quote;

/// Emits the implementation of `Paged`, if the operation is paginated.
pub(super) fn emit(op: &OperationModel) -> Option<TokenStream> {
    let pages = op.pages.as_ref()?;
    let (name, reply) = (ident(&op.request.rust), ident(&op.reply.rust));
    let (item, position, send, items) = (ty(&pages.item), ty(&pages.position), ident(&pages.send), ident(&pages.items));
    let given = match (pages.send_plain, is_copy(&pages.position)) {
        (true, true) => quote!(Some(self.#send)),
        (true, false) => quote!(Some(self.#send.clone())),
        (false, true) => quote!(self.#send),
        (false, false) => quote!(self.#send.clone()),
    };
    let value = if pages.send_plain { quote!(position) } else { quote!(Some(position)) };
    let next = unless_end(pages, next(pages));
    Some(quote! {
        #[cfg(feature = "client")]
        impl rt::Paged for #name {
            type Item = #item;
            type Position = #position;

            fn position(&self) -> Option<#position> {
                #given
            }

            fn at(&self, position: #position) -> Self {
                let mut request = self.clone();
                request.#send = #value;
                request
            }

            fn read(&self, reply: #reply) -> (Vec<#item>, rt::NextPage<#position>) {
                let next = #next;
                (reply.#items, next)
            }
        }
    })
}

/// Returns an expression that turns the reference `next` into an owned position.
fn copied(position: &Ty) -> TokenStream {
    if is_copy(position) { quote!(*next) } else { quote!(next.clone()) }
}

fn is_copy(of: &Ty) -> bool {
    matches!(of, Ty::Integer)
}

/// Returns the expression for the position of the next page.
fn next(pages: &PagesModel) -> TokenStream {
    let items = ident(&pages.items);
    match &pages.next {
        NextModel::Member(member) => {
            let found = found(member, &quote!(reply));
            let (is_there, copied) = (is_there(&pages.position), copied(&pages.position));
            quote! {
                match #found {
                    Some(next) if #is_there => rt::NextPage::At(#copied),
                    _ => rt::NextPage::End,
                }
            }
        }
        NextModel::OfLast(member) => {
            let (wire, found) = (&member.wire, found(member, &quote!(last)));
            let (is_there, copied) = (is_there(&pages.position), copied(&pages.position));
            quote! {
                match reply.#items.last() {
                    None => rt::NextPage::End,
                    Some(last) => match #found {
                        Some(next) if #is_there => rt::NextPage::At(#copied),
                        _ => rt::NextPage::Unknown(#wire),
                    },
                }
            }
        }
        NextModel::Number(first) => {
            let (send, first) = (ident(&pages.send), integer(*first));
            let number = if pages.send_plain { quote!(self.#send) } else { quote!(self.#send.unwrap_or(#first)) };
            quote! {
                if reply.#items.is_empty() {
                    rt::NextPage::End
                } else {
                    rt::NextPage::At(#number.saturating_add(1))
                }
            }
        }
    }
}

/// Returns the condition under which `next` is the position of a further page: it is neither 0 nor empty.
fn is_there(position: &Ty) -> TokenStream {
    match position {
        Ty::Integer => quote!(*next != 0),
        Ty::String => quote!(!next.is_empty()),
        _ => quote!(!next.as_str().is_empty()),
    }
}

/// Returns the condition under which an answer is the last page.
pub(super) fn is_last(pages: &PagesModel, of: &TokenStream) -> TokenStream {
    let no_next = match &pages.next {
        NextModel::Member(member) => {
            let (found, is_there) = (found(member, of), is_there(&pages.position));
            Some(quote!(!matches!(#found, Some(next) if #is_there)))
        }
        NextModel::OfLast(_) | NextModel::Number(_) => None,
    };
    match (is_end(pages, of), no_next) {
        (Some(is_end), Some(no_next)) => quote!(#is_end || #no_next),
        (is_end, no_next) => is_end.or(no_next).unwrap_or_else(|| quote!(false)),
    }
}

/// Returns the condition under which a member marks the last page, or `None` if the spec names no such member.
fn is_end(pages: &PagesModel, of: &TokenStream) -> Option<TokenStream> {
    let (member, value) = pages.end.as_ref()?;
    let found = found(member, of);
    Some(match value {
        ConditionValue::Bool(value) => quote!(#found == Some(&#value)),
        ConditionValue::Integer(value) => {
            let value = integer(*value);
            quote!(#found == Some(&#value))
        }
        ConditionValue::Text(text) => quote!(#found.is_some_and(|found| found.as_str() == #text)),
        ConditionValue::Variant(of, variant) => {
            let (of, variant) = (ident(of), ident(variant));
            quote!(#found == Some(&#of::#variant))
        }
    })
}

/// Wraps the expression for the position of the next page, so that it is used only if no member marks the last page.
fn unless_end(pages: &PagesModel, next: TokenStream) -> TokenStream {
    let Some(is_it) = is_end(pages, &quote!(reply)) else { return next };
    // After `else`, a `match` needs braces, but Clippy rejects braces around an `if`.
    let next = if matches!(pages.next, NextModel::Number(_)) { next } else { quote!({ #next }) };
    quote! {
        if #is_it {
            rt::NextPage::End
        } else #next
    }
}

/// Emits the method of the client that returns all entries of a list.
pub(super) fn method(op: &OperationModel, style: Style) -> Option<TokenStream> {
    op.pages.as_ref()?;
    let (method, request) = (ident(&format!("{}_pages", op.id)), ident(&op.request.rust));
    let documentation = docs(&[
        format!(
            "Returns all entries of [`{}`](Self::{}), page by page, beginning with the page of the request.",
            op.id, op.id
        ),
        "Sends nothing until the first entry is requested. To continue later, store the position that `position` \
         of the result returns."
            .into(),
    ]);
    Some(match style {
        Style::Async => quote! {
            #documentation
            pub fn #method(&self, request: &#request) -> rt::Pages<#request, ErrorCode> {
                rt::Pages::new(self.core.clone(), request)
            }
        },
        Style::Blocking => quote! {
            #documentation
            pub fn #method(&self, request: &#request) -> rt::BlockingPages<#request, ErrorCode> {
                self.core.pages(request)
            }
        },
    })
}
