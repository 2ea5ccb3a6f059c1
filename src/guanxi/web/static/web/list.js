// Lists: a row opens where it says; j k move, Enter opens, x selects; the bar at the bottom counts what is chosen.
import { words } from "./words.js";

const busy = "a, button, input, select, textarea, label, summary, details";
const rowsOf = (list) => [...list.querySelectorAll("tbody > tr")].filter((row) => row.offsetParent !== null);
const firstList = () => document.querySelector("table[data-list]");

function open(row, elsewhere) {
  const link = row.dataset.href;
  if (link && elsewhere) window.open(link, "_blank", "noopener");
  else if (link) window.location.assign(link);
  else if (row.hasAttribute("hx-get")) row.click();
  else row.querySelector("a[href]")?.click();
}

function move(step) {
  const list = document.querySelector("tr.at")?.closest("table") ?? firstList();
  if (!list) return;
  const rows = rowsOf(list);
  const at = rows.findIndex((row) => row.classList.contains("at"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  if (!next) return;
  rows[at]?.classList.remove("at");
  next.classList.add("at");
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function count(scope) {
  const form = scope.closest("form") ?? document;
  const bar = form.querySelector("[data-selection]");
  if (!bar) return;
  const chosen = form.querySelectorAll("[data-select]:checked").length;
  bar.hidden = chosen === 0;
  bar.querySelector("[data-selection-count]").textContent = words.selected.replace("{count}", chosen);
}

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("table[data-list] tr[data-href]");
  if (!row || event.target.closest(busy) || window.getSelection()?.toString()) return;
  open(row, event.ctrlKey || event.metaKey);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of event.target.closest("table").querySelectorAll("[data-select]:enabled")) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-select], [data-select-all]")) count(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
  const row = document.querySelector("tr.at");
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "Enter" && row && (event.target === row || event.target === document.body)) open(row, false);
  else if (event.key === "x" && row) row.querySelector("[data-select]")?.click();
});
