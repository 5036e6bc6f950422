/**
 * Keeps a session with the board alive on one open port: handshake, keep-alive, what the board says, questions about
 * commands whose answer was lost, and the stop that overtakes all of it. The rules are PROTOCOL.md's; what an answer
 * means is decided in exchange.ts. Orders are given in serial-link.ts.
 */
import { TIMES_MS } from '../../firmware-protocol/catalog.ts';
import {
  type BoardMessage,
  decodeBoard,
  encodeHost,
  type HostMessage,
} from '../../firmware-protocol/codec.ts';
import { type FrameResult, formatFrame } from '../../firmware-protocol/frame.ts';
import type { Outcome, RefusalCode } from '../domain/outcome.ts';
import type { Clock, CommandSlot } from '../domain/ports.ts';
import { BoardClock } from './board-clock.ts';
import { EmergencyStop } from './emergency-stop.ts';
import { type ExchangeInput, outcomeOfEnding, outcomeOfRejection, outcomeOfTold } from './exchange.ts';
import { Handshake, type Welcome } from './handshake.ts';
import { type Cleared, LatchClearing } from './latch-clearing.ts';
import type { LinkCounters } from './link-statistics.ts';
import type { PortSession } from './port-session.ts';
import { Pulse } from './pulse.ts';
import type { OpenQuestions } from './questions.ts';
import { SessionCommands } from './session-commands.ts';

/** How often the line is looked after while its port is open. */
const TICK_MS = 10;
/** A question without an answer is repeated after this. */
const REPEAT_MS = 100;
/** V LINK: how a board ends a session by itself. */
const SESSION_ENDS: readonly string[] = ['DEADMAN', 'ECHO', 'BREAK'];

type Message<T extends BoardMessage['type']> = Extract<BoardMessage, { type: T }>;

/** What the supervisor hears; each call is about this link only. */
export interface LinkEvents {
  /** A session lives (true) or has ended (false). */
  onSession(live: boolean): void;
  /** What the board says of itself: B, S, T, V. */
  onNews(message: Message<'B' | 'S' | 'T' | 'V'>): void;
  /** The board said ESTOP to an emergency stop. */
  onStopConfirmed(): void;
}

export interface LinkParts {
  readonly clock: Clock;
  /** Eight fresh upper-case hex digits. */
  readonly makeNonce: () => string;
  readonly questions: OpenQuestions;
  readonly counters: LinkCounters;
  readonly events: LinkEvents;
  /** An emergency stop is still wanted from an earlier port: it goes out before the first hello. */
  readonly stopFirst: boolean;
}

/** A live session: from W with its B until anything ends it. */
export interface Session {
  readonly id: string;
  readonly commands: SessionCommands;
  /** Set while the board is latched. */
  challenge: string | null;
}

export class SessionKeeper {
  readonly #port: PortSession;
  readonly #parts: LinkParts;
  readonly #escape = new EmergencyStop();
  readonly #clearing = new LatchClearing();
  readonly #boardClock = new BoardClock();
  readonly #handshake: Handshake;
  readonly #pulse: Pulse;
  #session: Session | null = null;
  #latched = false;
  #keepAliveAtMs = 0;
  #questionAtMs = 0;
  /** Waiters for the next live session; false when the port ends first. */
  readonly #untilLive: ((live: boolean) => void)[] = [];
  #cancelTick: () => void;
  #ended = false;

  constructor(port: PortSession, parts: LinkParts) {
    this.#port = port;
    this.#parts = parts;
    const nowMs = parts.clock.monotonicMs();
    this.#pulse = new Pulse(nowMs);
    this.#cancelTick = parts.clock.after(TICK_MS, () => this.#tick());
    this.#handshake = new Handshake(nowMs);
    if (parts.stopFirst) this.estop();
    else this.#sendHello();
  }

  /** The live session, if any. */
  get session(): Session | null {
    return this.#session;
  }

  get boardClock(): BoardClock {
    return this.#boardClock;
  }

  /** Whether the board is known to be latched, so that nothing moves; while ESC still goes out it is not known. */
  get latched(): boolean {
    return this.#latched && !this.#escape.active;
  }

  /** Ends the session, if one lives, and asks for the next: whatever runs on the board ends with that. */
  newSession(overtakenBy: RefusalCode): void {
    this.#endSession(overtakenBy);
    this.#sendHello();
  }

  /** A new session, as `newSession`; true once it lives, false when the port ended first. */
  untilNewSession(overtakenBy: RefusalCode): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#untilLive.push(resolve);
      this.newSession(overtakenBy);
    });
  }

  /** Drives off, at once; the event `onStopConfirmed` follows when the board says ESTOP. */
  estop(): void {
    if (this.#ended) return;
    this.#parts.counters.emergencyStops += 1;
    this.#port.writeUrgent(this.#escape.begin(this.#now(), this.#clearing.active));
    this.#handshake.forget();
    this.#clearing.settle(null);
    this.#endSession('latched');
  }

  /** Clears the latch. False when there is nothing to clear; null when it cannot be known whether it was cleared. */
  reset(patienceMs: number): Promise<Cleared | false> {
    const challenge = this.#session?.challenge;
    if (!challenge) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#clearing.ask(challenge, this.#now() + patienceMs, resolve);
      this.#sendClear();
    });
  }

  /** The port is gone: what was sent becomes a question, what was not sent is refused, who waits is told. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTick();
    this.#endSession('session_ended');
    this.#clearing.settle(null);
    for (const resolve of this.#untilLive.splice(0)) resolve(false);
  }

  /** One line heard. */
  hear(result: FrameResult): void {
    const { counters } = this.#parts;
    if (result.kind === 'discarded') return counters.count(counters.discarded, result.reason);
    const decoded = decodeBoard(result.payload);
    if (decoded.kind === 'refused') return counters.count(counters.discarded, decoded.code);
    counters.framesReceived += 1;
    this.#take(decoded.message);
  }

  #take(message: BoardMessage): void {
    switch (message.type) {
      case 'W':
        return this.#welcomed(message);
      case 'B':
        return this.#identified(message);
      case 'A':
        return this.#answered(message, { kind: 'accepted' });
      case 'D':
        this.#told(message, outcomeOfEnding(message.code));
        return this.#answered(message, { kind: 'ended', code: message.code });
      case 'E':
        this.#told(message, outcomeOfRejection(message.code));
        return this.#answered(message, { kind: 'rejected', code: message.code });
      case 'N':
        return this.#lineRefused(message);
      case 'S':
        return this.#statusHeard(message);
      case 'T':
        return this.#parts.events.onNews(message);
      case 'V':
        return this.#newsHeard(message);
    }
  }

  #welcomed(message: Welcome): void {
    if (this.#escape.active || message.session === this.#session?.id) return;
    const taken = this.#handshake.welcomed(message);
    if (taken === undefined) return;
    // The line doubled the hello, and the board made a session of each: only the last one lives.
    this.#endSession('session_ended');
    if (taken.open !== null && message.told !== null) this.#told(taken.open, outcomeOfTold(message.told));
    this.#boardClock.hear(message.nowMs, this.#now());
  }

  #identified(message: Message<'B'>): void {
    this.#parts.events.onNews(message);
    const session = this.#session;
    if (session === null) {
      const welcome = this.#handshake.identified(message.boot);
      if (welcome !== null) this.#begin(welcome);
    }
    // A board that names another boot than our session has restarted and knows nothing of it.
    else if (!session.id.startsWith(message.boot)) this.newSession('session_ended');
  }

  #begin(welcome: Welcome): void {
    const { counters, events } = this.#parts;
    const write = (line: string) => !this.#escape.active && this.#port.write(line);
    const commands = new SessionCommands(welcome.session, write, () => {
      counters.resends += 1;
    });
    this.#session = { id: welcome.session, commands, challenge: welcome.challenge };
    this.#latched = welcome.challenge !== null;
    this.#pulse.beat(this.#now());
    this.#keepAliveAtMs = 0;
    this.#questionAtMs = 0;
    counters.handshakes += 1;
    events.onSession(true);
    this.#clearing.welcomed(welcome.challenge);
    for (const resolve of this.#untilLive.splice(0)) resolve(true);
  }

  #statusHeard(message: Message<'S'>): void {
    const nowMs = this.#now();
    this.#boardClock.hear(message.nowMs, nowMs);
    this.#pulse.beat(nowMs);
    this.#latched = message.state === 'ESTOP';
    this.#parts.events.onNews(message);
    if (this.#latched) {
      if (this.#escape.confirm(nowMs)) {
        this.#handshake.begin(nowMs);
        this.#parts.events.onStopConfirmed();
        this.newSession('latched');
      } else if (this.#session?.challenge === null) this.newSession('latched');
      return;
    }
    // The board ended the session by its dead-man or a BREAK: it takes nothing until a new hello.
    if (this.#session !== null && message.state === 'LINK_LOST') return this.newSession('session_ended');
    if (this.#session?.challenge) {
      this.#session.challenge = null;
      this.#clearing.settle(true);
    }
  }

  /** A latched board says ESTOP whether a session lives or not: there, only this tells that it has ended. */
  #newsHeard(message: Message<'V'>): void {
    this.#parts.events.onNews(message);
    const ended = message.name === 'LINK' && SESSION_ENDS.includes(message.detail ?? '');
    if (ended && this.#session !== null) this.newSession('session_ended');
  }

  #lineRefused(message: Message<'N'>): void {
    const { counters } = this.#parts;
    counters.count(counters.refusals, message.code);
    const [session = '', seqText = ''] = message.about?.split('/') ?? [];
    const slot: CommandSlot | null = seqText === '' ? null : { session, seq: Number(seqText) };
    if (message.code === 'VER' && this.#session === null) {
      return this.#port.close('the board speaks no version of the protocol that is spoken here');
    }
    if (slot !== null && message.code === 'FORGOT') {
      return this.#told(slot, { kind: 'unknown', code: 'forgotten_by_board' });
    }
    if (slot !== null) this.#answered(slot, { kind: 'line-refused' });
    // Whatever line it was about: our session is over there, or latched.
    const isOver = message.code === 'BADSESS' || (message.code === 'ESTOP' && slot === null);
    if (isOver && this.#session !== null) this.newSession('session_ended');
  }

  /** The outcome of a command that may have been asked for; if so, the next question need not wait. */
  #told(slot: CommandSlot, outcome: Outcome): void {
    if (this.#parts.questions.answer(slot, outcome)) this.#questionAtMs = 0;
  }

  #answered(slot: CommandSlot, input: ExchangeInput): void {
    if (this.#session?.commands.answer(slot, input, this.#now())) this.newSession('session_ended');
  }

  #endSession(overtakenBy: RefusalCode): void {
    const session = this.#session;
    if (session === null) return;
    this.#session = null;
    this.#handshake.begin(this.#now());
    session.commands.end(overtakenBy, this.#parts.questions);
    this.#parts.events.onSession(false);
  }

  /** A fresh nonce every try, and with it one question. */
  #sendHello(): void {
    if (this.#ended || this.#escape.active) return;
    const open = this.#parts.questions.next() ?? null;
    this.#send(this.#handshake.hello(this.#parts.makeNonce(), open, this.#now()));
  }

  #tick(): void {
    if (this.#ended) return;
    const nowMs = this.#now();
    const healthy = this.#pulse.turn(nowMs);
    this.#cancelTick = this.#parts.clock.after(TICK_MS, () => this.#tick());
    const bytes = this.#escape.due(nowMs);
    if (bytes) this.#port.writeUrgent(bytes);
    this.#clearing.expire(nowMs);
    const lostBecause = this.#lostBecause(nowMs);
    if (lostBecause !== null) return this.#port.close(lostBecause);
    if (this.#escape.active) return;
    if (this.#session !== null) this.#tickSession(this.#session, nowMs, healthy);
    else if (this.#handshake.isDue(nowMs)) this.#sendHello();
  }

  /** Why this port is of no more use, if it is not. */
  #lostBecause(nowMs: number): string | null {
    if (this.#pulse.isSilent(nowMs)) return 'the board has fallen silent';
    if (this.#escape.isHopeless(nowMs)) return 'the board does not confirm a stop';
    const greeting = this.#session === null && !this.#escape.active;
    return greeting && this.#handshake.isHopeless(nowMs) ? 'the board does not answer a hello' : null;
  }

  #tickSession(session: Session, nowMs: number, healthy: boolean): void {
    if (healthy && nowMs >= this.#keepAliveAtMs) {
      this.#keepAliveAtMs = nowMs + TIMES_MS.keepAlivePeriod;
      this.#send({ type: 'K', session: session.id, echoMs: this.#boardClock.newestHeardMs });
    }
    const about = nowMs >= this.#questionAtMs ? this.#parts.questions.next() : undefined;
    if (about !== undefined) {
      this.#questionAtMs = nowMs + REPEAT_MS;
      this.#send({ type: 'Q', session: session.id, about });
    }
    this.#sendClear();
    if (session.commands.tick(nowMs)) this.newSession('session_ended');
  }

  /** Z, when one is due and the session knows the latch. */
  #sendClear(): void {
    const session = this.#session;
    if (!session?.challenge || !this.#clearing.due(this.#now())) return;
    this.#send({ type: 'Z', session: session.id, challenge: session.challenge });
  }

  #send(message: HostMessage): void {
    this.#port.write(formatFrame(encodeHost(message)));
  }

  #now(): number {
    return this.#parts.clock.monotonicMs();
  }
}
