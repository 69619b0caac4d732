// Keeps the visit forms that the inspector has opened, and what they are made of, for a place without a connection.
// Pages of a visit only: this script's address ends its reach. The network is asked first, always: a kept page is answered
// when there is no connection, never instead of what the server says. It goes when the page no longer opens for who asks,
// when the report is handed in, at sign-out, and when somebody else signs in on this device.
"use strict";
const KEPT = "visits";
const visit = (url) => /^\/licensing\/visits\/[0-9a-f-]{36}$/.test(url.pathname);
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) {
    event.respondWith(kept(event.request).then((found) => found || fetchAndKeep(event.request)));
  } else if (visit(url)) {
    event.respondWith(fetchAndKeep(event.request).catch(() => kept(event.request).then((found) => found || Response.error())));
  }
});
// What a page depends on beside its address (the cookie) does not reach this script: copies of others are emptied instead.
function kept(request) {
  return caches.match(request, { cacheName: KEPT, ignoreVary: true });
}
async function fetchAndKeep(request) {
  const answer = await fetch(request);
  const cache = await caches.open(KEPT);
  // A page that leads elsewhere, such as to the sign-in, is no form: what was kept of it goes. To a page that is opened, such
  // an answer shows nothing but its type.
  const elsewhere = answer.redirected || answer.type === "opaqueredirect";
  if (answer.ok && !elsewhere) await cache.put(request, answer.clone());
  else if (elsewhere || [403, 404, 409, 410].includes(answer.status)) await cache.delete(request, { ignoreVary: true });
  return answer;
}
