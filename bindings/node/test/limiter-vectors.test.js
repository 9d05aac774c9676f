// Every trace of tests/vectors/limiter, by two ways to write a key.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GwpluginsError, Limiter } from "gwplugins";
import { configText, lines } from "./support/vectors.js";

/**
 * @import { Decision, LimiterKey } from "gwplugins"
 * @typedef {{ class: string, code: number, path?: string }} Fault
 * @typedef {{ op: string, now: number, key: (string | null)[], cost: number, lease: number }} Asked
 * @typedef {Asked & { reserved: number, reserved_at: number, actual: number, expect: any }} Step
 */

/** Microseconds as nanoseconds. @param {number} micros */
const ns = (micros) => BigInt(micros) * 1000n;

/** In the words of the vectors. @param {Decision} decision */
function told({ resetNs, retryAfterNs, nowNs, wouldRefuse, ...decision }) {
  const retry = retryAfterNs === null ? null : micros(retryAfterNs);
  return { ...decision, reset: micros(resetNs), retry, now: micros(nowNs), would_refuse: wouldRefuse };
}

/** @param {bigint} nanos */
function micros(nanos) {
  assert.equal(nanos % 1000n, 0n);
  return Number(nanos / 1000n);
}

/** @param {Limiter} limiter @param {LimiterKey} key @param {Step} step @returns {any} */
function done(limiter, key, step) {
  const { op, cost, actual } = step;
  const nowNs = ns(step.now);
  if (op === "check") return told(limiter.check(key, { cost, nowNs }));
  if (op === "peek") return told(limiter.peek(key, { cost, nowNs }));
  if (op === "release") return Number(limiter.release(key, step.lease, { nowNs }));
  if (op === "reset") return limiter.reset(key, { nowNs });
  if (op === "settle") {
    return told(limiter.settle(key, { reserved: step.reserved, reservedNs: ns(step.reserved_at), actual, nowNs }));
  }
  assert.equal(op, "acquire");
  const { decision, number } = limiter.acquire(key, { cost, nowNs });
  return { ...told(decision), lease: Number(number) };
}

/** @template T @param {() => T} work @returns {T | { error: Fault }} */
function outcome(work) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof GwpluginsError)) throw error;
    return { error: { class: "", code: error.code, path: error.path ?? "" } };
  }
}

/** @param {any} found @param {any} expect @param {string} where */
function same(found, expect, where) {
  if (typeof expect !== "object") return assert.equal(found, expect, where);
  if (expect.error) {
    const { class: _, path = "", ...error } = expect.error;
    return assert.deepEqual(found, { error: { ...error, path, class: "" } }, where);
  }
  const compared = Object.fromEntries(Object.entries(found).filter(([name]) => name in expect));
  assert.deepEqual(compared, expect, where);
}

/** @type {Record<string, (limiter: Limiter, key: (string | null)[]) => LimiterKey>} */
const WAYS = {
  "strings in order": (_, key) => key,
  "bytes by name": (limiter, key) =>
    key.length === limiter.dimensions.length
      ? Object.fromEntries(key.map((value, at) => [limiter.dimensions[at], value === null ? null : Buffer.from(value)]))
      : key,
};

for (const [way, written] of Object.entries(WAYS)) {
  test(way, (context) => {
    let steps = 0;
    const rows = lines("limiter/rate_limiter");
    for (const line of rows) {
      /** @type {{ id: string, steps?: Step[], expect?: any }} */
      const row = JSON.parse(line);
      const limiter = outcome(() => new Limiter(configText(line)));
      if (!(limiter instanceof Limiter)) {
        same(limiter, row.expect, row.id);
        continue;
      }
      for (const [number, step] of (row.steps ?? assert.fail(`${row.id}: not refused`)).entries()) {
        const found = outcome(() => done(limiter, written(limiter, step.key), step));
        same(found, step.expect, `${row.id}, step ${number} ${step.op}`);
        steps += 1;
      }
      limiter.close();
    }
    context.diagnostic(`${rows.length} rows, ${steps} steps`);
    assert(rows.length > 40 && steps > 150);
  });
}
