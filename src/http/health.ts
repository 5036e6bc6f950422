/** GET /health: open to all, for probes and for people who stand before a machine that does not answer. */
import type { HealthReport } from '../domain/ports.ts';
import { OPEN, type Resource } from './resource.ts';

/** 200 while commands can be taken, degraded or not; 503 otherwise. */
export function healthResource(health: () => HealthReport): Resource {
  return {
    path: '/health',
    doors: OPEN,
    get(_req, res) {
      const report = health();
      res.status(report.status === 'down' ? 503 : 200).json(report);
    },
  };
}
