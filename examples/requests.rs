//! Requests of the example merchant, built from its stored orders.

use toss_sdk::pay::{CallbackVersion, CreatePayment, ExecutePayment, PayToken, RefundPayment};
use toss_sdk::runtime::Violations;

/// Returns the request that creates a payment. The purchaser and the callbacks come back to `shop`, the merchant's URL.
///
/// # Errors
///
/// Returns an error if the request breaks a rule.
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
/// Returns an error if the request breaks a rule, for example because there is no token yet.
pub fn execution(order_no: &str, token: Option<&str>) -> Result<ExecutePayment, Violations> {
    ExecutePayment::builder().pay_token(pay_token(token)).order_no(order_no).build()
}

/// Returns the request that refunds part of a payment.
///
/// # Errors
///
/// Returns an error if the request breaks a rule, for example because there is no token yet.
pub fn repayment(token: Option<&str>, refund_no: &str, amount: i64) -> Result<RefundPayment, Violations> {
    RefundPayment::builder()
        .pay_token(pay_token(token))
        .refund_no(refund_no)
        .amount(amount)
        .reason("Returned by the purchaser")
        .build()
}

/// An order without a token has an empty one, which `build` rejects.
fn pay_token(token: Option<&str>) -> PayToken {
    PayToken::new(token.unwrap_or_default())
}
