//! Compares the generated code with handwritten code. Both check and encode a full request, and decode a full reply.
//!
//! Run with `cargo bench -p tests --bench wire`. Both sides run alternately in one process. The printed ratio compares
//! the median times. The handwritten code uses derived serde structs, checks every documented rule, and collects all
//! violations.

mod by_hand;

use std::hint::black_box;
use std::time::{Duration, Instant};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::{
    CallbackVersion, CardCompany, CardOption, CardOptions, CashReceiptTradeOption, CreatePayment, EnabledPayMethods,
    Installment, PaymentStatusReply,
};

const ROUNDS: usize = 41;
const CALLS: usize = 2_000;

/// The documentation's example of a status reply, as one line of JSON.
const STATUS: &str = include_str!("status.json");

fn main() {
    let now = KstDateTime::now();
    let expires = now.plus_minutes(30);
    compare(
        "validate + serialize create_payment",
        || ours(now, expires).len(),
        || by_hand::create_payment(now, expires).len(),
    );
    compare(
        "decode payment_status",
        || {
            let reply = PaymentStatusReply::from_body(200, black_box(STATUS).as_bytes()).expect("a success");
            reply.amount.map_or(0, |amount| amount as usize)
        },
        || by_hand::payment_status(black_box(STATUS).as_bytes()),
    );
}

fn ours(now: KstDateTime, expires: KstDateTime) -> Vec<u8> {
    let request =
        CreatePayment::builder()
            .order_no(black_box("order-20261123-1"))
            .product_desc(black_box("울 코트 네이비 100"))
            .ret_url(black_box("https://shop.example/done?order=20261123-1"))
            .ret_cancel_url(black_box("https://shop.example/cancel?order=20261123-1"))
            .amount(black_box(39_000))
            .amount_tax_free(black_box(0))
            .ret_app_scheme(black_box("shop://"))
            .auto_execute(true)
            .result_callback(black_box("https://shop.example/callback"))
            .callback_version(CallbackVersion::V2)
            .amount_taxable(black_box(35_454))
            .amount_vat(black_box(3_546))
            .amount_service_fee(0)
            .expired_time(expires)
            .enable_pay_methods(EnabledPayMethods::Card)
            .cash_receipt(true)
            .cash_receipt_trade_option(CashReceiptTradeOption::General)
            .card_options(
                CardOptions::builder()
                    .options([CardCompany::Samsung, CardCompany::Hyundai].map(|company| {
                        CardOption::builder().card_company_code(company).build().expect("within all rules")
                    }))
                    .build()
                    .expect("within all rules"),
            )
            .installment(Installment::Use)
            .build_at(now)
            .expect("within all rules");
    serde_json::to_vec(&request).expect("a request is always JSON")
}

/// Runs both sides alternately, and prints the median times and their ratio.
fn compare(what: &str, mut ours: impl FnMut() -> usize, mut by_hand: impl FnMut() -> usize) {
    assert_eq!(ours(), by_hand(), "{what}: both sides must do the same");
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        times[0].push(time(&mut ours));
        times[1].push(time(&mut by_hand));
    }
    let [ours, by_hand] = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64() * 1e9 / CALLS as f64
    });
    println!("{what}: {ours:.0} ns, by hand {by_hand:.0} ns, ratio {:.2}", ours / by_hand);
}

fn time(call: &mut impl FnMut() -> usize) -> Duration {
    let start = Instant::now();
    for _ in 0..CALLS {
        black_box(call());
    }
    start.elapsed()
}
