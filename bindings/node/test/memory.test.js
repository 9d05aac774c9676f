// Views of memory that is not V8's.

import assert from "node:assert/strict";
import { test } from "node:test";
import koffi from "koffi";
import { Cells, Window } from "../src/memory.js";

test("a window follows the address and the size", () => {
  const [one, other] = ["first text", "other text"].map((text) =>
    Buffer.from(new Uint8Array(Buffer.from(text)).buffer),
  );
  assert(one && other);
  const window = new Window((memory) => Buffer.from(memory));
  const seen = (/** @type {Buffer} */ bytes, /** @type {number} */ size) =>
    window.at(koffi.address(bytes), size).toString("utf8", 0, size);
  assert.equal(seen(one, 5), "first");
  assert.equal(seen(one, 10), "first text");
  assert.equal(seen(other, 10), "other text");
  assert.equal(seen(other, 5), "other");
  assert.equal(window.byteLength, 10);
  one.write("worst");
  assert.equal(seen(one, 5), "worst");
});

test("cells are what a call wrote to their addresses", () => {
  const cells = new Cells();
  const text = Buffer.from(new Uint8Array(Buffer.from("\u00fcber")).buffer);
  koffi.encode(cells.pointerAt, "uint64_t", koffi.address(text));
  koffi.encode(cells.countAt, "uint64_t", text.length);
  koffi.encode(cells.errorAt, "uint64_t", 7);
  assert.deepEqual([cells.pointer, cells.count, cells.error, cells.text()], [koffi.address(text), 5, 7n, "\u00fcber"]);
  koffi.encode(cells.countAt, "uint64_t", 0);
  assert.equal(cells.text(), "");
});
