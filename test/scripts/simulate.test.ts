/** scripts/simulate as it is used: a process of its own on a pty pair, met by the real serialport library. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ReadlineParser } from '@serialport/parser-readline';
import { SerialPort } from 'serialport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BoardMessage, boardMsPlus, decodeBoard } from '../../firmware-protocol/codec.ts';
import { formatFrame, parseFrame } from '../../firmware-protocol/frame.ts';

const SIMULATE = new URL('../../scripts/simulate', import.meta.url).pathname;

type Of<T extends BoardMessage['type']> = Extract<BoardMessage, { readonly type: T }>;
type Lines = AsyncIterator<[string]>;

const linesOf = (emitter: NodeJS.EventEmitter, event: string): Lines =>
  (on(emitter, event) as unknown as AsyncIterable<[string]>)[Symbol.asyncIterator]();

async function heard<T extends BoardMessage['type']>(
  lines: Lines,
  type: T,
  fits: (message: Of<T>) => boolean = () => true,
): Promise<Of<T>> {
  for (;;) {
    const { value } = await lines.next();
    const frame = parseFrame(value[0]);
    // The first line of a fresh opening may be the tail of one.
    if (frame.kind === 'discarded') continue;
    const decoded = decodeBoard(frame.payload);
    if (decoded.kind === 'message' && decoded.message.type === type && fits(decoded.message as Of<T>)) {
      return decoded.message as Of<T>;
    }
  }
}

describe('wrong usage', () => {
  it('ends with 2 and what is possible; a tty that is not there ends with 1', () => {
    const wrong = spawnSync(SIMULATE, ['--fault', 'nope'], { encoding: 'utf8' });
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('--pty LINK');
    expect(wrong.stderr).toContain('stuck-claw');
    const missing = spawnSync(SIMULATE, ['--tty', '/dev/no-such-tty'], { encoding: 'utf8' });
    expect(missing.status).toBe(1);
    expect(missing.stdout).toMatch(/^SIMULATED/);
    expect(missing.stderr).toContain('/dev/no-such-tty');
  });

  it('says how to install socat where it is missing', () => {
    const bash = execFileSync('bash', ['-c', 'command -v bash'], { encoding: 'utf8' }).trim();
    const script = new URL('../../scripts/simulate.ts', import.meta.url).pathname;
    const result = spawnSync(
      bash,
      ['-c', `exec "$0" "$@"`, process.execPath, script, '--pty', '/tmp/none/claw'],
      {
        encoding: 'utf8',
        env: { PATH: '/nonexistent' },
      },
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('apt-get install socat');
  });
});

describe('a simulated claw on a pty', () => {
  let folder: string;
  let simulator: ChildProcessWithoutNullStreams | undefined;
  let port: SerialPort | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'claw-simulate-'));
  });
  afterEach(async () => {
    if (port?.isOpen) await new Promise((resolve) => port?.close(resolve));
    if (simulator?.exitCode === null) {
      const exited = once(simulator, 'exit');
      simulator.kill('SIGTERM');
      await exited;
    }
    rmSync(folder, { recursive: true });
  });

  async function startSimulator(...more: string[]): Promise<Lines> {
    const link = join(folder, 'claw');
    simulator = spawn(SIMULATE, [
      '--pty',
      link,
      '--speed',
      '20',
      '--state',
      join(folder, 'state.json'),
      ...more,
    ]);
    const said = linesOf(createInterface({ input: simulator.stdout }), 'line');
    expect((await said.next()).value[0]).toMatch(/^SIMULATED/);
    await until(said, /^ready/);
    return said;
  }

  async function until(said: Lines, what: RegExp): Promise<void> {
    for (;;) if (what.test((await said.next()).value[0])) return;
  }

  async function openPort(): Promise<Lines> {
    const opening = new SerialPort({ path: join(folder, 'claw'), baudRate: 115_200, autoOpen: false });
    port = opening;
    await new Promise<void>((resolve, reject) =>
      opening.open((error) => (error ? reject(error) : resolve())),
    );
    return linesOf(opening.pipe(new ReadlineParser({ delimiter: '\n', encoding: 'latin1' })), 'data');
  }

  async function stopSimulator(): Promise<void> {
    const exited = once(simulator!, 'exit');
    simulator!.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  }

  it('homes, is stopped, logs the truth, and leaves nothing behind', async () => {
    const log = join(folder, 'truth.jsonl');
    const said = await startSimulator('--log', log, '--wire');
    const lines = await openPort();
    port!.write(formatFrame('H 1-1 0000002A'));
    const welcome = await heard(lines, 'W');
    const deadline = boardMsPlus(welcome.nowMs, 1500).toString(16).toUpperCase().padStart(8, '0');
    port!.write(formatFrame(`C ${welcome.session} 1 ${deadline} HOME`));
    await heard(lines, 'A');
    expect(await heard(lines, 'D')).toMatchObject({ seq: 1, code: 'OK' });
    port!.write('\u001b');
    expect(await heard(lines, 'S', ({ state }) => state === 'ESTOP')).toMatchObject({ x: 0, y: 0, z: 0 });
    simulator!.stdin.write('coin\n');
    expect(await heard(lines, 'V', ({ name }) => name === 'COIN')).toMatchObject({ detail: '1' });
    await until(said, /^coin total=1/);
    await stopSimulator();
    const entries = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; line?: string });
    const kinds = entries.map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(['booted', 'motion-started', 'motion-ended', 'homed', 'latched', 'coin']),
    );
    expect(entries.find(({ kind }) => kind === 'motion-started')).toMatchObject({
      motion: 1,
      verb: 'HOME',
      motions: 1,
    });
    expect(entries.filter(({ line }) => line === '<ESC>')).toHaveLength(1);
    expect(existsSync(join(folder, 'claw'))).toBe(false);
  });

  it('keeps boot number, totals and latch in its state file', async () => {
    await startSimulator();
    let lines = await openPort();
    simulator!.stdin.write('coin\n');
    await heard(lines, 'V');
    port!.write('\u001b');
    await heard(lines, 'S', ({ state }) => state === 'ESTOP');
    simulator!.kill('SIGTERM');
    await once(simulator!, 'exit');
    await startSimulator();
    lines = await openPort();
    port!.write(formatFrame('H 1-1 0000002A'));
    const welcome = await heard(lines, 'W');
    expect(welcome.session).toBe('00002000');
    expect(welcome.challenge).not.toBeNull();
    expect(await heard(lines, 'T')).toMatchObject({ coins: 1 });
  });

  it('is unplugged and plugged in by its console: the tty goes and comes', async () => {
    const said = await startSimulator();
    await openPort();
    port!.on('error', () => undefined);
    const closed = once(port!, 'close');
    simulator!.stdin.write('unplug\n');
    await until(said, /^unplugged/);
    expect(existsSync(join(folder, 'claw'))).toBe(false);
    // A pty whose other end is gone is told at the latest by a write.
    if (port!.isOpen) port!.write('\n');
    await closed;
    simulator!.stdin.write('plug\n');
    await until(said, /^plugged/);
    const lines = await openPort();
    port!.write(formatFrame('H 1-1 0000002A'));
    expect(await heard(lines, 'W')).toMatchObject({ nonce: '0000002A' });
    simulator!.stdin.write('quit\n');
    await once(simulator!, 'exit');
  });
});
