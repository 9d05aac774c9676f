// Who frees what and when. Real frees are counted: the counter stands before the library's function, not in its place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Codec, Guard, GwpluginsError, Limiter } from "gwplugins";
import { library } from "../src/library.js";

const { functions } = library().need("limiters").need("codecs");
const MAIL = "Mail jane@example.com";
const CLOSED = (/** @type {unknown} */ error) => error instanceof GwpluginsError && error.name === "GWP_E_BAD_HANDLE";
/** A megabyte that takes long enough for something to happen meanwhile. */
const LONG = "jane@example.com 555-123-4567 ".repeat(40_000);
const DEADLINE_MS = 30_000;

/** How often a function was called since. @param {keyof typeof functions} name */
function counted(name) {
  const real = functions[name];
  let count = 0;
  const counter = (/** @type {unknown[]} */ ...given) => {
    count += 1;
    return real(...given);
  };
  functions[name] = Object.assign(counter, { async: real.async, info: real.info });
  return () => count;
}

/** Collects garbage until it is true. @param {() => boolean} condition */
async function collectUntil(condition) {
  const { gc } = globalThis;
  assert(gc, "run with --expose-gc");
  for (const end = Date.now() + DEADLINE_MS; !condition(); await setImmediate()) {
    assert(Date.now() < end, "it was never freed");
    gc();
  }
}

test("close frees once, and every use after it is an error", async () => {
  const freed = counted("gwp_guard_free");
  const guard = new Guard("pii_filter");
  guard.close();
  guard.close();
  guard[Symbol.dispose]();
  assert.equal(freed(), 1);
  /** @type {any} */
  const untyped = guard;
  const uses = {
    scan: "x",
    rewrite: "x",
    scanBatch: [],
    rewriteBatch: [],
    stream: {},
    transform: {},
    webTransform: {},
  };
  for (const [use, given] of Object.entries(uses)) assert.throws(() => untyped[use](given), CLOSED);
  assert.throws(() => guard.describe(), CLOSED);
  for (const use of [guard.scanAsync("x"), guard.rewriteAsync("x")]) await assert.rejects(use, CLOSED);
});

test("forgotten guards and streams are freed, once each", async () => {
  const [guards, streams] = [counted("gwp_guard_free"), counted("gwp_stream_free")];
  const kept = new Guard("pii_filter");
  (() => {
    for (let made = 0; made < 100; made++) {
      new Guard("pii_filter").scan(MAIL);
      kept.stream().push(MAIL);
    }
    new Guard("pii_filter").close();
    kept.stream().close();
  })();
  await collectUntil(() => guards() === 101 && streams() === 101);
  await collectUntil(() => true);
  assert.deepEqual([guards(), streams()], [101, 101]);
  assert.equal(kept.scan(MAIL).verdict, "replace");
});

test("forgotten limiters, codecs and their streams are freed, once each; shared limiters with the last", async () => {
  const [limiters, codecs] = [counted("gwp_limiter_free"), counted("gwp_codec_free")];
  const streams = counted("gwp_codec_stream_free");
  const kept = new Limiter({ by_user: "1/h" });
  const shared = kept.share();
  (() => {
    for (let made = 0; made < 100; made++) {
      new Limiter({ by_user: "1/h" }).check("ann");
      new Limiter(shared).check(`${made}`);
      const codec = new Codec("gzip");
      codec.compress(Buffer.from(MAIL));
      codec.stream("compress").push(Buffer.from(MAIL));
      codec.transform("decompress").destroy();
    }
    new Limiter().close();
    new Codec("gzip").close();
  })();
  const counts = () => [limiters(), codecs(), streams()];
  await collectUntil(() => `${counts()}` === "101,101,200");
  await collectUntil(() => true);
  assert.deepEqual(counts(), [101, 101, 200]);
  assert.equal(kept.keyCount(), 100);
  kept.close();
  await collectUntil(() => limiters() === 102);
});

test("a codec closed during calls on other threads is freed after them", async () => {
  const freed = counted("gwp_codec_free");
  const codec = new Codec("zstd");
  const data = Buffer.from(LONG);
  const calls = Array.from({ length: 20 }, () => codec.compressAsync(data));
  codec.close();
  assert.equal(freed(), 0);
  await Promise.all(calls);
  assert.equal(freed(), 1);
});

test("many decisions and many bombs do not grow", async () => {
  const limiter = new Limiter({ by_user: "1/h" });
  const codec = new Codec("gzip", { max_output_bytes: 30_000_000 });
  const bomb = new Codec("gzip").compress(Buffer.alloc(40_000_000));
  const calls = (/** @type {number} */ count) => {
    for (let call = 0; call < count; call++) limiter.check("ann", { details: call % 16 === 0 });
    for (let call = 0; call < count / 25_000; call++) assert.throws(() => codec.decompress(bomb));
  };
  const used = async () => {
    await collectUntil(() => true);
    globalThis.gc?.();
    // What V8 keeps for itself comes and goes.
    const { rss, heapTotal } = process.memoryUsage();
    return rss - heapTotal;
  };
  calls(100_000);
  const before = await used();
  calls(400_000);
  assert((await used()) - before < 16e6, "more than 16 MB");
});

test("a guard closed during calls on other threads is freed after them", async () => {
  const freed = counted("gwp_guard_free");
  const guard = new Guard("pii_filter");
  const { output } = guard.rewrite(LONG);
  const calls = Array.from({ length: 50 }, () => guard.rewriteAsync(LONG));
  guard.close();
  let done = 0;
  const answers = await Promise.all(
    calls.map(async (call) => {
      const answer = await call;
      done += 1;
      if (done < calls.length) assert.equal(freed(), 0);
      return answer;
    }),
  );
  for (const answer of answers) assert(answer.output === output);
  assert.equal(freed(), 1);
  assert.throws(() => guard.scan(MAIL), CLOSED);
});

test("a guard forgotten during a call on another thread is freed after it", async () => {
  const freed = counted("gwp_guard_free");
  const call = new Guard("pii_filter").rewriteAsync(LONG);
  globalThis.gc?.();
  assert((await call).changed);
  await collectUntil(() => freed() === 1);
});

test("a call on another thread reads the text as it was", async () => {
  const guard = new Guard("pii_filter");
  const expected = guard.rewrite(Buffer.from(LONG)).output;
  const changed = Buffer.from(LONG);
  const moved = new Uint8Array(Buffer.from(LONG));
  const calls = [guard.rewriteAsync(changed), guard.rewriteAsync(moved)];
  changed.fill("x");
  structuredClone(moved, { transfer: [moved.buffer] });
  for (const call of calls) assert(Buffer.compare((await call).output, expected) === 0);
});

test("more calls than koffi takes at once wait for their turn", async () => {
  const made = counted("gwp_result_new");
  const guard = new Guard("pii_filter");
  const answers = await Promise.all(Array.from({ length: 2000 }, (_, index) => guard.rewriteAsync(`${index} ${MAIL}`)));
  answers.forEach(({ output }, index) => assert.equal(output, `${index} Mail [REDACTED]`));
  assert(made() <= 32, `${made()} results were made`);
  const failing = new Guard("pii_filter", { max_text_bytes: 8 });
  const settled = await Promise.allSettled(Array.from({ length: 100 }, () => failing.scanAsync(MAIL)));
  assert(settled.every(({ status }) => status === "rejected"));
  assert.equal((await guard.rewriteAsync(MAIL)).output, "Mail [REDACTED]");
});

test("results are used again, and given up when they are large", () => {
  const guard = new Guard("pii_filter");
  guard.rewrite(MAIL);
  const [made, freed] = [counted("gwp_result_new"), counted("gwp_result_free")];
  for (let call = 0; call < 100; call++) guard.rewrite(MAIL);
  assert.deepEqual([made(), freed()], [0, 0]);
  const failing = new Guard("pii_filter", { max_text_bytes: 8 });
  for (let call = 0; call < 100; call++) assert.throws(() => failing.scan(MAIL));
  assert.deepEqual([made(), freed()], [0, 0]);
  guard.rewrite(LONG);
  assert.equal(freed(), 1);
});

test("a million calls do not grow", async () => {
  const guard = new Guard("pii_filter");
  const stringAndBytes = [MAIL, Buffer.from(MAIL)];
  const calls = (/** @type {number} */ count) => {
    for (let call = 0; call < count; call++) for (const text of stringAndBytes) guard.rewrite(text);
  };
  const used = async () => {
    await collectUntil(() => true);
    globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  calls(50_000);
  const before = await used();
  calls(500_000);
  assert((await used()) - before < 16e6, "more than 16 MB");
});
