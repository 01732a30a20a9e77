//! Mistakes that every version of the compiler must reject.
//!
//! The amount of a payment is missing:
//!
//! ```compile_fail,E0277
//! use toss_sdk::pay::CreatePayment;
//!
//! let _ = CreatePayment::builder()
//!     .order_no("order-1")
//!     .product_desc("Wool coat")
//!     .ret_url("https://shop.example/done")
//!     .ret_cancel_url("https://shop.example/cancel")
//!     .amount_tax_free(0)
//!     .build();
//! ```
//!
//! A refund neither has an amount nor refunds everything that is left:
//!
//! ```compile_fail,E0277
//! use toss_sdk::pay::{RefundNo, RefundPayment};
//!
//! let _ = RefundPayment::builder().pay_token("token").refund_no(RefundNo::random()).build();
//! ```
//!
//! A token is passed instead of an order number:
//!
//! ```compile_fail,E0277
//! use toss_sdk::pay::{ExecutePayment, PayToken};
//!
//! let _ = ExecutePayment::builder().pay_token("token").order_no(PayToken::new("token")).build();
//! ```
//!
//! A merchant key is serialized as JSON, for example for a log:
//!
//! ```compile_fail,E0277
//! use toss_sdk::pay::MerchantKey;
//!
//! let _ = serde_json::to_string(&MerchantKey::new("sk_test_example"));
//! ```
//!
//! A default is used instead of a value that the caller has to choose:
//!
//! ```compile_fail,E0599
//! use toss_sdk::pay::CashReceiptTradeOption;
//!
//! let _ = CashReceiptTradeOption::default();
//! ```
