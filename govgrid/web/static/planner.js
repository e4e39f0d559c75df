// The calendar of a plan: meetings are dragged, or picked up with M and put down with Enter.
// The server says of every slot whether the meeting could go there, and why not.

let moving = null; // { event, cells, answers, cell }

const board = () => document.querySelector("#planner");
const status = () => document.querySelector("#move-status");
const cellOf = (element) => element?.closest?.("#planner td[data-start]");

function say(text) {
  const line = status();
  if (line) line.textContent = text;
}

async function pickUp(event) {
  letGo();
  const held = { event, answers: null, cell: cellOf(event) };
  moving = held;
  event.classList.add("event-held");
  const answer = await fetch(`${board().dataset.run}/lines/${event.dataset.line}/slots.json`);
  if (!answer.ok || moving !== held) return;
  held.answers = await answer.json();
  if (moving !== held) return;
  for (const cell of board().querySelectorAll("td[data-start]")) {
    const why = held.answers.slots[cell.dataset.start];
    cell.classList.add(why?.length === 0 ? "can" : "cannot");
  }
  if (held.cell?.classList.contains("cursor")) tell(held.cell); // it was asked about meanwhile
}

function letGo() {
  if (!moving) return;
  moving.event.classList.remove("event-held");
  for (const cell of board()?.querySelectorAll(".can, .cannot, .cursor") ?? []) {
    cell.classList.remove("can", "cannot", "cursor");
  }
  moving = null;
}

// What the server said of a cell: nothing stands in the way, or the reasons.
function verdict(cell) {
  const { answers } = moving;
  if (!answers) return "…";
  const why = answers.slots[cell.dataset.start];
  if (!why) return `${cell.dataset.said}：${answers.closed}`;
  return `${cell.dataset.said}：${why.length ? why.join("；") : answers.free}`;
}

function show(cell) {
  if (moving.cell === cell) return;
  board().querySelector(".cursor")?.classList.remove("cursor");
  cell.classList.add("cursor");
  moving.cell = cell;
  tell(cell);
}

function tell(cell) {
  say(verdict(cell));
  status()?.classList.toggle("text-bad", Boolean(moving.answers) && !cell.classList.contains("can"));
}

function putDown(cell) {
  const { event, answers } = moving;
  const free = answers?.slots[cell.dataset.start]?.length === 0;
  if (!free || cell.contains(event)) {
    const text = cell.contains(event) ? board().dataset.dropped : verdict(cell);
    letGo();
    say(text);
    event.focus();
    return;
  }
  const { run, csrf } = board().dataset;
  const values = { csrf, start: cell.dataset.start, version: event.dataset.version };
  const address = `${run}/lines/${event.dataset.line}/place`;
  letGo();
  window.htmx.ajax("POST", address, { source: document.body, target: "body", swap: "innerHTML", values });
}

// Mouse

document.addEventListener("dragstart", (event) => {
  const held = event.target.closest?.("#planner .event[draggable=true]");
  if (!held) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held.textContent.trim());
  pickUp(held);
});
document.addEventListener("dragover", (event) => {
  const cell = moving && cellOf(event.target);
  if (!cell) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = cell.classList.contains("cannot") ? "none" : "move";
  show(cell);
});
document.addEventListener("drop", (event) => {
  const cell = moving && cellOf(event.target);
  if (!cell) return;
  event.preventDefault();
  putDown(cell);
});
document.addEventListener("dragend", () => letGo());

// Keyboard

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function neighbour(cell, [down, right]) {
  const rows = [...board().tBodies[0].rows];
  const row = rows[rows.indexOf(cell.parentElement) + down];
  return row?.cells[cell.cellIndex + right]?.matches("td") ? row.cells[cell.cellIndex + right] : null;
}

document.addEventListener("keydown", (event) => {
  const held = event.target.closest?.("#planner .event");
  if (!held) return;
  if (!moving) {
    if (event.key.toLowerCase() !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (held.getAttribute("draggable") !== "true") return;
    event.preventDefault();
    say(board().dataset.picked + held.title);
    pickUp(held).then(() => moving && cellOf(held)?.classList.add("cursor"));
    return;
  }
  const step = STEPS[event.key];
  if (step) {
    event.preventDefault();
    const next = neighbour(moving.cell, step);
    if (!next) return;
    show(next);
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  } else if (event.key === "Enter") {
    event.preventDefault();
    putDown(moving.cell);
  } else if (event.key === "Escape") {
    event.preventDefault();
    letGo();
    say(board().dataset.dropped);
  }
});
document.addEventListener("focusout", (event) => {
  if (moving && event.target === moving.event && !moving.event.matches(":active")) letGo();
});
