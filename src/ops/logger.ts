/** The log of the process: one JSON object a line on standard output, for journald. */
import { destination, type Logger, pino } from 'pino';

export interface LoggerOptions {
  readonly level: string;
  readonly version: string;
}

/** Secrets are never handed to the log; these paths are the net below that rule. */
const REDACTED = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  '*.password',
  '*.token',
  '*.secret',
];

export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { version: options.version },
      redact: REDACTED,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination({ fd: 1, sync: false }),
  );
}
