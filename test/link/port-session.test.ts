/** One opening of a port, on the library's own stream: whole lines, one end, and no byte after it. */
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { formatFrame } from '../../firmware-protocol/frame.ts';
import { SimulatedCable } from '../../scripts/support/simulated-port.ts';
import { PortSession } from '../../src/link/port-session.ts';
import { ScriptedBoard } from './support.ts';

function open({ plugged = true } = {}) {
  const board = new ScriptedBoard();
  const written: string[] = [];
  const cable = new SimulatedCable(board, '/simulated/claw', (bytes) => {
    written.push(Buffer.from(bytes).toString('latin1'));
  });
  if (!plugged) cable.unplug();
  const port = cable.makePort();
  const events = new EventEmitter();
  const lines: unknown[] = [];
  const ends: string[] = [];
  const session = new PortSession(port, {
    onOpen: () => events.emit('open'),
    onLine: (result) => {
      lines.push(result);
      events.emit('line');
    },
    onClosed: (reason) => {
      ends.push(reason);
      events.emit('closed');
    },
  });
  return { board, cable, port, events, lines, ends, session, written };
}

describe('port session', () => {
  it('hands on checked lines and reasons, each byte as it came', async () => {
    const { board, events, lines, session } = open();
    await once(events, 'open');
    board.raw(Buffer.from(`${formatFrame('N SYN')}\r\n\nN SYN*00000000\r\nN \u00ff*\n`, 'latin1'));
    while (lines.length < 3) await once(events, 'line');
    expect(lines).toEqual([
      { kind: 'frame', payload: 'N SYN' },
      { kind: 'discarded', reason: 'CRC' },
      { kind: 'discarded', reason: 'RX' },
    ]);
    session.close('done');
  });

  it('takes an unfinished tail for no line, even when the stream comes to its end', async () => {
    const { board, port, events, lines, ends } = open();
    await once(events, 'open');
    board.raw(Buffer.from(formatFrame('N SYN') + formatFrame('N CRC').trimEnd(), 'latin1'));
    await once(events, 'line');
    const portClosed = once(port, 'close');
    port.push(null);
    await once(events, 'closed');
    expect(lines).toEqual([{ kind: 'frame', payload: 'N SYN' }]);
    expect(ends).toEqual(['the port came to its end']);
    await portClosed;
  });

  it('closes once, with the first reason, and writes nothing from then on', async () => {
    const { port, events, ends, session, written } = open();
    await once(events, 'open');
    expect(session.write('first\n')).toBe(true);
    await new Promise((resolve) => port.drain(resolve));
    const closed = once(port, 'close');
    session.close('enough');
    session.close('again');
    expect(session.write('late\n')).toBe(false);
    expect(session.writeUrgent(Uint8Array.of(27))).toBe(false);
    await closed;
    expect(session.write('later\n')).toBe(false);
    await new Promise<void>((resolve) => port.open(() => resolve()));
    await new Promise((resolve) => port.drain(resolve));
    expect(written).toEqual(['first\n']);
    expect(ends).toEqual(['enough']);
    await new Promise((resolve) => port.close(resolve));
  });

  it('tells why a port cannot be opened, and why it went', async () => {
    const missing = open({ plugged: false });
    await once(missing.events, 'closed');
    expect(missing.ends).toEqual(['no such port: /simulated/claw']);
    const pulled = open();
    await once(pulled.events, 'open');
    pulled.cable.unplug();
    await once(pulled.events, 'closed');
    expect(pulled.ends).toEqual(['the port was unplugged']);
  });

  it('closed while it opens, never opens', async () => {
    const { port, events, ends, session } = open();
    let opened = false;
    events.on('open', () => {
      opened = true;
    });
    session.close('changed our mind');
    await once(port, 'close');
    expect({ opened, ends, isOpen: port.isOpen }).toEqual({
      opened: false,
      ends: ['changed our mind'],
      isOpen: false,
    });
  });

  it('on a line that takes no bytes drops frames and, in the end, even stops', async () => {
    const { port, events, session } = open();
    await once(events, 'open');
    port.cork();
    let frames = 0;
    while (session.write('x'.repeat(63))) frames += 1;
    expect(frames).toBe(5);
    let stops = 0;
    while (session.writeUrgent(Uint8Array.of(27))) stops += 1;
    expect(stops).toBeGreaterThan(100);
    expect(port.writableLength).toBeLessThan(600);
    session.close('done');
  });
});
