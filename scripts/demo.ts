/**
 * The demo: starts a simulated claw and the gateway, makes one account of each role, plays one whole turn over HTTP with
 * all its traces (frames, outcome, audit rows), and stays for whoever wants to try. Everything it shows is read from the
 * running parts; nothing is staged.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accountsExist, type DemoAccount, makeAccounts } from './support/demo-accounts.ts';
import { type DemoGateway, startDemoGateway } from './support/demo-gateway.ts';
import { playTurn } from './support/demo-turn.ts';
import { freePort, portIsFree } from './support/processes.ts';

const USAGE = `usage: scripts/demo [--check | --json]

  (nothing)   play one turn, print where to go on, stay until Ctrl-C
  --check     play one turn, exit 0 when all of it held, 1 when not
  --json      play one turn, print one line of JSON (url, accounts, claws, dataDir, tty), stay until Ctrl-C

The gateway's variables pass through: HTTP_HOST (127.0.0.1 here), HTTP_PORT (0 picks a free one), DATA_DIR (kept;
without it a folder that goes with the demo), AUTH_SECRET, LOG_LEVEL …`;

interface Options {
  readonly check: boolean;
  readonly json: boolean;
}

/** For people; in --json mode standard output belongs to the one line. */
function speaker({ json }: Options): (text: string) => void {
  const stream = json ? process.stderr : process.stdout;
  return (text) => stream.write(`${text}\n`);
}

function readOptions(): Options | null {
  try {
    const options = {
      check: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    } as const;
    const { check = false, json = false, help = false } = parseArgs({ options }).values;
    if (!help && !(check && json)) return { check, json };
    (help ? process.stdout : process.stderr).write(`${USAGE}\n`);
    process.exitCode = help ? 0 : 2;
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    process.exitCode = 2;
  }
  return null;
}

/** The gateway's variables and its address, which has to be known before it starts. */
async function address(): Promise<{ environment: Record<string, string>; url: string }> {
  const host = process.env.HTTP_HOST || '127.0.0.1';
  const given = process.env.HTTP_PORT || '8080';
  const port = given === '0' ? String(await freePort()) : given;
  if (!(await portIsFree(host, Number(port)))) {
    throw new Error(`${host}:${port} is in use; HTTP_PORT=0 ./scripts/demo takes a free port`);
  }
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
  return { environment: { HTTP_HOST: host, HTTP_PORT: port }, url };
}

function invitation(
  url: string,
  accounts: readonly DemoAccount[],
  gateway: DemoGateway,
  dataDir: string,
): string {
  const operator = accounts.find(({ role }) => role === 'operator')!;
  const rows = accounts.map(
    ({ role, email, password }) => `  ${role.padEnd(11)}${email.padEnd(26)}${password}`,
  );
  const body = JSON.stringify({ email: operator.email, password: operator.password });
  const json = "-H 'content-type: application/json'";
  return `
The gateway answers at ${url} (process ${gateway.pid()}); its claw is SIMULATED, on ${gateway.line}.

${rows.join('\n')}

Try, as the operator:
  TOKEN=$(curl -si ${url}/auth/sign-in/email ${json} -d '${body}' | tr -d '\\r' | sed -n 's/^set-auth-token: //p')
  curl -s -X POST ${url}/claws/claw-1/strike -H "authorization: Bearer $TOKEN" -H 'prefer: wait=30'

Files: ${dataDir}   Board's own log: ${gateway.simulatorLog}
Ctrl-C ends it.`;
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

async function run(options: Options): Promise<void> {
  const say = speaker(options);
  const kept = process.env.DATA_DIR || null;
  const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'claw-demo-'));
  const signalled = untilSignal();
  let gateway: DemoGateway | null = null;
  try {
    const { environment, url } = await address();
    const expectsCode = !accountsExist(dataDir);
    say('Starting a SIMULATED claw and the gateway …');
    const onRestart = (how: string) =>
      say(`The gateway ended (${how}); starting it again, as systemd would.`);
    gateway = await startDemoGateway({ dataDir, environment, url, expectsCode, onRestart });
    const accounts = await makeAccounts(url, dataDir, gateway.setupCode);
    const faults = await playTurn({ url, accounts, dataDir, simulatorLog: gateway.simulatorLog, say });
    for (const fault of faults) say(`FAILED: ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
    if (options.check)
      return say(faults.length === 0 ? 'All of it held.' : `${faults.length} things did not hold.`);
    if (options.json) {
      const { tty, simulatorLog, pid } = gateway;
      const line = { url, accounts, claws: ['claw-1'], dataDir, tty, simulatorLog, gatewayPid: pid() };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    } else say(invitation(url, accounts, gateway, dataDir));
    await signalled;
    say('Ending.');
  } finally {
    await gateway?.stop();
    if (kept === null) rmSync(dataDir, { recursive: true, force: true });
  }
}

const options = readOptions();
if (options !== null) {
  try {
    await run(options);
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
  // A listener for signals must not keep an ended demo alive.
  process.exit();
}
