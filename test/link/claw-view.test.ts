/** The snapshot made of what a board said last: never more than it said, and a latched stop even across a gap. */
import { describe, expect, it } from 'vitest';
import { decodeBoard } from '../../firmware-protocol/codec.ts';
import {
  afterNews,
  type BoardView,
  type LinkView,
  type News,
  NOTHING_HEARD,
  snapshotOf,
} from '../../src/link/claw-view.ts';

const UP: LinkView = { link: 'up', linkReason: null, commandId: null };
const DOWN: LinkView = { link: 'down', linkReason: 'unplugged', commandId: null };

function heard(...payloads: readonly string[]): BoardView {
  return payloads.reduce((view, payload) => {
    const decoded = decodeBoard(payload);
    if (decoded.kind === 'refused') throw new Error(payload);
    return afterNews(view, decoded.message as News);
  }, NOTHING_HEARD);
}

describe('claw view', () => {
  it('says nothing that no board said', () => {
    expect(snapshotOf('claw-1', NOTHING_HEARD, DOWN)).toEqual({
      claw: 'claw-1',
      state: 'link_lost',
      link: 'down',
      linkReason: 'unplugged',
      commandId: null,
      simulated: null,
      homed: false,
      position: null,
      gripPercent: 0,
      inputs: null,
      faults: [],
      meters: null,
      board: null,
    });
  });

  it('puts the newest of each kind together', () => {
    const view = heard(
      'B 00002 WDT SIMULATED/1.0 1-1',
      'S 00000001 MOVING 1 1 2 3 4 0000 -',
      'S 00000002 FAULT 7 120 340 5 60 0350 HOIST_UP',
      'T 12 3 4 0',
      'V 9 COIN 12',
    );
    expect(snapshotOf('claw-1', view, UP)).toMatchObject({
      state: 'fault',
      simulated: true,
      homed: true,
      position: { x: 120, y: 340, z: 5 },
      gripPercent: 60,
      inputs: { left: false, up: true, slack: false, prizeEye: true, door: false, tilt: true },
      faults: ['hoist_up'],
      meters: { coins: 12, prizes: 3 },
      board: { firmware: 'SIMULATED/1.0', boot: '00002', resetCause: 'WDT' },
    });
  });

  it('calls no hardware simulated', () => {
    expect(snapshotOf('claw-1', heard('B 00002 POR CLAW-MEGA/2.1 1-1'), UP).simulated).toBe(false);
  });

  it.each([
    ['MOVING', UP, 'moving'],
    ['MOVING', DOWN, 'link_lost'],
    ['IDLE', { ...DOWN, link: 'connecting' }, 'link_lost'],
    ['ESTOP', DOWN, 'estop'],
    ['ESTOP', UP, 'estop'],
  ] as const)('%s over a link that is %j is shown as %s', (word, link, state) => {
    const view = heard(`S 00000002 ${word} 0 0 0 0 0 0000 -`);
    expect(snapshotOf('claw-1', view, link).state).toBe(state);
  });
});
