/** What one claw's line went through since the process started: totals that only grow, read by the meters. */

export interface LinkStatistics {
  readonly framesReceived: number;
  /** By the reason it was discarded. */
  readonly discarded: Readonly<Record<string, number>>;
  readonly resends: number;
  readonly handshakes: number;
  readonly portOpens: number;
  readonly boardResets: number;
  /** N frames heard, by code. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly emergencyStops: number;
}

/** Codes arrive checked but not known; beyond this many kinds they are counted as one. */
const KINDS_MAX = 24;

export class LinkCounters implements LinkStatistics {
  framesReceived = 0;
  resends = 0;
  handshakes = 0;
  portOpens = 0;
  boardResets = 0;
  emergencyStops = 0;
  readonly discarded: Record<string, number> = {};
  readonly refusals: Record<string, number> = {};

  count(kinds: Record<string, number>, kind: string): void {
    const name = kind in kinds || Object.keys(kinds).length < KINDS_MAX ? kind : 'other';
    kinds[name] = (kinds[name] ?? 0) + 1;
  }
}
