/**
 * What happens to accounts and sessions, as audit events. One table names the event of each route; the plugin of
 * gateway-plugin.ts tells what became of a request. A log that cannot be written does not keep anybody from signing in:
 * the failure is in the process's own log then.
 */
import type { NewAuditEvent } from '../domain/audit-event.ts';
import type { AuditLog, Clock, Log } from '../domain/ports.ts';

export interface AuthEventRule {
  /** The audit action of a success, and of a refusal where that is worth a row. */
  readonly action: string;
  readonly refusedAction: string;
  /** Whom it is about: the person who asks, or the one named in the request. */
  readonly about: 'self' | 'named';
}

/** The event of each route. Sign-out is told by the session's end, because afterwards nobody knows whose it was. */
export const AUTH_EVENTS: Readonly<Record<string, AuthEventRule>> = {
  '/sign-up/email': { action: 'REGISTER', refusedAction: 'REGISTER', about: 'self' },
  '/sign-in/email': { action: 'LOGIN', refusedAction: 'LOGIN_FAILED', about: 'self' },
  '/change-password': { action: 'PASSWORD_CHANGE', refusedAction: 'PASSWORD_CHANGE', about: 'self' },
  '/revoke-sessions': { action: 'SESSIONS_REVOKE', refusedAction: 'SESSIONS_REVOKE', about: 'self' },
  '/revoke-other-sessions': { action: 'SESSIONS_REVOKE', refusedAction: 'SESSIONS_REVOKE', about: 'self' },
  '/admin/create-user': { action: 'USER_CREATE', refusedAction: 'USER_CREATE', about: 'named' },
  '/admin/set-role': { action: 'ROLE_CHANGE', refusedAction: 'ROLE_CHANGE', about: 'named' },
  '/admin/ban-user': { action: 'USER_BAN', refusedAction: 'USER_BAN', about: 'named' },
  '/admin/unban-user': { action: 'USER_UNBAN', refusedAction: 'USER_UNBAN', about: 'named' },
  '/admin/revoke-user-sessions': {
    action: 'SESSIONS_REVOKE',
    refusedAction: 'SESSIONS_REVOKE',
    about: 'named',
  },
  '/admin/set-user-password': { action: 'PASSWORD_SET', refusedAction: 'PASSWORD_SET', about: 'named' },
  '/admin/remove-user': { action: 'USER_REMOVE', refusedAction: 'USER_REMOVE', about: 'named' },
};

/** What is told of one request about accounts; none of it is a secret. */
export interface AuthEvent {
  readonly action: string;
  readonly userId: string | null;
  readonly userEmail: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  /** The account it is about. */
  readonly targetUserId: string | null;
  readonly details: NewAuditEvent['details'];
  /** The code of the refusal; null for a success. */
  readonly refusedCode: string | null;
  readonly durationMs: number | null;
}

export interface AuthEventsOptions {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
}

/** Writes auth events to the audit log. */
export class AuthEvents {
  readonly #audit: Pick<AuditLog, 'append'>;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #log: Log;
  /** When a request came in; forgotten with the request. */
  readonly #startedMs = new WeakMap<object, number>();

  constructor(options: AuthEventsOptions) {
    this.#audit = options.audit;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Starts the watch of a request. */
  started(request: object): void {
    this.#startedMs.set(request, this.#clock.monotonicMs());
  }

  /** Milliseconds since the request came in; null for calls from inside. */
  durationMs(request: object | undefined): number | null {
    const startedMs = request && this.#startedMs.get(request);
    return startedMs === undefined ? null : this.#clock.monotonicMs() - startedMs;
  }

  /** Resolves when the row is durable, or has been given up; never rejects. */
  async write(event: AuthEvent): Promise<void> {
    const result = await this.#audit.append({
      phase: 'event',
      action: event.action,
      commandId: null,
      userId: event.userId,
      userEmail: event.userEmail,
      ipAddress: event.ipAddress,
      userAgent: event.userAgent,
      resourceType: event.targetUserId === null ? null : 'user',
      resourceId: event.targetUserId,
      details: event.details,
      status: event.refusedCode === null ? 'success' : 'failure',
      errorMessage: event.refusedCode,
      durationMs: event.durationMs,
      idempotency: null,
      simulated: null,
    });
    if (result.kind === 'unavailable') {
      this.#log.error(
        { action: event.action, reason: result.reason },
        'An account event is not in the audit log.',
      );
    }
  }
}
