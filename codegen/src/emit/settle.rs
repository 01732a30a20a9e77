//! How an operation's doubts are settled: the question, how its answer is read, and the tables.

use super::client::Style;
use super::tokens::{ident, strings, ty};
use crate::model::{Compare, Operation, Own, Settling, Word};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The implementation, where the operation can be settled.
pub fn emit(op: &Operation) -> Option<TokenStream> {
    let settling = op.settling.as_ref()?;
    let (name, question, answer) = (ident(&op.request.rust), ident(&settling.question), ident(&settling.answer));
    let ask = settling.ask.iter().map(|(setter, own)| {
        let (setter, own) = (ident(setter), ident(own));
        quote!(.#setter(self.#own.clone()))
    });
    let expected = settling.expect.iter().map(|expect| ty(&expect.of));
    let table = table(settling);
    let word = word(&settling.word);
    let equal = settling.equal.iter().map(differs);
    let stated = settling.expect.iter().enumerate().map(|(n, expect)| {
        let (wire, field, n) = (&expect.wire, ident(&expect.rust), Literal::usize_unsuffixed(n));
        let found = if expect.always { quote!(Some(&answer.#field)) } else { quote!(answer.#field.as_ref()) };
        quote! {
            if #found != Some(&expected.#n) {
                return Some(#wire);
            }
        }
    });
    let unused = settling.expect.is_empty().then(|| quote!(let _ = expected;));
    let ignored = (settling.expect.is_empty() && settling.equal.is_empty()).then(|| quote!(let _ = answer;));
    let needs = settling.resend_needs.iter().map(|own| {
        let own = ident(own);
        quote!(self.#own.is_some())
    });
    let may_resend = (!settling.resend_needs.is_empty()).then(|| {
        quote! {
            fn may_resend(&self) -> bool {
                #(#needs)&&*
            }
        }
    });
    Some(quote! {
        #[cfg(feature = "client")]
        impl rt::Settle for #name {
            type Question = #question;
            type Expected = (#(#expected,)*);

            const SETTLING: &'static rt::Settling = &#table;

            fn question(&self) -> Result<#question, rt::Violations> {
                #question::builder() #(#ask)* .build()
            }

            fn word<'a>(&'a self, answer: &'a #answer) -> &'a str {
                #word
            }

            fn differs(&self, expected: &Self::Expected, answer: &#answer) -> Option<&'static str> {
                #unused
                #ignored
                #(#equal)*
                #(#stated)*
                None
            }

            #may_resend
        }
    })
}

fn table(settling: &Settling) -> TokenStream {
    let rows = |rows: &[(String, &'static str)]| {
        let rows = rows.iter().map(|(word, verdict)| {
            let verdict = ident(verdict);
            quote!((#word, rt::Verdict::#verdict))
        });
        quote!(&[#(#rows),*])
    };
    let (at_once, then) = (rows(&settling.at_once), rows(&settling.then));
    let (absent, landed) = (strings(&settling.absent), strings(&settling.landed));
    let [quiet, within] = [settling.quiet, settling.within].map(Literal::u64_unsuffixed);
    let (resend_first, confirm) = (settling.resend_first, !settling.expect.is_empty());
    let resends = Literal::u32_unsuffixed(settling.resends);
    quote! {
        rt::Settling {
            resend_first: #resend_first,
            at_once: #at_once,
            quiet: std::time::Duration::from_secs(#quiet),
            then: #then,
            absent: #absent,
            landed: #landed,
            resends: #resends,
            confirm: #confirm,
            within: std::time::Duration::from_secs(#within),
        }
    }
}

fn word(word: &Word) -> TokenStream {
    match word {
        Word::Found => quote! {
            let _ = answer;
            "found"
        },
        Word::Value { rust, always: true } => {
            let field = ident(rust);
            quote!(answer.#field.as_str())
        }
        Word::Value { rust, always: false } => {
            let field = ident(rust);
            quote!(answer.#field.as_ref().map_or("", |value| value.as_str()))
        }
        Word::List { rust, entry } => {
            let field = ident(rust);
            let same = entry.iter().map(|compare| {
                let (found, own) = (found(&quote!(entry), compare), own(&compare.own));
                quote!(#found == #own)
            });
            let counts =
                if entry.is_empty() { quote!(true) } else { quote!(answer.#field.iter().any(|entry| #(#same)&&*)) };
            quote! {
                if answer.#field.is_empty() {
                    "empty"
                } else if #counts {
                    "match"
                } else {
                    "others"
                }
            }
        }
    }
}

/// Ends with the member's name when it is not as in the request.
fn differs(compare: &Compare) -> TokenStream {
    let wire = &compare.wire;
    let found = found(&quote!(answer), compare);
    match &compare.own {
        Own::Plain(_) | Own::Null(_) => {
            let own = own(&compare.own);
            quote! {
                if #found != #own {
                    return Some(#wire);
                }
            }
        }
        Own::Optional(rust) => {
            let field = ident(rust);
            quote! {
                if let Some(own) = &self.#field && #found != Some(own) {
                    return Some(#wire);
                }
            }
        }
    }
}

fn found(of: &TokenStream, compare: &Compare) -> TokenStream {
    let field = ident(&compare.rust);
    if compare.always { quote!(Some(&#of.#field)) } else { quote!(#of.#field.as_ref()) }
}

fn own(own: &Own) -> TokenStream {
    match own {
        Own::Plain(rust) => {
            let field = ident(rust);
            quote!(Some(&self.#field))
        }
        Own::Null(rust) | Own::Optional(rust) => {
            let field = ident(rust);
            quote!(self.#field.as_ref())
        }
    }
}

/// The client's methods.
pub fn methods(op: &Operation, style: Style) -> Option<TokenStream> {
    let settling = op.settling.as_ref()?;
    let (function, wait) = (style.function(), style.wait());
    let (id, request) = (&op.id, ident(&op.request.rust));
    let (settle, reconcile) = (ident(&format!("settle_{id}")), ident(&format!("reconcile_{id}")));
    let names: Vec<_> = settling.expect.iter().map(|expect| ident(&expect.rust)).collect();
    let types: Vec<_> = settling.expect.iter().map(|expect| ty(&expect.of)).collect();
    let about = format!(
        " Finds out what became of a request to `{id}` whose answer was lost, and completes it where that is safe."
    );
    let time = format!(" Takes up to {} s, or what `CallOptions::settle_timeout` says.", settling.within);
    let stated = settling.expect.iter().map(|expect| {
        let doc =
            format!(" `{}` is what the caller knows in advance; with another value it is no success.", expect.rust);
        quote! {
            #[doc = ""]
            #[doc = #doc]
        }
    });
    let many = format!(" Like [`{settle}`](Self::{settle}), for many requests: at most `at_once` at the same time.");
    let (item, pattern) = if names.is_empty() {
        (quote!(#request), quote!(request))
    } else {
        (quote!((#request, #(#types),*)), quote!((request, #(#names),*)))
    };
    Some(quote! {
        #[doc = #about]
        ///
        /// Ends with done, with the proof that it was not done, or still unknown. Settle it again later in the last
        /// case; a new request in its place could do the same thing twice.
        #(#stated)*
        ///
        #[doc = #time]
        pub #function #settle(&self, request: &#request, #(#names: #types),*) -> Settled<#request> {
            self.core.settle(request, &(#(#names,)*))#wait
        }

        #[doc = #many]
        ///
        /// The results come in the order of the requests.
        pub #function #reconcile(
            &self,
            open: impl IntoIterator<Item = #item>,
            at_once: usize,
        ) -> Vec<Settled<#request>> {
            let open = open.into_iter().map(|#pattern| (request, (#(#names,)*))).collect();
            self.core.reconcile(open, at_once)#wait
        }
    })
}
