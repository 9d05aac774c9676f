// The errors that users see. None holds scanned text.

import { CODES } from "./abi.js";

/** @implements {Api.GwpluginsError} @import * as Api from "../index.js" */
export class GwpluginsError extends Error {
  /**
   * @param {number} code
   * @param {string} name
   * @param {string} message
   * @param {string | null} path
   */
  constructor(code, name, message, path = null) {
    super(message);
    this.code = code;
    this.name = name;
    this.path = path;
  }
}

/**
 * An error that this binding raises itself.
 *
 * @param {keyof typeof CODES} name
 * @param {string} message
 */
export const fault = (name, message) => new GwpluginsError(CODES[name], name, message);

export class LibraryError extends Error {
  name = "LibraryError";
}

/** @implements {Api.BlockedError} */
export class BlockedError extends Error {
  name = "BlockedError";

  /** @param {Api.Scan} result */
  constructor(result) {
    const rules = new Set(result.findings.filter((found) => found.action === "block").map((found) => found.rule));
    super(`the content must not pass: ${[...rules].join(", ")}`);
    this.result = result;
  }
}
