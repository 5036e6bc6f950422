/** ESC: three at once, one every 20 ms, until the board's own word ends it. */
import { describe, expect, it } from 'vitest';
import { EmergencyStop } from '../../src/link/emergency-stop.ts';

describe('emergency stop', () => {
  it('is silent before it is asked for, and believes no ESTOP that answers nothing', () => {
    const stop = new EmergencyStop();
    expect([stop.active, stop.due(0), stop.confirm(0), stop.isHopeless(9999)]).toEqual([
      false,
      null,
      false,
      false,
    ]);
  });

  it('goes out three times, then every 20 ms until it is confirmed', () => {
    const stop = new EmergencyStop();
    expect([...stop.begin(100)]).toEqual([27, 27, 27]);
    const sentAtMs: number[] = [];
    for (let nowMs = 100; nowMs <= 190; nowMs += 10) if (stop.due(nowMs)) sentAtMs.push(nowMs);
    expect(sentAtMs).toEqual([120, 140, 160, 180]);
    expect(stop.confirm(195)).toBe(true);
    expect([stop.active, stop.due(300)]).toEqual([false, null]);
  });

  it('while a latch may be clearing, believes only what was said after it', () => {
    const stop = new EmergencyStop();
    stop.begin(0, true);
    expect([stop.confirm(10), stop.active, stop.confirm(50), stop.active]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('gives a port four seconds from its first byte, however often it is asked for', () => {
    const stop = new EmergencyStop();
    stop.begin(0);
    stop.begin(3900);
    expect([stop.isHopeless(4000), stop.isHopeless(4001)]).toEqual([false, true]);
  });
});
