// Shows the room without a network: its page and what belongs to it, as they were last kept.

const KEPT = "room";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const isRoom = (url) => /^\/meetings\/\d+\/room$/.test(url.pathname);
const isPart = (url) => /^\/(static|vendor)\//.test(url.pathname);

async function shown(request, url) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    // Signed out, or no longer there: what was kept is not to be shown either.
    if (isRoom(url) && (answer.type === "opaqueredirect" || answer.status === 404)) await kept.delete(url.pathname);
    return answer;
  } catch (error) {
    const found = await kept.match(isRoom(url) ? url.pathname : request);
    if (found) return found;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if ((request.mode === "navigate" && isRoom(url)) || isPart(url)) event.respondWith(shown(request, url));
});
