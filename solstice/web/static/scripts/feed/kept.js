/**
 * The clips this device keeps for when the platform is gone: the last dozen, in a small
 * rendition each, played from Cache Storage by the service worker (service_worker.js). Cards are
 * in IndexedDB, because they outlive the page; both are emptied when somebody else signs in.
 */
import { boot } from "../core/boot.js";
import { mayAsk } from "../core/load.js";
import { savesData } from "../core/network.js";
import { change, within } from "../core/storage.js";

const CLIPS = "solstice-clips";
const CLIPS_MAX = 12;
const CLIP_BYTES_MAX = 6 * 1024 * 1024;

const owner = boot.viewer?.id ?? "nobody";

let keeping = Promise.resolve();
/** Remember the newest cards of For You, one page after the other. @param {VideoCard[]} cards */
export function keepCards(cards) {
  keeping = keeping.then(() => addCards(cards));
}

/** @param {VideoCard[]} cards */
async function addCards(cards) {
  try {
    const held = (await within("kept", "readonly", (store) => store.get("cards")))?.cards ?? [];
    const ids = new Set(cards.map((card) => card.id));
    const merged = [...cards, ...held.filter((/** @type {VideoCard} */ card) => !ids.has(card.id))].slice(0, 60);
    await within("kept", "readwrite", (store) => store.put({ key: "cards", owner, cards: merged }));
  } catch {
    // A browser without storage loses the offline feed and nothing else.
  }
}

/** List the cards whose clip is wholly on this device, each with that rendition only. @returns {Promise<VideoCard[]>} */
export async function keptCards() {
  try {
    const held = await within("kept", "readonly", (store) => store.get("cards"));
    if (!held || (held.owner !== owner && !boot.data?.offline)) return [];
    const cache = await caches.open(CLIPS);
    const urls = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
    return held.cards.flatMap((/** @type {VideoCard} */ card) => {
      const renditions = card.renditions.filter((each) => urls.has(new URL(each.url, location.href).pathname));
      return renditions.length ? [{ ...card, renditions }] : [];
    });
  } catch {
    return [];
  }
}

let fetching = false;
/** Keep this clip for later, in its smallest rendition, if it is small enough. @param {VideoCard} card */
export async function keepClip(card) {
  const small = card.renditions[0];
  if (fetching || !small || small.size_bytes > CLIP_BYTES_MAX || savesData() || !("caches" in globalThis) || !navigator.serviceWorker?.controller || !mayAsk("ahead")) return;
  fetching = true;
  try {
    const cache = await caches.open(CLIPS);
    if (await cache.match(small.url)) return;
    for (const url of [small.url, card.thumb_url ?? card.poster_url]) {
      const response = await fetch(url, { priority: "low", signal: AbortSignal.timeout(30_000) });
      if (response.status === 200) await cache.put(url, response);
    }
    const keys = await cache.keys();
    for (const old of keys.slice(0, Math.max(0, keys.length - CLIPS_MAX * 2))) await cache.delete(old);
  } catch {
    // Keeping is a kindness: the quota or the network said no.
  } finally {
    fetching = false;
  }
}

/** Keep no card of this creator. @param {string} creatorId */
export async function forgetCards(creatorId) {
  await keeping;
  await change("kept", "cards", (held) => held && { ...held, cards: held.cards.filter((/** @type {VideoCard} */ card) => card.creator.id !== creatorId) }).catch(() => {});
}

/** Empty everything kept for somebody else. */
export async function forgetKept() {
  await within("kept", "readwrite", (store) => store.delete("cards")).catch(() => {});
  await caches.delete(CLIPS).catch(() => false);
}
