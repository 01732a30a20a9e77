//! Model of Instant Onboarding: the deletion and the creation of registrations, and the callback about credentials. It
//! shows that no list leads to a wrong conclusion. A list of the service may be empty, may lack entries or members, and
//! may have entries of other shops.

use crate::model::mutants::Mutant;
use crate::model::search::{TICK, World};
use crate::model::state::{ACCEPTED_WITHIN, SHOWN_WITHIN};
use pagespec_runtime::__private::{Confirm, Context, Judgment, Resolve};
use pagespec_runtime::modeled::machine::{Action, Asked, Machine};
use serde_json::{Value, json};
use std::time::Duration;
use toss_sdk::onboarding::{
    CreateStore, Credentials, DeleteStoreId, GetCredentialsReply, GetSubscriptions, GetSubscriptionsReply,
    RegistrationCallback,
};

const NUMBER: &str = "123-45-67890";

/// State space of a request that deletes or creates a registration. The answer to the request was lost.
pub struct Stores {
    /// Removed safeguard, or `None` for the unmodified model.
    pub mutant: Option<Mutant>,
    /// Set for a deletion, and not set for a creation.
    pub is_deletion: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    is_there: bool,
    has_another: bool,
    replica: bool,
    /// Ticks in which the request can still be accepted, including the current tick.
    left: u8,
    /// Ticks until a conclusion is possible.
    conclusive_in: u8,
    told: Option<bool>,
    wrong: Option<&'static str>,
}

impl Stores {
    fn read(&self, body: &Value) -> Asked {
        let text = body.to_string();
        let Ok(answer) = GetSubscriptionsReply::from_body(200, text.as_bytes()) else { return Asked::Failed };
        let mut reading = if self.is_deletion {
            deletion().read(&(), &Context::default(), &answer)
        } else {
            creation().read(&(), &Context::default(), &answer)
        };
        match (self.mutant, reading.state.as_str()) {
            (Some(Mutant::EmptyListProves), "empty") | (Some(Mutant::UnreadableEntriesDropped), "unreadable") => {
                reading.state = "others".into();
            }
            _ => {}
        }
        Asked::Answer(reading)
    }

    fn asked(&self, state: &State, body: &Value) -> Action {
        let plan = if self.is_deletion { DeleteStoreId::PLAN } else { CreateStore::PLAN };
        let conclusive_in = Duration::from_secs(15) * u32::from(state.conclusive_in);
        Machine::new(plan, conclusive_in, false, 0, false).asked(plan, Duration::ZERO, self.read(body))
    }
}

fn deletion() -> DeleteStoreId {
    DeleteStoreId::builder().shop_id("shop-1").mid("m-1").build().unwrap()
}

fn creation() -> CreateStore {
    CreateStore::builder()
        .shop_id("shop-1")
        .shop_name("마켓하늘")
        .shop_contact_name("김하늘")
        .shop_contact_email("sky@shop.example")
        .shop_contact_phone_number("01000000000")
        .shop_business_registration_number(NUMBER)
        .shop_url("https://shop.example")
        .return_url("https://shop.example/done")
        .return_fallback_url("https://shop.example/failed")
        .agency_code("TestTest")
        .build()
        .unwrap()
}

/// Returns the answers that a service with these registrations may give, each with a label.
fn lists(is_there: bool, has_another: bool) -> Vec<(&'static str, Value)> {
    let own = json!({"mid": "m-1", "businessRegistrationNumber": NUMBER});
    let another = json!({"mid": "m-2", "businessRegistrationNumber": "222-22-22222"});
    let list = |own: Option<Value>| -> Value {
        let entries: Vec<Value> = own.into_iter().chain(has_another.then(|| another.clone())).collect();
        json!({"success": true, "result": {"descriptions": entries}})
    };
    let mut all = vec![
        ("the list is empty", json!({"success": true, "result": {"descriptions": []}})),
        ("there is no list", json!({"success": true, "result": {}})),
        ("a failure", json!({"success": false, "error": {"code": "UNKNOWN"}})),
        ("the list is true", list(is_there.then(|| own.clone()))),
    ];
    if is_there {
        all.push(("the own entry cannot be read", list(Some(json!("?")))));
        all.push(("the own entry is null", list(Some(Value::Null))));
        all.push(("the own entry lacks its members", list(Some(json!({})))));
        let unreadable = json!({"mid": {"a": 1}, "businessRegistrationNumber": {"a": 1}});
        all.push(("the own entry's members cannot be read", list(Some(unreadable))));
    }
    all
}

impl World for Stores {
    type State = State;

    fn starts(&self) -> Vec<(&'static str, State)> {
        let start = |has_another| State {
            is_there: self.is_deletion,
            has_another,
            replica: self.is_deletion,
            left: ACCEPTED_WITHIN + 1,
            conclusive_in: ACCEPTED_WITHIN + SHOWN_WITHIN,
            told: None,
            wrong: None,
        };
        vec![("the shop has no other registration", start(false)), ("the shop has another registration", start(true))]
    }

    fn steps(&self, state: &State, steps: &mut Vec<(&'static str, State)>) {
        if state.left > 0 {
            steps.push(("the request is accepted", State { is_there: !self.is_deletion, left: 0, ..*state }));
        }
        for shown in [state.is_there, state.replica].into_iter().filter(|_| state.told.is_none()) {
            for (label, body) in lists(shown, state.has_another) {
                let told = match self.asked(state, &body) {
                    Action::Done => true,
                    Action::NotDone => false,
                    _ => continue,
                };
                let mut next = State { told: Some(told), ..*state };
                let is_done = state.is_there != self.is_deletion;
                if told != is_done || (!told && state.left > 0) {
                    next.wrong = Some("the reported result of a change is true");
                }
                steps.push((label, next));
            }
        }
        let (left, conclusive_in) = (state.left.saturating_sub(1), state.conclusive_in.saturating_sub(1));
        steps.push((TICK, State { left, conclusive_in, replica: state.is_there, ..*state }));
    }

    fn broken(&self, state: &State) -> Option<&'static str> {
        state.wrong
    }
}

/// State space of a callback about credentials. The callback is genuine, or forged with the `mertKey` of another shop.
pub struct Registrations {
    /// Removed safeguard, or `None` for the unmodified model.
    pub mutant: Option<Mutant>,
}

impl Registrations {
    fn judge(&self, key: &str, credentials: &Value) -> Judgment {
        let credentials = match self.mutant {
            Some(Mutant::OtherShopCounts) => credentials.to_string().replace("shop-2", "shop-1"),
            _ => credentials.to_string(),
        };
        let text = format!("{{\"success\":true,\"result\":{{\"credentials\":{credentials}}}}}");
        let Ok(answer) = GetCredentialsReply::from_body(200, text.as_bytes()) else { return Judgment::Open(None) };
        let body = json!({"shopId": "shop-1", "mid": "m-1", "mertKey": key, "apiKey": "a-1", "clientKey": "c-1"});
        let secrets = [Credentials { token: "token".into(), secret: "secret".into() }];
        let header = RegistrationCallback::sign("shop-1", &secrets[0]);
        let claim = RegistrationCallback::verify(body.to_string().as_bytes(), &header, &secrets).unwrap();
        match claim.unproven().judge(&(), &(), None, &answer) {
            Judgment::Open(_) if self.mutant == Some(Mutant::MissingCredentialRefutes) => Judgment::Refuted("mertKey"),
            judgment => judgment,
        }
    }
}

impl World for Registrations {
    /// Whether the credentials are visible, whether the callback is genuine, and the broken property.
    type State = (bool, bool, Option<&'static str>);

    fn starts(&self) -> Vec<(&'static str, Self::State)> {
        vec![("a genuine callback comes", (false, true, None)), ("a forged callback comes", (false, false, None))]
    }

    fn steps(&self, state: &Self::State, steps: &mut Vec<(&'static str, Self::State)>) {
        let (shows, is_genuine, _) = *state;
        steps.push(("the credentials show", (true, is_genuine, None)));
        let entry = |shop: &str, key: Value| json!({"shopId": shop, "mid": "m-1", "mertKey": key, "apiKey": "a-1", "clientKey": "c-1"});
        let mut answers = vec![
            ("no credentials", json!([])),
            ("the list is null", Value::Null),
            ("an entry that cannot be read", json!(["?"])),
            ("another shop's entry", json!([entry("shop-2", "k-2".into())])),
        ];
        if shows {
            answers.push(("the true entry", json!([entry("shop-2", "k-2".into()), entry("shop-1", "k-1".into())])));
            answers.push(("the entry without a key", json!([entry("shop-1", Value::Null)])));
            answers.push(("the entry with an unreadable key", json!([entry("shop-1", json!({"a": 1}))])));
        }
        for (label, body) in answers {
            let wrong = match self.judge(if is_genuine { "k-1" } else { "k-2" }, &body) {
                Judgment::Refuted(_) if is_genuine => Some("genuine credentials must not be refuted"),
                Judgment::Confirmed(_) if !is_genuine => Some("another shop's credentials must not be confirmed"),
                _ => continue,
            };
            steps.push((label, (shows, is_genuine, wrong)));
        }
    }

    fn broken(&self, state: &Self::State) -> Option<&'static str> {
        state.2
    }
}

#[test]
fn the_query_about_a_store_breaks_no_rule() {
    let _: GetSubscriptions = deletion().question().unwrap();
}
