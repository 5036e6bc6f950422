/**
 * Idempotency-Keys of stops. A stop is never refused over its key, and never answered from memory while there is
 * something to stop: a panel that sends the same key with each press must stop the claw each time. So a key stands for
 * its stop only while that one is under way or still holds.
 */
import type { Submission } from '../domain/ports.ts';

const KEYS_MAX = 256;

/** A stop that was given to the line. */
export interface PressedStop {
  readonly submission: Submission;
  /** Whether pressing again would change nothing. */
  readonly holds: () => boolean;
}

interface Entry extends PressedStop {
  readonly fingerprint: string;
}

export class StopKeys {
  readonly #entries = new Map<string, Entry>();

  /** The submission that this key stands for while its stop holds; otherwise that of `press`. */
  once(userId: string, key: string, fingerprint: string, press: () => PressedStop): Submission {
    const name = `${userId}\n${key}`;
    const known = this.#entries.get(name);
    if (known?.fingerprint === fingerprint && known.holds()) return known.submission;
    const pressed = press();
    this.#entries.delete(name);
    this.#entries.set(name, { ...pressed, fingerprint });
    if (this.#entries.size > KEYS_MAX) this.#entries.delete(this.#entries.keys().next().value!);
    return pressed.submission;
  }
}
