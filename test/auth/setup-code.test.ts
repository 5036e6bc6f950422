/** The one-time code: hard to guess, easy to type, and a bounded number of guesses for each address. */
import { describe, expect, it } from 'vitest';
import { digestOfCode, makeSetupCode, sameCode, WrongTries } from '../../src/auth/setup-code.ts';

describe('a code', () => {
  it('has a hundred bits in four groups of letters that look like no others', () => {
    const codes = Array.from({ length: 200 }, makeSetupCode);
    for (const code of codes) expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(new Set(codes).size).toBe(codes.length);
    expect(new Set(codes.join('').replaceAll('-', '')).size).toBe(32);
  });

  it('is taken however it is typed, and no other one is', () => {
    const expected = digestOfCode('01AB1-CDEFG-HJKMN-PQRST');
    expect(sameCode(expected, '01AB1-CDEFG-HJKMN-PQRST')).toBe(true);
    expect(sameCode(expected, ' olabi cdefg hjkmnpqrst ')).toBe(true);
    expect(sameCode(expected, '01AB1-CDEFG-HJKMN-PQRSV')).toBe(false);
    expect(sameCode(expected, '')).toBe(false);
    expect(sameCode(expected, 'x'.repeat(10_000))).toBe(false);
  });
});

describe('wrong tries', () => {
  function makeTries() {
    const time = { nowMs: 0 };
    return { tries: new WrongTries(() => time.nowMs), time };
  }

  it('lock their address for a minute after the tenth, and no other', () => {
    const { tries, time } = makeTries();
    for (let n = 0; n < 9; n += 1) tries.add('a');
    expect(tries.locked('a')).toBe(false);
    tries.add('a');
    expect(tries.locked('a')).toBe(true);
    expect(tries.locked('b')).toBe(false);
    time.nowMs = 59_999;
    expect(tries.locked('a')).toBe(true);
    time.nowMs = 60_000;
    expect(tries.locked('a')).toBe(false);
    tries.add('a');
    expect(tries.locked('a')).toBe(false);
  });

  it('are kept for a bounded number of addresses', () => {
    const { tries } = makeTries();
    for (let n = 0; n < 10; n += 1) tries.add('first');
    for (let n = 0; n < 256; n += 1) tries.add(`address ${n}`);
    expect(tries.locked('first')).toBe(false);
  });
});
