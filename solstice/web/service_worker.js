/**
 * The service worker: keeps the shell of one build, an offline page that names nobody, plays
 * kept clips, and sends what waits when the browser says the network is back.
 *
 * It never stores a page of somebody's: navigations go to the network, and only when nothing
 * answers is the offline page shown. It answers for `/static` (immutable) and for kept clips.
 */
import { replay, waiting } from "__SCRIPTS__";

const SHELL = "solstice-shell-__BUILD__";
const CLIPS = "solstice-clips";
const URLS = ["__SHELL__"];
const NAVIGATION_MS = 8000;
const INSTALL_MS = 60_000;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(URLS.map((url) => new Request(url, { credentials: "omit", signal: AbortSignal.timeout(INSTALL_MS) })))).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("solstice-shell-") && name !== SHELL) await caches.delete(name);
    }
    await worker.clients.claim();
  })());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" && !(request.method === "POST" && url.pathname === "/post")) return;
  if (url.origin !== location.origin) return;
  if (request.method === "POST") event.respondWith(takeShared(event));
  else if (request.mode === "navigate" && !url.pathname.startsWith("/embed/")) event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(caches.match(request.url).then((kept) => kept ?? answered(request)));
  else if (url.pathname.startsWith("/media/")) event.respondWith(media(request));
});

worker.addEventListener("sync", (/** @type {any} */ event) => {
  if (event.tag === "outbox") event.waitUntil(sendWaiting());
});

/**
 * The page asked for; or, when nothing answers or it is too busy to let anybody in, the feed as
 * this device has it. A page of ours that says what is wrong is shown as it is, unless all it says
 * is that one has to wait.
 * @param {Request} request
 */
async function page(request) {
  const answer = await fetch(request, { signal: AbortSignal.timeout(NAVIGATION_MS) }).catch(() => null);
  const isPage = answer?.type === "opaqueredirect" || answer?.headers.get("content-type")?.includes("text/html");
  const isWaiting = answer?.headers.get("x-solstice-page") === "waiting";
  if (answer && !isWaiting && (isPage || answer.status < 500 && answer.status !== 429)) return answer;
  return await caches.match("/offline", { cacheName: SHELL }) ?? answer ?? Response.error();
}

/** Fetch with a deadline for the answer to begin; a film may then take as long as it lasts. @param {Request} request */
async function answered(request) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), NAVIGATION_MS);
  try {
    return await fetch(request, { signal: AbortSignal.any([giveUp.signal, request.signal]) });
  } finally {
    clearTimeout(timer);
  }
}

/** A kept clip is played from the device, in the ranges the player asks for. @param {Request} request */
async function media(request) {
  const kept = await caches.match(request.url, { cacheName: CLIPS, ignoreVary: true }).catch(() => undefined);
  if (!kept) return answered(request);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  if (!range) return kept;
  const body = await kept.blob();
  const from = Number(range[1]);
  const to = Math.min(body.size - 1, range[2] ? Number(range[2]) : body.size - 1);
  if (from > to) return new Response(null, { status: 416, headers: { "content-range": `bytes */${body.size}` } });
  return new Response(body.slice(from, to + 1), {
    status: 206,
    headers: {
      "content-type": kept.headers.get("content-type") ?? "video/mp4", "content-length": String(to - from + 1),
      "content-range": `bytes ${from}-${to}/${body.size}`, "accept-ranges": "bytes",
    },
  });
}

/** A clip shared from the phone's gallery waits in the cache until the post page takes it. @param {FetchEvent} event */
async function takeShared(event) {
  try {
    const form = await event.request.formData();
    const clip = form.get("clip");
    if (clip instanceof File) {
      const cache = await caches.open("solstice-shared");
      await cache.put("/shared-clip", new Response(clip, { headers: { "content-type": clip.type, "x-name": encodeURIComponent(clip.name) } }));
    }
    const text = [form.get("title"), form.get("text")].filter((part) => typeof part === "string" && part).join(" ");
    return Response.redirect(`/post?shared=1&caption=${encodeURIComponent(text)}`, 303);
  } catch {
    return Response.redirect("/post", 303);
  }
}

async function sendWaiting() {
  const [oldest] = await waiting();
  if (!oldest) return;
  const answer = await fetch("/v1/me", { credentials: "same-origin", signal: AbortSignal.timeout(8000) });
  const me = answer.ok ? await answer.json() : null;
  const later = me ? await replay(me.id) : 1;
  if (later !== null) throw new Error("something still waits");
}
