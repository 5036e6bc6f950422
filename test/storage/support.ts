/** What the storage tests share: folders that go away again, rows, and clients over the real worker. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/ops/clock.ts';
import { type NewAuditRecord, StorageClient, type StorageOptions } from '../../src/storage/client.ts';
import type { WorkerSettings } from '../../src/storage/messages.ts';

/** An empty folder for one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'claw-storage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function settingsFor(file: string, changed: Partial<WorkerSettings> = {}): WorkerSettings {
  return {
    file,
    busyTimeoutMs: 50,
    batchRowsMax: 128,
    resultRowsMax: 1000,
    preparedStatementsMax: 128,
    walCheckpointPages: 512,
    databaseBytesMax: 1024 ** 3,
    ...changed,
  };
}

/** A client over the real worker; closed when the test ends. */
export function clientFor(file: string, changed: Partial<StorageOptions> = {}): StorageClient {
  const { bounds, ...others } = changed;
  const client = new StorageClient({
    file,
    after: systemClock.after,
    ...others,
    bounds: { busyTimeoutMs: 50, ...bounds },
  });
  onTestFinished(() => client.close());
  return client;
}

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
