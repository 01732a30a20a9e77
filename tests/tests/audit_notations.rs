//! The same facts in every notation that documentation is written in, English and Korean, are read as the same facts.

use audit::{Saved, Stated, facts};
use tests::notations::{self, ENGLISH, KOREAN, NOTATIONS, Random, Words};

fn read(name: &str, text: &str) -> Vec<String> {
    let saved = Saved::of_bytes(name, text.as_bytes()).expect("it can be read");
    let stated = facts(&saved).expect("it can be read");
    let mut found: Vec<String> =
        stated.into_iter().map(|Stated { about, what, value, .. }| format!("{about}: {what} {value}")).collect();
    found.sort();
    found
}

fn every_notation(words: &Words, language: &str) {
    let mut wrong = Vec::new();
    for seed in 0..24 {
        let operations = notations::operations(&mut Random(seed), words);
        let wanted = notations::facts(&operations);
        for (title, name, write) in NOTATIONS {
            let page = write(&operations, words);
            let found = read(name, &page);
            if found != wanted {
                let lacks: Vec<_> = wanted.iter().filter(|fact| !found.contains(fact)).collect();
                let more: Vec<_> = found.iter().filter(|fact| !wanted.contains(fact)).collect();
                wrong.push(format!("{title}, {language}, seed {seed}:\n  lacks {lacks:?}\n  has {more:?}\n{page}"));
            }
        }
    }
    let first = wrong.first().cloned().unwrap_or_default();
    let titles: Vec<&str> = wrong.iter().filter_map(|text| text.split(',').next()).collect();
    assert!(wrong.is_empty(), "{} wrong: {titles:?}\n{first}", wrong.len());
}

#[test]
fn the_same_facts_in_any_notation_are_read_as_the_same_in_english() {
    every_notation(&ENGLISH, "English");
}

#[test]
fn the_same_facts_in_any_notation_are_read_as_the_same_in_korean() {
    every_notation(&KOREAN, "Korean");
}
