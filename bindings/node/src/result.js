// What a call finds: the library's result, read into plain objects.

import { ACTIONS, FINDING, FINDING_ACTION, FINDING_DERIVED, FINDING_GUESS, FINDING_SCORE_SHIFT } from "./abi.js";
import { ITEM, RECORD_BYTES, VERDICTS } from "./abi.js";
import { library } from "./library.js";
import { Cells, Window } from "./memory.js";

/**
 * @import * as Api from "../index.js"
 * @import { Codec, Source } from "./text.js"
 */

/**
 * How to read a result: the names of the rules, the kind of text, and whether output was asked for.
 *
 * @typedef {{ rules: readonly string[], codec: Codec, output: boolean }} Reading
 */

const WORDS = RECORD_BYTES / 4;
/** A result in which more was seen is freed after use, as it keeps the memory of its largest call. */
const KEEP_BYTES = 1_048_576;

/** @type {Result[]} */
const idle = [];

export class Result {
  /** Where calls that use this result put what they tell. */
  cells = new Cells();
  /** @type {Source | null} What a call on another thread reads: it must live as long as the call. */
  reading = null;
  #library = library();
  #items = new Window((memory) => new Uint32Array(memory));
  #findings = new Window((memory) => new Uint32Array(memory));
  #output = new Window((memory) => Buffer.from(memory));

  constructor() {
    this.address = this.#library.make("gwp_result_new");
  }

  /** A result for one call. */
  static take() {
    return idle.pop() ?? new Result();
  }

  /**
   * What a call leaves in a result.
   *
   * @template T
   * @param {(result: bigint, error: bigint) => number} call
   * @param {(result: Result) => T} read
   */
  static use(call, read) {
    const result = Result.take();
    let succeeded = false;
    try {
      result.check(call(result.address, result.cells.errorAt));
      const left = read(result);
      succeeded = true;
      return left;
    } finally {
      result.giveBack(succeeded);
    }
  }

  /**
   * Ends the use of a result: it waits for the next call.
   *
   * @param {boolean} keep false: a failed call may have filled much that nobody saw
   */
  giveBack(keep = true) {
    this.reading = null;
    if (keep && this.#findings.byteLength + this.#items.byteLength + this.#output.byteLength <= KEEP_BYTES) idle.push(this);
    else this.#library.functions.gwp_result_free(this.address);
  }

  /**
   * Raises what a call with this result reported.
   *
   * @param {number} status
   */
  check(status) {
    this.#library.check(status, this.cells);
  }

  /**
   * The answer on one text.
   *
   * @param {string | Uint8Array} text
   * @param {Reading} reading
   * @returns {Api.Scan}
   */
  answer(text, reading) {
    const items = this.#readItems();
    if (items[ITEM.verdict] === 0 && items[ITEM.changed] === 0) return withOutput(plain(items, 0, []), text, reading);
    return this.#answer(items, 0, text, this.#readFindings(reading.rules, 1)[0] ?? [], reading);
  }

  /**
   * The answers on the texts of a batch.
   *
   * @param {readonly (string | Uint8Array)[]} texts
   * @param {Reading} reading
   */
  answers(texts, reading) {
    const items = this.#readItems();
    const found = this.#readFindings(reading.rules, texts.length);
    return texts.map((text, index) => this.#answer(items, index * WORDS, text, found[index] ?? [], reading));
  }

  /**
   * The answer on a part of a stream, which always has output, changed or not.
   *
   * @param {readonly string[]} rules
   * @param {Codec} codec
   */
  part(rules, codec) {
    const items = this.#readItems();
    const found = items[ITEM.verdict] === 0 ? [] : (this.#readFindings(rules, 1)[0] ?? []);
    return { ...plain(items, 0, found), output: this.#readOutput(items, 0, codec) };
  }

  /** A copy of all output. */
  bytes() {
    return Buffer.from(this.#seeOutput());
  }

  /** Copies of the parts of the output, each with what it is. */
  parts() {
    const output = this.bytes();
    const found = this.#readFindings([], 1)[0] ?? [];
    return found.map(({ ruleIndex, start, end }) => ({ kind: ruleIndex, bytes: output.subarray(start, end) }));
  }

  /**
   * @param {Uint32Array} items
   * @param {number} at
   * @param {string | Uint8Array} text
   * @param {Api.Finding[]} found
   * @param {Reading} reading
   */
  #answer(items, at, text, found, reading) {
    const answer = plain(items, at, found);
    return withOutput(answer, answer.changed ? this.#readOutput(items, at, reading.codec) : text, reading);
  }

  #readItems() {
    const { pointerAt, countAt, errorAt } = this.cells;
    this.check(this.#library.functions.gwp_result_items(this.address, pointerAt, countAt, errorAt));
    return this.#items.at(this.cells.pointer, this.cells.count * RECORD_BYTES);
  }

  /**
   * The findings of each item.
   *
   * @param {readonly string[]} rules
   * @param {number} count of items
   */
  #readFindings(rules, count) {
    const { pointerAt, countAt, errorAt } = this.cells;
    this.check(this.#library.functions.gwp_result_findings(this.address, pointerAt, countAt, errorAt));
    const size = this.cells.count;
    const words = size === 0 ? new Uint32Array() : this.#findings.at(this.cells.pointer, size * RECORD_BYTES);
    const found = Array.from({ length: count }, () => /** @type {Api.Finding[]} */ ([]));
    for (let at = 0; at < size * WORDS; at += WORDS) {
      found[word(words, at + FINDING.item)]?.push(this.#finding(words, at, rules));
    }
    return found;
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {readonly string[]} rules
   * @returns {Api.Finding}
   */
  #finding(words, at, rules) {
    const ruleIndex = word(words, at + FINDING.rule);
    const flags = word(words, at + FINDING.flags);
    const detail = word(words, at + FINDING.detail);
    return {
      start: long(words, at + FINDING.start),
      end: long(words, at + FINDING.end),
      rule: rules[ruleIndex] ?? "",
      ruleIndex,
      action: ACTIONS[flags & FINDING_ACTION] ?? "block",
      guess: (flags & FINDING_GUESS) !== 0,
      derived: (flags & FINDING_DERIVED) !== 0,
      score: flags >>> FINDING_SCORE_SHIFT,
      detail: detail === 0 ? null : JSON.parse(this.#library.text("gwp_result_detail", this.address, detail)),
    };
  }

  /**
   * @param {Uint32Array} items
   * @param {number} at
   * @param {Codec} codec
   */
  #readOutput(items, at, codec) {
    return codec.decode(this.#seeOutput(), long(items, at + ITEM.outputStart), long(items, at + ITEM.outputEnd));
  }

  /** All output, valid until the next use. */
  #seeOutput() {
    const { pointerAt, countAt, errorAt } = this.cells;
    this.check(this.#library.functions.gwp_result_output(this.address, pointerAt, countAt, errorAt));
    const { pointer, count } = this.cells;
    return count === 0 ? Buffer.alloc(0) : this.#output.at(pointer, count).subarray(0, count);
  }
}

/**
 * @param {Uint32Array} items
 * @param {number} at
 * @param {Api.Finding[]} findings
 * @returns {Api.Scan}
 */
const plain = (items, at, findings) => ({
  verdict: VERDICTS[word(items, at + ITEM.verdict)] ?? "block",
  score: word(items, at + ITEM.score),
  changed: items[at + ITEM.changed] === 1,
  findings,
});

/**
 * @param {Api.Scan} answer
 * @param {string | Uint8Array} output
 * @param {Reading} reading
 */
const withOutput = (answer, output, reading) => (reading.output ? Object.assign(answer, { output }) : answer);

/**
 * @param {Uint32Array} words
 * @param {number} at
 */
const word = (words, at) => /** @type {number} */ (words[at]);

/**
 * @param {Uint32Array} words
 * @param {number} at
 */
const long = (words, at) => word(words, at) + word(words, at + 1) * 2 ** 32;
