// How many calls may be on other threads: koffi refuses more than 256, and each has memory of its own.

const MOST = 32;
let running = 0;
/** @type {(() => void)[]} */
const waiting = [];

/**
 * Does the work when it is its turn.
 *
 * @template T
 * @param {() => Promise<T>} work
 */
export async function inTurn(work) {
  if (running === MOST)
    await new Promise((/** @type {(value?: undefined) => void} */ resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
