/**
 * The out-of-band stop of one line: ESC three times at once, then every 20 ms until the board says ESTOP. It asks for
 * nothing and waits for nothing; only the board's own word ends it.
 */
import { ESC, TIMES_MS } from '../../firmware-protocol/catalog.ts';

const FIRST_BURST = Uint8Array.of(ESC, ESC, ESC);
const ONE = Uint8Array.of(ESC);
/** What a board said before it heard the stop has come by then. */
const UNDER_WAY_MS = 50;
/** Without the board's word for this long, the port is opened anew. */
const PATIENCE_MS = 4000;

export class EmergencyStop {
  #active = false;
  #sinceMs = 0;
  #nextAtMs = 0;
  #trustedFromMs = 0;

  /** Whether ESC is still being sent: nothing else may go out meanwhile. */
  get active(): boolean {
    return this.#active;
  }

  /**
   * Bytes to write now. `latchMayClear`: a Z may be under way, so an ESTOP that is already on the line may tell of the
   * latch that it clears; only a later one is then believed.
   */
  begin(nowMs: number, latchMayClear = false): Uint8Array {
    if (!this.#active) this.#sinceMs = nowMs;
    this.#active = true;
    this.#nextAtMs = nowMs + TIMES_MS.escRepeat;
    if (latchMayClear) this.#trustedFromMs = nowMs + UNDER_WAY_MS;
    return FIRST_BURST;
  }

  /** Bytes to write at this time, if any are due. */
  due(nowMs: number): Uint8Array | null {
    if (!this.#active || nowMs < this.#nextAtMs) return null;
    this.#nextAtMs = nowMs + TIMES_MS.escRepeat;
    return ONE;
  }

  /** Whether this port has been given its chance. */
  isHopeless(nowMs: number): boolean {
    return this.#active && nowMs - this.#sinceMs > PATIENCE_MS;
  }

  /** The board said ESTOP. True when that ends the stop. */
  confirm(nowMs: number): boolean {
    if (!this.#active || nowMs < this.#trustedFromMs) return false;
    this.#active = false;
    return true;
  }
}
