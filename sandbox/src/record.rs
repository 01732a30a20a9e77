//! What the sandbox knows of payments, for tests and for the dashboard: the truth that no fault touches.

use crate::pay::payment::{Happening, Payment};
use crate::world::World;
use serde::Serialize;
use toss_sdk::pay::StepType;

/// A payment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
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
pub struct Refunded {
    /// The merchant's number of it.
    pub refund_no: String,
    /// How much of the price went back, in won.
    pub amount: i64,
}

/// Every payment as it is now, the oldest first.
pub(crate) fn records(world: &World) -> Vec<Record> {
    let now = world.clock.now();
    world.ledger().all(now).iter().map(record).collect()
}

fn record(payment: &Payment) -> Record {
    Record {
        pay_token: payment.token.clone(),
        order_no: payment.request.order_no().as_str().to_owned(),
        product_desc: payment.request.product_desc().to_owned(),
        amount: payment.request.amount(),
        status: payment.status.as_str().to_owned(),
        charges: payment.movements.iter().filter(|movement| movement.step == StepType::Pay).count(),
        refundable_amount: if payment.paid.is_some() { payment.left.total() } else { 0 },
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
        timeline: payment.timeline.clone(),
    }
}
