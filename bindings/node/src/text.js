// JavaScript's texts as the bytes that the library reads, and back.
//
// A string may hold surrogates that have no partner. UTF-8 has no form for them: they become three bytes each, as in
// Python's "surrogatepass" and in WTF-8, so nothing is lost and offsets stay true.

import { types } from "node:util";
import koffi from "koffi";
import { UNITS } from "./abi.js";
import { fault } from "./errors.js";

/**
 * One kind of text: the unit of its offsets, and how to make one of a part of the library's memory.
 *
 * @typedef {{ unit: number, decode: (memory: Buffer, start: number, end: number) => string | Uint8Array }} Codec
 */

/**
 * A text that the library can read: an address with the memory it belongs to, or the memory itself.
 *
 * @typedef {{ pointer: bigint | Uint8Array, length: number, codec: Codec }} Source
 */

/** @type {Codec} */
const BYTES = { unit: UNITS.bytes, decode: (memory, start, end) => Buffer.from(memory.subarray(start, end)) };
/** @type {Codec} */
const STRING = { unit: UNITS.utf16, decode: (memory, start, end) => memory.toString("utf8", start, end) };
/** @type {Codec} */
const STRING_WITH_SURROGATES = {
  unit: UNITS.utf16,
  decode: (memory, start, end) => decode(memory.subarray(start, end)),
};

/** In a stream, a surrogate of one chunk may be in the output of another. */
export const STREAM_CODECS = { text: STRING_WITH_SURROGATES, bytes: BYTES };

/** A scratch that has grown beyond this serves one call; longer strings are measured before they are encoded. */
const KEEP_BYTES = 4_194_304;
/** Bytes that one UTF-16 unit can need. */
const UNIT_BYTES = 3;

const encoder = new TextEncoder();

/**
 * Bytes that are enough for a text.
 *
 * @param {string | Uint8Array} text
 */
export function roomFor(text) {
  if (typeof text !== "string") return text.length;
  const most = text.length * UNIT_BYTES;
  return most <= KEEP_BYTES ? most : Buffer.byteLength(text);
}

/**
 * A source that reads the very bytes; for the time of one call.
 *
 * @param {unknown} text
 * @returns {Source}
 */
export function borrow(text) {
  const bytes = checkedBytes(text);
  // Another thread can write to shared memory while the library reads it: it gets a copy.
  const pointer = bytes.buffer instanceof SharedArrayBuffer ? Buffer.from(bytes) : bytes;
  return { pointer, length: bytes.length, codec: BYTES };
}

/**
 * A source that nobody else can change.
 *
 * @param {unknown} text
 * @returns {Source}
 */
export function copy(text) {
  if (typeof text !== "string") {
    const pointer = Buffer.from(checkedBytes(text));
    return { pointer, length: pointer.length, codec: BYTES };
  }
  const pointer = Buffer.allocUnsafe(roomFor(text));
  const { length, lone } = encodeAt(text, pointer, 0);
  return { pointer, length, codec: codecOf(lone) };
}

/** Memory that texts are written to for the time of one call. */
class Scratch {
  #bytes = Buffer.alloc(0);
  #address = 0n;

  /**
   * @param {string} text
   * @returns {Source}
   */
  put(text) {
    this.#reserve(roomFor(text));
    const { length, lone } = encodeAt(text, this.#bytes, 0);
    return { pointer: this.#address, length, codec: codecOf(lone) };
  }

  /**
   * Texts one after the other, with the offsets between them.
   *
   * @param {readonly (string | Uint8Array)[]} texts all of one kind
   * @param {number} room bytes that are enough
   * @returns {Source & { offsets: BigUint64Array }}
   */
  putAll(texts, room) {
    this.#reserve(room);
    const offsets = new BigUint64Array(texts.length + 1);
    let end = 0;
    let lone = false;
    for (const [index, text] of texts.entries()) {
      if (typeof text === "string") {
        const written = encodeAt(text, this.#bytes, end);
        end += written.length;
        lone ||= written.lone;
      } else {
        this.#bytes.set(text, end);
        end += text.length;
      }
      offsets[index + 1] = BigInt(end);
    }
    const codec = typeof texts[0] === "string" ? codecOf(lone) : BYTES;
    return { pointer: this.#address, length: end, codec, offsets };
  }

  /** @param {number} room */
  #reserve(room) {
    if (room <= this.#bytes.length && this.#bytes.length <= KEEP_BYTES) return;
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(room, 65_536));
    this.#address = koffi.address(this.#bytes);
  }
}

export const scratch = new Scratch();

/** @param {unknown} text */
export function checkedBytes(text) {
  if (!types.isUint8Array(text)) throw fault("GWP_E_BAD_TYPE", "expected a string or a Uint8Array");
  if (text.length === 0 && isDetached(text.buffer)) {
    throw fault("GWP_E_BAD_TYPE", "the memory of this Uint8Array was transferred");
  }
  return text;
}

/** @param {ArrayBufferLike} buffer */
function isDetached(buffer) {
  try {
    return !new Uint8Array(buffer);
  } catch {
    return true;
  }
}

/** @param {boolean} lone */
const codecOf = (lone) => (lone ? STRING_WITH_SURROGATES : STRING);

/**
 * @param {string} text
 * @param {Buffer} bytes
 * @param {number} at
 */
function encodeAt(text, bytes, at) {
  const { written: length } = encoder.encodeInto(text, at === 0 ? bytes : bytes.subarray(at));
  // As many bytes as units is ASCII, which has no surrogates.
  const lone = length !== text.length && !text.isWellFormed();
  if (lone) restoreSurrogates(text, bytes, at);
  return { length, lone };
}

/**
 * Puts surrogates where `encodeInto` wrote U+FFFD for them; both take three bytes.
 *
 * @param {string} text
 * @param {Buffer} bytes
 * @param {number} at
 */
function restoreSurrogates(text, bytes, at) {
  for (const character of text) {
    const code = /** @type {number} */ (character.codePointAt(0));
    if (code >= 0xd800 && code <= 0xdfff) {
      bytes[at] = 0xed;
      bytes[at + 1] = 0x80 | ((code >> 6) & 0x3f);
      bytes[at + 2] = 0x80 | (code & 0x3f);
    }
    at += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
}

/**
 * The string of bytes that may hold surrogates.
 *
 * @param {Buffer} bytes
 */
function decode(bytes) {
  let text = "";
  let from = 0;
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + UNIT_BYTES)) {
    const second = bytes.readUInt8(at + 1);
    if (second < 0xa0) continue;
    const third = bytes.readUInt8(at + 2);
    text += bytes.toString("utf8", from, at) + String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
    from = at + UNIT_BYTES;
  }
  return text + bytes.toString("utf8", from);
}
