/** Claiming the gateway over HTTP: what is handed on, what is refused, and that no secret comes back. */
import { describe, expect, it } from 'vitest';
import { problemOf, start } from './support.ts';

const CLAIM = { code: 'the-code', email: 'a@example.test', password: 'correct horse' };

describe('POST /setup', () => {
  it('hands the claim on and answers with the new admin', async () => {
    const world = await start();
    const principal = { userId: 'u', email: CLAIM.email, name: 'Ada', role: 'admin' } as const;
    world.setup.result = { kind: 'claimed', principal };
    const response = await world.post('/setup', { ...CLAIM, name: 'Ada' }, {}, null);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual(principal);
    expect(world.setup.claims).toMatchObject([
      { ...CLAIM, name: 'Ada', actor: { userId: null, ipAddress: '127.0.0.1' } },
    ]);
  });

  it('has a name for whoever gives none', async () => {
    const world = await start();
    await world.post('/setup', CLAIM, {}, null);
    expect(world.setup.claims[0]?.name).toBe('Admin');
  });

  it.each([
    ['setup_code_wrong', 403],
    ['already_claimed', 409],
    ['account_exists', 409],
  ] as const)('tells %s', async (code, status) => {
    const world = await start();
    world.setup.result = { kind: 'refused', code };
    expect(await problemOf(await world.post('/setup', CLAIM, {}, null))).toMatchObject({ code, status });
  });

  it('tells what is wrong with a password', async () => {
    const world = await start();
    world.setup.result = { kind: 'invalid', message: 'The password is too short.' };
    expect(await problemOf(await world.post('/setup', CLAIM, {}, null))).toMatchObject({
      code: 'invalid_input',
      detail: 'The password is too short.',
    });
  });

  it('wants each field, takes no other, and shows no secret back', async () => {
    const world = await start();
    const password = 'x'.repeat(300);
    const response = await world.post('/setup', { code: 7, password, role: 'admin' }, {}, null);
    const text = await response.clone().text();
    const { errors } = await problemOf(response);
    expect(new Set(errors?.map(({ path }) => path))).toEqual(new Set(['code', 'email', 'password', 'role']));
    expect(text).not.toContain('xxx');
    expect(world.setup.claims).toEqual([]);
  });

  it('refuses broken and large bodies', async () => {
    const world = await start();
    const headers = { 'content-type': 'application/json' };
    const broken = await world.ask('/setup', { method: 'POST', body: '{', headers }, null);
    expect(await problemOf(broken)).toMatchObject({ code: 'bad_json' });
    const large = await world.post('/setup', { ...CLAIM, name: 'x'.repeat(1024 * 1024) }, {}, null);
    expect(await problemOf(large)).toMatchObject({ code: 'body_too_large' });
  });
});
