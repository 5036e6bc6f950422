/** The whole link on the library's real stream and the reference board: what is told is what happened, and only once. */
import { afterEach, describe, expect, it } from 'vitest';
import { createBoard } from '../../firmware-protocol/simulator/machine.ts';
import { FAR, HOME, JOG, RELEASE, type Rig, realRig, STRIKE } from './support.ts';

/** A board at real speed that knows its place already, so that a motion is slow and a test is not. */
const HOMED = { ...createBoard({ seed: 7 }), homed: true };

let rig: Rig;
afterEach(async () => {
  await rig.expectTruth();
  rig.expectNumbersUsedOnce();
  await rig.close();
});

const never = () => new Promise<boolean>(() => {});

describe('a good line', () => {
  it('shakes hands, and tells with the first status how the claw stands', async () => {
    rig = realRig();
    expect(rig.link.snapshot()).toMatchObject({ link: 'down', simulated: null, state: 'link_lost' });
    rig.link.start();
    expect(await rig.up()).toMatchObject({ state: 'idle', homed: false, simulated: true, linkReason: null });
    expect(rig.transitions).toMatchObject([{ kind: 'up', snapshot: { link: 'up', state: 'idle' } }]);
    expect(rig.link.statistics).toMatchObject({ portOpens: 1, handshakes: 1, boardResets: 0 });
  });

  it('homes, moves, jogs, strikes, and lets go', async () => {
    rig = realRig();
    await rig.ready();
    for (const command of [FAR, JOG, STRIKE, { verb: 'capture', grip: 60 }, RELEASE] as const) {
      expect(await rig.execute(command)).toEqual({ kind: 'done' });
    }
    expect(rig.board.motions).toBe(6);
  });

  it('takes nothing else beside a motion', async () => {
    rig = realRig({ speed: 1 });
    rig.link.start();
    await rig.up();
    const homing = rig.execute(HOME);
    expect(await rig.execute(JOG)).toEqual({ kind: 'refused', code: 'busy' });
    await rig.moving();
    expect(await rig.link.stop()).toEqual({ kind: 'done' });
    expect(await homing).toEqual({ kind: 'failed', code: 'stopped' });
  });

  it('says what the board refuses', async () => {
    rig = realRig();
    rig.link.start();
    await rig.up();
    expect(await rig.execute(STRIKE)).toEqual({ kind: 'refused', code: 'not_homed' });
    await rig.execute(HOME);
    const outside = { verb: 'move', x: 1999, y: 1999 } as const;
    expect(await rig.execute(outside)).toEqual({ kind: 'refused', code: 'limit' });
  });
});

describe('jogs', () => {
  it('renew each other, and each is told as executed', async () => {
    rig = realRig({ speed: 1, initialState: HOMED });
    rig.link.start();
    await rig.up();
    const first = rig.execute(JOG);
    await rig.moving();
    const second = rig.execute({ ...JOG, vx: -50 });
    expect(await Promise.all([first, second])).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    expect(rig.notes.flatMap((note) => (note.kind === 'motion-ended' ? [note.ending] : []))).toEqual([
      'RENEWED',
      'OK',
    ]);
  });

  it('are each asked for when the session ends under them', async () => {
    rig = realRig({ speed: 1, initialState: HOMED });
    rig.link.start();
    await rig.up();
    const first = rig.execute(JOG);
    await rig.moving();
    rig.board.toHost = (frame) => !/^[AD]/.test(frame);
    const second = rig.execute({ ...JOG, vy: 50 });
    await rig.noted('motion-started');
    rig.board.input({ kind: 'break' });
    rig.board.toHost = () => true;
    expect(await Promise.all([first, second])).toEqual([{ kind: 'done' }, { kind: 'failed', code: 'link' }]);
  });
});

describe('ports that come and go', () => {
  it('starts without a port, refuses meanwhile, and is up when it appears', async () => {
    rig = realRig({ plugged: false });
    rig.link.start();
    expect(await rig.until(({ linkReason }) => /no such port/.test(linkReason ?? ''))).toMatchObject({
      link: 'down',
    });
    expect(await rig.execute(HOME)).toEqual({ kind: 'refused', code: 'link_down' });
    expect(await rig.link.stop()).toEqual({ kind: 'refused', code: 'link_down' });
    expect(await rig.link.reset()).toEqual({ kind: 'refused', code: 'link_down' });
    rig.cable.plug();
    await rig.up();
    expect(rig.board.motions).toBe(0);
  });

  it('asks after a motion that was cut by a pulled cable, and moves nothing on coming back', async () => {
    rig = realRig({ speed: 1 });
    rig.link.start();
    await rig.up();
    const homing = rig.execute(HOME);
    await rig.moving();
    rig.cable.unplug();
    const down = await rig.until(({ link }) => link === 'down');
    expect(down.linkReason).toMatch(/unplugged/);
    await rig.noted('motion-ended');
    rig.cable.plug();
    expect(await homing).toEqual({ kind: 'failed', code: 'link' });
    await rig.up();
    expect(rig.board.motions).toBe(1);
    expect(rig.transitions.map(({ kind }) => kind)).toEqual(['up', 'lost', 'up']);
  });

  it('notices a board that only stops talking, and one that only stops hearing', async () => {
    rig = realRig();
    rig.link.start();
    await rig.up();
    rig.board.toHost = () => false;
    expect(await rig.until(({ link }) => link === 'down')).toMatchObject({
      linkReason: 'the board has fallen silent',
    });
    rig.board.toHost = () => true;
    await rig.up();
    rig.board.toBoard = () => false;
    await rig.until(({ link }) => link !== 'up');
    rig.board.toBoard = () => true;
    await rig.up();
  });

  it('notices that a latched board stops hearing, though it says ESTOP all the while', async () => {
    rig = realRig();
    rig.link.start();
    await rig.up();
    expect(await rig.link.estop()).toEqual({ kind: 'done' });
    await rig.up();
    rig.board.toBoard = () => false;
    expect(await rig.until(({ link }) => link !== 'up')).toMatchObject({ state: 'estop' });
  });

  it('notices silence also while a stop goes out', async () => {
    rig = realRig();
    rig.link.start();
    await rig.up();
    rig.board.toHost = () => false;
    const stopped = rig.link.estop();
    expect(await rig.until(({ link }) => link === 'down')).toMatchObject({
      linkReason: 'the board has fallen silent',
    });
    expect((await stopped).kind).toBe('unknown');
    rig.board.toHost = () => true;
    expect(await rig.up()).toMatchObject({ state: 'estop' });
  });
});

describe('a board that restarts', () => {
  it('remembers over a reset: executed in part', async () => {
    rig = realRig({ speed: 1 });
    rig.link.start();
    await rig.up();
    const homing = rig.execute(HOME);
    await rig.moving();
    rig.board.input({ kind: 'reset', cause: 'EXT' });
    expect(await homing).toEqual({ kind: 'failed', code: 'reset' });
    expect(await rig.up()).toMatchObject({ board: { resetCause: 'EXT' } });
    expect(rig.link.statistics.boardResets).toBe(1);
  });

  it('forgets over a power cut: unknown', async () => {
    rig = realRig({ speed: 1 });
    rig.link.start();
    await rig.up();
    const homing = rig.execute(HOME);
    await rig.moving();
    rig.board.input({ kind: 'reset', cause: 'POR' });
    expect(await homing).toEqual({ kind: 'unknown', code: 'forgotten_by_board' });
    await rig.up();
    expect(rig.board.motions).toBe(1);
  });

  it('between its W and its B gets another hello', async () => {
    rig = realRig();
    let resets = 0;
    rig.board.toHost = (frame) => {
      if (!frame.startsWith('B') || rig.notes.every(({ kind }) => kind !== 'session-made')) return true;
      if (resets > 0) return true;
      resets += 1;
      queueMicrotask(() => rig.board.input({ kind: 'reset', cause: 'BOR' }));
      return false;
    };
    rig.link.start();
    expect(await rig.up()).toMatchObject({ board: { boot: '00002', resetCause: 'BOR' } });
    expect(await rig.execute(HOME)).toEqual({ kind: 'done' });
  });
});

describe('an intent that is not made durable', () => {
  it.each([
    ['says no', async () => false],
    ['fails', () => Promise.reject(new Error('the disk is gone'))],
  ])('where the log %s, nothing is sent, and the number is never used', async (_, record) => {
    rig = realRig();
    await rig.ready();
    expect(await rig.execute(FAR, record)).toEqual({ kind: 'refused', code: 'audit_unavailable' });
    await rig.up();
    expect(await rig.execute(FAR)).toEqual({ kind: 'done' });
    const [, unsent, sent] = rig.told;
    expect(sent!.slot.session).not.toBe(unsent!.slot.session);
    expect(rig.board.motions).toBe(2);
  });

  it('in time is expired, and not sent', async () => {
    rig = realRig();
    await rig.ready();
    const slow = async () => {
      rig.skip(1600);
      return true;
    };
    expect(await rig.execute(FAR, slow)).toEqual({ kind: 'expired' });
    await rig.up();
    expect(rig.written.some((frame) => frame.includes(' MOVE '))).toBe(false);
    expect(rig.board.motions).toBe(1);
  });

  it('before the port closes is refused', async () => {
    rig = realRig();
    await rig.ready();
    let recorded: (durable: boolean) => void = () => {};
    const waiting = rig.execute(FAR, () => new Promise((resolve) => (recorded = resolve)));
    rig.cable.unplug();
    await rig.until(({ link }) => link === 'down');
    recorded(true);
    expect(await waiting).toEqual({ kind: 'refused', code: 'session_ended' });
    expect(rig.board.motions).toBe(1);
  });
});

describe('close', () => {
  it('stops what moves, settles all, and lets nothing begin', async () => {
    rig = realRig({ speed: 1 });
    rig.link.start();
    await rig.up();
    const homing = rig.execute(HOME);
    await rig.moving();
    const [first, second] = [rig.link.close(), rig.link.close()];
    expect(await rig.execute(JOG)).toEqual({ kind: 'refused', code: 'shutting_down' });
    await Promise.all([first, second]);
    expect(await homing).toEqual({ kind: 'failed', code: 'stopped' });
    const written = rig.written.length;
    await rig.noted('session-ended');
    expect(rig.written.length).toBe(written);
    expect(await rig.link.inquire({ session: '00001000', seq: 1 })).toMatchObject({ kind: 'unknown' });
  });

  it('settles an emergency stop, a question and a command that wait', async () => {
    rig = realRig();
    rig.link.start();
    await rig.up();
    rig.board.toHost = (frame) => !/^[WADEN]/.test(frame);
    const question = rig.link.inquire({ session: '00000FFF', seq: 1 });
    const moving = rig.execute(HOME);
    await rig.noted('motion-started');
    rig.board.toHost = () => false;
    const stopped = rig.link.estop();
    await rig.link.close();
    expect(await stopped).toEqual({ kind: 'unknown', code: 'not_confirmed' });
    expect(await rig.link.estop()).toEqual({ kind: 'unknown', code: 'not_confirmed' });
    expect(await question).toEqual({ kind: 'unknown', code: 'gateway_restarted' });
    expect(await moving).toEqual({ kind: 'unknown', code: 'gateway_restarted' });
  });

  it('waits for no record', async () => {
    rig = realRig();
    await rig.ready();
    void rig.execute(FAR, never);
    rig.told.pop();
    await rig.link.close();
    expect(rig.link.snapshot()).toMatchObject({ link: 'down', linkReason: 'the gateway is shutting down' });
  });
});

describe('questions of an earlier life', () => {
  it('are asked when the board can be reached, many as well as one, and run nothing', async () => {
    rig = realRig();
    rig.link.start();
    await rig.up();
    rig.cable.unplug();
    await rig.until(({ link }) => link === 'down');
    const slots = Array.from({ length: 12 }, (_, index) => ({ session: '00001000', seq: index + 1 }));
    const asked = slots.map((slot) => rig.link.inquire(slot));
    const older = rig.link.inquire({ session: '00000FFE', seq: 3 });
    rig.cable.plug();
    for (const outcome of asked) expect(await outcome).toEqual({ kind: 'refused', code: 'never_sent' });
    expect(await older).toEqual({ kind: 'unknown', code: 'forgotten_by_board' });
    expect(rig.board.motions).toBe(0);
  });
});
