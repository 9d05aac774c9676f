// What a guard takes and gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { abiVersion, Guard, GwpluginsError, kinds, load, version } from "gwplugins";
import { read } from "./support/checkout.js";

const MAIL = "Mail jane@example.com";
const guard = new Guard("pii_filter");
/** @type {any} */
const untyped = guard;

/** @param {number} code @param {string} name @param {string | null} [path] */
const failing =
  (code, name, path = null) =>
  (/** @type {unknown} */ error) => {
    assert(error instanceof GwpluginsError && error instanceof Error);
    assert.deepEqual({ code: error.code, name: error.name, path: error.path }, { code, name, path });
    assert.notEqual(error.message, "");
    return true;
  };
const BAD_TYPE = failing(9, "GWP_E_BAD_TYPE");

test("the library tells what it is", () => {
  assert.equal(abiVersion() >>> 16, 1);
  assert.equal(version(), JSON.parse(read("bindings/node/package.json")).version);
  assert.equal(load(), load());
  const pii = kinds().find((kind) => kind.name === "pii_filter");
  assert.deepEqual(pii?.capabilities, { output: true, stream: true, details: false });
  assert.equal(pii?.schema["type"], "object");
});

test("scan finds and builds nothing; rewrite does both", () => {
  const finding = { start: 5, end: 21, rule: "email", ruleIndex: 0, action: "replace", guess: false, derived: false };
  const { findings, ...scanned } = guard.scan(MAIL);
  assert.deepEqual(scanned, { verdict: "replace", score: 950, changed: false });
  const { ruleIndex = -1 } = findings[0] ?? {};
  assert.deepEqual(findings, [{ ...finding, ruleIndex, score: 950, detail: null }]);
  assert.equal(guard.describe().rules[ruleIndex]?.name, "email");
  assert.deepEqual(guard.rewrite(MAIL), { ...scanned, findings, changed: true, output: "Mail [REDACTED]" });
});

test("text that stays as it is comes back as the same object", () => {
  const bytes = Buffer.from("clean");
  assert.equal(guard.rewrite(bytes).output, bytes);
  assert.deepEqual(guard.rewrite("clean"), {
    verdict: "pass",
    score: 0,
    changed: false,
    findings: [],
    output: "clean",
  });
});

test("offsets count what the text is made of, or what is asked for", () => {
  const text = `\u00fc\u{1f600} ${MAIL}`;
  const bytes = Buffer.from(text);
  /** @param {string | Buffer} given @param {"utf16" | "bytes" | "codePoints"} [unit] */
  const starts = (given, unit) => guard.scan(given, unit && { unit }).findings.map(({ start, end }) => [start, end]);
  assert.deepEqual(starts(text), [[9, 25]]);
  assert.equal(text.slice(9, 25), "jane@example.com");
  assert.deepEqual(starts(bytes), [[12, 28]]);
  assert.equal(bytes.toString("utf8", 12, 28), "jane@example.com");
  for (const given of [text, bytes]) {
    assert.deepEqual(
      [starts(given, "utf16"), starts(given, "bytes"), starts(given, "codePoints")],
      [[[9, 25]], [[12, 28]], [[8, 24]]],
    );
  }
});

test("surrogates without a partner are kept", () => {
  const text = `\ud800 ${MAIL} \udc00\ud83d\u{1f600}\ud7ff\ue000\ud800\ud83d`;
  const { output, findings } = guard.rewrite(text);
  assert.equal(output, text.replace("jane@example.com", "[REDACTED]"));
  assert.deepEqual([findings[0]?.start, findings[0]?.end], [7, 23]);
  assert.deepEqual(
    guard.rewriteBatch(["\ud800", text]).map((one) => one.output),
    ["\ud800", output],
  );
});

test("bytes may be anything", () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0x00, 0xed, 0xa0]), Buffer.from(MAIL), Buffer.from([0xc3])]);
  const expected = Buffer.concat([
    Buffer.from([0xff, 0x00, 0xed, 0xa0]),
    Buffer.from("Mail [REDACTED]"),
    Buffer.from([0xc3]),
  ]);
  assert.deepEqual(guard.rewrite(bytes).output, expected);
  const shared = new Uint8Array(new SharedArrayBuffer(MAIL.length));
  shared.set(Buffer.from(MAIL));
  for (const given of [
    new Uint8Array(Buffer.from(MAIL)),
    shared,
    runInNewContext("Uint8Array").from(Buffer.from(MAIL)),
  ]) {
    assert.equal(Buffer.from(guard.rewrite(given).output).toString(), "Mail [REDACTED]");
  }
  assert.equal(guard.scan(new Uint8Array(0)).verdict, "pass");
});

test("output does not change with the next call", () => {
  const first = guard.rewrite(Buffer.from(MAIL)).output;
  guard.rewrite(Buffer.from(`Another ${MAIL}`));
  assert.equal(Buffer.from(first).toString(), "Mail [REDACTED]");
});

test("a batch answers for each text", () => {
  const texts = ["clean", MAIL, "", `\u{1f600} ${MAIL}`, `${MAIL} ${MAIL}`];
  assert.deepEqual(
    guard.rewriteBatch(texts),
    texts.map((text) => guard.rewrite(text)),
  );
  assert.deepEqual(
    guard.scanBatch(texts),
    texts.map((text) => guard.scan(text)),
  );
  const bytes = texts.map((text) => Buffer.from(text));
  assert.deepEqual(
    guard.rewriteBatch(bytes),
    bytes.map((text) => guard.rewrite(text)),
  );
  assert.deepEqual(guard.rewriteBatch([]), []);
});

test("batches and texts of any size", () => {
  const long = `${"no number here. ".repeat(400_000)}${MAIL}`;
  assert.equal(guard.rewrite(long).output, long.replace("jane@example.com", "[REDACTED]"));
  const wide = `\u4e2d${long}`;
  assert.equal(guard.rewrite(wide).output, wide.replace("jane@example.com", "[REDACTED]"));
  const many = Array.from({ length: 30_000 }, (_, index) => (index % 3 === 0 ? MAIL : `text number ${index}`));
  assert.deepEqual(
    guard.scanBatch([...many, long]),
    [...many, long].map((text) => guard.scan(text)),
  );
});

test("details", () => {
  const repair = new Guard("json_repair");
  assert.equal(repair.scan("[1,]").findings[0]?.detail, null);
  const { detail } = repair.scan("[1,]", { details: true }).findings[0] ?? {};
  assert.deepEqual(detail, { kind: "trailing_comma", offset: 2, removed: ",", inserted: "" });
});

test("a configuration is JSON text, an object, or nothing", () => {
  for (const config of [{ detect_email: false }, '{"detect_email": false}']) {
    assert.equal(new Guard("pii_filter", config).scan(MAIL).verdict, "pass");
  }
  for (const config of [undefined, null, "", "{}", {}]) {
    assert.equal(new Guard("pii_filter", config).scan(MAIL).verdict, "replace");
  }
});

test("refused configurations name the value", () => {
  const circular = {};
  Object.assign(circular, { self: circular });
  assert.throws(() => new Guard("nope"), failing(20, "GWP_E_UNKNOWN_KIND"));
  assert.throws(() => new Guard("pii_filter", "{"), failing(21, "GWP_E_CONFIG_SYNTAX"));
  assert.throws(() => new Guard("pii_filter", '{"a": "\ud800"}'), failing(21, "GWP_E_CONFIG_SYNTAX"));
  assert.throws(() => new Guard("pii_filter", { colour: 1 }), failing(22, "GWP_E_CONFIG_KEY", "$.colour"));
  assert.throws(
    () => new Guard("pii_filter", { max_text_bytes: NaN }),
    failing(23, "GWP_E_CONFIG_TYPE", "$.max_text_bytes"),
  );
  assert.throws(() => new Guard("pii_filter", []), failing(23, "GWP_E_CONFIG_TYPE", "$"));
  for (const config of [circular, { max_text_bytes: 1n }]) {
    assert.throws(() => new Guard("pii_filter", config), failing(21, "GWP_E_CONFIG_SYNTAX"));
  }
  for (const config of [1, true, () => 1]) {
    assert.throws(() => new Guard("pii_filter", /** @type {any} */ (config)), BAD_TYPE);
  }
  assert.throws(() => new Guard(/** @type {any} */ (1)), BAD_TYPE);
});

test("what is no text is refused", async () => {
  const transferred = new Uint8Array(8);
  structuredClone(transferred, { transfer: [transferred.buffer] });
  for (const text of [
    undefined,
    null,
    1,
    {},
    [MAIL],
    new String(MAIL),
    new ArrayBuffer(8),
    new Uint16Array(8),
    transferred,
  ]) {
    for (const call of ["scan", "rewrite"]) assert.throws(() => untyped[call](text), BAD_TYPE);
    for (const call of ["scanBatch", "rewriteBatch"]) assert.throws(() => untyped[call]([text]), BAD_TYPE);
    for (const call of ["scanAsync", "rewriteAsync"]) await assert.rejects(untyped[call](text), BAD_TYPE);
    assert.throws(() => untyped.stream().push(text), BAD_TYPE);
    assert.throws(() => untyped.stream({ input: "bytes" }).push(text), BAD_TYPE);
  }
  for (const batch of [MAIL, undefined, [MAIL, Buffer.from(MAIL)], new Set([MAIL])]) {
    assert.throws(() => untyped.scanBatch(batch), BAD_TYPE);
  }
});

test("unknown options are refused", () => {
  assert.throws(() => untyped.scan(MAIL, { unit: "words" }), failing(3, "GWP_E_BAD_FLAG"));
  assert.throws(() => untyped.scan(MAIL, { unit: "toString" }), failing(3, "GWP_E_BAD_FLAG"));
  for (const call of ["stream", "transform", "webTransform"]) {
    assert.throws(() => untyped[call]({ input: "words" }), BAD_TYPE);
  }
});

test("content over a limit is an error, in every way to ask, and never quoted", async () => {
  const limited = new Guard("pii_filter", { max_text_bytes: 16, max_findings: 1 });
  const TOO_LARGE = failing(40, "GWP_E_TOO_LARGE");
  for (const given of [MAIL, Buffer.from(MAIL)]) {
    assert.throws(() => limited.scan(given), TOO_LARGE);
    assert.throws(
      () => limited.rewrite(given),
      (error) => TOO_LARGE(error) && !String(/** @type {Error} */ (error).stack).includes("jane"),
    );
    await assert.rejects(limited.rewriteAsync(given), TOO_LARGE);
    assert.throws(() => limited.rewriteBatch([given]), TOO_LARGE);
  }
  assert.throws(() => limited.rewriteBatch(["clean", MAIL]), TOO_LARGE);
  assert.throws(() => limited.scan("a@b.org c@d.org"), failing(43, "GWP_E_TOO_MANY_FINDINGS"));
  assert.equal(limited.scan("clean").verdict, "pass");
});
