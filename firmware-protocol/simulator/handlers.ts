/**
 * What the simulated board does with each frame of the host. The rules of session and sequence are `session.ts`'s, the
 * motion is `mechanics.ts`'s; here they meet, in the order that PROTOCOL.md gives.
 */
import { type RejectionWord, TIMES_MS, VERSION } from '../catalog.ts';
import {
  boardMsBetween,
  deadlineVerdict,
  decodeHost,
  decodeOrder,
  type HostMessage,
  type Order,
} from '../codec.ts';
import { parseFrame } from '../frame.ts';
import {
  loseSession,
  note,
  refuse,
  say,
  sayBoot,
  sayNews,
  sayRecorded,
  sayStatus,
  type Turn,
  takeRules,
} from './board.ts';
import { startMotion, stopMotors } from './mechanics.ts';
import type { Recorded, Slot } from './outcome-ring.ts';
import { FIELD_MM } from './prizes.ts';
import {
  accept,
  acceptDone,
  ask,
  clearLatch,
  endRunning,
  hello,
  judgeCommand,
  numbersLeft,
  reject,
} from './session.ts';

type Message<T extends HostMessage['type']> = Extract<HostMessage, { readonly type: T }>;

const wireNowMs = (turn: Turn): number => turn.board.nowMs % 2 ** 32;

/** A valid frame of the live session feeds the dead-man. */
function feed(turn: Turn, session: string): boolean {
  if (turn.board.rules.live?.session !== session) return false;
  turn.board = { ...turn.board, heardMs: turn.board.nowMs };
  return true;
}

function told(answer: Recorded | 'NEVER' | 'FORGOT' | 'GAP') {
  // GAP cannot be told of a slot in a hello: nobody knows the session that the hello has only just made.
  if (answer === 'NEVER') return { kind: 'NEVER' } as const;
  if (typeof answer === 'string' || answer.kind === 'A') return { kind: 'FORGOT' } as const;
  if (answer.kind === 'E') return { kind: 'REJ', code: answer.code } as const;
  const whole = answer.code === 'OK' || answer.code === 'RENEWED';
  return whole ? ({ kind: 'OK' } as const) : ({ kind: 'PART', code: answer.code } as const);
}

function onHello(turn: Turn, message: Message<'H'>): void {
  if (message.versions.low > VERSION.high || message.versions.high < VERSION.low) {
    refuse(turn, 'VER');
    sayBoot(turn);
    return;
  }
  if (!numbersLeft(turn.board.rules)) {
    refuse(turn, 'BADSESS');
    return;
  }
  const before = turn.board.rules.live;
  if (before !== null) note(turn, { kind: 'session-ended', session: before.session, why: 'HELLO' });
  // The claw keeps its grip: the link is well, and a hello must not drop what a player has just won.
  turn.board = { ...turn.board, mechanics: stopMotors(turn.board.mechanics), heardMs: turn.board.nowMs };
  const made = hello(turn.board.rules);
  takeRules(turn, made);
  note(turn, { kind: 'session-made', session: made.session });
  say(turn, {
    type: 'W',
    nonce: message.nonce,
    session: made.session,
    version: Math.min(VERSION.high, message.versions.high),
    nowMs: wireNowMs(turn),
    challenge: turn.board.rules.latch,
    told: message.open === undefined ? null : told(ask(turn.board.rules, message.open)),
  });
  sayBoot(turn);
  sayStatus(turn);
}

/** The reason why an order in its turn is not taken, in the order of PROTOCOL.md. */
function rejection(turn: Turn, order: Order): RejectionWord | null {
  const { board } = turn;
  if (order.verb === 'STOP') return null;
  const deadline = deadlineVerdict(order.deadlineMs, wireNowMs(turn));
  if (deadline !== 'ok') return deadline;
  if (board.fault !== null && order.verb !== 'HOME') return 'FAULT';
  if (!board.homed && order.verb !== 'HOME') return 'NOT_HOMED';
  const renews = order.verb === 'JOG' && board.current?.verb === 'JOG';
  if (board.current !== null && !renews) return 'BUSY';
  const [x = 0, y = 0] = order.args;
  return order.verb === 'MOVE' && (x > FIELD_MM.x || y > FIELD_MM.y) ? 'LIMIT' : null;
}

function stop(turn: Turn, slot: Slot): void {
  say(turn, { type: 'A', ...slot });
  turn.board = { ...turn.board, mechanics: stopMotors(turn.board.mechanics) };
  takeRules(turn, endRunning(turn.board.rules, 'STOPPED'));
  turn.board = { ...turn.board, rules: acceptDone(turn.board.rules, slot) };
  say(turn, { type: 'D', ...slot, code: 'OK' });
}

function start(turn: Turn, slot: Slot, order: Order): void {
  const { verb, args } = order;
  if (verb === 'STOP') {
    stop(turn, slot);
    return;
  }
  takeRules(turn, endRunning(turn.board.rules, 'RENEWED'));
  const motion = turn.board.motions + 1;
  turn.board = {
    ...turn.board,
    rules: accept(turn.board.rules, slot),
    mechanics: startMotion(turn.board.mechanics, verb, args),
    current: { motion, verb, slot },
    motions: motion,
    // A home run is only worth something when it came to its end.
    homed: turn.board.homed && verb !== 'HOME',
  };
  note(turn, { kind: 'motion-started', motion, verb, args, ...slot });
  say(turn, { type: 'A', ...slot });
}

function onCommand(turn: Turn, message: Message<'C'>): void {
  const slot: Slot = { session: message.session, seq: message.seq };
  feed(turn, message.session);
  const verdict = judgeCommand(turn.board.rules, slot);
  if (verdict.kind === 'recorded') return sayRecorded(turn, slot, verdict.recorded);
  if (verdict.kind === 'refused') return refuse(turn, verdict.code, slot);
  const order = decodeOrder(message.order);
  const code = typeof order === 'string' ? order : rejection(turn, order);
  if (code === null && typeof order !== 'string') return start(turn, slot, order);
  if (code === null) return;
  turn.board = { ...turn.board, rules: reject(turn.board.rules, slot, code) };
  say(turn, { type: 'E', ...slot, code });
}

function onKeepAlive(turn: Turn, message: Message<'K'>): void {
  if (turn.board.rules.live?.session !== message.session) return refuse(turn, 'BADSESS');
  const ageMs = boardMsBetween(message.echoMs, wireNowMs(turn));
  // An echo of a time that has not been yet proves nothing either, and does not feed the dead-man.
  if (ageMs < 0) return refuse(turn, 'BADARG');
  if (ageMs > TIMES_MS.echoAgeMax) return loseSession(turn, 'ECHO');
  feed(turn, message.session);
}

function onQuestion(turn: Turn, message: Message<'Q'>): void {
  const { about } = message;
  if (!feed(turn, message.session)) return refuse(turn, 'BADSESS', about);
  const answer = ask(turn.board.rules, about);
  if (answer === 'FORGOT' || answer === 'GAP') refuse(turn, answer, about);
  else if (answer === 'NEVER') say(turn, { type: 'E', ...about, code: 'NEVER' });
  else sayRecorded(turn, about, answer);
}

function onClear(turn: Turn, message: Message<'Z'>): void {
  if (!feed(turn, message.session)) return refuse(turn, 'BADSESS');
  const wasLatched = turn.board.rules.latch !== null;
  const cleared = clearLatch(turn.board.rules, message.challenge);
  if (cleared === 'ESTOP') return refuse(turn, 'ESTOP');
  turn.board = { ...turn.board, rules: cleared };
  if (wasLatched) {
    note(turn, { kind: 'unlatched' });
    sayNews(turn, 'ESTOP', 'CLEARED');
  }
  sayStatus(turn);
}

function onMessage(turn: Turn, message: HostMessage): void {
  if (message.type === 'H') onHello(turn, message);
  else if (message.type === 'C') onCommand(turn, message);
  else if (message.type === 'K') onKeepAlive(turn, message);
  else if (message.type === 'Q') onQuestion(turn, message);
  else onClear(turn, message);
}

/** One whole line from the host. */
export function onLine(turn: Turn, line: string): void {
  const frame = parseFrame(line);
  if (frame.kind === 'discarded') {
    turn.board = { ...turn.board, rxErrors: turn.board.rxErrors + 1 };
    refuse(turn, frame.reason);
    return;
  }
  const decoded = decodeHost(frame.payload);
  if (decoded.kind === 'refused') refuse(turn, decoded.code);
  else onMessage(turn, decoded.message);
}
