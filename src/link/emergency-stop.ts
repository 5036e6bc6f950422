/**
 * The out-of-band stop of one line: ESC three times at once, then every 20 ms until the board says ESTOP. It asks for
 * nothing and waits for nothing; only the board's own word ends it.
 */
import { ESC, TIMES_MS } from '../../firmware-protocol/catalog.ts';

const FIRST_BURST = Uint8Array.of(ESC, ESC, ESC);
const ONE = Uint8Array.of(ESC);

export class EmergencyStop {
  #active = false;
  #nextAtMs = 0;
  readonly #confirmations: (() => void)[] = [];

  /** Whether ESC is still being sent: nothing else may go out meanwhile. */
  get active(): boolean {
    return this.#active;
  }

  /** Bytes to write now. `confirmed` is called when the board says ESTOP, if it ever does. */
  begin(nowMs: number, confirmed?: () => void): Uint8Array {
    if (confirmed) this.#confirmations.push(confirmed);
    this.#active = true;
    this.#nextAtMs = nowMs + TIMES_MS.escRepeat;
    return FIRST_BURST;
  }

  /** Bytes to write at this time, if any are due. */
  due(nowMs: number): Uint8Array | null {
    if (!this.#active || nowMs < this.#nextAtMs) return null;
    this.#nextAtMs = nowMs + TIMES_MS.escRepeat;
    return ONE;
  }

  /** The board said ESTOP. */
  confirm(): void {
    this.#active = false;
    for (const confirmed of this.#confirmations.splice(0)) confirmed();
  }
}
