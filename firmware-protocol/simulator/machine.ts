/**
 * The reference board: a pure step function over plain data. Bytes, time and what happens to the machine go in; the next
 * state, the bytes it says and its own truthful log come out. The true peer of the gateway in tests, the simulator that
 * can be run on a tty, and the model for a firmware.
 */
import { type ResetCause, TIMES_MS } from '../catalog.ts';
import {
  afterRestart,
  type BoardState,
  boardStateWord,
  loseSession,
  type Note,
  note,
  refuse,
  renewRefusals,
  sayBoot,
  sayNews,
  sayStatus,
  sayTotals,
  type Turn,
  takeRules,
} from './board.ts';
import { onLine } from './handlers.ts';
import { advance, drivesOff, type MechanicFault } from './mechanics.ts';
import { EMPTY_RECEIVER, framingError, type ReceiverEvent, receiveByte } from './receiver.ts';
import { bootName, emergencyStop, endRunning, restart } from './session.ts';

export {
  type BoardOptions,
  type BoardState,
  createBoard,
  type Note,
  type Stored,
  storedOf,
} from './board.ts';
export { MECHANIC_FAULTS, type MechanicFault } from './mechanics.ts';

/** What can happen to a board. */
export type BoardInput =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'elapsed'; readonly ms: number }
  /** Two or more framing-error zeros: a BREAK, or a pulled wire. */
  | { readonly kind: 'break' }
  | { readonly kind: 'framing-error' }
  | { readonly kind: 'reset'; readonly cause: ResetCause }
  | { readonly kind: 'coin' }
  | { readonly kind: 'door'; readonly open: boolean }
  | { readonly kind: 'tilt'; readonly on: boolean }
  | { readonly kind: 'fault'; readonly name: MechanicFault; readonly on: boolean };

export interface Stepped {
  readonly state: BoardState;
  readonly bytes: Uint8Array;
  readonly notes: readonly Note[];
}

const LINK_STEP_MS = 5;
const MECHANICS_STEP_MS = 10;
/** ESC comes in bursts; the S that told of the latch need not be said for each of them. */
const STOP_STATUS_GAP_MS = 5;

function onStop(turn: Turn): void {
  const { board } = turn;
  const { latch, live } = board.rules;
  // Drives cut in full run may have lost their place.
  turn.board = { ...board, mechanics: drivesOff(board.mechanics), homed: false };
  takeRules(turn, emergencyStop(board.rules));
  if (latch === null) note(turn, { kind: 'latched' });
  if (live !== null) note(turn, { kind: 'session-ended', session: live.session, why: 'ESTOP' });
  if (latch === null || board.nowMs - board.statusSentMs >= STOP_STATUS_GAP_MS) sayStatus(turn);
  if (latch === null) sayNews(turn, 'ESTOP', 'LATCHED');
}

function onReceived(turn: Turn, event: ReceiverEvent): void {
  if (event.kind === 'esc') onStop(turn);
  else if (event.kind === 'line') onLine(turn, event.line);
  else {
    turn.board = { ...turn.board, rxErrors: turn.board.rxErrors + 1 };
    refuse(turn, event.code);
  }
}

function onBytes(turn: Turn, bytes: Uint8Array): void {
  for (const byte of bytes) {
    const received = receiveByte(turn.board.receiver, byte);
    turn.board = { ...turn.board, receiver: received.state };
    for (const event of received.events) onReceived(turn, event);
  }
}

function onMotionEnd(turn: Turn, ending: Parameters<typeof endRunning>[1]): void {
  const isHome = turn.board.current?.verb === 'HOME';
  takeRules(turn, endRunning(turn.board.rules, ending));
  if (ending === 'OK') {
    if (!isHome) return;
    turn.board = { ...turn.board, homed: true, fault: null };
    note(turn, { kind: 'homed' });
    return;
  }
  turn.board = { ...turn.board, fault: ending, homed: false };
  note(turn, { kind: 'fault', code: ending });
  sayNews(turn, 'FAULT', ending);
}

function onPrize(turn: Turn): void {
  turn.board = { ...turn.board, prizes: turn.board.prizes + 1 };
  note(turn, { kind: 'prize', total: turn.board.prizes });
  sayNews(turn, 'PRIZE', String(turn.board.prizes));
}

function runMechanics(turn: Turn, linkMs: number): void {
  let leftMs = linkMs * turn.board.mechanicsSpeed;
  while (leftMs > 0) {
    const ms = Math.min(leftMs, MECHANICS_STEP_MS);
    leftMs -= ms;
    const moved = advance(turn.board.mechanics, ms, turn.board.faults);
    turn.board = { ...turn.board, mechanics: moved.mechanics };
    if (moved.prize) onPrize(turn);
    if (moved.ending !== null) onMotionEnd(turn, moved.ending);
  }
}

function pass(turn: Turn, ms: number): void {
  turn.board = renewRefusals({ ...turn.board, nowMs: turn.board.nowMs + ms });
  runMechanics(turn, ms);
  const { rules, nowMs, heardMs } = turn.board;
  if (rules.live !== null && nowMs - heardMs >= TIMES_MS.deadMan) loseSession(turn, 'DEADMAN');
  if (nowMs >= turn.board.statusDueMs) {
    turn.board = { ...turn.board, statusDueMs: turn.board.statusDueMs + TIMES_MS.statusPeriod };
    sayStatus(turn);
  }
  if (nowMs >= turn.board.totalsDueMs) {
    turn.board = { ...turn.board, totalsDueMs: turn.board.totalsDueMs + TIMES_MS.totalsPeriod };
    sayTotals(turn);
  }
}

function onElapsed(turn: Turn, ms: number): void {
  const total = turn.board.carryMs + ms;
  let wholeMs = Math.floor(total);
  turn.board = { ...turn.board, carryMs: total - wholeMs };
  while (wholeMs > 0) {
    const stepMs = Math.min(wholeMs, LINK_STEP_MS);
    pass(turn, stepMs);
    wholeMs -= stepMs;
  }
}

function onReset(turn: Turn, cause: ResetCause): void {
  const { board } = turn;
  note(turn, { kind: 'reset', cause });
  const { live } = board.rules;
  if (live !== null) note(turn, { kind: 'session-ended', session: live.session, why: 'RESET' });
  const after = restart(board.rules, cause);
  if (after.ended !== null && board.current !== null) {
    const { motion, verb, slot } = board.current;
    note(turn, { kind: 'motion-ended', motion, verb, ...slot, ending: 'RESET' });
  }
  turn.board = afterRestart(board, after.state, cause);
  announce(turn);
}

function announce(turn: Turn): void {
  turn.board = { ...turn.board, announced: true };
  note(turn, { kind: 'booted', boot: bootName(turn.board.rules), cause: turn.board.cause });
  sayBoot(turn);
}

function onFault(turn: Turn, name: MechanicFault, on: boolean): void {
  const others = turn.board.faults.filter((fault) => fault !== name);
  turn.board = { ...turn.board, faults: on ? [...others, name] : others };
}

function onInput(turn: Turn, input: BoardInput): void {
  const { board } = turn;
  if (input.kind === 'bytes') onBytes(turn, input.bytes);
  else if (input.kind === 'elapsed') onElapsed(turn, input.ms);
  else if (input.kind === 'framing-error') turn.board = { ...board, receiver: framingError(board.receiver) };
  else if (input.kind === 'break') {
    turn.board = { ...board, receiver: EMPTY_RECEIVER, rxErrors: board.rxErrors + 1 };
    loseSession(turn, 'BREAK');
  } else if (input.kind === 'reset') onReset(turn, input.cause);
  else if (input.kind === 'coin') {
    turn.board = { ...board, coins: board.coins + 1 };
    note(turn, { kind: 'coin', total: turn.board.coins });
    sayNews(turn, 'COIN', String(turn.board.coins));
  } else if (input.kind === 'door') {
    turn.board = { ...board, doorOpen: input.open };
    sayNews(turn, 'DOOR', input.open ? 'OPEN' : 'CLOSED');
  } else if (input.kind === 'tilt') {
    turn.board = { ...board, tilted: input.on };
    sayNews(turn, 'TILT', input.on ? 'ON' : 'OFF');
  } else onFault(turn, input.name, input.on);
}

/** The board after one input. The state that went in is left as it was. */
export function step(state: BoardState, input: BoardInput): Stepped {
  const turn: Turn = { board: state, lines: [], notes: [] };
  if (!state.announced && input.kind !== 'reset') announce(turn);
  onInput(turn, input);
  if (boardStateWord(turn.board) !== turn.board.toldState) sayStatus(turn);
  return { state: turn.board, bytes: new TextEncoder().encode(turn.lines.join('')), notes: turn.notes };
}
