// Small parts of the room's page: words, elements, marks.

export const words = () => document.querySelector("#room-words").dataset;

export const said = (text, ...values) => values.reduce((left, value) => left.replace("%s", () => value), text);

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(word, act, tone = "secondary") {
  const made = make("button", { type: "button", class: `btn btn-small btn-${tone}` }, word);
  made.addEventListener("click", act);
  return made;
}

export const mark = (word, tone) => make("span", { class: `mark mark-${tone}` }, word);

export const wordOf = (key) =>
  (key && words()[`word${key[0].toUpperCase()}${key.slice(1)}`]) || "—";

export const sectionOf = (item) => document.querySelector(`#item-${item}`);
export const notesOf = (item) => document.querySelector(`#notes-${item}`);
export const rowOf = (attendee) => document.querySelector(`#room [data-attendee="${attendee}"]`);

// Say how an item's notes stand.
export function tellNotes(item, text, tone = "muted") {
  const line = document.querySelector(`#saved-${item}`);
  if (!line) return;
  line.className = `small ${tone === "muted" ? "muted" : `text-${tone}`}`;
  line.textContent = text;
}

// Both texts, and the choice between them: nothing is merged by itself.
export function showClash(item, mine, theirs, choose) {
  const w = words();
  const box = sectionOf(item)?.querySelector(".room-conflict");
  if (!box) return;
  const whose = [theirs.by, theirs.at].filter(Boolean).join(" ");
  const side = (title, text) =>
    make("div", {}, make("h3", {}, title), make("div", { class: "room-text pre", tabindex: "0" }, text));
  box.replaceChildren(
    make("div", { class: "halves" }, side(w.mine, mine), side(said(w.theirs, whose), theirs.notes)),
    make(
      "div",
      { class: "cluster" },
      button(w.keepMine, () => choose("mine")),
      button(w.keepTheirs, () => choose("theirs")),
      button(w.keepBoth, () => choose("both")),
    ),
  );
  box.hidden = false;
  tellNotes(item, w.clash, "bad");
}

export function hideClash(item) {
  const box = sectionOf(item)?.querySelector(".room-conflict");
  if (box) {
    box.hidden = true;
    box.replaceChildren();
  }
}

export function tick(row, word, substitute) {
  for (const box of row.querySelectorAll("input[type=radio]")) box.checked = box.value === word;
  const name = row.querySelector(".stand-in input");
  if (substitute !== undefined && name !== document.activeElement) name.value = substitute;
}

export const ticked = (row) => row.querySelector("input[type=radio]:checked")?.value ?? "";

// Who is there of those required, whole and by role, as it is ticked now.
export function countQuorum() {
  const w = words();
  const came = (row) => ["present", "substitute"].includes(ticked(row));
  const rows = [...document.querySelectorAll("#came-form tr[data-required]")];
  const there = rows.filter(came).length;
  const needed = Number(document.querySelector("#room").dataset.needed);
  document.querySelector("#room-quorum").textContent = said(w.counts, rows.length, there, needed);
  const held = document.querySelector("#room-held");
  held.className = `mark mark-${there >= needed ? "good" : "warn"}`;
  held.textContent = there >= needed ? w.held : w.unheld;
  for (const role of document.querySelectorAll("#room-roles [data-role]")) {
    const own = rows.filter((row) => row.dataset.role === role.dataset.role);
    const here = own.filter(came).length;
    role.querySelector("span").textContent = `${here}/${own.length}`;
    role.className = `mark mark-${here === own.length ? "good" : "warn"}`;
  }
}

// What an entry says.
const textOf = (fields) => fields.text ?? fields.matter ?? fields.question ?? fields.notes ?? fields.name ?? "";

const LISTS = { assign: ".room-given", guest: ".room-guests" };

// A decision, task or guest that the server does not have yet.
export function showPending(entry, undo) {
  const { fields, kind, key } = entry;
  const list = sectionOf(fields.item)?.querySelector(LISTS[kind] ?? ".room-decided");
  if (!list || list.querySelector(`[data-key="${key}"]`)) return;
  list.querySelector(".room-none")?.remove();
  const line = make("li", { "data-key": key }, `${textOf(fields)} `);
  line.append(mark(words().pending, "warn"));
  if (!entry.sent) line.append(" ", button(words().undo, undo));
  list.append(line);
}

export function hidePending(key) {
  document.querySelector(`#room [data-key="${key}"]`)?.remove();
}

// What could not be saved, with its text, until the clerk has tried again or let go of it.
export function showRefused(entry, why, { again, drop }) {
  const told = document.querySelector("#room-told");
  hideRefused(entry.key);
  const { fields } = entry;
  told.append(
    make(
      "div",
      { class: "banner banner-bad", "data-refused": entry.key },
      make("p", {}, said(words().refused, why ?? "")),
      make("p", { class: "pre" }, textOf(fields)),
      make("p", { class: "cluster" }, button(words().again, again), button(words().drop, drop)),
    ),
  );
}

export function hideRefused(key) {
  document.querySelector(`[data-refused="${key}"]`)?.remove();
}

export function note(text, tone = "info") {
  const told = document.querySelector("#room-told");
  if ([...told.children].some((one) => one.textContent === text)) return;
  told.append(make("div", { class: `banner banner-${tone}` }, text));
}
