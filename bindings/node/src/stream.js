// A text that arrives in chunks.

import { VERDICTS } from "./abi.js";
import { fault } from "./errors.js";
import { Handle } from "./handle.js";
import { library } from "./library.js";
import { Result } from "./result.js";
import { borrow, scratch, STREAM_CODECS } from "./text.js";

/** @import * as Api from "../index.js" */

/** @implements {Api.GuardStream<string | Uint8Array>} */
export class GuardStream {
  #library = library();
  #handle;
  #isText;
  #rules;
  #codec;
  /** The first half of a surrogate pair whose second half may come with the next chunk. */
  #half = "";

  /**
   * @param {bigint} guard
   * @param {number} flags
   * @param {"text" | "bytes"} input
   * @param {readonly string[]} rules
   */
  constructor(guard, flags, input, rules) {
    const address = this.#library.make("gwp_stream_new", guard, flags);
    this.#handle = new Handle(this, address, this.#library.functions.gwp_stream_free);
    this.#isText = input === "text";
    this.#rules = rules;
    this.#codec = STREAM_CODECS[input];
  }

  /** @param {string | Uint8Array} chunk */
  push(chunk) {
    if ((typeof chunk === "string") !== this.#isText) {
      throw fault("GWP_E_BAD_TYPE", `this stream takes ${this.#isText ? "strings" : "Uint8Arrays"}`);
    }
    return this.#push(typeof chunk === "string" ? this.#wholePairs(chunk) : chunk);
  }

  finish() {
    const last = this.#half === "" ? undefined : this.#push(this.#half);
    this.#half = "";
    const rest = this.#call((stream, result, error) =>
      this.#library.functions.gwp_stream_finish(stream, result, error),
    );
    return last === undefined ? rest : joined(last, rest);
  }

  close() {
    this.#handle.close();
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** @param {string | Uint8Array} chunk */
  #push(chunk) {
    const { pointer, length } = typeof chunk === "string" ? scratch.put(chunk) : borrow(chunk);
    const { gwp_stream_push } = this.#library.functions;
    return this.#call((stream, result, error) => gwp_stream_push(stream, pointer, length, result, error));
  }

  /** @param {string} chunk */
  #wholePairs(chunk) {
    const text = this.#half + chunk;
    const ends = text.charCodeAt(text.length - 1) >> 10 === 0xd800 >> 10;
    this.#half = ends ? text.slice(-1) : "";
    return ends ? text.slice(0, -1) : text;
  }

  /** @param {(stream: bigint, result: bigint, error: bigint) => number} call */
  #call(call) {
    const result = Result.take();
    try {
      result.check(call(this.#handle.address, result.address, result.cells.errorAt));
      return result.part(this.#rules, this.#codec);
    } finally {
      result.giveBack();
    }
  }
}

/**
 * Two parts as one.
 *
 * @param {Api.Rewrite<string | Uint8Array>} first
 * @param {Api.Rewrite<string | Uint8Array>} second both of strings
 */
function joined(first, second) {
  const { verdict } = VERDICTS.indexOf(first.verdict) > VERDICTS.indexOf(second.verdict) ? first : second;
  return {
    verdict,
    score: Math.max(first.score, second.score),
    changed: first.changed || second.changed,
    findings: [...first.findings, ...second.findings],
    output: `${first.output}${second.output}`,
  };
}
