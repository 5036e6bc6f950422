/** What stands around the account library: its requests as they came, bounded, and nobody remembered too long. */
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { MemoryPrincipals, problemOf, rawLine, received, start } from './support.ts';

describe('/auth', () => {
  it('gets address and body untouched', async () => {
    const seen: string[] = [];
    const world = await start({
      authHandler: async (req, res) => {
        seen.push(`${req.method} ${req.url} ${(await buffer(req)).toString()}`);
        res.status(204).end();
      },
    });
    await world.post('/auth/sign-in/email?x=1', { email: 'a' }, {}, null);
    await world.ask('/auth/get-session', {}, null);
    expect(seen).toEqual(['POST /auth/sign-in/email?x=1 {"email":"a"}', 'GET /auth/get-session ']);
  });

  it('forgets who was signed in before and after everything but reading', async () => {
    const principals = new MemoryPrincipals();
    const clears: number[] = [];
    const world = await start({
      principals,
      authHandler: async (_req, res) => {
        clears.push(principals.clears);
        res.end();
      },
    });
    await world.post('/auth/sign-out');
    await world.ask('/auth/get-session');
    await world.post('/auth/sign-out');
    expect(clears).toEqual([1, 2, 3]);
    expect(principals.clears).toBe(4);
  });

  it('forgets also when the library fails', async () => {
    const principals = new MemoryPrincipals();
    const world = await start({ principals, authHandler: () => Promise.reject(new Error('broken')) });
    expect(await problemOf(await world.post('/auth/sign-out'))).toMatchObject({ code: 'internal' });
    expect(principals.clears).toBe(2);
  });

  it('bounds the body', async () => {
    const world = await start();
    const large = await world.post('/auth/sign-up/email', { name: 'x'.repeat(1024 * 1024) }, {}, null);
    expect(await problemOf(large)).toMatchObject({ code: 'body_too_large' });
    const line = await rawLine(
      world,
      'POST /auth/sign-up/email HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    expect(await received(line, 'length_required')).toMatch(/^HTTP\/1\.1 411 /);
    expect(world.principals.clears).toBe(0);
  });
});
