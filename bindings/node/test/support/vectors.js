// Reads tests/vectors/<kind>.jsonl, whose README.md says what the keys mean.

import { read } from "./checkout.js";

/**
 * @typedef {[string, number, number, string, number, ...string[]]} Found
 * @typedef {{ class: string, code: number, path: string }} Fault
 * @typedef {{ output?: string, output_hex?: string, error?: Fault }} Outcome
 * @typedef {Outcome & { findings?: Found[], details?: unknown[], score?: number }} Expected
 * @typedef {{ id: string, config: string, input: string | Buffer, expect: Expected }} Row
 */

/** The lines of a file of vectors. @param {string} name */
export const lines = (name) =>
  read(`tests/vectors/${name}.jsonl`)
    .split("\n")
    .filter((line) => line !== "");

/**
 * The rows of a kind.
 *
 * @param {string} kind
 * @returns {Row[]}
 */
export function rows(kind) {
  return lines(kind).map((line) => {
    const row = JSON.parse(line);
    const input = row.input_hex === undefined ? (row.input ?? "") : Buffer.from(row.input_hex, "hex");
    return { id: row.id, config: row.config_text ?? configText(line), input, expect: row.expect };
  });
}

/**
 * The configuration as it stands in the row: parsed and written again, `1.0` would become `1`.
 *
 * @param {string} line
 */
export function configText(line) {
  let depth = 0;
  let key = "";
  let from = 0;
  for (const { 0: token, index } of line.matchAll(/"(?:[^"\\]|\\.)*"(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token.startsWith('"')) {
      if (
        depth === 1 &&
        line
          .slice(index + token.length)
          .trimStart()
          .startsWith(":")
      )
        key = token;
    } else if (token === "{" || token === "[") {
      depth += 1;
      if (depth === 2 && key === '"config"') from = index;
    } else {
      depth -= 1;
      if (depth === 1 && key === '"config"') return line.slice(from, index + 1);
    }
  }
  throw new Error(`a row without a configuration: ${line}`);
}
