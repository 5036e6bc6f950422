/** The claim of a new gateway, over the real database: one admin, made by whoever holds the code, once. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PASSWORD, STRANGER, startAuth, tokenOf } from './support.ts';

const claimBy = (code: string | null, changed: Record<string, unknown> = {}) => ({
  code: code ?? '',
  email: 'Boss@Example.org',
  password: PASSWORD,
  name: ' The Boss ',
  actor: STRANGER,
  ...changed,
});

describe('a claim', () => {
  it('with the right code makes an admin who can sign in', async () => {
    const { auth, code, signIn, get, auditRows } = await startAuth();
    const result = await auth.setup.claim(claimBy(code));
    const principal = {
      userId: expect.any(String),
      email: 'boss@example.org',
      name: 'The Boss',
      role: 'admin',
    };
    expect(result).toEqual({ kind: 'claimed', principal });
    const token = tokenOf(await signIn('boss@example.org'));
    expect((await get('/me', { token })).body).toEqual(principal);
    expect((await auditRows())[0]).toMatchObject({
      action: 'SETUP_CLAIMED',
      status: 'success',
      email: 'boss@example.org',
      ip: '192.0.2.9',
    });
  });

  it('with a wrong code makes nobody', async () => {
    const { auth, storage, auditRows } = await startAuth();
    expect(await auth.setup.claim(claimBy('WRONG-WRONG-WRONG-WRONG'))).toEqual({
      kind: 'refused',
      code: 'setup_code_wrong',
    });
    expect((await storage.sql('SELECT count(*) FROM user', [], 'get')).rows).toEqual([0]);
    expect(await auditRows()).toMatchObject([
      { action: 'SETUP_FAILED', status: 'failure', error: 'setup_code_wrong', email: null },
    ]);
  });

  it('is refused for a minute after ten wrong codes, with the right one too, but not from elsewhere', async () => {
    const { auth, code, clock, auditRows } = await startAuth();
    const wrong = await Promise.all(Array.from({ length: 30 }, () => auth.setup.claim(claimBy('WRONG'))));
    expect(new Set(wrong.map((result) => result.kind === 'refused' && result.code))).toEqual(
      new Set(['setup_code_wrong', 'too_many_tries']),
    );
    expect(await auditRows()).toHaveLength(10);
    expect(await auth.setup.claim(claimBy(code))).toMatchObject({ code: 'too_many_tries' });
    clock.pass(60_000);
    expect(await auth.setup.claim(claimBy(code))).toMatchObject({ kind: 'claimed' });
  });

  it('succeeds from another address while one is locked', async () => {
    const { auth, code } = await startAuth();
    for (let n = 0; n < 10; n += 1) await auth.setup.claim(claimBy('WRONG'));
    const actor = { ...STRANGER, ipAddress: '192.0.2.10' };
    expect(await auth.setup.claim(claimBy(code, { actor }))).toMatchObject({ kind: 'claimed' });
  });

  it('made twenty times at once makes one admin', async () => {
    const { auth, code, storage } = await startAuth();
    const claims = Array.from({ length: 20 }, (_, n) => claimBy(code, { email: `boss${n}@example.org` }));
    const results = await Promise.all(claims.map((claim) => auth.setup.claim(claim)));
    expect(results.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    expect(
      results.filter((result) => result.kind === 'refused' && result.code === 'already_claimed'),
    ).toHaveLength(19);
    expect((await storage.sql('SELECT count(*) FROM user', [], 'get')).rows).toEqual([1]);
    expect((await storage.sql('SELECT count(*) FROM account', [], 'get')).rows).toEqual([1]);
  });

  it('is refused once there is an admin, and a start shows no code then', async () => {
    const { auth, code, storage, file } = await startAuth();
    await auth.setup.claim(claimBy(code));
    const second = claimBy(code, { email: 'second@example.org' });
    expect(await auth.setup.claim(second)).toEqual({ kind: 'refused', code: 'already_claimed' });
    await storage.close();
    const next = await startAuth(file);
    expect(next.code).toBeNull();
    expect(await next.auth.setup.claim(second)).toEqual({ kind: 'refused', code: 'already_claimed' });
  });

  it('that was not made shows another code at the next start; the old one is worth nothing', async () => {
    const { code, storage, file } = await startAuth();
    await storage.close();
    const next = await startAuth(file);
    expect(next.code).not.toBe(code);
    expect(await next.auth.setup.claim(claimBy(code))).toMatchObject({ code: 'setup_code_wrong' });
    expect(await next.auth.setup.claim(claimBy(next.code))).toMatchObject({ kind: 'claimed' });
  });

  it('does not take over an account that somebody made before', async () => {
    const { auth, code, signUp, storage } = await startAuth();
    await signUp('boss@example.org');
    expect(await auth.setup.claim(claimBy(code))).toEqual({ kind: 'refused', code: 'account_exists' });
    expect((await storage.sql('SELECT role FROM user', [], 'all')).rows).toEqual([['player']]);
    const other = claimBy(code, { email: 'real-boss@example.org' });
    expect(await auth.setup.claim(other)).toMatchObject({ kind: 'claimed' });
  });

  it.each([
    [{ email: 'nobody' }, /e-mail/],
    [{ email: `${'x'.repeat(250)}@example.org` }, /e-mail/],
    [{ password: 'eleven char' }, /12 to 128/],
    [{ password: 'x'.repeat(129) }, /12 to 128/],
    [{ name: '  ' }, /name/],
  ])('with %o is invalid and leaves the code as it was', async (bad, message) => {
    const { auth, code } = await startAuth();
    expect(await auth.setup.claim(claimBy(code, bad))).toEqual({
      kind: 'invalid',
      message: expect.stringMatching(message),
    });
    expect(await auth.setup.claim(claimBy(code))).toMatchObject({ kind: 'claimed' });
  });

  it('says so when the database is gone', async () => {
    const { auth, code, storage } = await startAuth();
    await storage.close();
    expect(await auth.setup.claim(claimBy(code))).toEqual({ kind: 'refused', code: 'storage_unavailable' });
  });
});

it.each([
  'a@b.co',
  "o'neil+tag@mail.example.org",
  'a..b@c.de',
  '.a@b.co',
  'a@localhost',
  'a b@c.de',
  'é@c.de',
  'a@-b.co',
  'a@b.c',
])('%s is an address for a claim only if the account library signs it in', async (email) => {
  const { auth, code } = await startAuth();
  const { kind } = await auth.setup.claim(claimBy(code, { email }));
  if (kind === 'claimed') expect(z.email().safeParse(email).success).toBe(true);
  else expect(z.email().safeParse(email).success).toBe(false);
});
