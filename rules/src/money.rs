//! Amounts with their currency, and the number of decimal places of each currency.

use crate::decimal::Decimal;
use std::fmt;

/// A currency, identified by its three-letter code in ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Currencies of ISO 4217 whose number of decimal places is not two.
const EXPONENTS: [(&[u8; 3], u8); 26] = [
    (b"BHD", 3),
    (b"BIF", 0),
    (b"CLF", 4),
    (b"CLP", 0),
    (b"DJF", 0),
    (b"GNF", 0),
    (b"IQD", 3),
    (b"ISK", 0),
    (b"JOD", 3),
    (b"JPY", 0),
    (b"KMF", 0),
    (b"KRW", 0),
    (b"KWD", 3),
    (b"LYD", 3),
    (b"OMR", 3),
    (b"PYG", 0),
    (b"RWF", 0),
    (b"TND", 3),
    (b"UGX", 0),
    (b"UYI", 0),
    (b"UYW", 4),
    (b"VND", 0),
    (b"VUV", 0),
    (b"XAF", 0),
    (b"XOF", 0),
    (b"XPF", 0),
];

impl Currency {
    /// Creates the currency with this code, regardless of case. Returns `None` unless the code is three Latin letters.
    pub fn new(code: &str) -> Option<Self> {
        let code: [u8; 3] = code.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_alphabetic).then(|| Self(code.map(|letter| letter.to_ascii_uppercase())))
    }

    /// Returns the code in capitals.
    pub fn as_str(&self) -> &str {
        // The conversion cannot fail: the bytes are ASCII letters.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns the number of decimal places of a currency: 0 for KRW, 2 for USD. Returns 2 for a code that ISO 4217
    /// does not have.
    pub fn exponent(self) -> u8 {
        EXPONENTS.iter().find(|(code, _)| **code == self.0).map_or(2, |(_, exponent)| *exponent)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount with its currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// The amount in major units: 10.50 for ten dollars and fifty cents.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Creates an amount from major units: 10.50 for ten dollars and fifty cents. Returns `None` unless the code is
    /// three Latin letters.
    pub fn new(amount: Decimal, currency: &str) -> Option<Self> {
        Some(Self { amount, currency: Currency::new(currency)? })
    }

    /// Creates an amount from minor units: 1050 for ten dollars and fifty cents. Returns `None` unless the code is
    /// three Latin letters.
    pub fn from_minor_units(amount: i64, currency: &str) -> Option<Self> {
        let currency = Currency::new(currency)?;
        Some(Self { amount: Decimal::from_minor_units(amount, currency.exponent())?, currency })
    }

    /// Returns the amount in minor units, or `None` if it has a fraction of a minor unit or overflows.
    pub fn minor_units(self) -> Option<i64> {
        self.amount.in_minor_units(self.currency.exponent())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_has_its_exponent() {
        for (code, exponent) in [("KRW", 0), ("usd", 2), ("JPY", 0), ("KWD", 3), ("EUR", 2), ("CLF", 4)] {
            assert_eq!(Currency::new(code).unwrap().exponent(), exponent, "{code}");
        }
        assert!(["", "KR", "KRWX", "K1W", "원"].iter().all(|code| Currency::new(code).is_none()));
        assert!(EXPONENTS.is_sorted());
    }

    #[test]
    fn amounts_convert_to_and_from_minor_units() {
        let dollars = Money::new("10.50".parse().unwrap(), "USD").unwrap();
        assert_eq!(dollars.minor_units(), Some(1_050));
        assert_eq!(Money::from_minor_units(1_050, "USD"), Some(dollars));
        assert_eq!(Money::new("10.50".parse().unwrap(), "KRW").unwrap().minor_units(), None);
        assert_eq!(dollars.to_string(), "10.50 USD");
    }
}
