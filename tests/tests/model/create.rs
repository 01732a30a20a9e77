//! Model of the creation of a payment whose order number may have been used before. A query by order number may show
//! any payment with that number.

use crate::model::memory::wall;
use crate::model::payment::{AMOUNT, Payment, Stands, answers, failures};
use crate::model::subject::Subject;
use crate::model::wire::Body;
use serde_json::{Value, json};
use toss_sdk::pay::CreatePayment;
use toss_sdk::pay::KstDateTime;

/// Age of a payment that was created before every attempt at the request.
const OLD: u8 = 40;

pub struct Create;

/// The payments with one order number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Service {
    older: Older,
    /// Number of payments that the modeled request created.
    own: u8,
    /// Status of the last of these payments.
    stands: Stands,
    /// Ages of the first and the last payment that the modeled request created. The age of a payment is the age of the
    /// era in which it was created (see [`State::eras`](crate::model::state::State::eras)).
    ages: (u8, u8),
    expiry: Expiry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Older {
    None,
    Open,
    Canceled,
    OtherAmount,
}

/// The request's `expiredTime`, after which the service rejects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Expiry {
    None,
    Ahead,
    Passed,
}

impl Service {
    fn payment(stands: Stands, age: u8) -> Value {
        let mut status = Payment::new(stands).status();
        status["createdTs"] = KstDateTime::from(wall(age)).to_string().into();
        status
    }
}

impl Subject for Create {
    type Request = CreatePayment;
    type Service = Service;
    const IS_CREATION: bool = true;
    const COPIES: u8 = 2;
    const BINDING: &'static [&'static str] = &[];
    const MOVES_MONEY: bool = false;

    fn request(&self) -> CreatePayment {
        CreatePayment::builder()
            .order_no("o-1")
            .product_desc("Coat")
            .ret_url("https://shop.example/done")
            .ret_cancel_url("https://shop.example/cancel")
            .amount(AMOUNT)
            .amount_tax_free(0)
            .build()
            .unwrap()
    }

    fn expected(&self) {}

    fn starts(&self) -> Vec<(&'static str, Service)> {
        let start = |older, expiry| Service { older, own: 0, stands: Stands::Standby, ages: (0, 0), expiry };
        vec![
            ("the order number is new", start(Older::None, Expiry::None)),
            ("the order number is new, and the request has a deadline", start(Older::None, Expiry::Ahead)),
            ("an older payment with the order number is open", start(Older::Open, Expiry::None)),
            ("an older payment with the order number was canceled", start(Older::Canceled, Expiry::None)),
            ("an older payment with the order number has another amount", start(Older::OtherAmount, Expiry::None)),
        ]
    }

    fn accept(&self, service: &Service, era: u8) -> Result<Service, &'static str> {
        if service.expiry == Expiry::Passed {
            return Err("COMMON_INVALID_PARAMETER");
        }
        if service.own > 0 && service.stands == Stands::Approved {
            return Err("PAYMENT_DUPLICATION_ORDER_NO");
        }
        let first = if service.own == 0 { era } else { service.ages.0 };
        Ok(Service { own: (service.own + 1).min(2), stands: Stands::Standby, ages: (first, era), ..*service })
    }

    fn events(&self, service: &Service, out: &mut Vec<(&'static str, Service)>) {
        if service.expiry == Expiry::Ahead {
            out.push(("the request's expiredTime passes", Service { expiry: Expiry::Passed, ..*service }));
        }
        if service.own > 0 && service.stands == Stands::Standby {
            out.push(("the purchaser approves", Service { stands: Stands::Approved, ..*service }));
            out.push(("the payment is canceled", Service { stands: Stands::Canceled, ..*service }));
        }
    }

    fn success(&self) -> Value {
        json!({"code": 0, "payToken": "t-1", "checkoutPage": "https://pay.example/t-1"})
    }

    fn answers(&self, service: &Service) -> Vec<Body> {
        let mut bodies = Vec::new();
        let binding = ["orderNo", "amount", "mode", "payStatus"];
        if service.own > 0 {
            bodies.extend(answers(&Service::payment(service.stands, service.ages.1), &binding));
        }
        if service.own > 1 {
            bodies.extend(answers(&Service::payment(Stands::Standby, service.ages.0), &binding));
        }
        let older = match service.older {
            Older::None => None,
            Older::Open => Some(Service::payment(Stands::Standby, OLD)),
            Older::Canceled => Some(Service::payment(Stands::Canceled, OLD)),
            Older::OtherAmount => {
                let mut other = Service::payment(Stands::Standby, 0);
                other["amount"] = json!(AMOUNT * 3);
                Some(other)
            }
        };
        bodies.extend(older.map(|body| Body::json("the status shows the older payment", &body)));
        if bodies.is_empty() {
            let mut nothing = Body::refusal("TRANSACTION_NOT_FOUND");
            nothing.label = "the status says that there is no payment".into();
            bodies.push(nothing);
            let mut elsewhere = Service::payment(Stands::Standby, 0);
            elsewhere["mode"] = "LIVE".into();
            bodies.push(Body::json("the status shows the payment of the live shop", &elsewhere));
            bodies.extend(failures());
        }
        bodies
    }

    fn applied(&self, service: &Service) -> u8 {
        service.own
    }

    fn is_in_effect(&self, service: &Service) -> bool {
        service.own > 0
    }

    fn is_reversed(&self, service: &Service) -> bool {
        service.own == 1 && service.stands == Stands::Canceled
    }

    fn is_refused_for_good(&self, service: &Service) -> bool {
        service.expiry == Expiry::Passed
    }

    fn is_invalid(&self, service: &Service) -> bool {
        service.expiry == Expiry::Passed
    }

    fn must_conclude(&self, service: &Service) -> bool {
        service.own == 0 && service.older == Older::None && service.expiry == Expiry::Passed
    }
}
