/** The board's rules of session, sequence and outcome, each against the running board. */
import { describe, expect, it } from 'vitest';
import { storedOf } from '../../../firmware-protocol/simulator/machine.ts';
import { Bench, brief, replies } from './bench.ts';

function homed(options = {}): Bench {
  const bench = new Bench({ mechanicsSpeed: 10, ...options });
  bench.home();
  return bench;
}

describe('boot and hello', () => {
  it('says B at once, is without a session and moves nothing', () => {
    const bench = new Bench();
    expect(bench.said[0]).toMatchObject({ type: 'B', boot: '00001', cause: 'POR' });
    expect(bench.said[0]).toHaveProperty('firmware', expect.stringMatching(/^SIMULATED/));
    expect(bench.silence(3000).filter((message) => message.type === 'S')).toHaveLength(30);
    expect(bench.state.motions).toBe(0);
  });

  it('answers H by W, B and S, with a session of this boot that is new every time', () => {
    const bench = new Bench();
    expect(brief(bench.say({ type: 'H', versions: { low: 1, high: 9 }, nonce: '0000002A' }))).toEqual([
      'W',
      'B',
      'S IDLE',
    ]);
    const sessions = [bench.hello().session, bench.hello().session];
    expect(sessions).toEqual(['00001001', '00001002']);
  });

  it('refuses a host without a common version and keeps the session that lives', () => {
    const bench = homed();
    expect(replies(bench.say({ type: 'H', versions: { low: 2, high: 3 }, nonce: '0000002A' }))).toEqual([
      'N VER',
      'B',
    ]);
    expect(replies(bench.command('RELEASE'))).toEqual([`A ${bench.seq}`]);
  });

  it('counts the boot up when the hello number would wrap', () => {
    const bench = new Bench();
    for (let count = 0; count < 4096; count += 1) bench.hello();
    expect(bench.session).toBe('00001FFF');
    expect(bench.hello().session).toBe('00002000');
    expect(bench.said.at(-2)).toMatchObject({ type: 'B', boot: '00002' });
    expect(storedOf(bench.state).boot).toBe(2);
  });

  it('makes no session any more when all numbers are used up', () => {
    const bench = new Bench({ stored: { boot: 0xffffe, coins: 0, prizes: 0, latched: false } });
    for (let count = 0; count < 4096; count += 1) bench.hello();
    expect(bench.session).toBe('FFFFFFFF');
    expect(() => bench.hello()).toThrow('BADSESS');
    bench.input({ kind: 'reset', cause: 'POR' });
    expect(() => bench.hello()).toThrow('BADSESS');
  });

  it('stops what ran: a hello is a stop too, and tells of it', () => {
    const bench = homed();
    bench.command('MOVE 600 400');
    bench.pass(50);
    const open = { session: bench.session, seq: bench.seq };
    expect(bench.hello(open).told).toEqual({ kind: 'PART', code: 'LINK' });
    expect(bench.state.mechanics.motion).toBeNull();
  });
});

describe('one command', () => {
  it('is accepted, runs once and ends', () => {
    const bench = homed();
    expect(replies(bench.command('MOVE 100 100'))).toEqual(['A 2']);
    expect(bench.finish()).toMatchObject({ seq: 2, code: 'OK' });
    expect(bench.status()).toMatchObject({ x: 100, y: 100, state: 'IDLE', lastSeq: 2 });
  });

  it('that comes again is answered and never runs twice: A while it runs, D or E after', () => {
    const bench = homed();
    const motions = bench.state.motions;
    const line = bench.commandLine(2, 'MOVE 300 300');
    expect(replies(bench.raw(line))).toEqual(['A 2']);
    expect(replies(bench.raw(line))).toEqual(['A 2']);
    bench.finish();
    expect(replies(bench.raw(line))).toEqual(['D 2 OK']);
    const wrong = bench.commandLine(3, 'MOVE 2000 0');
    expect(replies(bench.raw(wrong))).toEqual(['E 3 LIMIT']);
    expect(replies(bench.raw(wrong))).toEqual(['E 3 LIMIT']);
    expect(bench.state.motions).toBe(motions + 1);
  });

  it('finds the ring before the session: an old command is answered even in a new session', () => {
    const bench = homed();
    const line = bench.commandLine(2, 'RELEASE');
    bench.raw(line);
    bench.finish();
    bench.hello();
    expect(replies(bench.raw(line))).toEqual(['D 2 OK']);
    const never = bench.commandLine(3, 'RELEASE', 1000, '00001000');
    expect(replies(bench.raw(never))).toEqual(['N BADSESS 00001000/3']);
  });

  it('out of its turn is GAP or OLD and consumes nothing', () => {
    const bench = homed();
    expect(replies(bench.raw(bench.commandLine(3, 'RELEASE')))).toEqual([`N GAP ${bench.session}/3`]);
    for (let count = 0; count < 9; count += 1) bench.command('MOVE 2000 2000');
    expect(replies(bench.raw(bench.commandLine(1, 'HOME')))).toEqual([`N OLD ${bench.session}/1`]);
    expect(replies(bench.command('RELEASE'))).toEqual(['A 11']);
  });

  it.each([
    ['DANCE', 'VERB'],
    ['HOME 1', 'BADARG'],
    ['JOG 101 0 10', 'BADARG'],
    ['MOVE 601 0', 'LIMIT'],
    ['MOVE 0 401', 'LIMIT'],
  ])('%s is rejected as %s, and the number is consumed', (order, code) => {
    const bench = homed();
    expect(replies(bench.command(order))).toEqual([`E 2 ${code}`]);
    expect(replies(bench.command('RELEASE'))).toEqual(['A 3']);
  });

  it('past its deadline is EXPIRED, too far ahead is BADARG', () => {
    const bench = homed();
    const late = bench.commandLine(2, 'MOVE 1 1', 20);
    bench.pass(50);
    expect(replies(bench.raw(late))).toEqual(['E 2 EXPIRED']);
    expect(replies(bench.raw(bench.commandLine(3, 'MOVE 1 1', 2001)))).toEqual(['E 3 BADARG']);
    expect(replies(bench.raw(bench.commandLine(4, 'MOVE 1 1', 0)))).toEqual(['A 4']);
  });

  it('finds its deadline across the wrap of the clock', () => {
    const bench = new Bench({ mechanicsSpeed: 10, clockMs: 2 ** 32 - 100 });
    bench.hello();
    const line = bench.commandLine(1, 'HOME', 1500);
    bench.pass(200);
    expect(bench.nowMs).toBeLessThan(1000);
    expect(replies(bench.raw(line))).toEqual(['A 1']);
  });

  it('needs a home first, then one motion at a time; STOP always works', () => {
    const bench = new Bench({ mechanicsSpeed: 10 });
    bench.hello();
    expect(replies(bench.command('MOVE 1 1'))).toEqual(['E 1 NOT_HOMED']);
    expect(replies(bench.command('HOME'))).toEqual(['A 2']);
    expect(replies(bench.command('MOVE 1 1'))).toEqual(['E 3 NOT_HOMED']);
    expect(replies(bench.command('HOME'))).toEqual(['E 4 BUSY']);
    expect(replies(bench.command('STOP', -5000))).toEqual(['A 5', 'D 2 STOPPED', 'D 5 OK']);
    expect(replies(bench.command('MOVE 1 1'))).toEqual(['E 6 NOT_HOMED']);
  });

  it('JOG renews JOG, and only JOG', () => {
    const bench = homed({ mechanicsSpeed: 1 });
    expect(replies(bench.command('JOG 100 50 200'))).toEqual(['A 2']);
    bench.pass(100);
    expect(replies(bench.command('JOG 100 0 200'))).toEqual(['D 2 RENEWED', 'A 3']);
    expect(replies(bench.command('MOVE 0 0'))).toEqual(['E 4 BUSY']);
    expect(bench.finish()).toMatchObject({ seq: 3, code: 'OK' });
    const { x, y } = bench.status();
    expect([x, y]).toEqual([75, 13]);
  });

  it('is not forgotten while it runs, however many are refused meanwhile', () => {
    const bench = homed({ mechanicsSpeed: 1 });
    const line = bench.commandLine(2, 'MOVE 600 400');
    bench.raw(line);
    bench.seq = 2;
    for (let count = 0; count < 10; count += 1) bench.command('MOVE 1 1');
    expect(replies(bench.raw(line))).toEqual(['A 2']);
    bench.finish();
    expect(replies(bench.raw(line))).toEqual(['D 2 OK']);
  });
});

describe('what became of a command', () => {
  const askOf = (bench: Bench, session: string, seq: number) =>
    replies(bench.say({ type: 'Q', session: bench.session, about: { session, seq } }));

  it('is told by Q as recorded, NEVER, FORGOT or GAP', () => {
    const bench = homed();
    const first = bench.session;
    bench.command('MOVE 999 0');
    expect(askOf(bench, first, 1)).toEqual(['D 1 OK']);
    expect(askOf(bench, first, 2)).toEqual(['E 2 LIMIT']);
    expect(askOf(bench, first, 3)).toEqual([`N GAP ${first}/3`]);
    bench.hello();
    expect(askOf(bench, first, 2)).toEqual(['E 2 LIMIT']);
    expect(askOf(bench, first, 3)).toEqual(['E 3 NEVER']);
    expect(askOf(bench, '00001005', 1)).toEqual(['N FORGOT 00001005/1']);
    expect(replies(bench.say({ type: 'Q', session: first, about: { session: first, seq: 1 } }))).toEqual([
      `N BADSESS ${first}/1`,
    ]);
  });

  it('is FORGOT below the floor and NEVER above it', () => {
    const bench = homed();
    const first = bench.session;
    for (let count = 0; count < 9; count += 1) bench.command('MOVE 999 0');
    expect(bench.hello({ session: first, seq: 2 }).told).toEqual({ kind: 'FORGOT' });
    expect(bench.hello({ session: first, seq: 3 }).told).toEqual({ kind: 'REJ', code: 'LIMIT' });
    expect(bench.hello({ session: first, seq: 11 }).told).toEqual({ kind: 'NEVER' });
    expect(bench.hello({ session: 'FFFFF000', seq: 1 }).told).toEqual({ kind: 'FORGOT' });
  });

  it.each(['EXT', 'WDT', 'BOR', 'SW'] as const)('outlives a reset by %s; what ran becomes RESET', (cause) => {
    const bench = homed();
    const first = bench.session;
    bench.command('MOVE 600 400');
    bench.pass(20);
    expect(replies(bench.input({ kind: 'reset', cause }))).toEqual(['B']);
    expect(bench.said.at(-1)).toMatchObject({ boot: '00002', cause });
    expect(bench.state.mechanics.motion).toBeNull();
    expect(bench.hello({ session: first, seq: 1 }).told).toEqual({ kind: 'OK' });
    expect(bench.hello({ session: first, seq: 2 }).told).toEqual({ kind: 'PART', code: 'RESET' });
    expect(bench.hello({ session: first, seq: 3 }).told).toEqual({ kind: 'NEVER' });
    expect(replies(bench.command('MOVE 1 1'))).toEqual(['E 1 NOT_HOMED']);
  });

  it('is lost by a power cut, and never guessed', () => {
    const bench = homed();
    const first = bench.session;
    bench.command('MOVE 600 400');
    bench.input({ kind: 'reset', cause: 'POR' });
    expect(bench.hello({ session: first, seq: 1 }).told).toEqual({ kind: 'FORGOT' });
    expect(bench.hello({ session: first, seq: 2 }).told).toEqual({ kind: 'FORGOT' });
    expect(bench.hello({ session: first, seq: 3 }).told).toEqual({ kind: 'FORGOT' });
    expect(bench.hello({ session: '00002000', seq: 1 }).told).toEqual({ kind: 'NEVER' });
    expect(bench.notes.filter((note) => note.kind === 'motion-ended').at(-1)).toMatchObject({
      ending: 'RESET',
    });
  });

  it('keeps sessions apart and totals exact over a power cut', () => {
    const bench = new Bench();
    bench.input({ kind: 'coin' });
    bench.hello();
    const stored = storedOf(bench.state);
    expect(stored).toEqual({ boot: 1, coins: 1, prizes: 0, latched: false });
    const next = new Bench({ stored });
    expect(next.hello().session).toBe('00002000');
    expect(next.silence(1000).find((message) => message.type === 'T')).toMatchObject({ coins: 1 });
  });
});
