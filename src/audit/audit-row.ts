/**
 * Between an audit event of the domain and a row of `audit_logs`. Everything that came from outside is bounded here and
 * loses its control characters, so that no header can fill the disk or forge a line in a terminal that shows the log.
 */
import type { AuditPhase, AuditRow, NewAuditEvent } from '../domain/audit-event.ts';
import type { AuditRecord, NewAuditRecord } from '../storage/client.ts';

const ACTION_CHARS_MAX = 50;
const RESOURCE_TYPE_CHARS_MAX = 50;
const ID_CHARS_MAX = 36;
const EMAIL_CHARS_MAX = 255;
const IP_ADDRESS_CHARS_MAX = 45;
const USER_AGENT_CHARS_MAX = 256;
const STATUS_CHARS_MAX = 20;
const ERROR_MESSAGE_CHARS_MAX = 500;
const DETAILS_BYTES_MAX = 4096;
const DURATION_MS_MAX = Number.MAX_SAFE_INTEGER;

const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

function clean(text: string, charsMax: number): string {
  return text.replace(CONTROL_CHARACTERS, ' ').slice(0, charsMax).toWellFormed();
}

function cleanOrNull(text: string | null, charsMax: number): string | null {
  return text === null ? null : clean(text, charsMax);
}

/** JSON of the details; where they are too large, a note of that, which is JSON too. */
function detailsJson(details: NewAuditEvent['details']): string | null {
  if (details === null) return null;
  const json = JSON.stringify(details, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  const bytes = Buffer.byteLength(json);
  return bytes <= DETAILS_BYTES_MAX ? json : JSON.stringify({ omitted: 'details too large', bytes });
}

/** The row of an event. Throws only for details that no JSON can hold, which is a bug of the caller. */
export function recordFromEvent(event: NewAuditEvent, id: string, wallMs: number): NewAuditRecord {
  return {
    id,
    phase: event.phase,
    action: clean(event.action, ACTION_CHARS_MAX),
    user_id: cleanOrNull(event.userId, ID_CHARS_MAX),
    user_email: cleanOrNull(event.userEmail, EMAIL_CHARS_MAX),
    resource_type: cleanOrNull(event.resourceType, RESOURCE_TYPE_CHARS_MAX),
    resource_id: cleanOrNull(event.resourceId, ID_CHARS_MAX),
    ip_address: cleanOrNull(event.ipAddress, IP_ADDRESS_CHARS_MAX),
    user_agent: cleanOrNull(event.userAgent, USER_AGENT_CHARS_MAX),
    details: detailsJson(event.details),
    status: clean(event.status, STATUS_CHARS_MAX),
    error_message: cleanOrNull(event.errorMessage, ERROR_MESSAGE_CHARS_MAX),
    duration_ms:
      event.durationMs === null ? null : Math.min(Math.max(0, Math.round(event.durationMs)), DURATION_MS_MAX),
    created_at: new Date(wallMs).toISOString(),
    command_id: event.commandId,
    idempotency_key: event.idempotency?.key ?? null,
    idempotency_fingerprint: event.idempotency?.fingerprint ?? null,
    simulated: event.simulated === null ? null : event.simulated ? 1 : 0,
  };
}

/** The row as the domain reads it. */
export function rowFromRecord(record: AuditRecord): AuditRow {
  const { idempotency_key: key, idempotency_fingerprint: fingerprint } = record;
  return {
    seq: record.seq,
    id: record.id,
    // The table's CHECK admits nothing else.
    phase: record.phase as AuditPhase,
    action: record.action,
    userId: record.user_id,
    userEmail: record.user_email,
    ipAddress: record.ip_address,
    userAgent: record.user_agent,
    commandId: record.command_id,
    resourceType: record.resource_type,
    resourceId: record.resource_id,
    details: record.details === null ? null : (JSON.parse(record.details) as Record<string, unknown>),
    status: record.status,
    errorMessage: record.error_message,
    durationMs: record.duration_ms,
    idempotency: key === null || fingerprint === null ? null : { key, fingerprint },
    simulated: record.simulated === null ? null : record.simulated === 1,
    createdAtMs: Date.parse(record.created_at),
  };
}
