// Small helps for the plain pages; each works without it too.
"use strict";

// Single keys may be turned off, here and on the live screens alike.
const offKey = "cw-single-keys-off";
const typingIn = (event) =>
  event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
const noShortcut = (event) => event.defaultPrevented || event.isComposing || event.altKey || event.getModifierState("AltGraph");

// Keys: data-key="mod+k" focuses a field or presses a button.
document.addEventListener("keydown", (event) => {
  const mod = event.ctrlKey || event.metaKey;
  const typing = typingIn(event);
  if (noShortcut(event) || (!mod && (typing || localStorage.getItem(offKey) === "1"))) return;
  const wanted = (mod ? "mod+" : "") + event.key.toLowerCase();
  const named = [...document.querySelectorAll("[data-key]")].filter((one) => one.dataset.key === wanted);
  const form = typing && event.target.closest("form");
  const element = wanted === "mod+enter" ? named.find((one) => one.form && one.form === form) : named[0];
  if (!element) return;
  event.preventDefault();
  if (element.matches("input, textarea, select")) {
    element.focus();
    element.select?.();
  } else element.click();
});

// A form that came back leads to the first field that is wrong.
document.querySelector("[aria-invalid='true']")?.focus();

// Lists: j and k move through the rows, Enter opens one.
document.addEventListener("keydown", (event) => {
  if (noShortcut(event) || event.ctrlKey || event.metaKey || typingIn(event)) return;
  if (localStorage.getItem(offKey) === "1") return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const rows = [...document.querySelectorAll("[data-rows] a[data-row]")];
  if (!rows.length) return;
  const next = rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(document.activeElement) + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
});

// Whoever stands on a row goes on standing there when the list is made anew.
let stoodOn = null;
document.addEventListener("htmx:beforeSwap", () => {
  const row = document.activeElement?.closest("[data-rows] a[data-row]");
  stoodOn = row ? row.getAttribute("href") : null;
});
document.addEventListener("htmx:afterSwap", () => {
  const rows = [...document.querySelectorAll("[data-rows] a[data-row]")];
  if (stoodOn !== null) rows.find((row) => row.getAttribute("href") === stoodOn)?.focus();
});

// The sheet of keys on "?".
const sheet = document.getElementById("keys");
document.addEventListener("keydown", (event) => {
  if (sheet instanceof HTMLDialogElement && event.key === "?" && !noShortcut(event) && !typingIn(event)) sheet.showModal();
});
sheet?.addEventListener("click", (event) => event.target === sheet && sheet.close());
for (const box of document.querySelectorAll("[data-single-keys]")) {
  box.checked = localStorage.getItem(offKey) !== "1";
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(offKey) : localStorage.setItem(offKey, "1")));
}

// A row leads where its link leads.
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || event.target.closest("a, button, input, select, label, summary")) return;
  const link = event.target.closest("tr")?.querySelector("a[data-row]");
  if (link && !window.getSelection()?.toString()) link.click();
});

// Unsaved changes are not lost by accident; what is on its way is saved.
const changed = new Set();
const sent = new Set();
document.addEventListener("input", (event) => {
  const form = event.target instanceof Element && event.target.closest("form[data-guard]");
  if (form && !event.target.closest("[data-unguarded]")) changed.add(form);
});
window.addEventListener("beforeunload", (event) => {
  if ([...changed].every((form) => sent.has(form))) return;
  event.preventDefault();
  setTimeout(() => sent.clear()); // comes to pass when the reader stays: then nothing went out
});

// Click to call: what came of it is said beside the number, and the page stays as it is.
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (!form.matches("form[data-call]")) return;
    event.preventDefault();
    const [button, result] = [form.querySelector("button"), form.querySelector(".call-result")];
    if (button.disabled) return;
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
      if (answer.redirected || !answer.headers.get("Content-Type")?.startsWith("application/json")) return location.reload();
      const { ok, sentence } = await answer.json();
      result.textContent = sentence;
      form.classList.toggle("is-refused", !ok);
    } catch {
      location.reload(); // the server is away: the page says so
    } finally {
      button.disabled = false;
    }
  },
  true,
);

// A form goes out once: the second click of a double click writes no second ticket.
const onItsWayMs = 10_000;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  setTimeout(() => sent.delete(form), onItsWayMs); // stopped, or lost: a later click is meant
});
window.addEventListener("pageshow", () => {
  for (const form of sent) changed.delete(form);
  sent.clear();
});

// Filters of a list go out by themselves when one is chosen.
document.addEventListener("change", (event) => {
  if (event.target instanceof Element && event.target.matches("form[data-auto] select, form[data-auto] input[type=checkbox]"))
    event.target.form.requestSubmit();
});

// Repeated rows of a form (contacts, numbers): one more, one less.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-add-row], [data-drop-row]");
  if (!button) return;
  if (button.dataset.addRow !== undefined) addRow(button);
  else button.closest("[data-form-row]")?.remove();
});

function addRow(button) {
  const list = document.getElementById(button.dataset.addRow);
  const template = document.getElementById(`${button.dataset.addRow}-template`);
  if (!list || !template) return;
  const used = [...list.querySelectorAll("[data-form-row]")].map((row) => Number(row.dataset.formRow));
  const number = Math.max(-1, ...used) + 1;
  list.insertAdjacentHTML("beforeend", template.innerHTML.replaceAll("__n__", String(number)));
  list.lastElementChild?.querySelector("input")?.focus();
}

// What is chosen beside a field of wishes goes in where the cursor stands; its level is marked, to be typed over.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-piece]");
  const field = button && document.getElementById(button.dataset.into);
  if (!field) return;
  const [from, to] = field.selectionEnd ? [field.selectionStart, field.selectionEnd] : [field.value.length, field.value.length];
  const before = field.value.slice(0, from).trimEnd();
  const after = field.value.slice(to).trimStart();
  const joined = before && !/(\(|\b(and|or|prefer))$/i.test(before) ? `${before} and` : before;
  const start = joined && !joined.endsWith("(") ? `${joined} ` : joined;
  const text = start + button.dataset.piece;
  field.value = after && !after.startsWith(")") ? `${text} ${after}` : text + after;
  field.focus();
  field.setSelectionRange(text.length - 1, text.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// Times like "3 minutes ago" stay true while a page stands open.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
setInterval(() => {
  for (const element of document.querySelectorAll("time[data-ago]")) {
    const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
    const size = Math.abs(seconds);
    if (size < 60 || size >= 86400) continue;
    const text = size < 3600 ? relative.format(Math.round(seconds / 60), "minute") : relative.format(Math.round(seconds / 3600), "hour");
    if (element.textContent !== text) element.textContent = text;
  }
}, 30000);
