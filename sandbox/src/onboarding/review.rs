//! The card companies' reviews of a store.

use toss_sdk::onboarding::{SubmallAudit, SubmallAuditStatus};

/// Card companies, named like the members of replies.
pub(crate) const COMPANIES: [&str; 9] =
    ["bc", "samsung", "shinhan", "hana", "hyundai", "lotte", "kookmin", "nonghyup", "woori"];

/// Status of each company's review, in the order of [`COMPANIES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Review(pub [SubmallAuditStatus; 9]);

impl Default for Review {
    fn default() -> Self {
        Self(std::array::from_fn(|_| SubmallAuditStatus::None))
    }
}

fn is_final(status: &SubmallAuditStatus) -> bool {
    matches!(status, SubmallAuditStatus::Done | SubmallAuditStatus::Rejected)
}

impl Review {
    pub(crate) fn request(&mut self) {
        self.0 = std::array::from_fn(|_| SubmallAuditStatus::Requested);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.iter().all(is_final)
    }

    /// Returns the combined status of all reviews.
    pub(crate) fn summary(&self) -> SubmallAuditStatus {
        let any = |wanted: SubmallAuditStatus| self.0.contains(&wanted);
        if self.is_over() {
            if any(SubmallAuditStatus::Rejected) { SubmallAuditStatus::Rejected } else { SubmallAuditStatus::Done }
        } else if any(SubmallAuditStatus::InReview) || self.0.iter().any(is_final) {
            SubmallAuditStatus::InReview
        } else if any(SubmallAuditStatus::Requested) {
            SubmallAuditStatus::Requested
        } else {
            SubmallAuditStatus::None
        }
    }

    pub(crate) fn reply(&self) -> SubmallAudit {
        let mut reply = SubmallAudit::default();
        reply.summary = Some(self.summary());
        let [bc, samsung, shinhan, hana, hyundai, lotte, kookmin, nonghyup, woori] = self.0.clone().map(Some);
        reply.bc = bc;
        reply.samsung = samsung;
        reply.shinhan = shinhan;
        reply.hana = hana;
        reply.hyundai = hyundai;
        reply.lotte = lotte;
        reply.kookmin = kookmin;
        reply.nonghyup = nonghyup;
        reply.woori = woori;
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SubmallAuditStatus::{Done, InReview, Rejected, Requested};

    #[test]
    fn the_summary_combines_the_reviews_of_all_companies() {
        let mut review = Review::default();
        assert_eq!(review.summary(), SubmallAuditStatus::None);
        review.request();
        assert_eq!(review.summary(), Requested);
        review.0[3] = Done;
        assert_eq!(review.summary(), InReview);
        review.0 = std::array::from_fn(|_| Done);
        assert_eq!((review.summary(), review.is_over()), (Done, true));
        review.0[8] = Rejected;
        assert_eq!((review.summary(), review.is_over()), (Rejected, true));
        review.0[0] = InReview;
        assert_eq!((review.summary(), review.is_over()), (InReview, false));
    }
}
