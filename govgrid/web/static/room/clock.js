// The clock of the room: planned against used, for each item and for the whole hour.

import { said, words } from "./show.js";

const MINUTE = 60;

export class Clock {
  constructor(room, now) {
    this.now = now; // the server's time in ms
    this.used = new Map();
    for (const section of room.querySelectorAll("[data-item]")) {
      this.used.set(Number(section.dataset.item), Number(section.dataset.used));
    }
    this.running = Number(room.dataset.running) || null;
    this.since = now();
    this.show();
  }

  // Take over what the server counted.
  set(running, used) {
    for (const item of this.used.keys()) this.used.set(item, used[item] ?? 0);
    this.running = running;
    this.since = this.now();
    this.show();
  }

  // Go on with another item, or with none.
  turn(item) {
    if (this.running) this.used.set(this.running, this.seconds(this.running));
    this.running = item;
    this.since = this.now();
    this.show();
  }

  seconds(item) {
    const going = item === this.running ? Math.max(this.now() - this.since, 0) / 1000 : 0;
    return (this.used.get(item) ?? 0) + going;
  }

  show() {
    const w = words();
    let whole = 0;
    for (const item of this.used.keys()) {
      const section = document.querySelector(`#item-${item}`);
      const seconds = this.seconds(item);
      whole += seconds;
      if (!section) continue;
      this.tell(section.querySelector(".room-clock"), seconds, section.dataset.planned);
      section.classList.toggle("room-now", item === this.running);
      const button = section.querySelector("[data-clock] button");
      if (button && button.value !== (item === this.running ? "stop" : "start")) {
        button.value = item === this.running ? "stop" : "start";
        button.textContent = item === this.running ? w.stop : w.start;
      }
      const entry = document.querySelector(`[data-nav="${item}"]`);
      if (item === this.running) entry?.setAttribute("aria-current", "step");
      else entry?.removeAttribute("aria-current");
    }
    const total = document.querySelector("#room-total");
    this.tell(total, whole, total.dataset.planned);
  }

  tell(line, seconds, planned) {
    const text = said(words().used, Math.floor(seconds / MINUTE), planned);
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("text-bad", seconds > Number(planned) * MINUTE);
  }
}
