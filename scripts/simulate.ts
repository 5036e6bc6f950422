/**
 * The simulated claw machine on a tty, for development, demos and tests of the whole gateway. Says SIMULATED before all
 * else. The board itself is firmware-protocol/simulator; here are only its tty, its console and its log.
 */
import { createInterface } from 'node:readline';
import { type Note, storedOf } from '../firmware-protocol/simulator/machine.ts';
import {
  type FaultSetting,
  parseFault,
  parseSimulateArguments,
  type SimulateOptions,
  USAGE,
} from './support/simulate-options.ts';
import { isMechanicFault, isWireFault, SimulatedBoard, type Stimulus } from './support/simulated-board.ts';
import { SimulatedLine } from './support/simulated-line.ts';
import { readStored, TruthLog, writeStored } from './support/truth-log.ts';

/** How long a cable stays out when a fault pulled it. */
const UNPLUGGED_MS = 3000;

const STIMULI: Readonly<Record<string, Stimulus>> = {
  coin: { kind: 'coin' },
  'door open': { kind: 'door', open: true },
  'door close': { kind: 'door', open: false },
  'tilt on': { kind: 'tilt', on: true },
  'tilt off': { kind: 'tilt', on: false },
  reset: { kind: 'reset', cause: 'EXT' },
  'power-cycle': { kind: 'reset', cause: 'POR' },
  break: { kind: 'break' },
};

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function sayNote({ kind, atMs, ...rest }: Note): void {
  const details = Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`);
  say([`${kind}`, ...details, `at=${atMs}ms`].join(' '));
}

class Simulation {
  readonly #board: SimulatedBoard;
  readonly #line: SimulatedLine;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Plugging and unplugging one after the other, whoever asks. */
  #cable: Promise<void> = Promise.resolve();

  constructor(options: SimulateOptions) {
    const { statePath, logPath } = options;
    this.#board = new SimulatedBoard({
      speed: options.speed,
      seed: options.seed,
      stored: statePath === undefined ? undefined : readStored(statePath),
    });
    const log = logPath === undefined ? undefined : new TruthLog(logPath);
    if (statePath !== undefined) writeStored(statePath, storedOf(this.#board.state));
    this.#board.onNote((note, state) => {
      // Kept before a byte of it is said: what the gateway has heard of must outlive this process.
      if (statePath !== undefined && note.kind !== 'refused') writeStored(statePath, storedOf(state));
      log?.note(note, state);
      sayNote(note);
    });
    this.#line = new SimulatedLine(options.line, this.#board, say, (direction, bytes) => {
      if (options.logsWire) log?.wire(direction, bytes);
    });
  }

  async start(options: SimulateOptions): Promise<void> {
    await this.#line.plug();
    this.#board.start();
    for (const fault of options.faults) this.#put(fault);
    const kind = options.line.kind === 'pty' ? "gateway's end" : 'tty';
    say(`ready: ${kind} ${options.line.path}, speed ${options.speed}, seed ${options.seed}`);
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#board.stop();
    await this.#cable;
    await this.#line.unplug();
  }

  /** One line of the console. */
  command(text: string): void {
    const stimulus = STIMULI[text];
    const [word = '', argument = ''] = text.split(/\s+/);
    if (stimulus !== undefined) this.#board.input(stimulus);
    else if (word === 'unplug') this.#unplug();
    else if (word === 'plug') this.#plug();
    else if (word === 'status') this.#status();
    else if (word === 'fault') {
      const fault = parseFault(argument);
      if (typeof fault === 'string') say(fault);
      else this.#put(fault);
    } else if (word === 'clear' && (isWireFault(argument) || isMechanicFault(argument))) {
      this.#board.setFault(argument, false);
      say(`cleared ${argument}`);
    } else if (word !== '') say(`not known: ${text}\n${USAGE.slice(USAGE.indexOf('While it runs'))}`);
  }

  #put(fault: FaultSetting): void {
    if (fault.kind === 'standing') {
      this.#board.setFault(fault.name, fault.value);
      say(`fault ${fault.name}${fault.value === true ? '' : `=${fault.value}`}`);
      return;
    }
    this.#later(fault.afterS * 1000, () => {
      if (fault.name === 'reset') {
        this.#board.input({ kind: 'reset', cause: 'EXT' });
        return;
      }
      this.#unplug();
      this.#later(UNPLUGGED_MS, () => this.#plug());
    });
  }

  #later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }

  #unplug(): void {
    this.#cable = this.#cable.then(() => this.#line.unplug()).then(() => say('unplugged'));
  }

  #plug(): void {
    this.#cable = this.#cable
      .then(() => this.#line.plug())
      .then(
        () => say('plugged'),
        (error: Error) => say(`cannot be plugged in: ${error.message}`),
      );
  }

  #status(): void {
    const { mechanics, rules, coins, prizes, motions } = this.#board.state;
    const at = [mechanics.xMm, mechanics.yMm, mechanics.zMm].map(Math.round).join(' ');
    const latch = rules.latch === null ? '' : ', latched';
    say(
      `session ${rules.live?.session ?? 'none'}${latch}, at ${at}, motions ${motions}, coins ${coins}, prizes ${prizes}`,
    );
  }
}

async function main(): Promise<void> {
  const options = parseSimulateArguments(process.argv.slice(2));
  if (options === 'help') {
    say(USAGE);
    return;
  }
  if (!('line' in options)) {
    process.stderr.write(`${options.map((wrong) => `simulate: ${wrong}`).join('\n')}\n\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  say('SIMULATED claw machine: no hardware is moved by this');
  const simulation = new Simulation(options);
  const signalled = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  try {
    await simulation.start(options);
    // Read only now: what was typed ahead waits for the board. The end of standard input ends nothing: a service has none.
    const lines = createInterface({ input: process.stdin });
    const quit = new Promise<void>((resolve) => {
      lines.on('line', (line) => (line.trim() === 'quit' ? resolve() : simulation.command(line.trim())));
    });
    await Promise.race([signalled, quit]);
    lines.close();
  } finally {
    await simulation.stop();
    process.stdin.destroy();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
