//! Where payments stand in the ledger: by their tokens, and by the numbers that their merchants gave.

use super::payment::Payment;
use std::collections::HashMap;
use std::sync::Arc;
use toss_sdk::pay::{OrderNo, RefundNo};

/// What a merchant's own numbers stand for.
#[derive(Debug, Default)]
struct Numbers {
    /// The latest payment of an order.
    orders: HashMap<Box<str>, usize>,
    /// A payment, and which of its refunds.
    refunds: HashMap<Box<str>, (usize, usize)>,
}

/// The places of payments.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_token: HashMap<Arc<str>, usize>,
    by_merchant: HashMap<Arc<str>, Numbers>,
}

impl Index {
    /// The payment with this token, whoever it belongs to.
    pub(super) fn token(&self, token: &str) -> Option<usize> {
        self.by_token.get(token).copied()
    }

    /// The latest payment of a merchant's order.
    pub(super) fn order(&self, merchant: &str, order: &OrderNo) -> Option<usize> {
        self.by_merchant.get(merchant)?.orders.get(order.as_str()).copied()
    }

    /// A merchant's refund: the payment, and which of its refunds.
    pub(super) fn refund(&self, merchant: &str, refund: &RefundNo) -> Option<(usize, usize)> {
        self.by_merchant.get(merchant)?.refunds.get(refund.as_str()).copied()
    }

    /// A merchant's key, shared with the other payments of that merchant.
    pub(super) fn merchant(&self, merchant: &str) -> Arc<str> {
        self.by_merchant.get_key_value(merchant).map_or_else(|| merchant.into(), |(own, _)| own.clone())
    }

    /// A payment, with its refunds, stands here.
    pub(super) fn add(&mut self, place: usize, payment: &Payment) {
        self.by_token.insert(payment.token.clone(), place);
        let numbers = self.by_merchant.entry(payment.merchant.clone()).or_default();
        numbers.orders.insert(payment.request.order_no().as_str().into(), place);
        for nth in 0..payment.refunds.len() {
            self.add_refund(place, payment, nth);
        }
    }

    /// A payment that stands here has one more refund.
    pub(super) fn add_refund(&mut self, place: usize, payment: &Payment, nth: usize) {
        let number = payment.refunds[nth].request.refund_no().as_str().into();
        let numbers = self.by_merchant.entry(payment.merchant.clone()).or_default();
        numbers.refunds.insert(number, (place, nth));
    }
}
