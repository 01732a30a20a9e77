// Sends what the buttons say, and shows what has changed.
"use strict";

const live = document.getElementById("live");
let shown = live.innerHTML;

async function refresh() {
  const response = await fetch("/sandbox/fragment");
  const html = await response.text();
  if (html !== shown && !live.querySelector("details[open]")) {
    shown = html;
    live.innerHTML = html;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-post]");
  if (!button) return;
  const body = button.dataset.body || "{}";
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("/sandbox/v1/" + button.dataset.post, { method: "POST", headers, body });
  if (!response.ok) alert((await response.json()).error);
  await refresh();
});

setInterval(() => refresh().catch(() => {}), 1000);
