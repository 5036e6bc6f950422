/**
 * The environment, read once and checked whole: every wrong value is told at once, with what is allowed. The only reader
 * of process.env; the rest of the process gets a frozen Config.
 */
import { z } from 'zod';

/** README's table of variables is tested against this one. */
export const CONFIG_VARIABLES = [
  {
    name: 'CLAWS',
    default: '',
    meaning: 'the claws and their ports: `claw-1=/dev/serial/by-id/…,claw-2=…`; required',
  },
  { name: 'HTTP_HOST', default: '0.0.0.0', meaning: 'address to listen on' },
  { name: 'HTTP_PORT', default: '8080', meaning: 'port to listen on, 0–65535; 0 picks a free one' },
  {
    name: 'HTTP_ALLOWED_HOSTS',
    default: '',
    meaning:
      'further host names that requests may be made for, comma-separated; IP addresses, `localhost`, `*.local` and the own host name are always taken',
  },
  {
    name: 'DATA_DIR',
    default: './data',
    meaning: 'folder of the database and the secret; made when missing',
  },
  {
    name: 'AUTH_SECRET',
    default: '',
    meaning:
      'signs sessions, at least 32 characters; when unset, made once and kept in DATA_DIR with mode 0600',
  },
  {
    name: 'LOG_LEVEL',
    default: 'info',
    meaning: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
  },
] as const;

export interface ClawConfig {
  /** Name of the claw in addresses, audit and log. */
  readonly claw: string;
  /** Path of its serial port. */
  readonly path: string;
}

export interface Config {
  readonly claws: readonly ClawConfig[];
  readonly httpHost: string;
  readonly httpPort: number;
  readonly httpAllowedHosts: readonly string[];
  readonly dataDir: string;
  /** Null: make one and keep it in dataDir. */
  readonly authSecret: string | null;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

export type ConfigResult =
  | { readonly kind: 'config'; readonly config: Config }
  /** Every fault found, one sentence each. */
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const CLAWS_MAX = 16;
const CLAW_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/;

/** A comma-separated list; an empty text is an empty list. */
const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const claws = z.string({ error: CLAWS_MISSING() }).transform((text, context): ClawConfig[] => {
  const found = list(text).map((part) => {
    const [claw = '', ...path] = part.split('=');
    return { claw: claw.trim(), path: path.join('=').trim() };
  });
  const fault = (message: string) => context.addIssue({ code: 'custom', message });
  if (found.length === 0) fault(CLAWS_MISSING());
  if (found.length > CLAWS_MAX) fault(`at most ${CLAWS_MAX} claws, not ${found.length}`);
  for (const { claw, path } of found) {
    if (!CLAW_NAME.test(claw)) fault(`"${claw}" is no name for a claw: a-z, 0-9 and -, 1 to 32 characters`);
    else if (!path.startsWith('/'))
      fault(`${claw} needs the full path of its port, as in ${claw}=/dev/ttyUSB0`);
  }
  for (const key of ['claw', 'path'] as const) {
    const twice = found.find((one, index) => found.findIndex((other) => other[key] === one[key]) !== index);
    if (twice) fault(`${twice[key]} stands twice`);
  }
  return found;
});

function CLAWS_MISSING(): string {
  return 'set it to the claws and their ports, as in claw-1=/dev/serial/by-id/usb-…; nothing is ever simulated by itself (for a simulated claw: ./scripts/demo)';
}

const schema = z.object({
  CLAWS: claws,
  HTTP_HOST: z.string().trim().min(1).default('0.0.0.0'),
  HTTP_PORT: z
    .string()
    .regex(/^[0-9]{1,5}$/, 'a whole number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'a whole number from 0 to 65535')
    .default(8080),
  HTTP_ALLOWED_HOSTS: z
    .string()
    .transform(list)
    .refine(
      (names) => names.every((name) => HOST_NAME.test(name)),
      'host names without scheme or port, comma-separated',
    )
    .default([]),
  DATA_DIR: z.string().trim().min(1).default('./data'),
  AUTH_SECRET: z.string().min(32, 'at least 32 characters; or leave it unset').nullable().default(null),
  LOG_LEVEL: z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

/** Reads a configuration from an environment; empty variables count as unset. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ConfigResult {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  const faults = nearMisses(Object.keys(given));
  if (!parsed.success)
    faults.unshift(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  if (!parsed.success || faults.length > 0) return { kind: 'faults', faults };
  const values = parsed.data;
  const config: Config = {
    claws: values.CLAWS,
    httpHost: values.HTTP_HOST,
    httpPort: values.HTTP_PORT,
    httpAllowedHosts: values.HTTP_ALLOWED_HOSTS,
    dataDir: values.DATA_DIR,
    authSecret: values.AUTH_SECRET,
    logLevel: values.LOG_LEVEL,
  };
  return { kind: 'config', config: Object.freeze(config) };
}

/** A variable that is one slip away from one of ours, while ours is unset: almost surely a typing error. */
function nearMisses(names: readonly string[]): string[] {
  return CONFIG_VARIABLES.flatMap(({ name }) =>
    names.includes(name)
      ? []
      : names
          .filter((given) => given.length > 4 && editDistanceIsOne(given.toUpperCase(), name))
          .map((given) => `${given}: is ${name} meant?`),
  );
}

function editDistanceIsOne(a: string, b: string): boolean {
  if (a === b) return true;
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const restA = a.slice(start);
  const restB = b.slice(start);
  return restA.slice(1) === restB.slice(1) || restA === restB.slice(1) || restA.slice(1) === restB;
}
