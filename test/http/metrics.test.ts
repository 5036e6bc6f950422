/** Who may read the metrics. All requests of this file come from loopback; a header makes them a proxy's. */
import { describe, expect, it } from 'vitest';
import { problemOf, start } from './support.ts';

const PROXIES = [{ 'x-forwarded-for': '10.0.0.9' }, { forwarded: 'for=10.0.0.9' }, { via: '1.1 proxy' }];

describe('GET /metrics', () => {
  it('is open to agents on the device', async () => {
    const world = await start();
    const response = await world.ask('/metrics', {}, null);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toBe('up 1\n');
  });

  it.each(PROXIES)('wants a technician behind a proxy (%j)', async (headers) => {
    const world = await start();
    expect((await world.ask('/metrics', { headers }, null)).status).toBe(401);
    for (const role of ['player', 'operator']) {
      expect(await problemOf(await world.ask('/metrics', { headers }, `${role}-1`))).toMatchObject({
        code: 'not_permitted',
        detail: `This wants at least the role technician; yours is ${role}.`,
      });
    }
    for (const role of ['technician', 'admin']) {
      expect((await world.ask('/metrics', { headers }, `${role}-1`)).status).toBe(200);
    }
  });
});
