// Texts made of what is hard: pairs, halves of pairs, characters whose UTF-8 begins like a surrogate's, every width.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Guard } from "gwplugins";
import { numbers } from "./support/numbers.js";

const ATOMS = ["jane@example.com", "555-123-4567", "\ud800", "\udfff", "\ud83d", "\ude00", "\u{1f600}", "\u{10ffff}"];
ATOMS.push(
  "\ud7ff",
  "\ue000",
  "\ud55c",
  "\uffff",
  "\ufeff",
  "\u00ed\u00a0\u0080",
  "\u00fc",
  "\u0000",
  " ",
  " ",
  " ",
  "word ",
);

const below = numbers(5);
const TEXTS = Array.from({ length: 3000 }, () =>
  Array.from({ length: below(below(10) === 0 ? 2000 : 12) }, () => ATOMS[below(ATOMS.length)]).join(""),
);
const guard = new Guard("pii_filter", { redaction_text: "<\u{1f512}>" });

test("findings are what is replaced, and nothing else changes", () => {
  let found = 0;
  for (const text of TEXTS) {
    const { findings, output, changed } = guard.rewrite(text);
    let rebuilt = "";
    let from = 0;
    for (const { start, end } of findings) {
      rebuilt += `${text.slice(from, start)}<\u{1f512}>`;
      from = end;
    }
    assert.equal(output, rebuilt + text.slice(from));
    assert.equal(changed, findings.length > 0);
    found += findings.length;
  }
  assert(found > 10_000, `${found}`);
});

test("a batch, and a stream cut anywhere, say the same", () => {
  const batch = guard.rewriteBatch(TEXTS);
  TEXTS.forEach((text, index) => {
    const whole = guard.rewrite(text);
    assert.deepEqual(batch[index], whole);
    const stream = guard.stream();
    const parts = [];
    for (let at = 0; at < text.length;) {
      const size = 1 + below(40);
      parts.push(stream.push(text.slice(at, at + size)));
      at += size;
    }
    parts.push(stream.finish());
    stream.close();
    assert.equal(parts.map((part) => part.output).join(""), whole.output);
    assert.deepEqual(
      parts.flatMap((part) => part.findings),
      whole.findings,
    );
  });
});
