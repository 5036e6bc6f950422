/** The health of the process as a status code. */
import { expect, it } from 'vitest';
import { HEALTHY, start } from './support.ts';

it.each([
  ['up', 200],
  ['degraded', 200],
  ['down', 503],
] as const)('answers a stranger %s with %i', async (status, code) => {
  const report = { ...HEALTHY, status };
  const world = await start({ health: () => report });
  const response = await world.ask('/health', {}, null);
  expect(response.status).toBe(code);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toEqual(report);
});
