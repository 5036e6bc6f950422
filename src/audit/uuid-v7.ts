/**
 * Ids of audit rows: UUID version 7 (RFC 9562), whose first 48 bits are the time, so that the primary key's index grows
 * at its end instead of all over. Within one millisecond, and when the wall clock steps back, the counter keeps order.
 */
import { randomFillSync } from 'node:crypto';

const COUNTER_MAX = 0xfff;
const TIMESTAMP_MS_MAX = 2 ** 48 - 1;

/** Makes a generator of ascending ids over the given wall clock. */
export function uuidV7Generator(wallMs: () => number): () => string {
  const bytes = Buffer.alloc(16);
  let timestampMs = 0;
  let counter = 0;
  return () => {
    const nowMs = Math.min(Math.max(0, Math.trunc(wallMs())), TIMESTAMP_MS_MAX);
    if (nowMs > timestampMs) {
      timestampMs = nowMs;
      counter = 0;
    } else if (counter < COUNTER_MAX) {
      counter += 1;
    } else {
      timestampMs += 1;
      counter = 0;
    }
    randomFillSync(bytes);
    bytes.writeUIntBE(timestampMs, 0, 6);
    bytes.writeUInt16BE(0x7000 | counter, 6);
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
}
