//! Report of a run in Markdown, for the description of a pull request.

use crate::session::{Exchange, Finding, Session};
use std::fmt::Write;
use toss_sdk::pay::KstDateTime;

pub fn write(session: &Session, findings: &[Finding]) -> String {
    let mut out = String::new();
    let failed = findings.iter().filter(|finding| !finding.holds).count();
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "# Tested readings\n");
    let _ = writeln!(out, "Against {}, on {} in Korea, with a test key.\n", session.url(), KstDateTime::now());
    let _ = writeln!(out, "{} readings, {failed} not confirmed, {} requests.\n", findings.len(), session.sent());
    out += "| reading | expected | observed | confirmed |\n| --- | --- | --- | --- |\n";
    for finding in findings {
        let holds = if finding.holds { "yes" } else { "**no**" };
        let cells = [finding.reading.name, finding.reading.expected, &finding.seen, holds].map(cell);
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out += "\n## Exchanges\n\nThe key is shortened, and each token is replaced by a number.\n";
    for finding in findings {
        let _ = writeln!(out, "\n### {}\n\nPlace in the spec: {}.", finding.reading.name, finding.reading.at);
        finding.exchanges.iter().for_each(|exchange| write_exchange(&mut out, exchange));
    }
    out
}

fn write_exchange(out: &mut String, exchange: &Exchange) {
    let Exchange { line, request, status, response } = exchange;
    // Six tildes, because the body of a request or answer may contain a shorter run of tildes.
    let _ = writeln!(out, "\n~~~~~~http\n{line}\n{request}\n\nHTTP {status}\n{}\n~~~~~~", response.trim_end());
}

/// Escapes a text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
