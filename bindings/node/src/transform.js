// Streams of Node and of the web over a stream of the library.

import { Duplex, Transform } from "node:stream";
import { BlockedError } from "./errors.js";

/** @import * as Api from "../index.js" */

/** Bytes that a codec is given at once. Deflate makes 4 MB of these at most; of others the configuration decides. */
const SLICE_BYTES = 4096;

/**
 * @typedef {Api.GuardStream<any>} Inner
 * @typedef {((part: Api.Rewrite<any>) => void) | undefined} OnResult
 */

/**
 * @param {Inner} stream
 * @param {"text" | "bytes"} input
 * @param {OnResult} onResult
 */
export function nodeTransform(stream, input, onResult) {
  /**
   * @param {Transform} self
   * @param {() => Api.Rewrite<any>} take
   * @param {(error?: Error | null) => void} done
   */
  const step = (self, take, done) => {
    try {
      release(take(), (output) => self.push(output), onResult);
    } catch (error) {
      return done(/** @type {Error} */ (error));
    }
    done();
  };
  return new Transform({
    objectMode: input === "text",
    transform(chunk, _encoding, done) {
      step(this, () => stream.push(chunk), done);
    },
    flush(done) {
      step(this, () => stream.finish(), done);
    },
    destroy(error, done) {
      stream.close();
      done(error);
    },
  });
}

/**
 * @param {Inner} stream
 * @param {OnResult} onResult
 */
export function webTransform(stream, onResult) {
  return new TransformStream({
    transform(chunk, controller) {
      release(stream.push(chunk), (output) => controller.enqueue(output), onResult);
    },
    flush(controller) {
      release(stream.finish(), (output) => controller.enqueue(output), onResult);
      stream.close();
    },
  });
}

/**
 * A stream of Node over one of a codec. A chunk goes on in slices, and only while somebody reads: what a small chunk
 * decompresses to is not piled up.
 *
 * @param {Api.CodecStream} stream
 */
export function codecDuplex(stream) {
  /** @type {Buffer[]} */
  let slices = [];
  /** @type {((error?: Error | null) => void) | null} */
  let written = null;
  let wanted = false;
  /** @param {Duplex} self */
  const goOn = (self) => {
    while (wanted && slices.length > 0) {
      const output = stream.push(/** @type {Buffer} */ (slices.shift()));
      if (output.length > 0) wanted = self.push(output);
    }
    if (slices.length > 0) return;
    const done = written;
    written = null;
    done?.();
  };
  /** @param {Duplex} self @param {() => void} work */
  const attempt = (self, work) => {
    try {
      work();
    } catch (error) {
      self.destroy(/** @type {Error} */ (error));
    }
  };
  return new Duplex({
    write(chunk, _encoding, done) {
      slices = sliced(chunk);
      written = done;
      attempt(this, () => goOn(this));
    },
    read() {
      wanted = true;
      attempt(this, () => goOn(this));
    },
    final(done) {
      attempt(this, () => {
        this.push(stream.finish());
        this.push(null);
        done();
      });
    },
    destroy(error, done) {
      slices = [];
      stream.close();
      done(error);
    },
  });
}

/** @param {Buffer} chunk */
const sliced = (chunk) =>
  Array.from({ length: Math.ceil(chunk.length / SLICE_BYTES) }, (_, index) =>
    chunk.subarray(index * SLICE_BYTES, (index + 1) * SLICE_BYTES),
  );

/**
 * Passes on what is safe to emit.
 *
 * @param {Api.Rewrite<any>} part
 * @param {(output: any) => void} emit
 * @param {OnResult} onResult
 */
function release(part, emit, onResult) {
  onResult?.(part);
  if (part.verdict === "block") throw new BlockedError(part);
  if (part.output.length > 0) emit(part.output);
}
