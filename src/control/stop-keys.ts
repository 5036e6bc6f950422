/**
 * When pressing a stop again is the same stop. It is never refused, and each press goes to the line; the question is
 * only whether it is one more command, with an answer and rows of its own. It is none while the first one is under way
 * or still holds: under the same Idempotency-Key, or by the same person while the rows of the first wait for the disk,
 * which bounds what a flood of presses can make wait.
 */
import type { Submission } from '../domain/ports.ts';

const ENTRIES_MAX = 256;

/** A stop that was given to the line. */
export interface PressedStop {
  readonly submission: Extract<Submission, { readonly kind: 'accepted' }>;
  /** Whether it is under way, or was done and nothing has moved or been reset since. */
  readonly holds: () => boolean;
  /** Whether its intent is in the log. */
  readonly isWritten: () => boolean;
}

export class StopKeys {
  readonly #isSame: (stop: PressedStop) => boolean;
  readonly #entries = new Map<string, PressedStop>();

  /** `isSame`: whether a stop under a known name still is that stop. */
  constructor(isSame: (stop: PressedStop) => boolean) {
    this.#isSame = isSame;
  }

  /** The stop that this name stands for; where there is none any more, that of `press`. */
  once(name: readonly (string | null)[], press: () => PressedStop): PressedStop {
    const key = JSON.stringify(name);
    const known = this.#entries.get(key);
    if (known !== undefined && this.#isSame(known)) return known;
    const pressed = press();
    this.#entries.delete(key);
    this.#entries.set(key, pressed);
    if (this.#entries.size > ENTRIES_MAX) this.#entries.delete(this.#entries.keys().next().value!);
    return pressed;
  }
}
