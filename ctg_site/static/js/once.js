// A form sent twice by two clicks is sent once: a slow server would add the same row twice.
"use strict";

const WHILE = 10_000; // milliseconds: beyond, nothing came, and one may send again

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (Date.now() - Number(form.dataset.sentAt ?? 0) < WHILE) event.preventDefault();
  else form.dataset.sentAt = Date.now();
});

addEventListener("pageshow", () => { // come back to by « page précédente », it may be sent anew
  for (const form of document.querySelectorAll("form[data-sent-at]")) delete form.dataset.sentAt;
});
