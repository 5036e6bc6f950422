/** What stands around the account library: its requests as they came, and bounded. */
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { problemOf, rawLine, received, start } from './support.ts';

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

  it('answers an error of the library by a problem', async () => {
    const world = await start({ authHandler: () => Promise.reject(new Error('broken')) });
    expect(await problemOf(await world.post('/auth/sign-out'))).toMatchObject({ code: 'internal' });
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
  });
});
