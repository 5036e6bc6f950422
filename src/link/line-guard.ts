/**
 * Stands between the port and the readline parser and lets only whole lines of bounded length through. The parser has
 * no bound of its own and emits an unfinished tail as a line when its stream ends; behind this guard it can do neither:
 * a line that is too long is swallowed to its LF, and what is unfinished at the end never leaves.
 */
import { Transform, type TransformCallback } from 'node:stream';

const LF = 0x0a;

export class LineGuard extends Transform {
  readonly #lineBytesMax: number;
  readonly #onTooLong: () => void;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #swallowing = false;

  /** @param lineBytesMax the longest line kept, LF included. @param onTooLong called once for each line swallowed. */
  constructor(lineBytesMax: number, onTooLong: () => void) {
    super();
    this.#lineBytesMax = lineBytesMax;
    this.#onTooLong = onTooLong;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LF, start);
      if (end === -1) break;
      this.#take(chunk.subarray(start, end + 1));
      if (!this.#swallowing) this.push(Buffer.concat(this.#held));
      this.#drop();
      this.#swallowing = false;
      start = end + 1;
    }
    this.#take(chunk.subarray(start));
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#drop();
    done();
  }

  #take(part: Buffer): void {
    if (this.#swallowing || part.length === 0) return;
    if (this.#heldBytes + part.length > this.#lineBytesMax) {
      this.#drop();
      this.#swallowing = true;
      this.#onTooLong();
      return;
    }
    // Copied: the chunk belongs to the port's read pool.
    this.#held.push(Buffer.from(part));
    this.#heldBytes += part.length;
  }

  #drop(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }
}
