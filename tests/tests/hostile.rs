//! Untrusted bytes cause no panic and break no guarantee. The tests pass each committed example in `tests/corpus` to
//! the entry point for such bytes, unchanged, truncated, and with one byte replaced. `tests::hostile` lists the entry
//! points.

use std::fs;
use std::path::{Path, PathBuf};
use tests::hostile::ENTRANCES;

fn corpus(entrance: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(entrance);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

/// Replacements for a byte of an example: JSON delimiters, a minus sign, a line break, a null byte, and invalid UTF-8.
const BENT: [u8; 8] = [b'"', b'{', b']', b':', b'-', b'\n', 0x00, 0xFF];

#[test]
fn no_hostile_example_violates_a_guarantee() {
    for (entrance, takes) in ENTRANCES {
        let examples = corpus(entrance);
        assert!(examples.len() >= 5, "{entrance} has {} examples", examples.len());
        for (file, bytes) in examples {
            let broken = std::panic::catch_unwind(|| takes(&bytes));
            assert!(broken.is_ok(), "{} violates a guarantee, see above", file.display());
        }
    }
}

#[test]
fn no_mutated_example_violates_a_guarantee() {
    for (entrance, takes) in ENTRANCES {
        // Reading a page, a data file or a spec is slow, so fewer positions are tested.
        let pieces = if ["page", "state", "spec"].contains(&entrance) { 12 } else { 60 };
        for (file, bytes) in corpus(entrance) {
            for n in 0..pieces {
                let at = bytes.len() * n / pieces;
                let mut bent = bytes.clone();
                if let Some(byte) = bent.get_mut(at) {
                    *byte = BENT[n % BENT.len()];
                }
                for bytes in [&bent[..], &bytes[..at]] {
                    let broken = std::panic::catch_unwind(|| takes(bytes));
                    assert!(broken.is_ok(), "{} mutated or cut at {at} violates a guarantee", file.display());
                }
            }
        }
    }
}
