/** The simulated port under the real serialport stream: lines both ways, closing, pulling and putting in again. */
import { on, once } from 'node:events';
import { ReadlineParser } from '@serialport/parser-readline';
import type { SerialPortStream } from '@serialport/stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBoard } from '../../../firmware-protocol/codec.ts';
import { formatFrame, parseFrame } from '../../../firmware-protocol/frame.ts';
import { SimulatedBoard } from '../../../scripts/support/simulated-board.ts';
import { openSimulatedPort, SimulatedCable } from '../../../scripts/support/simulated-port.ts';

const HELLO = formatFrame('H 1-1 0000002A');

type Lines = AsyncIterator<[string]>;

/** Opens the port; its lines are kept from the first, because several come in one piece. */
async function opened(port: SerialPortStream): Promise<Lines> {
  const parser = port.pipe(new ReadlineParser({ delimiter: '\n', encoding: 'latin1' }));
  const lines = on(parser, 'data') as unknown as AsyncIterable<[string]>;
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return lines[Symbol.asyncIterator]();
}

/** The next message of a type. */
async function heard(lines: Lines, type: string): Promise<object> {
  for (;;) {
    const { value } = await lines.next();
    const frame = parseFrame(value[0]);
    if (frame.kind === 'discarded') throw new Error(`${frame.reason}: ${value[0]}`);
    const decoded = decodeBoard(frame.payload);
    if (decoded.kind === 'message' && decoded.message.type === type) return decoded.message;
  }
}

describe('the simulated port', () => {
  let board: SimulatedBoard;
  beforeEach(() => {
    board = new SimulatedBoard({ speed: 20, seed: 3 });
    board.start();
  });
  afterEach(() => board.stop());

  it('carries frames both ways in real time', async () => {
    const port = openSimulatedPort(board, '/simulated/claw');
    const lines = await opened(port);
    expect(port.baudRate).toBe(115_200);
    port.write(HELLO);
    expect(await heard(lines, 'W')).toMatchObject({ nonce: '0000002A', session: '00001000' });
    expect(await heard(lines, 'S')).toMatchObject({ state: 'IDLE' });
    port.write('C 00001000 1 000003E8 HOME*00000000\n');
    expect(await heard(lines, 'N')).toMatchObject({ code: 'CRC' });
    port.write('\u001b');
    expect(await heard(lines, 'V')).toMatchObject({ name: 'ESTOP', detail: 'LATCHED' });
    await new Promise((resolve) => port.close(resolve));
  });

  it('is one at a time, and can be opened again after closing', async () => {
    const cable = new SimulatedCable(board, '/simulated/claw');
    const first = cable.makePort();
    await opened(first);
    await expect(opened(cable.makePort())).rejects.toThrow('locked');
    await new Promise((resolve) => first.close(resolve));
    const third = cable.makePort();
    await opened(third);
    await new Promise((resolve) => third.close(resolve));
  });

  it('closes with an error when it is pulled, and only a new port works after that', async () => {
    const cable = new SimulatedCable(board, '/simulated/claw');
    const port = cable.makePort();
    const lines = await opened(port);
    port.write(HELLO);
    await heard(lines, 'W');
    const closed = once(port, 'close');
    cable.unplug();
    const [reason] = (await closed) as [{ disconnected?: boolean }];
    expect(reason.disconnected).toBe(true);
    await expect(opened(cable.makePort())).rejects.toThrow('no such port');
    cable.plug();
    const again = cable.makePort();
    const later = await opened(again);
    again.write(HELLO);
    expect(await heard(later, 'W')).toMatchObject({ session: '00001001' });
    await new Promise((resolve) => again.close(resolve));
  });

  it('notes the truth, and takes what happens to the machine', async () => {
    const noted = new Promise((resolve) => board.onNote((note) => note.kind === 'coin' && resolve(note)));
    board.input({ kind: 'coin' });
    expect(await noted).toMatchObject({ total: 1 });
    expect(board.motions).toBe(0);
  });

  it('puts faults in and takes them out', async () => {
    const port = openSimulatedPort(board, '/simulated/claw');
    const lines = await opened(port);
    board.setFault('drop-replies', 1);
    port.write(HELLO);
    expect(await heard(lines, 'B')).toMatchObject({ boot: '00001' });
    board.setFault('drop-replies', false);
    port.write(HELLO);
    expect(await heard(lines, 'W')).toMatchObject({ session: '00001001' });
    board.setFault('stuck-claw', true);
    expect(board.state.faults).toEqual(['stuck-claw']);
    await new Promise((resolve) => port.close(resolve));
  });
});
