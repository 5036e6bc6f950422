/**
 * Reads vectors.jsonl for the tests of this folder. The lines were written by hand from PROTOCOL.md and their checks by
 * another implementation of the CRC, so that codec and vectors can only agree by both being right.
 */
import { readFileSync } from 'node:fs';
import type { BoardMessage, HostMessage, Order } from '../../firmware-protocol/codec.ts';

interface Addressed {
  readonly to: 'board' | 'host';
  readonly line: string;
}
export interface GoodVector extends Addressed {
  readonly message: HostMessage | BoardMessage;
  /** Of a C: what its order is read as. */
  readonly order?: Order | 'VERB' | 'BADARG';
}
export interface BadVector extends Addressed {
  readonly bad: 'LEN' | 'RX' | 'SYN' | 'CRC' | 'TYPE' | 'BADARG';
  readonly why: string;
}

const text = readFileSync(new URL('../../firmware-protocol/vectors.jsonl', import.meta.url), 'utf8');
const all = text
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as GoodVector | BadVector);

export const GOOD: readonly GoodVector[] = all.filter((vector) => 'message' in vector);
export const BAD: readonly BadVector[] = all.filter((vector) => 'bad' in vector);
