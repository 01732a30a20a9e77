use toss_sdk::pay::PayStatus;

fn main() {
    let status = PayStatus::PayComplete;
    match status {
        PayStatus::Unknown("PAY_SOMETHING") => {}
        _ => {}
    }
}
