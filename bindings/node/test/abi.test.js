// abi.js says what include/gwplugins.h says.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as abi from "../src/abi.js";
import { read } from "./support/checkout.js";

const header = read("include/gwplugins.h");
const defined = new Map(
  [...header.matchAll(/^#define (GWP_\w+) (\d+)(?:ull)?$/gm)].map(([, name, value]) => [name, BigInt(value ?? 0)]),
);

/** @param {string} prefix */
const numbered = (prefix) => {
  const named = [...defined].filter(([name]) => name?.startsWith(prefix)).sort(([, one], [, other]) => Number(one - other));
  return named.map(([name]) => name?.slice(prefix.length).toLowerCase());
};

test("constants", () => {
  const same = {
    GWP_ABI_MAJOR: abi.ABI_MAJOR,
    GWP_ABI_MINOR: Math.max(abi.ABI_MINOR, ...Object.values(abi.FAMILIES).map(({ minor }) => minor)),
    GWP_CAP_OUTPUT: abi.CAP_OUTPUT,
    GWP_CAP_STREAM: abi.CAP_STREAM,
    GWP_CAP_DETAILS: abi.CAP_DETAILS,
    GWP_FINDING_ACTION: abi.FINDING_ACTION,
    GWP_FINDING_GUESS: abi.FINDING_GUESS,
    GWP_FINDING_DERIVED: abi.FINDING_DERIVED,
    GWP_FINDING_SCORE_SHIFT: abi.FINDING_SCORE_SHIFT,
    GWP_OUTPUT: abi.OUTPUT,
    GWP_DETAILS: abi.DETAILS,
    GWP_UNIT_BYTES: abi.UNITS.bytes,
    GWP_UNIT_CODE_POINTS: abi.UNITS.codePoints,
    GWP_UNIT_UTF16: abi.UNITS.utf16,
    GWP_NO_INDEX: abi.NO_INDEX,
    GWP_UNLIMITED: abi.NOTHING,
    GWP_NEVER: abi.NOTHING,
    GWP_LIMITER_PEEK: abi.LIMITER_PEEK,
    GWP_LIMITER_DRY_RUN: abi.LIMITER_DRY_RUN,
    GWP_DECISION_WOULD_REFUSE: abi.DECISION_WOULD_REFUSE,
    GWP_DECISION_BLOCKED: abi.DECISION_BLOCKED,
    ...abi.CODES,
  };
  for (const [name, value] of Object.entries(same)) assert.equal(BigInt(value), defined.get(name), name);
  assert.deepEqual(numbered("GWP_REQUEST_"), abi.OPERATIONS);
  assert.deepEqual(numbered("GWP_PART_"), abi.PARTS);
  assert.deepEqual(numbered("GWP_CODEC_"), abi.DIRECTIONS);
  assert.deepEqual(numbered("GWP_ACTION_"), abi.ACTIONS);
  assert.deepEqual(numbered("GWP_VERDICT_"), abi.VERDICTS);
});

test("the header is of the minor version that this package needs, or later", () => {
  assert.ok(abi.ABI_MINOR <= (defined.get("GWP_ABI_MINOR") ?? -1));
});

test("functions", () => {
  /** @param {string} c */
  const type = (c) => (c.includes("*") ? "void *" : c.trim().replace("gwp_status", "int32_t").split(" ")[0]);
  const prototypes = [...header.matchAll(/^(\w[\w ]*?[ *]+)(gwp_\w+)\(([^)]*)\);$/gm)].map(
    ([, result = "", name, given = ""]) => [
      name,
      [
        result.includes("char") ? result.trim() : result.trim() === "void" ? "void" : type(result),
        ...(given === "void" ? [] : given.split(",").map(type)),
      ],
    ],
  );
  const families = Object.values(abi.FAMILIES).map(({ functions }) => functions);
  assert.deepEqual(Object.fromEntries(prototypes), Object.assign({}, abi.FUNCTIONS, ...families));
});

test("a function belongs to the family whose minor brought it", () => {
  const since = [...header.matchAll(/Since: ABI 1\.(\d+)\.(?:(?!\*\/)[^])*\*\/\s+[^;]*?(gwp_\w+)\(/g)];
  for (const [, minor, name = ""] of since) {
    const family = Object.values(abi.FAMILIES).find(({ functions }) => name in functions);
    assert.equal(family?.minor ?? abi.ABI_MINOR, Number(minor), name);
  }
  const families = Object.values(abi.FAMILIES).map(({ functions }) => functions);
  assert.equal(since.length, Object.keys(Object.assign({}, abi.FUNCTIONS, ...families)).length);
});

test("records", () => {
  /** Where fields begin, in 32-bit words, and the size in bytes. @param {string} name */
  const layout = (name) => {
    const [, body = ""] = new RegExp(`typedef struct \\{([^}]*)\\} ${name};`).exec(header) ?? [];
    const fields = [...body.matchAll(/uint(32|64)_t (\w+);/g)];
    let at = 0;
    /** @type {Record<string, number>} */
    const words = {};
    for (const [, bits, field = ""] of fields) {
      words[field.replace(/_(.)/g, (_, letter) => letter.toUpperCase())] = at;
      at += Number(bits) / 32;
    }
    return { words, bytes: at * 4 };
  };
  assert.deepEqual(layout("gwp_finding"), { words: abi.FINDING, bytes: abi.RECORD_BYTES });
  assert.deepEqual(layout("gwp_item"), { words: { ...abi.ITEM, reserved: 3 }, bytes: abi.RECORD_BYTES });
  assert.deepEqual(layout("gwp_decision"), { words: abi.DECISION, bytes: abi.DECISION_BYTES });
  assert.deepEqual(layout("gwp_limiter_request"), { words: abi.REQUEST, bytes: abi.REQUEST_BYTES });
});
