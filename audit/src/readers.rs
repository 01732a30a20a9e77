//! Converts the bytes of a saved page to the blocks of [`crate::block`].
//!
//! `saved` reads a file, `encoding` decodes it, and `mhtml` extracts the HTML of an MHTML file. Each notation has a
//! module: `text` (with `wrap` for wrapped lines), `markdown` (with `pandoc` for its extensions), and `html` (with
//! `tree` for the parser, and `collapsed` for collapsible parts).

mod collapsed;
mod encoding;
mod html;
mod markdown;
mod mhtml;
mod pandoc;
pub(crate) mod saved;
mod text;
mod tree;
mod wrap;
