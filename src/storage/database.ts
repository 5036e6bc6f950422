/**
 * One open database: how it is opened, what is asserted of it, and how a batch of requests becomes one transaction.
 * Runs inside the worker thread only, so it may block; everything that comes in and goes out is plain data.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import type {
  AuditRecord,
  DatabaseInfo,
  NewAuditRecord,
  Reply,
  ReplyValue,
  Request,
  RequestFailureCode,
  SqlResult,
  SqlStatement,
  SqlValue,
  StorageStats,
  WorkerSettings,
} from './messages.ts';
import { migrate } from './migrations.ts';
import { ALLOWED_SQL, INSERT_AUDIT, QUERIES } from './queries.ts';

const SYNCHRONOUS_FULL = 2;
/** Older releases can lose or corrupt a write-ahead log that is reset while it is written. */
const SQLITE_VERSION_MIN = [3, 51, 3] as const;
const PAGE_CACHE_KIB = 2048;
/** A log that once grew longer is cut back to this. */
const WAL_FILE_BYTES_MAX = 6 * 1024 * 1024;
/** Backstop for the idle checkpoint: a commit that makes the log this long pays for the checkpoint itself. */
const AUTOCHECKPOINT_PAGES = 1400;

/** The whole batch failed and the file may no longer be written through this connection. */
export class StorageBroken extends Error {
  override name = 'StorageBroken';
}

class RequestFailed extends Error {
  readonly code: RequestFailureCode;
  constructor(code: RequestFailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Errors that are the request's own fault. Everything else is the file's, the disk's or the memory's. */
const REQUEST_FAULTS: Readonly<Record<string, RequestFailureCode>> = {
  SQLITE_CONSTRAINT: 'constraint',
  SQLITE_ERROR: 'invalid',
  SQLITE_MISMATCH: 'invalid',
  SQLITE_RANGE: 'invalid',
  SQLITE_TOOBIG: 'invalid',
};

function sqliteCode(error: unknown): string | null {
  return error instanceof Sqlite.SqliteError ? error.code : null;
}

function messageOf(error: unknown): string {
  const code = sqliteCode(error);
  const text = error instanceof Error ? error.message : String(error);
  return code === null ? text : `${text} (${code})`;
}

/** The fault as the request's, or null when the connection is not to be trusted any longer. */
function requestFault(error: unknown): RequestFailed | null {
  if (error instanceof RequestFailed) return error;
  const code = sqliteCode(error);
  // better-sqlite3 answers wrong parameter types with TypeError and RangeError: nothing was executed.
  if (code === null) {
    const badInput = error instanceof TypeError || error instanceof RangeError;
    return badInput ? new RequestFailed('invalid', messageOf(error)) : null;
  }
  const family = code.split('_').slice(0, 2).join('_');
  const fault = REQUEST_FAULTS[family];
  return fault === undefined ? null : new RequestFailed(fault, messageOf(error));
}

/** The file of the gateway, opened for one life of the worker. */
export class GatewayDatabase {
  readonly #settings: WorkerSettings;
  readonly #sqlite: Sqlite.Database;
  readonly #statements = new Map<string, Sqlite.Statement>();
  readonly #insert: Sqlite.Statement;
  readonly info: DatabaseInfo;
  #lastSeq: number;
  #commits = 0;
  #rowsWritten = 0;

  /** Opens, checks and migrates; throws an Error whose message is a sentence for the operator. */
  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    prepareFile(settings.file);
    this.#sqlite = openSqlite(settings);
    try {
      this.info = configure(this.#sqlite, settings);
      this.#insert = this.#sqlite.prepare(INSERT_AUDIT);
      this.#lastSeq = Number(
        this.#sqlite.prepare('SELECT coalesce(max(seq), 0) FROM audit_logs').pluck().get(),
      );
    } catch (error) {
      this.#sqlite.close();
      throw new Error(openingSentence(settings.file, error), { cause: error });
    }
  }

  /**
   * Runs the requests in their order inside one transaction with one commit, so one fsync stands behind all of them.
   * A request that is at fault is undone and answered alone. Throws StorageBroken when none of them may count.
   */
  execute(requests: readonly Request[]): Reply[] {
    const lastSeqBefore = this.#lastSeq;
    try {
      this.#prepared('BEGIN IMMEDIATE').run();
      const replies = requests.map((request) => this.#executeOne(request));
      const changed = this.#lastSeq - lastSeqBefore;
      this.#prepared('COMMIT').run();
      this.#commits += 1;
      this.#rowsWritten += changed;
      return replies;
    } catch (error) {
      // Not retried: after a failed fsync the kernel may call pages clean that never reached the disk.
      this.#lastSeq = lastSeqBefore;
      throw new StorageBroken(messageOf(error), { cause: error });
    }
  }

  /** Called when nobody waits: folds a long write-ahead log into the file. Throws StorageBroken on an I/O error. */
  checkpointIfLong(): void {
    try {
      const state = this.#prepared('PRAGMA wal_checkpoint(NOOP)').get() as { log: number };
      if (state.log < this.#settings.walCheckpointPages) return;
      // Passive: the file keeps its length and is written again from its start, which costs no new blocks.
      this.#sqlite.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      throw new StorageBroken(messageOf(error), { cause: error });
    }
  }

  /** Closes the file. A connection that is broken already has nothing left to say. */
  close(): void {
    this.#sqlite.close();
  }

  #executeOne(request: Request): Reply {
    const lastSeqBefore = this.#lastSeq;
    this.#prepared('SAVEPOINT request').run();
    try {
      const value = this.#perform(request);
      this.#prepared('RELEASE request').run();
      return { id: request.id, ok: true, value };
    } catch (error) {
      const fault = requestFault(error);
      if (fault === null || !this.#sqlite.inTransaction) throw error;
      this.#prepared('ROLLBACK TO request').run();
      this.#prepared('RELEASE request').run();
      this.#lastSeq = lastSeqBefore;
      return { id: request.id, ok: false, code: fault.code, reason: fault.message };
    }
  }

  #perform(request: Request): ReplyValue {
    switch (request.kind) {
      case 'append':
        return request.rows.map((row) => this.#append(row));
      case 'query':
        return this.#prepared(QUERIES[request.name]).all(...request.params) as AuditRecord[];
      case 'sql':
        return request.statements.map((statement) => this.#runSql(statement));
      case 'stats':
        return this.#stats();
    }
  }

  #append(row: NewAuditRecord): number {
    const seq = this.#lastSeq + 1;
    this.#insert.run({ ...row, seq });
    this.#lastSeq = seq;
    return seq;
  }

  #runSql(request: SqlStatement): SqlResult {
    if (!ALLOWED_SQL.test(request.sql)) {
      throw new RequestFailed('invalid', 'only select, insert, update and delete are taken here');
    }
    const statement = this.#prepared(request.sql);
    if (!statement.reader) {
      const { changes } = statement.run(...request.params);
      if (request.changesExpected !== undefined && request.changesExpected !== changes) {
        throw new RequestFailed('constraint', `changed ${changes} rows, not ${request.changesExpected}`);
      }
      return { rows: [], changes };
    }
    const rows: SqlValue[][] = [];
    const found = statement.raw(true).iterate(...request.params) as IterableIterator<SqlValue[]>;
    for (const row of found) {
      if (rows.length === this.#settings.resultRowsMax) {
        throw new RequestFailed('invalid', `more than ${rows.length} rows were asked for at once`);
      }
      rows.push(row);
    }
    // Rows of `returning` are changed rows.
    const changes = statement.readonly ? 0 : rows.length;
    return { rows: request.method === 'get' ? rows[0] : rows, changes };
  }

  #stats(): StorageStats {
    const count = (sql: string) => Number(this.#prepared(sql).pluck().get());
    return {
      lastSeq: this.#lastSeq,
      openIntents: count('SELECT count(*) FROM open_intents'),
      databaseBytes: fileBytes(this.#settings.file),
      walBytes: this.#walBytes(),
      commits: this.#commits,
      rowsWritten: this.#rowsWritten,
    };
  }

  #walBytes(): number {
    return fileBytes(`${this.#settings.file}-wal`);
  }

  /** Compiled once; the least recently used goes when there are too many. */
  #prepared(sql: string): Sqlite.Statement {
    const known = this.#statements.get(sql);
    const statement = known ?? this.#sqlite.prepare(sql);
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > this.#settings.preparedStatementsMax) {
      const oldest = this.#statements.keys().next().value;
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    return statement;
  }
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Makes the folder and an empty file that only the gateway's user may read: it will hold password hashes. */
function prepareFile(file: string): void {
  const folder = dirname(file);
  try {
    makeFolder(folder);
    closeSync(openSync(file, 'a', 0o600));
    syncFolder(folder);
  } catch (error) {
    const reason = isFile(folder) ? 'it is a file' : messageOf(error);
    throw new Error(`The data directory ${folder} cannot be written: ${reason}.`, { cause: error });
  }
}

/** Not mkdir's own recursion: in Node 24 that never returns where the kernel takes no folders, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder, { mode: 0o700 });
  // A new folder that a power cut forgets would take the audit log with it.
  syncFolder(parent);
}

function isFile(path: string): boolean {
  // Below a file there is nothing to ask: then the error itself says it.
  return existsSync(path) && !statSync(path).isDirectory();
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openSqlite(settings: WorkerSettings): Sqlite.Database {
  try {
    return new Sqlite(settings.file, { timeout: settings.busyTimeoutMs });
  } catch (error) {
    throw new Error(openingSentence(settings.file, error), { cause: error });
  }
}

/** Sets what durability rests on, brings the schema up to date, and asserts what SQLite really did. */
function configure(sqlite: Sqlite.Database, settings: WorkerSettings): DatabaseInfo {
  const sqliteVersion = String(sqlite.prepare('SELECT sqlite_version()').pluck().get());
  if (!versionAtLeast(sqliteVersion, SQLITE_VERSION_MIN)) {
    throw new Error(`SQLite ${sqliteVersion} is older than ${SQLITE_VERSION_MIN.join('.')}`);
  }
  // Before the first access: an exclusive write-ahead log needs no shared memory and lets nobody else in.
  sqlite.pragma('locking_mode = EXCLUSIVE');
  // Before the first table: later it would take a rewrite of the whole file.
  sqlite.pragma('auto_vacuum = INCREMENTAL');
  const journalMode = String(sqlite.pragma('journal_mode = WAL', { simple: true }));
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('trusted_schema = OFF');
  sqlite.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  sqlite.pragma(`wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`);
  sqlite.pragma(`journal_size_limit = ${WAL_FILE_BYTES_MAX}`);
  migrate(sqlite);
  const pageBytes = Number(sqlite.pragma('page_size', { simple: true }));
  sqlite.pragma(`max_page_count = ${Math.max(1, Math.floor(settings.databaseBytesMax / pageBytes))}`);
  // A real write: a read-only file or a full disk is told now, not at the first command.
  const now = new Date().toISOString();
  sqlite
    .prepare(`INSERT INTO meta VALUES ('opened_at', ?) ON CONFLICT DO UPDATE SET value = excluded.value`)
    .run(now);
  // Starts an empty log: after a failed fsync the old one may hold frames that only the page cache has seen.
  sqlite.pragma('wal_checkpoint(TRUNCATE)');
  const synchronous = Number(sqlite.pragma('synchronous', { simple: true }));
  const lockingMode = String(sqlite.pragma('locking_mode', { simple: true }));
  if (synchronous !== SYNCHRONOUS_FULL || journalMode !== 'wal' || lockingMode !== 'exclusive') {
    throw new Error(
      `SQLite runs with synchronous=${synchronous}, journal_mode=${journalMode}, locking_mode=${lockingMode}`,
    );
  }
  const schemaVersion = Number(sqlite.pragma('user_version', { simple: true }));
  return { sqliteVersion, journalMode, synchronous, lockingMode, schemaVersion };
}

function versionAtLeast(found: string, least: readonly number[]): boolean {
  const parts = found.split('.').map(Number);
  for (const [place, wanted] of least.entries()) {
    const part = parts[place] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function openingSentence(file: string, error: unknown): string {
  const code = sqliteCode(error) ?? '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return `The database ${file} is in use by another process, probably another gateway with the same data directory.`;
  }
  if (code.startsWith('SQLITE_READONLY')) return `The database ${file} is read-only for this user.`;
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return `The database ${file} is damaged or no database: ${messageOf(error)}.`;
  }
  return `The database ${file} cannot be opened: ${messageOf(error)}.`;
}
