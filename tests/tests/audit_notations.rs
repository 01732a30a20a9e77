//! An audit reads the same facts from every notation of a documentation page, in English and in Korean.

use audit::{Notation, Saved, Stated, facts};
use tests::notations::{self, ENGLISH, KOREAN, NOTATIONS, Random, Words};
use tests::temp_project::fixtures;

fn read(name: &str, text: &str) -> Vec<String> {
    let saved = Saved::of_bytes(name, text.as_bytes()).expect("it can be read");
    let stated = facts(&saved).expect("it can be read");
    let mut found: Vec<String> =
        stated.into_iter().map(|Stated { about, what, value, .. }| format!("{about}: {what} {value}")).collect();
    found.sort();
    found
}

fn every_notation(words: &Words, language: &str) {
    let mut wrong = Vec::new();
    for seed in 0..24 {
        let operations = notations::operations(&mut Random(seed), words);
        let wanted = notations::facts(&operations);
        for (title, name, write) in NOTATIONS {
            let page = write(&operations, words);
            let found = read(name, &page);
            if found != wanted {
                let lacks: Vec<_> = wanted.iter().filter(|fact| !found.contains(fact)).collect();
                let more: Vec<_> = found.iter().filter(|fact| !wanted.contains(fact)).collect();
                wrong.push(format!("{title}, {language}, seed {seed}:\n  lacks {lacks:?}\n  has {more:?}\n{page}"));
            }
        }
    }
    let first = wrong.first().cloned().unwrap_or_default();
    let titles: Vec<&str> = wrong.iter().filter_map(|text| text.split(',').next()).collect();
    assert!(wrong.is_empty(), "{} wrong: {titles:?}\n{first}", wrong.len());
}

#[test]
fn the_same_facts_in_any_notation_are_read_as_the_same_in_english() {
    every_notation(&ENGLISH, "English");
}

#[test]
fn the_same_facts_in_any_notation_are_read_as_the_same_in_korean() {
    every_notation(&KOREAN, "Korean");
}

/// The pages were written for this test, in the style of several providers.
#[test]
fn pages_in_the_style_of_other_providers_are_read_correctly() {
    for name in ["manual.md", "portal.html", "specification.txt", "reference.html"] {
        let text = std::fs::read_to_string(fixtures().join("audit/manners").join(name)).expect("it is there");
        let found: Vec<String> = facts(&Saved::of_bytes(name, text.as_bytes()).expect("it can be read"))
            .expect("it can be read")
            .into_iter()
            .map(|Stated { about, what, value, .. }| format!("{about}: {what} {value}"))
            .collect();
        insta::assert_snapshot!(name.replace('.', "_"), found.join("\n"));
    }
}

#[test]
fn html_is_read_as_browsers_repair_and_display_it() {
    let row = "<tr><td>seatNo<td>string<td>Y<td>The seat";
    let table = |rows: &str| {
        format!(
            "<h2>Book</h2><pre>POST /v1/seats</pre><h3>Request</h3><table><tr><th>Name<th>Type<th>Required<th>Description{rows}</table>"
        )
    };
    let wanted = read("page.html", &table(row));
    assert_eq!(wanted.len(), 4, "{wanted:?}");
    for page in [
        // If text stands in a table but in no cell, browsers show it before the table.
        table(&format!("<p>lost</p>{row}")),
        table(&format!("{row}<!-- <tr><td>gone<td>string<td>Y<td>x -->")),
        table(&format!("{row}<tr hidden><td>gone<td>string<td>Y<td>x")),
        table(&format!("{row}<tr style='display : none'><td>gone<td>string<td>Y<td>x")),
        format!("<template><p>gone string</p></template>{}", table(row)),
        format!("<my-page><template shadowrootmode=open><slot></slot></template>{}</my-page>", table(row)),
        format!("<my-page><template shadowrootmode=open>{}</template></my-page>", table(row)),
        format!("<body><font color=red><b>{}", table(row)),
        format!("<!-- saved by SingleFile --><html><head><style>p{{}}</style><body>{}", table(row)),
        table(row).replace("seatNo", "<a href=#s><mark>seat</mark>N&shy;o</a><sup>1</sup>"),
        table(row).replace(
            "<pre>POST /v1/seats</pre>",
            "<pre><span class=line-number>1</span>POST /v1/seats<button>Copy</button></pre>",
        ),
        table(row).replace("<pre>POST /v1/seats</pre>", "<p>POST</p><p>/v1/seats</p>"),
        table(row).replace("<pre>POST /v1/seats</pre>", "<p>URL: /v1/seats</p><p>Method: POST</p>"),
        table(row).replace(
            "<h2>Book</h2><pre>POST /v1/seats</pre>",
            "<h2>Book</h2><table><tr><th>Method<td>POST<tr><th>URL<td>/v1/seats</table>",
        ),
        table(row).replace(
            "<h2>Book</h2><pre>POST /v1/seats</pre>",
            "<h2><span>POST</span> <code>/v1/seats</code><a class=anchor href=#b>#</a></h2>",
        ),
        table(row).replace(
            "<h3>Request</h3>",
            "<h3>Overview</h3><p>How to book.</p><h3>Request <small>parameters</small></h3>",
        ),
        table(row).replace(
            "<h2>Book</h2>",
            "<nav><a href=#b>GET /v1/others</a></nav><ul><li><a href=#a>A</a><li><a href=#b>B</a></ul><h2>Book</h2>",
        ),
    ] {
        assert_eq!(read("page.html", &page), wanted, "{page}");
    }
}

#[test]
fn cells_that_span_rows_and_columns_are_read_as_a_grid() {
    let page = "<h2>Book</h2><pre>POST /v1/seats</pre><h3>Request</h3><table>\
        <tr><th rowspan=2>Name<th colspan=2>Definition<th rowspan=2>Description<tr><th>Type<th>Required\
        <tr><td rowspan=3>fare<td rowspan=3>string(9)<td rowspan=3>Y<td>What it costs<tr><td>FULL: All of it<tr><td>HALF: Half of it\
        <tr><td colspan=4>Others<tr><td>seatNo<td>integer<td>N<td>The seat</table>";
    let about = "POST /v1/seats.request";
    let wanted = [
        format!("{about}.fare: limit 9"),
        format!("{about}.fare: requirement mandatory"),
        format!("{about}.fare: row fare"),
        format!("{about}.fare: type text"),
        format!("{about}.fare: value FULL"),
        format!("{about}.fare: value HALF"),
        format!("{about}.seatNo: requirement optional"),
        format!("{about}.seatNo: row seatNo"),
        format!("{about}.seatNo: type number"),
        "POST /v1/seats: request POST /v1/seats".to_owned(),
    ];
    assert_eq!(read("page.html", page), wanted);
}

fn booking(fields: &str) -> String {
    format!("<h2>Book</h2><p>POST /v1/seats</p><h3>Request</h3>{fields}")
}

#[test]
fn collapsed_parts_of_a_saved_page_are_read_like_visible_ones() {
    let table = "<table><tr><th>Name<th>Type<th>Required<th>Description\
                 <tr><td>seatNo<td>string<td>Y<td>The seat</table>";
    let wanted = read("page.html", &booking(table));
    assert_eq!(wanted.len(), 4, "{wanted:?}");
    for page in [
        format!("<div class=collapse style='display:none'>{table}</div>"),
        format!("<div id=fields hidden role=region>{table}</div>"),
        format!("<div id=fields aria-hidden=true>{table}</div>"),
    ] {
        for opener in ["<a href=#fields aria-controls=fields>", "<a href=#fields data-bs-target=#fields>"] {
            assert_eq!(read("page.html", &booking(&format!("{opener}</a>{page}"))), wanted, "{page}");
        }
    }
    let titled = booking(table)
        .replace("<h3>Request</h3>", "<h3><button aria-expanded=false>Request</button><button>Copy link</button></h3>");
    assert_eq!(read("page.html", &titled), wanted);
    // A hidden element that no control opens is never visible, so it is not read.
    let hidden = booking(&format!("<div hidden>{table}</div>"));
    assert_eq!(read("page.html", &hidden).len(), 1);
}

#[test]
fn values_are_read_from_bullets_lines_tables_and_separate_rows() {
    let lists = [
        "Result<ul><li>0: Booked<li>-1: Not booked</ul>",
        "Result<ul><li>Booked: 0<li>Not booked: -1</ul>",
        "Result<br>0 Booked<br>-1 Not booked",
        "Result<table><tr><td>0<td>Booked<tr><td>-1<td>Not booked</table>",
        "Result<table><thead><tr><th>0<th>Booked (default)</thead><tr><td>-1<td>Not booked</table>",
    ];
    let values = |page: &str| {
        let found = read("page.html", page);
        found.into_iter().filter(|fact| fact.contains("code: value")).collect::<Vec<_>>()
    };
    let wanted = ["POST /v1/seats.request.code: value -1", "POST /v1/seats.request.code: value 0"];
    for list in lists {
        let table = format!(
            "<table><tr><th>Name<th>Type<th>Length<th>Description<tr><td>code<td>integer<td>2<td>{list}\
             <tr><td>seatNo<td>string<td>-<td>The seat</table>"
        );
        assert_eq!(values(&booking(&table)), wanted, "{list}");
    }
    let spanned = "<table><tr><th>Name<th>Type<th>Length<th colspan=2>Description\
                   <tr><td rowspan=3>code<td rowspan=3>integer<td rowspan=3>2<td colspan=2>Result\
                   <tr><td>0<td>Booked<tr><td>Not booked<td>-1\
                   <tr><td>seatNo<td>-<td>—<td colspan=2>The seat</table>";
    assert_eq!(values(&booking(spanned)), wanted);
    let facts = read("page.html", &booking(spanned));
    let dashes = facts.iter().any(|fact| fact.contains("seatNo: type") || fact.contains("seatNo: limit"));
    assert!(!dashes, "a dash was read as a type or a limit: {facts:?}");
}

#[test]
fn a_field_needs_only_a_name_and_a_description() {
    let about = "POST /v1/seats.request";
    let wanted = [
        format!("{about}.petName: row petName"),
        format!("{about}.seatNo: row seatNo"),
        "POST /v1/seats: request POST /v1/seats".to_owned(),
    ];
    for fields in [
        "<ul><li><b>seatNo</b>: The seat<li><b>petName</b>: The pet</ul>",
        "<ul><li>seatNo - The seat<li>petName - The pet</ul>",
        "<table><tr><td>seatNo: The seat<tr><td>petName: The pet</table>",
        "<table><tr><th>Field<tr><td>seatNo: The seat<tr><td>petName: The pet</table>",
    ] {
        assert_eq!(read("page.html", &booking(fields)), wanted, "{fields}");
    }
    // A list entry without a type counts as a field if other entries of the list have types. The entries of a nested
    // list count as values of the field above them.
    let mixed = booking(
        "<ul><li><b>seatNo</b> (string, required): The seat<ul><li>low: Below<li>high: Above</ul><li><b>fare</b>: What it costs</ul>",
    );
    let rows: Vec<String> = read("page.html", &mixed).into_iter().filter(|fact| fact.contains(": row ")).collect();
    assert_eq!(rows, [format!("{about}.fare: row fare"), format!("{about}.seatNo: row seatNo")]);
}

/// Returns what a page states about `seatNo` if the text `attributes` follows the field's name.
fn seat(attributes: &str) -> Vec<String> {
    let found =
        read("page.html", &booking(&format!("<ul><li><b>seatNo</b> {attributes}<li><b>fare</b> string 9</ul>")));
    let about = "POST /v1/seats.request.seatNo: ";
    found.iter().filter_map(|fact| fact.strip_prefix(about)).map(str::to_owned).collect()
}

#[test]
fn attributes_are_read_in_any_order_with_any_separators() {
    for (attributes, requirement, limit) in [
        ("string mandatory Max Length: 30", "mandatory", "30"),
        ("(string, required, max 30): The number", "mandatory", "30"),
        ("| string(32) | 필수 | 주문 번호", "mandatory", "32"),
        ("문자열, 선택, 최대 30자 - 설명", "optional", "30"),
        ("[필수] String (max 1,000) — text", "mandatory", "1000"),
        ("string 50 필수", "mandatory", "50"),
    ] {
        let wanted = [&format!("limit {limit}"), &format!("requirement {requirement}"), "row seatNo", "type text"];
        assert_eq!(seat(attributes), wanted, "{attributes}");
    }
    for prose in ["is the number of the order", "0 means success"] {
        assert!(seat(prose).iter().all(|fact| fact == "row seatNo"), "{prose}: {:?}", seat(prose));
    }
}

#[test]
fn cells_of_rows_copied_from_a_pdf_are_assigned_to_the_columns_that_fit() {
    for (heads, row) in [
        ("Name Type Required Length Description", "gateId string N 255 Shown at the gate."),
        ("파라미터 타입 필수 여부 길이 설명", "gateId 문자열 선택 255 개찰구에서 확인합니다."),
    ] {
        let found = read("page.txt", &format!("Book\n\nPOST /v1/seats\n\nRequest\n\n{heads}\n{row}\n"));
        let about = "POST /v1/seats.request.gateId";
        let wanted = ["limit 255", "requirement optional", "row gateId", "type text"];
        let mut wanted = wanted.map(|fact| format!("{about}: {fact}")).to_vec();
        wanted.push("POST /v1/seats: request POST /v1/seats".to_owned());
        assert_eq!(found, wanted, "{heads}");
    }
}

#[test]
fn a_page_is_read_by_its_byte_order_mark_its_declaration_or_its_bytes() {
    let wide = |text: &str, to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    // "결제 생성" and "주문번호" in EUC-KR.
    let declared = b"<meta charset=euc-kr><p>\xb0\xe1\xc1\xa6 \xbb\xfd\xbc\xba".to_vec();
    let undeclared = b"\xc1\xd6\xb9\xae\xb9\xf8\xc8\xa3 string".to_vec();
    for (bytes, text) in [
        (declared, "<meta charset=euc-kr><p>결제 생성"),
        ("<meta charset=euc-kr><p>결제".into(), "<meta charset=euc-kr><p>결제"),
        (undeclared, "주문번호 string"),
        (wide("<p>결제 amount and more", u16::to_le_bytes), "<p>결제 amount and more"),
        ([vec![0xfe, 0xff], wide("결제", u16::to_be_bytes)].concat(), "결제"),
        ("\u{feff}결제".into(), "결제"),
    ] {
        assert_eq!(Saved::of_bytes("page", &bytes).map(|page| page.text).as_deref(), Ok(text));
    }
}

#[test]
fn bytes_that_cannot_be_read_are_an_error_with_the_reason() {
    for (bytes, reason) in [
        (&b"<meta charset=iso-2022-kr>\x80\xff"[..], "`iso-2022-kr`"),
        (&[0xff, 0xfe, 0, 0, 65, 0, 0, 0], "UTF-32"),
        (&[b'a', 0xff, b'b'], "0xff at offset 1"),
        (b"<meta charset=euc-kr>\xff\xff", "EUC-KR"),
        (message("x-uuencode", "…").as_bytes(), "`x-uuencode`"),
    ] {
        let error = Saved::of_bytes("page", bytes).expect_err(reason);
        assert!(error.contains(reason), "{error}");
    }
}

/// Returns a page in the one-file format of browsers (MHTML), with the body in this transfer encoding.
fn message(encoding: &str, body: &str) -> String {
    format!(
        "From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\t\
         boundary=\"-- x --\"\r\n\r\n---- x --\r\nContent-Type: text/css\r\n\r\np {{}}\r\n---- x --\r\n\
         Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n---- x ----\r\n"
    )
}

#[test]
fn a_page_saved_as_one_file_is_read_in_any_transfer_encoding() {
    for (encoding, body) in [
        ("quoted-printable", "<p class=3D\"x\">=EA=B2=B0=EC=\r\n=A0=9C</p>"),
        ("base64", "PHAgY2xhc3M9Ing\r\niPuqysOygnDwvcD4="),
        ("8bit", "<p class=\"x\">결제</p>"),
    ] {
        let page = Saved::of_bytes("page", message(encoding, body).as_bytes()).expect("it can be read");
        assert_eq!((page.notation, page.text.trim()), (Notation::Html, "<p class=\"x\">결제</p>"), "{encoding}");
    }
    let page = Saved::of_bytes("page", b"<!doctype html><p>From: x").expect("it can be read");
    assert_eq!(page.text, "<!doctype html><p>From: x");
}

#[test]
fn fields_after_a_table_that_was_copied_with_tabs_are_not_part_of_it() {
    let text = "Book\n\nPOST /v1/seats\n\nRequest\nfare string Max Length: 9\nWhat it costs\n\nFULL\tAll of it\nHALF\tHalf of it\n\
                seatNo string Max Length: 4\nThe seat\n\nROW_A\tIn front\nROW_B\tBehind\nResponse\ncode integer Max Length: 2\nThe result\n";
    let found = read("page.txt", text);
    let rows: Vec<&String> = found.iter().filter(|fact| fact.contains(": row ")).collect();
    assert_eq!(rows.len(), 3, "{found:?}");
    assert!(found.contains(&"POST /v1/seats.request.seatNo: value ROW_B".to_owned()), "{found:?}");
    assert!(found.contains(&"POST /v1/seats.reply.code: limit 2".to_owned()), "{found:?}");
}

/// Wraps lines at `width` columns. A character outside of ASCII takes two columns.
fn broken(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut column = 0;
        for word in line.split(' ') {
            let size = word.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
            if column > 0 && column + 1 + size > width {
                out.push('\n');
                column = 0;
            } else if column > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += size;
        }
        out.push('\n');
    }
    out
}

#[test]
fn wrapped_lines_yield_the_same_facts() {
    for (sentence, end) in [
        (
            "Every passenger may keep the seat for as long as the journey that was booked takes, and gives it back",
            "completed.",
        ),
        (
            "여행자는 예약한 여행이 끝날 때까지 좌석을 사용할 수 있으며 여행이 끝난 뒤에는 좌석을 다시 돌려주어야 하고 다음 여행을 위하여",
            "준비합니다.",
        ),
    ] {
        let mut text = "Book\n\nPOST /v1/seats\n\nRequest\n".to_owned();
        for n in 0..12 {
            text.push_str(&format!(
                "seatNo{n} string Max Length: {n}9\nThe seat\n{sentence} {} {end}\nDEFAULT_{n} As usual\n\n",
                "x".repeat(n)
            ));
        }
        let wanted = read("page.txt", &text);
        assert_eq!(wanted.len(), 1 + 12 * 5, "{wanted:?}");
        for width in [66, 72, 80, 100] {
            assert_eq!(read("page.txt", &broken(&text, width)), wanted, "{width}: {}", broken(&text, width));
        }
    }
}

#[test]
fn a_mark_for_optional_is_recognized_from_other_tables_of_the_page() {
    let table = |name: &str, sign: &str| {
        format!("<table><tr><th>Name<th>Type<th>Required<tr><td>{name}<td>string<td>{sign}</table>")
    };
    for (mandatory, optional) in [("●", "○"), ("M", "O"), ("O", "X"), ("Y", "N")] {
        let page = booking(&table("seatNo", mandatory)) + "<h3>Response</h3>" + &table("fare", optional);
        let found = read("page.html", &page);
        assert!(found.contains(&"POST /v1/seats.request.seatNo: requirement mandatory".to_owned()), "{found:?}");
        assert!(found.contains(&"POST /v1/seats.reply.fare: requirement optional".to_owned()), "{found:?}");
    }
}

#[test]
fn markdown_from_pandoc_is_read_like_plain_markdown() {
    let plain = "## Book\n\nPOST /v1/seats\n\n### Request\n\nfare string Max Length: 9\n\nWhat it costs\n\n\
                 | | |\n|---|---|\n| FULL_FARE | All of it |\n| HALF_FARE | Half of it |\n\nseatNo string Max Length: 4\n\nThe seat\n";
    let pandoc = "::: {#book .method}\n## Book {#book style=\"color: black;\"}\n\n::: desc\nPOST /v1/seats\\\n:::\n\n### Request\n\n\
                  ::: {.field .clearfix}\n::: key\nfare [string]{.type} [Max Length: [9]{.max}]{.type}\n:::\n\n::: desc\nWhat it costs\\\n:::\n\n\
                  \x20 ----------- ------------\n  FULL\\_FARE   All of it\n  HALF\\_FARE   Half of it\n  ----------- ------------\n:::\n\n\
                  seatNo [string]{.type} [Max Length: 4]{.type}\n\nThe seat\n:::\n";
    let wanted = read("page.md", plain);
    assert_eq!(wanted.len(), 1 + 2 * 4 + 2, "{wanted:?}");
    assert_eq!(read("page.md", pandoc), wanted);
    // This table has a header row, and a row of several lines. A Korean letter is two columns wide.
    let table = "## Book\n\nPOST /v1/seats\n\n### Request\n\n  Name     Type     Required   Description\n  -------- -------- ---------- -------------\n  \
                 fare     string   Y          What it\n                               costs\n\n  seatNo   숫자     N          좌석 번호\n  \
                 -------- -------- ---------- -------------\n";
    let found = read("page.md", table);
    let about = "POST /v1/seats.request";
    for wanted in
        ["fare: type text", "fare: requirement mandatory", "seatNo: type number", "seatNo: requirement optional"]
    {
        assert!(found.contains(&format!("{about}.{wanted}")), "{wanted}: {found:?}");
    }
}

#[test]
fn each_of_two_tables_from_pandoc_with_equal_columns_is_read() {
    let plain = "## Book\n\nPOST /v1/seats\n\n### Request\n\n\
                 | Name | Type |\n|---|---|\n| seat | string |\n| fare | number |\n\n\
                 ### Response\n\nThe parts of the reply:\n\n| Name | Type |\n|---|---|\n| code | string |\n";
    let wanted = read("page.md", plain);
    assert_eq!(wanted.len(), 1 + 3 * 2, "{wanted:?}");
    let simple = "  Name   Type\n  ------ --------\n";
    for (end, what) in [("", "a blank line"), ("  ------ --------\n", "a line of dashes")] {
        let pandoc = format!(
            "## Book\n\nPOST /v1/seats\n\n### Request\n\n{simple}  seat   string\n  fare   number\n{end}\n\
             ### Response\n\nThe parts of the reply:\n\n{simple}  code   string\n{end}"
        );
        assert_eq!(read("page.md", &pandoc), wanted, "the tables end with {what}");
    }
    // Pandoc writes this form if a cell has several lines.
    let (rule, heads) = ("  ---------------\n", "  Name   Type\n         (JSON)\n  ------ --------\n");
    let pandoc = format!(
        "## Book\n\nPOST /v1/seats\n\n### Request\n\n{rule}{heads}  seat   string\n\n  fare   number\n{rule}\n\
         ### Response\n\nThe parts of the reply:\n\n{rule}{heads}  code   string\n{rule}"
    );
    assert_eq!(read("page.md", &pandoc), wanted, "the rows may have several lines");
}
