/** The columns both threads speak of, held against the table. */
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { AUDIT_COLUMNS } from '../../src/storage/messages.ts';
import { migrate } from '../../src/storage/migrations.ts';
import { record } from './support.ts';

it('names every column of audit_logs, and a record has each of them', () => {
  const database = new Sqlite(':memory:');
  migrate(database);
  const columns = database.pragma('table_info(audit_logs)') as { name: string }[];
  database.close();
  expect([...AUDIT_COLUMNS].sort()).toEqual(columns.map(({ name }) => name).sort());
  expect(Object.keys({ ...record(), seq: 1 }).sort()).toEqual([...AUDIT_COLUMNS].sort());
});
