/**
 * The audit log over the database: what control and auth write to before and after they act. An append answers
 * `durable` only when its transaction is on the disk; the worker gives the number, so the order of rows is the order of
 * appends.
 */
import type { AppendResult, AuditRow, NewAuditEvent } from '../domain/audit-event.ts';
import type { AuditLog, Clock, CommandRows, Log } from '../domain/ports.ts';
import type { AuditRecord, NewAuditRecord, StorageClient, StorageResult } from '../storage/client.ts';
import { recordFromEvent, rowFromRecord } from './audit-row.ts';
import { uuidV7Generator } from './uuid-v7.ts';

/** Far above what one gateway can leave open: a claw has one command at a time. */
const OPEN_INTENTS_MAX = 1000;

/** The log could not be read. */
export class AuditUnreadable extends Error {
  override name = 'AuditUnreadable';
}

export interface SqliteAuditLogOptions {
  readonly storage: StorageClient;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly log: Log;
}

/** The domain's AuditLog in SQLite. */
export class SqliteAuditLog implements AuditLog {
  readonly #storage: StorageClient;
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #log: Log;
  readonly #newId: () => string;

  constructor(options: SqliteAuditLogOptions) {
    this.#storage = options.storage;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#newId = uuidV7Generator(() => options.clock.wallMs());
  }

  /** Never rejects. A command has one row of each phase: the same once more counts as the first, another is refused. */
  async append(event: NewAuditEvent): Promise<AppendResult> {
    let record: NewAuditRecord;
    try {
      record = recordFromEvent(event, this.#newId(), this.#clock.wallMs());
    } catch (error) {
      return this.#refuse(event, `The event cannot be written as a row: ${String(error)}`);
    }
    const result = await this.#storage.append([record]);
    if (result.ok) {
      const [seq] = result.value;
      return seq === undefined ? this.#refuse(event, 'The row has no number.') : { kind: 'durable', seq };
    }
    if (result.code === 'constraint') {
      const same = await this.#sameRow(record);
      if (same !== null) return { kind: 'durable', seq: same.seq };
    }
    return this.#refuse(event, result.reason);
  }

  /** Rejects with AuditUnreadable when the database is unavailable. */
  async commandById(commandId: string): Promise<CommandRows | null> {
    return commandRows(await this.#storage.query('commandById', commandId));
  }

  /** Rejects with AuditUnreadable when the database is unavailable. */
  async commandByKey(userId: string, key: string): Promise<CommandRows | null> {
    return commandRows(await this.#storage.query('commandByKey', userId, key));
  }

  /** Rejects with AuditUnreadable when the database is unavailable. */
  async openIntents(): Promise<readonly AuditRow[]> {
    return readable(await this.#storage.query('openIntents', OPEN_INTENTS_MAX)).map(rowFromRecord);
  }

  #refuse(event: NewAuditEvent, reason: string): AppendResult {
    const { action, phase, commandId } = event;
    this.#log.error({ action, phase, commandId, reason }, 'An audit row could not be written.');
    return { kind: 'unavailable', reason };
  }

  /**
   * After a failed commit nobody knows whether the row reached the disk, and the caller may try again once the database
   * is back. Then the first attempt, if it did arrive, is the row that was asked for.
   */
  async #sameRow(record: NewAuditRecord): Promise<AuditRecord | null> {
    if (record.command_id === null) return null;
    const found = await this.#storage.query('commandById', record.command_id);
    if (!found.ok) return null;
    const same = found.value.find(
      (row) =>
        row.phase === record.phase &&
        row.action === record.action &&
        row.status === record.status &&
        row.error_message === record.error_message,
    );
    return same ?? null;
  }
}

function readable(result: StorageResult<readonly AuditRecord[]>): readonly AuditRecord[] {
  if (!result.ok) throw new AuditUnreadable(result.reason);
  return result.value;
}

function commandRows(result: StorageResult<readonly AuditRecord[]>): CommandRows | null {
  const rows = readable(result).map(rowFromRecord);
  const first = rows.find((row) => row.phase === 'intent' || row.phase === 'refusal');
  if (first === undefined) return null;
  return { first, outcome: rows.find((row) => row.phase === 'outcome') ?? null };
}
