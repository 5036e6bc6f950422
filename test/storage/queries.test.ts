/** The named queries: each finds its rows by an index, however long the log is. */
import Sqlite from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/storage/migrations.ts';
import { ALLOWED_SQL, QUERIES } from '../../src/storage/queries.ts';

const database = new Sqlite(':memory:');
migrate(database);
afterAll(() => database.close());

function planOf(sql: string, params: readonly unknown[]): string {
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...params) as { detail: string }[];
  return steps.map(({ detail }) => detail).join('\n');
}

describe('the plan of', () => {
  it.each([
    ['commandById', ['id'], /audit_logs_command_phase/],
    ['commandByKey', ['user', 'key'], /audit_logs_idempotency/],
    ['openIntents', [10], /audit_logs_seq/],
  ] as const)('%s uses its index and reads no whole log', (name, params, index) => {
    const plan = planOf(QUERIES[name], params);
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/SCAN audit_logs/);
  });

  it.each([
    ['user_id = ?', /audit_logs_user/],
    ['resource_type = ? AND resource_id = ?', /audit_logs_resource/],
    ['action = ?', /audit_logs_action/],
  ])('the newest rows where %s needs no sorting', (where, index) => {
    const params = [...where].filter((letter) => letter === '?');
    const plan = planOf(`SELECT * FROM audit_logs WHERE ${where} ORDER BY seq DESC LIMIT 10`, params);
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/TEMP B-TREE/);
  });
});

it.each([
  ['select 1', true],
  ['  INSERT INTO t VALUES (1)', true],
  ['with x as (select 1) select * from x', true],
  ['begin', false],
  ['COMMIT', false],
  ['pragma synchronous = off', false],
  ['attach database ? as other', false],
  ['drop table audit_logs', false],
  ['selectx', false],
])('%s is taken as a statement: %s', (sql, taken) => expect(ALLOWED_SQL.test(sql)).toBe(taken));
