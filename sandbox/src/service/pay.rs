//! The operations of Toss Pay, authenticated by merchant key.

use super::view::View;
use crate::pay::ledger::Ledger;
use crate::pay::replies;
use crate::state::State;
use crate::store::WriteError;
use toss_sdk::pay::server::Server;
use toss_sdk::pay::{
    CreatePayment, CreatePaymentReply, ErrorCode, ExecutePayment, ExecutePaymentReply, PaymentMode, PaymentStatus,
    PaymentStatusReply, RefundPayment, RefundPaymentReply,
};
use toss_sdk::runtime::{Caller, Malformed, Refusal, SecretText};

/// Prefix of test keys.
const TEST_KEY: &str = "sk_test_";
/// Prefixes of the keys of Toss Payments, another product.
const OTHER_KEYS: [&str; 2] = ["test_sk_", "live_sk_"];
/// Longest key, in characters.
const LONGEST_KEY: usize = 30;
/// Prefix of keys that move real money.
const LIVE_KEY: &str = "sk_live_";

/// Returns the caller's API key, which identifies the merchant, and the mode of the key. Live keys are accepted only
/// with `pretend_live`.
fn merchant<'a>(state: &State, caller: &'a Caller) -> Result<(&'a str, PaymentMode), Refusal> {
    let key = caller.credential(0).map_or("", SecretText::expose);
    let invalid = |message: &str| Err(Refusal::new(&ErrorCode::CommonInvalidApiKey, message));
    if key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return invalid("apiKey: expected at most 30 ASCII characters without blanks");
    }
    let mode = if key.len() > TEST_KEY.len() && key.starts_with(TEST_KEY) {
        PaymentMode::Test
    } else if key.starts_with(LIVE_KEY) && state.settings.pretend_live {
        PaymentMode::Live
    } else if key.starts_with(LIVE_KEY) {
        return invalid("This is a sandbox: do not send a live key. Use one that begins with sk_test_.");
    } else if OTHER_KEYS.iter().any(|start| key.starts_with(start)) {
        return invalid(
            "apiKey: this is a key of Toss Payments, another product. Keys of Toss Pay begin with sk_test_.",
        );
    } else {
        return invalid("유효하지 않은 API key 입니다. (The sandbox accepts keys that begin with sk_test_.)");
    };
    Ok((key, mode))
}

/// Longest message of a rejection, in characters.
const LONGEST_MESSAGE: usize = 120;

/// Shortens a text to at most this many characters.
fn short(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

/// Creates the rejection for a change that was made but could not be written. A restart may lose the change.
fn not_written(why: WriteError) -> Refusal {
    Refusal::new(&ErrorCode::CommonSystemError, short(&why.to_string(), LONGEST_MESSAGE))
}

impl View<'_> {
    fn merchant<'a>(&self, caller: &'a Caller) -> Result<(&'a str, PaymentMode), Refusal> {
        let merchant = merchant(self.state, caller)?;
        self.note_ignored(caller).map_err(|why| {
            Refusal::new(&ErrorCode::CommonInvalidParameter, short(&why.to_string(), LONGEST_MESSAGE))
        })?;
        Ok(merchant)
    }
}

impl Server for View<'_> {
    async fn create_payment(&self, caller: &Caller, request: CreatePayment) -> Result<CreatePaymentReply, Refusal> {
        let (merchant, _) = self.merchant(caller)?;
        let create = |ledger: &mut Ledger, now| {
            ledger.create(now, merchant, request).map(|payment| replies::created(payment, &self.state.base_url))
        };
        self.state.change(create).await.map_err(not_written)?
    }

    async fn execute_payment(&self, caller: &Caller, request: ExecutePayment) -> Result<ExecutePaymentReply, Refusal> {
        let (merchant, mode) = self.merchant(caller)?;
        let execute = |ledger: &mut Ledger, now| {
            let payment = ledger.execute(now, merchant, &request)?;
            Ok(replies::executed(payment, mode, &self.state.base_url))
        };
        self.state.change(execute).await.map_err(not_written)?
    }

    async fn payment_status(&self, caller: &Caller, request: PaymentStatus) -> Result<PaymentStatusReply, Refusal> {
        let (merchant, mode) = self.merchant(caller)?;
        let look = |ledger: &mut Ledger, now| {
            let base_url = &self.state.base_url;
            match self.lag {
                None => Ok(replies::status(ledger.status(now, merchant, request.payment())?, mode, base_url)),
                Some(lag) => {
                    let stale = ledger.stale_status(now, merchant, request.payment(), lag)?;
                    Ok(replies::status(&stale, mode, base_url))
                }
            }
        };
        self.state.change(look).await.map_err(not_written)?
    }

    async fn refund_payment(&self, caller: &Caller, request: RefundPayment) -> Result<RefundPaymentReply, Refusal> {
        let (merchant, _) = self.merchant(caller)?;
        let brings_number = caller.brings("refundNo");
        let refund = |ledger: &mut Ledger, now| {
            let (payment, refund) = ledger.refund(now, merchant, request, brings_number)?;
            Ok(replies::refunded(payment, refund, &self.state.base_url))
        };
        self.state.change(refund).await.map_err(not_written)?
    }

    fn malformed(&self, caller: Option<&Caller>, why: &Malformed) -> Refusal {
        // Authentication comes first, so that unauthenticated callers learn nothing from validation errors. If the body
        // cannot be decoded, there is no key to check.
        if !matches!(why, Malformed::NotReadable { .. })
            && let Some(Err(refusal)) = caller.map(|caller| self.merchant(caller))
        {
            return refusal;
        }
        let refusal = Refusal::new(&ErrorCode::CommonInvalidParameter, short(&why.to_string(), LONGEST_MESSAGE));
        if caller.is_none() { refusal.with_status(404) } else { refusal }
    }
}
