/** What one claw's line went through since the process started: totals that only grow, read by the meters. */
import { REFUSALS } from '../../firmware-protocol/catalog.ts';
import type { LinkStatistics } from '../domain/ports.ts';

/** Codes arrive checked but not known; beyond this many kinds they are counted as one. */
const KINDS_MAX = 24;

export class LinkCounters implements LinkStatistics {
  framesReceived = 0;
  resends = 0;
  handshakes = 0;
  portOpens = 0;
  boardResets = 0;
  emergencyStops = 0;
  /** From 0, so that a first fault shows as a rise. */
  readonly discarded: Record<string, number> = { LEN: 0, RX: 0, SYN: 0, CRC: 0, TYPE: 0, BADARG: 0 };
  readonly refusals: Record<string, number> = Object.fromEntries(
    Object.keys(REFUSALS).map((code) => [code, 0]),
  );

  count(kinds: Record<string, number>, kind: string): void {
    const name = kind in kinds || Object.keys(kinds).length < KINDS_MAX ? kind : 'other';
    kinds[name] = (kinds[name] ?? 0) + 1;
  }
}
