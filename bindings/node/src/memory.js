// Memory that the library reads and writes while a call runs, and the library's own memory seen from here.
//
// Addresses are taken once and kept: to pass a bigint costs less than to pass an array. That is safe for an array whose
// ArrayBuffer was made by itself (V8 moves small arrays that have none) and lives as long as the address is used.

import koffi from "koffi";

/** Out-parameters of one call: a pointer, a count, an error. Little-endian, as all platforms of koffi are. */
export class Cells {
  #values = new BigUint64Array(new ArrayBuffer(24));

  constructor() {
    const base = koffi.address(this.#values);
    this.pointerAt = base;
    this.countAt = base + 8n;
    this.errorAt = base + 16n;
  }

  get pointer() {
    return /** @type {bigint} */ (this.#values[0]);
  }

  get count() {
    return Number(this.#values[1]);
  }

  /** The count as it is, for numbers beyond 2^53. */
  get long() {
    return /** @type {bigint} */ (this.#values[1]);
  }

  /** What a function wrote to half of the count; the other half may hold what an earlier call wrote. */
  get half() {
    return Number(this.long & 0xffff_ffffn);
  }

  get error() {
    return /** @type {bigint} */ (this.#values[2]);
  }

  /** A copy of the UTF-8 text that pointer and count describe. */
  text() {
    return this.count === 0 ? "" : koffi.decode.string(this.pointer, this.count);
  }
}

/**
 * Memory of the library, to be read before the next call. A result uses the same memory again and again, and a view of
 * it costs more than a short scan, so it is kept until the address moves or more is asked for.
 *
 * @template {Uint8Array | Uint32Array} View
 */
export class Window {
  /** How much was seen at once. */
  byteLength = 0;
  #address = 0n;
  #view;
  #wrap;

  /** @param {(memory: ArrayBuffer) => View} wrap */
  constructor(wrap) {
    this.#wrap = wrap;
    this.#view = wrap(new ArrayBuffer(0));
  }

  /**
   * @param {bigint} address
   * @param {number} bytes
   */
  at(address, bytes) {
    if (address !== this.#address || bytes > this.byteLength) {
      this.#view = this.#wrap(koffi.view(address, bytes));
      this.#address = address;
      this.byteLength = bytes;
    }
    return this.#view;
  }
}
