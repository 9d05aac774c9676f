// gwplugins for Node; index.d.ts is its documentation.

export { BlockedError, GwpluginsError, LibraryError } from "./errors.js";
export { Guard } from "./guard.js";
export { abiVersion, kinds, limiterSchema, load, version } from "./library.js";
export { Limiter } from "./limiter.js";
