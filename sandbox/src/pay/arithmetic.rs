//! Division of amounts: a price into net amount and tax, and a refund into discount, payment method and points.

use serde::{Deserialize, Serialize};

/// Splits the taxed part of a price into the net amount and the tax. The tax is an eleventh of `taxed`, rounded up to a
/// whole won.
pub(crate) fn tax(taxed: i64) -> (i64, i64) {
    let vat = taxed.div_euclid(11) + i64::from(taxed.rem_euclid(11) > 0);
    (taxed - vat, vat)
}

/// Parts of a price, of its remaining amount or of a refund, in won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parts {
    /// Amount that the instant discount covers.
    pub discount: i64,
    /// Amount that is paid in points.
    pub points: i64,
    /// Amount that is charged to the card or the account.
    pub paid: i64,
}

impl Parts {
    pub(crate) fn total(self) -> i64 {
        self.discount + self.points + self.paid
    }

    /// Returns the parts with negative amounts, because the service writes the amounts of refunds as negative numbers.
    pub(crate) fn negative(self) -> Self {
        Self { discount: -self.discount, points: -self.points, paid: -self.paid }
    }

    /// Refunds `amount` from `self`, which is what remains of the price `whole`. Returns the remaining parts and the
    /// refunded parts. The discount shrinks in proportion to the remaining price. The rest of the refund goes to the
    /// card or the account, up to the remaining amount that was charged there. Points are refunded last.
    pub(crate) fn refund(self, whole: Self, amount: i64) -> (Self, Self) {
        let left = self.total() - amount;
        // This cannot overflow, because the request's rules limit both factors to less than ten million.
        let discount = if whole.total() == 0 { 0 } else { whole.discount * left / whole.total() };
        let discount = discount.min(self.discount);
        let from_discount = (self.discount - discount).min(amount);
        let rest = amount - from_discount;
        let from_method = rest.min(self.paid);
        let back = Self { discount: from_discount, paid: from_method, points: rest - from_method };
        let after = Self {
            discount: self.discount - back.discount,
            paid: self.paid - back.paid,
            points: self.points - back.points,
        };
        (after, back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tax_is_an_eleventh_rounded_up() {
        assert_eq!(tax(1_000), (909, 91));
        assert_eq!(tax(10_000), (9_090, 910));
        assert_eq!(tax(0), (0, 0));
        assert_eq!(tax(11), (10, 1));
    }

    #[test]
    fn the_discount_shrinks_with_the_price() {
        let whole = Parts { discount: 1_000, points: 0, paid: 9_000 };
        let (left, back) = whole.refund(whole, 4_000);
        assert_eq!(left, Parts { discount: 600, points: 0, paid: 5_400 });
        assert_eq!(back, Parts { discount: 400, points: 0, paid: 3_600 });
    }

    #[test]
    fn points_come_back_last() {
        let whole = Parts { discount: 0, points: 3_000, paid: 7_000 };
        let (left, back) = whole.refund(whole, 6_000);
        assert_eq!((left.points, back.points), (3_000, 0));
        let (left, back) = left.refund(whole, 4_000);
        assert_eq!((left.total(), back), (0, Parts { discount: 0, points: 3_000, paid: 1_000 }));
    }

    /// Tests all divisions of a small price into up to three refunds.
    #[test]
    fn refunds_in_any_sequence_add_up_to_the_price() {
        for total in 1..=12 {
            for discount in 0..=total {
                for points in 0..=total - discount {
                    let whole = Parts { discount, points, paid: total - discount - points };
                    for first in 1..=total {
                        for second in 0..=total - first {
                            let (mut left, mut back) = (whole, Parts::default());
                            for amount in [first, second, total - first - second] {
                                let (after, given) = left.refund(whole, amount);
                                assert_eq!(given.total(), amount);
                                assert_eq!(after.total(), left.total() - amount);
                                assert!(after.discount >= 0 && after.points >= 0 && after.paid >= 0, "{after:?}");
                                back = Parts {
                                    discount: back.discount + given.discount,
                                    points: back.points + given.points,
                                    paid: back.paid + given.paid,
                                };
                                left = after;
                            }
                            assert_eq!((left, back), (Parts::default(), whole));
                        }
                    }
                }
            }
        }
    }
}
