/**
 * The demo's machine: a simulated claw and a gateway on it. With socat both are processes of their own, on a real tty,
 * and the gateway is started again when it ends by itself, as systemd would; without socat both run inside the demo,
 * on an in-process serial port.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { storedOf } from '../../firmware-protocol/simulator/machine.ts';
import { compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/ops/logger.ts';
import { type Child, start, untilAnswer } from './processes.ts';
import { SimulatedBoard } from './simulated-board.ts';
import { SimulatedCable } from './simulated-port.ts';
import { readStored, TruthLog, writeStored } from './truth-log.ts';

/** Mechanics so many times faster than real: a turn takes two seconds instead of twenty. */
const SPEED = 10;
/** A prize field with a prize where two jogs lead. */
const SEED = 6;
const RESTART_MS = 1000;
const CODE_LINE = /Setup code: ([A-Z0-9-]+)/;

export interface DemoGateway {
  /** The one-time code, if the gateway had no admin yet. */
  readonly setupCode: string | null;
  /** How the claw is connected, for a person. */
  readonly line: string;
  /** Path of the gateway's end of the line; null in process. */
  readonly tty: string | null;
  /** Every frame and the board's own truth, one JSON object a line. */
  readonly simulatorLog: string;
  /** The gateway's process; the demo's own when it runs inside. */
  pid(): number;
  stop(): Promise<void>;
}

export interface DemoOptions {
  readonly dataDir: string;
  /** The gateway's own variables, HTTP_PORT among them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it will answer. */
  readonly url: string;
  /** Whether it has no admin yet. */
  readonly expectsCode: boolean;
  /** Told when the gateway ended by itself and is started again. */
  readonly onRestart: (how: string) => void;
}

/** Starts the claw and the gateway; rejects with what they said when one does not start. */
export async function startDemoGateway(options: DemoOptions): Promise<DemoGateway> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const hasSocat = spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0;
  return hasSocat ? startProcesses(options) : startInside(options);
}

const logPath = (dataDir: string): string => join(dataDir, 'simulator.jsonl');
const statePath = (dataDir: string): string => join(dataDir, 'simulator-state.json');

async function startProcesses(options: DemoOptions): Promise<DemoGateway> {
  const { dataDir, environment, url, expectsCode, onRestart } = options;
  const tty = join(dataDir, 'claw-1.tty');
  const simulatorLog = logPath(dataDir);
  const files = ['--log', simulatorLog, '--wire', '--state', statePath(dataDir)];
  const pace = ['--speed', String(SPEED), '--seed', String(SEED)];
  const simulator = start(process.execPath, [script('simulate.ts'), '--pty', tty, ...pace, ...files]);
  await simulator.line(/^ready:/);
  const variables = { ...environment, DATA_DIR: dataDir, CLAWS: `claw-1=${tty}` };
  const startGateway = () =>
    start(process.execPath, [script('../src/main.ts')], variables, join(dataDir, 'gateway.log'));
  let gateway = startGateway();
  let stopping = false;
  const keepAlive = (child: Child): void => {
    child.process.once('exit', (code, signal) => {
      if (stopping) return;
      onRestart(signal ?? `exit code ${code}`);
      setTimeout(() => {
        if (stopping) return;
        gateway = startGateway();
        keepAlive(gateway);
      }, RESTART_MS);
    });
  };
  const stop = async (): Promise<void> => {
    stopping = true;
    await gateway.stop();
    await simulator.stop();
  };
  try {
    await Promise.race([untilAnswer(`${url}/health`), gateway.ended]);
    const [setupCode = null] = expectsCode ? await gateway.line(CODE_LINE) : [];
    keepAlive(gateway);
    const pid = () => gateway.process.pid ?? 0;
    return { setupCode, line: `a pty of socat at ${tty}`, tty, simulatorLog, pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startInside({ dataDir, environment }: DemoOptions): Promise<DemoGateway> {
  const stored = readStored(statePath(dataDir));
  const board = new SimulatedBoard({ speed: SPEED, seed: SEED, stored });
  writeStored(statePath(dataDir), storedOf(board.state));
  const log = new TruthLog(logPath(dataDir));
  board.onNote((note, state) => {
    writeStored(statePath(dataDir), storedOf(state));
    log.note(note, state);
  });
  board.onBytes((bytes) => log.wire('to-host', bytes));
  const cable = new SimulatedCable(board, '/in-process/claw-1', (bytes) => log.wire('to-board', bytes));
  const result = readConfig({
    ...process.env,
    ...environment,
    DATA_DIR: dataDir,
    CLAWS: 'claw-1=/in-process/claw-1',
  });
  if (result.kind === 'faults')
    throw new Error(`the configuration is wrong:\n  ${result.faults.join('\n  ')}`);
  let setupCode: string | null = null;
  const gateway = compose(result.config, {
    log: createLogger({ level: 'silent', version: 'demo' }),
    makePort: () => cable.makePort(),
    showSetupCode: (code) => {
      setupCode = code;
    },
  });
  board.start();
  await gateway.start();
  return {
    setupCode,
    line: 'an in-process serial port, because socat is not installed',
    tty: null,
    simulatorLog: logPath(dataDir),
    pid: () => process.pid,
    stop: async () => {
      await gateway.stop();
      board.stop();
    },
  };
}

const script = (path: string): string => join(import.meta.dirname, '..', path);
