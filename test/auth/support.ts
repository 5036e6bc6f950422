/** A gateway's auth room over a real database and real HTTP, as small as it gets: /auth/* and one closed door. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SqliteAuditLog } from '../../src/audit/audit-log.ts';
import { createAuth } from '../../src/auth/auth.ts';
import type { Role } from '../../src/domain/roles.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { keptLog } from '../audit/support.ts';
import { clientFor, temporaryFolder } from '../storage/support.ts';

export const PASSWORD = 'correct horse battery';
const ADMIN_EMAIL = 'admin@example.org';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

interface CallOptions {
  readonly token?: string | null | undefined;
  readonly headers?: Record<string, string>;
}

/** A clock whose monotonic hand is moved by the test; its wall is the real one, as the account library's is. */
function handClock() {
  let offsetMs = 0;
  return {
    monotonicMs: () => performance.now() + offsetMs,
    wallMs: () => Date.now(),
    after: systemClock.after,
    pass: (ms: number) => {
      offsetMs += ms;
    },
  };
}

/** Starts everything; all of it ends with the test. */
export async function startAuth(file = join(temporaryFolder(), 'gateway.db')) {
  const storage = clientFor(file);
  await storage.start();
  const log = keptLog();
  const clock = handClock();
  const audit = new SqliteAuditLog({ storage, clock, log });
  const auth = createAuth({
    storage,
    audit,
    clock,
    log,
    secret: 'a secret of the tests, long enough 0123456789',
    clientAddress: () => '192.0.2.7',
  });
  const code = await auth.setup.prepare();
  const server = createServer((req, res) => {
    if (req.url?.startsWith('/auth/')) return void auth.handler(req, res);
    void auth.principals.identify(req.headers).then((principal) => {
      res.writeHead(principal === null ? 401 : principal === 'unavailable' ? 503 : 200);
      res.end(JSON.stringify(principal));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function call(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<Answer> {
    const headers: Record<string, string> = { ...options.headers };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (options.token) headers.authorization = `Bearer ${options.token}`;
    const response = await fetch(url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : {};
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: parsed as Record<string, unknown>,
    };
  }
  const post = (path: string, body: unknown = {}, options: CallOptions = {}) =>
    call('POST', path, body, options);
  const get = (path: string, options: CallOptions = {}) => call('GET', path, undefined, options);
  const signUp = (email: string) =>
    post('/auth/sign-up/email', { email, password: PASSWORD, name: 'Somebody' });
  const signIn = (email: string, password = PASSWORD) => post('/auth/sign-in/email', { email, password });

  /** Claims the gateway; the answer is the admin's token. */
  async function adminToken(): Promise<string> {
    await auth.setup.claim({
      code: code ?? '',
      email: ADMIN_EMAIL,
      password: PASSWORD,
      name: 'Admin',
      actor: STRANGER,
    });
    return tokenOf(await signIn(ADMIN_EMAIL));
  }

  async function makeUser(token: string, role: Role, email = `${role}@example.org`): Promise<string> {
    const made = await post(
      '/auth/admin/create-user',
      { email, password: PASSWORD, name: role, role },
      { token },
    );
    return (made.body.user as { id: string }).id;
  }

  async function auditRows() {
    const { rows } = await storage.sql(
      'SELECT action, status, user_email, error_message, ip_address, details, resource_id FROM audit_logs ORDER BY seq',
      [],
      'all',
    );
    return (rows as (string | null)[][]).map(([action, status, email, error, ip, details, resourceId]) => ({
      action,
      status,
      email,
      error,
      ip,
      details,
      resourceId,
    }));
  }

  return {
    auth,
    audit,
    storage,
    log,
    clock,
    code,
    url,
    file,
    post,
    get,
    signUp,
    signIn,
    adminToken,
    makeUser,
    auditRows,
  };
}

/** Somebody who asks from the LAN and is not signed in. */
export const STRANGER = { userId: null, userEmail: null, ipAddress: '192.0.2.9', userAgent: 'test' };

/** The bearer token of an answer; empty when there is none. */
export function tokenOf(answer: Answer): string {
  return answer.headers.get('set-auth-token') ?? '';
}
