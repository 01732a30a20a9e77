//! Compares a page with the spec, section by section, without I/O.
//!
//! `pairs` finds the section of the spec for each section of the page. `rows` compares rows of fields, and `lists`
//! compares values, error codes, statuses, stages and versions. `explain` finds the quirks that explain a difference.

mod explain;
mod lists;
mod pairs;
mod rows;

pub(crate) use pairs::documents;
pub(crate) use pairs::pair;
pub(crate) use rows::part_name;

use super::expected::{Expected, ExpectedSection, Owner, Words};
use super::outline::same_heading;
use super::page::{Endpoint, Fact, Page, Part, Section};
use super::report::{Count, Difference, Report, Side};
use super::{language, page_words, suggestion};
use codegen::source::Place;
use codegen::spec::Language;
use explain::{Key, Printed};

/// Compares a page with its expected content. Sections about operations of the APIs in `others` are not compared. A
/// note in the report lists these operations. `at` returns the file and line of a place in the spec.
///
/// Returns an error message if no field on the page matches the spec.
pub(crate) fn compare(
    page: &Page,
    language: Language,
    label: &str,
    expected: &Expected,
    others: &[&Expected],
    at: &dyn Fn(&Place) -> String,
) -> Result<Report, String> {
    let pairs = pair(page, expected);
    // Several pages may document one API, so only the sections of this page are expected.
    let documents: Vec<&Option<String>> = pairs.iter().flatten().map(|wanted| &wanted.document).collect();
    let mut audit = Audit {
        expected,
        others,
        language,
        at,
        documents,
        differences: Vec::new(),
        counts: Vec::new(),
        foreign: Vec::new(),
    };
    for (section, found) in page.sections.iter().zip(&pairs) {
        match found {
            Some(wanted) => audit.section(section, wanted),
            None => audit.common_section(section),
        }
    }
    if audit.counts.iter().find(|count| count.kind == "fields").is_none_or(|count| count.matched + count.explained == 0)
    {
        return Err(unreadable(page, label, expected));
    }
    audit.absent_sections(&pairs);
    if audit.documents.contains(&&expected.document) {
        audit.page_as_a_whole(page, &pairs);
    }
    let mut differences = audit.differences;
    differences.sort_by_key(|found| found.line.unwrap_or(usize::MAX));
    let mut notes = Vec::new();
    if language != expected.language {
        notes.push(format!("the page is in {}", language.name()));
    }
    audit.foreign.dedup();
    if !audit.foreign.is_empty() {
        notes.push(format!("the page also documents {}", audit.foreign.join(", ")));
    }
    Ok(Report {
        api: expected.api.clone(),
        page: label.to_owned(),
        against: None,
        language: language.code(),
        notes,
        counts: audit.counts,
        differences,
    })
}

/// Returns a summary of the page's content, for error messages.
pub(crate) fn content_summary(page: &Page) -> String {
    let found: Vec<String> = (page.sections.iter().filter(|section| !section.heading.is_empty()).take(12))
        .map(|section| format!("`{}`", section.heading))
        .collect();
    format!(
        "found {} sections{}{}, {} rows of fields, {} requests",
        page.sections.len() - 1,
        if found.is_empty() { "" } else { ": " },
        found.join(", "),
        page.count(|section| &section.rows),
        page.count(|section| &section.endpoints),
    )
}

fn unreadable(page: &Page, label: &str, expected: &Expected) -> String {
    format!(
        "{label}: this page does not document the API `{}`, or the notation of the page is not supported\n  {}",
        expected.api,
        expected_and_actual(page, expected)
    )
}

/// Returns a summary of the expected and the actual content, for an error message.
pub(crate) fn expected_and_actual(page: &Page, expected: &Expected) -> String {
    let wanted: Vec<String> = expected.sections.iter().map(|section| format!("`{}`", section.heading)).collect();
    format!(
        "looked for the sections {}, each with rows of fields (`name type mandatory Max Length: N`, or a table with \
         the columns Name and Type)\n  {}",
        wanted.join(", "),
        content_summary(page)
    )
}

impl Owner {
    /// Returns `true` if the endpoint has the method and target of this operation or callback.
    pub(crate) fn is_at(&self, endpoint: &Endpoint) -> bool {
        self.method == endpoint.method && self.target == endpoint.target
    }
}

struct Audit<'a> {
    expected: &'a Expected,
    others: &'a [&'a Expected],
    language: Language,
    at: &'a dyn Fn(&Place) -> String,
    /// The `page.document` that the spec states for each section found on this page.
    documents: Vec<&'a Option<String>>,
    differences: Vec<Difference>,
    counts: Vec<Count>,
    /// Operations of other APIs that the page documents.
    foreign: Vec<String>,
}

/// Result of comparing a fact on the page with the spec. The variants are ordered from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Matched,
    Explained,
    Unexplained,
}

impl<'a> Audit<'a> {
    /// Returns the page words of all notes about the API, its operations and its callbacks.
    fn stated_words(&self) -> Vec<&'a str> {
        let expected = self.expected;
        let owners = expected.sections.iter().flat_map(|section| &section.owners);
        let of_owners = owners.flat_map(|owner| &owner.page_words);
        expected.page_words.iter().chain(of_owners).map(|words| words.text.as_str()).collect()
    }
}

impl Audit<'_> {
    fn count_of(&mut self, kind: &'static str) -> &mut Count {
        let n = self.counts.iter().position(|count| count.kind == kind).unwrap_or_else(|| {
            self.counts.push(Count { kind, ..Count::default() });
            self.counts.len() - 1
        });
        &mut self.counts[n]
    }

    /// Counts facts that cannot be judged, because the spec has no words for them in the page's language.
    fn not_judged(&mut self, kind: &'static str, n: usize) {
        if n > 0 {
            self.count_of(kind).not_judged += n;
        }
    }

    fn count(&mut self, kind: &'static str, outcome: Outcome) {
        let count = self.count_of(kind);
        count.read += 1;
        match outcome {
            Outcome::Matched => count.matched += 1,
            Outcome::Explained => count.explained += 1,
            Outcome::Unexplained => count.unexplained += 1,
        }
    }

    fn report(&mut self, difference: Difference) -> Outcome {
        let outcome = if difference.explained.is_some() { Outcome::Explained } else { Outcome::Unexplained };
        self.differences.push(difference);
        outcome
    }

    /// Creates a difference for a fact that only the page has.
    fn page_only(&self, about: &str, what: &'static str, page: &str, line: usize, at: &Place) -> Difference {
        Difference {
            side: Side::Page,
            about: about.to_owned(),
            what,
            page: Some(page.to_owned()),
            spec: None,
            line: Some(line),
            at: Some((self.at)(at)),
            suggestion: None,
            hint: None,
            explained: None,
        }
    }

    /// Creates a difference for a fact that only the spec has.
    fn spec_only(&self, about: &str, what: &'static str, spec: &str, line: Option<usize>, at: &Place) -> Difference {
        let found = self.page_only(about, what, "", 0, at);
        Difference { side: Side::Spec, page: None, spec: Some(spec.to_owned()), line, ..found }
    }

    /// Creates a difference for a fact that has different values on the page and in the spec.
    fn differs(&self, about: &str, what: &'static str, sides: (&str, &str), line: usize, at: &Place) -> Difference {
        let found = self.page_only(about, what, sides.0, line, at);
        Difference { side: Side::Both, spec: Some(sides.1.to_owned()), ..found }
    }

    fn section(&mut self, section: &Section, wanted: &ExpectedSection) {
        self.heading(section, wanted);
        self.endpoints(section, wanted);
        let relabeled = rows::relabeled(section, wanted);
        self.rows(relabeled.as_ref().unwrap_or(section), wanted);
        self.common_parts(section, Some(wanted));
        if let Some(owner) = wanted.owners.iter().find(|owner| owner.callback && !owner.off_page) {
            let at = owner.place.at("http_statuses").key();
            let (owner_id, statuses) = (owner.id.clone(), &owner.statuses);
            self.statuses(&section.statuses, statuses, Some(&owner_id), section.line, &at);
        }
        let text = joined(&section.text);
        for owner in &wanted.owners {
            self.page_words(&owner.id, &owner.page_words, &text, section.line);
        }
    }

    fn heading(&mut self, section: &Section, wanted: &ExpectedSection) {
        if wanted.headings.iter().any(|(_, heading)| same_heading(heading, &section.heading))
            || section.heading.is_empty()
        {
            return;
        }
        let Some(heading) = wanted.heading_in(self.language) else {
            return self.not_judged("headings", 1);
        };
        let sides = (section.heading.as_str(), heading);
        let mut found = self.differs(&wanted.owners[0].id, "heading", sides, section.line, &wanted.place);
        found.hint = Some("only the heading has changed; the content of the section was compared".into());
        let text = suggestion::text(&section.heading);
        found.suggestion = Some(match self.language == self.expected.language {
            true => format!("section: {text}"),
            false => format!("headings: {{ {}: {text} }}", self.language.code()),
        });
        self.report(found);
    }

    fn endpoints(&mut self, section: &Section, wanted: &ExpectedSection) {
        let owners: Vec<&Owner> = wanted.owners.iter().filter(|owner| !owner.off_page).collect();
        for endpoint in &section.endpoints {
            let Some(owner) = owners.iter().find(|owner| owner.is_at(endpoint)).or(owners.first()) else { continue };
            let mut outcome = Outcome::Matched;
            if owner.method != endpoint.method {
                let sides = (endpoint.method.as_str(), owner.method.as_str());
                let mut found = self.differs(&owner.id, "method", sides, endpoint.line, &owner.method_at);
                let place = if owner.callback {
                    "method: ".to_owned() + &endpoint.method
                } else {
                    format!("{}: {}", endpoint.method, owner.target)
                };
                found.suggestion = Some(place);
                outcome = outcome.max(self.report(found));
            }
            // The caller chooses the URL of a callback, so a URL on the page is an example.
            let example = owner.callback && endpoint.base.is_some();
            if owner.target != endpoint.target && !example {
                let sides = (endpoint.target.as_str(), owner.target.as_str());
                let mut found = self.differs(&owner.id, "path", sides, endpoint.line, &owner.method_at);
                found.suggestion = (!owner.callback).then(|| format!("{}: {}", owner.method, endpoint.target));
                outcome = outcome.max(self.report(found));
            }
            if let Some(base) = endpoint.base.as_ref().filter(|_| !example) {
                let known: Vec<&str> = self.expected.stages.iter().map(|(_, url, _)| url.as_str()).collect();
                if !known.contains(&base.as_str()) {
                    let place = self.expected.stages.first().map_or(owner.place.clone(), |(_, _, at)| at.at("url"));
                    let mut found =
                        self.differs(&owner.id, "base URL", (base, &known.join(", ")), endpoint.line, &place);
                    found.suggestion = Some(format!("url: {}", suggestion::quoted(base)));
                    outcome = outcome.max(self.report(found));
                }
            }
            self.count("requests", outcome);
        }
        if section.endpoints.is_empty() {
            for owner in owners {
                let spec = format!("{} {}", owner.method, owner.target);
                let found = self.spec_only(&owner.id, "request", &spec, Some(section.line), &owner.method_at);
                self.report(found);
            }
        }
    }

    /// Compares a section that belongs to no operation or callback of the API. The section is about the API as a whole,
    /// or about an operation that is new or belongs to another API.
    fn common_section(&mut self, section: &Section) {
        let of_others = |endpoint: &Endpoint| {
            let owners = self
                .others
                .iter()
                .flat_map(|of| of.sections.iter().flat_map(move |s| s.owners.iter().map(move |o| (of, o))));
            owners
                .filter(|(_, owner)| !owner.callback && owner.is_at(endpoint))
                .map(|(of, owner)| format!("`{}.{}`", of.api, owner.id))
                .next()
        };
        let foreign: Vec<String> = section.endpoints.iter().filter_map(of_others).collect();
        if !foreign.is_empty() {
            return self.foreign.extend(foreign);
        }
        let has_rows = section.rows.iter().any(|row| row.part != Part::Header);
        // A request before the first heading counts as part of a guide, and not as an operation, unless rows of fields
        // follow it there.
        if !section.endpoints.is_empty() && (has_rows || !section.heading.is_empty()) {
            let sample =
                section.endpoints.iter().map(|e| format!("{} {}", e.method, e.target)).next().unwrap_or_default();
            let at = self.expected.statuses_at.clone();
            let mut found = self.page_only(&section.heading, "section", &sample, section.line, &at);
            found.suggestion = Some(suggestion::operation(section, &self.expected.path_types));
            found.hint = Some("a new operation: add a file for it beside the API's file".into());
            self.report(found);
            section.rows.iter().for_each(|_| self.count("fields", Outcome::Unexplained));
            section.endpoints.iter().for_each(|_| self.count("requests", Outcome::Unexplained));
        } else {
            self.common_rows(section);
        }
        self.common_parts(section, None);
    }

    /// Compares the lists, stages and versions of a section, and its tables of unknown meaning.
    fn common_parts(&mut self, section: &Section, wanted: Option<&ExpectedSection>) {
        for list in &section.lists {
            if list.codes { self.code_list(list, wanted) } else { self.list(list, section) }
        }
        for (stage, url) in &section.stages {
            self.stage(stage, url);
        }
        for (version, date, _) in &section.history {
            self.revision(version, date);
        }
        self.others(section);
    }

    /// Compares the rows of tables of unknown meaning. A row is covered if its first cell is among the page words of a
    /// note. If no row of the section is covered, all rows together are reported as one difference.
    fn others(&mut self, section: &Section) {
        let stated = self.stated_words();
        let first = |row: &Fact| row.text.split(" | ").next().unwrap_or_default().to_owned();
        let is_stated = |row: &Fact| stated.contains(&first(row).as_str());
        let any = section.others.iter().any(is_stated);
        let at = self.expected.statuses_at.clone();
        for (n, row) in section.others.iter().enumerate() {
            if is_stated(row) {
                self.count("other rows", Outcome::Matched);
                continue;
            }
            if n > 0 && !any {
                self.count("other rows", Outcome::Unexplained);
                continue;
            }
            let mut found = self.page_only("page", "table row", &row.text.replace('\n', " "), row.line, &at);
            let more = section.others.len() - 1;
            found.hint = Some(match more {
                _ if any => "this row is not covered by the spec; add a note with `page_words:` for it".into(),
                0 => "this row is not covered by the spec; add a note with `page_words:` for it".into(),
                more => format!(
                    "this row and {more} more of its section are not covered by the spec; add notes with `page_words:` for them"
                ),
            });
            let words = suggestion::quoted(&first(row));
            found.suggestion =
                Some(format!("- about: {words}\n  says: Describe it in your own words.\n  page_words: [{words}]"));
            let outcome = self.report(found);
            self.count("other rows", outcome);
        }
    }

    fn absent_sections(&mut self, pairs: &[Option<&ExpectedSection>]) {
        for wanted in &self.expected.sections {
            if pairs.iter().flatten().any(|found| found.heading == wanted.heading) {
                continue;
            }
            if !self.documents.contains(&&wanted.document) {
                continue;
            }
            for owner in wanted.owners.iter().filter(|owner| !owner.off_page) {
                let heading = wanted.heading_in(self.language).unwrap_or(&wanted.heading);
                let mut found = self.spec_only(&owner.id, "section", heading, None, &wanted.place);
                found.hint = Some("the operation was withdrawn, or its section was renamed and moved".into());
                self.report(found);
            }
        }
    }

    fn page_as_a_whole(&mut self, page: &Page, pairs: &[Option<&ExpectedSection>]) {
        let text: Vec<String> =
            page.sections.iter().map(|section| format!("{}\n{}", section.heading, joined(&section.text))).collect();
        let text = text.join("\n");
        self.page_words(&self.expected.api.clone(), &self.expected.page_words, &text, 0);
        for gone in &self.expected.withdrawn {
            if !page_words::missing([gone.text.as_str()], &text).is_empty() {
                let found = self.spec_only("withdrawn", "section number", &gone.text, None, &gone.place);
                self.report(found);
            }
        }
        let of_callback =
            |wanted: &&ExpectedSection| wanted.owners.iter().any(|owner| owner.callback && !owner.off_page);
        let common = page.sections.iter().zip(pairs).filter(|(_, wanted)| !wanted.as_ref().is_some_and(of_callback));
        let statuses: Vec<Fact> = common.flat_map(|(section, _)| section.statuses.clone()).collect();
        self.statuses(&statuses, &self.expected.statuses, None, 0, &self.expected.statuses_at.clone());
        self.absent_common_facts(page);
    }

    /// Searches `text` for page words, and reports the words that it does not contain.
    fn page_words(&mut self, about: &str, wanted: &[Words], text: &str, line: usize) -> Outcome {
        let judged = self.judged(wanted);
        let missing = page_words::missing(judged.iter().map(|words| words.text.as_str()), text);
        let mut worst = Outcome::Matched;
        let mut lost: Vec<(&Words, Vec<&str>)> = Vec::new();
        for (n, words) in judged.iter().enumerate() {
            if !missing.contains(&n) {
                self.count("statements", Outcome::Matched);
                continue;
            }
            // Missing words of one fact are reported as one difference.
            match lost.iter_mut().find(|(first, _)| first.about == words.about) {
                Some((_, all)) => all.push(&words.text),
                None => lost.push((words, vec![&words.text])),
            }
        }
        for (words, all) in lost {
            // The path of a field already ends with the subject of the field's page words.
            let about =
                if about.ends_with(&words.about) { about.to_owned() } else { format!("{about}: {}", words.about) };
            let line = Some(line).filter(|line| *line > 0);
            let mut found = self.spec_only(&about, "statement", &all.join(", "), line, &words.place);
            found.hint = Some("the rule that these words state may have changed; read the page at this line".into());
            worst = worst.max(self.report(found));
        }
        worst
    }

    /// Returns the page words that apply to pages in the language of this page. If a fact has words only for other
    /// languages, the words for the first of these languages are counted as not judged.
    fn judged<'w>(&mut self, wanted: &'w [Words]) -> Vec<&'w Words> {
        let (language, of_api) = (self.language, self.expected.language);
        let mut judged = Vec::new();
        let mut rest: &[Words] = wanted;
        while let Some(first) = rest.first() {
            // Words of one fact are adjacent.
            let n = rest.iter().take_while(|words| words.about == first.about).count();
            let (of_one, after) = rest.split_at(n);
            let concerns = |words: &&Words| words.of.concerns(language, of_api);
            let of_language = |words: &Words| words.of != codegen::spec::WordsOf::Any;
            if of_one.iter().any(of_language) && !of_one.iter().any(|words| of_language(words) && concerns(&words)) {
                let first_list = of_one.iter().find(|words| of_language(words)).map(|words| words.of);
                self.not_judged("statements", of_one.iter().filter(|words| Some(words.of) == first_list).count());
            }
            judged.extend(of_one.iter().filter(concerns));
            rest = after;
        }
        judged
    }

    fn explain(
        &self,
        owner: Option<&str>,
        anchors: &[String],
        key: Key,
        printed: &Printed,
    ) -> Option<(String, String)> {
        let quirk = explain::explain(&self.expected.quirks, self.language, owner, anchors, key, printed)?;
        Some(((self.at)(&quirk.place), quirk.spec.we_read.clone()))
    }
}

fn joined(text: &[Fact]) -> String {
    text.iter().map(|fact| fact.text.as_str()).collect::<Vec<_>>().join("\n")
}
