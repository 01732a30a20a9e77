use toss_sdk::pay::{PayToken, RefundNo, RefundPayment};

fn main() {
    let _ = RefundPayment::builder().pay_token(PayToken::new("token")).refund_no(RefundNo::random()).build();
}
