/**
 * The reference board in real time: gives the pure machine its clock and its bytes, with a bad wire on both sides. One
 * runner for the simulator on a tty, the demo and the tests; whoever carries the bytes stands outside.
 */
import { performance } from 'node:perf_hooks';
import {
  type BoardInput,
  type BoardState,
  createBoard,
  MECHANIC_FAULTS,
  type MechanicFault,
  type Note,
  type Stepped,
  type Stored,
  step,
} from '../../firmware-protocol/simulator/machine.ts';
import {
  changeWire,
  createWire,
  passBytes,
  type WireOptions,
  type WireState,
} from '../../firmware-protocol/simulator/wire.ts';

/** Faults of the wire by name, and the probability that each has when none is given. */
export const WIRE_FAULTS = { 'drop-replies': 0.05, drop: 0.02, duplicate: 0.05, noise: 0.001 } as const;
export type WireFault = keyof typeof WIRE_FAULTS;
/** Everything that can be wrong with the machine or its wire while it runs. */
export type Fault = WireFault | MechanicFault;

/** Faults in force: a probability for those of the wire, true for those of the machine. */
export type Faults = Partial<Record<WireFault, number> & Record<MechanicFault, boolean>>;

export interface SimulatedBoardOptions {
  /** How many times faster than real the mechanics run. */
  readonly speed?: number | undefined;
  readonly seed?: number | undefined;
  readonly faults?: Faults | undefined;
  /** What an earlier board left behind. */
  readonly stored?: Stored | undefined;
  /** A whole board to go on with, instead of a new one. */
  readonly initialState?: BoardState | undefined;
}

/** Taken as an input from outside; bytes and time come by ways of their own. */
export type Stimulus = Exclude<BoardInput, { readonly kind: 'bytes' | 'elapsed' }>;
export type WireListener = (bytes: Uint8Array) => void;
export type NoteListener = (note: Note, state: BoardState) => void;

const TICK_MS = 5;

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Whether a name is a fault of the wire. */
export function isWireFault(name: string): name is WireFault {
  return Object.hasOwn(WIRE_FAULTS, name);
}

/** Whether a name is a fault of the machine. */
export function isMechanicFault(name: string): name is MechanicFault {
  return MECHANIC_FAULTS.some((fault) => fault === name);
}

export class SimulatedBoard {
  #state: BoardState;
  #toBoard: WireState;
  #toHost: WireState;
  #wireFaults: Partial<Record<WireFault, number>> = {};
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;
  readonly #byteListeners = new Set<WireListener>();
  readonly #noteListeners = new Set<NoteListener>();

  constructor(options: SimulatedBoardOptions = {}) {
    const seed = options.seed ?? 1;
    this.#state =
      options.initialState ??
      createBoard({
        seed,
        mechanicsSpeed: options.speed ?? 1,
        ...(options.stored === undefined ? {} : { stored: options.stored }),
      });
    this.#toBoard = createWire({ seed: seed * 2 + 1 });
    this.#toHost = createWire({ seed: seed * 2 + 2 });
    for (const [name, value] of Object.entries(options.faults ?? {})) this.setFault(name as Fault, value);
  }

  /** The board as it is now; plain data, never changed in place. */
  get state(): BoardState {
    return this.#state;
  }

  /** Motions begun since the board was made: the truth that a gateway's records are held against. */
  get motions(): number {
    return this.#state.motions;
  }

  /** Bytes that leave the board's end of the wire. Answers the way to stop listening. */
  onBytes(listener: WireListener): () => void {
    return listen(this.#byteListeners, listener);
  }

  /** What truly happened. Answers the way to stop listening. */
  onNote(listener: NoteListener): () => void {
    return listen(this.#noteListeners, listener);
  }

  /** Lets time pass for the board until `stop`. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#lastMs = performance.now();
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS);
    this.#catchUp();
  }

  /** Time stands still: nothing is said any more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Bytes from the host, through the wire. A board that is stopped hears nothing, as one without power. */
  receive(bytes: Uint8Array): void {
    if (this.#timer === undefined) return;
    this.#catchUp();
    const passed = passBytes(this.#toBoard, bytes);
    this.#toBoard = passed.state;
    for (const chunk of passed.chunks) this.#step({ kind: 'bytes', bytes: chunk });
  }

  /** Something happens to the machine: a coin, the door, a reset … */
  input(stimulus: Stimulus): void {
    if (this.#timer !== undefined) this.#catchUp();
    this.#step(stimulus);
  }

  /** Puts a fault in, with its probability if it is one of the wire, or takes it out with false. */
  setFault(name: Fault, value: number | boolean): void {
    if (isMechanicFault(name)) {
      this.input({ kind: 'fault', name, on: value !== false });
      return;
    }
    this.#wireFaults = { ...this.#wireFaults };
    if (value === false) delete this.#wireFaults[name];
    else this.#wireFaults[name] = value === true ? WIRE_FAULTS[name] : value;
    const { noise, duplicate, drop, 'drop-replies': dropReplies } = this.#wireFaults;
    const options: WireOptions = {
      ...(noise === undefined ? {} : { noise }),
      ...(duplicate === undefined ? {} : { duplicate }),
      ...(drop === undefined ? {} : { drop }),
    };
    this.#toBoard = changeWire(this.#toBoard, options);
    this.#toHost = changeWire(this.#toHost, {
      ...options,
      ...(dropReplies === undefined ? {} : { dropReplies }),
    });
  }

  #catchUp(): void {
    const nowMs = performance.now();
    const ms = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    this.#step({ kind: 'elapsed', ms });
  }

  #step(input: BoardInput): void {
    const stepped: Stepped = step(this.#state, input);
    this.#state = stepped.state;
    for (const note of stepped.notes) for (const listener of this.#noteListeners) listener(note, this.#state);
    if (stepped.bytes.length === 0) return;
    const passed = passBytes(this.#toHost, stepped.bytes);
    this.#toHost = passed.state;
    for (const chunk of passed.chunks) for (const listener of this.#byteListeners) listener(chunk);
  }
}
