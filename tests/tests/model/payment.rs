//! The service's payment, and what it says about it.

use crate::model::wire::Body;
use serde_json::{Value, json};

/// The price. Own refunds are of one third of it.
pub const AMOUNT: i64 = 3000;
/// What the own refund asks for.
pub const REFUND: i64 = 1000;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stands {
    Standby,
    Approved,
    /// The money is being withdrawn.
    Progress,
    Paid,
    /// Ended before any money moved.
    Canceled,
}

/// One payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    /// Where it stands.
    pub stands: Stands,
    /// Thirds of the price that were given back.
    pub refunded: u8,
    /// A refund has not reached the purchaser yet.
    pub is_refunding: bool,
}

impl Payment {
    /// A payment without refunds.
    pub fn new(stands: Stands) -> Self {
        Self { stands, refunded: 0, is_refunding: false }
    }

    /// The state's documented name.
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

    /// Gives back `thirds`.
    pub fn refund(&mut self, thirds: u8, stays_in_progress: bool) {
        self.refunded += thirds;
        self.is_refunding = stays_in_progress;
    }

    /// What a refund is refused with, if it is.
    pub fn refuses_refund(&self, thirds: u8) -> Option<&'static str> {
        match self.stands {
            Stands::Paid if self.is_refunding => Some("COMMON_REFUND_ERROR"),
            Stands::Paid if self.refunded + thirds > 3 => Some("REFUND_ALREADY_REFUNDED"),
            Stands::Paid => None,
            _ => Some("TRANSACTION_NOT_COMPLETE"),
        }
    }

    /// The body of a status.
    pub fn status(&self) -> Value {
        json!({
            "code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "payStatus": self.word(), "amount": AMOUNT,
            "amountTaxFree": 0, "refundableAmount": AMOUNT - AMOUNT / 3 * i64::from(self.refunded),
        })
    }

    /// What the second clerk and the purchaser's bank do.
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

/// A true status, and everything that may come in its place: other payments, other environments, members that are not
/// there, and no answer at all.
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

/// Questions that get no answer.
pub fn failures() -> Vec<Body> {
    let html = |status| Body { label: format!("the question: HTTP {status}"), status, text: "<html></html>".into() };
    let mut all: Vec<Body> = [400, 401, 404, 408, 429, 502].into_iter().map(html).collect();
    all.push(Body::json("the question: a bare code 0", &json!({"code": 0})));
    all.push(Body { label: "the question: cut".into(), status: 200, text: "{\"code\":0,\"payS".into() });
    let codes = toss_sdk::pay::ErrorCode::KNOWN.iter().map(pagespec_runtime::ErrorCode::as_text);
    for code in codes.filter(|code| *code != "TRANSACTION_NOT_FOUND").chain(["A_NEW_CODE"]) {
        let mut body = Body::refusal(code);
        body.label = format!("the question is {}", body.label);
        all.push(body);
    }
    all
}
