/**
 * The thread that owns the database file. It empties its port, runs what it found as one transaction, and answers all
 * of it after the one commit; so a hundred appends that arrive during an fsync share the next. When the file fails it
 * says so for everyone who waits, closes and ends: client.ts starts another thread, nothing is tried twice here.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { GatewayDatabase } from './database.ts';
import type { FromWorker, Reply, Request, ToWorker, WorkerSettings } from './messages.ts';

/** So long nobody asked for anything: now a checkpoint delays nobody. A press of a button is seldom two. */
const QUIET_MS = 50;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How much of a batch a request is. */
function weightRows(request: Request): number {
  if (request.kind === 'append') return request.rows.length;
  return request.kind === 'sql' ? request.statements.length : 1;
}

/** One life of the thread over one open database. */
class StorageWorker {
  readonly #port: MessagePort;
  readonly #settings: WorkerSettings;
  readonly #database: GatewayDatabase;
  #ended = false;
  #tidyTimer: NodeJS.Timeout | undefined;

  constructor(port: MessagePort, settings: WorkerSettings) {
    this.#port = port;
    this.#settings = settings;
    this.#database = new GatewayDatabase(settings);
    this.#say({ kind: 'opened', info: this.#database.info });
    port.on('message', (first: ToWorker) => this.#drain(first));
    // The other end is gone, so nobody waits for an answer: leave the file in order.
    port.once('close', () => this.#end());
  }

  #say(message: FromWorker): void {
    this.#port.postMessage(message);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#database.close();
    this.#port.close();
  }

  /** Takes all that waits, a bounded batch at a time, in the order of arrival. */
  #drain(first: ToWorker): void {
    let next: ToWorker | undefined = first;
    while (next !== undefined && !this.#ended) {
      const batch: Request[] = [];
      let rows = 0;
      let closing = false;
      while (next !== undefined) {
        if (next.kind === 'close') {
          closing = true;
          break;
        }
        batch.push(next);
        rows += weightRows(next);
        if (rows >= this.#settings.batchRowsMax) break;
        next = this.#receive();
      }
      if (batch.length > 0) this.#run(batch);
      if (closing && !this.#ended) {
        this.#database.close();
        this.#ended = true;
        this.#say({ kind: 'closed' });
        this.#port.close();
      }
      if (!this.#ended) next = this.#receive();
    }
    clearTimeout(this.#tidyTimer);
    if (!this.#ended) this.#tidyTimer = setTimeout(() => this.#tidy(), QUIET_MS).unref();
  }

  #receive(): ToWorker | undefined {
    return (receiveMessageOnPort(this.#port) as { message: ToWorker } | undefined)?.message;
  }

  #run(batch: readonly Request[]): void {
    try {
      this.#say({ kind: 'replies', replies: this.#database.execute(batch) });
    } catch (error) {
      this.#fail(error, batch);
    }
  }

  /** Nobody waits now: the time for the checkpoint, so that no commit has to pay for it. */
  #tidy(): void {
    if (this.#ended) return;
    try {
      this.#database.checkpointIfLong();
    } catch (error) {
      this.#fail(error, []);
    }
  }

  #fail(error: unknown, batch: readonly Request[]): void {
    const reason = reasonOf(error);
    const replies: Reply[] = batch.map(({ id }) => ({ id, ok: false, code: 'unavailable', reason }));
    this.#ended = true;
    try {
      this.#database.close();
    } catch {
      // A broken connection may fail to close too; the reason that counts is the first one, told below.
    }
    this.#say({ kind: 'failed', reason, replies });
    this.#port.close();
  }
}

const port = parentPort;
if (port === null) throw new Error('storage/worker is a worker thread; storage/client starts it');
try {
  new StorageWorker(port, workerData as WorkerSettings);
} catch (error) {
  port.postMessage({ kind: 'refused', reason: reasonOf(error) } satisfies FromWorker);
  port.close();
}
