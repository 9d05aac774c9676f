// A codec: compresses and decompresses, in one call or as a stream.

import { Duplex } from "node:stream";
import { DIRECTIONS } from "./abi.js";
import { configText } from "./config.js";
import { fault } from "./errors.js";
import { Handle } from "./handle.js";
import { library } from "./library.js";
import { whole } from "./numbers.js";
import { Result } from "./result.js";
import { borrow, checkedBytes, copy, scratch } from "./text.js";
import { codecDuplex } from "./transform.js";
import { inTurn } from "./turns.js";

/**
 * @import * as Api from "../index.js"
 * @import { Source } from "./text.js"
 * @typedef {"gwp_codec_compress" | "gwp_codec_decompress"} Converting
 */

/** What the zstd tool gives a dictionary. */
const DICTIONARY_BYTES = 112_640;

const bytesOf = (/** @type {Result} */ result) => result.bytes();

/** @implements {Api.Codec} */
export class Codec {
  #library = library().need("codecs");
  #handle;

  /**
   * @param {string} name
   * @param {string | object | null} [config]
   */
  constructor(name, config) {
    if (typeof name !== "string") throw fault("GWP_E_BAD_TYPE", "the name of a codec is not a string");
    const wanted = copy(name);
    const json = copy(configText(config));
    const { pointer, length } = json;
    const address = this.#library.make("gwp_codec_new", wanted.pointer, wanted.length, pointer, length);
    this.#handle = new Handle(this, address, this.#library.functions.gwp_codec_free);
    this.name = name;
  }

  /** @param {Uint8Array} data */
  compress(data) {
    return this.#now("gwp_codec_compress", data);
  }

  /** @param {Uint8Array} data */
  decompress(data) {
    return this.#now("gwp_codec_decompress", data);
  }

  /** @param {Uint8Array} data */
  async compressAsync(data) {
    return this.#elsewhere("gwp_codec_compress", data);
  }

  /** @param {Uint8Array} data */
  async decompressAsync(data) {
    return this.#elsewhere("gwp_codec_decompress", data);
  }

  /** @param {Api.Direction} direction */
  stream(direction) {
    return new CodecStream(this.#handle.address, direction);
  }

  /** @param {Api.Direction} direction */
  transform(direction) {
    return codecDuplex(this.stream(direction));
  }

  /** @param {Api.Direction} direction */
  webTransform(direction) {
    return Duplex.toWeb(this.transform(direction));
  }

  /** @returns {Api.CodecDescription} */
  describe() {
    return JSON.parse(this.#library.text("gwp_codec_describe", this.#handle.address));
  }

  close() {
    this.#handle.close();
  }

  [Symbol.dispose]() {
    this.close();
  }

  /**
   * @param {Converting} name
   * @param {Uint8Array} data
   */
  #now(name, data) {
    const codec = this.#handle.address;
    const { pointer, length } = borrow(data);
    const call = this.#library.functions[name];
    return Result.use((result, error) => call(codec, pointer, length, result, error), bytesOf);
  }

  /**
   * @param {Converting} name
   * @param {Uint8Array} data
   */
  async #elsewhere(name, data) {
    const source = copy(checkedBytes(data));
    const codec = this.#handle.hold();
    try {
      return await inTurn(() => this.#queued(name, codec, source));
    } finally {
      this.#handle.release();
    }
  }

  /**
   * @param {Converting} name
   * @param {bigint} codec
   * @param {Source} source
   */
  async #queued(name, codec, source) {
    const call = this.#library.functions[name];
    const result = Result.take();
    result.reading = source;
    let succeeded = false;
    try {
      const status = await new Promise((resolve, reject) => {
        /** @type {(error: unknown, status: number) => void} */
        const done = (error, status) => (error ? reject(error) : resolve(status));
        call.async(codec, source.pointer, source.length, result.address, result.cells.errorAt, done);
      });
      result.check(status);
      const bytes = result.bytes();
      succeeded = true;
      return bytes;
    } finally {
      result.giveBack(succeeded);
    }
  }
}

/** @implements {Api.CodecStream} */
class CodecStream {
  #library = library();
  #handle;

  /**
   * @param {bigint} codec
   * @param {Api.Direction} direction
   */
  constructor(codec, direction) {
    const flags = DIRECTIONS.indexOf(direction);
    if (flags < 0) throw fault("GWP_E_BAD_FLAG", `a direction is one of ${DIRECTIONS.join(", ")}`);
    const address = this.#library.make("gwp_codec_stream_new", codec, flags);
    this.#handle = new Handle(this, address, this.#library.functions.gwp_codec_stream_free);
  }

  /** @param {Uint8Array} chunk */
  push(chunk) {
    const stream = this.#handle.address;
    const { pointer, length } = borrow(chunk);
    const { gwp_codec_stream_push } = this.#library.functions;
    return Result.use((result, error) => gwp_codec_stream_push(stream, pointer, length, result, error), bytesOf);
  }

  finish() {
    const stream = this.#handle.address;
    const { gwp_codec_stream_finish } = this.#library.functions;
    return Result.use((result, error) => gwp_codec_stream_finish(stream, result, error), bytesOf);
  }

  close() {
    this.#handle.close();
  }

  [Symbol.dispose]() {
    this.close();
  }
}

/**
 * @param {Uint8Array} data
 * @param {Api.ChooseOptions} [options]
 */
export function chooseCodec(data, { mediaType = "", accept = "*" } = {}) {
  const own = library().need("codecs");
  if (typeof mediaType !== "string" || typeof accept !== "string") {
    throw fault("GWP_E_BAD_TYPE", "the media type or what is accepted is not a string");
  }
  const [bytes, type, accepted] = [borrow(data), copy(mediaType), copy(accept)];
  const given = [bytes, type, accepted].flatMap(({ pointer, length }) => [pointer, length]);
  return own.text("gwp_codec_choose", ...given);
}

/**
 * @param {readonly Uint8Array[]} samples
 * @param {number} [maxBytes]
 */
export function trainDictionary(samples, maxBytes = DICTIONARY_BYTES) {
  const { gwp_codec_train } = library().need("codecs").functions;
  if (!Array.isArray(samples)) throw fault("GWP_E_BAD_TYPE", "expected an array of Uint8Arrays");
  const room = samples.reduce((sum, sample) => sum + checkedBytes(sample).length, 0);
  const most = whole(maxBytes, "maxBytes");
  const { pointer, length, offsets } = scratch.putAll(samples, room);
  return Result.use(
    (result, error) => gwp_codec_train(pointer, length, offsets, samples.length, most, result, error),
    bytesOf,
  );
}
