// Reorders a list by dragging, with a mouse, a pen or a finger: letting go sends the same form as its buttons
// « Monter » and « Descendre », told in ranks.
"use strict";

const EDGE = 60; // pixels from the top or the bottom of the window, where the page scrolls by itself
const STEP = 15;

for (const list of document.querySelectorAll("[data-reorder]")) reorder(list);

function reorder(list) {
  const items = () => [...list.children].filter((child) => child.querySelector(formOf(child)));
  if (items().length < 2) return;
  for (const item of items()) {
    const handle = document.createElement("span");
    handle.className = "drag-handle";
    handle.textContent = "⠿";
    handle.title = "Glissez pour changer l’ordre";
    handle.setAttribute("aria-hidden", "true"); // the buttons do the same, by keyboard and by voice
    item.prepend(handle);
    handle.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      drag(items(), item, handle, event);
    });
  }
}

function drag(rows, row, handle, { pointerId, clientY }) {
  const others = rows.filter((other) => other !== row), stop = new AbortController();
  let y = clientY, place = rows.indexOf(row);
  const scrolling = setInterval(() => {
    const by = y < EDGE ? -STEP : y > innerHeight - EDGE ? STEP : 0;
    if (by) scrollBy(0, by);
    aim();
  }, 40);
  const on = (name, target, gesture) => target.addEventListener(name, gesture, { signal: stop.signal });

  handle.setPointerCapture(pointerId);
  row.classList.add("dragged");
  on("pointermove", handle, (event) => {
    y = event.clientY;
    aim();
  });
  on("pointerup", handle, () => {
    end();
    send(row, place - rows.indexOf(row));
  });
  on("pointercancel", handle, end);
  on("keydown", document, (event) => event.key === "Escape" && end());

  // Below every other row whose middle is above the pointer.
  function aim() {
    place = others.filter((other) => middle(other) < y).length;
    clear();
    if (place === rows.indexOf(row)) return;
    if (place < others.length) others[place].classList.add("drop-before");
    else others.at(-1).classList.add("drop-after");
  }

  function clear() {
    for (const other of others) other.classList.remove("drop-after", "drop-before");
  }

  function end() {
    clearInterval(scrolling);
    stop.abort();
    clear();
    row.classList.remove("dragged");
  }
}

function formOf(item) {
  return `form[data-move="${item.dataset.row}"]`;
}

function middle(item) {
  const box = item.getBoundingClientRect();
  return box.top + box.height / 2;
}

function send(item, ranks) {
  if (!ranks) return;
  const form = item.querySelector(formOf(item)), field = document.createElement("input");
  field.type = "hidden";
  field.name = "ranks";
  field.value = ranks;
  form.append(field);
  form.submit();
}
