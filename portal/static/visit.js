// Keeps what an inspector types on the telephone until it is handed in, and the form itself for places without a connection.
"use strict";
const form = document.querySelector("form[data-visit]");
if (form) {
  const key = `visit:${form.dataset.visit}`;
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
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(form.dataset.worker).then(() => {
    // The first visit came before the worker: ask once more, so that this page is kept, too.
    navigator.serviceWorker.ready.then(() => fetch(location.pathname, { credentials: "same-origin" }));
  }).catch(() => {});
} else {
  // Any page after a visit: drafts whose form is no longer open to this officer go with the worker's copies.
  const done = document.querySelector("[data-visits-open]");
  if (done) {
    const open = done.dataset.visitsOpen.split(" ");
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith("visit:") || open.includes(key.slice(6))) continue;
      localStorage.removeItem(key);
      if (window.caches) caches.open("visits").then((c) => c.delete(`/licensing/visits/${key.slice(6)}`));
    }
  }
}
