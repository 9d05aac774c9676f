// Every row of the vectors of every kind, by every way to ask: string and bytes, batch, another thread, stream.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Guard, GwpluginsError, kinds } from "gwplugins";
import { rows } from "./support/vectors.js";

/**
 * @import { Finding, Rewrite, Text } from "gwplugins"
 * @import { Expected, Found, Row } from "./support/vectors.js"
 */

const DETAILS = { details: true };

/** @param {readonly Finding[]} findings */
const told = (findings) =>
  findings.map(({ rule, start, end, action, score, guess, derived }) => [
    ...[rule, start, end, action, score],
    ...(guess ? ["guess"] : []),
    ...(derived ? ["derived"] : []),
  ]);

/** What the library says, with the keys of `expect`. @param {Rewrite<any>} answer @param {Expected} expect */
function answered({ findings, score, output }, expect) {
  const details = findings.map((one) => one.detail);
  const all = { findings: told(findings), details, score, output, output_hex: Buffer.from(output).toString("hex") };
  return Object.fromEntries(Object.entries(all).filter(([key]) => key in expect));
}

/** The findings that a row expects, with the offsets of JavaScript. @param {string} input @param {Found[]} findings */
function inUtf16(input, findings) {
  const ends = [0];
  for (const character of input) ends.push(/** @type {number} */ (ends.at(-1)) + character.length);
  return findings.map(([rule, start, end, ...rest]) => [rule, ends[start], ends[end], ...rest]);
}

/** The answer in chunks of a size. @param {Guard} guard @param {string | Buffer} input @param {number} size */
function streamed(guard, input, size) {
  const isText = typeof input === "string";
  const stream = guard.stream({ input: isText ? "text" : "bytes", ...DETAILS });
  const parts = [];
  for (let at = 0; at < input.length; at += size) parts.push(stream.push(input.slice(at, at + size)));
  parts.push(stream.finish());
  stream.close();
  const outputs = parts.map((part) => part.output);
  return {
    findings: parts.flatMap((part) => part.findings),
    output: isText ? outputs.join("") : Buffer.concat(/** @type {Uint8Array[]} */ (outputs)),
  };
}

/** Every way to ask says what the row expects; whether one was a stream. @param {Guard} guard @param {Row} row */
async function check(guard, { input, expect }) {
  const whole = guard.rewrite(input, DETAILS);
  const isText = typeof input === "string";
  assert.deepEqual(answered(isText ? guard.rewrite(input, { unit: "codePoints", ...DETAILS }) : whole, expect), expect);
  assert.equal(whole.changed, !same(whole.output, input));
  if (!whole.changed) assert.equal(whole.output, input);
  if (isText && expect.findings) assert.deepEqual(told(whole.findings), inUtf16(input, expect.findings));

  const { output, changed, ...scanned } = whole;
  assert.deepEqual(guard.scan(input, DETAILS), { ...scanned, changed: false });
  assert.deepEqual(guard.rewriteBatch([input, input], DETAILS), [whole, whole]);
  assert.deepEqual(await guard.rewriteAsync(input, DETAILS), whole);
  if (!streams(guard)) return false;
  for (const size of [1, 7]) assert.deepEqual(streamed(guard, input, size), { findings: whole.findings, output });
  return true;
}

/** Whether a guard streams: its configuration may exclude it. @param {Guard} guard */
function streams(guard) {
  try {
    guard.stream().close();
    return true;
  } catch (error) {
    if (error instanceof GwpluginsError && error.name === "GWP_E_UNSUPPORTED") return false;
    throw error;
  }
}

/** @param {Text} one @param {Text} other */
const same = (one, other) => Buffer.from(one).equals(Buffer.from(other)) && typeof one === typeof other;

/** Checks a row. @param {string} kind @param {Row} row */
async function outcome(kind, row) {
  let guard;
  try {
    guard = new Guard(kind, row.config);
    return { streamed: await check(guard, row) };
  } catch (error) {
    if (!(error instanceof GwpluginsError)) throw error;
    return { streamed: false, fault: { code: error.code, path: error.path ?? "" } };
  } finally {
    guard?.close();
  }
}

for (const { name, capabilities } of kinds()) {
  test(name, async (context) => {
    const all = rows(name);
    assert.notEqual(all.length, 0);
    let streamed = 0;
    for (const row of all) {
      const { class: _, ...expected } = row.expect.error ?? {};
      const said = await outcome(name, row).catch((cause) => assert.fail(new Error(`row ${row.id}`, { cause })));
      assert.deepEqual(said.fault, row.expect.error && expected, `row ${row.id}`);
      streamed += Number(said.streamed);
    }
    context.diagnostic(`${all.length} rows, ${streamed} of them as a stream too`);
    assert.equal(streamed > 0, capabilities.stream);
  });
}
