//! The four operations, for whoever calls with a merchant key.

use super::{payment::Payment, replies};
use crate::world::World;
use toss_sdk::pay::server::Server;
use toss_sdk::pay::{
    CreatePayment, CreatePaymentReply, ErrorCode, ExecutePayment, ExecutePaymentReply, PaymentMode, PaymentStatus,
    PaymentStatusReply, RefundPayment, RefundPaymentReply,
};
use toss_sdk::runtime::{Caller, Malformed, Refusal, SecretText};

/// How test keys begin.
const TEST_KEY: &str = "sk_test_";
/// How keys begin with which money moves.
const LIVE_KEY: &str = "sk_live_";

/// The merchant that a key stands for. Every test key is a merchant of its own; with `pretend_live`, one that begins
/// like a live key too.
fn merchant(world: &World, caller: &Caller) -> Result<(String, PaymentMode), Refusal> {
    let key = caller.credential(0).map_or("", SecretText::expose);
    let mode = if key.len() > TEST_KEY.len() && key.starts_with(TEST_KEY) {
        PaymentMode::Test
    } else if key.starts_with(LIVE_KEY) && world.settings.pretend_live {
        PaymentMode::Live
    } else if key.starts_with(LIVE_KEY) {
        let message = "This is a sandbox: do not send it a live key. Take one that begins with sk_test_.";
        return Err(Refusal::new(&ErrorCode::CommonInvalidApiKey, message));
    } else {
        return Err(Refusal::new(&ErrorCode::CommonInvalidApiKey, "유효하지 않은 API key 입니다."));
    };
    Ok((key.to_owned(), mode))
}

impl Server for World {
    async fn create_payment(&self, caller: &Caller, request: CreatePayment) -> Result<CreatePaymentReply, Refusal> {
        let (merchant, _) = merchant(self, caller)?;
        let mut ledger = self.ledger();
        let payment = ledger.create(self.clock.now(), &merchant, request)?;
        Ok(replies::created(payment, &self.base_url))
    }

    async fn execute_payment(&self, caller: &Caller, request: ExecutePayment) -> Result<ExecutePaymentReply, Refusal> {
        let (merchant, mode) = merchant(self, caller)?;
        let (reply, paid) = {
            let mut ledger = self.ledger();
            let payment: &Payment = ledger.execute(self.clock.now(), &merchant, &request)?;
            (replies::executed(payment, mode, &self.base_url), payment.clone())
        };
        self.announce(&paid);
        Ok(reply)
    }

    async fn payment_status(&self, caller: &Caller, request: PaymentStatus) -> Result<PaymentStatusReply, Refusal> {
        let (merchant, mode) = merchant(self, caller)?;
        let mut ledger = self.ledger();
        let payment = ledger.status(self.clock.now(), &merchant, request.payment())?;
        Ok(replies::status(payment, mode, &self.base_url))
    }

    async fn refund_payment(&self, caller: &Caller, request: RefundPayment) -> Result<RefundPaymentReply, Refusal> {
        let (merchant, _) = merchant(self, caller)?;
        let mut ledger = self.ledger();
        let (payment, refund) = ledger.refund(self.clock.now(), &merchant, request)?;
        Ok(replies::refunded(payment, &refund, &self.base_url))
    }

    fn malformed(&self, caller: Option<&Caller>, why: &Malformed) -> Refusal {
        // Who may not call is not told what is wrong with the call.
        if let Some(Err(refusal)) = caller.map(|caller| merchant(self, caller)) {
            return refusal;
        }
        let refusal = Refusal::new(&ErrorCode::CommonInvalidParameter, why.to_string());
        if caller.is_none() { refusal.with_status(404) } else { refusal }
    }
}
