/** Counters by kind, from 0, with a bound on the kinds: a board that invents words must not grow the memory. */
import { expect, it } from 'vitest';
import { LinkCounters } from '../../src/link/link-statistics.ts';

it('counts by kind, and what is beyond the bound as one', () => {
  const counters = new LinkCounters();
  for (let index = 0; index < 1000; index += 1) counters.count(counters.refusals, `WORD${index}`);
  counters.count(counters.refusals, 'WORD3');
  expect(Object.keys(counters.refusals)).toHaveLength(25);
  expect(counters.refusals).toMatchObject({ CRC: 0, WORD3: 2, other: 988 });
});

it('begins at 0, so that a first fault shows as a rise', () => {
  expect(new LinkCounters().discarded).toEqual({ LEN: 0, RX: 0, SYN: 0, CRC: 0, TYPE: 0, BADARG: 0 });
});
