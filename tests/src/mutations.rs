//! Changes of a saved text page. An audit has to report each change that alters a rule, and has to ignore all other
//! changes.
//!
//! There are two kinds of pages: running text, and tables whose cells are separated by `|`. This module shares no code
//! with the audit, because a mistake in shared code would stay unnoticed.

use std::collections::BTreeMap;
use std::ops::Range;

/// Changed page.
#[derive(Debug)]
pub struct Mutation {
    /// Kind of the change.
    pub kind: &'static str,
    /// Description of the change, such as the line number (starting at 1), the old text and the new text.
    pub what: String,
    /// Text of the page.
    pub page: String,
}

/// For each kind of change, the number of changes that an audit reported, and the number of all changes.
pub type Rates = BTreeMap<&'static str, (usize, usize)>;

/// Calls `reports` with every changed page. Returns the rates, and the changes for which the result is not `wanted`.
pub fn rates(mutations: &[Mutation], wanted: bool, reports: &dyn Fn(&str) -> bool) -> (Rates, Vec<String>) {
    let mut rates = Rates::new();
    let mut wrong = Vec::new();
    for mutation in mutations {
        let reported = reports(&mutation.page);
        let rate = rates.entry(mutation.kind).or_default();
        rate.0 += usize::from(reported);
        rate.1 += 1;
        if reported != wanted {
            wrong.push(format!("{}: {}", mutation.kind, mutation.what));
        }
    }
    (rates, wrong)
}

/// Returns pages in which one rule is changed, which an audit has to report. `statements` contains texts that state
/// rules, each with its replacement.
pub fn rules(page: &str, statements: &[(&str, &str)]) -> Vec<Mutation> {
    let maker = Maker::new(page);
    let mut out = Vec::new();
    maker.running_rows(&mut out);
    maker.table_rows(&mut out);
    maker.running_values(&mut out);
    maker.table_values(&mut out);
    maker.requests(&mut out);
    for (from, to) in statements {
        for (n, line) in maker.prose() {
            for (at, _) in line.match_indices(from) {
                let text = format!("{}{to}{}", &line[..at], &line[at + from.len()..]);
                out.push(maker.with("statement", n, &[text]));
            }
        }
    }
    out
}

/// Returns pages with a change that has no meaning, which an audit must not report. Lines that contain one of the texts
/// in `kept` state rules, so their words are not replaced.
pub fn harmless(page: &str, kept: &[&str]) -> Vec<Mutation> {
    let maker = Maker::new(page);
    let mut out = Vec::new();
    let whole = |kind, what: &str, page: String| Mutation { kind, what: what.into(), page };
    out.push(whole("white space", "blanks doubled", page.replace(' ', "  ")));
    out.push(whole("white space", "CRLF", page.replace('\n', "\r\n")));
    out.push(whole("white space", "lines end with blanks", page.replace('\n', "  \n")));
    out.push(whole("white space", "lines begin with tabs", page.replace('\n', "\n\t")));
    out.push(whole("white space", "blank lines between all lines", page.replace('\n', "\n\n")));
    out.push(whole("white space", "hard blanks", page.replace("Max Length: ", "Max Length:\u{a0}")));
    out.push(whole("white space", "byte order mark", format!("\u{feff}{page}")));
    out.push(whole("quotes", "straight", page.replace(['‘', '’'], "'").replace(['“', '”'], "\"")));
    out.push(whole("quotes", "curly", page.replace('\'', "’").replace('"', "”")));
    out.push(whole("quotes", "double for single", page.replace(['‘', '’', '\''], "\"")));
    maker.samples(&mut out);
    maker.wording(kept, &mut out);
    maker.order(&mut out);
    out
}

struct Maker<'a> {
    lines: Vec<&'a str>,
    /// One entry for each line of the page, which is `true` if the line is sample code.
    samples: Vec<bool>,
}

/// Returns the end of the field's name in a line of running text, and the words after the name. Returns `None` if the
/// line does not begin a field.
fn running_row(line: &str) -> Option<(usize, Vec<&str>)> {
    let end = line.find(' ')?;
    let name = &line[..end];
    let rest = line[end..].trim();
    let words: Vec<&str> = rest.split(' ').collect();
    let types = ["string", "integer", "boolean", "object", "list"];
    let known =
        types.contains(&words[0]) || words[0] == "mandatory" || rest.starts_with("Max Length:") || words[0] == "or";
    let camel = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    (camel && known && words.len() <= 8 && !rest.contains(" : ")).then_some((end, words))
}

fn is_label(line: &str) -> bool {
    let labels =
        ["parameters", "parameter", "response", "endpoint", "definition", "example request", "example response"];
    labels.contains(&line.to_lowercase().as_str())
}

fn capital(word: &str) -> bool {
    word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

impl<'a> Maker<'a> {
    fn new(page: &'a str) -> Self {
        let mut maker = Maker { lines: page.lines().collect(), samples: Vec::new() };
        maker.samples = maker.find_samples();
        maker
    }

    fn put(&self, kind: &'static str, range: Range<usize>, with: &[String]) -> Mutation {
        let mut lines: Vec<&str> = self.lines[..range.start].to_vec();
        lines.extend(with.iter().map(String::as_str));
        lines.extend(&self.lines[range.end..]);
        let before = self.lines.get(range.start).unwrap_or(&"").trim();
        let after = with.first().map_or("", |line| line.as_str());
        let what = format!("line {}: `{before}` -> `{after}` ({} lines)", range.start + 1, with.len());
        Mutation { kind, what, page: lines.join("\n") }
    }

    fn with(&self, kind: &'static str, n: usize, with: &[String]) -> Mutation {
        self.put(kind, n..n + 1, with)
    }

    /// Returns one entry for each line of the page, which is `true` if the line is sample code. Sample code extends
    /// from its label to the next section.
    fn find_samples(&self) -> Vec<bool> {
        let begins = |line: &str| matches!(line.trim(), "Example Request" | "Example Response" | "Sample Code");
        let ends = |m: usize| {
            let line = self.lines[m].trim();
            let numbered = line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(". ");
            let labeled = (m + 1..self.lines.len().min(m + 16))
                .any(|k| matches!(self.lines[k].trim().to_lowercase().as_str(), "endpoint" | "parameter") && m + 1 < k);
            let alone = m > 0
                && self.lines[m - 1].trim().is_empty()
                && self.lines.get(m + 1).is_some_and(|l| l.trim().is_empty());
            numbered
                || alone && labeled && line.starts_with(|c: char| c.is_ascii_uppercase()) && !line.contains(['(', '.'])
                || line.contains("(resultCallback)") && !line.contains('.')
        };
        let mut inside = false;
        let mut found = Vec::new();
        for m in 0..self.lines.len() {
            if begins(self.lines[m]) {
                inside = true;
            } else if inside && ends(m) {
                inside = false;
            }
            found.push(inside);
        }
        found
    }

    /// Returns the lines that are not sample code, each with its index.
    fn prose(&self) -> Vec<(usize, &'a str)> {
        self.lines.iter().enumerate().filter(|(n, _)| !self.samples[*n]).map(|(n, line)| (n, *line)).collect()
    }

    /// Returns the lines of each field in running text.
    fn running(&self) -> Vec<Range<usize>> {
        let prose = self.prose();
        let mut part = false;
        let mut rows: Vec<Range<usize>> = Vec::new();
        for (n, line) in prose {
            let line = line.trim();
            if is_label(line) {
                part = matches!(line.to_lowercase().as_str(), "parameters" | "parameter" | "response");
                if let Some(row) = rows.last_mut().filter(|row| row.end == usize::MAX) {
                    row.end = n;
                }
            } else if part && running_row(line).is_some() {
                if let Some(row) = rows.last_mut().filter(|row| row.end == usize::MAX) {
                    row.end = n;
                }
                rows.push(n..usize::MAX);
            } else if line.to_lowercase().starts_with("http response code")
                && let Some(row) = rows.last_mut().filter(|row| row.end == usize::MAX)
            {
                (row.end, part) = (n, false);
            }
        }
        rows
    }

    fn running_rows(&self, out: &mut Vec<Mutation>) {
        for row in self.running() {
            let (n, line) = (row.start, self.lines[row.start].trim());
            let Some((end, words)) = running_row(line) else { continue };
            let (name, rest) = line.split_at(end);
            match line.rsplit_once("Max Length: ") {
                Some((before, max)) => {
                    let max: u32 = max.trim().parse().unwrap_or(0);
                    out.push(self.with("limit", n, &[format!("{before}Max Length: {}", max + 1)]));
                    out.push(self.with("limit", n, &[format!("{before}Max Length: {max}0")]));
                    out.push(self.with("limit gone", n, &[before.trim().to_owned()]));
                }
                None => out.push(self.with("limit new", n, &[format!("{line} Max Length: 77")])),
            }
            match line.contains(" mandatory") {
                true => out.push(self.with("requirement", n, &[line.replace(" mandatory", "")])),
                false => {
                    let (before, after) =
                        line.split_once(" Max").map_or((line, String::new()), |(b, a)| (b, format!(" Max{a}")));
                    out.push(self.with("requirement", n, &[format!("{before} mandatory{after}")]));
                }
            }
            let types = ["string", "integer", "boolean", "object", "list"];
            if let Some(of) = words.iter().find(|word| types.contains(word)) {
                for other in types.iter().filter(|other| *other != of) {
                    out.push(self.with("type", n, &[line.replacen(&format!(" {of}"), &format!(" {other}"), 1)]));
                }
                out.push(self.with("type gone", n, &[line.replacen(&format!(" {of}"), "", 1)]));
            } else {
                out.push(self.with("type new", n, &[format!("{name} string{rest}")]));
                out.push(self.with("type new", n, &[format!("{name} boolean{rest}")]));
            }
            out.push(self.with("row renamed", n, &[format!("{name}X{rest}")]));
            out.push(self.put("row gone", row.clone(), &[]));
            let inserted = ["brandNewField string Max Length: 12".to_owned(), "Something new".to_owned()];
            out.push(self.put("row new", row.end..row.end, &inserted));
            let bare = ["anotherField integer".to_owned(), "Something new".to_owned()];
            out.push(self.put("row new", n..n, &bare));
        }
    }

    /// Returns the lines of each row of the tables, and `true` if the row is the header row of its table.
    fn bars(&self) -> Vec<(Range<usize>, bool)> {
        let mut rows: Vec<(Range<usize>, bool)> = Vec::new();
        let mut n = 0;
        while n < self.lines.len() {
            if !self.lines[n].contains(" | ") && !self.lines[n].trim_end().ends_with('|') {
                n += 1;
                continue;
            }
            let start = n;
            while n < self.lines.len() && !self.lines[n].trim_end().ends_with('|') {
                n += 1;
            }
            n += 1;
            let head = rows.last().is_none_or(|(before, _)| before.end != start);
            rows.push((start..n.min(self.lines.len()), head));
        }
        rows
    }

    fn table_rows(&self, out: &mut Vec<Mutation>) {
        let mut head: Vec<String> = Vec::new();
        for (row, is_head) in self.bars() {
            let text = self.lines[row.clone()].join("\n");
            let cells: Vec<String> =
                text.trim().trim_end_matches('|').split('|').map(|c| c.trim().to_owned()).collect();
            if is_head {
                head = cells;
                continue;
            }
            let line = |cells: &[String]| {
                let text = format!("{} |", cells.join(" | "));
                text.split('\n').map(str::to_owned).collect::<Vec<_>>()
            };
            let edit = |kind, column: usize, to: String| {
                let mut cells = cells.clone();
                cells[column] = to;
                self.put(kind, row.clone(), &line(&cells))
            };
            out.push(self.put("row gone", row.clone(), &[]));
            let first = if head[0] == "Version" { "V9.990101".into() } else { format!("{}X", cells[0]) };
            out.push(edit("row renamed", 0, first));
            for (column, title) in head.iter().enumerate().take(cells.len()) {
                match title.as_str() {
                    "Type" => {
                        let other = if cells[column].starts_with("String") {
                            ["Number", "Boolean", "JSON"]
                        } else {
                            ["String", "String (ISO8601)", "Number"]
                        };
                        out.extend(
                            other
                                .iter()
                                .filter(|other| **other != cells[column])
                                .map(|other| edit("type", column, (*other).into())),
                        );
                    }
                    "Required" => {
                        out.push(edit(
                            "requirement",
                            column,
                            if cells[column] == "Y" { "N".into() } else { "Y".into() },
                        ));
                    }
                    "Rules" => {
                        let digits: String = cells[column].chars().filter(char::is_ascii_digit).collect();
                        let max: u32 = digits.parse().unwrap_or(0);
                        out.push(edit("limit", column, cells[column].replace(&digits, &(max + 1).to_string())));
                        out.push(edit("limit gone", column, "Anything".into()));
                    }
                    "Date" => out.push(edit("date", column, "2031-01-01".into())),
                    "URL" => out.push(edit("base URL", column, cells[column].replace("://", "://v2."))),
                    "Code Name" => out.push(edit("code name", column, format!("{} Plus", cells[column]))),
                    _ => {}
                }
            }
            let mut new = cells.clone();
            new[0] = if head[0] == "Code" { "BRAND_NEW".into() } else { "brandNew".into() };
            out.push(self.put("row new", row.end..row.end, &line(&new)));
        }
    }

    fn running_values(&self, out: &mut Vec<Mutation>) {
        for row in self.running() {
            for n in row.start + 1..row.end {
                let line = self.lines[n].trim();
                let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
                let listed = capital(first) && !matches!(first, "VAT" | "URL" | "ID" | "PG")
                    || first.starts_with('-') && first[1..].bytes().all(|b| b.is_ascii_digit()) && first.len() > 1
                    || first == "0" && rest.starts_with(char::is_uppercase);
                if listed {
                    let other = if first.ends_with(|c: char| c.is_ascii_digit()) {
                        format!("{first}7")
                    } else {
                        format!("{first}_X")
                    };
                    out.push(self.with("value renamed", n, &[format!("{other} {rest}")]));
                    out.push(self.with("value gone", n, &[]));
                    if capital(first) {
                        out.push(self.with("value new", n, &[line.to_owned(), "BRAND_NEW Something new".to_owned()]));
                    }
                }
                if let Some((name, code)) =
                    line.rsplit_once(' ').filter(|(_, code)| code.bytes().all(|b| b.is_ascii_digit()))
                    && name.starts_with(char::is_uppercase)
                    && name.split(' ').count() <= 4
                    && !line.contains(['.', ':'])
                {
                    out.push(self.with("code changed", n, &[format!("{name} {code}5")]));
                    out.push(self.with("code renamed", n, &[format!("New{name} {code}")]));
                    out.push(self.with("code gone", n, &[]));
                    out.push(self.with("code new", n, &[line.to_owned(), "Brandnew 77".to_owned()]));
                }
                if line.contains(" (default)") {
                    out.push(self.with("default", n, &[line.replacen(" (default)", "", 1)]));
                }
                if let Some(at) = line.find("default value is ‘true") {
                    let text = format!(
                        "{}default value is ‘false{}",
                        &line[..at],
                        &line[at + "default value is ‘true".len()..]
                    );
                    out.push(self.with("default", n, &[text]));
                }
            }
        }
        for (n, line) in self.prose() {
            let line = line.trim();
            let status = line.len() == 3 && line.chars().all(|c| c.is_ascii_digit() || c == 'x');
            if status {
                out.push(self.with("status", n, &[if line == "429" { "430".into() } else { "429".into() }]));
                out.push(self.put("status", n..n + 2, &[]));
                out.push(self.put("status", n..n, &["418".into(), "Teapot : something new".into()]));
            }
            if capital(line) && line.contains('_') {
                out.push(self.with("value renamed", n, &[format!("{line}_X")]));
                out.push(self.put("value gone", n..n + 1, &[]));
                out.push(self.put("value new", n..n, &["BRAND_NEW".into(), "Something new".into()]));
            }
        }
    }

    fn table_values(&self, out: &mut Vec<Mutation>) {
        for (row, _) in self.bars() {
            for n in row {
                let line = self.lines[n];
                let pieces: Vec<&str> = line.split('"').collect();
                if pieces.len() >= 3 && !line.contains("e.g.") && !line.contains('“') {
                    for (at, value) in pieces.iter().enumerate().filter(|(at, _)| at % 2 == 1) {
                        let mut new: Vec<String> = pieces.iter().map(|p| (*p).to_owned()).collect();
                        new[at] = format!("{value}_X");
                        out.push(self.with("value renamed", n, &[new.join("\"")]));
                    }
                    let close = if line.trim_end().ends_with('|') { " |" } else { "" };
                    let open = line.trim_end().trim_end_matches('|');
                    out.push(self.with("value new", n, &[format!("{open}\n• \"BRAND_NEW\": Something new{close}")]));
                }
                if let Some(item) = line.trim().strip_prefix("- ")
                    && let Some((value, rest)) = item.split_once(':')
                    && capital(value)
                {
                    out.push(self.with("value renamed", n, &[format!("- {value}_X:{rest}")]));
                    out.push(self.with("value new", n, &["- BRAND_NEW: Something new".into(), line.to_owned()]));
                    if line.contains("(default)") {
                        out.push(self.with("default", n, &[line.replace(" (default)", "")]));
                    }
                }
            }
        }
    }

    fn requests(&self, out: &mut Vec<Mutation>) {
        for (n, line) in self.prose() {
            let line = line.trim();
            let word = line.split(' ').next().unwrap_or_default();
            let method = word.trim_matches(|c| c == '(' || c == ')');
            if ["GET", "POST", "DELETE", "PUT"].contains(&method)
                && (line.contains('/')
                    || word.starts_with('(')
                    || line.contains("callback")
                    || line.contains("Callback"))
            {
                out.push(self.with("method", n, &[line.replacen(method, "PATCH", 1)]));
            }
            let example = line.contains("YOUR-SITE");
            if let Some((before, path)) = line.split_once("/api/").filter(|_| !example) {
                out.push(self.with("path", n, &[format!("{before}/api/x{path}")]));
                out.push(self.with("path", n, &[format!("{line}/more")]));
                out.push(self.with("base URL", n, &[line.replace("://", "://new.")]));
            }
            if let Some((before, path)) =
                line.split_once(" /").filter(|_| method == word && method.len() > 2 && capital(method))
            {
                out.push(self.with("path", n, &[format!("{before} /v9/{path}")]));
                out.push(self.with("path", n, &[format!("{line}/more")]));
            }
        }
    }

    fn samples(&self, out: &mut Vec<Mutation>) {
        for n in (0..self.lines.len()).filter(|n| self.samples[*n]) {
            let line = self.lines[n];
            // The label itself stays unchanged. Sample code is inserted after it.
            if matches!(line.trim(), "Example Request" | "Example Response" | "Sample Code") {
                let added = "const reply = await fetch(\"https://elsewhere.example/x\", { method: \"POST\" })";
                out.push(self.put(
                    "sample code",
                    n + 1..n + 1,
                    &[added.into(), String::new(), "return reply".into(), String::new()],
                ));
                continue;
            }
            if n % 3 == 0 {
                out.push(self.with("sample code", n, &[]));
                out.push(self.with("sample code", n, &[line.to_owned(), line.to_owned()]));
                out.push(self.with("sample code", n, &[line.replace(|c: char| c.is_ascii_digit(), "7")]));
            }
        }
    }

    fn wording(&self, kept: &[&str], out: &mut Vec<Mutation>) {
        let named = |line: &str| line.rsplit(' ').next().is_some_and(|code| code.bytes().all(|b| b.is_ascii_digit()));
        for row in self.running() {
            for n in row.start + 1..row.end {
                let line = self.lines[n].trim();
                // Skips lines that end with a number, because they are rows of a table of names and codes. Also skips
                // short lines that begin with a lowercase letter: the header row of such a table, and lines that are
                // only a name.
                if named(line) || line.split(' ').count() <= 2 && line.starts_with(|c: char| c.is_ascii_lowercase()) {
                    continue;
                }
                let first = line.split([' ', ':']).next().unwrap_or_default();
                if line.is_empty()
                    || capital(first) && first != "VAT"
                    || first.trim_start_matches('-').parse::<u32>().is_ok()
                {
                    continue;
                }
                out.push(self.with("wording", n, &[format!("{line} Please note this.")]));
                let rule = kept.iter().any(|kept| line.contains(kept))
                    || line.contains(|c: char| c.is_ascii_digit())
                    || line.contains("default");
                let lone = first == line || line.contains('"') || matches!(first, "true" | "false");
                if !rule && !lone {
                    out.push(self.with("wording", n, &["This is said in other words now.".to_owned()]));
                    out.push(self.put("wording", n..n, &["One more sentence that says nothing.".to_owned()]));
                }
            }
            for n in row.start + 1..row.end {
                let line = self.lines[n].trim();
                if let Some((first, rest)) = line
                    .split_once(' ')
                    .filter(|(first, rest)| capital(first) && !rest.contains("(default)") && !named(rest))
                {
                    out.push(self.with("wording", n, &[format!("{first} {} indeed", rest.trim_end_matches('.'))]));
                }
            }
        }
        let mut head: Vec<&str> = Vec::new();
        for (row, is_head) in self.bars() {
            let line = self.lines[row.start];
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            if is_head {
                head = cells;
                continue;
            }
            let plain = head.iter().position(|title| matches!(*title, "Description" | "Key Changes"));
            if let Some(column) = plain.filter(|column| row.len() == 1 && *column < cells.len())
                && !kept.iter().any(|kept| cells[column].contains(kept))
                && !cells[column].contains(['"', '•'])
            {
                let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
                cells[column] = "Said in other words".into();
                out.push(self.with("wording", row.start, &[cells.join(" | ").trim().to_owned()]));
            }
        }
        for (n, line) in self.prose() {
            if line.trim().ends_with('.') && line.split(' ').count() > 8 && !line.contains('|') {
                out.push(self.with("wording", n, &[format!("{line} This sentence was added.")]));
            }
        }
    }

    /// Adds pages in which two neighboring rows are swapped.
    fn order(&self, out: &mut Vec<Mutation>) {
        let rows = self.running();
        for pair in rows.windows(2).filter(|pair| pair[0].end == pair[1].start) {
            let (a, b) = (&pair[0], &pair[1]);
            let moved: Vec<String> =
                self.lines[b.clone()].iter().chain(&self.lines[a.clone()]).map(|l| (*l).to_owned()).collect();
            out.push(self.put("row order", a.start..b.end, &moved));
        }
        let bars = self.bars();
        for pair in bars.windows(2).filter(|pair| !pair[0].1 && !pair[1].1) {
            let (a, b) = (&pair[0].0, &pair[1].0);
            let moved: Vec<String> =
                self.lines[b.clone()].iter().chain(&self.lines[a.clone()]).map(|l| (*l).to_owned()).collect();
            out.push(self.put("row order", a.start..b.end, &moved));
        }
    }
}
