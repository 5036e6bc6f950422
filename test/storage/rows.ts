/** Rows for the tests of storage, and for the process that a test kills. */
import type { NewAuditRecord } from '../../src/storage/messages.ts';

let lastId = 0;

/** An event's row, all but what the test says. */
export function record(changed: Partial<NewAuditRecord> = {}): NewAuditRecord {
  lastId += 1;
  return {
    id: `row-${process.pid}-${lastId}`,
    phase: 'event',
    action: 'TEST',
    user_id: null,
    user_email: null,
    resource_type: null,
    resource_id: null,
    ip_address: null,
    user_agent: null,
    details: null,
    status: 'success',
    error_message: null,
    duration_ms: null,
    created_at: '2025-01-02T03:04:05.006Z',
    command_id: null,
    idempotency_key: null,
    idempotency_fingerprint: null,
    simulated: null,
    ...changed,
  };
}
