//! The page and the spec side by side: first by section, then by name.
//!
//! Nothing is read or written here. What a quirk explains is settled in `explain`, rows in `rows`.

mod explain;
mod lists;
mod rows;

use super::expected::{Expected, Owner, Section as ExpectedSection, Words};
use super::outline::{numbered, same_heading};
use super::page::{Endpoint, Fact, Page, Part, Section};
use super::report::{Count, Difference, Report, Side};
use super::{paste, states};
use crate::source::Place;
use explain::{Key, Printed};

/// Lines up a page with what it should say. `at` tells where a place of the spec stands.
pub fn compare(page: &Page, label: &str, expected: &Expected, at: &dyn Fn(&Place) -> String) -> Result<Report, String> {
    let pairs = pair(page, expected);
    let mut audit = Audit { expected, at, differences: Vec::new(), counts: Vec::new() };
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
    audit.page_as_a_whole(page);
    let mut differences = audit.differences;
    differences.sort_by_key(|found| found.line.unwrap_or(usize::MAX));
    Ok(Report { api: expected.api.clone(), page: label.to_owned(), counts: audit.counts, differences })
}

/// The spec's section for each of the page's: by heading, and where headings changed by method and URL.
fn pair<'a>(page: &Page, expected: &'a Expected) -> Vec<Option<&'a ExpectedSection>> {
    let by_heading = |section: &Section| {
        let fits: Vec<_> =
            expected.sections.iter().filter(|wanted| same_heading(&wanted.heading, &section.heading)).collect();
        // Of several that fit, the longest says most.
        fits.into_iter().max_by_key(|wanted| wanted.heading.len())
    };
    let mut pairs: Vec<_> = page.sections.iter().map(by_heading).collect();
    for (n, section) in page.sections.iter().enumerate() {
        if pairs[n].is_some() || section.rows.is_empty() && section.endpoints.is_empty() {
            continue;
        }
        let free = |wanted: &&ExpectedSection| !pairs.iter().flatten().any(|taken| taken.heading == wanted.heading);
        let leads_to = |wanted: &&ExpectedSection| {
            wanted.owners.iter().any(|owner| section.endpoints.iter().any(|endpoint| owner.is_at(endpoint)))
        };
        let same_number = |wanted: &&ExpectedSection| {
            let number = |heading: &str| numbered(heading).map(|(number, _)| number.to_owned());
            number(&wanted.heading).is_some_and(|of| number(&section.heading).as_ref() == Some(&of))
        };
        let mut candidates = expected.sections.iter().filter(free);
        pairs[n] = candidates.clone().find(leads_to).or_else(|| candidates.find(same_number));
    }
    pairs
}

impl Owner {
    fn is_at(&self, endpoint: &Endpoint) -> bool {
        self.method == endpoint.method && self.target == endpoint.target
    }
}

fn unreadable(page: &Page, label: &str, expected: &Expected) -> String {
    let wanted: Vec<String> = expected.sections.iter().map(|section| format!("`{}`", section.heading)).collect();
    let found: Vec<String> = (page.sections.iter().filter(|section| !section.heading.is_empty()).take(12))
        .map(|section| format!("`{}`", section.heading))
        .collect();
    format!(
        "{label}: this is no page of the API `{}`, or not in a notation that can be read\n  \
         looked for the sections {}, each with rows of fields (`name type mandatory Max Length: N`, or a table with \
         the columns Name and Type)\n  \
         found {} sections{}{}, {} rows of fields, {} requests",
        expected.api,
        wanted.join(", "),
        page.sections.len() - 1,
        if found.is_empty() { "" } else { ": " },
        found.join(", "),
        page.count(|section| &section.rows),
        page.count(|section| &section.endpoints),
    )
}

struct Audit<'a> {
    expected: &'a Expected,
    at: &'a dyn Fn(&Place) -> String,
    differences: Vec<Difference>,
    counts: Vec<Count>,
}

/// What a fact that was read came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Matched,
    Explained,
    Unexplained,
}

impl Audit<'_> {
    fn count(&mut self, kind: &'static str, outcome: Outcome) {
        let n = self.counts.iter().position(|count| count.kind == kind).unwrap_or_else(|| {
            self.counts.push(Count { kind, ..Count::default() });
            self.counts.len() - 1
        });
        let count = &mut self.counts[n];
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

    /// What only the page has.
    fn page_only(&self, about: &str, what: &'static str, page: &str, line: usize, at: &Place) -> Difference {
        Difference {
            side: Side::Page,
            about: about.to_owned(),
            what,
            page: Some(page.to_owned()),
            spec: None,
            line: Some(line),
            at: Some((self.at)(at)),
            paste: None,
            hint: None,
            explained: None,
        }
    }

    /// What only the spec has.
    fn spec_only(&self, about: &str, what: &'static str, spec: &str, line: Option<usize>, at: &Place) -> Difference {
        let found = self.page_only(about, what, "", 0, at);
        Difference { side: Side::Spec, page: None, spec: Some(spec.to_owned()), line, ..found }
    }

    /// What both have.
    fn differs(&self, about: &str, what: &'static str, sides: (&str, &str), line: usize, at: &Place) -> Difference {
        let found = self.page_only(about, what, sides.0, line, at);
        Difference { side: Side::Both, spec: Some(sides.1.to_owned()), ..found }
    }

    fn section(&mut self, section: &Section, wanted: &ExpectedSection) {
        if !same_heading(&wanted.heading, &section.heading) {
            let sides = (section.heading.as_str(), wanted.heading.as_str());
            let mut found = self.differs(&wanted.owners[0].id, "heading", sides, section.line, &wanted.place);
            found.paste = Some(format!("section: {}", section.heading));
            self.report(found);
        }
        self.endpoints(section, wanted);
        self.rows(section, wanted);
        self.common_parts(section);
        if let Some(owner) = wanted.owners.iter().find(|owner| owner.callback && !owner.off_page) {
            let at = owner.place.at("http_statuses").key();
            let (owner_id, statuses) = (owner.id.clone(), &owner.statuses);
            self.statuses(&section.statuses, statuses, Some(&owner_id), section.line, &at);
        }
        let text = joined(&section.text);
        for owner in &wanted.owners {
            self.states(&owner.id, &owner.states, &text, section.line);
        }
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
                found.paste = Some(place);
                outcome = outcome.max(self.report(found));
            }
            // The URL of a callback is the caller's own; where the page prints one, it is an example.
            let example = owner.callback && endpoint.base.is_some();
            if owner.target != endpoint.target && !example {
                let sides = (endpoint.target.as_str(), owner.target.as_str());
                let mut found = self.differs(&owner.id, "path", sides, endpoint.line, &owner.method_at);
                found.paste = (!owner.callback).then(|| format!("{}: {}", owner.method, endpoint.target));
                outcome = outcome.max(self.report(found));
            }
            if let Some(base) = endpoint.base.as_ref().filter(|_| !example) {
                let known: Vec<&str> = self.expected.stages.iter().map(|(_, url, _)| url.as_str()).collect();
                if !known.contains(&base.as_str()) {
                    let place = self.expected.stages.first().map_or(owner.place.clone(), |(_, _, at)| at.at("url"));
                    let mut found =
                        self.differs(&owner.id, "base URL", (base, &known.join(", ")), endpoint.line, &place);
                    found.paste = Some(format!("url: {base}"));
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

    /// A section that belongs to no operation: what holds for all of them, or a new one.
    fn common_section(&mut self, section: &Section) {
        let has_rows = section.rows.iter().any(|row| row.part != Part::Header);
        if !section.endpoints.is_empty() && (has_rows || !section.heading.is_empty()) {
            let sample =
                section.endpoints.iter().map(|e| format!("{} {}", e.method, e.target)).next().unwrap_or_default();
            let at = self.expected.statuses_at.clone();
            let mut found = self.page_only(&section.heading, "section", &sample, section.line, &at);
            found.paste = Some(paste::operation(section));
            found.hint = Some("a new operation: a file of its own beside this one".into());
            self.report(found);
            section.rows.iter().for_each(|_| self.count("fields", Outcome::Unexplained));
            section.endpoints.iter().for_each(|_| self.count("requests", Outcome::Unexplained));
        } else {
            self.common_rows(section);
        }
        self.common_parts(section);
    }

    /// Lists, stages, history and rows of other tables, wherever they stand.
    fn common_parts(&mut self, section: &Section) {
        for list in &section.lists {
            self.list(list, section);
        }
        for (stage, url) in &section.stages {
            self.stage(stage, url);
        }
        for (version, date, change) in &section.history {
            self.revision(version, date, change);
        }
        for other in &section.others {
            self.other(other);
        }
    }

    /// A row of a table that is about none of the things a spec has is accounted for by a note that states it.
    fn other(&mut self, row: &Fact) {
        let first = row.text.split(" | ").next().unwrap_or_default();
        let owners = self.expected.sections.iter().flat_map(|section| &section.owners);
        let mut stated = self.expected.states.iter().chain(owners.flat_map(|owner| &owner.states));
        if stated.any(|words| words.text == first) {
            return self.count("other rows", Outcome::Matched);
        }
        let at = self.expected.statuses_at.clone();
        let mut found = self.page_only("page", "table row", &row.text, row.line, &at);
        found.hint = Some("nothing reads this row; a note with `states:` accounts for it".into());
        found.paste = Some(format!("- about: {first}\n  says: {first}\n  states: [\"{first}\"]"));
        let outcome = self.report(found);
        self.count("other rows", outcome);
    }

    fn absent_sections(&mut self, pairs: &[Option<&ExpectedSection>]) {
        for wanted in &self.expected.sections {
            if pairs.iter().flatten().any(|found| found.heading == wanted.heading) {
                continue;
            }
            for owner in wanted.owners.iter().filter(|owner| !owner.off_page) {
                let mut found = self.spec_only(&owner.id, "section", &wanted.heading, None, &wanted.place);
                found.hint = Some("the operation was withdrawn, or its section renamed and moved".into());
                self.report(found);
            }
        }
    }

    fn page_as_a_whole(&mut self, page: &Page) {
        let text: Vec<String> =
            page.sections.iter().map(|section| format!("{}\n{}", section.heading, joined(&section.text))).collect();
        let text = text.join("\n");
        self.states(&self.expected.api.clone(), &self.expected.states, &text, 0);
        for gone in &self.expected.withdrawn {
            if !states::missing([gone.text.as_str()], &text).is_empty() {
                let found = self.spec_only("withdrawn", "section number", &gone.text, None, &gone.place);
                self.report(found);
            }
        }
        let owned = |section: &&Section| {
            let by = self.expected.sections.iter().filter(|wanted| same_heading(&wanted.heading, &section.heading));
            by.flat_map(|wanted| &wanted.owners).any(|owner| owner.callback && !owner.off_page)
        };
        let statuses: Vec<Fact> = page
            .sections
            .iter()
            .filter(|section| !owned(section))
            .flat_map(|section| section.statuses.clone())
            .collect();
        self.statuses(&statuses, &self.expected.statuses, None, 0, &self.expected.statuses_at.clone());
        self.absent_common_facts(page);
    }

    /// Words that carry rules and are no longer there.
    fn states(&mut self, about: &str, wanted: &[Words], text: &str, line: usize) -> Outcome {
        let missing = states::missing(wanted.iter().map(|words| words.text.as_str()), text);
        let mut worst = Outcome::Matched;
        for (n, words) in wanted.iter().enumerate() {
            if missing.contains(&n) {
                // Those of a field are about the field.
                let about =
                    if about.ends_with(&words.about) { about.to_owned() } else { format!("{about}: {}", words.about) };
                let line = Some(line).filter(|line| *line > 0);
                let mut found = self.spec_only(&about, "statement", &words.text, line, &words.place);
                found.hint = Some("the rule these words carry may have changed; read the page's text there".into());
                worst = worst.max(self.report(found));
            } else {
                self.count("statements", Outcome::Matched);
            }
        }
        worst
    }

    fn explain(
        &self,
        owner: Option<&str>,
        anchors: &[String],
        key: Key,
        printed: &Printed,
    ) -> Option<(String, String)> {
        let quirk = explain::explain(&self.expected.quirks, owner, anchors, key, printed)?;
        Some(((self.at)(&quirk.place), quirk.spec.we_read.clone()))
    }
}

fn joined(text: &[Fact]) -> String {
    text.iter().map(|fact| fact.text.as_str()).collect::<Vec<_>>().join("\n")
}
