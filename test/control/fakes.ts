/** Small stand-ins for the interfaces that control knows, each steered by the test: a line, a log, a clock. */
import type { AppendResult, AuditRow, NewAuditEvent } from '../../src/domain/audit-event.ts';
import type { ClawSnapshot } from '../../src/domain/claw-state.ts';
import type { MotionCommand } from '../../src/domain/command.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type {
  AuditLog,
  ClawLink,
  Clock,
  CommandRows,
  CommandSlot,
  Submission,
} from '../../src/domain/ports.ts';
import { READY_SNAPSHOT } from '../support/snapshots.ts';

export const QUIET = { info() {}, warn() {}, error() {} };
export const ACTOR = {
  userId: 'user-1',
  userEmail: 'p@example.org',
  ipAddress: '192.0.2.1',
  userAgent: 'test',
};

/** The accepted submission; throws where it was refused. */
export async function accepted(submission: Promise<Submission>) {
  const found = await submission;
  if (found.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(found)}`);
  return found;
}

/** Everything that happened, in order: `row:…` when a row became durable, `sent:…` when bytes went out. */
export type Journal = string[];

/** A promise that the test settles. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, resolve };
}

export class FakeLink implements ClawLink {
  readonly claw = 'claw-1';
  state: ClawSnapshot = READY_SNAPSHOT;
  readonly journal: Journal;
  /** Outcomes of the motions sent, in order; the test settles them. */
  readonly sent: { command: MotionCommand; settle: (outcome: Outcome) => void }[] = [];
  readonly asked: { slot: CommandSlot; settle: (outcome: Outcome) => void }[] = [];
  /** When set, the next command is overtaken before its first byte. */
  overtaken = false;
  #seq = 0;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  snapshot(): ClawSnapshot {
    return this.state;
  }

  subscribe(): () => void {
    return () => {};
  }

  async execute(
    command: MotionCommand,
    _commandId: string,
    record: (slot: CommandSlot) => Promise<boolean>,
  ): Promise<Outcome> {
    this.#seq += 1;
    if (!(await record({ session: '00001001', seq: this.#seq })))
      return { kind: 'refused', code: 'audit_unavailable' };
    if (this.overtaken) return { kind: 'refused', code: 'stopped_first' };
    this.journal.push(`sent:${command.verb}`);
    const { promise, resolve } = deferred<Outcome>();
    this.sent.push({ command, settle: resolve });
    return promise;
  }

  stop(): Promise<Outcome> {
    this.journal.push('sent:stop');
    return Promise.resolve({ kind: 'done' });
  }

  estop(): Promise<Outcome> {
    this.journal.push('sent:estop');
    return Promise.resolve({ kind: 'done' });
  }

  reset(): Promise<Outcome> {
    this.journal.push('sent:reset');
    return Promise.resolve({ kind: 'done' });
  }

  inquire(slot: CommandSlot): Promise<Outcome> {
    const { promise, resolve } = deferred<Outcome>();
    this.asked.push({ slot, settle: resolve });
    return promise;
  }
}

export class FakeAudit implements AuditLog {
  readonly journal: Journal;
  readonly rows: AuditRow[] = [];
  /** Set: appends are answered as unavailable. */
  broken = false;
  /** Set: appends wait for it, as for a slow disk. */
  slow: Promise<void> | null = null;
  #waiters: { matches: (row: AuditRow) => boolean; resolve: (row: AuditRow) => void }[] = [];

  constructor(journal: Journal) {
    this.journal = journal;
  }

  async append(event: NewAuditEvent): Promise<AppendResult> {
    if (this.slow) await this.slow;
    if (this.broken) return { kind: 'unavailable', reason: 'the disk is full' };
    const seq = this.rows.length + 1;
    const row: AuditRow = { ...event, seq, id: `row-${seq}`, createdAtMs: 0 };
    this.rows.push(row);
    this.journal.push(`row:${event.phase}:${event.action}:${event.status}`);
    for (const waiter of this.#waiters) if (waiter.matches(row)) waiter.resolve(row);
    return { kind: 'durable', seq };
  }

  /** The first row, past or future, that matches. */
  whenRow(matches: (row: AuditRow) => boolean): Promise<AuditRow> {
    const found = this.rows.find(matches);
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => this.#waiters.push({ matches, resolve }));
  }

  async commandById(commandId: string): Promise<CommandRows | null> {
    return this.#command((row) => row.commandId === commandId);
  }

  async commandByKey(userId: string, key: string): Promise<CommandRows | null> {
    return this.#command((row) => row.userId === userId && row.idempotency?.key === key);
  }

  async openIntents(): Promise<readonly AuditRow[]> {
    return this.rows.filter(
      (row) =>
        row.phase === 'intent' &&
        !this.rows.some((other) => other.phase === 'outcome' && other.commandId === row.commandId),
    );
  }

  #command(matches: (row: AuditRow) => boolean): CommandRows | null {
    const first = this.rows.find((row) => row.phase === 'intent' && matches(row));
    if (!first) return null;
    const outcome = this.rows.find((row) => row.phase === 'outcome' && row.commandId === first.commandId);
    return { first, outcome: outcome ?? null };
  }
}

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #nowMs = 1000;
  #timers: { atMs: number; action: () => void }[] = [];

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass and runs what falls due, in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.action();
    }
    this.#nowMs = untilMs;
  }
}
