//! The spec against the saved pages, where they lie beside the checkout; skipped elsewhere.
//!
//! Every row of a page's tables must stand in the surface summary under the same name, in the same part of the same
//! operation, with the same limit and requirement; where it does not, a quirk must say why.

use std::collections::BTreeSet;
use std::fs;
use tests::scratch::repository;

/// A row of a table on a page.
#[derive(Debug)]
struct Row {
    line: usize,
    part: String,
    name: String,
    mandatory: bool,
    max: Option<String>,
}

fn page(name: &str) -> Option<String> {
    let path = repository().join("../shared/docs").join(name);
    let text = fs::read_to_string(path).ok();
    if text.is_none() {
        eprintln!("skipped: the page {name} is not here");
    }
    text
}

fn surface(api: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let text = fs::read_to_string(repository().join(format!("generated/surface/{api}.txt"))).expect("it is generated");
    let (quirks, facts) = text.lines().map(str::to_owned).partition(|line| line.starts_with("quirk "));
    (facts, quirks)
}

/// What differs between rows and the surface, and has no quirk.
fn unexplained(rows: &[Row], api: &str) -> Vec<String> {
    let (facts, quirks) = surface(api);
    let mut found = Vec::new();
    for row in rows {
        let path = format!("{}.{}", row.part, row.name);
        let fact = facts.iter().find(|fact| fact.split("  ").next() == Some(path.as_str()));
        let explained = quirks.iter().any(|quirk| quirk["quirk ".len()..].starts_with(&path));
        let Some(fact) = fact else {
            found.push(format!("line {}: {path} is not in the spec", row.line));
            continue;
        };
        let boolean = fact.contains("  boolean");
        if let Some(max) = row.max.as_ref().filter(|_| !boolean && !explained) {
            // A named type has its limit in its own line.
            let of = fact.split("  ").nth(1).unwrap_or_default();
            let own = facts.iter().find(|line| line.starts_with(&format!("type {of}  ")));
            let limit = format!("  max {max} ");
            let says = |line: &String| format!("{line} ").contains(&limit) || line.contains(&format!("  max {max} "));
            if !says(fact) && !own.is_some_and(says) {
                found.push(format!("line {}: {path} has at most {max} on the page: {fact}", row.line));
            }
        }
        let mandatory = fact.contains("  mandatory") && !fact.contains("  mandatory when");
        if row.mandatory != mandatory && !explained {
            found.push(format!(
                "line {}: {path} is {}mandatory on the page",
                row.line,
                if row.mandatory { "" } else { "not " }
            ));
        }
    }
    found
}

/// `name type mandatory Max Length: N`, the three last of them optional, but one of them there.
fn pay_row(line: &str) -> Option<(String, bool, Option<String>)> {
    let (before, max) = match line.split_once(" Max Length: ") {
        Some((before, max)) if max.trim().chars().all(|c| c.is_ascii_digit()) => (before, Some(max.trim().to_owned())),
        Some(_) => return None,
        None => (line, None),
    };
    let mut words = before.split_whitespace();
    let name = words.next()?;
    if !name.chars().next()?.is_ascii_lowercase() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let rest: Vec<&str> = words.collect();
    let types = ["string", "integer", "boolean", "object", "list"];
    let known = rest.iter().all(|word| types.contains(word) || *word == "mandatory");
    (known && (max.is_some() || !rest.is_empty())).then(|| (name.to_owned(), rest.contains(&"mandatory"), max))
}

#[test]
fn every_row_of_the_toss_pay_page_is_in_the_spec_or_has_a_quirk() {
    let Some(text) = page("toss-pay-api.txt") else { return };
    let sections = [
        ("Payment Generation", "create_payment"),
        ("Payment result callback (resultCallback)", "result_callback"),
        ("Merchant payment authorization", "execute_payment"),
        ("Payment refund", "refund_payment"),
        ("Check payment status", "payment_status"),
    ];
    let (mut operation, mut part, mut group) = ("", "", "");
    let mut rows = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some((_, id)) = sections.iter().find(|(heading, _)| *heading == line) {
            (operation, part, group) = (id, "", "");
        }
        match line.to_lowercase().as_str() {
            "parameters" => part = "request",
            "parameter" => part = "body",
            "response" => (part, group) = ("reply", ""),
            // What follows is sample code.
            "definition" => part = "",
            _ => {}
        }
        if operation.is_empty() || part.is_empty() {
            continue;
        }
        let Some((name, mandatory, max)) = pay_row(line) else { continue };
        // Where the status reply's two groups begin and end shows only in its example.
        group = match (operation, part, name.as_str()) {
            ("payment_status", "reply", "noInterest") => ".card",
            ("payment_status", "reply", "transactions" | "createdTs") => "",
            ("payment_status", "reply", "stepType") => "Transaction",
            _ => group,
        };
        let part = if group == "Transaction" { group.to_owned() } else { format!("{operation}.{part}{group}") };
        rows.push(Row { line: n + 1, part, name, mandatory, max });
    }
    assert!(rows.len() > 150, "only {} rows were found on the page", rows.len());
    let found = unexplained(&rows, "pay");
    println!("{} rows read, {} unexplained", rows.len(), found.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_row_of_the_onboarding_page_is_in_the_spec() {
    let Some(text) = page("instant-onboarding-api.txt") else { return };
    let (facts, _) = surface("onboarding");
    let mut rows = 0;
    let mut found = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let cells: Vec<&str> = line.split(" | ").map(|cell| cell.trim().trim_end_matches('|').trim()).collect();
        let is_type =
            |cell: &&str| cell.starts_with("String") || ["Boolean", "JSON", "JSON Array", "Number"].contains(cell);
        let [name, of, rest @ ..] = cells.as_slice() else { continue };
        if !is_type(of) {
            continue;
        }
        rows += 1;
        let name = name.rsplit('.').next().unwrap_or(name);
        let line_has = |fact: &&String| {
            let path = fact.split("  ").next().unwrap_or_default();
            path.rsplit(['.', ' ']).next() == Some(name)
        };
        if !facts.iter().any(|fact| line_has(&fact)) {
            found.push(format!("line {}: {name} is not in the spec", n + 1));
        }
        let limit = rest.first().and_then(|cell| cell.strip_prefix("Up to ")).and_then(|cell| cell.split(' ').next());
        if let Some(limit) = limit {
            let fact = facts.iter().find(|fact| fact.starts_with(&format!("create_store.request.{name}  ")));
            let of = fact.and_then(|fact| fact.split("  ").nth(1)).unwrap_or_default();
            let own = facts.iter().find(|line| line.starts_with(&format!("type {of}  ")));
            let says = format!("  max {limit} characters");
            if ![fact, own].into_iter().flatten().any(|line| line.contains(&says)) {
                found.push(format!("line {}: {name} has at most {limit} characters on the page", n + 1));
            }
        }
    }
    assert!(rows > 60, "only {rows} rows were found on the page");
    println!("{rows} rows read, {} unexplained", found.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
}
