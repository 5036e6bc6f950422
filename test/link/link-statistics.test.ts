/** Counters by kind, with a bound on the kinds: a board that invents words must not grow the memory. */
import { expect, it } from 'vitest';
import { LinkCounters } from '../../src/link/link-statistics.ts';

it('counts by kind, and what is beyond the bound as one', () => {
  const counters = new LinkCounters();
  for (let index = 0; index < 1000; index += 1) counters.count(counters.refusals, `WORD${index}`);
  counters.count(counters.refusals, 'WORD3');
  expect(Object.keys(counters.refusals)).toHaveLength(25);
  expect(counters.refusals).toMatchObject({ WORD3: 2, other: 976 });
  expect(counters.discarded).toEqual({});
});
