/**
 * The gateway as a target of the press bench: its bundle as a process of its own, on a pty with the simulated board at
 * the other end, claimed and signed in over HTTP as any client would.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_FLAGS } from '../build.ts';
import { freePort, residentMegabytes, start, untilAnswer, untilFile } from '../support/processes.ts';
import { type Answer, type Caller, caller } from './caller.ts';
import type { PressTarget } from './target.ts';

const CLAW = '/claws/claw-1';
/** The board's clock runs faster, so that hundreds of strikes fit into a minute; the wire keeps its own pace. */
const BOARD_SPEED = 20;
const TURN_TIMEOUT_MS = 15_000;
const POLL_MS = 5;

type Headers = Record<string, string>;

function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`expected ${status}, not ${answer.status}: ${JSON.stringify(answer.body)}`);
}

/** Makes the first admin with the printed code and signs in; the answer is the header that says who calls. */
async function signIn(client: Caller, code: string): Promise<Headers> {
  const account = { email: 'bench@example.com', password: randomBytes(18).toString('base64url') };
  expectStatus(await client.call('POST', '/setup', { ...account, code, name: 'Bench' }), 201);
  const answer = expectStatus(await client.call('POST', '/auth/sign-in/email', account), 200);
  const token = answer.headers['set-auth-token'];
  if (typeof token !== 'string') throw new Error('sign-in gave no set-auth-token');
  return { authorization: `Bearer ${token}` };
}

async function poll(client: Caller, path: string, headers: Headers, key: string): Promise<string> {
  const { body } = expectStatus(await client.call('GET', path, undefined, headers), 200);
  return String((body as Record<string, unknown>)[key]);
}

/** Asks until the field has one of the wanted values. */
async function until(
  ask: () => Promise<string>,
  wanted: (value: string) => boolean,
  what: string,
): Promise<string> {
  const deadlineMs = performance.now() + TURN_TIMEOUT_MS;
  for (;;) {
    const value = await ask();
    if (wanted(value)) return value;
    if (performance.now() > deadlineMs) throw new Error(`${what} stays ${value}`);
    await sleep(POLL_MS);
  }
}

/** Starts the bundle at `mainFile` with its files in `folder`, and homes the claw. */
export async function startGateway(folder: string, mainFile: string): Promise<PressTarget> {
  const tty = join(folder, 'gateway-tty');
  const simulate = join(import.meta.dirname, '..', 'simulate.ts');
  const board = start(process.execPath, [simulate, '--pty', tty, '--speed', String(BOARD_SPEED)]);
  await untilFile(tty);
  const port = await freePort();
  const server = start(process.execPath, [...NODE_FLAGS, mainFile], {
    NODE_ENV: 'production',
    CLAWS: `claw-1=${tty}`,
    DATA_DIR: join(folder, 'gateway-data'),
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(port),
  });
  const [code = ''] = await server.line(/setup code\W+(?:\w+\W+)??([A-Z0-9]{4,}(?:-[A-Z0-9]{4,})*)/i);
  const origin = `http://127.0.0.1:${port}`;
  await untilAnswer(`${origin}/health`);
  const client = caller(origin);
  const headers = await signIn(client, code);
  const isIdle = () =>
    until(
      () => poll(client, CLAW, headers, 'state'),
      (state) => state === 'idle',
      'the claw',
    );
  await until(
    () => poll(client, CLAW, headers, 'link'),
    (link) => link === 'up',
    'the link',
  );
  expectStatus(await client.call('POST', `${CLAW}/home`, {}, { ...headers, prefer: 'wait=15' }), 200);

  return {
    async press() {
      await isIdle();
      const answer = expectStatus(await client.call('POST', `${CLAW}/strike`, {}, headers), 202);
      const { id } = answer.body as { id: string };
      const ask = () => poll(client, `${CLAW}/commands/${id}`, headers, 'status');
      const status = await until(ask, (value) => value !== 'pending', 'the strike');
      if (status !== 'done') throw new Error(`a strike ended as ${status}`);
      return answer.tookMs;
    },
    residentMegabytes: () => residentMegabytes(server.process.pid!),
    async stop() {
      client.close();
      await server.stop();
      await board.stop();
    },
  };
}
