/**
 * Orders over one open port: when one may go out, under which number, with which deadline, and what overtakes it. It
 * lives as long as its port session; the supervisor makes a new one for each port. The session itself is kept alive by
 * session-keeper.ts.
 */
import type { Order } from '../../firmware-protocol/codec.ts';
import type { FrameResult } from '../../firmware-protocol/frame.ts';
import type { Outcome, RefusalCode } from '../domain/outcome.ts';
import type { Clock, CommandSlot } from '../domain/ports.ts';
import type { Cleared } from './latch-clearing.ts';
import type { PortSession } from './port-session.ts';
import { type LinkParts, SessionKeeper } from './session-keeper.ts';

/** How long a STOP may wait at the board; a board takes it whatever its deadline. */
const STOP_AHEAD_MS = 1000;

export class SerialLink {
  readonly #keeper: SessionKeeper;
  readonly #clock: Clock;

  constructor(port: PortSession, parts: LinkParts) {
    this.#keeper = new SessionKeeper(port, parts);
    this.#clock = parts.clock;
  }

  get live(): boolean {
    return this.#keeper.session !== null;
  }

  /** The motion at work, if this link carries one. */
  get commandId(): string | null {
    return this.#keeper.session?.commands.commandId ?? null;
  }

  /** See ClawLink.execute. `ttlMs`: from now until the board must have begun. */
  async execute(
    order: Omit<Order, 'deadlineMs'>,
    commandId: string,
    ttlMs: number,
    record: (slot: CommandSlot) => Promise<boolean>,
  ): Promise<Outcome> {
    const { session } = this.#keeper;
    if (session === null) return refused('link_down');
    if (session.challenge !== null) return refused('latched');
    if (session.commands.exhausted) {
      this.#keeper.newSession('session_ended');
      return refused('link_down');
    }
    const reservation = session.commands.reserve(order.verb === 'JOG');
    if (reservation === null) return refused('busy');
    const startedAtMs = this.#now();
    const durable = await isDurable(record, reservation.slot);
    if (!session.commands.redeem(reservation)) return refused(reservation.overtakenBy ?? 'session_ended');
    const nowMs = this.#now();
    const leftMs = ttlMs - (nowMs - startedAtMs);
    if (durable && leftMs > 0) {
      const deadlineMs = this.#keeper.boardClock.at(nowMs, leftMs);
      const outcome = session.commands.send(reservation.slot, { ...order, deadlineMs }, commandId, nowMs);
      if (outcome !== null) return outcome;
    }
    // A number that was recorded and not sent must never become another command's: a new session counts anew.
    this.#keeper.newSession('session_ended');
    if (durable && leftMs <= 0) return { kind: 'expired' };
    return refused(durable ? 'session_ended' : 'audit_unavailable');
  }

  /**
   * Controlled stop, behind nothing: where a command is still unanswered or not yet sent, a new hello stops the board
   * instead, because a new session ends whatever ran in the old one. Null when the port ended first.
   */
  async stop(): Promise<Outcome | null> {
    const { session, latched, boardClock } = this.#keeper;
    if (latched) return { kind: 'done' };
    if (session?.commands.lineIsFree && !session.commands.exhausted) {
      const nowMs = this.#now();
      const order: Order = { verb: 'STOP', args: [], deadlineMs: boardClock.at(nowMs, STOP_AHEAD_MS) };
      const outcome = session.commands.send(session.commands.nextSlot(), order, null, nowMs);
      if (outcome !== null) return outcome;
    }
    return (await this.#keeper.untilNewSession('stopped_first')) ? { kind: 'done' } : null;
  }

  /** Drives off, at once; the event `onStopConfirmed` follows when the board says ESTOP. */
  estop(): void {
    this.#keeper.estop();
  }

  /** Clears the latch. False when there is nothing to clear; null when it cannot be known whether it was cleared. */
  reset(patienceMs: number): Promise<Cleared | false> {
    return this.#keeper.reset(patienceMs);
  }

  /** One line heard. */
  hear(result: FrameResult): void {
    this.#keeper.hear(result);
  }

  /** The port is gone: what was sent becomes a question, what was not sent is refused, who waits is told. */
  end(): void {
    this.#keeper.end();
  }

  #now(): number {
    return this.#clock.monotonicMs();
  }
}

const refused = (code: RefusalCode): Outcome => ({ kind: 'refused', code });

/** A record that fails in any way is not durable, and must leave the line as free as one that says so. */
async function isDurable(
  record: (slot: CommandSlot) => Promise<boolean>,
  slot: CommandSlot,
): Promise<boolean> {
  try {
    return await record(slot);
  } catch {
    return false;
  }
}
