/**
 * A small seeded generator (mulberry32) whose state is one number in plain state, so that the simulator stays a pure
 * step function and a seed replays a whole run: the prize field, every slip of a claw and every fault of the wire.
 */

/** A number in 0 <= value < 1 and the state after it. */
export interface Draw {
  readonly value: number;
  readonly random: number;
}

/** Draws one number; `random` is any 32-bit integer, the seed to begin with. */
export function draw(random: number): Draw {
  const next = (random + 0x6d2b79f5) | 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000, random: next };
}
