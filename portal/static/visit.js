// Keeps what an inspector types on the telephone until it is handed in, and the form itself for places without a connection.
// A draft's key names its officer by a keyed hash: nobody else's page on the same device reads it.
"use strict";
const KEPT = "visits";
const form = document.querySelector("form[data-visit]");
if (form) {
  const key = `visit:${form.dataset.keptFor}:${form.dataset.visit}`;
  const fields = () => [...form.elements].filter((f) => f.name && f.type !== "hidden" && f.type !== "file" && f.type !== "submit");
  const kept = JSON.parse(localStorage.getItem(key) || "{}");
  for (const field of fields()) {
    if (!(field.name in kept)) continue;
    if (field.type === "radio") field.checked = field.checked || kept[field.name] === field.value;
    else if (!field.value) field.value = kept[field.name];
  }
  const note = document.getElementById("visit-kept");
  const keep = () => {
    const typed = {};
    for (const field of fields()) if (field.type !== "radio" || field.checked) typed[field.name] = field.value;
    localStorage.setItem(key, JSON.stringify(typed));
    if (note) note.hidden = false;
  };
  form.addEventListener("input", keep);
  form.addEventListener("submit", (event) => {
    keep();
    if (navigator.onLine) return;
    event.preventDefault();
    const offline = document.getElementById("visit-offline");
    if (offline) { offline.hidden = false; offline.focus(); }
  });
  if (note && Object.keys(kept).length) note.hidden = false;
  if (navigator.serviceWorker && window.caches) {
    const controlled = navigator.serviceWorker.controller;
    navigator.serviceWorker.register(form.dataset.worker).then(() => navigator.serviceWorker.ready).then(async () => {
      // What came before the worker was there is asked for once more, and kept with all that it is made of.
      if (controlled) return;
      const made = [...document.querySelectorAll("link[rel=stylesheet]")].map((e) => e.href);
      made.push(...[...document.scripts].map((e) => e.src).filter(Boolean));
      const cache = await caches.open(KEPT);
      for (const address of [...made, form.dataset.page]) {
        const answer = await fetch(address, { credentials: "same-origin" });
        if (answer.ok && !answer.redirected) await cache.put(address, answer);
      }
      form.dataset.opensOffline = "yes";
    }).catch(() => {});
    if (controlled) form.dataset.opensOffline = "yes";
  }
} else {
  // The list of visits: drafts whose form is no longer open to this officer go with the worker's copies.
  const list = document.querySelector("[data-visits-open]");
  if (list) {
    const open = list.dataset.visitsOpen.split(" ");
    for (const key of Object.keys(localStorage)) {
      const [kind, officer, visit] = key.split(":");
      if (kind !== "visit" || (officer === list.dataset.keptFor && open.includes(visit))) continue;
      localStorage.removeItem(key);
      if (visit && window.caches) caches.open(KEPT).then((c) => c.delete(`/licensing/visits/${visit}`, { ignoreVary: true }));
    }
  }
}
