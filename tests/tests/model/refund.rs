//! Model of a refund of one third of a payment. The service recognizes a repeated refund by its number. In the
//! meantime, a clerk may refund the same payment. A clerk acts for the merchant outside of the merchant's program.

use crate::model::payment::{AMOUNT, Payment, REFUND, Stands, answers};
use crate::model::subject::Subject;
use crate::model::wire::Body;
use serde_json::{Value, json};
use toss_sdk::pay::RefundPayment;

pub struct Refund;

/// The payment, and the state of the modeled refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Service {
    payment: Payment,
    /// Number of times that the modeled refund took effect.
    applied: u8,
    /// Set if the refund number was used for another payment.
    is_number_taken: bool,
}

impl Subject for Refund {
    type Request = RefundPayment;
    type Service = Service;
    const BINDING: &'static [&'static str] = &["payToken", "refundNo", "refundedAmount"];

    fn request(&self) -> RefundPayment {
        RefundPayment::builder().pay_token("t-1").refund_no("r-1").amount(REFUND).build().unwrap()
    }

    fn expected(&self) {}

    fn starts(&self) -> Vec<(&'static str, Service)> {
        let start = |stands, is_number_taken| Service { payment: Payment::new(stands), applied: 0, is_number_taken };
        vec![
            ("the payment is paid, and nothing is refunded", start(Stands::Paid, false)),
            ("the refund number was used for another payment", start(Stands::Paid, true)),
            ("the payment is approved but not executed", start(Stands::Approved, false)),
        ]
    }

    fn accept(&self, service: &Service, _era: u8) -> Result<Service, &'static str> {
        if service.is_number_taken {
            return Err("REFUND_REFUND_NO_DUPLICATE");
        }
        if service.applied > 0 {
            return Ok(*service);
        }
        if let Some(code) = service.payment.refuses_refund(1) {
            return Err(code);
        }
        let mut next = *service;
        next.payment.refund(1, true);
        next.applied += 1;
        Ok(next)
    }

    fn events(&self, service: &Service, out: &mut Vec<(&'static str, Service)>) {
        let mut others = Vec::new();
        // The clerk makes at most one refund.
        if service.payment.refunded == service.applied || service.payment.is_refunding {
            service.payment.others(&mut others);
        }
        if service.payment.stands == Stands::Approved {
            others.push(("the clerk executes the payment", Payment::new(Stands::Paid)));
            others.push(("the payment expires", Payment::new(Stands::Canceled)));
        }
        out.extend(others.into_iter().map(|(label, payment)| (label, Service { payment, ..*service })));
    }

    fn success(&self) -> Value {
        json!({
            "code": 0, "payToken": "t-1", "refundNo": "r-1", "refundedAmount": -REFUND,
            "refundableAmount": AMOUNT - REFUND,
        })
    }

    fn answers(&self, service: &Service) -> Vec<Body> {
        answers(&service.payment.status(), &["payToken", "mode", "payStatus"])
    }

    fn applied(&self, service: &Service) -> u8 {
        service.applied
    }

    fn is_in_effect(&self, service: &Service) -> bool {
        service.applied > 0
    }

    fn is_refused_for_good(&self, service: &Service) -> bool {
        service.is_number_taken || service.payment.stands == Stands::Canceled
    }

    fn is_final(&self, service: &Service) -> bool {
        service.applied > 0 || self.is_refused_for_good(service)
    }

    fn must_conclude(&self, service: &Service) -> bool {
        // If the payment is unchanged, either the repetition makes the refund, or the status proves that there is no
        // refund. In any other state, "unknown" may be the final result.
        !service.is_number_taken && service.payment == Payment::new(Stands::Paid)
    }
}
