// Keys that act anywhere: / search, ? help, letters that press a button marked data-key; arrows inside the search.
import { closeMenus } from "./frame.js";

const typing = (element) => element?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const search = () => document.getElementById("search");

function moveInResults(step) {
  const results = [...document.querySelectorAll("#search-results .search-result")];
  if (!results.length) return;
  const at = results.findIndex((result) => result.getAttribute("aria-selected") === "true");
  results.forEach((result) => result.removeAttribute("aria-selected"));
  const next = results[(at + step + results.length) % results.length];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
}

function inSearch(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    moveInResults(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    const chosen = document.querySelector('#search-results [aria-selected="true"]');
    if (chosen) {
      event.preventDefault();
      chosen.click();
    }
  } else if (event.key === "Escape") {
    event.target.blur();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.target === search() && !event.isComposing) inSearch(event);
  if (event.key === "Escape") closeMenus(null);
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "/" && search()) {
    event.preventDefault();
    search().focus();
    search().select();
  } else if (event.key === "?") {
    document.getElementById("help")?.showModal();
  } else {
    document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "search-results") {
    search()?.setAttribute("aria-expanded", String(event.detail.target.childElementCount > 0));
  }
});
