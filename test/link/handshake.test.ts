/** The handshake as a table: only the W of the latest hello, only with the B of its boot, only in a version offered. */
import { describe, expect, it } from 'vitest';
import { Handshake, type Welcome } from '../../src/link/handshake.ts';

const SLOT = { session: '00000FFF', seq: 3 };

const welcome = (nonce: string, more: Partial<Welcome> = {}): Welcome => ({
  type: 'W',
  nonce,
  session: '00001000',
  version: 1,
  nowMs: 100,
  challenge: null,
  told: null,
  ...more,
});

describe('handshake', () => {
  it('takes W and then B, once', () => {
    const handshake = new Handshake(0);
    expect(handshake.hello('0000000A', SLOT, 0)).toEqual({
      type: 'H',
      versions: { low: 1, high: 1 },
      nonce: '0000000A',
      open: SLOT,
    });
    expect(handshake.identified('00001')).toBeNull();
    expect(handshake.welcomed(welcome('0000000A'))).toEqual({ open: SLOT });
    expect(handshake.identified('00002')).toBeNull();
    expect(handshake.identified('00001')?.session).toBe('00001000');
    expect(handshake.identified('00001')).toBeNull();
  });

  it('ignores what answers an earlier hello, or none', () => {
    const handshake = new Handshake(0);
    handshake.hello('0000000A', null, 0);
    handshake.hello('0000000B', null, 200);
    expect(handshake.welcomed(welcome('0000000A'))).toBeUndefined();
    expect(handshake.identified('00001')).toBeNull();
    handshake.welcomed(welcome('0000000B'));
    handshake.forget();
    expect(handshake.identified('00001')).toBeNull();
    expect(handshake.welcomed(welcome('0000000B'))).toBeUndefined();
  });

  it('takes no version that was not offered', () => {
    const handshake = new Handshake(0);
    handshake.hello('0000000A', null, 0);
    expect(handshake.welcomed(welcome('0000000A', { version: 2 }))).toBeUndefined();
  });

  it('says hello again after 200 ms, and gives up a port after 4 s without a session', () => {
    const handshake = new Handshake(0);
    handshake.hello('0000000A', null, 0);
    expect([handshake.isDue(199), handshake.isDue(200)]).toEqual([false, true]);
    handshake.hello('0000000B', null, 200);
    expect([handshake.isDue(399), handshake.isHopeless(4000), handshake.isHopeless(4001)]).toEqual([
      false,
      false,
      true,
    ]);
    handshake.begin(9000);
    expect(handshake.isHopeless(13_000)).toBe(false);
  });
});
