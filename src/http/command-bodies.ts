/**
 * The body of each verb: one table, its ranges taken from domain/command.ts. All objects are strict: a misspelt
 * `duration` must be told, not silently become a default.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type Command,
  GRIP_PERCENT,
  JOG_DURATION_MS,
  JOG_SPEED_PERCENT,
  MOVE_POSITION_MM,
  type Verb,
} from '../domain/command.ts';
import { integerField, type Validated, validate } from './validation.ts';

const NOTHING = z.strictObject({});

/** What each verb takes. */
export const COMMAND_BODIES = {
  jog: z.strictObject({
    vx: integerField(JOG_SPEED_PERCENT, 'percent'),
    vy: integerField(JOG_SPEED_PERCENT, 'percent'),
    durationMs: integerField(JOG_DURATION_MS, 'milliseconds'),
  }),
  move: z.strictObject({
    x: integerField(MOVE_POSITION_MM, 'millimetres'),
    y: integerField(MOVE_POSITION_MM, 'millimetres'),
  }),
  strike: NOTHING,
  capture: z.strictObject({ grip: integerField(GRIP_PERCENT, 'percent').optional() }),
  release: NOTHING,
  home: NOTHING,
  stop: NOTHING,
  estop: NOTHING,
  reset: NOTHING,
} as const satisfies Record<Verb, z.ZodObject>;

/** The command that a body asks for. */
export function parseCommand(verb: Verb, body: unknown): Validated<Command> {
  const result = validate(COMMAND_BODIES[verb], body);
  // The table is keyed by verb, so what its schema let through has that verb's fields; the compiler cannot follow.
  return result.kind === 'invalid'
    ? result
    : { kind: 'valid', value: { verb, ...result.value } as unknown as Command };
}

/** SHA-256 (hex) of claw and command; the order of the fields in the body plays no part. */
export function commandFingerprint(claw: string, command: Command): string {
  const fields = Object.entries(command)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([claw, fields]))
    .digest('hex');
}
