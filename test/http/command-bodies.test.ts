/** Each verb's body: the edges of every range, unknown fields, and the fingerprint. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type Command,
  GRIP_PERCENT,
  type IntegerRange,
  JOG_DURATION_MS,
  JOG_SPEED_PERCENT,
  MOVE_POSITION_MM,
  VERBS,
  type Verb,
} from '../../src/domain/command.ts';
import { COMMAND_BODIES, commandFingerprint, parseCommand } from '../../src/http/command-bodies.ts';

const FIELDS: readonly (readonly [Verb, string, IntegerRange, object])[] = [
  ['jog', 'vx', JOG_SPEED_PERCENT, { vy: 0, durationMs: 100 }],
  ['jog', 'vy', JOG_SPEED_PERCENT, { vx: 0, durationMs: 100 }],
  ['jog', 'durationMs', JOG_DURATION_MS, { vx: 0, vy: 0 }],
  ['move', 'x', MOVE_POSITION_MM, { y: 1 }],
  ['move', 'y', MOVE_POSITION_MM, { x: 1 }],
  ['capture', 'grip', GRIP_PERCENT, {}],
];

describe('the bodies of the verbs', () => {
  it.each(FIELDS)('%s takes %s up to both edges and not beyond', (verb, field, { min, max }, others) => {
    for (const value of [min, max]) {
      expect(parseCommand(verb, { ...others, [field]: value })).toEqual({
        kind: 'valid',
        value: { verb, ...others, [field]: value },
      });
    }
    for (const value of [min - 1, max + 1, min + 0.5, String(min), null]) {
      const result = parseCommand(verb, { ...others, [field]: value });
      expect(result).toMatchObject({ kind: 'invalid', errors: [{ path: field }] });
    }
  });

  it('take only what is theirs', () => {
    for (const verb of VERBS) {
      const result = parseCommand(verb, { verb: 'estop' });
      expect(result).toMatchObject({ kind: 'invalid' });
      const errors = result.kind === 'invalid' ? result.errors : [];
      expect(errors.map(({ path }) => path)).toContain('verb');
    }
  });

  it.each([
    'strike',
    'release',
    'home',
    'stop',
    'estop',
    'reset',
    'capture',
  ] as const)('of %s may be empty', (verb) => {
    expect(parseCommand(verb, {})).toEqual({ kind: 'valid', value: { verb } });
  });

  it('can be told as JSON Schema, which the description of the API is made from', () => {
    expect(z.toJSONSchema(COMMAND_BODIES.jog)).toMatchObject({
      properties: { vx: { type: 'integer', minimum: -100, maximum: 100 } },
      additionalProperties: false,
    });
  });
});

describe('the fingerprint', () => {
  const jog: Command = { verb: 'jog', vx: 1, vy: 2, durationMs: 3 };

  it('is a SHA-256, the same for the same command', () => {
    expect(commandFingerprint('claw-1', jog)).toMatch(/^[0-9a-f]{64}$/);
    expect(commandFingerprint('claw-1', { durationMs: 3, vy: 2, vx: 1, verb: 'jog' })).toBe(
      commandFingerprint('claw-1', jog),
    );
    expect(commandFingerprint('claw-1', { verb: 'capture', grip: undefined })).toBe(
      commandFingerprint('claw-1', { verb: 'capture' }),
    );
  });

  it('differs by claw, verb and argument', () => {
    const fingerprints = [
      commandFingerprint('claw-1', jog),
      commandFingerprint('claw-2', jog),
      commandFingerprint('claw-1', { ...jog, vx: 2, vy: 1 }),
      commandFingerprint('claw-1', { verb: 'strike' }),
      commandFingerprint('claw-1', { verb: 'release' }),
    ];
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });
});
