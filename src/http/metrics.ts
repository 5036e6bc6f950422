/**
 * GET /metrics, the Prometheus exposition. Agents of the fleet run on the device itself and have no account, so a
 * direct peer on loopback needs none. A proxy on the device is a loopback peer too, but speaks for somebody else: it
 * shows by its forwarding headers, and then, as from anywhere else, a technician must be signed in.
 */
import type { Request, RequestHandler } from 'express';
import type { Meters } from '../domain/ports.ts';
import type { Role } from '../domain/roles.ts';
import { clientAddress, isLoopback } from './client.ts';
import { requireRole } from './principal.ts';
import type { Resource } from './resource.ts';

/** The least role that may read the metrics from another machine. */
export const METRICS_ROLE: Role = 'technician';

function isLocalAgent(req: Request): boolean {
  const forwarded = req.headers['x-forwarded-for'] ?? req.headers.forwarded ?? req.headers.via;
  return forwarded === undefined && isLoopback(clientAddress(req));
}

/** Passes local agents by the doors. */
function unlessLocalAgent(door: RequestHandler): RequestHandler {
  return (req, res, next) => (isLocalAgent(req) ? next() : door(req, res, next));
}

/** The metrics. */
export function metricsResource(meters: Meters, signedIn: RequestHandler): Resource {
  return {
    path: '/metrics',
    doors: [signedIn, requireRole(METRICS_ROLE)].map(unlessLocalAgent),
    async get(_req, res) {
      const { contentType, body } = await meters.render();
      res.set('Content-Type', contentType).send(body);
    },
  };
}
