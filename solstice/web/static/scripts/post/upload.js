/**
 * One resumable upload over tus 1.0.0, by tus-js-client as it is published.
 *
 * tus-js-client keeps each upload's address in localStorage under a fingerprint of the file; ours
 * adds the account, so nobody continues somebody else's. Its own retries are switched off: they
 * come at fixed moments and give up on 429. Ours are jittered, wait as long as Retry-After asks,
 * share the budget of all tabs, and have no end: only the person gives up.
 */
import "tus";
import { boot } from "../core/boot.js";
import { mayRetry } from "../core/budget.js";
import { learnFrom } from "../core/load.js";
import { jitterMs, pause, retryAfterMs } from "../core/retry.js";

/** @type {typeof import("tus-js-client")} */
const tus = /** @type {any} */ (globalThis).tus;

export const ENDPOINT = "/v1/uploads";
/** Acknowledged in steps of 8 MiB: what a lost connection can cost at most. */
const CHUNK_BYTES = 8 * 1024 * 1024;
/** A connection that moves nothing for this long is dead: a chunk has no other deadline. */
const SILENCE_MS = 30_000;
/** With the retry budget spent, a chunk is still tried, but rarely. */
const NO_TOKEN_MS = 20_000;

/** @param {File} file */
const fingerprint = async (file) => ["solstice", boot.viewer?.id, file.name, file.type, file.size, file.lastModified].join("|");

/** @typedef {{name: string, size: number, id: string, entry: import("tus-js-client").PreviousUpload}} Unfinished */

/** List this account's uploads that never finished on this device, the newest first. @returns {Promise<Unfinished[]>} */
export async function unfinishedUploads() {
  const storage = tus.defaultOptions.urlStorage;
  const all = await storage.findAllUploads();
  return all
    .filter((each) => each.urlStorageKey.includes(`solstice|${boot.viewer?.id}|`) && each.size !== null)
    .sort((one, other) => Date.parse(other.creationTime) - Date.parse(one.creationTime))
    .map((entry) => ({
      entry, name: entry.metadata["filename"] ?? "", size: entry.size ?? 0,
      id: /** @type {any} */ (entry).uploadUrl?.split("/").at(-1) ?? "",
    }));
}

/** @param {Unfinished} unfinished */
export const forgetUnfinished = (unfinished) => tus.defaultOptions.urlStorage.removeUpload(unfinished.entry.urlStorageKey);

/**
 * @typedef {object} Tell
 * @property {(sent: number, size: number) => void} onProgress
 * @property {(id: string) => void} onCreated the upload's id, which is the video's
 * @property {(isBusy: boolean) => void} onInterrupted
 * @property {() => void} onDone
 * @property {(reason: string) => void} onRefused
 */

export class Upload {
  /** @param {File} file @param {Record<string, string>} metadata @param {Tell} tell */
  constructor(file, metadata, tell) {
    this.tell = tell;
    this.size = file.size;
    this.isPaused = false;
    this.tries = 0;
    this.id = "";
    /** Bytes the platform has said it holds. */
    this.safe = 0;
    this.upload = new tus.Upload(file, {
      endpoint: ENDPOINT, chunkSize: CHUNK_BYTES, retryDelays: null, fingerprint, removeFingerprintOnSuccess: true,
      metadata: { filename: file.name, filetype: file.type || "application/octet-stream", ...metadata },
      onProgress: (sent, size) => { this.#listen(); tell.onProgress(sent, size ?? file.size); },
      onChunkComplete: () => { this.tries = 0; },
      onBeforeRequest: () => this.#listen(),
      onAfterResponse: (_request, response) => {
        clearTimeout(this.silence);
        this.#learnId();
        const offset = response.getHeader("upload-offset");
        if (offset) this.safe = Number(offset);
      },
      onSuccess: () => { clearTimeout(this.silence); this.#learnId(); tell.onDone(); },
      onError: (error) => void this.#failed(error),
    });
    addEventListener("online", () => { if (!this.isPaused && this.isWaiting) this.#goOn(); });
    this.isWaiting = false;
    this.silence = 0;
  }

  /** Something moves: the deadline begins anew. */
  #listen() {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => void this.upload.abort().then(() => this.#failed(new Error("silence"))), SILENCE_MS);
  }

  #learnId() {
    const id = this.upload.url?.split("/").at(-1);
    if (!id || id === this.id) return;
    this.id = id;
    this.tell.onCreated(id);
  }

  /** Start, going on where an earlier attempt with this very file stopped. */
  async start() {
    const [previous] = await this.upload.findPreviousUploads();
    if (previous) this.upload.resumeFromPreviousUpload(previous);
    this.upload.start();
  }

  async pause() {
    this.isPaused = true;
    clearTimeout(this.silence);
    await this.upload.abort();
  }

  resume() {
    this.isPaused = false;
    this.#goOn();
  }

  #goOn() {
    this.isWaiting = false;
    this.upload.start();
  }

  /** Give up and have the sent part deleted. */
  async discard() {
    this.isPaused = true;
    clearTimeout(this.silence);
    await this.upload.abort(true).catch(() => {});
  }

  /** @param {Error | import("tus-js-client").DetailedError} error */
  async #failed(error) {
    clearTimeout(this.silence);
    const response = "originalResponse" in error ? error.originalResponse : null;
    const status = response?.getStatus() ?? 0;
    if (status >= 400 && status < 500 && ![408, 409, 423, 429].includes(status)) {
      this.tell.onRefused(reasonOf(response?.getBody() ?? "") || String(status));
      return;
    }
    this.isWaiting = true;
    // What left the device and was not taken is not sent.
    this.tell.onProgress(this.safe, this.size);
    this.tell.onInterrupted(status === 429);
    const askedMs = retryAfterMs(response?.getHeader("retry-after"));
    learnFrom("write", null, askedMs);
    const ownMs = await mayRetry() ? 500 + jitterMs(this.tries++) : NO_TOKEN_MS * (1 + Math.random());
    await pause(Math.max(askedMs ?? 0, ownMs));
    if (this.isWaiting && !this.isPaused) this.#goOn();
  }
}

/** Read the sentence of a problem document. @param {string} body */
function reasonOf(body) {
  try {
    return /** @type {Problem} */ (JSON.parse(body)).detail ?? "";
  } catch {
    return "";
  }
}
