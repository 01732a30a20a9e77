//! Detects collapsible parts of a page. A click opens them, so they belong to the documentation even if they are
//! hidden.

use super::tree::{DOCUMENT, Element, NodeId, Tree};
use std::collections::HashSet;

/// Classes of collapsible parts.
const CLASSES: [&str; 9] = [
    "collapse",
    "collapsible-content",
    "accordion-body",
    "accordion-collapse",
    "accordion-content",
    "accordion-panel",
    "panel-collapse",
    "tab-pane",
    "tabpanel",
];

/// Ids of the collapsible parts of a page, as named by the controls that open them.
pub(crate) struct Panels {
    ids: HashSet<String>,
}

impl Panels {
    /// Reads the ids from the controls of a page.
    pub(crate) fn of(tree: &Tree) -> Self {
        let elements = tree.descendants(DOCUMENT).filter_map(|node| tree.element(node));
        let ids = elements.flat_map(|element| {
            let targets = ["aria-controls", "data-target", "data-bs-target"].map(|name| element.attribute(name));
            targets.into_iter().flatten().flat_map(str::split_whitespace)
        });
        Panels { ids: ids.map(|id| id.trim_start_matches('#').to_owned()).collect() }
    }

    /// Returns `true` if an element is collapsible.
    pub(crate) fn has(&self, element: &Element) -> bool {
        element.attribute("role") == Some("tabpanel")
            || element.attribute("id").is_some_and(|id| self.ids.contains(id))
            || element.attribute("class").is_some_and(|classes| {
                classes.split_whitespace().any(|class| CLASSES.contains(&class.to_ascii_lowercase().as_str()))
            })
    }
}

/// Returns `true` if a button counts as the title of a collapsible part, because it opens one or is in a heading.
pub(crate) fn is_title(tree: &Tree, id: NodeId) -> bool {
    let Some(button) = tree.element(id) else { return false };
    let opens = ["aria-expanded", "aria-controls", "data-target", "data-bs-target"];
    let parent = tree.parent(id).map(|parent| tree.name(parent)).unwrap_or_default();
    opens.iter().any(|name| button.attribute(name).is_some())
        || matches!(parent, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}
