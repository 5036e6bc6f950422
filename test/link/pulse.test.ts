/** Silence is judged by turns that came in time, and only a board that never spoke gets time to start. */
import { describe, expect, it } from 'vitest';
import { Pulse } from '../../src/link/pulse.ts';

describe('pulse', () => {
  it('gives a board that starts with its port four seconds, and one that has spoken half a second', () => {
    const pulse = new Pulse(0);
    expect([pulse.isSilent(4000), pulse.isSilent(4001)]).toEqual([false, true]);
    pulse.beat(4000);
    expect([pulse.isSilent(4500), pulse.isSilent(4501)]).toEqual([false, true]);
  });

  it('calls a turn that comes late unhealthy, and lets what came meanwhile be read first', () => {
    const pulse = new Pulse(0);
    pulse.beat(0);
    expect([pulse.turn(10), pulse.turn(110), pulse.turn(3000)]).toEqual([true, true, false]);
    expect([pulse.isSilent(3000), pulse.isSilent(3100), pulse.isSilent(3101)]).toEqual([false, false, true]);
    expect(pulse.turn(3010)).toBe(true);
  });
});
