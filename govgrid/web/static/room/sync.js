// Sends what waits, in order and each once, and asks what others wrote meanwhile.

import * as queue from "./queue.js";

const MOST = 40; // entries at once
const MOST_TEXT = 250_000; // characters at once: under what a form may carry
const PATIENCE = 15_000; // ms

export class Sync {
  // `page` is told: answer(entry, result), state(found), net(word), counts().
  constructor({ meeting, account, csrf, page }) {
    Object.assign(this, { meeting, account, csrf, page });
    this.address = `/meetings/${meeting}/room`;
    this.entries = [];
    this.versions = new Map(); // of the notes that each text here is based on
    this.busy = false;
    this.online = true;
    this.saved = "";
  }

  async begin() {
    this.kept = await queue.begin();
    const all = await queue.entriesOf(this.meeting);
    this.entries = all.filter((one) => one.account === this.account);
    this.foreign = all.length > this.entries.length;
  }

  get waiting() {
    return this.entries.filter((one) => one.status === "waiting");
  }

  // Write something down. Of notes and attendance the last word counts, unless the one before may
  // be on its way already: that one keeps its key.
  async add(kind, fields, written, same = () => false) {
    const before = this.entries.find(
      (one) => one.kind === kind && one.status === "waiting" && !one.sent && same(one.fields),
    );
    const { meeting, account } = this;
    const entry = before ?? { key: queue.newKey(), meeting, account, kind, status: "waiting", sent: false };
    entry.fields = before && kind === "attendance" ? { ...fields, seen: before.fields.seen } : fields;
    entry.written = written;
    if (!before) this.entries.push(entry);
    await queue.keep(entry);
    this.page.counts();
    return entry;
  }

  async put(entry, status, more = {}) {
    Object.assign(entry, { status, ...more });
    await queue.keep(entry);
    this.page.counts();
  }

  async forget(entry) {
    this.entries = this.entries.filter((one) => one !== entry);
    await queue.drop(entry);
    this.page.counts();
  }

  has(kind, item) {
    return this.entries.some((one) => one.kind === kind && Number(one.fields.item) === Number(item));
  }

  // Send and look; while the network is known to be away, only look whether it is back.
  async beat() {
    if (!this.online && !(await this.look())) return;
    await this.flush();
    if (this.online && !this.busy) await this.look();
  }

  async flush() {
    if (this.busy || !this.online) return;
    this.busy = true;
    try {
      while (this.waiting.length && (await this.send(this.batch())));
    } finally {
      this.busy = false;
      this.page.counts();
    }
  }

  // One text of notes an item: the next is based on the version that this one gets.
  batch() {
    const batch = [];
    const texts = new Set();
    let size = 0;
    for (const entry of this.waiting) {
      const { item } = entry.fields;
      if (entry.kind === "notes") {
        if (texts.has(item)) continue;
        texts.add(item);
      }
      size += JSON.stringify(entry.fields).length;
      if (batch.length && (batch.length === MOST || size > MOST_TEXT)) break;
      batch.push(entry);
    }
    return batch;
  }

  async send(batch) {
    for (const entry of batch) {
      if (entry.kind === "notes" && !entry.sent) entry.fields.version = this.versions.get(entry.fields.item) ?? 0;
      entry.sent = true;
      await queue.keep(entry);
    }
    const body = new FormData();
    body.set("csrf", this.csrf);
    body.set("entries", JSON.stringify(batch.map(({ key, kind, fields, written }) => ({ key, kind, fields, written }))));
    const answer = await this.ask(`${this.address}/entries`, { method: "POST", body });
    if (!answer) return false;
    const { results, saved } = await answer.json();
    this.saved = saved;
    let more = false;
    for (const [place, result] of results.entries()) {
      const entry = batch[place];
      if (result.status === "again") continue;
      more = true;
      if (result.status === "taken") await this.forget(entry);
      else await this.put(entry, result.status, { theirs: result.theirs, why: result.why });
      await this.page.answer(entry, result);
    }
    return more;
  }

  // Ask the server; without an answer tell the page why, and return nothing.
  async ask(address, how = {}) {
    let answer;
    try {
      answer = await fetch(address, { ...how, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      this.net("offline");
      return null;
    }
    if (answer.ok) {
      this.net("online");
      return answer;
    }
    const out = answer.type === "opaqueredirect" || answer.status === 401;
    if (answer.status === 403 && how.method && (await this.look())) return null; // with a new token next time
    this.net(out ? "signed-out" : "offline");
    return null;
  }

  net(word) {
    this.online = word === "online";
    this.page.net(word);
  }

  // See what stands; whoever has signed in anew has another token.
  async look() {
    const answer = await this.ask(`${this.address}/state.json`);
    if (!answer) return false;
    const found = await answer.json();
    if (found.account !== this.account) {
      this.page.net("foreign");
      return false;
    }
    this.csrf = found.csrf;
    await this.page.state(found);
    return true;
  }
}
