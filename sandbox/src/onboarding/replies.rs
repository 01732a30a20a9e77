//! Replies and callbacks about a store.

use super::store::Store;
use crate::callbacks::{CallbackKind, Message};
use std::time::{Duration, SystemTime};
use toss_sdk::onboarding::CivilDateTime;
use toss_sdk::onboarding::{
    CreateStoreReply, EasyPay, RegistrationCallback, StoreCredentials, StoreEasyPays, StoreSubscription,
};

pub(crate) fn created(store: &Store) -> CreateStoreReply {
    let mut reply = CreateStoreReply::default();
    reply.shop_id = Some(store.request.shop_id().clone());
    reply.business_registration_number = store.business().cloned();
    reply.mid = Some(store.mid.as_str().into());
    reply.mert_key = Some(store.mert_key.as_str().into());
    reply.api_key = Some(store.api_key.as_str().into());
    reply.client_key = Some(store.client_key.as_str().into());
    reply
}

pub(crate) fn credentials(store: &Store) -> StoreCredentials {
    let mut entry = StoreCredentials::default();
    entry.shop_id = Some(store.request.shop_id().clone());
    entry.business_registration_number = store.business().cloned();
    entry.mid = Some(store.mid.as_str().into());
    entry.mert_key = Some(store.mert_key.as_str().into());
    entry.api_key = Some(store.api_key.as_str().into());
    entry.client_key = Some(store.client_key.as_str().into());
    entry
}

pub(crate) fn subscription(store: &Store, base_url: &str) -> StoreSubscription {
    let mut entry = StoreSubscription::default();
    entry.mid = Some(store.mid.as_str().into());
    if let Some(application) = &store.application {
        entry.company_name = Some(application.company_name.clone());
        entry.company_type = Some(application.company_type.clone());
        entry.corporate_number = application.corporate_number.clone();
    }
    entry.business_registration_number = store.business().cloned();
    entry.contract_status = Some(store.contract.clone());
    entry.submall_audit_status = Some(store.review.reply());
    entry.modifying = Some(store.modifying);
    entry.fee_status = Some(store.fee.clone());
    entry.fee_paid_at = fee_paid_at(store);
    entry.dashboard_url = Some(format!("{base_url}/"));
    entry
}

/// Returns the time at which the fee was paid, with six decimals, as in the documentation. The last digit is never
/// zero, because trailing zeros would be omitted.
fn fee_paid_at(store: &Store) -> Option<CivilDateTime> {
    let since = store.fee_paid?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let micros = u64::try_from(since.as_micros()).ok()?;
    let micros = micros + u64::from(micros.is_multiple_of(10));
    Some(CivilDateTime::from(SystemTime::UNIX_EPOCH + Duration::from_micros(micros)))
}

pub(crate) fn easy_pays(store: &Store) -> StoreEasyPays {
    let mut entry = StoreEasyPays::default();
    entry.mid = Some(store.mid.as_str().into());
    let codes = store.application.iter().flat_map(|application| &application.easy_pays);
    entry.easy_pays = codes
        .map(|code| {
            let mut easy_pay = EasyPay::default();
            easy_pay.description = code.label().map(Into::into);
            easy_pay.code = Some(code.clone());
            easy_pay
        })
        .collect();
    entry
}

/// Returns the callback of a completed application, if the hosting company wants one. `operator` is the number by which
/// the provider identifies the shop.
pub(crate) fn registration(store: &Store, operator: u64) -> Option<Message> {
    let url = store.request.callback_url()?.to_owned();
    let mut message = RegistrationCallback::default();
    message.shop_id = Some(store.request.shop_id().clone());
    message.business_registration_number = store.business().cloned();
    message.merchant_id = i64::try_from(operator).ok();
    message.mid = Some(store.mid.as_str().into());
    message.mert_key = Some(store.mert_key.as_str().into());
    message.api_key = Some(store.api_key.as_str().into());
    message.client_key = Some(store.client_key.as_str().into());
    message.fee_paid_at = fee_paid_at(store);
    Some(about(CallbackKind::Registration, store, url, message.to_json()))
}

/// Returns the callback after the last card company's review, if the hosting company wants one. The documentation shows
/// no body for this callback.
pub(crate) fn card_audit(store: &Store) -> Option<Message> {
    let url = store.request.card_screening_callback_url()?.to_owned();
    Some(about(CallbackKind::CardAudit, store, url, String::new()))
}

fn about(kind: CallbackKind, store: &Store, url: String, body: String) -> Message {
    Message { kind, about: store.mid.clone(), url, body, hash: Some(store.hash.clone()), since: None }
}
