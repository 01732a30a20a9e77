//! How a message is confirmed: the question, and how its answer is compared.

use super::client::Style;
use super::tokens::{docs, ident, ty};
use crate::model::{Callback, Confirming, Pair};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The implementation, where the message can be confirmed.
pub fn emit(callback: &Callback) -> Option<TokenStream> {
    let confirming = callback.confirming.as_ref()?;
    let (name, question, answer) = (ident(&callback.body.rust), ident(&confirming.question), ident(&confirming.answer));
    let setters = confirming.ask.iter().map(|(setter, member, wire)| {
        let (setter, member) = (ident(setter), ident(member));
        quote!(.#setter(self.#member.clone().ok_or(#wire)?))
    });
    let asked = confirming.ask.first().map_or("", |(_, _, wire)| wire);
    let expected = confirming.expect.iter().map(|expect| ty(&expect.of));
    let unused = confirming.expect.is_empty().then(|| quote!(let _ = expected;));
    let elsewhere = confirming.environment.is_none().then(|| quote!(let _ = environment;));
    let checks = checks(confirming);
    let state = state(confirming);
    Some(quote! {
        #[cfg(feature = "client")]
        impl rt::Confirm for #name {
            type Question = #question;
            type Expected = (#(#expected,)*);

            fn question(&self) -> Result<#question, &'static str> {
                #question::builder() #(#setters)* .build().map_err(|_| #asked)
            }

            fn judge(
                &self,
                expected: &Self::Expected,
                environment: Option<&str>,
                answer: &#answer,
            ) -> rt::Judgement {
                #unused
                #elsewhere
                #checks
                #state
            }
        }
    })
}

fn found(of: &TokenStream, rust: &str, always: bool) -> TokenStream {
    let field = ident(rust);
    if always { quote!(Some(&#of.#field)) } else { quote!(#of.#field.as_ref()) }
}

/// Ends with the first member that differs.
fn checks(confirming: &Confirming) -> TokenStream {
    let of = quote!(answer);
    let equal = confirming.equal.iter().map(|Pair { wire, found: rust, always, claimed }| {
        let (found, claimed) = (found(&of, rust, *always), ident(claimed));
        quote! {
            if self.#claimed.is_some() && self.#claimed.as_ref() != #found {
                return rt::Judgement::Disproved(#wire);
            }
        }
    });
    let stated = confirming.expect.iter().enumerate().map(|(n, expect)| {
        let (wire, n) = (&expect.wire, Literal::usize_unsuffixed(n));
        let found = found(&of, &expect.rust, expect.always);
        quote! {
            if #found != Some(&expected.#n) {
                return rt::Judgement::Disproved(#wire);
            }
        }
    });
    let list = confirming.list.as_ref().map(|(wire, rust, entry)| {
        let list = ident(rust);
        let same = entry.iter().map(|Pair { found: rust, always, claimed, .. }| {
            let (found, claimed) = (found(&quote!(entry), rust, *always), ident(claimed));
            quote!(self.#claimed.as_ref() == #found)
        });
        let first = entry.first().map(|Pair { claimed, .. }| {
            let claimed = ident(claimed);
            quote!(self.#claimed.is_none() ||)
        });
        quote! {
            if #first !answer.#list.iter().any(|entry| #(#same)&&*) {
                return rt::Judgement::Disproved(#wire);
            }
        }
    });
    let environment = confirming.environment.as_ref().map(|(wire, rust, always)| {
        let found = found(&of, rust, *always);
        quote! {
            let found = #found.map(|value| value.as_str());
            // A key that tells nothing about itself must not make a payment of a test count.
            let own = environment.unwrap_or("live");
            if !found.is_some_and(|found| found.eq_ignore_ascii_case(own)) {
                return rt::Judgement::Disproved(#wire);
            }
        }
    });
    quote!(#(#equal)* #(#stated)* #list #environment)
}

fn state(confirming: &Confirming) -> TokenStream {
    let Some((wire, rust, always)) = &confirming.by else { return quote!(rt::Judgement::Proven) };
    let found = found(&quote!(answer), rust, *always);
    let arm = |states: &[String], judgement: TokenStream| {
        (!states.is_empty()).then(|| quote!(#(#states)|* => rt::Judgement::#judgement,))
    };
    let states = arm(&confirming.states, quote!(Proven));
    let others = arm(&confirming.others, quote!(Disproved(#wire)));
    quote! {
        match #found.map_or("", |value| value.as_str()) {
            #states
            #others
            // What nobody knows may still become true.
            _ => rt::Judgement::TooEarly,
        }
    }
}

/// The client's method.
pub fn method(callback: &Callback, style: Style) -> Option<TokenStream> {
    let confirming = callback.confirming.as_ref()?;
    let (function, wait) = (style.function(), style.wait());
    let method = ident(&format!("confirm_{}", callback.id));
    let (message, answer) = (ident(&callback.body.rust), ident(&confirming.answer));
    let names: Vec<_> = confirming.expect.iter().map(|expect| ident(&expect.rust)).collect();
    let types = confirming.expect.iter().map(|expect| ty(&expect.of));
    let mut paragraphs = vec![
        format!("Asks the service whether a [`{}`] is true, with the client's own credentials.", callback.body.rust),
        "Act on what the result says was `found`, not on what was claimed. A message may come several times: whoever \
         acts on it has to remember that it was done."
            .to_owned(),
    ];
    if !confirming.expect.is_empty() {
        let names: Vec<_> = confirming.expect.iter().map(|expect| format!("`{}`", expect.rust)).collect();
        let (names, verb) = (names.join(" and "), if names.len() == 1 { "is" } else { "are" });
        paragraphs.push(format!("{names} {verb} what the caller knows of the order, from its own records."));
    }
    paragraphs.push("# Errors".to_owned());
    paragraphs.push(
        "When the claim is not true, or it cannot be told now; how often unproven messages may cause a call is bounded."
            .to_owned(),
    );
    let documentation = docs(&paragraphs);
    Some(quote! {
        #documentation
        pub #function #method(
            &self,
            claim: &rt::Claim<#message>,
            #(#names: #types),*
        ) -> Result<rt::Confirmed<#message, #answer>, ConfirmError> {
            self.core.confirm(claim, &(#(#names,)*))#wait
        }
    })
}
