// What was written in the room and the server has not answered yet, kept on this device in order:
// IndexedDB, so that neither a lost network nor a closed page loses it.

const NAME = "govgrid-room";
let opening = null;
let memory = null; // where the browser keeps nothing: entries live as long as the page

function open() {
  opening ??= new Promise((resolve, reject) => {
    const asked = window.indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      const entries = asked.result.createObjectStore("entries", { keyPath: "place", autoIncrement: true });
      entries.createIndex("meeting", "meeting");
      asked.result.createObjectStore("texts", { keyPath: ["meeting", "item"] });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opening;
}

const answered = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function store(name, mode) {
  const database = await open();
  return database.transaction(name, mode).objectStore(name);
}

// Tell whether this device keeps entries; asked once, before anything is written.
export async function begin() {
  try {
    await open();
    return true;
  } catch {
    memory = { entries: [], texts: new Map(), last: 0 };
    return false;
  }
}

export async function entriesOf(meeting) {
  if (memory) return memory.entries.filter((one) => one.meeting === meeting);
  return answered((await store("entries", "readonly")).index("meeting").getAll(meeting));
}

// Keep an entry, new or changed; its `place` is its order.
export async function keep(entry) {
  if (!memory) {
    entry.place = await answered((await store("entries", "readwrite")).put(entry));
    return entry;
  }
  if (!entry.place) {
    memory.last += 1;
    entry.place = memory.last;
    memory.entries.push(entry);
  }
  return entry;
}

export async function drop(entry) {
  if (memory) memory.entries = memory.entries.filter((one) => one !== entry);
  else await answered((await store("entries", "readwrite")).delete(entry.place));
}

// The notes that the server was last known to have: what a page shown without a network lacks.
export async function textsOf(meeting) {
  if (memory) return [...memory.texts.values()];
  const all = await answered((await store("texts", "readonly")).getAll());
  return all.filter((one) => one.meeting === meeting);
}

export async function keepText(text) {
  if (memory) memory.texts.set(text.item, text);
  else await answered((await store("texts", "readwrite")).put(text));
}

// Made here, so that an entry sent twice is taken once; randomUUID asks for HTTPS, this does not.
export function newKey() {
  return Array.from(window.crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
