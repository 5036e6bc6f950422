/** The board's time as the host reckons it, over the wrap of its 32 bits too. */
import { expect, it } from 'vitest';
import { BoardClock } from '../../src/link/board-clock.ts';

it('is the last ms heard plus the host time since, and echoes only what was heard', () => {
  const clock = new BoardClock();
  clock.hear(1000, 50);
  expect(clock.at(50, 0)).toBe(1000);
  expect(clock.at(80.9, 1500)).toBe(2530);
  expect(clock.newestHeardMs).toBe(1000);
  clock.hear(1100, 160);
  expect(clock.newestHeardMs).toBe(1100);
});

it('wraps as the board does, and follows a board that begins anew', () => {
  const clock = new BoardClock();
  clock.hear(0xffff_fff0, 0);
  expect(clock.at(16, 0)).toBe(0);
  expect(clock.at(16, 500)).toBe(500);
  clock.hear(3, 20);
  expect(clock.at(30, 0)).toBe(13);
});
