//! The same facts in every notation that documentation is written in, English and Korean, are read as the same facts.

use audit::{Saved, Stated, facts};
use tests::notations::{self, ENGLISH, KOREAN, NOTATIONS, Random, Words};
use tests::scratch::fixtures;

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

/// Pages in the manner of several providers, written for this test.
#[test]
fn pages_in_the_manner_of_other_providers_are_read_as_they_are_meant() {
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
fn what_browsers_repair_and_what_they_hide_is_read_as_they_show_it() {
    let row = "<tr><td>seatNo<td>string<td>Y<td>The seat";
    let table = |rows: &str| {
        format!(
            "<h2>Book</h2><pre>POST /v1/seats</pre><h3>Request</h3><table><tr><th>Name<th>Type<th>Required<th>Description{rows}</table>"
        )
    };
    let wanted = read("page.html", &table(row));
    assert_eq!(wanted.len(), 4, "{wanted:?}");
    for page in [
        // Text that does not belong into a table comes before it.
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
