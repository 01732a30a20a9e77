//! SHA-256 over texts, and comparison with a received hash.

use hmac_sha256::Hash;
use subtle::ConstantTimeEq;

/// Returns the SHA-256 of the concatenated parts, in lower-case hexadecimal.
pub fn sha256_hex(parts: &[&str]) -> String {
    let mut hash = Hash::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    hash.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Returns `true` if `given` equals `expected_hex`, regardless of case. Takes the same time wherever the two differ. An
/// empty `expected_hex` equals nothing.
pub fn hex_equal(expected_hex: &str, given: &str) -> bool {
    if expected_hex.is_empty() || expected_hex.len() != given.len() {
        return false;
    }
    let same = expected_hex
        .bytes()
        .zip(given.bytes())
        .fold(subtle::Choice::from(1), |same, (a, b)| same & a.to_ascii_lowercase().ct_eq(&b.to_ascii_lowercase()));
    same.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_parts_are_hashed_without_a_separator() {
        assert_eq!(sha256_hex(&["abc"]), ABC);
        assert_eq!(sha256_hex(&["a", "", "bc"]), ABC);
        // Published test credentials, and a name.
        let parts = [
            "4f18e5c2-de8b-454c-a871-b8f2111134c3",
            "307a52ff0e29cb008a0ceae48ed48ac047a65a621681cbe4832e43fbbb23ce4b",
            "shop-1",
        ];
        assert_eq!(sha256_hex(&parts), "dfca5415b6d56e9f6ad80deab7cb2e23f34295d3588d116bbbb138714b327481");
        assert_eq!(sha256_hex(&[]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn a_hash_is_recognized_in_either_case_and_nothing_else_is() {
        assert!(hex_equal(ABC, ABC));
        assert!(hex_equal(ABC, &ABC.to_uppercase()));
        assert!(!hex_equal(ABC, &ABC[1..]));
        assert!(!hex_equal(ABC, &format!("{ABC}0")));
        assert!(!hex_equal(ABC, &ABC.replacen('b', "c", 1)));
        // Differences in several places do not cancel out.
        for wrong in 2..=ABC.len() {
            let bent: String = ABC.chars().enumerate().map(|(n, c)| if n < wrong { 'x' } else { c }).collect();
            assert!(!hex_equal(ABC, &bent), "{bent}");
        }
        assert!(!hex_equal("", ""));
        assert!(!hex_equal(ABC, ""));
    }
}
