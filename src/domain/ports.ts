/**
 * The interfaces between the rooms: what control needs of the log, the link and the clock. Adapters implement them,
 * compose.ts joins them, tests may stand in real parts with other clocks and ports.
 */
import type { AppendResult, AuditRow, NewAuditEvent } from './audit-event.ts';
import type { ClawSnapshot } from './claw-state.ts';
import type { MotionCommand } from './command.ts';
import type { Outcome } from './outcome.ts';

/** Time is a dependency: monotonic for durations and deadlines, wall for records that people read. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back, unmoved by clock changes. */
  monotonicMs(): number;
  /** Milliseconds since 1970; may jump. */
  wallMs(): number;
  /** Runs `action` once after `delayMs`; the answer cancels it. Never keeps the process alive by itself. */
  after(delayMs: number, action: () => void): () => void;
}

/** The two rows of a command, or its one refusal row. */
export interface CommandRows {
  /** The intent or the refusal. */
  readonly first: AuditRow;
  readonly outcome: AuditRow | null;
}

export interface AuditLog {
  /** Resolves when the row is on the disk, or says why it is not. Never rejects; bounded by its own queue. */
  append(event: NewAuditEvent): Promise<AppendResult>;
  commandById(commandId: string): Promise<CommandRows | null>;
  /** The command that this person's Idempotency-Key stands for. */
  commandByKey(userId: string, key: string): Promise<CommandRows | null>;
  /** Intents without an outcome, oldest first: what an earlier life of the gateway left open. */
  openIntents(): Promise<readonly AuditRow[]>;
}

/** Where a command stands on the wire: its session and its number in it. Unique for the life of a board. */
export interface CommandSlot {
  readonly session: string;
  readonly seq: number;
}

/** One claw's line. Every promise settles; none rejects. */
export interface ClawLink {
  readonly claw: string;
  snapshot(): ClawSnapshot;
  /** Calls the listener with each new snapshot; the answer ends the subscription. */
  subscribe(listener: (snapshot: ClawSnapshot) => void): () => void;
  /**
   * Executes at most once. `record` is called with the slot before the first byte is written and must say whether the
   * intent is durable; on false nothing is sent and the outcome is `refused`. A command that another one or a stop
   * overtakes before it was sent is `refused`, never sent later.
   */
  execute(
    command: MotionCommand,
    commandId: string,
    record: (slot: CommandSlot) => Promise<boolean>,
  ): Promise<Outcome>;
  /** Controlled stop, before anything else on the line. Falls back to estop when the board does not answer. */
  stop(): Promise<Outcome>;
  /** Drives off, latched; written out of band. With no port open it stays requested until the board confirms it. */
  estop(): Promise<Outcome>;
  /** Clears the latch. Moves nothing. */
  reset(): Promise<Outcome>;
  /** Asks the board what became of a command of an earlier life; waits for the link, never sends it again. */
  inquire(slot: CommandSlot): Promise<Outcome>;
}
