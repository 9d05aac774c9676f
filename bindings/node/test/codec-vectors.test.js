// Every row of tests/vectors/codec/compression.jsonl: in one call, on another thread, as a stream and as streams of Node.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { Codec, GwpluginsError } from "gwplugins";
import { configText, lines } from "./support/vectors.js";

/** @typedef {{ id: string, codec: string, input_hex: string, expect: { output_hex?: string, error?: string } }} Row */

/** @param {Buffer} data @param {number} size */
const cut = (data, size) =>
  Array.from({ length: Math.ceil(data.length / size) }, (_, index) => data.subarray(index * size, (index + 1) * size));

/** @param {number} size @returns {(codec: Codec, data: Buffer) => Buffer} */
const streamed = (size) => (codec, data) => {
  const stream = codec.stream("decompress");
  try {
    const parts = cut(data, size).map((chunk) => stream.push(chunk));
    return Buffer.concat([...parts, stream.finish()]);
  } finally {
    stream.close();
  }
};

/** @param {Codec} codec @param {Buffer} data */
async function piped(codec, data) {
  const transform = codec.transform("decompress");
  const [read] = await Promise.all([
    buffer(transform),
    pipeline(Readable.from(cut(data, 13), { objectMode: false }), transform),
  ]);
  return read;
}

/** @type {Record<string, (codec: Codec, data: Buffer) => Buffer | Promise<Buffer>>} */
const WAYS = {
  whole: (codec, data) => codec.decompress(data),
  "on another thread": (codec, data) => codec.decompressAsync(data),
  "byte by byte": streamed(1),
  "by seven bytes": streamed(7),
  "a stream of Node": piped,
};

/** @param {Row} row @param {string} config @param {(codec: Codec, data: Buffer) => Buffer | Promise<Buffer>} way */
async function outcome({ codec: name, input_hex }, config, way) {
  try {
    const codec = new Codec(name, config);
    return { output_hex: (await way(codec, Buffer.from(input_hex, "hex"))).toString("hex") };
  } catch (error) {
    if (!(error instanceof GwpluginsError)) throw error;
    return { error: error.name.slice("GWP_E_".length) };
  }
}

for (const [name, way] of Object.entries(WAYS)) {
  test(name, async () => {
    const rows = lines("codec/compression");
    assert(rows.length > 200);
    for (const line of rows) {
      /** @type {Row} */
      const row = JSON.parse(line);
      assert.deepEqual(await outcome(row, configText(line), way), row.expect, row.id);
    }
  });
}
