// What every map needs: Leaflet when it is first wanted, JSON, and the areas of a drawing.

let leaflet = null;

export function library(address) {
  leaflet ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.L);
    script.onerror = () => reject(new Error(address));
    document.head.append(script);
  });
  return leaflet;
}

export async function read(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer.json();
}

// The areas of a drawing (see grid/maps.py), their rings as corners [latitude, longitude].
export function areasOf({ origin: [west, south], steps, corners, areas }) {
  const table = [];
  for (let i = 0, east = 0, north = 0; i < corners.length; i += 2) {
    east += corners[i];
    north += corners[i + 1];
    table.push([south + north / steps, west + east / steps]);
  }
  return areas.map((area) => {
    const rings = area.rings.map((ring) => ring.map((place) => table[place]));
    return { ...area, rings, at: middle(rings) };
  });
}

// A point inside, for the name: the middle of the widest stretch at half the height.
function middle(rings) {
  const heights = rings[0].map(([north]) => north);
  const lat = (Math.min(...heights) + Math.max(...heights)) / 2 + 1e-9;
  const cuts = [];
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [y, x] = ring[i];
      const [v, u] = ring[j];
      if (y > lat !== v > lat) cuts.push(((u - x) * (lat - y)) / (v - y) + x);
    }
  }
  cuts.sort((one, other) => one - other);
  let [from, to] = cuts;
  for (let i = 2; i + 1 < cuts.length; i += 2) {
    if (cuts[i + 1] - cuts[i] > to - from) [from, to] = [cuts[i], cuts[i + 1]];
  }
  return from === undefined ? rings[0][0] : [lat, (from + to) / 2];
}
