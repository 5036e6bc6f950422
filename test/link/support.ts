/**
 * What the tests of the link stand on: the real supervisor over the library's real stream, a cable that can be pulled,
 * and at its other end the reference board, or one that says only what a test tells it to.
 */
import { expect } from 'vitest';
import { ESC } from '../../firmware-protocol/catalog.ts';
import { formatFrame } from '../../firmware-protocol/frame.ts';
import type { Note } from '../../firmware-protocol/simulator/machine.ts';
import {
  SimulatedBoard,
  type SimulatedBoardOptions,
  type WireListener,
} from '../../scripts/support/simulated-board.ts';
import { SimulatedCable } from '../../scripts/support/simulated-port.ts';
import { type ClawSnapshot, MOVING_STATES } from '../../src/domain/claw-state.ts';
import type { MotionCommand } from '../../src/domain/command.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { CommandSlot } from '../../src/domain/ports.ts';
import { LinkSupervisor, type LinkTransition } from '../../src/link/supervisor.ts';
import { systemClock } from '../../src/ops/clock.ts';

const LF = 0x0a;
const PATH = '/simulated/claw';

/** Cuts a stream of bytes into frames; ESC is one by itself. What is unfinished waits. */
class Frames {
  #partial: number[] = [];

  cut(bytes: Uint8Array): string[] {
    const frames: string[] = [];
    for (const byte of bytes) {
      if (byte === ESC) frames.push('\u001b');
      else this.#partial.push(byte);
      if (byte !== LF) continue;
      frames.push(Buffer.from(this.#partial).toString('latin1'));
      this.#partial = [];
    }
    return frames;
  }
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** The reference board behind a line that loses exactly the frames that a test names. */
export class FilteredBoard extends SimulatedBoard {
  readonly #shouted = new Set<WireListener>();
  /** Which frames come through. */
  toBoard: (frame: string) => boolean = () => true;
  toHost: (frame: string) => boolean = () => true;
  readonly #toBoard = new Frames();

  override receive(bytes: Uint8Array): void {
    for (const frame of this.#toBoard.cut(bytes)) if (this.toBoard(frame)) super.receive(bytesOf(frame));
  }

  override onBytes(listener: WireListener): () => void {
    const frames = new Frames();
    this.#shouted.add(listener);
    const stop = super.onBytes((bytes) => {
      for (const frame of frames.cut(bytes)) if (this.toHost(frame)) listener(bytesOf(frame));
    });
    return () => {
      this.#shouted.delete(listener);
      stop();
    };
  }

  /** Bytes on the line that no board would say. */
  shout(bytes: Uint8Array): void {
    for (const listener of this.#shouted) listener(bytes);
  }
}

/** A board that says only what a test tells it to, and keeps what it hears. */
export class ScriptedBoard extends SimulatedBoard {
  readonly heard: string[] = [];
  readonly #listeners = new Set<WireListener>();
  readonly #frames = new Frames();
  #wake: () => void = () => {};

  override receive(bytes: Uint8Array): void {
    for (const frame of this.#frames.cut(bytes)) this.heard.push(frame.replace(/\*.*\n$/, ''));
    this.#wake();
  }

  override onBytes(listener: WireListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  raw(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(bytes);
  }

  say(...payloads: readonly string[]): void {
    this.raw(bytesOf(payloads.map(formatFrame).join('')));
  }

  /** The next frame heard that matches, and all before it are done with. */
  async hear(pattern: RegExp): Promise<string> {
    for (;;) {
      const index = this.heard.findIndex((frame) => pattern.test(frame));
      if (index !== -1) return this.heard.splice(0, index + 1).at(-1)!;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Answers the next hello as a board would. */
  async welcome(session: string, options: { told?: string; challenge?: string; state?: string } = {}) {
    const { told = '-', challenge = '-', state = 'IDLE' } = options;
    const nonce = (await this.hear(/^H /)).split(' ')[2];
    this.say(`W ${nonce} ${session} 1 00000064 ${challenge} ${told}`, boot(session), status(state));
  }
}

/** B of the boot that a session belongs to. */
export const boot = (session: string): string => `B ${session.slice(0, 5)} POR SIMULATED/1.0 1-1`;
/** S, homed and standing. */
export const status = (state: string, ms = '00000064'): string => `S ${ms} ${state} 0 0 0 0 0 0200 -`;

export const HOME = { verb: 'home' } as const satisfies MotionCommand;
export const STRIKE = { verb: 'strike' } as const satisfies MotionCommand;
export const RELEASE = { verb: 'release' } as const satisfies MotionCommand;
export const FAR = { verb: 'move', x: 500, y: 400 } as const satisfies MotionCommand;
export const JOG = { verb: 'jog', vx: 50, vy: 0, durationMs: 200 } as const satisfies MotionCommand;

interface Given<B extends SimulatedBoard> {
  readonly board: B;
  /** Where it is not plugged in at first. */
  readonly plugged?: boolean;
}

/** One claw's line, from supervisor to board. */
export class Rig<B extends SimulatedBoard = FilteredBoard> {
  readonly board: B;
  readonly cable: SimulatedCable;
  readonly link: LinkSupervisor;
  readonly notes: Note[] = [];
  readonly transitions: LinkTransition[] = [];
  /** Every frame that the gateway wrote. */
  readonly written: string[] = [];
  /** Each command with its slot, once recorded, and its outcome. */
  readonly told: { readonly slot: CommandSlot; readonly outcome: Promise<Outcome> }[] = [];
  #nonce = 0;
  #commands = 0;
  #aheadMs = 0;

  constructor({ board, plugged = true }: Given<B>) {
    this.board = board;
    const frames = new Frames();
    this.cable = new SimulatedCable(board, PATH, (bytes) => this.written.push(...frames.cut(bytes)));
    if (!plugged) this.cable.unplug();
    board.onNote((note) => this.notes.push(note));
    this.link = new LinkSupervisor({
      claw: 'claw-1',
      path: PATH,
      makePort: () => this.cable.makePort(),
      clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + this.#aheadMs },
      makeNonce: () => {
        this.#nonce += 1;
        return this.#nonce.toString(16).toUpperCase().padStart(8, '0');
      },
      random: () => 0.5,
      onTransition: (transition) => this.transitions.push(transition),
    });
  }

  /** Lets the gateway's clock run ahead at once, as if it had waited so long. */
  skip(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Resolves with the first snapshot that is so. */
  until(isSo: (snapshot: ClawSnapshot) => boolean): Promise<ClawSnapshot> {
    return new Promise((resolve) => {
      const look = (snapshot: ClawSnapshot): boolean => {
        if (isSo(snapshot)) resolve(snapshot);
        return isSo(snapshot);
      };
      if (look(this.link.snapshot())) return;
      const stop = this.link.subscribe((snapshot) => {
        if (look(snapshot)) stop();
      });
    });
  }

  up(): Promise<ClawSnapshot> {
    return this.until(({ link }) => link === 'up');
  }

  /** Resolves when the gateway has heard that the claw moves. */
  moving(): Promise<ClawSnapshot> {
    return this.until(({ state, link }) => link === 'up' && MOVING_STATES.includes(state));
  }

  /** Resolves when the board notes something of this kind from now on. */
  noted<K extends Note['kind']>(kind: K): Promise<Extract<Note, { kind: K }>> {
    return new Promise((resolve) => {
      const stop = this.board.onNote((note) => {
        if (note.kind !== kind) return;
        stop();
        resolve(note as Extract<Note, { kind: K }>);
      });
    });
  }

  execute(
    command: MotionCommand,
    record: (slot: CommandSlot) => Promise<boolean> = async () => true,
  ): Promise<Outcome> {
    this.#commands += 1;
    let slot: CommandSlot | undefined;
    const outcome = this.link.execute(command, `command-${this.#commands}`, (given) => {
      slot = given;
      return record(given);
    });
    // The number is given at once or never.
    if (slot !== undefined) this.told.push({ slot, outcome });
    return outcome;
  }

  /** Starts, waits for the session and homes the claw. */
  async ready(): Promise<void> {
    this.link.start();
    await this.up();
    expect(await this.execute(HOME)).toEqual({ kind: 'done' });
    await this.until(({ state, homed }) => state === 'idle' && homed);
  }

  /** Holds every outcome told against what the board noted, and that nothing ran twice. */
  async expectTruth(): Promise<void> {
    for (const { slot, outcome } of this.told) {
      const ran = this.notes.flatMap((note) =>
        note.kind === 'motion-started' && note.session === slot.session && note.seq === slot.seq
          ? [note.motion]
          : [],
      );
      const endings = this.notes.flatMap((note) =>
        note.kind === 'motion-ended' && note.motion === ran[0] ? [note.ending] : [],
      );
      const what = `${slot.session}/${slot.seq}: ${JSON.stringify(await outcome)}, ran ${ran.length}, ${endings}`;
      const known = await outcome;
      expect(ran.length, what).toBeLessThanOrEqual(1);
      if (known.kind === 'done') expect(['OK', 'RENEWED'], what).toContain(endings[0]);
      else if (known.kind === 'failed') expect(endings[0]?.toLowerCase(), what).toBe(known.code);
      else if (known.kind !== 'unknown') expect(ran, what).toEqual([]);
    }
    const motions = this.notes.filter(({ kind }) => kind === 'motion-started').length;
    expect(this.board.motions).toBe(motions);
  }

  /** No number is ever on the wire with two different orders. */
  expectNumbersUsedOnce(): void {
    const orders = new Map<string, string>();
    for (const frame of this.written.filter((line) => line.startsWith('C '))) {
      const slot = frame.split(' ').slice(1, 3).join('/');
      expect(orders.get(slot) ?? frame).toBe(frame);
      orders.set(slot, frame);
    }
  }

  async close(): Promise<void> {
    await this.link.close();
    this.board.stop();
  }
}

/** A rig with the reference board, switched on. */
export function realRig(options: SimulatedBoardOptions & { plugged?: boolean } = {}): Rig {
  const board = new FilteredBoard({ speed: 40, seed: 7, ...options });
  const rig = new Rig({ board, plugged: options.plugged ?? true });
  board.start();
  return rig;
}

/** A rig with a board that is told what to say. */
export function scriptedRig(): Rig<ScriptedBoard> {
  return new Rig({ board: new ScriptedBoard() });
}
