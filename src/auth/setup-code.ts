/**
 * The one-time code that makes the first admin: what it looks like, how a typed one is compared, and how often somebody
 * may be wrong. It is printed at a start, lives in memory only as a digest, and is a new one at the next start.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Crockford's letters: none of them is taken for another when read from a screen. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Five bits each: 100 bits. */
const CODE_LETTERS = 20;
const GROUP_LETTERS = 5;

const WRONG_TRIES_MAX = 10;
const LOCK_MS = 60_000;
const ADDRESSES_MAX = 256;

/** A new code, in groups: `K3M7Q-…`. */
export function makeSetupCode(): string {
  const letters = [...randomBytes(CODE_LETTERS)]
    .map((byte) => LETTERS.charAt(byte % LETTERS.length))
    .join('');
  return letters.match(new RegExp(`.{${GROUP_LETTERS}}`, 'g'))?.join('-') ?? letters;
}

/** The digest of a code as a person types it: case, dashes and blanks do not matter, nor O for 0 and I or L for 1. */
export function digestOfCode(typed: string): Buffer {
  const plain = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return createHash('sha256').update(plain).digest();
}

/** Compares digests in constant time. */
export function sameCode(expected: Buffer, typed: string): boolean {
  return timingSafeEqual(expected, digestOfCode(typed));
}

/**
 * Counts wrong tries by address, so that a stranger who guesses does not lock out the one who holds the code. A hundred
 * bits need no lock against guessing; it bounds what guessing costs us.
 */
export class WrongTries {
  readonly #monotonicMs: () => number;
  readonly #byAddress = new Map<string, { readonly count: number; readonly lastMs: number }>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** Whether this address has to wait. */
  locked(address: string): boolean {
    const tries = this.#current(address);
    return tries !== undefined && tries.count >= WRONG_TRIES_MAX;
  }

  /** One more wrong try. */
  add(address: string): void {
    const count = (this.#current(address)?.count ?? 0) + 1;
    this.#byAddress.delete(address);
    const oldest = this.#byAddress.keys().next().value;
    if (this.#byAddress.size >= ADDRESSES_MAX && oldest !== undefined) this.#byAddress.delete(oldest);
    this.#byAddress.set(address, { count, lastMs: this.#monotonicMs() });
  }

  #current(address: string) {
    const tries = this.#byAddress.get(address);
    return tries !== undefined && this.#monotonicMs() - tries.lastMs < LOCK_MS ? tries : undefined;
  }
}
