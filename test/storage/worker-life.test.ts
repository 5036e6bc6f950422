/** One life of the worker: whatever ends it, everybody who waits is answered with the reason. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WorkerLife } from '../../src/storage/worker-life.ts';
import { record, settingsFor, temporaryFolder } from './support.ts';

const SILENT = new URL('./silent-worker.ts', import.meta.url);
const REAL = new URL('../../src/storage/worker.ts', import.meta.url);

function startLife(workerUrl: URL, file = join(temporaryFolder(), 'gateway.db')) {
  const ends: string[] = [];
  const life = new WorkerLife({
    workerUrl,
    settings: settingsFor(file),
    onEnd: (reason) => ends.push(reason),
  });
  onTestFinished(() => life.abandon('The test is over.'));
  return { life, ends };
}

describe('a life', () => {
  it('answers, closes, and refuses what comes later', async () => {
    const { life, ends } = startLife(REAL);
    await life.opened;
    const waiting = life.request({ kind: 'append', rows: [record()] });
    await life.close();
    expect(await waiting).toMatchObject({ ok: true, value: [1] });
    expect(life.pendingCount).toBe(0);
    expect(await life.request({ kind: 'stats' })).toMatchObject({ ok: false, code: 'unavailable' });
    expect(ends).toEqual(['The database is closed.']);
  });

  it('that is abandoned answers all that waits, with the reason', async () => {
    const { life, ends } = startLife(SILENT);
    await life.opened;
    const waiting = [life.request({ kind: 'stats' }), life.request({ kind: 'stats' })];
    expect(life.pendingCount).toBe(2);
    const abandoned = life.abandon('It is too quiet.');
    for (const reply of await Promise.all(waiting)) {
      expect(reply).toMatchObject({ ok: false, code: 'unavailable', reason: 'It is too quiet.' });
    }
    await abandoned;
    await life.ended;
    expect(ends).toEqual(['It is too quiet.']);
  });

  it('that never begins says so', async () => {
    const missing = pathToFileURL(join(temporaryFolder(), 'no-worker.ts'));
    const { life, ends } = startLife(missing);
    await expect(life.opened).rejects.toThrow(/The storage worker failed: .*no-worker/);
    await life.ended;
    expect(ends).toHaveLength(1);
  });

  it('answers a request that cannot cross the thread as invalid, and goes on', async () => {
    const { life } = startLife(REAL);
    await life.opened;
    const uncloneable = { ...record(), details: (() => {}) as unknown as string };
    expect(await life.request({ kind: 'append', rows: [uncloneable] })).toMatchObject({
      ok: false,
      code: 'invalid',
    });
    expect(await life.request({ kind: 'append', rows: [record()] })).toMatchObject({ ok: true });
  });
});
