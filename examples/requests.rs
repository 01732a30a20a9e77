//! Requests of the example merchant, built from its stored orders.

use toss_sdk::pay::{CallbackVersion, CreatePayment, ExecutePayment, PayToken, RefundPayment};
use toss_sdk::runtime::Violations;

/// Returns the request that creates a payment. `shop` is the merchant's public URL, to which the purchaser returns and
/// callbacks are sent.
///
/// # Errors
///
/// Returns an error if the request breaks a rule of the API, for example if the amount is 0.
pub fn creation(order_no: &str, shop: &str, amount: i64) -> Result<CreatePayment, Violations> {
    CreatePayment::builder()
        .order_no(order_no)
        .product_desc("Wool coat")
        .ret_url(format!("{shop}/done"))
        .ret_cancel_url(format!("{shop}/"))
        .result_callback(format!("{shop}/callback"))
        .callback_version(CallbackVersion::V2)
        .amount(amount)
        .amount_tax_free(0)
        .build()
}

/// Returns the request that executes a payment.
///
/// # Errors
///
/// Returns an error if the request breaks a rule of the API, for example if the order has no token yet.
pub fn execution(order_no: &str, token: Option<&str>) -> Result<ExecutePayment, Violations> {
    ExecutePayment::builder().pay_token(pay_token(token)).order_no(order_no).build()
}

/// Returns the request that refunds all or part of a payment.
///
/// # Errors
///
/// Returns an error if the request breaks a rule of the API, for example if the order has no token yet.
pub fn repayment(token: Option<&str>, refund_no: &str, amount: i64) -> Result<RefundPayment, Violations> {
    RefundPayment::builder()
        .pay_token(pay_token(token))
        .refund_no(refund_no)
        .amount(amount)
        .reason("Returned by the purchaser")
        .build()
}

/// Returns an empty token if the order has no token. `build` then rejects the request.
fn pay_token(token: Option<&str>) -> PayToken {
    PayToken::new(token.unwrap_or_default())
}
