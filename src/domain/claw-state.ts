/**
 * What is known of one claw at a moment: what the board last said, and whether it still says anything. Built by the
 * link from telemetry, read by control to decide and by HTTP to show.
 */

/** States of a claw. All but `link_lost` are the board's own words, lower-cased. */
export const CLAW_STATES = [
  'booting',
  'idle',
  'moving',
  'settling',
  'descending',
  'gripping',
  'lifting',
  'returning',
  'releasing',
  'prize_check',
  'homing',
  'fault',
  'disabled',
  'estop',
  'link_lost',
] as const;
export type ClawState = (typeof CLAW_STATES)[number];

export function isClawState(value: string): value is ClawState {
  return CLAW_STATES.includes(value as ClawState);
}

/** States in which a motor or the claw is at work. */
export const MOVING_STATES: readonly ClawState[] = [
  'moving',
  'settling',
  'descending',
  'gripping',
  'lifting',
  'returning',
  'releasing',
  'prize_check',
  'homing',
];

/** `down`: no port or no board; `connecting`: a port is open, no handshake yet; `up`: a live session. */
export type LinkStatus = 'down' | 'connecting' | 'up';

export interface ClawInputs {
  readonly left: boolean;
  readonly right: boolean;
  readonly front: boolean;
  readonly back: boolean;
  readonly up: boolean;
  readonly slack: boolean;
  readonly prizeEye: boolean;
  readonly door: boolean;
  readonly tilt: boolean;
}

export interface BoardIdentity {
  readonly firmware: string;
  /** Number of this boot, counted by the board. */
  readonly boot: string;
  /** Why the board last started: power-on, external reset, brown-out, watchdog, software. */
  readonly resetCause: 'POR' | 'EXT' | 'BOR' | 'WDT' | 'SW';
}

export interface ClawSnapshot {
  readonly claw: string;
  readonly state: ClawState;
  readonly link: LinkStatus;
  /** Why the link is not up, in words for a technician; null while it is up. */
  readonly linkReason: string | null;
  /** True for the simulator, false for hardware, null until the board has said what it is. */
  readonly simulated: boolean | null;
  readonly homed: boolean;
  /** Millimetres from the home corner, z down from the top; null until the board has told it. */
  readonly position: { readonly x: number; readonly y: number; readonly z: number } | null;
  /** Claw coil, percent of full PWM. */
  readonly gripPercent: number;
  readonly inputs: ClawInputs | null;
  readonly faults: readonly string[];
  /** Totals since the board was made; they only grow. */
  readonly meters: { readonly coins: number; readonly prizes: number } | null;
  readonly board: BoardIdentity | null;
  /** Id of the command at work, if one is. */
  readonly commandId: string | null;
}
