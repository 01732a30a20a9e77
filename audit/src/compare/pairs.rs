//! Pairs the sections of a page with those of the spec: first by method and path, then by heading. After that,
//! callbacks are paired by heading and fields. The remaining sections are paired by number or by fields.

use crate::ReadPage;
use crate::expected::{Expected, ExpectedSection, Owner};
use crate::outline::{numbered, same_heading};
use crate::page::{Page, Part, Section};
use crate::words;

/// Smallest share of common fields at which a callback is paired with a section whose heading or request matches.
const SHARE: f64 = 0.5;

/// Returns, for each section of the page, the section of the spec with which it is paired.
pub(crate) fn pair<'a>(page: &Page, expected: &'a Expected) -> Vec<Option<&'a ExpectedSection>> {
    let mut pairs = Pairs { page, expected, found: vec![None; page.sections.len()] };
    pairs.by_request();
    pairs.by_heading();
    pairs.callbacks();
    pairs.by_fields();
    pairs.found.iter().map(|found| found.map(|n| &expected.sections[n])).collect()
}

/// Returns `true` if a page documents an operation or a callback of an API.
pub(crate) fn documents(read: &ReadPage, expected: &Expected) -> bool {
    let pairs = pair(&read.page, expected);
    read.page.sections.iter().zip(pairs).any(|(section, wanted)| {
        let has_request = |wanted: &ExpectedSection| wanted.owners.iter().any(|owner| has_request_of(section, owner));
        // Equal fields are not enough, because other APIs of a provider may have fields with the same names.
        wanted.is_some_and(|wanted| !section.rows.is_empty() && (has_request(wanted) || has_heading(wanted, section)))
    })
}

/// Returns `true` if the section has the request of an operation.
fn has_request_of(section: &Section, owner: &Owner) -> bool {
    !owner.callback && section.endpoints.iter().any(|endpoint| owner.is_at(endpoint))
}

/// Returns the share of a section's fields, not counting headers, that are also in the spec's section.
fn overlap(section: &Section, wanted: &ExpectedSection) -> f64 {
    let rows = section.rows.iter().filter(|row| row.part != Part::Header);
    let (mut all, mut known) = (0_u32, 0_u32);
    for row in rows {
        all += 1;
        let last = row.name.rsplit('.').next().unwrap_or(&row.name);
        let fields = wanted.owners.iter().flat_map(|owner| &owner.fields);
        known += u32::from(fields.flat_map(|field| &field.names).any(|name| name == last));
    }
    if all == 0 { 0.0 } else { f64::from(known) / f64::from(all) }
}

/// Returns the total number of rows, requests, lists and statuses in a section.
fn weight(section: &Section) -> usize {
    section.rows.len() + section.endpoints.len() + section.lists.len() + section.statuses.len()
}

struct Pairs<'a, 'p> {
    page: &'p Page,
    expected: &'a Expected,
    found: Vec<Option<usize>>,
}

impl Pairs<'_, '_> {
    fn is_taken(&self, wanted: usize) -> bool {
        self.found.contains(&Some(wanted))
    }

    /// Returns the index of the unpaired section of the page that fits and has the most content.
    fn best(&self, fits: impl Fn(&Section) -> bool) -> Option<usize> {
        let free = (0..self.page.sections.len()).filter(|n| self.found[*n].is_none());
        // Of several sections with equally much content, the first one is wanted. `max_by_key` returns the last one, so
        // the order is reversed.
        free.filter(|n| fits(&self.page.sections[*n])).rev().max_by_key(|n| weight(&self.page.sections[*n]))
    }

    fn by_request(&mut self) {
        for (n, wanted) in self.expected.sections.iter().enumerate() {
            let found = self.best(|section| {
                // A section with the heading of another operation belongs to that operation, even if the section
                // mentions this request.
                let other =
                    self.expected.sections.iter().enumerate().any(|(m, other)| m != n && has_heading(other, section));
                !section.rows.is_empty()
                    && (!other || has_heading(wanted, section))
                    && wanted.owners.iter().any(|owner| has_request_of(section, owner))
            });
            let found = found.or_else(|| {
                self.best(|section| wanted.owners.iter().any(|owner| has_request_of(section, owner))).filter(|_| {
                    !self.page.sections.iter().any(|section| has_heading(wanted, section) && weight(section) > 0)
                })
            });
            if let Some(found) = found {
                self.found[found] = Some(n);
            }
        }
    }

    fn by_heading(&mut self) {
        // The longest heading comes first, because it is the most specific.
        let mut order: Vec<usize> = (0..self.expected.sections.len()).filter(|n| !self.is_taken(*n)).collect();
        order.sort_by_key(|n| std::cmp::Reverse(self.expected.sections[*n].heading.len()));
        for n in order {
            let wanted = &self.expected.sections[n];
            if let Some(found) = self.best(|section| has_heading(wanted, section)) {
                self.found[found] = Some(n);
            }
        }
    }

    /// Pairs callbacks: by heading and fields, by request and fields, or else by fields alone.
    fn callbacks(&mut self) {
        for (n, wanted) in self.expected.sections.iter().enumerate() {
            let Some(owner) = wanted.owners.iter().find(|owner| owner.callback && !owner.off_page) else { continue };
            if self.is_taken(n) {
                continue;
            }
            let named =
                |section: &Section| words::is_callback(&section.heading) || section.heading.contains(&owner.target);
            let found = self
                .best(|section| named(section) && overlap(section, wanted) >= SHARE)
                .or_else(|| {
                    self.best(|section| {
                        section.endpoints.iter().any(|e| e.target == owner.target) && overlap(section, wanted) >= SHARE
                    })
                })
                .or_else(|| self.best(|section| !section.rows.is_empty() && overlap(section, wanted) >= 0.8));
            if let Some(found) = found {
                self.found[found] = Some(n);
            }
        }
    }

    /// Pairs the remaining sections by the number in the heading, or else by fields. The heading of such a section has
    /// changed, and also its method or path.
    fn by_fields(&mut self) {
        for m in 0..self.page.sections.len() {
            let section = &self.page.sections[m];
            if self.found[m].is_some() || section.rows.is_empty() && section.endpoints.is_empty() {
                continue;
            }
            let number = |heading: &str| numbered(heading).map(|(number, _)| number.to_owned());
            let free = (0..self.expected.sections.len()).filter(|n| !self.is_taken(*n));
            let free: Vec<usize> =
                free.filter(|n| self.expected.sections[*n].owners.iter().any(|owner| !owner.off_page)).collect();
            let same_number = |n: &&usize| {
                number(&self.expected.sections[**n].heading).is_some_and(|of| number(&section.heading) == Some(of))
            };
            let alike = |n: &&usize| {
                !section.endpoints.is_empty()
                    && section.rows.len() >= 2
                    && overlap(section, &self.expected.sections[**n]) >= 0.8
            };
            self.found[m] = free.iter().find(same_number).or_else(|| free.iter().find(alike)).copied();
        }
    }
}

fn has_heading(wanted: &ExpectedSection, section: &Section) -> bool {
    wanted.headings.iter().any(|(_, heading)| same_heading(heading, &section.heading))
}
