/**
 * One life of the storage worker as the client sees it: a thread, the requests it owes an answer, and the one reason
 * it ended with. Never reused: after an end the client makes a new one. Every promise it gave settles.
 */
import { Worker } from 'node:worker_threads';
import type { DatabaseInfo, FromWorker, Reply, RequestBody, ToWorker, WorkerSettings } from './messages.ts';

/** Of the worker's JavaScript heap; SQLite's own memory comes on top and is bounded by its page cache. */
const WORKER_HEAP_MIB_MAX = 64;
const WORKER_YOUNG_HEAP_MIB_MAX = 4;

type Settle = (reply: Reply) => void;

export interface WorkerLifeOptions {
  readonly workerUrl: URL;
  readonly settings: WorkerSettings;
  /** Called once, when the thread is gone and has let go of the file; the reason is a sentence. */
  readonly onEnd: (reason: string) => void;
}

/** A running worker thread. */
export class WorkerLife {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Settle>();
  readonly #rejectOpening: (reason: Error) => void;
  /** Resolves when the file is open; rejects with the reason when it cannot be. */
  readonly opened: Promise<DatabaseInfo>;
  /** Resolves when the thread is gone. */
  readonly ended: Promise<void>;
  #lastId = 0;
  /** Why this life ended or is ending; null while it serves. */
  #endReason: string | null = null;

  constructor(options: WorkerLifeOptions) {
    this.#worker = new Worker(options.workerUrl, {
      name: 'storage',
      workerData: options.settings,
      // Nothing of the environment (it may hold secrets) and no loader of the parent is needed there.
      env: {},
      execArgv: [],
      resourceLimits: {
        maxOldGenerationSizeMb: WORKER_HEAP_MIB_MAX,
        maxYoungGenerationSizeMb: WORKER_YOUNG_HEAP_MIB_MAX,
      },
    });
    const opening = Promise.withResolvers<DatabaseInfo>();
    const ending = Promise.withResolvers<void>();
    this.#rejectOpening = opening.reject;
    this.opened = opening.promise;
    this.ended = ending.promise;
    // A rejection that the client learns through onEnd is not left unhandled.
    this.opened.catch(() => {});
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'opened') opening.resolve(message.info);
      else this.#hear(message);
    });
    this.#worker.on('error', (error: Error) => this.#condemn(`The storage worker failed: ${error.message}`));
    this.#worker.once('exit', (code) => {
      this.#condemn(`The storage worker ended with code ${code}.`);
      ending.resolve();
      options.onEnd(this.#endReason ?? '');
    });
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Why this life takes nothing any more; null while it serves. */
  get endReason(): string | null {
    return this.#endReason;
  }

  /** Sends a request; the answer is always a reply, never a rejection. */
  request(body: RequestBody): Promise<Reply> {
    this.#lastId += 1;
    const id = this.#lastId;
    if (this.#endReason !== null) {
      return Promise.resolve({ id, ok: false, code: 'unavailable', reason: this.#endReason });
    }
    return new Promise((settle) => {
      this.#pending.set(id, settle);
      try {
        this.#worker.postMessage({ ...body, id } satisfies ToWorker);
      } catch (error) {
        // What cannot be cloned never left: the request is at fault, the worker is not.
        this.#settle({ id, ok: false, code: 'invalid', reason: String(error) });
      }
    });
  }

  /** Lets the worker answer what was sent, then close the file. Resolves when the thread is gone. */
  async close(): Promise<void> {
    this.#worker.postMessage({ kind: 'close' } satisfies ToWorker);
    await this.ended;
  }

  /** Ends a thread that does not answer. What it owed is answered as unavailable at once. */
  async abandon(reason: string): Promise<void> {
    this.#condemn(reason);
    await this.#worker.terminate();
  }

  #hear(message: Exclude<FromWorker, { kind: 'opened' }>): void {
    switch (message.kind) {
      case 'replies':
        for (const reply of message.replies) this.#settle(reply);
        return;
      case 'failed':
        for (const reply of message.replies) this.#settle(reply);
        this.#condemn(message.reason);
        return;
      case 'refused':
        this.#condemn(message.reason);
        return;
      case 'closed':
        this.#condemn('The database is closed.');
        return;
    }
  }

  #settle(reply: Reply): void {
    const settle = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    settle?.(reply);
  }

  /** Nothing is sent to this worker any more, and what it owes will not come: everyone learns why. */
  #condemn(reason: string): void {
    if (this.#endReason === null) this.#endReason = reason;
    this.#rejectOpening(new Error(this.#endReason));
    for (const id of [...this.#pending.keys()]) {
      this.#settle({ id, ok: false, code: 'unavailable', reason: this.#endReason });
    }
  }
}
