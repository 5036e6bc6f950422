/** The client over real threads and real files: durable, in order, bounded, and honest when the file cannot be had. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Sqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StorageError } from '../../src/storage/client.ts';
import { clientFor, record, temporaryFolder } from './support.ts';

const newFile = () => join(temporaryFolder(), 'gateway.db');
const SILENT = new URL('./silent-worker.ts', import.meta.url);

/** A timer that runs when the test says so. */
function handTimer() {
  const waiting = new Map<number, () => void>();
  let last = 0;
  return {
    after(_delayMs: number, action: () => void) {
      last += 1;
      const id = last;
      waiting.set(id, action);
      return () => void waiting.delete(id);
    },
    fire() {
      const due = [...waiting.values()];
      waiting.clear();
      for (const action of due) action();
    },
  };
}

describe('appends', () => {
  it('a hundred at once are durable, numbered without a gap in their order, in few commits', async () => {
    const file = newFile();
    const client = clientFor(file);
    await client.start();
    const rows = Array.from({ length: 100 }, () => record());
    const results = await Promise.all(rows.map((row) => client.append([row])));
    expect(results.map((result) => result.ok && result.value[0])).toEqual(rows.map((_, index) => index + 1));
    const stats = await client.stats();
    expect(stats.ok && stats.value.commits).toBeLessThan(20);
    await client.close();
    const database = new Sqlite(file, { readonly: true });
    const ids = database.prepare('SELECT id FROM audit_logs ORDER BY seq').pluck().all();
    database.close();
    expect(ids).toEqual(rows.map(({ id }) => id));
  });

  it('that were acknowledged survive kill -9', async () => {
    const file = newFile();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'append-child.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      // Killed in the midst of its work; lines that were written before are still read, up to the end.
      if (acknowledged.length === 400) child.kill('SIGKILL');
    }
    const client = clientFor(file, { bounds: { busyTimeoutMs: 3000 } });
    await client.start();
    const { rows } = await client.sql(
      `SELECT seq || ' ' || id FROM audit_logs WHERE seq <= ? ORDER BY seq LIMIT 1000`,
      [acknowledged.length],
      'all',
    );
    expect((rows as string[][]).flat()).toEqual(
      acknowledged.slice().sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)),
    );
    expect(acknowledged.length).toBeGreaterThanOrEqual(400);
    const next = await client.append([record()]);
    const count = await client.sql('SELECT count(*), max(seq) FROM audit_logs', [], 'get');
    expect(next.ok).toBe(true);
    expect(count.rows?.[0]).toBe(count.rows?.[1]);
  });

  it('beyond the bound are refused at once, and those before are written', async () => {
    const client = clientFor(newFile(), { bounds: { pendingRequestsMax: 5 } });
    await client.start();
    const results = await Promise.all(Array.from({ length: 8 }, () => client.append([record()])));
    expect(results.map((result) => (result.ok ? 'written' : result.code))).toEqual([
      ...Array(5).fill('written'),
      ...Array(3).fill('overloaded'),
    ]);
    expect(client.pendingRequests()).toBe(0);
  });
});

describe('the start', () => {
  it('is refused with a sentence where the folder cannot be written', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const belowFile = clientFor(join(folder, 'file', 'data', 'gateway.db'));
    await expect(belowFile.start()).rejects.toThrow(/^The data directory .* cannot be written: /);
    const inProc = clientFor('/proc/claw/gateway.db');
    await expect(inProc.start()).rejects.toThrow(/^The data directory \/proc\/claw cannot be written: /);
    expect(inProc.health()).toMatchObject({ status: 'down' });
    expect(await inProc.append([record()])).toMatchObject({ ok: false, code: 'unavailable' });
  });

  it('is refused where the file is a folder', async () => {
    const file = newFile();
    mkdirSync(file);
    await expect(clientFor(file).start()).rejects.toBeInstanceOf(StorageError);
  });

  it('is refused while another gateway has the file, and possible after that', async () => {
    const file = newFile();
    const first = clientFor(file);
    await first.start();
    const second = clientFor(file);
    await expect(second.start()).rejects.toThrow(/in use by another process, probably another gateway/);
    await first.close();
    const third = clientFor(file);
    expect(await third.start()).toMatchObject({
      journalMode: 'wal',
      synchronous: 2,
      lockingMode: 'exclusive',
    });
  });

  it('is refused while another process has the file', async () => {
    const file = newFile();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'append-child.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    await expect(clientFor(file).start()).rejects.toThrow(/in use by another process/);
  });
});

describe('sql', () => {
  it('answers as drizzle asks: rows as arrays, one row, or the number of changes', async () => {
    const client = clientFor(newFile());
    await client.start();
    const insert = 'INSERT INTO meta VALUES (?, ?)';
    expect(await client.sql(insert, ['a', '1'], 'run')).toEqual({ rows: [], changes: 1 });
    const one = `SELECT key, value FROM meta WHERE key = ?`;
    expect(await client.sql(one, ['a'], 'all')).toEqual({ rows: [['a', '1']], changes: 0 });
    expect(await client.sql(one, ['a'], 'get')).toEqual({ rows: ['a', '1'], changes: 0 });
    expect(await client.sql(one, ['b'], 'get')).toEqual({ rows: undefined, changes: 0 });
    const returning = await client.sql(`${insert} RETURNING key`, ['b', '2'], 'all');
    expect(returning).toEqual({ rows: [['b']], changes: 1 });
    await expect(client.sql(insert, ['a', '1'], 'run')).rejects.toMatchObject({
      name: 'StorageError',
      code: 'constraint',
    });
  });
});

describe('closing', () => {
  it('answers everything that was sent, refuses the rest, and may be asked for twice', async () => {
    const client = clientFor(newFile());
    await client.start();
    const before = Array.from({ length: 50 }, () => client.append([record()]));
    const closing = client.close();
    const after = client.append([record()]);
    expect((await Promise.all(before)).every(({ ok }) => ok)).toBe(true);
    expect(await after).toMatchObject({
      ok: false,
      code: 'unavailable',
      reason: 'The gateway is shutting down.',
    });
    await closing;
    await client.close();
    expect(client.pendingRequests()).toBe(0);
  });

  it('does not wait for a worker that hangs', async () => {
    const timer = handTimer();
    const client = clientFor(newFile(), { workerUrl: SILENT, after: timer.after });
    await client.start();
    const waiting = client.append([record()]);
    const closing = client.close();
    timer.fire();
    await closing;
    expect(await waiting).toMatchObject({ ok: false, code: 'unavailable' });
  });

  it('before the start, or while it opens, leaves nothing behind', async () => {
    await clientFor(newFile()).close();
    const file = newFile();
    const opening = clientFor(file);
    const started = opening.start();
    await opening.close();
    await started.catch(() => {});
    await clientFor(file).start();
  });
});

describe('a failure', () => {
  it('answers the batch as unavailable, everything until the next worker too, and then goes on', async () => {
    const timer = handTimer();
    const down = Promise.withResolvers<string>();
    const client = clientFor(newFile(), {
      after: timer.after,
      bounds: { databaseBytesMax: 1 },
      onDown: (reason) => down.resolve(reason),
    });
    await client.start();
    expect((await client.append([record()])).ok).toBe(true);
    const failed = await client.append([record({ details: 'x'.repeat(100_000) })]);
    expect(failed).toMatchObject({
      ok: false,
      code: 'unavailable',
      reason: expect.stringContaining('SQLITE_FULL'),
    });
    expect(client.health()).toMatchObject({ status: 'down' });
    expect(await client.append([record()])).toMatchObject({ ok: false, code: 'unavailable' });
    expect(await down.promise).toContain('SQLITE_FULL');
    timer.fire();
    const count = () => client.sql('SELECT count(*) FROM audit_logs', [], 'get').catch(() => null);
    let found = await count();
    while (found === null) {
      // The worker's first message is the event that is awaited; a request is the only way to see it from here.
      await new Promise(setImmediate);
      found = await count();
    }
    expect(found.rows).toEqual([1]);
    expect(client.health()).toEqual({ status: 'up', reason: null });
  });

  it('is assumed when a worker owes answers and stays silent', async () => {
    const timer = handTimer();
    const client = clientFor(newFile(), { workerUrl: SILENT, after: timer.after });
    await client.start();
    const waiting = client.append([record()]);
    timer.fire();
    expect(await waiting).toMatchObject({
      ok: false,
      code: 'unavailable',
      reason: expect.stringContaining('no answer'),
    });
    expect(client.health().status).toBe('down');
  });
});
