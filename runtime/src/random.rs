//! Random identifiers.

/// Returns a random UUID of 36 characters, in lower case and with hyphens.
pub fn uuid_text() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_is_new_and_of_the_usual_shape() {
        let (one, other) = (super::uuid_text(), super::uuid_text());
        assert_ne!(one, other);
        assert_eq!(one.len(), 36);
        assert!(one.chars().all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c)), "{one}");
    }
}
