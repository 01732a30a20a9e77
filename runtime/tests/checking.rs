//! Tests of each rule, with a value at the limit and a value just beyond it, and tests of the messages.

use pagespec_runtime::__private as rt;

use rt::{Check, Format, IntegerRules, OffsetDateTime, Rule, TextRules, Validate, Violations};

fn text(value: &str, rules: TextRules) -> Result<(), Violations> {
    let mut check = Check::new();
    check.text("field", value, &rules);
    check.finish()
}

fn only(result: Result<(), Violations>) -> rt::Violation {
    let mut violations = result.expect_err("a rule is broken").into_iter();
    let violation = violations.next().expect("an error has at least one violation");
    assert_eq!(violations.next(), None);
    violation
}

fn integer(value: i64, rules: IntegerRules) -> Result<(), Violations> {
    let mut check = Check::new();
    check.integer("field", value, &rules);
    check.finish()
}

#[test]
fn the_longest_text_is_counted_in_characters_in_korean_too() {
    let rules = TextRules { max: Some(5), ..TextRules::NONE };
    for value in ["", "12345", "가나다라마", "가나다45", "😀😀😀😀😀"] {
        assert_eq!(text(value, rules), Ok(()), "{value}");
    }
    for value in ["123456", "가나다라마바", "12345가"] {
        let violation = only(text(value, rules));
        assert_eq!(violation.rule(), &Rule::TooLong { max: 5, actual: 6, unit: "characters", composed: None });
        assert_eq!(violation.to_string(), "field: at most 5 characters are allowed, 6 were given");
    }
}

#[test]
fn the_error_for_a_decomposed_text_reports_the_composed_length() {
    // The text is decomposed, as file names on macOS are.
    let decomposed = "\u{1112}\u{1161}\u{11ab}".repeat(86);
    let rules = TextRules { max: Some(255), ..TextRules::NONE };
    let violation = only(text(&decomposed, rules));
    let composed = Some(86);
    assert_eq!(violation.rule(), &Rule::TooLong { max: 255, actual: 258, unit: "characters", composed });
    let said = violation.to_string();
    assert!(said.starts_with("field: at most 255 characters are allowed, 258 were given; "), "{said}");
    assert!(said.contains("NFD") && said.ends_with("normalized to NFC it has 86"), "{said}");
    assert_eq!(text(&"한".repeat(86), rules), Ok(()));
    // In the composed length, a combining mark counts as part of its letter. For a text that is not decomposed, the
    // message has no hint.
    let accents = only(text(&"e\u{301}".repeat(3), TextRules { max: Some(5), ..rules }));
    assert!(accents.to_string().ends_with("it has 3"), "{accents}");
    let composed = only(text(&"é".repeat(6), TextRules { max: Some(5), ..rules }));
    assert!(composed.to_string().ends_with("6 were given"), "{composed}");
}

#[test]
fn a_text_without_visible_characters_is_blank() {
    let rules = TextRules { not_blank: true, ..TextRules::NONE };
    for blank in [
        "",
        " ",
        "\u{3164}",
        "\u{200b}",
        "\u{feff}\u{a0}",
        "\u{ad}",
        "\u{2800}",
        "\u{115f}\u{1160}",
        "\u{202e}",
        "\u{0}",
    ] {
        assert_eq!(only(text(blank, rules)).rule(), &Rule::Blank, "{blank:?}");
    }
    for seen in ["a", "\u{200b}가", " .", "👩\u{200d}💻", "❤\u{fe0f}"] {
        assert_eq!(text(seen, rules), Ok(()), "{seen:?}");
    }
}

#[test]
fn the_shortest_text_is_counted_in_characters_too() {
    let rules = TextRules { min: 3, ..TextRules::NONE };
    assert_eq!(text("가나다", rules), Ok(()));
    assert_eq!(text("123", rules), Ok(()));
    let violation = only(text("가나", rules));
    assert_eq!(violation.to_string(), "field: at least 3 characters are needed, 2 were given");
    let rules = TextRules { min: 1, not_blank: true, format: Some(Format::PathSegment), ..TextRules::NONE };
    assert_eq!(only(text("", rules)).to_string(), "field: at least 1 character is needed, 0 were given");
}

#[test]
fn the_first_character_that_is_not_allowed_is_reported_with_its_position() {
    let digits = ((1_u128 << 10) - 1) << b'0';
    let characters = rt::CharacterSet { ascii: digits, hangul: true, others: false };
    let rules = TextRules { characters, characters_doc: "digits, Korean", ..TextRules::NONE };
    assert_eq!(text("0123456789가힣ㄱ", rules), Ok(()));
    let violation = only(text("가1x y", rules));
    assert_eq!(violation.to_string(), "field: 'x' at position 3 is not allowed; allowed: digits, Korean");
    assert_eq!(only(text("1é", rules)).to_string(), "field: 'é' at position 2 is not allowed; allowed: digits, Korean");
    let violation = only(text("1\n", rules)).to_string();
    assert!(!violation.contains('\n'), "{violation}");
}

#[test]
fn a_blank_text_is_rejected_where_a_visible_character_is_required() {
    let rules = TextRules { not_blank: true, ..TextRules::NONE };
    assert_eq!(text(" x ", rules), Ok(()));
    for value in ["", " ", "\t\u{3000}"] {
        assert_eq!(only(text(value, rules)).rule(), &Rule::Blank);
    }
}

#[test]
fn a_url_must_be_valid() {
    let rules = TextRules { format: Some(Format::HttpUrl), ..TextRules::NONE };
    assert_eq!(text("https://상점.example/완료", rules), Ok(()));
    assert_eq!(
        only(text("shop.example", rules)).to_string(),
        "field: this must be a URL that begins with http:// or https:// and names a host"
    );
}

#[test]
fn a_path_segment_names_no_other_resource() {
    let rules = TextRules { format: Some(Format::PathSegment), ..TextRules::NONE };
    for value in ["a", "...", "a/b", "%2e"] {
        assert_eq!(text(value, rules), Ok(()), "{value}");
    }
    for value in ["", ".", ".."] {
        assert!(text(value, rules).is_err(), "{value}");
    }
}

#[test]
fn a_value_given_by_mistake_is_reported_as_the_only_violation() {
    let rules =
        TextRules { max: Some(3), mistaken: &[("test_", "this is a key of the other service")], ..TextRules::NONE };
    assert_eq!(only(text("test_12345", rules)).to_string(), "field: this is a key of the other service");
}

#[test]
fn no_message_shows_a_sensitive_value() {
    let rules = TextRules {
        max_bytes: None,
        min: 9,
        max: Some(3),
        characters: rt::CharacterSet { ascii: 0, hangul: false, others: false },
        characters_doc: "none",
        not_blank: true,
        format: Some(Format::HttpUrl),
        mistaken: &[("other_canary", "another key")],
        sensitive: true,
    };
    for value in ["Canary!", "other_canary", "canary\u{1}"] {
        let violations = text(value, rules).expect_err("every rule is broken");
        let shown = format!("{violations} {violations:?} {violations:#?}").to_lowercase();
        assert!(!shown.contains("canary") && !shown.contains("'c'"), "{shown}");
    }
    let rules = IntegerRules { min: Some(0), max: Some(9), digits: Some(1), sensitive: true };
    for value in [-4711, 4711] {
        let violations = integer(value, rules).expect_err("a rule is broken");
        assert!(!format!("{violations} {violations:?}").contains("4711"));
    }
}

#[test]
fn an_integer_keeps_its_limits() {
    let rules = IntegerRules { min: Some(1), max: Some(9_999_999), digits: Some(7), sensitive: false };
    assert_eq!(integer(1, rules), Ok(()));
    assert_eq!(integer(9_999_999, rules), Ok(()));
    assert_eq!(only(integer(0, rules)).to_string(), "field: at least 1 is needed, 0 was given");
    assert_eq!(
        only(integer(10_000_000, rules)).to_string(),
        "field: at most 9999999 (7 digits) is allowed, 10000000 was given"
    );
    assert_eq!(integer(i64::MIN, IntegerRules::NONE), Ok(()));
}

fn sum(total: i64, parts: [Option<i64>; 3]) -> Result<(), Violations> {
    let [free, taxable, vat] = parts;
    let mut check = Check::new();
    check.sum("amount", Some(total), &[("free", free), ("taxable", taxable), ("vat", vat)], &["taxable", "vat"]);
    check.finish()
}

#[test]
fn parts_do_not_exceed_their_total_and_equal_it_when_all_are_given() {
    assert_eq!(sum(1000, [None, None, None]), Ok(()));
    assert_eq!(sum(1000, [Some(100), None, None]), Ok(()));
    assert_eq!(sum(1000, [Some(0), Some(909), Some(91)]), Ok(()));
    assert_eq!(sum(1000, [None, Some(909), Some(91)]), Ok(()));
    assert_eq!(
        only(sum(1000, [Some(1001), None, None])).to_string(),
        "amount: the parts of amount add up to 1001, which is more than 1000"
    );
    let short = only(sum(1000, [None, Some(900), Some(91)]));
    assert_eq!(short.path(), "amount");
    assert_eq!(short.rule(), &Rule::Sum { total: "amount", expected: 1000, actual: 991, exact: true });
    assert!(sum(i64::MAX, [Some(i64::MAX), Some(i64::MAX), Some(i64::MAX)]).is_err());
    assert!(sum(i64::MIN, [Some(i64::MIN), Some(i64::MIN), Some(i64::MIN)]).is_err());
}

#[test]
fn a_time_is_ahead_but_not_too_far() {
    let time = |text: &str| OffsetDateTime::parse(&format!("{text}+09:00")).expect("a time");
    let now = time("2026-11-23 14:00:00.7");
    let judge = |text: &str| {
        let mut check = Check::at(now.into());
        check.not_later_than("until", time(text), 60);
        check.finish()
    };
    assert_eq!(judge("2026-11-23 14:00:00"), Ok(()));
    assert_eq!(judge("2026-11-23 15:00:00"), Ok(()));
    assert_eq!(only(judge("2026-11-23 15:00:01")).rule(), &Rule::TooLate { limit_minutes: 60 });
    assert_eq!(only(judge("2026-11-23 13:59:59")).rule(), &Rule::InThePast);
    let mut check = Check::new();
    check.not_later_than("until", OffsetDateTime::now().plus_minutes(30), 60);
    assert_eq!(check.finish(), Ok(()));
}

struct Card {
    number: &'static str,
    inner: Vec<Card>,
}

impl Validate for Card {
    fn check(&self, check: &mut Check<'_>) {
        check.text("number", self.number, &TextRules { max: Some(2), ..TextRules::NONE });
        check.list("inner", 0, Some(2), &self.inner);
    }
}

#[test]
fn every_violation_is_reported_with_its_path() {
    let card = |number, inner| Card { number, inner };
    let deep = card("1", vec![card("22", vec![]), card("333", vec![card("4444", vec![])])]);
    let mut check = Check::new();
    check.object("card", &deep);
    check.list("cards", 3, None, &[card("333", vec![])]);
    check.texts("names", 1, Some(2), ["a", "", "c"].into_iter(), &TextRules { min: 1, ..TextRules::NONE });
    check.missing("callback", "notify is true");
    check.missing("name", "");
    check.conflict("token", "order");
    check.count("ids", 1, None, 0);
    let violations = check.finish().expect_err("many rules are broken");
    let paths: Vec<_> = violations.iter().map(rt::Violation::path).collect();
    assert_eq!(
        paths,
        [
            "card.inner[1].number",
            "card.inner[1].inner[0].number",
            "cards",
            "cards[0].number",
            "names[1]",
            "names",
            "callback",
            "name",
            "token",
            "ids"
        ]
    );
    let text = violations.to_string();
    assert!(
        text.contains("; callback: this must be given, because notify is true; name: this must be given; "),
        "{text}"
    );
    assert!(text.contains("names: at most 2 entries are allowed, 3 were given; "), "{text}");
    assert!(text.ends_with("ids: at least 1 entry is needed, 0 were given"), "{text}");
    assert!(!text.contains('\n') && violations.len() == 10 && !violations.is_empty());
}

#[test]
fn a_request_can_be_checked_as_of_another_time() {
    struct Until(OffsetDateTime);
    impl Validate for Until {
        fn check(&self, check: &mut Check<'_>) {
            check.not_later_than("until", self.0, 60);
        }
    }
    struct Around(Until);
    impl Validate for Around {
        fn check(&self, check: &mut Check<'_>) {
            check.object("around", &self.0);
        }
    }
    let then = OffsetDateTime::new(2020, 1, 1, 0, 0, 0, 0).expect("a time");
    let request = Around(Until(then.plus_minutes(1)));
    assert_eq!(request.validate_at(then.into()), Ok(()));
    assert!(request.validate().is_err());
}

#[test]
fn a_text_is_counted_in_bytes_of_its_encoding_and_keeps_to_its_characters() {
    let rules = rt::TextRules { max_bytes: Some((10, rt::TextEncoding::EucKr)), ..rt::TextRules::NONE };
    let problems = |text: &str| {
        let mut check = rt::Check::new();
        check.text("goods", text, &rules);
        check.finish().map_err(|violations| violations.to_string())
    };
    assert_eq!(problems("가나다 abc"), Ok(()));
    assert_eq!(
        problems("가나다라마바").expect_err("it is too long"),
        "goods: at most 10 bytes of EUC-KR are allowed, 12 were given"
    );
    assert_eq!(
        problems("컵 ☕️").expect_err("the encoding lacks it").split(';').next(),
        Some("goods: '☕' at position 3 is not allowed")
    );
}
