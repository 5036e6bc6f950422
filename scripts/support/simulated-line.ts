/**
 * The tty that a simulated board speaks on: a given one, or one end of a pty pair that socat makes. Can be unplugged and
 * plugged in; opens again by itself when the tty goes away under it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { SerialPort } from 'serialport';
import type { SimulatedBoard } from './simulated-board.ts';

const BAUD_RATE = 115_200;
const REOPEN_MS = 500;
/** Bytes that may wait for a gateway that does not read; beyond, the board's words are lost, as on a wire. */
const UNSENT_BYTES_MAX = 16_384;

/** Two ttys joined by socat: the gateway's end and the board's. */
class PtyPair {
  readonly #link: string;
  #socat: ChildProcess | undefined;

  constructor(link: string) {
    this.#link = link;
  }

  get boardEnd(): string {
    return `${this.#link}.board`;
  }

  get alive(): boolean {
    return this.#socat !== undefined && this.#socat.exitCode === null && this.#socat.signalCode === null;
  }

  async make(): Promise<void> {
    if (this.alive) return;
    const ends = [this.#link, this.boardEnd].map((path) => `pty,raw,echo=0,link=${path}`);
    const socat = spawn('socat', ['-d', '-d', ...ends], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#socat = socat;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      socat.stderr.setEncoding('utf8').on('data', (text: string) => {
        // Only until it runs: after that its words are read and thrown away, so that its pipe never fills.
        if (said.includes('starting data transfer')) return;
        said += text;
        if (said.includes('starting data transfer')) resolve();
      });
      socat.once('error', (error: NodeJS.ErrnoException) => {
        const missing = error.code === 'ENOENT';
        const help =
          'socat is missing; install it (Debian, Raspberry Pi OS: sudo apt-get install socat) or use --tty';
        reject(new Error(missing ? help : error.message));
      });
      socat.once('exit', () => reject(new Error(`socat ended: ${said.trim()}`)));
    });
  }

  async remove(): Promise<void> {
    const socat = this.#socat;
    this.#socat = undefined;
    if (socat?.pid === undefined || socat.exitCode !== null || socat.signalCode !== null) return;
    const exited = once(socat, 'exit');
    socat.kill('SIGTERM');
    await exited;
  }
}

export class SimulatedLine {
  readonly #board: SimulatedBoard;
  readonly #path: string;
  readonly #pair: PtyPair | undefined;
  readonly #say: (text: string) => void;
  readonly #onWire: (direction: 'to-board' | 'to-host', bytes: Uint8Array) => void;
  #port: SerialPort | undefined;
  #plugged = false;
  #reopen: NodeJS.Timeout | undefined;

  constructor(
    line: { readonly kind: 'tty' | 'pty'; readonly path: string },
    board: SimulatedBoard,
    say: (text: string) => void,
    onWire: (direction: 'to-board' | 'to-host', bytes: Uint8Array) => void,
  ) {
    this.#board = board;
    this.#pair = line.kind === 'pty' ? new PtyPair(line.path) : undefined;
    this.#path = this.#pair?.boardEnd ?? line.path;
    this.#say = say;
    this.#onWire = onWire;
    board.onBytes((bytes) => this.#send(bytes));
  }

  /** Makes and opens the tty; fails when it cannot. */
  async plug(): Promise<void> {
    if (this.#plugged) return;
    await this.#pair?.make();
    await this.#open();
    this.#plugged = true;
  }

  /** Closes the tty; with a pair of its own the gateway's end goes away, as with a pulled cable. */
  async unplug(): Promise<void> {
    this.#plugged = false;
    clearTimeout(this.#reopen);
    const port = this.#port;
    this.#port = undefined;
    if (port?.isOpen) await new Promise((resolve) => port.close(resolve));
    await this.#pair?.remove();
  }

  async #open(): Promise<void> {
    const port = new SerialPort({ path: this.#path, baudRate: BAUD_RATE, autoOpen: false });
    await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
    this.#port = port;
    port.on('data', (bytes: Buffer) => {
      this.#onWire('to-board', bytes);
      this.#board.receive(bytes);
    });
    port.on('error', (error) => this.#say(`tty: ${error.message}`));
    port.on('close', () => this.#lost(port));
  }

  #lost(port: SerialPort): void {
    if (this.#port !== port) return;
    this.#port = undefined;
    this.#say('tty: closed under the board; it is opened again when it is back');
    this.#openLater();
  }

  #openLater(): void {
    this.#reopen = setTimeout(() => {
      this.#reopenNow().then(
        () => this.#say('tty: open again'),
        () => this.#plugged && this.#openLater(),
      );
    }, REOPEN_MS);
  }

  async #reopenNow(): Promise<void> {
    await this.#pair?.make();
    await this.#open();
  }

  #send(bytes: Uint8Array): void {
    const port = this.#port;
    if (port === undefined || !port.isOpen || port.writableLength > UNSENT_BYTES_MAX) return;
    this.#onWire('to-host', bytes);
    port.write(Buffer.from(bytes));
  }
}
