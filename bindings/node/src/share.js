// One limiter for several threads: shared memory counts who has it, and the last one frees it.

import { fault } from "./errors.js";

/** Places in the shared memory: the number of owners, the address, and a mark of the library that made it. */
const OWNERS = 0;
const ADDRESS = 1;
const MARK = 2;
const BYTES = 24;

/** What one owner knows about the others. */
export class Ownership {
  /** @type {BigUint64Array | null} null: there are no others */
  #cells = null;

  /**
   * Becomes an owner.
   *
   * @param {SharedArrayBuffer} shared
   * @param {bigint} mark of the library of this thread
   */
  join(shared, mark) {
    const cells = shared.byteLength === BYTES ? new BigUint64Array(shared) : null;
    if (cells?.[MARK] !== mark) throw fault("GWP_E_BAD_HANDLE", "this is no limiter of the loaded library");
    for (let owners = Atomics.load(cells, OWNERS); ; ) {
      if (owners === 0n) throw fault("GWP_E_BAD_HANDLE", "this limiter was closed everywhere");
      const found = Atomics.compareExchange(cells, OWNERS, owners, owners + 1n);
      if (found === owners) break;
      owners = found;
    }
    this.#cells = cells;
    return /** @type {bigint} */ (cells[ADDRESS]);
  }

  /**
   * What other threads join with.
   *
   * @param {bigint} address
   * @param {bigint} mark
   */
  share(address, mark) {
    this.#cells ??= new BigUint64Array(new SharedArrayBuffer(BYTES));
    if (this.#cells[MARK] === 0n) this.#cells.set([1n, address, mark]);
    return /** @type {SharedArrayBuffer} */ (this.#cells.buffer);
  }

  /** Ends the ownership; whether it was the last. */
  leave() {
    return this.#cells === null || Atomics.sub(this.#cells, OWNERS, 1n) === 1n;
  }
}
