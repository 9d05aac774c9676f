// Texts that arrive in chunks: the library's stream, and the streams of Node and of the web made of it.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { BlockedError, Guard, GwpluginsError } from "gwplugins";

/** @import { Rewrite, Scan } from "gwplugins" */

const guard = new Guard("pii_filter");
const blocking = new Guard("pii_filter", { block_on_detection: true });
const limited = new Guard("pii_filter", { max_text_bytes: 64 });
const TEXT = `\u{1f600} Mail jane@example.com, \ud800 then call 555-123-4567 \u{1f600}. `.repeat(40);
const BYTES = Buffer.from(TEXT.replaceAll("\ud800", ""));

/** @param {string | Buffer} text @param {number} size @returns {any[]} */
const cut = (text, size) =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));

/** @param {string} name */
const named = (name) => (/** @type {unknown} */ error) => error instanceof GwpluginsError && error.name === name;

test("the parts are the whole, wherever strings are cut", () => {
  const { output, findings } = guard.rewrite(TEXT);
  for (const size of [1, 2, 3, 64, 1000, TEXT.length]) {
    const stream = guard.stream();
    const parts = [...cut(TEXT, size).map((chunk) => stream.push(chunk)), stream.finish()];
    assert.equal(parts.map((part) => part.output).join(""), output);
    assert.deepEqual(
      parts.flatMap((part) => part.findings),
      findings,
    );
    stream.close();
  }
});

test("the parts are the whole, wherever bytes are cut", () => {
  const { output, findings } = guard.rewrite(BYTES);
  for (const size of [1, 3, 64, 1000]) {
    const stream = guard.stream({ input: "bytes" });
    const parts = [...cut(BYTES, size).map((chunk) => stream.push(chunk)), stream.finish()];
    assert.deepEqual(Buffer.concat(parts.map((part) => part.output)), output);
    assert.deepEqual(
      parts.flatMap((part) => part.findings),
      findings,
    );
    stream.close();
  }
});

test("a half of a pair at the end is kept", () => {
  const stream = guard.stream();
  const pushed = stream.push("jane@example.com \ud83d");
  const { output, verdict, changed, score, findings } = stream.finish();
  assert.equal(pushed.output + output, "[REDACTED] \ud83d");
  assert.deepEqual(
    { verdict, changed, score, found: findings.length },
    { verdict: "replace", changed: true, score: 950, found: 1 },
  );
});

test("a stream can only look", () => {
  const stream = guard.stream({ output: false, unit: "bytes" });
  const parts = [stream.push("\u00fc jane@exam"), stream.push("ple.com"), stream.finish()];
  assert.deepEqual(
    parts.map((part) => part.output),
    ["", "", ""],
  );
  assert.deepEqual(
    parts.flatMap((part) => part.findings).map(({ start, end }) => [start, end]),
    [[3, 19]],
  );
});

test("a stream ends once, and outlives its guard", () => {
  const short = new Guard("pii_filter");
  const stream = short.stream();
  short.close();
  const pushed = stream.push("jane@example.com");
  assert.equal(pushed.output + stream.finish().output, "[REDACTED]");
  assert.throws(() => stream.push("more"), named("GWP_E_FINISHED"));
  assert.throws(() => stream.finish(), named("GWP_E_FINISHED"));
  stream.close();
  stream.close();
  for (const use of [() => stream.push("more"), () => stream.finish()]) assert.throws(use, named("GWP_E_BAD_HANDLE"));
});

test("a stream over a limit stays failed", () => {
  const stream = limited.stream();
  assert.throws(() => stream.push("x".repeat(65)), named("GWP_E_TOO_LARGE"));
  assert.throws(() => stream.push("x"), named("GWP_E_FINISHED"));
});

test("a guard that must see the whole text does not stream", () => {
  const regex = new Guard("regex_filter");
  for (const make of [() => regex.stream(), () => regex.transform(), () => regex.webTransform()]) {
    assert.throws(make, named("GWP_E_UNSUPPORTED"));
  }
});

test("a transform of Node passes bytes", async () => {
  /** @type {Rewrite<Uint8Array>[]} */
  const parts = [];
  const transform = guard.transform({ onResult: (part) => void parts.push(part) });
  const written = buffer(transform);
  await pipeline(Readable.from(cut(BYTES, 100), { objectMode: false }), transform);
  const whole = guard.rewrite(BYTES);
  assert.deepEqual(await written, whole.output);
  assert.deepEqual(
    parts.flatMap((part) => part.findings),
    whole.findings,
  );
});

test("a transform of the web passes bytes", async () => {
  const chunks = [];
  for await (const chunk of new Blob([BYTES]).stream().pipeThrough(guard.webTransform())) chunks.push(chunk);
  assert.deepEqual(Buffer.concat(chunks), guard.rewrite(BYTES).output);
});

test("what onResult throws ends a transform", async () => {
  const transform = guard.transform({ onResult: () => assert.fail("enough") });
  await assert.rejects(pipeline(Readable.from(["text"], { objectMode: false }), transform), /enough/);
});

/** Runs chunks through a stream to its end. @param {any[]} chunks @param {string} way @param {Guard} by */
async function run(chunks, way, by) {
  /** @type {string[]} */
  const passed = [];
  if (way === "node") {
    const transform = by.transform({ input: "text" }).on("data", (chunk) => passed.push(chunk));
    await pipeline(Readable.from(chunks), transform);
  } else {
    const source = /** @type {ReadableStream<string>} */ (Readable.toWeb(Readable.from(chunks)));
    for await (const chunk of source.pipeThrough(by.webTransform({ input: "text" }))) passed.push(chunk);
  }
  return passed.join("");
}

for (const way of ["node", "web"]) {
  test(`content that must not pass ends a transform (${way})`, async () => {
    const chunks = ["clean ".repeat(1000), "jane@example.com", " more ".repeat(1000)];
    await assert.rejects(run(chunks, way, blocking), (error) => {
      assert(error instanceof BlockedError);
      assert.equal(error.message, "the content must not pass: email");
      return /** @type {Scan} */ (error.result).verdict === "block";
    });
  });

  test(`a limit ends a transform (${way})`, async () => {
    await assert.rejects(run(["x".repeat(65)], way, limited), named("GWP_E_TOO_LARGE"));
  });

  test(`a wrong chunk ends a transform (${way})`, async () => {
    await assert.rejects(run([1], way, guard), named("GWP_E_BAD_TYPE"));
  });

  test(`strings pass (${way})`, async () => {
    assert.equal(await run(cut(TEXT, 7), way, guard), guard.rewrite(TEXT).output);
  });
}
