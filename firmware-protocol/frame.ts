/**
 * Frames: the checked line that every message travels in. Turns a payload into the bytes of a line, and a received line
 * into its payload or the reason why it is none. Garbage is a normal input here, so it is a value, not an exception.
 */
import { LIMITS } from './catalog.ts';
import { crcHex } from './crc.ts';

/** Checked in this order; the first that fails names the line. */
export type DiscardReason = 'LEN' | 'RX' | 'SYN' | 'CRC';

export type FrameResult =
  | { readonly kind: 'frame'; readonly payload: string }
  | { readonly kind: 'discarded'; readonly reason: DiscardReason };

const ILLEGAL = /[^0-9A-Z.\-+=,_/ *]/;
const CHECKED = /^([A-Z](?: [0-9A-Z.\-+=,_/]+)*)\*([0-9A-F]{8})$/;

const discarded = (reason: DiscardReason): FrameResult => ({ kind: 'discarded', reason });

/** Reads one line without its LF (a CR before the LF is taken too), as latin1 text. */
export function parseFrame(rawLine: string): FrameResult {
  const line = rawLine.endsWith('\r') ? rawLine.slice(0, -1) : rawLine;
  if (line.length > LIMITS.frameBytesMax - 1) return discarded('LEN');
  if (ILLEGAL.test(line)) return discarded('RX');
  const parts = CHECKED.exec(line);
  if (parts === null) return discarded('SYN');
  const payload = parts[1]!;
  return crcHex(payload) === parts[2] ? { kind: 'frame', payload } : discarded('CRC');
}

/** The line of a payload, with its LF. Throws when the payload breaks the grammar: that is a bug of the caller. */
export function formatFrame(payload: string): string {
  const line = `${payload}*${crcHex(payload)}`;
  const check = parseFrame(line);
  if (check.kind === 'discarded') throw new Error(`not a frame (${check.reason}): ${payload}`);
  return `${line}\n`;
}
