// Sends the requests of buttons and forms, and shows changes. Only changed nodes are updated, so that focus, selection
// and a click in progress are preserved.
"use strict";

const live = document.getElementById("live");
const message = document.getElementById("message");
let shown = null;
let isPressed = false;

// Elements with the same key show the same entry, even if its position has changed.
const key = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || null : null);
const isSame = (old, next) => old.nodeName === next.nodeName && key(old) === key(next);

function update(old, next) {
  if (old.isEqualNode(next)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  for (const { name, value } of [...next.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) {
    // Only users open details, so the server's HTML does not close them.
    if (!next.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
  }
  updateChildren(old, next);
}

function updateChildren(old, next) {
  const keyed = new Map([...old.childNodes].filter(key).map((node) => [key(node), node]));
  const kept = new Set([...next.childNodes].map(key).filter(Boolean));
  let place = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    // Removes deleted elements first, so that the remaining elements need not move.
    while (place && key(place) && !kept.has(key(place))) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
    const known = key(wanted) ? keyed.get(key(wanted)) : null;
    if (known && isSame(known, wanted)) {
      if (known === place) place = place.nextSibling;
      else old.insertBefore(known, place);
      update(known, wanted);
    } else if (!key(wanted) && place && isSame(place, wanted)) {
      const own = place;
      place = place.nextSibling;
      update(own, wanted);
    } else {
      old.insertBefore(document.importNode(wanted, true), place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

async function refresh() {
  const response = await fetch("/sandbox/fragment");
  const html = await response.text();
  // While a button is pressed, nothing moves. The click then ends on the element on which it began.
  if (!response.ok || html === shown || isPressed) return;
  shown = html;
  const next = new DOMParser().parseFromString(`<div>${html}</div>`, "text/html").body.firstChild;
  updateChildren(live, next);
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("/sandbox/v1/" + path, { method: "POST", headers, body });
  message.textContent = response.ok ? "" : (await response.json()).error;
  await refresh();
}

document.addEventListener("pointerdown", () => (isPressed = true));
// Browsers send no `pointerup` if a press opens a menu, drags an element or ends outside of the window.
for (const end of ["pointerup", "pointercancel", "contextmenu", "dragend"]) {
  document.addEventListener(end, () => (isPressed = false));
}
window.addEventListener("blur", () => (isPressed = false));

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-post]");
  if (!button || (button.dataset.confirm && !confirm(button.dataset.confirm))) return;
  post(button.dataset.post, button.dataset.body || "{}");
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-post]");
  if (!form) return;
  event.preventDefault();
  const members = {};
  for (const field of form.elements) {
    if (!field.name || field.value === "") continue;
    if (field.dataset.json === undefined) {
      members[field.name] = field.type === "number" ? Number(field.value) : field.value;
      continue;
    }
    try {
      members[field.name] = JSON.parse(field.value);
    } catch (error) {
      message.textContent = `${field.name}: ${error.message}`;
      return;
    }
  }
  post(form.dataset.post, JSON.stringify(members));
});

setInterval(() => refresh().catch(() => {}), 1000);
