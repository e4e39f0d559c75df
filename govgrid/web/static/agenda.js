// The order of an agenda: items are dragged by their grip, or moved with Alt and the arrow keys.
// The server puts them in order and says where the item stands now.

let held = null; // the item under way
let moved = null; // whose grip gets the focus back once the page stands anew

const list = () => document.querySelector("#agenda");
const itemOf = (element) => element?.closest?.("#agenda [data-item]");

function place(item, to) {
  if (to < 1 || to === Number(item.dataset.place)) return;
  moved = item.dataset.item;
  const form = item.querySelector("form.ordering-moves");
  window.htmx.ajax("POST", form.getAttribute("action"), {
    source: document.body, target: "body", swap: "innerHTML", values: { csrf: list().dataset.csrf, to },
  });
}

document.addEventListener("dragstart", (event) => {
  const grip = event.target.closest?.("#agenda .grip");
  if (!grip) return;
  held = itemOf(grip);
  held.classList.add("held");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held.querySelector("h2").textContent.trim());
});
document.addEventListener("dragover", (event) => {
  const over = held && itemOf(event.target);
  if (!over) return;
  event.preventDefault();
  for (const one of list().querySelectorAll(".over")) one.classList.remove("over");
  over.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const over = held && itemOf(event.target);
  if (!over) return;
  event.preventDefault();
  place(held, Number(over.dataset.place));
});
document.addEventListener("dragend", () => {
  for (const one of list()?.querySelectorAll(".over, .held") ?? []) one.classList.remove("over", "held");
  held = null;
});

document.addEventListener("keydown", (event) => {
  const grip = event.target.closest?.("#agenda .grip");
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!grip || !step || !event.altKey) return;
  event.preventDefault();
  place(itemOf(grip), Number(itemOf(grip).dataset.place) + step);
});

document.addEventListener("htmx:afterSettle", () => {
  const grip = moved && list()?.querySelector(`[data-item="${moved}"] .grip`);
  if (!grip) return;
  moved = null;
  grip.focus();
});
