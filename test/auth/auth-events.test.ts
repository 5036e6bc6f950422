/** What of accounts is in the audit log, over HTTP: each event with its person, its address, its target, no secret. */
import { describe, expect, it } from 'vitest';
import { AUTH_EVENTS, AuthEvents } from '../../src/auth/auth-events.ts';
import { AUTH_ROUTES } from '../../src/auth/node-handler.ts';
import { keptLog } from '../audit/support.ts';
import { PASSWORD, startAuth, tokenOf } from './support.ts';

describe('the table', () => {
  it('has an event for every route that changes something, and for no other', () => {
    const changing = Object.keys(AUTH_ROUTES).filter((path) => AUTH_ROUTES[path] === 'POST');
    expect(Object.keys(AUTH_EVENTS).sort()).toEqual(changing.filter((path) => path !== '/sign-out').sort());
  });
});

describe('the log', () => {
  it('tells a life of an account in order', async () => {
    const { signUp, signIn, post, auditRows } = await startAuth();
    await signUp('p@example.org');
    await signIn('p@example.org', 'wrong horse battery');
    const token = tokenOf(await signIn('p@example.org'));
    const wrong = { currentPassword: 'wrong horse battery', newPassword: 'another horse battery' };
    await post('/auth/change-password', wrong, { token });
    const changed = await post('/auth/change-password', { ...wrong, currentPassword: PASSWORD }, { token });
    await post('/auth/sign-out', {}, { token: tokenOf(changed) });
    const rows = await auditRows();
    expect(rows.map(({ action, status, error }) => [action, status, error])).toEqual([
      ['REGISTER', 'success', null],
      ['LOGIN_FAILED', 'failure', 'INVALID_EMAIL_OR_PASSWORD'],
      ['LOGIN', 'success', null],
      ['PASSWORD_CHANGE', 'failure', 'INVALID_PASSWORD'],
      ['PASSWORD_CHANGE', 'success', null],
      ['LOGOUT', 'success', null],
    ]);
    for (const row of rows) expect(row).toMatchObject({ email: 'p@example.org', ip: '192.0.2.7' });
  });

  it('tells what an admin did, and to whom', async () => {
    const { adminToken, makeUser, post, auditRows } = await startAuth();
    const token = await adminToken();
    const userId = await makeUser(token, 'player');
    await post('/auth/admin/set-role', { userId, role: 'operator' }, { token });
    await post('/auth/admin/ban-user', { userId }, { token });
    await post('/auth/admin/unban-user', { userId }, { token });
    await post('/auth/admin/set-user-password', { userId, newPassword: PASSWORD }, { token });
    await post('/auth/admin/revoke-user-sessions', { userId }, { token });
    await post('/auth/admin/remove-user', { userId }, { token });
    const rows = (await auditRows()).slice(2);
    expect(rows.map(({ action, details }) => [action, details])).toEqual([
      ['USER_CREATE', '{"role":"player"}'],
      ['ROLE_CHANGE', '{"role":"operator"}'],
      ['USER_BAN', null],
      ['USER_UNBAN', null],
      ['PASSWORD_SET', null],
      ['SESSIONS_REVOKE', null],
      ['USER_REMOVE', null],
    ]);
    for (const row of rows) expect(row).toMatchObject({ email: 'admin@example.org', resourceId: userId });
  });

  it('tells who tried what they may not, but no bad input and no stranger without a name', async () => {
    const { signUp, post, auditRows } = await startAuth();
    const token = tokenOf(await signUp('p@example.org'));
    await post('/auth/admin/set-role', { userId: 'x', role: 'admin' }, { token });
    await post('/auth/admin/set-role', { userId: 'x', role: 'admin' });
    await post('/auth/sign-in/email', { email: 'nobody', password: 'x' });
    await post('/auth/sign-up/email', { email: 'nobody' });
    const rows = (await auditRows()).slice(1);
    expect(rows).toMatchObject([{ action: 'ROLE_CHANGE', status: 'failure', email: 'p@example.org' }]);
  });

  it('tells of a banned person who tries to sign in', async () => {
    const { adminToken, makeUser, signIn, post, auditRows } = await startAuth();
    const token = await adminToken();
    await post('/auth/admin/ban-user', { userId: await makeUser(token, 'player') }, { token });
    await signIn('player@example.org');
    expect((await auditRows()).at(-1)).toMatchObject({
      action: 'LOGIN_FAILED',
      email: 'player@example.org',
      error: 'BANNED_USER',
    });
  });
});

describe('a log that cannot be written', () => {
  it('keeps nobody from what they do, and is told of in the log of the process', async () => {
    const log = keptLog();
    const events = new AuthEvents({
      audit: { append: async () => ({ kind: 'unavailable', reason: 'the disk is full' }) },
      clock: { monotonicMs: () => 0 },
      log,
    });
    await events.write({
      action: 'LOGIN',
      userId: 'u',
      userEmail: 'p@example.org',
      ipAddress: null,
      userAgent: null,
      targetUserId: 'u',
      details: null,
      refusedCode: null,
      durationMs: null,
    });
    expect(log.lines).toEqual([expect.stringContaining('the disk is full')]);
  });

  it('measures requests from their start, and nothing that came from inside', () => {
    const time = { nowMs: 5 };
    const events = new AuthEvents({
      audit: { append: async () => ({ kind: 'durable', seq: 1 }) },
      clock: { monotonicMs: () => time.nowMs },
      log: keptLog(),
    });
    const request = {};
    events.started(request);
    time.nowMs = 17;
    expect(events.durationMs(request)).toBe(12);
    expect(events.durationMs({})).toBeNull();
    expect(events.durationMs(undefined)).toBeNull();
  });
});
