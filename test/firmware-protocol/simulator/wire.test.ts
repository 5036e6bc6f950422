/** The bad wire, and the promise that it is for: no motion twice and no lie, whatever the wire does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boardMsPlus, decodeBoard, encodeHost, type HostMessage } from '../../../firmware-protocol/codec.ts';
import { formatFrame, parseFrame } from '../../../firmware-protocol/frame.ts';
import { createBoard, step } from '../../../firmware-protocol/simulator/machine.ts';
import { EMPTY_RECEIVER, receiveByte } from '../../../firmware-protocol/simulator/receiver.ts';
import { changeWire, createWire, passBytes } from '../../../firmware-protocol/simulator/wire.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const out = (chunks: readonly Uint8Array[]) => Buffer.concat(chunks).toString('latin1');

describe('the wire', () => {
  it('lets everything through when it has no faults', () => {
    expect(out(passBytes(createWire(), latin1('K 1\nA 2')).chunks)).toBe('K 1\nA 2');
  });

  it('drops whole replies and nothing else, however the bytes are cut', () => {
    const text = 'W 1\nS 1\nA 1\nD 1 OK\nT 1\nE 1 X\nN GAP\nV 1 COIN\n';
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
        let wire = createWire({ dropReplies: 1 });
        let received = '';
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        for (const [index, place] of places.slice(1).entries()) {
          const passed = passBytes(wire, latin1(text.slice(places[index], place)));
          wire = passed.state;
          received += out(passed.chunks);
        }
        expect(received).toBe('S 1\nT 1\nN GAP\nV 1 COIN\n');
      }),
    );
  });

  it('duplicates, flips about as many bits as asked, and lets ESC through at once', () => {
    expect(out(passBytes(createWire({ duplicate: 1 }), latin1('K 1\n')).chunks)).toBe('K 1\nK 1\n');
    expect(out(passBytes(createWire({ drop: 1 }), latin1('K 1\u001b\n')).chunks)).toBe('\u001b');
    const zeros = new Uint8Array(100_000);
    const flipped = passBytes(createWire({ noise: 0.01, seed: 5 }), zeros).chunks[0]!.filter(
      (byte) => byte !== 0,
    );
    expect(flipped.length).toBeGreaterThan(850);
    expect(flipped.length).toBeLessThan(1150);
    expect(flipped.every((byte) => Math.log2(byte) % 1 === 0)).toBe(true);
  });

  it('is replayed by its seed, and gives up what it held when its faults are taken out', () => {
    const bytes = latin1('A 1\n'.repeat(50));
    const wire = createWire({ dropReplies: 0.5, seed: 9 });
    expect(passBytes(wire, bytes)).toEqual(passBytes(wire, bytes));
    const held = passBytes(wire, latin1('S 1')).state;
    expect(out(passBytes(changeWire(held, {}), latin1('\n')).chunks)).toBe('S 1\n');
  });

  it('keeps no more than its bound of a line without end', () => {
    const passed = passBytes(createWire({ drop: 0.1 }), new Uint8Array(100_000).fill(65));
    expect(passed.state.pending.length).toBeLessThan(256);
  });
});

describe('the receiver', () => {
  it('keeps its bound under any bytes, and never gives a longer line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        let state = EMPTY_RECEIVER;
        for (const byte of bytes) {
          const received = receiveByte(state, byte);
          state = received.state;
          expect(state.text.length).toBeLessThan(80);
          for (const event of received.events)
            if (event.kind === 'line') expect(event.line.length).toBeLessThan(80);
        }
      }),
    );
  });
});

describe('a board behind noise', () => {
  it('never throws, says only good frames and starts nothing from garbage', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), (chunks) => {
        let state = createBoard();
        for (const bytes of chunks) {
          const stepped = step(state, { kind: 'bytes', bytes });
          state = step(stepped.state, { kind: 'elapsed', ms: 7 }).state;
          for (const line of Buffer.from(stepped.bytes).toString('latin1').split('\n').slice(0, -1)) {
            const frame = parseFrame(line);
            expect(frame.kind).toBe('frame');
            if (frame.kind === 'frame') expect(decodeBoard(frame.payload).kind).toBe('message');
          }
        }
        expect(state.motions).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('runs each command at most once, whatever is lost, doubled or spoilt on both wires', () => {
    const seeds = fc.integer();
    fc.assert(
      fc.property(seeds, (seed) => {
        const motions = runBadly(seed);
        expect(new Set(motions).size).toBe(motions.length);
        expect(motions.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});

/** A host that sends every line three times through a bad wire; answers the slots of all motions that began. */
function runBadly(seed: number): string[] {
  let state = createBoard({ mechanicsSpeed: 50, seed });
  let wire = createWire({ seed, noise: 0.001, duplicate: 0.2, drop: 0.2 });
  const motions: string[] = [];
  const feed = (input: Parameters<typeof step>[1]) => {
    const stepped = step(state, input);
    state = stepped.state;
    for (const note of stepped.notes)
      if (note.kind === 'motion-started') motions.push(`${note.session}/${note.seq}`);
  };
  const say = (message: HostMessage) => {
    const passed = passBytes(wire, latin1(formatFrame(encodeHost(message))));
    wire = passed.state;
    for (const bytes of passed.chunks) feed({ kind: 'bytes', bytes });
  };
  for (let round = 0; round < 10; round += 1) {
    say({ type: 'H', versions: { low: 1, high: 1 }, nonce: '0000000A' });
    const session = state.rules.live?.session ?? '00000000';
    for (let seq = 1; seq <= 5; seq += 1) {
      const deadline = boardMsPlus(state.nowMs, 1500).toString(16).toUpperCase().padStart(8, '0');
      const order = [deadline, ...(seq === 1 ? ['HOME'] : ['MOVE', '50', '50'])];
      for (let copy = 0; copy < 3; copy += 1) {
        say({ type: 'C', session, seq, order });
        feed({ kind: 'elapsed', ms: 40 });
        say({ type: 'K', session, echoMs: state.nowMs });
      }
    }
    if (round % 3 === 2) feed({ kind: 'reset', cause: round === 5 ? 'POR' : 'EXT' });
  }
  return motions;
}
