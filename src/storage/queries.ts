/**
 * The SQL behind the named queries of messages.ts, and of an append. Used by the worker alone; every query runs on an
 * index (a test reads the plans) and answers a bounded number of rows.
 */
import { AUDIT_COLUMNS, type QueryName } from './messages.ts';

const columns = AUDIT_COLUMNS.join(', ');

/** A command has two rows at most beside its free events: one of intent or refusal, one outcome. */
const COMMAND_PHASES = `phase IN ('intent', 'refusal', 'outcome')`;

/** The command a key stands for, in a table of one row, so that each parameter is bound once. */
const FIRST_BY_KEY = `WITH first AS (SELECT seq, command_id FROM audit_logs
  WHERE user_id = ? AND idempotency_key = ? AND phase IN ('intent', 'refusal') LIMIT 1)`;

export const QUERIES: Record<QueryName, string> = {
  commandById: `SELECT ${columns} FROM audit_logs WHERE command_id = ? AND ${COMMAND_PHASES} ORDER BY seq LIMIT 3`,
  commandByKey: `${FIRST_BY_KEY}
    SELECT ${columns} FROM audit_logs WHERE seq = (SELECT seq FROM first)
    UNION ALL
    SELECT ${columns} FROM audit_logs WHERE command_id = (SELECT command_id FROM first)
      AND phase = 'outcome' AND ${COMMAND_PHASES}`,
  openIntents: `SELECT ${columns} FROM audit_logs WHERE seq IN (SELECT seq FROM open_intents) ORDER BY seq LIMIT ?`,
};

/** The row's number is its rowid too, so that the table itself grows at its end. */
export const INSERT_AUDIT = `INSERT INTO audit_logs (rowid, ${columns})
  VALUES (@seq, ${AUDIT_COLUMNS.map((column) => `@${column}`).join(', ')})`;

/** What `sql` requests may begin with. Transactions, pragmas and the rest are the worker's own business. */
export const ALLOWED_SQL = /^\s*(?:select|insert|update|delete|with)\b/i;
