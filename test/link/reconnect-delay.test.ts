/** The waits between two openings of a port: growing, bounded, never all at the same moment. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reconnectDelayMs } from '../../src/link/reconnect-delay.ts';

it('doubles from 100 ms to 5 s, within half a step of jitter, and never leaves those bounds', () => {
  expect([1, 2, 3, 7, 50, 5000].map((failures) => reconnectDelayMs(failures, 0))).toEqual([
    50, 100, 200, 2500, 2500, 2500,
  ]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, random) => {
        const delayMs = reconnectDelayMs(failures, random);
        return delayMs >= 50 && delayMs <= 5000;
      },
    ),
  );
});
