/**
 * A bench for the reference board: says frames, lets time pass and keeps what the board answered and noted. Every line of
 * the board is read by the real frame and codec, so a wrong frame of the simulator fails whatever test is running.
 */
import { ESC } from '../../../firmware-protocol/catalog.ts';
import {
  type BoardMessage,
  boardMsPlus,
  decodeBoard,
  encodeHost,
  type HostMessage,
} from '../../../firmware-protocol/codec.ts';
import { formatFrame, parseFrame } from '../../../firmware-protocol/frame.ts';
import {
  type BoardInput,
  type BoardOptions,
  type BoardState,
  createBoard,
  type Note,
  step,
} from '../../../firmware-protocol/simulator/machine.ts';

type Of<T extends BoardMessage['type']> = Extract<BoardMessage, { readonly type: T }>;

export class Bench {
  state: BoardState;
  /** Everything said and noted since the bench was made. */
  readonly said: BoardMessage[] = [];
  readonly notes: Note[] = [];
  session = '';
  seq = 0;
  private nonce = 0;

  constructor(options: BoardOptions = {}) {
    this.state = createBoard(options);
    this.input({ kind: 'elapsed', ms: 5 });
  }

  /** One input; answers what the board says to it. */
  input(input: BoardInput): BoardMessage[] {
    const stepped = step(this.state, input);
    this.state = stepped.state;
    this.notes.push(...stepped.notes);
    const said = Buffer.from(stepped.bytes)
      .toString('latin1')
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const frame = parseFrame(line);
        if (frame.kind === 'discarded')
          throw new Error(`the board said a bad line (${frame.reason}): ${line}`);
        const decoded = decodeBoard(frame.payload);
        if (decoded.kind === 'refused') throw new Error(`the board said nonsense (${decoded.code}): ${line}`);
        return decoded.message;
      });
    this.said.push(...said);
    return said;
  }

  raw(text: string): BoardMessage[] {
    return this.input({ kind: 'bytes', bytes: Buffer.from(text, 'latin1') });
  }

  say(message: HostMessage): BoardMessage[] {
    return this.raw(formatFrame(encodeHost(message)));
  }

  esc(): BoardMessage[] {
    return this.raw(String.fromCharCode(ESC));
  }

  /** A new session; `open` is the slot to ask for. */
  hello(open?: { session: string; seq: number }): Of<'W'> {
    this.nonce += 1;
    const nonce = this.nonce.toString(16).toUpperCase().padStart(8, '0');
    const said = this.say({ type: 'H', versions: { low: 1, high: 1 }, nonce, open });
    const welcome = said.find((message): message is Of<'W'> => message.type === 'W');
    if (welcome === undefined) throw new Error(`no W: ${JSON.stringify(said)}`);
    this.session = welcome.session;
    this.seq = 0;
    return welcome;
  }

  /** The bytes of a command at `seq`, with a deadline that lies ahead. */
  commandLine(seq: number, order: string, aheadMs = 1000, session = this.session): string {
    const deadline = boardMsPlus(this.nowMs, aheadMs).toString(16).toUpperCase().padStart(8, '0');
    return formatFrame(`C ${session} ${seq} ${deadline} ${order}`);
  }

  /** The next command in its turn. */
  command(order: string, aheadMs = 1000): BoardMessage[] {
    this.seq += 1;
    return this.raw(this.commandLine(this.seq, order, aheadMs));
  }

  get nowMs(): number {
    return this.state.nowMs % 2 ** 32;
  }

  /** Time passes with the host alive: K every 50 ms. */
  pass(ms: number): BoardMessage[] {
    const said: BoardMessage[] = [];
    for (let left = ms; left > 0; left -= 50) {
      if (this.session !== '')
        said.push(...this.say({ type: 'K', session: this.session, echoMs: this.nowMs }));
      said.push(...this.input({ kind: 'elapsed', ms: Math.min(left, 50) }));
    }
    return said;
  }

  /** Time passes and the host is silent. */
  silence(ms: number): BoardMessage[] {
    return this.input({ kind: 'elapsed', ms });
  }

  /** The host stays alive until the last command has ended; answers its D. */
  finish(limitMs = 30_000): Of<'D'> {
    for (let passedMs = 0; passedMs < limitMs; passedMs += 50) {
      const ended = this.pass(50).find((message): message is Of<'D'> => message.type === 'D');
      if (ended !== undefined) return ended;
    }
    throw new Error('nothing ended');
  }

  /** A session with the board homed. */
  home(): void {
    if (this.session === '') this.hello();
    this.command('HOME');
    const ended = this.finish();
    if (ended.code !== 'OK') throw new Error(`HOME ended as ${ended.code}`);
  }

  status(): Of<'S'> {
    const said = this.pass(105).filter((message): message is Of<'S'> => message.type === 'S');
    return said.at(-1)!;
  }

  count(kind: Note['kind']): number {
    return this.notes.filter((note) => note.kind === kind).length;
  }
}

/** What a board said, as short texts: `A 7`, `D 7 OK`, `E 7 BUSY`, `N GAP`, `S ESTOP`; T is left out. */
export function brief(said: readonly BoardMessage[]): string[] {
  return said.flatMap((message) => {
    if (message.type === 'T') return [];
    if (message.type === 'S') return [`S ${message.state}`];
    if (message.type === 'V') return [`V ${message.name} ${message.detail ?? ''}`.trim()];
    if (message.type === 'N') return [`N ${message.code} ${message.about ?? ''}`.trim()];
    if (message.type === 'A') return [`A ${message.seq}`];
    if (message.type === 'D' || message.type === 'E')
      return [`${message.type} ${message.seq} ${message.code}`];
    return [message.type];
  });
}

/** The same without S: the board tells each change of its state at once, which most tests are not about. */
export function replies(said: readonly BoardMessage[]): string[] {
  return brief(said.filter((message) => message.type !== 'S'));
}
