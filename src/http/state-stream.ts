/**
 * One viewer's stream of a claw's state, as server-sent events. Only the newest state is worth sending: what a slow
 * or crowded line has not taken yet is replaced, never queued, so a viewer costs one snapshot of memory at most.
 */
import type { Response } from 'express';
import type { ClawSnapshot } from '../domain/claw-state.ts';
import type { Clock } from '../domain/ports.ts';

/** At most ten states a second, which is what an eye and a small board can follow. */
const EVENT_INTERVAL_MIN_MS = 100;
/** How long a browser waits before it connects again. */
const RECONNECT_DELAY_MS = 2000;

export class StateStream {
  readonly #res: Response;
  readonly #clock: Clock;
  #newest: ClawSnapshot | null = null;
  #sent = '';
  #eventId = 0;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | null = null;

  constructor(res: Response, clock: Clock) {
    this.#res = res;
    this.#clock = clock;
    res.status(200).set({
      'Content-Type': 'text/event-stream',
      // Some proxies hold streams back unless told not to.
      'X-Accel-Buffering': 'no',
    });
    res.write(`retry: ${RECONNECT_DELAY_MS}\n\n`);
    res.on('drain', () => this.#flush());
  }

  /** Sends this state as soon as line and pace allow it, unless a newer one comes first. */
  push(snapshot: ClawSnapshot): void {
    this.#newest = snapshot;
    this.#flush();
  }

  /** Whether the viewer has not taken what was written. */
  get stalled(): boolean {
    return this.#res.writableNeedDrain;
  }

  /** A sign of life that the viewer's program ignores. */
  beat(): void {
    if (!this.#over) this.#res.write(':\n\n');
  }

  /** Ends the stream; a stalled viewer would never take the end, so its line is cut. */
  end(): void {
    this.#newest = null;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.stalled) this.#res.destroy();
    else if (!this.#over) this.#res.end();
  }

  get #over(): boolean {
    return this.#res.writableEnded || this.#res.destroyed;
  }

  #flush(): void {
    if (this.#newest === null || this.#cancelTimer !== null || this.stalled || this.#over) return;
    const waitMs = this.#sentAtMs + EVENT_INTERVAL_MIN_MS - this.#clock.monotonicMs();
    if (waitMs > 0) {
      this.#cancelTimer = this.#clock.after(waitMs, () => {
        this.#cancelTimer = null;
        this.#flush();
      });
      return;
    }
    const data = JSON.stringify(this.#newest);
    this.#newest = null;
    // A board tells its state ten times a second, changed or not.
    if (data === this.#sent) return;
    this.#sent = data;
    this.#eventId += 1;
    this.#sentAtMs = this.#clock.monotonicMs();
    this.#res.write(`event: state\nid: ${this.#eventId}\ndata: ${data}\n\n`);
  }
}
