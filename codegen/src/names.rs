//! Conversion of wire names to Rust names.

/// Keywords of Rust 2024, including reserved keywords such as `gen`.
const KEYWORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Splits a name into words in lower case. `cardNum4Print` becomes `card`, `num4` and `print`; `PAY_STANDBY` becomes
/// `pay` and `standby`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let characters: Vec<char> = name.chars().collect();
    let mut open = false;
    for (n, &c) in characters.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            open = false;
            continue;
        }
        let before = n.checked_sub(1).map(|n| characters[n]);
        let after = characters.get(n + 1);
        let starts = match before {
            Some(before) if c.is_ascii_uppercase() => {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            }
            _ => false,
        };
        if !open || starts {
            words.push(String::new());
        }
        open = true;
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words
}

/// Converts a name to `snake_case`, for a field, method or module. A keyword of Rust gets an underscore at its end.
pub(crate) fn snake(name: &str) -> String {
    let joined = words(name).join("_");
    if KEYWORDS.contains(&joined.as_str()) { format!("{joined}_") } else { joined }
}

/// Returns the name of the method that returns the amount in a field together with its currency. The underscore after a
/// keyword is dropped, because `_money` begins with one.
pub(crate) fn money(field: &str) -> String {
    format!("{}_money", field.trim_end_matches('_'))
}

/// Converts a name to `CamelCase`, for a type or variant. A keyword of Rust gets an underscore at its end.
pub(crate) fn camel(name: &str) -> String {
    let joined: String = words(name)
        .iter()
        .map(|word| {
            let mut characters = word.chars();
            characters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(characters).collect::<String>()
        })
        .collect();
    if KEYWORDS.contains(&joined.as_str()) { format!("{joined}_") } else { joined }
}

/// Returns the variant for an error code that has no `name:`. A variant cannot begin with a digit or a sign, so `780`
/// becomes `Code780`, and `-780` becomes `CodeMinus780`.
pub(crate) fn code_variant(code: &str) -> String {
    let digits = code.strip_prefix('-').unwrap_or(code);
    match digits.starts_with(|c: char| c.is_ascii_digit()) {
        true if digits.len() < code.len() => format!("CodeMinus{}", camel(digits)),
        true => format!("Code{}", camel(digits)),
        false => camel(code),
    }
}

/// Converts a name to `SCREAMING_CASE`, for a constant.
pub(crate) fn screaming(name: &str) -> String {
    words(name).join("_").to_ascii_uppercase()
}

/// Returns the name of the constant that contains the static description of an operation.
pub(crate) fn operation_constant(id: &str) -> String {
    screaming(id)
}

/// Returns `true` if a text is an ASCII identifier of Rust and not a keyword.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
}
