/**
 * The pulse of one open port: whether the board still says S, judged only by turns of the loop that came in time. A
 * stalled loop earns no keep-alive and blames no board for silence.
 */
import { TIMES_MS } from '../../firmware-protocol/catalog.ts';
import { HELLO_PATIENCE_MS } from './handshake.ts';

/** A turn that comes later than this after the one before means a stalled loop. */
const HEALTHY_TURN_MS = 100;

export class Pulse {
  /** Whether this port has brought an S: from then on silence means that the board is gone. */
  #beaten = false;
  #beatAtMs: number;
  #turnAtMs: number;

  constructor(nowMs: number) {
    this.#beatAtMs = nowMs;
    this.#turnAtMs = nowMs;
  }

  /** An S was heard, or a session began and its first S is due like any other. */
  beat(nowMs: number): void {
    this.#beaten = true;
    this.#beatAtMs = nowMs;
  }

  /** One turn of the loop. Whether it came in time. */
  turn(nowMs: number): boolean {
    const healthy = nowMs - this.#turnAtMs <= HEALTHY_TURN_MS;
    this.#turnAtMs = nowMs;
    // What came during the stall still waits to be read.
    if (!healthy) this.#beatAtMs = Math.max(this.#beatAtMs, nowMs - this.#patienceMs + HEALTHY_TURN_MS);
    return healthy;
  }

  isSilent(nowMs: number): boolean {
    return nowMs - this.#beatAtMs > this.#patienceMs;
  }

  /** A board that restarts when its port opens may take its time before its first word, but only then. */
  get #patienceMs(): number {
    return this.#beaten ? TIMES_MS.statusSilenceMax : HELLO_PATIENCE_MS;
  }
}
