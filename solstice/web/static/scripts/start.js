/**
 * Let the first clip come first. Forty small scripts would take its connections, and evaluating
 * them the core that decodes it: so they are fetched once the clip's bytes are here, and run once
 * its first frame was shown, or it failed, or a second has passed.
 */
const WAIT_MS_MAX = 1000;
const video = document.querySelector("solstice-feed video");

/** @param {HTMLVideoElement} playing @param {(go: () => void) => void} listen @returns {Promise<void>} */
const first = (playing, listen) =>
  new Promise((resolve) => {
    setTimeout(resolve, WAIT_MS_MAX);
    playing.addEventListener("error", () => resolve());
    listen(() => resolve());
  });

function fetchAhead() {
  const urls = document.querySelector("script[data-later]")?.getAttribute("data-later") ?? "";
  for (const url of urls.split(" ")) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = url;
    document.head.append(link);
  }
}

if (video instanceof HTMLVideoElement && !video.error && video.currentTime === 0) {
  const frame = first(video, (go) => video.requestVideoFrameCallback?.(go) ?? video.addEventListener("timeupdate", go));
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await first(video, (go) => video.addEventListener("loadeddata", go));
  fetchAhead();
  await frame;
} else {
  fetchAhead();
}
await import("./pages/feed.js");
export {};
