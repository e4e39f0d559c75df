// The clerk's page of the room: everything written is kept here first, then sent; what others
// write comes in; without a network the hour goes on.

import { Clock } from "./clock.js";
import { keepText, textsOf } from "./queue.js";
import * as show from "./show.js";
import { Sync } from "./sync.js";

const { said, words } = show;
const TYPED = 400; // ms after which typed text is kept on this device
const SENT = 1000; // ms after which it leaves
const LOOK = 5000; // ms between looks at what others wrote
const SPOKEN = 2500; // ms for which what was done is said
const PAGE = 60_000; // ms between copies of the page for when there is no network
const AHEAD = "room-ahead";
const ADDS = ["resolve", "assign", "vote", "guest"];
let current = null;

class Room {
  constructor(element) {
    this.element = element;
    const { meeting, account, csrf, now } = element.dataset;
    const known = window.localStorage.getItem(AHEAD);
    this.ahead = known === null ? Date.parse(now) - Date.now() : Number(known);
    this.clock = new Clock(element, () => this.now());
    this.sync = new Sync({ meeting: Number(meeting), account: Number(account), csrf, page: this });
    this.texts = new Map(); // the notes that each text here is based on
    this.typing = new Map();
    this.copied = 0;
    this.word = "online";
  }

  now() {
    return Date.now() + this.ahead;
  }

  get there() {
    return document.contains(this.element);
  }

  async begin() {
    await this.sync.begin();
    for (const section of this.element.querySelectorAll("[data-item]")) {
      this.base(section.dataset.item, show.notesOf(section.dataset.item).value, Number(section.dataset.version));
    }
    for (const text of await textsOf(this.sync.meeting)) {
      if (text.version > (this.sync.versions.get(text.item) ?? Infinity)) this.fill(text.item, text.notes, text.version);
    }
    for (const entry of this.sync.entries) this.recall(entry);
    this.element.dataset.ready = "";
    show.countQuorum();
    this.counts();
    if (this.sync.foreign) show.note(words().foreign, "warn");
    this.timers();
    await this.sync.beat();
    this.copy();
  }

  timers() {
    const beat = setInterval(() => (this.there ? this.clock.show() : clearInterval(beat)), 1000);
    const look = setInterval(async () => {
      if (!this.there) return clearInterval(look);
      if (document.hidden && !this.sync.waiting.length) return;
      await this.sync.beat();
      this.copy();
    }, LOOK);
  }

  // What the server has: the text that is shown where nobody types, and what later texts are based on.
  base(item, notes, version) {
    this.texts.set(String(item), notes);
    this.sync.versions.set(String(item), version);
    document.querySelector(`#version-${item}`).value = version;
  }

  fill(item, notes, version) {
    const area = show.notesOf(item);
    if (!area) return;
    const { selectionStart, selectionEnd } = area;
    area.value = notes;
    if (area === document.activeElement) area.setSelectionRange(selectionStart, selectionEnd);
    this.base(item, notes, version);
  }

  // Show what was written here and is not at the server.
  recall(entry) {
    const { kind, fields, status } = entry;
    if (kind === "notes") {
      const area = show.notesOf(fields.item);
      if (area) area.value = fields.notes;
      show.tellNotes(fields.item, words().kept, "warn");
    } else if (kind === "attendance") {
      const row = show.rowOf(fields.attendee);
      if (row) show.tick(row, fields.word, fields.substitute);
    } else if (kind === "clock") {
      this.clock.turn(fields.do === "start" ? Number(fields.item) : null);
    } else if (ADDS.includes(kind)) {
      show.showPending(entry, () => this.undo(entry));
    }
    if (status === "conflict") this.clash(entry);
    if (status === "refused") this.refused(entry);
  }

  async undo(entry) {
    if (entry.sent) return;
    show.hidePending(entry.key);
    await this.sync.forget(entry);
  }

  // Entries

  async write(kind, fields, same) {
    const entry = await this.sync.add(kind, fields, new Date(this.now()).toISOString(), same);
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.sync.flush(), kind === "notes" ? SENT : 0);
    return entry;
  }

  typed(area, wait = TYPED) {
    const item = area.closest("[data-item]").dataset.item;
    clearTimeout(this.typing.get(item));
    this.typing.set(item, setTimeout(() => this.keepNotes(item), wait));
  }

  async keepNotes(item) {
    clearTimeout(this.typing.get(item));
    this.typing.delete(item);
    const notes = show.notesOf(item).value;
    const clash = this.sync.entries.find((one) => one.status === "conflict" && one.kind === "notes" && one.fields.item === item);
    if (clash) {
      clash.fields.notes = notes;
      await this.sync.put(clash, "conflict");
      return this.clash(clash);
    }
    if (notes === this.texts.get(item) && !this.sync.has("notes", item)) return undefined;
    show.tellNotes(item, this.sync.kept ? words().kept : words().unkept, "warn");
    return this.write("notes", { item, notes }, (before) => before.item === item);
  }

  async came(row) {
    const word = show.ticked(row);
    const substitute = row.querySelector(".stand-in input").value.trim();
    show.countQuorum();
    if (!word) return;
    if (word === "substitute" && !substitute) {
      row.querySelector(".stand-in input").focus();
      return;
    }
    const attendee = row.dataset.attendee;
    const fields = { attendee, word, substitute, seen: row.dataset.word };
    await this.write("attendance", fields, (before) => before.attendee === attendee);
  }

  async submitted(form) {
    if (form.id === "end-form") return this.end(form);
    if (form.matches("[data-notes]")) {
      await this.keepNotes(form.closest("[data-item]").dataset.item);
      return this.sync.flush();
    }
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (name === "csrf") continue;
      fields[name] = name === "beside" ? [...(fields.beside ?? []), value] : value;
    }
    if (form.matches("[data-clock]")) {
      const pressed = form.querySelector("button").value;
      this.clock.turn(pressed === "start" ? Number(fields.item) : null);
      return this.write("clock", { item: fields.item, do: pressed });
    }
    const kind = form.dataset.entry;
    const entry = await this.write(kind, fields);
    if (ADDS.includes(kind)) {
      show.showPending(entry, () => this.undo(entry));
      this.emptied(form);
    } else {
      form.closest("li")?.classList.add("room-gone");
    }
    return undefined;
  }

  emptied(form) {
    const { item } = form.elements;
    const held = item.value;
    form.reset();
    item.value = held;
    if ("opened" in form.dataset) this.shut(form);
  }

  async end(form) {
    await Promise.all([...this.typing.keys()].map((item) => this.keepNotes(item)));
    await this.sync.flush();
    const left = this.sync.entries.length;
    if (left) return show.note(said(words().unsent, left), "bad");
    form.dataset.sure = "";
    return setTimeout(() => form.requestSubmit()); // inside the event of the first submission it does nothing
  }

  // The forms that serve every item

  open(link) {
    const section = link.closest("[data-item]");
    const form = document.querySelector(`#${link.dataset.open}`);
    const { item } = section.dataset;
    const slot = section.querySelector(".room-slot");
    for (const other of [...slot.children]) if (other !== form) this.shut(other);
    slot.append(form);
    form.elements.item.value = item;
    form.action = form.action.replace(/items\/\d+/, `items/${item}`);
    form.dataset.opened = "";
    form.querySelector("textarea").focus();
  }

  shut(form) {
    delete form.dataset.opened;
    const section = form.closest("[data-item]");
    document.querySelector("#room-forms").append(form);
    section?.querySelector(`[data-open="${form.id}"]`)?.focus();
  }

  // Answers

  async answer(entry, result) {
    if (result.status === "taken") return this.took(entry, result);
    if (result.status === "conflict") return this.clash(entry);
    return this.refused(entry);
  }

  async took({ kind, fields, key }, result) {
    const w = words();
    const { item } = fields;
    show.hideRefused(key);
    if (kind === "notes") {
      this.base(item, fields.notes, result.version);
      await keepText({ meeting: this.sync.meeting, item, notes: fields.notes, version: result.version });
      if (!this.sync.has("notes", item)) show.tellNotes(item, said(w.saved, this.sync.saved), "good");
    } else if (kind === "attendance") {
      const row = show.rowOf(fields.attendee);
      if (row) {
        row.dataset.word = fields.word;
        row.querySelector("[data-told]").replaceChildren();
      }
    } else if (kind !== "clock") {
      await this.lists(item);
      show.hidePending(key);
      const told = { resolve: w.decided, assign: w.given, vote: w.counted, guest: w.guest };
      this.say(told[kind] ?? w.removed);
    }
  }

  say(text) {
    document.querySelector("#room-saved").textContent = text;
    this.spoken = Date.now();
    setTimeout(() => this.there && this.counts(), SPOKEN + 100);
  }

  async lists(item) {
    const answer = await this.sync.ask(`${this.sync.address}/items/${item}`);
    const shown = document.querySelector(`#lists-${item}`);
    if (!answer || !shown) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    shown.replaceWith(document.adoptNode(found.querySelector(".room-lists")));
    for (const entry of this.sync.entries) {
      if (ADDS.includes(entry.kind) && entry.fields.item === String(item)) this.recall(entry);
    }
  }

  async clash(entry) {
    const { kind, fields, theirs } = entry;
    if (kind !== "notes") return this.cameClash(entry);
    // The last text typed here stands against theirs; what was sent before it is part of it.
    const all = this.sync.entries.filter((one) => one.kind === "notes" && one.fields.item === fields.item);
    for (const one of all) if (one !== entry) await this.sync.forget(one);
    fields.notes = show.notesOf(fields.item)?.value ?? fields.notes;
    await this.sync.put(entry, "conflict");
    return show.showClash(fields.item, fields.notes, theirs, (which) => this.choose(entry, which));
  }

  async choose(entry, which) {
    const { fields, theirs } = entry;
    const mine = show.notesOf(fields.item).value;
    const notes = { mine, theirs: theirs.notes, both: `${theirs.notes}\n\n${mine}` }[which];
    await this.sync.forget(entry);
    this.fill(fields.item, theirs.notes, theirs.version);
    show.hideClash(fields.item);
    show.notesOf(fields.item).value = notes;
    show.tellNotes(fields.item, "");
    show.notesOf(fields.item).focus();
    await this.keepNotes(fields.item);
  }

  cameClash(entry) {
    const row = show.rowOf(entry.fields.attendee);
    if (!row) return;
    const { theirs } = entry;
    const w = words();
    const end = async (mine) => {
      row.dataset.word = theirs.word;
      row.querySelector("[data-told]").replaceChildren();
      await this.sync.forget(entry);
      if (!mine) show.tick(row, theirs.word, theirs.substitute);
      await (mine ? this.came(row) : show.countQuorum());
    };
    row.querySelector("[data-told]").replaceChildren(
      show.make("span", { class: "text-bad" }, said(w.cameClash, show.wordOf(theirs.word)), " "),
      show.button(said(w.cameMine, show.wordOf(entry.fields.word)), () => end(true)),
      " ",
      show.button(said(w.cameTheirs, show.wordOf(theirs.word)), () => end(false)),
    );
  }

  refused(entry) {
    const leave = async () => {
      show.hideRefused(entry.key);
      show.hidePending(entry.key);
      await this.sync.forget(entry);
    };
    const again = async () => {
      show.hideRefused(entry.key);
      await this.sync.put(entry, "waiting");
      await this.sync.flush();
    };
    show.showRefused(entry, entry.why, { again, drop: leave });
  }

  // What stands at the server

  async state(found) {
    this.ahead = Date.parse(found.now) - Date.now();
    window.localStorage.setItem(AHEAD, String(this.ahead));
    for (const [attendee, [word, substitute]] of Object.entries(found.attendance)) {
      const row = show.rowOf(attendee);
      const own = this.sync.entries.some((one) => one.kind === "attendance" && one.fields.attendee === attendee);
      if (!row || own || row.dataset.word === word) continue;
      row.dataset.word = word;
      show.tick(row, word, substitute);
    }
    show.countQuorum();
    const guests = document.querySelector("#lists-guests");
    if (guests && guests.dataset.guests !== found.guests.join(",")) await this.lists("guests");
    const numbers = Object.keys(found.items);
    const shown = [...this.element.querySelectorAll("[data-item]")].map((one) => one.dataset.item);
    if (numbers.length !== shown.length || numbers.some((one) => !shown.includes(one))) show.note(words().changed, "warn");
    for (const item of numbers) await this.newer(item, found.items[item]);
    if (!this.sync.entries.some((one) => one.kind === "clock")) this.clock.set(found.running, found.used);
    if (found.stage === "held" && document.querySelector("#end-form")) show.note(words().ended, "warn");
  }

  async newer(item, [version, resolutions, actions]) {
    const lists = document.querySelector(`#lists-${item}`);
    if (!lists) return;
    const area = show.notesOf(item);
    const clean = area.value === this.texts.get(item) && !this.sync.has("notes", item);
    if (version > (this.sync.versions.get(item) ?? 0) && clean) {
      const answer = await this.sync.ask(`${this.sync.address}/items/${item}/notes.json`);
      if (answer && area.value === this.texts.get(item)) {
        const { notes, version: last } = await answer.json();
        this.fill(item, notes, last);
        await keepText({ meeting: this.sync.meeting, item, notes, version: last });
      }
    }
    const { dataset } = lists;
    if (dataset.resolutions !== resolutions.join(",") || dataset.actions !== actions.join(",")) await this.lists(item);
  }

  net(word) {
    this.word = word;
    if (this.there) this.counts();
  }

  counts() {
    const line = document.querySelector("#room-net");
    if (!line) return;
    const w = words();
    const text = { online: w.online, offline: w.offline, "signed-out": w.signedOut, foreign: w.foreign }[this.word];
    if (this.told !== this.word) {
      this.told = this.word;
      line.className = `mark mark-${this.word === "online" ? "good" : "bad"}`;
      line.replaceChildren(text);
      if (this.word === "signed-out") {
        line.append(" ", show.make("a", { href: "/sign-in", target: "_blank", rel: "noopener" }, w.signIn));
      }
    }
    if (Date.now() - (this.spoken ?? 0) < SPOKEN) return;
    const left = this.sync.entries.length;
    const last = this.sync.saved && said(w.last, this.sync.saved);
    const parts = left ? [said(w.waiting, left), last] : [this.sync.saved && said(w.synced, this.sync.saved)];
    document.querySelector("#room-saved").textContent = parts.filter(Boolean).join(" · ");
  }

  // Keep the page and what belongs to it for when there is no network.
  async copy() {
    if (!window.caches || this.word !== "online" || Date.now() - this.copied < PAGE) return;
    this.copied = Date.now();
    try {
      const kept = await window.caches.open("room");
      const parts = window.performance.getEntriesByType("resource").map((one) => one.name);
      const own = new Set(parts.filter((one) => /^https?:\/\/[^/]+\/(static|vendor)\//.test(one)));
      const links = [...document.querySelectorAll("link[href], script[src]")].map((one) => one.href || one.src);
      for (const one of links) own.add(one);
      await kept.addAll([...own]);
      await kept.add(window.location.pathname);
      this.element.dataset.copied = "";
    } catch {
      this.copied = 0; // the next look tries again
    }
  }
}

// Events, for whichever room is shown

const inRoom = (event, selector) => current?.there && event.target.closest?.(selector);

document.addEventListener("input", (event) => {
  const area = inRoom(event, "#room [data-notes] textarea");
  if (area) current.typed(area);
});
document.addEventListener("focusout", (event) => {
  const area = inRoom(event, "#room [data-notes] textarea");
  if (area && current.typing.has(area.closest("[data-item]").dataset.item)) current.typed(area, 0);
});
document.addEventListener("change", (event) => {
  const row = inRoom(event, "#came-form [data-attendee]");
  if (row) current.came(row);
});
document.addEventListener(
  "submit",
  (event) => {
    const form = inRoom(event, "#room [data-entry], #room [data-notes], #room [data-clock], #end-form, #came-form");
    if (!form || "sure" in form.dataset) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.id !== "came-form") current.submitted(form);
  },
  true,
);
document.addEventListener("click", (event) => {
  const link = inRoom(event, "#room [data-open]");
  if (link) {
    event.preventDefault();
    event.stopImmediatePropagation(); // htmx would follow it all the same
    current.open(link);
  }
  const close = inRoom(event, "#room [data-close]");
  if (close) current.shut(close.closest("form"));
}, true);
document.addEventListener("keydown", (event) => {
  if (!current?.there || !event.altKey || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const sections = [...current.element.querySelectorAll("[data-item]")];
  const here = sections.indexOf(document.activeElement?.closest?.("[data-item]"));
  const next = event.key === "ArrowDown" ? here + 1 : Math.max(here, 1) - 1;
  const area = sections[Math.min(next, sections.length - 1)]?.querySelector("[data-notes] textarea");
  area?.focus();
  area?.closest("[data-item]").scrollIntoView({ block: "start" });
});
for (const name of ["online", "visibilitychange"]) {
  (name === "online" ? window : document).addEventListener(name, () => {
    if (!current?.there) return;
    if (document.hidden) for (const item of [...current.typing.keys()]) current.keepNotes(item);
    current.sync.beat();
  });
}
window.addEventListener("beforeunload", (event) => {
  const losing = current?.there && (current.typing.size || (!current.sync.kept && current.sync.entries.length));
  if (losing) event.preventDefault();
});

function start() {
  const element = document.querySelector("#room");
  if (!element || current?.element === element) return;
  current = new Room(element);
  current.begin();
  if (navigator.serviceWorker) navigator.serviceWorker.register("/meetings/room-worker.js").catch(() => {});
}
document.addEventListener("htmx:load", start);
start();
