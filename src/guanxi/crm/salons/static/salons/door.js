// The door of a salon: a code typed or read by the camera is kept in this browser until the server has answered for
// it. Only codes and moments are kept, no names; sent twice they count once.
const form = document.querySelector("form[data-door]");
const words = JSON.parse(form.dataset.words);
const store = `guanxi-door-${form.dataset.door}`;
const log = document.querySelector("[data-log]");
const waiting = document.querySelector("[data-waiting]");
const field = form.elements.code;
const AGAIN = 10000;
let sending = false;

const kept = () => JSON.parse(window.localStorage.getItem(store) || "[]");
function keep(rows) {
  if (rows.length) window.localStorage.setItem(store, JSON.stringify(rows));
  else window.localStorage.removeItem(store);
  waiting.hidden = !rows.length;
  waiting.textContent = rows.length ? `${rows.length} ${words.waits}` : "";
}

function say(text, kind) {
  const line = document.createElement("li");
  line.className = kind;
  line.textContent = text;
  log.prepend(line);
}

/** Send what waits, in its order; what the server has answered for leaves the store. */
async function send() {
  const rows = kept();
  if (!rows.length || sending) return;
  sending = true;
  try {
    const body = new FormData();
    for (const row of rows) {
      body.append("code", row.code);
      body.append("ago", String(Math.round((Date.now() - row.at) / 1000)));
    }
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    if (!answer.ok || answer.redirected) {
      say(words.failed, "shut");
      return;
    }
    for (const entry of (await answer.json()).entries) say(entry.words, entry.result);
    keep(kept().slice(rows.length));
  } catch {
    say(words.kept, "again");
  } finally {
    sending = false;
  }
}

function take(code) {
  const told = code.trim();
  if (!told || kept().some((row) => row.code === told)) return;
  keep([...kept(), { code: told, at: Date.now() }]);
  send();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  take(field.value);
  field.value = "";
  field.focus();
});
window.addEventListener("online", send);
window.setInterval(send, AGAIN);
keep(kept());
send();

const button = document.querySelector("[data-camera]");
if ("BarcodeDetector" in window && navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener("click", watch);
}

/** Look through the camera until the page is left; the same code is taken once in a while only. */
async function watch() {
  const video = document.querySelector("[data-video]");
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.hidden = false;
  await video.play();
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  let last = "";
  window.setInterval(async () => {
    const [found] = await detector.detect(video).catch(() => []);
    if (found && found.rawValue !== last) {
      last = found.rawValue;
      take(last);
    }
  }, 400);
}
