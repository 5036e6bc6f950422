/** A storage worker that opens and then answers nothing, as one does whose disk hangs. */
import { parentPort } from 'node:worker_threads';
import type { FromWorker } from '../../src/storage/messages.ts';

const info = {
  sqliteVersion: '0',
  journalMode: 'none',
  synchronous: 0,
  lockingMode: 'none',
  schemaVersion: 0,
};
parentPort?.postMessage({ kind: 'opened', info } satisfies FromWorker);
parentPort?.on('message', () => {});
