//! Emits the confirmation of a message: the status query to the service, and the comparison of the message with the
//! answer.

use super::claims::{claim, route};
use super::resolution::{entries, found, plain_text, regrouped, text};
use super::style::Style;
use super::tokens::{docs, ident, ty};
use crate::model::{CallbackModel, Confirming, Found, Known, Pair, Ty};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Emits the implementation of `Confirm`, if the message can be confirmed.
pub(super) fn emit(callback: &CallbackModel) -> Option<TokenStream> {
    let confirming = callback.confirming.as_ref()?;
    let (name, question, answer) = (ident(&callback.body.rust), ident(&confirming.question), ident(&confirming.answer));
    let asking = asking(confirming);
    let expected = confirming.expect.iter().map(|(expect, _)| ty(&expect.of));
    let known = confirming.known.iter().map(|known| {
        let of = ty(&known.of);
        quote!(Option<#of>)
    });
    // The caller may have stored a value that the status query and the comparison of the answer do not use.
    let unused = |is_used: bool| (!is_used).then(|| quote!(let _ = known;));
    let all_stored = || confirming.known.iter().filter(|known| !known.in_message);
    let any_stored = all_stored().next().is_some();
    let unasked = unused(any_stored || confirming.ask.iter().any(|ask| ask.known.is_some()));
    let is_compared = confirming.ask.iter().any(|ask| ask.answer.is_some() && (ask.known.is_some() || any_stored))
        || all_stored().any(|known| known.answer.is_some());
    let uncompared = unused(is_compared);
    let no_expected = confirming.expect.is_empty().then(|| quote!(let _ = expected;));
    let elsewhere = confirming.environment.is_none().then(|| quote!(let _ = environment;));
    let (contradicts, familiar) = (contradicts(confirming), familiar(confirming));
    let stored = confirming.known.iter().enumerate().filter(|(_, known)| !known.in_message).map(|(n, _)| {
        let n = Literal::usize_unsuffixed(n);
        quote!(known.#n.is_none())
    });
    let mut stored = stored.peekable();
    let may_find_another = stored.peek().is_some().then(|| {
        quote! {
            fn may_find_another(&self, known: &Self::Known) -> bool {
                #(#stored)&&*
            }
        }
    });
    let (checks, state) = (checks(confirming), state(confirming));
    let routes: Vec<TokenStream> = confirming.routes.iter().map(route).collect();
    let routes = (!routes.is_empty()).then(|| quote!(impl #name { #(#routes)* }));
    Some(quote! {
        #routes

        #[cfg(feature = "client")]
        impl rt::Confirm for #name {
            type Question = #question;
            type Expected = (#(#expected,)*);
            type Known = (#(#known,)*);

            fn question(&self, known: &Self::Known) -> Result<#question, &'static str> {
                #unasked
                #asking
            }

            #contradicts
            #familiar
            #may_find_another

            fn judge(
                &self,
                expected: &Self::Expected,
                known: &Self::Known,
                environment: Option<&str>,
                answer: &#answer,
            ) -> rt::Judgment {
                #no_expected
                #uncompared
                #elsewhere
                #checks
                #state
            }
        }
    })
}

/// Emits the code that creates the status query for a message.
fn asking(confirming: &Confirming) -> TokenStream {
    let question = ident(&confirming.question);
    let setters = confirming.ask.iter().map(|ask| {
        let (setter, member, wire) = (ident(&ask.setter), claim(&ask.member), &ask.wire);
        let clone = (!ask.of.is_copy()).then(|| quote!(.clone()));
        // The method for a nested member returns an owned value.
        let own = clone.as_ref().filter(|_| !ask.member.nested);
        let stored = ask.known.map(|n| {
            let n = Literal::usize_unsuffixed(n);
            match &clone {
                Some(clone) => quote!(.or_else(|| known.#n #clone)),
                None => quote!(.or(known.#n)),
            }
        });
        quote!(.#setter(#member #own #stored .ok_or(#wire)?))
    });
    // The caller may have stored values that messages of this kind never contain. If such a value is stored, the status
    // query contains only that value.
    let stored_questions =
        confirming.known.iter().enumerate().filter(|(_, known)| !known.in_message).map(|(n, known)| {
            let (setter, wire, n) = (ident(&known.setter), &known.wire, Literal::usize_unsuffixed(n));
            let own = if known.of.is_copy() { quote!(*own) } else { quote!(own.clone()) };
            quote! {
                if let Some(own) = &known.#n {
                    return #question::builder().#setter(#own).build().map_err(|_| #wire);
                }
            }
        });
    let asked = confirming.ask.first().map_or("", |ask| &ask.wire);
    quote! {
        #(#stored_questions)*
        #question::builder() #(#setters)* .build().map_err(|_| #asked)
    }
}

/// Emits the method that returns the name of the first member whose claimed value contradicts the value that the caller
/// expects.
fn contradicts(confirming: &Confirming) -> Option<TokenStream> {
    let mut checks = confirming
        .expect
        .iter()
        .enumerate()
        .filter_map(|(n, (expect, claimed))| {
            let (claimed, wire, n) = (claim(claimed.as_ref()?), &expect.found.wire, Literal::usize_unsuffixed(n));
            Some(quote! {
                if rt::contradicts(#claimed.as_ref(), &expected.#n) {
                    return Some(#wire);
                }
            })
        })
        .peekable();
    checks.peek()?;
    Some(quote! {
        fn contradicts(&self, expected: &Self::Expected) -> Option<&'static str> {
            #(#checks)*
            None
        }
    })
}

/// Emits the method `familiar`. It returns a text that the caller has stored, a text of the message that equals a value
/// that the caller expects, or both texts. Most senders of forged messages do not know these texts, so the texts
/// indicate a genuine message.
fn familiar(confirming: &Confirming) -> Option<TokenStream> {
    let text = carried(confirming).or_else(|| stored(confirming))?;
    Some(quote! {
        fn familiar<'a>(&'a self, expected: &'a Self::Expected, known: &'a Self::Known) -> Option<[&'a str; 2]> {
            let _ = (expected, known);
            #text
        }
    })
}

/// Emits an expression for the first text of the message that the caller may also have stored. The expression is `None`
/// unless every such text of the message equals the stored text.
fn carried(confirming: &Confirming) -> Option<TokenStream> {
    let mut same = confirming.known.iter().enumerate().filter(|(_, known)| is_familiar(known)).map(|(n, known)| {
        let (member, n) = (ident(&known.rust), Literal::usize_unsuffixed(n));
        quote!(self.#member.as_ref().filter(|own| known.#n.as_ref() == Some(own)).map(|own| own.as_str()))
    });
    let first = same.next()?;
    let and_then = same.map(|same| quote!(.and_then(|first| #same.map(|_| first))));
    Some(quote!(#first #(#and_then)* .map(|text| [text, ""])))
}

/// Returns `true` if a message with this value has priority, because its sender knows a text that the caller has stored.
fn is_familiar(known: &Known) -> bool {
    known.in_message && matches!(known.of, Ty::Text(_))
}

/// Emits an expression for two texts: the text that the caller has stored, and the first claimed text that equals the
/// value that the caller expects. A missing text is empty. The expression is `None` if both are missing.
fn stored(confirming: &Confirming) -> Option<TokenStream> {
    let is_text = |of: &Ty| matches!(of, Ty::Text(_));
    let stored = confirming.known.iter().enumerate().find(|(_, known)| is_text(&known.of)).map(|(n, _)| {
        let n = Literal::usize_unsuffixed(n);
        quote!(known.#n.as_ref().map(|own| own.as_str()))
    })?;
    let named = confirming.expect.iter().enumerate().filter(|(_, (expect, _))| is_text(&expect.of));
    let named = named.filter_map(|(n, (_, claimed))| {
        let (claimed, n) = (claim(claimed.as_ref().filter(|claimed| !claimed.nested)?), Literal::usize_unsuffixed(n));
        Some(quote!(#claimed.as_ref().filter(|own| **own == expected.#n).map(|own| own.as_str())))
    });
    let named = named.reduce(|first, second| quote!(#first.or(#second))).unwrap_or(quote!(None));
    Some(quote! {
        let stored: Option<&str> = #stored;
        let named: Option<&str> = #named;
        (stored.is_some() || named.is_some()).then(|| [stored.unwrap_or_default(), named.unwrap_or_default()])
    })
}

/// Emits the checks of an answer, except for the check of the state. Each check returns a judgment if a member differs
/// or is absent.
fn checks(confirming: &Confirming) -> TokenStream {
    let of = quote!(answer);
    let identity = identity(confirming);
    let equal = confirming.equal.iter().map(|pair| differs(pair, &of));
    let stated = confirming.expect.iter().enumerate().map(|(n, (expect, _))| {
        let (wire, found, n) = (&expect.found.wire, found(&expect.found, &of), Literal::usize_unsuffixed(n));
        quote! {
            if let Err(mismatch) = rt::bind(#wire, #found, &expected.#n) {
                return mismatch.into();
            }
        }
    });
    let (environment, list) = (environment(confirming), entry(confirming));
    quote!(#identity #(#equal)* #(#stated)* #environment #list)
}

/// Emits the check that an answer belongs to the status query, because an answer to another query proves nothing.
fn identity(confirming: &Confirming) -> TokenStream {
    let of = quote!(answer);
    let identity = confirming.ask.iter().filter_map(|ask| {
        let member = ask.answer.as_ref()?;
        let (wire, found, claimed) = (&member.wire, found(member, &of), claim(&ask.member));
        let asked = match ask.known {
            Some(n) => {
                let n = Literal::usize_unsuffixed(n);
                quote!(#claimed.as_ref().or(known.#n.as_ref()))
            }
            None => quote!(#claimed.as_ref()),
        };
        Some((wire.clone(), quote!(#found.is_none() || #found != #asked)))
    });
    // If the status query contained a stored value, the answer has to repeat that value instead of the values in the
    // message.
    let stored: Vec<_> = confirming.known.iter().enumerate().filter(|(_, known)| !known.in_message).collect();
    let stored_identity = stored.iter().filter_map(|(n, known)| {
        let member = known.answer.as_ref()?;
        let (wire, found, n) = (&member.wire, found(member, &of), Literal::usize_unsuffixed(*n));
        Some(quote! {
            if let Some(own) = &known.#n && #found != Some(own) {
                return rt::Judgment::Open(Some(#wire));
            }
        })
    });
    let none_stored = stored.iter().map(|(n, _)| {
        let n = Literal::usize_unsuffixed(*n);
        quote!(known.#n.is_none())
    });
    let none_stored = quote!(#(#none_stored)&&*);
    let identity = identity.map(|(wire, differs)| {
        let differs = if stored.is_empty() { differs } else { quote!(#none_stored && (#differs)) };
        quote! {
            if #differs {
                return rt::Judgment::Open(Some(#wire));
            }
        }
    });
    quote!(#(#stored_identity)* #(#identity)*)
}

/// Emits the comparison of the answer's environment with the environment of the credentials.
fn environment(confirming: &Confirming) -> Option<TokenStream> {
    let of = quote!(answer);
    confirming.environment.as_ref().map(|(member, of_enum)| {
        let (wire, text, found, of_enum) = (&member.wire, text(member, &of), found(member, &of), ident(of_enum));
        quote! {
            // If the credentials name no environment, the answer must name the environment `live`. Otherwise, a test
            // payment could be confirmed as a real one.
            match rt::bind_environment(#wire, #text, environment.unwrap_or("live")) {
                Err(rt::Mismatch::Differs(name)) if #found.is_some_and(|found| #of_enum::KNOWN.contains(found)) => {
                    return rt::Judgment::Refuted(name);
                }
                Err(mismatch) => return rt::Judgment::Open(Some(mismatch.member())),
                Ok(()) => {}
            }
        }
    })
}

/// Emits the comparison of the message with the entries of a list in the answer that belong to the message.
fn entry(confirming: &Confirming) -> Option<TokenStream> {
    confirming.list.as_ref().map(|list| {
        let entries = entries(&list.found, &quote!(answer));
        let given = list.entry.iter().map(|Pair { found, claimed, .. }| {
            let (wire, claimed) = (&found.wire, claim(claimed));
            quote! {
                if #claimed.is_none() {
                    return rt::Judgment::Open(Some(#wire));
                }
            }
        });
        let same = list.entry.iter().map(|Pair { found: member, claimed, .. }| {
            let (found, claimed) = (found(member, &quote!(entry)), claim(claimed));
            quote!(#found == #claimed.as_ref())
        });
        let equal = list.equal.iter().map(|pair| differs(pair, &quote!(entry)));
        quote! {
            #(#given)*
            // If several entries match, some may be out of date, so one confirmed entry suffices.
            let entries = #entries.filter(|entry| #(#same)&&*).map(|entry| {
                #(#equal)*
                rt::Judgment::Confirmed(None)
            });
            match rt::any_entry(entries) {
                rt::Judgment::Confirmed(_) => {}
                judgment => return judgment,
            }
        }
    })
}

/// Emits an early return for the case that the answer does not have the claimed value. A member that the claim lacks is
/// not compared.
fn differs(pair: &Pair, of: &TokenStream) -> TokenStream {
    let (wire, found, claimed) = (&pair.found.wire, found(&pair.found, of), claim(&pair.claimed));
    let found = regrouped(found, quote!(&#claimed), pair.separators.as_deref());
    quote! {
        if let Err(mismatch) = rt::bind_claimed(#wire, #found, #claimed.as_ref()) {
            return mismatch.into();
        }
    }
}

fn state(confirming: &Confirming) -> TokenStream {
    let Some(by) = &confirming.by else { return quote!(rt::Judgment::Confirmed(None)) };
    let (of, wire) = (quote!(answer), &by.wire);
    let text = plain_text(by, &of).unwrap_or_else(|| {
        let text = text(by, &of);
        quote!(#text.unwrap_or_default())
    });
    let refuting = (!confirming.refuting_values.is_empty()).then(|| {
        let values = &confirming.refuting_values;
        quote! {
            if matches!(found, #(#values)|*) {
                return rt::Judgment::Refuted(#wire);
            }
        }
    });
    let not_before = not_before(confirming, by);
    let confirming_arm = arm(&confirming.confirming_values, quote!(rt::Judgment::Confirmed(None)));
    let (paid, reversed) = (paid(confirming), reversed(confirming, by));
    quote! {
        let found = #text;
        #refuting
        #not_before
        match found {
            #confirming_arm
            #paid
            #reversed
            // A state that is in no list of the spec may still change.
            _ => rt::Judgment::Open(None),
        }
    }
}

/// Emits a match arm for the states in `values`. Returns `None` if there are no states.
fn arm(values: &[String], body: TokenStream) -> Option<TokenStream> {
    (!values.is_empty()).then(|| quote!(#(#values)|* => #body,))
}

/// Emits the check that the state of the answer is the state of the message or a later state.
fn not_before(confirming: &Confirming, by: &Found) -> Option<TokenStream> {
    let wire = &by.wire;
    confirming.not_before.as_ref().map(|not_before| {
        let claimed = claim(&not_before.claimed);
        let rows = not_before.reached.iter().map(|(value, reached)| quote!(#value => matches!(found, #(#reached)|*),));
        quote! {
            let has_come_as_far = match #claimed.as_ref().map_or("", |value| value.as_str()) {
                #(#rows)*
                _ => true,
            };
            if !has_come_as_far {
                return rt::Judgment::Open(Some(#wire));
            }
        }
    })
}

/// Emits the match arm for the states in which the whole amount was paid. In some of these states, a part or all of the
/// amount may have been refunded.
fn paid(confirming: &Confirming) -> Option<TokenStream> {
    let of = quote!(answer);
    confirming.paid.as_ref().and_then(|paid| {
        let (wire, amount) = (&paid.amount.wire, found(&paid.amount, &of));
        let reduced = confirming.reversed.as_ref().filter(|_| !paid.in_full.is_empty()).map(|left| {
            let (remaining, member, in_full) = (found(&left.remaining, &of), &left.remaining.wire, &paid.in_full);
            quote! {
                // If the remaining amount is less than the paid amount, a part or all of it was refunded.
                Some(amount)
                    if matches!(found, #(#in_full)|*) && #remaining.is_some_and(|left| left < amount) => match #remaining {
                    Some(left) if *left > 0 => rt::Judgment::Confirmed(Some(*left)),
                    _ => rt::Judgment::Open(Some(#member)),
                },
            }
        });
        arm(
            &paid.values,
            quote! {
                match #amount {
                    #reduced
                    Some(amount) => rt::Judgment::Confirmed(Some(*amount)),
                    None => rt::Judgment::Open(Some(#wire)),
                }
            },
        )
    })
}

/// Emits the match arms for the states in which money was refunded.
fn reversed(confirming: &Confirming, by: &Found) -> Option<TokenStream> {
    let (of, wire) = (quote!(answer), &by.wire);
    confirming.reversed.as_ref().map(|left| {
        let (member, remaining, whole) = (&left.remaining.wire, found(&left.remaining, &of), found(&left.whole, &of));
        let nothing = |judgment: TokenStream| {
            quote! {
                match (#remaining, #whole) {
                    (Some(left), Some(whole)) if *left > 0 && left < whole => rt::Judgment::Confirmed(Some(*left)),
                    (Some(0), _) => #judgment,
                    // An amount that does not fit the state proves nothing.
                    _ => rt::Judgment::Open(Some(#member)),
                }
            }
        };
        let refuting = arm(&left.refuting, nothing(quote!(rt::Judgment::Refuted(#wire))));
        let open = arm(&left.open, nothing(quote!(rt::Judgment::Open(Some(#member)))));
        quote!(#refuting #open)
    })
}

/// Emits the method of the client that confirms a message.
pub(super) fn method(callback: &CallbackModel, style: Style) -> Option<TokenStream> {
    let confirming = callback.confirming.as_ref()?;
    let (function, wait) = (style.function(), style.wait());
    let method = ident(&format!("confirm_{}", callback.id));
    let (message, answer) = (ident(&callback.body.rust), ident(&confirming.answer));
    let names: Vec<_> = confirming.expect.iter().map(|(expect, _)| ident(&expect.rust)).collect();
    let types = confirming.expect.iter().map(|(expect, _)| ty(&expect.of));
    let known: Vec<_> = confirming.known.iter().map(|known| ident(&known.parameter)).collect();
    let known_types = confirming.known.iter().map(|known| {
        let of = ty(&known.of);
        quote!(Option<&#of>)
    });
    let mut paragraphs = vec![
        format!("Confirms a [`{}`]: asks the service whether the content of the message is true.", callback.body.rust),
        "Act on `found` in the result, which is the answer of the service, and not on the claim. The same message may \
         arrive several times, so store that you have acted on it."
            .to_owned(),
    ];
    if !confirming.expect.is_empty() {
        let names: Vec<_> = confirming.expect.iter().map(|(expect, _)| format!("`{}`", expect.rust)).collect();
        let (names, verb) = (names.join(" and "), if names.len() == 1 { "is" } else { "are" });
        paragraphs.push(format!(
            "{names} {verb} the caller's own record of the order. A claim that contradicts this record is \
             refuted without a call."
        ));
    }
    for (known, name) in confirming.known.iter().zip(&known) {
        let why = if is_familiar(known) {
            " Claims with this value have priority, so that forged messages rarely delay them."
        } else if known.in_message {
            ""
        } else {
            " If this value is given, the status query contains it instead of the values in the message."
        };
        paragraphs.push(format!("`{name}` is the `{}` that the caller has stored, or `None`.{why}", known.rust));
    }
    if confirming.paid.is_some() {
        paragraphs.push(
            "`still_paid` of the result is the amount that is paid and not refunded. Compare it with the order \
             before you deliver."
                .to_owned(),
        );
    }
    paragraphs.push("# Errors".to_owned());
    paragraphs.push(
        "Returns an error if the message is refuted (`is_refuted`), because the service or the caller has another \
         value. Also returns an error if nothing is proven yet (`is_temporary`). In that case, the message lacks a \
         valid value that the status query needs, the status query failed, the answer of the service proves nothing, \
         or there are too many unproven messages."
            .to_owned(),
    );
    let documentation = docs(&paragraphs);
    Some(quote! {
        #documentation
        pub #function #method(
            &self,
            claim: &rt::Claim<#message>,
            #(#names: #types,)*
            #(#known: #known_types,)*
        ) -> Result<rt::Confirmed<#message, #answer>, ConfirmError> {
            self.core.confirm(claim, &(#(#names,)*), &(#(#known.cloned(),)*))#wait
        }
    })
}
