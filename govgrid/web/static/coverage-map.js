// The map of old compounds by who manages them, month by month; each mode has a letter and a tone.

import { areasOf, library, read } from "./shapes.js";

const STEP = 350; // milliseconds a month while it plays

class CoverageMap {
  constructor(L, box, frame, found) {
    this.L = L;
    this.box = box;
    this.found = found;
    this.slider = document.querySelector("#month");
    this.play = document.querySelector("#play");
    this.timer = null;
    this.modes = new Map(found.modes.map((mode) => [mode.letter, mode]));
    this.open(frame);
    this.dots = found.compounds.map((one) => this.dot(one));
    this.slider.max = found.months.length - 1;
    this.slider.value = found.months.length - 1;
    this.slider.addEventListener("input", () => this.show());
    this.play.addEventListener("click", () => this.toggle());
    this.show();
  }

  open(frame) {
    const { L, box, found } = this;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = L.map(box, {
      attributionControl: false, zoomControl: false, zoomAnimation: !still, fadeAnimation: !still,
      inertia: !still, maxZoom: 19, scrollWheelZoom: false, zoomSnap: 0.25,
    });
    const places = found.compounds.map((one) => one.at);
    this.map.fitBounds(frame.bounds ?? L.latLngBounds(places).pad(0.1));
    this.map.setMinZoom(this.map.getZoom() - 1);
    L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(this.map);
    const line = getComputedStyle(document.documentElement).getPropertyValue("--line-strong").trim();
    const style = { color: line, weight: 1.5, fillOpacity: 0, interactive: false };
    const areas = frame.bounds ? areasOf(frame.outlines) : [];
    const named = areas.some((area) => area.level === "street") ? "street" : "community";
    for (const area of areas) {
      L.polygon(area.rings, style).addTo(this.map);
      if (area.level !== named) continue;
      const label = document.createElement("span");
      label.className = `map-label map-label-${area.level}`;
      label.textContent = area.label;
      const icon = L.divIcon({ html: label, className: "", iconSize: [0, 0] });
      L.marker(area.at, { icon, interactive: false, keyboard: false }).addTo(this.map);
    }
  }

  // Not in the tab order: hundreds of stops; the list under the map says the same.
  dot(one) {
    const icon = this.L.divIcon({ className: "mode-dot", iconSize: [20, 20] });
    const marker = this.L.marker(one.at, { icon, keyboard: false }).addTo(this.map);
    marker.bindTooltip(() => this.told(one));
    marker.on("click", () => location.assign(`/compounds/${encodeURIComponent(one.code)}/coverage`));
    return marker;
  }

  told(one) {
    const text = document.createElement("span");
    text.textContent = `${one.name}：${this.modes.get(one.runs[this.slider.value]).word}`;
    return text;
  }

  show() {
    const { found, slider } = this;
    const place = Number(slider.value);
    const counts = new Map();
    found.compounds.forEach((one, n) => {
      const mode = this.modes.get(one.runs[place]);
      counts.set(mode.letter, (counts.get(mode.letter) ?? 0) + 1);
      const element = this.dots[n].getElement();
      if (element.dataset.mode !== mode.letter) {
        element.dataset.mode = mode.letter;
        element.className = element.className.replace(/ mode-dot-\w+/, "") + ` mode-dot-${mode.tone}`;
        element.textContent = mode.mark;
      }
    });
    const month = found.months[place];
    slider.setAttribute("aria-valuetext", month);
    document.querySelector("#month-shown").textContent = month;
    for (const item of document.querySelectorAll("#modes [data-letter]")) {
      item.querySelector("[data-count]").textContent = counts.get(item.dataset.letter) ?? 0;
    }
  }

  toggle() {
    if (this.timer) return this.pause();
    if (Number(this.slider.value) >= Number(this.slider.max)) this.slider.value = 0;
    this.play.textContent = this.play.dataset.pause;
    this.timer = setInterval(() => {
      this.slider.value = Number(this.slider.value) + 1;
      this.show();
      if (Number(this.slider.value) >= Number(this.slider.max)) this.pause();
    }, STEP);
    this.show();
    return undefined;
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = this.play.dataset.play;
  }

  close() {
    this.pause();
    this.map.remove();
  }
}

let current = null;

async function mount(box) {
  box.dataset.mounted = "yes";
  try {
    const [L, frame, found] = await Promise.all([
      library(box.dataset.leaflet), read(box.dataset.frame), read(box.dataset.coverageMap),
    ]);
    if (!box.isConnected) return;
    if (found.compounds.length) current = new CoverageMap(L, box, frame, found);
    else box.textContent = box.dataset.empty;
  } catch (error) {
    box.textContent = box.dataset.failed;
    throw error;
  }
}

document.addEventListener("htmx:beforeCleanupElement", ({ target }) => {
  if (current && target === current.box) {
    current.close();
    current = null;
  }
});

function arrive() {
  const box = document.querySelector("[data-coverage-map]");
  if (box && !box.dataset.mounted) mount(box);
}

htmx.onLoad(arrive);
arrive();
