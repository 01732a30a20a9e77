//! Tests of a sandbox whose data file is damaged, belongs to another program, or is on a full disk. The sandbox reports
//! the problem and keeps the file. When a full disk has space again, the sandbox still has the effect of every request
//! that succeeded. In some tests, the sandbox runs in another process of this test program.

use std::path::Path;
use std::process::{Child, Command};
use tests::child::{self, with};
use tests::fixtures::merchant::{KEY, SOON, callbacks, order};
use tests::order;
use tests::service::block_on;
use tests::temp_project::TempProject;
use toss_sandbox::Sandbox;
use toss_sdk::pay::*;
use toss_sdk::runtime::{Outcome, RetryPolicy};

/// Body of the process in which the sandbox runs.
#[test]
#[ignore = "run by the tests of disk failures"]
fn sandbox_process_with_disk_failures() {
    child::run();
}

fn start(path: &Path, before: &str) -> (Child, Client) {
    let (child, url) = child::start("disk_trouble::sandbox_process_with_disk_failures", path, before);
    (child, Client::builder(KEY).base_url(url).retries(RetryPolicy::never()).build().unwrap())
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn damage_in_the_latest_record_is_reported_and_nothing_is_rolled_back_silently() {
    let scratch = TempProject::empty();
    let path = scratch.path("sandbox.data");
    let (child, toss) = start(&path, "");
    for n in 0..12 {
        block_on(toss.create_payment(&order(&format!("order-{n:02}"), 1_000))).unwrap();
    }
    kill(child);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = b"order-11";
    let places: Vec<usize> = (0..bytes.len() - last.len()).filter(|at| bytes[*at..].starts_with(last)).collect();
    assert!(!places.is_empty(), "the file does not contain the record");
    places.iter().for_each(|at| bytes[at + 7] ^= 0x11);
    std::fs::write(&path, &bytes).unwrap();
    let sandbox = Sandbox::with(with(&path)).unwrap();
    let notice = sandbox.notice().expect("the damage is reported");
    assert!(notice.contains("is damaged"), "{notice}");
    assert_eq!(std::fs::read(scratch.path("sandbox.data.damaged-1")).unwrap(), bytes, "the file was changed");
}

#[test]
fn a_truncated_file_is_reported_as_damaged_and_not_as_foreign() {
    let scratch = TempProject::empty();
    let path = scratch.path("sandbox.data");
    drop(Sandbox::with(with(&path)).unwrap());
    let whole = std::fs::read(&path).unwrap();
    for length in [10, 63, 100, 4_000, whole.len() / 2] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let sandbox = Sandbox::with(with(&path)).unwrap();
        assert!(sandbox.notice().is_some_and(|notice| notice.contains("is damaged")), "{length} bytes");
    }
}

#[test]
fn a_database_of_another_program_is_not_changed() {
    let scratch = TempProject::empty();
    let path = scratch.path("sandbox.data");
    let theirs = redb::Database::create(&path).unwrap();
    let write = theirs.begin_write().unwrap();
    write.open_table(redb::TableDefinition::<u64, &str>::new("diary")).unwrap().insert(1, "dear diary").unwrap();
    write.commit().unwrap();
    drop(theirs);
    let error = Sandbox::with(with(&path)).unwrap_err().to_string();
    assert!(error.contains("a database of another program"), "{error}");
    let theirs = redb::Database::open(&path).unwrap();
    let tables: Vec<_> = theirs.begin_read().unwrap().list_tables().unwrap().collect();
    assert_eq!(tables.len(), 1, "the sandbox must not add a table");
}

/// Limits the size of the files that a process writes, which has the effect of a full disk. Returns `false` if
/// `prlimit` fails, for example because it is not installed.
#[cfg(target_os = "linux")]
fn limit(child: &Child, bytes: &str) -> bool {
    let limits = [format!("--pid={}", child.id()), format!("--fsize={bytes}:unlimited")];
    let done = Command::new("prlimit").args(limits).status().is_ok_and(|status| status.success());
    if !done {
        eprintln!("skipped: `prlimit` (util-linux) is not installed or fails");
    }
    done
}

#[cfg(target_os = "linux")]
#[test]
fn a_callback_that_a_full_disk_delayed_is_sent_once_there_is_space() {
    let scratch = TempProject::empty();
    let path = scratch.path("sandbox.data");
    let (child, url) = child::start("disk_trouble::sandbox_process_with_disk_failures", &path, "trap '' XFSZ;");
    let toss = Client::builder(KEY).base_url(&*url).retries(RetryPolicy::never()).build().unwrap();
    let (hook, messages) = callbacks(0);
    let request =
        order!("o-1", 1_000; .auto_execute(true).result_callback(&*hook).callback_version(CallbackVersion::V2));
    let token = block_on(toss.create_payment(&request)).unwrap().pay_token;
    if !limit(&child, &std::fs::metadata(&path).unwrap().len().to_string()) {
        return kill(child);
    }
    let fills = |n: usize| block_on(toss.create_payment(&order(&format!("f-{n}"), 1_000))).is_err();
    assert!((0..20_000).any(fills), "the disk never became full");
    let approve = format!("{url}/sandbox/v1/payments/{}/approve", token.as_str());
    let request = reqwest::Client::new().post(approve).header("content-type", "application/json").body("{}");
    assert_eq!(block_on(request.send()).unwrap().status(), 500, "a change that may be lost must not be confirmed");
    assert!(
        messages.recv_timeout(std::time::Duration::from_millis(300)).is_err(),
        "a callback reports a change that may be lost"
    );
    limit(&child, "unlimited");
    assert!(messages.recv_timeout(SOON).unwrap().body.contains(token.as_str()));
    kill(child);
}

#[cfg(target_os = "linux")]
#[test]
fn after_a_full_disk_the_sandbox_continues_with_every_answered_request() {
    let scratch = TempProject::empty();
    let path = scratch.path("sandbox.data");
    let (child, toss) = start(&path, "trap '' XFSZ;");
    let asked = |order: &str| PaymentStatus::builder().payment(OrderNo::new(order)).build().unwrap();
    let mut made = Vec::new();
    let create = |n: usize, made: &mut Vec<String>| {
        let number = format!("o-{n}");
        let result = block_on(toss.create_payment(&order(&number, 1_000)));
        if result.is_ok() {
            made.push(number);
        }
        result
    };
    create(0, &mut made).unwrap();
    if !limit(&child, &std::fs::metadata(&path).unwrap().len().to_string()) {
        return kill(child);
    }
    let error = (1..20_000).find_map(|n| create(n, &mut made).err()).expect("the disk never became full");
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    assert!(error.to_string().contains("cannot be written"), "{error}");
    assert!(block_on(toss.payment_status(&asked("o-0"))).is_err(), "an answer shows a change that may be lost");
    limit(&child, "unlimited");
    block_on(toss.payment_status(&asked("o-0"))).expect("the sandbox must continue when there is space again");
    create(20_000, &mut made).unwrap();
    kill(child);
    let sandbox = Sandbox::with(with(&path)).unwrap();
    assert_eq!(sandbox.notice(), None);
    let there: std::collections::BTreeSet<String> =
        sandbox.payments().into_iter().map(|record| record.order_no).collect();
    let lost: Vec<&String> = made.iter().filter(|number| !there.contains(*number)).collect();
    assert!(lost.is_empty(), "{lost:?} of {}", made.len());
}
