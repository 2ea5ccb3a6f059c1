// Contacts written down and not yet acknowledged by the server, kept in this browser under keys that make a second
// sending harmless. A record leaves the browser's store the moment the server has taken it.
const tag = document.querySelector('script[data-told][src$="interactions/log.js"]');
export const account = JSON.parse(tag?.dataset.told || '{"who":"","shift":0,"words":{}}');
export const words = account.words;
if (!document.querySelector('link[href$="interactions/log.css"]')) {
  const sheet = document.head.appendChild(document.createElement("link"));
  sheet.rel = "stylesheet";
  sheet.href = new URL("./log.css", import.meta.url).href;
}
const PLACE = "guanxi.contacts";
const PERSON = "guanxi.who";
const PATIENCE = 15000;

// The kept empty form may have been made for whoever used this device before: the last one signed in writes.
if (document.querySelector("form[data-shell]")) account.who = window.localStorage.getItem(PERSON) || account.who;
else if (account.who) window.localStorage.setItem(PERSON, account.who);

const all = () => JSON.parse(window.localStorage.getItem(PLACE) || "[]");
const own = () => all().filter((record) => record.who === account.who);
const write = (records) => (records.length ? window.localStorage.setItem(PLACE, JSON.stringify(records)) : window.localStorage.removeItem(PLACE));

export const keep = (record) => write([...all().filter((other) => other.key !== record.key), record]);
export const waits = (key) => all().some((record) => record.key === key);
export const drop = (key) => write(all().filter((record) => record.key !== key));

/** A random key in the form of a UUID; randomUUID itself is only there on secure addresses. */
export function newKey() {
  if (window.crypto.randomUUID) return window.crypto.randomUUID();
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const pageToken = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] ?? "";

async function ask(url, options) {
  const patience = new AbortController();
  const clock = window.setTimeout(() => patience.abort(), PATIENCE);
  try {
    return await window.fetch(url, { ...options, redirect: "manual", cache: "no-store", signal: patience.signal });
  } catch {
    return null; // no network, or no answer in time: the record waits
  } finally {
    window.clearTimeout(clock);
  }
}

/** Send one record. What comes back says what became of it: sent, invalid, away, or it stays with a reason. */
export async function send(record, { offline, token = pageToken() }) {
  const body = new URLSearchParams({ ...record.fields, source: offline ? "offline" : "screen" });
  const answer = await ask(record.url, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
  if (answer === null) return { kind: "away" };
  if (answer.status === 201) {
    drop(record.key);
    return { kind: "sent" };
  }
  if (answer.status === 422) return { kind: "invalid", errors: (await answer.json()).errors };
  const why = answer.type === "opaqueredirect" ? words.sign_in : answer.status >= 500 ? words.busy : words.forbidden;
  return { kind: "stays", why };
}

/** Send all that waits, as whoever is signed in now; a fresh token, since the page may have been kept for days. */
async function flush() {
  if (!own().length || !account.who) return;
  const standing = await ask(account.standing, { headers: { Accept: "application/json" } });
  if (!standing?.ok) {
    if (standing?.type === "opaqueredirect") note(words.sign_in);
    return showWaiting();
  }
  const { who, token } = await standing.json();
  if (who === account.who) {
    for (const record of own()) await sendWaiting(record, token);
  }
  showWaiting();
}

async function sendWaiting(record, token) {
  const answer = await send(record, { offline: true, token });
  if (answer.kind === "invalid") keep({ ...record, why: words.refused.replace("{why}", answer.errors.join(" ")) });
  if (answer.kind === "stays") keep({ ...record, why: answer.why });
}

const note = (why) => own().forEach((record) => keep({ ...record, why }));

/** One tab at a time sends; the server would take each once anyway. */
export const sendAll = () => (navigator.locks ? navigator.locks.request(PLACE, flush) : flush());

const made = (name, className, text) => {
  const element = document.createElement(name);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

function row(record) {
  const line = made("li", "");
  const told = made("div", "");
  told.append(made("b", "", record.name || words.unknown), made("p", "muted", `${record.said} · ${record.fields.at.replace("T", " ")}`));
  if (record.why) told.append(made("p", "waiting-why", record.why));
  const button = made("button", "btn btn-sm", words.drop);
  button.type = "button";
  button.addEventListener("click", () => {
    if (!window.confirm(words.sure)) return;
    drop(record.key);
    showWaiting();
  });
  line.append(told, button);
  return line;
}

function box() {
  const dialog = document.getElementById("waiting") ?? document.body.appendChild(made("dialog", "dialog"));
  dialog.id = "waiting";
  const head = made("div", "dialog-head");
  head.append(made("h2", "", words.title));
  const list = made("ul", "waiting-list");
  list.append(...own().map(row));
  const inner = made("div", "dialog-words");
  inner.append(own().length ? list : made("p", "muted", words.none));
  const foot = made("div", "actions dialog-actions");
  const close = made("button", "btn", words.close);
  close.dataset.close = "";
  const again = made("button", "btn btn-primary", words.send);
  again.addEventListener("click", sendAll);
  foot.append(close, again);
  dialog.replaceChildren(head, inner, foot);
  return dialog;
}

/** The chip that says how many wait; pressing it shows them. */
export function showWaiting() {
  const number = own().length;
  const chip = document.querySelector(".waiting-chip");
  if (document.getElementById("waiting")?.open) box();
  if (!number) return chip?.remove();
  const shown = chip ?? document.body.appendChild(made("button", "waiting-chip"));
  shown.type = "button";
  shown.textContent = words.waiting.replace("{n}", number);
  if (!chip) shown.addEventListener("click", () => box().showModal());
}

/** The worker keeps the empty form and our own files; it is registered where the form stands. */
async function register() {
  if (!navigator.serviceWorker || !document.querySelector("form[data-log]:not([data-shell])")) return;
  const registration = await navigator.serviceWorker.register(account.worker, { scope: account.worker.replace(/[^/]*$/, "") });
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  const files = performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname).filter((path) => path.startsWith("/static/"));
  worker.postMessage({ shell: account.shell, files: [...new Set(files)] });
}

if (account.who) {
  window.addEventListener("online", sendAll);
  window.addEventListener("storage", showWaiting);
  showWaiting();
  sendAll();
  window.setInterval(() => own().length && sendAll(), 10000); // not every browser says that it is online again
  register().catch(() => {}); // a browser without workers logs online only
}
