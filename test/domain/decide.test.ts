/** The decision table: role first, stop always, then link, latch, work, fault, position. */
import { describe, expect, it } from 'vitest';
import type { ClawSnapshot } from '../../src/domain/claw-state.ts';
import { type Command, VERB_RULES, type Verb } from '../../src/domain/command.ts';
import { decide } from '../../src/domain/decide.ts';
import { ROLES, roleAllows } from '../../src/domain/roles.ts';
import { READY_SNAPSHOT } from '../support/snapshots.ts';

const COMMANDS: Record<Verb, Command> = {
  jog: { verb: 'jog', vx: 10, vy: 0, durationMs: 100 },
  move: { verb: 'move', x: 1, y: 1 },
  strike: { verb: 'strike' },
  capture: { verb: 'capture' },
  release: { verb: 'release' },
  home: { verb: 'home' },
  stop: { verb: 'stop' },
  estop: { verb: 'estop' },
  reset: { verb: 'reset' },
};
const MOTIONS: readonly Verb[] = ['jog', 'move', 'strike', 'capture', 'release'];

/** Which verbs an admin is allowed, and with what code the others are refused. */
function verdicts(change: Partial<ClawSnapshot>, running: Command | null = null): Record<Verb, string> {
  const snapshot = { ...READY_SNAPSHOT, ...change };
  const entries = Object.values(COMMANDS).map((command) => {
    const verdict = decide(command, 'admin', snapshot, running);
    return [command.verb, verdict.kind === 'allowed' ? 'allowed' : verdict.code] as const;
  });
  return Object.fromEntries(entries) as Record<Verb, string>;
}

/** Every verb `rest`, but for the ones named. */
function all(rest: string, but: Partial<Record<Verb, string>>): Record<Verb, string> {
  return {
    ...(Object.fromEntries(Object.keys(COMMANDS).map((verb) => [verb, rest])) as Record<Verb, string>),
    ...but,
  };
}

const STOPS = { stop: 'allowed', estop: 'allowed' } as const;

describe('decide', () => {
  it('allows everything but a reset when the claw is ready', () => {
    expect(verdicts({})).toEqual(all('allowed', { reset: 'not_latched' }));
  });

  it('allows only stop and estop while the link is not up', () => {
    for (const link of ['down', 'connecting'] as const)
      expect(verdicts({ link })).toEqual(all('link_down', STOPS));
  });

  it('allows only reset, stop and estop while latched', () => {
    expect(verdicts({ state: 'estop' })).toEqual(all('latched', { ...STOPS, reset: 'allowed' }));
  });

  it('lets nothing but stop and a renewed jog run beside another command', () => {
    expect(verdicts({ state: 'descending' }, COMMANDS.strike)).toEqual(
      all('busy', { ...STOPS, reset: 'not_latched' }),
    );
    expect(verdicts({ state: 'moving' }, COMMANDS.jog)).toEqual(
      all('busy', { ...STOPS, reset: 'not_latched', jog: 'allowed' }),
    );
    expect(verdicts({ state: 'homing' }).jog).toBe('busy');
  });

  it('asks for a home first where the position is unknown or a fault stands', () => {
    for (const [change, code] of [
      [{ homed: false }, 'not_homed'],
      [{ state: 'fault', faults: ['hoist_up'] }, 'fault'],
      [{ state: 'disabled' }, 'fault'],
    ] as const) {
      const found = verdicts(change);
      for (const verb of MOTIONS) expect(found[verb], verb).toBe(code);
      expect(found.home).toBe('allowed');
    }
  });

  it('refuses by role before anything else, for every role and verb', () => {
    for (const role of ROLES) {
      for (const command of Object.values(COMMANDS)) {
        const verdict = decide(command, role, { ...READY_SNAPSHOT, link: 'down' }, null);
        const permitted = roleAllows(role, VERB_RULES[command.verb].role);
        expect(
          verdict.kind === 'refused' && verdict.code === 'not_permitted',
          `${role} ${command.verb}`,
        ).toBe(!permitted);
      }
    }
  });
});
