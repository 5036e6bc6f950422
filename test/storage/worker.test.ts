/** The worker thread by its messages alone: one transaction for what waits, answers in order, and an orderly end. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  FromWorker,
  Reply,
  StorageStats,
  ToWorker,
  WorkerSettings,
} from '../../src/storage/messages.ts';
import { record, settingsFor, temporaryFolder } from './support.ts';

const WORKER_URL = new URL('../../src/storage/worker.ts', import.meta.url);

function startWorker(settings: WorkerSettings) {
  const worker = new Worker(WORKER_URL, { workerData: settings });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const heard: FromWorker[] = [];
  worker.on('message', (message: FromWorker) => heard.push(message));
  return { heard, worker, send: (message: ToWorker) => worker.postMessage(message) };
}

const repliesIn = (heard: readonly FromWorker[]): Reply[] =>
  heard.flatMap((message) =>
    message.kind === 'replies' || message.kind === 'failed' ? message.replies : [],
  );

describe('the worker', () => {
  it('runs what waits as few transactions, answers in order, and closes after that', async () => {
    const { heard, worker, send } = startWorker(settingsFor(join(temporaryFolder(), 'gateway.db')));
    const requests = 500;
    for (let id = 1; id <= requests; id += 1) send({ kind: 'append', id, rows: [record()] });
    send({ kind: 'stats', id: requests + 1 });
    send({ kind: 'close' });
    await once(worker, 'exit');
    expect(heard[0]?.kind).toBe('opened');
    expect(heard.at(-1)).toEqual({ kind: 'closed' });
    const replies = repliesIn(heard);
    const seqs = replies.slice(0, requests).map((reply) => reply.ok && (reply.value as number[])[0]);
    expect(seqs).toEqual(Array.from({ length: requests }, (_, index) => index + 1));
    const stats = replies.at(-1) as Reply & { value: StorageStats };
    expect(stats.value.lastSeq).toBe(requests);
    expect(stats.value.commits).toBeLessThan(requests / 10);
  });

  it('keeps a batch within its bound', async () => {
    const file = join(temporaryFolder(), 'gateway.db');
    const { heard, worker, send } = startWorker(settingsFor(file, { batchRowsMax: 10 }));
    for (let id = 1; id <= 40; id += 1) send({ kind: 'append', id, rows: [record(), record()] });
    send({ kind: 'close' });
    await once(worker, 'exit');
    const batches = heard.filter((message) => message.kind === 'replies');
    expect(batches.length).toBeGreaterThanOrEqual(8);
    expect(Math.max(...batches.map(({ replies }) => replies.length))).toBeLessThanOrEqual(5);
  });

  it('says why it cannot open, and ends', async () => {
    const { heard, worker } = startWorker(settingsFor('/proc/nowhere/gateway.db'));
    await once(worker, 'exit');
    expect(heard).toEqual([
      {
        kind: 'refused',
        reason: expect.stringContaining('The data directory /proc/nowhere cannot be written'),
      },
    ]);
  });

  it('answers a batch that the file cannot take as failed, and ends', async () => {
    const file = join(temporaryFolder(), 'gateway.db');
    const { heard, worker, send } = startWorker(settingsFor(file, { databaseBytesMax: 1 }));
    send({ kind: 'append', id: 1, rows: [record()] });
    send({ kind: 'append', id: 2, rows: [record({ details: 'x'.repeat(100_000) })] });
    await once(worker, 'exit');
    expect(heard.at(-1)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('SQLITE_FULL') });
    expect(repliesIn(heard).at(-1)).toMatchObject({ id: 2, ok: false, code: 'unavailable' });
  });
});
