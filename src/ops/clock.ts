/** The real clock. Everything else gets time through the `Clock` interface, so that a test may bring its own. */
import type { Clock } from '../domain/ports.ts';

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
