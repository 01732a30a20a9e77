use toss_sdk::pay::{ExecutePayment, OrderNo, PayToken};

fn main() {
    let token = PayToken::new("token");
    let order = OrderNo::new("order-1");
    let _ = ExecutePayment::builder().pay_token(order).order_no(token).build();
}
