/**
 * The simulator's log: what truly happened, one JSON object a line with wall time and the motion counter, and on request
 * every frame. Written at once and whole, so that it can be held against a gateway's records after any kill.
 */
import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { ESC } from '../../firmware-protocol/catalog.ts';
import type { BoardState, Note, Stored } from '../../firmware-protocol/simulator/machine.ts';

type Direction = 'to-board' | 'to-host';
const LF = 0x0a;
const LINE_BYTES_MAX = 256;

export class TruthLog {
  readonly #path: string;
  readonly #partial: Record<Direction, number[]> = { 'to-board': [], 'to-host': [] };

  constructor(path: string) {
    this.#path = path;
  }

  note(note: Note, state: BoardState): void {
    this.#append({ ...note, motions: state.motions });
  }

  /** Bytes of the wire; a line is logged when its LF has come, an ESC at once. */
  wire(direction: Direction, bytes: Uint8Array): void {
    const partial = this.#partial[direction];
    for (const byte of bytes) {
      if (byte === ESC) this.#append({ kind: 'wire', direction, line: '<ESC>' });
      else if (byte !== LF) partial.push(byte);
      if (byte !== LF && partial.length < LINE_BYTES_MAX) continue;
      this.#append({ kind: 'wire', direction, line: Buffer.from(partial).toString('latin1') });
      partial.length = 0;
    }
  }

  #append(entry: object): void {
    appendFileSync(this.#path, `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** What a board kept; undefined when the file is not there yet. Throws when it is there and not of this form. */
export function readStored(path: string): Stored | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const read = JSON.parse(text) as Partial<Record<keyof Stored, unknown>>;
  const { boot, coins, prizes, latched } = read;
  if (!isCount(boot) || !isCount(coins) || !isCount(prizes) || typeof latched !== 'boolean') {
    throw new Error(`${path} is not the state of a simulated board; move it away to begin a new one`);
  }
  return { boot, coins, prizes, latched };
}

/** Keeps it, whole or not at all: a boot number that went back would use a session twice. */
export function writeStored(path: string, stored: Stored): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w');
  writeSync(file, `${JSON.stringify(stored)}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(fresh, path);
}
