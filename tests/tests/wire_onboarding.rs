//! Tests of what the client sends, and of how it reads the replies, for the seven operations of Instant Onboarding.
//!
//! The expected hashes were computed with another program, from the test credentials on the documentation page.

use tests::service::{Received, Service, block_on};
use toss_sdk::onboarding::CivilDateTime;
use toss_sdk::onboarding::*;

const TOKEN: &str = "4f18e5c2-de8b-454c-a871-b8f2111134c3";
const SECRET: &str = "307a52ff0e29cb008a0ceae48ed48ac047a65a621681cbe4832e43fbbb23ce4b";
const SHOP_1: &str = "dfca5415b6d56e9f6ad80deab7cb2e23f34295d3588d116bbbb138714b327481";
/// Hash for the shop `가게/2 50%?`.
const STRANGE_SHOP: &str = "d1c336afca06bab3679e93184ace1733aeb6e9e7351c77e7aa82b7164fc60b16";
const DONE: &str = r#"{"success":true,"errorCode":null,"message":null,"result":null}"#;

fn client(service: &Service) -> Client {
    Client::builder(AuthToken::new(TOKEN), ClientSecret::new(SECRET)).base_url(service.url()).build().unwrap()
}

#[track_caller]
fn assert_head(request: &Received, method: &str, target: &str, hash: &str) {
    assert_eq!((request.method.as_str(), request.target.as_str()), (method, target));
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("auth-token"), TOKEN);
    assert_eq!(request.header("auth-hash"), hash);
    assert_eq!(request.header("accept"), "application/json");
    assert!(request.header("user-agent").starts_with("toss-sdk/"));
    assert!(!String::from_utf8_lossy(&request.bytes).contains(SECRET), "the request contains the secret");
}

#[track_caller]
fn assert_without_body(request: &Received, method: &str, target: &str, hash: &str) {
    assert_head(request, method, target, hash);
    assert_eq!(request.body, "");
    assert!(!request.has_header("transfer-encoding"));
}

#[test]
fn create_store_sends_a_business() {
    let service = Service::json(
        r#"{"success":true,"errorCode":null,"message":null,"result":{"shopId":"shop-1",
            "businessRegistrationNumber":"123-45-67890","mid":"haneul1a","mertKey":"example-mert-key",
            "apiKey":"example-api-key","clientKey":"example-client-key"}}"#,
    );
    let request = CreateStore::builder()
        .shop_id("shop-1")
        .shop_name("마켓하늘")
        .shop_contact_name("김하늘")
        .shop_contact_email("haneul@shop.example")
        .shop_contact_phone_number("010-0000-0000")
        .shop_business_registration_number("123-45-67890")
        .shop_url("https://haneul.shop.example")
        .return_url("https://hosting.example/onboarding/done")
        .return_fallback_url("https://hosting.example/onboarding/failed")
        .callback_url("https://hosting.example/toss/registered")
        .card_screening_callback_url("https://hosting.example/toss/audited")
        .agency_code("TestTest")
        .preferred_mid("haneul1")
        .build()
        .unwrap();
    let reply = block_on(client(&service).create_store(&request)).unwrap();
    assert_eq!(reply.shop_id.unwrap().as_str(), "shop-1");
    assert_eq!(reply.business_registration_number.unwrap().as_str(), "123-45-67890");
    assert_eq!(reply.mid.unwrap().as_str(), "haneul1a");
    assert_eq!(reply.mert_key.unwrap().as_str(), "example-mert-key");
    assert_eq!(reply.api_key.unwrap().as_str(), "example-api-key");
    assert_eq!(reply.client_key.unwrap().as_str(), "example-client-key");
    let request = service.received();
    assert_head(&request, "POST", "/instant-onboarding/v2/shop/shop-1", SHOP_1);
    assert_eq!(
        request.body,
        concat!(
            r#"{"shopName":"마켓하늘","shopContactName":"김하늘","shopContactEmail":"haneul@shop.example","#,
            r#""shopContactPhoneNumber":"010-0000-0000","shopBusinessRegistrationNumber":"123-45-67890","#,
            r#""shopUrl":"https://haneul.shop.example","returnUrl":"https://hosting.example/onboarding/done","#,
            r#""returnFallbackUrl":"https://hosting.example/onboarding/failed","#,
            r#""callbackUrl":"https://hosting.example/toss/registered","#,
            r#""cardScreeningCallbackUrl":"https://hosting.example/toss/audited","#,
            r#""agencyCode":"TestTest","preferredMid":"haneul1"}"#,
        ),
    );
}

#[test]
fn create_store_sends_null_for_a_non_business_and_omits_unset_fields() {
    let service = Service::json(
        r#"{"success":true,"result":{"shopId":"가게/2 50%?","businessRegistrationNumber":null,"mid":"dal1"}}"#,
    );
    let request = CreateStore::builder()
        .shop_id("가게/2 50%?")
        .shop_name("달빛 공방")
        .shop_contact_name("이달")
        .shop_contact_email("dal@shop.example")
        .shop_contact_phone_number("01000000000")
        .not_a_business()
        .shop_url("https://dal.shop.example")
        .return_url("https://hosting.example/onboarding/done")
        .return_fallback_url("https://hosting.example/onboarding/failed")
        .agency_code("TestTest")
        .build()
        .unwrap();
    let reply = block_on(client(&service).create_store(&request)).unwrap();
    assert_eq!(reply.shop_id.unwrap().as_str(), "가게/2 50%?");
    assert_eq!(reply.business_registration_number, None);
    let request = service.received();
    let target = "/instant-onboarding/v2/shop/%EA%B0%80%EA%B2%8C%2F2%2050%25%3F";
    assert_head(&request, "POST", target, STRANGE_SHOP);
    assert_eq!(
        request.body,
        concat!(
            r#"{"shopName":"달빛 공방","shopContactName":"이달","shopContactEmail":"dal@shop.example","#,
            r#""shopContactPhoneNumber":"01000000000","shopBusinessRegistrationNumber":null,"#,
            r#""shopUrl":"https://dal.shop.example","returnUrl":"https://hosting.example/onboarding/done","#,
            r#""returnFallbackUrl":"https://hosting.example/onboarding/failed","agencyCode":"TestTest"}"#,
        ),
    );
}

#[test]
fn delete_store_repeats_its_numbers_and_sends_null_for_a_non_business() {
    let service = Service::json(DONE);
    let request = DeleteStore::builder()
        .shop_id("shop-1")
        .business_registration_number([Some("123-45-67890".into()), None, Some("987-65-43210".into())])
        .build()
        .unwrap();
    block_on(client(&service).delete_store(&request)).unwrap();
    assert_without_body(
        &service.received(),
        "DELETE",
        concat!(
            "/instant-onboarding/v2/shop/shop-1?businessRegistrationNumber=123-45-67890",
            "&businessRegistrationNumber=null&businessRegistrationNumber=987-65-43210",
        ),
        SHOP_1,
    );
}

#[test]
fn delete_store_of_every_registration_has_no_query_and_an_empty_list_is_not_everything() {
    let service = Service::json(DONE);
    let request = DeleteStore::builder().shop_id("가게/2 50%?").every_registration().build().unwrap();
    block_on(client(&service).delete_store(&request)).unwrap();
    let target = "/instant-onboarding/v2/shop/%EA%B0%80%EA%B2%8C%2F2%2050%25%3F";
    assert_without_body(&service.received(), "DELETE", target, STRANGE_SHOP);

    let refused = DeleteStore::builder().shop_id("shop-1").business_registration_number([]).build();
    assert!(refused.unwrap_err().to_string().starts_with("businessRegistrationNumber: "));
    let number = BusinessRegistrationNumber::new("null");
    let refused = DeleteStore::builder().shop_id("shop-1").business_registration_number([Some(number)]).build();
    assert!(refused.unwrap_err().to_string().starts_with("businessRegistrationNumber[0]: "));
}

#[test]
fn a_refused_deletion_may_be_partial_and_a_refused_registration_had_no_effect() {
    let service = Service::json(r#"{"success":false,"errorCode":"X","message":"m","result":null}"#);
    let request = DeleteStore::builder().shop_id("shop-1").every_registration().build().unwrap();
    let error = block_on(client(&service).delete_store(&request)).unwrap_err();
    assert_eq!(error.outcome(), toss_sdk::runtime::Outcome::Unknown, "{error}");
    let request = DeleteStoreId::builder().shop_id("shop-1").mid("mid-1").build().unwrap();
    let error = block_on(client(&service).delete_store_id(&request)).unwrap_err();
    assert_eq!(error.outcome(), toss_sdk::runtime::Outcome::Rejected, "{error}");
}

#[test]
fn delete_store_id_has_both_parameters_in_its_path_and_only_the_shop_in_its_hash() {
    let service = Service::json(DONE);
    let request = DeleteStoreId::builder().shop_id("shop-1").mid("haneul/1 b?%").build().unwrap();
    block_on(client(&service).delete_store_id(&request)).unwrap();
    let target = "/instant-onboarding/v2/shop/shop-1/mid/haneul%2F1%20b%3F%25";
    assert_without_body(&service.received(), "DELETE", target, SHOP_1);
}

#[test]
fn get_credentials_reads_every_shop_id() {
    let service = Service::json(
        r#"{"success":true,"errorCode":null,"message":null,"result":{"credentials":[
            {"shopId":"shop-1","businessRegistrationNumber":"123-45-67890","mid":"haneul1a",
             "mertKey":"example-mert-key","apiKey":"example-api-key","clientKey":"example-client-key"},
            {"shopId":"shop-1","businessRegistrationNumber":null,"mid":"haneul1b",
             "mertKey":"example-mert-key-2","apiKey":null,"clientKey":null}]}}"#,
    );
    let request = GetCredentials::builder().shop_id("shop-1").build().unwrap();
    let reply = block_on(client(&service).get_credentials(&request)).unwrap();
    let [first, second] = &reply.credentials[..] else { panic!("expected two entries") };
    assert_eq!(first.client_key.as_ref().unwrap().as_str(), "example-client-key");
    assert_eq!(second.mid.as_ref().unwrap().as_str(), "haneul1b");
    assert_eq!((&second.business_registration_number, &second.api_key), (&None, &None));
    let target = "/instant-onboarding/v2/shop/shop-1/credentials";
    assert_without_body(&service.received(), "GET", target, SHOP_1);
}

#[test]
fn get_subscriptions_reads_contracts_and_reviews() {
    let service = Service::json(
        r#"{"success":true,"errorCode":null,"message":null,"result":{"descriptions":[
            {"mid":"haneul1a","companyName":"마켓하늘","companyType":"NON_PROFIT_CORP",
             "businessRegistrationNumber":"123-45-67890","corporateNumber":null,"contractStatus":"WAIT_FOR_REVIEW",
             "submallAuditStatus":{"summary":"IN_REVIEW","bc":"DONE","nonghyup":"REJECTED","woori":"SOON"},
             "modifying":false,"feeStatus":"PAID","feePaidAt":"2021-07-28T20:10:33.298642",
             "dashboardUrl":"https://dashboard.example/haneul1a"}]}}"#,
    );
    let request = GetSubscriptions::builder().shop_id("shop-1").build().unwrap();
    let reply = block_on(client(&service).get_subscriptions(&request)).unwrap();
    let store = &reply.descriptions[0];
    assert_eq!(store.company_type, Some(CompanyType::NonProfitCorp));
    assert_eq!(store.contract_status, Some(ContractStatus::WaitForReview));
    assert_eq!(reply.raw().member("result.descriptions.0.contractStatus").unwrap(), "WAIT_FOR_REVIEW");
    let audit = store.submall_audit_status.as_ref().unwrap();
    assert_eq!(audit.nonghyup, Some(SubmallAuditStatus::Rejected));
    assert_eq!(audit.woori.as_ref().unwrap().as_str(), "SOON");
    assert_eq!(audit.lotte, None);
    assert_eq!((store.modifying, &store.fee_status), (Some(false), &Some(FeeStatus::Paid)));
    assert_eq!(store.fee_paid_at, CivilDateTime::parse("2021-07-28T20:10:33.298642").ok());
    assert_eq!(store.fee_paid_at.unwrap().to_string(), "2021-07-28T20:10:33.298642");
    assert_without_body(&service.received(), "GET", "/instant-onboarding/v2/shop/shop-1", SHOP_1);
}

#[test]
fn list_easy_pays_reads_a_result_that_is_a_list() {
    let service = Service::json(
        r#"{"success":true,"errorCode":null,"message":null,"result":[
            {"mid":"haneul1a","easyPays":[{"code":"KAKAO_PAY","description":"Kakao Pay"},
             {"code":"NEXT_PAY","description":"다음"}]},{"mid":"haneul1b","easyPays":[]}]}"#,
    );
    let request = ListEasyPays::builder().shop_id("shop-1").build().unwrap();
    let reply = block_on(client(&service).list_easy_pays(&request)).unwrap();
    let [first, second] = &reply.stores[..] else { panic!("expected two entries") };
    assert_eq!(first.easy_pays[0].code, Some(EasyPayCode::KakaoPay));
    assert_eq!(first.easy_pays[1].code.as_ref().unwrap().as_str(), "NEXT_PAY");
    assert!(second.easy_pays.is_empty());
    let target = "/instant-onboarding/v2/shop/shop-1/payment-methods/easy-pays";
    assert_without_body(&service.received(), "GET", target, SHOP_1);
}

#[test]
fn open_onboarding_session_sends_the_type_only_when_it_is_set() {
    let path = "/instant-onboarding/v2/shop/shop-1/mid/haneul1a/open-onboarding-session";
    let cases = [
        (None, ""),
        (Some(SessionType::InstantOnboarding), "?type=INSTANT_ONBOARDING"),
        (Some(SessionType::MobileInstantOnboarding), "?type=MOBILE_INSTANT_ONBOARDING"),
    ];
    for (session, query) in cases {
        let service = Service::json(
            r#"{"success":true,"result":{"applyUrl":"https://onboarding.example/apply?session=example-session"}}"#,
        );
        let mut request = OpenOnboardingSession::builder().shop_id("shop-1").mid("haneul1a");
        if let Some(session) = session {
            request = request.type_(session);
        }
        let request = request.build().unwrap();
        let reply = block_on(client(&service).open_onboarding_session(&request)).unwrap();
        assert_eq!(reply.apply_url, "https://onboarding.example/apply?session=example-session");
        assert_without_body(&service.received(), "GET", &format!("{path}{query}"), SHOP_1);
    }
}

#[test]
fn a_shop_id_that_is_empty_or_a_relative_path_is_not_sent() {
    for shop in ["..", ".", ""] {
        let refused = GetCredentials::builder().shop_id(shop).build().unwrap_err();
        assert!(refused.to_string().starts_with("shopId: "), "{refused}");
    }
}

#[test]
fn each_stage_has_its_own_host_and_live_is_the_default() {
    let at = |stage: Option<Stage>| {
        let builder = Client::builder(AuthToken::new(TOKEN), ClientSecret::new(SECRET));
        let builder = match stage {
            Some(stage) => builder.stage(stage),
            None => builder,
        };
        builder.build().unwrap().base_url().to_owned()
    };
    assert_eq!(at(None), "https://onboarding-api.tosspayments.com");
    assert_eq!(at(Some(Stage::Live)), "https://onboarding-api.tosspayments.com");
    assert_eq!(at(Some(Stage::Staging)), "https://onboarding-api-staging.tosspayments.com");
    assert_eq!(at(Some(Stage::Dev)), "https://onboarding-api-dev.tosspayments.com");
}
