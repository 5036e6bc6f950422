/** The real clock: timers that run once or not at all, and two times that are what they say. */
import { expect, it } from 'vitest';
import { systemClock } from '../../src/ops/clock.ts';

it('runs an action once after its delay, and not at all when cancelled', async () => {
  const ran: string[] = [];
  const cancel = systemClock.after(1, () => ran.push('cancelled'));
  cancel();
  const beforeMs = systemClock.monotonicMs();
  // The clock's timers do not keep a process alive; the test's own does.
  const alive = setInterval(() => {}, 1000);
  await new Promise<void>((resolve) => systemClock.after(5, resolve));
  clearInterval(alive);
  expect(ran).toEqual([]);
  expect(systemClock.monotonicMs()).toBeGreaterThan(beforeMs);
  expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(1000);
});
