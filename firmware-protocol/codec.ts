/**
 * Messages: the typed meaning of a frame's payload, both ways, driven by the tables of catalog.ts. Decoding never
 * throws; what does not fit is `undefined` with the reason a board would give.
 */
import {
  BOARD_FRAMES,
  BOARD_STATES,
  type FieldKind,
  type FieldRule,
  type FieldValues,
  HOST_FRAMES,
  RESET_CAUSES,
  TIMES_MS,
  type Told,
  VERBS,
  type WireVerb,
} from './catalog.ts';

type Flatten<T> = { [K in keyof T]: T[K] } & {};
type RuleProps<R> = R extends readonly [infer N extends string, infer K extends FieldKind]
  ? { readonly [P in N]: FieldValues[K] }
  : R extends readonly [infer N extends string, infer K extends FieldKind, 'optional']
    ? { readonly [P in N]?: FieldValues[K] | undefined }
    : R extends readonly [infer N extends string, infer K extends FieldKind, 'rest']
      ? { readonly [P in N]: readonly FieldValues[K][] }
      : never;
type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void
  ? I
  : never;
type MessageOf<T extends Record<string, readonly FieldRule[]>> = {
  [K in keyof T & string]: Flatten<{ readonly type: K } & UnionToIntersection<RuleProps<T[K][number]>>>;
}[keyof T & string];

/** What a host says to a board. */
export type HostMessage = MessageOf<typeof HOST_FRAMES>;
/** What a board says to a host. */
export type BoardMessage = MessageOf<typeof BOARD_FRAMES>;

export type Decoded<M> =
  | { readonly kind: 'message'; readonly message: M }
  | { readonly kind: 'refused'; readonly code: 'TYPE' | 'BADARG' };

const decimal =
  (min: number, max: number) =>
  (text: string): number | undefined => {
    if (!/^(?:0|-?[1-9][0-9]{0,9})$/.test(text)) return undefined;
    const value = Number(text);
    return value >= min && value <= max ? value : undefined;
  };
const hex =
  (digits: number) =>
  (text: string): string | undefined =>
    text.length === digits && /^[0-9A-F]+$/.test(text) ? text : undefined;
const hexNumber = (digits: number) => (text: string) => {
  const checked = hex(digits)(text);
  return checked === undefined ? undefined : Number.parseInt(checked, 16);
};
const oneOf =
  <T extends string>(values: readonly T[]) =>
  (text: string): T | undefined =>
    values.find((value) => value === text);
const orNone =
  <T>(parse: (text: string) => T | undefined) =>
  (text: string): T | null | undefined =>
    text === '-' ? null : parse(text);
const word = (text: string): string | undefined => (/^[A-Z][A-Z0-9_]{0,17}$/.test(text) ? text : undefined);

function parseTold(text: string): Told | undefined {
  if (text === 'OK' || text === 'NEVER' || text === 'FORGOT') return { kind: text };
  const [kind, code, ...more] = text.split(',');
  if ((kind !== 'PART' && kind !== 'REJ') || code === undefined || more.length > 0) return undefined;
  return word(code) === undefined ? undefined : { kind, code };
}

function parseSlot(text: string): FieldValues['slot'] | undefined {
  const session = hex(8)(text.slice(0, 8));
  const seq = text[8] === '/' ? decimal(1, 65535)(text.slice(9)) : undefined;
  return session === undefined || seq === undefined ? undefined : { session, seq };
}

function parseVersions(text: string): FieldValues['versions'] | undefined {
  const [low, high, ...more] = text.split('-').map(decimal(1, 99));
  return low === undefined || high === undefined || more.length > 0 || low > high ? undefined : { low, high };
}

const PARSERS: { readonly [K in FieldKind]: (text: string) => FieldValues[K] | undefined } = {
  hex8: hex(8),
  boot: hex(5),
  ms: hexNumber(8),
  seq: decimal(1, 65535),
  lastSeq: decimal(0, 65535),
  count: decimal(0, 0xffffffff),
  millimetres: decimal(0, 9999),
  percent: decimal(0, 100),
  bits: hexNumber(4),
  version: decimal(1, 99),
  versions: parseVersions,
  slot: parseSlot,
  challenge: orNone(hex(8)),
  told: orNone(parseTold),
  word,
  wordOrNone: orNone(word),
  firmware: (text) => (text.length <= 20 ? text : undefined),
  cause: oneOf(RESET_CAUSES),
  state: oneOf(BOARD_STATES),
  any: (text) => text,
};

const upperHex = (value: number, digits: number): string =>
  (value >>> 0).toString(16).toUpperCase().padStart(digits, '0');

const FORMATTERS: { readonly [K in FieldKind]?: (value: FieldValues[K]) => string } = {
  ms: (value) => upperHex(value, 8),
  bits: (value) => upperHex(value, 4),
  versions: (value) => `${value.low}-${value.high}`,
  slot: (value) => `${value.session}/${value.seq}`,
  challenge: (value) => value ?? '-',
  wordOrNone: (value) => value ?? '-',
  told: (value) => {
    if (value === null) return '-';
    return 'code' in value ? `${value.kind},${value.code}` : value.kind;
  },
};

function decode(table: Record<string, readonly FieldRule[]>, payload: string): Decoded<{ type: string }> {
  const [type = '', ...fields] = payload.split(' ');
  const rules = Object.hasOwn(table, type) ? table[type] : undefined;
  if (rules === undefined) return { kind: 'refused', code: 'TYPE' };
  const message: Record<string, unknown> & { type: string } = { type };
  let taken = 0;
  for (const [name, kind, count] of rules) {
    if (count === 'rest') {
      message[name] = fields.slice(taken);
      taken = fields.length;
      continue;
    }
    const text = fields[taken];
    if (text === undefined) {
      if (count === 'optional') continue;
      return { kind: 'refused', code: 'BADARG' };
    }
    const value = PARSERS[kind](text);
    if (value === undefined) return { kind: 'refused', code: 'BADARG' };
    message[name] = value;
    taken += 1;
  }
  return taken < fields.length ? { kind: 'refused', code: 'BADARG' } : { kind: 'message', message };
}

function encode(rules: readonly FieldRule[], message: Record<string, unknown> & { type: string }): string {
  const words: unknown[] = [message.type];
  for (const [name, kind, count] of rules) {
    const value = message[name];
    if (count === 'rest') words.push(...(value as readonly unknown[]));
    else if (value === undefined) continue;
    else {
      const format = FORMATTERS[kind] as ((value: unknown) => string) | undefined;
      words.push(format === undefined ? value : format(value));
    }
  }
  return words.join(' ');
}

/** Reads a payload from the host, as a board does. */
export function decodeHost(payload: string): Decoded<HostMessage> {
  return decode(HOST_FRAMES, payload) as Decoded<HostMessage>;
}

/** Reads a payload from a board, as the host does. */
export function decodeBoard(payload: string): Decoded<BoardMessage> {
  return decode(BOARD_FRAMES, payload) as Decoded<BoardMessage>;
}

/** The payload of a host message; `formatFrame` makes the line. */
export function encodeHost(message: HostMessage): string {
  return encode(HOST_FRAMES[message.type], message);
}

/** The payload of a board message. */
export function encodeBoard(message: BoardMessage): string {
  return encode(BOARD_FRAMES[message.type], message);
}

/** What a C frame orders: `C <SESS> <seq> <deadline> <VERB> [args]`. */
export interface Order {
  /** Board time after which the order must not begin. */
  readonly deadlineMs: number;
  readonly verb: WireVerb;
  /** Integers in the order of the verb's table; optional ones may be missing at the end. */
  readonly args: readonly number[];
}

/**
 * Reads the order of a C frame. Split from decoding, because a wrong order consumes its number and is answered by E,
 * while a C without session or number is refused by N.
 */
export function decodeOrder(fields: readonly string[]): Order | 'VERB' | 'BADARG' {
  const [deadlineText = '', verb, ...texts] = fields;
  if (verb !== undefined && !Object.hasOwn(VERBS, verb)) return 'VERB';
  const deadlineMs = PARSERS.ms(deadlineText);
  if (verb === undefined || deadlineMs === undefined) return 'BADARG';
  const rules: readonly { min: number; max: number; optional?: true }[] = VERBS[verb as WireVerb];
  if (texts.length > rules.length) return 'BADARG';
  const args: number[] = [];
  for (const [index, rule] of rules.entries()) {
    const text = texts[index];
    if (text === undefined) {
      if (rule.optional) break;
      return 'BADARG';
    }
    const value = decimal(rule.min, rule.max)(text);
    if (value === undefined) return 'BADARG';
    args.push(value);
  }
  return { deadlineMs, verb: verb as WireVerb, args };
}

/** The order fields of a C frame. */
export function encodeOrder(order: Order): readonly string[] {
  return [upperHex(order.deadlineMs, 8), order.verb, ...order.args.map(String)];
}

/** Signed distance in ms from `from` to `to` on the board's clock, which wraps every 49.7 days. */
export function boardMsBetween(from: number, to: number): number {
  return (to - from) | 0;
}

/** Board time `elapsedMs` after `boardMs`. */
export function boardMsPlus(boardMs: number, elapsedMs: number): number {
  return (boardMs + Math.floor(elapsedMs)) >>> 0;
}

/** Whether a deadline lies in the past or further ahead than a board takes. */
export function deadlineVerdict(deadlineMs: number, nowMs: number): 'ok' | 'EXPIRED' | 'BADARG' {
  const aheadMs = boardMsBetween(nowMs, deadlineMs);
  if (aheadMs < 0) return 'EXPIRED';
  return aheadMs > TIMES_MS.deadlineAheadMax ? 'BADARG' : 'ok';
}
