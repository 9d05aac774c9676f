// What a limiter says: the library's records, read into plain objects.

import koffi from "koffi";
import { DECISION, DECISION_BLOCKED, DECISION_BYTES, DECISION_WOULD_REFUSE, NO_INDEX, NOTHING } from "./abi.js";

/** @import * as Api from "../index.js" */

/** Room for so many decisions; `address` is valid as long as this object. */
export class Decisions {
  #words;
  #longs;

  /** @param {number} count */
  constructor(count) {
    const memory = new ArrayBuffer(Math.max(1, count) * DECISION_BYTES);
    this.#words = new Uint32Array(memory);
    this.#longs = new BigUint64Array(memory);
    this.address = koffi.address(this.#words);
  }

  /** Forgets what is in it. */
  clear() {
    this.#words.fill(0);
  }

  /**
   * @param {number} index
   * @param {readonly string[]} dimensions
   * @returns {Api.Decision}
   */
  read(index, dimensions) {
    const at = (index * DECISION_BYTES) / 4;
    const flags = this.#word(at + DECISION.flags);
    const window = this.#word(at + DECISION.window);
    const retry = this.#long(at + DECISION.retryAfterNs);
    return {
      allowed: this.#word(at + DECISION.allowed) === 1,
      dimension: dimensions[this.#word(at + DECISION.dimension)] ?? null,
      window: window === NO_INDEX ? null : window,
      limit: finite(this.#long(at + DECISION.limit)),
      remaining: finite(this.#long(at + DECISION.remaining)),
      resetNs: this.#long(at + DECISION.resetNs),
      retryAfterNs: retry === NOTHING ? null : retry,
      nowNs: this.#long(at + DECISION.nowNs),
      wouldRefuse: (flags & DECISION_WOULD_REFUSE) !== 0,
      blocked: (flags & DECISION_BLOCKED) !== 0,
    };
  }

  /**
   * Those of the first `room` that the library filled.
   *
   * @param {number} room
   * @param {readonly string[]} dimensions
   */
  readFilled(room, dimensions) {
    const rows = Array.from({ length: room }, (_, index) => index);
    const longs = DECISION_BYTES / 8;
    const filled = rows.filter((row) => this.#longs.subarray(row * longs, (row + 1) * longs).some((one) => one !== 0n));
    return filled.map((row) => this.read(row, dimensions));
  }

  /** @param {number} at */
  #word(at) {
    return /** @type {number} */ (this.#words[at]);
  }

  /** @param {number} at in 32-bit words */
  #long(at) {
    return /** @type {bigint} */ (this.#longs[at / 2]);
  }
}

/** Counts of a limiter are below 2^53. @param {bigint} count */
const finite = (count) => (count === NOTHING ? null : Number(count));
