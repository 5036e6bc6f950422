/** The demo as a newcomer runs it: the turn holds, on a pty and without socat; --json gives scripts what they need. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Child, start } from '../../scripts/support/processes.ts';
import { Client } from '../support/client.ts';

const DEMO = join(import.meta.dirname, '../../scripts/demo.ts');
const TIMEOUT_MS = 60_000;

let folder: string;
let demo: Child | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claw-demo-test-'));
  demo = null;
});
afterEach(async () => {
  await demo?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[], env: Record<string, string> = {}): Child {
  demo = start(process.execPath, [DEMO, ...args], { HTTP_PORT: '0', DATA_DIR: folder, ...env });
  return demo;
}

/** Everything it printed until it ended, with its exit code. */
async function ended(child: Child): Promise<{ code: number | null; text: string }> {
  const text = await child.ended.catch((error: Error) => error.message);
  return { code: child.process.exitCode, text };
}

it(
  'plays a turn on a pty and ends with 0',
  async () => {
    const { code, text } = await ended(run(['--check']));
    expect(text).toContain('All of it held.');
    expect(code).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  'plays it in process where socat is missing',
  async () => {
    // Nothing can be found on this path but what is given by its full name.
    const { code, text } = await ended(run(['--check'], { PATH: folder }));
    expect(text).toContain('All of it held.');
    expect(code).toBe(0);
    expect(existsSync(join(folder, 'claw-1.tty'))).toBe(false);
  },
  TIMEOUT_MS,
);

it(
  'prints one line of JSON that works, starts a killed gateway again, and ends with Ctrl-C',
  async () => {
    const child = run(['--json']);
    const [line = ''] = await child.line(/^(\{"url".*\})$/);
    const { url, accounts, claws, dataDir, tty, gatewayPid } = JSON.parse(line);
    expect(claws).toEqual(['claw-1']);
    expect(dataDir).toBe(folder);
    expect(existsSync(tty)).toBe(true);
    expect(accounts.map(({ role }: { role: string }) => role)).toEqual([
      'player',
      'operator',
      'technician',
      'admin',
    ]);
    for (const { role, email, password } of accounts) {
      const me = await (await Client.signIn(url, email, password)).get('/me');
      expect(me.body).toMatchObject({ role, email });
    }
    process.kill(gatewayPid, 'SIGKILL');
    await child.line(/starting it again/);
    child.process.kill('SIGINT');
    const [code] = await once(child.process, 'exit');
    expect(code).toBe(0);
    expect(existsSync(tty)).toBe(false);
  },
  TIMEOUT_MS,
);

it('says how to go on when its port is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, text } = await ended(run(['--check'], { HTTP_PORT: String(port) }));
  server.close();
  expect(code).toBe(1);
  expect(text).toContain(`127.0.0.1:${port} is in use; HTTP_PORT=0 ./scripts/demo takes a free port`);
});

it('says what it takes when it is called wrongly', async () => {
  const { code, text } = await ended(run(['--check', '--json']));
  expect(code).toBe(2);
  expect(text).toContain('usage: scripts/demo');
});
