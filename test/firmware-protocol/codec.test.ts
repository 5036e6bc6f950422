/** Codec and frame against every vector, both ways and back again, and against random bytes and flipped bits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOARD_FRAMES,
  ENDINGS,
  HOST_FRAMES,
  LIMITS,
  REFUSALS,
  REJECTIONS,
  VERBS,
} from '../../firmware-protocol/catalog.ts';
import {
  type BoardMessage,
  boardMsBetween,
  boardMsPlus,
  deadlineVerdict,
  decodeBoard,
  decodeHost,
  decodeOrder,
  encodeBoard,
  encodeHost,
  encodeOrder,
  type HostMessage,
} from '../../firmware-protocol/codec.ts';
import { crcHex } from '../../firmware-protocol/crc.ts';
import { formatFrame, parseFrame } from '../../firmware-protocol/frame.ts';
import { BAD, GOOD } from './vectors.ts';

const decoderTo = (to: 'board' | 'host') => (to === 'board' ? decodeHost : decodeBoard);

function verdictOn(to: 'board' | 'host', line: string): string {
  const frame = parseFrame(line);
  if (frame.kind === 'discarded') return frame.reason;
  const decoded = decoderTo(to)(frame.payload);
  return decoded.kind === 'refused' ? decoded.code : 'good';
}

describe('the vectors', () => {
  it('are many, of every frame, every word and every badness', () => {
    expect(GOOD.length + BAD.length).toBeGreaterThanOrEqual(80);
    const types = (to: string) => new Set(GOOD.filter((v) => v.to === to).map((v) => v.message.type));
    expect(types('board')).toEqual(new Set(Object.keys(HOST_FRAMES)));
    expect(types('host')).toEqual(new Set(Object.keys(BOARD_FRAMES)));
    for (const to of ['board', 'host']) {
      const bad = new Set(BAD.filter((vector) => vector.to === to).map((vector) => vector.bad));
      expect(bad).toEqual(new Set(['LEN', 'RX', 'SYN', 'CRC', 'TYPE', 'BADARG']));
    }
    const codesOf = (type: string) =>
      new Set(
        GOOD.flatMap(({ message }) => (message.type === type && 'code' in message ? [message.code] : [])),
      );
    expect(codesOf('D')).toEqual(new Set(Object.keys(ENDINGS)));
    expect(codesOf('E')).toEqual(new Set(Object.keys(REJECTIONS)));
    expect(codesOf('N')).toEqual(new Set(Object.keys(REFUSALS)));
    const verbs = new Set(GOOD.flatMap(({ order }) => (typeof order === 'object' ? [order.verb] : [])));
    expect(verbs).toEqual(new Set(Object.keys(VERBS)));
  });

  it.each(GOOD)('is read to $to: $line', ({ to, line, message }) => {
    const frame = parseFrame(line);
    if (frame.kind === 'discarded') expect.fail(frame.reason);
    expect(decoderTo(to)(frame.payload)).toEqual({ kind: 'message', message });
  });

  it.each(GOOD)('is written to $to: $line', ({ to, line, message }) => {
    const payload =
      to === 'board' ? encodeHost(message as HostMessage) : encodeBoard(message as BoardMessage);
    expect(formatFrame(payload)).toBe(`${line.replace(/\r$/, '')}\n`);
  });

  it.each(GOOD.filter((vector) => vector.order !== undefined))('orders: $line', ({ message, order }) => {
    const fields = (message as Extract<HostMessage, { type: 'C' }>).order;
    expect(decodeOrder(fields)).toEqual(order);
    if (typeof order === 'object') expect(encodeOrder(order)).toEqual(fields);
  });

  it.each(BAD)('is refused by $to as $bad: $why', ({ to, line, bad }) => {
    expect(verdictOn(to, line)).toBe(bad);
  });
});

describe('corruption', () => {
  it('of one or two bits of any good line is rejected', () => {
    for (const { line } of GOOD) {
      const bytes = Buffer.from(line.replace(/\r$/, ''), 'latin1');
      const bits = bytes.length * 8;
      const flip = (bit: number) => {
        bytes[bit >> 3]! ^= 1 << (bit & 7);
      };
      for (let first = 0; first < bits; first += 1) {
        flip(first);
        expectRejected(bytes);
        for (let second = first + 1; second < bits; second += 1) {
          flip(second);
          expectRejected(bytes);
          flip(second);
        }
        flip(first);
      }
    }
  }, 120_000);

  it('never throws and never lets a line with a wrong check through', () => {
    const character = fc.constantFrom(...'HCKQZBWADENSTV0123456789ABCDEF*  .-+=,_/\r\n\u001b\u0000a\u00ff');
    fc.assert(
      fc.property(
        fc.string({ unit: character, maxLength: 120 }),
        fc.constantFrom('board', 'host'),
        (line, to) => {
          const frame = parseFrame(line);
          verdictOn(to as 'board' | 'host', line);
          if (frame.kind === 'frame') {
            const whole = line.replace(/\r$/, '');
            expect(whole).toBe(`${frame.payload}*${crcHex(frame.payload)}`);
          }
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('of the meaning alone (a right check over any payload) never throws', () => {
    const character = fc.constantFrom(...'0123456789ABCDEFXYZ.-+=,_/ ');
    fc.assert(
      fc.property(
        fc.constantFrom(...'HCKQZBWADENSTVX'),
        fc.string({ unit: character, maxLength: 60 }),
        (type, rest) => {
          const payload = `${type} ${rest}`;
          decodeBoard(payload);
          const decoded = decodeHost(payload);
          if (decoded.kind === 'message' && decoded.message.type === 'C') decodeOrder(decoded.message.order);
        },
      ),
      { numRuns: 20_000 },
    );
  });
});

/** A flip may make CR of the last byte's neighbour or LF inside; whatever it makes, it is no frame. */
function expectRejected(bytes: Buffer): void {
  for (const part of bytes.toString('latin1').split('\n')) {
    if (parseFrame(part).kind === 'frame') expect.fail(`taken: ${JSON.stringify(part)}`);
  }
}

describe('the longest frame', () => {
  const hex8 = 'FFFFFFFF';
  const slot = { session: hex8, seq: 65535 };
  const longest = [
    encodeHost({ type: 'H', versions: { low: 99, high: 99 }, nonce: hex8, open: slot }),
    encodeHost({ type: 'C', ...slot, order: [hex8, 'JOG', '-100', '-100', '200'] }),
    encodeHost({ type: 'C', ...slot, order: [hex8, 'MOVE', '2000', '2000'] }),
    encodeHost({ type: 'K', session: hex8, echoMs: 0xffffffff }),
    encodeHost({ type: 'Q', session: hex8, about: slot }),
    encodeHost({ type: 'Z', session: hex8, challenge: hex8 }),
    encodeBoard({
      type: 'B',
      boot: 'FFFFF',
      cause: 'POR',
      firmware: 'F'.repeat(20),
      versions: { low: 99, high: 99 },
    }),
    ...Object.keys(ENDINGS).map((code) =>
      encodeBoard({
        type: 'W',
        nonce: hex8,
        session: hex8,
        version: 99,
        nowMs: 0xffffffff,
        challenge: hex8,
        told: { kind: 'PART', code },
      }),
    ),
    encodeBoard({ type: 'A', ...slot }),
    ...Object.keys(ENDINGS).map((code) => encodeBoard({ type: 'D', ...slot, code })),
    ...Object.keys(REJECTIONS).map((code) => encodeBoard({ type: 'E', ...slot, code })),
    ...Object.keys(REFUSALS).map((code) => encodeBoard({ type: 'N', code, about: `${hex8}/65535` })),
    ...Object.keys(ENDINGS).map((fault) =>
      encodeBoard({
        type: 'S',
        nowMs: 0xffffffff,
        state: 'FAULT',
        lastSeq: 65535,
        x: 9999,
        y: 9999,
        z: 9999,
        grip: 100,
        inputs: 0xffff,
        fault,
      }),
    ),
    encodeBoard({
      type: 'T',
      coins: 0xffffffff,
      prizes: 0xffffffff,
      eventSeq: 0xffffffff,
      rxErrors: 0xffffffff,
    }),
    encodeBoard({ type: 'V', eventSeq: 0xffffffff, name: 'A'.repeat(18), detail: 'FAULT-DETAIL' }),
  ];

  it.each(longest)('fits: %s', (payload) => {
    expect(formatFrame(payload).length).toBeLessThanOrEqual(LIMITS.frameBytesMax);
  });

  it('is refused by the writer when it does not fit: that is a bug of whoever wrote it', () => {
    expect(() => formatFrame(`V 1 NEWS ${'7'.repeat(62)}`)).toThrow('LEN');
    expect(() => formatFrame('V 1 news')).toThrow('RX');
    expect(() => formatFrame('V 1 NEWS*1')).toThrow('SYN');
  });
});

describe('the check', () => {
  it('is CRC-32/ISO-HDLC', () => {
    expect(crcHex('123456789')).toBe('CBF43926');
  });
});

describe("the board's clock", () => {
  it('wraps, and its differences are signed', () => {
    expect(boardMsPlus(0xffffffff, 1)).toBe(0);
    expect(boardMsPlus(10, 5.9)).toBe(15);
    expect(boardMsBetween(0xfffffff0, 0x10)).toBe(0x20);
    expect(boardMsBetween(0x10, 0xfffffff0)).toBe(-0x20);
    expect(deadlineVerdict(5, 0xfffffff0)).toBe('ok');
    expect(deadlineVerdict(0xffffffff, 0)).toBe('EXPIRED');
    expect(deadlineVerdict(2000, 0)).toBe('ok');
    expect(deadlineVerdict(2001, 0)).toBe('BADARG');
  });
});
