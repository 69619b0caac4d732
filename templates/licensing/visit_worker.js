// Keeps the visit forms that the inspector has opened, and what they are made of, for a place without a connection.
// Pages of a visit only: this script's address ends its reach. They go when the report is handed in, and when the page no longer opens for who asks.
"use strict";
const KEPT = "visits";
const visit = (url) => /^\/licensing\/visits\/[0-9a-f-]{36}$/.test(url.pathname);
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetchAndKeep(event.request)));
  } else if (visit(url)) {
    event.respondWith(fetchAndKeep(event.request).catch(() => caches.match(event.request).then((kept) => kept || Response.error())));
  }
});
async function fetchAndKeep(request) {
  const answer = await fetch(request);
  const cache = await caches.open(KEPT);
  // A page that led elsewhere, such as to the sign-in, is no form: what was kept of it goes.
  if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
  else if (answer.redirected || answer.status === 403 || answer.status === 404 || answer.status === 409) await cache.delete(request);
  return answer;
}
