//! Evaluation of computed values. A [`ValueSource`] supplies the parts, so that the client that sends a value and the
//! server that checks it share this code.

use super::{Computed, Hash, KeyForm, Make, Piece, RandomForm, Written};
use crate::secret::SecretText;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
#[cfg(feature = "client")]
use rules::OffsetDateTime;
use rules::TimeFormat;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// Source of the parts of computed values. In [`now`](Self::now), [`random`](Self::random) and [`token`](Self::token),
/// `index` is the index of the computed value.
pub(crate) trait ValueSource {
    fn credential(&self, index: usize) -> Option<&str>;

    /// Returns a part of the request or message. Returns `None` if the value cannot be computed without it.
    fn part(&self, piece: Piece) -> Option<Cow<'_, [u8]>>;

    fn now(&self, index: usize, format: TimeFormat<'static>) -> Option<String>;

    fn random(&self, index: usize, form: RandomForm) -> Option<String> {
        let _ = (index, form);
        None
    }

    fn token(&self, index: usize) -> Option<&str>;
}

/// Computed values of one attempt. Each is computed once, so that the time that is signed is also the time that is
/// sent.
pub(crate) struct Values<'a, S> {
    computed: &'static [Computed],
    source: &'a S,
    made: Vec<Option<SecretText>>,
}

impl<'a, S: ValueSource> Values<'a, S> {
    pub(crate) fn new(computed: &'static [Computed], source: &'a S) -> Self {
        Self { computed, source, made: Vec::new() }
    }

    /// Sets the values that were computed before, so that they are not computed again.
    #[cfg(feature = "client")]
    pub(crate) fn having(self, made: Vec<Option<SecretText>>) -> Self {
        Self { made, ..self }
    }

    /// Returns the times and random texts that were computed. All other values can be computed again.
    #[cfg(feature = "client")]
    pub(crate) fn drawn(&self) -> Vec<Option<SecretText>> {
        let is_drawn =
            |index: usize| self.computed.get(index).is_some_and(|of| matches!(of.make, Make::Now(_) | Make::Random(_)));
        self.made.iter().enumerate().map(|(index, made)| made.clone().filter(|_| is_drawn(index))).collect()
    }

    #[cfg(feature = "client")]
    pub(crate) fn into_made(self) -> Vec<Option<SecretText>> {
        self.made
    }

    /// Returns the value with this index, or `None` if one of its parts is absent or its key cannot be used.
    pub(crate) fn value(&mut self, index: usize) -> Option<SecretText> {
        if let Some(Some(made)) = self.made.get(index) {
            return Some(made.clone());
        }
        let value = match self.computed.get(index)?.make {
            Make::Text(pieces) => text(self.joined(pieces)?)?,
            Make::Base64(pieces) => SecretText::from(STANDARD.encode(&*self.joined(pieces)?)),
            Make::Md5 { over, written } => written.write(&*md5::compute(&*self.joined(over)?)),
            Make::Hash { hash, over, written } => written.write(&hash.of(&self.joined(over)?)),
            Make::Hmac { hash, key, key_form, over, written } => {
                let key = key_form.read(self.joined(&[key])?)?;
                written.write(&hash.keyed(&key, &self.joined(over)?))
            }
            Make::Now(format) => SecretText::from(self.source.now(index, format)?),
            Make::Random(form) => SecretText::from(self.source.random(index, form)?),
            Make::Token(_) => SecretText::from(self.source.token(index)?),
        };
        self.made.resize(self.made.len().max(index + 1), None);
        self.made[index] = Some(value.clone());
        Some(value)
    }

    fn joined(&mut self, pieces: &[Piece]) -> Option<Zeroizing<Vec<u8>>> {
        let mut all = Zeroizing::new(Vec::new());
        for piece in pieces {
            match *piece {
                Piece::Text(text) => all.extend_from_slice(text.as_bytes()),
                Piece::Credential(index) => all.extend_from_slice(self.source.credential(index)?.as_bytes()),
                Piece::Computed(index) => all.extend_from_slice(self.value(index)?.expose().as_bytes()),
                other => all.extend_from_slice(&self.source.part(other)?),
            }
        }
        Some(all)
    }

    /// Returns the values that must not be shown.
    #[cfg(feature = "client")]
    pub(crate) fn secrets(&self) -> impl Iterator<Item = SecretText> {
        let secret = self.computed.iter().zip(&self.made).filter(|(of, _)| of.secret);
        secret.filter_map(|(_, made)| made.clone())
    }
}

fn text(bytes: Zeroizing<Vec<u8>>) -> Option<SecretText> {
    std::str::from_utf8(&bytes).ok().map(SecretText::from)
}

impl KeyForm {
    /// Returns the bytes of the key, or `None` if the text is not valid base64. Also returns `None` if the key is
    /// blank, because any sender can sign with an empty key.
    fn read(self, text: Zeroizing<Vec<u8>>) -> Option<Zeroizing<Vec<u8>>> {
        let key = match self {
            Self::Text => text,
            Self::Base64 { after } => {
                let key = text.strip_prefix(after.as_bytes()).unwrap_or(&text);
                Zeroizing::new(STANDARD.decode(key.trim_ascii()).ok()?)
            }
        };
        (!key.trim_ascii().is_empty()).then_some(key)
    }
}

impl Hash {
    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => hmac_sha256::Hash::hash(bytes).to_vec(),
            Self::Sha512 => hmac_sha512::Hash::hash(bytes).to_vec(),
        }
    }

    fn keyed(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => hmac_sha256::HMAC::mac(bytes, key).to_vec(),
            Self::Sha512 => hmac_sha512::HMAC::mac(bytes, key).to_vec(),
        }
    }
}

impl Written {
    fn write(self, bytes: &[u8]) -> SecretText {
        let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
        SecretText::from(match self {
            Self::Hex => bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect(),
            Self::Base64 => STANDARD.encode(bytes),
        })
    }
}

#[cfg(feature = "client")]
impl RandomForm {
    pub(crate) fn draw(self) -> String {
        let uuid = crate::random::uuid_text();
        match self {
            Self::Uuid => uuid,
            Self::Hex => uuid.replace('-', ""),
        }
    }
}

/// Returns a time in the notation and time zone of `format`.
#[cfg(feature = "client")]
pub(crate) fn written_time(format: TimeFormat<'static>, time: std::time::SystemTime) -> Option<String> {
    let mut written = String::new();
    let time = OffsetDateTime::from(time).with_offset(format.offset)?;
    format.write_moment(time, &mut written).ok()?;
    Some(written)
}

#[cfg(all(test, feature = "client"))]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    struct Parts;

    impl ValueSource for Parts {
        fn credential(&self, index: usize) -> Option<&str> {
            ["Aladdin", "open sesame", "key"].get(index).copied()
        }

        fn part(&self, piece: Piece) -> Option<Cow<'_, [u8]>> {
            (piece == Piece::Body).then_some(Cow::Borrowed(b"what do ya want for nothing?"))
        }

        fn now(&self, _: usize, format: TimeFormat<'static>) -> Option<String> {
            written_time(format, SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        }

        fn token(&self, _: usize) -> Option<&str> {
            None
        }
    }

    fn value(computed: &'static [Computed]) -> Option<String> {
        Values::new(computed, &Parts).value(computed.len() - 1).map(|value| value.expose().to_owned())
    }

    const fn of(make: Make) -> Computed {
        Computed { name: "value", make, secret: true }
    }

    #[test]
    fn published_test_vectors_are_reproduced() {
        // RFC 7617
        static BASIC: [Computed; 1] =
            [of(Make::Base64(&[Piece::Credential(0), Piece::Text(":"), Piece::Credential(1)]))];
        assert_eq!(value(&BASIC).as_deref(), Some("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        // RFC 4231, test case 2
        static HMAC: [Computed; 1] = [of(Make::Hmac {
            hash: Hash::Sha256,
            key: Piece::Text("Jefe"),
            key_form: KeyForm::Text,
            over: &[Piece::Body],
            written: Written::Hex,
        })];
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(value(&HMAC).as_deref(), Some(expected));
        static HMAC_512: [Computed; 1] = [of(Make::Hmac {
            hash: Hash::Sha512,
            key: Piece::Text("Jefe"),
            key_form: KeyForm::Text,
            over: &[Piece::Body],
            written: Written::Hex,
        })];
        assert!(
            value(&HMAC_512).is_some_and(
                |made| made.starts_with("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554")
            )
        );
        static SHA_512: [Computed; 1] = [of(Make::Hash {
            hash: Hash::Sha512,
            over: &[Piece::Text("ab"), Piece::Text("c")],
            written: Written::Base64,
        })];
        assert!(
            value(&SHA_512)
                .is_some_and(|made| made.starts_with("3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj"))
        );
    }

    #[test]
    fn the_test_suite_of_md5_is_reproduced() {
        macro_rules! md5 {
            ($text:literal, $written:ident) => {{
                static MD5: [Computed; 1] = [of(Make::Md5 { over: &[Piece::Text($text)], written: Written::$written })];
                value(&MD5)
            }};
        }
        // RFC 1321, A.5
        let vectors = [
            (md5!("", Hex), "d41d8cd98f00b204e9800998ecf8427e"),
            (md5!("a", Hex), "0cc175b9c0f1b6a831c399e269772661"),
            (md5!("abc", Hex), "900150983cd24fb0d6963f7d28e17f72"),
            (md5!("message digest", Hex), "f96b697d7cb7938d525a2f31aaf161d0"),
            (md5!("abcdefghijklmnopqrstuvwxyz", Hex), "c3fcd3d76192e4007dfb496cca67e13b"),
            (
                md5!("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", Hex),
                "d174ab98d277d9f5a5611c2c9f419d9f",
            ),
            (
                md5!("12345678901234567890123456789012345678901234567890123456789012345678901234567890", Hex),
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
            (md5!("abc", Base64), "kAFQmDzST7DWlj99KOF/cg=="),
        ];
        for (made, expected) in vectors {
            assert_eq!(made.as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_time_is_computed_once_and_signed_as_it_is_sent() {
        static SIGNED: [Computed; 2] = [
            of(Make::Now(TimeFormat { pattern: "yyyyMMddHHmmss", offset: 9 * 3600 })),
            of(Make::Text(&[Piece::Text("t="), Piece::Computed(0)])),
        ];
        assert_eq!(value(&SIGNED).as_deref(), Some("t=20231115071320"));
        static SECONDS: [Computed; 1] = [of(Make::Now(TimeFormat { pattern: "unix_seconds", offset: 0 }))];
        assert_eq!(value(&SECONDS).as_deref(), Some("1700000000"));
    }

    #[test]
    fn a_value_with_a_missing_part_is_not_computed() {
        static LACKS: [Computed; 1] = [of(Make::Text(&[Piece::Header("x-time")]))];
        assert_eq!(value(&LACKS), None);
    }

    #[test]
    fn a_key_in_base64_is_decoded_without_its_prefix() {
        let read = |text: &str| KeyForm::Base64 { after: "whsec_" }.read(Zeroizing::new(text.as_bytes().to_vec()));
        for text in ["whsec_SmVmZQ==", "SmVmZQ=="] {
            assert_eq!(read(text).as_deref().map(Vec::as_slice), Some(&b"Jefe"[..]), "{text}");
        }
        for text in ["whsec_Jefe!", "whsec_SmVmZQ", "sk_SmVmZQ=="] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
