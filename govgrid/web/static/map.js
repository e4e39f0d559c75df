// The map of a street or community: micro-grids coloured by a layer, compounds as markers.

const box = document.querySelector("[data-map]");

function tones(layer) {
  const keys = document.querySelectorAll(`[data-layer="${CSS.escape(layer)}"] [data-value]`);
  return new Map([...keys].map((key) => [key.dataset.value, key.dataset.tone]));
}

function chosen() {
  return document.querySelector("input[name=layer]:checked").value;
}

function colour(tone) {
  const read = getComputedStyle(document.documentElement);
  return {
    color: read.getPropertyValue(`--${tone}`).trim(),
    fillColor: read.getPropertyValue(`--${tone}-soft`).trim(),
    fillOpacity: 0.8,
    weight: 1,
  };
}

function named(text) {
  const label = document.createElement("span");
  label.textContent = text;
  return label;
}

function feature(area) {
  return { type: "Feature", properties: area, geometry: area.geometry };
}

function drawCompounds(map, compounds) {
  for (const compound of compounds) {
    const tone = compound.old ? "warn" : "info";
    L.circleMarker(compound.at, { ...colour(tone), radius: 6, weight: 2 })
      .bindTooltip(named(compound.name))
      .on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        location.assign(`/compounds/${encodeURIComponent(compound.code)}`);
      })
      .addTo(map);
  }
}

function draw(data) {
  const map = L.map(box, { attributionControl: false }).fitBounds(data.bounds);
  const style = ({ properties }) => {
    const layer = chosen();
    return colour(tones(layer).get(properties.values[layer]) ?? "neutral");
  };
  const areas = L.geoJSON(data.areas.map(feature), {
    style,
    onEachFeature: (one, shape) => shape.bindTooltip(named(one.properties.name), { sticky: true }),
  }).addTo(map);
  L.geoJSON(data.outlines.map(feature), {
    interactive: false,
    style: () => ({ ...colour("neutral"), fill: false, weight: 2 }),
  }).addTo(map);
  drawCompounds(map, data.compounds);
  map.on("click", ({ latlng }) => {
    const at = new URLSearchParams({ longitude: latlng.lng, latitude: latlng.lat });
    htmx.ajax("GET", `/grid/at?${at}`, { target: "#at", swap: "innerHTML" });
  });
  for (const choice of document.querySelectorAll("input[name=layer]")) {
    choice.addEventListener("change", () => areas.setStyle(style));
  }
}

if (box) {
  try {
    const answer = await fetch(box.dataset.map);
    if (!answer.ok) throw new Error(answer.statusText);
    const data = await answer.json();
    if (data.bounds) draw(data);
    else box.textContent = box.dataset.empty;
  } catch (error) {
    box.textContent = box.dataset.failed;
    throw error;
  }
}
