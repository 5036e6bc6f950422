/**
 * Bad lines, each from a seed: whatever is lost, doubled or spoilt, every outcome told is held against the board's own
 * notes, and nothing runs twice. A failure names its seed and fault.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { MOVING_STATES } from '../../src/domain/claw-state.ts';
import { FAR, HOME, JOG, RELEASE, type Rig, realRig, STRIKE } from './support.ts';

let rig: Rig;
afterEach(() => rig.close());

/** One command as soon as the line takes it again. */
async function play(command: Parameters<Rig['execute']>[0]): Promise<void> {
  await rig.until(({ link, state }) => link === 'up' && !MOVING_STATES.includes(state));
  await rig.execute(command);
}

const LINES = [
  { 'drop-replies': 0.3 },
  { drop: 0.1 },
  { duplicate: 0.3 },
  { duplicate: 1 },
  { noise: 0.001 },
  { noise: 0.0005, duplicate: 0.1, drop: 0.05, 'drop-replies': 0.1 },
] as const;

describe.each(LINES)('with %j', (faults) => {
  it.each([1, 2, 3])('seed %i: every outcome is the truth', async (seed) => {
    rig = realRig({ seed, faults, speed: 50 });
    rig.link.start();
    const turn = [HOME, FAR, JOG, STRIKE, { verb: 'capture' }, RELEASE] as const;
    for (const command of [...turn, ...turn]) await play(command);
    await rig.expectTruth();
    rig.expectNumbersUsedOnce();
  });
});

it('tells the truth of commands that are cut by resets, breaks, pulled cables and stops', async () => {
  rig = realRig({ seed: 11, faults: { 'drop-replies': 0.2 }, speed: 3 });
  rig.link.start();
  const cuts = [
    () => rig.board.input({ kind: 'reset', cause: 'WDT' }),
    () => rig.board.input({ kind: 'break' }),
    () => rig.cable.unplug(),
    () => rig.link.stop(),
    () => rig.board.input({ kind: 'reset', cause: 'POR' }),
    () => rig.link.estop(),
  ];
  for (const cut of cuts) {
    await rig.until(({ link, state }) => link === 'up' && !MOVING_STATES.includes(state));
    const outcome = rig.execute(HOME);
    await rig.noted('motion-started');
    await cut();
    rig.cable.plug();
    await outcome;
  }
  await rig.expectTruth();
  expect(rig.board.motions).toBe(cuts.length);
});

describe('garbage', () => {
  it('in floods, lines without end, and NULs leave the link working', async () => {
    rig = realRig({ speed: 50 });
    rig.link.start();
    await rig.up();
    const flood = [
      'x'.repeat(5000),
      '\n',
      '\u0000'.repeat(500),
      '\n\n\r\n',
      'S 0\n',
      `${'A 0 0*'.repeat(40)}\n`,
      'É\n',
    ];
    for (const piece of flood) rig.board.shout(Buffer.from(piece, 'latin1'));
    expect(await rig.execute(HOME)).toEqual({ kind: 'done' });
    expect(rig.link.statistics.discarded).toEqual({ LEN: 3, RX: 1, SYN: 1, CRC: 0, TYPE: 0, BADARG: 0 });
  });
});
