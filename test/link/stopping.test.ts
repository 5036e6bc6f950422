/** Stop, emergency stop and reset through the whole link: they overtake everything, latch, and are told truthfully. */
import { afterEach, describe, expect, it } from 'vitest';
import { FAR, HOME, type Rig, realRig, STRIKE } from './support.ts';

let rig: Rig;
afterEach(async () => {
  await rig.expectTruth();
  rig.expectNumbersUsedOnce();
  await rig.close();
});

describe('stop', () => {
  it('ends a strike in the middle', async () => {
    rig = realRig({ speed: 5 });
    await rig.ready();
    const strike = rig.execute(STRIKE);
    await rig.moving();
    expect(await rig.link.stop()).toEqual({ kind: 'done' });
    expect(await strike).toEqual({ kind: 'failed', code: 'stopped' });
  });

  it('overtakes a command whose intent is not durable yet: it is never sent', async () => {
    rig = realRig();
    await rig.ready();
    let recorded: (durable: boolean) => void = () => {};
    const waiting = rig.execute(FAR, () => new Promise((resolve) => (recorded = resolve)));
    expect(await rig.link.stop()).toEqual({ kind: 'done' });
    recorded(true);
    expect(await waiting).toEqual({ kind: 'refused', code: 'stopped_first' });
    await rig.up();
    expect(await rig.execute(FAR)).toEqual({ kind: 'done' });
    expect(rig.board.motions).toBe(2);
  });

  it('stops by a hello what was sent and is not answered', async () => {
    rig = realRig({ speed: 1 });
    rig.link.start();
    await rig.up();
    rig.board.toHost = (frame) => !frame.startsWith('A');
    const homing = rig.execute(HOME);
    await rig.noted('motion-started');
    expect(await rig.link.stop()).toEqual({ kind: 'done' });
    expect(await homing).toEqual({ kind: 'failed', code: 'link' });
  });

  it('is a new hello while no session lives', async () => {
    rig = realRig();
    rig.link.start();
    await rig.until(({ link }) => link === 'connecting');
    expect(await rig.link.stop()).toEqual({ kind: 'done' });
    await rig.up();
  });

  it('becomes an emergency stop when the board does not answer', async () => {
    rig = realRig({ speed: 1 });
    rig.link.start();
    await rig.up();
    const homing = rig.execute(HOME);
    await rig.moving();
    rig.board.toBoard = (frame) => !/STOP|^H/.test(frame);
    expect(await rig.link.stop()).toEqual({ kind: 'failed', code: 'became_estop' });
    rig.board.toBoard = () => true;
    expect(await homing).toEqual({ kind: 'failed', code: 'estop' });
    expect(await rig.up()).toMatchObject({ state: 'estop' });
  });
});

describe('emergency stop', () => {
  it('ends a strike, refuses all until a reset, and the reset moves nothing', async () => {
    rig = realRig({ speed: 5 });
    await rig.ready();
    const strike = rig.execute(STRIKE);
    await rig.moving();
    expect(await rig.link.estop()).toEqual({ kind: 'done' });
    expect(await strike).toEqual({ kind: 'failed', code: 'estop' });
    expect(await rig.up()).toMatchObject({ state: 'estop', homed: false });
    expect(await rig.execute(HOME)).toEqual({ kind: 'refused', code: 'latched' });
    expect(await rig.link.stop()).toEqual({ kind: 'done' });
    expect(await rig.link.reset()).toEqual({ kind: 'done' });
    expect(await rig.link.reset()).toEqual({ kind: 'refused', code: 'not_latched' });
    expect(rig.board.motions).toBe(2);
    await rig.until(({ state }) => state === 'idle');
    expect(await rig.execute(HOME)).toEqual({ kind: 'done' });
  });

  it('overtakes a command whose intent is not durable yet', async () => {
    rig = realRig();
    await rig.ready();
    let recorded: (durable: boolean) => void = () => {};
    const waiting = rig.execute(FAR, () => new Promise((resolve) => (recorded = resolve)));
    const stopped = rig.link.estop();
    recorded(true);
    expect(await waiting).toEqual({ kind: 'refused', code: 'latched' });
    expect(await stopped).toEqual({ kind: 'done' });
    expect(rig.board.motions).toBe(1);
  });

  it('without a port stays wanted, refuses commands meanwhile, and is the first thing a new port gets', async () => {
    rig = realRig({ plugged: false });
    rig.link.start();
    expect(await rig.link.estop()).toEqual({ kind: 'unknown', code: 'not_reached' });
    rig.cable.plug();
    expect(await rig.execute(HOME)).toEqual({ kind: 'refused', code: 'link_down' });
    expect(await rig.up()).toMatchObject({ state: 'estop' });
    expect(rig.written[0]).toBe('\u001b');
    expect(await rig.link.reset()).toEqual({ kind: 'done' });
  });

  it('tells a reset whose session ends under it from the next session', async () => {
    rig = realRig();
    rig.link.start();
    await rig.up();
    await rig.link.estop();
    await rig.up();
    let cleared = false;
    rig.board.toHost = (frame) => {
      // The first word of the cleared latch is lost, and the session with it.
      if (!cleared && rig.notes.some(({ kind }) => kind === 'unlatched')) {
        cleared = true;
        queueMicrotask(() => rig.board.input({ kind: 'break' }));
      }
      return !(cleared && frame.startsWith('S') && rig.notes.every(({ kind }) => kind !== 'session-ended'));
    };
    expect(await rig.link.reset()).toEqual({ kind: 'done' });
  });

  it('lets a reset that a later stop overtakes clear nothing', async () => {
    rig = realRig();
    rig.link.start();
    await rig.up();
    await rig.link.estop();
    await rig.up();
    rig.board.toBoard = (frame) => !frame.startsWith('Z');
    const reset = rig.link.reset();
    const again = rig.link.estop();
    expect(await reset).toEqual({ kind: 'unknown', code: 'not_confirmed' });
    expect(await again).toEqual({ kind: 'done' });
    expect(await rig.up()).toMatchObject({ state: 'estop' });
    rig.board.toBoard = () => true;
    await rig.until(({ position }) => position !== null);
    expect(rig.notes.some(({ kind }) => kind === 'unlatched')).toBe(false);
  });
});
