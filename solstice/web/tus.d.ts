export {}; // The UMD build sets `globalThis.tus`; its types are those of "tus-js-client".
