// Logging a contact: the form fills in the next step by the outcome; what is saved goes through the queue (queue.js).
import { toast } from "../web/frame.js";
import { account, keep, drop, send, sendAll, waits, showWaiting, newKey, words } from "./queue.js";

const DAY = 86400000;
const day = (text) => Date.parse(`${text}T00:00:00Z`);
const shown = (element, visible) => { if (element) element.hidden = !visible; };

/** The bank's now, as the field for a moment writes it; in a demonstration the bank's day is not the clock's. */
function now() {
  const at = new Date(Date.now() + account.shift * DAY - new Date().getTimezoneOffset() * 60000);
  return at.toISOString().slice(0, 16);
}

/** A day written into the page when it was made, as many days later as have passed since. */
const later = (form, text) => new Date(day(text) + Math.max(0, day(now().slice(0, 10)) - day(form.dataset.rendered))).toISOString().slice(0, 10);

function fitOutcomes(form) {
  const channel = form.querySelector("[name=channel]:checked")?.value;
  for (const outcome of form.querySelectorAll("[name=outcome]")) {
    const fits = outcome.dataset.channels.split(" ").includes(channel);
    shown(outcome.closest(".pick"), fits);
    if (!fits) outcome.checked = false;
  }
}

function fillIn(form, outcome) {
  if (!form.elements.next_step.dataset.touched) form.elements.next_step.value = outcome.dataset.step;
  if (!form.elements.due_on.dataset.touched) form.elements.due_on.value = outcome.dataset.step ? later(form, outcome.dataset.due) : "";
  if ("intent" in outcome.dataset) form.querySelector(".log-intent").open = true;
}

function fold(form) {
  const promised = form.elements.next_step.value !== "";
  shown(form.querySelector(".log-due"), promised);
  shown(form.querySelector(".log-promise"), promised);
}

function open(form) {
  if (form.dataset.opened) return;
  form.dataset.opened = "yes";
  if (!form.elements.at.dataset.touched) form.elements.at.value = now();
  fitOutcomes(form);
  fold(form);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-log]");
  if (!form) return;
  if (["next_step", "due_on", "at"].includes(event.target.name)) event.target.dataset.touched = "yes";
  if (event.target.name === "channel") fitOutcomes(form);
  if (event.target.name === "outcome") fillIn(form, event.target);
  fold(form);
});

function written(form) {
  const fields = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
  fields.client_key = newKey();
  if (!form.elements.at.dataset.touched) fields.at = now();
  const picked = (name) => form.querySelector(`[name=${name}]:checked`)?.closest(".pick").textContent.trim() ?? "";
  const url = "shell" in form.dataset ? window.location.pathname : form.getAttribute("action");
  return { key: fields.client_key, who: account.who, url, name: form.dataset.log, said: `${picked("channel")} · ${picked("outcome")}`, fields };
}

function complain(form, errors) {
  const box = form.querySelector(".log-errors");
  box.replaceChildren(...errors.map((text) => {
    const line = document.createElement("p");
    line.className = "notice notice-error";
    line.textContent = text;
    return line;
  }));
  box.scrollIntoView({ block: "nearest" });
}

function clear(form) {
  form.reset();
  for (const field of form.querySelectorAll("[data-touched]")) delete field.dataset.touched;
  delete form.dataset.opened;
  complain(form, []);
  open(form);
}

function finish(form) {
  const dialog = form.closest("dialog");
  if (dialog) {
    dialog.close();
    toast(words.saved);
    const rest = document.getElementById("part-profile");
    if (rest) window.htmx.ajax("GET", rest.getAttribute("hx-get"), { source: rest, target: rest, swap: "innerHTML" });
  } else if (form.dataset.back) {
    window.location.assign(form.dataset.back);
  } else {
    clear(form);
    toast(words.saved);
  }
}

async function save(form) {
  const record = written(form);
  keep(record);
  let answer = await send(record, { offline: false });
  if (answer.kind === "stays") {
    await sendAll();  // perhaps only this page's token was too old
    if (!waits(record.key)) answer = { kind: "sent" };
  }
  if (answer.kind === "sent") {
    finish(form);
    form.dispatchEvent(new CustomEvent("guanxi:logged", { bubbles: true, detail: record }));
  } else if (answer.kind === "invalid") {
    drop(record.key);
    complain(form, answer.errors);
  } else {
    form.closest("dialog")?.close();
    clear(form);
    toast(answer.kind === "away" ? words.kept : answer.why, answer.kind !== "away");
  }
  showWaiting();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("form[data-log]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.saving) return;
  form.dataset.saving = "yes";
  save(form).finally(() => { delete form.dataset.saving; });
});

// Without a network the slide-in cannot be fetched: the page of the same address opens from the worker's shell.
document.addEventListener("htmx:sendError", (event) => {
  const button = event.detail.elt;
  if (button?.matches?.("[data-log-button]")) window.location.assign(button.getAttribute("hx-get"));
});

for (const form of document.querySelectorAll("form[data-log]")) open(form);
document.addEventListener("htmx:load", (event) => {
  for (const form of event.detail.elt.querySelectorAll?.("form[data-log]") ?? []) open(form);
  if (event.detail.elt.matches?.("form[data-log]")) open(event.detail.elt);
});
