/**
 * The process itself, as systemd runs it, on a real tty (a pty of socat) with the simulated claw as a process of its
 * own: what it says when it cannot start, what kill -9 leaves behind, how it ends.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, freePort, start, untilAnswer } from '../scripts/support/processes.ts';
import { Client } from './support/client.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const SIMULATE = join(import.meta.dirname, '../scripts/simulate.ts');
const EMAIL = 'admin@claw.example';
const PASSWORD = 'correct horse battery staple';

let folder: string;
let children: Child[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claw-main-'));
  children = [];
});
afterEach(async () => {
  for (const child of children.reverse()) await child.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(script: string, args: readonly string[], env: Record<string, string> = {}): Child {
  const child = start(process.execPath, [script, ...args], env);
  children.push(child);
  return child;
}

/** A simulated claw on a pty; it keeps a log of what truly happened. */
async function simulatedClaw(): Promise<{ tty: string; motions: () => string[] }> {
  const tty = join(folder, 'tty');
  const log = join(folder, 'truth.jsonl');
  await run(SIMULATE, ['--pty', tty, '--log', log, '--state', join(folder, 'board.json')]).line(/^ready:/);
  const motions = () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"motion-started"'))
      .map((line) => String((JSON.parse(line) as { verb: string }).verb));
  return { tty, motions };
}

interface Running {
  readonly child: Child;
  readonly url: string;
}

async function gateway(tty: string, more: Record<string, string> = {}): Promise<Running> {
  const port = String(await freePort());
  const env = {
    CLAWS: `claw-1=${tty}`,
    DATA_DIR: join(folder, 'data'),
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: port,
  };
  const child = run(MAIN, [], { ...env, ...more });
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([untilAnswer(`${url}/health`), child.ended]);
  return { child, url };
}

async function claim({ child, url }: Running): Promise<Client> {
  const [code] = await child.line(/^Setup code: (\S+)/);
  await new Client(url, null).post('/setup', { code, email: EMAIL, password: PASSWORD, name: 'Admin' });
  return Client.signIn(url, EMAIL, PASSWORD);
}

/** Runs a gateway that must not start; answers its exit code and what it printed. */
async function failing(env: Record<string, string>): Promise<{ code: number | null; text: string }> {
  const child = run(MAIN, [], { HTTP_HOST: '127.0.0.1', HTTP_PORT: '0', ...env });
  const text = await child.ended.catch((error: Error) => error.message);
  return { code: child.process.exitCode, text };
}

describe('a start that cannot be', () => {
  it('lists every wrong setting at once and exits with 2', async () => {
    const { code, text } = await failing({ CLAWS: '', HTTP_PORT: 'http', LOG_LEVEL: 'loud' });
    expect(code).toBe(2);
    expect(text).toMatch(/CLAWS: set it/);
    expect(text).toMatch(/HTTP_PORT: a whole number/);
    expect(text).toMatch(/LOG_LEVEL: one of/);
  });

  it('says why DATA_DIR cannot be used and exits with 1', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    for (const dataDir of [join(file, 'data'), '/proc/claw-gateway']) {
      const { code, text } = await failing({ CLAWS: 'claw-1=/dev/null', DATA_DIR: dataDir });
      expect(code).toBe(1);
      expect(text).toContain(`The data directory ${dataDir} cannot be written`);
    }
  });

  it('refuses a database that another gateway holds', async () => {
    const data = join(folder, 'data');
    await gateway('/dev/claw-that-is-not-there');
    const { code, text } = await failing({ CLAWS: 'claw-1=/dev/null', DATA_DIR: data });
    expect(code).toBe(1);
    expect(text).toMatch(/in use by another process/);
  });

  it('says that its port is taken', async () => {
    const { url } = await gateway('/dev/claw-that-is-not-there');
    const { code, text } = await failing({
      CLAWS: 'claw-1=/dev/null',
      DATA_DIR: join(folder, 'other'),
      HTTP_PORT: new URL(url).port,
    });
    expect(code).toBe(1);
    expect(text).toMatch(/HTTP_PORT \d+: cannot listen there \(EADDRINUSE\)/);
  });
});

describe('kill -9 during a strike', () => {
  it('is closed truthfully by the next start, and nothing moves by itself', async () => {
    const { tty, motions } = await simulatedClaw();
    const first = await gateway(tty);
    const admin = await claim(first);
    await admin.whenState(({ link }) => link === 'up');
    expect((await admin.command('home')).body).toMatchObject({ status: 'done' });
    const strike = await admin.post('/claws/claw-1/strike', {});
    expect(strike.status).toBe(202);
    await admin.whenState(({ state }) => state === 'descending');
    first.child.process.kill('SIGKILL');
    await once(first.child.process, 'exit');

    const second = await gateway(tty);
    const again = await Client.signIn(second.url, EMAIL, PASSWORD);
    await again.whenState(({ link }) => link === 'up');
    const settled = await again.whenSettled(`/claws/claw-1/commands/${strike.body.id}`);
    // The dead-man of the board stopped the strike on its way.
    expect(settled.body).toMatchObject({ id: strike.body.id, status: 'failed', code: 'link' });
    expect(motions()).toEqual(['HOME', 'STRIKE']);
  }, 40_000);
});

describe('SIGTERM', () => {
  it('stops what moves, closes the rows and ends with 0', async () => {
    const { tty, motions } = await simulatedClaw();
    const { child, url } = await gateway(tty);
    const admin = await claim({ child, url });
    await admin.whenState(({ link }) => link === 'up');
    await admin.command('home');
    const strike = await admin.post('/claws/claw-1/strike', {});
    await admin.whenState(({ state }) => state === 'descending');
    child.process.kill('SIGTERM');
    const [code] = await once(child.process, 'exit');
    expect(code).toBe(0);
    expect(motions()).toEqual(['HOME', 'STRIKE']);
    const file = join(folder, 'data/claw-gateway.sqlite');
    expect(existsSync(`${file}-wal`)).toBe(false);
    const database = new Database(file, { readonly: true });
    const rows = database
      .prepare(
        'SELECT phase, status, error_message AS code FROM audit_logs WHERE command_id = ? ORDER BY seq',
      )
      .all(strike.body.id);
    const last = database.prepare('SELECT action FROM audit_logs ORDER BY seq DESC LIMIT 1').get();
    database.close();
    expect(rows).toEqual([
      { phase: 'intent', status: 'pending', code: null },
      { phase: 'outcome', status: 'failed', code: 'stopped' },
    ]);
    expect(last).toEqual({ action: 'STOPPED' });
  }, 40_000);
});
