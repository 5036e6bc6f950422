/**
 * The demo's accounts: one of each role, with random passwords, made over the gateway's own HTTP. They are kept in the
 * data folder for its owner alone, so that a demo on the same folder finds them again.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROLES, type Role } from '../../src/domain/roles.ts';
import { call } from './demo-client.ts';

export interface DemoAccount {
  readonly role: Role;
  readonly email: string;
  readonly password: string;
}

const fileOf = (dataDir: string): string => join(dataDir, 'demo-accounts.json');

/** Whether an earlier demo made accounts in this folder. */
export function accountsExist(dataDir: string): boolean {
  return existsSync(fileOf(dataDir));
}

/** Signs in and answers the bearer token. */
export async function signIn(url: string, account: DemoAccount): Promise<string> {
  const { email, password } = account;
  const { status, headers, body } = await call(url, 'POST', '/auth/sign-in/email', {
    body: { email, password },
  });
  const token = headers.get('set-auth-token');
  if (token === null) throw new Error(`${email} cannot sign in: ${status} ${JSON.stringify(body)}`);
  return token;
}

/** Claims the gateway with the code and makes the other three; or reads what an earlier demo made. */
export async function makeAccounts(
  url: string,
  dataDir: string,
  setupCode: string | null,
): Promise<readonly DemoAccount[]> {
  if (accountsExist(dataDir)) return JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as DemoAccount[];
  if (setupCode === null)
    throw new Error(`the gateway in ${dataDir} has an admin already, and not the demo's`);
  const accounts = ROLES.map((role): DemoAccount => {
    return { role, email: `${role}@claw.example`, password: randomBytes(12).toString('base64url') };
  });
  const admin = accounts.find(({ role }) => role === 'admin')!;
  const { email, password } = admin;
  await mustBe(
    201,
    call(url, 'POST', '/setup', { body: { code: setupCode, email, password, name: 'Admin' } }),
  );
  const token = await signIn(url, admin);
  for (const account of accounts) {
    if (account === admin) continue;
    const body = { ...account, name: account.role };
    await mustBe(200, call(url, 'POST', '/auth/admin/create-user', { body, token }));
  }
  writeFileSync(fileOf(dataDir), JSON.stringify(accounts), { mode: 0o600 });
  return accounts;
}

async function mustBe(wanted: number, answer: ReturnType<typeof call>): Promise<void> {
  const { status, body } = await answer;
  if (status !== wanted) throw new Error(`an account could not be made: ${status} ${JSON.stringify(body)}`);
}
