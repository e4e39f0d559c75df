// The search box of the page head: "/" goes there, arrows walk the results, Escape puts them away.

const box = () => document.querySelector("#finder");
const hits = () => document.querySelector("#hits");
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

const putAway = () => hits()?.replaceChildren();

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = box();
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
    return;
  }
  const finder = event.target.closest?.(".finder");
  if (!finder) return;
  if (event.key === "Escape") {
    putAway();
    box().focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const stops = [box(), ...finder.querySelectorAll(".hits a")];
    const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    stops[(next + stops.length) % stops.length].focus();
  }
});

document.addEventListener("focusin", (event) => {
  if (!event.target.closest?.(".finder")) putAway();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest?.(".finder")) putAway();
});

// An answer that comes after the question was cleared, or after one left, is not shown.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "hits") return;
  const left = !document.activeElement?.closest?.(".finder");
  if (left || !box().value.trim() || event.detail.xhr.status !== 200) event.detail.shouldSwap = false;
  if (!box().value.trim()) putAway();
});
