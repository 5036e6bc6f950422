/**
 * A bad wire, one direction of it, with a seed: bytes go in, bytes come out, some of them spoilt. Pure like the board, so
 * that a failing run is replayed from its seed. Faults live here and not in the ends: both ends stay honest.
 */
import { ESC } from '../catalog.ts';
import { draw } from './random.ts';

export interface WireOptions {
  readonly seed?: number;
  /** Probability that a whole reply (W A D E) is lost. */
  readonly dropReplies?: number;
  /** Probability that any whole frame is lost. */
  readonly drop?: number;
  /** Probability that a whole frame comes twice. */
  readonly duplicate?: number;
  /** Probability, for each byte, that one bit of it flips. */
  readonly noise?: number;
}

export interface WireState {
  readonly options: WireOptions;
  readonly random: number;
  /** The frame so far, while the wire has to see it whole. */
  readonly pending: readonly number[];
}

export interface Passed {
  readonly state: WireState;
  readonly chunks: readonly Uint8Array[];
}

const LF = 0x0a;
/** A longer line is no frame; it is let through in pieces, so that the wire's own memory has a bound. */
const PENDING_BYTES_MAX = 256;
const REPLIES = new Set(['W', 'A', 'D', 'E'].map((letter) => letter.charCodeAt(0)));

/** A wire with these faults. */
export function createWire(options: WireOptions = {}): WireState {
  return { options, random: (options.seed ?? 1) | 0, pending: [] };
}

/** The same wire with other faults from now on. */
export function changeWire(state: WireState, options: WireOptions): WireState {
  return { ...state, options };
}

interface Passing {
  random: number;
  readonly chunks: Uint8Array[];
}

function happens(passing: Passing, probability: number | undefined): boolean {
  if (probability === undefined || probability <= 0) return false;
  const drawn = draw(passing.random);
  passing.random = drawn.random;
  return drawn.value < probability;
}

function emit(passing: Passing, bytes: readonly number[], noise: number | undefined): void {
  const out = Uint8Array.from(bytes);
  for (const [index, byte] of out.entries()) {
    if (!happens(passing, noise)) continue;
    const bit = draw(passing.random);
    passing.random = bit.random;
    out[index] = byte ^ (1 << Math.floor(bit.value * 8));
  }
  if (out.length > 0) passing.chunks.push(out);
}

function passFrame(passing: Passing, frame: readonly number[], options: WireOptions): void {
  const isReply = REPLIES.has(frame[0]!);
  if (happens(passing, options.drop) || (isReply && happens(passing, options.dropReplies))) return;
  emit(passing, frame, options.noise);
  if (happens(passing, options.duplicate)) emit(passing, frame, options.noise);
}

/** What comes out at the other end, in order. */
export function passBytes(state: WireState, bytes: Uint8Array): Passed {
  const { options } = state;
  const passing: Passing = { random: state.random, chunks: [] };
  const whole = Boolean(options.drop || options.dropReplies || options.duplicate);
  if (!whole) {
    emit(passing, [...state.pending, ...bytes], options.noise);
    return { state: { ...state, random: passing.random, pending: [] }, chunks: passing.chunks };
  }
  let pending = [...state.pending];
  for (const byte of bytes) {
    if (byte === ESC) {
      // Out of band on the wire too: a stop never waits for the line around it.
      emit(passing, [byte], options.noise);
      continue;
    }
    pending.push(byte);
    if (byte === LF) passFrame(passing, pending, options);
    else if (pending.length >= PENDING_BYTES_MAX) emit(passing, pending, options.noise);
    else continue;
    pending = [];
  }
  return { state: { ...state, random: passing.random, pending }, chunks: passing.chunks };
}
