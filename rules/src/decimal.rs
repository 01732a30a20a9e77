//! Decimal numbers that keep every digit. They can be parsed, compared, added, converted to minor units, and written
//! with the same digits.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Largest number of digits after the decimal point.
const MAX_SCALE: u8 = 38;

/// Smallest number with more than 38 digits.
const TOO_LARGE: u128 = 10_u128.pow(38);

/// A decimal number with up to 38 digits, without rounding. `1.50` equals `1.5`, but each is written as it was parsed.
///
/// ```
/// use pagespec_rules::Decimal;
///
/// let price: Decimal = "1234.50".parse().unwrap();
/// assert_eq!(price.to_string(), "1234.50");
/// assert_eq!(price.in_minor_units(2), Some(123_450));
/// assert_eq!(price.in_minor_units(0), None, "half a unit would be lost");
/// ```
#[derive(Clone, Copy)]
pub struct Decimal {
    coefficient: i128,
    scale: u8,
}

/// Error for a text that is not a decimal number, or has too many digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseDecimalError {
    /// The text is not a number.
    NotANumber,
    /// The number has more digits than a decimal can represent.
    TooManyDigits,
}

impl fmt::Display for ParseDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "expected a decimal number such as 1234.50",
            Self::TooManyDigits => "expected a decimal number of at most 38 digits",
        })
    }
}

impl std::error::Error for ParseDecimalError {}

impl Decimal {
    /// The number zero.
    pub const ZERO: Self = Self { coefficient: 0, scale: 0 };

    /// Returns `coefficient` divided by 10 to the power of `scale`. Returns `None` if `coefficient` has more than 38
    /// digits, or if `scale` is more than 38.
    pub fn new(coefficient: i128, scale: u8) -> Option<Self> {
        (coefficient.unsigned_abs() < TOO_LARGE && scale <= MAX_SCALE).then_some(Self { coefficient, scale })
    }

    /// Converts an amount of minor units, such as cents, to major units. `exponent` is the number of decimal places of
    /// the currency: 2 for cents. Returns `None` if `exponent` is more than 38.
    pub fn from_minor_units(amount: i64, exponent: u8) -> Option<Self> {
        Self::new(i128::from(amount), exponent)
    }

    /// Parses a decimal number such as `1234.50`, `-3` or `1.5e3`.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a number, or has too many digits.
    pub fn parse(text: &str) -> Result<Self, ParseDecimalError> {
        let not_a_number = Err(ParseDecimalError::NotANumber);
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => match exponent.parse::<i32>() {
                Ok(exponent) => (mantissa, exponent),
                // An exponent that consists of digits but does not fit `i32` counts as too large, even for the number
                // zero.
                Err(_) if is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) => {
                    return Err(ParseDecimalError::TooManyDigits);
                }
                Err(_) => return not_a_number,
            },
            None => (text, 0),
        };
        let (is_negative, digits) = match mantissa.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if is_digits(whole) && is_digits(fraction) => (whole, fraction),
            None if is_digits(digits) => (digits, ""),
            _ => return not_a_number,
        };
        let mut coefficient: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            let next = coefficient.checked_mul(10).and_then(|ten| ten.checked_add(i128::from(digit - b'0')));
            coefficient = next.ok_or(ParseDecimalError::TooManyDigits)?;
        }
        let length = i32::try_from(fraction.len()).map_err(|_| ParseDecimalError::TooManyDigits)?;
        let scale = length.checked_sub(exponent).ok_or(ParseDecimalError::TooManyDigits)?;
        let coefficient = if is_negative { -coefficient } else { coefficient };
        Self::scaled(coefficient, scale).ok_or(ParseDecimalError::TooManyDigits)
    }

    /// Returns the number with this coefficient and scale. The scale may be negative or too large, and is then
    /// adjusted. Returns `None` if a digit would be lost.
    fn scaled(mut coefficient: i128, mut scale: i32) -> Option<Self> {
        if coefficient == 0 {
            scale = scale.clamp(0, i32::from(MAX_SCALE));
        }
        while scale < 0 {
            coefficient = coefficient.checked_mul(10)?;
            scale += 1;
        }
        while scale > i32::from(MAX_SCALE) && coefficient % 10 == 0 {
            coefficient /= 10;
            scale -= 1;
        }
        Self::new(coefficient, u8::try_from(scale).ok()?)
    }

    /// Returns the digits without the decimal point, as an integer.
    pub fn coefficient(self) -> i128 {
        self.coefficient
    }

    /// Returns the number of digits after the decimal point, as written.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Returns the sum, or `None` if it has too many digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let widened = |number: Self| number.coefficient.checked_mul(power(scale - number.scale));
        Self::new(widened(self)?.checked_add(widened(other)?)?, scale)
    }

    /// Returns the absolute value, or `None` if it overflows.
    pub fn checked_abs(self) -> Option<Self> {
        Self::new(self.coefficient.checked_abs()?, self.scale)
    }

    /// Returns `true` for a number below zero.
    pub fn is_negative(self) -> bool {
        self.coefficient < 0
    }

    /// Returns the same number without trailing zeros after the decimal point.
    pub fn trimmed(self) -> Self {
        let Self { mut coefficient, mut scale } = self;
        while scale > 0 && coefficient % 10 == 0 {
            coefficient /= 10;
            scale -= 1;
        }
        Self { coefficient, scale }
    }

    /// Returns the number of digits after the decimal point without trailing zeros.
    pub fn fraction_digits(self) -> u8 {
        self.trimmed().scale
    }

    /// Returns the number of digits before the decimal point without leading zeros: 0 for `0.5`.
    pub fn whole_digits(self) -> u32 {
        self.whole_part().unsigned_abs().checked_ilog10().map_or(0, |log| log + 1)
    }

    fn whole_part(self) -> i128 {
        self.coefficient / power(self.scale)
    }

    /// Converts to an integer. Returns `None` if the number has a fraction or overflows.
    pub fn to_integer(self) -> Option<i64> {
        self.in_minor_units(0)
    }

    /// Converts to minor units, such as cents. `exponent` is the number of decimal places of the currency: 2 for cents.
    /// Returns `None` if a digit would be lost, or if the number overflows.
    pub fn in_minor_units(self, exponent: u8) -> Option<i64> {
        let Self { coefficient, scale } = self.trimmed();
        let missing = exponent.checked_sub(scale).filter(|missing| *missing <= MAX_SCALE)?;
        coefficient.checked_mul(power(missing))?.try_into().ok()
    }
}

/// Returns 10 to the power of `exponent`. An exponent of more than 38 counts as 38, so the result fits into 128 bits.
fn power(exponent: u8) -> i128 {
    10_i128.pow(u32::from(exponent.min(MAX_SCALE)))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Default for Decimal {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self { coefficient: i128::from(number), scale: 0 }
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, ParseDecimalError> {
        Self::parse(text)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.coefficient.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let sign = if self.coefficient < 0 { "-" } else { "" };
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        let (own, other) = (self.trimmed(), other.trimmed());
        (own.coefficient, own.scale) == (other.coefficient, other.scale)
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let own = self.trimmed();
        (own.coefficient, own.scale).hash(state);
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // Both fractions get 38 digits. This cannot overflow, because each fraction is less than one.
        let fraction = |of: &Self| (of.coefficient % power(of.scale)) * power(MAX_SCALE - of.scale);
        self.whole_part().cmp(&other.whole_part()).then_with(|| fraction(self).cmp(&fraction(other)))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Serializes the decimal as a JSON number with the digits that `Display` writes.
impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::value::RawValue::from_string(self.to_string()) {
            Ok(digits) => digits.serialize(serializer),
            // This case cannot occur: digits, a decimal point and a sign are valid JSON.
            Err(error) => Err(serde::ser::Error::custom(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_is_lost() {
        for text in [
            "0",
            "1234.50",
            "-0.01",
            "0.10000000000000000000000000000000000001",
            "12345678901234567890123456789012345678",
            "9007199254740993",
            "0.1",
        ] {
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!(decimal.to_string(), text);
            assert_eq!(serde_json::to_string(&decimal).unwrap(), text);
        }
        for (text, written) in [("1.5e3", "1500"), ("1.5E+1", "15"), ("15e-1", "1.5"), ("0e999", "0"), ("+7", "7")] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), written, "{text}");
        }
    }

    #[test]
    fn lost_digits_and_invalid_texts_are_errors() {
        let too_long = [
            "1e99",
            "0.1e-38",
            "1e38",
            "100000000000000000000000000000000000000",
            "-1.23456789012345678901234567890123456789",
            "123456789012345678901234567890123456789012",
            "1e99999999999",
        ];
        for text in too_long {
            assert_eq!(Decimal::parse(text), Err(ParseDecimalError::TooManyDigits), "{text}");
        }
        let most = Decimal::parse("99999999999999999999999999999999999999").unwrap();
        assert_eq!(most.checked_add(Decimal::from(1)), None);
        for text in ["", ".", "1.", ".5", "1,000", "NaN", "inf", "0x1", "1 ", "--1", "1e", "1e+-5", "e5", "1.5.1"] {
            assert_eq!(Decimal::parse(text), Err(ParseDecimalError::NotANumber), "{text}");
        }
    }

    #[test]
    fn numbers_are_compared_by_their_value() {
        let of = |text: &str| Decimal::parse(text).unwrap();
        assert_eq!(of("1.50"), of("1.5"));
        assert_eq!(of("-0"), of("0.00"));
        let sorted = ["-2", "-1.5", "-0.1", "0", "0.01", "0.1", "1", "1.05", "1.5", "99999999999999999999999999"];
        for pair in sorted.windows(2) {
            assert!(of(pair[0]) < of(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn minor_units_are_exact_or_none() {
        let of = |text: &str| Decimal::parse(text).unwrap();
        assert_eq!(of("10.00").in_minor_units(0), Some(10));
        assert_eq!(of("10.5").in_minor_units(2), Some(1_050));
        assert_eq!(of("10.555").in_minor_units(2), None);
        assert_eq!(of("-0.99").in_minor_units(2), Some(-99));
        assert_eq!(of("92233720368547758.08").in_minor_units(2), None);
        assert_eq!(of("1000").to_integer(), Some(1000));
        assert_eq!((of("0.05").whole_digits(), of("120.5").whole_digits()), (0, 3));
        assert_eq!(Decimal::from_minor_units(1_050, 2), Some(of("10.5")));
    }
}
