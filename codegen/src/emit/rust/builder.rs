//! Emits the builder of a request. The type of the builder has a state for each mandatory field, so that code that does
//! not set a mandatory field does not compile. Setting a mandatory field changes the type of the builder. The request
//! is in a `Box`, so that this change does not copy the whole request.

use super::tokens;
use super::tokens::{docs, ident, state, ty};
use crate::model::{Member, MemberKind, MessagePart, Struct, Ty};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use std::cmp::Reverse;

fn name_of(request: &Struct) -> Ident {
    format_ident!("{}Builder", request.rust)
}

fn mandatory(request: &Struct) -> Vec<&Member> {
    request.members.iter().filter(|m| m.mandatory).collect()
}

/// Emits the function that creates the builder.
pub(super) fn start(request: &Struct, blank: TokenStream) -> TokenStream {
    let builder = name_of(request);
    quote! {
        /// Creates a builder. `build` is available after every mandatory field is set.
        pub fn builder() -> #builder {
            #builder {
                request: Box::new(#blank),
                state: std::marker::PhantomData,
            }
        }
    }
}

pub(super) fn emit(request: &Struct) -> TokenStream {
    let (builder, name) = (name_of(request), ident(&request.rust));
    let mandatory = mandatory(request);
    let states: Vec<Ident> = mandatory.iter().map(|m| state(&m.rust)).collect();
    let defaults = mandatory.iter().zip(&states).map(|(member, state)| {
        let field = ident(&member.missing_name());
        quote!(#state = rt::Missing<fields::#field>)
    });
    let generics = if states.is_empty() { None } else { Some(quote!(<#(#states),*>)) };
    let parameters = if states.is_empty() { None } else { Some(quote!(<#(#defaults),*>)) };
    let doc = format!(" Builds a [`{}`].", request.rust);
    let optional: Vec<_> = request.members.iter().filter(|m| !m.mandatory).flat_map(|m| setters(m, None)).collect();
    let optional = (!optional.is_empty()).then(|| {
        quote! {
            impl #generics #builder #generics {
                #(#optional)*
            }
        }
    });
    let demanded = demanded(&builder, &mandatory, &states);
    // The bounds are on the methods and not on the `impl` block, because the compiler shows the message of `IsSet` only
    // for methods.
    let bounds = states.iter().map(|state| quote!(#state: rt::IsSet));
    let bounds = if states.is_empty() { None } else { Some(quote!(where #(#bounds),*)) };
    quote! {
        #[doc = #doc]
        #[must_use]
        #[allow(clippy::type_complexity)]
        pub struct #builder #parameters {
            request: Box<#name>,
            state: std::marker::PhantomData<(#(#states,)*)>,
        }

        #demanded

        #optional

        impl #generics #builder #generics {
            /// Returns the request, or an error that lists every rule that the request breaks.
            pub fn build(self) -> Result<#name, rt::Violations> #bounds {
                rt::Validate::validate(&*self.request)?;
                Ok(*self.request)
            }

            /// Builds the request like [`build`](Self::build), with `now` as the current time.
            pub fn build_at(self, now: impl Into<std::time::SystemTime>) -> Result<#name, rt::Violations> #bounds {
                rt::Validate::validate_at(&*self.request, now.into())?;
                Ok(*self.request)
            }
        }
    }
}

/// Emits the setters of the mandatory fields. Each setter can be called once, because the call changes the field's
/// state from missing to set.
fn demanded(builder: &Ident, mandatory: &[&Member], states: &[Ident]) -> TokenStream {
    let demanded = mandatory.iter().enumerate().map(|(n, member)| {
        let field = ident(&member.missing_name());
        let others = states.iter().enumerate().filter(|(other, _)| *other != n).map(|(_, state)| state);
        let others = if states.len() == 1 { None } else { Some(quote!(<#(#others),*>)) };
        let with = |this: TokenStream| {
            let arguments =
                states.iter().enumerate().map(|(other, state)| if other == n { this.clone() } else { quote!(#state) });
            quote!(#builder<#(#arguments),*>)
        };
        let before = with(quote!(rt::Missing<fields::#field>));
        let after = with(quote!(rt::Set));
        let setters = setters(member, Some((after, builder)));
        quote! {
            impl #others #before {
                #(#setters)*
            }
        }
    });
    quote!(#(#demanded)*)
}

/// Emits the setters of a field. `next` contains the type of the builder after the call, and the name of the builder.
/// `next` is `None` for an optional field, because setters of optional fields do not change the type.
fn setters(member: &Member, next: Option<(TokenStream, &Ident)>) -> Vec<TokenStream> {
    let field = ident(&member.rust);
    let (result, done) = match &next {
        Some((next, builder)) => (
            next.clone(),
            quote! {
                #builder {
                    request: self.request,
                    state: std::marker::PhantomData,
                }
            },
        ),
        None => (quote!(Self), quote!(self)),
    };
    let mut methods = Vec::new();
    if member.plain_setter {
        let documentation = docs(&member.docs);
        let (parameter, value) = parameter(member);
        let as_it_is = member.plain || (member.none_is_null && is_optional_parameter(member));
        let value = if as_it_is { value } else { quote!(Some(#value)) };
        methods.push(quote! {
            #documentation
            pub fn #field(mut self, value: #parameter) -> #result {
                self.request.#field = #value;
                #done
            }
        });
    }
    for choice in &member.choices {
        let method = ident(&choice.rust);
        let mut documentation = choice.docs.clone();
        documentation.push(format!("Call this method only as a deliberate choice about `{}`.", member.wire));
        let documentation = docs(&documentation);
        let value = match (choice.value, member.plain) {
            (Some(value), true) => quote!(#value),
            (Some(value), false) if member.clearable => quote!(Some(Some(#value))),
            (Some(value), false) => quote!(Some(#value)),
            (None, _) => quote!(None),
        };
        methods.push(quote! {
            #documentation
            pub fn #method(mut self) -> #result {
                self.request.#field = #value;
                #done
            }
        });
    }
    methods
}

/// Returns `true` if the setter takes an `Option`. This is the case if absence and null have different meanings, or if
/// an absent value is sent as null and the field has no named choices.
pub(super) fn is_optional_parameter(member: &Member) -> bool {
    member.clearable || (member.none_is_null && member.choices.is_empty())
}

/// Returns the parameter type of a setter, and the expression for the value that is stored.
fn parameter(member: &Member) -> (TokenStream, TokenStream) {
    let single = |of: &Ty| match of {
        Ty::String => (quote!(impl Into<String>), quote!(value.into())),
        Ty::Text(name) | Ty::Time(name) | Ty::Union(name) => {
            let name = ident(name);
            (quote!(impl Into<#name>), quote!(value.into()))
        }
        Ty::Decimal => (quote!(impl Into<rt::Decimal>), quote!(value.into())),
        other => (ty(other), quote!(value)),
    };
    match &member.kind {
        // The parameter is not `impl Into`, because the compiler could not infer the type of a bare `None`.
        MemberKind::Value(of) if is_optional_parameter(member) => {
            let of = ty(of);
            (quote!(Option<#of>), quote!(value))
        }
        MemberKind::Value(of) => single(of),
        MemberKind::List(of, nullable) => {
            let of = ty(of);
            if *nullable {
                // The entries are not `Option<impl Into>`, because the compiler could not infer the type of a bare `None`.
                (quote!(impl IntoIterator<Item = Option<#of>>), quote!(value.into_iter().collect()))
            } else {
                (quote!(impl IntoIterator<Item = impl Into<#of>>), quote!(value.into_iter().map(Into::into).collect()))
            }
        }
        MemberKind::OneOf(of) => {
            let name = ident(&of.rust);
            (quote!(impl Into<#name>), quote!(value.into()))
        }
        // A group in a request has the kind `MemberKind::Value`, so a request has no members of these kinds.
        MemberKind::Include(name) | MemberKind::Nested(name) | MemberKind::Selected(name) => {
            let name = ident(name);
            (quote!(#name), quote!(value))
        }
    }
}

/// Emits three methods of a request: the first returns a path parameter, the second writes the query, and the third
/// writes the headers. A result is `None` if the request has no values for the method.
pub(super) fn address(request: &Struct) -> (Option<TokenStream>, Option<TokenStream>, Option<TokenStream>) {
    let part = |part| request.members.iter().filter(move |m| m.part == part);
    let parameters: Vec<_> = part(MessagePart::Path)
        .map(|member| {
            let (wire, field) = (&member.wire, ident(&member.rust));
            quote!(#wire => self.#field.as_str())
        })
        .collect();
    let parameters = (!parameters.is_empty()).then(|| {
        quote! {
            fn parameter(&self, name: &str) -> &str {
                match name {
                    #(#parameters,)*
                    _ => "",
                }
            }
        }
    });
    let fixed = request.fixed.iter().filter(|member| member.part == MessagePart::Query).map(|member| {
        let (wire, value) = (&member.wire, member.value.to_string());
        quote!(query.push(#wire, #value);)
    });
    let pairs: Vec<_> = part(MessagePart::Query).map(pair).chain(fixed).collect();
    let query = (!pairs.is_empty()).then(|| {
        quote! {
            fn query(&self, query: &mut rt::Query) {
                #(#pairs)*
            }
        }
    });
    let given: Vec<_> = part(MessagePart::Header)
        .map(|member| {
            let (wire, field) = (&member.wire, ident(&member.rust));
            match member.plain {
                true => quote!(headers.push(#wire, self.#field.as_str());),
                false => quote! {
                    if let Some(value) = &self.#field {
                        headers.push(#wire, value.as_str());
                    }
                },
            }
        })
        .collect();
    let headers = (!given.is_empty()).then(|| {
        quote! {
            fn headers(&self, headers: &mut rt::Headers) {
                #(#given)*
            }
        }
    });
    (parameters, query, headers)
}

/// Emits the method that returns the recovery of a request, if the recovery depends on a named choice.
pub(super) fn recovery(request: &Struct) -> Option<TokenStream> {
    let choices = request.members.iter().flat_map(|member| member.choices.iter().map(move |choice| (member, choice)));
    let mut classes: Vec<_> = choices.filter_map(|(member, choice)| Some((member, choice, choice.recovery?))).collect();
    // The first choice that was made decides, so the choices with the strictest class come first.
    classes.sort_by_key(|(.., class)| Reverse(*class));
    let arms: Vec<_> = classes
        .into_iter()
        .map(|(member, choice, class)| {
            let class = tokens::recovery(class);
            let field = ident(&member.rust);
            let chosen = match (choice.value, member.plain, member.clearable) {
                (Some(value), true, _) => quote!(self.#field == #value),
                (Some(value), false, false) => quote!(self.#field == Some(#value)),
                (Some(value), false, true) => quote!(self.#field == Some(Some(#value))),
                (None, _, true) => quote!(self.#field == Some(None)),
                (None, _, false) => quote!(self.#field.is_none()),
            };
            quote! {
                if #chosen {
                    return rt::Recovery::#class;
                }
            }
        })
        .collect();
    (!arms.is_empty()).then(|| {
        quote! {
            fn recovery(&self) -> rt::Recovery {
                #(#arms)*
                Self::OPERATION.recovery
            }
        }
    })
}

fn pair(member: &Member) -> TokenStream {
    let (wire, field) = (&member.wire, ident(&member.rust));
    let text = |of: &Ty| match of {
        Ty::Text(_) => quote!(value.as_str()),
        Ty::Enum { integer: false, .. } => quote!(value.as_str()),
        Ty::Enum { integer: true, .. } => quote!(&value.code().to_string()),
        Ty::String => quote!(value),
        _ => quote!(&value.to_string()),
    };
    let push = match &member.kind {
        MemberKind::Value(of) => {
            let text = text(of);
            quote!(query.push(#wire, #text);)
        }
        MemberKind::List(..) if member.joined.is_some() => {
            let separator = &member.joined;
            quote!(query.push(#wire, &rt::Joined(value, #separator).text());)
        }
        MemberKind::List(of, nullable) => {
            let text = text(of);
            let one = if *nullable {
                quote! {
                    match value {
                        Some(value) => query.push(#wire, #text),
                        None => query.push(#wire, "null"),
                    }
                }
            } else {
                quote!(query.push(#wire, #text);)
            };
            quote! {
                for value in value {
                    #one
                }
            }
        }
        _ => return TokenStream::new(),
    };
    if member.plain {
        quote! {
            {
                let value = &self.#field;
                #push
            }
        }
    } else if member.clearable {
        quote! {
            match &self.#field {
                Some(Some(value)) => { #push }
                Some(None) => query.push(#wire, "null"),
                None => {}
            }
        }
    } else {
        quote! {
            if let Some(value) = &self.#field {
                #push
            }
        }
    }
}
