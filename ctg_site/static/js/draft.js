// Saves a form to the server while it is written, so that nothing is lost. Without this script, a button does it.
"use strict";

const PAUSE = 800; // milliseconds without typing
const RETRY = 5000;

for (const form of document.querySelectorAll("form[data-draft]")) keepDraft(form);

function keepDraft(form) {
  const state = form.querySelector(".draft-state");
  let timer, saving, changed = false, isSent = false;

  form.addEventListener("input", () => {
    changed = true;
    wait(PAUSE);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (saving) { // else a draft saved after the form is sent would come back
      event.preventDefault();
      saving.finally(() => form.requestSubmit(event.submitter));
    } else {
      isSent = true;
    }
  });
  addEventListener("pagehide", () => {
    if (changed && !isSent) navigator.sendBeacon(form.dataset.draft, typed(form));
  });

  function wait(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  function save() {
    if (saving) return wait(PAUSE);
    changed = false;
    saving = fetch(form.dataset.draft, { method: "POST", body: typed(form), headers: { Accept: "application/json" } })
      .then((response) => response.json())
      .then(({ text, login }) => show(state, text, login))
      .catch(() => {
        show(state, "Le brouillon n’a pas pu être enregistré : votre texte est encore sur cette page.");
        changed = true;
        wait(RETRY);
      })
      .finally(() => { saving = undefined; });
  }
}

function typed(form) {
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  return new URLSearchParams(fields);
}

function show(state, text, login) {
  state.replaceChildren(text);
  if (login) {
    const link = document.createElement("a");
    link.href = login;
    link.textContent = "Se reconnecter";
    state.append(" Votre session est terminée, votre texte est gardé. ", link);
  }
}
