// What a codec takes and gives: one call, another thread, chunks, streams of Node and of the web.

import assert from "node:assert/strict";
import { Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import zlib from "node:zlib";
import { chooseCodec, Codec, codecs, codecSchema, GwpluginsError, trainDictionary } from "gwplugins";
import { numbers } from "./support/numbers.js";

/** @import { Direction } from "gwplugins" */

const below = numbers(11);
const TEXT = Buffer.from('{"id": 17, "name": "Ada", "tags": ["a", "b"], "note": null}\n'.repeat(4000));
const NOISE = Buffer.from(Array.from({ length: 50_000 }, () => below(256)));
const MEGABYTES = Buffer.alloc(8_000_000, "x");

/** @param {string} name */
const named = (name) => (/** @type {unknown} */ error) => {
  assert(error instanceof GwpluginsError, `${error}`);
  assert.equal(error.name, name);
  assert(!error.message.includes("Ada"));
  return true;
};
const BAD_TYPE = named("GWP_E_BAD_TYPE");
const CLOSED = named("GWP_E_BAD_HANDLE");

/** Chunks of random sizes, none among them. @param {Buffer} data @param {number} most */
function* cut(data, most) {
  for (let at = 0; at < data.length;) {
    const size = below(most + 1);
    yield data.subarray(at, at + size);
    at += size;
  }
}

/** @param {Codec} codec @param {Direction} direction @param {Buffer} data */
function streamed(codec, direction, data) {
  const stream = codec.stream(direction);
  const parts = [];
  for (const chunk of cut(data, 3000)) parts.push(stream.push(chunk));
  parts.push(stream.finish());
  stream.close();
  return Buffer.concat(parts);
}

/** @param {Codec} codec @param {Direction} direction @param {Buffer} data */
async function piped(codec, direction, data) {
  const transform = codec.transform(direction);
  const [read] = await Promise.all([
    buffer(transform),
    pipeline(Readable.from(cut(data, 30_000), { objectMode: false }), transform),
  ]);
  return read;
}

/** @param {Codec} codec @param {Direction} direction @param {Buffer} data */
async function webPiped(codec, direction, data) {
  const parts = [];
  for await (const part of new Blob([data]).stream().pipeThrough(codec.webTransform(direction))) parts.push(part);
  return Buffer.concat(parts);
}

for (const name of codecs()) {
  test(`${name}: what is compressed comes back, whatever way either went`, async () => {
    const codec = new Codec(name);
    assert.equal(codec.describe().codec, name);
    for (const data of [TEXT, NOISE, Buffer.alloc(0), Buffer.from("x")]) {
      const forms = [
        codec.compress(data),
        await codec.compressAsync(data),
        streamed(codec, "compress", data),
        await piped(codec, "compress", data),
        await webPiped(codec, "compress", data),
      ];
      for (const packed of forms) {
        assert.deepEqual(codec.decompress(packed), data);
        assert.deepEqual(await codec.decompressAsync(packed), data);
        assert.deepEqual(streamed(codec, "decompress", packed), data);
        assert.deepEqual(await piped(codec, "decompress", packed), data);
        assert.deepEqual(await webPiped(codec, "decompress", packed), data);
      }
    }
    if (name !== "identity") assert(codec.compress(TEXT).length < TEXT.length / 10);
    codec.close();
  });
}

test("Node's own zlib reads it, and is read", () => {
  assert.deepEqual(zlib.gunzipSync(new Codec("gzip").compress(TEXT)), TEXT);
  assert.deepEqual(zlib.inflateSync(new Codec("zlib").compress(TEXT)), TEXT);
  assert.deepEqual(zlib.inflateRawSync(new Codec("deflate").compress(TEXT)), TEXT);
  assert.deepEqual(zlib.brotliDecompressSync(new Codec("brotli").compress(TEXT)), TEXT);
  const auto = new Codec("auto");
  for (const packed of [zlib.gzipSync(TEXT), zlib.deflateSync(TEXT)]) assert.deepEqual(auto.decompress(packed), TEXT);
  assert.throws(() => auto.compress(TEXT), named("GWP_E_UNSUPPORTED"));
  assert.throws(() => auto.stream("compress"), named("GWP_E_UNSUPPORTED"));
});

test("output does not change with the next call, and memory of others may be read", () => {
  const codec = new Codec("gzip");
  const [first, other] = [codec.decompress(codec.compress(TEXT)), codec.decompress(codec.compress(NOISE))];
  assert.deepEqual([first, other], [TEXT, NOISE]);
  const shared = new Uint8Array(new SharedArrayBuffer(TEXT.length));
  shared.set(TEXT);
  assert.deepEqual(codec.decompress(codec.compress(shared)), TEXT);
  assert.deepEqual(codec.decompress(codec.compress(new Uint8Array(TEXT))), TEXT);
});

test("another thread reads the data as it was", async () => {
  const codec = new Codec("zstd");
  const data = Buffer.from(TEXT);
  const calls = Array.from({ length: 100 }, () => codec.compressAsync(data));
  data.fill("y");
  codec.close();
  const packed = await Promise.all(calls);
  for (const one of packed) assert.deepEqual(new Codec("zstd").decompress(one), TEXT);
});

test("limits hold, in every way to ask", async () => {
  const codec = new Codec("gzip", { max_output_bytes: 1000 });
  const bomb = zlib.gzipSync(MEGABYTES);
  const over = named("GWP_E_TOO_LARGE");
  assert.throws(() => codec.decompress(bomb), over);
  await assert.rejects(codec.decompressAsync(bomb), over);
  assert.throws(() => streamed(codec, "decompress", bomb), over);
  await assert.rejects(piped(codec, "decompress", bomb), over);
  await assert.rejects(webPiped(codec, "decompress", bomb), over);
  assert.equal(codec.decompress(zlib.gzipSync(MEGABYTES.subarray(0, 1000))).length, 1000);
});

test("damage is an error, in every way to ask", async () => {
  const codec = new Codec("gzip");
  const packed = zlib.gzipSync(TEXT);
  const wrong = Buffer.from(packed);
  wrong.writeUInt8(wrong.readUInt8(packed.length - 5) ^ 1, packed.length - 5);
  /** @type {[Buffer, string][]} */
  const cases = [
    [packed.subarray(0, -1), "GWP_E_TRUNCATED"],
    [Buffer.alloc(0), "GWP_E_TRUNCATED"],
    [Buffer.concat([packed, Buffer.from("more")]), "GWP_E_TRAILING"],
    [wrong, "GWP_E_CHECKSUM"],
    [Buffer.from("Ada was no gzip at all"), "GWP_E_BAD_DATA"],
  ];
  for (const [data, name] of cases) {
    assert.throws(() => codec.decompress(data), named(name));
    await assert.rejects(codec.decompressAsync(data), named(name));
    assert.throws(() => streamed(codec, "decompress", data), named(name));
    await assert.rejects(piped(codec, "decompress", data), named(name));
    await assert.rejects(webPiped(codec, "decompress", data), named(name));
  }
});

test("damaged anywhere, data gives an error or bytes, never a crash", () => {
  const known = new Set(["BAD_DATA", "TRUNCATED", "TRAILING", "CHECKSUM", "DICTIONARY", "TOO_LARGE"]);
  let refused = 0;
  for (const name of codecs()) {
    const codec = new Codec(name, { max_output_bytes: 1_000_000 });
    const packed = codec.compress(TEXT.subarray(0, 3000));
    for (let round = 0; round < 300; round++) {
      const data = Buffer.from(packed);
      for (let change = below(3); change >= 0; change--) data[below(data.length)] = below(256);
      const answers = [() => codec.decompress(data), () => streamed(codec, "decompress", data)].map((read) => {
        try {
          return read();
        } catch (error) {
          assert(error instanceof GwpluginsError && known.has(error.name.slice("GWP_E_".length)), `${name}: ${error}`);
          refused += 1;
          return error.name;
        }
      });
      assert.deepEqual(answers[0], answers[1], name);
    }
  }
  assert(refused > 1000, `${refused}`);
});

test("a stream ends once, and outlives its codec", () => {
  const codec = new Codec("gzip");
  const stream = codec.stream("compress");
  codec.close();
  const packed = Buffer.concat([stream.push(TEXT), stream.finish()]);
  assert.deepEqual(zlib.gunzipSync(packed), TEXT);
  assert.throws(() => stream.push(TEXT), named("GWP_E_FINISHED"));
  assert.throws(() => stream.finish(), named("GWP_E_FINISHED"));
  stream.close();
  stream.close();
  for (const use of [() => stream.push(TEXT), () => stream.finish()]) assert.throws(use, CLOSED);
  const failed = new Codec("gzip").stream("decompress");
  assert.throws(() => failed.push(Buffer.from("no gzip at all")), named("GWP_E_BAD_DATA"));
  assert.throws(() => failed.push(TEXT), named("GWP_E_FINISHED"));
});

test("nothing is piled up while nobody reads", async () => {
  const codec = new Codec("gzip");
  const transform = codec.transform("decompress");
  const packed = zlib.gzipSync(Buffer.alloc(60_000_000, "x"));
  transform.end(packed);
  await new Promise((resolve) => transform.once("readable", resolve));
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  assert(transform.readableLength > 0 && transform.readableLength < 15_000_000, `${transform.readableLength}`);
  let size = 0;
  await pipeline(
    transform,
    new Writable({
      write(chunk, _encoding, done) {
        size += chunk.length;
        setImmediate(done);
      },
    }),
  );
  assert.equal(size, 60_000_000);
});

test("a stream of Node that is destroyed, or given what are no bytes", async () => {
  const codec = new Codec("gzip");
  const transform = codec.transform("compress");
  assert.throws(() => transform.write({}), TypeError);
  const early = codec.transform("compress");
  early.on("error", () => {});
  early.write(TEXT);
  early.destroy(new Error("enough"));
  await new Promise((resolve) => early.once("close", resolve));
  assert(early.destroyed);
});

test("what are no bytes is refused", async () => {
  /** @type {any} */
  const codec = new Codec("gzip");
  const transferred = new Uint8Array(8);
  structuredClone(transferred, { transfer: [transferred.buffer] });
  for (const data of ["text", undefined, null, 1, [1], {}, new ArrayBuffer(8), new Uint16Array(8), transferred]) {
    for (const call of ["compress", "decompress"]) {
      assert.throws(() => codec[call](data), BAD_TYPE);
      await assert.rejects(codec[`${call}Async`](data), BAD_TYPE);
      assert.throws(() => codec.stream(call).push(data), BAD_TYPE);
    }
    assert.throws(() => chooseCodec(/** @type {any} */ (data)), BAD_TYPE);
    assert.throws(() => trainDictionary(/** @type {any} */ ([data])), BAD_TYPE);
  }
  for (const direction of ["up", undefined, 0, 1]) {
    for (const make of ["stream", "transform", "webTransform"]) {
      assert.throws(() => codec[make](direction), named("GWP_E_BAD_FLAG"));
    }
  }
});

test("configurations", () => {
  assert.equal(codecSchema()["type"], "object");
  assert.throws(() => new Codec("nope"), named("GWP_E_UNKNOWN_KIND"));
  assert.throws(() => new Codec("gzip", { colour: 1 }), { name: "GWP_E_CONFIG_KEY", path: "$.colour" });
  assert.throws(() => new Codec("gzip", "{"), named("GWP_E_CONFIG_SYNTAX"));
  assert.throws(() => new Codec(/** @type {any} */ (1)), BAD_TYPE);
  assert(new Codec("gzip", { level: 9 }).compress(TEXT).length < new Codec("gzip", { level: 1 }).compress(TEXT).length);
});

test("a codec is chosen by what the other side accepts", () => {
  const mediaType = "application/json";
  assert.equal(chooseCodec(TEXT, { mediaType, accept: "gzip" }), "gzip");
  assert.equal(chooseCodec(TEXT, { mediaType, accept: "br" }), "brotli");
  assert.equal(chooseCodec(TEXT, { mediaType, accept: "deflate;q=0.5" }), "zlib");
  assert.equal(chooseCodec(TEXT, { mediaType, accept: "" }), "identity");
  assert.equal(chooseCodec(TEXT, { mediaType: "image/png" }), "identity");
  assert.equal(chooseCodec(Buffer.from("short")), "identity");
  assert(codecs().includes(chooseCodec(TEXT)));
  assert.notEqual(chooseCodec(TEXT), "identity");
  assert.throws(() => chooseCodec(TEXT, { accept: "identity;q=0, *;q=0" }), named("GWP_E_NOT_ACCEPTABLE"));
  assert.throws(() => chooseCodec(TEXT, /** @type {any} */ ({ accept: 1 })), BAD_TYPE);
});

test("a dictionary is trained, used, and needed", () => {
  const samples = Array.from({ length: 2000 }, (_, index) =>
    Buffer.from(JSON.stringify({ id: index, name: `user-${index % 37}`, role: "reader", tags: ["alpha", "beta"] })),
  );
  const dictionary = trainDictionary(samples, 4096);
  assert(dictionary.length > 0 && dictionary.length <= 4096);
  const codec = new Codec("zstd", { dictionary: dictionary.toString("base64") });
  const plain = new Codec("zstd");
  const sample = samples[5] ?? assert.fail();
  const packed = codec.compress(sample);
  assert(packed.length < plain.compress(sample).length);
  assert.deepEqual(codec.decompress(packed), sample);
  assert.throws(() => plain.decompress(packed), named("GWP_E_DICTIONARY"));
  assert.throws(() => trainDictionary([]), named("GWP_E_OUT_OF_RANGE"));
  assert.throws(() => trainDictionary(samples, -1), BAD_TYPE);
  assert.throws(() => trainDictionary(/** @type {any} */ ("text")), BAD_TYPE);
});

test("close ends it, and every use after it is an error", async () => {
  const codec = new Codec("gzip");
  codec.close();
  codec.close();
  codec[Symbol.dispose]();
  for (const use of /** @type {const} */ (["compress", "decompress"])) {
    assert.throws(() => codec[use](TEXT), CLOSED);
    await assert.rejects(codec[`${use}Async`](TEXT), CLOSED);
    for (const make of /** @type {const} */ (["stream", "transform", "webTransform"])) {
      assert.throws(() => codec[make](use), CLOSED);
    }
  }
  assert.throws(() => codec.describe(), CLOSED);
});
