// The rail, menus, dialogs, short messages, parts that fail to load, and choosers with search.
import { words, address, load } from "./words.js";

const root = document.documentElement;
const byId = (id) => document.getElementById(id);

function foldRail() {
  const folded = root.dataset.rail !== "folded";
  root.dataset.rail = folded ? "folded" : "open";
  window.localStorage.setItem("guanxi.rail", root.dataset.rail);
  document.querySelector("[data-fold-rail]").setAttribute("aria-expanded", String(!folded));
}

function unfold(button, panel) {
  const open = panel.classList.toggle("unfolded");
  button.setAttribute("aria-expanded", String(open));
  if (open) panel.dispatchEvent(new CustomEvent("guanxi:unfold", { bubbles: true }));
}

export function toast(text, bad = false) {
  const line = document.createElement("p");
  line.className = bad ? "toast-line bad" : "toast-line";
  line.textContent = text;
  byId("toasts")?.append(line);
  window.setTimeout(() => line.remove(), bad ? 8000 : 4000);
}

export function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  closeMenus(target?.closest("details[data-menu]"));
  if (!target) return;
  if (target.closest("[data-fold-rail]")) foldRail();
  const fold = target.closest("[data-fold]");
  if (fold) unfold(fold, fold.closest(".panel"));
  const opener = target.closest("[data-open]");
  if (opener) byId(opener.dataset.open)?.showModal();
  if (target.closest("[data-close]") || target.matches("dialog")) target.closest("dialog")?.close();
});

// An answer that lands in the shared dialog opens it; an empty one closes it.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "dialog-body") return;
  const dialog = byId("dialog");
  const filled = event.detail.target.childElementCount > 0;
  if (filled && !dialog.open) dialog.showModal();
  if (!filled && dialog.open) dialog.close();
});

// The server may say, in a header: close the dialog, show a sentence.
document.addEventListener("guanxi:close", () => byId("dialog")?.close());
document.addEventListener("guanxi:say", (event) => toast(event.detail.value ?? event.detail));

/** Say it in the part that asked and in those that wait for its answer; each offers to ask again. */
function showFailure(asked) {
  for (const box of [asked, ...document.querySelectorAll(`[data-comes-with="${CSS.escape(asked.id || "?")}"]`)]) {
    const made = byId("part-failed").content.cloneNode(true);
    made.querySelector("p").textContent = words.failed;
    const again = made.querySelector("button");
    again.textContent = words.again;
    again.addEventListener("click", () => window.htmx.trigger(asked, asked.getAttribute("hx-trigger") || "load"));
    box.replaceChildren(made);
  }
}

function failed(event, sentence) {
  const box = event.detail.elt?.closest?.("[data-part]");
  if (box && box === event.detail.elt) showFailure(box);
  else toast(sentence, true);
}
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr?.status;
  failed(event, status ? `${words.refused} (${status})` : words.offline);
});
document.addEventListener("htmx:sendError", (event) => failed(event, words.offline));
document.addEventListener("htmx:timeout", (event) => failed(event, words.offline));

/** Choosers of many: <select data-choose>. */
async function chooseIn(scope) {
  const selects = [...scope.querySelectorAll("select[data-choose]:not([data-choosing])")];
  if (!selects.length) return;
  for (const select of selects) select.dataset.choosing = "";  // claimed before waiting: the page asks twice
  await load(address("tom-select"));
  for (const select of selects) {
    new window.TomSelect(select, { maxOptions: 200, plugins: select.multiple ? ["remove_button"] : [] });
  }
}
chooseIn(document);
document.addEventListener("htmx:load", (event) => chooseIn(event.detail.elt));
