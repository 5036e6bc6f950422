/**
 * Passwords: argon2id with the parameters that OWASP names as the least (19 MiB, two passes, one lane). A hash takes
 * its memory and its time on a small board, so only one runs at once and few may wait: a flood of guesses must not take
 * the memory or all of the threads that the serial port and the disk also need.
 */
import { hash, verify } from '@node-rs/argon2';

/** The least length of a password; nothing is asked of its characters. */
export const PASSWORD_CHARS_MIN = 12;
/** Beyond this a password only costs time. */
export const PASSWORD_CHARS_MAX = 128;

const ARGON2ID = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;
const WAITING_MAX = 32;

/** Too many passwords wait to be checked; nothing was checked. */
export class HasherOverloaded extends Error {
  override name = 'HasherOverloaded';
}

/** Hashes and checks passwords, one at a time. */
export class PasswordHasher {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** The PHC string that goes into the database. Rejects with HasherOverloaded. */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, ARGON2ID));
  }

  /** Whether the password is the one of the hash. Rejects with HasherOverloaded. */
  verify(passwordHash: string, password: string): Promise<boolean> {
    return this.#inTurn(() => verify(passwordHash, password));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MAX) throw new HasherOverloaded('Too many passwords wait to be checked.');
    this.#waiting += 1;
    const mine = this.#tail.then(work);
    this.#tail = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }
}
