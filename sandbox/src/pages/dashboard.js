// Sends what buttons and forms say, and shows what has changed.
"use strict";

const live = document.getElementById("live");
const said = document.getElementById("said");
let shown = live.innerHTML;

async function refresh() {
  const response = await fetch("/sandbox/fragment");
  const html = await response.text();
  if (!response.ok || html === shown) return;
  // What somebody reads stays open.
  const open = [...live.querySelectorAll("details[open]")].map((details) => details.id);
  shown = html;
  live.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("/sandbox/v1/" + path, { method: "POST", headers, body });
  said.textContent = response.ok ? "" : (await response.json()).error;
  await refresh();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-post]");
  if (button && (!button.dataset.ask || confirm(button.dataset.ask))) post(button.dataset.post, button.dataset.body || "{}");
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
      said.textContent = `${field.name}: ${error.message}`;
      return;
    }
  }
  post(form.dataset.post, JSON.stringify(members));
});

setInterval(() => refresh().catch(() => {}), 1000);
