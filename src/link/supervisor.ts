/**
 * One claw's line for as long as the process lives: opens its port, again and again with back-off, gives each port its
 * own session and link, and keeps what must outlive them: open questions, a stop that is still wanted, the counters.
 * Coming back never moves anything; it only shakes hands and asks.
 */
import type { Order } from '../../firmware-protocol/codec.ts';
import type { ClawSnapshot } from '../domain/claw-state.ts';
import type { MotionCommand } from '../domain/command.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { ClawLink, Clock, CommandSlot, LinkStatistics } from '../domain/ports.ts';
import {
  afterNews,
  type BoardView,
  type LinkView,
  type News,
  NOTHING_HEARD,
  snapshotOf,
} from './claw-view.ts';
import { LinkCounters } from './link-statistics.ts';
import { type MakePort, PortSession } from './port-session.ts';
import { OpenQuestions } from './questions.ts';
import { reconnectDelayMs } from './reconnect-delay.ts';
import { SerialLink } from './serial-link.ts';

/** A command begins within this, or never: the board's clock is the judge (PROTOCOL.md, deadline). */
const COMMAND_TTL_MS = 1500;
/** A controlled stop without an answer for this long becomes an emergency stop. */
const STOP_PATIENCE_MS = 300;
/** How long an emergency stop or a reset waits for the board's word before its outcome is told as unknown. */
const CONFIRM_PATIENCE_MS = 1000;

/** Turning points of a line, for log and audit. */
export type LinkTransition =
  | { readonly kind: 'up'; readonly snapshot: ClawSnapshot }
  | { readonly kind: 'lost'; readonly reason: string };

export interface SupervisorOptions {
  readonly claw: string;
  /** The device's path; /dev/serial/by-id names survive re-plugging. */
  readonly path: string;
  readonly makePort: MakePort;
  readonly clock: Clock;
  readonly makeNonce: () => string;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  readonly onTransition: (transition: LinkTransition) => void;
}

export class LinkSupervisor implements ClawLink {
  readonly claw: string;
  readonly #options: SupervisorOptions;
  readonly #clock: Clock;
  readonly #questions = new OpenQuestions();
  readonly #counters = new LinkCounters();
  readonly #listeners = new Set<(snapshot: ClawSnapshot) => void>();
  #port: PortSession | null = null;
  #link: SerialLink | null = null;
  #view: BoardView = NOTHING_HEARD;
  #reason: string | null = 'not opened yet';
  #failures = 0;
  /** The boot that the board last named, on whatever port. */
  #boot: string | null = null;
  /** Whether the last transition told was `up`. */
  #toldUp = false;
  /** An emergency stop that no board has confirmed yet; a new port gets it before anything else. */
  #stopWanted = false;
  /** Whether the status in view was said in the session that lives now. */
  #statusIsOfSession = false;
  #cancelReconnect: () => void = () => {};
  /** Who waits for a stop to be confirmed, and how each wait with an end to its patience is ended early. */
  readonly #confirmations = new Set<() => void>();
  readonly #impatient = new Set<() => void>();
  #closing: Promise<void> | null = null;
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.claw = options.claw;
    this.#options = options;
    this.#clock = options.clock;
  }

  start(): void {
    this.#open();
  }

  get statistics(): LinkStatistics {
    return this.#counters;
  }

  snapshot(): ClawSnapshot {
    return snapshotOf(this.claw, this.#view, this.#linkView());
  }

  subscribe(listener: (snapshot: ClawSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async execute(
    command: MotionCommand,
    commandId: string,
    record: (slot: CommandSlot) => Promise<boolean>,
  ): Promise<Outcome> {
    if (this.#closing !== null) return { kind: 'refused', code: 'shutting_down' };
    if (this.#link === null || this.#stopWanted) return { kind: 'refused', code: 'link_down' };
    const outcome = this.#link.execute(orderOf(command), commandId, COMMAND_TTL_MS, record);
    this.#publish();
    return outcome;
  }

  async stop(): Promise<Outcome> {
    if (this.#link === null) return { kind: 'refused', code: 'link_down' };
    const stopped = await this.#within(STOP_PATIENCE_MS, this.#link.stop());
    if (stopped?.kind === 'done') return stopped;
    // No answer, or not a plain one: whatever the reason, the machine must not go on.
    const latched = await this.estop();
    return latched.kind === 'done' ? { kind: 'failed', code: 'became_estop' } : latched;
  }

  async estop(): Promise<Outcome> {
    if (this.#closed) return { kind: 'unknown', code: 'not_confirmed' };
    this.#stopWanted = true;
    this.#link?.estop();
    let confirm = () => {};
    const confirmation = new Promise<true>((resolve) => {
      confirm = () => resolve(true);
      this.#confirmations.add(confirm);
    });
    const confirmed = await this.#within(CONFIRM_PATIENCE_MS, confirmation);
    this.#confirmations.delete(confirm);
    if (confirmed) return { kind: 'done' };
    return {
      kind: 'unknown',
      code: this.#link === null && this.#closing === null ? 'not_reached' : 'not_confirmed',
    };
  }

  async reset(): Promise<Outcome> {
    if (this.#link === null || !this.#link.live) return { kind: 'refused', code: 'link_down' };
    const cleared = await this.#link.reset(CONFIRM_PATIENCE_MS);
    if (cleared === null) return { kind: 'unknown', code: 'not_confirmed' };
    return cleared ? { kind: 'done' } : { kind: 'refused', code: 'not_latched' };
  }

  inquire(slot: CommandSlot): Promise<Outcome> {
    return new Promise((settle) => {
      if (this.#closed) settle({ kind: 'unknown', code: 'gateway_restarted' });
      else this.#questions.ask(slot, settle);
    });
  }

  /** Stops what moves, closes the port and settles everything that waits. Nothing begins from its call on. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#link?.commandId != null) await this.#within(STOP_PATIENCE_MS, this.#link.stop());
    this.#closed = true;
    this.#cancelReconnect();
    this.#port?.close('the gateway is shutting down');
    this.#questions.settleAll({ kind: 'unknown', code: 'gateway_restarted' });
    for (const giveUp of [...this.#impatient]) giveUp();
    this.#listeners.clear();
  }

  #open(): void {
    if (this.#closed) return;
    this.#counters.portOpens += 1;
    const { makePort, path } = this.#options;
    const port = new PortSession(makePort(path), {
      onOpen: () => this.#opened(port),
      onLine: (result) => this.#link?.hear(result),
      onClosed: (reason) => this.#portClosed(reason),
    });
    this.#port = port;
  }

  #opened(port: PortSession): void {
    this.#view = NOTHING_HEARD;
    this.#reason = 'waiting for the board to answer';
    this.#link = new SerialLink(port, {
      clock: this.#clock,
      makeNonce: this.#options.makeNonce,
      questions: this.#questions,
      counters: this.#counters,
      events: {
        onSession: (live) => this.#sessionChanged(live),
        onNews: (message) => this.#heard(message),
        onStopConfirmed: () => this.#stopConfirmed(),
      },
      stopFirst: this.#stopWanted,
    });
    this.#publish();
  }

  #portClosed(reason: string): void {
    this.#link?.end();
    this.#link = null;
    this.#port = null;
    this.#reason = reason;
    this.#failures += 1;
    this.#publish();
    // A wanted end is no loss.
    if (this.#closed) return;
    this.#tellLost(reason);
    const delayMs = reconnectDelayMs(this.#failures, this.#options.random());
    this.#cancelReconnect = this.#clock.after(delayMs, () => this.#open());
  }

  #sessionChanged(live: boolean): void {
    this.#statusIsOfSession = false;
    this.#reason = live
      ? 'waiting for the first status of the session'
      : 'the session with the board ended; asking for a new one';
    if (live) this.#failures = 0;
    this.#publish();
  }

  #countBoot(boot: string): void {
    if (this.#boot !== null && this.#boot !== boot) this.#counters.boardResets += 1;
    this.#boot = boot;
  }

  /** Told with the first status of a session, so that its snapshot says how the claw stands. */
  #tellUp(): void {
    const snapshot = this.snapshot();
    if (this.#toldUp || snapshot.link !== 'up') return;
    this.#toldUp = true;
    this.#options.onTransition({ kind: 'up', snapshot });
  }

  /** A new hello on the same port is no loss; only a closed port is told. */
  #tellLost(reason: string): void {
    if (!this.#toldUp) return;
    this.#toldUp = false;
    this.#options.onTransition({ kind: 'lost', reason });
  }

  #heard(message: News): void {
    this.#view = afterNews(this.#view, message);
    if (message.type === 'B') this.#countBoot(message.boot);
    if (message.type === 'S' && this.#link?.live) this.#statusIsOfSession = true;
    this.#tellUp();
    this.#publish();
  }

  #stopConfirmed(): void {
    this.#stopWanted = false;
    for (const confirm of this.#confirmations) confirm();
  }

  #linkView(): LinkView {
    const commandId = this.#link?.commandId ?? null;
    if (this.#link === null) return { link: 'down', linkReason: this.#reason, commandId };
    if (!this.#link.live || !this.#statusIsOfSession) {
      return { link: 'connecting', linkReason: this.#reason, commandId };
    }
    return { link: 'up', linkReason: null, commandId };
  }

  #publish(): void {
    if (this.#listeners.size === 0) return;
    const snapshot = this.snapshot();
    for (const listener of this.#listeners) listener(snapshot);
  }

  /** The promise's value, or null when `patienceMs` pass or the link is closed first. */
  #within<T>(patienceMs: number, promise: Promise<T>): Promise<T | null> {
    return new Promise((resolve) => {
      const settle = (value: T | null) => {
        cancel();
        this.#impatient.delete(giveUp);
        resolve(value);
      };
      const giveUp = () => settle(null);
      const cancel = this.#clock.after(patienceMs, giveUp);
      this.#impatient.add(giveUp);
      void promise.then(settle);
    });
  }
}

function orderOf(command: MotionCommand): Omit<Order, 'deadlineMs'> {
  switch (command.verb) {
    case 'jog':
      return { verb: 'JOG', args: [command.vx, command.vy, command.durationMs] };
    case 'move':
      return { verb: 'MOVE', args: [command.x, command.y] };
    case 'capture':
      return { verb: 'CAPTURE', args: command.grip === undefined ? [] : [command.grip] };
    case 'strike':
      return { verb: 'STRIKE', args: [] };
    case 'release':
      return { verb: 'RELEASE', args: [] };
    case 'home':
      return { verb: 'HOME', args: [] };
  }
}
