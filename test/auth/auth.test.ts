/** The auth room as compose.ts gets it: its parts know of each other, its secrets stay out of rows, logs and answers. */
import { readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PASSWORD, STRANGER, startAuth, tokenOf } from './support.ts';

describe('secrets', () => {
  it('are in no audit row, no log line, and passwords nowhere in the file', async () => {
    const { auth, code, storage, file, log, signUp, signIn, post, get } = await startAuth();
    const WRONG = 'wrong horse battery staple';
    await auth.setup.claim({
      code: 'GUESS-GUESS',
      email: 'a@b.co',
      password: PASSWORD,
      name: 'A',
      actor: STRANGER,
    });
    await auth.setup.claim({
      code: code ?? '',
      email: 'a@b.co',
      password: PASSWORD,
      name: 'A',
      actor: STRANGER,
    });
    const admin = tokenOf(await signIn('a@b.co'));
    const player = tokenOf(await signUp('p@b.co'));
    await signIn('p@b.co', WRONG);
    await post('/auth/change-password', { currentPassword: WRONG, newPassword: WRONG }, { token: player });
    const userId = String((await get('/me', { token: player })).body.userId);
    await post('/auth/admin/set-user-password', { userId, newPassword: WRONG }, { token: admin });
    await post('/auth/sign-out', {}, { token: admin });
    const { rows: tokens } = await storage.sql('SELECT token FROM session', [], 'all');
    const { rows: hashes } = await storage.sql('SELECT password FROM account', [], 'all');
    const { rows } = await storage.sql('SELECT * FROM audit_logs LIMIT 1000', [], 'all');
    const written = JSON.stringify(rows) + log.lines.join('\n');
    const secrets = [PASSWORD, WRONG, code ?? '-', admin, player, admin.split('.')[0] ?? '-', 'argon2'];
    for (const secret of [...secrets, ...(tokens as string[][]).flat(), ...(hashes as string[][]).flat()]) {
      expect(written).not.toContain(secret);
    }
    expect(rows?.length).toBeGreaterThan(5);
    await storage.close();
    const bytes = readFileSync(file);
    for (const secret of [PASSWORD, WRONG, code ?? '-']) expect(bytes.includes(secret)).toBe(false);
  });

  it('are in no log line when queries of the library fail', async () => {
    const first = await startAuth();
    const token = tokenOf(await first.signUp('p@example.org'));
    await first.storage.close();
    const database = new Sqlite(first.file);
    database.exec('ALTER TABLE session RENAME COLUMN token TO renamed');
    database.close();
    const { get, signIn, log } = await startAuth(first.file);
    const printed = vi.spyOn(console, 'error');
    onTestFinished(() => printed.mockRestore());
    expect((await get('/me', { token })).status).toBe(503);
    expect((await get('/auth/get-session', { token })).status).toBe(500);
    expect((await signIn('p@example.org')).status).toBe(500);
    const lines = log.lines.join('\n');
    expect(log.lines.length).toBeGreaterThan(2);
    expect(lines).not.toContain(token.split('.')[0]);
    expect(lines).not.toMatch(/Failed query|params/);
    expect(printed.mock.calls).toEqual([]);
  });

  it('are in no log line when the database is away', async () => {
    const { signUp, get, post, storage, auth, log } = await startAuth();
    const token = tokenOf(await signUp('p@example.org'));
    auth.principals.clear();
    await storage.close();
    expect((await get('/me', { token })).status).toBe(503);
    expect(await post('/auth/sign-in/email', { email: 'p@example.org', password: PASSWORD })).toMatchObject({
      status: 503,
      body: { code: 'storage_unavailable' },
    });
    expect(log.lines.join()).not.toContain(token.split('.')[0]);
    expect(log.lines.join()).not.toContain(PASSWORD);
  });
});

describe('the parts', () => {
  it('forget a principal before the answer that ends the session is out', async () => {
    const { signUp, post, get } = await startAuth();
    for (let n = 0; n < 10; n += 1) {
      const token = tokenOf(await signUp(`p${n}@example.org`));
      expect((await get('/me', { token })).status).toBe(200);
      await post('/auth/sign-out', {}, { token });
      expect((await get('/me', { token })).status).toBe(401);
    }
  });

  it('keep sessions and accounts over a restart', async () => {
    const first = await startAuth();
    const token = tokenOf(await first.signUp('p@example.org'));
    await first.storage.close();
    const second = await startAuth(first.file);
    expect((await second.get('/me', { token })).status).toBe(200);
    expect((await second.signIn('p@example.org')).status).toBe(200);
  });
});
