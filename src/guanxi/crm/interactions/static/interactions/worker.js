// Opens the contact form when there is no network: the empty form and our own static files, never a customer's page.
const STORE = "guanxi-form-1";
const FORM = /\/customers\/[0-9a-f-]+\/log$/;
let shell = "";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  shell = event.data.shell;
  event.waitUntil(fill(event.data));
});

async function fill({ shell: address, files }) {
  const store = await caches.open(STORE);
  await Promise.allSettled([address, ...files].map((file) => refresh(store, file)));
}

async function refresh(store, address) {
  const answer = await fetch(address, { credentials: "same-origin", redirect: "manual" });
  if (answer.ok) await store.put(address, answer);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && FORM.test(path)) event.respondWith(orShell(request));
  else if (path.startsWith("/static/")) event.respondWith(orKept(request, path));
});

const orKept = async (request, path) => {
  try {
    return await fetch(request);
  } catch {
    return (await (await caches.open(STORE)).match(path)) ?? Response.error();
  }
};

const orShell = async (request) => {
  try {
    return await fetch(request);
  } catch {
    const store = await caches.open(STORE);
    const keys = await store.keys();
    const kept = keys.find((key) => !new URL(key.url).pathname.startsWith("/static/"));
    return (kept && (await store.match(shell || kept))) ?? Response.error();
  }
};
