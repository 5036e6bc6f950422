/**
 * A small world of one host, one board and the line between them, for the search in search.ts. The board's side
 * (board-moves.ts) is the reference board's own rules and the host (host-moves.ts) reads answers by exchange.ts; only
 * what a host sends next is written here, as choices. Time is left out: whatever may happen may happen at any moment.
 */

import type { Slot } from '../../firmware-protocol/simulator/outcome-ring.ts';
import { powerOn, type SessionState } from '../../firmware-protocol/simulator/session.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { outcomeOfTold } from '../../src/link/exchange.ts';

/** A rule left out on purpose; the search must find what goes wrong then. */
export type Variant = 'fresh-seq' | 'badsess-is-final' | 'no-nonce' | 'no-session';

export type Told = Parameters<typeof outcomeOfTold>[0];
export type Down =
  | { readonly t: 'H'; readonly n: number; readonly open: Slot | null }
  | { readonly t: 'C'; readonly slot: Slot; readonly id: number }
  | { readonly t: 'Q'; readonly session: string; readonly slot: Slot }
  | { readonly t: 'Z'; readonly session: string; readonly challenge: string }
  | { readonly t: 'ESC' };
export type Up =
  | {
      readonly t: 'W';
      readonly n: number;
      readonly session: string;
      readonly challenge: string | null;
      readonly told: Told | null;
    }
  | { readonly t: 'D' | 'E'; readonly slot: Slot; readonly code: string }
  | { readonly t: 'N'; readonly code: string; readonly slot: Slot | null };

export interface Open {
  readonly id: number;
  readonly slot: Slot;
}

/** What truly became of a command: how often it began, and how it ended. */
export interface Truth {
  readonly begun: number;
  readonly end: 'none' | 'whole' | 'part';
}

export interface Budget {
  readonly commands: number;
  readonly hellos: number;
  readonly resets: number;
  readonly crashes: number;
  readonly escapes: number;
  readonly losses: number;
  readonly repeats: number;
}

export interface World {
  readonly board: SessionState;
  /** The command whose motion is at work. */
  readonly running: number | null;
  readonly down: readonly Down[];
  readonly up: readonly Up[];
  readonly session: string | null;
  readonly challenge: string | null;
  /** The nonce that is waited for, and the slot asked with it. */
  readonly nonce: number | null;
  readonly asked: Slot | null;
  readonly lastSeq: number;
  /** Recorded in the log, not yet written to the line. */
  readonly reserved: Open | null;
  readonly open: readonly Open[];
  readonly questions: readonly Open[];
  /** The durable intents. */
  readonly log: readonly Open[];
  readonly told: readonly (Outcome['kind'] | null)[];
  readonly truth: readonly Truth[];
  readonly left: Budget;
  /** What is wrong with this world, if something is. */
  readonly wrong: string | null;
}

export const FRAMES_MAX = 2;
/** With the session left out of the slots, every session looks like this one. */
export const ONE_SESSION = '00001000';

export function newWorld(left: Budget): World {
  return {
    board: powerOn(1, false),
    running: null,
    down: [],
    up: [],
    session: null,
    challenge: null,
    nonce: null,
    asked: null,
    lastSeq: 0,
    reserved: null,
    open: [],
    questions: [],
    log: [],
    told: [],
    truth: [],
    left,
    wrong: null,
  };
}

export type Take = (name: string, after: World) => void;

export const spend = (world: World, what: keyof Budget): Budget => ({
  ...world.left,
  [what]: world.left[what] - 1,
});
export const say = (world: World, ...frames: Down[]): World => ({
  ...world,
  down: [...world.down, ...frames].slice(-FRAMES_MAX - 1),
});
export const sameSlot = (a: Slot, b: Slot): boolean => a.session === b.session && a.seq === b.seq;
