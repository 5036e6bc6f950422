/**
 * A process that appends rows without end and says which are acknowledged, one number a line; the test kills it.
 * Arguments: the database file.
 */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/ops/clock.ts';
import { StorageClient } from '../../src/storage/client.ts';
import type { NewAuditRecord } from '../../src/storage/messages.ts';

const APPENDS_AT_ONCE = 20;

const client = new StorageClient({ file: process.argv[2] ?? '', after: systemClock.after });
await client.start();

function row(): NewAuditRecord {
  return {
    id: randomUUID(),
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
    created_at: new Date().toISOString(),
    command_id: null,
    idempotency_key: null,
    idempotency_fingerprint: null,
    simulated: null,
  };
}

async function appendForEver(): Promise<never> {
  for (;;) {
    const record = row();
    const result = await client.append([record]);
    if (!result.ok) throw new Error(result.reason);
    process.stdout.write(`${result.value[0]} ${record.id}\n`);
  }
}

await Promise.all(Array.from({ length: APPENDS_AT_ONCE }, appendForEver));
