// A handle of the library and its end: freed once, not while a call uses it, at the latest when its owner is gone.

import { fault } from "./errors.js";

/** Frees the handles of owners that were never closed. */
const forgotten = new FinalizationRegistry((/** @type {Handle} */ handle) => handle.close());

export class Handle {
  #address;
  #free;
  #users = 0;
  #closed = false;

  /**
   * @param {object} owner what users hold
   * @param {bigint} address
   * @param {(address: bigint) => void} free
   */
  constructor(owner, address, free) {
    this.#address = address;
    this.#free = free;
    forgotten.register(owner, this);
  }

  get address() {
    if (this.#closed) throw fault("GWP_E_BAD_HANDLE", "this guard, limiter, codec or stream is closed");
    return this.#address;
  }

  /** The address, valid until `release`, whatever is closed meanwhile. */
  hold() {
    const address = this.address;
    this.#users += 1;
    return address;
  }

  release() {
    this.#users -= 1;
    this.#freeUnused();
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#freeUnused();
  }

  #freeUnused() {
    if (this.#closed && this.#users === 0) this.#free(this.#address);
  }
}
