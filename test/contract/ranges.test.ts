/**
 * The same numbers on both sides: what HTTP lets a person ask for (domain/command.ts) is exactly what the wire carries
 * (firmware-protocol/catalog.ts). Neither may import the other, so this test holds them equal.
 */
import { describe, expect, it } from 'vitest';
import { BOARD_STATES, RESET_CAUSES, VERBS as WIRE_VERBS } from '../../firmware-protocol/catalog.ts';
import { CLAW_STATES } from '../../src/domain/claw-state.ts';
import {
  GRIP_PERCENT,
  type IntegerRange,
  JOG_DURATION_MS,
  JOG_SPEED_PERCENT,
  MOVE_POSITION_MM,
  VERBS,
} from '../../src/domain/command.ts';

const wireRange = (verb: keyof typeof WIRE_VERBS, name: string): IntegerRange | undefined => {
  const rule = WIRE_VERBS[verb].find((argument) => argument.name === name);
  return rule === undefined ? undefined : { min: rule.min, max: rule.max };
};

describe('domain and wire', () => {
  it.each([
    ['JOG', 'vx', JOG_SPEED_PERCENT],
    ['JOG', 'vy', JOG_SPEED_PERCENT],
    ['JOG', 'ms', JOG_DURATION_MS],
    ['MOVE', 'x', MOVE_POSITION_MM],
    ['MOVE', 'y', MOVE_POSITION_MM],
    ['CAPTURE', 'grip', GRIP_PERCENT],
  ] as const)('%s %s has one range', (verb, name, range) => expect(wireRange(verb, name)).toEqual(range));

  it('have the same verbs; estop and reset have frames of their own on the wire', () => {
    const ofWire = Object.keys(WIRE_VERBS).map((verb) => verb.toLowerCase());
    expect([...ofWire, 'estop', 'reset'].sort()).toEqual([...VERBS].sort());
  });

  it('have the same states', () => {
    expect(BOARD_STATES.map((state) => state.toLowerCase()).sort()).toEqual([...CLAW_STATES].sort());
  });

  it('have the same causes of a reset', () =>
    expect([...RESET_CAUSES]).toEqual(['POR', 'EXT', 'BOR', 'WDT', 'SW']));
});
