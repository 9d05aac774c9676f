// Streams of Node and of the web over a stream of the library.

import { Transform } from "node:stream";
import { BlockedError } from "./errors.js";

/** @import * as Api from "../index.js" */

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
