// gwplugins for Node; index.d.ts is its documentation.

export { BlockedError, GwpluginsError, LibraryError } from "./errors.js";
export { Guard } from "./guard.js";
export { abiVersion, kinds, load, version } from "./library.js";
