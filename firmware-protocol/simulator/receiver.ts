/**
 * The receiver of a board: bytes to lines. What a firmware does in its receive interrupt and its line buffer, with the
 * same bounds: ESC is taken out of band in every state of the parser, a line is kept up to 80 bytes, and a bad line is
 * swallowed to its end. Stands before `frame.ts`, which judges the whole line.
 */
import { ESC, LIMITS } from '../catalog.ts';

const LF = 0x0a;
const CR = 0x0d;
/** Without the LF. */
const LINE_CHARS_MAX = LIMITS.frameBytesMax - 1;
const LEGAL = /^[0-9A-Z.\-+=,_/ *]$/;

export interface ReceiverState {
  /** The characters of the line so far; stays at its bound while a longer line is swallowed. */
  readonly text: string;
  /** The line so far holds an illegal byte. */
  readonly illegal: boolean;
  /** The line so far is too long. */
  readonly long: boolean;
  /** A CR came: right only when LF is next. */
  readonly endingWithCr: boolean;
}

export type ReceiverEvent =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'esc' }
  | { readonly kind: 'bad'; readonly code: 'LEN' | 'RX' };

export const EMPTY_RECEIVER: ReceiverState = { text: '', illegal: false, long: false, endingWithCr: false };

function lineEvents(state: ReceiverState): readonly ReceiverEvent[] {
  if (state.long) return [{ kind: 'bad', code: 'LEN' }];
  if (state.illegal) return [{ kind: 'bad', code: 'RX' }];
  return state.text === '' ? [] : [{ kind: 'line', line: state.text }];
}

function takeByte(state: ReceiverState, byte: number): ReceiverState {
  // A CR that was not the end of its line was an illegal byte of it.
  const illegal = state.illegal || state.endingWithCr;
  if (byte === CR) return { ...state, illegal, endingWithCr: true };
  const character = String.fromCharCode(byte);
  if (state.text.length >= LINE_CHARS_MAX) return { ...state, illegal, long: true, endingWithCr: false };
  return {
    text: state.text + character,
    illegal: illegal || !LEGAL.test(character),
    long: state.long,
    endingWithCr: false,
  };
}

/** The state after one byte, and what it completed. */
export function receiveByte(
  state: ReceiverState,
  byte: number,
): { readonly state: ReceiverState; readonly events: readonly ReceiverEvent[] } {
  // ESC also ends the line in progress, unanswered: what follows is taken from its first byte, so that the hello after
  // a stop is heard whatever the stop cut in two.
  if (byte === ESC) return { state: EMPTY_RECEIVER, events: [{ kind: 'esc' }] };
  if (byte === LF) return { state: EMPTY_RECEIVER, events: lineEvents(state) };
  return { state: takeByte(state, byte), events: [] };
}

/** A framing or overrun error in the line so far: the line is lost, and its end will say so. */
export function framingError(state: ReceiverState): ReceiverState {
  return { ...state, illegal: true };
}
