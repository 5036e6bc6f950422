/**
 * All below /auth is handed to the account library as it came, before any body is read. Around it stand two things
 * that are ours: a bound on the body, which the library does not set, and forgetting the cached principals, so that
 * nobody is remembered past a sign-out or a changed password.
 */
import type { Application, Request, RequestHandler, Response } from 'express';
import { sendProblem } from './problem.ts';

export interface AuthDependencies {
  readonly authHandler: (req: Request, res: Response) => Promise<void>;
  readonly principals: { clear(): void };
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
export function mountAuth(app: Application, { authHandler, principals }: AuthDependencies): void {
  app.all('/auth/*splat', boundBody, async (req, res) => {
    if (req.method === 'GET' || req.method === 'HEAD') return await authHandler(req, res);
    principals.clear();
    try {
      await authHandler(req, res);
    } finally {
      // Again: a request that ran beside this one may have been remembered by what held before.
      principals.clear();
    }
  });
}
