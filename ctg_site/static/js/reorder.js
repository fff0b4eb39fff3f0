// Reorders a list by dragging: drops send the same form as its buttons « Monter » and « Descendre », told in ranks.
"use strict";

for (const list of document.querySelectorAll("[data-reorder]")) reorder(list);

function reorder(list) {
  const items = () => [...list.children].filter((child) => child.querySelector(formOf(child)));
  if (items().length < 2) return;
  let dragged;
  for (const item of items()) {
    const handle = document.createElement("span");
    handle.className = "drag-handle";
    handle.draggable = true;
    handle.textContent = "⠿";
    handle.title = "Glissez pour changer l’ordre";
    handle.setAttribute("aria-hidden", "true"); // the buttons do the same, by keyboard and by voice
    item.prepend(handle);
    handle.addEventListener("dragstart", (event) => {
      dragged = item;
      event.stopPropagation();
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      event.dataTransfer.setDragImage(item, 0, 0);
      item.classList.add("dragged");
    });
    handle.addEventListener("dragend", () => {
      clear();
      dragged = undefined;
    });
    item.addEventListener("dragover", (event) => {
      if (!dragged || dragged === item) return;
      event.preventDefault();
      event.stopPropagation();
      clear();
      item.classList.add(isBelow(event, item) ? "drop-after" : "drop-before");
    });
    item.addEventListener("drop", (event) => {
      if (!dragged || dragged === item) return;
      event.preventDefault();
      event.stopPropagation();
      send(dragged, distance(items(), dragged, item, isBelow(event, item)));
    });
  }

  function clear() {
    for (const item of items()) item.classList.remove("dragged", "drop-after", "drop-before");
  }
}

function formOf(item) {
  return `form[data-move="${item.dataset.row}"]`;
}

function isBelow(event, item) {
  const box = item.getBoundingClientRect();
  return event.clientY > box.top + box.height / 2;
}

// How many ranks from where it was to where it lands, once taken out of the list.
function distance(rows, row, target, below) {
  const from = rows.indexOf(row), others = rows.filter((other) => other !== row);
  return others.indexOf(target) + (below ? 1 : 0) - from;
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
