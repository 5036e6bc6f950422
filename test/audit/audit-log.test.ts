/** The audit log over the real database: what it promises control, and what it says when it cannot keep it. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditUnreadable, SqliteAuditLog } from '../../src/audit/audit-log.ts';
import type { StorageOptions } from '../../src/storage/client.ts';
import { clientFor, temporaryFolder } from '../storage/support.ts';
import { auditEvent, keptLog } from './support.ts';

const WALL_MS = Date.UTC(2025, 5, 1);

async function openLog(file = join(temporaryFolder(), 'gateway.db'), changed: Partial<StorageOptions> = {}) {
  const storage = clientFor(file, changed);
  await storage.start();
  const log = keptLog();
  const audit = new SqliteAuditLog({ storage, clock: { wallMs: () => WALL_MS }, log });
  return { audit, storage, log, file };
}

const intent = (commandId: string, changed = {}) =>
  auditEvent({
    phase: 'intent',
    action: 'CLAW_STRIKE',
    status: 'pending',
    commandId,
    userId: 'u',
    ...changed,
  });
const outcome = (commandId: string, changed = {}) =>
  auditEvent({ phase: 'outcome', action: 'CLAW_STRIKE', status: 'done', commandId, userId: 'u', ...changed });

describe('the log', () => {
  it('numbers rows in the order of the appends and finds a command by its id', async () => {
    const { audit } = await openLog();
    const results = await Promise.all([
      audit.append(intent('c1', { details: { session: 's', seq: 4 } })),
      audit.append(auditEvent({ commandId: 'c1', action: 'CLAW_NOTE' })),
      audit.append(outcome('c1', { durationMs: 1234, simulated: true })),
    ]);
    expect(results).toEqual([1, 2, 3].map((seq) => ({ kind: 'durable', seq })));
    expect(await audit.commandById('c1')).toMatchObject({
      first: { seq: 1, phase: 'intent', details: { session: 's', seq: 4 }, createdAtMs: WALL_MS },
      outcome: { seq: 3, status: 'done', durationMs: 1234, simulated: true },
    });
    expect(await audit.commandById('c2')).toBeNull();
  });

  it('finds a command by the key of the person who sent it, and only for that person', async () => {
    const { audit } = await openLog();
    await audit.append(intent('c1', { idempotency: { key: 'k', fingerprint: 'f' } }));
    expect(await audit.commandByKey('u', 'k')).toMatchObject({ first: { commandId: 'c1' }, outcome: null });
    await audit.append(outcome('c1'));
    expect(await audit.commandByKey('u', 'k')).toMatchObject({ outcome: { commandId: 'c1' } });
    expect(await audit.commandByKey('other', 'k')).toBeNull();
    expect(await audit.commandByKey('u', 'l')).toBeNull();
  });

  it('lets one of two commands with the same key through', async () => {
    const { audit } = await openLog();
    const idempotency = { key: 'k', fingerprint: 'f' };
    const results = await Promise.all([
      audit.append(intent('c1', { idempotency })),
      audit.append(intent('c2', { idempotency })),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['durable', 'unavailable']);
  });

  it('shows what an earlier life left open', async () => {
    const { audit, storage, file } = await openLog();
    for (const id of ['a', 'b', 'c']) await audit.append(intent(id));
    await audit.append(outcome('b'));
    await storage.close();
    const next = await openLog(file);
    expect((await next.audit.openIntents()).map(({ commandId }) => commandId)).toEqual(['a', 'c']);
    await next.audit.append(outcome('a', { status: 'unknown', errorMessage: 'gateway_restarted' }));
    expect((await next.audit.openIntents()).map(({ commandId }) => commandId)).toEqual(['c']);
  });

  it('takes the same outcome twice for one, and no other one after it', async () => {
    const { audit, storage } = await openLog();
    await audit.append(intent('c'));
    expect(await audit.append(outcome('c'))).toEqual({ kind: 'durable', seq: 2 });
    expect(await audit.append(outcome('c'))).toEqual({ kind: 'durable', seq: 2 });
    expect(await audit.append(outcome('c', { status: 'unknown' }))).toMatchObject({ kind: 'unavailable' });
    const { rows } = await storage.sql('SELECT count(*) FROM audit_logs', [], 'get');
    expect(rows).toEqual([2]);
  });

  it('never rejects an append, and says in the log what was not written', async () => {
    const { audit, storage, log } = await openLog();
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(await audit.append(auditEvent({ details: circle }))).toMatchObject({ kind: 'unavailable' });
    await storage.close();
    expect(await audit.append(intent('c'))).toEqual({
      kind: 'unavailable',
      reason: 'The gateway is shutting down.',
    });
    expect(log.lines).toHaveLength(2);
    expect(log.lines[1]).toContain('CLAW_STRIKE');
  });

  it('is unreadable, not empty, when the database is gone', async () => {
    const { audit, storage } = await openLog();
    await storage.close();
    await expect(audit.commandById('c')).rejects.toBeInstanceOf(AuditUnreadable);
    await expect(audit.commandByKey('u', 'k')).rejects.toBeInstanceOf(AuditUnreadable);
    await expect(audit.openIntents()).rejects.toBeInstanceOf(AuditUnreadable);
  });

  it('writes nothing for an intent that the full file cannot take', async () => {
    const { audit } = await openLog(undefined, { bounds: { databaseBytesMax: 1 } });
    const results = [];
    for (let n = 0; n < 100; n += 1)
      results.push(await audit.append(intent(`c${n}`, { details: { n: 'x'.repeat(3000) } })));
    expect(results.at(-1)).toMatchObject({ kind: 'unavailable' });
  });
});
