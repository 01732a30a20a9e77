//! A payment in the model's service, and the answers to queries for its status.

use crate::model::wire::Body;
use serde_json::{Value, json};

pub const AMOUNT: i64 = 3000;
/// Amount of the modeled refund: one third of the price.
pub const REFUND: i64 = 1000;

/// Status of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stands {
    Standby,
    Approved,
    /// The withdrawal is in progress.
    Progress,
    Paid,
    /// The payment ended before any money moved.
    Canceled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    pub stands: Stands,
    /// Number of thirds of the price that were refunded.
    pub refunded: u8,
    pub is_refunding: bool,
}

impl Payment {
    pub fn new(stands: Stands) -> Self {
        Self { stands, refunded: 0, is_refunding: false }
    }

    /// Returns the documented name of the status.
    pub fn word(&self) -> &'static str {
        match self.stands {
            Stands::Standby => "PAY_STANDBY",
            Stands::Approved => "PAY_APPROVED",
            Stands::Progress => "PAY_PROGRESS",
            Stands::Canceled => "PAY_CANCEL",
            Stands::Paid if self.is_refunding => "REFUND_PROGRESS",
            Stands::Paid if self.refunded > 0 => "REFUND_SUCCESS",
            Stands::Paid => "PAY_COMPLETE",
        }
    }

    pub fn refund(&mut self, thirds: u8, stays_in_progress: bool) {
        self.refunded += thirds;
        self.is_refunding = stays_in_progress;
    }

    /// Returns the error code with which the service rejects a refund, or `None` if it accepts the refund.
    pub fn refuses_refund(&self, thirds: u8) -> Option<&'static str> {
        match self.stands {
            Stands::Paid if self.is_refunding => Some("COMMON_REFUND_ERROR"),
            Stands::Paid if self.refunded + thirds > 3 => Some("REFUND_ALREADY_REFUNDED"),
            Stands::Paid => None,
            _ => Some("TRANSACTION_NOT_COMPLETE"),
        }
    }

    /// Returns the body of the true answer to a query for the status.
    pub fn status(&self) -> Value {
        json!({
            "code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "payStatus": self.word(), "amount": AMOUNT,
            "amountTaxFree": 0, "refundableAmount": AMOUNT - AMOUNT / 3 * i64::from(self.refunded),
        })
    }

    /// Adds the refunds of a clerk, and the completion of a refund in progress. A clerk acts for the merchant outside
    /// of the merchant's program.
    pub fn others(&self, out: &mut Vec<(&'static str, Self)>) {
        for (label, thirds) in
            [("the clerk refunds a third", 1), ("the clerk refunds all that is left", 3 - self.refunded)]
        {
            if thirds > 0 && self.refuses_refund(thirds).is_none() {
                for stays_in_progress in [false, true] {
                    let mut next = *self;
                    next.refund(thirds, stays_in_progress);
                    out.push((label, next));
                }
            }
        }
        if self.is_refunding {
            out.push(("the refund in progress reaches the purchaser", Self { is_refunding: false, ..*self }));
        }
    }
}

/// Returns the true answer to a status query, and other answers that a client may receive instead. Such an answer has
/// another value in one of the members `binding`, has a null or unreadable member, or is one of the [`failures`].
pub fn answers(good: &Value, binding: &[&str]) -> Vec<Body> {
    let mut all =
        vec![Body::json(format!("the status says {}", good["payStatus"].as_str().unwrap_or("nothing")), good)];
    let edits: [(&str, Value); 5] = [
        ("payToken", json!("t-OTHER")),
        ("orderNo", json!("o-OTHER")),
        ("amount", json!(AMOUNT * 3)),
        ("mode", json!("LIVE")),
        ("payStatus", json!("A_NEW_ONE")),
    ];
    for (name, value) in edits {
        let words =
            if name == "payStatus" { &["A_NEW_ONE"][..] } else { &["PAY_COMPLETE", "PAY_CANCEL", "PAY_APPROVED"] };
        for word in words.iter().copied().filter(|_| binding.contains(&name)) {
            let mut other = good.clone();
            other["payStatus"] = word.into();
            other["refundableAmount"] = json!(AMOUNT);
            other[name] = value.clone();
            all.push(Body::json(format!("the status of another {name} says {word}"), &other));
        }
    }
    for name in ["payToken", "orderNo", "amount", "mode", "refundableAmount", "createdTs"] {
        for value in [Value::Null, json!({"unreadable": 1})] {
            let mut less = good.clone();
            less[name] = value;
            all.push(Body::json(format!("a status without {name}"), &less));
        }
    }
    all.extend(failures());
    all
}

/// Returns answers to a query that prove nothing about the payment: HTML pages, damaged bodies, and rejections.
pub fn failures() -> Vec<Body> {
    let html = |status| Body { label: format!("the query: HTTP {status}"), status, text: "<html></html>".into() };
    let mut all: Vec<Body> = [400, 401, 404, 408, 429, 502].into_iter().map(html).collect();
    all.push(Body::json("the query: only the member `code`, which is 0", &json!({"code": 0})));
    all.push(Body { label: "the query: a truncated answer".into(), status: 200, text: "{\"code\":0,\"payS".into() });
    let codes = toss_sdk::pay::ErrorCode::KNOWN.iter().map(pagespec_runtime::ErrorCode::as_text);
    for code in codes.filter(|code| *code != "TRANSACTION_NOT_FOUND").chain(["A_NEW_CODE"]) {
        let mut body = Body::refusal(code);
        body.label = format!("the query is {}", body.label);
        all.push(body);
    }
    all
}
