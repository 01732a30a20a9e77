//! Period in which a request can have been carried out, by the service's clock. A payment that was created outside of
//! this period belongs to another request.

use crate::client::retry::http_date;
use crate::evidence::Window;
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, SystemTime};

/// Tolerance at both ends of the period. Two clocks never agree exactly, and times on the wire often have no fractions
/// of a second.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);

/// Largest accepted difference between this machine's clock and the service's. A larger difference usually comes from a
/// cached `Date` header or from a clock that was never set.
pub(super) const MOST_APART: Duration = Duration::from_secs(5 * 60);

/// Returns about how far the service's clock is ahead of this machine's. The true difference may be smaller, because
/// the service writes its `Date` header some time after the status query was sent. It may be larger by less than a
/// second, because the header has no fractions. Returns zero if `date` is absent or unreadable, and `None` if the
/// clocks differ too much.
pub(super) fn ahead(date: Option<&str>, asked: SystemTime) -> Option<SignedDuration> {
    let asked = Timestamp::try_from(asked).ok()?;
    let ahead = date.and_then(http_date).map_or(SignedDuration::ZERO, |date| date.duration_since(asked));
    (ahead.unsigned_abs() <= MOST_APART).then_some(ahead)
}

/// Returns the period in which a request can have been carried out.
///
/// `sent` is the start of the first attempt and the end of the last one. Until `others_until`, another request may have
/// had the same effect. These times are by this machine's clock; the period is by the service's clock. `conclusive` is
/// how long after an attempt its effect can still appear.
pub(super) fn window(
    sent: Option<(SystemTime, SystemTime)>,
    others_until: Option<SystemTime>,
    conclusive: Duration,
    ahead: Option<SignedDuration>,
) -> Window {
    let Some((first, last)) = sent else { return Window::Unknown };
    let Some(ahead) = ahead else { return Window::ClocksApart };
    // If the library cannot represent the start or the end, the period is unknown.
    let by_service = |at: SystemTime| Timestamp::try_from(at).ok()?.saturating_add(ahead).ok();
    let bounds = || {
        let first = by_service(first.checked_sub(CLOCK_TOLERANCE)?)?;
        let last = by_service(last)?.saturating_add(conclusive.saturating_add(CLOCK_TOLERANCE)).ok()?;
        // Times on the wire may have no fractions, so the other request may have taken effect until the end of the last
        // second.
        let Some(others) = others_until else { return Some((first, last)) };
        let others = by_service(others)?.saturating_add(Duration::from_secs(1)).ok()?;
        Some((first.max(others), last))
    };
    bounds().map_or(Window::Unknown, |(first, last)| Window::Between(first.into(), last.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
    }

    fn between(first: u64, last: u64) -> Window {
        Window::Between(at(first), at(last))
    }

    #[test]
    fn a_request_is_carried_out_between_its_first_attempt_and_the_time_until_which_the_last_can_be_accepted() {
        let conclusive = Duration::from_secs(75);
        let window = |others, ahead| window(Some((at(100), at(110))), others, conclusive, ahead);
        assert_eq!(window(None, Some(SignedDuration::ZERO)), between(98, 187));
        assert_eq!(window(None, Some(SignedDuration::from_secs(-60))), between(38, 127));
        assert_eq!(window(Some(at(105)), Some(SignedDuration::ZERO)), between(106, 187));
        assert_eq!(window(Some(at(50)), Some(SignedDuration::ZERO)), between(98, 187));
        assert_eq!(window(None, None), Window::ClocksApart);
    }

    #[test]
    fn odd_settings_and_times_cause_no_panic() {
        let sent = Some((SystemTime::UNIX_EPOCH, at(0)));
        let zero = Some(SignedDuration::ZERO);
        assert!(matches!(window(sent, None, Duration::MAX, zero), Window::Between(..) | Window::Unknown));
        let far = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1 << 50));
        // Another request may have taken effect until a time that cannot be represented, so no time belongs to this
        // request alone.
        assert_eq!(window(sent, far, Duration::ZERO, zero), Window::Unknown);
        assert_eq!(window(None, None, Duration::ZERO, zero), Window::Unknown);
    }

    #[test]
    fn clocks_that_are_far_apart_prove_nothing() {
        let date = |text| ahead(Some(text), Timestamp::from_second(1_795_395_600).unwrap().into());
        assert_eq!(date("Mon, 23 Nov 2026 01:00:05 GMT"), Some(SignedDuration::from_secs(5)));
        assert_eq!(date("Mon, 23 Nov 2026 00:59:00 GMT"), Some(SignedDuration::from_secs(-60)));
        assert_eq!(date("Mon, 23 Nov 2026 01:05:01 GMT"), None);
        assert_eq!(date("soon"), Some(SignedDuration::ZERO));
        assert_eq!(ahead(None, SystemTime::UNIX_EPOCH), Some(SignedDuration::ZERO));
    }
}
