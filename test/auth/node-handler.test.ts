/** The door of /auth/* itself: which routes there are, what of a request gets through, and that it always answers. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AUTH_ROUTES, CLIENT_ADDRESS_HEADER, createNodeHandler } from '../../src/auth/node-handler.ts';
import { keptLog } from '../audit/support.ts';
import { startAuth } from './support.ts';

async function serve(
  handle: (request: Request) => Promise<Response>,
  available = () => true,
  address: string | null = '192.0.2.7',
) {
  const log = keptLog();
  const changes: string[] = [];
  const handler = createNodeHandler({
    handle,
    clientAddress: () => address,
    onChange: () => changes.push('changed'),
    available,
    log,
  });
  const server = createServer((req, res) => void handler(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log, changes };
}

describe('the routes', () => {
  it.each([
    '/auth/ok',
    '/auth/error',
    '/auth/list-sessions',
    '/auth/admin/list-user-sessions',
    '/auth/admin/impersonate-user',
    '/auth/admin/update-user',
    '/auth/update-user',
    '/auth/sign-in/social',
    '/auth/reset-password',
    '/auth/sign-in/email/',
    '/auth//sign-in/email',
    '/auth/SIGN-IN/email',
    '/auth/constructor',
  ])('that nobody chose do not exist: %s', async (path) => {
    const { get, post } = await startAuth();
    expect(await get(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await post(path)).status).toBe(404);
  });

  it('take their one method', async () => {
    const { get, post } = await startAuth();
    for (const [path, method] of Object.entries(AUTH_ROUTES)) {
      const answer = await (method === 'GET' ? post : get)(`/auth${path}`);
      expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
      expect(answer.headers.get('allow')).toBe(method);
    }
  });

  it('exist in the account library', async () => {
    const { get, post } = await startAuth();
    for (const [path, method] of Object.entries(AUTH_ROUTES)) {
      expect((await (method === 'GET' ? get : post)(`/auth${path}`)).status).not.toBe(404);
    }
  });
});

describe('a request', () => {
  it('carries the address of its socket, whatever it says, and believes no proxy', async () => {
    const seen: Request[] = [];
    const { url } = await serve(async (incoming) => {
      seen.push(incoming);
      return new Response('ok');
    });
    await fetch(`${url}/auth/get-session`, {
      headers: {
        [CLIENT_ADDRESS_HEADER]: '10.0.0.1',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example',
      },
    });
    expect(seen[0]?.headers.get(CLIENT_ADDRESS_HEADER)).toBe('192.0.2.7');
    expect(seen[0]?.url).toBe(`${url}/auth/get-session`);
    expect(seen[0]?.headers.has('x-forwarded-host')).toBe(false);
  });

  it('carries no address at all where the socket has none', async () => {
    const seen: Request[] = [];
    const handle = async (incoming: Request) => {
      seen.push(incoming);
      return new Response('ok');
    };
    const { url } = await serve(handle, () => true, null);
    await fetch(`${url}/auth/get-session`, { headers: { [CLIENT_ADDRESS_HEADER]: '10.0.0.1' } });
    expect(seen[0]?.headers.has(CLIENT_ADDRESS_HEADER)).toBe(false);
  });

  it('changes what is known before its answer leaves, unless it only reads', async () => {
    const { url, changes } = await serve(async () => new Response('ok'));
    await fetch(`${url}/auth/get-session`);
    expect(changes).toEqual([]);
    await fetch(`${url}/auth/sign-out`, { method: 'POST' });
    expect(changes).toEqual(['changed']);
  });

  it('changes what is known also where the library fails on the way', async () => {
    const { url, changes } = await serve(() => Promise.reject(new Error('broken')));
    expect((await fetch(`${url}/auth/sign-out`, { method: 'POST' })).status).toBe(500);
    expect(changes).toEqual(['changed']);
  });

  it('is answered when the library throws, and its message stays inside', async () => {
    const { url, log } = await serve(() => Promise.reject(new Error('secret-token')));
    const response = await fetch(`${url}/auth/get-session`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret-token');
    expect(log.lines.join()).not.toContain('secret-token');
  });

  it.each([
    ['{"code":"INVALID_EMAIL_OR_PASSWORD","message":"Invalid"}', 401, 'INVALID_EMAIL_OR_PASSWORD', 'Invalid'],
    ['', 401, 'unauthenticated', 'Sign in first.'],
    ['null', 400, 'bad_request', 'The request is malformed.'],
    ['{"code":1}', 500, 'internal', 'Something went wrong inside the gateway.'],
  ])('refused by the library as %s is answered with a problem', async (body, status, code, title) => {
    const headers = { 'set-cookie': 'a=b', 'content-length': String(body.length) };
    const { url } = await serve(async () => new Response(body, { status, headers }));
    const response = await fetch(`${url}/auth/get-session`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('set-cookie')).toBe('a=b');
    expect(await response.json()).toMatchObject({ status, code, title });
  });

  it('with a Host that is none is answered too', async () => {
    const { url } = await serve(async () => new Response('ok'));
    const sent = request(`${url}/auth/get-session`, { headers: { host: 'a b/c' } });
    sent.end();
    const [response] = (await once(sent, 'response')) as [{ statusCode?: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(500);
  });

  it('is told that the database is away, before and after it was tried', async () => {
    const before = await serve(
      async () => new Response('ok'),
      () => false,
    );
    expect((await fetch(`${before.url}/auth/get-session`)).status).toBe(503);
    let up = true;
    const after = await serve(
      async () => {
        up = false;
        return new Response(null, { status: 500 });
      },
      () => up,
    );
    const response = await fetch(`${after.url}/auth/get-session`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'storage_unavailable' });
  });
});
