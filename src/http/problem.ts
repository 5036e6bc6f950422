/**
 * Errors as the caller meets them: RFC 9457 problem details from the table in domain/problems.ts, sent with the headers
 * that belong to their status. Also the last stop of every error that a handler threw: the
 * caller learns a code, the log learns the rest, and no stack trace ever leaves the process.
 */
import type { ErrorRequestHandler, Request, Response } from 'express';
import type { Log } from '../domain/ports.ts';
import {
  PROBLEM_MEDIA_TYPE,
  PROBLEMS,
  type ProblemCode,
  type ProblemExtras,
  problemDetails,
} from '../domain/problems.ts';

/** When a caller may try again: busy moments are over in two seconds, a lock for wrong tries in a minute. */
const RETRY_AFTER_S = { 503: 2, 429: 60 } as const;
/** Answers with a problem; does nothing when the client has gone or an answer has begun. */
export function sendProblem(
  req: Request,
  res: Response,
  code: ProblemCode,
  extras: ProblemExtras = {},
): void {
  if (res.headersSent || res.destroyed) return;
  const { status } = PROBLEMS[code];
  if (status === 401) res.set('WWW-Authenticate', 'Bearer');
  if (status === 503 || status === 429) res.set('Retry-After', String(RETRY_AFTER_S[status]));
  // The query is left out of `instance`: a caller may have put a secret there by mistake.
  const instance = req.originalUrl.split('?', 1)[0] ?? null;
  res.status(status).type(PROBLEM_MEDIA_TYPE);
  res.send(JSON.stringify(problemDetails(code, instance, extras)));
}

/** Whether Express or one of its parts says that the request, not the gateway, is at fault. */
function blamesRequest(error: unknown): boolean {
  const status = (error as { readonly status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500;
}

/** The error handler at the end of the app. */
export function problemHandler(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    if (blamesRequest(error)) {
      sendProblem(req, res, 'bad_request');
      return;
    }
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    log.error({ method: req.method, error: name, reason: message, stack }, 'a request handler failed');
    // Half an answer must not look like a whole one.
    if (res.headersSent) res.destroy();
    else sendProblem(req, res, 'internal');
  };
}
