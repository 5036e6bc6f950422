/**
 * The simulated machine itself: gantry (y), trolley (x), hoist (z, down from the top), claw coil, string, chute and prize
 * eye, with their speeds, ends and longest times. A motion is a row of stages; a stage that takes longer than its time
 * ends the motion with the fault's word. Knows nothing of frames and sessions; `machine.ts` starts and stops it.
 */
import type { EndingWord, BoardState as StateWord, WireVerb } from '../catalog.ts';
import {
  CHUTE_MM,
  FIELD_MM,
  fieldFrom,
  grab,
  type HeldPrize,
  type PrizeField,
  putDown,
  refill,
  surfaceZMm,
} from './prizes.ts';

/** Faults of the mechanics that can be put in and taken out. */
export const MECHANIC_FAULTS = [
  'stuck-claw',
  'stuck-hoist',
  'stuck-trolley',
  'stuck-gantry',
  'slow',
] as const;
export type MechanicFault = (typeof MECHANIC_FAULTS)[number];

export type MotionVerb = Exclude<WireVerb, 'STOP'>;
type Stage = 'hoist' | 'travel' | 'jog' | 'lower' | 'grip' | 'open';

const STAGES: { readonly [V in MotionVerb]: readonly Stage[] } = {
  JOG: ['jog'],
  MOVE: ['hoist', 'travel'],
  HOME: ['hoist', 'travel'],
  STRIKE: ['lower'],
  CAPTURE: ['grip', 'hoist'],
  RELEASE: ['open'],
};

const SPEED = { travelMmPerS: 250, upMmPerS: 150, downMmPerS: 300, clawPercentPerS: 200 } as const;
const SLOW_FACTOR = 0.1;
/** The longest time of each stage. */
const LONGEST_MS: { readonly [S in Stage]: number } = {
  hoist: 6000,
  travel: 8000,
  jog: 1000,
  lower: 3500,
  grip: 2500,
  open: 2500,
};
/** Shortest times: a coil is given its time even when the claw has arrived. */
const GRIP_MS = 1200;
const OPEN_MS = 600;
/** The coil's own longest time: left closed it would burn. */
const COIL_ON_MS_MAX = 60_000;
const FALL_MS = 350;
const EYE_MS = 200;
const DEFAULT_GRIP_PERCENT = 80;

export interface Motion {
  readonly verb: MotionVerb;
  readonly args: readonly number[];
  readonly stage: Stage;
  /** Time in this stage, in the mechanics' own time. */
  readonly stageMs: number;
}

export interface Mechanics {
  readonly xMm: number;
  readonly yMm: number;
  readonly zMm: number;
  /** What the coil is driven at, and how far the claw has followed. */
  readonly coilPercent: number;
  readonly closurePercent: number;
  readonly coilOnMs: number;
  readonly motion: Motion | null;
  readonly field: PrizeField;
  readonly held: HeldPrize | null;
  /** Time until the prize in the chute meets the eye; null when none falls. */
  readonly fallMs: number | null;
  /** How long the eye stays blocked. */
  readonly eyeMs: number;
}

export interface Advanced {
  readonly mechanics: Mechanics;
  /** How the motion ended, if it did. */
  readonly ending: EndingWord | null;
  /** A prize has passed the eye. */
  readonly prize: boolean;
}

/** A machine with its claw up and open somewhere in the field. */
export function restingMechanics(seed: number): Mechanics {
  return {
    xMm: 300,
    yMm: 200,
    zMm: 0,
    coilPercent: 0,
    closurePercent: 0,
    coilOnMs: 0,
    motion: null,
    field: fieldFrom(seed),
    held: null,
    fallMs: null,
    eyeMs: 0,
  };
}

/** Begins a motion; one that ran is simply replaced, its ending is the caller's to tell. */
export function startMotion(mechanics: Mechanics, verb: MotionVerb, args: readonly number[]): Mechanics {
  const started = { ...mechanics, motion: { verb, args, stage: STAGES[verb][0]!, stageMs: 0 } };
  if (verb === 'CAPTURE') return { ...started, coilPercent: args[0] ?? DEFAULT_GRIP_PERCENT, coilOnMs: 0 };
  return verb === 'RELEASE' ? { ...started, coilPercent: 0 } : started;
}

/** Motors stop; the claw keeps what it has. */
export function stopMotors(mechanics: Mechanics): Mechanics {
  return mechanics.motion === null ? mechanics : { ...mechanics, motion: null };
}

/** Every drive off, the claw's coil too. */
export function drivesOff(mechanics: Mechanics): Mechanics {
  return { ...mechanics, motion: null, coilPercent: 0 };
}

/** What S says while this motion is at work. */
export function stateWord(motion: Motion): StateWord {
  if (motion.verb === 'HOME') return 'HOMING';
  if (motion.verb === 'STRIKE') return 'DESCENDING';
  if (motion.verb === 'RELEASE') return 'RELEASING';
  if (motion.verb === 'CAPTURE') return motion.stage === 'grip' ? 'GRIPPING' : 'LIFTING';
  return 'MOVING';
}

/** The string is slack: the claw lies on a prize or on the floor. */
export function isSlack(mechanics: Mechanics): boolean {
  return mechanics.zMm >= surfaceZMm(mechanics.field, mechanics.xMm, mechanics.yMm);
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
const toward = (from: number, to: number, step: number): number => from + clamp(to - from, -step, step);

interface Speeds {
  readonly xMm: number;
  readonly yMm: number;
  readonly upMm: number;
  readonly downMm: number;
  readonly clawPercent: number;
}

function speedsFor(faults: readonly MechanicFault[], ms: number): Speeds {
  const has = (fault: MechanicFault): boolean => faults.includes(fault);
  const pace = (has('slow') ? SLOW_FACTOR : 1) * (ms / 1000);
  return {
    xMm: has('stuck-trolley') ? 0 : SPEED.travelMmPerS * pace,
    yMm: has('stuck-gantry') ? 0 : SPEED.travelMmPerS * pace,
    upMm: has('stuck-hoist') ? 0 : SPEED.upMmPerS * pace,
    downMm: has('stuck-hoist') ? 0 : SPEED.downMmPerS * pace,
    // A coil pulls as fast on a slow machine.
    clawPercent: has('stuck-claw') ? 0 : (SPEED.clawPercentPerS * ms) / 1000,
  };
}

interface StageResult {
  readonly mechanics: Mechanics;
  /** The stage did what it is for. */
  readonly done: boolean;
  /** What it is called when the time is over and it is not done. */
  readonly fault: EndingWord;
}

function travel(mechanics: Mechanics, xMm: number, yMm: number, speeds: Speeds): StageResult {
  const moved = {
    ...mechanics,
    xMm: toward(mechanics.xMm, xMm, speeds.xMm),
    yMm: toward(mechanics.yMm, yMm, speeds.yMm),
  };
  const arrivedX = moved.xMm === xMm;
  return { mechanics: moved, done: arrivedX && moved.yMm === yMm, fault: arrivedX ? 'FB_MOTOR' : 'LR_MOTOR' };
}

function jog(mechanics: Mechanics, motion: Motion, speeds: Speeds): StageResult {
  const [vx = 0, vy = 0, forMs = 0] = motion.args;
  const moved = {
    ...mechanics,
    xMm: clamp(mechanics.xMm + (speeds.xMm * vx) / 100, 0, FIELD_MM.x),
    yMm: clamp(mechanics.yMm + (speeds.yMm * vy) / 100, 0, FIELD_MM.y),
  };
  return { mechanics: moved, done: motion.stageMs >= forMs, fault: 'LR_MOTOR' };
}

function lower(mechanics: Mechanics, motion: Motion, speeds: Speeds): StageResult {
  const surface = surfaceZMm(mechanics.field, mechanics.xMm, mechanics.yMm);
  const zMm = Math.max(mechanics.zMm, toward(mechanics.zMm, surface, speeds.downMm));
  const forMs = motion.args[0] ?? Number.POSITIVE_INFINITY;
  return {
    mechanics: { ...mechanics, zMm },
    done: zMm >= surface || motion.stageMs >= forMs,
    fault: 'HOIST_DOWN',
  };
}

function grip(mechanics: Mechanics, motion: Motion): StageResult {
  const done = motion.stageMs >= GRIP_MS && mechanics.closurePercent >= mechanics.coilPercent;
  if (!done || mechanics.held !== null) return { mechanics, done, fault: 'CLAW_COIL_STUCK' };
  const taken = grab(mechanics.field, mechanics, mechanics.coilPercent);
  return { mechanics: { ...mechanics, ...taken }, done, fault: 'CLAW_COIL_STUCK' };
}

function runStage(mechanics: Mechanics, motion: Motion, speeds: Speeds): StageResult {
  if (motion.stage === 'hoist') {
    const raised = { ...mechanics, zMm: toward(mechanics.zMm, 0, speeds.upMm) };
    return { mechanics: raised, done: raised.zMm === 0, fault: 'HOIST_UP' };
  }
  if (motion.stage === 'travel') {
    const [x = 0, y = 0] = motion.args;
    return travel(mechanics, x, y, speeds);
  }
  if (motion.stage === 'jog') return jog(mechanics, motion, speeds);
  if (motion.stage === 'lower') return lower(mechanics, motion, speeds);
  if (motion.stage === 'grip') return grip(mechanics, motion);
  const done = motion.stageMs >= OPEN_MS && mechanics.closurePercent === 0;
  return { mechanics, done, fault: 'CLAW_COIL_STUCK' };
}

/** Lets go of the held prize: into the chute, or down where the claw hangs. */
function letGo(mechanics: Mechanics): Mechanics {
  const { held, xMm, yMm } = mechanics;
  if (held === null) return mechanics;
  if (xMm < CHUTE_MM.x && yMm < CHUTE_MM.y) return { ...mechanics, held: null, fallMs: FALL_MS };
  const field = putDown(mechanics.field, { xMm, yMm, heightMm: held.heightMm });
  return { ...mechanics, held: null, field };
}

/** What goes on whatever the motion is: the claw follows its coil, prizes slip and fall, the coil has its longest time. */
function settlePhysics(
  before: Mechanics,
  ms: number,
  speeds: Speeds,
): { mechanics: Mechanics; prize: boolean } {
  const coilOnMs = before.coilPercent > 0 ? before.coilOnMs + ms : 0;
  const coilPercent = coilOnMs > COIL_ON_MS_MAX ? 0 : before.coilPercent;
  const closurePercent = toward(before.closurePercent, coilPercent, speeds.clawPercent);
  let mechanics: Mechanics = {
    ...before,
    coilPercent,
    coilOnMs,
    closurePercent,
    eyeMs: Math.max(0, before.eyeMs - ms),
  };
  const { held } = mechanics;
  const slips = held !== null && held.slipsAtZMm !== null && mechanics.zMm <= held.slipsAtZMm;
  if (held !== null && (slips || closurePercent === 0)) mechanics = letGo(mechanics);
  if (mechanics.fallMs === null) return { mechanics, prize: false };
  const fallMs = mechanics.fallMs - ms;
  if (fallMs > 0) return { mechanics: { ...mechanics, fallMs }, prize: false };
  return {
    mechanics: { ...mechanics, fallMs: null, eyeMs: EYE_MS, field: refill(mechanics.field) },
    prize: true,
  };
}

/** The machine `ms` of its own time later. The caller keeps the steps small: 10 ms or so. */
export function advance(before: Mechanics, ms: number, faults: readonly MechanicFault[]): Advanced {
  const speeds = speedsFor(faults, ms);
  const { mechanics, prize } = settlePhysics(before, ms, speeds);
  if (mechanics.motion === null) return { mechanics, ending: null, prize };
  const motion = { ...mechanics.motion, stageMs: mechanics.motion.stageMs + ms };
  const result = runStage(mechanics, motion, speeds);
  if (!result.done) {
    if (motion.stageMs < LONGEST_MS[motion.stage]) {
      return { mechanics: { ...result.mechanics, motion }, ending: null, prize };
    }
    return { mechanics: drivesOff(result.mechanics), ending: result.fault, prize };
  }
  const stages = STAGES[motion.verb];
  const next = stages[stages.indexOf(motion.stage) + 1];
  if (next === undefined) return { mechanics: { ...result.mechanics, motion: null }, ending: 'OK', prize };
  return {
    mechanics: { ...result.mechanics, motion: { ...motion, stage: next, stageMs: 0 } },
    ending: null,
    prize,
  };
}
