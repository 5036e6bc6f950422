/**
 * All below /auth is handed to the account library as it came, before any body is read; but for a bound on the body,
 * which the library does not set.
 */
import type { Application, Request, RequestHandler, Response } from 'express';
import { sendProblem } from './problem.ts';

export interface AuthDependencies {
  readonly authHandler: (req: Request, res: Response) => Promise<void>;
}

const AUTH_BODY_BYTES_MAX = 16 * 1024;

/** Refuses bodies that are too large, or of unknown length. */
const boundBody: RequestHandler = (req, res, next) => {
  if (req.headers['transfer-encoding'] !== undefined) {
    sendProblem(req, res, 'length_required');
  } else if (Number(req.headers['content-length'] ?? 0) > AUTH_BODY_BYTES_MAX) {
    sendProblem(req, res, 'body_too_large', {
      detail: `A body may have at most ${AUTH_BODY_BYTES_MAX} bytes.`,
    });
  } else {
    next();
  }
};

/** Mounts the account routes; open by nature. */
export function mountAuth(app: Application, { authHandler }: AuthDependencies): void {
  app.all('/auth/*splat', boundBody, (req, res) => authHandler(req, res));
}
