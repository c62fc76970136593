// Copies the few browser files we use out of node_modules, byte for byte, and writes down
// where each came from and its SHA-256. Run by `npm run vendor` after `npm ci --ignore-scripts`.
// It refuses to rewrite anything: bare imports are resolved by the page's import map instead.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const FILES = {
  lit: ["index.js", "directives/repeat.js", "LICENSE"],
  "lit-html": ["lit-html.js", "is-server.js", "directive.js", "directive-helpers.js", "directives/repeat.js"],
  "lit-element": ["lit-element.js"],
  "@lit/reactive-element": ["reactive-element.js", "css-tag.js"],
  "tus-js-client": ["dist/tus.min.js", "LICENSE"],
};

const here = dirname(new URL(import.meta.url).pathname);
const target = join(here, "static", "vendor");
rmSync(target, { recursive: true, force: true });

/** @type {Record<string, {package: string, version: string, sha256: string}>} */
const record = {};
for (const [name, files] of Object.entries(FILES)) {
  const source = join(here, "..", "..", "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  for (const file of files) {
    const path = join(name, file);
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(source, file), join(target, path));
    const sha256 = createHash("sha256").update(readFileSync(join(target, path))).digest("hex");
    record[path] = { package: name, version, sha256 };
  }
}
writeFileSync(join(here, "vendored.json"), `${JSON.stringify(record, null, 2)}\n`);
console.log(`${Object.keys(record).length} files vendored`);
