/**
 * The requests that stay open on purpose: event streams and commands that wait for their outcome. Closing the server
 * ends them all, so that nobody's patience holds up a restart.
 */
export class OpenRequests {
  readonly #ends = new Set<() => void>();
  #closed = false;

  /** Remembers how to end one; the answer forgets it again. Ends it at once when all were closed before. */
  add(end: () => void): () => void {
    if (this.#closed) end();
    else this.#ends.add(end);
    return () => {
      this.#ends.delete(end);
    };
  }

  get size(): number {
    return this.#ends.size;
  }

  /** Ends all, and all that come later. */
  closeAll(): void {
    this.#closed = true;
    for (const end of [...this.#ends]) end();
    this.#ends.clear();
  }
}
