//! Encodings in which the length of a text is counted in bytes.

/// Encoding in which the bytes of a text are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8.
    Utf8,
    /// EUC-KR as used in practice, with all Korean syllables (CP949, also called MS949 and UHC).
    EucKr,
}

/// One bit for each code point up to U+FFFF, set if EUC-KR has the character. A test compares this table with
/// `encoding_rs`.
const EUC_KR: &[u8; 8192] = include_bytes!("euc_kr.bits");

impl TextEncoding {
    /// Returns the name of the encoding.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::EucKr => "EUC-KR",
        }
    }

    /// Returns the unit of a length for a message, such as "bytes of UTF-8".
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Utf8 => "bytes of UTF-8",
            Self::EucKr => "bytes of EUC-KR",
        }
    }

    /// Returns the number of bytes of a character, or `None` if the encoding lacks the character.
    pub fn length_of(self, character: char) -> Option<usize> {
        match self {
            Self::Utf8 => Some(character.len_utf8()),
            Self::EucKr if character.is_ascii() => Some(1),
            Self::EucKr => {
                let code = usize::try_from(u32::from(character)).ok()?;
                let byte = EUC_KR.get(code / 8)?;
                (byte >> (code % 8) & 1 == 1).then_some(2)
            }
        }
    }

    /// Returns the number of bytes of a text.
    ///
    /// # Errors
    ///
    /// Returns the first character that the encoding lacks, and its position in the text. The first character has
    /// position 1.
    pub fn length(self, text: &str) -> Result<usize, (usize, char)> {
        if self == Self::Utf8 {
            return Ok(text.len());
        }
        text.chars().zip(1..).try_fold(0, |sum, (character, position)| {
            self.length_of(character).map(|length| sum + length).ok_or((position, character))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euc_kr_has_the_same_characters_as_in_encoding_rs() {
        for character in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let text = character.to_string();
            let (bytes, _, is_replaced) = encoding_rs::EUC_KR.encode(&text);
            let expected = (!is_replaced).then_some(bytes.len());
            assert_eq!(
                TextEncoding::EucKr.length_of(character),
                expected,
                "{character:?} U+{:04X}",
                u32::from(character)
            );
        }
    }

    #[test]
    fn a_text_is_counted_in_bytes() {
        assert_eq!(TextEncoding::EucKr.length("가a 똠"), Ok(6));
        assert_eq!(TextEncoding::Utf8.length("가a"), Ok(4));
        assert_eq!(TextEncoding::EucKr.length("가é"), Err((2, 'é')));
        assert_eq!(TextEncoding::EucKr.length("😀"), Err((1, '😀')));
    }
}
