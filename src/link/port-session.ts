/**
 * One open serial port, from open to close, used once. After any close it is dead for good: a SerialPort keeps what is
 * written to it while closed and sends it at its next open, so neither object is ever used again and a write to a
 * closed session goes nowhere, by returning false.
 */
import { ReadlineParser } from '@serialport/parser-readline';
import type { SerialPortStream } from '@serialport/stream';
import { LIMITS } from '../../firmware-protocol/catalog.ts';
import { type FrameResult, parseFrame } from '../../firmware-protocol/frame.ts';
import { LineGuard } from './line-guard.ts';

/** Makes a port object for a path, not yet open (`autoOpen: false`). Each call a new one. */
export type MakePort = (path: string) => SerialPortStream;

export interface PortHandlers {
  onOpen(): void;
  /** Every line heard: a checked payload, or why it was discarded. */
  onLine(result: FrameResult): void;
  /** Once, after open failed or the open port closed for any reason; nothing follows. */
  onClosed(reason: string): void;
}

/** Bytes that may wait in the port's buffer before further frames are dropped: a stop never stands behind more. */
const WAITING_BYTES_MAX = 256;
/** Beyond these, what waits is stops: a line that takes no bytes must not gather them for ever. */
const URGENT_WAITING_BYTES_MAX = 512;

export class PortSession {
  readonly #port: SerialPortStream;
  readonly #handlers: PortHandlers;
  #ended = false;

  constructor(port: SerialPortStream, handlers: PortHandlers) {
    this.#port = port;
    this.#handlers = handlers;
    const guard = new LineGuard(LIMITS.hostLineBytesMax, () =>
      this.#line({ kind: 'discarded', reason: 'LEN' }),
    );
    const lines = new ReadlineParser({ delimiter: '\n', encoding: 'latin1' });
    lines.on('data', (line: string) => {
      if (line !== '' && line !== '\r') this.#line(parseFrame(line));
    });
    port.on('error', (error: Error) => this.close(error.message));
    port.on('close', (error: Error | null) => this.close(error?.message ?? 'the port was closed'));
    port.on('end', () => this.close('the port came to its end'));
    port.pipe(guard).pipe(lines);
    port.open((error) => {
      if (error) this.close(error.message);
      else if (this.#ended) port.close(ignore);
      else handlers.onOpen();
    });
  }

  /** Writes one frame. False when the session is over or its buffer is full: the frame was not sent and never will be. */
  write(line: string): boolean {
    if (this.#ended || !this.#port.isOpen || this.#port.writableLength > WAITING_BYTES_MAX) return false;
    this.#port.write(Buffer.from(line, 'latin1'));
    return true;
  }

  /** Writes bytes behind whatever already waits; for stop alone. False too when many a stop waits already. */
  writeUrgent(bytes: Uint8Array): boolean {
    if (this.#ended || !this.#port.isOpen || this.#port.writableLength > URGENT_WAITING_BYTES_MAX)
      return false;
    this.#port.write(Buffer.from(bytes));
    return true;
  }

  /** Ends the session; idempotent. `onClosed` is called exactly once, with the first reason. */
  close(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#port.isOpen) this.#port.close(ignore);
    this.#handlers.onClosed(reason);
  }

  #line(result: FrameResult): void {
    if (!this.#ended) this.#handlers.onLine(result);
  }
}

/** A port that fails while it is being thrown away changes nothing. */
function ignore(): void {}
