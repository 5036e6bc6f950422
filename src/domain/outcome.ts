/**
 * What became of a command: a closed union, told truthfully. `refused` and `expired` say that it was not executed and
 * never will be; `failed` that it was executed in part; `unknown` that nobody can know. A time-out or a refusal of a
 * line is never one of these by itself: the link asks the board until it can tell.
 */

/** Why a command was not executed. Lower-case words of the API; board codes arrive lower-cased. */
export const REFUSAL_CODES = [
  'link_down',
  'busy',
  'latched',
  'not_latched',
  'not_homed',
  'fault',
  'limit',
  'bad_argument',
  'stopped_first',
  'session_ended',
  'never_sent',
  'refused_by_board',
  'audit_unavailable',
  'shutting_down',
  'not_permitted',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** Why a command ended before it was whole: what stopped it, or the fault the board met. */
export type FailureCode = string;

/** Why the outcome cannot be known. */
export const UNKNOWN_REASONS = [
  'forgotten_by_board',
  'not_confirmed',
  'not_reached',
  'claw_removed',
  'gateway_restarted',
] as const;
export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly code: RefusalCode }
  | { readonly kind: 'expired' }
  | { readonly kind: 'failed'; readonly code: FailureCode }
  | { readonly kind: 'unknown'; readonly code: UnknownReason };

export const OUTCOME_KINDS = [
  'done',
  'refused',
  'expired',
  'failed',
  'unknown',
] as const satisfies readonly Outcome['kind'][];

/** The outcome's code, or null where the kind says it all. */
export function outcomeCode(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case 'done':
    case 'expired':
      return null;
    case 'refused':
    case 'failed':
    case 'unknown':
      return outcome.code;
  }
}

const UNKNOWN_SENTENCES: Record<UnknownReason, string> = {
  forgotten_by_board: 'The board no longer remembers this command; it may have run.',
  not_confirmed: 'The board did not confirm in time; it may have acted.',
  not_reached: 'The claw cannot be reached; the stop is kept and goes out first when it is back.',
  claw_removed: 'This claw is no longer configured, so its board cannot be asked.',
  gateway_restarted: 'The gateway restarted before it learned the outcome.',
};

/** What ended a command before it was whole, as far as it is known by name; boards may have words of their own. */
const FAILURE_SENTENCES: Readonly<Record<string, string>> = {
  stopped: 'A stop ended it on its way.',
  estop: 'An emergency stop ended it on its way.',
  became_estop: 'The board did not answer a plain stop, so an emergency stop was sent; it is latched.',
  link: 'The board stopped it on its way, because the link was lost or began anew.',
  reset: 'The board restarted in the middle of it.',
  hoist_up: 'The hoist did not reach its upper switch in time.',
  hoist_down: 'The hoist met neither prize nor end in time.',
  lr_motor: 'The trolley did not arrive in time.',
  fb_motor: 'The gantry did not arrive in time.',
  claw_coil_stuck: 'The claw does not follow its coil.',
};

/** One sentence for a person. */
export function outcomeSentence(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'done':
      return 'Executed as asked.';
    case 'refused':
      return `Not executed (${outcome.code}), and never will be.`;
    case 'expired':
      return 'Not executed: it reached the board after its deadline.';
    case 'failed':
      return FAILURE_SENTENCES[outcome.code] ?? `Executed in part: ${outcome.code}.`;
    case 'unknown':
      return UNKNOWN_SENTENCES[outcome.code];
  }
}

/** Rebuilds an outcome from its stored kind and code; undefined when the pair is no outcome. */
export function outcomeFrom(kind: string, code: string | null): Outcome | undefined {
  switch (kind) {
    case 'done':
    case 'expired':
      return { kind };
    case 'refused':
      return REFUSAL_CODES.includes(code as RefusalCode) ? { kind, code: code as RefusalCode } : undefined;
    case 'failed':
      return { kind, code: code ?? 'unspecified' };
    case 'unknown':
      return UNKNOWN_REASONS.includes(code as UnknownReason)
        ? { kind, code: code as UnknownReason }
        : undefined;
    default:
      return undefined;
  }
}
