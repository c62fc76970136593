// The stock tus-js-client, unmodified, driven from a test.
//
//   node tus_client.cjs ENDPOINT TOKEN FILE [--pause-at SHARE]
//
// Prints "sent BYTES" as bytes are accepted for sending, "paused" after giving up at a share of
// the file and before going on from what the server says, and "done URL" at the end.

const fs = require("node:fs");
const path = require("node:path");
const tus = require(path.resolve(__dirname, "../../node_modules/tus-js-client"));

const [endpoint, token, file, , share] = process.argv.slice(2);
const size = fs.statSync(file).size;
const options = {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: "clip.mp4", filetype: "video/mp4", caption: "From a stock client" },
  retryDelays: [0, 200, 500, 1000, 1000, 1000, 2000, 2000, 2000, 2000, 2000, 2000],
};

function finish(uploadUrl) {
  const upload = new tus.Upload(fs.readFileSync(file), {
    ...options,
    uploadUrl,
    onProgress: (sent) => console.log(`sent ${sent}`),
    onError: fail,
    onSuccess: () => console.log(`done ${upload.url}`),
  });
  upload.start();
}

function fail(error) {
  console.error(String(error));
  process.exit(1);
}

if (share === undefined) {
  finish(null);
} else {
  let isPaused = false;
  const upload = new tus.Upload(fs.readFileSync(file), {
    ...options,
    onError: fail,
    onProgress: async (sent) => {
      if (isPaused || sent < size * Number(share)) return;
      isPaused = true;
      await upload.abort();
      console.log("paused");
      finish(upload.url);
    },
  });
  upload.start();
}
