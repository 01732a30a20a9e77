//! Named points between two writes, at which a test can stop an outbox to simulate a crash. Without the feature
//! `crash-points`, the points have no effect.

/// The names of all crash points, such as `claim.written`. A test can stop an outbox at each of them.
pub const CRASH_POINTS: [&str; 16] = [
    "enqueue.written",
    "claim.selected",
    "claim.written",
    "claim.committed",
    "attempt.recorded",
    "attempt.answered",
    "unknown.recorded",
    "close.begun",
    "close.written",
    "close.handled",
    "close.committed",
    "release.begun",
    "release.written",
    "receive.confirmed",
    "receive.recorded",
    "receive.handled",
];

/// Function of a test that an outbox calls at each crash point. Its future either completes, or waits forever to
/// simulate a crash.
#[cfg(feature = "crash-points")]
pub type Hook =
    std::sync::Arc<dyn Fn(&'static str) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Calls the hook of the outbox, if a test has set one.
macro_rules! crash_point {
    ($outbox:expr, $name:literal) => {{
        #[cfg(feature = "crash-points")]
        {
            const _: () = assert!($crate::crash::is_named($name), "add the point to CRASH_POINTS");
            $outbox.pass($name).await;
        }
    }};
}

pub(crate) use crash_point;

#[cfg(feature = "crash-points")]
pub(crate) const fn is_named(name: &str) -> bool {
    let mut at = 0;
    while at < CRASH_POINTS.len() {
        if is_same(CRASH_POINTS[at].as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

#[cfg(feature = "crash-points")]
const fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
