use toss_sdk::pay::{OrderNo, PayToken, PaymentStatus};

fn main() {
    let _ = PaymentStatus::builder().payment(PayToken::new("token")).payment(OrderNo::new("order-1")).build();
}
