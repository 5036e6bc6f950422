/**
 * The one door to the database for the rest of the process: it starts the worker thread, bounds what waits for it,
 * starts another after a failure (with back-off; meanwhile everything is answered `unavailable` at once), and settles
 * everything at the end. Knows no audit events and no accounts: rows, named queries and SQL only.
 */
import type {
  AuditRecord,
  DatabaseInfo,
  NewAuditRecord,
  QueryName,
  QueryParams,
  ReplyValues,
  RequestBody,
  RequestFailureCode,
  SqlMethod,
  SqlResult,
  SqlStatement,
  SqlValue,
  StorageStats,
} from './messages.ts';
import { WorkerLife } from './worker-life.ts';

export type {
  AuditRecord,
  DatabaseInfo,
  NewAuditRecord,
  SqlMethod,
  SqlResult,
  SqlStatement,
  SqlValue,
  StorageStats,
} from './messages.ts';

/** `overloaded`: too much waits already, nothing was sent. The others are the worker's own. */
export type StorageFailureCode = RequestFailureCode | 'overloaded';

export type StorageResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: StorageFailureCode; readonly reason: string };

/** A failed SQL request, for callers that know only exceptions (drizzle). */
export class StorageError extends Error {
  override name = 'StorageError';
  readonly code: StorageFailureCode;
  constructor(code: StorageFailureCode, reason: string) {
    super(reason);
    this.code = code;
  }
}

export interface StorageBounds {
  readonly pendingRequestsMax: number;
  readonly batchRowsMax: number;
  readonly resultRowsMax: number;
  readonly preparedStatementsMax: number;
  readonly walCheckpointPages: number;
  readonly databaseBytesMax: number;
  /** How long a start waits for an earlier gateway to let go of the file. */
  readonly busyTimeoutMs: number;
  /** A worker that owes answers and gives none for so long is given up. */
  readonly silenceMs: number;
  readonly restartDelayMinMs: number;
  readonly restartDelayMaxMs: number;
  readonly closeTimeoutMs: number;
}

const DEFAULT_BOUNDS: StorageBounds = {
  pendingRequestsMax: 1024,
  batchRowsMax: 128,
  resultRowsMax: 1000,
  preparedStatementsMax: 128,
  walCheckpointPages: 512,
  databaseBytesMax: 4 * 1024 ** 3,
  busyTimeoutMs: 3000,
  silenceMs: 30_000,
  restartDelayMinMs: 250,
  restartDelayMaxMs: 30_000,
  closeTimeoutMs: 10_000,
};

export interface StorageOptions {
  /** The database file; its folder is made when missing. */
  readonly file: string;
  /** The worker's entry: in a bundle the file beside main, by default the source. */
  readonly workerUrl?: URL;
  /** Runs an action once after a delay; the answer cancels it. */
  readonly after: (delayMs: number, action: () => void) => () => void;
  readonly onDown?: (reason: string) => void;
  readonly onUp?: (info: DatabaseInfo) => void;
  readonly bounds?: Partial<StorageBounds>;
}

export type StorageHealth =
  | { readonly status: 'up'; readonly reason: null }
  | { readonly status: 'down'; readonly reason: string };

/** The database, from the main thread. */
export class StorageClient {
  readonly #options: StorageOptions;
  readonly #bounds: StorageBounds;
  readonly #workerUrl: URL;
  #life: WorkerLife | null = null;
  #downReason: string | null = 'The database is not open yet.';
  #everOpened = false;
  #closing: Promise<void> | null = null;
  /** Since rows were last written. */
  #restarts = 0;
  #cancelRestart = () => {};
  #cancelSilence: (() => void) | null = null;

  constructor(options: StorageOptions) {
    this.#options = options;
    this.#bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
    this.#workerUrl = options.workerUrl ?? new URL('./worker.ts', import.meta.url);
  }

  /** Opens the file. Rejects with a sentence for the operator when it cannot be opened, written or had alone. */
  async start(): Promise<DatabaseInfo> {
    if (this.#life !== null || this.#closing !== null)
      throw new Error('The storage client was started already.');
    const life = this.#newLife();
    try {
      return await life.opened;
    } catch (error) {
      await this.close();
      throw new StorageError('unavailable', error instanceof Error ? error.message : String(error));
    }
  }

  /** Writes the rows in one transaction; resolves with their numbers when they are on the disk. Never rejects. */
  append(rows: readonly NewAuditRecord[]): Promise<StorageResult<readonly number[]>> {
    return this.#request({ kind: 'append', rows });
  }

  /** Asks one of the audit log's questions. It sees every append that was sent before it. Never rejects. */
  query<Name extends QueryName>(
    name: Name,
    ...params: QueryParams[Name]
  ): Promise<StorageResult<readonly AuditRecord[]>> {
    return this.#request({ kind: 'query', name, params: [...params] });
  }

  /** Runs one statement (drizzle's sqlite-proxy). Rejects with StorageError. */
  async sql(sql: string, params: readonly SqlValue[], method: SqlMethod): Promise<SqlResult> {
    const [result] = await this.transact([{ sql, params, method }]);
    return result ?? { rows: [], changes: 0 };
  }

  /** Runs the statements all or none. Rejects with StorageError. */
  async transact(statements: readonly SqlStatement[]): Promise<readonly SqlResult[]> {
    const result = await this.#request({ kind: 'sql', statements });
    if (!result.ok) throw new StorageError(result.code, result.reason);
    return result.value;
  }

  /** What the worker counts. Never rejects. */
  stats(): Promise<StorageResult<StorageStats>> {
    return this.#request({ kind: 'stats' });
  }

  /** Whether rows can be written, as far as is known without trying. */
  health(): StorageHealth {
    const reason = this.#whyNot();
    return reason === null ? { status: 'up', reason } : { status: 'down', reason };
  }

  /** Requests that were sent and not yet answered. */
  pendingRequests(): number {
    return this.#life?.pendingCount ?? 0;
  }

  /** Answers what was sent, closes the file and ends the thread; what comes later is refused. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#downReason = 'The gateway is shutting down.';
    this.#cancelRestart();
    const life = this.#life;
    if (life === null) return;
    // A thread inside a write that never returns cannot even be ended; the process goes on without it.
    const givenUp = Promise.withResolvers<void>();
    const cancel = this.#options.after(this.#bounds.closeTimeoutMs, () => {
      void life.abandon('The storage worker did not close in time.');
      givenUp.resolve();
    });
    await Promise.race([life.close(), givenUp.promise]);
    cancel();
  }

  /** Null when requests can be sent. */
  #whyNot(): string | null {
    return this.#downReason ?? (this.#life === null ? 'The database is not open.' : this.#life.endReason);
  }

  async #request<Kind extends RequestBody['kind']>(
    body: RequestBody & { readonly kind: Kind },
  ): Promise<StorageResult<ReplyValues[Kind]>> {
    const life = this.#life;
    const whyNot = this.#whyNot();
    if (whyNot !== null || life === null) {
      return { ok: false, code: 'unavailable', reason: whyNot ?? '' };
    }
    if (life.pendingCount >= this.#bounds.pendingRequestsMax) {
      return {
        ok: false,
        code: 'overloaded',
        reason: `${life.pendingCount} requests wait for the database.`,
      };
    }
    this.#watchSilence(life);
    const reply = await life.request(body);
    if (life === this.#life) {
      this.#cancelSilence?.();
      this.#cancelSilence = null;
      if (life.pendingCount > 0) this.#watchSilence(life);
      if (reply.ok && body.kind === 'append') this.#restarts = 0;
    }
    // The worker answers each kind with its own value: messages.ts pairs them.
    return reply.ok ? { ok: true, value: reply.value as ReplyValues[Kind] } : reply;
  }

  /** A disk may hang without an error; then nobody waits for ever. */
  #watchSilence(life: WorkerLife): void {
    if (this.#cancelSilence !== null || life !== this.#life) return;
    this.#cancelSilence = this.#options.after(this.#bounds.silenceMs, () => {
      this.#cancelSilence = null;
      if (life !== this.#life) return;
      const reason = `The database gave no answer for ${this.#bounds.silenceMs} ms.`;
      this.#goDown(reason);
      void life.abandon(reason);
    });
  }

  #newLife(): WorkerLife {
    const life = new WorkerLife({
      workerUrl: this.#workerUrl,
      settings: { file: this.#options.file, ...this.#bounds },
      onEnd: (reason) => this.#lifeEnded(life, reason),
    });
    this.#life = life;
    const cancel = this.#options.after(this.#bounds.silenceMs, () => {
      void life.abandon(`The database did not open within ${this.#bounds.silenceMs} ms.`);
    });
    life.opened.then(
      (info) => {
        cancel();
        if (this.#closing !== null) return;
        this.#everOpened = true;
        this.#downReason = null;
        this.#options.onUp?.(info);
      },
      // The end of this life is told by onEnd, with the same reason.
      cancel,
    );
    return life;
  }

  #goDown(reason: string): void {
    if (this.#closing !== null || this.#downReason === reason) return;
    this.#downReason = reason;
    this.#options.onDown?.(reason);
  }

  #lifeEnded(life: WorkerLife, reason: string): void {
    if (life !== this.#life) return;
    this.#life = null;
    this.#cancelSilence?.();
    this.#cancelSilence = null;
    this.#goDown(reason);
    if (this.#closing === null && this.#everOpened) this.#restartLater();
  }

  /** Doubling delays: a card that fails is not helped by being hammered. */
  #restartLater(): void {
    const doubled = this.#bounds.restartDelayMinMs * 2 ** Math.min(this.#restarts, 20);
    this.#restarts += 1;
    this.#cancelRestart = this.#options.after(Math.min(doubled, this.#bounds.restartDelayMaxMs), () => {
      this.#newLife();
    });
  }
}
