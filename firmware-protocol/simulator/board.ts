/**
 * The whole state of the simulated board as plain data, and the few things every rule needs: saying a frame, noting what
 * truly happened, starting and ending a motion. `machine.ts` steps it, `handlers.ts` answers frames.
 */
import {
  type EndingWord,
  INPUT_BITS,
  LIMITS,
  type RefusalWord,
  type ResetCause,
  type BoardState as StateWord,
  VERSION,
  type WireVerb,
} from '../catalog.ts';
import { type BoardMessage, encodeBoard } from '../codec.ts';
import { formatFrame } from '../frame.ts';
import {
  drivesOff,
  isSlack,
  type MechanicFault,
  type Mechanics,
  restingMechanics,
  stateWord,
} from './mechanics.ts';
import type { Recorded, Slot } from './outcome-ring.ts';
import { FIELD_MM } from './prizes.ts';
import { EMPTY_RECEIVER, type ReceiverState } from './receiver.ts';
import { bootName, type Ended, endSession, powerOn, type SessionState } from './session.ts';

/** What hardware keeps over a power cut. */
export interface Stored {
  readonly boot: number;
  readonly coins: number;
  readonly prizes: number;
  readonly latched: boolean;
}

export interface BoardOptions {
  /** Decides the prize field and every slip. */
  readonly seed?: number;
  /** How many times faster than real the mechanics run, JOG's time included. The link's times stay real. */
  readonly mechanicsSpeed?: number;
  /** What an earlier power-on left behind. */
  readonly stored?: Stored;
  /** Where the board's clock begins; to try its wrap. */
  readonly clockMs?: number;
}

/** Why a session ended, as V LINK tells it. */
export type SessionEnd = 'DEADMAN' | 'ECHO' | 'BREAK' | 'ESTOP' | 'HELLO' | 'RESET';

/** The board's own truthful log. `motion` counts every motion begun since the board was made. */
export type Note = { readonly atMs: number } & (
  | { readonly kind: 'booted'; readonly boot: string; readonly cause: ResetCause }
  | { readonly kind: 'reset'; readonly cause: ResetCause }
  | { readonly kind: 'session-made'; readonly session: string }
  | { readonly kind: 'session-ended'; readonly session: string; readonly why: SessionEnd }
  | {
      readonly kind: 'motion-started';
      readonly motion: number;
      readonly verb: WireVerb;
      readonly args: readonly number[];
      readonly session: string;
      readonly seq: number;
    }
  | {
      readonly kind: 'motion-ended';
      readonly motion: number;
      readonly verb: WireVerb;
      readonly session: string;
      readonly seq: number;
      readonly ending: EndingWord;
    }
  | { readonly kind: 'latched' | 'unlatched' | 'homed' }
  | { readonly kind: 'coin' | 'prize'; readonly total: number }
  | { readonly kind: 'fault'; readonly code: EndingWord }
  | { readonly kind: 'refused'; readonly code: RefusalWord }
);
type WithoutTime<T> = T extends unknown ? Omit<T, 'atMs'> : never;

/** A motion at work, for the log. */
export interface Current {
  readonly motion: number;
  readonly verb: WireVerb;
  readonly slot: Slot;
}

export interface BoardState {
  readonly mechanicsSpeed: number;
  readonly rules: SessionState;
  readonly receiver: ReceiverState;
  readonly mechanics: Mechanics;
  readonly faults: readonly MechanicFault[];
  readonly current: Current | null;
  /** Motions begun since the board was made; outlives resets, because it is the truth and not the board's memory. */
  readonly motions: number;
  readonly homed: boolean;
  /** The fault that stands until a HOME ends well. */
  readonly fault: EndingWord | null;
  readonly coins: number;
  readonly prizes: number;
  readonly doorOpen: boolean;
  readonly tilted: boolean;
  readonly cause: ResetCause;
  readonly announced: boolean;
  /** Milliseconds since the boot; the wire carries them modulo 2^32. */
  readonly nowMs: number;
  /** The part of a millisecond that has passed. */
  readonly carryMs: number;
  readonly heardMs: number;
  readonly statusDueMs: number;
  readonly statusSentMs: number;
  /** The state word of the last S: a change is told at once. */
  readonly toldState: StateWord;
  readonly totalsDueMs: number;
  readonly eventSeq: number;
  readonly rxErrors: number;
  readonly refusalCredits: number;
  readonly refusalCreditDueMs: number;
}

/** One step in the making: the state so far, the lines said and the notes taken. */
export interface Turn {
  board: BoardState;
  readonly lines: string[];
  readonly notes: Note[];
}

const FIRMWARE = 'SIMULATED/1.0';
/**
 * Half of the second's refusals may come at once, the other half trickle: so no window of one second, wherever it
 * begins, holds more than the limit.
 */
const REFUSAL_BURST = LIMITS.refusalsPerSecondMax / 2;
const REFUSAL_CREDIT_MS = 1000 / (LIMITS.refusalsPerSecondMax / 2);

const freshMemory = (clockMs: number) => ({
  receiver: EMPTY_RECEIVER,
  current: null,
  homed: false,
  fault: null,
  announced: false,
  nowMs: clockMs,
  carryMs: 0,
  heardMs: clockMs,
  statusDueMs: clockMs,
  statusSentMs: clockMs,
  toldState: 'LINK_LOST' as const,
  totalsDueMs: clockMs,
  eventSeq: 0,
  rxErrors: 0,
  refusalCredits: REFUSAL_BURST,
  refusalCreditDueMs: clockMs + REFUSAL_CREDIT_MS,
});

/** A board that has just been switched on. Its first step, of whatever kind, says B. */
export function createBoard(options: BoardOptions = {}): BoardState {
  const stored = options.stored ?? { boot: 0, coins: 0, prizes: 0, latched: false };
  return {
    ...freshMemory(options.clockMs ?? 0),
    mechanicsSpeed: options.mechanicsSpeed ?? 1,
    rules: powerOn(stored.boot + 1, stored.latched),
    mechanics: restingMechanics(options.seed ?? 1),
    faults: [],
    motions: 0,
    coins: stored.coins,
    prizes: stored.prizes,
    doorOpen: false,
    tilted: false,
    cause: 'POR',
  };
}

/** What a board keeps over a power cut, to be handed to the next `createBoard`. */
export function storedOf(board: BoardState): Stored {
  return {
    boot: board.rules.boot,
    coins: board.coins,
    prizes: board.prizes,
    latched: board.rules.latch !== null,
  };
}

/** The board's memory after a restart: everything in RAM is new, what is stored and what is steel stays. */
export function afterRestart(board: BoardState, rules: SessionState, cause: ResetCause): BoardState {
  return { ...board, ...freshMemory(0), rules, cause, mechanics: drivesOff(board.mechanics) };
}

/** Says a message. */
export function say(turn: Turn, message: BoardMessage): void {
  turn.lines.push(formatFrame(encodeBoard(message)));
}

/** Notes what happened. */
export function note(turn: Turn, what: WithoutTime<Note>): void {
  turn.notes.push({ atMs: turn.board.nowMs, ...what } as Note);
}

/** News, numbered. */
export function sayNews(turn: Turn, name: string, detail?: string): void {
  turn.board = { ...turn.board, eventSeq: turn.board.eventSeq + 1 };
  say(turn, { type: 'V', eventSeq: turn.board.eventSeq, name, ...(detail === undefined ? {} : { detail }) });
}

/** Who I am. */
export function sayBoot(turn: Turn): void {
  const { rules, cause } = turn.board;
  say(turn, { type: 'B', boot: bootName(rules), cause, firmware: FIRMWARE, versions: VERSION });
}

/** What is recorded of a command: A, D or E. */
export function sayRecorded(turn: Turn, { session, seq }: Slot, recorded: Recorded): void {
  if (recorded.kind === 'A') say(turn, { type: 'A', session, seq });
  else say(turn, { type: recorded.kind, session, seq, code: recorded.code });
}

/** Refuses a line, unless this second has had its share of refusals. */
export function refuse(turn: Turn, code: RefusalWord, about?: Slot): void {
  note(turn, { kind: 'refused', code });
  const credits = turn.board.refusalCredits;
  if (credits === 0) return;
  turn.board = { ...turn.board, refusalCredits: credits - 1 };
  say(turn, { type: 'N', code, ...(about === undefined ? {} : { about: `${about.session}/${about.seq}` }) });
}

/** A refusal may be spent again every REFUSAL_CREDIT_MS. */
export function renewRefusals(board: BoardState): BoardState {
  if (board.nowMs < board.refusalCreditDueMs) return board;
  return {
    ...board,
    refusalCredits: Math.min(board.refusalCredits + 1, REFUSAL_BURST),
    refusalCreditDueMs: board.refusalCreditDueMs + REFUSAL_CREDIT_MS,
  };
}

/** The state word of S. A stop is told before all else, then what moves, then that nobody is listened to. */
export function boardStateWord(board: BoardState): StateWord {
  if (board.rules.latch !== null) return 'ESTOP';
  if (board.mechanics.motion !== null) return stateWord(board.mechanics.motion);
  if (board.rules.live === null) return 'LINK_LOST';
  return board.fault === null ? 'IDLE' : 'FAULT';
}

function inputBits(board: BoardState): number {
  const { mechanics } = board;
  const on: { readonly [B in (typeof INPUT_BITS)[number]]: boolean } = {
    LEFT: mechanics.xMm === 0,
    RIGHT: mechanics.xMm === FIELD_MM.x,
    FRONT: mechanics.yMm === 0,
    BACK: mechanics.yMm === FIELD_MM.y,
    UP: mechanics.zMm === 0,
    SLACK: isSlack(mechanics),
    PRIZE_EYE: mechanics.eyeMs > 0,
    DOOR: board.doorOpen,
    TILT: board.tilted,
    HOMED: board.homed,
  };
  return INPUT_BITS.reduce((bits, name, index) => bits | (on[name] ? 1 << index : 0), 0);
}

/** S: how it stands. */
export function sayStatus(turn: Turn): void {
  const { board } = turn;
  const state = boardStateWord(board);
  turn.board = { ...board, statusSentMs: board.nowMs, toldState: state };
  say(turn, {
    type: 'S',
    nowMs: board.nowMs % 2 ** 32,
    state,
    lastSeq: board.rules.live?.lastSeq ?? 0,
    x: Math.round(board.mechanics.xMm),
    y: Math.round(board.mechanics.yMm),
    z: Math.round(board.mechanics.zMm),
    grip: board.mechanics.coilPercent,
    inputs: inputBits(board),
    fault: state === 'FAULT' ? board.fault : null,
  });
}

/** T: the totals. */
export function sayTotals(turn: Turn): void {
  const { coins, prizes, eventSeq, rxErrors } = turn.board;
  say(turn, { type: 'T', coins, prizes, eventSeq, rxErrors });
}

/** Takes over the rules after something ended a command, tells D and notes it. */
export function takeRules(
  turn: Turn,
  after: { readonly state: SessionState; readonly ended: Ended | null },
): void {
  const { current } = turn.board;
  turn.board = { ...turn.board, rules: after.state };
  if (after.ended === null || current === null) return;
  turn.board = { ...turn.board, current: null };
  const { slot, code } = after.ended;
  note(turn, { kind: 'motion-ended', motion: current.motion, verb: current.verb, ...slot, ending: code });
  say(turn, { type: 'D', ...slot, code });
}

/** Ends the session and cuts every drive; what ran ends as LINK. */
export function loseSession(turn: Turn, why: SessionEnd): void {
  const { live } = turn.board.rules;
  turn.board = { ...turn.board, mechanics: drivesOff(turn.board.mechanics) };
  takeRules(turn, endSession(turn.board.rules, 'LINK'));
  if (live === null) return;
  note(turn, { kind: 'session-ended', session: live.session, why });
  sayNews(turn, 'LINK', why);
}
