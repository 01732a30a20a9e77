//! `xtask diff` reports every change that breaks a caller. The tests compare its reports with two references:
//! `cargo-semver-checks`, which judges the generated crate, and the compiler, which compiles a crate that uses the
//! generated crate.
//!
//! Neither reference finds every breaking change. `cargo-semver-checks` does not compare types, the calling crate uses
//! only a part of the interface, and neither detects rejections at run time. Therefore `diff` must report a change as
//! breaking if either reference does, but may report further changes.

use codegen::diff::{Impact, compare};
use codegen::regen::{Loaded, load};
use codegen::resolved::Api;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tests::temp_project::{TempProject, repository};

/// A spec file, a text in it, and the text that replaces it.
type Edit = (&'static str, &'static str, &'static str);

/// Changes of the spec, each with its name and its edits.
const CHANGES: [(&str, &[Edit]); 24] = [
    ("nothing", &[]),
    ("a description", &[("pay/refund_payment", "doc: Reason for the refund.", "doc: Cause of the refund.")]),
    (
        "an optional request field more",
        &[("pay/refund_payment", "  reason:\n", "  memo: { type: string, doc: For the books. }\n  reason:\n")],
    ),
    (
        "a mandatory request field more",
        &[
            (
                "pay/create_payment",
                "\nrequest:\n",
                "\nrequest:\n  locale: { type: string, mandatory: true, doc: Of texts. }\n",
            ),
            ("pay/create_payment", "    request:\n      ", "    request:\n      locale: ko\n      "),
        ],
    ),
    (
        "a request field that need not be given any more",
        &[(
            "pay/create_payment",
            "  productDesc:\n    type: string\n    mandatory: true\n",
            "  productDesc:\n    type: string\n",
        )],
    ),
    (
        "a request field with another name",
        &[
            ("pay/refund_payment", "  amountServiceFee:\n", "  amountTip:\n"),
            ("pay/refund_payment", "amountVat, amountServiceFee]", "amountVat, amountTip]"),
            ("pay/refund_payment", "      amountServiceFee: 0\n", "      amountTip: 0\n"),
        ],
    ),
    (
        "a request field less",
        &[
            (
                "pay/refund_payment",
                "  amountServiceFee:\n    type: won\n    max: 7 digits\n    min: 0 won\n    doc: Service fee in the refund. Only for a payment that was created with a service fee.\n",
                "",
            ),
            ("pay/refund_payment", "amountVat, amountServiceFee]", "amountVat]"),
            ("pay/refund_payment", "      amountServiceFee: 0\n", ""),
        ],
    ),
    ("a tighter limit of a request", &[("pay/refund_payment", "max: 255 characters", "max: 200 characters")]),
    ("a wider limit of a request", &[("pay/refund_payment", "max: 255 characters", "max: 300 characters")]),
    (
        "a tighter limit of a reply",
        &[("pay/refund_payment", "  msg: { type: string, max: 120", "  msg: { type: string, max: 90")],
    ),
    (
        "a reply field more",
        &[("pay/refund_payment", "  msg: { type", "  queue: { type: integer, doc: Where it waits. }\n  msg: { type")],
    ),
    (
        "a reply field less",
        &[
            (
                "pay/refund_payment",
                "  refundableAmount:\n    type: won\n    max: 7 digits\n    doc: Amount that can still be refunded after this refund.\n",
                "",
            ),
            ("pay/refund_payment", "      refundableAmount: 2000\n", ""),
            ("pay/refund_payment", "      refundableAmount: 6000\n", ""),
            ("pay/refund_payment", "  - at: reply.refundableAmount\n", "  - at: page\n"),
        ],
    ),
    (
        "a reply field with another name",
        &[
            ("pay/refund_payment", "  refundableAmount:\n", "  leftAmount:\n"),
            ("pay/refund_payment", "      refundableAmount:", "      leftAmount:"),
            ("pay/refund_payment", "  - at: reply.refundableAmount\n", "  - at: page\n"),
        ],
    ),
    (
        "a reply field of another type",
        &[
            (
                "pay/refund_payment",
                "  refundableAmount:\n    type: won\n    max: 7 digits\n",
                "  refundableAmount:\n    type: string\n    max: 7 characters\n",
            ),
            ("pay/refund_payment", "      refundableAmount: 2000\n", "      refundableAmount: \"2000\"\n"),
            ("pay/refund_payment", "      refundableAmount: 6000\n", "      refundableAmount: \"6000\"\n"),
        ],
    ),
    (
        "a value more in replies",
        &[(
            "pay/types",
            "      PREPAYMENT: { means: A prepaid card. }\n",
            "      PREPAYMENT: { means: A prepaid card. }\n      GIFT: { means: A gift card. }\n",
        )],
    ),
    ("a value less in replies", &[("pay/types", "      PREPAYMENT: { means: A prepaid card. }\n", "")]),
    (
        "a value more in requests",
        &[(
            "pay/types",
            "      NOT_USE: { means: Single payment only. }\n",
            "      NOT_USE: { means: Single payment only. }\n      HALF: { means: Two parts. }\n",
        )],
    ),
    (
        "a value less in requests",
        &[
            ("pay/types", "      NOT_USE: { means: Single payment only. }\n", ""),
            ("pay/create_payment", "      installment: NOT_USE\n", "      installment: USE\n"),
        ],
    ),
    (
        "values of requests in another order",
        &[(
            "pay/types",
            "      USE: { means: Installments are offered. }\n      NOT_USE: { means: Single payment only. }\n",
            "      NOT_USE: { means: Single payment only. }\n      USE: { means: Installments are offered. }\n",
        )],
    ),
    (
        "a code more",
        &[(
            "pay/refund_payment",
            "errors:\n",
            "errors:\n  REFUND_TOO_LATE: { means: The time is over., advice: fix_request }\n",
        )],
    ),
    (
        "a code less",
        &[(
            "pay/refund_payment",
            "  REFUND_EXCEED_DAILY: { means: The refund exceeds the shop's daily limit., advice: fix_request }\n",
            "",
        )],
    ),
    (
        "an operation with another name",
        &[("onboarding/list_easy_pays", "operation: list_easy_pays", "operation: list_wallets")],
    ),
    ("an operation less", &[("onboarding/delete_store_id", "", "")]),
    (
        "a type with another name",
        &[("pay/types", "  RefundNo:\n", "  RefundNumber:\n"), ("pay/refund_payment", "RefundNo", "RefundNumber")],
    ),
];

const CALLER: &str = r#"//! Uses the interface as callers do.
use toss_sdk::onboarding;
use toss_sdk::pay::{self, *};

pub async fn create(toss: &Client) -> Result<String, Error> {
    let request = CreatePayment::builder()
        .order_no("order-1")
        .product_desc("Wool coat")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount(39_000)
        .amount_tax_free(0)
        .installment(Installment::NotUse)
        .build()
        .expect("the request breaks no rule");
    let description: &str = request.product_desc();
    let _ = description.len();
    Ok(toss.create_payment(&request).await?.checkout_page)
}

pub async fn ask(toss: &Client, order: &str) -> Result<bool, Error> {
    let request = PaymentStatus::builder().payment(OrderNo::from(order)).build().expect("the request breaks no rule");
    let reply = toss.payment_status(&request).await?;
    Ok(matches!(reply.pay_status, PayStatus::PayComplete) || reply.pay_status.can_refund())
}

pub async fn refund(toss: &Client, token: &str, number: RefundNo) -> Result<i64, Error> {
    let request = RefundPayment::builder()
        .pay_token(token)
        .refund_no(number)
        .reason("returned")
        .amount(1_000)
        .amount_service_fee(0)
        .build()
        .expect("the request breaks no rule");
    let reply: RefundPaymentReply = toss.refund_payment(&request).await?;
    let left: Option<i64> = reply.refundable_amount;
    Ok(left.unwrap_or_default())
}

pub fn instalments(chosen: Installment) -> bool {
    match chosen {
        Installment::Use => true,
        Installment::NotUse => false,
    }
}

pub fn kind(of: &CardMethodType) -> &'static str {
    match of {
        CardMethodType::Credit => "credit",
        CardMethodType::Check => "debit",
        CardMethodType::Prepayment => "prepaid",
        _ => "another",
    }
}

pub fn tomorrow(error: &Error) -> bool {
    matches!(error.code(), Some(pay::ErrorCode::RefundExceedDaily))
}

pub async fn wallets(client: &onboarding::Client, shop: &str) -> Result<usize, onboarding::Error> {
    let request = onboarding::ListEasyPays::builder().shop_id(shop).build().expect("the request breaks no rule");
    Ok(client.list_easy_pays(&request).await?.stores.len())
}

pub async fn forget(client: &onboarding::Client, shop: &str, mid: &str) -> Result<(), onboarding::Error> {
    let request = onboarding::DeleteStoreId::builder().shop_id(shop).mid(mid).build().expect("the request breaks no rule");
    client.delete_store_id(&request).await.map(drop)
}
"#;

struct Bench {
    scratch: TempProject,
}

impl Bench {
    fn new() -> Self {
        let scratch = TempProject::empty();
        let from = repository();
        for folder in ["rules", "runtime", "spec", "generated"] {
            scratch.copy(&from.join(folder), folder);
        }
        for file in ["Cargo.lock", "docs/toss-sdk/README.md"] {
            scratch.put(file, fs::read(from.join(file)).expect("the file can be read"));
        }
        let manifest = fs::read_to_string(from.join("Cargo.toml")).expect("the manifest can be read");
        let (head, _) = manifest.split_once("[profile").expect("profiles come last");
        let manifest: String = head
            .lines()
            .filter(|line| !line.starts_with("codegen ="))
            .map(|line| {
                if line.starts_with("members") {
                    "members = [\"generated\", \"rules\", \"runtime\", \"caller\"]"
                } else {
                    line
                }
            })
            .fold(String::new(), |text, line| text + line + "\n");
        scratch.put("Cargo.toml", manifest);
        let caller = "[package]\nname = \"caller\"\nedition = \"2024\"\n\n[dependencies]\ntoss-sdk.workspace = true\n";
        scratch.put("caller/Cargo.toml", caller);
        scratch.put("caller/src/lib.rs", CALLER);
        scratch.run(false);
        Bench { scratch }
    }

    /// Runs cargo, with a target folder that later runs reuse.
    fn cargo(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(self.scratch.path(""))
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("semver"))
            .env("RUSTC_BOOTSTRAP", "1")
            .output()
            .expect("cargo starts")
    }

    fn compiles(&self) -> bool {
        let checked = self.cargo(&["check", "-q", "--offline", "-p", "caller"]);
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(!said.contains("could not compile `toss-sdk`"), "the generated crate does not compile:\n{said}");
        checked.status.success()
    }

    /// Writes the interface of the generated crate as rustdoc JSON, for `cargo-semver-checks`. Returns the file.
    fn interface(&self, name: &str) -> PathBuf {
        let json = ["--output-format", "json", "--cap-lints", "allow", "-Z", "unstable-options"];
        let mut arguments = vec!["rustdoc", "-q", "--offline", "-p", "toss-sdk", "--features", "blocking,axum", "--"];
        arguments.extend(json);
        let done = self.cargo(&arguments);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("semver/doc/toss_sdk.json");
        let kept = self.scratch.path(name);
        fs::copy(made, &kept).expect("the interface can be copied");
        kept
    }

    fn apis(&self) -> Vec<Api> {
        match load(&self.scratch.project()).expect("the spec can be read") {
            Loaded::Sound(apis) => apis,
            Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
        }
    }

    /// Makes the edits. An edit whose old text is empty deletes the file.
    fn edit(&self, edits: &[Edit]) {
        for (file, old, new) in edits {
            let path = format!("spec/{file}.yaml");
            if old.is_empty() {
                fs::remove_file(self.scratch.path(&path)).expect("the file can be deleted");
                continue;
            }
            let text = self.scratch.text(&path);
            assert!(text.contains(old), "{file} has no `{old}`");
            self.scratch.put(&path, text.replace(old, new));
        }
    }
}

/// Returns the lints with which `cargo-semver-checks` rejects a change in a minor version.
fn judged(before: &Path, after: &Path) -> Vec<String> {
    let done = Command::new("cargo-semver-checks")
        .args(["semver-checks", "--release-type", "minor", "--color", "never", "--baseline-rustdoc"])
        .arg(before)
        .arg("--current-rustdoc")
        .arg(after)
        .output()
        .expect("the tool starts");
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("Checked ["), "{said}");
    let lints = said.lines().filter_map(|line| line.strip_prefix("--- failure ")?.split_once(':'));
    let mut lints: Vec<String> = lints.map(|(lint, _)| lint.to_owned()).collect();
    lints.sort();
    lints
}

#[test]
#[ignore = "takes minutes and needs the tool: cargo install cargo-semver-checks --locked; then -- --ignored"]
fn every_change_that_breaks_a_caller_is_reported_as_breaking() {
    if let Err(error) = Command::new("cargo-semver-checks").arg("--version").output() {
        panic!("cargo-semver-checks: {error}; install it: cargo install cargo-semver-checks --locked");
    }
    let bench = Bench::new();
    assert!(
        bench.compiles(),
        "the caller is wrong: {}",
        String::from_utf8_lossy(&bench.cargo(&["check", "-p", "caller"]).stderr)
    );
    let (before, old) = (bench.interface("before.json"), bench.apis());
    let mut table = String::from("change | diff | the compiler | cargo-semver-checks\n");
    let mut wrong = Vec::new();
    for (name, edits) in CHANGES {
        bench.scratch.copy(&repository().join("spec"), "spec");
        bench.edit(edits);
        bench.scratch.run(false);
        let worst = compare(&old, &bench.apis()).iter().map(|change| change.impact).max();
        let lints = judged(&before, &bench.interface("after.json"));
        let compiles = bench.compiles();
        if worst != Some(Impact::Breaking) && (!compiles || !lints.is_empty()) {
            wrong.push(name);
        }
        let told = worst.map_or("nothing".to_owned(), |impact| format!("{impact:?}").to_lowercase());
        let judge = if compiles { "compiles" } else { "does not compile" };
        let lints = if lints.is_empty() { "fine".to_owned() } else { lints.join(", ") };
        // Writing to a `String` cannot fail.
        let _ = writeln!(table, "{name} | {told} | {judge} | {lints}");
    }
    println!("{table}");
    insta::assert_snapshot!("verdicts", table);
    assert!(wrong.is_empty(), "not reported as breaking: {wrong:?}");
}
