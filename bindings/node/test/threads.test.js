// Worker threads: each loads the library for itself. The main thread of this file must not load it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

/** @param {string} body with `Guard` and `port` */
function worker(body) {
  const source = `
    import { parentPort as port } from "node:worker_threads";
    import { Guard } from "${new URL("../src/index.js", import.meta.url)}";
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
