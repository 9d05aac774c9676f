// Worker threads: each loads the library for itself. The main thread of this file must not load it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

/** @param {string} body with `Guard`, `Limiter`, `Codec` and `port` */
function worker(body) {
  const source = `
    import { parentPort as port } from "node:worker_threads";
    import { Codec, Guard, Limiter } from "${new URL("../src/index.js", import.meta.url)}";
    ${body}`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
}

test("threads work side by side", async () => {
  const body = `
    const guard = new Guard("pii_filter");
    let found = 0;
    for (let call = 0; call < 20_000; call++) {
      found += guard.rewrite(call % 2 ? "Mail jane@example.com" : "clean").findings.length;
    }
    const later = await Promise.all(Array.from({ length: 100 }, () => guard.rewriteAsync("Mail jane@example.com")));
    guard.close();
    port.postMessage({ found, outputs: [...new Set(later.map((one) => one.output))] });`;
  const answers = await Promise.all(Array.from({ length: 4 }, async () => (await once(worker(body), "message"))[0]));
  for (const answer of answers) assert.deepEqual(answer, { found: 10_000, outputs: ["Mail [REDACTED]"] });
});

test("threads that share a limiter are never granted more than the quota", async () => {
  const owner = worker(`
    const limiter = new Limiter({ by_user: "10000/h" });
    port.once("message", () => {
      port.postMessage({ left: limiter.peek("ann", { nowNs: 1000 }).remaining });
      limiter.close();
    });
    port.postMessage(limiter.share());`);
  const [shared] = await once(owner, "message");
  const body = `
    port.once("message", (shared) => {
      const limiter = new Limiter(shared);
      let granted = 0;
      for (let call = 0; call < 2000; call++) granted += limiter.check("ann", { nowNs: 1000 }).allowed;
      const many = Array(100).fill("ann");
      for (let call = 0; call < 20; call++) {
        granted += limiter.checkMany(many, { nowNs: 1000 }).filter(({ allowed }) => allowed).length;
      }
      limiter.close();
      port.postMessage(granted);
    });`;
  const grants = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const thread = worker(body);
      thread.postMessage(shared);
      return (await once(thread, "message"))[0];
    }),
  );
  assert.equal(grants.reduce((sum, one) => sum + one, 0), 10_000);
  owner.postMessage("end");
  assert.deepEqual((await once(owner, "message"))[0], { left: 0 });
});

test("threads that take and end leases never hold more than there are", async () => {
  const owner = worker(`
    const limiter = new Limiter({ dimensions: [{ name: "model", concurrency: 3 }] });
    port.once("message", () => {
      port.postMessage(limiter.keyCount());
      limiter.close();
    });
    port.postMessage(limiter.share());`);
  const [shared] = await once(owner, "message");
  const held = new SharedArrayBuffer(8);
  const body = `
    port.once("message", ({ shared, held }) => {
      const limiter = new Limiter(shared);
      const count = new Int32Array(held);
      for (let call = 0; call < 3000; call++) {
        const lease = limiter.acquire("large");
        if (lease.number === 0n) continue;
        if (Atomics.add(count, 0, 1) >= 3) Atomics.add(count, 1, 1);
        Atomics.sub(count, 0, 1);
        lease.release();
      }
      limiter.close();
      port.postMessage("done");
    });`;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const thread = worker(body);
      thread.postMessage({ shared, held });
      await once(thread, "message");
    }),
  );
  assert.deepEqual([...new Int32Array(held)], [0, 0]);
  owner.postMessage("end");
  await once(owner, "message");
});

test("a shared limiter that was closed everywhere is refused", async () => {
  const owner = worker(`
    const limiter = new Limiter({ by_user: "1/h" });
    const shared = limiter.share();
    limiter.close();
    port.postMessage(shared);`);
  const [shared] = await once(owner, "message");
  const late = worker(`
    port.once("message", (shared) => {
      try { new Limiter(shared); } catch (error) { port.postMessage(error.name); }
    });`);
  late.postMessage(shared);
  assert.equal((await once(late, "message"))[0], "GWP_E_BAD_HANDLE");
});

test("codecs of several threads work side by side", async () => {
  const body = `
    const codec = new Codec("zstd");
    const data = Buffer.from("some text, again and again. ".repeat(1000));
    const packed = await Promise.all(Array.from({ length: 50 }, () => codec.compressAsync(data)));
    const back = await Promise.all(packed.map((one) => codec.decompressAsync(one)));
    codec.close();
    port.postMessage(back.every((one) => one.equals(data)));`;
  const answers = await Promise.all(Array.from({ length: 4 }, async () => (await once(worker(body), "message"))[0]));
  assert.deepEqual(answers, [true, true, true, true]);
});

test("an answer can be posted, and a guard cannot be used elsewhere", async () => {
  const body = `
    const guard = new Guard("pii_filter");
    port.postMessage({ answer: guard.rewrite("Mail jane@example.com"), guard });`;
  const [{ answer, guard }] = await once(worker(body), "message");
  assert.equal(answer.output, "Mail [REDACTED]");
  assert.equal(guard.scan, undefined);
});

test("a thread may be stopped during its calls", async () => {
  const body = `
    const guard = new Guard("pii_filter");
    const text = "jane@example.com 555-123-4567 ".repeat(40_000);
    for (let call = 0; call < 40; call++) guard.rewriteAsync(text);
    port.postMessage("busy");`;
  for (let round = 0; round < 5; round++) {
    const busy = worker(body);
    await once(busy, "message");
    await busy.terminate();
  }
});

test(
  "the library stays in the process when the thread that loaded it ends",
  { skip: process.platform !== "linux" },
  async () => {
    const thread = worker('new Guard("pii_filter").scan("x");');
    const [code] = await once(thread, "exit");
    assert.equal(code, 0);
    assert.match(readFileSync("/proc/self/maps", "utf8"), /libgwplugins/);
  },
);
