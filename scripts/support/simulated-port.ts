/**
 * A serial port without a tty: a binding of the `serialport` library whose other end is a SimulatedBoard in the same
 * process. The library's own stream runs on it, so what is tested above it is the real thing; for the demo and for
 * machines without socat. It can be pulled out and put in again.
 */
import { SerialPortStream } from '@serialport/stream';
import type { SimulatedBoard } from './simulated-board.ts';

// The library's own types, taken from its stream: the package that declares them has none for ES modules.
type BindingInterface = SerialPortStream['settings']['binding'];
type BindingPortInterface = Awaited<ReturnType<BindingInterface['open']>>;
type OpenOptions = Parameters<BindingInterface['open']>[0];
type PortInfo = Awaited<ReturnType<BindingInterface['list']>>[number];
type PortStatus = Awaited<ReturnType<BindingPortInterface['get']>>;
type UpdateOptions = Parameters<BindingPortInterface['update']>[0];

const BAUD_RATE = 115_200;
/** What the port keeps for a reader that does not read; as a tty does, it drops what comes beyond. */
const UNREAD_BYTES_MAX = 65_536;

class PortError extends Error {
  readonly canceled: boolean;

  constructor(message: string, canceled = false) {
    super(message);
    this.canceled = canceled;
  }
}

interface WaitingRead {
  take(): void;
  fail(error: PortError): void;
}

/** One opening of the port. */
class SimulatedPort implements BindingPortInterface {
  readonly openOptions: Required<OpenOptions>;
  isOpen = true;
  readonly #board: SimulatedBoard;
  readonly #stopListening: () => void;
  readonly #onClose: () => void;
  readonly #onWritten: (bytes: Uint8Array) => void;
  #unread = Buffer.alloc(0);
  #waiting: WaitingRead | undefined;
  #pulled = false;
  #baudRate: number;

  constructor(
    board: SimulatedBoard,
    options: OpenOptions,
    onClose: () => void,
    onWritten: (bytes: Uint8Array) => void,
  ) {
    this.#board = board;
    this.#onWritten = onWritten;
    this.#onClose = onClose;
    this.#baudRate = options.baudRate;
    this.openOptions = {
      dataBits: 8,
      lock: true,
      stopBits: 1,
      parity: 'none',
      rtscts: false,
      xon: false,
      xoff: false,
      xany: false,
      hupcl: true,
      ...options,
    };
    this.#stopListening = board.onBytes((bytes) => this.#arrive(bytes));
  }

  /** A port that was pulled is closed like any other. */
  async close(): Promise<void> {
    if (!this.isOpen) throw new PortError('the port is not open', true);
    this.isOpen = false;
    this.#stopListening();
    this.#onClose();
    this.#waiting?.fail(new PortError('the port was closed', true));
  }

  async read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    this.#needOpen();
    if (this.#unread.length === 0) await this.#someBytes();
    const bytesRead = this.#unread.copy(buffer, offset, 0, Math.min(length, this.#unread.length));
    this.#unread = this.#unread.subarray(bytesRead);
    return { buffer, bytesRead };
  }

  async write(buffer: Buffer): Promise<void> {
    this.#needOpen();
    // Copied, because the library may use its buffer again; later, because a wire is never faster than the call.
    const bytes = Uint8Array.from(buffer);
    await Promise.resolve();
    if (!this.isOpen) throw new PortError('the port was closed', true);
    this.#onWritten(bytes);
    this.#board.receive(bytes);
  }

  async update(options: UpdateOptions): Promise<void> {
    this.#needOpen();
    this.#baudRate = options.baudRate;
  }

  async set(): Promise<void> {
    this.#needOpen();
  }

  async get(): Promise<PortStatus> {
    this.#needOpen();
    return { cts: true, dsr: true, dcd: false };
  }

  async getBaudRate(): Promise<{ baudRate: number }> {
    this.#needOpen();
    return { baudRate: this.#baudRate };
  }

  async flush(): Promise<void> {
    this.#needOpen();
    this.#unread = Buffer.alloc(0);
  }

  async drain(): Promise<void> {
    this.#needOpen();
  }

  /** The cable is pulled: whoever reads or writes finds out, as on a USB port. */
  pull(): void {
    this.#pulled = true;
    this.#stopListening();
    this.#waiting?.fail(new PortError('the port was unplugged'));
  }

  #arrive(bytes: Uint8Array): void {
    if (this.#unread.length + bytes.length > UNREAD_BYTES_MAX) return;
    this.#unread = Buffer.concat([this.#unread, bytes]);
    this.#waiting?.take();
  }

  #someBytes(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = {
        take: () => {
          this.#waiting = undefined;
          resolve();
        },
        fail: (error) => {
          this.#waiting = undefined;
          reject(error);
        },
      };
    });
  }

  #needOpen(): void {
    if (!this.isOpen) throw new PortError('the port is not open', true);
    if (this.#pulled) throw new PortError('the port was unplugged');
  }
}

/** A cable between a board and the gateway: makes port objects, and can be pulled and put in. */
export class SimulatedCable {
  readonly #board: SimulatedBoard;
  readonly #path: string;
  readonly #onWritten: (bytes: Uint8Array) => void;
  #plugged = true;
  #open: SimulatedPort | undefined;

  /** @param onWritten hears what the host writes, as it goes to the board. */
  constructor(board: SimulatedBoard, path: string, onWritten: (bytes: Uint8Array) => void = () => {}) {
    this.#onWritten = onWritten;
    this.#board = board;
    this.#path = path;
  }

  /** Not yet open (`autoOpen: false`); each call a new one. */
  makePort(): SerialPortStream {
    return new SerialPortStream({
      binding: this.#binding(),
      path: this.#path,
      baudRate: BAUD_RATE,
      autoOpen: false,
    });
  }

  unplug(): void {
    this.#plugged = false;
    this.#open?.pull();
  }

  plug(): void {
    this.#plugged = true;
  }

  #binding(): BindingInterface {
    return {
      list: async (): Promise<PortInfo[]> => (this.#plugged ? [portInfo(this.#path)] : []),
      open: async (options: OpenOptions): Promise<BindingPortInterface> => {
        if (!this.#plugged) throw new PortError(`no such port: ${options.path}`);
        if (this.#open !== undefined) throw new PortError(`the port is locked: ${options.path}`);
        const onClose = () => {
          this.#open = undefined;
        };
        const port = new SimulatedPort(this.#board, options, onClose, this.#onWritten);
        this.#open = port;
        return port;
      },
    };
  }
}

function portInfo(path: string): PortInfo {
  return {
    path,
    manufacturer: 'SIMULATED',
    serialNumber: undefined,
    pnpId: undefined,
    locationId: undefined,
    productId: undefined,
    vendorId: undefined,
  };
}

/** A port object, not yet open, on a board that is never unplugged. */
export function openSimulatedPort(board: SimulatedBoard, path: string): SerialPortStream {
  return new SimulatedCable(board, path).makePort();
}
