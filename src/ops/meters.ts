/**
 * Prometheus metrics: the process, HTTP by route template, commands by verb and outcome, and each claw's line. Labels
 * come from closed sets only, so no caller can make their number grow.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ClawSnapshot } from '../domain/claw-state.ts';
import type { Verb } from '../domain/command.ts';
import type { Outcome } from '../domain/outcome.ts';
import type {
  LinkStatistics,
  Meters,
  PartHealth,
  RequestObservation,
  StorageTotals,
} from '../domain/ports.ts';

/** What the meters read when they are scraped. */
export interface MeterSources {
  readonly claws: () => readonly ClawSnapshot[];
  readonly link: (claw: string) => LinkStatistics;
  readonly storage: () => PartHealth;
  /** Null while the database cannot be asked. */
  readonly storageTotals: () => Promise<StorageTotals | null>;
}

const SIMPLE_TOTALS = {
  framesReceived: ['claw_link_frames_received_total', 'Checked frames heard from the board'],
  resends: ['claw_link_resends_total', 'Frames sent again for want of an answer'],
  handshakes: ['claw_link_handshakes_total', 'Sessions begun with the board'],
  portOpens: ['claw_link_port_opens_total', 'Times the serial port was opened or tried'],
  boardResets: ['claw_link_board_resets_total', 'Restarts of the board noticed'],
  emergencyStops: ['claw_link_emergency_stops_total', 'Emergency stops written to the line'],
} as const satisfies Partial<Record<keyof LinkStatistics, readonly [string, string]>>;

const STORAGE_TOTALS = [
  ['databaseBytes', 'storage_database_bytes', 'Size of the database file'],
  ['walBytes', 'storage_wal_bytes', 'Size of the write-ahead log beside it'],
  ['openIntents', 'storage_open_intents', 'Commands in the log whose outcome is not'],
  ['commits', 'storage_commits', 'Commits since the database was opened, each one sync of the disk'],
  ['rowsWritten', 'storage_rows_written', 'Audit rows written since the database was opened'],
] as const satisfies readonly (readonly [keyof StorageTotals, string, string])[];

const HTTP_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const COMMAND_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32];

export class PrometheusMeters implements Meters {
  readonly #registry = new Registry();
  readonly #sources: MeterSources;
  readonly #storage: readonly (readonly [Gauge, keyof StorageTotals])[];
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #commands: Histogram<'verb' | 'outcome'>;

  constructor(sources: MeterSources) {
    const registers = [this.#registry];
    this.#sources = sources;
    this.#storage = STORAGE_TOTALS.map(([key, name, help]) => [new Gauge({ name, help, registers }), key]);
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer a request, by route template',
      labelNames: ['method', 'route', 'status'],
      buckets: HTTP_BUCKETS_S,
      registers,
    });
    this.#commands = new Histogram({
      name: 'claw_command_duration_seconds',
      help: 'From the request to the outcome of a command',
      labelNames: ['verb', 'outcome'],
      buckets: COMMAND_BUCKETS_S,
      registers,
    });
    this.#registerLink(sources);
    this.#registerState(sources);
  }

  observeRequest({ method, route, status, durationMs }: RequestObservation): void {
    this.#requests.observe({ method, route, status: String(status) }, durationMs / 1000);
  }

  observeCommand(verb: Verb, outcome: Outcome, durationMs: number): void {
    this.#commands.observe({ verb, outcome: outcome.kind }, durationMs / 1000);
  }

  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    const totals = await this.#sources.storageTotals();
    for (const [gauge, key] of this.#storage) {
      if (totals === null) gauge.remove();
      else gauge.set(totals[key]);
    }
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #registerLink(sources: MeterSources): void {
    const registers = [this.#registry];
    const perClaw = (set: (claw: string, totals: LinkStatistics) => void) => {
      for (const { claw } of sources.claws()) set(claw, sources.link(claw));
    };
    for (const [key, [name, help]] of Object.entries(SIMPLE_TOTALS)) {
      const counter: Counter = new Counter({
        name,
        help,
        labelNames: ['claw'],
        registers,
        collect: () => {
          counter.reset();
          perClaw((claw, totals) => counter.inc({ claw }, totals[key as keyof typeof SIMPLE_TOTALS]));
        },
      });
    }
    for (const [key, name, help] of [
      ['discarded', 'claw_link_discarded_lines_total', 'Lines from the board that were no frame, by reason'],
      ['refusals', 'claw_link_refusals_total', 'Lines of ours that the board refused, by code'],
    ] as const) {
      const counter: Counter = new Counter({
        name,
        help,
        labelNames: ['claw', 'reason'],
        registers,
        collect: () => {
          counter.reset();
          perClaw((claw, totals) => {
            for (const [reason, count] of Object.entries(totals[key])) counter.inc({ claw, reason }, count);
          });
        },
      });
    }
  }

  #registerState(sources: MeterSources): void {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, read: (snapshot: ClawSnapshot) => boolean | number) => {
      const one: Gauge = new Gauge({
        name,
        help,
        labelNames: ['claw'],
        registers,
        collect: () => {
          for (const snapshot of sources.claws()) one.set({ claw: snapshot.claw }, Number(read(snapshot)));
        },
      });
    };
    gauge('claw_link_up', '1 while a session with the board lives', (snapshot) => snapshot.link === 'up');
    gauge('claw_simulated', '1 for a simulated claw', (snapshot) => snapshot.simulated === true);
    gauge(
      'claw_estop_latched',
      '1 while an emergency stop is latched',
      (snapshot) => snapshot.state === 'estop',
    );
    gauge('claw_coins_total', 'Coins, as the board counts them', (snapshot) => snapshot.meters?.coins ?? 0);
    gauge(
      'claw_prizes_total',
      'Prizes, as the board counts them',
      (snapshot) => snapshot.meters?.prizes ?? 0,
    );
    const storage: Gauge = new Gauge({
      name: 'storage_up',
      help: '1 while the audit log can be written',
      registers,
      collect: () => storage.set(Number(sources.storage().status === 'up')),
    });
  }
}
