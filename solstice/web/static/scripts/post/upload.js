/**
 * One resumable upload over tus 1.0.0, by tus-js-client as it is published.
 *
 * tus-js-client keeps each upload's address in localStorage under a fingerprint of the file; ours
 * adds the account, so nobody continues somebody else's. When its own retries are used up, the
 * upload waits for the network and goes on by itself, without end: only the person gives up.
 */
import "tus";
import { boot } from "../core/boot.js";
import { jitterMs, pause } from "../core/retry.js";

/** @type {typeof import("tus-js-client")} */
const tus = /** @type {any} */ (globalThis).tus;

export const ENDPOINT = "/v1/uploads";
/** Acknowledged in steps of 8 MiB: what a lost connection can cost at most. */
const CHUNK_BYTES = 8 * 1024 * 1024;
const DELAYS_MS = [0, 500, 1500, 4000];

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
 * @property {() => void} onInterrupted
 * @property {() => void} onDone
 * @property {(reason: string) => void} onRefused
 */

export class Upload {
  /** @param {File} file @param {Record<string, string>} metadata @param {Tell} tell */
  constructor(file, metadata, tell) {
    this.tell = tell;
    this.isPaused = false;
    this.tries = 0;
    this.id = "";
    this.upload = new tus.Upload(file, {
      endpoint: ENDPOINT, chunkSize: CHUNK_BYTES, retryDelays: DELAYS_MS, fingerprint, removeFingerprintOnSuccess: true,
      metadata: { filename: file.name, filetype: file.type || "application/octet-stream", ...metadata },
      onProgress: (sent, size) => { this.tries = 0; tell.onProgress(sent, size ?? file.size); },
      onAfterResponse: () => this.#learnId(),
      onSuccess: () => { this.#learnId(); tell.onDone(); },
      onError: (error) => void this.#failed(error),
    });
    addEventListener("online", () => { if (!this.isPaused && this.isWaiting) this.#goOn(); });
    this.isWaiting = false;
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
    await this.upload.abort(true).catch(() => {});
  }

  /** @param {Error | import("tus-js-client").DetailedError} error */
  async #failed(error) {
    const response = "originalResponse" in error ? error.originalResponse : null;
    const status = response?.getStatus() ?? 0;
    if (status >= 400 && status < 500 && ![408, 409, 423, 429].includes(status)) {
      this.tell.onRefused(reasonOf(response?.getBody() ?? "") || String(status));
      return;
    }
    this.isWaiting = true;
    this.tell.onInterrupted();
    await pause(1000 + jitterMs(this.tries++));
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
