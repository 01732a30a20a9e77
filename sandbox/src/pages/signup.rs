//! The signup page for shops' owners, and its form.

use super::csrf::{csrf_token, is_csrf_token};
use super::html::{Forms, escaped, framed, page, redirect};
use super::message::{message, rejection};
use super::words::Words;
use crate::onboarding::registry::Registry;
use crate::onboarding::store::{Application, Store};
use crate::response::ResponseBody;
use crate::state::State;
use hyper::Response;
use toss_sdk::onboarding::{CompanyType, EasyPayCode};

pub(super) fn show(state: &State, words: &Words, key: &str) -> Response<ResponseBody> {
    let found = state.change_stores_now(|registry, now| registry.visit(now, key).cloned());
    let Some(store) = found else { return message(words, words.signup.title, 404, words.signup.expired) };
    if !store.is_open() {
        return message(words, words.signup.title, 200, &format!("{}: {}", words.signup.over, store.contract.as_str()));
    }
    let form = form(words, &store, &csrf_token(state, key));
    page(framed(words.language, words.signup.title, "", &form), Forms::Anywhere)
}

fn form(words: &Words, store: &Store, csrf_token: &str) -> String {
    let draft = store.draft.as_ref().or(store.application.as_ref());
    let kinds = CompanyType::KNOWN.iter().map(|kind| {
        let is_chosen = draft.is_some_and(|draft| draft.company_type == *kind);
        let selected = if is_chosen { " selected" } else { "" };
        format!("<option{selected}>{}</option>", escaped(kind.as_str()))
    });
    let easy_pays = EasyPayCode::KNOWN.iter().map(|code| {
        let is_chosen = draft.is_some_and(|draft| draft.easy_pays.contains(code));
        let checked = if is_chosen { " checked" } else { "" };
        let (value, label) = (code.as_str(), code.label().unwrap_or_default());
        format!("<label><input type=\"checkbox\" name=\"easyPay\" value=\"{value}\"{checked}> {label}</label>\n")
    });
    format!(
        "<main class=\"checkout\">\n<p class=\"note\">{note} <a href=\"?lang={other}\">{other_name}</a></p>\n\
         <h1>{title}</h1>\n<dl><dt>{shop}</dt><dd>{mid}</dd></dl>\n\
         <form method=\"post\">\n<input type=\"hidden\" name=\"seal\" value=\"{csrf_token}\">\n\
         <label class=\"line\">{company_word} <input name=\"companyName\" value=\"{company}\" required></label>\n\
         <label class=\"line\">{kind_word} <select name=\"companyType\">{kinds}</select></label>\n\
         <label class=\"line\">{number_word} <input name=\"corporateNumber\" value=\"{number}\"></label>\n\
         <fieldset><legend>{easy_pays_word}</legend>\n{easy_pays}</fieldset>\n\
         <button name=\"do\" value=\"submit\">{submit}</button>\n\
         <button name=\"do\" value=\"save\" class=\"minor\">{save}</button>\n\
         <button name=\"do\" value=\"fail\" class=\"minor\" formnovalidate>{fail}</button>\n</form></main>\n",
        note = words.sandbox,
        other = words.other.0,
        other_name = words.other.1,
        title = words.signup.title,
        shop = escaped(store.request.shop_name()),
        mid = escaped(&store.mid),
        company_word = words.signup.company,
        company = escaped(draft.map_or(store.request.shop_name(), |draft| &draft.company_name)),
        kind_word = words.signup.kind,
        kinds = kinds.collect::<String>(),
        number_word = words.signup.corporate_number,
        number = escaped(draft.and_then(|draft| draft.corporate_number.as_deref()).unwrap_or_default()),
        easy_pays_word = words.signup.easy_pays,
        easy_pays = easy_pays.collect::<String>(),
        submit = words.signup.submit,
        save = words.signup.save,
        fail = words.signup.fail,
    )
}

pub(super) fn decide(state: &State, words: &Words, key: &str, body: &[u8]) -> Response<ResponseBody> {
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    let field = |name: &str| fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_ref());
    if !is_csrf_token(state, key, field("seal")) {
        return message(words, words.signup.title, 403, words.foreign_form);
    }
    let store = state.read_stores(|registry, now| registry.session(now, key).cloned());
    let Some(store) = store else { return message(words, words.signup.title, 404, words.signup.expired) };
    let kind = CompanyType::KNOWN.iter().find(|kind| kind.as_str() == field("companyType"));
    let mut application = Application::new(field("companyName"), kind.cloned().unwrap_or(CompanyType::Private));
    application.corporate_number = Some(field("corporateNumber").to_owned()).filter(|number| !number.is_empty());
    let wanted = |code: &&EasyPayCode| fields.iter().any(|(name, value)| name == "easyPay" && *value == code.as_str());
    application.easy_pays = EasyPayCode::KNOWN.iter().filter(wanted).cloned().collect();
    match field("do") {
        "submit" => {
            let pre_open = state.settings.pre_open;
            let submit = |registry: &mut Registry, now| registry.submit(now, &store.mid, application.clone(), pre_open);
            match state.change_stores_now(submit) {
                Ok(()) => redirect(store.request.return_url()),
                Err(why) => rejection(words, words.signup.title, &words.store_error(&why, &store)),
            }
        }
        "save" => match state.change_stores_now(|registry, now| registry.save(now, &store.mid, application.clone())) {
            Ok(()) => message(words, words.signup.title, 200, words.signup.saved),
            Err(why) => rejection(words, words.signup.title, &words.store_error(&why, &store)),
        },
        "fail" => redirect(store.request.return_fallback_url()),
        _ => message(words, words.signup.title, 400, words.no_button),
    }
}
