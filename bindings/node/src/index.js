// gwplugins for Node; index.d.ts is its documentation.

export { chooseCodec, Codec, trainDictionary } from "./codec.js";
export { BlockedError, GwpluginsError, LibraryError } from "./errors.js";
export { Guard } from "./guard.js";
export { abiVersion, codecs, codecSchema, kinds, limiterSchema, load, version } from "./library.js";
export { Limiter } from "./limiter.js";
