// Whole numbers as the library takes them.

import { NOTHING } from "./abi.js";
import { fault } from "./errors.js";

/**
 * A number of 64 bits without a sign.
 *
 * @param {unknown} value
 * @param {string} what
 */
export function whole(value, what) {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  if (typeof value !== "bigint" || value < 0n) {
    throw fault("GWP_E_BAD_TYPE", `${what} is no whole number from 0 on, or one beyond 2^53 that is no bigint`);
  }
  if (value > NOTHING) throw fault("GWP_E_OUT_OF_RANGE", `${what} is over 2^64 - 1`);
  return value;
}

/**
 * A number of 64 bits with a sign.
 *
 * @param {unknown} value
 * @param {string} what
 */
export function signed(value, what) {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) return value;
  throw fault("GWP_E_BAD_TYPE", `${what} is no whole number of 64 bits, or one beyond 2^53 that is no bigint`);
}
