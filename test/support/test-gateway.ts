/**
 * A whole gateway in the test's process: the real composition over real HTTP and real SQLite, on the real serial stream,
 * with the reference board at the other end of a cable that can be pulled.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Note } from '../../firmware-protocol/simulator/machine.ts';
import { SimulatedBoard, type SimulatedBoardOptions } from '../../scripts/support/simulated-board.ts';
import { SimulatedCable } from '../../scripts/support/simulated-port.ts';
import { compose, type Gateway } from '../../src/compose.ts';
import type { Role } from '../../src/domain/roles.ts';
import { createLogger } from '../../src/ops/logger.ts';
import { Client } from './client.ts';

const PASSWORD = 'correct horse battery staple';

export interface AuditTrace {
  readonly seq: number;
  readonly phase: string;
  readonly action: string;
  readonly status: string;
  readonly error_message: string | null;
  readonly command_id: string | null;
}

export interface TestGatewayOptions extends SimulatedBoardOptions {
  /** The cable hangs loose at first. */
  readonly unplugged?: boolean;
}

export class TestGateway {
  readonly board: SimulatedBoard;
  readonly cable: SimulatedCable;
  readonly dataDir: string;
  /** What the board truly did. */
  readonly notes: Note[] = [];
  #gateway: Gateway | null = null;
  #url = '';
  #setupCode: string | null = null;
  #admin: Client | null = null;
  readonly #noteWaiters = new Set<(note: Note) => void>();

  private constructor(options: TestGatewayOptions) {
    this.dataDir = mkdtempSync(join(tmpdir(), 'claw-test-'));
    this.board = new SimulatedBoard({ speed: 20, seed: 6, ...options });
    this.board.onNote((note) => {
      this.notes.push(note);
      for (const waiter of this.#noteWaiters) waiter(note);
    });
    this.cable = new SimulatedCable(this.board, '/simulated/claw-1');
    if (options.unplugged) this.cable.unplug();
    this.board.start();
  }

  /** Starts board and gateway and claims it. */
  static async start(options: TestGatewayOptions = {}): Promise<TestGateway> {
    const made = new TestGateway(options);
    await made.restart();
    return made;
  }

  get url(): string {
    return this.#url;
  }

  /** Ends the gateway, if one runs, and starts another on the same folder and the same board. */
  async restart(): Promise<void> {
    await this.#gateway?.stop();
    this.#gateway = compose(
      {
        claws: [{ claw: 'claw-1', path: '/simulated/claw-1' }],
        httpHost: '127.0.0.1',
        httpPort: 0,
        httpAllowedHosts: [],
        dataDir: this.dataDir,
        authSecret: null,
        logLevel: 'silent',
      },
      {
        log: createLogger({ level: 'silent', version: 'test' }),
        makePort: () => this.cable.makePort(),
        showSetupCode: (code) => {
          this.#setupCode = code;
        },
      },
    );
    this.#url = (await this.#gateway.start()).url;
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    this.board.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Somebody of this role, signed in. */
  async signIn(role: Role): Promise<Client> {
    const admin = await this.#signInAdmin();
    if (role === 'admin') return admin;
    const email = `${role}@claw.example`;
    await admin.post('/auth/admin/create-user', { email, password: PASSWORD, name: role, role });
    return Client.signIn(this.#url, email, PASSWORD);
  }

  /** Resolves with the first note, past or future, that fits. */
  whenNote(fits: (note: Note) => boolean): Promise<Note> {
    const found = this.notes.find(fits);
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => {
      const waiter = (note: Note): void => {
        if (!fits(note)) return;
        this.#noteWaiters.delete(waiter);
        resolve(note);
      };
      this.#noteWaiters.add(waiter);
    });
  }

  /** The audit log's rows in order, read by a second reader once the gateway has let go of the file. */
  async auditRowsAfterStop(): Promise<readonly AuditTrace[]> {
    await this.#gateway?.stop();
    this.#gateway = null;
    const database = new Database(join(this.dataDir, 'claw-gateway.sqlite'), { readonly: true });
    const rows = database
      .prepare('SELECT seq, phase, action, status, error_message, command_id FROM audit_logs ORDER BY seq')
      .all() as AuditTrace[];
    database.close();
    return rows;
  }

  async #signInAdmin(): Promise<Client> {
    const email = 'admin@claw.example';
    if (this.#setupCode !== null && this.#admin === null) {
      const claim = { code: this.#setupCode, email, password: PASSWORD, name: 'Admin' };
      await new Client(this.#url, null).post('/setup', claim);
    }
    this.#admin = await Client.signIn(this.#url, email, PASSWORD);
    return this.#admin;
  }
}
