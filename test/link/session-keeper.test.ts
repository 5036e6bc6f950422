/**
 * The session on one port, against a board that says exactly what a test tells it: stale and doubled answers, a hello
 * that is refused, one question after the other, and the keep-alive that must be earned.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { boot, HOME, JOG, type Rig, realRig, type ScriptedBoard, scriptedRig, status } from './support.ts';

const FIRST = '00001000';
const SECOND = '00001001';

let rig: Rig<ScriptedBoard>;
afterEach(() => rig.close());

function begun(): ScriptedBoard {
  rig = scriptedRig();
  rig.link.start();
  return rig.board;
}

const nonceOf = (hello: string): string => hello.split(' ')[2]!;
const welcomeTo = (hello: string, session: string): string => `W ${nonceOf(hello)} ${session} 1 00000064 - -`;

describe('handshake', () => {
  it('ignores a W that answers an earlier hello', async () => {
    const board = begun();
    const stale = await board.hear(/^H /);
    const latest = await board.hear(/^H /);
    expect(nonceOf(latest)).not.toBe(nonceOf(stale));
    board.say(welcomeTo(stale, FIRST), boot(FIRST), status('IDLE'));
    board.say(welcomeTo(latest, SECOND), boot(SECOND), status('IDLE'));
    await rig.up();
    expect(await board.hear(/^K /)).toBe(`K ${SECOND} 00000064`);
    expect(board.heard.some((frame) => frame.startsWith(`K ${FIRST}`))).toBe(false);
  });

  it('is up with the first status of the session and not before', async () => {
    const board = begun();
    board.say(status('MOVING'));
    const hello = await board.hear(/^H /);
    board.say(welcomeTo(hello, FIRST), boot(FIRST));
    await board.hear(/^K /);
    expect(rig.link.snapshot()).toMatchObject({ link: 'connecting', state: 'link_lost' });
    expect(rig.transitions).toEqual([]);
    board.say(status('IDLE'));
    expect(await rig.up()).toMatchObject({ state: 'idle' });
  });

  it('takes the later of two sessions when the line doubled its hello', async () => {
    const board = begun();
    const hello = await board.hear(/^H /);
    board.say(welcomeTo(hello, FIRST), boot(FIRST), status('IDLE'));
    board.say(welcomeTo(hello, SECOND), boot(SECOND), status('IDLE'));
    await rig.up();
    expect(await board.hear(/^K /)).toMatch(new RegExp(`^K ${SECOND}`));
  });

  it('begins nothing when the board restarted between W and B', async () => {
    const board = begun();
    const hello = await board.hear(/^H /);
    board.say(welcomeTo(hello, FIRST), boot('00002000'), status('LINK_LOST'));
    await board.welcome('00002000');
    await rig.up();
    expect(rig.link.statistics.handshakes).toBe(1);
  });

  it('closes the port of a board that speaks another version, and says so', async () => {
    const board = begun();
    await board.hear(/^H /);
    board.say('N VER', 'B 00001 POR OTHER/2.0 2-3');
    expect((await rig.until(({ link }) => link === 'down')).linkReason).toMatch(/no version/);
  });

  it('takes no version that it did not offer', async () => {
    const board = begun();
    const hello = await board.hear(/^H /);
    board.say(`W ${nonceOf(hello)} ${FIRST} 2 00000064 - -`, boot(FIRST), status('IDLE'));
    await board.hear(/^H /);
    expect(rig.link.statistics.handshakes).toBe(0);
  });

  it('is not begun again for every stale refusal', async () => {
    const board = begun();
    await board.welcome(FIRST);
    await rig.up();
    board.say('N BADSESS', 'N BADSESS', 'N BADSESS');
    await board.hear(/^H /);
    const next = board.welcome(SECOND);
    board.say('N BADSESS');
    await next;
    await rig.up();
    expect(rig.link.statistics.handshakes).toBe(2);
    expect(rig.written.filter((frame) => frame.startsWith('H ')).length).toBeLessThanOrEqual(3);
  });
});

describe('a session', () => {
  it('ends when the board names another boot, says that nobody is listened to, or tells why it ended it', async () => {
    const board = begun();
    const endings = [boot('00009000'), status('LINK_LOST'), 'V 3 LINK DEADMAN', 'N BADSESS 00001000/4'];
    for (const ending of endings) {
      await board.welcome(FIRST);
      await rig.up();
      board.say(ending);
      await rig.until(({ link }) => link === 'connecting');
    }
  });

  it('echoes the newest time heard, and only as often as due', async () => {
    const board = begun();
    await board.welcome(FIRST);
    await board.hear(/^K 00001000 00000064$/);
    board.say(status('IDLE', '000003E8'));
    await board.hear(/^K 00001000 000003E8$/);
  });

  it('asks each question in its turn, so that one without an answer keeps no other waiting', async () => {
    const board = begun();
    await board.welcome(SECOND);
    await rig.up();
    void rig.link.inquire({ session: FIRST, seq: 1 });
    const second = rig.link.inquire({ session: FIRST, seq: 2 });
    await board.hear(/^Q 00001001 00001000\/2$/);
    board.say('N FORGOT 00001000/2');
    expect(await second).toEqual({ kind: 'unknown', code: 'forgotten_by_board' });
    await board.hear(/^Q 00001001 00001000\/1$/);
  });

  it('takes no refusal of a question for an answer', async () => {
    const board = begun();
    await board.welcome(SECOND);
    await rig.up();
    let known = false;
    const asked = rig.link.inquire({ session: FIRST, seq: 1 }).then((outcome) => {
      known = true;
      return outcome;
    });
    await board.hear(/^Q /);
    board.say('N GAP 00001000/1', 'N OLD 00001000/1', 'N CRC', 'N BADSESS 00001000/1');
    const hello = await board.hear(/^H .* 00001000\/1$/);
    expect(known).toBe(false);
    board.say(`W ${nonceOf(hello)} 00001002 1 00000064 - PART,STOPPED`);
    expect(await asked).toEqual({ kind: 'failed', code: 'stopped' });
  });
});

describe('stop', () => {
  it('goes out although an earlier S spoke of a latch that is gone', async () => {
    const board = begun();
    const hello = await board.hear(/^H /);
    // The S that follows B is lost; W says that there is no latch.
    board.say(status('ESTOP'), welcomeTo(hello, FIRST), boot(FIRST));
    await board.hear(/^K /);
    const moving = rig.execute(HOME);
    await board.hear(/^C 00001000 1 .* HOME$/);
    board.say('A 00001000 1', 'T 5 0 0 0');
    await rig.until(({ meters }) => meters?.coins === 5);
    const stopped = rig.link.stop();
    await board.hear(/^C 00001000 2 .* STOP$/);
    board.say('D 00001000 1 STOPPED', 'A 00001000 2', 'D 00001000 2 OK');
    expect(await stopped).toEqual({ kind: 'done' });
    expect(await moving).toEqual({ kind: 'failed', code: 'stopped' });
  });

  it('between W and B lets no session begin', async () => {
    const board = begun();
    const hello = await board.hear(/^H /);
    board.say(welcomeTo(hello, FIRST));
    await new Promise((resolve) => setImmediate(resolve));
    const stopped = rig.link.estop();
    board.say(boot(FIRST));
    await board.hear(/^\u001b$/);
    expect(rig.link.statistics.handshakes).toBe(0);
    board.say(status('ESTOP'));
    expect(await stopped).toEqual({ kind: 'done' });
    await board.welcome(SECOND, { challenge: 'AAAAAAAA', state: 'ESTOP' });
    expect(await rig.up()).toMatchObject({ state: 'estop' });
  });

  it('is not confirmed by an ESTOP of the latch that a reset is clearing', async () => {
    const board = begun();
    await board.welcome(FIRST, { challenge: 'AAAAAAAA', state: 'ESTOP' });
    await rig.up();
    const reset = rig.link.reset();
    await board.hear(/^Z 00001000 AAAAAAAA$/);
    let confirmed = false;
    const stopped = rig.link.estop().then((outcome) => {
      confirmed = true;
      return outcome;
    });
    board.say(status('ESTOP'));
    expect(await reset).toEqual({ kind: 'unknown', code: 'not_confirmed' });
    for (let count = 0; count < 6; count += 1) await board.hear(/^\u001b$/);
    expect(confirmed).toBe(false);
    board.say(status('ESTOP'));
    expect(await stopped).toEqual({ kind: 'done' });
  });

  it('opens the port anew when the board says all but ESTOP', async () => {
    const board = begun();
    await board.welcome(FIRST);
    await rig.up();
    const saying = setInterval(() => board.say(status('IDLE')), 50);
    const stopped = rig.link.estop();
    expect(await rig.link.stop()).toEqual({ kind: 'unknown', code: 'not_confirmed' });
    expect(await stopped).toEqual({ kind: 'unknown', code: 'not_confirmed' });
    expect((await rig.until(({ link }) => link === 'down')).linkReason).toBe(
      'the board does not confirm a stop',
    );
    clearInterval(saying);
    expect(rig.written.slice(rig.written.indexOf('\u001b')).every((frame) => frame === '\u001b')).toBe(true);
  });
});

describe('reset', () => {
  it('is told as unknown when the board does not answer, and Z is not said any longer', async () => {
    const board = begun();
    const saying = setInterval(() => board.say(status('ESTOP')), 50);
    await board.welcome(FIRST, { challenge: 'AAAAAAAA', state: 'ESTOP' });
    await rig.up();
    expect(await rig.link.reset()).toEqual({ kind: 'unknown', code: 'not_confirmed' });
    board.heard.length = 0;
    for (let count = 0; count < 5; count += 1) await board.hear(/^K /);
    clearInterval(saying);
    expect(board.heard.some((frame) => frame.startsWith('Z'))).toBe(false);
  });

  it.each([
    ['-', 'IDLE', { kind: 'done' }],
    ['AAAAAAAA', 'ESTOP', { kind: 'done' }],
    ['BBBBBBBB', 'ESTOP', { kind: 'unknown', code: 'not_confirmed' }],
  ])('whose session ended is about no other latch in the next (%s)', async (challenge, state, outcome) => {
    const board = begun();
    await board.welcome(FIRST, { challenge: 'AAAAAAAA', state: 'ESTOP' });
    await rig.up();
    const reset = rig.link.reset();
    await board.hear(/^Z /);
    board.say('N BADSESS');
    await board.welcome(SECOND, { challenge, state });
    if (challenge === 'AAAAAAAA') {
      await board.hear(/^Z 00001001 AAAAAAAA$/);
      board.say(status('IDLE'));
    }
    expect(await reset).toEqual(outcome);
    await board.hear(/^K 00001001 /);
    expect(rig.written.some((frame) => frame.startsWith('Z 00001001 BBBBBBBB'))).toBe(false);
  });
});

describe('keep-alive', () => {
  it('stops with the loop, and then the board stops what moves', async () => {
    const real = realRig({ speed: 1 });
    real.link.start();
    await real.up();
    const homing = real.execute(HOME);
    await real.moving();
    let stalling = true;
    // Every turn of the loop comes late: none earns a keep-alive, though the timers go on.
    const stall = (): void => {
      const untilMs = performance.now() + 120;
      while (performance.now() < untilMs);
      if (stalling) setImmediate(stall);
    };
    stall();
    expect(await real.noted('session-ended')).toMatchObject({ why: 'DEADMAN' });
    stalling = false;
    expect(await homing).toEqual({ kind: 'failed', code: 'link' });
    await real.expectTruth();
    await real.close();
    rig = scriptedRig();
  });

  it('is the only thing that keeps a jog going', async () => {
    const board = begun();
    await board.welcome(FIRST);
    await rig.up();
    const jog = rig.execute(JOG);
    await board.hear(/^C 00001000 1 /);
    board.say('A 00001000 1', 'D 00001000 1 OK');
    expect(await jog).toEqual({ kind: 'done' });
    rig.cable.unplug();
    await rig.until(({ link }) => link === 'down');
    const written = rig.written.length;
    await rig.until(({ linkReason }) => /no such port/.test(linkReason ?? ''));
    expect(rig.written.length).toBe(written);
  });
});
