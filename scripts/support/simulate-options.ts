/**
 * The command line of scripts/simulate: reads it whole and says everything that is wrong with it at once, with what is
 * possible. Also reads the faults that are put in while it runs.
 */
import { parseArgs } from 'node:util';
import { MECHANIC_FAULTS } from '../../firmware-protocol/simulator/machine.ts';
import { type Fault, isMechanicFault, isWireFault, WIRE_FAULTS } from './simulated-board.ts';

/** Faults that happen once, so many seconds after the start. */
export const EVENT_FAULTS = { unplug: 5, reset: 5 } as const;
export type EventFault = keyof typeof EVENT_FAULTS;

export type FaultSetting =
  | { readonly kind: 'standing'; readonly name: Fault; readonly value: number | true }
  | { readonly kind: 'event'; readonly name: EventFault; readonly afterS: number };

export interface SimulateOptions {
  readonly line: { readonly kind: 'tty' | 'pty'; readonly path: string };
  readonly speed: number;
  readonly seed: number;
  readonly logPath: string | undefined;
  readonly logsWire: boolean;
  readonly statePath: string | undefined;
  readonly faults: readonly FaultSetting[];
}

const NAMES = [...Object.keys(WIRE_FAULTS), ...MECHANIC_FAULTS, ...Object.keys(EVENT_FAULTS)].join(', ');

export const USAGE = `usage: scripts/simulate (--tty PATH | --pty LINK) [options]

  --tty PATH         run the simulated board on this tty
  --pty LINK         make a pty pair with socat; LINK is the gateway's end of it
  --speed NUMBER     mechanics so many times faster than real, 0.1 to 100 (1)
  --seed NUMBER      decides prizes, slips and every fault of the wire (1)
  --fault NAME[=N]   may stand several times; drop-replies=0.05 drop=0.02 duplicate=0.05 noise=0.001 are probabilities,
                     unplug=5 reset=5 are seconds after the start; ${MECHANIC_FAULTS.join(' ')}
  --log FILE         append what truly happened, one JSON object a line
  --wire             with --log: every frame both ways, too
  --state FILE       keep what hardware keeps over a power cut: boot number, totals, latch

While it runs, one a line on standard input: coin, door open|close, tilt on|off, reset, power-cycle, break, unplug,
plug, fault NAME[=N], clear NAME, status, quit`;

/** Reads `NAME` or `NAME=VALUE`; a text is what is wrong with it. */
export function parseFault(text: string): FaultSetting | string {
  const [name = '', valueText, ...more] = text.split('=');
  const value = valueText === undefined ? undefined : Number(valueText);
  const isNumber = value === undefined || (valueText !== '' && Number.isFinite(value) && value >= 0);
  if (more.length > 0 || !isNumber) return `fault ${text}: the value has to be a number that is not negative`;
  if (isWireFault(name)) {
    if (value !== undefined && value > 1) return `fault ${text}: a probability lies between 0 and 1`;
    return { kind: 'standing', name, value: value ?? WIRE_FAULTS[name] };
  }
  if (isMechanicFault(name)) {
    if (value !== undefined) return `fault ${text}: ${name} takes no value`;
    return { kind: 'standing', name, value: true };
  }
  if (Object.hasOwn(EVENT_FAULTS, name)) {
    const event = name as EventFault;
    return { kind: 'event', name: event, afterS: value ?? EVENT_FAULTS[event] };
  }
  return `fault ${text}: no such fault; there are ${NAMES}`;
}

function parseNumber(
  name: string,
  text: string | undefined,
  [min, max, normal]: readonly [number, number, number],
  wrong: string[],
): number {
  if (text === undefined) return normal;
  const value = Number(text);
  if (text !== '' && value >= min && value <= max) return value;
  wrong.push(`--${name} ${text}: a number from ${min} to ${max} is needed`);
  return normal;
}

function rawOptions(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    options: {
      tty: { type: 'string' },
      pty: { type: 'string' },
      speed: { type: 'string' },
      seed: { type: 'string' },
      fault: { type: 'string', multiple: true },
      log: { type: 'string' },
      wire: { type: 'boolean' },
      state: { type: 'string' },
      help: { type: 'boolean' },
    },
  }).values;
}

/** The options, `help`, or everything that is wrong with the command line. */
export function parseSimulateArguments(
  argv: readonly string[],
): SimulateOptions | 'help' | readonly string[] {
  let values: ReturnType<typeof rawOptions>;
  try {
    values = rawOptions(argv);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  if (values.help) return 'help';
  const wrong: string[] = [];
  const { tty, pty } = values;
  if ((tty === undefined) === (pty === undefined)) wrong.push('one of --tty PATH and --pty LINK is needed');
  const path = tty ?? pty ?? '';
  if (path === '' && wrong.length === 0) wrong.push('the path is empty');
  const speed = parseNumber('speed', values.speed, [0.1, 100, 1], wrong);
  const seed = parseNumber('seed', values.seed, [0, 2 ** 31 - 1, 1], wrong);
  if (!Number.isInteger(seed)) wrong.push(`--seed ${seed}: a whole number is needed`);
  if (values.wire && values.log === undefined) wrong.push('--wire needs --log FILE');
  const faults: FaultSetting[] = [];
  for (const text of values.fault ?? []) {
    const fault = parseFault(text);
    if (typeof fault === 'string') wrong.push(fault);
    else faults.push(fault);
  }
  if (wrong.length > 0) return wrong;
  return {
    line: { kind: tty === undefined ? 'pty' : 'tty', path },
    speed,
    seed,
    logPath: values.log,
    logsWire: values.wire ?? false,
    statePath: values.state,
    faults,
  };
}
