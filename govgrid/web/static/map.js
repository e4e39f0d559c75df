// The map of an area: the parts in view, coloured by the chosen layer; a point, who answers for it.

import { areasOf, library, read } from "./shapes.js";

const STRENGTH = { bad: 0.75, warn: 0.55, other: 0.5, info: 0.4, good: 0.2, blank: 0 };
const COARSE = ["district", "street", "community", "grid", "dedicated_grid", "micro_grid"];
const MOST_LABELS = 250;

let current = null;
let mounting = null; // settles when the page's map stands, so that an early click waits for it

// Even-odd rule over all rings, so that holes are outside.
function holds(rings, { lat, lng }) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [y, x] = ring[i];
      const [v, u] = ring[j];
      if (y > lat !== v > lat && lng < ((u - x) * (lat - y)) / (v - y) + x) inside = !inside;
    }
  }
  return inside;
}

function named(lines) {
  const label = document.createElement("span");
  label.className = "map-told";
  label.textContent = lines.filter(Boolean).join("\n");
  return label;
}

class AreaMap {
  constructor(L, box, frame) {
    this.L = L;
    this.box = box;
    this.frame = frame;
    this.base = box.dataset.map;
    this.form = document.querySelector("#layers");
    this.loaded = new Map(); // address of a part's drawing → promise of its shapes
    this.shapes = []; // what is drawn now, one polygon an area
    this.values = {};
    this.found = null;
    this.ended = new AbortController();
    this.open();
    this.repaint();
    this.listen();
    this.load();
    if (this.form) this.choose();
  }

  open() {
    const { L, box } = this;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = L.map(box, {
      attributionControl: false,
      zoomControl: false,
      preferCanvas: true,
      zoomAnimation: !still,
      fadeAnimation: !still,
      inertia: !still,
      maxZoom: 19,
      scrollWheelZoom: false,
      zoomSnap: 0.25,
    });
    this.map.fitBounds(this.frame.bounds);
    this.map.setMinZoom(this.map.getZoom() - 1);
    this.map.setMaxBounds(this.map.getBounds().pad(0.5));
    const { zoomIn, zoomOut } = box.dataset;
    L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(this.map);
    // SVG above the canvas: a second canvas would catch what is meant for the first.
    for (const [name, height] of [["lines", 420], ["points", 450], ["labels", 460]]) {
      this.map.createPane(name).style.zIndex = height;
    }
    this.map.getPane("labels").style.pointerEvents = "none";
    this.drawn = L.featureGroup().addTo(this.map);
    this.drawn.bindTooltip((shape) => named(this.told(shape.area)), { sticky: true });
    this.labels = L.layerGroup().addTo(this.map);
    this.mark = L.polygon([], { pane: "lines", renderer: L.svg({ pane: "lines" }), interactive: false });
    this.mark.addTo(this.map);
    this.drawFrame();
  }

  drawFrame() {
    const { L } = this;
    const lines = L.svg({ pane: "lines" });
    const points = L.svg({ pane: "points" });
    this.outlines = areasOf(this.frame.outlines);
    this.lines = this.outlines.map((area) => {
      const line = L.polygon(area.rings, { pane: "lines", renderer: lines, interactive: false, fill: false });
      line.level = area.level;
      return line;
    });
    const levels = this.outlines.map((area) => area.level);
    this.widest = COARSE.find((level) => levels.includes(level)) ?? "grid";
    this.points = this.frame.compounds.map((compound) => {
      const dot = L.circleMarker(compound.at, { pane: "points", renderer: points, radius: 5, bubblingMouseEvents: false });
      dot.old = compound.old;
      dot.bindTooltip(named([compound.name]));
      dot.on("click", () => this.ask({ compound: compound.code }));
      return dot;
    });
    this.compounds = L.layerGroup(this.points);
    for (const line of this.lines) line.addTo(this.map);
    const buttons = [...document.querySelectorAll("[data-fault]")];
    this.faults = new Map(buttons.map((button) => [button, this.fault(button, points)]));
  }

  // A fault of the boundaries, drawn from the button that leads to it.
  fault(button, renderer) {
    const { rings, at } = JSON.parse(button.dataset.fault);
    const look = { pane: "points", renderer, bubblingMouseEvents: false };
    const shape = at ? this.L.circleMarker(at, { ...look, radius: 7 }) : this.L.polygon(rings, look);
    shape.tone = button.dataset.tone;
    shape.bindTooltip(named([button.dataset.told])).addTo(this.map);
    return shape;
  }

  showFault(button) {
    const shape = this.faults.get(button);
    const bounds = shape.getBounds?.() ?? this.L.latLngBounds([shape.getLatLng()]);
    this.map.fitBounds(bounds.pad(1), { maxZoom: 18 });
    this.box.scrollIntoView({ block: "nearest" });
    this.box.focus({ preventScroll: true });
  }

  listen() {
    const signal = this.ended.signal;
    this.map.on("moveend", () => this.load());
    this.map.on("click", ({ latlng }) => this.askAt(latlng));
    this.form?.addEventListener("change", () => this.change(), { signal });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === this.box) this.askAt(this.map.getCenter());
    }, { signal });
    // The wheel scrolls the page until the map is used.
    this.box.addEventListener("focus", () => {
      this.map.scrollWheelZoom.enable();
      this.tell();
    }, { signal });
    this.box.addEventListener("blur", () => this.map.scrollWheelZoom.disable(), { signal });
    this.theme = new MutationObserver(() => this.repaint());
    this.theme.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    this.size = new ResizeObserver(() => this.map.invalidateSize({ animate: false }));
    this.size.observe(this.box);
  }

  close() {
    this.ended.abort();
    this.theme.disconnect();
    this.size.disconnect();
    this.map.off();
    // Leaflet calls off neither the frame after a flick nor the timers of wheel and zoom (at most 250 ms).
    requestAnimationFrame(() => setTimeout(() => this.map.remove(), 300));
  }

  get open_() {
    return !this.ended.signal.aborted;
  }

  // Parts in view

  detail() {
    const zoom = this.map.getZoom();
    if (zoom < 14) return "far";
    return zoom < 16 ? "near" : "close";
  }

  wanted() {
    const view = this.map.getBounds();
    const detail = this.detail();
    const seen = this.frame.parts.filter((part) => view.intersects(part.bounds));
    const codes = seen.map((part) => (detail === "far" ? part.street : part.code));
    return [...new Set(codes)].map((code) => `/grid/${code}/shapes.json?detail=${detail}`);
  }

  part(address) {
    if (!this.loaded.has(address)) {
      const shapes = read(address).then(areasOf);
      shapes.catch(() => this.loaded.delete(address));
      this.loaded.set(address, shapes);
    }
    return this.loaded.get(address);
  }

  async load() {
    const wanted = this.wanted();
    this.asked = wanted.join();
    try {
      const parts = await Promise.all(wanted.map((address) => this.part(address)));
      if (this.open_ && this.asked === wanted.join()) this.draw(parts.flat());
    } catch (error) {
      if (this.open_) this.fail(error);
    }
  }

  draw(areas) {
    const fresh = areas.map((area) => area.code + this.detail()).join();
    if (this.fresh !== fresh) {
      this.fresh = fresh;
      this.drawn.clearLayers();
      this.shapes = areas.map((area) => this.polygon(area));
      for (const shape of this.shapes) this.drawn.addLayer(shape);
    }
    const close = this.map.getZoom() >= 14;
    if (close !== this.map.hasLayer(this.compounds)) {
      if (close) this.compounds.addTo(this.map);
      else this.compounds.remove();
    }
    this.showFound();
    this.write();
    this.tell();
  }

  polygon(area) {
    const leaf = area.level === "micro_grid";
    const shape = this.L.polygon(area.rings, {
      ...(leaf ? this.look(area) : this.outline("grid")),
      interactive: leaf,
      smoothFactor: 0,
    });
    shape.area = area;
    return shape;
  }

  // Colours

  repaint() {
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue(`--${name}`).trim();
    this.paint = Object.fromEntries(
      ["bad", "warn", "other", "info", "good", "ink", "ink-soft", "line-strong", "brand", "panel"].map(
        (name) => [name, token(name)],
      ),
    );
    for (const line of this.lines) line.setStyle(this.outline(line.level));
    for (const dot of this.points) {
      const tone = dot.old ? this.paint.warn : this.paint.info;
      dot.setStyle({ color: this.paint.panel, weight: 1.5, fillColor: tone, fillOpacity: 1 });
    }
    for (const shape of this.faults.values()) {
      shape.setStyle({ color: this.paint[shape.tone], weight: 2, fillColor: this.paint[shape.tone], fillOpacity: 0.6 });
    }
    this.mark.setStyle({ color: this.paint.brand, weight: 4, fill: false });
    this.recolour();
  }

  outline(level) {
    if (level === "grid") {
      const weight = this.detail() === "far" ? 0.4 : 1.5;
      return { color: this.paint["ink-soft"], weight, opacity: 0.8, fill: false };
    }
    return { color: this.paint.ink, weight: level === this.widest ? 2.25 : 1.25, opacity: 0.7, fill: false };
  }

  look(area) {
    const [value] = this.values[area.code] ?? [""];
    const tone = this.legend?.get(value)?.tone ?? "blank";
    const line = this.paint["line-strong"];
    return {
      color: line,
      weight: this.detail() === "far" ? 0.25 : 1,
      fill: true,
      fillColor: this.paint[tone] ?? line,
      fillOpacity: STRENGTH[tone] ?? 0,
    };
  }

  recolour() {
    for (const shape of this.shapes) {
      if (shape.area.level === "micro_grid") shape.setStyle(this.look(shape.area));
    }
  }

  // Layers

  key() {
    return this.form.querySelector("input:checked").value;
  }

  async choose() {
    const key = this.key();
    const panel = document.querySelector(`[data-layer="${CSS.escape(key)}"]`);
    for (const other of document.querySelectorAll("[data-layer]")) other.hidden = other !== panel;
    try {
      const { values, counts } = await read(`${this.base}/layer.json?layer=${encodeURIComponent(key)}`);
      if (!this.open_ || key !== this.key()) return;
      this.legend = new Map();
      for (const item of panel.querySelectorAll("[data-value]")) {
        const { value, tone, word } = item.dataset;
        this.legend.set(value, { tone, word });
        item.querySelector("[data-count]").textContent = counts[value] ?? 0;
      }
      this.values = values;
      this.recolour();
      this.tell();
    } catch (error) {
      if (this.open_) this.fail(error);
    }
  }

  change() {
    this.choose();
    const key = this.key();
    const address = `${this.base}/map?layer=${encodeURIComponent(key)}`;
    history.replaceState(history.state, "", address);
    htmx.ajax("GET", address, { target: "#listed", select: "#listed", swap: "outerHTML" });
  }

  told(area) {
    const [value, remark] = this.values[area.code] ?? ["", ""];
    return [area.name, [this.legend?.get(value)?.word, remark].filter(Boolean).join(" · ")];
  }

  // Who answers

  at(point) {
    const leaves = this.shapes.filter((shape) => shape.area.level === "micro_grid");
    return leaves.find((shape) => shape.getBounds().contains(point) && holds(shape.area.rings, point));
  }

  tell() {
    if (document.activeElement !== this.box) return;
    const shape = this.at(this.map.getCenter());
    document.querySelector("#map-status").textContent = shape ? this.told(shape.area).join("，") : "";
  }

  askAt({ lat, lng }) {
    this.ask({ longitude: lng.toFixed(7), latitude: lat.toFixed(7) });
  }

  ask(where) {
    if (!document.querySelector("#at")) return;
    const query = new URLSearchParams(where);
    const show = matchMedia("(max-width: 60rem)").matches ? " show:#at:bottom" : "";
    htmx.ajax("GET", `/grid/at?${query}`, { target: "#at", swap: `innerHTML${show}` });
  }

  // What the answer is about is marked, and brought into view when it is not.
  show(head) {
    this.found = head.dataset.found;
    const [south, west, north, east] = (head.dataset.corners ?? "").split(" ").map(Number);
    const place = Number.isFinite(east) && this.L.latLngBounds([south, west], [north, east]);
    if (place && !this.map.getBounds().intersects(place)) this.map.fitBounds(place, { maxZoom: 16 });
    this.showFound();
  }

  showFound() {
    const shape = this.shapes.find(({ area }) => area.code === this.found);
    this.mark.setLatLngs(shape ? shape.area.rings : []);
  }

  // Names: those of the finest level of which most fit their areas, none upon another.

  write() {
    this.labels.clearLayers();
    const view = this.map.getBounds();
    const areas = [...this.outlines, ...this.shapes.map(({ area }) => area)];
    for (const level of COARSE.toReversed()) {
      const seen = areas.filter((area) => area.level === level && view.contains(area.at));
      const fitting = seen.map((area) => this.room(area)).filter(Boolean);
      if (seen.length && fitting.length >= seen.length * 0.6 && fitting.length <= MOST_LABELS) {
        const above = level === "grid" ? areas.filter((area) => area.level === "community") : [];
        this.place([...above.map((area) => this.room(area)).filter(Boolean), ...fitting]);
        return;
      }
    }
  }

  // The box of an area's name, in pixels, where the area is larger.
  room(area) {
    const bounds = this.L.latLngBounds(area.rings.flat());
    const one = this.map.latLngToLayerPoint(bounds.getNorthWest());
    const other = this.map.latLngToLayerPoint(bounds.getSouthEast());
    const wide = [...area.label].reduce((sum, c) => sum + (c > "\u2e80" ? 13 : 8), 0);
    const slack = 1.4;
    if (other.x - one.x < wide * slack || other.y - one.y < 18 * slack) return null;
    const { x, y } = this.map.latLngToLayerPoint(area.at);
    return { area, west: x - wide / 2, east: x + wide / 2, north: y - 8, south: y + 8 };
  }

  place(rooms) {
    const taken = [];
    for (const one of rooms) {
      const clash = taken.some(
        (other) => one.west < other.east && other.west < one.east && one.north < other.south && other.north < one.south,
      );
      if (clash) continue;
      taken.push(one);
      this.label(one.area);
    }
  }

  label(area) {
    const text = document.createElement("span");
    text.className = `map-label map-label-${area.level}`;
    text.textContent = area.label;
    const icon = this.L.divIcon({ html: text, className: "", iconSize: [0, 0] });
    this.L.marker(area.at, { icon, pane: "labels", interactive: false, keyboard: false }).addTo(this.labels);
  }

  fail(error) {
    document.querySelector("#map-status").textContent = this.box.dataset.failed;
    console.error(error);
  }
}

async function mount(box) {
  box.dataset.mounted = "yes";
  try {
    const [L, frame] = await Promise.all([library(box.dataset.leaflet), read(`${box.dataset.map}/map.json`)]);
    if (!box.isConnected) return;
    if (!frame.bounds) box.textContent = box.dataset.empty;
    else current = new AreaMap(L, box, frame);
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

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-fault]");
  if (!button) return;
  await mounting;
  if (button.isConnected) current?.showFault(button);
});

function arrive(element) {
  const box = document.querySelector("[data-map]");
  if (box && !box.dataset.mounted) mounting = mount(box);
  const head = element.matches("[data-found]") ? element : element.querySelector("[data-found]");
  if (head && current) current.show(head);
}

htmx.onLoad(arrive);
arrive(document.body); // after a boosted link this module comes later than its page
