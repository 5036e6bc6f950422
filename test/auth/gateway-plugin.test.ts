/** Our rules inside the account library, where the library's own would have left something open. */
import { describe, expect, it } from 'vitest';
import { PASSWORD, startAuth, tokenOf } from './support.ts';

describe('answers', () => {
  it('show only signed tokens, after a password change too', async () => {
    const { signUp, post, get } = await startAuth();
    const token = tokenOf(await signUp('p@example.org'));
    const body = { currentPassword: PASSWORD, newPassword: 'another horse battery' };
    const changed = await post('/auth/change-password', body, { token });
    expect(changed.body.token).toBe(tokenOf(changed));
    expect((await get('/me', { token: String(changed.body.token) })).status).toBe(200);
  });
});

describe('a role change', () => {
  it('that is refused ends no session', async () => {
    const { adminToken, makeUser, signIn, post, get } = await startAuth();
    const userId = await makeUser(await adminToken(), 'technician');
    const token = tokenOf(await signIn('technician@example.org'));
    expect((await post('/auth/admin/set-role', { userId, role: 'admin' }, { token })).status).toBe(403);
    expect((await get('/me', { token })).status).toBe(200);
  });

  it('of oneself ends the own session as well', async () => {
    const { adminToken, get, post } = await startAuth();
    const token = await adminToken();
    const { userId } = (await get('/me', { token })).body;
    expect((await post('/auth/admin/set-role', { userId, role: 'player' }, { token })).status).toBe(200);
    expect((await get('/me', { token })).status).toBe(401);
  });
});
