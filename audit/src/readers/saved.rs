//! Reads a saved page from a file, detects its notation, and rejects files that cannot be pages.

use super::tree::Tree;
use super::{encoding, html, markdown, mhtml, text};
use crate::block::Block;
use std::path::Path;
use std::{fs, io};

/// Largest size of a file.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Notation of a saved page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Running text, and tables with bars or tabs.
    Text,
    /// Markdown, which may contain HTML.
    Markdown,
    /// HTML.
    Html,
}

impl Notation {
    /// Detects the notation by the extension of the file name, or else by the text.
    pub fn of(path: &Path, text: &str) -> Self {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("html" | "htm" | "xhtml" | "mht" | "mhtml") => Notation::Html,
            Some("md" | "markdown" | "mdx" | "mkd") => Notation::Markdown,
            _ => Notation::of_text(text),
        }
    }

    fn of_text(text: &str) -> Self {
        let start: String = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).chars().take(400).collect();
        let start = start.to_lowercase();
        let tags = [
            "<!doctype html",
            "<html",
            "<head",
            "<body",
            "<!-- saved",
            "<?xml",
            "<table",
            "<div",
            "<h1",
            "<h2",
            "<h3",
            "<section",
            "<article",
            "<main",
        ];
        if tags.iter().any(|tag| start.starts_with(tag)) || start.starts_with("<!--") && start.contains("<html") {
            return Notation::Html;
        }
        // A text counts as Markdown if a line consists of dashes and bars, like the line below the column heads of a
        // table. It also counts as Markdown if at least two lines begin with `## ` or `### `.
        let rule = |line: &str| {
            let line = line.trim();
            line.contains('|') && line.contains("--") && line.bytes().all(|b| b"|-: ".contains(&b))
        };
        let heading = |line: &str| line.starts_with("## ") || line.starts_with("### ");
        let markdown = text.lines().any(rule) || text.lines().filter(|line| heading(line)).count() >= 2;
        if markdown { Notation::Markdown } else { Notation::Text }
    }
}

/// Saved page.
#[derive(Debug, Clone)]
pub struct Saved {
    /// Name in reports.
    pub label: String,
    /// Notation of the text.
    pub notation: Notation,
    /// Decoded text.
    pub text: String,
}

impl Saved {
    /// Reads a saved page from a file. The error names the file and the problem.
    pub fn open(file: &Path) -> io::Result<Self> {
        let shown = file.display();
        let bytes = fs::read(file).map_err(|e| io::Error::new(e.kind(), format!("{shown}: {e}")))?;
        let name = file.file_name().map_or_else(|| shown.to_string(), |name| name.to_string_lossy().into_owned());
        Saved::of_bytes(&name, &bytes)
            .map_err(|message| io::Error::new(io::ErrorKind::InvalidData, format!("{shown}: {message}")))
    }

    /// Reads a saved page from the name and content of a file.
    pub fn of_bytes(name: &str, bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MAX_BYTES {
            return Err(format!(
                "expected at most {MAX_BYTES} bytes, found {}; save only the part with the API",
                bytes.len()
            ));
        }
        if let Some(what) = foreign(bytes) {
            return Err(format!("expected a page, found {what}; save the page as HTML, Markdown or text"));
        }
        if mhtml::is_message(bytes) {
            let text = mhtml::html(bytes)?;
            return Ok(Saved { label: name.to_owned(), notation: Notation::Html, text });
        }
        let text = encoding::decode(bytes, None)?;
        Ok(Saved { label: name.to_owned(), notation: Notation::of(Path::new(name), &text), text })
    }

    /// Creates a page from a text.
    pub fn of_text(label: &str, notation: Notation, text: &str) -> Self {
        Saved { label: label.to_owned(), notation, text: text.to_owned() }
    }

    /// Returns the page as blocks. The error message names the page and the exceeded limit.
    pub(crate) fn blocks(&self) -> Result<Vec<Block>, String> {
        let found = match self.notation {
            Notation::Text => Ok(text::read(&self.text)),
            Notation::Markdown => markdown::read(&self.text),
            Notation::Html => Tree::parse(&self.text).map(|tree| html::read(&tree)),
        };
        found.map_err(|limit| format!("{}: {limit}", self.label))
    }
}

/// Returns the name of the file format if the first bytes show that the file cannot be a page.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 7] = [
        (b"%PDF-", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive or an Office document"),
        (b"\x1f\x8b", "a compressed file"),
        (b"\x89PNG", "an image"),
        (b"\xff\xd8\xff", "an image"),
        (b"\xd0\xcf\x11\xe0", "an Office document"),
        (b"bplist00", "a Safari web archive"),
    ];
    kinds.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| *what)
}
