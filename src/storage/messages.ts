/**
 * What crosses the thread between client.ts and worker.ts: plain data and ids, nothing else. Both ends import their
 * types from here, so neither can say what the other does not know. Free of libraries, because both threads load it.
 */

/** Columns of `audit_logs`, in the order in which the worker writes and reads them. */
export const AUDIT_COLUMNS = [
  'seq',
  'id',
  'phase',
  'action',
  'user_id',
  'user_email',
  'resource_type',
  'resource_id',
  'ip_address',
  'user_agent',
  'details',
  'status',
  'error_message',
  'duration_ms',
  'created_at',
  'command_id',
  'idempotency_key',
  'idempotency_fingerprint',
  'simulated',
] as const;

/** One row of `audit_logs` as SQLite holds it. */
export interface AuditRecord {
  readonly seq: number;
  readonly id: string;
  readonly phase: string;
  readonly action: string;
  readonly user_id: string | null;
  readonly user_email: string | null;
  readonly resource_type: string | null;
  readonly resource_id: string | null;
  readonly ip_address: string | null;
  readonly user_agent: string | null;
  /** JSON. */
  readonly details: string | null;
  readonly status: string;
  readonly error_message: string | null;
  readonly duration_ms: number | null;
  /** RFC 3339 in UTC with milliseconds. */
  readonly created_at: string;
  readonly command_id: string | null;
  readonly idempotency_key: string | null;
  readonly idempotency_fingerprint: string | null;
  readonly simulated: 0 | 1 | null;
}

/** A row on its way in: only the worker gives a `seq`. */
export type NewAuditRecord = Omit<AuditRecord, 'seq'>;

/** What SQLite stores in one cell. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/** How drizzle wants the answer: nothing, all rows, the first row, or all rows as values. */
export type SqlMethod = 'run' | 'all' | 'get' | 'values';

export interface SqlStatement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
  readonly method: SqlMethod;
  /** When set, any other number of changed rows fails and undoes the whole request. */
  readonly changesExpected?: number;
}

/** Rows are arrays of values in column order; after `get` it is the one row, or undefined. */
export interface SqlResult {
  readonly rows: SqlValue[][] | SqlValue[] | undefined;
  readonly changes: number;
}

/** The questions the audit log asks, with their parameters; their SQL stands in queries.ts. */
export interface QueryParams {
  readonly commandById: readonly [commandId: string];
  readonly commandByKey: readonly [userId: string, key: string];
  readonly openIntents: readonly [rowsMax: number];
}
export type QueryName = keyof QueryParams;

export interface StorageStats {
  /** The newest row's number; 0 for an empty log. */
  readonly lastSeq: number;
  readonly openIntents: number;
  readonly databaseBytes: number;
  readonly walBytes: number;
  /** Commits and rows since the worker started: rows per commit is what group commit saves. */
  readonly commits: number;
  readonly rowsWritten: number;
}

export type RequestBody =
  | { readonly kind: 'append'; readonly rows: readonly NewAuditRecord[] }
  | { readonly kind: 'query'; readonly name: QueryName; readonly params: readonly (string | number)[] }
  | { readonly kind: 'sql'; readonly statements: readonly SqlStatement[] }
  | { readonly kind: 'stats' };

export type Request = RequestBody & { readonly id: number };

/** Client to worker. `close` commits nothing more: what was sent before it is answered first. */
export type ToWorker = Request | { readonly kind: 'close' };

/** Why one request failed. `constraint`: the data contradicts a rule of the database; `invalid`: a bad statement. */
export type RequestFailureCode = 'constraint' | 'invalid' | 'unavailable';

/** What each kind of request is answered with. */
export interface ReplyValues {
  readonly append: readonly number[];
  readonly query: readonly AuditRecord[];
  readonly sql: readonly SqlResult[];
  readonly stats: StorageStats;
}
export type ReplyValue = ReplyValues[keyof ReplyValues];

export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: ReplyValue }
  | { readonly id: number; readonly ok: false; readonly code: RequestFailureCode; readonly reason: string };

/** What was found and asserted when the file was opened. */
export interface DatabaseInfo {
  readonly sqliteVersion: string;
  readonly journalMode: string;
  /** 2 is FULL. */
  readonly synchronous: number;
  readonly lockingMode: string;
  readonly schemaVersion: number;
}

/** Worker to client. After `refused` and `failed` the worker has closed the file and ends. */
export type FromWorker =
  | { readonly kind: 'opened'; readonly info: DatabaseInfo }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] }
  | { readonly kind: 'failed'; readonly reason: string; readonly replies: readonly Reply[] }
  | { readonly kind: 'closed' };

/** What the client gives a new worker. */
export interface WorkerSettings {
  readonly file: string;
  /** How long to wait for another process to let go of the file. */
  readonly busyTimeoutMs: number;
  /** Audit rows and statements in one transaction. */
  readonly batchRowsMax: number;
  /** Rows in one answer. */
  readonly resultRowsMax: number;
  readonly preparedStatementsMax: number;
  /** Above this many pages the write-ahead log is folded into the file, when nobody waits. */
  readonly walCheckpointPages: number;
  /** The file grows no further; appends are refused then. */
  readonly databaseBytesMax: number;
}
