/**
 * The commands of one session: the one whose intent is being made durable (reserved), the one unanswered, those that
 * move. Numbers them, keeps their exchanges going, and hands what is open to the questions when the session ends.
 */
import { encodeHost, encodeOrder, type Order } from '../../firmware-protocol/codec.ts';
import { formatFrame } from '../../firmware-protocol/frame.ts';
import type { Outcome, RefusalCode } from '../domain/outcome.ts';
import type { CommandSlot } from '../domain/ports.ts';
import { beginExchange, type ExchangeInput, type ExchangeState, stepExchange } from './exchange.ts';
import type { OpenQuestions } from './questions.ts';

const SEQ_MAX = 65_535;

interface Exchange {
  readonly slot: CommandSlot;
  readonly bytes: string;
  /** Null for a STOP, which is nobody's motion. */
  readonly commandId: string | null;
  readonly isJog: boolean;
  state: ExchangeState;
  readonly settle: (outcome: Outcome) => void;
}

/** A number given to a command whose intent is not durable yet. */
export interface Reservation {
  readonly slot: CommandSlot;
  /** Set when a stop or the end of the session came first: the command must not be sent any more. */
  overtakenBy: RefusalCode | null;
}

export class SessionCommands {
  readonly #session: string;
  readonly #write: (line: string) => boolean;
  readonly #onResend: () => void;
  #lastSeq = 0;
  #reservation: Reservation | null = null;
  #exchanges: Exchange[] = [];

  constructor(session: string, write: (line: string) => boolean, onResend: () => void) {
    this.#session = session;
    this.#write = write;
    this.#onResend = onResend;
  }

  get commandId(): string | null {
    return this.#exchanges.findLast((exchange) => exchange.commandId !== null)?.commandId ?? null;
  }

  /** Whether all numbers are used up and a new session is due. */
  get exhausted(): boolean {
    return this.#lastSeq >= SEQ_MAX;
  }

  /** Whether the next C may go out now: none is unanswered, no number is reserved. */
  get lineIsFree(): boolean {
    return this.#reservation === null && !this.#exchanges.some((e) => e.state.kind === 'unanswered');
  }

  /** The next number, for a motion whose intent is about to be written; null while another command is at work. */
  reserve(isJog: boolean): Reservation | null {
    // A jog renews the jog before it; nothing else may run beside another command.
    if (!this.lineIsFree || this.#exchanges.some((e) => !(isJog && e.isJog))) return null;
    this.#reservation = { slot: this.nextSlot(), overtakenBy: null };
    return this.#reservation;
  }

  /** Frees the line for the reserved command itself. False when something overtook it. */
  redeem(reservation: Reservation): boolean {
    if (reservation.overtakenBy !== null) return false;
    this.#reservation = null;
    return true;
  }

  nextSlot(): CommandSlot {
    return { session: this.#session, seq: this.#lastSeq + 1 };
  }

  /** Writes a command and resolves with its outcome; null when the line did not take it: then nothing was sent. */
  send(slot: CommandSlot, order: Order, commandId: string | null, nowMs: number): Promise<Outcome> | null {
    const bytes = formatFrame(encodeHost({ type: 'C', ...slot, order: encodeOrder(order) }));
    if (!this.#write(bytes)) return null;
    this.#lastSeq = slot.seq;
    // Nothing can be heard before this turn of the loop ends, so arming after the write still catches every reply.
    return new Promise((settle) => {
      const state = beginExchange(nowMs);
      this.#exchanges.push({ slot, bytes, commandId, isJog: order.verb === 'JOG', state, settle });
    });
  }

  /** An answer about a slot. True when it makes a new session necessary. */
  answer(slot: CommandSlot, input: ExchangeInput, nowMs: number): boolean {
    const exchange = this.#exchanges.find((e) => e.slot.seq === slot.seq && e.slot.session === slot.session);
    return exchange !== undefined && this.#advance(exchange, input, nowMs);
  }

  /** Time passes: repeats what is due. True when an answer can no longer be had in this session. */
  tick(nowMs: number): boolean {
    let lost = false;
    for (const exchange of [...this.#exchanges])
      lost = this.#advance(exchange, { kind: 'time' }, nowMs) || lost;
    return lost;
  }

  /** The session is over: what was sent becomes a question, what was not sent is overtaken and never will be. */
  end(overtakenBy: RefusalCode, questions: OpenQuestions): void {
    if (this.#reservation !== null) this.#reservation.overtakenBy = overtakenBy;
    this.#reservation = null;
    for (const exchange of this.#exchanges.splice(0)) questions.ask(exchange.slot, exchange.settle);
  }

  #advance(exchange: Exchange, input: ExchangeInput, nowMs: number): boolean {
    const wasUnanswered = exchange.state.kind === 'unanswered';
    const { state, resend } = stepExchange(exchange.state, input, nowMs);
    exchange.state = state;
    // Asking after an accepted command is routine; only a missing answer tells of a bad line.
    if (resend && this.#write(exchange.bytes) && wasUnanswered) this.#onResend();
    if (state.kind === 'settled') {
      this.#exchanges = this.#exchanges.filter((other) => other !== exchange);
      exchange.settle(state.outcome);
    }
    return state.kind === 'lost';
  }
}
