//! Index of payments in the ledger, by token and by the merchants' order and refund numbers.

use super::payment::Payment;
use std::collections::HashMap;
use std::sync::Arc;
use toss_sdk::pay::{OrderNo, RefundNo};

/// Order and refund numbers of one merchant.
#[derive(Debug, Default)]
struct Numbers {
    orders: HashMap<Box<str>, Order>,
    /// By refund number: the place of the payment, and the index of the refund in the payment.
    refunds: HashMap<Box<str>, (usize, usize)>,
}

#[derive(Clone, Copy, Debug)]
struct Order {
    /// Place of the latest payment of the order.
    latest: usize,
    /// Set if the purchaser has authenticated for any payment of the order. A new payment can then no longer use the
    /// order number.
    is_used_up: bool,
}

/// Places of payments, which are indexes in the ledger's list.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_token: HashMap<Arc<str>, usize>,
    by_merchant: HashMap<Arc<str>, Numbers>,
}

impl Index {
    /// Returns the place of the payment with this token. The payment may belong to any merchant.
    pub(super) fn token(&self, token: &str) -> Option<usize> {
        self.by_token.get(token).copied()
    }

    /// Returns the place of the latest payment of a merchant's order.
    pub(super) fn order(&self, merchant: &str, order: &OrderNo) -> Option<usize> {
        Some(self.by_merchant.get(merchant)?.orders.get(order.as_str())?.latest)
    }

    /// Returns `true` if a merchant's order number can no longer be used for a new payment.
    pub(super) fn is_used_up(&self, merchant: &str, order: &OrderNo) -> bool {
        let numbers = self.by_merchant.get(merchant);
        numbers.and_then(|numbers| numbers.orders.get(order.as_str())).is_some_and(|order| order.is_used_up)
    }

    /// Records that the purchaser has authenticated for a payment.
    pub(super) fn use_up(&mut self, payment: &Payment) {
        let numbers = self.by_merchant.get_mut(&payment.merchant);
        if let Some(order) = numbers.and_then(|numbers| numbers.orders.get_mut(payment.request.order_no().as_str())) {
            order.is_used_up = true;
        }
    }

    /// Returns the place of the payment that has a refund with this number, and the index of the refund in the payment.
    pub(super) fn refund(&self, merchant: &str, refund: &RefundNo) -> Option<(usize, usize)> {
        self.by_merchant.get(merchant)?.refunds.get(refund.as_str()).copied()
    }

    /// Returns a merchant's API key. All payments of the merchant share one copy of it.
    pub(super) fn merchant(&self, merchant: &str) -> Arc<str> {
        self.by_merchant.get_key_value(merchant).map_or_else(|| merchant.into(), |(own, _)| own.clone())
    }

    pub(super) fn add(&mut self, place: usize, payment: &Payment) {
        self.by_token.insert(payment.token.clone(), place);
        let numbers = self.by_merchant.entry(payment.merchant.clone()).or_default();
        let order = numbers.orders.entry(payment.request.order_no().as_str().into());
        let order = order.or_insert(Order { latest: place, is_used_up: false });
        order.latest = place;
        order.is_used_up |= payment.was_authenticated();
        for nth in 0..payment.refunds.len() {
            self.add_refund(place, payment, nth);
        }
    }

    pub(super) fn add_refund(&mut self, place: usize, payment: &Payment, nth: usize) {
        let number = payment.refunds[nth].request.refund_no().as_str().into();
        let numbers = self.by_merchant.entry(payment.merchant.clone()).or_default();
        numbers.refunds.insert(number, (place, nth));
    }
}
