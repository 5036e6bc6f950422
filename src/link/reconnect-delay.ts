/** How long to wait before a port is opened again: doubling, bounded, with jitter, so that many claws do not knock at once. */

const FIRST_MS = 100;
const LONGEST_MS = 5000;

/**
 * @param failures how often in a row it has failed, from 1.
 * @param random a number in [0, 1).
 * @returns milliseconds, between half of the step and the whole of it.
 */
export function reconnectDelayMs(failures: number, random: number): number {
  const stepMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return stepMs / 2 + (stepMs / 2) * random;
}
