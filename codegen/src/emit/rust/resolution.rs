//! Emits the comparison of a reply with its request, and the resolution of a request whose outcome is unknown. A
//! resolution consists of the status query to the service, the interpretation of the answer, and the tables of
//! verdicts.

use super::pages::is_last;
use super::style::Style;
use super::tokens;
use super::tokens::{ident, strings, ty};
use crate::model::{
    Asked, BindingModel, Bound, Compare, ConditionValue, Found, ListState, OperationModel, Own, PathStep,
    ResolutionPlan, ShownState, SumBound, Ty,
};
use crate::spec::Verdict;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// Emits the method that compares a successful reply with its request. Returns `None` if no member is compared.
pub(super) fn bind(binding: &BindingModel) -> Option<TokenStream> {
    if binding.binds.is_empty() && binding.sums.is_empty() && binding.environment.is_none() {
        return None;
    }
    let has_lists = has_lists(binding.binds.iter().map(|bound| &bound.found).chain(members_of(&binding.sums)));
    let tree = has_lists.then(|| quote!(let tree = compare.tree(reply.raw());));
    let binds = binding.binds.iter().map(bound);
    let sums = binding.sums.iter().map(sum);
    let environment = binding.environment.as_ref().map(|found| {
        let (wire, found) = (&found.wire, text(found, &quote!(reply)));
        quote!(compare.environment(#wire, #found)?;)
    });
    Some(quote! {
        fn bind(&self, compare: &rt::Comparison<'_>, reply: &Self::Reply) -> Result<(), rt::Mismatch> {
            #tree
            #(#binds)*
            #(#sums)*
            #environment
            Ok(())
        }
    })
}

fn members_of(sums: &[SumBound]) -> impl Iterator<Item = &Found> {
    sums.iter().flat_map(|sum| &sum.members).map(|(member, _)| member)
}

fn has_lists<'a>(mut members: impl Iterator<Item = &'a Found>) -> bool {
    members.any(|member| !member.lists.is_empty())
}

/// Emits the variable `tree`, which contains an answer as JSON, if one of the members is in a list. The JSON shows
/// whether the decoded list lacks entries that could not be read.
fn tree<'a>(members: impl Iterator<Item = &'a Found>, of: &TokenStream) -> Option<TokenStream> {
    has_lists(members).then(|| quote!(let tree = rt::tree(#of.raw());))
}

fn sum(sum: &SumBound) -> TokenStream {
    let (wire, strict, members) = (&sum.wire, sum.strict, added(sum, &quote!(reply), &quote!(&tree)));
    own(&sum.own, |own| quote!(compare.sum(#wire, #members, #own, #strict)?;))
}

/// Emits a slice of the members that add up to an amount. For a member that is written as a negative number, the
/// magnitude is added, because the sign is only a notation.
fn added(sum: &SumBound, of: &TokenStream, tree: &TokenStream) -> TokenStream {
    let has_lists = has_lists(sum.members.iter().map(|(member, _)| member));
    let members = sum.members.iter().map(|(member, is_negative)| {
        let read = if *is_negative { quote!(rt::magnitude) } else { quote!(|part| part.copied()) };
        if !member.lists.is_empty() {
            let all = in_lists(member, of, tree);
            return quote!(#all.into_iter().map(#read).collect::<Vec<_>>());
        }
        let found = found(member, of);
        let found = if *is_negative { quote!(rt::magnitude(#found)) } else { quote!(#found.copied()) };
        if has_lists { quote!(vec![#found]) } else { found }
    });
    match has_lists {
        true => quote!(&[#(#members),*].concat()),
        false => quote!(&[#(#members),*]),
    }
}

/// Emits an expression for all values of a member whose path contains lists, with one value for each entry. The emitted
/// code returns a mismatch if an entry could not be read.
fn in_lists(member: &Found, of: &TokenStream, tree: &TokenStream) -> TokenStream {
    let (wire, path, each) = (&member.wire, strings(&member.path), each(member, &member.lists, of));
    quote!(rt::whole(#wire, #tree, #path, #each)?)
}

fn each(member: &Found, lists: &[Found], of: &TokenStream) -> TokenStream {
    let Some((list, inner)) = lists.split_first() else {
        let found = found(member, of);
        return quote!(vec![#found]);
    };
    let (entries, inner) = (entries(list, of), each(member, inner, &quote!(entry)));
    quote!(rt::each(#entries, |entry| #inner))
}

/// Emits a statement that uses a member. If the member is in lists, the statement runs for each entry.
fn for_each(member: &Found, of: &TokenStream, statement: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    if member.lists.is_empty() {
        return statement(found(member, of));
    }
    let (all, statement) = (in_lists(member, of, &quote!(&tree)), statement(quote!(found)));
    quote! {
        for found in #all {
            #statement
        }
    }
}

fn bound(bound: &Bound) -> TokenStream {
    for_each(&bound.found, &quote!(reply), |found| bound_one(bound, &found))
}

fn bound_one(bound: &Bound, found: &TokenStream) -> TokenStream {
    let wire = &bound.found.wire;
    if let Own::Fixed { values, .. } = &bound.own {
        let (strict, values) = (bound.strict, values.iter().map(plain));
        return quote!(compare.fixed(#wire, #found, &[#(#values),*], #strict)?;);
    }
    let separators = bound.separators.as_deref();
    let method = match (bound.magnitude, bound.strict) {
        (true, _) => quote!(magnitude),
        (false, true) => quote!(mandatory),
        (false, false) => quote!(optional),
    };
    own(&bound.own, |own| {
        let found = regrouped(found.clone(), quote!([#own]), separators);
        quote!(compare.#method(#wire, #found, #own)?;)
    })
}

/// Wraps a member of an answer, so that `separators` between its digits do not matter in the comparison with `own`.
pub(super) fn regrouped(found: TokenStream, own: TokenStream, separators: Option<&str>) -> TokenStream {
    match separators {
        Some(separators) => quote!(rt::regrouped(#found, #own, #separators)),
        None => found,
    }
}

/// Emits a statement that uses the request's own value: a field, or each of several fixed values. The statement for an
/// optional field runs only if the field is present.
fn own(own: &Own, statement: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    match own {
        Own::Plain(rust) | Own::AnyOf(rust, _) => {
            let field = ident(rust);
            statement(quote!(&self.#field))
        }
        Own::Inside(field) => {
            let (field, statement) = (found(field, &quote!(self)), statement(quote!(own)));
            quote! {
                if let Some(own) = #field {
                    #statement
                }
            }
        }
        Own::Null(rust) | Own::Optional(rust) => {
            let (field, statement) = (ident(rust), statement(quote!(own)));
            quote! {
                if let Some(own) = &self.#field {
                    #statement
                }
            }
        }
        Own::Fixed { values, .. } => values.iter().map(|value| statement(fixed(value))).collect(),
        Own::Choice { field: rust, of, variant } => {
            let (field, of, variant, statement) = (ident(rust), ident(of), ident(variant), statement(quote!(own)));
            quote! {
                if let #of::#variant(own) = &self.#field {
                    #statement
                }
            }
        }
    }
}

/// Returns an expression for a member of an answer, as an `Option` of a reference.
pub(super) fn found(found: &Found, of: &TokenStream) -> TokenStream {
    let field = ident(&found.rust);
    let (of, optional) = way(&found.groups, of);
    match (optional, found.always) {
        (false, true) => quote!(Some(&#of.#field)),
        (false, false) => quote!(#of.#field.as_ref()),
        (true, true) => quote!(#of.map(|group| &group.#field)),
        (true, false) => quote!(#of.and_then(|group| group.#field.as_ref())),
    }
}

/// Returns an expression for the innermost group that contains a member, and `true` if the expression is an `Option`.
fn way(groups: &[PathStep], of: &TokenStream) -> (TokenStream, bool) {
    groups.iter().fold((of.clone(), false), |(of, optional), step| {
        let group = ident(&step.rust);
        match (optional, step.always) {
            (false, true) => (quote!(#of.#group), false),
            (false, false) => (quote!(#of.#group.as_ref()), true),
            (true, true) => (quote!(#of.map(|group| &group.#group)), true),
            (true, false) => (quote!(#of.and_then(|group| group.#group.as_ref())), true),
        }
    })
}

/// Returns an iterator over the entries of a list. If the group that contains the list is absent, there are no entries.
pub(super) fn entries(list: &Found, of: &TokenStream) -> TokenStream {
    let field = ident(&list.rust);
    match way(&list.groups, of) {
        (of, false) => quote!(#of.#field.iter()),
        (of, true) => quote!(#of.map(|group| group.#field.as_slice()).unwrap_or_default().iter()),
    }
}

/// Returns an expression for the text of a member that is an enumeration, as an `Option`.
pub(super) fn text(member: &Found, of: &TokenStream) -> TokenStream {
    match plain_text(member, of) {
        Some(text) => quote!(Some(#text)),
        None => {
            let found = found(member, of);
            quote!(#found.map(|value| value.as_str()))
        }
    }
}

/// Returns an expression for the text of a member that is always present. Returns `None` if the member may be absent.
pub(super) fn plain_text(member: &Found, of: &TokenStream) -> Option<TokenStream> {
    let field = ident(&member.rust);
    match way(&member.groups, of) {
        (of, false) if member.always => Some(quote!(#of.#field.as_str())),
        _ => None,
    }
}

/// Emits the implementation of `Resolve`, if the operation can be resolved.
pub(super) fn emit(op: &OperationModel) -> Option<TokenStream> {
    let plan = op.resolution.as_ref()?;
    let (name, question, answer) = (ident(&op.request.rust), ident(&plan.question), ident(&plan.answer));
    let ask = plan.ask.iter().map(asked);
    let expected = plan.expect.iter().map(|expect| ty(&expect.of));
    let (table, state, binding) = (table(plan), shown_state(&plan.state), binding(plan, &answer));
    let figures = figures(plan, &answer);
    let agrees = agrees(plan);
    let needs = plan.repeat_needs.iter().map(|own| {
        let own = ident(own);
        quote!(self.#own.is_some())
    });
    let may_repeat = (!plan.repeat_needs.is_empty()).then(|| {
        quote! {
            fn may_repeat(&self) -> bool {
                #(#needs)&&*
            }
        }
    });
    Some(quote! {
        #[cfg(feature = "client")]
        impl rt::Resolve for #name {
            type Question = #question;
            type Expected = (#(#expected,)*);

            const PLAN: &'static rt::ResolutionPlan = &#table;

            fn question(&self) -> Result<#question, rt::Violations> {
                #question::builder() #(#ask)* .build()
            }

            #binding

            fn state<'a>(&'a self, answer: &'a #answer) -> &'a str {
                #state
            }

            #figures
            #agrees
            #may_repeat
        }
    })
}

/// Emits the call that sets a field of the status query.
fn asked(asked: &Asked) -> TokenStream {
    match asked {
        Asked::Own { setter, own } => {
            let (setter, field) = (ident(setter), ident(&own.rust));
            match own.groups.is_empty() {
                true => quote!(.#setter(self.#field.clone())),
                false => {
                    let found = found(own, &quote!(self));
                    // The field is always present, because the builder requires the groups that contain it.
                    quote!(.#setter(#found.cloned().unwrap_or_else(rt::Unset::unset)))
                }
            }
        }
        Asked::Group { setter, of, ask } => {
            let (setter, of, ask) = (ident(setter), ident(of), ask.iter().map(self::asked));
            quote!(.#setter(#of::builder() #(#ask)* .build()?))
        }
    }
}

/// Emits the methods that read amounts of an answer: `remaining`, `unchanged` and `is_reduced`.
fn figures(plan: &ResolutionPlan, answer: &Ident) -> TokenStream {
    let remaining = plan.remaining.as_ref().map(|member| {
        let found = found(member, &quote!(answer));
        quote! {
            fn remaining(&self, answer: &#answer) -> Option<i64> {
                #found.copied()
            }
        }
    });
    let unchanged = (!plan.unchanged.is_empty()).then(|| {
        let pairs = plan.unchanged.iter().map(|(a, b)| {
            let (a, b) = (found(a, &quote!(answer)), found(b, &quote!(answer)));
            quote!(#a.is_some() && #a == #b)
        });
        quote! {
            fn unchanged(&self, answer: &#answer) -> bool {
                #(#pairs)&&*
            }
        }
    });
    let is_reduced = plan.in_full.as_ref().map(|full| {
        let (left, whole) = (found(&full.remaining, &quote!(answer)), found(&full.whole, &quote!(answer)));
        let values = &full.values;
        quote! {
            fn is_reduced(&self, answer: &#answer) -> bool {
                let is_paid = matches!(self.state(answer), #(#values)|*);
                is_paid && matches!((#left, #whole), (Some(left), Some(whole)) if left < whole)
            }
        }
    });
    quote! {
        #remaining
        #unchanged
        #is_reduced
    }
}

/// Emits the method that compares an answer with the request and with the values that the caller expects. The method
/// also compares the environment in the answer with that of the credentials. It also checks that the time in the answer
/// is in the period in which the request can have been carried out.
fn binding(plan: &ResolutionPlan, answer: &proc_macro2::Ident) -> TokenStream {
    let of = quote!(answer);
    let is_identity = |compare: &&Compare| plan.identity.contains(&compare.found.wire);
    let compare = |compare: &Compare| {
        let wire = &compare.found.wire;
        for_each(&compare.found, &of, |found| {
            own(&compare.own, |own| {
                let found = regrouped(found.clone(), quote!([#own]), compare.separators.as_deref());
                quote!(rt::bind(#wire, #found, #own)?;)
            })
        })
    };
    // The identity is compared first, because it shows whether the answer belongs to the status query.
    let first = plan.binds.iter().filter(is_identity).map(compare);
    let then = plan.binds.iter().filter(|compare| !is_identity(compare)).map(compare);
    let stated = plan.expect.iter().enumerate().filter(|(_, expect)| !expect.in_entry);
    let tree = tree(
        plan.binds
            .iter()
            .map(|compare| &compare.found)
            .chain(stated.clone().map(|(_, expect)| &expect.found))
            .chain(members_of(&plan.sums)),
        &of,
    );
    let stated = stated.map(|(n, expect)| as_expected(&expect.found, &expect.of, n, &of));
    let sums = plan.sums.iter().map(|sum| bind_sum(sum, &of, &quote!(&tree)));
    let in_entries = in_entries(plan);
    let environment = plan.environment.as_ref().map(|member| {
        let (wire, text) = (&member.wire, text(member, &of));
        quote!(rt::bind_environment(#wire, #text, context.environment.unwrap_or("live"))?;)
    });
    let not_before = plan.not_before.as_ref().map(|member| {
        let (wire, found) = (&member.wire, found(member, &of));
        quote!(context.bind_time(#wire, #found)?;)
    });
    let no_expected = plan.expect.is_empty().then(|| quote!(let _ = expected;));
    let no_context = (plan.environment.is_none() && plan.not_before.is_none()).then(|| quote!(let _ = context;));
    let no_answer =
        (plan.binds.is_empty() && plan.expect.is_empty() && plan.environment.is_none() && plan.not_before.is_none())
            .then(|| quote!(let _ = answer;));
    quote! {
        fn binding(
            &self,
            expected: &Self::Expected,
            context: &rt::Context,
            answer: &#answer,
        ) -> Result<(), rt::Mismatch> {
            #no_expected
            #no_context
            #no_answer
            #tree
            #(#first)*
            #(#then)*
            #(#sums)*
            #(#stated)*
            #in_entries
            #environment
            #not_before
            Ok(())
        }
    }
}

/// Emits the comparison of a member with the value that the caller expects. If the member is a number in a list, the
/// sum of the numbers in all entries is compared.
fn as_expected(member: &Found, of_value: &Ty, n: usize, of: &TokenStream) -> TokenStream {
    let (wire, n) = (&member.wire, Literal::usize_unsuffixed(n));
    if !member.lists.is_empty() && matches!(of_value, Ty::Integer | Ty::Decimal) {
        let all = in_lists(member, of, &quote!(&tree));
        return quote! {
            let parts = #all.into_iter().map(|part| part.copied()).collect::<Vec<_>>();
            rt::bind_sum(#wire, &parts, &expected.#n)?;
        };
    }
    for_each(member, of, |found| quote!(rt::bind(#wire, #found, &expected.#n)?;))
}

/// Emits the comparison of a sum in the answer with an amount in the request.
fn bind_sum(sum: &SumBound, of: &TokenStream, tree: &TokenStream) -> TokenStream {
    let (wire, members) = (&sum.wire, added(sum, of, tree));
    own(&sum.own, |own| quote!(rt::bind_sum(#wire, #members, #own)?;))
}

/// Emits the checks of the list entries that belong to the request. Members of these entries must equal the values that
/// the caller expects, and sums of members must equal amounts of the request.
fn in_entries(plan: &ResolutionPlan) -> Option<TokenStream> {
    let ShownState::List(ListState { found: list, path, entry, .. }) = &plan.state else { return None };
    let stated: Vec<_> = plan.expect.iter().enumerate().filter(|(_, expect)| expect.in_entry).collect();
    if stated.is_empty() && plan.entry_sums.is_empty() {
        return None;
    }
    let sums = plan.entry_sums.iter().map(|sum| bind_sum(sum, &quote!(entry), &quote!(raw)));
    let (entries, path) = (entries(list, &quote!(answer)), strings(path));
    let same = entry.iter().map(same);
    let stated = stated.into_iter().map(|(n, expect)| {
        let (wire, found, n) = (&expect.found.wire, found(&expect.found, &quote!(entry)), Literal::usize_unsuffixed(n));
        quote!(rt::bind(#wire, #found, &expected.#n)?;)
    });
    Some(quote! {
        rt::bind_entries(
            answer.raw(),
            #path,
            #entries,
            |entry, raw| {
                let _ = (entry, raw);
                rt::all_same(&[#(#same),*])
            },
            |entry, raw| {
                let _ = raw;
                #(#stated)*
                #(#sums)*
                Ok(())
            },
        )?;
    })
}

/// Emits the method that compares a reply with the values that the caller expects. The reply answers the request
/// itself, and not the status query.
fn agrees(plan: &ResolutionPlan) -> Option<TokenStream> {
    if plan.reply_expect.is_empty() {
        return None;
    }
    let of = quote!(reply);
    let tree = tree(plan.reply_expect.iter().map(|(_, member)| member), &of);
    let of_value = |n: usize| plan.expect.get(n).map(|expect| &expect.of);
    let stated = plan.reply_expect.iter().filter_map(|(n, member)| Some(as_expected(member, of_value(*n)?, *n, &of)));
    Some(quote! {
        fn agrees(&self, expected: &Self::Expected, reply: &Self::Reply) -> Result<(), rt::Mismatch> {
            #tree
            #(#stated)*
            Ok(())
        }
    })
}

fn table(plan: &ResolutionPlan) -> TokenStream {
    let rows = |rows: &[(String, Verdict)]| {
        let rows = rows.iter().map(|(state, verdict)| {
            let verdict = tokens::verdict(*verdict);
            quote!((#state, rt::Verdict::#verdict))
        });
        quote!(&[#(#rows),*])
    };
    let [immediately, unanswered, after_acceptance] =
        [&plan.immediately, &plan.unanswered, &plan.after_acceptance].map(|table| rows(table));
    let (absent, identity, look_at) = (strings(&plan.absent), strings(&plan.identity), strings(&plan.look_at));
    let (repeat_first, within) = (plan.repeat_first, Literal::u64_unsuffixed(plan.within));
    let repeats = Literal::u32_unsuffixed(plan.repeats);
    let repeatable_for = match plan.repeatable_for.map(Literal::u64_unsuffixed) {
        Some(seconds) => quote!(Some(std::time::Duration::from_secs(#seconds))),
        None => quote!(None),
    };
    quote! {
        rt::ResolutionPlan {
            repeat_first: #repeat_first,
            immediately: #immediately,
            unanswered: #unanswered,
            after_acceptance: #after_acceptance,
            absent: #absent,
            repeats: #repeats,
            repeatable_for: #repeatable_for,
            identity: #identity,
            look_at: #look_at,
            within: std::time::Duration::from_secs(#within),
        }
    }
}

fn shown_state(state: &ShownState) -> TokenStream {
    match state {
        ShownState::Found => quote! {
            let _ = answer;
            "found"
        },
        ShownState::Value(by) if !by.lists.is_empty() => {
            let (wire, path, each) = (&by.wire, strings(&by.path), each(by, &by.lists, &quote!(answer)));
            quote! {
                let found = rt::whole(#wire, &rt::tree(answer.raw()), #path, #each).unwrap_or_default();
                rt::agreed(found.into_iter().map(|value| value.map(|value| value.as_str())))
            }
        }
        ShownState::Value(by) => plain_text(by, &quote!(answer)).unwrap_or_else(|| {
            let found = found(by, &quote!(answer));
            quote!(#found.map_or("", |value| value.as_str()))
        }),
        ShownState::List(list) => list_state(list),
    }
}

/// Emits the expression for the state that the entries of a list show, such as `match` or `others`.
fn list_state(list: &ListState) -> TokenStream {
    let ListState { found, path, entry, equal, reversed, pages } = list;
    let (entries, path) = (entries(found, &quote!(answer)), strings(path));
    let same: Vec<_> = entry.iter().map(same).collect();
    let reversed = (!reversed.is_empty()).then(|| {
        let same = reversed.iter().map(self::same);
        quote! {
            rt::reversed_state(word, answer.raw(), #path, entries, |entry, raw| {
                let _ = (entry, raw);
                rt::all_same(&[#(#same),*])
            })
        }
    });
    let equal = (!equal.is_empty()).then(|| {
        let equal = equal.iter().map(self::same);
        // If an entry belongs to the request but has another value, the state is unclear.
        quote!(.and_then(|own| if own { rt::all_same(&[#(#equal),*]).filter(|equal| *equal) } else { Some(false) }))
    });
    let state = |entries: TokenStream| {
        quote! {
            rt::entry_state(answer.raw(), #path, #entries, |entry, raw| {
                let _ = (entry, raw);
                rt::all_same(&[#(#same),*]) #equal
            })
        }
    };
    let last = pages.as_ref().map(|pages| is_last(pages, &quote!(answer)));
    match (reversed, last) {
        (None, None) => {
            let state = state(quote!(entries));
            quote! {
                let entries = #entries;
                #state
            }
        }
        (None, Some(last)) => {
            let state = state(quote!(entries));
            quote! {
                let entries = #entries;
                let (word, is_last) = (#state, #last);
                // The request's entry may be on another page.
                if word == "others" && !is_last { "unreadable" } else { word }
            }
        }
        (Some(reversed), last) => {
            let state = state(quote!(entries.clone()));
            let unchanged = quote!(word == "match" && !self.unchanged(answer));
            let unchanged = if last.is_some() { quote!((#unchanged)) } else { unchanged };
            let incomplete = last.is_some().then(|| quote!(|| (matches!(word, "match" | "others") && !is_last)));
            let last = last.map(|last| quote!(let is_last = #last;));
            quote! {
                let entries = #entries;
                let word = #state;
                let word = #reversed;
                #last
                // Changed amounts or further pages leave open whether another entry reverses the effect.
                if #unchanged #incomplete { "unreadable" } else { word }
            }
        }
    }
}

/// Emits the comparison of an entry's member with a value of the request. The emitted expression is `Some(true)` if
/// both are equal, `Some(false)` if they differ, and `None` if the member is unclear.
fn same(compare: &Compare) -> TokenStream {
    let raw = raw(&compare.found.path);
    let found = found(&compare.found, &quote!(entry));
    let regrouped = |own| regrouped(found.clone(), own, compare.separators.as_deref());
    match &compare.own {
        Own::Plain(rust) => {
            let field = ident(rust);
            let found = regrouped(quote!([&self.#field]));
            quote!(rt::same(#found, Some(&self.#field), #raw))
        }
        Own::Inside(field) => {
            let field = super::resolution::found(field, &quote!(self));
            let found = regrouped(field.clone());
            quote!(rt::same(#found, #field, #raw))
        }
        Own::Fixed { values, unknown } => {
            // A value that is not in the spec does not show whether the entry belongs to the request.
            let known = unknown.as_ref().map(|(of, variant)| {
                let (of, variant) = (ident(of), ident(variant));
                quote!(.filter(|found| !matches!(found, #of::#variant(_))))
            });
            match values.as_slice() {
                [value] => {
                    let value = fixed(value);
                    quote!(rt::same(#found #known, Some(#value), #raw))
                }
                values => {
                    let values = values.iter().map(plain);
                    quote!(rt::same_as_any(#found #known, &[#(Some(#values)),*], #raw))
                }
            }
        }
        Own::Null(rust) | Own::Optional(rust) | Own::Choice { field: rust, .. } => {
            let field = ident(rust);
            let found = regrouped(quote!(&self.#field));
            quote!(rt::same(#found, self.#field.as_ref(), #raw))
        }
        Own::AnyOf(rust, true) => {
            let (field, found) = (ident(rust), regrouped(quote!(own.iter().flatten())));
            quote!(match &self.#field {
                None => Some(true),
                Some(own) => rt::same_as_any(#found, own, #raw),
            })
        }
        Own::AnyOf(rust, false) => {
            let field = ident(rust);
            let found = regrouped(quote!(self.#field.iter().flatten()));
            quote!(rt::same_as_any(#found, &self.#field, #raw))
        }
    }
}

/// Emits a reference to a value that is the same for every request.
fn fixed(value: &ConditionValue) -> TokenStream {
    let value = plain(value);
    quote!(&#value)
}

/// Emits a value that is the same for every request.
fn plain(value: &ConditionValue) -> TokenStream {
    match value {
        ConditionValue::Bool(value) => quote!(#value),
        ConditionValue::Integer(value) => tokens::integer(*value),
        ConditionValue::Variant(of, variant) => {
            let (of, variant) = (ident(of), ident(variant));
            quote!(#of::#variant)
        }
        ConditionValue::Text(text) => quote!(#text),
    }
}

/// Emits an expression that reads a member of an entry from the received JSON.
fn raw(path: &[String]) -> TokenStream {
    let mut names = path.iter();
    let first = names.next();
    let inner = names.map(|name| quote!(.and_then(|group| group.get(#name))));
    quote!(raw.get(#first) #(#inner)*)
}

/// Emits the methods of the client that resolve one or many requests.
pub(super) fn methods(op: &OperationModel, style: Style) -> Option<TokenStream> {
    let plan = op.resolution.as_ref()?;
    let (function, wait) = (style.function(), style.wait());
    let (id, request) = (&op.id, ident(&op.request.rust));
    let (resolve, many) = (ident(&format!("resolve_{id}")), ident(&format!("resolve_many_{id}")));
    let names: Vec<_> = plan.expect.iter().map(|expect| ident(&expect.rust)).collect();
    let types: Vec<_> = plan.expect.iter().map(|expect| ty(&expect.of)).collect();
    let about = format!(
        " Resolves a request to `{id}` whose outcome is unknown: asks the service and, if that is safe, sends the \
         request again."
    );
    let time = format!(
        " A resolution takes up to {} s, unless `CallOptions::resolve_timeout` sets another limit. The result \
         `NotDone` can take long, because it is often certain only when no earlier attempt can be accepted any more.",
        plan.within
    );
    let stated = plan.expect.iter().map(|expect| {
        let doc = format!(
            " `{}` is the value that the caller expects. An answer with another value does not prove success.",
            expect.rust
        );
        quote! {
            #[doc = ""]
            #[doc = #doc]
        }
    });
    let about_many =
        format!(" Resolves many requests like [`{resolve}`](Self::{resolve}), at most `parallel` at the same time.");
    let (item, pattern) = if names.is_empty() {
        (quote!(#request), quote!(request))
    } else {
        (quote!((#request, #(#types),*)), quote!((request, #(#names),*)))
    };
    Some(quote! {
        #[doc = #about]
        ///
        /// The result is `Done` if the request took effect, and `Reversed` if all or part of its effect was reversed
        /// later. It is `NotDone` if the request did not take effect and cannot take effect any more. If it is
        /// `Unknown`, resolve the same request again later. A new request could have the effect a second time.
        #(#stated)*
        ///
        #[doc = #time]
        pub #function #resolve(&self, request: &#request, #(#names: #types),*) -> Resolution<#request> {
            self.core.resolve(request, &(#(#names,)*))#wait
        }

        #[doc = #about_many]
        ///
        /// Returns the results in the order of the requests.
        pub #function #many(
            &self,
            open: impl IntoIterator<Item = #item>,
            parallel: usize,
        ) -> Vec<Resolution<#request>> {
            let open = open.into_iter().map(|#pattern| (request, (#(#names,)*))).collect();
            self.core.resolve_many(open, parallel)#wait
        }
    })
}
