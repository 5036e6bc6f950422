/** Child processes of demo, bench and tests: started, waited for until they say that they are ready, measured, ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;

/** Lines of output kept to look back at. */
const SEEN_LINES_MAX = 200;

export interface Child {
  readonly process: ChildProcess;
  /** Rejects when the process ends, with the last it printed; never resolves. */
  readonly ended: Promise<never>;
  /** Resolves with the groups of the first line of output that matches; rejects when the process ends before. */
  readonly line: (pattern: RegExp) => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a program; what it prints can be waited for, what it printed last is told when it ends too early.
 * @param logFile where all its output is kept, too.
 */
export function start(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  logFile?: string,
): Child {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const seen: string[] = [];
  const waiting = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (logFile !== undefined) appendFileSync(logFile, `${line}\n`);
      seen.push(line);
      if (seen.length > SEEN_LINES_MAX) seen.shift();
      for (const look of waiting) look(line);
    });
  }
  const failure = (why: string) =>
    new Error(
      `${[command, ...args.slice(0, 1)].map((word) => basename(word)).join(' ')} ${why}:\n${seen.slice(-20).join('\n')}`,
    );
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('error', (error) => reject(failure(error.message)));
    // After `close` all that it printed has been read.
    child.once('close', (code, signal) => reject(failure(`ended with ${code ?? signal}`)));
  });
  ended.catch(() => {});
  const line = (pattern: RegExp) => {
    const found = new Promise<readonly string[]>((resolve, reject) => {
      const timer = setTimeout(() => reject(failure(`never said ${pattern}`)), READY_TIMEOUT_MS);
      const look = (text: string): void => {
        const match = pattern.exec(text);
        if (match === null) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(match.slice(1));
      };
      waiting.add(look);
      ended.catch(() => clearTimeout(timer));
      for (const text of [...seen]) look(text);
    });
    return Promise.race([found, ended]);
  };
  return { process: child, ended, line, stop: () => stopChild(child) };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Whether somebody could listen there now. */
export async function portIsFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** Milliseconds until the address answers anything at all over HTTP. */
export async function untilAnswer(url: string): Promise<number> {
  const startMs = performance.now();
  while (performance.now() - startMs < READY_TIMEOUT_MS) {
    try {
      await (await fetch(url)).arrayBuffer();
      return performance.now() - startMs;
    } catch {
      await sleep(2);
    }
  }
  throw new Error(`${url} never answered`);
}

/** Waits for a file, such as the link of a pty. */
export async function untilFile(path: string): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      return await access(path);
    } catch {
      if (performance.now() > deadlineMs) throw new Error(`${path} never appeared`);
      await sleep(10);
    }
  }
}

/** Resident memory of a process, in MB, as Linux tells it. */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`no VmRSS for ${pid}`);
  return (Number(kilobytes) * 1024) / 1e6;
}
