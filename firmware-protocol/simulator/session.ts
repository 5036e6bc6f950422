/**
 * The rules of session, latch, sequence and outcome on the board's side, as pure functions over one small plain state.
 * `machine.ts` drives them with bytes and mechanics; a model checker can drive them with anything. The order of the
 * checks is PROTOCOL.md's: ring, session and latch, sequence, and only then the command itself.
 */
import {
  BOOT_DIGITS,
  type EndingWord,
  type RefusalWord,
  type RejectionWord,
  type ResetCause,
} from '../catalog.ts';
import {
  lookUp,
  type OutcomeRing,
  type Recorded,
  record,
  ringAfterPowerOn,
  type Slot,
  settle,
  tell,
} from './outcome-ring.ts';

const HELLO_DIGITS = 3;
const HELLO_NUMBER_MAX = 16 ** HELLO_DIGITS - 1;
const BOOT_NUMBER_MAX = 16 ** BOOT_DIGITS - 1;

export interface SessionState {
  /** Counted up at each boot and kept over power cuts. Above BOOT_NUMBER_MAX every number is used up. */
  readonly boot: number;
  /** Hello numbers used in this boot. */
  readonly hellos: number;
  /** The live session and the last number it consumed. */
  readonly live: { readonly session: string; readonly lastSeq: number } | null;
  /** The challenge of the latch, null when not latched. Kept over every reset and power cut. */
  readonly latch: string | null;
  /** Latches set in this boot: makes each challenge another one. */
  readonly latches: number;
  /** The command whose motion is at work. */
  readonly running: Slot | null;
  readonly ring: OutcomeRing;
}

/** A command that ended because something else happened, to be told as D. */
export interface Ended {
  readonly slot: Slot;
  readonly code: EndingWord;
}

const hexDigits = (value: number, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, '0');

/** The BOOT field. */
export function bootName(state: SessionState): string {
  return hexDigits(Math.min(state.boot, BOOT_NUMBER_MAX), BOOT_DIGITS);
}

/** The state of a board at its first power-on, or at a power-on after `boot` earlier ones. */
export function powerOn(boot: number, latched: boolean): SessionState {
  const ring = ringAfterPowerOn(boot);
  const state: SessionState = { boot, hellos: 0, live: null, latch: null, latches: 0, running: null, ring };
  return latched ? setLatch(state) : state;
}

/** The running command comes to its end. */
export function endRunning(
  state: SessionState,
  code: EndingWord,
): { state: SessionState; ended: Ended | null } {
  const slot = state.running;
  if (slot === null) return { state, ended: null };
  return { state: { ...state, running: null, ring: settle(state.ring, slot, code) }, ended: { slot, code } };
}

/** A restart of the board. What ran ends as RESET; a power-on forgets the ring, no other cause does. */
export function restart(
  state: SessionState,
  cause: ResetCause,
): { state: SessionState; ended: Ended | null } {
  const boot = Math.min(state.boot + 1, BOOT_NUMBER_MAX + 1);
  const stopped = endRunning(state, 'RESET');
  const fresh = powerOn(boot, state.latch !== null);
  if (cause === 'POR') return { state: fresh, ended: stopped.ended };
  return { state: { ...fresh, ring: stopped.state.ring }, ended: stopped.ended };
}

/** Whether another session can be made. */
export function numbersLeft(state: SessionState): boolean {
  return state.boot < BOOT_NUMBER_MAX || (state.boot === BOOT_NUMBER_MAX && state.hellos <= HELLO_NUMBER_MAX);
}

/** Makes a new session; what ran in the old one ends as LINK. Call it only while `numbersLeft`. */
export function hello(state: SessionState): { state: SessionState; session: string; ended: Ended | null } {
  const stopped = endRunning(state, 'LINK');
  const wraps = state.hellos > HELLO_NUMBER_MAX;
  const boot = wraps ? state.boot + 1 : state.boot;
  const number = wraps ? 0 : state.hellos;
  const session = `${hexDigits(boot, BOOT_DIGITS)}${hexDigits(number, HELLO_DIGITS)}`;
  const next = { ...stopped.state, boot, hellos: number + 1, live: { session, lastSeq: 0 } };
  return { state: next, session, ended: stopped.ended };
}

/** The session is over: dead-man, BREAK or stale echo. */
export function endSession(
  state: SessionState,
  code: EndingWord,
): { state: SessionState; ended: Ended | null } {
  const stopped = endRunning(state, code);
  return { state: { ...stopped.state, live: null }, ended: stopped.ended };
}

function setLatch(state: SessionState): SessionState {
  // Boot and count together never repeat before 4096 latches of one boot; the rounds only spread them over 32 bits, so
  // that challenges of neighbours look nothing alike. Each round can be undone, so no two mix to the same.
  let mixed = Math.imul(((state.boot << 12) | (state.latches & 0xfff)) ^ 0x5bd1e995, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  const challenge = hexDigits((mixed ^ (mixed >>> 16)) >>> 0, 8);
  return { ...state, latch: challenge, latches: state.latches + 1 };
}

/** ESC: latched with a new challenge, session over, what ran ends as ESTOP. */
export function emergencyStop(state: SessionState): { state: SessionState; ended: Ended | null } {
  const over = endSession(state, 'ESTOP');
  return { state: setLatch(over.state), ended: over.ended };
}

/** Z of the live session. Right challenge, or no latch at all: unlatched. */
export function clearLatch(state: SessionState, challenge: string): SessionState | 'ESTOP' {
  if (state.latch === null) return state;
  return state.latch === challenge ? { ...state, latch: null } : 'ESTOP';
}

export type CommandVerdict =
  | { readonly kind: 'recorded'; readonly recorded: Recorded }
  | { readonly kind: 'refused'; readonly code: RefusalWord }
  | { readonly kind: 'next' };

/** Steps 1, 2 and 4 of "One command, in this order"; `next` leaves step 3 to the caller. */
export function judgeCommand(state: SessionState, slot: Slot): CommandVerdict {
  const recorded = lookUp(state.ring, slot);
  if (recorded !== undefined) return { kind: 'recorded', recorded };
  if (state.live === null || state.live.session !== slot.session) return { kind: 'refused', code: 'BADSESS' };
  if (state.latch !== null) return { kind: 'refused', code: 'ESTOP' };
  if (slot.seq === state.live.lastSeq + 1) return { kind: 'next' };
  return { kind: 'refused', code: slot.seq > state.live.lastSeq ? 'GAP' : 'OLD' };
}

const consumed = (state: SessionState, slot: Slot, recorded: Recorded): SessionState => ({
  ...state,
  live: { session: slot.session, lastSeq: slot.seq },
  ring: record(state.ring, slot, recorded),
});

/** Step 3, refused for good: the number is consumed. */
export function reject(state: SessionState, slot: Slot, code: RejectionWord): SessionState {
  return consumed(state, slot, { kind: 'E', code });
}

/** Step 3, accepted and now at work. Whoever calls has ended what ran before. */
export function accept(state: SessionState, slot: Slot): SessionState {
  return { ...consumed(state, slot, { kind: 'A' }), running: slot };
}

/** Step 3, accepted and at once at its end (STOP). What ran goes on unless the caller ends it. */
export function acceptDone(state: SessionState, slot: Slot): SessionState {
  return consumed(state, slot, { kind: 'D', code: 'OK' });
}

/** Answer to a question about a slot; GAP when its turn in the live session has yet to come. */
export function ask(state: SessionState, slot: Slot): Recorded | 'NEVER' | 'FORGOT' | 'GAP' {
  if (state.live !== null && slot.session === state.live.session && slot.seq > state.live.lastSeq)
    return 'GAP';
  const newest = `${hexDigits(state.boot, BOOT_DIGITS)}${hexDigits(Math.max(state.hellos - 1, 0), HELLO_DIGITS)}`;
  const made = state.hellos > 0;
  return tell(state.ring, slot, newest, !made || state.live !== null);
}
