/**
 * CLP/1 in one table: frames, fields, verbs, codes, limits and times. The codec is driven by it, PROTOCOL.md is tested
 * against it, and firmware takes its header from it. Nothing here decides anything.
 */

/** The one byte that is acted on out of band: drives off, latched. At least two bits away from every legal byte. */
export const ESC = 0x1b;

/** Versions of the protocol that this code speaks. */
export const VERSION = { low: 1, high: 1 } as const;

/** Sizes, in the unit that ends the name. */
export const LIMITS = {
  /** The longest frame including its LF; a board swallows more. */
  frameBytesMax: 80,
  /** The longest line the host keeps while it waits for LF. */
  hostLineBytesMax: 256,
  /** Commands whose outcome a board remembers. */
  ringEntries: 8,
  /** Refusals (N) a board sends at most in a second. */
  refusalsPerSecondMax: 20,
} as const;

/** Times. Board times are in board milliseconds, host times in host milliseconds. */
export const TIMES_MS = {
  /** Host: K at this period while a session lives. */
  keepAlivePeriod: 50,
  /** Board: without a valid frame of the session for this long it stops and ends the session. */
  deadMan: 250,
  /** Board: a K whose echo is older than this proves nothing; it stops and ends the session. */
  echoAgeMax: 500,
  /** Board: S at this period. */
  statusPeriod: 100,
  /** Board: T at this period. */
  totalsPeriod: 1000,
  /** Host: without an S for this long the port is closed and opened anew. */
  statusSilenceMax: 500,
  /** Board: how far ahead a deadline may lie. */
  deadlineAheadMax: 2000,
  /** Host: ESC again at this period until S says ESTOP. */
  escRepeat: 20,
} as const;

/** Host: the same bytes again after each of these times without an answer; then a new hello asks. */
export const RETRANSMIT_AFTER_MS = [50, 100, 200] as const;

/** What a field may hold and what it becomes. */
export interface FieldValues {
  /** 8 UHEX, kept as text: session, nonce, challenge. */
  hex8: string;
  /** 5 UHEX, kept as text: the number of a boot. */
  boot: string;
  /** 8 UHEX: board milliseconds, modulo 2^32. */
  ms: number;
  /** Decimal 1 to 65535. */
  seq: number;
  /** Decimal 0 to 65535. */
  lastSeq: number;
  /** Decimal 0 to 4294967295. */
  count: number;
  /** Decimal 0 to 9999. */
  millimetres: number;
  /** Decimal 0 to 100. */
  percent: number;
  /** 4 UHEX: a set of bits. */
  bits: number;
  /** Decimal 1 to 99. */
  version: number;
  /** low-high, each 1 to 99, low not above high. */
  versions: { readonly low: number; readonly high: number };
  /** SESS/seq. */
  slot: { readonly session: string; readonly seq: number };
  /** 8 UHEX, or "-" for none. */
  challenge: string | null;
  /** What a board tells of an earlier command, or "-" when nothing was asked. */
  told: Told | null;
  /** A word of A-Z, 0-9 and _, 1 to 18 characters, starting with a letter. */
  word: string;
  /** A word, or "-" for none. */
  wordOrNone: string | null;
  /** Firmware name: 1 to 20 of the field letters. */
  firmware: string;
  /** One of RESET_CAUSES. */
  cause: ResetCause;
  /** One of BOARD_STATES. */
  state: BoardState;
  /** Any field, read by whoever knows its message. */
  any: string;
}
export type FieldKind = keyof FieldValues;

export type Told =
  | { readonly kind: 'OK' | 'NEVER' | 'FORGOT' }
  | { readonly kind: 'PART' | 'REJ'; readonly code: string };

/** name of field, kind, and whether it must stand ("one"), may stand ("optional") or may repeat ("rest"). */
export type FieldRule = readonly [name: string, kind: FieldKind, count?: 'optional' | 'rest'];

/** Host to board. */
export const HOST_FRAMES = {
  H: [
    ['versions', 'versions'],
    ['nonce', 'hex8'],
    ['open', 'slot', 'optional'],
  ],
  C: [
    ['session', 'hex8'],
    ['seq', 'seq'],
    ['order', 'any', 'rest'],
  ],
  K: [
    ['session', 'hex8'],
    ['echoMs', 'ms'],
  ],
  Q: [
    ['session', 'hex8'],
    ['about', 'slot'],
  ],
  Z: [
    ['session', 'hex8'],
    ['challenge', 'hex8'],
  ],
} as const satisfies Record<string, readonly FieldRule[]>;

/** Board to host. Replies (W A D E N) and announcements (B S T V) never share a first letter. */
export const BOARD_FRAMES = {
  B: [
    ['boot', 'boot'],
    ['cause', 'cause'],
    ['firmware', 'firmware'],
    ['versions', 'versions'],
  ],
  W: [
    ['nonce', 'hex8'],
    ['session', 'hex8'],
    ['version', 'version'],
    ['nowMs', 'ms'],
    ['challenge', 'challenge'],
    ['told', 'told'],
  ],
  A: [
    ['session', 'hex8'],
    ['seq', 'seq'],
  ],
  D: [
    ['session', 'hex8'],
    ['seq', 'seq'],
    ['code', 'word'],
  ],
  E: [
    ['session', 'hex8'],
    ['seq', 'seq'],
    ['code', 'word'],
  ],
  N: [
    ['code', 'word'],
    ['about', 'any', 'optional'],
  ],
  S: [
    ['nowMs', 'ms'],
    ['state', 'state'],
    ['lastSeq', 'lastSeq'],
    ['x', 'millimetres'],
    ['y', 'millimetres'],
    ['z', 'millimetres'],
    ['grip', 'percent'],
    ['inputs', 'bits'],
    ['fault', 'wordOrNone'],
  ],
  T: [
    ['coins', 'count'],
    ['prizes', 'count'],
    ['eventSeq', 'count'],
    ['rxErrors', 'count'],
  ],
  V: [
    ['eventSeq', 'count'],
    ['name', 'word'],
    ['detail', 'any', 'optional'],
  ],
} as const satisfies Record<string, readonly FieldRule[]>;

/** Integer arguments of a verb, in order; optional ones last. */
export interface ArgumentRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly optional?: true;
}

export const VERBS = {
  JOG: [
    { name: 'vx', min: -100, max: 100 },
    { name: 'vy', min: -100, max: 100 },
    { name: 'ms', min: 1, max: 200 },
  ],
  MOVE: [
    { name: 'x', min: 0, max: 2000 },
    { name: 'y', min: 0, max: 2000 },
  ],
  HOME: [],
  STRIKE: [{ name: 'maxms', min: 100, max: 3500, optional: true }],
  CAPTURE: [{ name: 'grip', min: 1, max: 100, optional: true }],
  RELEASE: [],
  STOP: [],
} as const satisfies Record<string, readonly ArgumentRule[]>;
export type WireVerb = keyof typeof VERBS;

export const RESET_CAUSES = ['POR', 'EXT', 'BOR', 'WDT', 'SW'] as const;
export type ResetCause = (typeof RESET_CAUSES)[number];

/** What a board says it is doing. LINK_LOST: no live session; nothing moves. */
export const BOARD_STATES = [
  'BOOTING',
  'LINK_LOST',
  'IDLE',
  'MOVING',
  'SETTLING',
  'DESCENDING',
  'GRIPPING',
  'LIFTING',
  'RETURNING',
  'RELEASING',
  'PRIZE_CHECK',
  'HOMING',
  'FAULT',
  'DISABLED',
  'ESTOP',
] as const;
export type BoardState = (typeof BOARD_STATES)[number];

/** Bits of S inputs, lowest first. */
export const INPUT_BITS = [
  'LEFT',
  'RIGHT',
  'FRONT',
  'BACK',
  'UP',
  'SLACK',
  'PRIZE_EYE',
  'DOOR',
  'TILT',
  'HOMED',
] as const;

/** N: why a line was refused. Never an outcome, consumes nothing. */
export const REFUSALS = {
  SYN: 'no * at its place, broken hex, spaces out of place',
  CRC: 'wrong CRC',
  LEN: 'line over 80 bytes, swallowed to LF',
  RX: 'illegal byte (a lower-case letter is one), framing or overrun error; line dropped',
  TYPE: 'unknown type of frame',
  BADARG: 'a field of a frame other than C is missing, extra or out of range',
  BADSESS: 'not the live session',
  ESTOP: 'latched; only H, Q and Z are taken',
  GAP: 'sequence number ahead of the next one',
  OLD: 'sequence number passed and no longer in the ring',
  FORGOT: 'what was asked about is no longer, or not yet, known',
  VER: 'no common version; only ESC and H work',
} as const;
export type RefusalWord = keyof typeof REFUSALS;

/** E: why a command was not executed and never will be. Its number is consumed. */
export const REJECTIONS = {
  EXPIRED: 'past its deadline',
  VERB: 'unknown verb',
  BADARG: 'arguments missing, extra or out of range, or a deadline too far ahead',
  LIMIT: 'target outside the soft limits',
  BUSY: 'another motion is at work',
  NOT_HOMED: 'position unknown; only HOME and STOP are taken',
  FAULT: 'a fault stands; only HOME and STOP are taken',
  NEVER: 'answer to Q: it never arrived and cannot any more',
} as const;
export type RejectionWord = keyof typeof REJECTIONS;

/** D: how a command that had begun came to its end. OK and RENEWED are whole, the others partial. */
export const ENDINGS = {
  OK: 'executed as asked',
  RENEWED: 'a jog replaced by the next jog',
  STOPPED: 'ended by STOP',
  ESTOP: 'ended by ESC',
  LINK: 'ended because the session ended: dead-man, BREAK or a new hello',
  RESET: 'was at work when the board restarted',
  HOIST_UP: 'hoist did not reach its upper switch in time',
  HOIST_DOWN: 'hoist met neither prize nor end in time',
  LR_MOTOR: 'trolley did not arrive in time',
  FB_MOTOR: 'gantry did not arrive in time',
  CLAW_COIL_STUCK: 'claw does not follow its coil',
} as const;
export type EndingWord = keyof typeof ENDINGS;

/** The part of a session that names the boot: its first five digits. */
export const BOOT_DIGITS = 5;
