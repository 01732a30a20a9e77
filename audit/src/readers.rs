//! Reads a saved page: from the bytes of a file to the blocks of [`crate::block`].
//!
//! `saved` reads a file, with `encoding` and `mhtml` for its encoding and its wrapping. Each notation has a module: `text`
//! (with `wrap` for lines that a copy has broken), `markdown` (with `pandoc` for its extensions), and `html` (with `tree`
//! for the parser, and `collapsed` for panels of which one is visible).

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
