// One JSON line for each kind of text: time per call for SMALL_FILE, speed for BIG_FILE, 20 samples of each.
//
// Usage: node bench.mjs KIND CONFIG_JSON SMALL_FILE BIG_FILE

import { readFileSync } from "node:fs";
import { Guard } from "gwplugins";

const [kind = "pii_filter", config = "{}", smallFile = "", bigFile = ""] = process.argv.slice(2);
const guard = new Guard(kind, config);
const small = readFileSync(smallFile);
const big = readFileSync(bigFile);
const SAMPLES = 20;
const SAMPLE_NS = 2e7;

// What is timed must first be right: the string and the bytes tell the same, and rewriting agrees with scanning.
for (const bytes of [small, big]) {
  const text = bytes.toString();
  const { findings, verdict } = guard.scan(bytes);
  const rewritten = guard.rewrite(bytes);
  const same = Buffer.compare(rewritten.output, bytes) === 0;
  if (rewritten.changed === same) throw new Error("`changed` does not tell whether the output differs");
  if (verdict === "pass" && !same) throw new Error("text changed in which nothing was found");
  if (guard.scan(text).findings.length !== findings.length) throw new Error("string and bytes differ");
  if (guard.rewrite(text).output !== rewritten.output.toString()) throw new Error("outputs of string and bytes differ");
}

/** @param {string | Uint8Array} text @param {number} count */
function nsFor(text, count) {
  const began = process.hrtime.bigint();
  for (let done = 0; done < count; done++) guard.scan(text);
  return Number(process.hrtime.bigint() - began);
}

/** Nanoseconds for one call, `SAMPLES` times. @param {string | Uint8Array} text */
function samples(text) {
  let count = 1;
  // The first calls are not counted: V8 compiles what it has seen often.
  for (let warm = 0; warm < 10 * SAMPLE_NS;) warm += nsFor(text, 1);
  while (nsFor(text, count) < SAMPLE_NS * 1.2) count *= 2;
  return Array.from({ length: SAMPLES }, () => nsFor(text, count) / count);
}

/** @param {string} path @param {(bytes: Buffer) => string | Uint8Array} as */
function report(path, as) {
  const nsPerCall = samples(as(small));
  const mbPerS = samples(as(big)).map((ns) => (big.length / ns) * 1e3);
  const round = (/** @type {number[]} */ values) => values.map((value) => Math.round(value * 10) / 10);
  console.log(JSON.stringify({ host: "node", path, ns_per_call: round(nsPerCall), mb_per_s: round(mbPerS) }));
}

report("koffi-string", (bytes) => bytes.toString());
report("koffi-bytes", (bytes) => bytes);
