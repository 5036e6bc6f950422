/**
 * Every error a caller can meet: one table of stable codes with sentence, HTTP status and whether the same request may
 * be tried again as it is (RFC 9457 problem details are made from it in http/problem.ts).
 */
import type { RefusalCode } from './outcome.ts';

export interface ProblemRule {
  readonly status: number;
  readonly title: string;
  /** Whether sending the same request again, later, can succeed. */
  readonly mayRetry: boolean;
}

export const PROBLEMS = {
  bad_json: { status: 400, title: 'The body is not valid JSON.', mayRetry: false },
  bad_request: { status: 400, title: 'The request is malformed.', mayRetry: false },
  body_too_large: { status: 413, title: 'The body is too large.', mayRetry: false },
  length_required: { status: 411, title: 'Say the length of the body.', mayRetry: false },
  unsupported_media_type: { status: 415, title: 'Send the body as application/json.', mayRetry: false },
  invalid_input: { status: 422, title: 'Some fields are missing, unknown or out of range.', mayRetry: false },
  idempotency_key_invalid: {
    status: 400,
    title: 'Idempotency-Key must be 1 to 128 printable ASCII characters.',
    mayRetry: false,
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key was already used for a different command.',
    mayRetry: false,
  },
  unauthenticated: { status: 401, title: 'Sign in first.', mayRetry: false },
  not_permitted: { status: 403, title: 'Your role may not do this.', mayRetry: false },
  origin_forbidden: {
    status: 403,
    title: 'Requests from this origin or for this host are not taken.',
    mayRetry: false,
  },
  setup_code_wrong: { status: 403, title: 'The setup code is wrong.', mayRetry: false },
  too_many_tries: { status: 429, title: 'Too many wrong tries; wait a minute.', mayRetry: true },
  not_found: { status: 404, title: 'There is nothing at this address.', mayRetry: false },
  unknown_claw: { status: 404, title: 'There is no claw of this name.', mayRetry: false },
  unknown_command: { status: 404, title: 'There is no command with this id on this claw.', mayRetry: false },
  already_claimed: { status: 409, title: 'This gateway already has an admin.', mayRetry: false },
  account_exists: { status: 409, title: 'There is already an account for this e-mail.', mayRetry: false },
  method_not_allowed: { status: 405, title: 'This address does not take this method.', mayRetry: false },
  latched: { status: 409, title: 'An emergency stop is latched; an operator must reset it.', mayRetry: true },
  not_latched: { status: 409, title: 'No emergency stop is latched.', mayRetry: true },
  not_homed: { status: 409, title: 'The position is unknown; home the claw first.', mayRetry: true },
  busy: { status: 409, title: 'Another command is at work.', mayRetry: true },
  fault: { status: 409, title: 'The claw reports a fault; see its state, then home it.', mayRetry: true },
  limit: { status: 409, title: "The target is outside the machine's soft limits.", mayRetry: false },
  bad_argument: { status: 422, title: 'The board does not take these arguments.', mayRetry: false },
  stopped_first: { status: 409, title: 'A stop overtook this command before it was sent.', mayRetry: false },
  session_ended: {
    status: 503,
    title: 'The session with the board ended before the command was sent.',
    mayRetry: true,
  },
  never_sent: { status: 503, title: 'The command never reached the board.', mayRetry: true },
  refused_by_board: { status: 409, title: 'The board refused the command.', mayRetry: true },
  link_down: { status: 503, title: 'The claw cannot be reached at the moment.', mayRetry: true },
  audit_unavailable: {
    status: 503,
    title: 'The audit log cannot be written, so nothing may move.',
    mayRetry: true,
  },
  storage_unavailable: {
    status: 503,
    title: 'The database cannot be reached at the moment.',
    mayRetry: true,
  },
  overloaded: { status: 503, title: 'Too much is going on; try again shortly.', mayRetry: true },
  shutting_down: { status: 503, title: 'The gateway is shutting down.', mayRetry: true },
  headers_too_large: { status: 431, title: 'The headers are too large.', mayRetry: false },
  request_timeout: { status: 408, title: 'The request took too long to arrive.', mayRetry: true },
  internal: { status: 500, title: 'Something went wrong inside the gateway.', mayRetry: true },
} as const satisfies Record<string, ProblemRule>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Each refusal of a command is also a problem of the same code: this line does not compile where one is missing. */
export const refusalProblem = (code: RefusalCode): ProblemCode => code;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** What is wrong with one field; an empty path means the body as a whole. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface ProblemExtras {
  /** A sentence about this very occurrence; left out, the code's title serves. Never a secret, never a stack. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
}

/** The body of an error. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: ProblemCode;
  readonly mayRetry: boolean;
  readonly errors?: readonly FieldError[];
}

/** A longer path is no known address, and would only be an echo of what a scanner sent. */
const INSTANCE_CHARS_MAX = 256;

/** Builds the body; `instance` is the path asked for. */
export function problemDetails(
  code: ProblemCode,
  instance: string | null,
  extras: ProblemExtras = {},
): ProblemDetails {
  const rule: ProblemRule = PROBLEMS[code];
  return {
    type: `urn:problem:claw-gateway:${code}`,
    title: rule.title,
    status: rule.status,
    detail: extras.detail ?? rule.title,
    ...(instance !== null && instance.length <= INSTANCE_CHARS_MAX ? { instance } : {}),
    code,
    mayRetry: rule.mayRetry,
    ...(extras.errors === undefined ? {} : { errors: extras.errors }),
  };
}
