/**
 * The outcome ring of a board: what became of the last commands, and the floor below which nothing can be told. The
 * first thing a board looks at when a command or a question comes (PROTOCOL.md, "One command" and "What became of a
 * command"). Pure functions over plain data, small enough to be explored state by state.
 */
import { BOOT_DIGITS, type EndingWord, type FieldValues, LIMITS, type RejectionWord } from '../catalog.ts';

/** One command of one session. */
export type Slot = FieldValues['slot'];

/** What the ring holds of a consumed command: at work, ended, or rejected. The letters are those of the answer. */
export type Recorded =
  | { readonly kind: 'A' }
  | { readonly kind: 'D'; readonly code: EndingWord }
  | { readonly kind: 'E'; readonly code: RejectionWord };

export interface RingEntry {
  readonly slot: Slot;
  readonly recorded: Recorded;
}

export interface OutcomeRing {
  /** Oldest first, never more than LIMITS.ringEntries. */
  readonly entries: readonly RingEntry[];
  /** The highest slot that left the ring; null while none has. */
  readonly floor: Slot | null;
}

/** The ring of a board that never ran. */
export const EMPTY_RING: OutcomeRing = { entries: [], floor: null };

/** Order of slots: by session, then by number. Sessions are upper-case hex of one length, so text order is their order. */
export function compareSlots(left: Slot, right: Slot): number {
  if (left.session !== right.session) return left.session < right.session ? -1 : 1;
  return left.seq - right.seq;
}

const sameSlot = (left: Slot, right: Slot): boolean => compareSlots(left, right) === 0;

/** What the ring holds of a slot, if anything. */
export function lookUp(ring: OutcomeRing, slot: Slot): Recorded | undefined {
  return ring.entries.find((entry) => sameSlot(entry.slot, slot))?.recorded;
}

/**
 * Records a newly consumed command. When the ring is full the oldest leaves and the floor rises to it, but never the
 * command that is at work: a row of refusals must not make the board forget what it is doing.
 */
export function record(ring: OutcomeRing, slot: Slot, recorded: Recorded): OutcomeRing {
  const entries = [...ring.entries, { slot, recorded }];
  if (entries.length <= LIMITS.ringEntries) return { ...ring, entries };
  const leaving = entries.findIndex((entry) => entry.recorded.kind !== 'A');
  const [left] = entries.splice(Math.max(leaving, 0), 1);
  const floor = ring.floor === null || compareSlots(left!.slot, ring.floor) > 0 ? left!.slot : ring.floor;
  return { entries, floor };
}

/** The command at `slot` came to its end. */
export function settle(ring: OutcomeRing, slot: Slot, code: EndingWord): OutcomeRing {
  const entries = ring.entries.map((entry) =>
    sameSlot(entry.slot, slot) ? { slot, recorded: { kind: 'D' as const, code } } : entry,
  );
  return { ...ring, entries };
}

/** The ring after a power-on: empty, with the floor at the last slot that any earlier boot can have had. */
export function ringAfterPowerOn(boot: number): OutcomeRing {
  if (boot === 0) return EMPTY_RING;
  const before = (boot - 1).toString(16).toUpperCase().padStart(BOOT_DIGITS, '0');
  return { entries: [], floor: { session: `${before}FFF`, seq: 65535 } };
}

/**
 * What can be said of a slot. NEVER only of a session that this board made earlier and whose commands cannot have left
 * the ring: of a session it has not made yet, a command may still come.
 */
export function tell(
  ring: OutcomeRing,
  slot: Slot,
  newestSession: string,
  live: boolean,
): Recorded | 'NEVER' | 'FORGOT' {
  const recorded = lookUp(ring, slot);
  if (recorded !== undefined) return recorded;
  const over = slot.session < newestSession || (slot.session === newestSession && !live);
  const aboveFloor = ring.floor === null || compareSlots(slot, ring.floor) > 0;
  return over && aboveFloor ? 'NEVER' : 'FORGOT';
}
