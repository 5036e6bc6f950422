/** The board's clock as the host knows it: the last board ms heard plus the host's own monotonic time since. */
import { boardMsPlus } from '../../firmware-protocol/codec.ts';

export class BoardClock {
  #heardMs = 0;
  #heardAtMs = 0;

  /** The newest board ms heard: what a keep-alive echoes. */
  get newestHeardMs(): number {
    return this.#heardMs;
  }

  hear(boardMs: number, nowMs: number): void {
    this.#heardMs = boardMs;
    this.#heardAtMs = nowMs;
  }

  /** Board time `aheadMs` after now. */
  at(nowMs: number, aheadMs: number): number {
    return boardMsPlus(this.#heardMs, nowMs - this.#heardAtMs + aheadMs);
  }
}
