/**
 * What the audit log holds. A command leaves two rows that share its id: the intent, durable before the first byte
 * moves anything, and the outcome. An attempt that was refused before any intent leaves one. All else is an event.
 */

export const AUDIT_PHASES = ['intent', 'outcome', 'refusal', 'event'] as const;
export type AuditPhase = (typeof AUDIT_PHASES)[number];

/** Who asked, and from where; every field is null for what the gateway did by itself. */
export interface Actor {
  readonly userId: string | null;
  readonly userEmail: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

/** The gateway itself as an actor. */
export const GATEWAY_ACTOR: Actor = { userId: null, userEmail: null, ipAddress: null, userAgent: null };

export interface NewAuditEvent extends Actor {
  readonly phase: AuditPhase;
  readonly action: string;
  /** Shared by the rows of one command; null for events that belong to none. */
  readonly commandId: string | null;
  readonly resourceType: string | null;
  readonly resourceId: string | null;
  /** Small, typed, free of secrets: it is written as JSON. */
  readonly details: Readonly<Record<string, unknown>> | null;
  /** `pending` for an intent; the outcome's kind for an outcome or refusal; `success` or `failure` for an event. */
  readonly status: string;
  /** The outcome's code, or a sentence without secrets. */
  readonly errorMessage: string | null;
  readonly durationMs: number | null;
  /** The client's Idempotency-Key with the fingerprint of what it asked, on intents and refusals. */
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null;
  /** Whether the claw was the simulator; null where no claw is meant or the board has not said. */
  readonly simulated: boolean | null;
}

/** A row as it stands in the log. */
export interface AuditRow extends NewAuditEvent {
  readonly seq: number;
  readonly id: string;
  /** Milliseconds since 1970 by the wall clock, for people; order is seq. */
  readonly createdAtMs: number;
}

/** Whether a row is on the disk. `unavailable` never means "maybe later": the caller must not act as if it stood. */
export type AppendResult =
  | { readonly kind: 'durable'; readonly seq: number }
  | { readonly kind: 'unavailable'; readonly reason: string };
