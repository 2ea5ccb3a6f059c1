// What was typed stays: a form whose answer is another page with an error is filled again, and none is sent twice at once.
const KEY = "guanxi.typed";
const TWICE = 3000; // ms in which a second press of the same button is a slip

const actionOf = (form) => new URL(form.getAttribute("action") || window.location.href, window.location.href).pathname;
const forms = (action) => [...document.querySelectorAll("form[method=post]")].filter((form) => actionOf(form) === action);
const ours = (field) => field.name && field.name !== "csrfmiddlewaretoken" && !["hidden", "password", "file", "submit", "button"].includes(field.type);
const ticks = (field) => field.type === "checkbox" || field.type === "radio";

function typed(form) {
  return [...form.elements].filter(ours).filter((field) => !ticks(field) || field.checked)
    .flatMap((field) => (field.type === "select-multiple" ? [...field.selectedOptions].map((one) => [field.name, one.value]) : [[field.name, field.value]]));
}

function fill(form, values) {
  const left = new Map();
  for (const [name, value] of values) left.set(name, [...(left.get(name) ?? []), value]);
  for (const field of [...form.elements].filter(ours)) {
    const told = left.get(field.name) ?? [];
    if (ticks(field)) field.checked = told.includes(field.value);
    else if (field.type === "select-multiple") for (const one of field.options) one.selected = told.includes(one.value);
    else if (told.length) field.value = told.shift();
  }
  for (let box = form.closest("details"); box; box = box.parentElement?.closest("details")) box.open = true;
  const dialog = form.closest("dialog");
  if (dialog && !dialog.open) dialog.showModal();
  form.querySelector("input, select, textarea")?.dispatchEvent(new Event("change", { bubbles: true }));
}

// At the window, after every other listener: what a script sends itself is not a page's answer.
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post" || !form.closest(".framed")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  window.setTimeout(() => { delete form.dataset.sent; }, TWICE);
  const action = actionOf(form);
  const kept = { action, place: forms(action).indexOf(form), values: typed(form) };
  window.sessionStorage.setItem(KEY, JSON.stringify(kept));
});

const kept = JSON.parse(window.sessionStorage.getItem(KEY) ?? "null");
window.sessionStorage.removeItem(KEY);
if (kept && document.querySelector("main > .notice-error")) {
  const form = forms(kept.action)[kept.place];
  if (form) fill(form, kept.values);
}
