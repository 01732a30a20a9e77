//! Reads values, error codes and defaults from the description of a row.

use super::block::TableRow;
use super::page::{Fact, Value};
use super::words::{self, Column};

/// Returns the values in running text. A line such as `CARD Card`, `V1 : …`, `- PC: …` or `0 Success` has a value.
pub(crate) fn in_lines(lines: &[Fact]) -> Vec<Value> {
    let mut found: Vec<(usize, Value)> = Vec::new();
    let mut mapping = false;
    for (n, fact) in lines.iter().enumerate() {
        if is_mapping_head(&fact.text) {
            mapping = true;
            continue;
        }
        if mapping {
            match mapped(fact) {
                Some(value) => {
                    found.push((n, value));
                    continue;
                }
                None => mapping = false,
            }
        }
        let several = in_one_line(&fact.text, fact.line);
        if !several.is_empty() {
            found.extend(several.into_iter().map(|value| (n, value)));
            continue;
        }
        let items = items(&fact.text);
        if items.len() > 1 || items.first().is_some_and(|item| *item != fact.text) {
            found.extend(items.iter().filter_map(|item| of_item(item, fact.line)).map(|value| (n, value)));
        } else if let Some(value) = of_line(fact) {
            found.push((n, value));
        }
    }
    mark_sure(found)
}

/// Returns the values in a cell of a table. They may be items of a list, or one per line.
pub(crate) fn in_cell(cell: &str, line: usize) -> Vec<Value> {
    let mut found: Vec<Value> = cell.lines().flat_map(|text| in_one_line(text, line)).collect();
    if !found.is_empty() {
        return found;
    }
    // Without bullets, each line may be a value.
    if cell.contains('\n') && !cell.lines().any(|text| items(text).first().is_some_and(|item| item != text)) {
        let lines: Vec<Fact> = cell.lines().map(|text| Fact { line, text: text.to_owned() }).collect();
        return in_lines(&lines);
    }
    for item in items(&cell.replace('\n', " \n ")) {
        found.extend(of_item(&item.replace('\n', " "), line));
    }
    found
}

/// Returns the values that a table lists, one per row, or `None` if it lists no values.
pub(crate) fn of_table(rows: &[TableRow]) -> Option<Vec<Value>> {
    let cell = |row: &TableRow, n: usize| row.cells.get(n).map(|cell| cell.line()).unwrap_or_default();
    let first = rows.first()?;
    let heads: Vec<Option<Column>> = first.cells.iter().map(|cell| words::column(&cell.text)).collect();
    // If all rows are marked as heads, the marks are ignored.
    let marked = first.head && !rows.iter().all(|row| row.head);
    let is_value = |cell: &str| words::column(cell).is_none() && is_value_cell(cell);
    let marked = marked && !is_value(&cell(first, 0));
    let has_head = marked && heads.iter().flatten().count() > 0 || heads.iter().flatten().count() >= 2;
    let rows = if has_head { rows.get(1..)? } else { rows };
    let width = rows.iter().map(|row| row.cells.len()).max()?;
    let share = |n: usize| {
        let all = rows.iter().filter(|row| !cell(row, n).is_empty()).count();
        let values = rows.iter().filter(|row| is_value_cell(&cell(row, n))).count();
        (values > 0 && values * 2 >= all).then_some(values)
    };
    let named = |of: Column| heads.iter().position(|head| *head == Some(of)).filter(|_| has_head);
    let code =
        [Column::Code, Column::Values, Column::Status].into_iter().find_map(named).filter(|n| share(*n).is_some());
    let code = code.or_else(|| (0..width.min(3)).find(|n| share(*n).is_some()))?;
    let label_at = named(Column::CodeName).or_else(|| named(Column::Description)).filter(|n| *n != code);
    let label_at =
        label_at.or_else(|| (0..width).find(|n| *n != code && rows.iter().any(|row| !cell(row, *n).is_empty())));
    // The label counts as a name, and not as an explanation, if the head of its column announces names. In a table
    // without heads, the label counts as a name if it comes before the code.
    let names = named(Column::CodeName).is_some() || !has_head && label_at.is_some_and(|label| label < code);
    let mut found = Vec::new();
    for row in rows {
        let mut text = cell(row, code);
        if !is_value_cell(&text) {
            // In some rows, the value is in another column.
            let other = (0..width).map(|n| cell(row, n)).find(|cell| cell.contains('_') && looks_like_value(cell));
            let Some(other) = other else { continue };
            text = other;
        }
        let text = text.trim_matches('\'').to_owned();
        let label = label_at.map(|n| cell(row, n)).unwrap_or_default();
        found.push(Value { line: row.line, text, label, named: names, sure: true, more: Vec::new() });
    }
    (!found.is_empty()).then_some(found)
}

/// Returns the values in a nested table. In such a table, the values may also be words in lower case.
pub(crate) fn of_nested_table(rows: &[TableRow]) -> Vec<Value> {
    if let Some(found) = of_table(rows) {
        return found;
    }
    let pair = |row: &TableRow| match row.cells.as_slice() {
        [first, second] if words::is_name(&first.line()) && !second.text.is_empty() => {
            of_pair(&first.line(), &second.line(), row.line)
        }
        _ => None,
    };
    let is_head = rows.first().is_some_and(|row| row.head);
    let rows = rows.get(usize::from(is_head)..).unwrap_or_default();
    let found: Vec<Value> = rows.iter().filter_map(pair).collect();
    if found.len() == rows.len() && found.len() > 1 { found } else { Vec::new() }
}

/// Returns the values in a line that lists only values, such as `CARD, MONEY` or `다음 중 하나: CARD 또는 MONEY`.
fn in_one_line(text: &str, line: usize) -> Vec<Value> {
    let listed = match text.split_once(':') {
        Some((before, after)) if !looks_like_value(before) => after,
        _ => text,
    };
    let listed = listed.trim().trim_end_matches('.');
    let listed =
        ["중 하나입니다", "중 하나", "중 택1"].iter().find_map(|end| listed.strip_suffix(end)).unwrap_or(listed);
    let listed = listed.replace(" 또는 ", ",").replace(" 혹은 ", ",").replace(" or ", ",").replace(" and ", ",");
    let pieces: Vec<&str> = listed.split([',', '/', '|']).map(str::trim).filter(|piece| !piece.is_empty()).collect();
    if pieces.len() < 2 || !pieces.iter().all(|piece| looks_like_value(piece)) {
        return Vec::new();
    }
    pieces.into_iter().filter_map(|piece| of_pair(piece, "", line)).collect()
}

/// Creates a value with its explanation. Returns `None` if the value is empty.
pub(crate) fn of_pair(value: &str, label: &str, line: usize) -> Option<Value> {
    let text = value.trim_matches('\'').to_owned();
    (!text.is_empty()).then(|| Value {
        line,
        text,
        label: label.to_owned(),
        named: false,
        sure: true,
        more: Vec::new(),
    })
}

/// Returns `true` if a cell counts as a value: an integer, a boolean, a capital letter, or a word in capitals, in
/// quotes or with underscores.
fn is_value_cell(cell: &str) -> bool {
    is_integer(cell)
        || matches!(cell, "true" | "false")
        || looks_like_value(cell)
        || cell.len() == 1 && cell.bytes().all(|b| b.is_ascii_uppercase())
}

/// Returns `true` for an integer of at most six digits, because codes are short.
pub(crate) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Marks the values that are certain, because a word in capitals may also begin a sentence. A value is certain if it
/// contains an underscore, has a name, or has no explanation. It is also certain if an adjacent line has a value.
fn mark_sure(found: Vec<(usize, Value)>) -> Vec<Value> {
    let lines: Vec<usize> = found.iter().map(|(n, _)| *n).collect();
    let beside = |n: usize| lines.iter().any(|other| other.abs_diff(n) == 1);
    let sure = |n: usize, value: &Value| value.named || value.text.contains('_') || value.label.is_empty() || beside(n);
    found.into_iter().map(|(n, value)| Value { sure: sure(n, &value), ..value }).collect()
}

/// Returns the items of a bulleted list. A text without bullets is a single item.
fn items(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut start = true;
    for (at, c) in text.char_indices() {
        let before_blank = text[at + c.len_utf8()..].starts_with([' ', '\n']);
        let after_break = start || text[..at].trim_end_matches(' ').ends_with('\n');
        if matches!(c, '•' | '◦' | '·' | '※') || matches!(c, '-' | '*') && after_break && before_blank {
            items.push(String::new());
        } else if let Some(item) = items.last_mut() {
            item.push(c);
        }
        start = false;
    }
    items
        .iter()
        .map(|item| item.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|item| !item.is_empty())
        .collect()
}

/// Reads an item that is a value (`X`), with or without a label: `X: label`, `label: X` or `X`.
pub(crate) fn of_item(item: &str, line: usize) -> Option<Value> {
    let value = |text: &str, label: &str| {
        let text = text.trim_matches(|c: char| " '.,;".contains(c));
        Value { line, text: text.into(), label: label.trim().into(), named: false, sure: true, more: Vec::new() }
    };
    let signs = [":", " = ", " - ", " – ", " — "];
    match signs.iter().find_map(|sign| item.split_once(sign)) {
        Some((before, after)) if looks_like_value(before) || is_integer(before.trim()) => Some(value(before, after)),
        Some((before, after)) if looks_like_value(after) || is_integer(after.trim()) => Some(value(after, before)),
        Some(_) => None,
        None if looks_like_value(item) => Some(value(item, "")),
        None => {
            let (first, rest) = item.split_once(' ')?;
            (looks_like_value(first) && (first.contains('_') || first.starts_with('\''))).then(|| value(first, rest))
        }
    }
}

fn of_line(fact: &Fact) -> Option<Value> {
    let (first, rest) = fact.text.split_once(' ').unwrap_or((&fact.text, ""));
    let first = first.trim_end_matches(':');
    let rest = rest.trim_start_matches([':', '-', ' ']);
    let integer = first.strip_prefix('-').unwrap_or(first);
    let is_integer = !integer.is_empty() && integer.len() <= 4 && integer.bytes().all(|b| b.is_ascii_digit());
    let named = is_integer && rest.starts_with(|c: char| c.is_alphabetic());
    let truth = matches!(first, "true" | "false") && !rest.is_empty();
    (named || truth || is_capital(first)).then(|| Value {
        line: fact.line,
        text: first.to_owned(),
        label: rest.to_owned(),
        named: false,
        sure: false,
        more: Vec::new(),
    })
}

/// Returns `true` for a line such as `cardName cardCode`. Such a line contains the two column heads of a table that
/// lost its separators.
fn is_mapping_head(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let camel = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().any(|c| c.is_ascii_uppercase())
            && word.chars().all(|c| c.is_ascii_alphanumeric())
    };
    words.len() == 2 && words.iter().all(camel)
}

/// Reads a row such as `Shinhan 1`, from a table that lost its separators.
fn mapped(fact: &Fact) -> Option<Value> {
    let (name, code) = fact.text.rsplit_once(' ')?;
    let begins = |c: char| c.is_uppercase() || c.is_alphabetic() && !c.is_ascii();
    let fits = !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit()) && name.starts_with(begins);
    fits.then(|| Value {
        line: fact.line,
        text: code.to_owned(),
        label: name.to_owned(),
        named: true,
        sure: true,
        more: Vec::new(),
    })
}

/// Returns `true` for a word in capitals, in quotes, or with underscores.
pub(crate) fn looks_like_value(word: &str) -> bool {
    let word = word.trim().trim_end_matches(['.', ',', ';']);
    let bare = word.trim_matches('\'');
    let plain = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    plain && (word.starts_with('\'') && word.ends_with('\'') || is_capital(bare) || bare.contains('_'))
}

/// Returns `true` for a word in capitals, such as `CARD`, `V1` or `PAY_COMPLETE`.
pub(crate) fn is_capital(word: &str) -> bool {
    word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Returns the default that a description states, either by `(default)` beside a value, or in a phrase such as
/// `default is X`.
pub(crate) fn default_of(lines: &[Fact]) -> Option<Fact> {
    const MARKS: [&str; 5] = ["(default)", "(기본값)", "(기본)", "(디폴트)", "[default]"];
    const PHRASES: [&str; 12] = [
        "default value is ",
        "default is ",
        "defaults to ",
        "default: ",
        "default value: ",
        "기본값은 ",
        "기본 값은 ",
        "기본값이 ",
        "기본 값이 ",
        "기본값: ",
        "기본값 : ",
        "기본값 ",
    ];
    lines.iter().find_map(|fact| {
        let text = &fact.text;
        // Only ASCII letters change their case, so the offsets are the same in both texts.
        let lower = text.to_ascii_lowercase();
        let stated = match MARKS.iter().find_map(|mark| lower.find(mark)) {
            Some(at) => marked(text.get(..at)?),
            None => PHRASES.iter().find_map(|words| {
                let at = lower.find(words)? + words.len();
                let word = text.get(at..)?.split_whitespace().next()?;
                let bare = word.trim_matches(|c: char| "'.,;)".contains(c));
                // A Korean particle may follow without a blank.
                let end = bare.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(bare.len());
                let bare = &bare[..end];
                let given = word.starts_with('\'') || is_capital(bare) || matches!(bare, "true" | "false");
                (given && !bare.is_empty()).then(|| bare.to_owned())
            }),
        }?;
        Some(Fact { line: fact.line, text: stated })
    })
}

/// Returns the value in the last item of `before`, the text before a mark such as `(default)`.
fn marked(before: &str) -> Option<String> {
    let segment = before.rsplit(", ").next()?;
    let mut bullets = items(segment);
    let item = bullets.pop()?;
    let first = item.split([' ', ':']).next()?.trim_matches('\'');
    let last = item.trim_end().rsplit([' ', ':']).next()?.trim_matches('\'');
    let fits = |word: &str| is_capital(word) || matches!(word, "true" | "false") || word.contains('_');
    [first, last].into_iter().find(|word| fits(word)).map(str::to_owned)
}
