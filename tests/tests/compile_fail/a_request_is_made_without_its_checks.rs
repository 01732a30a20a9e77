use toss_sdk::pay::ExecutePayment;

fn main() {
    let _ = ExecutePayment { pay_token: "token".into(), order_no: None };
}
