/**
 * The outermost layer: tells the meters about each request once. The route is the template (`/claws/:claw/jog`), never
 * the path, so that made-up paths cannot make up labels; what matches no template is `unmatched`.
 */
import type { Request, RequestHandler, Response } from 'express';
import type { Clock, Meters } from '../domain/ports.ts';

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** What is told when the client left before an answer began; no such status is ever sent. */
const CLIENT_GONE_STATUS = 499;

const observers = new WeakMap<Response, () => void>();

function routeOf(req: Request): string {
  const path: unknown = (req.route as { readonly path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path : 'unmatched';
}

/** Observes each request when its answer is over, or earlier where the handler says so. */
export function observe(meters: Meters, clock: Clock): RequestHandler {
  return (req, res, next) => {
    const startedMs = clock.monotonicMs();
    const tell = (): void => {
      if (!observers.delete(res)) return;
      meters.observeRequest({
        method: METHODS.includes(req.method) ? req.method : 'other',
        route: routeOf(req),
        status: res.headersSent ? res.statusCode : CLIENT_GONE_STATUS,
        durationMs: clock.monotonicMs() - startedMs,
      });
    };
    observers.set(res, tell);
    res.once('close', tell);
    next();
  };
}

/** Ends the observation now: a stream counts as answered when its headers are out, not when its viewer leaves. */
export function observed(res: Response): void {
  observers.get(res)?.();
}
