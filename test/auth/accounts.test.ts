/** Accounts over HTTP and a real database: who gets in, by what, for how long, and with which role. */
import { describe, expect, it } from 'vitest';
import { PASSWORD, startAuth, tokenOf } from './support.ts';

describe('sign-up', () => {
  it('makes a player and signs in', async () => {
    const { signUp, get } = await startAuth();
    const made = await signUp('P1@Example.org');
    expect(made.status).toBe(200);
    expect(await get('/me', { token: tokenOf(made) })).toMatchObject({
      status: 200,
      body: { email: 'p1@example.org', role: 'player', name: 'Somebody' },
    });
  });

  it.each([
    ['role', 'admin'],
    ['banned', false],
    ['emailVerified', true],
    ['id', 'chosen'],
  ])('does not let anybody set %s', async (field, value) => {
    const { post, storage } = await startAuth();
    const body = { email: 'p@example.org', password: PASSWORD, name: 'P', [field]: value };
    await post('/auth/sign-up/email', body);
    const { rows } = await storage.sql('SELECT role, email_verified, id FROM user', [], 'all');
    for (const [role, verified, id] of rows as unknown[][]) {
      expect([role, verified]).toEqual(['player', 0]);
      expect(id).not.toBe('chosen');
    }
  });

  it.each([
    [{ password: 'short' }, 'PASSWORD_TOO_SHORT'],
    [{ password: 'x'.repeat(129) }, 'PASSWORD_TOO_LONG'],
    [{ email: 'nobody' }, 'VALIDATION_ERROR'],
    [{ name: 'x'.repeat(101) }, 'NAME_TOO_LONG'],
  ])('refuses %o', async (bad, code) => {
    const { post } = await startAuth();
    const answer = await post('/auth/sign-up/email', {
      email: 'p@example.org',
      password: PASSWORD,
      name: 'P',
      ...bad,
    });
    expect(answer).toMatchObject({ status: 400, body: { code } });
  });

  it('takes an address once', async () => {
    const { signUp } = await startAuth();
    await signUp('p@example.org');
    expect((await signUp('P@example.org')).status).toBe(422);
  });
});

describe('sign-in', () => {
  it('gives a cookie that scripts cannot read and other sites cannot use', async () => {
    const { signUp, signIn, get } = await startAuth();
    await signUp('p@example.org');
    const cookie = (await signIn('p@example.org')).headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^claw\.session_token=[^;]+;.*Path=\/;.*HttpOnly;.*SameSite=Lax/i);
    expect(cookie).not.toMatch(/Secure/i);
    const headers = { cookie: cookie.split(';', 1)[0] ?? '' };
    expect((await get('/me', { headers })).status).toBe(200);
  });

  it('shows the same signed token in header and body, and takes no bare one', async () => {
    const { signUp, signIn, get, storage } = await startAuth();
    await signUp('p@example.org');
    const answer = await signIn('p@example.org');
    expect(answer.body.token).toBe(tokenOf(answer));
    expect((await get('/me', { token: tokenOf(answer) })).status).toBe(200);
    const { rows } = await storage.sql('SELECT token FROM session', [], 'all');
    for (const [bare] of rows as string[][]) {
      expect(answer.text).not.toContain(`"${bare}"`);
      expect((await get('/me', { token: bare })).status).toBe(401);
      expect((await get('/me', { headers: { cookie: `claw.session_token=${bare}` } })).status).toBe(401);
    }
  });

  it('tells a wrong password from an unknown address to nobody', async () => {
    const { signUp, signIn } = await startAuth();
    await signUp('p@example.org');
    const wrong = await signIn('p@example.org', 'wrong horse battery');
    const unknown = await signIn('q@example.org', 'wrong horse battery');
    expect(wrong.status).toBe(401);
    expect(unknown).toMatchObject({ status: wrong.status, text: wrong.text });
  });

  it('keeps a bounded number of sessions for each person, the newest', async () => {
    const { signUp, signIn, get, storage } = await startAuth();
    const first = tokenOf(await signUp('p@example.org'));
    let last = '';
    for (let n = 0; n < 20; n += 1) last = tokenOf(await signIn('p@example.org'));
    const { rows } = await storage.sql('SELECT count(*) FROM session', [], 'get');
    expect(rows).toEqual([20]);
    expect((await get('/me', { token: first })).status).toBe(401);
    expect((await get('/me', { token: last })).status).toBe(200);
  });
});

describe('a session', () => {
  it('ends with sign-out, by bearer and by cookie jar', async () => {
    const { signUp, signIn, post, get } = await startAuth();
    const token = tokenOf(await signUp('p@example.org'));
    expect((await post('/auth/sign-out', {}, { token })).status).toBe(200);
    expect((await get('/me', { token })).status).toBe(401);
    const cookie = (await signIn('p@example.org')).headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    expect((await get('/me', { headers: { cookie } })).status).toBe(200);
    expect((await post('/auth/sign-out', {}, { headers: { cookie } })).status).toBe(200);
    expect((await get('/me', { headers: { cookie } })).status).toBe(401);
  });

  it('that has expired is nobody’s', async () => {
    const { signUp, get, storage, auth } = await startAuth();
    const token = tokenOf(await signUp('p@example.org'));
    expect((await get('/me', { token })).status).toBe(200);
    await storage.sql('UPDATE session SET expires_at = ?', [Date.now() - 1000], 'run');
    auth.principals.clear();
    expect((await get('/me', { token })).status).toBe(401);
  });

  it.each([
    ['nonsense', 'nonsense'],
    [
      'a token signed by another gateway',
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.c2lnbmVkIGJ5IHNvbWVib2R5IGVsc2U=',
    ],
    ['an empty one', ' '],
    ['a very long one', 'x'.repeat(8000)],
  ])('is not opened by %s', async (_, token) => {
    const { get, signUp } = await startAuth();
    await signUp('p@example.org');
    expect((await get('/me', { token })).status).toBe(401);
  });

  it('is not opened by a real token with another signature', async () => {
    const { get, signUp } = await startAuth();
    const [id] = tokenOf(await signUp('p@example.org')).split('.');
    const other = tokenOf(await signUp('q@example.org')).split('.')[1];
    expect((await get('/me', { token: `${id}.${other}` })).status).toBe(401);
  });

  it('of others ends when the password changes, asked for or not', async () => {
    const { signUp, signIn, post, get } = await startAuth();
    const old = tokenOf(await signUp('p@example.org'));
    const token = tokenOf(await signIn('p@example.org'));
    const newPassword = 'another horse battery';
    const body = { currentPassword: PASSWORD, newPassword, revokeOtherSessions: false };
    const changed = await post('/auth/change-password', body, { token });
    expect(changed.status).toBe(200);
    expect((await get('/me', { token: old })).status).toBe(401);
    expect((await get('/me', { token: tokenOf(changed) })).status).toBe(200);
    expect((await signIn('p@example.org')).status).toBe(401);
    expect((await signIn('p@example.org', newPassword)).status).toBe(200);
  });
});

describe('an admin', () => {
  it('makes users of every role, changes them, and the old sessions end', async () => {
    const { adminToken, makeUser, signIn, post, get } = await startAuth();
    const token = await adminToken();
    const userId = await makeUser(token, 'operator');
    const before = tokenOf(await signIn('operator@example.org'));
    expect((await get('/me', { token: before })).body.role).toBe('operator');
    expect((await post('/auth/admin/set-role', { userId, role: 'technician' }, { token })).status).toBe(200);
    expect((await get('/me', { token: before })).status).toBe(401);
    const after = tokenOf(await signIn('operator@example.org'));
    expect((await get('/me', { token: after })).body.role).toBe('technician');
  });

  it.each([
    ['superuser'],
    [['player', 'admin']],
    ['player,admin'],
    [''],
  ])('gives nobody the role %j', async (role) => {
    const { adminToken, makeUser, post, storage } = await startAuth();
    const token = await adminToken();
    const userId = await makeUser(token, 'player');
    expect((await post('/auth/admin/set-role', { userId, role }, { token })).status).toBe(400);
    const { rows } = await storage.sql('SELECT role FROM user WHERE id = ?', [userId], 'get');
    expect(rows).toEqual(['player']);
  });

  it('bans at once and for sign-in too, and lets in again', async () => {
    const { adminToken, makeUser, signIn, post, get } = await startAuth();
    const token = await adminToken();
    const userId = await makeUser(token, 'player');
    const theirs = tokenOf(await signIn('player@example.org'));
    expect((await get('/me', { token: theirs })).status).toBe(200);
    await post('/auth/admin/ban-user', { userId, banReason: 'shaking the machine' }, { token });
    expect((await get('/me', { token: theirs })).status).toBe(401);
    expect((await signIn('player@example.org')).status).toBe(403);
    await post('/auth/admin/unban-user', { userId }, { token });
    expect((await signIn('player@example.org')).status).toBe(200);
  });

  it('ends sessions and sets passwords, which ends them too', async () => {
    const { adminToken, makeUser, signIn, post, get } = await startAuth();
    const token = await adminToken();
    const userId = await makeUser(token, 'player');
    const first = tokenOf(await signIn('player@example.org'));
    await post('/auth/admin/revoke-user-sessions', { userId }, { token });
    expect((await get('/me', { token: first })).status).toBe(401);
    const second = tokenOf(await signIn('player@example.org'));
    const newPassword = 'a password from the admin';
    await post('/auth/admin/set-user-password', { userId, newPassword }, { token });
    expect((await get('/me', { token: second })).status).toBe(401);
    expect((await signIn('player@example.org', newPassword)).status).toBe(200);
  });

  it('cannot make an account with a short password either', async () => {
    const { adminToken, post } = await startAuth();
    const token = await adminToken();
    const body = { email: 'x@example.org', password: 'short', name: 'X', role: 'player' };
    expect(await post('/auth/admin/create-user', body, { token })).toMatchObject({
      status: 400,
      body: { code: 'PASSWORD_TOO_SHORT' },
    });
  });
});

describe.each(['player', 'operator', 'technician'] as const)('a %s', (role) => {
  it('may do nothing to accounts', async () => {
    const { adminToken, makeUser, signIn, post, get } = await startAuth();
    const userId = await makeUser(await adminToken(), role);
    const token = tokenOf(await signIn(`${role}@example.org`));
    const newUser = { email: 'x@example.org', password: PASSWORD, name: 'X' };
    const refused = await Promise.all([
      post('/auth/admin/set-role', { userId, role: 'admin' }, { token }),
      post('/auth/admin/create-user', newUser, { token }),
      post('/auth/admin/ban-user', { userId }, { token }),
      post('/auth/admin/unban-user', { userId }, { token }),
      post('/auth/admin/set-user-password', { userId, newPassword: PASSWORD }, { token }),
      post('/auth/admin/revoke-user-sessions', { userId }, { token }),
      post('/auth/admin/remove-user', { userId }, { token }),
      get('/auth/admin/list-users', { token }),
      get(`/auth/admin/get-user?id=${userId}`, { token }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
  });
});

it('nobody may do anything to accounts without signing in', async () => {
  const { post, get } = await startAuth();
  const answers = await Promise.all([
    post('/auth/admin/create-user', { email: 'x@example.org', password: PASSWORD, name: 'X', role: 'admin' }),
    post('/auth/admin/set-role', { userId: 'x', role: 'admin' }),
    get('/auth/admin/list-users'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
});

describe('another site', () => {
  it('cannot use the cookie of a visitor', async () => {
    const { signUp, signIn, post, get, url } = await startAuth();
    await signUp('p@example.org');
    const cookie = (await signIn('p@example.org')).headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    for (const origin of ['http://evil.example', 'null', `${url}0`]) {
      const headers = { cookie, origin };
      expect((await post('/auth/sign-out', {}, { headers })).status).toBe(403);
    }
    const forwarded = {
      cookie,
      origin: 'https://evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    };
    expect((await post('/auth/sign-out', {}, { headers: forwarded })).status).toBe(403);
    expect((await get('/me', { headers: { cookie } })).status).toBe(200);
    expect((await post('/auth/sign-out', {}, { headers: { cookie, origin: url } })).status).toBe(200);
  });
});
