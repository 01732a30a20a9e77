//! Tests of keywords, of the parts of computed values, and of the encoding of spec files.

use pagespec_codegen::source::Sources;
use pagespec_codegen::spec::{
    Advice, Coding, Encoding, Format, Generated, Method, Part, RecoveryClass, Sensitivity, Source, StatusOutcome,
    Verdict,
};
use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs;

/// Returns the keywords of an enumeration, as its JSON Schema lists them.
fn keywords<T: JsonSchema>() -> Vec<String> {
    let schema = schema_for!(T).to_value();
    let plain = schema["enum"].as_array().into_iter().flatten();
    let documented = schema["oneOf"].as_array().into_iter().flatten();
    let documented = documented.flat_map(|form| match form.get("const") {
        Some(keyword) => vec![keyword],
        None => form["enum"].as_array().into_iter().flatten().collect(),
    });
    plain.chain(documented).filter_map(Value::as_str).map(str::to_owned).collect()
}

fn are_published_as_written<T: JsonSchema + DeserializeOwned>(published: fn(T) -> &'static str) {
    let keywords = keywords::<T>();
    assert!(!keywords.is_empty(), "{} has no keywords", T::schema_name());
    for keyword in keywords {
        let value = serde_yaml::from_str(&keyword).expect("the schema lists keywords of the language");
        assert_eq!(published(value), keyword);
    }
}

#[test]
fn keywords_are_published_as_a_spec_file_spells_them() {
    are_published_as_written(Method::as_str);
    are_published_as_written(RecoveryClass::as_str);
    are_published_as_written(Verdict::as_str);
    are_published_as_written(Encoding::as_str);
    are_published_as_written(Format::as_str);
    are_published_as_written(Generated::as_str);
    are_published_as_written(Coding::as_str);
    are_published_as_written(StatusOutcome::as_str);
    are_published_as_written(Sensitivity::as_str);
    are_published_as_written(Source::as_str);
    are_published_as_written(Advice::as_str);
}

#[test]
fn a_part_is_a_name_a_place_or_a_text() {
    assert_eq!(Part::read("secret_key"), Part::Name("secret_key".into()));
    assert_eq!(Part::read("'refund'"), Part::Text("refund".into()));
    for text in [":", "Basic ", ".", "|", ""] {
        assert_eq!(Part::read(text), Part::Text(text.into()));
    }
    assert_eq!(Part::read("path.shopId"), Part::Path("shopId".into()));
    assert_eq!(Part::read("body.data"), Part::Body("data".into()));
    assert_eq!(Part::read("raw_body"), Part::RawBody);
}

/// Reads a spec whose only file has these bytes.
fn read(bytes: &[u8]) -> Sources {
    let root = tempfile::tempdir().expect("a folder can be made");
    fs::create_dir(root.path().join("shop")).expect("a folder can be made");
    fs::write(root.path().join("shop/api.yaml"), bytes).expect("a file can be written");
    Sources::read(root.path(), "spec").expect("the folder can be read")
}

#[test]
fn utf_8_is_read_without_its_byte_order_mark_and_otherwise_unchanged() {
    for text in ["", "a", "api: 가\n", "\u{feff}api: x", "\0"] {
        let sources = read(text.as_bytes());
        assert_eq!(sources.0[0].text, text.trim_start_matches('\u{feff}'));
        assert!(sources.0[0].undecoded.is_none(), "{text:?}");
    }
}

#[test]
fn the_problem_names_another_encoding_the_first_invalid_byte_and_the_correction() {
    let utf_16: Vec<u8> = "api: shop".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, what, at, hint) in [
        (b"title: \xbb\xf3\xc1\xa1".to_vec(), "0xBB; the encoding may be EUC-KR (CP949)", 7, "iconv -f CP949"),
        (b"title: caf\xe9\n".to_vec(), "0xE9; the encoding may be Latin-1 (Windows-1252)", 10, "iconv -f WINDOWS-1252"),
        ([b"\xff\xfe", utf_16.as_slice()].concat(), "this file is UTF-16", 0, "iconv -f UTF-16"),
        (utf_16, "this file is UTF-16", 0, "iconv -f UTF-16"),
        (
            ["title: 가게\n".as_bytes(), b"# \xb9\xe8\xbc\xdb\n"].concat(),
            "0xB9; the encoding may be EUC-KR (CP949)",
            16,
            "retype the text of this line",
        ),
        (b"title: \x95\xa5\x82\xa2".to_vec(), "0x95", 7, "in an editor that displays its letters"),
    ] {
        let sources = read(&bytes);
        let undecoded = sources.0[0].undecoded.as_ref().expect("it is not UTF-8");
        assert!(undecoded.what.contains(what), "{}", undecoded.what);
        assert_eq!(undecoded.at.start, at, "{what}");
        assert!(undecoded.hint.contains(hint), "{}", undecoded.hint);
    }
}
