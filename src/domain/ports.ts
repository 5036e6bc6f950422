/**
 * The interfaces between the rooms: what control needs of the log, the link and the clock. Adapters implement them,
 * compose.ts joins them, tests may stand in real parts with other clocks and ports.
 */
import type { Actor, AppendResult, AuditRow, NewAuditEvent } from './audit-event.ts';
import type { ClawSnapshot } from './claw-state.ts';
import type { Command, MotionCommand, Verb } from './command.ts';
import type { Outcome, RefusalCode } from './outcome.ts';
import type { Role } from './roles.ts';

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

/** A signed-in person. */
export interface Principal {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/** A command as its asker sees it. */
export interface CommandRecord {
  readonly id: string;
  readonly claw: string;
  readonly verb: Verb;
  /** `pending` until the outcome is known. */
  readonly status: 'pending' | Outcome['kind'];
  /** The outcome's code; null while pending and where the kind says it all. */
  readonly code: string | null;
  /** One sentence about the outcome; null while pending. */
  readonly message: string | null;
  /** RFC 3339, by the wall clock. */
  readonly createdAt: string;
  /** From acceptance to outcome; null while pending, and where a restart of the gateway lies between. */
  readonly durationMs: number | null;
  readonly simulated: boolean | null;
}

export interface CommandRequest {
  readonly claw: string;
  readonly command: Command;
  readonly actor: Actor;
  readonly role: Role;
  /** The client's Idempotency-Key and a fingerprint of claw and command. */
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null;
}

/** What the service answers at once. */
export type Submission =
  /** The intent is durable (or the stop is on the wire); `settled` resolves with the outcome and never rejects. */
  | { readonly kind: 'accepted'; readonly record: CommandRecord; readonly settled: Promise<CommandRecord> }
  | { readonly kind: 'refused'; readonly code: RefusalCode }
  | { readonly kind: 'unknown_claw' }
  /** The Idempotency-Key stands for a different command. */
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'storage_unavailable' };

export interface Commands {
  /** Every claw of this gateway, in the order of the configuration. */
  claws(): readonly ClawSnapshot[];
  claw(claw: string): ClawSnapshot | undefined;
  subscribe(claw: string, listener: (snapshot: ClawSnapshot) => void): () => void;
  submit(request: CommandRequest): Promise<Submission>;
  /** Null when there is none of this id on this claw; `unavailable` when the log cannot be read. */
  find(claw: string, commandId: string): Promise<CommandRecord | null | 'unavailable'>;
}

/** Who is asking? Reads the session cookie or the bearer token; null for nobody. */
export interface Principals {
  identify(headers: IncomingHeaders): Promise<Principal | null | 'unavailable'>;
  /**
   * The same for somebody who wants to stop a claw: while the database gives no answer, who these credentials stood for
   * last is believed. A stop too many is harmless; one too few is not.
   */
  identifyForStop(headers: IncomingHeaders): Promise<Principal | null | 'unavailable'>;
}

export type IncomingHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly principal: Principal }
  | {
      readonly kind: 'refused';
      readonly code:
        | 'already_claimed'
        | 'setup_code_wrong'
        | 'too_many_tries'
        | 'account_exists'
        | 'storage_unavailable'
        | 'overloaded';
    }
  | { readonly kind: 'invalid'; readonly message: string };

/** The first admin: whoever holds the one-time code that was printed at the first start. */
export interface Setup {
  claim(request: {
    readonly code: string;
    readonly email: string;
    readonly password: string;
    readonly name: string;
    readonly actor: Actor;
  }): Promise<ClaimResult>;
}

/** How one part of the process is. `disabled` is no fault: it was not configured. */
export interface PartHealth {
  readonly status: 'up' | 'down' | 'degraded' | 'disabled';
  /** Why, in words for an operator; null when up. */
  readonly reason: string | null;
}

export interface HealthReport {
  /** `down` makes GET /health a 503: commands cannot be taken. */
  readonly status: 'up' | 'degraded' | 'down';
  readonly version: string;
  readonly uptimeS: number;
  readonly storage: PartHealth;
  readonly redis: PartHealth;
  readonly mqtt: PartHealth;
  readonly claws: Readonly<Record<string, PartHealth & { readonly simulated: boolean | null }>>;
}

/** What HTTP tells the meters about one finished request; `route` is the template, never the path. */
export interface RequestObservation {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface Meters {
  observeRequest(observation: RequestObservation): void;
  /** The Prometheus exposition. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** The few levels of log that the rooms use; fields are typed facts, never secrets. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What one claw's line went through since the process started: totals that only grow. */
export interface LinkStatistics {
  readonly framesReceived: number;
  /** By the reason it was discarded. */
  readonly discarded: Readonly<Record<string, number>>;
  readonly resends: number;
  readonly handshakes: number;
  readonly portOpens: number;
  readonly boardResets: number;
  /** N frames heard, by code. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly emergencyStops: number;
}

/** The database's size and work; commits and rows count since its thread started. */
export interface StorageTotals {
  readonly databaseBytes: number;
  readonly walBytes: number;
  readonly openIntents: number;
  readonly commits: number;
  readonly rowsWritten: number;
}
