/** The board's dead-man, its stop, its answers to every bad input, and that its step is pure. */
import { describe, expect, it } from 'vitest';
import { formatFrame } from '../../../firmware-protocol/frame.ts';
import { createBoard, step, storedOf } from '../../../firmware-protocol/simulator/machine.ts';
import { Bench, brief } from './bench.ts';

function homed(options = {}): Bench {
  const bench = new Bench({ mechanicsSpeed: 10, ...options });
  bench.home();
  return bench;
}

describe('the dead-man', () => {
  it('stops everything and ends the session after 250 ms without a frame of the session', () => {
    const bench = homed({ mechanicsSpeed: 1 });
    bench.command('MOVE 600 400');
    expect(bench.silence(245).some((message) => message.type === 'D')).toBe(false);
    expect(brief(bench.silence(10))).toEqual(expect.arrayContaining(['D 2 LINK', 'V LINK DEADMAN']));
    expect(bench.state.mechanics).toMatchObject({ motion: null, coilPercent: 0 });
    expect(brief(bench.command('MOVE 1 1'))).toEqual([`N BADSESS ${bench.session}/3`]);
    expect(bench.silence(100).find((message) => message.type === 'S')).toMatchObject({ state: 'LINK_LOST' });
  });

  it('is not fed by frames of another session, by noise or by an echo from the future', () => {
    const bench = homed();
    for (let count = 0; count < 5; count += 1) {
      bench.silence(50);
      bench.say({ type: 'K', session: '00001FFF', echoMs: bench.nowMs });
      bench.raw('garbage\n');
      expect(
        brief(bench.say({ type: 'K', session: bench.session, echoMs: bench.nowMs + 100 })),
      ).not.toContain('W');
    }
    expect(bench.state.rules.live).toBeNull();
  });

  it('takes an echo of up to 500 ms and no older', () => {
    const bench = homed();
    bench.pass(1000);
    const echoMs = bench.nowMs - 500;
    bench.say({ type: 'K', session: bench.session, echoMs });
    expect(bench.state.rules.live).not.toBeNull();
    bench.command('MOVE 600 400');
    expect(brief(bench.say({ type: 'K', session: bench.session, echoMs: echoMs - 1 }))).toEqual([
      'D 2 LINK',
      'V LINK ECHO',
      'S LINK_LOST',
    ]);
    expect(bench.state.rules.live).toBeNull();
  });

  it('holds for a BREAK at once, without a latch', () => {
    const bench = homed();
    bench.command('MOVE 600 400');
    bench.raw('C 0000');
    expect(brief(bench.input({ kind: 'break' }))).toEqual(['D 2 LINK', 'V LINK BREAK', 'S LINK_LOST']);
    expect(bench.hello().challenge).toBeNull();
  });
});

describe('ESC', () => {
  it('stops and latches at every byte of a frame, whatever the frame; the next line is heard whole', () => {
    const template = homed({ mechanicsSpeed: 1 });
    const line = template.commandLine(3, 'MOVE 300 200');
    template.command('MOVE 600 400');
    template.pass(50);
    for (let at = 0; at <= line.length; at += 1) {
      const bench = homed({ mechanicsSpeed: 1 });
      bench.command('MOVE 600 400');
      bench.pass(50);
      const said = brief(bench.raw(`${line.slice(0, at)}\u001b${line.slice(at)}`));
      expect(said).toEqual(expect.arrayContaining(['D 2 ESTOP', 'S ESTOP', 'V ESTOP LATCHED']));
      expect(bench.state.mechanics.motion).toBeNull();
      expect(bench.state.motions).toBe(2);
      expect(bench.hello().challenge).not.toBeNull();
    }
  });

  it('stops in the middle of a swallowed line too', () => {
    const bench = homed();
    expect(brief(bench.raw(`${'A'.repeat(500)}\u001b`))).toContain('S ESTOP');
    expect(bench.hello().challenge).not.toBeNull();
  });

  it('answers a burst with few S', () => {
    const bench = homed();
    expect(brief(bench.raw('\u001b'.repeat(1000)))).toEqual(['S ESTOP', 'V ESTOP LATCHED']);
  });

  it('keeps its latch against a wrong challenge, an older one, a reset and a power cut', () => {
    const bench = homed();
    bench.esc();
    const first = bench.hello().challenge!;
    const wrong = first === '00000000' ? '00000001' : '00000000';
    expect(brief(bench.say({ type: 'Z', session: bench.session, challenge: wrong }))).toEqual(['N ESTOP']);
    expect(brief(bench.command('HOME'))).toEqual([`N ESTOP ${bench.session}/1`]);
    expect(brief(bench.raw(bench.commandLine(1, 'STOP')))).toEqual([`N ESTOP ${bench.session}/1`]);
    for (const cause of ['EXT', 'POR'] as const) {
      bench.input({ kind: 'reset', cause });
      expect(bench.hello().challenge).not.toBe(first);
      expect(brief(bench.say({ type: 'Z', session: bench.session, challenge: first }))).toEqual(['N ESTOP']);
    }
    expect(new Bench({ stored: storedOf(bench.state) }).hello().challenge).not.toBeNull();
  });

  it('is cleared by Z with the challenge; then nothing moves and a home is needed', () => {
    const bench = homed();
    bench.command('MOVE 600 400');
    const line = bench.commandLine(2, 'MOVE 600 400');
    bench.esc();
    const challenge = bench.hello().challenge!;
    const said = brief(bench.say({ type: 'Z', session: bench.session, challenge }));
    expect(said).toEqual(['V ESTOP CLEARED', 'S IDLE']);
    expect(brief(bench.say({ type: 'Z', session: bench.session, challenge }))).toEqual(['S IDLE']);
    expect(brief(bench.raw(line))).toEqual(['D 2 ESTOP']);
    expect(brief(bench.command('MOVE 1 1'))).toEqual(['E 1 NOT_HOMED']);
    expect(bench.state.motions).toBe(2);
  });
});

describe('every bad input', () => {
  const withCheck = (payload: string) => formatFrame(payload);
  it.each([
    ['0'.repeat(80), 'N LEN'],
    ['lower', 'N RX'],
    ['K 00001000 0000\r0010*00000000', 'N RX'],
    ['K 00001000 00000010', 'N SYN'],
    ['K 00001000 00000010*00000000', 'N CRC'],
    [withCheck('X').trimEnd(), 'N TYPE'],
    [withCheck('K 00001000').trimEnd(), 'N BADARG'],
    [withCheck('C 00001000').trimEnd(), 'N BADARG'],
    [withCheck('K 00009000 00000010').trimEnd(), 'N BADSESS'],
    [withCheck('Z 00009000 00000010').trimEnd(), 'N BADSESS'],
  ])('%s is answered by %s', (line, answer) => {
    const bench = homed();
    expect(brief(bench.raw(`${line}\n`))).toEqual([answer]);
    expect(brief(bench.command('RELEASE'))).toEqual(['A 2', 'S RELEASING']);
  });

  it('of a framing error loses the line', () => {
    const bench = homed();
    bench.raw('K 0000');
    bench.input({ kind: 'framing-error' });
    expect(brief(bench.raw('1000 00000010*00000000\n'))).toEqual(['N RX']);
  });

  it('never makes more than 20 refusals in any second', () => {
    const bench = new Bench();
    const times: number[] = [];
    for (let ms = 0; ms < 5000; ms += 5) {
      const refusals = bench.raw('?\n'.repeat(3)).filter((message) => message.type === 'N');
      times.push(...refusals.map(() => bench.state.nowMs));
      bench.silence(5);
    }
    for (const [index, first] of times.entries()) {
      const later = times[index + 20];
      if (later !== undefined) expect(later - first).toBeGreaterThanOrEqual(1000);
    }
    expect(times.length).toBeGreaterThan(50);
  });

  it('is taken empty or with CR LF', () => {
    const bench = homed();
    expect(bench.raw('\n\r\n\n')).toEqual([]);
    expect(brief(bench.raw(bench.commandLine(2, 'RELEASE').replace('\n', '\r\n')))).toEqual([
      'A 2',
      'S RELEASING',
    ]);
  });
});

describe('the step', () => {
  it('is pure: the same state and input give the same, and the state that went in is untouched', () => {
    const bench = homed({ mechanicsSpeed: 1 });
    bench.command('MOVE 600 400');
    const before = structuredClone(bench.state);
    const first = step(bench.state, { kind: 'elapsed', ms: 500 });
    const second = step(bench.state, { kind: 'elapsed', ms: 500 });
    expect(second).toEqual(first);
    expect(bench.state).toEqual(before);
  });

  it('keeps fractions of a millisecond', () => {
    let state = createBoard();
    for (let count = 0; count < 1000; count += 1) state = step(state, { kind: 'elapsed', ms: 0.25 }).state;
    expect(state.nowMs).toBe(250);
  });
});
