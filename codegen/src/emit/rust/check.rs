//! Emits the checks of a request's fields.

use super::rules::{decimal_rules, integer_rules, text_rules};
use super::tokens::ident;
use crate::model::{
    Condition, ConditionValue, CurrencyModel, Member, MemberKind, Rules, Struct, Sum, SumMember, SumValue, Ty,
};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Returns an expression for the text in the variable `value`, as `&str`. `of` is the type of the value.
fn as_str(of: &Ty) -> TokenStream {
    match of {
        Ty::Text(_) | Ty::Enum { .. } => quote!(value.as_str()),
        _ => quote!(value),
    }
}

fn text_check(wire: &str, of: &Ty, rules: &Rules) -> Option<TokenStream> {
    let text = as_str(of);
    let rules = match (&rules.text, of) {
        (Some(own), _) => {
            let own = text_rules(own);
            quote!(const { &#own })
        }
        (None, Ty::Text(name)) => {
            let name = ident(name);
            quote!(&#name::RULES)
        }
        (None, _) => return None,
    };
    Some(quote!(check.text(#wire, #text, #rules);))
}

/// Returns the check of a field, or `None` if there is nothing to check.
pub(super) fn field(member: &Member) -> Option<TokenStream> {
    let (wire, field) = (&member.wire, ident(&member.rust));
    let value = match &member.kind {
        MemberKind::Value(of) => single(member, of),
        MemberKind::List(of, nullable) => list(member, of, *nullable),
        MemberKind::OneOf(of) => {
            let of = ident(&of.rust);
            Some(quote!(#of::check(value, check);))
        }
        MemberKind::Include(_) | MemberKind::Nested(_) | MemberKind::Selected(_) => None,
    };
    let value = value.map(|value| where_given(member, &value));
    let conditions = member.conditions.iter().map(|condition| {
        let (mut holds, because) = (holds(condition), &condition.because);
        if condition.by_default && !condition.other_plain {
            let other = ident(&condition.other);
            holds = quote!((self.#other.is_none() || #holds));
        }
        quote! {
            if self.#field.is_none() && #holds {
                check.missing(#wire, #because);
            }
        }
    });
    let conditions: Vec<_> = if member.plain { Vec::new() } else { conditions.collect() };
    (value.is_some() || !conditions.is_empty()).then(|| quote!(#value #(#conditions)*))
}

/// Wraps a check of the variable `value`, so that the check runs only if the field has a value.
fn where_given(member: &Member, check: &TokenStream) -> TokenStream {
    let field = ident(&member.rust);
    match (member.plain, member.clearable) {
        (true, _) => quote! {
            {
                let value = &self.#field;
                #check
            }
        },
        (false, true) => quote! {
            if let Some(Some(value)) = &self.#field {
                #check
            }
        },
        (false, false) => quote! {
            if let Some(value) = &self.#field {
                #check
            }
        },
    }
}

/// Returns the check of a decimal number. If the number has a currency, the check also limits the decimal places to
/// those of the currency.
fn decimal(member: &Member) -> Option<TokenStream> {
    let wire = &member.wire;
    let own = member.rules.decimal.as_ref().map(|rules| {
        let rules = decimal_rules(rules);
        quote!(const { &#rules })
    });
    let check = own.as_ref().map(|rules| quote!(check.decimal(#wire, *value, #rules);));
    let rules = own.unwrap_or_else(|| quote!(&rt::DecimalRules::NONE));
    match &member.currency {
        None => check,
        Some(CurrencyModel::Fixed(code)) => Some(quote!(check.amount(#wire, *value, #code, #rules);)),
        Some(CurrencyModel::Member { rust, always: true }) => {
            let currency = ident(rust);
            Some(quote!(check.amount(#wire, *value, self.#currency.as_str(), #rules);))
        }
        // If the currency is absent, only the field's own rules are checked.
        Some(CurrencyModel::Member { rust, always: false }) => {
            let currency = ident(rust);
            let currency = quote!(self.#currency.as_ref().map_or("", |currency| currency.as_str()));
            Some(quote!(check.amount(#wire, *value, #currency, #rules);))
        }
    }
}

/// Returns the check of the expression `value`, which is a list, a map, or an entry of a list or map. Returns `None` if
/// the type `of` contains nothing that has to be checked.
fn inside(wire: &str, of: &Ty, value: TokenStream) -> Option<TokenStream> {
    let (entries, of) = match of {
        Ty::List(of) => (value, of),
        Ty::Map(of) => (quote!(#value.values()), of),
        Ty::Object(_) | Ty::Union(_) => return Some(quote!(check.object(#wire, #value);)),
        Ty::Text(name) => {
            let name = ident(name);
            return Some(quote!(check.text(#wire, #value.as_str(), &#name::RULES);));
        }
        Ty::String | Ty::Integer | Ty::Decimal | Ty::Bool => return None,
        Ty::Instant | Ty::Date | Ty::Time(_) | Ty::Json | Ty::Enum { .. } => return None,
    };
    let check = inside(wire, of, quote!(value))?;
    Some(quote! {
        for value in #entries {
            #check
        }
    })
}

fn single(member: &Member, of: &Ty) -> Option<TokenStream> {
    let wire = &member.wire;
    match of {
        Ty::Integer => member.rules.integer.as_ref().map(|rules| {
            let rules = integer_rules(rules);
            quote!(check.integer(#wire, *value, const { &#rules });)
        }),
        Ty::Enum { integer: true, .. } => member.rules.integer.as_ref().map(|rules| {
            let rules = integer_rules(rules);
            quote!(check.integer(#wire, value.code(), const { &#rules });)
        }),
        Ty::Object(_) | Ty::Union(_) => Some(quote!(check.object(#wire, value);)),
        Ty::Decimal => decimal(member),
        Ty::List(_) | Ty::Map(_) => inside(wire, of, quote!(value)),
        Ty::Time(_) | Ty::Instant => member.within_minutes.map(|minutes| {
            let minutes = Literal::u32_unsuffixed(minutes);
            quote!(check.not_later_than(#wire, *value, #minutes);)
        }),
        Ty::String | Ty::Text(_) | Ty::Enum { .. } => text_check(wire, of, &member.rules),
        Ty::Bool | Ty::Date | Ty::Json => None,
    }
}

/// Returns the checks of a list: of the number of entries, and of each entry.
fn list(member: &Member, of: &Ty, nullable: bool) -> Option<TokenStream> {
    let wire = &member.wire;
    let min = Literal::usize_unsuffixed(member.rules.min_items);
    let max = match member.rules.max_items {
        Some(max) => {
            let max = Literal::usize_unsuffixed(max);
            quote!(Some(#max))
        }
        None => quote!(None),
    };
    let joined = member.joined.as_ref().map(|separator| quote!(check.joined(#wire, value, #separator);));
    let checks = match of {
        Ty::Object(_) | Ty::Union(_) => Some(quote!(check.list(#wire, #min, #max, value);)),
        Ty::List(_) | Ty::Map(_) => {
            let check = inside(wire, &Ty::List(Box::new(of.clone())), quote!(value));
            Some(quote!(check.count(#wire, #min, #max, value.len()); #check))
        }
        Ty::String | Ty::Text(_) => {
            let rules = match (&member.rules.text, of) {
                (None, Ty::Text(name)) => {
                    let name = ident(name);
                    quote!(&#name::RULES)
                }
                (Some(own), _) => {
                    let own = text_rules(own);
                    quote!(const { &#own })
                }
                (None, _) => quote!(&rt::TextRules::NONE),
            };
            let items = match (nullable, of) {
                (true, _) => quote!(value.iter().flatten().map(|item| item.as_str())),
                (false, Ty::Text(_)) => quote!(value.iter().map(|item| item.as_str())),
                (false, _) => quote!(value.iter().map(String::as_str)),
            };
            let count = nullable.then(|| quote!(check.count(#wire, #min, #max, value.len());));
            let (min, max) = if nullable { (quote!(0), quote!(None)) } else { (quote!(#min), max) };
            Some(quote! {
                #count
                check.texts(#wire, #min, #max, #items, #rules);
            })
        }
        _ => (member.rules.min_items > 0 || member.rules.max_items.is_some())
            .then(|| quote!(check.count(#wire, #min, #max, value.len());)),
    };
    match (checks, joined) {
        (None, None) => None,
        (checks, joined) => Some(quote!(#checks #joined)),
    }
}

fn holds(condition: &Condition) -> TokenStream {
    let other = ident(&condition.other);
    let value = match &condition.value {
        ConditionValue::Bool(true) if condition.other_plain => return quote!(self.#other),
        ConditionValue::Bool(false) if condition.other_plain => return quote!(!self.#other),
        ConditionValue::Bool(value) => quote!(#value),
        ConditionValue::Integer(value) => super::tokens::integer(*value),
        ConditionValue::Variant(of, variant) => {
            let (of, variant) = (ident(of), ident(variant));
            quote!(#of::#variant)
        }
        // Texts are compared as `&str`, because the field may have a type of its own.
        ConditionValue::Text(text) => {
            return match (condition.other_plain, condition.other_clearable) {
                (true, _) => quote!(self.#other.as_str() == #text),
                (false, false) => quote!(self.#other.iter().any(|other| other.as_str() == #text)),
                (false, true) => quote!(self.#other.iter().flatten().any(|other| other.as_str() == #text)),
            };
        }
    };
    match (condition.other_plain, condition.other_clearable) {
        (true, _) => quote!(self.#other == #value),
        (false, false) => quote!(self.#other == Some(#value)),
        (false, true) => quote!(self.#other == Some(Some(#value))),
    }
}

/// Returns the check of a rule about the sum of several fields.
pub(super) fn sum(request: &Struct, sum: &Sum) -> TokenStream {
    let given = |value: &SumValue| {
        let (rust, plain) = match value {
            SumValue::Member { rust, plain } => (rust, *plain),
            SumValue::Fixed(value) => {
                let value = Literal::i64_unsuffixed(*value);
                return quote!(Some(#value));
            }
        };
        let field = ident(rust);
        let clearable = request.members.iter().any(|m| m.rust == *rust && m.clearable);
        match (plain, clearable) {
            (true, _) => quote!(Some(self.#field)),
            (false, false) => quote!(self.#field),
            (false, true) => quote!(self.#field.flatten()),
        }
    };
    let parts = sum.parts.iter().map(|SumMember { wire, value }| {
        let value = given(value);
        quote!((#wire, #value))
    });
    let exact = super::tokens::strings(&sum.exact_when);
    let (wire, total) = (&sum.total.wire, given(&sum.total.value));
    quote!(check.sum(#wire, #total, &[#(#parts),*], #exact);)
}
