/**
 * One key, one command: remembers, for each person and Idempotency-Key, the submission it stands for. Parallel repeats
 * meet the same promise; older ones are found in the log. A refusal is no execution, so it frees its key.
 */
import type { Submission } from '../domain/ports.ts';

const KEYS_MAX = 2000;

interface Entry {
  readonly fingerprint: string;
  readonly submission: Promise<Submission>;
}

export class IdempotencyKeys {
  readonly #entries = new Map<string, Entry>();

  /**
   * The submission that this key already stands for, or that of `submit`, which is then called once.
   * A different fingerprint under the same key is `key_reused`.
   */
  once(
    userId: string,
    key: string,
    fingerprint: string,
    submit: () => Promise<Submission>,
  ): Promise<Submission> {
    const name = `${userId}\n${key}`;
    const known = this.#entries.get(name);
    if (known)
      return known.fingerprint === fingerprint ? known.submission : Promise.resolve({ kind: 'key_reused' });
    const submission = submit();
    this.#entries.set(name, { fingerprint, submission });
    if (this.#entries.size > KEYS_MAX) this.#entries.delete(this.#entries.keys().next().value!);
    void submission.then((result) => {
      if (result.kind !== 'accepted') this.#entries.delete(name);
    });
    return submission;
  }
}
