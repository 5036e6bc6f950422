/**
 * The one place that constructs: every room gets what it needs here, and only here does anybody know them all. Tests and
 * benchmarks bring another clock, port or log; nothing else differs from the device.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { SqliteAuditLog } from './audit/audit-log.ts';
import type { FirstAdminSetup } from './auth/setup.ts';
import type { Config } from './config.ts';
import { CommandService } from './control/command-service.ts';
import { GATEWAY_ACTOR, type NewAuditEvent } from './domain/audit-event.ts';
import type { Clock, HealthReport, Log } from './domain/ports.ts';
import { clientAddress } from './http/client.ts';
import { createServer, type HttpServer } from './http/server.ts';
import type { MakePort } from './link/port-session.ts';
import { LinkSupervisor, type LinkTransition } from './link/supervisor.ts';
import { systemClock } from './ops/clock.ts';
import { healthReport } from './ops/health.ts';
import { PrometheusMeters } from './ops/meters.ts';
import { makeSecret, readSecret } from './ops/secret-file.ts';
import { StorageClient } from './storage/client.ts';

export const VERSION = '0.1.0';

const BAUD_RATE = 115_200;

export interface Surroundings {
  readonly log: Log;
  /** Called at each start while the gateway has no admin: shows the one-time code to whoever installs it. */
  readonly showSetupCode: (code: string) => void;
  readonly clock?: Clock;
  readonly makePort?: MakePort;
}

export interface Gateway {
  /** Opens the database, starts listening and begins to reach for the claws. Rejects with a sentence for the operator. */
  start(): Promise<{ readonly url: string }>;
  /** Stops what moves, settles everything that waits, closes the database. Safe to call twice. */
  stop(): Promise<void>;
}

/** Wires a gateway; nothing is opened before `start`. */
export function compose(config: Config, surroundings: Surroundings): Gateway {
  const rooms = buildRooms(config, surroundings);
  const { storage, audit, links, commands } = rooms;
  let server: HttpServer | null = null;
  let stopping: Promise<void> | null = null;

  async function start(): Promise<{ readonly url: string }> {
    // Makes the folder, too; without a place for the audit log there is no gateway.
    const opening = storage.start();
    // Awaited below; until then a failure must not look forgotten.
    opening.catch(() => {});
    const secretFile = join(config.dataDir, 'auth-secret');
    let secret = config.authSecret ?? readSecret(secretFile);
    if (secret === null) {
      await opening;
      secret = makeSecret(secretFile);
    }
    const { setup, newServer } = await buildDoors(config, rooms, secret);
    await opening;
    const setupCode = await setup.prepare();
    // Before the doors open: what is found open now is all of an earlier life.
    await commands.recover();
    server = newServer;
    const address = await listen(server, config);
    rooms.record({ action: 'STARTED', details: { version: VERSION, claws: config.claws.length } });
    for (const link of links.values()) link.start();
    if (setupCode !== null) surroundings.showSetupCode(setupCode);
    return { url: urlOf(config.httpHost, address.port) };
  }

  async function stopOnce(): Promise<void> {
    commands.close();
    await Promise.all([...links.values()].map((link) => link.close()));
    await server?.close();
    commands.closeRows();
    if (storage.health().status === 'up') await audit.append({ ...PLAIN_EVENT, action: 'STOPPED' });
    await storage.close();
  }
  const stop = (): Promise<void> => {
    stopping ??= stopOnce();
    return stopping;
  };

  return {
    stop,
    start: async () => {
      try {
        return await start();
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}

type RecordEvent = (event: Partial<NewAuditEvent> & { readonly action: string }) => void;

/** Everything behind the doors. */
interface Rooms {
  readonly log: Log;
  readonly clock: Clock;
  readonly storage: StorageClient;
  readonly audit: SqliteAuditLog;
  readonly links: ReadonlyMap<string, LinkSupervisor>;
  readonly commands: CommandService;
  readonly meters: PrometheusMeters;
  readonly health: () => HealthReport;
  /** Writes an event of the gateway itself; nobody waits for it. */
  readonly record: RecordEvent;
}

function buildRooms(config: Config, surroundings: Surroundings): Rooms {
  const { log, clock = systemClock, makePort = openSerialPort } = surroundings;
  const storage = createStorage(config, log, clock);
  const audit = new SqliteAuditLog({ storage, clock, log });
  const record: RecordEvent = (event) => void audit.append({ ...PLAIN_EVENT, ...event });
  const links = new Map<string, LinkSupervisor>();
  for (const { claw, path } of config.claws) {
    const onTransition = (transition: LinkTransition) => tellTransition(claw, transition, log, record);
    const options = { claw, path, makePort, clock, makeNonce, random: Math.random, onTransition };
    links.set(claw, new LinkSupervisor(options));
  }
  const snapshots = () => [...links.values()].map((link) => link.snapshot());
  const meters = new PrometheusMeters({
    claws: snapshots,
    link: (claw) => links.get(claw)!.statistics,
    storage: () => storage.health(),
    storageTotals: async () => {
      const stats = await storage.stats();
      return stats.ok ? stats.value : null;
    },
  });
  const commands = new CommandService({
    links,
    audit,
    clock,
    log,
    makeId: randomUUID,
    onOutcome: (verb, outcome, durationMs) => meters.observeCommand(verb, outcome, durationMs),
  });
  const startedAtMs = clock.monotonicMs();
  const health = () =>
    healthReport({
      version: VERSION,
      uptimeS: Math.floor((clock.monotonicMs() - startedAtMs) / 1000),
      storage: storage.health(),
      claws: snapshots(),
    });
  return { log, clock, storage, audit, links, commands, meters, health, record };
}

/**
 * Accounts and HTTP; nothing is asked of the database and nobody is listened to yet. Their libraries are the heaviest
 * to load, so they are loaded here, while the thread of the database comes up.
 */
async function buildDoors(
  config: Config,
  { log, clock, storage, audit, commands, meters, health }: Rooms,
  secret: string,
): Promise<{ readonly newServer: HttpServer; readonly setup: FirstAdminSetup }> {
  const { createAuth } = await import('./auth/auth.ts');
  const { createApp } = await import('./http/app.ts');
  const auth = createAuth({ storage, audit, clock, log, secret, clientAddress });
  const { principals, setup, handler: authHandler } = auth;
  const allowedHosts = [hostname(), ...config.httpAllowedHosts];
  const { app, closeStreams } = createApp({
    commands,
    principals,
    setup,
    authHandler,
    meters,
    health,
    log,
    clock,
    allowedHosts,
  });
  return { newServer: createServer({ app, closeStreams, clock }), setup };
}

/** An event of the gateway itself, with nothing said yet. */
const PLAIN_EVENT: Omit<NewAuditEvent, 'action'> = {
  ...GATEWAY_ACTOR,
  phase: 'event',
  commandId: null,
  resourceType: null,
  resourceId: null,
  details: null,
  status: 'success',
  errorMessage: null,
  durationMs: null,
  idempotency: null,
  simulated: null,
};

function createStorage(config: Config, log: Log, clock: Clock): StorageClient {
  return new StorageClient({
    file: join(config.dataDir, 'claw-gateway.sqlite'),
    // A thread starts from a file: beside the bundle on a device, the source in development.
    workerUrl: new URL(
      import.meta.url.endsWith('.ts') ? './storage/worker.ts' : './worker.js',
      import.meta.url,
    ),
    after: (delayMs, action) => clock.after(delayMs, action),
    onDown: (reason) => log.error({ reason }, 'the database is down: nothing may move, stop still works'),
    onUp: () => log.info({}, 'the database is open'),
  });
}

const openSerialPort: MakePort = (path) =>
  new SerialPort({ path, baudRate: BAUD_RATE, autoOpen: false, hupcl: false });

function makeNonce(): string {
  return randomBytes(4).toString('hex').toUpperCase();
}

function tellTransition(claw: string, transition: LinkTransition, log: Log, record: RecordEvent): void {
  const about = { resourceType: 'claw', resourceId: claw };
  if (transition.kind === 'lost') {
    log.warn({ claw, reason: transition.reason }, 'link lost; trying again');
    return record({ ...about, action: 'LINK_LOST', status: 'failure', errorMessage: transition.reason });
  }
  const { board, simulated, state } = transition.snapshot;
  log.info({ claw, ...board, state, simulated }, simulated ? 'link up: a SIMULATED claw' : 'link up');
  record({ ...about, action: 'LINK_UP', details: { ...board, state }, simulated });
}

async function listen(server: HttpServer, { httpHost, httpPort }: Config): Promise<AddressInfo> {
  try {
    return await server.listen(httpHost, httpPort);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(`HTTP_HOST ${httpHost}, HTTP_PORT ${httpPort}: cannot listen there (${code})`, {
      cause: error,
    });
  }
}

/** An address that a person can open: a wildcard is not one. */
function urlOf(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}
