/** The ids of audit rows: valid, ascending whatever the clock does, and not to be guessed. */
import { describe, expect, it } from 'vitest';
import { uuidV7Generator } from '../../src/audit/uuid-v7.ts';

describe('ids', () => {
  it('are UUIDs of version 7 that begin with the time', () => {
    const next = uuidV7Generator(() => 0x0123456789ab);
    expect(next()).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it.each([
    ['stands', () => 1_700_000_000_000],
    [
      'runs back',
      (
        (now) => () =>
          now--
      )(1_700_000_000_000),
    ],
    ['is before 1970', () => -5],
    [
      'has fractions',
      (
        (now) => () =>
          (now += 0.3)
      )(1_700_000_000_000),
    ],
  ])('ascend and differ when the clock %s', (_, wallMs) => {
    const next = uuidV7Generator(wallMs);
    const ids = Array.from({ length: 10_000 }, next);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });
});
