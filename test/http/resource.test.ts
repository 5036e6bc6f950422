/** What an address answers to the methods it has, and to those it has not. */
import { describe, expect, it } from 'vitest';
import { problemOf, start } from './support.ts';

describe('methods', () => {
  it.each([
    ['/claws', 'POST', 'GET, HEAD, OPTIONS'],
    ['/claws/claw-1', 'DELETE', 'GET, HEAD, OPTIONS'],
    ['/claws/claw-1/strike', 'GET', 'POST, OPTIONS'],
    ['/claws/claw-1/strike', 'HEAD', 'POST, OPTIONS'],
    ['/claws/claw-1/estop', 'PUT', 'POST, OPTIONS'],
    ['/claws/claw-1/commands/x', 'POST', 'GET, HEAD, OPTIONS'],
    ['/claws/claw-1/events', 'POST', 'GET, HEAD, OPTIONS'],
    ['/me', 'PATCH', 'GET, HEAD, OPTIONS'],
    ['/setup', 'GET', 'POST, OPTIONS'],
    ['/health', 'POST', 'GET, HEAD, OPTIONS'],
    ['/metrics', 'POST', 'GET, HEAD, OPTIONS'],
  ])('of %s do not hold %s', async (path, method, allow) => {
    const world = await start();
    const response = await world.ask(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    if (method !== 'HEAD') expect(await problemOf(response)).toMatchObject({ code: 'method_not_allowed' });
    expect(world.commands.requests).toEqual([]);
  });

  it('are told by OPTIONS', async () => {
    const world = await start();
    const response = await world.ask('/claws/claw-1/strike', { method: 'OPTIONS' });
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
    expect(await response.text()).toBe('');
  });

  it.each([
    '/claws',
    '/claws/claw-1',
    '/me',
    '/health',
    '/metrics',
    '/claws/claw-1/events',
  ])('hold HEAD for %s, without a body', async (path) => {
    const world = await start();
    const response = await world.ask(path, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(world.commands.listeners.size).toBe(0);
  });
});
