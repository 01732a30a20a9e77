//! What the sandbox knows of payments and stores, for tests and for the dashboard: the truth that no fault touches.

use crate::onboarding::registry::Store;
use crate::pay::payment::{Happening, Payment};
use crate::world::World;
use serde::Serialize;
use toss_sdk::pay::StepType;

/// A payment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Record {
    /// Its token.
    pub pay_token: String,
    /// The merchant's order number.
    pub order_no: String,
    /// What is bought.
    pub product_desc: String,
    /// The price, in won.
    pub amount: i64,
    /// Its status, as on the wire.
    pub status: String,
    /// How often money was taken for it: never more than once.
    pub charges: usize,
    /// What can still be refunded, in won.
    pub refundable_amount: i64,
    /// What is left of the instant discount, in won.
    pub discount: i64,
    /// What is left of the points, in won.
    pub points: i64,
    /// The refunds that were done, the oldest first.
    pub refunds: Vec<Refunded>,
    /// What happened.
    pub timeline: Vec<Happening>,
}

/// A refund that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Refunded {
    /// The merchant's number of it.
    pub refund_no: String,
    /// How much of the price went back, in won.
    pub amount: i64,
}

/// A store, without its keys.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StoreRecord {
    /// The hosting company's own identifier of the shop.
    pub shop_id: String,
    /// The MID that was assigned.
    pub mid: String,
    /// The shop's name.
    pub shop_name: String,
    /// How far the contract has come, as on the wire.
    pub contract_status: String,
    /// Whether the fee is paid, as on the wire.
    pub fee_status: String,
    /// What the card companies' reviews have come to, as on the wire.
    pub review: String,
    /// Whether a correction is asked for.
    pub modifying: bool,
    /// The signup page, when one is open.
    pub signup: Option<String>,
    /// What happened.
    pub timeline: Vec<Happening>,
}

/// Every store as it is now, the oldest first.
pub(crate) fn stores(world: &World) -> Vec<StoreRecord> {
    let now = world.clock.now();
    let registry = world.registry();
    let record = |store: &Store| StoreRecord {
        shop_id: store.request.shop_id().as_str().to_owned(),
        mid: store.mid.clone(),
        shop_name: store.request.shop_name().to_owned(),
        contract_status: store.contract.as_str().to_owned(),
        fee_status: store.fee.as_str().to_owned(),
        review: store.review.summary().as_str().to_owned(),
        modifying: store.modifying,
        signup: store
            .session
            .as_ref()
            .filter(|session| registry.session(now, &session.key).is_some())
            .map(|session| format!("{}/signup/{}", world.base_url, session.key)),
        timeline: store.timeline.clone(),
    };
    registry.all().map(record).collect()
}

/// Every payment as it is now, the oldest first.
pub(crate) fn records(world: &World) -> Vec<Record> {
    let now = world.clock.now();
    world.ledger().all(now).map(record).collect()
}

fn record(payment: &Payment) -> Record {
    Record {
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
            .map(|refund| Refunded {
                refund_no: refund.request.refund_no().as_str().to_owned(),
                amount: refund.back.total(),
            })
            .collect(),
        timeline: payment.timeline(),
    }
}
