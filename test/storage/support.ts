/** What the storage tests share: folders that go away again, rows, and clients over the real worker. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/ops/clock.ts';
import { StorageClient, type StorageOptions } from '../../src/storage/client.ts';
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

export { record } from './rows.ts';
