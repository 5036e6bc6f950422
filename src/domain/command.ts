/**
 * What a person may ask of a claw: the closed set of verbs, their arguments and ranges, the role each one wants and
 * the audit action it is recorded under. HTTP checks bodies against these ranges; control decides by this table; the
 * wire's own table (firmware-protocol/catalog.ts) states the same ranges, and a contract test holds the two equal.
 */
import type { Role } from './roles.ts';

/** Inclusive range of an integer argument; the unit stands in the name of the constant. */
export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

/** Jog speed of trolley (vx) and gantry (vy), in percent of the axis's top speed; right and back are positive. */
export const JOG_SPEED_PERCENT: IntegerRange = { min: -100, max: 100 };
/** Longest hold-to-run motion that one jog may cause; a client renews to go on. */
export const JOG_DURATION_MS: IntegerRange = { min: 1, max: 200 };
/** Target of a move in millimetres from the home corner; a board may have narrower soft limits. */
export const MOVE_POSITION_MM: IntegerRange = { min: 0, max: 2000 };
/** Grip of the claw coil in percent of full PWM. */
export const GRIP_PERCENT: IntegerRange = { min: 1, max: 100 };

/** One command as a person asked for it. Numbers are integers inside the ranges above. */
export type Command =
  | { readonly verb: 'jog'; readonly vx: number; readonly vy: number; readonly durationMs: number }
  | { readonly verb: 'move'; readonly x: number; readonly y: number }
  | { readonly verb: 'strike' }
  | { readonly verb: 'capture'; readonly grip?: number | undefined }
  | { readonly verb: 'release' }
  | { readonly verb: 'home' }
  | { readonly verb: 'stop' }
  | { readonly verb: 'estop' }
  | { readonly verb: 'reset' };

export type Verb = Command['verb'];

/** The commands that move a motor or the claw. They need a durable intent row before their first byte. */
export type MotionCommand = Extract<
  Command,
  { verb: 'jog' | 'move' | 'strike' | 'capture' | 'release' | 'home' }
>;
export type MotionVerb = MotionCommand['verb'];

export interface VerbRule {
  /** The audit action, a word of the trade. */
  readonly action: string;
  /** The least role that may ask for it. */
  readonly role: Role;
  /** Whether it moves a motor or the claw. */
  readonly motion: boolean;
  /** Whether the position must be known first. */
  readonly needsHomed: boolean;
}

export const VERB_RULES = {
  jog: { action: 'CLAW_JOG', role: 'player', motion: true, needsHomed: true },
  move: { action: 'CLAW_MOVE', role: 'player', motion: true, needsHomed: true },
  strike: { action: 'CLAW_STRIKE', role: 'player', motion: true, needsHomed: true },
  capture: { action: 'CLAW_CAPTURE', role: 'player', motion: true, needsHomed: true },
  release: { action: 'CLAW_RELEASE', role: 'player', motion: true, needsHomed: true },
  home: { action: 'CLAW_HOME', role: 'operator', motion: true, needsHomed: false },
  stop: { action: 'CLAW_STOP', role: 'player', motion: false, needsHomed: false },
  estop: { action: 'CLAW_ESTOP', role: 'player', motion: false, needsHomed: false },
  reset: { action: 'CLAW_RESET', role: 'operator', motion: false, needsHomed: false },
} as const satisfies Record<Verb, VerbRule>;

export const VERBS = Object.keys(VERB_RULES) as readonly Verb[];

export function isMotion(command: Command): command is MotionCommand {
  return VERB_RULES[command.verb].motion;
}
