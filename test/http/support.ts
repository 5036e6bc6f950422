/**
 * What the HTTP tests stand on: a real server on a free port, a clock that moves by hand, and small in-memory parts
 * behind the interfaces of the domain. The parts keep what they were asked, so that a test can look.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ClawSnapshot } from '../../src/domain/claw-state.ts';
import type {
  ClaimResult,
  Clock,
  CommandRecord,
  CommandRequest,
  Commands,
  HealthReport,
  IncomingHeaders,
  Log,
  Meters,
  Principal,
  Principals,
  RequestObservation,
  Setup,
  Submission,
} from '../../src/domain/ports.ts';
import type { ProblemDetails } from '../../src/domain/problems.ts';
import { type AppDependencies, createApp, type HttpApp } from '../../src/http/app.ts';
import { createServer, type HttpServer, type ServerLimits } from '../../src/http/server.ts';

/** Time that stands still until a test moves it. `armed` tells of each timer that is set. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Map<number, { readonly atMs: number; readonly action: () => void }>();
  #nextTimer = 0;
  readonly #watchers = new Set<() => void>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = this.#nextTimer++;
    this.#timers.set(timer, { atMs: this.#nowMs + delayMs, action });
    for (const watcher of [...this.#watchers]) watcher();
    return () => void this.#timers.delete(timer);
  }

  /** Timers that are set, by the delay that is left. */
  pendingMs(): readonly number[] {
    return [...this.#timers.values()].map(({ atMs }) => atMs - this.#nowMs);
  }

  /** Resolves once a timer with this delay left is set. */
  async armed(delayMs: number): Promise<void> {
    while (!this.pendingMs().includes(delayMs)) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    for (const [timer, { atMs, action }] of [...this.#timers]) {
      if (atMs <= this.#nowMs && this.#timers.delete(timer)) action();
    }
  }
}

/** A claw at rest. */
export function snapshotOf(claw: string, change: Partial<ClawSnapshot> = {}): ClawSnapshot {
  return {
    claw,
    state: 'idle',
    link: 'up',
    linkReason: null,
    simulated: true,
    homed: true,
    position: { x: 0, y: 0, z: 0 },
    gripPercent: 0,
    inputs: null,
    faults: [],
    meters: { coins: 0, prizes: 0 },
    board: null,
    commandId: null,
    ...change,
  };
}

/** Two claws that take every command; `answer` may be replaced, `settle` tells an outcome. */
export class MemoryCommands implements Commands {
  readonly requests: CommandRequest[] = [];
  readonly records = new Map<string, CommandRecord>();
  readonly listeners = new Set<(snapshot: ClawSnapshot) => void>();
  readonly #snapshots = new Map(['claw-1', 'Claw B'].map((claw) => [claw, snapshotOf(claw)]));
  readonly #settle = new Map<string, (record: CommandRecord) => void>();
  readable = true;
  answer: (request: CommandRequest) => Promise<Submission> = async (request) => this.accept(request);

  claws(): readonly ClawSnapshot[] {
    return [...this.#snapshots.values()];
  }

  claw(claw: string): ClawSnapshot | undefined {
    return this.#snapshots.get(claw);
  }

  subscribe(claw: string, listener: (snapshot: ClawSnapshot) => void): () => void {
    const own = (snapshot: ClawSnapshot): void => {
      if (snapshot.claw === claw) listener(snapshot);
    };
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  }

  publish(snapshot: ClawSnapshot): void {
    this.#snapshots.set(snapshot.claw, snapshot);
    for (const listener of this.listeners) listener(snapshot);
  }

  async submit(request: CommandRequest): Promise<Submission> {
    this.requests.push(request);
    return this.claw(request.claw) === undefined ? { kind: 'unknown_claw' } : await this.answer(request);
  }

  async find(claw: string, commandId: string): Promise<CommandRecord | null | 'unavailable'> {
    if (!this.readable) return 'unavailable';
    const found = this.records.get(commandId);
    return found?.claw === claw ? found : null;
  }

  accept({ claw, command }: CommandRequest): Submission {
    const record: CommandRecord = {
      id: `command-${this.records.size + 1}`,
      claw,
      verb: command.verb,
      status: 'pending',
      code: null,
      message: null,
      createdAt: '2026-01-01T00:00:00.000Z',
      durationMs: null,
      simulated: true,
    };
    this.records.set(record.id, record);
    const settled = new Promise<CommandRecord>((resolve) => this.#settle.set(record.id, resolve));
    return { kind: 'accepted', record, settled };
  }

  settle(id: string, outcome: Partial<CommandRecord>): void {
    const record = { ...this.records.get(id)!, durationMs: 5, ...outcome };
    this.records.set(id, record);
    this.#settle.get(id)!(record);
  }
}

/** People by token: `Bearer player-1` is that player. `down`: no database answers; `lastKnown` may then still stop. */
export class MemoryPrincipals implements Principals {
  readonly people = new Map<string, Principal>();
  readonly asked: IncomingHeaders[] = [];
  down = false;
  lastKnown: Principal | 'unavailable' = 'unavailable';

  constructor() {
    for (const role of ['player', 'operator', 'technician', 'admin'] as const) {
      const userId = `${role}-1`;
      this.people.set(userId, { userId, email: `${userId}@example.test`, name: role, role });
    }
  }

  async identifyForStop(headers: IncomingHeaders): Promise<Principal | null | 'unavailable'> {
    return this.down ? this.lastKnown : this.identify(headers);
  }

  async identify(headers: IncomingHeaders): Promise<Principal | null | 'unavailable'> {
    this.asked.push(headers);
    if (this.down) return 'unavailable';
    const token = /^Bearer (.+)$/.exec(String(headers.authorization ?? ''))?.[1] ?? '';
    return this.people.get(token) ?? null;
  }
}

export class MemorySetup implements Setup {
  readonly claims: Parameters<Setup['claim']>[0][] = [];
  result: ClaimResult = { kind: 'refused', code: 'setup_code_wrong' };

  async claim(request: Parameters<Setup['claim']>[0]): Promise<ClaimResult> {
    this.claims.push(request);
    return this.result;
  }
}

export class MemoryMeters implements Meters {
  readonly observations: RequestObservation[] = [];
  readonly #watchers = new Set<() => void>();

  observeRequest(observation: RequestObservation): void {
    this.observations.push(observation);
    for (const watcher of [...this.#watchers]) watcher();
  }

  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'up 1\n' };
  }

  /** Resolves once so many requests were observed; an answer may reach the client before its observation. */
  async count(wanted: number): Promise<void> {
    while (this.observations.length < wanted) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }
}

export class MemoryLog implements Log {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[] = [];
  info(fields: object, message: string): void {
    this.lines.push({ level: 'info', fields, message });
  }
  warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', fields, message });
  }
  error(fields: object, message: string): void {
    this.lines.push({ level: 'error', fields, message });
  }
}

export const HEALTHY: HealthReport = {
  status: 'up',
  version: '0.0.0',
  uptimeS: 1,
  storage: { status: 'up', reason: null },
  redis: { status: 'disabled', reason: null },
  mqtt: { status: 'disabled', reason: null },
  claws: {},
};

export interface World {
  readonly commands: MemoryCommands;
  readonly principals: MemoryPrincipals;
  readonly setup: MemorySetup;
  readonly meters: MemoryMeters;
  readonly log: MemoryLog;
  readonly clock: ManualClock;
  readonly http: HttpApp;
  readonly server: HttpServer;
  readonly port: number;
  readonly url: string;
  /** fetch, by path, signed in as this person (`player-1` …) or as nobody. */
  ask(path: string, init?: RequestInit, as?: string | null): Promise<Response>;
  /** POST of a JSON body. */
  post(path: string, body?: unknown, init?: RequestInit, as?: string | null): Promise<Response>;
}

/** Starts the app with its memory parts and stops it after the test. */
export async function start(change: Partial<AppDependencies> = {}, limits?: ServerLimits): Promise<World> {
  const parts = {
    commands: new MemoryCommands(),
    principals: new MemoryPrincipals(),
    setup: new MemorySetup(),
    meters: new MemoryMeters(),
    log: new MemoryLog(),
    clock: new ManualClock(),
  };
  const http = createApp({
    ...parts,
    authHandler: async (_req, res) => void res.json({ ok: true }),
    health: () => HEALTHY,
    allowedHosts: ['claw.example'],
    ...change,
  });
  const server = createServer({ ...http, clock: parts.clock, ...(limits === undefined ? {} : { limits }) });
  const { port } = await server.listen('127.0.0.1', 0);
  const url = `http://127.0.0.1:${port}`;
  onTestFinished(async () => {
    const closed = server.close();
    // What a test left open must not hold up the next one.
    parts.clock.advance(60_000);
    await closed;
  });
  const ask: World['ask'] = (path, init = {}, as = 'player-1') => {
    const headers = new Headers(init.headers);
    if (as !== null) headers.set('authorization', `Bearer ${as}`);
    return fetch(url + path, { ...init, headers });
  };
  const post: World['post'] = (path, body, init = {}, as = 'player-1') => {
    const headers = new Headers(init.headers);
    if (body !== undefined) headers.set('content-type', 'application/json');
    return ask(
      path,
      { method: 'POST', ...init, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
      as,
    );
  };
  return { ...parts, http, server, port, url, ask, post };
}

/** The problem of an answer, after checking that it is one. */
export async function problemOf(response: Response): Promise<ProblemDetails> {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) {
    throw new Error(`no problem: ${response.status} ${await response.text()}`);
  }
  const details = (await response.json()) as ProblemDetails;
  if (details.status !== response.status) throw new Error('the status of body and answer differ');
  return details;
}

/** A raw line to the server, for what fetch will not send. */
export async function rawLine(world: World, text: string): Promise<Socket> {
  const socket = connect(world.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  // A cut line is what some tests wait for, as `close`.
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** Resolves when the line is closed, in whatever way. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** All that comes on a raw line until it holds `until`, or until it closes. */
export function received(socket: Socket, until?: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (until !== undefined && text.includes(until)) resolve(text);
    });
    socket.once('close', () => resolve(text));
  });
}
