// A guard: a configured engine of the library.

import { DETAILS, OUTPUT, UNITS } from "./abi.js";
import { configText } from "./config.js";
import { fault } from "./errors.js";
import { Handle } from "./handle.js";
import { library } from "./library.js";
import { Result } from "./result.js";
import { GuardStream } from "./stream.js";
import { borrow, checkedBytes, copy, roomFor, scratch, STREAM_CODECS } from "./text.js";
import { nodeTransform, webTransform } from "./transform.js";
import { inTurn } from "./turns.js";

/**
 * @import * as Api from "../index.js"
 * @import { Codec, Source } from "./text.js"
 */

/** A batch is sent when it may have grown to this many bytes; one longer text makes a batch of its own. */
const BATCH_BYTES = 262_144;

/** @implements {Api.Guard} */
export class Guard {
  #library = library();
  #handle;
  /** @type {readonly string[]} */
  #rules;

  /**
   * @param {string} kind
   * @param {string | object | null} [config]
   */
  constructor(kind, config) {
    if (typeof kind !== "string") throw fault("GWP_E_BAD_TYPE", "the kind is not a string");
    const name = copy(kind);
    const json = copy(configText(config));
    const address = this.#library.make("gwp_guard_new", name.pointer, name.length, json.pointer, json.length);
    this.#handle = new Handle(this, address, this.#library.functions.gwp_guard_free);
    this.#rules = this.describe().rules.map((rule) => rule.name);
    this.kind = kind;
  }

  /**
   * @param {string | Uint8Array} text
   * @param {Api.ScanOptions} [options]
   */
  scan(text, options) {
    return this.#now(text, options, 0);
  }

  /**
   * @template {string | Uint8Array} T
   * @param {T} text
   * @param {Api.ScanOptions} [options]
   */
  rewrite(text, options) {
    return /** @type {Api.Rewrite<Api.Same<T>>} */ (this.#now(text, options, OUTPUT));
  }

  /**
   * @param {readonly string[] | readonly Uint8Array[]} texts
   * @param {Api.ScanOptions} [options]
   */
  scanBatch(texts, options) {
    return this.#batch(texts, options, 0);
  }

  /**
   * @template {string | Uint8Array} T
   * @param {readonly T[]} texts
   * @param {Api.ScanOptions} [options]
   */
  rewriteBatch(texts, options) {
    return /** @type {Api.Rewrite<Api.Same<T>>[]} */ (this.#batch(texts, options, OUTPUT));
  }

  /**
   * @param {string | Uint8Array} text
   * @param {Api.ScanOptions} [options]
   */
  async scanAsync(text, options) {
    return this.#elsewhere(text, options, 0);
  }

  /**
   * @template {string | Uint8Array} T
   * @param {T} text
   * @param {Api.ScanOptions} [options]
   */
  async rewriteAsync(text, options) {
    return /** @type {Api.Rewrite<Api.Same<T>>} */ (await this.#elsewhere(text, options, OUTPUT));
  }

  /**
   * @template {"text" | "bytes"} [Input="text"]
   * @param {Api.StreamOptions<Input>} [options]
   */
  stream(options) {
    const input = checkedInput(options?.input ?? "text");
    const output = options?.output === false ? 0 : OUTPUT;
    const flags = output | flagsOf(options, STREAM_CODECS[input].unit);
    const stream = new GuardStream(this.#handle.address, flags, input, this.#rules);
    return /** @type {Api.GuardStream<any>} */ (stream);
  }

  /**
   * @template {"text" | "bytes"} [Input="bytes"]
   * @param {Api.TransformOptions<Input>} [options]
   */
  transform(options) {
    const input = checkedInput(options?.input ?? "bytes");
    return nodeTransform(this.stream({ ...options, input, output: true }), input, options?.onResult);
  }

  /**
   * @template {"text" | "bytes"} [Input="bytes"]
   * @param {Api.TransformOptions<Input>} [options]
   */
  webTransform(options) {
    const input = checkedInput(options?.input ?? "bytes");
    const stream = this.stream({ ...options, input, output: true });
    return /** @type {TransformStream<Api.Chunk<Input>, Api.Chunk<Input>>} */ (webTransform(stream, options?.onResult));
  }

  /** @returns {Api.Description} */
  describe() {
    return JSON.parse(this.#library.text("gwp_guard_describe", this.#handle.address));
  }

  close() {
    this.#handle.close();
  }

  [Symbol.dispose]() {
    this.close();
  }

  /**
   * @param {string | Uint8Array} text
   * @param {Api.ScanOptions | undefined} options
   * @param {number} output
   */
  #now(text, options, output) {
    const guard = this.#handle.address;
    const { pointer, length, codec } = typeof text === "string" ? scratch.put(text) : borrow(text);
    const flags = output | flagsOf(options, codec.unit);
    const result = Result.take();
    try {
      const { gwp_guard_scan } = this.#library.functions;
      result.check(gwp_guard_scan(guard, pointer, length, flags, result.address, result.cells.errorAt));
      return result.answer(text, this.#reading(codec, output));
    } finally {
      result.giveBack();
    }
  }

  /**
   * @param {readonly (string | Uint8Array)[]} texts
   * @param {Api.ScanOptions | undefined} options
   * @param {number} output
   */
  #batch(texts, options, output) {
    const guard = this.#handle.address;
    const answers = [];
    for (const [batch, room] of batches(texts)) {
      const { pointer, length, codec, offsets } = scratch.putAll(batch, room);
      const flags = output | flagsOf(options, codec.unit);
      const result = Result.take();
      try {
        const { gwp_guard_scan_batch } = this.#library.functions;
        const { errorAt } = result.cells;
        result.check(
          gwp_guard_scan_batch(guard, pointer, length, offsets, batch.length, flags, result.address, errorAt),
        );
        answers.push(...result.answers(batch, this.#reading(codec, output)));
      } finally {
        result.giveBack();
      }
    }
    return answers;
  }

  /**
   * @param {string | Uint8Array} text
   * @param {Api.ScanOptions | undefined} options
   * @param {number} output
   */
  async #elsewhere(text, options, output) {
    const source = copy(text);
    const flags = output | flagsOf(options, source.codec.unit);
    const guard = this.#handle.hold();
    try {
      return await inTurn(() => this.#queued(guard, text, source, flags, output));
    } finally {
      this.#handle.release();
    }
  }

  /**
   * @param {bigint} guard
   * @param {string | Uint8Array} text
   * @param {Source} source
   * @param {number} flags
   * @param {number} output
   */
  async #queued(guard, text, source, flags, output) {
    const { gwp_guard_scan } = this.#library.functions;
    const { pointer, length, codec } = source;
    const result = Result.take();
    result.reading = source;
    try {
      const status = await new Promise((resolve, reject) => {
        /** @type {(error: unknown, status: number) => void} */
        const done = (error, status) => (error ? reject(error) : resolve(status));
        gwp_guard_scan.async(guard, pointer, length, flags, result.address, result.cells.errorAt, done);
      });
      result.check(status);
      return result.answer(text, this.#reading(codec, output));
    } finally {
      result.giveBack();
    }
  }

  /**
   * @param {Codec} codec
   * @param {number} output
   */
  #reading(codec, output) {
    return { rules: this.#rules, codec, output: output !== 0 };
  }
}

/**
 * @param {Api.ScanOptions | undefined} options
 * @param {number} unit what offsets count if the caller says nothing
 */
function flagsOf(options, unit) {
  if (options === undefined) return unit;
  const wanted = options.unit;
  if (wanted !== undefined && !Object.hasOwn(UNITS, wanted)) {
    throw fault("GWP_E_BAD_FLAG", "a unit is one of utf16, bytes, codePoints");
  }
  return (wanted === undefined ? unit : UNITS[wanted]) | (options.details ? DETAILS : 0);
}

/**
 * @template {"text" | "bytes"} Input
 * @param {Input} input
 */
function checkedInput(input) {
  if (input !== "text" && input !== "bytes") throw fault("GWP_E_BAD_TYPE", "the input is text or bytes");
  return input;
}

/**
 * Neighbours with the room they need, up to the size of a batch.
 *
 * @param {readonly (string | Uint8Array)[]} texts
 * @returns {Generator<[(string | Uint8Array)[], number]>}
 */
function* batches(texts) {
  if (!Array.isArray(texts)) throw fault("GWP_E_BAD_TYPE", "expected an array of texts");
  /** @type {(string | Uint8Array)[]} */
  let batch = [];
  let room = 0;
  for (const text of texts) {
    if (typeof text !== "string") checkedBytes(text);
    if (typeof text !== typeof texts[0]) throw fault("GWP_E_BAD_TYPE", "a batch has strings or Uint8Arrays, not both");
    const more = roomFor(text);
    if (batch.length > 0 && room + more > BATCH_BYTES) {
      yield [batch, room];
      batch = [];
      room = 0;
    }
    batch.push(text);
    room += more;
  }
  if (batch.length > 0) yield [batch, room];
}
