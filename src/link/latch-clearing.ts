/**
 * Operators' resets that wait for the board: which latch they were about, when to say Z again, and what may be told of
 * them. A reset outlives its session as long as the latch is the same one; it never clears a later stop.
 */

/** A Z without an answer is repeated after this. */
const REPEAT_MS = 100;

/** True: the latch is clear. Null: nobody knows; the board may have taken the Z. */
export type Cleared = true | null;

interface Waiting {
  readonly untilMs: number;
  readonly settle: (cleared: Cleared) => void;
}

export class LatchClearing {
  #challenge = '';
  #nextAtMs = 0;
  #waiting: Waiting[] = [];

  /** Whether a Z may be under way. */
  get active(): boolean {
    return this.#waiting.length > 0;
  }

  /** A reset of the latch with this challenge; it is given up, as unknown, at `untilMs`. */
  ask(challenge: string, untilMs: number, settle: (cleared: Cleared) => void): void {
    this.#challenge = challenge;
    this.#nextAtMs = 0;
    this.#waiting.push({ untilMs, settle });
  }

  /** Whether a Z is to be written now. */
  due(nowMs: number): boolean {
    if (!this.active || nowMs < this.#nextAtMs) return false;
    this.#nextAtMs = nowMs + REPEAT_MS;
    return true;
  }

  /** Time passes: gives up what has waited for too long. */
  expire(nowMs: number): void {
    const late = this.#waiting.filter(({ untilMs }) => nowMs >= untilMs);
    this.#waiting = this.#waiting.filter(({ untilMs }) => nowMs < untilMs);
    for (const { settle } of late) settle(null);
  }

  /** A new session tells of the latch: gone, the same, or one of a later stop, which nobody asked to clear. */
  welcomed(challenge: string | null): void {
    if (challenge === null) this.settle(true);
    else if (challenge !== this.#challenge) this.settle(null);
  }

  /** Settles all that wait. */
  settle(cleared: Cleared): void {
    for (const { settle } of this.#waiting.splice(0)) settle(cleared);
  }
}
