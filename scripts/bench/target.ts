/** What the press bench presses on: the floor and the gateway look the same to it. */

export interface PressTarget {
  /** One press: the milliseconds from POST strike to its 202. Resolves when the target can take the next one. */
  readonly press: () => Promise<number>;
  /** Resident memory of the server's process. */
  readonly residentMegabytes: () => number;
  readonly stop: () => Promise<void>;
}
