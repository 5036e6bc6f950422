/** What the board last said, put together into the snapshot that the rest of the gateway reads. Pure. */
import { INPUT_BITS } from '../../firmware-protocol/catalog.ts';
import type { BoardMessage } from '../../firmware-protocol/codec.ts';
import {
  type ClawInputs,
  type ClawSnapshot,
  type ClawState,
  isClawState,
  type LinkStatus,
} from '../domain/claw-state.ts';

export type News = Extract<BoardMessage, { type: 'B' | 'S' | 'T' | 'V' }>;

/** The newest message of each kind since the port was opened. */
export interface BoardView {
  readonly identity: Extract<News, { type: 'B' }> | null;
  readonly status: Extract<News, { type: 'S' }> | null;
  readonly totals: Extract<News, { type: 'T' }> | null;
}

export const NOTHING_HEARD: BoardView = { identity: null, status: null, totals: null };

/** The view after one more message. */
export function afterNews(view: BoardView, message: News): BoardView {
  switch (message.type) {
    case 'B':
      return { ...view, identity: message };
    case 'S':
      return { ...view, status: message };
    case 'T':
      return { ...view, totals: message };
    case 'V':
      return view;
  }
}

export interface LinkView {
  readonly link: LinkStatus;
  readonly linkReason: string | null;
  readonly commandId: string | null;
}

export function snapshotOf(claw: string, view: BoardView, link: LinkView): ClawSnapshot {
  const { identity, status, totals } = view;
  return {
    claw,
    state: stateOf(status?.state, link.link),
    ...link,
    simulated: identity === null ? null : identity.firmware.startsWith('SIMULATED'),
    homed: status !== null && bitIsSet(status.inputs, 'HOMED'),
    position: status && { x: status.x, y: status.y, z: status.z },
    gripPercent: status?.grip ?? 0,
    inputs: status && inputsOf(status.inputs),
    faults: status?.fault ? [status.fault.toLowerCase()] : [],
    meters: totals && { coins: totals.coins, prizes: totals.prizes },
    board: identity && { firmware: identity.firmware, boot: identity.boot, resetCause: identity.cause },
  };
}

/** What a board said last is only its state while it can still say so; a latched stop is told even across a gap. */
function stateOf(word: string | undefined, link: LinkStatus): ClawState {
  const state = word?.toLowerCase();
  if (state === 'estop') return 'estop';
  return link === 'up' && state !== undefined && isClawState(state) ? state : 'link_lost';
}

function bitIsSet(bits: number, name: (typeof INPUT_BITS)[number]): boolean {
  return ((bits >> INPUT_BITS.indexOf(name)) & 1) === 1;
}

function inputsOf(bits: number): ClawInputs {
  return {
    left: bitIsSet(bits, 'LEFT'),
    right: bitIsSet(bits, 'RIGHT'),
    front: bitIsSet(bits, 'FRONT'),
    back: bitIsSet(bits, 'BACK'),
    up: bitIsSet(bits, 'UP'),
    slack: bitIsSet(bits, 'SLACK'),
    prizeEye: bitIsSet(bits, 'PRIZE_EYE'),
    door: bitIsSet(bits, 'DOOR'),
    tilt: bitIsSet(bits, 'TILT'),
  };
}
