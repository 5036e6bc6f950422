/** The simulated machine: a whole turn to a prize in the chute, grip and slip, soft limits, news, and every fault. */
import { describe, expect, it } from 'vitest';
import { INPUT_BITS } from '../../../firmware-protocol/catalog.ts';
import type { MechanicFault } from '../../../firmware-protocol/simulator/machine.ts';
import { fieldFrom, grab, surfaceZMm } from '../../../firmware-protocol/simulator/prizes.ts';
import { Bench, brief } from './bench.ts';

function bitOf(inputs: number, name: (typeof INPUT_BITS)[number]): boolean {
  return (inputs & (1 << INPUT_BITS.indexOf(name))) !== 0;
}

function homed(mechanicsSpeed = 10): Bench {
  const bench = new Bench({ mechanicsSpeed, seed: 7 });
  bench.home();
  return bench;
}

function run(bench: Bench, order: string): string {
  bench.command(order);
  return bench.finish().code;
}

/** Goes to the prize that lies highest, so that the claw meets it in its middle and nothing else. */
function grabBest(bench: Bench, gripPercent: number): void {
  const best = [...bench.state.mechanics.field.prizes].sort((a, b) => b.heightMm - a.heightMm)[0]!;
  expect(run(bench, `MOVE ${best.xMm} ${best.yMm}`)).toBe('OK');
  expect(run(bench, 'STRIKE')).toBe('OK');
  expect(bitOf(bench.status().inputs, 'SLACK')).toBe(true);
  expect(run(bench, `CAPTURE ${gripPercent}`)).toBe('OK');
}

describe('a turn', () => {
  it('wins a prize through the chute, counted once and kept', () => {
    const bench = homed();
    grabBest(bench, 100);
    expect(bench.state.mechanics.held).not.toBeNull();
    expect(bench.status()).toMatchObject({ z: 0, grip: 100 });
    run(bench, 'MOVE 30 30');
    const before = bench.said.length;
    expect(run(bench, 'RELEASE')).toBe('OK');
    bench.pass(1000);
    const news = brief(bench.said.slice(before)).filter((text) => text.startsWith('V'));
    expect(news).toEqual(['V PRIZE 1']);
    expect(bench.count('prize')).toBe(1);
    expect(bench.said.findLast((message) => message.type === 'T')).toMatchObject({ prizes: 1 });
    bench.input({ kind: 'reset', cause: 'POR' });
    bench.hello();
    expect(bench.pass(1100).find((message) => message.type === 'T')).toMatchObject({ prizes: 1 });
    expect(bench.state.mechanics.field.prizes).toHaveLength(40);
  });

  it('away from the chute puts the prize back', () => {
    const bench = homed();
    grabBest(bench, 100);
    run(bench, 'MOVE 300 300');
    run(bench, 'RELEASE');
    bench.pass(500);
    expect(bench.count('prize')).toBe(0);
    expect(bench.state.mechanics.field.prizes.at(-1)).toMatchObject({ xMm: 300, yMm: 300 });
  });

  it('drops the prize when the drives go off, and keeps it over STOP and hello', () => {
    const bench = homed();
    grabBest(bench, 100);
    bench.command('STOP');
    bench.hello();
    bench.pass(500);
    expect(bench.state.mechanics.held).not.toBeNull();
    bench.esc();
    bench.silence(200);
    expect(bench.state.mechanics.held).toBeNull();
  });

  it('lets the coil burn for no longer than its time', () => {
    const bench = homed();
    grabBest(bench, 100);
    bench.pass(6200);
    expect(bench.state.mechanics).toMatchObject({ coilPercent: 0, held: null });
  });

  it('tells each phase of its states', () => {
    const bench = homed(1);
    const seen = new Set<string>();
    for (const order of ['MOVE 60 60', 'STRIKE', 'CAPTURE', 'RELEASE', 'HOME']) {
      bench.command(order);
      bench.finish();
    }
    for (const message of bench.said) if (message.type === 'S') seen.add(message.state);
    expect([...seen]).toEqual(
      expect.arrayContaining(['HOMING', 'IDLE', 'MOVING', 'DESCENDING', 'GRIPPING', 'LIFTING', 'RELEASING']),
    );
  });
});

describe('grip', () => {
  it('holds surely in the middle at full grip, never at the edge, and by chance between', () => {
    const field = fieldFrom(1);
    const prize = field.prizes[0]!;
    const at = { xMm: prize.xMm, yMm: prize.yMm, zMm: 500 };
    const outcomes = (dx: number, grip: number) => {
      let held = 0;
      let slipped = 0;
      for (let seed = 0; seed < 400; seed += 1) {
        const alone = { prizes: [prize], random: seed };
        const taken = grab(alone, { ...at, xMm: at.xMm + dx }, grip).held;
        if (taken !== null && taken.slipsAtZMm === null) held += 1;
        if (taken?.slipsAtZMm != null) slipped += 1;
      }
      return { held, slipped };
    };
    expect(outcomes(0, 100)).toEqual({ held: 400, slipped: 0 });
    expect(outcomes(46, 100)).toEqual({ held: 0, slipped: 0 });
    const weak = outcomes(0, 30).held;
    const near = outcomes(15, 60).held;
    const far = outcomes(35, 60).held;
    expect(weak).toBeGreaterThan(60);
    expect(weak).toBeLessThan(180);
    expect(near).toBeGreaterThan(far);
  });

  it('that slips lets the prize lie where the claw hangs', () => {
    const bench = homed();
    for (let attempt = 0; attempt < 30; attempt += 1) {
      grabBest(bench, 1);
      if (bench.state.mechanics.held === null) break;
    }
    expect(bench.state.mechanics.held).toBeNull();
    expect(bench.state.mechanics.field.prizes).toHaveLength(40);
  });

  it('is replayed by its seed', () => {
    expect(fieldFrom(3)).toEqual(fieldFrom(3));
    expect(fieldFrom(3)).not.toEqual(fieldFrom(4));
    expect(surfaceZMm({ prizes: [], random: 0 }, 1, 1)).toBe(500);
  });
});

describe('limits', () => {
  it('hold a jog inside the field and show at the switches', () => {
    const bench = homed(1);
    for (let count = 0; count < 20; count += 1) {
      bench.command('JOG -100 -100 200');
      bench.pass(100);
    }
    const { x, y, inputs } = bench.status();
    expect([x, y]).toEqual([0, 0]);
    expect([bitOf(inputs, 'LEFT'), bitOf(inputs, 'FRONT'), bitOf(inputs, 'RIGHT')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('of STRIKE end it by its time, as asked', () => {
    const bench = homed(1);
    expect(run(bench, 'STRIKE 500')).toBe('OK');
    expect(bench.status().z).toBeLessThan(200);
  });

  it('run faster with the mechanics, and only they', () => {
    const slow = homed(1);
    const fast = homed(10);
    const timed = (bench: Bench) => {
      const before = bench.state.nowMs;
      run(bench, 'MOVE 500 0');
      return bench.state.nowMs - before;
    };
    expect(timed(slow)).toBe(2050);
    expect(timed(fast)).toBe(250);
    fast.command('MOVE 0 0');
    expect(brief(fast.silence(240))).not.toContain('V LINK DEADMAN');
  });
});

describe('a fault', () => {
  const cases: readonly (readonly [MechanicFault, string, string])[] = [
    ['stuck-claw', 'CAPTURE', 'CLAW_COIL_STUCK'],
    ['stuck-trolley', 'MOVE 600 400', 'LR_MOTOR'],
    ['stuck-gantry', 'MOVE 600 400', 'FB_MOTOR'],
    ['stuck-hoist', 'STRIKE', 'HOIST_DOWN'],
    ['slow', 'MOVE 600 400', 'LR_MOTOR'],
  ];
  it.each(cases)('%s ends %s as %s, stands until a HOME and moves nothing else', (name, order, ending) => {
    const bench = homed();
    bench.input({ kind: 'fault', name, on: true });
    expect(run(bench, order)).toBe(ending);
    expect(brief(bench.said)).toContain(`V FAULT ${ending}`);
    expect(bench.status()).toMatchObject({ state: 'FAULT', fault: ending });
    expect(bench.state.mechanics).toMatchObject({ motion: null, coilPercent: 0 });
    expect(brief(bench.command('MOVE 1 1'))).toEqual([`E ${bench.seq} FAULT`]);
    bench.input({ kind: 'fault', name, on: false });
    expect(run(bench, 'HOME')).toBe('OK');
    expect(bench.status()).toMatchObject({ state: 'IDLE', fault: null });
  });

  it('of the hoist on its way up is HOIST_UP', () => {
    const bench = homed();
    run(bench, 'STRIKE');
    bench.input({ kind: 'fault', name: 'stuck-hoist', on: true });
    expect(run(bench, 'HOME')).toBe('HOIST_UP');
  });
});

describe('news', () => {
  it('of coins, the door and tilt are numbered, told in S and totalled in T', () => {
    const bench = new Bench();
    const said = [
      ...bench.input({ kind: 'coin' }),
      ...bench.input({ kind: 'coin' }),
      ...bench.input({ kind: 'door', open: true }),
      ...bench.input({ kind: 'tilt', on: true }),
    ];
    expect(brief(said)).toEqual(['V COIN 1', 'V COIN 2', 'V DOOR OPEN', 'V TILT ON']);
    const later = bench.silence(1000);
    expect(later.find((message) => message.type === 'T')).toMatchObject({ coins: 2, eventSeq: 4 });
    const status = later.find((message) => message.type === 'S')!;
    expect([bitOf(status.inputs, 'DOOR'), bitOf(status.inputs, 'TILT')]).toEqual([true, true]);
  });
});
