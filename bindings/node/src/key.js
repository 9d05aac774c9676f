// How a request names its keys: one value for each dimension of a limiter.

import { types } from "node:util";
import { fault } from "./errors.js";
import { checkedBytes } from "./text.js";

/** @import * as Api from "../index.js" */

export class KeyReader {
  #places;
  #count;

  /** @param {readonly string[]} dimensions */
  constructor(dimensions) {
    this.#count = dimensions.length;
    this.#places = new Map(dimensions.map((name, place) => [name, place]));
  }

  /**
   * The values in order; an empty one does not apply.
   *
   * @param {Api.LimiterKey} key
   */
  values(key) {
    if (typeof key === "string" || types.isUint8Array(key)) return this.#counted([value(key)]);
    if (Array.isArray(key)) return this.#counted(Array.from(key, value));
    // Of a Map or a Promise no dimension would be seen: the request would be allowed.
    if (!isPlain(key)) throw fault("GWP_E_BAD_TYPE", "a key is a string, a Uint8Array, an array or a plain object");
    return this.#named(/** @type {Record<string, unknown>} */ (key));
  }

  /** @param {Record<string, unknown>} key */
  #named(key) {
    /** @type {(string | Uint8Array)[]} */
    const values = Array(this.#count).fill("");
    for (const [name, given] of Object.entries(key)) {
      const place = this.#places.get(name);
      if (place === undefined) {
        throw fault("GWP_E_OUT_OF_RANGE", "the limiter has no dimension of a name that was given");
      }
      values[place] = value(given);
    }
    return values;
  }

  /** @param {(string | Uint8Array)[]} values */
  #counted(values) {
    if (values.length === this.#count) return values;
    throw fault("GWP_E_OUT_OF_RANGE", `${values.length} values for a limiter of ${this.#count} dimensions`);
  }
}

/** @param {unknown} given */
function value(given) {
  if (given === null || given === undefined) return "";
  return typeof given === "string" ? given : checkedBytes(given);
}

/** @param {unknown} key */
function isPlain(key) {
  if (typeof key !== "object" || key === null) return false;
  const parent = Object.getPrototypeOf(key);
  return parent === null || (Object.getPrototypeOf(parent) === null && Object.hasOwn(parent, "isPrototypeOf"));
}
