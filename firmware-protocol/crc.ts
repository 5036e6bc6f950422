/**
 * The check of every frame: CRC-32/ISO-HDLC (the CRC of zlib, gzip and PNG; check value CBF43926 for "123456789"),
 * written as eight upper-case hex digits.
 */
import { crc32 } from 'node:zlib';

/** The CRC of a payload's bytes as 8 upper-case hex digits. The payload is ASCII by the frame's grammar. */
export function crcHex(payload: string): string {
  return crc32(Buffer.from(payload, 'latin1')).toString(16).toUpperCase().padStart(8, '0');
}
