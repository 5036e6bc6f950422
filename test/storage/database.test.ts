/** The open file itself, without the thread around it: settings, batches, and what happens when it can take no more. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayDatabase, StorageBroken } from '../../src/storage/database.ts';
import type {
  Reply,
  Request,
  SqlStatement,
  StorageStats,
  WorkerSettings,
} from '../../src/storage/messages.ts';
import { record, settingsFor, temporaryFolder } from './support.ts';

function open(file: string, changed: Partial<WorkerSettings> = {}): GatewayDatabase {
  const database = new GatewayDatabase(settingsFor(file, changed));
  onTestFinished(() => database.close());
  return database;
}

const newFile = () => join(temporaryFolder(), 'deeper', 'gateway.db');
const append = (id: number, ...rows: ReturnType<typeof record>[]): Request => ({ kind: 'append', id, rows });
const sql = (id: number, ...statements: (Partial<SqlStatement> & { sql: string })[]): Request => ({
  kind: 'sql',
  id,
  statements: statements.map((statement) => ({ params: [], method: 'all', ...statement })),
});
const rowsOf = (reply: Reply | undefined) =>
  reply?.ok ? (reply.value as unknown as { rows: unknown }[])[0]?.rows : reply;

describe('opening', () => {
  it('makes the folder and a file that only its owner may read', () => {
    const file = newFile();
    open(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('says what it asserted: WAL, FULL, exclusive, a fresh SQLite', () => {
    const { info } = open(newFile());
    expect(info).toMatchObject({
      journalMode: 'wal',
      synchronous: 2,
      lockingMode: 'exclusive',
      schemaVersion: 1,
    });
    expect(info.sqliteVersion).toMatch(/^3\.\d+\.\d+$/);
  });

  it('makes a file that can give pages back', () => {
    const file = newFile();
    open(file);
    // Bytes 52 and 64 of the header: the largest root page (not zero: auto-vacuum) and incremental mode.
    const header = readFileSync(file);
    expect(header.readUInt32BE(52)).toBeGreaterThan(0);
    expect(header.readUInt32BE(64)).toBe(1);
  });

  it('is told apart: a file that is no database, a folder that is a file, a file in use', () => {
    const folder = temporaryFolder();
    const noDatabase = join(folder, 'text.db');
    writeFileSync(noDatabase, 'this is not a database, and it is long enough to be looked at'.repeat(100));
    expect(() => open(noDatabase)).toThrow(/is damaged or no database/);
    expect(() => open(join(noDatabase, 'gateway.db'))).toThrow(
      /The data directory .* cannot be written: it is a file/,
    );
    const file = join(folder, 'gateway.db');
    open(file);
    expect(() => open(file)).toThrow(/is in use by another process, probably another gateway/);
  });

  it('goes on with the number after the last row', () => {
    const file = newFile();
    const first = new GatewayDatabase(settingsFor(file));
    first.execute([append(1, record(), record())]);
    first.close();
    expect(open(file).execute([append(1, record())])).toEqual([{ id: 1, ok: true, value: [3] }]);
  });
});

describe('a batch', () => {
  it('is one commit, and one bad request in it fails alone', () => {
    const database = open(newFile());
    const same = record();
    const replies = database.execute([
      append(1, record()),
      append(2, same),
      append(3, record(), same),
      append(4, { ...record(), phase: 'rumour' }),
      sql(5, { sql: 'select nothing from nowhere' }),
      sql(6, { sql: 'select 1', params: [1, 2, 3] }),
      append(7, record()),
      { kind: 'stats', id: 8 },
    ]);
    expect(replies.map((reply) => (reply.ok ? reply.id : [reply.id, reply.code]))).toEqual([
      1,
      2,
      [3, 'constraint'],
      [4, 'constraint'],
      [5, 'invalid'],
      [6, 'invalid'],
      7,
      8,
    ]);
    // The good row of request 3 is gone with the bad one, and its number was given again.
    expect(replies[6]).toMatchObject({ value: [3] });
    expect(rowsOf(database.execute([sql(1, { sql: 'select seq from audit_logs order by seq' })])[0])).toEqual(
      [[1], [2], [3]],
    );
    const [stats] = database.execute([{ kind: 'stats', id: 1 }]) as [Reply & { value: StorageStats }];
    expect(stats.value).toMatchObject({ lastSeq: 3, commits: 2, rowsWritten: 3, openIntents: 0 });
  });

  it('is read by its own queries in the order of the requests', () => {
    const database = open(newFile());
    const asked: Request = { kind: 'query', id: 2, name: 'commandById', params: ['c'] };
    const intent = record({ phase: 'intent', command_id: 'c' });
    const [before, , after] = database.execute([{ ...asked, id: 1 }, append(3, intent), asked]);
    expect(before).toEqual({ id: 1, ok: true, value: [] });
    expect(after).toMatchObject({ value: [{ ...intent, seq: 1 }] });
  });

  it('takes no transaction, pragma or second database from outside', () => {
    const database = open(newFile());
    for (const bad of ['commit', 'pragma synchronous = off', `attach 'x' as y`]) {
      expect(database.execute([sql(1, { sql: bad })])[0]).toMatchObject({ ok: false, code: 'invalid' });
    }
  });

  it('runs statements together or not at all', () => {
    const database = open(newFile());
    const insert = { sql: `insert into meta values ('a', 'b')`, method: 'run' as const };
    const none = { sql: `update meta set value = 'c' where key = 'nobody'`, method: 'run' as const };
    const replies = database.execute([sql(1, insert, { ...none, changesExpected: 1 })]);
    expect(replies[0]).toMatchObject({ ok: false, code: 'constraint' });
    const count = sql(2, { sql: `select count(*) from meta where key = 'a'`, method: 'get' });
    expect(rowsOf(database.execute([count])[0])).toEqual([0]);
  });

  it('answers with a bounded number of rows', () => {
    const database = open(newFile(), { resultRowsMax: 3 });
    database.execute([append(1, record(), record(), record(), record())]);
    expect(database.execute([sql(1, { sql: 'select 1 from audit_logs' })])[0]).toMatchObject({
      code: 'invalid',
    });
    expect(rowsOf(database.execute([sql(1, { sql: 'select 1 from audit_logs limit 3' })])[0])).toHaveLength(
      3,
    );
  });

  it('forgets compiled statements beyond its bound, and compiles them again', () => {
    const database = open(newFile(), { preparedStatementsMax: 8 });
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 20; n += 1) {
        expect(rowsOf(database.execute([sql(1, { sql: `select ${n}`, method: 'get' })])[0])).toEqual([n]);
      }
    }
  });
});

describe('the audit table', () => {
  const key = { user_id: 'u', idempotency_key: 'k', idempotency_fingerprint: 'f' };

  it('is never changed', () => {
    const database = open(newFile());
    database.execute([append(1, record())]);
    const reply = database.execute([
      sql(1, { sql: `update audit_logs set action = 'OTHER'`, method: 'run' }),
    ])[0];
    expect(reply).toMatchObject({ ok: false, code: 'constraint' });
  });

  it('has one row of each phase of a command, and free events beside them', () => {
    const database = open(newFile());
    const phases = ['intent', 'outcome', 'event', 'event', 'intent', 'outcome'];
    const replies = database.execute(
      phases.map((phase, id) => append(id, record({ phase, command_id: 'c' }))),
    );
    expect(replies.map(({ ok }) => ok)).toEqual([true, true, true, true, false, false]);
  });

  it('knows an Idempotency-Key once for each person, whatever else is written', () => {
    const database = open(newFile());
    const replies = database.execute([
      append(1, record({ phase: 'intent', command_id: 'c1', ...key })),
      append(2, record({ phase: 'intent', command_id: 'c2', ...key })),
      append(3, record({ phase: 'refusal', ...key })),
      append(4, record({ phase: 'outcome', command_id: 'c1', ...key })),
      append(5, record({ phase: 'intent', command_id: 'c3', ...key, user_id: 'another' })),
    ]);
    expect(replies.map(({ ok }) => ok)).toEqual([true, false, false, true, true]);
    const asked = (userId: string, id: number): Request => ({
      kind: 'query',
      id,
      name: 'commandByKey',
      params: [userId, 'k'],
    });
    const [mine, other] = database.execute([asked('u', 1), asked('another', 2)]) as [
      Reply & { value: { seq: number; phase: string }[] },
      Reply & { value: { seq: number; phase: string }[] },
    ];
    expect(mine.value.map(({ seq, phase }) => [seq, phase])).toEqual([
      [1, 'intent'],
      [2, 'outcome'],
    ]);
    expect(other.value.map(({ phase }) => phase)).toEqual(['intent']);
  });

  it('lists the intents that have no outcome, oldest first', () => {
    const database = open(newFile());
    for (const id of ['a', 'b', 'c', 'd'])
      database.execute([append(1, record({ phase: 'intent', command_id: id }))]);
    database.execute([append(1, record({ phase: 'outcome', command_id: 'b' }))]);
    const [open2] = database.execute([{ kind: 'query', id: 1, name: 'openIntents', params: [2] }]);
    expect(open2).toMatchObject({ value: [{ command_id: 'a' }, { command_id: 'c' }] });
  });
});

describe('a file that can grow no further', () => {
  it('fails the whole batch, and nothing of it is there afterwards', () => {
    const file = newFile();
    const full = new GatewayDatabase(settingsFor(file, { databaseBytesMax: 1 }));
    const big = { ...record(), details: 'x'.repeat(100_000) };
    expect(() => full.execute([append(1, record()), append(2, big)])).toThrow(StorageBroken);
    full.close();
    expect(
      rowsOf(open(file).execute([sql(1, { sql: 'select count(*) from audit_logs', method: 'get' })])[0]),
    ).toEqual([0]);
  });
});

describe('the write-ahead log', () => {
  it('is folded into the file when nobody waits, and stays short', () => {
    const file = newFile();
    const database = open(file, { walCheckpointPages: 64 });
    for (let n = 0; n < 500; n += 1) {
      database.execute([append(1, record({ details: 'x'.repeat(500) }))]);
      database.checkpointIfLong();
    }
    expect(statSync(`${file}-wal`).size).toBeLessThan(100 * 4200);
  });

  it('stays below 8 MB when somebody always waits', () => {
    const file = newFile();
    const database = open(file);
    const rows = () => Array.from({ length: 128 }, () => record({ details: 'x'.repeat(4096) }));
    for (let n = 0; n < 60; n += 1) database.execute([append(1, ...rows())]);
    expect(statSync(`${file}-wal`).size).toBeLessThan(8 * 1024 * 1024);
  });
});
