/**
 * The protocol over one open port: handshake, keep-alive, commands, questions about commands whose answer was lost, and
 * the stop that overtakes them all. It lives as long as its port session; the supervisor makes a new one for each port.
 * The rules are PROTOCOL.md's; what an answer means is decided in exchange.ts.
 */
import { TIMES_MS, VERSION } from '../../firmware-protocol/catalog.ts';
import {
  type BoardMessage,
  decodeBoard,
  encodeHost,
  type HostMessage,
  type Order,
} from '../../firmware-protocol/codec.ts';
import { type FrameResult, formatFrame } from '../../firmware-protocol/frame.ts';
import type { Outcome, RefusalCode } from '../domain/outcome.ts';
import type { Clock, CommandSlot } from '../domain/ports.ts';
import { BoardClock } from './board-clock.ts';
import { EmergencyStop } from './emergency-stop.ts';
import { type ExchangeInput, outcomeOfEnding, outcomeOfRejection, outcomeOfTold } from './exchange.ts';
import type { LinkCounters } from './link-statistics.ts';
import type { PortSession } from './port-session.ts';
import type { OpenQuestions } from './questions.ts';
import { SessionCommands } from './session-commands.ts';

/** How often the line is looked after while its port is open. */
const TICK_MS = 10;
/** A tick later than this means a stalled loop: that turn earns no keep-alive and blames no board for silence. */
const HEALTHY_TICK_MS = 100;
/** A hello without an answer is repeated, with a fresh nonce, after this. */
const HELLO_RETRY_MS = 200;
/** Boards that restart when the port opens take up to two seconds; after this the port is opened anew. */
const HELLO_PATIENCE_MS = 4000;
/** A question or a Z without an answer is repeated after this. */
const REPEAT_MS = 100;
/** How long a STOP may wait at the board; a board takes it whatever its deadline. */
const STOP_AHEAD_MS = 1000;

type Message<T extends BoardMessage['type']> = Extract<BoardMessage, { type: T }>;

/** What the supervisor hears; each call is about this link only. */
export interface LinkEvents {
  /** A session lives (true) or has ended (false). */
  onSession(live: boolean): void;
  /** What the board says of itself: B, S, T, V. */
  onNews(message: Message<'B' | 'S' | 'T' | 'V'>): void;
}

export interface LinkParts {
  readonly clock: Clock;
  /** Eight fresh upper-case hex digits. */
  readonly makeNonce: () => string;
  readonly questions: OpenQuestions;
  readonly counters: LinkCounters;
  readonly events: LinkEvents;
}

/** A live session: from W with its B until anything ends it. */
interface Session {
  readonly id: string;
  readonly commands: SessionCommands;
  /** Set while the board is latched. */
  challenge: string | null;
}

/** A hello that waits for its W, and then for the B that says whose it is. */
interface Greeting {
  nonce: string;
  open: CommandSlot | null;
  sentAtMs: number;
  readonly sinceMs: number;
  welcome: Message<'W'> | null;
}

export class SerialLink {
  readonly #port: PortSession;
  readonly #parts: LinkParts;
  readonly #escape = new EmergencyStop();
  readonly #boardClock = new BoardClock();
  #session: Session | null = null;
  #greeting: Greeting;
  #latched = false;
  #statusAtMs: number;
  #tickAtMs: number;
  #keepAliveAtMs = 0;
  #questionAtMs = 0;
  #clearAtMs = 0;
  /** Waiters for the next live session, and for the latch to clear; false when the port ends first. */
  readonly #untilLive: ((live: boolean) => void)[] = [];
  readonly #untilClear: ((clear: boolean) => void)[] = [];
  #cancelTick: () => void;
  #ended = false;

  constructor(port: PortSession, parts: LinkParts) {
    this.#port = port;
    this.#parts = parts;
    const nowMs = parts.clock.monotonicMs();
    this.#tickAtMs = nowMs;
    this.#statusAtMs = nowMs;
    this.#cancelTick = parts.clock.after(TICK_MS, () => this.#tick());
    this.#greeting = newGreeting(nowMs);
    this.#sendHello();
  }

  get live(): boolean {
    return this.#session !== null;
  }

  /** The motion at work, if this link carries one. */
  get commandId(): string | null {
    return this.#session?.commands.commandId ?? null;
  }

  /** See ClawLink.execute. `ttlMs`: from now until the board must have begun. */
  async execute(
    order: Omit<Order, 'deadlineMs'>,
    commandId: string,
    ttlMs: number,
    record: (slot: CommandSlot) => Promise<boolean>,
  ): Promise<Outcome> {
    const session = this.#session;
    if (session === null) return refused('link_down');
    if (session.challenge !== null) return refused('latched');
    if (session.commands.exhausted) {
      this.#newSession('session_ended');
      return refused('link_down');
    }
    const reservation = session.commands.reserve(order.verb === 'JOG');
    if (reservation === null) return refused('busy');
    const startedAtMs = this.#now();
    const durable = await record(reservation.slot);
    if (!session.commands.redeem(reservation)) return refused(reservation.overtakenBy ?? 'session_ended');
    const nowMs = this.#now();
    const leftMs = ttlMs - (nowMs - startedAtMs);
    if (durable && leftMs > 0) {
      const deadlineMs = this.#boardClock.at(nowMs, leftMs);
      const outcome = session.commands.send(reservation.slot, { ...order, deadlineMs }, commandId, nowMs);
      if (outcome !== null) return outcome;
    }
    // A number that was recorded and not sent must never become another command's: a new session counts anew.
    this.#newSession('session_ended');
    if (durable && leftMs <= 0) return { kind: 'expired' };
    return refused(durable ? 'session_ended' : 'audit_unavailable');
  }

  /**
   * Controlled stop, behind nothing: where a command is still unanswered or not yet sent, a new hello stops the board
   * instead, because a new session ends whatever ran in the old one. Null when the port ended first.
   */
  async stop(): Promise<Outcome | null> {
    if (this.#latched) return { kind: 'done' };
    const session = this.#session;
    if (session?.commands.lineIsFree) {
      const nowMs = this.#now();
      const order: Order = { verb: 'STOP', args: [], deadlineMs: this.#boardClock.at(nowMs, STOP_AHEAD_MS) };
      const outcome = session.commands.send(session.commands.nextSlot(), order, null, nowMs);
      if (outcome !== null) return outcome;
    }
    const live = await new Promise<boolean>((resolve) => {
      this.#untilLive.push(resolve);
      this.#newSession('stopped_first');
    });
    return live ? { kind: 'done' } : null;
  }

  /** Drives off, at once; `confirmed` is called when the board says ESTOP. */
  estop(confirmed: () => void): void {
    this.#parts.counters.emergencyStops += 1;
    this.#port.writeUrgent(this.#escape.begin(this.#now(), confirmed));
    this.#endSession('latched');
  }

  /** Clears the latch; false when there is nothing to clear or the session ended first. */
  reset(): Promise<boolean> {
    if (!this.#session?.challenge) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#untilClear.push(resolve);
      this.#sendClear();
    });
  }

  /** The port is gone: what was sent becomes a question, what was not sent is refused, who waits is told. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTick();
    this.#endSession('session_ended');
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
    const { questions, events } = this.#parts;
    switch (message.type) {
      case 'W':
        return this.#welcomed(message);
      case 'B':
        return this.#identified(message);
      case 'A':
        return this.#answered(message, { kind: 'accepted' });
      case 'D':
        questions.answer(message, outcomeOfEnding(message.code));
        return this.#answered(message, { kind: 'ended', code: message.code });
      case 'E':
        questions.answer(message, outcomeOfRejection(message.code));
        return this.#answered(message, { kind: 'rejected', code: message.code });
      case 'N':
        return this.#lineRefused(message);
      case 'S':
        return this.#statusHeard(message);
      case 'T':
      case 'V':
        return events.onNews(message);
    }
  }

  #welcomed(message: Message<'W'>): void {
    const greeting = this.#greeting;
    // Another nonce answers an earlier hello; that session has been ended by the newer one.
    if (message.nonce !== greeting.nonce || this.#session !== null || this.#escape.active) return;
    if (greeting.open !== null && message.told !== null) {
      this.#parts.questions.answer(greeting.open, outcomeOfTold(message.told));
    }
    greeting.welcome = message;
    this.#boardClock.hear(message.nowMs, this.#now());
  }

  #identified(message: Message<'B'>): void {
    this.#parts.events.onNews(message);
    const { welcome } = this.#greeting;
    if (this.#session === null && welcome?.session.startsWith(message.boot)) this.#begin(welcome);
    // A board that names another boot than our session has restarted and knows nothing of it.
    else if (this.#session !== null && !this.#session.id.startsWith(message.boot))
      this.#newSession('session_ended');
  }

  #begin(welcome: Message<'W'>): void {
    const { counters, events } = this.#parts;
    const write = (line: string) => !this.#escape.active && this.#port.write(line);
    const commands = new SessionCommands(welcome.session, write, () => {
      counters.resends += 1;
    });
    this.#session = { id: welcome.session, commands, challenge: welcome.challenge };
    this.#statusAtMs = this.#now();
    this.#keepAliveAtMs = 0;
    counters.handshakes += 1;
    events.onSession(true);
    for (const resolve of this.#untilLive.splice(0)) resolve(true);
  }

  #statusHeard(message: Message<'S'>): void {
    this.#boardClock.hear(message.nowMs, this.#now());
    this.#statusAtMs = this.#now();
    this.#latched = message.state === 'ESTOP';
    this.#parts.events.onNews(message);
    if (this.#latched) {
      if (this.#escape.active) {
        this.#escape.confirm();
        this.#newSession('latched');
      } else if (this.#session?.challenge === null) this.#newSession('latched');
      return;
    }
    // The board ended the session by its dead-man or a BREAK: it takes nothing until a new hello.
    if (this.#session !== null && message.state === 'LINK_LOST') return this.#newSession('session_ended');
    if (this.#session?.challenge) {
      this.#session.challenge = null;
      for (const resolve of this.#untilClear.splice(0)) resolve(true);
    }
  }

  #lineRefused(message: Message<'N'>): void {
    const { counters, questions } = this.#parts;
    counters.count(counters.refusals, message.code);
    const [session = '', seqText = ''] = message.about?.split('/') ?? [];
    const slot: CommandSlot | null = seqText === '' ? null : { session, seq: Number(seqText) };
    if (slot === null) {
      if (message.code === 'BADSESS' || message.code === 'ESTOP') this.#newSession('session_ended');
    } else if (message.code === 'FORGOT')
      questions.answer(slot, { kind: 'unknown', code: 'forgotten_by_board' });
    else this.#answered(slot, { kind: 'line-refused' });
  }

  #answered(slot: CommandSlot, input: ExchangeInput): void {
    if (this.#session?.commands.answer(slot, input, this.#now())) this.#newSession('session_ended');
  }

  /** Ends the session, if one lives, and asks for the next. */
  #newSession(overtakenBy: RefusalCode): void {
    this.#endSession(overtakenBy);
    this.#sendHello();
  }

  #endSession(overtakenBy: RefusalCode): void {
    const session = this.#session;
    if (session === null) return;
    this.#session = null;
    this.#greeting = newGreeting(this.#now());
    session.commands.end(overtakenBy, this.#parts.questions);
    for (const resolve of this.#untilClear.splice(0)) resolve(false);
    this.#parts.events.onSession(false);
  }

  /** A fresh nonce every try, and with it the one question that has waited longest. */
  #sendHello(): void {
    if (this.#ended || this.#escape.active) return;
    const greeting = this.#greeting;
    greeting.nonce = this.#parts.makeNonce();
    greeting.open = this.#parts.questions.first() ?? null;
    greeting.sentAtMs = this.#now();
    greeting.welcome = null;
    this.#send({ type: 'H', versions: VERSION, nonce: greeting.nonce, open: greeting.open ?? undefined });
  }

  #tick(): void {
    if (this.#ended) return;
    const nowMs = this.#now();
    const healthy = nowMs - this.#tickAtMs <= HEALTHY_TICK_MS;
    this.#tickAtMs = nowMs;
    this.#cancelTick = this.#parts.clock.after(TICK_MS, () => this.#tick());
    const bytes = this.#escape.due(nowMs);
    if (bytes) this.#port.writeUrgent(bytes);
    const silenceMaxMs = this.#session === null ? HELLO_PATIENCE_MS : TIMES_MS.statusSilenceMax;
    if (healthy && nowMs - this.#statusAtMs > silenceMaxMs)
      return this.#port.close('the board has fallen silent');
    if (this.#escape.active) return;
    if (this.#session === null) this.#tickGreeting(nowMs);
    else this.#tickSession(this.#session, nowMs, healthy);
  }

  #tickGreeting(nowMs: number): void {
    if (nowMs - this.#greeting.sinceMs > HELLO_PATIENCE_MS)
      this.#port.close('the board does not answer a hello');
    else if (nowMs - this.#greeting.sentAtMs >= HELLO_RETRY_MS) this.#sendHello();
  }

  #tickSession(session: Session, nowMs: number, healthy: boolean): void {
    if (healthy && nowMs >= this.#keepAliveAtMs) {
      this.#keepAliveAtMs = nowMs + TIMES_MS.keepAlivePeriod;
      this.#send({ type: 'K', session: session.id, echoMs: this.#boardClock.newestHeardMs });
    }
    const about = this.#parts.questions.first();
    if (about !== undefined && nowMs >= this.#questionAtMs) {
      this.#questionAtMs = nowMs + REPEAT_MS;
      this.#send({ type: 'Q', session: session.id, about });
    }
    if (this.#untilClear.length > 0 && nowMs >= this.#clearAtMs) this.#sendClear();
    if (session.commands.tick(nowMs)) this.#newSession('session_ended');
  }

  #sendClear(): void {
    const session = this.#session;
    if (!session?.challenge) return;
    this.#clearAtMs = this.#now() + REPEAT_MS;
    this.#send({ type: 'Z', session: session.id, challenge: session.challenge });
  }

  #send(message: HostMessage): void {
    this.#port.write(formatFrame(encodeHost(message)));
  }

  #now(): number {
    return this.#parts.clock.monotonicMs();
  }
}

const refused = (code: RefusalCode): Outcome => ({ kind: 'refused', code });

function newGreeting(nowMs: number): Greeting {
  return { nonce: '', open: null, sentAtMs: nowMs, sinceMs: nowMs, welcome: null };
}
