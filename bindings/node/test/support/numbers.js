// Numbers that look random and are the same each time.

/** The same numbers below a limit each time (a linear congruential generator). @param {number} seed */
export function numbers(seed) {
  let state = BigInt(seed);
  return (/** @type {number} */ below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 33n) % below;
  };
}
