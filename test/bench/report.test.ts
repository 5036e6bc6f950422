/** The table of the benches: what it counts as met, and what it says where a target is missed. */
import { describe, expect, it } from 'vitest';
import { median, percentile, ratio, table } from '../../scripts/bench/report.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index);

describe('percentile', () => {
  it('takes the nearest rank of unsorted samples', () => {
    expect(percentile(upTo(100), 0.5)).toBe(50);
    expect(percentile(upTo(100), 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
    expect(median([9, 1, 5])).toBe(5);
  });
  it('does not invent a figure', () => expect(() => percentile([], 0.5)).toThrow('no samples'));
});

describe('table', () => {
  const samples = { subjectMs: [3, 3, 3], floorMs: [2, 2, 2] };
  it('says that a target is met at its very value', () => {
    expect(table([ratio('press', 0.5, samples, 1.5)])).toMatch(
      /press\s+3\.00 ms \/ 2\.00 ms\s+1\.50 ×\s+<= 1\.50 ×\s+met$/,
    );
  });
  it('says by how much it is missed', () =>
    expect(table([ratio('press', 0.5, samples, 1.2)])).toMatch(/MISSED by 25 %$/));
});
