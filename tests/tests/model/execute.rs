//! Model of the execution of a payment. In the meantime, the purchaser may approve the payment, a clerk may execute or
//! refund it, the bank may decline it, and it may expire. A clerk acts for the merchant outside of the merchant's
//! program.

use crate::model::payment::{AMOUNT, Payment, Stands, answers};
use crate::model::subject::Subject;
use crate::model::wire::Body;
use serde_json::{Value, json};
use toss_sdk::pay::ExecutePayment;

pub struct Execute;

/// The payment, and the withdrawals that the modeled execution caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Service {
    payment: Payment,
    /// Number of withdrawals by the modeled execution.
    applied: u8,
    /// Set if the withdrawal in progress belongs to the modeled execution.
    is_own_progress: bool,
}

impl Service {
    fn with(self, payment: Payment) -> Self {
        Self { payment, is_own_progress: false, ..self }
    }
}

impl Subject for Execute {
    type Request = ExecutePayment;
    type Service = Service;
    const BINDING: &'static [&'static str] = &["payToken", "orderNo", "amount", "mode"];

    fn request(&self) -> ExecutePayment {
        ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().unwrap()
    }

    fn expected(&self) -> (i64,) {
        (AMOUNT,)
    }

    fn starts(&self) -> Vec<(&'static str, Service)> {
        let start = |stands| Service { payment: Payment::new(stands), applied: 0, is_own_progress: false };
        vec![
            ("the payment is approved", start(Stands::Approved)),
            ("the payment is not approved yet", start(Stands::Standby)),
        ]
    }

    fn accept(&self, service: &Service, _era: u8) -> Result<Service, &'static str> {
        match service.payment.stands {
            Stands::Approved => {
                Ok(Service { applied: service.applied + 1, ..service.with(Payment::new(Stands::Paid)) })
            }
            Stands::Standby | Stands::Canceled => Err("EXECUTE_PAY_NOT_APPROVED"),
            Stands::Progress => Err("TRANSACTION_PENDING_ERROR"),
            Stands::Paid => Err("PAYMENT_EXISTING_PAYMENT"),
        }
    }

    fn accept_slowly(&self, service: &Service) -> Option<Service> {
        let payment = Payment::new(Stands::Progress);
        (service.payment.stands == Stands::Approved).then_some(Service { payment, is_own_progress: true, ..*service })
    }

    fn is_under_way(&self, service: &Service) -> bool {
        service.is_own_progress
    }

    fn events(&self, service: &Service, out: &mut Vec<(&'static str, Service)>) {
        let mut others = Vec::new();
        service.payment.others(&mut others);
        let payment = Payment::new;
        match service.payment.stands {
            Stands::Standby => {
                others.push(("the purchaser approves", payment(Stands::Approved)));
                others.push(("the payment expires", payment(Stands::Canceled)));
            }
            Stands::Approved => {
                others.push(("the clerk executes", payment(Stands::Paid)));
                others.push(("the payment expires", payment(Stands::Canceled)));
            }
            Stands::Progress => {
                let applied = service.applied + u8::from(service.is_own_progress);
                let paid = Service { applied, ..service.with(payment(Stands::Paid)) };
                out.push(("the money has been withdrawn", paid));
                others.push(("the bank declines", payment(Stands::Canceled)));
            }
            _ => {}
        }
        out.extend(others.into_iter().map(|(label, payment)| (label, service.with(payment))));
    }

    fn success(&self) -> Value {
        json!({"code": 0, "mode": "TEST", "payToken": "t-1", "orderNo": "o-1", "amount": AMOUNT})
    }

    fn answers(&self, service: &Service) -> Vec<Body> {
        answers(&service.payment.status(), &["payToken", "orderNo", "amount", "mode", "payStatus"])
    }

    fn applied(&self, service: &Service) -> u8 {
        service.applied
    }

    fn is_in_effect(&self, service: &Service) -> bool {
        service.payment.stands == Stands::Paid
    }

    fn is_reversed(&self, service: &Service) -> bool {
        service.payment.stands == Stands::Paid && service.payment.refunded == 3
    }

    fn is_refused_for_good(&self, service: &Service) -> bool {
        service.payment.stands == Stands::Canceled
    }

    fn is_final(&self, service: &Service) -> bool {
        !matches!(service.payment.stands, Stands::Standby | Stands::Approved)
    }

    fn must_conclude(&self, service: &Service) -> bool {
        service.payment.stands != Stands::Progress
    }
}
