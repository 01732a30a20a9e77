//! Tests of Instant Onboarding in the sandbox with the client, over real sockets. Most tests check one documented
//! rule.

use std::sync::mpsc::Receiver;
use std::time::Duration;
use tests::fixtures::agency::*;
use tests::fixtures::merchant::{SOON, callbacks};
use tests::service::{Received, block_on};
use toss_sandbox::{Application, Fault, FaultKind, Host, Sandbox, Settings, StoreError};
use toss_sdk::onboarding::*;
use toss_sdk::runtime::{CallOptions, Outcome, Resolution};

/// Starts a hosting company's server, which accepts every callback.
fn hosting() -> (String, Receiver<Received>) {
    callbacks(0)
}

#[test]
fn a_store_is_registered_and_its_keys_can_be_read_again() {
    let sandbox = Sandbox::start().unwrap();
    let made = block_on(client(&sandbox).create_store(&store("shop-1", Some("123-45-67890"), None))).unwrap();
    assert_eq!(made.mid, Some("haneul".into()), "a requested MID that is not in use must be assigned");
    let request = GetCredentials::builder().shop_id("shop-1").build().unwrap();
    let found = block_on(client(&sandbox).get_credentials(&request)).unwrap();
    let [entry] = found.credentials.as_slice() else { panic!("{found:?}") };
    assert_eq!((&entry.mid, &entry.mert_key, &entry.api_key), (&made.mid, &made.mert_key, &made.api_key));
    assert_eq!(entry.client_key, made.client_key);
    assert_eq!(entry.business_registration_number, Some("123-45-67890".into()));
}

#[test]
fn requests_without_a_valid_secret_are_refused_and_two_secrets_may_be_valid() {
    let hosts = ["old", "new"].map(|secret| Host::new("token-1", secret));
    let sandbox = Sandbox::with(Settings { hosts: hosts.to_vec(), ..Settings::default() }).unwrap();
    let create = |host: &Host, shop: &str| block_on(client_of(&sandbox, host).create_store(&store(shop, None, None)));
    assert_eq!(refusal(create(&Host::published(), "s")), "SANDBOX_UNKNOWN_TOKEN");
    assert_eq!(refusal(create(&Host::new("token-1", "guess"), "s")), "SANDBOX_WRONG_HASH");
    for (n, host) in hosts.iter().enumerate() {
        create(host, &format!("s-{n}")).unwrap();
    }
    assert_eq!(sandbox.stores().len(), 2);
}

#[test]
fn the_page_of_the_sandbox_shows_the_token_and_secret_that_it_accepts() {
    let page = include_str!("../../docs/sandbox.md");
    let value = |name: &str| {
        let (_, after) = page.split_once(&format!("export {name}=")).unwrap_or_else(|| panic!("{name} is not given"));
        after.split_whitespace().next().unwrap_or_default().to_owned()
    };
    let sandbox = Sandbox::start().unwrap();
    let host = Host::new(value("TOSS_ONBOARDING_TOKEN"), value("TOSS_ONBOARDING_SECRET"));
    block_on(client_of(&sandbox, &host).create_store(&store("shop-1", None, None))).unwrap();
    assert!(page.contains("agencyCode: TestTest"));
}

#[test]
fn hosting_companies_do_not_see_each_other() {
    let hosts = ["a", "b"].map(|token| Host::new(token, "secret"));
    let sandbox = Sandbox::with(Settings { hosts: hosts.to_vec(), ..Settings::default() }).unwrap();
    let [a, b] = hosts.map(|host| client_of(&sandbox, &host));
    let mid = block_on(a.create_store(&store("shop-1", None, None))).unwrap().mid.unwrap();
    let asked = GetCredentials::builder().shop_id("shop-1").build().unwrap();
    assert!(block_on(b.get_credentials(&asked)).unwrap().credentials.is_empty());
    let delete = DeleteStoreId::builder().shop_id("shop-1").mid(&mid).build().unwrap();
    assert_eq!(refusal(block_on(b.delete_store_id(&delete))), "SANDBOX_MID_NOT_FOUND");
    let open = OpenOnboardingSession::builder().shop_id("shop-1").mid(&mid).build().unwrap();
    assert_eq!(refusal(block_on(b.open_onboarding_session(&open))), "SANDBOX_MID_NOT_FOUND");
    // Shops of two hosting companies may have the same id.
    let second = block_on(b.create_store(&store("shop-1", None, None))).unwrap().mid;
    assert_ne!(second, Some(mid), "two stores have the same MID");
    assert_eq!(block_on(a.get_credentials(&asked)).unwrap().credentials.len(), 1);
}

#[test]
fn a_business_is_registered_once_in_a_shop() {
    let sandbox = Sandbox::start().unwrap();
    registered(&sandbox, "shop-1", None);
    let again = block_on(client(&sandbox).create_store(&store("shop-1", None, None)));
    assert_eq!(refusal(again), "SANDBOX_ALREADY_REGISTERED");
    registered(&sandbox, "shop-1", Some("123-45-67890"));
    registered(&sandbox, "shop-2", None);
    assert_eq!(sandbox.stores().len(), 3);
}

#[test]
fn a_session_for_a_computer_lasts_an_hour_and_a_new_one_ends_it() {
    let sandbox = Sandbox::start().unwrap();
    let mid = registered(&sandbox, "shop-1", None);
    let first = session(&sandbox, "shop-1", &mid, SessionType::InstantOnboarding);
    assert_eq!(browse(&first).0, 200);
    let second = session(&sandbox, "shop-1", &mid, SessionType::InstantOnboarding);
    assert_eq!((browse(&first).0, browse(&second).0), (404, 200));
    sandbox.forward(Duration::from_secs(3_599)).unwrap();
    assert_eq!(browse(&second).0, 200);
    sandbox.forward(Duration::from_secs(2)).unwrap();
    assert_eq!(browse(&second).0, 404);
    assert_eq!(sandbox.stores()[0].signup, None);
}

#[test]
fn a_session_for_a_phone_does_not_expire_but_drops_its_draft() {
    let sandbox = Sandbox::start().unwrap();
    let mid = registered(&sandbox, "shop-1", None);
    let url = session(&sandbox, "shop-1", &mid, SessionType::MobileInstantOnboarding);
    assert_eq!(press(&url, "save", "Draft+Ltd").0, 200);
    assert_eq!(subscriptions(&sandbox, "shop-1")[0].contract_status, Some(ContractStatus::InDraft));
    assert!(browse(&url).1.contains("Draft Ltd"));
    sandbox.forward(Duration::from_secs(30 * 86_400)).unwrap();
    let (status, page) = browse(&url);
    assert_eq!(status, 200);
    assert!(!page.contains("Draft Ltd"), "the page still shows the draft after 30 days");
}

#[test]
fn signing_up_pays_the_fee_starts_the_card_audits_and_sends_the_callback() {
    let sandbox = Sandbox::start().unwrap();
    let (url, callbacks) = hosting();
    let made = block_on(client(&sandbox).create_store(&store("shop-1", None, Some(&url)))).unwrap();
    let mid = made.mid.clone().unwrap();
    let page = session(&sandbox, "shop-1", &mid, SessionType::InstantOnboarding);
    assert_eq!(press(&page, "submit", "Haneul"), (303, "http://127.0.0.1:1/done".to_owned()));

    let found = subscriptions(&sandbox, "shop-1").remove(0);
    assert_eq!(found.contract_status, Some(ContractStatus::WaitForReview));
    assert_eq!((found.fee_status, found.company_type), (Some(FeeStatus::Paid), Some(CompanyType::Private)));
    assert!(found.fee_paid_at.is_some());
    assert_eq!(found.submall_audit_status.unwrap().summary, Some(SubmallAuditStatus::Requested));

    let received = callbacks.recv_timeout(SOON).expect("a callback comes");
    let host = Host::published();
    let credentials = Credentials { token: host.token.as_str().into(), secret: host.secret.as_str().into() };
    let body = received.body.as_bytes();
    let claim = RegistrationCallback::verify(body, received.header("auth-hash"), &[credentials]).unwrap();
    let confirmed = block_on(client(&sandbox).confirm_registration_callback(&claim)).unwrap();
    assert_eq!(confirmed.found.credentials[0].mid, Some(mid.clone()));

    let easy_pays = ListEasyPays::builder().shop_id("shop-1").build().unwrap();
    let found = block_on(client(&sandbox).list_easy_pays(&easy_pays)).unwrap();
    assert_eq!(found.stores[0].easy_pays[0].code, Some(EasyPayCode::TossPay));

    assert_eq!(press_over(&page), 200, "the page must still be shown");
    sandbox.contract(&mid, &ContractStatus::Done).unwrap();
    assert_eq!(subscriptions(&sandbox, "shop-1")[0].contract_status, Some(ContractStatus::Done));
}

/// Opens a page, checks that it has no form, and returns its HTTP status.
fn press_over(url: &str) -> u16 {
    let (status, page) = browse(url);
    assert!(!page.contains("<form"), "{page}");
    status
}

#[test]
fn the_card_audit_callback_comes_once_after_the_last_company() {
    // Without `pre_open`, the sandbox sends no other callback.
    let sandbox = Sandbox::with(Settings { pre_open: false, ..Settings::default() }).unwrap();
    let (url, callbacks) = hosting();
    let mid = block_on(client(&sandbox).create_store(&store("shop-1", None, Some(&url)))).unwrap().mid.unwrap();
    let early = sandbox.review(&mid, None, &SubmallAuditStatus::Done).unwrap_err();
    assert_eq!(early, StoreError::NotSubmitted);
    sandbox.submit(&mid, &Application::new("마켓하늘", CompanyType::NonBusiness)).unwrap();
    let companies = ["bc", "samsung", "shinhan", "hana", "hyundai", "lotte", "kookmin", "nonghyup", "woori"];
    for company in &companies[..8] {
        sandbox.review(&mid, Some(company), &SubmallAuditStatus::Done).unwrap();
    }
    assert!(sandbox.callbacks().is_empty(), "a callback was sent although one company has not finished");
    sandbox.review(&mid, Some("woori"), &SubmallAuditStatus::Rejected).unwrap();
    let received = callbacks.recv_timeout(SOON).expect("a callback comes");
    let host = Host::published();
    let credentials = Credentials { token: host.token.as_str().into(), secret: host.secret.as_str().into() };
    let header = received.header("auth-hash");
    let _ = CardAuditCallback::verify(received.body.as_bytes(), header, &"shop-1".into(), &[credentials]).unwrap();
    let found = subscriptions(&sandbox, "shop-1").remove(0).submall_audit_status.unwrap();
    assert_eq!((found.summary, found.woori), (Some(SubmallAuditStatus::Rejected), Some(SubmallAuditStatus::Rejected)));
    sandbox.review(&mid, Some("woori"), &SubmallAuditStatus::InReview).unwrap();
    sandbox.review(&mid, None, &SubmallAuditStatus::Done).unwrap();
    assert_eq!(sandbox.callbacks().len(), 1, "a changed decision of a company must not be reported");
    assert!(
        sandbox.review(&mid, Some("visa"), &SubmallAuditStatus::Done).unwrap_err().to_string().contains("nonghyup")
    );
}

#[test]
fn general_products_get_no_registration_callback() {
    let sandbox = Sandbox::with(Settings { pre_open: false, ..Settings::default() }).unwrap();
    let made = block_on(client(&sandbox).create_store(&store("shop-1", None, Some("http://127.0.0.1:1/")))).unwrap();
    sandbox.submit(made.mid.unwrap(), &Application::new("Haneul", CompanyType::NonBusiness)).unwrap();
    assert!(sandbox.callbacks().is_empty());
}

#[test]
fn a_complete_contract_cannot_be_deleted_and_stops_the_deletion_of_its_shop() {
    let sandbox = Sandbox::start().unwrap();
    registered(&sandbox, "shop-1", None);
    let complete = registered(&sandbox, "shop-1", Some("123-45-67890"));
    registered(&sandbox, "shop-1", Some("987-65-43210"));
    sandbox.submit(&complete, &Application::new("Haneul", CompanyType::Private)).unwrap();
    sandbox.contract(&complete, &ContractStatus::Done).unwrap();

    let one = DeleteStoreId::builder().shop_id("shop-1").mid(&complete).build().unwrap();
    assert_eq!(refusal(block_on(client(&sandbox).delete_store_id(&one))), "SANDBOX_CONTRACT_COMPLETE");
    let all = DeleteStore::builder().shop_id("shop-1").every_registration().build().unwrap();
    let error = block_on(client(&sandbox).delete_store(&all)).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "the outcome of a stopped deletion must be unknown: {error}");
    let left: Vec<Option<Mid>> = subscriptions(&sandbox, "shop-1").into_iter().map(|entry| entry.mid).collect();
    assert_eq!(left.len(), 2, "only the registrations before the complete contract must be deleted");
    assert_eq!(left[0], Some(complete));
}

#[test]
fn a_complete_contract_stops_the_deletion_of_another_business_before_anything_is_deleted() {
    let sandbox = Sandbox::start().unwrap();
    registered(&sandbox, "shop-1", Some("111-11-11111"));
    let complete = registered(&sandbox, "shop-1", Some("123-45-67890"));
    sandbox.submit(&complete, &Application::new("Haneul", CompanyType::Private)).unwrap();
    sandbox.contract(&complete, &ContractStatus::Done).unwrap();
    for number in ["111-11-11111", "123-45-67890"] {
        let one = DeleteStore::builder().shop_id("shop-1").business_registration_number([Some(number.into())]).build();
        let said = refusal(block_on(client(&sandbox).delete_store(&one.unwrap())));
        assert_eq!(said, "SANDBOX_CONTRACT_COMPLETE", "{number}");
    }
    assert_eq!(subscriptions(&sandbox, "shop-1").len(), 2);
    sandbox.contract(&complete, &ContractStatus::Terminated).unwrap();
    let one =
        DeleteStore::builder().shop_id("shop-1").business_registration_number([Some("111-11-11111".into())]).build();
    block_on(client(&sandbox).delete_store(&one.unwrap())).unwrap();
    assert_eq!(subscriptions(&sandbox, "shop-1").len(), 1);
}

#[test]
fn the_time_of_the_fees_payment_always_has_six_decimals() {
    let sandbox = Sandbox::start().unwrap();
    for n in 0..40 {
        let mid = registered(&sandbox, &format!("shop-{n}"), None);
        sandbox.submit(&mid, &Application::new("Haneul", CompanyType::Private)).unwrap();
        let paid = subscriptions(&sandbox, &format!("shop-{n}")).remove(0).fee_paid_at.unwrap().to_string();
        let decimals = paid.rsplit_once('.').map_or(0, |(_, decimals)| decimals.len());
        assert_eq!(decimals, 6, "{paid}");
    }
}

#[test]
fn stores_are_deleted_by_business_and_by_mid() {
    let sandbox = Sandbox::start().unwrap();
    registered(&sandbox, "shop-1", None);
    let second = registered(&sandbox, "shop-1", Some("123-45-67890"));
    let third = registered(&sandbox, "shop-1", Some("987-65-43210"));
    let request = DeleteStore::builder().shop_id("shop-1").business_registration_number([None]).build().unwrap();
    block_on(client(&sandbox).delete_store(&request)).unwrap();
    let one = DeleteStoreId::builder().shop_id("shop-1").mid(&second).build().unwrap();
    block_on(client(&sandbox).delete_store_id(&one)).unwrap();
    let left: Vec<Option<Mid>> = subscriptions(&sandbox, "shop-1").into_iter().map(|entry| entry.mid).collect();
    assert_eq!(left, [Some(third)]);
}

#[test]
fn a_lost_registration_is_found_and_a_lost_deletion_stays_unknown_while_the_list_is_empty() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.fault(Fault::once("create_store", FaultKind::ResetAfter)).unwrap();
    let toss = client(&sandbox);
    let request = store("shop-1", Some("123-45-67890"), None);
    assert_eq!(block_on(toss.create_store(&request)).unwrap_err().outcome(), Outcome::Unknown);
    let Resolution::Done(_) = block_on(toss.resolve_create_store(&request)) else { panic!("not done") };
    assert_eq!(sandbox.stores().len(), 1);

    sandbox.fault(Fault::once("delete_store", FaultKind::ResetAfter)).unwrap();
    let delete = DeleteStore::builder().shop_id("shop-1").every_registration().build().unwrap();
    assert_eq!(block_on(toss.delete_store(&delete)).unwrap_err().outcome(), Outcome::Unknown);
    let short = toss.with(CallOptions::new().resolve_timeout(Duration::from_secs(2)));
    let Resolution::Unknown(unresolved) = block_on(short.resolve_delete_store(&delete)) else { panic!("not unknown") };
    assert!(unresolved.found.is_some_and(|found| found.descriptions.is_empty()));
    assert!(sandbox.stores().is_empty());
}

#[test]
fn a_contract_has_only_the_documented_transitions() {
    let sandbox = Sandbox::start().unwrap();
    let mid = registered(&sandbox, "shop-1", None);
    assert!(sandbox.contract(&mid, &ContractStatus::Done).is_err(), "a contract was completed without an application");
    let application = Application::new("Haneul", CompanyType::Private);
    sandbox.submit(&mid, &application).unwrap();
    assert!(sandbox.submit(&mid, &application).is_err(), "the application was submitted twice");
    sandbox.ask_to_modify(&mid).unwrap();
    assert_eq!(subscriptions(&sandbox, "shop-1")[0].modifying, Some(true));
    sandbox.submit(&mid, &Application::new("Haneul & Co", CompanyType::Private)).unwrap();
    assert_eq!(subscriptions(&sandbox, "shop-1")[0].modifying, Some(false));
    sandbox.contract(&mid, &ContractStatus::Done).unwrap();
    assert!(sandbox.contract(&mid, &ContractStatus::Canceled).is_err());
    sandbox.contract(&mid, &ContractStatus::Terminated).unwrap();
    sandbox.fee(&mid, FeeStatus::Waived).unwrap();
    assert_eq!(subscriptions(&sandbox, "shop-1")[0].fee_paid_at, None);
}

#[test]
fn the_signup_page_escapes_names_has_both_languages_and_accepts_only_its_own_forms() {
    let sandbox = Sandbox::start().unwrap();
    let mid = registered(&sandbox, "shop-1", None);
    let url = session(&sandbox, "shop-1", &mid, SessionType::InstantOnboarding);
    let (_, korean) = browse(&url);
    assert!(korean.contains("마켓하늘 &lt;b&gt;") && korean.contains("가입 신청"), "{korean}");
    assert!(browse(&format!("{url}?lang=en")).1.contains("Toss Payments signup"));
    let forged = block_on(reqwest::Client::new().post(&url).body("do=submit&companyName=x").send()).unwrap();
    assert_eq!(forged.status(), 403);
    assert_eq!(press(&url, "fail", "").1, "http://127.0.0.1:1/failed");
}

#[test]
fn the_control_api_offers_every_action_of_the_pages() {
    let sandbox = Sandbox::start().unwrap();
    let mid = registered(&sandbox, "shop-1", None);
    let post = |path: &str, body: &str| {
        let url = format!("{}/sandbox/v1/stores/{}/{path}", sandbox.base_url(), mid.as_str());
        let request = reqwest::Client::new().post(url).header("content-type", "application/json");
        let response = block_on(request.body(body.to_owned()).send()).unwrap();
        (response.status().as_u16(), block_on(response.text()).unwrap())
    };
    assert_eq!(post("submit", r#"{"companyName":"Haneul","easyPays":["KAKAO_PAY"]}"#).0, 200);
    assert_eq!(post("review", r#"{"company":"bc","status":"DONE"}"#).0, 200);
    assert_eq!(post("fee", r#"{"status":"WAIVED"}"#).0, 200);
    assert_eq!(post("modify", "{}").0, 200);
    assert_eq!(post("contract", r#"{"status":"DONE"}"#).0, 200);
    assert_eq!(post("contract", r#"{"status":"READY"}"#).0, 409);
    let (status, why) = post("contract", r#"{"status":"SIGNED"}"#);
    assert!(status == 400 && why.contains("TERMINATED"), "{why}");
    let stores = browse(&format!("{}/sandbox/v1/stores", sandbox.base_url())).1;
    assert!(stores.contains(r#""contractStatus":"DONE""#) && stores.contains(r#""feeStatus":"WAIVED""#), "{stores}");
    assert!(!stores.contains("test_sk_"), "the answer shows a key");
}

#[test]
fn the_dashboard_shows_no_secret_of_a_store() {
    let sandbox = Sandbox::start().unwrap();
    let request = store("shop-1", Some("123-45-67890"), Some("http://127.0.0.1:1/callback"));
    let made = block_on(client(&sandbox).create_store(&request)).unwrap();
    sandbox.submit(made.mid.as_ref().unwrap(), &Application::new("마켓하늘", CompanyType::Private)).unwrap();
    let of = |path: &str| browse(&format!("{}{path}", sandbox.base_url())).1;
    let shown = of("/") + &of("/sandbox/fragment") + &of("/sandbox/v1/journal") + &of("/sandbox/v1/callbacks");
    assert!(shown.contains("registration"), "no page shows the callback: {shown}");
    assert!(shown.contains("haneul"), "{shown}");
    let host = Host::published();
    let keys = [made.mert_key.unwrap().as_str().to_owned(), made.client_key.unwrap().as_str().to_owned()];
    let key = made.api_key.unwrap();
    for secret in
        keys.iter().map(String::as_str).chain([key.as_str(), &host.secret, "123-45-67890", "kim@haneul.example"])
    {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn a_deletion_with_an_unknown_parameter_deletes_nothing() {
    let sandbox = Sandbox::start().unwrap();
    registered(&sandbox, "shop-1", Some("111"));
    registered(&sandbox, "shop-1", Some("222"));
    for query in
        ["?businessRegistrationNumber[]=111", "?BusinessRegistrationNumber=111", "?businessRegistrationNumbers=111"]
    {
        let said = call(&sandbox, "DELETE", "shop-1", query, &[JSON], "");
        assert!(said.contains("there is no such parameter"), "{query}: {said}");
    }
    let said = call(&sandbox, "DELETE", "shop-1", "", &[JSON], r#"{"businessRegistrationNumber":"111"}"#);
    assert!(said.contains("has no body"), "{said}");
    assert_eq!(sandbox.stores().len(), 2);
    // A filter without a value or with the value `null` is refused, so that it cannot select every registration.
    for query in ["?businessRegistrationNumber=", "?businessRegistrationNumber", "?businessRegistrationNumber=null"] {
        let said = call(&sandbox, "DELETE", "shop-1", query, &[JSON], "");
        assert!(said.contains(r#""success":false"#), "{query}: {said}");
    }
    assert_eq!(sandbox.stores().len(), 2);
    call(&sandbox, "DELETE", "shop-1", "?businessRegistrationNumber=111", &[JSON], "");
    assert_eq!(sandbox.stores().len(), 1);
}

#[test]
fn every_request_needs_the_content_type_of_json() {
    let sandbox = Sandbox::start().unwrap();
    registered(&sandbox, "shop-1", None);
    for wrong in [&[][..], &[("Content-Type", "text/plain")], &[("Content-Type", "application/jsonx")]] {
        let said = call(&sandbox, "GET", "shop-1", "/credentials", wrong, "");
        assert!(said.contains("the request needs the header Content-Type: application/json"), "{said}");
    }
    for right in ["application/json", "Application/JSON; charset=utf-8"] {
        let said = call(&sandbox, "GET", "shop-1", "/credentials", &[("Content-Type", right)], "");
        assert!(said.contains(r#""success":true"#), "{said}");
    }
    let form = "shopName=a&shopContactName=b";
    let said = call(&sandbox, "POST", "shop-2", "", &[JSON], form);
    assert!(said.contains("the body is a form; expected a JSON object"), "a form was not refused: {said}");
}

#[test]
fn missing_values_of_a_shop_are_null_or_an_empty_list() {
    let sandbox = Sandbox::start().unwrap();
    registered(&sandbox, "shop-1", None);
    for rest in ["/credentials", ""] {
        let said = call(&sandbox, "GET", "shop-1", rest, &[JSON], "");
        assert!(said.contains(r#""businessRegistrationNumber":null"#), "{said}");
    }
    let said = call(&sandbox, "GET", "shop-1", "/payment-methods/easy-pays", &[JSON], "");
    assert!(said.contains(r#""easyPays":[]"#), "{said}");
}

#[test]
fn a_correction_ends_with_the_contract() {
    let sandbox = Sandbox::start().unwrap();
    let mid = registered(&sandbox, "shop-1", None);
    sandbox.contract(&mid, &ContractStatus::Canceled).unwrap();
    assert!(sandbox.review(&mid, None, &SubmallAuditStatus::Done).is_err(), "a card audit ended before it started");
    for end in [ContractStatus::Done, ContractStatus::Canceled] {
        let sandbox = Sandbox::start().unwrap();
        let mid = registered(&sandbox, "shop-1", None);
        sandbox.submit(&mid, &Application::new("First", CompanyType::Private)).unwrap();
        sandbox.ask_to_modify(&mid).unwrap();
        let page = session(&sandbox, "shop-1", &mid, SessionType::InstantOnboarding);
        assert_eq!(press(&page, "save", "Typed").0, 200);
        assert!(browse(&page).1.contains("Typed"), "the page must show the draft again");
        let told = subscriptions(&sandbox, "shop-1").remove(0).company_name;
        assert_eq!(told.as_deref(), Some("First"), "a draft that was not submitted must not be reported");
        sandbox.contract(&mid, &end).unwrap();
        let late = sandbox.submit(&mid, &Application::new("Second", CompanyType::Private)).unwrap_err();
        assert!(matches!(late, StoreError::NotEditable(_)), "{late}");
        let now = subscriptions(&sandbox, "shop-1").remove(0);
        assert_eq!((now.modifying, now.company_name.as_deref()), (Some(false), Some("First")));
    }
}

#[test]
fn a_dropped_draft_is_never_shown_and_each_view_of_the_page_keeps_a_draft() {
    let sandbox = Sandbox::start().unwrap();
    let mid = registered(&sandbox, "shop-1", None);
    let url = session(&sandbox, "shop-1", &mid, SessionType::MobileInstantOnboarding);
    press(&url, "save", "Draft+Ltd");
    for _ in 0..3 {
        sandbox.forward(Duration::from_secs(20 * 60)).unwrap();
        assert!(browse(&url).1.contains("Draft Ltd"), "a view of the page must keep the draft");
    }
    sandbox.forward(Duration::from_secs(31 * 60)).unwrap();
    assert_eq!(subscriptions(&sandbox, "shop-1")[0].company_name, None);
    let other = session(&sandbox, "shop-1", &mid, SessionType::InstantOnboarding);
    assert!(!browse(&other).1.contains("Draft Ltd"), "a session for a computer shows the dropped draft");
}

#[test]
fn a_callback_is_never_sent_to_the_sandbox_itself() {
    let sandbox = Sandbox::start().unwrap();
    let url = format!("{}/sandbox/v1/reset", sandbox.base_url());
    let mid = block_on(client(&sandbox).create_store(&store("shop-1", None, Some(&url)))).unwrap().mid.unwrap();
    sandbox.submit(&mid, &Application::new("Shop", CompanyType::Private)).unwrap();
    tests::fixtures::merchant::wait_until("it is tried", || !sandbox.callbacks()[0].attempts.is_empty());
    assert!(sandbox.callbacks()[0].attempts[0].result.contains("the sandbox itself"));
    assert_eq!(sandbox.stores().len(), 1);
}
