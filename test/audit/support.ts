/** What the audit tests share. */
import type { NewAuditEvent } from '../../src/domain/audit-event.ts';
import type { Log } from '../../src/domain/ports.ts';

export function auditEvent(changed: Partial<NewAuditEvent> = {}): NewAuditEvent {
  return {
    phase: 'event',
    action: 'TEST',
    commandId: null,
    userId: null,
    userEmail: null,
    ipAddress: null,
    userAgent: null,
    resourceType: null,
    resourceId: null,
    details: null,
    status: 'success',
    errorMessage: null,
    durationMs: null,
    idempotency: null,
    simulated: null,
    ...changed,
  };
}

/** A log that is read by the test. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') };
}
