//! Merges a fragment into a YAML text. Block mappings are merged recursively. Any other entry of the fragment replaces
//! the entry with the same key, or is added.

/// Returns `text` with `fragment` merged into it.
pub fn overlay(text: &str, fragment: &str) -> String {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    merge(lines(text), lines(fragment)).join("\n") + "\n"
}

/// Entry of a mapping, with all of its lines.
struct Block {
    key: String,
    lines: Vec<String>,
}

impl Block {
    /// Returns `true` if the value of the entry is a block mapping, and not a list or a value on the same line.
    fn is_mapping(&self) -> bool {
        let inner = self.lines[1..].iter().find(|line| !line.trim().is_empty());
        self.lines[0].trim_end().ends_with(':') && inner.is_some_and(|line| !line.trim_start().starts_with("- "))
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn blocks(lines: Vec<String>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let outer = lines.iter().find(|line| !line.trim().is_empty()).map_or(0, |line| indentation(line));
    for line in lines {
        let begins = !line.trim().is_empty() && indentation(&line) == outer && !line.trim_start().starts_with("- ");
        match blocks.last_mut() {
            Some(last) if !begins => last.lines.push(line),
            _ => {
                let key = line.trim_start().split(':').next().unwrap_or_default().to_owned();
                blocks.push(Block { key, lines: vec![line] });
            }
        }
    }
    blocks
}

fn merge(text: Vec<String>, fragment: Vec<String>) -> Vec<String> {
    let mut merged = blocks(text);
    let mut replaced: Vec<String> = Vec::new();
    for mut block in blocks(fragment) {
        // A key that occurs twice in the fragment occurs twice in the result, so that a lint can report it.
        let old = merged.iter_mut().find(|old| old.key == block.key && !replaced.contains(&block.key));
        replaced.push(block.key.clone());
        match old {
            Some(old) if old.is_mapping() && block.is_mapping() => {
                let head = old.lines.remove(0);
                let inner = merge(std::mem::take(&mut old.lines), block.lines.split_off(1));
                old.lines = [vec![head], inner].concat();
            }
            Some(old) => old.lines = block.lines,
            None => merged.push(block),
        }
    }
    merged.into_iter().flat_map(|block| block.lines).collect()
}
