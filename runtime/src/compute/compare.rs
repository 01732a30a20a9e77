//! Comparison of a received value with the computed value, in constant time.

use super::{Computed, Make, Written};
use subtle::ConstantTimeEq;

/// Returns `true` if a received value equals the computed value. The duration of the comparison does not depend on the
/// position of a difference. The comparison ignores the case of hexadecimal hashes. An empty value is never equal.
pub(crate) fn is_same(of: &Computed, made: &str, given: &str) -> bool {
    let is_hex = match of.make {
        Make::Md5 { written, .. } | Make::Hash { written, .. } | Make::Hmac { written, .. } => written == Written::Hex,
        _ => false,
    };
    match is_hex {
        true => is_same_hex(made, given),
        false => !made.is_empty() && made.as_bytes().ct_eq(given.as_bytes()).into(),
    }
}

/// Returns `true` if two hashes in hexadecimal are equal, regardless of case.
fn is_same_hex(made: &str, given: &str) -> bool {
    if made.is_empty() || made.len() != given.len() {
        return false;
    }
    let same = made
        .bytes()
        .zip(given.bytes())
        .fold(subtle::Choice::from(1), |same, (a, b)| same & a.to_ascii_lowercase().ct_eq(&b.to_ascii_lowercase()));
    same.into()
}

#[cfg(test)]
mod tests {
    use super::super::Hash;
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_hash_is_recognized_in_either_case_and_nothing_else_is() {
        assert!(is_same_hex(ABC, ABC));
        assert!(is_same_hex(ABC, &ABC.to_uppercase()));
        assert!(!is_same_hex(ABC, &ABC[1..]));
        assert!(!is_same_hex(ABC, &format!("{ABC}0")));
        assert!(!is_same_hex(ABC, &ABC.replacen('b', "c", 1)));
        // Differences in several places do not cancel out.
        for wrong in 2..=ABC.len() {
            let bent: String = ABC.chars().enumerate().map(|(n, c)| if n < wrong { 'x' } else { c }).collect();
            assert!(!is_same_hex(ABC, &bent), "{bent}");
        }
        assert!(!is_same_hex("", ""));
        assert!(!is_same_hex(ABC, ""));
    }

    #[test]
    fn only_hexadecimal_is_recognized_in_either_case() {
        let of = |written| Computed {
            name: "value",
            make: Make::Hash { hash: Hash::Sha256, over: &[], written },
            secret: true,
        };
        let (hex, base64) = (of(Written::Hex), of(Written::Base64));
        assert!(is_same(&hex, "ab", "AB") && is_same(&base64, "aB", "aB"));
        assert!(!is_same(&base64, "aB", "ab") && !is_same(&base64, "", "") && !is_same(&hex, "", ""));
    }
}
