//! Snapshots of payments and stores, for tests and for the dashboard. Faults do not affect them.

use crate::onboarding::registry::Registry;
use crate::onboarding::store::Store;
use crate::pay::payment::Payment;
use crate::state::State;
use crate::timeline::TimelineEvent;
use serde::Serialize;
use std::time::SystemTime;
use toss_sdk::pay::StepType;

/// State of a payment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentSnapshot {
    /// Token of the payment.
    pub pay_token: String,
    /// The merchant's order number.
    pub order_no: String,
    /// Description of the product.
    pub product_desc: String,
    /// Price in won.
    pub amount: i64,
    /// Status, as in the API.
    pub status: String,
    /// Number of charges: never more than one.
    pub charges: usize,
    /// Amount that can still be refunded, in won.
    pub refundable_amount: i64,
    /// Remaining instant discount, in won.
    pub discount: i64,
    /// Remaining points, in won.
    pub points: i64,
    /// Refunds, the oldest first.
    pub refunds: Vec<RefundSnapshot>,
    /// Events, the oldest first.
    pub timeline: Vec<TimelineEvent>,
}

/// State of a refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RefundSnapshot {
    /// The merchant's refund number.
    pub refund_no: String,
    /// Refunded part of the price, in won.
    pub amount: i64,
}

/// State of a store, without the keys of the store.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StoreSnapshot {
    /// The hosting company's identifier of the shop.
    pub shop_id: String,
    /// The MID that was assigned.
    pub mid: String,
    /// The shop's name.
    pub shop_name: String,
    /// Status of the contract, as in the API.
    pub contract_status: String,
    /// Status of the fee, as in the API.
    pub fee_status: String,
    /// Combined status of the card companies' reviews, as in the API.
    pub review: String,
    /// Set if a correction is requested.
    pub modifying: bool,
    /// URL of the signup page, if a session is open.
    pub signup: Option<String>,
    /// Events, the oldest first.
    pub timeline: Vec<TimelineEvent>,
}

/// Returns the current state of all stores, the oldest first.
pub(crate) fn stores(state: &State) -> Vec<StoreSnapshot> {
    state.read_stores(|registry, now| {
        registry.all().map(|own| store(own, signup_url(registry, now, own, &state.base_url))).collect()
    })
}

fn signup_url(registry: &Registry, now: SystemTime, store: &Store, base_url: &str) -> Option<String> {
    let session = store.session.as_ref().filter(|session| registry.session(now, &session.key).is_some())?;
    Some(format!("{base_url}/signup/{}", session.key))
}

fn store(store: &Store, signup: Option<String>) -> StoreSnapshot {
    StoreSnapshot {
        shop_id: store.request.shop_id().as_str().to_owned(),
        mid: store.mid.clone(),
        shop_name: store.request.shop_name().to_owned(),
        contract_status: store.contract.as_str().to_owned(),
        fee_status: store.fee.as_str().to_owned(),
        review: store.review.summary().as_str().to_owned(),
        modifying: store.modifying,
        signup,
        timeline: store.timeline.clone(),
    }
}

/// Returns the current state of all payments, the oldest first.
pub(crate) fn payments(state: &State) -> Vec<PaymentSnapshot> {
    state.change_now(|ledger, now| ledger.all(now).map(payment).collect())
}

fn payment(payment: &Payment) -> PaymentSnapshot {
    PaymentSnapshot {
        pay_token: payment.token.as_ref().to_owned(),
        order_no: payment.request.order_no().as_str().to_owned(),
        product_desc: payment.request.product_desc().to_owned(),
        amount: payment.request.amount(),
        status: payment.status.as_str().to_owned(),
        charges: payment.movements.iter().filter(|movement| movement.step == StepType::Pay).count(),
        refundable_amount: payment.refundable(),
        discount: payment.left.discount,
        points: payment.left.points,
        refunds: payment
            .refunds
            .iter()
            .map(|refund| RefundSnapshot {
                refund_no: refund.request.refund_no().as_str().to_owned(),
                amount: refund.back.total(),
            })
            .collect(),
        timeline: payment.timeline(),
    }
}
