//! Changes of a saved HTML page. An audit has to report each change that alters a rule, and has to ignore all other
//! changes.
//!
//! The page has a `div` for each field, with a `key` and a `desc`. This module shares no code with the audit, because a
//! mistake in shared code would stay unnoticed.

use crate::mutations::Mutation;
use std::ops::Range;

/// Page, and the parts of it that state nothing about fields.
pub struct Html<'a> {
    page: &'a str,
    /// Word for "mandatory" in the language of the page.
    mandatory: &'a str,
    /// Positions of comments, `<pre>` and `<script>`.
    unseen: Vec<Range<usize>>,
}

/// Field of the page, with the positions of its name, of its `key` (which contains the name) and of its whole `div`.
struct PageField<'a> {
    name: &'a str,
    name_at: Range<usize>,
    key: Range<usize>,
    whole: Range<usize>,
}

const FIELD: &str = "<div class=\"field clearfix\">";

impl<'a> Html<'a> {
    /// Analyzes a page.
    pub fn new(page: &'a str, mandatory: &'a str) -> Self {
        let mut unseen = Vec::new();
        for (open, close) in [("<!--", "-->"), ("<pre", "</pre>"), ("<script", "</script>")] {
            let mut at = 0;
            while let Some(start) = page[at..].find(open).map(|n| at + n) {
                let end = page[start..].find(close).map_or(page.len(), |n| start + n + close.len());
                unseen.push(start..end);
                at = end;
            }
        }
        Html { page, mandatory, unseen }
    }

    fn seen(&self, at: usize) -> bool {
        !self.unseen.iter().any(|range| range.contains(&at))
    }

    /// Returns the positions at which a text is visible.
    fn places(&self, text: &str) -> Vec<usize> {
        self.page.match_indices(text).map(|(at, _)| at).filter(|at| self.seen(*at)).collect()
    }

    fn put(&self, kind: &'static str, range: Range<usize>, with: &str) -> Mutation {
        let line = self.page[..range.start].matches('\n').count() + 1;
        let short =
            |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect::<String>();
        let what = format!("line {line}: `{}` -> `{}`", short(&self.page[range.clone()]), short(with));
        Mutation { kind, what, page: format!("{}{with}{}", &self.page[..range.start], &self.page[range.end..]) }
    }

    /// Returns the end of the `div` that begins at `start`.
    fn end_of_div(&self, start: usize) -> usize {
        let mut depth = 0;
        let mut at = start;
        loop {
            let rest = &self.page[at..];
            let (open, close) = (rest.find("<div"), rest.find("</div>"));
            match (open, close) {
                (Some(open), Some(close)) if open < close => {
                    depth += 1;
                    at += open + 4;
                }
                (_, Some(close)) => {
                    depth -= 1;
                    at += close + 6;
                    if depth == 0 {
                        return at;
                    }
                }
                _ => return self.page.len(),
            }
        }
    }

    fn fields(&self) -> Vec<PageField<'a>> {
        let mut found = Vec::new();
        for start in self.places(FIELD) {
            let whole = start..self.end_of_div(start);
            let Some(key) = self.page[whole.clone()].find("<div class=\"key\">").map(|n| whole.start + n) else {
                continue;
            };
            let key = key..self.end_of_div(key);
            let inner = key.start + "<div class=\"key\">".len();
            let text = &self.page[inner..key.end];
            let text = text.trim_start();
            let name_start = key.end - text.len();
            let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(0);
            let name = &self.page[name_start..name_start + end];
            // The page writes `xxx` for any HTTP status, so `xxx` is not a field.
            let camel = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.len() > 1 && name != "xxx";
            if camel {
                found.push(PageField { name, name_at: name_start..name_start + end, key, whole });
            }
        }
        found
    }

    /// Returns pages in which one rule is changed. `statements` contains texts that state rules, each with its
    /// replacement.
    pub fn rules(&self, statements: &[(&str, &str)]) -> Vec<Mutation> {
        let mut out = Vec::new();
        for field in self.fields() {
            self.of_field(&field, &mut out);
        }
        self.of_values(&mut out);
        self.of_requests(&mut out);
        self.of_statuses(&mut out);
        for (from, to) in statements {
            for at in self.places(from) {
                out.push(self.put("statement", at..at + from.len(), to));
            }
        }
        for at in self.places("(default)") {
            out.push(self.put("default", at..at + "(default)".len(), ""));
        }
        out
    }

    fn of_field(&self, field: &PageField<'_>, out: &mut Vec<Mutation>) {
        let key = &self.page[field.key.clone()];
        let at = |text: &str| key.find(text).map(|n| field.key.start + n);
        let end = field.name_at.end;
        match at("Max Length: ") {
            Some(start) => {
                let digits = start + "Max Length: ".len();
                let n = self.page[digits..].find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
                let max: u32 = self.page[digits..digits + n].parse().unwrap_or(0);
                out.push(self.put("limit", digits..digits + n, &(max + 1).to_string()));
                out.push(self.put("limit", digits..digits + n, &(max * 10).to_string()));
                out.push(self.put("limit gone", start..digits + n, ""));
            }
            None => out.push(self.put("limit new", end..end, " <span class=\"type\">Max Length: 77</span>")),
        }
        match at(self.mandatory) {
            Some(start) => out.push(self.put("requirement", start..start + self.mandatory.len(), "")),
            None => {
                let with = format!(" <span class=\"type\"><font color=#c25300>{}</font></span>", self.mandatory);
                // The word for "mandatory" follows the type, as on the page.
                let behind = key.find("</span>").filter(|_| !key[..key.find("</span>").unwrap_or(0)].contains("Max"));
                let place = behind.map_or(end, |n| field.key.start + n + "</span>".len());
                out.push(self.put("requirement", place..place, &with));
            }
        }
        let types = ["string", "integer", "boolean", "object", "list"];
        let printed = types.iter().find(|of| key.contains(&format!("\"type\">{of}")));
        match printed {
            Some(of) => {
                let start = at(&format!("\"type\">{of}")).map_or(end, |at| at + "\"type\">".len());
                for other in types.iter().filter(|other| *other != of).step_by(2) {
                    out.push(self.put("type", start..start + of.len(), other));
                }
                out.push(self.put("type gone", start..start + of.len(), ""));
            }
            None => out.push(self.put("type new", end..end, " <span class=\"type\">boolean</span>")),
        }
        out.push(self.put("row renamed", field.name_at.clone(), &format!("{}X", field.name)));
        out.push(self.put("row gone", field.whole.clone(), ""));
        let row = |name: &str| {
            format!(
                "{FIELD}<div class=\"key\">{name} <span class=\"type\">string <font>{}</font></span> <span class=\"type\">Max \
                 Length: 12</span></div><div class=\"desc\">Something new</div></div>",
                self.mandatory
            )
        };
        out.push(self.put("row new", field.whole.end..field.whole.end, &row("brandNewField")));
        let commented = format!("<!-- {} -->", self.page[field.whole.clone()].replace("--", "- -"));
        if !self.page[field.whole.clone()].contains("<!--") {
            out.push(self.put("row commented out", field.whole.clone(), &commented));
        }
    }

    fn of_values(&self, out: &mut Vec<Mutation>) {
        for start in self.places("<tr>") {
            let end = self.page[start..].find("</tr>").map_or(self.page.len(), |n| start + n + 5);
            let cells: Vec<Range<usize>> = self.page[start..end]
                .match_indices("<td>")
                .map(|(n, _)| {
                    let at = start + n + 4;
                    at..self.page[at..end].find("</td>").map_or(end, |n| at + n)
                })
                .collect();
            let [first, second, ..] = cells.as_slice() else { continue };
            let value = self.page[first.clone()].trim();
            let capital =
                value.len() > 1 && value.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit());
            let number = !value.is_empty() && value.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
            let code = self.page[second.clone()].trim();
            if capital {
                out.push(self.put("value renamed", first.clone(), &format!("{value}_X")));
                out.push(self.put("value gone", start..end, ""));
                out.push(self.put("value new", end..end, "<tr><td>BRAND_NEW</td><td>Something new</td></tr>"));
            } else if number {
                out.push(self.put("value renamed", first.clone(), &format!("{value}7")));
                out.push(self.put("value gone", start..end, ""));
            } else if !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit()) {
                out.push(self.put("code changed", second.clone(), &format!("{code}5")));
                out.push(self.put("code renamed", first.clone(), &format!("N{value}")));
                out.push(self.put("code gone", start..end, ""));
                out.push(self.put("code new", end..end, "<tr><td>Brandnew</td><td>77</td></tr>"));
            }
        }
        // The page lists the statuses of payments in the same form as fields.
        for field in self.places(FIELD) {
            let whole = field..self.end_of_div(field);
            let text = &self.page[whole.clone()];
            let key = text
                .split("<div class=\"key\">")
                .nth(1)
                .and_then(|key| key.split('<').next())
                .unwrap_or_default()
                .trim();
            if key.contains('_') && key.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
                let at = whole.start + text.find(key).unwrap_or(0);
                out.push(self.put("value renamed", at..at + key.len(), &format!("{key}_X")));
                out.push(self.put("value gone", whole.clone(), ""));
                let new = format!("{FIELD}<div class=\"key\">BRAND_NEW</div><div class=\"desc\">Something</div></div>");
                out.push(self.put("value new", whole.end..whole.end, &new));
            }
        }
    }

    fn of_requests(&self, out: &mut Vec<Mutation>) {
        for at in self.places("(POST)") {
            out.push(self.put("method", at..at + 6, "(PUT)"));
        }
        for at in self.places("https://pay.toss.im/api/v2/") {
            let path = at + "https://pay.toss.im/api/".len();
            out.push(self.put("path", path..path + 2, "v3"));
            out.push(self.put("path", path..path, "x/"));
            out.push(self.put("base URL", at..at + "https://pay".len(), "https://pay2"));
        }
    }

    fn of_statuses(&self, out: &mut Vec<Mutation>) {
        for start in self.places(FIELD) {
            let whole = start..self.end_of_div(start);
            let text = &self.page[whole.clone()];
            for status in ["200", "400", "401", "404", "50x", "xxx"] {
                let key = format!("<div class=\"key\">{status}</div>");
                if let Some(n) = text.find(&key) {
                    let at = whole.start + n + "<div class=\"key\">".len();
                    out.push(self.put("status", at..at + 3, "429"));
                    out.push(self.put("status", whole.clone(), ""));
                    let new =
                        format!("{FIELD}<div class=\"key\">418</div><div class=\"desc\">Teapot : new</div></div>");
                    out.push(self.put("status", whole.end..whole.end, &new));
                }
            }
        }
    }

    /// Returns pages with a change that has no meaning. `sentence` is a sentence in the page's language that states no
    /// rule.
    pub fn harmless(&self, sentence: &str) -> Vec<Mutation> {
        let mut out = Vec::new();
        self.whole_page(&mut out);
        for (n, field) in self.fields().iter().enumerate() {
            self.of_looks(n, field, sentence, &mut out);
        }
        let fields = self.fields();
        for pair in fields.windows(2).step_by(3) {
            let (a, b) = (&pair[0].whole, &pair[1].whole);
            let between = &self.page[a.end..b.start];
            if between.trim().is_empty() {
                let swapped = format!("{}{between}{}", &self.page[b.clone()], &self.page[a.clone()]);
                out.push(self.put("row order", a.start..b.end, &swapped));
            }
        }
        for start in self.places("<h3>").into_iter().chain(self.places("<h4>")) {
            let close = if self.page[start..].starts_with("<h3>") { "</h3>" } else { "</h4>" };
            let Some(end) = self.page[start..].find(close).map(|n| start + n) else { continue };
            out.push(self.put("heading", end..end, "<a class=\"headerlink\" href=\"#x\" title=\"Permalink\">¶</a>"));
            out.push(self.put(
                "heading",
                end..end,
                " <a class=\"anchor\" aria-hidden=\"true\" href=\"#x\"><svg><path/></svg></a>",
            ));
            let title = &self.page[start + 4..end];
            out.push(self.put("heading", start + 4..end, &format!("<a href=\"#top\">{title}</a>")));
            out.push(self.put("heading", start + 4..end, &format!("<span id=x></span> {title} ")));
        }
        for start in self
            .places("<pre>")
            .into_iter()
            .chain(self.unseen.iter().filter(|r| self.page[r.start..].starts_with("<pre>")).map(|r| r.start))
        {
            out.push(self.put("copy button", start..start, "<button type=button>Copy</button>"));
            out.push(self.put("copy button", start..start, "<div class=\"copy\"><span>Copy</span></div>"));
            out.push(self.put(
                "copy button",
                start + 5..start + 5,
                "<button>복사</button><span class=\"line-number\">1</span>",
            ));
        }
        out
    }

    fn whole_page(&self, out: &mut Vec<Mutation>) {
        let page = self.page;
        let mut whole = |kind, what: &str, page: String| out.push(Mutation { kind, what: what.into(), page });
        let lines = |each: &dyn Fn(&str) -> String| page.lines().map(each).collect::<Vec<_>>().join("\n");
        let pre = |page: &str| page.contains("<pre");
        whole("white space", "CRLF", page.replace('\n', "\r\n"));
        whole("white space", "blank lines", page.replace("\n", "\n\n"));
        whole(
            "white space",
            "no indent",
            if pre(page) { lines(&|line| line.trim_start().to_owned()) } else { page.into() },
        );
        whole("white space", "blanks before tags", page.replace("<span", " <span").replace("</div>", " </div>"));
        whole("markup", "no head's end", page.replace("</head>", ""));
        whole("markup", "no cells' ends", page.replace("</td>", "").replace("</tr>", ""));
        whole("markup", "no end tags of list items and paragraphs", page.replace("</li>", "").replace("</p>", ""));
        whole(
            "markup",
            "upper case tags",
            page.replace("<div", "<DIV").replace("</div>", "</DIV>").replace("<td>", "<TD>"),
        );
        whole(
            "markup",
            "other classes",
            page.replace("class=\"key\"", "class='k-1'")
                .replace("class=\"desc\"", "class=d")
                .replace("field clearfix", "row"),
        );
        whole("markup", "sections for divisions", page.replace("<div class=\"info\"", "<section class=\"info\""));
        whole("markup", "quotes around attributes", page.replace("color=#c25300", "color='#c25300'"));
        whole("markup", "breaks closed", page.replace("<br>", "<br/>").replace("</br>", "<br />"));
        whole(
            "markup",
            "strong types",
            page.replace("<span class=\"type\">", "<span class=\"type\"><b>").replace("</span>", "</b></span>"),
        );
        whole("markup", "tables with bodies", page.replace("<table class=\"table\">", "<table><tbody>"));
        whole("markup", "cells with paragraphs", page.replace("<td>", "<td><p>").replace("</td>", "</p></td>"));
        whole("markup", "cells with code", page.replace("<td>", "<td><code>").replace("</td>", "</code></td>"));
        whole("markup", "cells that span one row", page.replace("<td>", "<td rowspan=1 colspan=\"1\">"));
        whole("markup", "headings one level up", page.replace("h3>", "h2>").replace("h4>", "h3>"));
        whole("markup", "headings one level down", page.replace("h4>", "h5>").replace("h3>", "h4>"));
        whole(
            "markup",
            "in a frame of elements",
            page.replace("<div id=\"api-docs\">", "<main><article><div><div id=\"api-docs\">"),
        );
        whole(
            "markup",
            "a script at the end",
            page.replace("</body>", "<script>var x = \"<td>NEW_ONE</td>\";</script></body>"),
        );
        whole(
            "markup",
            "a menu",
            page.replace(
                "<div id=\"api-docs\">",
                "<nav><ul><li><a href=\"#a\">POST /api/v9/other</a></ul></nav><div id=\"api-docs\">",
            ),
        );
        whole(
            "markup",
            "a menu of places",
            page.replace(
                "<div id=\"api-docs\">",
                "<ul><li><a href=\"#a\">PAY_OTHER</a><li><a href=\"#b\">BRAND_NEW</a></ul><div id=\"api-docs\">",
            ),
        );
        whole("characters", "entities", page.replace("_", "&#95;").replace("필", "&#xD544;"));
        whole("characters", "hard blanks", page.replace("Max Length: ", "Max&nbsp;Length:&nbsp;"));
        whole("characters", "byte order mark", format!("\u{feff}{page}"));
        whole("characters", "straight quotes", page.replace(['‘', '’'], "'"));
        whole("characters", "curly quotes", page.replace(">'", ">‘").replace("'<", "’<"));
        whole("characters", "decomposed", page.chars().map(decomposed).collect());
    }

    fn of_looks(&self, n: usize, field: &PageField<'_>, sentence: &str, out: &mut Vec<Mutation>) {
        let name = field.name;
        let middle = name.len() / 2;
        let (a, b) = name.split_at(middle);
        let of_name = [
            format!("{a}<wbr>{b}"),
            format!("{a}&shy;{b}"),
            format!("{a}\u{200b}{b}"),
            format!("<mark>{a}</mark>{b}"),
            format!("<a href=\"#{name}\">{name}</a>"),
            format!("<code>{name}</code>"),
            format!("<strong>{name}</strong>"),
            format!("<b>{a}</b>{b}"),
        ];
        out.push(self.put("name", field.name_at.clone(), &of_name[n % of_name.len()]));
        let key_end = field.key.end;
        let desc = self.page[key_end..field.whole.end]
            .find("<div class=\"desc\">")
            .map(|n| key_end + n + "<div class=\"desc\">".len());
        if let Some(desc) = desc {
            // Inserts the sentence at the end of the description, because the text at the start may be a value of the
            // field.
            if let Some(end) = self.page[desc..field.whole.end]
                .rfind("</div>")
                .and_then(|_| self.page[desc..field.whole.end].find("</div>"))
            {
                let end = desc + end;
                out.push(self.put("wording", end..end, &format!("<br>{sentence}")));
                out.push(self.put(
                    "comment",
                    end..end,
                    "<!-- <table><tr><td>BRAND_NEW</td><td>x</td></tr></table> -->",
                ));
                if n.is_multiple_of(2) {
                    out.push(self.put("link", end..end, " <a href=\"guide.html\">FAQ 3</a>"));
                }
            }
        }
        if n.is_multiple_of(3) {
            let hidden = format!("{FIELD}<div class=\"key\">goneField <span>string</span></div></div>");
            out.push(self.put("comment", field.whole.end..field.whole.end, &format!("<!--{hidden}-->")));
            out.push(self.put(
                "hidden",
                field.whole.end..field.whole.end,
                &format!("<div style=\"display: none\">{hidden}</div>"),
            ));
            out.push(self.put("hidden", field.whole.end..field.whole.end, &format!("<template>{hidden}</template>")));
        }
    }
}

/// Decomposes a Korean syllable into its letters, as some operating systems do. Returns other characters unchanged.
fn decomposed(c: char) -> String {
    let index = (c as u32).wrapping_sub(0xac00);
    if index >= 11172 {
        return c.to_string();
    }
    let letters = [0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11a7 + index % 28];
    let kept = if index.is_multiple_of(28) { 2 } else { 3 };
    letters[..kept].iter().filter_map(|letter| char::from_u32(*letter)).collect()
}
